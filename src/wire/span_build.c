/* span_build.c - see span_build.h. */
#include "wire/span_build.h"

#include "wire/hex_id.h"

static void *add(struct arena *arena, void **items, size_t *count, size_t *cap, size_t size)
{
    char *grown = arena_grow(arena, *items, *count, cap, *count + 1, size);
    if (!grown || *count >= UINT32_MAX)
        return NULL;
    *items = grown;
    return memset(grown + (*count)++ * size, 0, size);
}

struct attr *attr_list_add(struct attr_list *l, struct arena *arena, struct str key)
{
    void *items = l->items;
    struct attr *a = add(arena, &items, &l->count, &l->cap, sizeof *a);
    l->items = items;
    if (a)
        a->key = key;
    return a;
}

void attr_list_add_string(struct attr_list *l, struct arena *arena, struct str key, struct str v)
{
    struct attr *a = attr_list_add(l, arena, key);
    if (a)
        a->value = (struct value){.type = VALUE_STRING, .string = v};
}

struct span_event *event_list_add(struct event_list *l, struct arena *arena)
{
    void *items = l->items;
    struct span_event *e = add(arena, &items, &l->count, &l->cap, sizeof *e);
    l->items = items;
    return e;
}

struct span_link *link_list_add(struct link_list *l, struct arena *arena)
{
    void *items = l->items;
    struct span_link *e = add(arena, &items, &l->count, &l->cap, sizeof *e);
    l->items = items;
    return e;
}

struct span *span_list_add(struct span_list *l, struct arena *arena)
{
    void *items = l->items;
    struct span *s = add(arena, &items, &l->count, &l->cap, sizeof *s);
    l->items = items;
    return s;
}

const struct scope *scope_list_get(struct scope_list *l, struct arena *arena, struct str name,
                                   struct str version)
{
    static const struct scope none;
    const struct scope **grown;
    struct scope *fresh;
    if (!name.n && !version.n)
        return &none;
    for (size_t i = 0; i < l->count; i++) {
        if (str_eq(l->items[i]->name, name) && str_eq(l->items[i]->version, version))
            return l->items[i];
    }
    fresh = arena_calloc(arena, 1, sizeof *fresh);
    grown = arena_grow(arena, (void *)(uintptr_t)l->items, l->count, &l->cap, l->count + 1,
                       sizeof *grown);
    if (!fresh || !grown)
        return &none;
    *fresh = (struct scope){.name = name, .version = version};
    l->items = grown;
    return grown[l->count++] = fresh;
}

struct str build_string(struct json_reader *r)
{
    if (json_peek(r) == JSON_NULL_KIND) {
        json_read_null(r);
        return STR("");
    }
    return arena_str(r->arena, json_read_string(r));
}

uint64_t build_micros(struct json_reader *r)
{
    struct str text;
    uint64_t whole;
    double v;
    enum json_kind kind = json_peek(r);
    if (kind == JSON_NULL_KIND) {
        json_read_null(r);
        return 0;
    }
    text = kind == JSON_STRING_KIND ? json_read_string(r) : json_read_number(r);
    if (r->why)
        return 0;
    if (str_to_u64(text, &whole) && whole <= UINT64_MAX / 1000)
        return whole * 1000;
    if (!str_to_double(text, &v) || !(v >= 0 && v < 1.8e16)) {
        json_read_fail(r, "not a time in microseconds");
        return 0;
    }
    return (uint64_t)(v * 1000 + 0.5);
}

static void read_id(struct json_reader *r, unsigned char *out, size_t n)
{
    struct str text;
    if (json_peek(r) == JSON_NULL_KIND) {
        json_read_null(r);
        return;
    }
    text = json_read_string(r);
    if (!r->why && text.n && !hex_id_read(text, out, n))
        json_read_fail(r, "not an id in hexadecimal");
}

void build_trace_id(struct json_reader *r, struct trace_id *ret)
{
    read_id(r, ret->bytes, sizeof ret->bytes);
}

void build_span_id(struct json_reader *r, struct span_id *ret)
{
    read_id(r, ret->bytes, sizeof ret->bytes);
}

/* Spans of one resource and scope stand together: by counting, in the order of first appearance. */
static int order(struct span_list *in, struct arena *arena, struct span *out)
{
    bool *taken = arena_calloc(arena, in->count, sizeof *taken);
    size_t n = 0;
    if (!taken)
        return ERR_NOMEM;
    for (size_t i = 0; i < in->count; i++) {
        for (size_t k = i; !taken[i] && k < in->count; k++) {
            const struct span *a = &in->items[i], *b = &in->items[k];
            if (taken[k] || a->resource != b->resource || a->scope != b->scope)
                continue;
            if (k > i)
                taken[k] = true;
            out[n++] = *b;
        }
        taken[i] = true;
    }
    return 0;
}

int build_batch(struct span_list *spans, struct arena *arena, struct span_batch *ret)
{
    struct span_list good = {spans->items, 0, 0};
    *ret = (struct span_batch){0};
    for (size_t i = 0; i < spans->count; i++) {
        const struct span *s = &spans->items[i];
        if (trace_id_is_zero(s->trace_id) || span_id_is_zero(s->span_id)) {
            ret->rejected_spans++;
            ret->rejected_reason = "a span without trace id or span id";
        } else {
            good.items[good.count++] = *s;
        }
    }
    ret->spans = arena_calloc(arena, good.count, sizeof *ret->spans);
    if (!ret->spans || arena_failed(arena))
        return ERR_NOMEM;
    ret->span_count = good.count;
    return order(&good, arena, ret->spans);
}
