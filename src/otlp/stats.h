/* stats.h - the counters behind cairn_otlp_get_stats: of all exporters of the process, lock-free. */
#ifndef OTLP_STATS_H
#define OTLP_STATS_H

#include <stdint.h>

/* In the order of struct cairn_otlp_stats. */
enum otlp_counter {
    STATS_REQUESTS,
    STATS_RETRIED,
    STATS_REJECTED_SPANS,
    STATS_FAILED_BATCHES,
    STATS_TOO_LARGE,
    STATS_COUNT,
};

void stats_add(enum otlp_counter counter, uint64_t n);

#endif
