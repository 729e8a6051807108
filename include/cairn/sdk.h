/* sdk.h - switching tracing on: one call at start, one at the end.
 *
 *     cairn_sdk *sdk = cairn_sdk_start(NULL);   // everything from OTEL_* and the defaults
 *     ...
 *     cairn_sdk_stop(sdk, 5000);
 *
 * With libcairn-otlp linked call cairn_otlp_start (cairn/otlp.h) in its place: the default exporter is OTLP.
 * Specification: trace/sdk.md, configuration/sdk-environment-variables.md. */
#ifndef CAIRN_SDK_H
#define CAIRN_SDK_H

#include <cairn/common.h>
#include <cairn/export.h>
#include <cairn/propagation.h>
#include <cairn/resource.h>
#include <cairn/sampler.h>
#include <cairn/trace.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cairn_sdk cairn_sdk;

/* 0 means the default in brackets, CAIRN_LIMIT_NONE (0xffffffff) no limit, CAIRN_LIMIT_ZERO nothing at all. What is
 * left out is counted on the span. */
#define CAIRN_LIMIT_NONE UINT32_MAX
#define CAIRN_LIMIT_ZERO (UINT32_MAX - 1)
struct cairn_limits {
    size_t size;
    uint32_t attribute_count;        /* [128] of a span */
    uint32_t attribute_value_length; /* [none] characters of a string, bytes of a byte array */
    uint32_t event_count;            /* [128] */
    uint32_t link_count;             /* [128] */
    uint32_t event_attribute_count;  /* [128] of an event */
    uint32_t link_attribute_count;   /* [128] of a link */
    uint32_t span_bytes;             /* [262144] memory of one span, all in all */
};

/* Where ids come from when not from Cairn's own generator. Called from any thread; zero ids are asked for again. */
struct cairn_id_generator {
    size_t size;
    void *user;
    void (*trace_id)(void *user, uint8_t id[16]);
    void (*span_id)(void *user, uint8_t id[8]);
    bool random; /* the low 7 bytes of a trace id are random: root spans get CAIRN_FLAG_RANDOM */
};

/* ---- Which tracers are on ---- */

struct cairn_tracer_config {
    size_t size;
    bool enabled; /* [true] false: the tracer does as if there were no SDK */
};
#define CAIRN_TRACER_CONFIG_INIT                 \
    {                                            \
        sizeof(struct cairn_tracer_config), true \
    }

typedef struct cairn_tracer_configurator cairn_tracer_configurator;

/* Says what a tracer shall do. scope is what the tracer was asked for with (no member is NULL), *config comes in with the
 * defaults. Called when a tracer is first used, and again after each change of the configurator; from any thread. Must
 * not set the configurator. Specification: trace/sdk.md, "TracerConfigurator". */
typedef void cairn_tracer_configurator_fn(void *user, const struct cairn_tracer_options *scope,
                                          struct cairn_tracer_config *config);
/* free_user (may be NULL) is called with user when the last reference goes, also when this call fails. Owned:
 * cairn_tracer_configurator_unref. */
CAIRN_EXPORT cairn_tracer_configurator *
cairn_tracer_configurator_custom(cairn_tracer_configurator_fn *configure, void *user,
                                 void (*free_user)(void *user));

/* For tracers whose name is `pattern`, where * stands for any characters and ? for any one. */
struct cairn_tracer_rule {
    const char *pattern;
    const struct cairn_tracer_config *config;
};
/* The first rule that matches, `otherwise` (NULL = the defaults) when none does. Owned. NULL when there is no memory. */
CAIRN_EXPORT cairn_tracer_configurator *
cairn_tracer_configurator_rules(const struct cairn_tracer_config *otherwise,
                                const struct cairn_tracer_rule *rules, size_t count);

CAIRN_EXPORT cairn_tracer_configurator *
cairn_tracer_configurator_ref(cairn_tracer_configurator *configurator);
CAIRN_EXPORT void cairn_tracer_configurator_unref(cairn_tracer_configurator *configurator);

/* All members may be zero. What is set here beats the environment, save OTEL_SDK_DISABLED. */
struct cairn_sdk_options {
    size_t size CAIRN_SIZE_OF(cairn_sdk_options);
    /* NULL = OTEL_SERVICE_NAME or unknown_service:<program> */
    const char *service_name CAIRN_ZERO;
    const char *service_version CAIRN_ZERO; /* NULL = none */
    /* Merged over the default's and the environment's; borrowed for the call. */
    const cairn_resource *resource CAIRN_ZERO;
    cairn_sampler *sampler CAIRN_ZERO; /* keeps a reference; NULL = OTEL_TRACES_SAMPLER */
    /* Taken over; NULL = after OTEL_TRACES_EXPORTER. */
    cairn_processor *const *processors CAIRN_ZERO;
    size_t processor_count CAIRN_ZERO;
    const struct cairn_limits *limits CAIRN_ZERO; /* NULL = environment and defaults */
    /* Copied; its user must outlive the SDK. */
    const struct cairn_id_generator *id_generator CAIRN_ZERO;
    /* Keeps a reference; NULL = OTEL_PROPAGATORS, a list of tracecontext and baggage (the default), b3, b3multi,
     * jaeger, ottrace, none. */
    cairn_propagator *propagator CAIRN_ZERO;
    /* Which resource detectors run (names of cairn_resource_detect), NULL = default. Their attributes are under those of the
     * environment and of `resource`. */
    const char *detectors CAIRN_ZERO;
    /* Do not show the resource to profilers on this machine (cairn_sdk_start does, on Linux: OTEP 4719). */
    bool no_process_context CAIRN_ZERO;
    /* Keeps a reference; NULL = every tracer is enabled. */
    cairn_tracer_configurator *tracer_configurator CAIRN_ZERO;
    /* As OTEL_SDK_DISABLED: nothing is recorded or exported, the propagator works. */
    bool disabled CAIRN_ZERO;
    /* Send the SDK's own metrics (cairn/metrics.h) as OTLP every OTEL_METRIC_EXPORT_INTERVAL; also with
     * OTEL_C_SELF_METRICS=true. Only cairn_otlp_start does it. */
    bool self_metrics CAIRN_ZERO;
};

