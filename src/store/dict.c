/* dict.c - open addressing over XXH3; a slot carries half the hash, so that a miss rarely touches the string. */
#include "store/dict.h"

#include <stdlib.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "store/mem.h"

enum { SLOTS_MIN = 256 };

void dict_release(struct dict *d)
{
    for (uint32_t i = 0; d->chunks && i < DICT_CHUNKS_MAX && d->chunks[i]; i++)
        free(d->chunks[i]);
    free(d->chunks);
    free(d->slots);
    memset(d, 0, sizeof *d);
}

static uint64_t hash_of(struct str s)
{
    return XXH3_64bits(s.p ? s.p : "", s.n);
}

/* The slot that holds s, or the free one where it belongs. */
static uint32_t probe(const struct dict *d, struct str s, uint64_t hash)
{
    uint32_t at = (uint32_t)hash & d->mask;
    for (;; at = (at + 1) & d->mask) {
        uint64_t slot = d->slots[at];
        if (!slot)
            return at;
        if (slot >> 32 == hash >> 32 && str_eq(dict_get(d, (uint32_t)slot - 1), s))
            return at;
    }
}

static void rehash(struct dict *d)
{
    uint32_t slots = d->slots ? (d->mask + 1) * 2 : SLOTS_MIN;
    free(d->slots);
    d->slots = mem_calloc(slots, sizeof *d->slots);
    d->mask = slots - 1;
    for (uint32_t id = 0; id < d->count; id++) {
        uint64_t hash = hash_of(dict_get(d, id));
        uint32_t at = (uint32_t)hash & d->mask;
        while (d->slots[at])
            at = (at + 1) & d->mask;
        d->slots[at] = hash >> 32 << 32 | (id + 1);
    }
}

uint32_t dict_find(const struct dict *d, struct str s)
{
    uint64_t slot = d->slots ? d->slots[probe(d, s, hash_of(s))] : 0;
    return slot ? (uint32_t)slot - 1 : DICT_NONE;
}

uint32_t dict_intern_kept(struct dict *d, struct str s, struct str (*keep)(struct str, void *),
                          void *user)
{
    uint64_t hash = hash_of(s);
    uint32_t at, id = d->count;
    if (!d->slots || id >= (d->mask + 1) / 2)
        rehash(d);
    at = probe(d, s, hash);
    if (d->slots[at])
        return (uint32_t)d->slots[at] - 1;
    if (id / DICT_CHUNK_ENTRIES >= DICT_CHUNKS_MAX)
        return DICT_NONE;
    if (!d->chunks)
        d->chunks = mem_calloc(DICT_CHUNKS_MAX, sizeof *d->chunks);
    if (!d->chunks[id / DICT_CHUNK_ENTRIES])
        d->chunks[id / DICT_CHUNK_ENTRIES] = mem_alloc(DICT_CHUNK_ENTRIES * sizeof(struct str));
    d->chunks[id / DICT_CHUNK_ENTRIES][id % DICT_CHUNK_ENTRIES] = keep ? keep(s, user) : s;
    d->slots[at] = hash >> 32 << 32 | (id + 1);
    d->count++;
    return id;
}

uint32_t dict_intern(struct dict *d, struct str s)
{
    return dict_intern_kept(d, s, NULL, NULL);
}
