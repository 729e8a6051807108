/* jaeger_model.h - spans as the JSON of Jaeger's own model: what its legacy API answers. */
#ifndef API_JAEGER_MODEL_H
#define API_JAEGER_MODEL_H

#include "base/arena.h"
#include "base/json_writer.h"
#include "trace/span.h"

/* 16 digits when the high half is zero, else 32. */
void jaeger_write_trace_id(struct json_writer *w, struct trace_id id);

/* One trace: {"traceID","spans","processes","warnings"}. What the mapping drops is Jaeger's choice: dropped counts,
 * scope attributes, flags, schema URLs, attributes and tracestate of links. arena is for scratch; a failure is
 * seen in it. */
void jaeger_write_trace(struct json_writer *w, const struct span *spans, size_t count,
                        struct arena *arena);

#endif
