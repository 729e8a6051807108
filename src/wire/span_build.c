/* span_build.c - see span_build.h. */
#include "wire/span_build.h"

#include "wire/hex_id.h"
#include "wire/unique.h"

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
    struct span *s;
    l->full = l->full || l->count >= BUILD_SPANS_MAX;
    if (l->full)
        return NULL;
    s = add(arena, &items, &l->count, &l->cap, sizeof *s);
    l->items = items;
    return s;
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

/* ---- The batch ---- */

struct pair {
    const struct resource *resource;
    const struct scope *scope;
};

static bool same_pair(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct pair)) == 0;
}

/* Spans of one resource and scope stand together: by counting, in the order of first appearance. */
static int order(const struct span *in, size_t count, struct arena *arena, struct span *out)
{
    struct unique pairs = {0};
    uint32_t *number = arena_alloc(arena, count * sizeof *number);
    struct pair *keys = arena_alloc(arena, count * sizeof *keys);
    size_t *next;
    for (size_t i = 0; number && keys && i < count; i++) {
        bool fresh;
        keys[i] = (struct pair){in[i].resource, in[i].scope};
        number[i] = unique_add(&pairs, arena, unique_hash(&pairs, &keys[i], sizeof keys[i], 3),
                               &keys[i], same_pair, &fresh);
    }
    next = arena_calloc(arena, pairs.count + 1, sizeof *next);
    if (arena_failed(arena))
        return ERR_NOMEM;
    for (size_t i = 0; i < count; i++)
        next[number[i] + 1]++;
    for (size_t i = 0; i < pairs.count; i++)
        next[i + 1] += next[i];
    for (size_t i = 0; i < count; i++)
        out[next[number[i]]++] = in[i];
    return 0;
}

int build_batch(struct span_list *spans, struct arena *arena, struct span_batch *ret,
                struct err *err)
{
    struct span *good = spans->items;
    size_t count = 0;
    *ret = (struct span_batch){0};
    if (spans->full)
        return err_set(err, ERR_TOO_LARGE, "more than %d spans", BUILD_SPANS_MAX);
    for (size_t i = 0; i < spans->count; i++) {
        const struct span *s = &spans->items[i];
        if (trace_id_is_zero(s->trace_id) || span_id_is_zero(s->span_id)) {
            ret->rejected_spans++;
            ret->rejected_reason = "a span without trace id or span id";
        } else {
            good[count++] = *s;
        }
    }
    ret->spans = arena_calloc(arena, count, sizeof *ret->spans);
    if (!ret->spans || arena_failed(arena) || order(good, count, arena, ret->spans) < 0)
        return err_set(err, ERR_NOMEM, "out of memory");
    ret->span_count = count;
    return 0;
}
