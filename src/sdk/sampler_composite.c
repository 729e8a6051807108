/* sampler_composite.c - one decision made of what a composable wants.
 *
 * Specification: trace/sdk.md, "CompositeSampler"; the rules of consistency are those of
 * trace/tracestate-probability-sampling.md, "General requirements". */
#define CAIRN_NO_INLINE
#include "base/random.h"
#include "sdk/sampler.h"
#include "sdk/sampler_composable.h"
#include "tracer/provider.h"
#include "tracer/thread.h"

#include <stdio.h>

struct composite {
    cairn_sampler base;
    cairn_composable *composable;
};

static uint64_t fresh_randomness(void)
{
    struct thread *t = thread_self();
    return (t ? id_rng_next(&t->rng) : random_u64()) >> 8;
}

/* The parent's threshold, unless the sampled flag shows that it is not what the parent was sampled by. */
static uint64_t threshold_of_parent(const struct cairn_span_context *parent,
                                    const struct ot_entry *ot, uint64_t randomness)
{
    bool sampled, within;
    if (!cairn_span_context_is_valid(parent) || ot->threshold == OT_ABSENT)
        return CAIRN_NO_THRESHOLD;
    sampled = parent->flags & CAIRN_FLAG_SAMPLED;
    within = randomness >= ot->threshold;
    return sampled == within ? ot->threshold : CAIRN_NO_THRESHOLD;
}

static void collect_attributes(const struct cairn_sampling_intent *intent,
                               const struct cairn_sampling_params *params,
                               struct cairn_sampling_result *result)
{
    struct cairn_attrs got[CAIRN_INTENT_ATTRIBUTES_MAX];
    struct cairn_attr *all;
    size_t count = 0, n = intent->attributes_count, at = 0;
    n = n < CAIRN_INTENT_ATTRIBUTES_MAX ? n : CAIRN_INTENT_ATTRIBUTES_MAX;
    for (size_t i = 0; i < n; i++) {
        got[i] = intent->attributes[i].fn(intent->attributes[i].user, params);
        if (!got[i].items || got[i].count > SAMPLER_ATTRIBUTES_MAX - count)
            got[i].count = 0;
        count += got[i].count;
        if (got[i].count)
            result->attributes = got[i].items; /* enough when there is only one */
    }
    result->attribute_count = count;
    if (n < 2 || count == 0)
        return;
    all = sampler_attributes();
    if (!all) {
        result->attribute_count = 0;
        return;
    }
    for (size_t i = 0; i < n; i++) {
        if (got[i].count)
            memmove(all + at, got[i].items, got[i].count * sizeof *all);
        at += got[i].count;
    }
    result->attributes = all;
}

static void ask(cairn_sampler *s, const struct cairn_sampling_params *params,
                struct cairn_sampling_result *result)
{
    struct cairn_sampling_intent intent = {.size = sizeof intent, .threshold = CAIRN_NO_THRESHOLD};
    struct cairn_sampling_params p;
    struct str state;
    struct ot_entry ot;
    uint64_t randomness, threshold = OT_ABSENT;
    options_copy(&p, sizeof p, params);
    state = p.parent ? str_in(p.parent->trace_state) : (struct str){NULL, 0};
    ot_parse(ot_find(state), &ot);
    randomness = ot.randomness == OT_ABSENT ? ot_randomness_of(params->trace_id) : ot.randomness;
    p.size = sizeof p;
    p.trace_id = NULL;
    p.parent_threshold = threshold_of_parent(p.parent, &ot, randomness);
    cairn_composable_get_intent(((struct composite *)s)->composable, &p, &intent);

    result->decision = CAIRN_DROP;
    if (intent.threshold < OT_RANGE) {
        if (!intent.reliable)
            randomness = fresh_randomness();
        if (randomness >= intent.threshold)
            result->decision = CAIRN_RECORD_AND_SAMPLE;
    }
    if (intent.trace_state)
        state = str_in(intent.trace_state(intent.trace_state_user, &p, result->decision));
    if (result->decision == CAIRN_RECORD_AND_SAMPLE) {
        collect_attributes(&intent, &p, result);
        if (intent.reliable)
            threshold = intent.threshold;
    }
    result->trace_state = sampler_trace_state(state, &ot, threshold);
}

static void release(cairn_sampler *s)
{
    cairn_composable_unref(((struct composite *)s)->composable);
}

cairn_sampler *cairn_sampler_composite(cairn_composable *composable)
{
    struct composite *s = composable ? sampler_new_asked(sizeof *s, ask) : NULL;
    if (!s)
        return NULL;
    s->composable = cairn_composable_ref(composable);
    s->base.calls_out = composable->calls_out;
    s->base.release = release;
    if (asprintf(&s->base.description, "CompositeSampler{%s}",
                 cairn_composable_description(composable)) < 0)
        s->base.description = NULL;
    return &s->base;
}
