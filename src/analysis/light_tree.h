/* light_tree.h - a light trace as a tree: who is whose child, in the order that walks want.
 *
 * Spans that no root leads to (a missing parent, a circle of parents) are tops of trees of their own. No recursion: a
 * chain of a million spans costs no more stack than one. */
#ifndef ANALYSIS_LIGHT_TREE_H
#define ANALYSIS_LIGHT_TREE_H

#include "base/arena.h"
#include "engine/traces.h"

struct light_tree {
    const struct light_trace *trace;
    uint32_t *parent;   /* as the trace's, but circles are broken at their earliest span */
    uint32_t *first;    /* children of span i: children[first[i]] to children[first[i + 1] - 1] */
    uint32_t *children; /* by end, latest first */
    uint32_t *order;    /* all spans, each behind its parent */
    uint32_t root;      /* the earliest span without a parent id, else the earliest top */
};

static inline uint64_t light_end(const struct light_span *s)
{
    return s->start_ns > UINT64_MAX - s->duration_ns ? UINT64_MAX : s->start_ns + s->duration_ns;
}

/* The arrays live in the arena. ERR_TOO_LARGE when it is full, ERR_INVALID when the trace has no spans. */
int light_tree_make(const struct light_trace *trace, struct arena *arena, struct light_tree *ret,
                    struct err *err);

#endif
