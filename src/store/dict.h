/* dict.h - byte strings made into dense numbers, append-only.
 *
 * One writer interns; readers may call dict_get at the same time for any id they learned in a properly
 * synchronised way (entries never move). dict_find and dict_intern need the owner's lock. Strings are borrowed. */
#ifndef STORE_DICT_H
#define STORE_DICT_H

#include <stdint.h>

#include "base/str.h"

enum {
    DICT_NONE = UINT32_MAX,    /* no such entry */
    DICT_CHUNK_ENTRIES = 4096, /* entries stay where they are: chunks, not one array */
    DICT_CHUNKS_MAX = 2048,    /* 8.4 million entries: more than a head has rows */
};

struct dict {
    struct str *
        *chunks; /* DICT_CHUNKS_MAX places, made with the first entry: they never move either */
    uint32_t count;
    uint64_t *slots; /* hash's upper half << 32 | id + 1; 0 = free */
    uint32_t mask;
};

void dict_release(struct dict *d);
/* The id of s; a new one borrows s for the dictionary's life. DICT_NONE when full. */
uint32_t dict_intern(struct dict *d, struct str s);
/* The same for a string whose bytes may go: when it is new, its place is asked of keep(s, user). */
uint32_t dict_intern_kept(struct dict *d, struct str s, struct str (*keep)(struct str, void *),
                          void *user);
uint32_t dict_find(const struct dict *d, struct str s); /* DICT_NONE when absent */

static inline struct str dict_get(const struct dict *d, uint32_t id)
{
    return d->chunks[id / DICT_CHUNK_ENTRIES][id % DICT_CHUNK_ENTRIES];
}

#endif
