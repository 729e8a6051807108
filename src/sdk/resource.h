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

/* OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME as given; empty counts as unset. */
cairn_resource *resource_from_text(struct str attributes, struct str service_name);

/* In a forked child: process.pid, where the resource has it, becomes this process's. */
void resource_after_fork(cairn_resource *resource);

#endif
