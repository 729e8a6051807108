/* sampler_probability.c - consistent probability sampling: randomness at least the threshold.
 *
 * Specification: trace/sdk.md, "ProbabilitySampler". */
#define CAIRN_NO_INLINE
#include "sdk/sampler.h"
#include "tracer/provider.h"

struct probability_sampler {
    cairn_sampler base;
    uint64_t threshold;
};

static void ask(cairn_sampler *s, const struct cairn_sampling_params *params,
                struct cairn_sampling_result *result)
{
    const struct probability_sampler *self = (const struct probability_sampler *)s;
    const struct cairn_span_context *parent = params->parent;
    struct str state = parent ? str_in(parent->trace_state) : (struct str){NULL, 0};
    uint64_t randomness;
    struct ot_entry ot;
    bool sampled;
    ot_parse(ot_find(state), &ot);
    randomness = ot.randomness;
    if (randomness == OT_ABSENT) {
        randomness = ot_randomness_of(params->trace_id);
        if (cairn_span_context_is_valid(parent) && !(parent->flags & CAIRN_FLAG_RANDOM))
            sampler_tell(SAMPLER_TOLD_RANDOM);
    }
    sampled = randomness >= self->threshold;
    result->decision = sampled ? CAIRN_RECORD_AND_SAMPLE : CAIRN_DROP;
    /* A threshold that the parent was sampled with says nothing of a span that is not. */
    result->trace_state = sampler_trace_state(state, &ot, sampled ? self->threshold : OT_ABSENT);
}

cairn_sampler *cairn_sampler_probability(double ratio)
{
    struct probability_sampler *s;
    if (!(ratio > 0))
        return cairn_sampler_always_off();
    s = sampler_new_asked(sizeof *s, ask);
    if (!s)
        return NULL;
    ratio = ratio < 1 ? ratio > 0x1p-56 ? ratio : 0x1p-56 : 1;
    s->threshold = ot_threshold_of(ratio, OT_DIGITS_DEFAULT);
    s->base.description = sampler_describe_number("ProbabilitySampler", ratio);
    return &s->base;
}
