/* zipkin_json.h - Zipkin's JSON, version 2, text <-> spans, by OpenTelemetry's mapping. */
#ifndef WIRE_ZIPKIN_JSON_H
#define WIRE_ZIPKIN_JSON_H

#include "base/err.h"
#include "base/json_writer.h"
#include "trace/span.h"

/* text: an array of spans, or one. The local endpoint's service becomes the resource; tags that OpenTelemetry has members
 * for (otel.status_code, error, otel.scope.name ...) become these, the others attributes; annotations become events.
 * Strings are copied into the arena. ERR_INVALID with err->offset, ERR_NOMEM. */
int zipkin_json_decode(struct str text, struct arena *arena, struct span_batch *ret,
                       struct err *err);

/* One span object. Zipkin has no links, no types of attributes and no time below a microsecond: links are left out,
 * values are texts, and attributes of resource and scope are tags beside the span's own. arena is for scratch. */
void zipkin_json_write_span(struct json_writer *w, const struct span *span, struct arena *arena);

#endif
