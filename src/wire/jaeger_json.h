/* jaeger_json.h - the JSON of Jaeger's own model, as its UI saves traces and its /api/traces answers, into spans. */
#ifndef WIRE_JAEGER_JSON_H
#define WIRE_JAEGER_JSON_H

#include "base/err.h"
#include "trace/span.h"

/* text: {"data":[trace, ...]}, an array of traces, or one trace. Tags that OpenTelemetry has members for (span.kind,
 * otel.status_code, error, otel.scope.name ...) become these; logs become events, references beside the parent links.
 * Strings are copied into the arena. ERR_INVALID with err->offset, ERR_NOMEM. */
int jaeger_json_decode(struct str text, struct arena *arena, struct span_batch *ret,
                       struct err *err);

#endif
