/* zipkin_pb.h - Zipkin's protobuf (zipkin.proto3.ListOfSpans) into spans, by OpenTelemetry's mapping (zipkin_map.h). */
#ifndef WIRE_ZIPKIN_PB_H
#define WIRE_ZIPKIN_PB_H

#include "base/err.h"
#include "trace/span.h"

/* Strings borrow from bytes, which must be UTF-8; everything else lives in the arena. ERR_INVALID with err->offset at the
 * first bad byte, ERR_TOO_LARGE, ERR_NOMEM. */
int zipkin_pb_decode(struct str bytes, struct arena *arena, struct span_batch *ret,
                     struct err *err);

#endif
