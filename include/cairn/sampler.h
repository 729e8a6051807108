/* sampler.h - which traces are recorded.
 *
 * Specification: trace/sdk.md, "Sampling". */
#ifndef CAIRN_SAMPLER_H
#define CAIRN_SAMPLER_H

#include <cairn/attribute.h>
#include <cairn/common.h>
#include <cairn/context.h>
#include <cairn/trace.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cairn_sampler cairn_sampler;

/* Borrowed, live for ever (ref and unref do nothing to them). */
CAIRN_EXPORT cairn_sampler *cairn_sampler_always_on(void);
CAIRN_EXPORT cairn_sampler *cairn_sampler_always_off(void);

/* Samples this share (0 to 1; beyond is cut) of the traces by their id, as the Go and Rust SDKs decide: the low
 * 8 bytes of the id, big-endian, halved, below ratio * 2^63. Owned: cairn_sampler_unref. */
CAIRN_EXPORT cairn_sampler *cairn_sampler_ratio(double ratio);

/* A span with a parent does as the parent did, one without asks `root` (NULL = always on). Keeps a reference.
 * Owned. */
CAIRN_EXPORT cairn_sampler *cairn_sampler_parent_based(cairn_sampler *root);

/* The same, with a sampler for each kind of parent; NULL members mean always on where the parent was sampled, always
 * off where it was not. */
struct cairn_parent_based_options {
    size_t size;
    cairn_sampler *root;
    cairn_sampler *remote_sampled, *remote_not_sampled;
    cairn_sampler *local_sampled, *local_not_sampled;
};
CAIRN_EXPORT cairn_sampler *
cairn_sampler_parent_based_with(const struct cairn_parent_based_options *options);

enum { CAIRN_DROP = 0, CAIRN_RECORD_ONLY = 1, CAIRN_RECORD_AND_SAMPLE = 2 };

/* What a sampler sees; all borrowed for the call. */
struct cairn_sampling_params {
    size_t size;
    cairn_context *parent_context;
    const struct cairn_span_context *parent; /* all zero when there is none */
    const uint8_t *trace_id;                 /* 16 bytes */
    cairn_str name;
    int32_t kind;
    const struct cairn_attrs *attributes; /* NULL = none */
    const struct cairn_link *links;
    size_t link_count;
};

/* What it answers. Comes in as DROP, no attributes, the parent's trace state. */
struct cairn_sampling_result {
    size_t size;
    int32_t decision;
    const struct cairn_attr
        *attributes; /* added to the span; read before the next call on this thread */
    size_t attribute_count;
    cairn_str trace_state; /* of the new span; empty clears it */
};

/* A sampler of your own. should_sample is called from any thread. */
struct cairn_sampler_ops {
    size_t size;
    void (*should_sample)(void *user, const struct cairn_sampling_params *params,
                          struct cairn_sampling_result *result);
    void (*free_user)(void *user); /* may be NULL */
};
CAIRN_EXPORT cairn_sampler *cairn_sampler_custom(const char *description,
                                                 const struct cairn_sampler_ops *ops, void *user);

/* "AlwaysOnSampler", "TraceIdRatioBased{0.25}", ... Lives as long as the sampler. */
CAIRN_EXPORT const char *cairn_sampler_description(const cairn_sampler *sampler);

/* Asks any sampler, for samplers that stand on others. */
CAIRN_EXPORT void cairn_sampler_should_sample(cairn_sampler *sampler,
                                              const struct cairn_sampling_params *params,
                                              struct cairn_sampling_result *result);

CAIRN_EXPORT cairn_sampler *cairn_sampler_ref(cairn_sampler *sampler);
CAIRN_EXPORT void cairn_sampler_unref(cairn_sampler *sampler);

#ifdef __cplusplus
}
#endif

#endif
