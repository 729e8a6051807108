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

/* TraceIdRatioBased: samples this share (0 to 1; beyond is cut) of the traces by their id, as the Go and Rust SDKs decide:
 * the low 8 bytes of the id, big-endian, halved, below ratio * 2^63. For root spans, below a parent-based sampler: where
 * it decides for a child, one diagnostic says so. Owned: cairn_sampler_unref. */
CAIRN_EXPORT cairn_sampler *cairn_sampler_ratio(double ratio);

/* ProbabilitySampler: samples this share (2^-56 to 1) of the traces consistently with every other participant that does
 * so: by the trace's randomness (`rv` of the `ot` member of tracestate, else the low 7 bytes of the trace id). Sampled
 * spans carry the threshold, rounded to 4 significant hexadecimal digits, as `ot=th:...`. Does not look at the parent's
 * sampled flag. A ratio of 0 (or less, or NaN) gives always off. Owned. */
CAIRN_EXPORT cairn_sampler *cairn_sampler_probability(double ratio);

/* AlwaysRecord: what root (NULL = always on) would drop is recorded for the processors without being sampled. Keeps a
 * reference. Owned. */
CAIRN_EXPORT cairn_sampler *cairn_sampler_always_record(cairn_sampler *root);

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

/* Samples at most this many spans a second (0 and less: none), with bursts of a second's worth, at least one span. Meant
 * for root spans, below a parent-based sampler. Owned. */
CAIRN_EXPORT cairn_sampler *cairn_sampler_rate_limiting(double per_second);

/* By span name, as Jaeger's remote strategies have it: each name has its ratio (of TraceIdRatioBased), those without one
 * default_ratio; and each samples at least lower_bound_per_second, where that many begin. At most
 * CAIRN_OPERATIONS_MAX names are kept apart, the listed ones first. Sampled root spans get the attributes `sampler.type`
 * (probabilistic, lowerbound) and `sampler.param` that Jaeger's adaptive sampling reads. */
enum { CAIRN_OPERATIONS_MAX = 2000 };
struct cairn_operation_ratio {
    cairn_str operation; /* span name, copied */
    double ratio;
};
struct cairn_per_operation_options {
    size_t size;
    double default_ratio;
    double lower_bound_per_second;
    const struct cairn_operation_ratio *operations; /* the first of a name counts */
    size_t operation_count;
};
/* Owned. */
CAIRN_EXPORT cairn_sampler *
cairn_sampler_per_operation(const struct cairn_per_operation_options *options);

enum { CAIRN_DROP = 0, CAIRN_RECORD_ONLY = 1, CAIRN_RECORD_AND_SAMPLE = 2 };

/* What a sampler sees; all borrowed for the call. */
struct cairn_sampling_params {
    size_t size;
    cairn_context *parent_context;
    const struct cairn_span_context *parent; /* ids all zero when there is none */
    const uint8_t *trace_id;                 /* 16 bytes; NULL for composables and rules */
    cairn_str name;
    int32_t kind;
    const struct cairn_attrs *attributes; /* NULL = none */
    const struct cairn_link *links;
    size_t link_count;
    /* For composables (cairn/composable.h), CAIRN_NO_THRESHOLD when the parent has none that can be relied on. */
    uint64_t parent_threshold;
};
/* As a sampling threshold: none. */
#define CAIRN_NO_THRESHOLD UINT64_MAX

/* What it answers. Comes in as DROP, no attributes, the parent's trace state. */
struct cairn_sampling_result {
    size_t size;
    int32_t decision;
    const struct cairn_attr
        *attributes; /* added to the span; read before the next call on this thread */
    size_t attribute_count;
    cairn_str trace_state; /* of the new span, as long as attributes; empty clears it */
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

/* ---- Samplers by name ---- */

/* What a factory gets. */
struct cairn_sampler_args {
    size_t size;
    cairn_str arg;          /* OTEL_TRACES_SAMPLER_ARG, trimmed; empty = none */
    cairn_str service_name; /* of the SDK that is being set up; empty = not known */
    /* For those that learn later what to do: until then; borrowed. NULL = what arg says. */
    cairn_sampler *initial_sampler;
};
/* Returns an owned sampler; NULL (after a diagnostic) when it cannot be made: the default is used. */
typedef cairn_sampler *cairn_sampler_factory(void *user, const struct cairn_sampler_args *args);

/* Makes OTEL_TRACES_SAMPLER=name and parentbased_<name> known. Another call with the same name replaces the first. */
CAIRN_EXPORT cairn_status cairn_sampler_register(const char *name, cairn_sampler_factory *make,
                                                 void *user);
/* The registered sampler of this name, made. args may be NULL. Owned. *known (may be NULL) tells whether there is such a
 * name; NULL with *known when its factory failed. */
CAIRN_EXPORT cairn_sampler *
cairn_sampler_by_name(const char *name, const struct cairn_sampler_args *args, bool *known);

CAIRN_EXPORT cairn_sampler *cairn_sampler_ref(cairn_sampler *sampler);
CAIRN_EXPORT void cairn_sampler_unref(cairn_sampler *sampler);

#ifdef __cplusplus
}
#endif

#endif
