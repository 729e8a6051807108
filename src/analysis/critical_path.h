/* critical_path.h - the chain of spans that made a trace take as long as it took, and each span's own time.
 *
 * The path is found backwards from the root's end: the child that ended last before that moment was what the parent waited
 * for, so the path goes through it, and on from its start; where no child had to be waited for it is the span's own. What a
 * child does after its parent has ended, consumers (work handed on, not waited for) and children that run beside the
 * chosen one are not on it. */
#ifndef ANALYSIS_CRITICAL_PATH_H
#define ANALYSIS_CRITICAL_PATH_H

#include "analysis/light_tree.h"

struct path_segment {
    uint32_t span;
    uint64_t start_ns, end_ns;
};

struct critical_path {
    struct path_segment *segments; /* without gap from the root's start to its end */
    uint32_t segment_count;
    uint64_t *span_ns; /* of each span: how long it was on the path */
};

/* Of the tree's root. Memory from the arena; ERR_TOO_LARGE when it is full. */
int critical_path_find(const struct light_tree *tree, struct arena *arena,
                       struct critical_path *ret, struct err *err);

/* Of each span the time in which none of its children ran. ERR_TOO_LARGE. */
int self_time_find(const struct light_tree *tree, struct arena *arena, uint64_t **ret,
                   struct err *err);

#endif
