/* zipkin_thrift.h - a list of Zipkin's spans, version 1, in Thrift's binary protocol, into spans. */
#ifndef WIRE_ZIPKIN_THRIFT_H
#define WIRE_ZIPKIN_THRIFT_H

#include "base/err.h"
#include "trace/span.h"

/* As zipkin_pb_decode. */
int zipkin_thrift_decode(struct str bytes, struct arena *arena, struct span_batch *ret,
                         struct err *err);

#endif
