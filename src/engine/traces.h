/* traces.h - whole traces one after the other, each as a light tree: for analyses of many traces.
 *
 * A light span is what all questions of structure and time need, without attributes. */
#ifndef ENGINE_TRACES_H
#define ENGINE_TRACES_H

#include "engine/engine.h"
#include "traceql/traceql.h"

enum { NO_PARENT = UINT32_MAX };

struct light_span {
    struct span_id span_id, parent_span_id;
    uint64_t start_ns, duration_ns;
    struct str service,
        name;        /* the same pointer is the same string, within one call of engine_traces */
    uint32_t parent; /* index in the trace; NO_PARENT for roots and spans whose parent is missing */
    uint8_t kind, status;
};

struct light_trace {
    struct trace_id trace_id;
    const struct light_span *spans; /* by start, then id; identical re-sent spans folded */
    uint32_t span_count;
};

/* A code other than 0 ends the walk and is returned. The trace is gone after the call. */
typedef int engine_traces_fn(const struct light_trace *trace, void *user, struct err *err);

struct traces_query {
    const struct traceql *query; /* a search; NULL = every trace */
    uint64_t start_ns,
        end_ns;     /* traces with a span that matches and starts in [start_ns, end_ns] */
    uint32_t limit; /* traces */
};

/* Calls fn for the traces that the search finds, up to the limit, newest groups first (not exactly by start). ERR_INVALID when
 * the query is no search. */
int engine_traces(struct engine *engine, struct engine_query *q, const struct traces_query *query,
                  engine_traces_fn *fn, void *user, struct err *err);
/* One trace; ERR_NOT_FOUND. */
int engine_light_trace(struct engine *engine, struct engine_query *q, struct trace_id id,
                       engine_traces_fn *fn, void *user, struct err *err);

#endif
