/* spanset_filters.h - the conditions of a pipeline, over groups and over the spans of a trace.
 *
 * What a condition asks of a span alone is a filter (filter.h), answered for rows of a group at once and remembered: the
 * rows of a trace stand together, and traces that stand together ask for the same groups. What it asks of the whole trace
 * is answered span by span with the trace's view. */
#ifndef QUERY_SPANSET_FILTERS_H
#define QUERY_SPANSET_FILTERS_H

#include "query/view.h"

struct spanset_filters;

int spanset_filters_make(struct run *r, const struct pipeline *pipeline, uint32_t count,
                         struct spanset_filters **ret, struct err *err);

/* ---- Finding traces ---- */

/* Can the group have a span that is in the pipeline's answer? False only when surely not. */
int spanset_filters_possible(struct spanset_filters *f, const struct run_group *group, bool *ret,
                             struct err *err);
/* The rows of `in` that may be in the answer: all others surely are not. */
int spanset_filters_candidates(struct spanset_filters *f, uint32_t source, uint32_t group,
                               const struct bits *in, struct bits *ret, struct err *err);
/* Has a trace with these rows all that the pipeline's first stage needs? False only when surely not. */
int spanset_filters_may_hold(struct spanset_filters *f, const struct row_refs *refs, bool *ret,
                             struct err *err);

/* ---- The spans of a trace ---- */

/* To be called for each trace, after r->rows was reset. */
int spanset_filters_begin(struct spanset_filters *f, const struct trace_view *view,
                          struct err *err);
/* Of the filter's number: a bit for each of the view's rows. Good until the next begin. */
int spanset_filters_rows(struct spanset_filters *f, uint32_t number, const uint64_t **ret,
                         struct err *err);

#endif
