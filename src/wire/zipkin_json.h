/* zipkin_json.h - Zipkin's JSON, text <-> spans, by OpenTelemetry's mapping (zipkin_map.h). */
#ifndef WIRE_ZIPKIN_JSON_H
#define WIRE_ZIPKIN_JSON_H

#include "base/err.h"
#include "base/json_writer.h"
#include "trace/span.h"

/* Version 2. text: an array of spans, one, or nothing but white space. Strings are copied into the arena. ERR_INVALID with
 * err->offset, ERR_TOO_LARGE, ERR_NOMEM. */
int zipkin_json_decode(struct str text, struct arena *arena, struct span_batch *ret,
                       struct err *err);
/* Version 1: a span that holds both sides of a call becomes two with one id. */
int zipkin_json_v1_decode(struct str text, struct arena *arena, struct span_batch *ret,
                          struct err *err);

enum zipkin_json_flags {
    ZIPKIN_JSON_SHARED = 1u << 0, /* the server's half of a span id that the client has, too */
};

/* One span object, version 2. Zipkin has no types of attributes and no time below a microsecond: values are texts, links
 * are tags, and so are attributes of resource and scope, beside the span's own. arena is for scratch. */
void zipkin_json_write_span(struct json_writer *w, const struct span *span, unsigned flags,
                            struct arena *arena);

/* The service at a span's other end; empty when there is none. */
struct str zipkin_remote_service(const struct span *span);

#endif
