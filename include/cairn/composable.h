/* composable.h - samplers that are put together: each says what it wants (an intent), one decision is made of it.
 *
 *     cairn_composable *tenth = cairn_composable_probability(0.1);
 *     struct cairn_sampling_rule rules[] = {
 *         {.size = sizeof *rules, .span_name = "GET /health", .composable = cairn_composable_always_off()},
 *         {.size = sizeof *rules, .composable = tenth},
 *     };
 *     cairn_composable *root = cairn_composable_rule_based(rules, 2);
 *     cairn_composable *all = cairn_composable_parent_threshold(root);
 *     cairn_sampler *sampler = cairn_sampler_composite(all);
 *
 * What is made of others keeps references to them, so each of them is given back after use with cairn_composable_unref.
 * A composable stands at most CAIRN_COMPOSABLE_DEPTH_MAX deep. Specification (in development): trace/sdk.md,
 * "CompositeSampler". */
#ifndef CAIRN_COMPOSABLE_H
#define CAIRN_COMPOSABLE_H

#include <cairn/attribute.h>
#include <cairn/common.h>
#include <cairn/sampler.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cairn_composable cairn_composable;

enum { CAIRN_COMPOSABLE_DEPTH_MAX = 32, CAIRN_INTENT_ATTRIBUTES_MAX = 8 };

/* A sampler of the composable (keeps a reference). It samples where the trace's randomness is at least the intent's
 * threshold, writes that threshold to the `ot` member of tracestate when the intent is reliable, and takes a threshold that
 * is there away in all other cases. Nothing else of the `ot` member changes. Owned: cairn_sampler_unref. */
CAIRN_EXPORT cairn_sampler *cairn_sampler_composite(cairn_composable *composable);

/* ---- Those that are there ---- */

/* Borrowed, live for ever (ref and unref do nothing to them). */
CAIRN_EXPORT cairn_composable *cairn_composable_always_on(void);
CAIRN_EXPORT cairn_composable *cairn_composable_always_off(void);

/* This share (2^-56 to 1), rounded to 4 significant hexadecimal digits; 0 and less give always off. Owned, as all that
 * follow: cairn_composable_unref. */
CAIRN_EXPORT cairn_composable *cairn_composable_probability(double ratio);

/* A span with a parent does as the parent did, with the parent's threshold where that is known and agrees with the
 * parent's sampled flag; one without asks root (NULL = always off). */
CAIRN_EXPORT cairn_composable *cairn_composable_parent_threshold(cairn_composable *root);

/* As delegate (NULL = always off), with attributes for the spans that are sampled. */
CAIRN_EXPORT cairn_composable *cairn_composable_annotating(const struct cairn_attrs *attributes,
                                                           cairn_composable *delegate);

/* ---- Rules ---- */

/* As bits of cairn_sampling_rule.kinds. */
#define CAIRN_RULE_KIND(kind) (1u << (kind))
/* Bits of cairn_sampling_rule.parents. */
enum { CAIRN_RULE_PARENT_NONE = 1, CAIRN_RULE_PARENT_REMOTE = 2, CAIRN_RULE_PARENT_LOCAL = 4 };

/* A function of the application that looks at a span about to start (params->trace_id is NULL). From any thread. */
typedef bool cairn_rule_fn(void *user, const struct cairn_sampling_params *params);

/* All conditions that are given must hold; a rule without any holds always. Patterns have `?` for one character and `*` for
 * any number of them. Attributes that are not strings count as their text (404, true, 0.5), of arrays one element
 * that matches is enough. Everything but user is copied. */
struct cairn_sampling_rule {
    size_t size;
    cairn_composable *composable; /* keeps a reference; NULL = always off */
    const char *span_name;        /* pattern; NULL = any */
    uint32_t kinds;               /* CAIRN_RULE_KIND(CAIRN_KIND_SERVER) | ...; 0 = any */
    uint32_t parents;             /* CAIRN_RULE_PARENT_...; 0 = any */
    /* The attribute of this key has one of these values. NULL = no condition. */
    const char *values_key;
    const char *const *values;
    size_t value_count;
    /* The attribute of this key matches one of `included` (none given: any value) and none of `excluded`. */
    const char *patterns_key;
    const char *const *included;
    size_t included_count;
    const char *const *excluded;
    size_t excluded_count;
    cairn_rule_fn *matches; /* NULL = no condition */
    void *user;
    void (*free_user)(
        void *user); /* when the rules are gone, also when making them fails; may be NULL */
};

/* What the first rule that holds says; not sampled when none does. All rules have the same size. */
CAIRN_EXPORT cairn_composable *cairn_composable_rule_based(const struct cairn_sampling_rule *rules,
                                                           size_t count);

/* ---- Your own ---- */

/* Attributes for a span that will be sampled; read before the next call on this thread. */
typedef struct cairn_attrs cairn_attributes_fn(void *user,
                                               const struct cairn_sampling_params *params);
/* The new span's trace state, made of the parent's; the same lifetime. Its `ot` member is not looked at. */
typedef cairn_str cairn_trace_state_fn(void *user, const struct cairn_sampling_params *params,
                                       int32_t decision);

/* What a composable wants. Comes in as: not sampled, nothing else. */
struct cairn_sampling_intent {
    size_t size;
    uint64_t threshold; /* 0 (all) to 2^56 - 1; CAIRN_NO_THRESHOLD: not sampled */
    bool
        reliable; /* 1 / probability of the threshold counts spans; else randomness is drawn anew */
    uint32_t attributes_count; /* set by cairn_intent_add_attributes */
    struct {
        cairn_attributes_fn *fn;
        void *user;
    } attributes[CAIRN_INTENT_ATTRIBUTES_MAX];
    cairn_trace_state_fn *trace_state; /* NULL: the parent's */
    void *trace_state_user;
};

/* Adds a provider of attributes, whose values win over those of earlier ones; those beyond the maximum are left out. */
CAIRN_EXPORT void cairn_intent_add_attributes(struct cairn_sampling_intent *intent,
                                              cairn_attributes_fn *fn, void *user);

/* params are those of the sampler without the trace id, with the parent's threshold. From any thread. */
struct cairn_composable_ops {
    size_t size;
    void (*get_intent)(void *user, const struct cairn_sampling_params *params,
                       struct cairn_sampling_intent *intent);
    void (*free_user)(void *user); /* may be NULL */
};
CAIRN_EXPORT cairn_composable *cairn_composable_custom(const char *description,
                                                       const struct cairn_composable_ops *ops,
                                                       void *user);

/* Asks any composable, for composables that stand on others; they must not change params. */
CAIRN_EXPORT void cairn_composable_get_intent(cairn_composable *composable,
                                              const struct cairn_sampling_params *params,
                                              struct cairn_sampling_intent *intent);

/* "ComposableProbability{0.25}", ... Lives as long as the composable. */
CAIRN_EXPORT const char *cairn_composable_description(const cairn_composable *composable);

CAIRN_EXPORT cairn_composable *cairn_composable_ref(cairn_composable *composable);
CAIRN_EXPORT void cairn_composable_unref(cairn_composable *composable);

#ifdef __cplusplus
}
#endif

#endif
