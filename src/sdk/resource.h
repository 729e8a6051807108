/* resource.h - resources inside: a struct resource with the arena it lives in. */
#ifndef SDK_RESOURCE_H
#define SDK_RESOURCE_H

#include <cairn/resource.h>

#include <stdatomic.h>

#include "base/arena.h"
#include "trace/span.h"

struct cairn_resource {
    atomic_uint refs;
    struct arena arena;
    struct resource resource;
};

/* An empty one to be filled; NULL when there is no memory. */
cairn_resource *resource_make(void);
/* r when all of its memory could be had, else NULL (and r is gone). NULL for NULL. */
cairn_resource *resource_finish(cairn_resource *r);

/* OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME as given; empty counts as unset. */
cairn_resource *resource_from_text(struct str attributes, struct str service_name);

/* In a forked child, for a resource that only the SDK has: what the parent had found out about itself (process.pid,
 * .parent_pid, .creation.time, service.instance.id) becomes the child's. What the application or the operator set stays.
 * May be called more than once. */
void resource_after_fork(cairn_resource *resource);

#endif
