/* jaeger_pb.h - jaeger.api_v2's PostSpansRequest (a Batch of model.proto's spans), bytes into spans. */
#ifndef WIRE_JAEGER_PB_H
#define WIRE_JAEGER_PB_H

#include "base/err.h"
#include "trace/span.h"

/* As jaeger_thrift_decode. */
int jaeger_pb_decode(struct str bytes, struct arena *arena, struct span_batch *ret,
                     struct err *err);

#endif
