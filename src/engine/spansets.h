/* spansets.h - the engine's answer to a TraceQL search: traces, with the sets of spans that the query kept. */
#ifndef ENGINE_SPANSETS_H
#define ENGINE_SPANSETS_H

#include "engine/engine.h"
#include "traceql/traceql.h"

struct spansets_query {
    const struct traceql *query; /* a search */
    uint64_t start_ns,
        end_ns;             /* traces with a span that matches and starts in [start_ns, end_ns] */
    uint32_t limit;         /* traces; newest first */
    uint32_t spans_per_set; /* shown of each set; matched has them all */
};

struct spanset_span {
    struct span_id span_id;
    struct str name, service;
    uint64_t start_ns, duration_ns;
    /* Fields that conditions name and select() adds, by bare name: of attributes the key, of intrinsics "status",
     * "event:name", "nestedSetParent". Values keep their types: kinds, statuses and durations are VALUE_INT, ids
     * VALUE_BYTES. What trace and span have places for (names, times, their own ids) is not repeated. */
    struct attr *attrs;
    uint32_t attr_count;
};

struct spanset {
    struct spanset_span *spans; /* by start */
    uint32_t span_count, matched_count;
    struct attr *attrs; /* by() values and aggregates: "by(name)", "count()", "avg(duration)" */
    uint32_t attr_count;
};

struct spanset_trace {
    struct trace_summary summary; /* matched_count: spans in any set */
    struct spanset *sets;
    uint32_t set_count;
};

struct spanset_list {
    struct spanset_trace *items; /* newest start first */
    size_t count;
};

/* ERR_INVALID when the query is no search.
 *
 * Relations need only the spans between: a span whose parent is missing is the top of a tree of its own, with children
 * and descendants but without siblings; spans in a circle of parents are connected to nothing. Stages behind by() see
 * its sets one by one. Of by(), spans without the value are a set, too (VALUE_EMPTY). */
int engine_spansets(struct engine *engine, struct engine_query *q,
                    const struct spansets_query *query, struct spanset_list *ret, struct err *err);

#endif
