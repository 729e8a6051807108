/* trace_tree.h - who is whose parent in one trace.
 *
 * A span's parent is the first row (by start) with the id that it names, but never itself: a client and its server may
 * share an id. A span whose parent is missing is the top of a tree of its own. Spans that are their own ancestors, and all
 * below these, are connected to nothing. Everything is linear in the number of spans; nothing recurs by the data's depth. */
#ifndef QUERY_TRACE_TREE_H
#define QUERY_TRACE_TREE_H

#include "query/run.h"
#include "traceql/traceql.h"

#define TREE_NONE UINT32_MAX

/* The parents of all rows into parents[rows->count]; TREE_NONE when there is none. Memory from arena.
 * ERR_TOO_LARGE when it is full. */
int tree_parents(struct run *r, const struct trace_rows *rows, struct arena *arena,
                 uint32_t *parents, struct err *err);

/* By row. */
struct trace_tree {
    uint32_t count;
    const uint32_t *parent;
    const uint32_t *child_count;
    /* Places in a walk that visits each span before its children: a span's descendants are those from its place + 1 to
     * `last`. TREE_NONE: connected to nothing. */
    const uint32_t *place, *last;
    const uint32_t *at_place; /* the row of each place */
    /* The nested set, of trees whose top is a root; 0 elsewhere. */
    const int32_t *left, *right;
    /* for tree_related, clean between calls */
    uint64_t *marks;
    uint32_t *tally;
};

int tree_make(struct run *r, const struct trace_rows *rows, struct arena *arena,
              struct trace_tree *ret, struct err *err);

struct tree_facts tree_facts_of(const struct trace_tree *t, uint32_t row);

/* Rows, ascending. */
struct row_list {
    uint32_t *rows;
    uint32_t count;
};

/* Those of `right` that stand in the relation to one of `left`; kept = false: the others. ret->rows in arena. */
int tree_related(struct run *r, struct trace_tree *t, enum relation relation,
                 const struct row_list *left, const struct row_list *right, bool kept,
                 struct arena *arena, struct row_list *ret, struct err *err);

#endif
