/* labels.c - see labels.h. */
#include "query/labels.h"

#include <string.h>
#include <xxhash.h>

#include "base/buf.h"
#include "wire/otlp_pb.h"

enum { SLOTS_MIN = 64, UNKNOWN = LABEL_NONE - 1 };

/* Room in an open table for one more; false when the arena is full. */
static bool slots_grow(struct arena *arena, uint32_t **slots, uint32_t *mask, size_t count,
                       bool *grown)
{
    uint32_t size = *slots ? (*mask + 1) * 2 : SLOTS_MIN;
    uint32_t *wider;
    *grown = false;
    if (*slots && count <= *mask / 2)
        return true;
    wider = arena_calloc(arena, size, sizeof *wider);
    if (!wider)
        return false;
    *slots = wider;
    *mask = size - 1;
    *grown = true;
    return true;
}

static uint64_t hash_of(const struct value *v)
{
    struct buf bytes;
    uint64_t hash;
    switch (v->type) {
    case VALUE_EMPTY: return 0;
    case VALUE_STRING:
    case VALUE_BYTES: return XXH3_64bits_withSeed(v->string.p, v->string.n, v->type);
    case VALUE_BOOL: return XXH3_64bits_withSeed(&v->boolean, sizeof v->boolean, v->type);
    case VALUE_INT:
    case VALUE_DOUBLE: return XXH3_64bits_withSeed(&v->integer, sizeof v->integer, v->type);
    default: break;
    }
    buf_init(&bytes, 0);
    otlp_pb_encode_value(v, &bytes);
    hash = XXH3_64bits(bytes.p, bytes.n);
    buf_release(&bytes);
    return hash;
}

/* ---- Order ---- */

static int list_cmp(const struct value_list *a, const struct value_list *b)
{
    for (uint32_t i = 0; i < a->count && i < b->count; i++) {
        int c = label_cmp(&a->items[i], &b->items[i]);
        if (c)
            return c;
    }
    return (a->count > b->count) - (a->count < b->count);
}

static int attrs_cmp(const struct attrs *a, const struct attrs *b)
{
    for (uint32_t i = 0; i < a->count && i < b->count; i++) {
        int c = str_cmp(a->items[i].key, b->items[i].key);
        if (!c)
            c = label_cmp(&a->items[i].value, &b->items[i].value);
        if (c)
            return c;
    }
    return (a->count > b->count) - (a->count < b->count);
}

int label_cmp(const struct value *a, const struct value *b)
{
    if (a->type != b->type)
        return a->type < b->type ? -1 : 1;
    switch (a->type) {
    case VALUE_STRING:
    case VALUE_BYTES: return str_cmp(a->string, b->string);
    case VALUE_BOOL: return a->boolean - b->boolean;
    case VALUE_INT: return (a->integer > b->integer) - (a->integer < b->integer);
    case VALUE_DOUBLE: return (a->number > b->number) - (a->number < b->number);
    case VALUE_ARRAY: return list_cmp(&a->array, &b->array);
    case VALUE_KVLIST: return attrs_cmp(&a->kvlist, &b->kvlist);
    default: return 0;
    }
}

/* ---- Values ---- */

void label_ids_init(struct label_ids *l, struct arena *arena)
{
    *l = (struct label_ids){.arena = arena, .max = LABELS_MAX};
}

/* The slot that has the value, or the free one where it belongs. */
static uint32_t *find(struct label_ids *l, const struct value *v)
{
    uint32_t at = (uint32_t)hash_of(v) & l->mask;
    while (l->slots[at] && !value_eq(&l->items[l->slots[at] - 1], v))
        at = (at + 1) & l->mask;
    return &l->slots[at];
}

static bool make_room(struct label_ids *l)
{
    struct value *items;
    bool grown;
    if (!slots_grow(l->arena, &l->slots, &l->mask, l->count, &grown))
        return false;
    for (size_t i = 0; grown && i < l->count; i++)
        *find(l, &l->items[i]) = (uint32_t)i + 1;
    items = arena_grow(l->arena, l->items, l->count, &l->cap, l->count + 1, sizeof *items);
    if (!items)
        return false;
    l->items = items;
    return true;
}

