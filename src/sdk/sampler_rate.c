/* sampler_rate.c - so many spans a second. */
#define CAIRN_NO_INLINE
#include "sdk/sampler_rate.h"

#include "base/clock.h"
#include "sdk/sampler.h"

enum { NS = 1000000000 };

/* Beyond these a limit means none, or nothing in a lifetime. */
static const double rate_max = 1e9, rate_min = 1e-8;

void rate_limiter_init(struct rate_limiter *l, double per_second, uint64_t now_ns)
{
    l->interval_ns = l->burst_ns = 0;
    if (per_second > 0) {
        per_second =
            per_second < rate_max ? per_second > rate_min ? per_second : rate_min : rate_max;
        l->interval_ns = (int64_t)(NS / per_second);
        l->burst_ns = l->interval_ns > NS ? l->interval_ns : NS;
    }
    atomic_init(&l->used_until_ns, (int64_t)now_ns - l->burst_ns);
}

struct rate_sampler {
    cairn_sampler base;
    struct rate_limiter limiter;
};

static void ask(cairn_sampler *s, const struct cairn_sampling_params *params,
                struct cairn_sampling_result *result)
{
    (void)params;
    result->decision = rate_limiter_take(&((struct rate_sampler *)s)->limiter, clock_monotonic_ns())
                           ? CAIRN_RECORD_AND_SAMPLE
                           : CAIRN_DROP;
}

cairn_sampler *cairn_sampler_rate_limiting(double per_second)
{
    struct rate_sampler *s = sampler_new_asked(sizeof *s, ask);
    if (!s)
        return NULL;
    rate_limiter_init(&s->limiter, per_second, clock_monotonic_ns());
    s->base.description =
        sampler_describe_number("RateLimitingSampler", per_second > 0 ? per_second : 0);
    return &s->base;
}
