/* spansets.h - a TraceQL pipeline over one trace after the other: what search and structural metrics share. */
#ifndef QUERY_SPANSETS_H
#define QUERY_SPANSETS_H

#include "engine/spansets.h"
#include "query/filter.h"
#include "query/run.h"

/* One trace while its pipeline runs. rows: by (start, span id), without repetitions. In r->rows, like all that hangs on it. */
struct trace_view {
    struct trace_id id;
    struct trace_rows rows;
    struct view_lazy *lazy; /* what is made when first needed */
};

/* Spans of the trace, as indexes of rows, ascending. */
struct view_set {
    uint32_t *rows;
    uint32_t count;
    struct attr *attrs; /* of by() and aggregates */
    uint32_t attr_count;
};

struct view_sets {
    struct view_set *items;
    uint32_t count;
};

/* ---- Values (view.c) ---- */

/* What a field expression looks at. */
struct view_needs {
    struct leaf_needs span;
    bool tree, facts;
};
void view_needs_of(const struct expr *e, struct view_needs *ret);

/* The row's span as far as it is needed, with what the whole trace says of it. Strings and lists are good until the next
 * call, like r->scratch, which is reset. */
int view_span(struct run *r, const struct trace_view *view, uint32_t row,
              const struct view_needs *needs, struct span *span, struct span_view *ret,
              struct err *err);
/* The value of an expression; VALUE_EMPTY when there is none. Lives as long as view_span's. */
int view_value(struct run *r, const struct trace_view *view, uint32_t row, const struct expr *e,
               const struct view_needs *needs, struct value *ret, struct err *err);

/* Who is whose parent. */
struct trace_tree;
int view_tree(struct run *r, const struct trace_view *view, struct trace_tree **ret,
              struct err *err);

/* ---- Traces ---- */

/* A pipeline being run. Memory from r->own_tables. */
struct spansets;

/* ERR_INVALID when the query is no search pipeline; ERR_TOO_LARGE when it has too many conditions. */
int spansets_make(struct run *r, const struct pipeline *pipeline, uint32_t filter_count,
                  struct spansets **ret, struct err *err);
/* Runs it over one trace. No sets: it has none, or its rows cannot be read. Good until the next call. */
int spansets_trace(struct spansets *s, struct trace_id id, struct trace_view *view,
                   struct view_sets *sets, struct err *err);

/* All rows of the trace's sets, each once, ascending; in r->rows. */
struct row_list;
int spansets_union(struct spansets *s, const struct view_sets *sets, struct row_list *ret,
                   struct err *err);

/* A code other than 0 ends the walk and is returned. The view is gone after the call. */
typedef int spansets_fn(struct run *r, const struct trace_view *view, const struct view_sets *sets,
                        void *user, struct err *err);

/* The traces of which the pipeline keeps a set with a span that starts in [start_ns, end_ns]; each once. */
struct spansets_walk {
    uint64_t start_ns, end_ns;
    /* Looked at again and again, when not NULL: traces that start before *stop_before_ns may be left out (a search that is
     * full). */
    const uint64_t *stop_before_ns;
    spansets_fn *fn;
    void *user;
};

/* Newest groups first. */
int spansets_walk(struct spansets *s, const struct spansets_walk *walk, struct err *err);

/* All of it in one call. */
int spansets_each(struct run *r, const struct pipeline *pipeline, uint32_t filter_count,
                  uint64_t start_ns, uint64_t end_ns, const uint64_t *stop_before_ns,
                  spansets_fn *fn, void *user, struct err *err);

#endif
