/* spanset_stages.h - the inside of a running pipeline, shared by spansets*.c and spanset_stages.c only. */
#ifndef QUERY_SPANSET_STAGES_H
#define QUERY_SPANSET_STAGES_H

#include "query/view.h"

/* An expression of by() or an aggregate: what is needed of it again and again. */
struct known_expr {
    const struct expr *expr;
    struct str key; /* how the answer names it */
    struct view_needs needs;
};

struct spansets {
    struct run *run;
    const struct pipeline *pipeline;
    struct spanset_filters *filters;
    const struct trace_view *view; /* the trace at hand */
    struct known_expr *known;
    size_t known_count, known_cap;
};

/* spanset_stages.c: in *sets the sets before, then those after. */
int by_stage(struct spansets *s, const struct expr *e, struct view_sets *sets, struct err *err);
int scalar_stage(struct spansets *s, const struct expr *e, struct view_sets *sets, struct err *err);

#endif
