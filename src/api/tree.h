/* tree.h - the spans of a trace as rows in pre-order: a span, then its children by start, each with its own.
 *
 * Everything that draws a trace (the skeleton, the command line's waterfall) counts rows by this. No recursion: a
 * chain of a million spans costs no more stack than one. Parents that form a circle are broken at their earliest
 * span, which becomes an orphan. O(n), O(n log n) when the spans do not come ordered by start. */
#ifndef API_TREE_H
#define API_TREE_H

#include "base/arena.h"
#include "trace/span.h"

#define TREE_ROOT   UINT32_MAX       /* no parent id */
#define TREE_ORPHAN (UINT32_MAX - 1) /* a parent id, but no such span in the trace */

struct tree {
    uint32_t count;
    uint32_t *span;   /* row -> index into the spans given */
    uint32_t *parent; /* row -> parent's row, TREE_ROOT or TREE_ORPHAN */
    uint32_t *depth;  /* row -> 0 for roots and orphans */
    uint32_t root_count, orphan_count;
};

/* Roots first, then orphans, both by start time (equal starts: in the order given). The arrays live in the arena.
 * False when it is full. Of spans with one id, the earliest is the parent of its children. */
bool tree_build(const struct span *spans, uint32_t count, struct arena *arena, struct tree *ret);

#endif
