/* unique.c - open addressing, at most half full, hashes kept beside the items. */
#include "wire/unique.h"

#include "base/random.h"
#include "trace/semconv.h"

static const uint64_t ODD = 0x9e3779b97f4a7c15u, OTHER_ODD = 0xbf58476d1ce4e5b9u;

static uint64_t mix(uint64_t h, uint64_t v)
{
    h = (h ^ v) * ODD;
    h = (h ^ h >> 29) * OTHER_ODD;
    return h ^ h >> 32;
}

uint64_t unique_hash(struct unique *u, const void *p, size_t n, uint64_t seed)
{
    const unsigned char *at = p;
    uint64_t word, h;
    if (!u->seed)
        u->seed = random_u64() | 1;
    h = mix(u->seed ^ seed, n);
    for (; n >= sizeof word; n -= sizeof word, at += sizeof word) {
        memcpy(&word, at, sizeof word);
        h = mix(h, word);
    }
    word = 0;
    if (n)
        memcpy(&word, at, n);
    return mix(h, word);
}

static bool grow(struct unique *u, struct arena *arena)
{
    uint32_t capacity = u->capacity ? u->capacity * 2 : 16;
    uint32_t *slots = capacity ? arena_calloc(arena, capacity, sizeof *slots) : NULL;
    if (!slots)
        return false;
    for (size_t i = 0; i < u->count; i++) {
        uint32_t at = (uint32_t)u->hashes[i] & (capacity - 1);
        while (slots[at])
            at = (at + 1) & (capacity - 1);
        slots[at] = (uint32_t)i + 1;
    }
    u->slots = slots;
    u->capacity = capacity;
    return true;
}

uint32_t unique_add(struct unique *u, struct arena *arena, uint64_t hash, const void *key,
                    unique_same_fn *same, bool *fresh)
{
    uint32_t at;
    const void **items;
    uint64_t *hashes;
    *fresh = false;
    if (u->count * 2 >= u->capacity && !grow(u, arena))
        return UINT32_MAX;
    for (at = (uint32_t)hash & (u->capacity - 1); u->slots[at]; at = (at + 1) & (u->capacity - 1)) {
        uint32_t number = u->slots[at] - 1;
        if (u->hashes[number] == hash && same(u->items[number], key))
            return number;
    }
    items = arena_grow(arena, (void *)(uintptr_t)u->items, u->count, &u->items_cap, u->count + 1,
                       sizeof *items);
    hashes = arena_grow(arena, u->hashes, u->count, &u->hashes_cap, u->count + 1, sizeof *hashes);
    if (!items || !hashes)
        return UINT32_MAX;
    u->items = items;
    u->hashes = hashes;
    items[u->count] = key;
    hashes[u->count] = hash;
    u->slots[at] = (uint32_t)++u->count;
    *fresh = true;
    return (uint32_t)u->count - 1;
}

/* ---- Scopes ---- */

static uint64_t hash_str(struct unique *u, struct str s, uint64_t seed)
{
    return unique_hash(u, s.p ? s.p : "", s.n, seed);
}

static bool same_scope(const void *a, const void *b)
{
    const struct scope *x = a, *y = b;
    return str_eq(x->name, y->name) && str_eq(x->version, y->version);
}

const struct scope *unique_scope(struct unique *u, struct arena *arena, struct str name,
                                 struct str version)
{
    static const struct scope none;
    struct scope key = {.name = name, .version = version}, *kept;
    bool fresh;
    uint32_t number;
    if (!name.n && !version.n)
        return &none;
    number =
        unique_add(u, arena, hash_str(u, version, hash_str(u, name, 1)), &key, same_scope, &fresh);
    if (number == UINT32_MAX)
        return &none;
    if (fresh) {
        kept = arena_calloc(arena, 1, sizeof *kept);
        if (kept)
            *kept = key;
        u->items[number] = kept ? kept : &none;
    }
    return u->items[number];
}

/* ---- Resources ---- */

static uint64_t hash_attr(struct unique *u, const struct attr *a, uint64_t seed)
{
    uint64_t h = hash_str(u, a->key, seed + a->value.type);
    switch (a->value.type) {
    case VALUE_STRING:
    case VALUE_BYTES: return hash_str(u, a->value.string, h);
    case VALUE_BOOL: return h + a->value.boolean;
    case VALUE_INT:
    case VALUE_DOUBLE: return unique_hash(u, &a->value.integer, sizeof a->value.integer, h);
    default: return h; /* never in these dialects */
    }
}

static bool same_resource(const void *a, const void *b)
{
    const struct resource *x = a, *y = b;
    return attrs_eq(&x->attrs, &y->attrs);
}

const struct resource *unique_resource(struct unique *u, struct arena *arena, struct attrs attrs)
{
    static const struct resource none;
    struct resource key = {.attrs = attrs}, *kept;
    uint64_t hash = 2;
    bool fresh;
    uint32_t number;
    if (!attrs.count)
        return &none;
    for (uint32_t i = 0; i < attrs.count; i++)
        hash = hash_attr(u, &attrs.items[i], hash);
    number = unique_add(u, arena, hash, &key, same_resource, &fresh);
    if (number == UINT32_MAX)
        return &none;
    if (fresh) {
        key.service_name = attrs_get_string(&attrs, STR(SEMCONV_SERVICE_NAME));
        kept = arena_calloc(arena, 1, sizeof *kept);
        if (kept)
            *kept = key;
        u->items[number] = kept ? kept : &none;
    }
    return u->items[number];
}
