/* otlp_json.h - OTLP/JSON (hex ids, integer enums, 64-bit integers as strings), text <-> struct span_batch.
 *
 * Both ways are streams of our own: no tree is built, and libc is all they need. */
#ifndef WIRE_OTLP_JSON_H
#define WIRE_OTLP_JSON_H

#include "base/arena.h"
#include "base/err.h"
#include "base/json_writer.h"
#include "trace/span.h"
#include "wire/otlp_pb.h"

/* As otlp_pb_decode, but all strings are copied into the arena. Accepts what OTLP's JSON mapping and the Collector
 * accept: lowerCamelCase and snake_case names, enums as numbers or names, 64-bit integers as strings or numbers,
 * null as default, unknown fields ignored. err->offset is the byte in the text where reading ended. */
int otlp_json_decode(struct str text, const struct otlp_limits *limits, struct arena *arena,
                     struct span_batch *ret, struct err *err);

enum otlp_json_flags {
    /* "resource":{}, "scope":{} and "status":{} stand even when empty, as Jaeger's api_v3 answers. */
    OTLP_JSON_KEEP_EMPTY = 1u << 0,
    /* Ids in base64 and enums by name ("SPAN_KIND_SERVER"), as protobuf's own JSON mapping has it and Tempo answers. */
    OTLP_JSON_PROTO3 = 1u << 1,
};

/* ExportTraceServiceResponse and google.rpc.Status, as the exporter reads them (see otlp_pb.h). Messages borrow from text
 * or live in the arena. ERR_INVALID when malformed, ERR_NOMEM. */
int otlp_json_decode_response(struct str text, struct arena *arena, int64_t *rejected_spans,
                              struct str *message);
int otlp_json_decode_status(struct str text, struct arena *arena, struct otlp_status *ret);

/* Writes {"resourceSpans":[...]} as one value. */
void otlp_json_write(struct json_writer *w, const struct span *spans, size_t count, unsigned flags);

/* Parts of it, for other dialects: the array alone, one span object, an attribute list, an AnyValue object. */
void otlp_json_write_resource_spans(struct json_writer *w, const struct span *spans, size_t count,
                                    unsigned flags);
void otlp_json_write_span(struct json_writer *w, const struct span *span, unsigned flags);
void otlp_json_write_attrs(struct json_writer *w, const struct attrs *attrs);
void otlp_json_write_value(struct json_writer *w, const struct value *value);

#endif