uint32_t label_ids_put(struct label_ids *l, const struct value *v)
{
    uint32_t *slot;
    if (!make_room(l))
        return LABEL_NONE;
    slot = find(l, v);
    if (*slot)
        return *slot - 1;
    if (l->count >= l->max)
        return LABEL_NONE;
    l->items[l->count] = *v;
    value_copy(&l->items[l->count], l->arena);
    *slot = (uint32_t)++l->count;
    return *slot - 1;
}

/* Tables are few: one for each source. */
static uint32_t *table_of(struct label_ids *l, const struct vector *v)
{
    struct label_table *tables;
    uint32_t *ids;
    for (size_t i = l->table_count; i-- > 0;) {
        if (l->tables[i].table == v->table)
            return l->tables[i].ids;
    }
    tables = arena_grow(l->arena, l->tables, l->table_count, &l->table_cap, l->table_count + 1,
                        sizeof *tables);
    ids = arena_alloc(l->arena, (size_t)v->table_count * sizeof *ids + 1);
    if (!tables || !ids)
        return NULL;
    for (uint32_t i = 0; i < v->table_count; i++)
        ids[i] = UNKNOWN;
    l->tables = tables;
    tables[l->table_count++] = (struct label_table){v->table, ids};
    return ids;
}

static bool read_ids(struct label_ids *l, const struct vector *v, uint32_t count, uint32_t *ret)
{
    uint32_t *known = table_of(l, v);
    for (uint32_t i = 0; known && i < count; i++) {
        uint32_t id = v->ids[i];
        if (known[id] == UNKNOWN)
            known[id] = label_ids_put(l, &v->table[id]);
        ret[i] = known[id];
    }
    return known != NULL;
}

/* Neighbours are often alike. */
static void read_ints(struct label_ids *l, const struct vector *v, uint32_t count, uint32_t *ret)
{
    for (uint32_t i = 0; i < count; i++) {
        struct value one = {VALUE_INT, {.integer = v->ints[i]}};
        ret[i] = i && v->ints[i] == v->ints[i - 1] ? ret[i - 1] : label_ids_put(l, &one);
    }
}

int label_ids_read(struct label_ids *l, const struct vector *v, uint32_t count, uint32_t *ret,
                   struct err *err)
{
    bool ok = true;
    switch (v->kind) {
    case VECTOR_IDS: ok = read_ids(l, v, count, ret); break;
    case VECTOR_INTS: read_ints(l, v, count, ret); break;
    case VECTOR_VALUES:
        for (uint32_t i = 0; i < count; i++)
            ret[i] = label_ids_put(l, &v->values[i]);
        break;
    }
    if (ok && !arena_failed(l->arena))
        return 0;
    return err_set(err, ERR_TOO_LARGE, "the query needs more memory than it may take");
}

/* ---- Pairs ---- */

void pair_ids_init(struct pair_ids *p, struct arena *arena)
{
    *p = (struct pair_ids){.arena = arena};
}

static uint32_t *find_pair(struct pair_ids *p, uint64_t pair)
{
    uint64_t h = pair * UINT64_C(0x9e3779b97f4a7c15);
    uint32_t at = (uint32_t)(h >> 32) & p->mask;
    while (p->slots[at] && p->items[p->slots[at] - 1] != pair)
        at = (at + 1) & p->mask;
    return &p->slots[at];
}

static bool make_pair_room(struct pair_ids *p)
{
    uint64_t *items;
    bool grown;
    if (!slots_grow(p->arena, &p->slots, &p->mask, p->count, &grown))
        return false;
    for (size_t i = 0; grown && i < p->count; i++)
        *find_pair(p, p->items[i]) = (uint32_t)i + 1;
    items = arena_grow(p->arena, p->items, p->count, &p->cap, p->count + 1, sizeof *items);
    if (!items)
        return false;
    p->items = items;
    return true;
}

uint32_t pair_ids_put(struct pair_ids *p, uint32_t first, uint32_t second)
{
    uint64_t pair = (uint64_t)first << 32 | second;
    uint32_t *slot;
    if (first == LABEL_NONE || second == LABEL_NONE || !make_pair_room(p))
        return LABEL_NONE;
    slot = find_pair(p, pair);
    if (*slot)
        return *slot - 1;
    if (p->count == LABELS_MAX)
        return LABEL_NONE;
    p->items[p->count] = pair;
    *slot = (uint32_t)++p->count;
    return *slot - 1;
}
