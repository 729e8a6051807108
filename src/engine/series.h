/* series.h - the engine's answer to a TraceQL metrics query: one row of numbers for each set of labels. */
#ifndef ENGINE_SERIES_H
#define ENGINE_SERIES_H

#include "engine/engine.h"
#include "traceql/traceql.h"

enum { SERIES_BUCKETS_MAX = 11000 };

struct series_query {
    const struct traceql *query; /* a metrics query */
    /* Bucket i counts spans that start in (start_ns + i * step_ns, start_ns + (i + 1) * step_ns]; its time is its end. */
    uint64_t start_ns, end_ns;
    uint64_t step_ns;       /* end - start for one number */
    uint32_t exemplars_max; /* in all */
    uint32_t series_max;    /* more are cut off (truncated) */
};

struct exemplar {
    struct trace_id trace_id;
    struct span_id span_id;
    uint64_t time_ns;
    double value;
};

struct series {
    struct attr *labels; /* VALUE_EMPTY: spans without the attribute */
    uint32_t label_count;
    double *values; /* of each bucket; NaN = nothing there */
    struct exemplar *exemplars;
    uint32_t exemplar_count;
};

struct series_list {
    struct series *items; /* by labels */
    size_t count;
    uint32_t bucket_count;
    bool truncated;
};

/* Labels are by()'s keys as traceql_print_field has them, kinds and statuses as text; VALUE_EMPTY for spans without a value.
 * Without by(): __name__, the function. quantile_over_time adds p, histogram_over_time __bucket: the least power of two that is
 * not below the number (of nanoseconds; told in seconds). Durations are seconds in every function.
 * rate, count_over_time and histogram_over_time have 0 in buckets without spans, others NaN; a series without any span is not
 * there. Quantiles are within 0.8 %; of numbers that are no durations, those below 0.0001 within 0.000001, and those
 * above 1.7e13 count as that. (Tempo's come
 * from buckets that are powers of two.) compare() has the attributes of span and resource and the span's name, kind, status
 * and message; of a key with more than 4096 values those met first are told apart.
 * ERR_INVALID: no metrics query, or a range with more than SERIES_BUCKETS_MAX buckets. Spans that were sent twice count
 * twice until a merge folds them. */
int engine_series(struct engine *engine, struct engine_query *q, const struct series_query *query,
                  struct series_list *ret, struct err *err);

/* How often, how well and how long: one line for each operation of a service. */
struct operation_stats {
    struct str service, name;
    enum span_kind kind;
    uint64_t span_count, error_count;
    uint64_t duration_sum_ns, duration_max_ns;
    uint64_t p50_ns, p75_ns, p90_ns, p95_ns, p99_ns; /* within 1 % */
};

struct operation_stats_list {
    struct operation_stats *items; /* by service, name, kind */
    size_t count;
};

/* Of spans that start in the range; of one service, or of all when service is empty. */
int engine_operation_stats(struct engine *engine, struct engine_query *q, struct str service,
                           uint64_t start_ns, uint64_t end_ns, struct operation_stats_list *ret,
                           struct err *err);

#endif
