/* sampler.c - a sampler of our own: it looks at an attribute that the span is started with, and asks another sampler
 * about all it has no opinion on. */
#include "orders.h"

#include <string.h>

static bool is_high(const struct cairn_sampling_params *params)
{
    const struct cairn_attrs *attributes = params->attributes;
    for (size_t i = 0; attributes && i < attributes->count; i++) {
        const struct cairn_attr *a = &attributes->items[i];
        if (a->key.n == strlen(ORDER_PRIORITY) && memcmp(a->key.p, ORDER_PRIORITY, a->key.n) == 0 &&
            a->value.type == CAIRN_TYPE_STRING)
            return a->value.as.string.n == 4 && memcmp(a->value.as.string.p, "high", 4) == 0;
    }
    return false;
}

static void should_sample(void *user, const struct cairn_sampling_params *params,
                          struct cairn_sampling_result *result)
{
    /* read by the caller after this returns; asked from any thread, so each has one of its own */
    static _Thread_local struct cairn_attr reason;
    bool high = is_high(params);
    if (high)
        result->decision = CAIRN_RECORD_AND_SAMPLE;
    else
        cairn_sampler_should_sample(user, params, result);
    reason = CAIRN_STR("sampling.reason", high ? "priority" : "share");
    result->attributes = &reason;
    result->attribute_count = 1;
}

static void free_user(void *user)
{
    cairn_sampler_unref(user);
}

/* Children do as their parent did: the decision is the trace's, not the span's. */
cairn_sampler *priority_sampler(double ratio)
{
    static const struct cairn_sampler_ops ops = {
        .size = sizeof ops, .should_sample = should_sample, .free_user = free_user};
    cairn_sampler *priority =
        cairn_sampler_custom("PrioritySampler", &ops, cairn_sampler_ratio(ratio));
    cairn_sampler *whole = cairn_sampler_parent_based(priority);
    cairn_sampler_unref(priority);
    return whole;
}
