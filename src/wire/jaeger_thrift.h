/* jaeger_thrift.h - jaeger.thrift's Batch in Thrift's binary protocol, as Jaeger's clients send it, into spans. */
#ifndef WIRE_JAEGER_THRIFT_H
#define WIRE_JAEGER_THRIFT_H

#include "base/err.h"
#include "trace/span.h"

/* Strings borrow from bytes, which must be UTF-8; everything else lives in the arena. ERR_INVALID with err->offset at the
 * first bad byte, ERR_TOO_LARGE, ERR_NOMEM. */
int jaeger_thrift_decode(struct str bytes, struct arena *arena, struct span_batch *ret,
                         struct err *err);

#endif
