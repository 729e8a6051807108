/* unique.h - things that are the same by content kept once: resources, scopes, pairs of them. Linear in what is added,
 * however many differ. In an arena; a full one is seen there. */
#ifndef WIRE_UNIQUE_H
#define WIRE_UNIQUE_H

#include "trace/span.h"

struct unique {
    const void **items; /* in order of first appearance */
    uint64_t *hashes;
    size_t count, items_cap, hashes_cap;
    uint32_t *slots; /* number + 1; 0 = free */
    uint32_t capacity;
    uint64_t seed; /* chosen at the first use, so that nobody can aim at one slot */
};

typedef bool unique_same_fn(const void *a, const void *b);

uint64_t unique_hash(struct unique *u, const void *p, size_t n, uint64_t seed);

/* The number of the item that is the same as key; a new one, whose item is key itself until the caller replaces it, when
 * *fresh. UINT32_MAX when the arena is full. */
uint32_t unique_add(struct unique *u, struct arena *arena, uint64_t hash, const void *key,
                    unique_same_fn *same, bool *fresh);

/* The scope; one without name, version and attributes when both are empty, or there is no memory. */
const struct scope *unique_scope(struct unique *u, struct arena *arena, struct str name,
                                 struct str version);
/* The resource with these attributes, which stay where they are. */
const struct resource *unique_resource(struct unique *u, struct arena *arena, struct attrs attrs);

#endif