/* Options in place: cairn_sdk_start(CAIRN_SDK(.service_name = "shop")). C++20 in C++. */
#ifdef __cplusplus
#    define CAIRN_SDK(...) cairn_sdk_options_at(cairn_sdk_options{__VA_ARGS__})
static inline const struct cairn_sdk_options *
cairn_sdk_options_at(const struct cairn_sdk_options &options)
{
    return &options;
}
#else
#    define CAIRN_SDK(...) \
        (&(const struct cairn_sdk_options){.size = sizeof(struct cairn_sdk_options), __VA_ARGS__})
#endif

/* Reads OTEL_* for all that options (may be NULL) leave open, builds the SDK and registers its tracer provider and
 * propagator for the whole process. A bad setting gives one diagnostic and its default. With OTEL_CONFIG_FILE set that file
 * takes the place of all other variables; when it is bad, one diagnostic says why and the SDK starts disabled, with the
 * default propagators. docs/configuration.md has the whole list. Call it once, early in main. Owned: cairn_sdk_stop. NULL
 * only when there is no memory, or when libcairn-api is of another build (a diagnostic says so). */
CAIRN_EXPORT cairn_sdk *cairn_sdk_start(const struct cairn_sdk_options *options);

/* Shuts down (see below), takes itself out of the process-wide places and frees. Spans and tracers that are still
 * around become no-ops. Answers what the shutdown answers. */
CAIRN_EXPORT cairn_status cairn_sdk_stop(cairn_sdk *sdk, uint32_t timeout_ms);

/* As start, but neither reads the environment nor registers anything; no processors unless given. Owned:
 * cairn_sdk_stop. */
CAIRN_EXPORT cairn_sdk *cairn_sdk_new(const struct cairn_sdk_options *options);

/* Registers the SDK's tracer provider (unless it is disabled) and its propagator (if it was given one) for the whole
 * process, as start does. */
CAIRN_EXPORT void cairn_sdk_set_global(cairn_sdk *sdk);

/* Makes an SDK, as cairn_sdk_new, of a configuration file and of what options (never NULL) say over it. NULL when the file
 * is bad, after a diagnostic. */
typedef cairn_sdk *cairn_config_reader(const char *path, const struct cairn_sdk_options *options);
/* Who reads OTEL_CONFIG_FILE for cairn_sdk_start; cairn_otlp_register brings one. NULL: nobody. */
CAIRN_EXPORT void cairn_sdk_set_config_reader(cairn_config_reader *read);

/* What the settings came to: a line each for the resource's attributes, the sampler, the limits, every processor with its
 * exporter, the propagator's fields and the id generator. Writes at out (room for `room` bytes with the NUL, may be 0), cut
 * where it does not fit; answers the whole length like snprintf. The same settings give the same text; secrets (values of
 * headers) are left out. */
CAIRN_EXPORT size_t cairn_sdk_describe(cairn_sdk *sdk, char *out, size_t room);

/* The provider to get tracers from or to register. Borrowed. */
CAIRN_EXPORT cairn_tracer_provider *cairn_sdk_tracer_provider(cairn_sdk *sdk);

/* Another configurator (keeps a reference; NULL = every tracer is enabled), also for tracers that were handed out. */
CAIRN_EXPORT void cairn_sdk_set_tracer_configurator(cairn_sdk *sdk,
                                                    cairn_tracer_configurator *configurator);

/* Exports all spans that ended before the call. CAIRN_ERROR_TIMEOUT when that took longer, even when an exporter
 * hangs; CAIRN_ERROR_FAILED when an exporter says so. */
CAIRN_EXPORT cairn_status cairn_sdk_force_flush(cairn_sdk *sdk, uint32_t timeout_ms);

/* Flushes and closes processors and exporters, once: CAIRN_ERROR_CLOSED for later calls. Spans that end afterwards
 * are dropped silently. Answers within timeout_ms even when an exporter hangs. */
CAIRN_EXPORT cairn_status cairn_sdk_shutdown(cairn_sdk *sdk, uint32_t timeout_ms);

/* Calls fn(user, what is left of the timeout) once, at the end of the shutdown. CAIRN_ERROR_LIMIT after 8 of them,
 * CAIRN_ERROR_CLOSED after the shutdown. */
CAIRN_EXPORT cairn_status cairn_sdk_on_shutdown(cairn_sdk *sdk,
                                                void (*fn)(void *user, uint32_t timeout_ms),
                                                void *user);

/* Counters since the start. ended = exported + lost_* + waiting in queues, for one batch processor. */
struct cairn_stats {
    size_t size;
    uint64_t started;           /* recording spans */
    uint64_t ended;             /* handed to the processors */
    uint64_t exported;          /* exporters said CAIRN_OK */
    uint64_t lost_queue_full;   /* ended while the queue was full */
    uint64_t lost_export;       /* exporters said anything else */
    uint64_t lost_shutdown;     /* ended after the shutdown, or not exported within its timeout */
    uint64_t lost_memory;       /* could not start, or could not be kept */
    uint64_t invalid_arguments; /* of the process: cairn_invalid_arguments */
};
/* Fills as much of *ret as ret->size covers. */
CAIRN_EXPORT void cairn_sdk_get_stats(cairn_sdk *sdk, struct cairn_stats *ret);

#ifdef __cplusplus
}
#endif

#endif
