/* naive.h - TraceQL pipelines over plain arrays of spans, written down as they are defined: quadratic and obvious. */
#ifndef TESTS_QUERY_NAIVE_H
#define TESTS_QUERY_NAIVE_H

#include "traceql/traceql.h"

enum { NAIVE_SPANS_MAX = 128, NAIVE_ATTRS_MAX = 8 };

/* One trace: its spans by start, each once. */
struct naive_trace {
    const struct span *spans;
    uint32_t count;
    uint32_t parents[NAIVE_SPANS_MAX]; /* filled by naive_run */
};

struct naive_set {
    bool has[NAIVE_SPANS_MAX];
    struct attr attrs[NAIVE_ATTRS_MAX];
    uint32_t attr_count;
};

struct naive_sets {
    struct naive_set *items;
    uint32_t count;
};

uint32_t naive_size(const struct naive_set *s);
/* What the pipeline keeps of the trace; in the arena. */
struct naive_sets naive_run(struct naive_trace *t, const struct pipeline *p, struct arena *a);

#endif
