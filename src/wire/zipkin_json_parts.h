/* zipkin_json_parts.h - what Zipkin's two JSON forms share: endpoints, lists of spans, lenient texts. */
#ifndef WIRE_ZIPKIN_JSON_PARTS_H
#define WIRE_ZIPKIN_JSON_PARTS_H

#include "wire/zipkin_map.h"

/* Passes over a null: Zipkin's senders write one for what is not there. */
bool zipkin_read_null(struct json_reader *r);
/* A string; numbers and booleans as their text. */
struct str zipkin_read_text(struct json_reader *r);
void zipkin_read_endpoint(struct json_reader *r, struct zipkin_endpoint *ret);

typedef void zipkin_json_span_fn(struct json_reader *r, struct zipkin_map *m);

/* An array of spans, one span, or nothing at all. ERR_INVALID with err->offset, ERR_TOO_LARGE, ERR_NOMEM. */
int zipkin_json_spans(struct str text, struct arena *arena, zipkin_json_span_fn *read_span,
                      struct span_batch *ret, struct err *err);

#endif
