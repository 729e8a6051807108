/* sampler_ask.h - asking a sampler about a span that a table describes. */
#ifndef SAMPLER_ASK_H
#define SAMPLER_ASK_H

#include "sdk_test.h"

struct question {
    uint64_t low;                /* low 8 bytes of the trace id */
    bool parent, remote, random; /* random: the parent's flag */
    bool sampled;                /* the parent's flag */
    const char *state;           /* the parent's trace state; NULL = none */
    const char *name;
    int32_t kind;
    const struct cairn_attrs *attributes;
};

struct answer {
    int32_t decision;
    char state[1100];
    size_t attribute_count;
    struct cairn_attr attributes[8];
};

static inline struct answer ask_of(cairn_sampler *s, const struct question *q)
{
    uint8_t id[16] = {1};
    struct cairn_span_context parent = {.trace_state = cairn_str_of(q->state)};
    struct cairn_sampling_params p = {.size = sizeof p,
                                      .parent_context = cairn_context_empty(),
                                      .trace_id = id,
                                      .parent = &parent,
                                      .name = cairn_str_of(q->name),
                                      .kind = q->kind ? q->kind : CAIRN_KIND_INTERNAL,
                                      .attributes = q->attributes};
    struct cairn_sampling_result r = {
        .size = sizeof r, .decision = CAIRN_DROP, .trace_state = parent.trace_state};
    struct answer a;
    for (int i = 0; i < 8; i++)
        id[8 + i] = (uint8_t)(q->low >> (56 - 8 * i));
    if (q->parent) {
        memcpy(parent.trace_id, id, sizeof id);
        parent.span_id[0] = 1;
        parent.is_remote = q->remote;
        parent.flags = (uint8_t)((q->sampled ? 1 : 0) | (q->random ? 2 : 0));
    }
    cairn_sampler_should_sample(s, &p, &r);
    memset(&a, 0, sizeof a);
    a.decision = r.decision;
    assert_true(r.trace_state.n < sizeof a.state);
    if (r.trace_state.n)
        memcpy(a.state, r.trace_state.p, r.trace_state.n);
    a.attribute_count = r.attribute_count;
    for (size_t i = 0; i < r.attribute_count && i < COUNT(a.attributes); i++)
        a.attributes[i] = r.attributes[i];
    return a;
}

/* Random enough, the same in every run. */
static inline uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

#endif
