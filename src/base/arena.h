/* arena.h - memory with one lifetime: taken piece by piece, given back all at once.
 *
 * One arena per request, batch or query. It grows in chunks up to a byte budget; past the budget (or when the
 * system has no memory) an allocation answers NULL and the arena remembers it, so that a decoder may check
 * arena_failed() once at the end. Rewinding keeps the chunks for the next user. Not thread-safe. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct arena_chunk;

struct arena {
    struct arena_chunk *first;   /* all chunks, in order of use */
    struct arena_chunk *current; /* the one allocations come from */
    size_t used_bytes;           /* handed out since the last reset, with padding */
    size_t held_bytes;           /* in chunks, used or not */
    size_t max_bytes;            /* budget for held_bytes; 0 = none */
    bool failed;                 /* an allocation was refused since the last reset */
};

void arena_init(struct arena *a, size_t max_bytes);
void arena_release(struct arena *a); /* frees everything; the arena may be used again */
void arena_reset(struct arena *a);   /* forgets all allocations, keeps the chunks */

static inline bool arena_failed(const struct arena *a)
{
    return a->failed;
}

/* 16-byte aligned, not cleared. NULL when over the budget or out of memory. size 0 gives a valid pointer. */
void *arena_alloc(struct arena *a, size_t size);
/* count * size bytes, cleared; an overflow counts as over the budget. */
void *arena_calloc(struct arena *a, size_t count, size_t size);

/* A copy with a NUL behind it (not counted in n). On failure {NULL, 0}. */
struct str arena_str(struct arena *a, struct str s);
/* As sprintf into the arena. On failure {NULL, 0}. */
struct str arena_printf(struct arena *a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Grows an array of *cap elements (old content copied, the old place stays until reset) to hold at least
 * need elements; returns the place of the array or NULL. Doubles, so that pushing is amortised O(1). */
void *arena_grow(struct arena *a, void *array, size_t count, size_t *cap, size_t need, size_t size);

#endif
