/* groups.h - which spans share a resource and a scope, by content.
 *
 * Spans of one trace come from many requests, so equal resources stand at different addresses. Dialects that
 * write a resource once (Jaeger's processes, OTLP's ResourceSpans) number them here. Linear in the number of
 * spans and distinct resources, however many there are. */
#ifndef API_GROUPS_H
#define API_GROUPS_H

#include "base/arena.h"
#include "trace/span.h"

struct groups {
    uint32_t *resource_of; /* span index -> resource number, in order of first appearance */
    const struct resource **resources;
    uint32_t resource_count;
};

/* Numbers the resources. False when the arena is full. */
bool groups_resources(const struct span *spans, size_t count, struct arena *arena,
                      struct groups *ret);

/* Reorders spans so that those with equal resource and scope stand together and share one pointer each; otherwise
 * the order stays. False when the arena is full (the order may then be anything). */
bool groups_order(struct span *spans, size_t count, struct arena *arena);

#endif
