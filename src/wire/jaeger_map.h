/* jaeger_map.h - a span of Jaeger's model, from whichever encoding, as OpenTelemetry's: the one place that knows how.
 *
 * Tags that OpenTelemetry has members for (span.kind, error, otel.status_code, otel.scope.name, w3c.tracestate ...) become
 * these; logs become events; references become the parent and links; the process becomes the resource. */
#ifndef WIRE_JAEGER_MAP_H
#define WIRE_JAEGER_MAP_H

#include "wire/span_build.h"
#include "wire/unique.h"

/* Attribute of a link that Jaeger saw as CHILD_OF; without it, as FOLLOWS_FROM. */
#define JAEGER_REF_TYPE "opentracing.ref_type"

struct jaeger_ref {
    bool child_of;
    struct trace_id trace_id;
    struct span_id span_id;
};

struct jaeger_span {
    struct trace_id trace_id;
    struct span_id span_id,
        parent_id; /* parent_id: of formats that name it beside the references */
    struct str name;
    uint64_t start_ns, duration_ns;
    struct attr_list tags;
    struct event_list logs; /* attrs are the fields, the name is still empty */
    struct jaeger_ref *refs;
    size_t ref_count, ref_cap;
    const struct resource *resource;
};

struct jaeger_map {
    struct arena *arena;
    struct span_list spans;
    struct unique resources, scopes;
};

/* Zero-filled; NULL when the arena is full. */
struct jaeger_ref *jaeger_ref_add(struct jaeger_span *s, struct arena *arena);

/* The resource of a process. */
const struct resource *jaeger_map_process(struct jaeger_map *m, struct str service,
                                          const struct attr_list *tags);
/* Takes over the lists of s. A full arena is seen there. */
void jaeger_map_add(struct jaeger_map *m, struct jaeger_span *s);

#endif
