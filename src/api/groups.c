/* groups.c - two hash tables: addresses seen before, and contents. */
#include "api/groups.h"

#include <stdlib.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

/* --- hashes of contents: equal contents have equal hashes --- */

static uint64_t hash_str(struct str s, uint64_t seed)
{
    return XXH3_64bits_withSeed(s.p ? s.p : "", s.n, seed);
}

static uint64_t hash_attrs(const struct attrs *attrs, uint64_t seed);

static uint64_t hash_value(const struct value *v, uint64_t seed)
{
    seed = seed * 31 + v->type;
    switch (v->type) {
    case VALUE_STRING:
    case VALUE_BYTES: return hash_str(v->string, seed);
    case VALUE_BOOL: return seed * 31 + v->boolean;
    case VALUE_INT: return XXH3_64bits_withSeed(&v->integer, sizeof v->integer, seed);
    case VALUE_DOUBLE: return XXH3_64bits_withSeed(&v->number, sizeof v->number, seed);
    case VALUE_KVLIST: return hash_attrs(&v->kvlist, seed);
    case VALUE_ARRAY:
        for (uint32_t i = 0; i < v->array.count; i++)
            seed = hash_value(&v->array.items[i], seed);
        return seed + v->array.count;
    case VALUE_EMPTY: break;
    }
    return seed;
}

static uint64_t hash_attrs(const struct attrs *attrs, uint64_t seed)
{
    for (uint32_t i = 0; i < attrs->count; i++)
        seed = hash_value(&attrs->items[i].value, hash_str(attrs->items[i].key, seed));
    return seed + attrs->count;
}

static uint64_t hash_resource(const void *p)
{
    const struct resource *r = p;
    return hash_attrs(&r->attrs, hash_str(r->schema_url, 1));
}

static bool resource_equal(const void *a, const void *b)
{
    const struct resource *x = a, *y = b;
    return attrs_eq(&x->attrs, &y->attrs) && str_eq(x->schema_url, y->schema_url) &&
           x->dropped_attributes_count == y->dropped_attributes_count;
}

static uint64_t hash_scope(const void *p)
{
    const struct scope *s = p;
    return hash_attrs(&s->attrs,
                      hash_str(s->name, hash_str(s->version, hash_str(s->schema_url, 2))));
}

static bool scope_equal(const void *a, const void *b)
{
    const struct scope *x = a, *y = b;
    return str_eq(x->name, y->name) && str_eq(x->version, y->version) &&
           attrs_eq(&x->attrs, &y->attrs) && str_eq(x->schema_url, y->schema_url) &&
           x->dropped_attributes_count == y->dropped_attributes_count;
}

/* --- numbering things of one kind --- */

struct slot {
    const void *p; /* NULL = free */
    uint32_t number;
};

struct table {
    struct slot *slots;
    uint32_t capacity, count; /* capacity is a power of two */
};

struct numbering {
    uint64_t (*hash)(const void *p);
    bool (*equal)(const void *a, const void *b);
    struct arena *arena;
    struct table addresses, contents;
    const void **firsts; /* number -> the first of its kind */
    size_t firsts_cap;
    uint32_t count;
};

static uint64_t hash_address(const void *p)
{
    uintptr_t v = (uintptr_t)p;
    return XXH3_64bits(&v, sizeof v);
}

static bool same_address(const void *a, const void *b)
{
    return a == b;
}

typedef uint64_t hash_fn(const void *p);
typedef bool equal_fn(const void *a, const void *b);

/* The slot of p, or the free one where it belongs. */
static struct slot *find(const struct table *t, const void *p, hash_fn *hash, equal_fn *equal)
{
    uint32_t mask = t->capacity - 1;
    for (uint32_t i = (uint32_t)hash(p) & mask;; i = (i + 1) & mask) {
        if (!t->slots[i].p || equal(t->slots[i].p, p))
            return &t->slots[i];
    }
}

static bool make_room(struct table *t, struct arena *arena, hash_fn *hash, equal_fn *equal)
{
    struct table bigger = {NULL, t->capacity ? t->capacity * 2 : 64, t->count};
    if (t->capacity && t->count * 2 < t->capacity)
        return true;
    bigger.slots = arena_calloc(arena, bigger.capacity, sizeof *bigger.slots);
    if (!bigger.slots)
        return false;
    for (uint32_t i = 0; i < t->capacity; i++) {
        if (t->slots[i].p)
            *find(&bigger, t->slots[i].p, hash, equal) = t->slots[i];
    }
    *t = bigger;
    return true;
}

/* p's number by content. */
static bool number_content(struct numbering *n, const void *p, uint32_t *ret)
{
    if (!make_room(&n->contents, n->arena, n->hash, n->equal))
        return false;
    struct slot *slot = find(&n->contents, p, n->hash, n->equal);
    if (!slot->p) {
        n->firsts = arena_grow(n->arena, n->firsts, n->count, &n->firsts_cap, n->count + 1,
                               sizeof *n->firsts);
        if (!n->firsts)
            return false;
        n->firsts[n->count] = p;
        *slot = (struct slot){p, n->count++};
        n->contents.count++;
    }
    *ret = slot->number;
    return true;
}

static bool number(struct numbering *n, const void *p, uint32_t *ret)
{
    if (!make_room(&n->addresses, n->arena, hash_address, same_address))
        return false;
    struct slot *slot = find(&n->addresses, p, hash_address, same_address);
    if (!slot->p) {
        uint32_t content;
        if (!number_content(n, p, &content))
            return false;
        *slot = (struct slot){p, content};
        n->addresses.count++;
    }
    *ret = slot->number;
    return true;
}

bool groups_resources(const struct span *spans, size_t count, struct arena *arena,
                      struct groups *ret)
{
    struct numbering n = {.hash = hash_resource, .equal = resource_equal, .arena = arena};
    ret->resource_of = arena_alloc(arena, count * sizeof *ret->resource_of);
    if (!ret->resource_of)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!number(&n, spans[i].resource, &ret->resource_of[i]))
            return false;
    }
    ret->resources = (const struct resource **)n.firsts;
    ret->resource_count = n.count;
    return true;
}

/* --- ordering --- */

struct place {
    uint32_t resource, scope, span;
};

static int place_cmp(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->resource != y->resource)
        return x->resource < y->resource ? -1 : 1;
    if (x->scope != y->scope)
        return x->scope < y->scope ? -1 : 1;
    return x->span < y->span ? -1 : x->span > y->span;
}

bool groups_order(struct span *spans, size_t count, struct arena *arena)
{
    struct numbering resources = {.hash = hash_resource, .equal = resource_equal, .arena = arena};
    struct numbering scopes = {.hash = hash_scope, .equal = scope_equal, .arena = arena};
    struct place *places = arena_alloc(arena, count * sizeof *places);
    struct span *ordered = arena_alloc(arena, count * sizeof *ordered);
    if (!places || !ordered)
        return false;
    for (size_t i = 0; i < count; i++) {
        places[i].span = (uint32_t)i;
        if (!number(&resources, spans[i].resource, &places[i].resource) ||
            !number(&scopes, spans[i].scope, &places[i].scope))
            return false;
        spans[i].resource = resources.firsts[places[i].resource];
        spans[i].scope = scopes.firsts[places[i].scope];
    }
    qsort(places, count, sizeof *places, place_cmp);
    for (size_t i = 0; i < count; i++)
        ordered[i] = spans[places[i].span];
    memcpy(spans, ordered, count * sizeof *spans);
    return true;
}
