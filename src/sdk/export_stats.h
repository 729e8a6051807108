/* export_stats.h - what an exporter has done so far, by outcome. Written by exporting threads, read by anybody. */
#ifndef SDK_EXPORT_STATS_H
#define SDK_EXPORT_STATS_H

#include <cairn/export.h>

#include <stdatomic.h>

enum { DURATION_BOUNDS = 14, OUTCOMES_MAX = 12, ERROR_TYPE_BYTES = 48 };

/* Upper bounds of the duration's buckets, in seconds. */
extern const double duration_bounds[DURATION_BOUNDS];

/* One kind of end of an export: its error.type (empty: none) and status code. */
struct outcome {
    _Atomic int state; /* enum outcome_state */
    char error_type[ERROR_TYPE_BYTES];
    int32_t http_status; /* 0 = none */
    _Atomic uint64_t spans, operations, sum_ns;
    _Atomic uint64_t buckets[DURATION_BOUNDS + 1]; /* of operations */
};

enum outcome_state { OUTCOME_FREE, OUTCOME_CLAIMED, OUTCOME_READY };

struct export_stats {
    _Atomic int64_t inflight;
    /* The last one takes what finds no other. */
    struct outcome outcomes[OUTCOMES_MAX];
};

/* Counts one export of `spans` spans that answered status and took ns. report: what the exporter told, complete. */
void export_stats_add(struct export_stats *stats, cairn_status status, size_t spans, uint64_t ns,
                      const struct cairn_export_report *report);

#endif
