/* sampler_rate.h - a rate limiter without a lock: one number says up to when the budget is used up. */
#ifndef SDK_SAMPLER_RATE_H
#define SDK_SAMPLER_RATE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct rate_limiter {
    int64_t interval_ns;           /* one span costs it; 0 = no span at all */
    int64_t burst_ns;              /* what may be saved up */
    _Atomic int64_t used_until_ns; /* monotonic; before the clock's start when the burst is long */
};

/* Begins with a full budget of a second's worth, at least one span. */
void rate_limiter_init(struct rate_limiter *l, double per_second, uint64_t now_ns);

/* Takes one span's worth when it is there. now_ns is monotonic. */
static inline bool rate_limiter_take(struct rate_limiter *l, uint64_t now_ns)
{
    int64_t used = atomic_load_explicit(&l->used_until_ns, memory_order_relaxed), from;
    int64_t now = (int64_t)now_ns;
    if (l->interval_ns == 0)
        return false;
    do {
        from = used + l->burst_ns < now ? now - l->burst_ns : used;
        if (from + l->interval_ns > now)
            return false;
    } while (!atomic_compare_exchange_weak_explicit(&l->used_until_ns, &used, from + l->interval_ns,
                                                    memory_order_relaxed, memory_order_relaxed));
    return true;
}

#endif
