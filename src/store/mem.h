/* mem.h - memory for the store's own index structures.
 *
 * These never answer NULL: a store that cannot extend its index after a batch reached the log can neither
 * acknowledge nor forget it, so it stops with a message, and the next start replays the log. Large buffers whose
 * size comes from outside (payload copies, query results) do not come from here. */
#ifndef STORE_MEM_H
#define STORE_MEM_H

#include <stddef.h>

void *mem_alloc(size_t size);
void *mem_calloc(size_t count, size_t size);
void *mem_grow_slow(void *array, size_t *cap, size_t need, size_t size);

/* Grows the array of *cap elements to at least need, doubling; new elements are not cleared. */
static inline void *mem_grow(void *array, size_t *cap, size_t need, size_t size)
{
    return need <= *cap ? array : mem_grow_slow(array, cap, need, size);
}

#endif
