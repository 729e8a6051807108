/* spansets.h - a TraceQL pipeline over one trace after the other: what search and structural metrics share. */
#ifndef QUERY_SPANSETS_H
#define QUERY_SPANSETS_H

#include "engine/spansets.h"
#include "query/run.h"

/* One trace while its pipeline runs. rows: by (start, span id), without repetitions. */
struct trace_view {
    struct trace_id id;
    struct trace_rows rows;
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

/* A code other than 0 ends the walk and is returned. The view is gone after the call. */
typedef int spansets_fn(struct run *r, const struct trace_view *view, const struct view_sets *sets,
                        void *user, struct err *err);

/* Calls fn for every trace of which the pipeline keeps a set, with a matching span in [start_ns, end_ns], newest groups
 * first. stop_before_ns, when not NULL, is looked at before each group: groups whose spans all start before *stop_before_ns
 * are left out (a search that is full). */
int spansets_each(struct run *r, const struct pipeline *pipeline, uint32_t filter_count,
                  uint64_t start_ns, uint64_t end_ns, const uint64_t *stop_before_ns,
                  spansets_fn *fn, void *user, struct err *err);

#endif
