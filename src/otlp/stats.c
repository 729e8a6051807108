/* stats.c - see stats.h. */
#define CAIRN_NO_INLINE
#include "otlp/stats.h"

#include <cairn/otlp.h>

#include <stdatomic.h>
#include <string.h>

_Static_assert(sizeof(struct cairn_otlp_stats) == sizeof(size_t) + STATS_COUNT * sizeof(uint64_t),
               "a counter for each member");

static _Atomic uint64_t counters[STATS_COUNT];

void stats_add(enum otlp_counter counter, uint64_t n)
{
    atomic_fetch_add_explicit(&counters[counter], n, memory_order_relaxed);
}

static uint64_t value_of(enum otlp_counter counter)
{
    return atomic_load_explicit(&counters[counter], memory_order_relaxed);
}

void cairn_otlp_get_stats(struct cairn_otlp_stats *ret)
{
    struct cairn_otlp_stats s;
    if (!ret)
        return;
    s = (struct cairn_otlp_stats){
        .size = ret->size,
        .requests = value_of(STATS_REQUESTS),
        .retried = value_of(STATS_RETRIED),
        .rejected_spans = value_of(STATS_REJECTED_SPANS),
        .failed_batches = value_of(STATS_FAILED_BATCHES),
        .too_large = value_of(STATS_TOO_LARGE),
    };
    memcpy(ret, &s, s.size < sizeof s ? s.size : sizeof s);
}
