/* jaeger_adjust.c - one function for each adjustment. */
#include "api/jaeger_adjust.h"

#include <stdlib.h>

/* --- span ids that a client and its server share --- */

static int by_id(const void *a, const void *b)
{
    const struct span *const *x = a, *const *y = b;
    int order = memcmp((*x)->span_id.bytes, (*y)->span_id.bytes, SPAN_ID_BYTES);
    if (order)
        return order;
    order = ((*x)->kind == SPAN_KIND_SERVER) - ((*y)->kind == SPAN_KIND_SERVER);
    return order ? order : (*x > *y) - (*x < *y);
}

static const struct span *const *first_of(struct span **sorted, size_t count, struct span_id id)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (memcmp(sorted[mid]->span_id.bytes, id.bytes, SPAN_ID_BYTES) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low < count && span_id_eq(sorted[low]->span_id, id)
               ? (const struct span *const *)&sorted[low]
               : NULL;
}

/* An id that no span of the trace has, the same each time the trace is read. */
static struct span_id fresh_id(struct span **sorted, size_t count, struct span_id shared)
{
    struct span_id id;
    uint64_t v;
    memcpy(&v, shared.bytes, sizeof v);
    do {
        v = (v ^ v >> 31) * 0x9e3779b97f4a7c15u + 1;
        memcpy(id.bytes, &v, sizeof v);
    } while (v == 0 || first_of(sorted, count, id));
    return id;
}

struct split {
    struct span_id shared, fresh;
    struct span *server;
};

static int split_cmp(const void *a, const void *b)
{
    const struct split *x = a, *y = b;
    return memcmp(x->shared.bytes, y->shared.bytes, SPAN_ID_BYTES);
}

/* Children of a shared id are the server's: a client's span has none of its own but the server. */
static void move_children(struct span *spans, size_t count, const struct split *splits, size_t n)
{
    for (size_t i = 0; i < count; i++) {
        struct split key = {.shared = spans[i].parent_span_id};
        const struct split *s = bsearch(&key, splits, n, sizeof *splits, split_cmp);
        if (s && s->server != &spans[i])
            spans[i].parent_span_id = s->fresh;
    }
}

static bool split_shared(struct span *spans, size_t count, struct arena *arena)
{
    struct span **sorted = arena_alloc(arena, count * sizeof *sorted);
    struct split *splits = arena_alloc(arena, count * sizeof *splits);
    size_t n = 0;
    if (!sorted || !splits)
        return false;
    for (size_t i = 0; i < count; i++)
        sorted[i] = &spans[i];
    qsort(sorted, count, sizeof *sorted, by_id);
    for (size_t i = 1; i < count; i++) {
        struct span *client = sorted[i - 1], *server = sorted[i];
        if (client->kind == SPAN_KIND_CLIENT && server->kind == SPAN_KIND_SERVER &&
            span_id_eq(client->span_id, server->span_id))
            splits[n++] =
                (struct split){server->span_id, fresh_id(sorted, count, server->span_id), server};
    }
    if (n == 0)
        return true;
    move_children(spans, count, splits, n);
    for (size_t i = 0; i < n; i++) {
        splits[i].server->span_id = splits[i].fresh;
        splits[i].server->parent_span_id = splits[i].shared;
    }
    return true;
}

/* --- addresses that are numbers --- */

static bool dot_address(struct attr *a, struct arena *arena)
{
    uint32_t ip;
    if (a->value.type != VALUE_INT ||
        (!str_eq(a->key, STR("ip")) && !str_eq(a->key, STR("peer.ipv4"))))
        return true;
    ip = (uint32_t)a->value.integer; /* 32 bits, with or without their sign */
    a->value.type = VALUE_STRING;
    a->value.string =
        arena_printf(arena, "%u.%u.%u.%u", ip >> 24, ip >> 16 & 255, ip >> 8 & 255, ip & 255);
    return a->value.string.n != 0;
}

bool jaeger_adjust(struct span *spans, size_t count, struct arena *arena)
{
    if (!split_shared(spans, count, arena))
        return false;
    for (size_t i = 0; i < count; i++) {
        for (uint32_t k = 0; k < spans[i].attrs.count; k++) {
            if (!dot_address(&spans[i].attrs.items[k], arena))
                return false;
        }
    }
    return true;
}
