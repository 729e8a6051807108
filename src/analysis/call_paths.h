/* call_paths.h - many traces merged into one tree of call paths: how often, how long, and how much of the wait is whose.
 *
 * A path is the chain of operations (service, name, kind) from a top down. Traces are added one by one; memory is the
 * caller's arena and bounded by the number of paths: what comes beyond is counted, not kept. */
#ifndef ANALYSIS_CALL_PATHS_H
#define ANALYSIS_CALL_PATHS_H

#include "base/sketch.h"
#include "engine/traces.h"

enum { CALL_PATHS_MAX = 20000 };

struct call_path {
    uint32_t parent; /* a smaller index; NO_PARENT for tops */
    uint32_t depth;
    struct str service, name;
    uint8_t kind;
    uint64_t span_count, error_count;
    uint64_t trace_count; /* traces that have it */
    uint64_t total_ns, self_ns, critical_ns;
    struct sketch durations; /* ns */
    uint64_t last_trace;     /* number of the last trace that was counted */
};

struct call_paths {
    struct arena *arena; /* of the tree */
    struct arena scratch;
    struct call_path *items;
    uint32_t count;
    size_t cap;
    uint32_t *slots; /* hash table: index + 1 */
    uint32_t slot_mask;
    uint64_t trace_count, span_count;
    uint64_t duration_ns;   /* of the traces' roots, summed: what critical_ns is a share of */
    uint64_t dropped_spans; /* on paths beyond CALL_PATHS_MAX */
};

/* arena outlives the tree; scratch_bytes_max bounds what one trace may take. */
void call_paths_init(struct call_paths *p, struct arena *arena, size_t scratch_bytes_max);
void call_paths_release(struct call_paths *p);

/* An engine_traces_fn; user is the struct call_paths. ERR_TOO_LARGE when memory is over. */
int call_paths_add(const struct light_trace *trace, void *user, struct err *err);

/* All paths that end in one operation. */
struct call_path_operation {
    struct str service, name;
    uint8_t kind;
    uint64_t span_count, error_count, total_ns, self_ns, critical_ns;
};

/* By critical time, longest first. False when the arena is full. */
bool call_paths_by_operation(const struct call_paths *p, struct arena *arena,
                             const struct call_path_operation **ret, uint32_t *count);

/* The same path in two trees, and what differs. */
struct path_difference {
    uint32_t a, b;               /* indexes, NO_PARENT where it is missing */
    double a_count, b_count;     /* spans per trace */
    double a_self_ns, b_self_ns; /* per trace */
    double a_critical_ns, b_critical_ns;
    double effect_ns; /* what the path's own time adds to b's traces on average: b_self - a_self */
};

struct path_differences {
    struct path_difference *items; /* largest effect first, by its absolute value */
    uint32_t count;
};

int call_paths_compare(const struct call_paths *a, const struct call_paths *b, struct arena *arena,
                       struct path_differences *ret, struct err *err);

#endif
