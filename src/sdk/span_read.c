/* span_read.c - spans to keep: what a live span holds at the moment, and copies of ended ones. */
#define CAIRN_NO_INLINE
#include <stdlib.h>

#include "sdk/sdk.h"
#include "sdk/span_keep.h"

/* A span with all that it points to. */
struct owned_span {
    struct span span; /* first: one is cast to the other */
    struct text *state;
    struct arena arena;
};

static struct owned_span *owned_new(void)
{
    struct owned_span *o = calloc(1, sizeof *o);
    if (o)
        arena_init(&o->arena, 0);
    return o;
}

void cairn_span_data_free(cairn_span_data *span)
{
    struct owned_span *o = (struct owned_span *)span;
    if (!o)
        return;
    text_unref(o->state);
    arena_release(&o->arena);
    free(o);
}

/* The slot is locked: its bytes are taken away as they are, to be read without the lock. */
static unsigned char *take_bytes(struct owned_span *o, const struct slot *s, struct span_head *head)
{
    unsigned char *items = arena_alloc(&o->arena, s->head.data_n ? s->head.data_n : 1);
    *head = s->head;
    if (items)
        memcpy(items, s->data, s->head.data_n);
    o->state = text_ref(head->trace_state);
    return items;
}

cairn_span_data *cairn_span_snapshot(cairn_span *span)
{
    struct slot *s = slot_acquire((uintptr_t)span);
    const struct cairn_sdk *sdk;
    struct owned_span *o = NULL;
    unsigned char *items = NULL;
    struct span_head head;
    if (!s)
        return NULL;
    sdk = (const struct cairn_sdk *)s->provider;
    if (sdk && sdk->provider.ops == &sdk_provider_ops &&
        atomic_load_explicit(&s->recording, memory_order_relaxed) != SLOT_NOT_RECORDING)
        o = owned_new();
    if (o)
        items = take_bytes(o, s, &head);
    slot_unlock(s);
    if (!o)
        return NULL;
    if (!items || record_read(&head, items, &o->arena, &o->span) < 0) {
        cairn_span_data_free((cairn_span_data *)o);
        return NULL;
    }
    o->span.resource = &sdk->resource->resource;
    return (cairn_span_data *)o;
}

struct span *span_keep(const struct span *span, struct span *to, struct arena *arena)
{
    struct resource *resource = arena_alloc(arena, sizeof *resource);
    struct scope *scope = arena_alloc(arena, sizeof *scope);
    if (!to || !resource || !scope || span_copy(to, span, arena) < 0 ||
        resource_copy(resource, span->resource, arena) < 0 ||
        scope_copy(scope, span->scope, arena) < 0)
        return NULL;
    to->resource = resource;
    to->scope = scope;
    return to;
}

cairn_span_data *cairn_span_data_copy(const cairn_span_data *span)
{
    struct owned_span *o = span ? owned_new() : NULL;
    if (!o)
        return NULL;
    if (!span_keep((const struct span *)span, &o->span, &o->arena)) {
        cairn_span_data_free((cairn_span_data *)o);
        return NULL;
    }
    return (cairn_span_data *)o;
}
