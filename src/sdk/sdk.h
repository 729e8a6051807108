/* sdk.h - the SDK's own structures: the provider behind cairn_sdk, its processors. */
#ifndef SDK_SDK_H
#define SDK_SDK_H

#include <cairn/sdk.h>

#include "sdk/queue.h"
#include "sdk/record.h"
#include "sdk/sampler.h"
#include "sdk/tracer_config.h"
#include "tracer/provider.h"

enum { PROCESSORS_MAX = 8, COMPONENT_NAME_BYTES = 40, SHUTDOWN_HOOKS_MAX = 8 };

/* Sums of struct thread's counters. */
struct span_counts {
    uint64_t started[STARTED_KINDS], ended[ENDED_KINDS];
};

enum processor_kind { PROCESSOR_BATCH, PROCESSOR_SIMPLE, PROCESSOR_CUSTOM };

struct cairn_processor {
    enum processor_kind kind;
    struct queue *queue;                /* BATCH */
    cairn_exporter *exporter;           /* SIMPLE; holds a reference */
    pthread_mutex_t mutex;              /* SIMPLE: one export at a time */
    _Atomic(struct thread *) exporting; /* SIMPLE: who is inside the exporter */
    struct export_counts counts;        /* SIMPLE */
    _Atomic uint64_t lost_memory;       /* SIMPLE */
    _Atomic uint64_t submitted;         /* SIMPLE: given to the exporter */
    struct cairn_processor_ops ops;     /* CUSTOM */
    void *user;
    bool adopted;               /* by an SDK */
    struct exporter_card *card; /* of its exporter; holds a reference; NULL = has none */
    /* otel.component.name: type and number */
    char name[COMPONENT_NAME_BYTES];
};

/* A call that the application wants at the end. */
struct shutdown_hook {
    void (*fn)(void *user, uint32_t timeout_ms);
    void *user;
};

/* Never freed, only emptied: a span or tracer of another thread may point here at any time. */
struct cairn_sdk {
    cairn_tracer_provider provider; /* first: one is cast to the other */
    uint32_t number;                /* < SDKS_MAX, of the per-thread counters */
    bool disabled;                  /* from the start: closed too */
    bool shows_resource;            /* to profilers, once it is global */
    _Atomic bool closed, stopped;
    bool emptied; /* under the mutex of all SDKs */
    struct tracer_configs tracers;
    struct queue *only_queue; /* the usual case: one batch processor and nothing else */
    struct span_limits limits;
    cairn_sampler *sampler;        /* holds a reference */
    bool sampler_asks;             /* sampler_decide is not enough */
    bool sampler_calls_out;        /* then it is used between sdk_enter and sdk_leave only */
    struct cairn_id_generator ids; /* functions NULL: our own */
    bool ids_are_random;
    bool tells_ending;       /* a processor has on_ending */
    bool calls_out;          /* functions of the application are called for spans */
    _Atomic int64_t callers; /* threads inside such functions */
    cairn_processor *processors[PROCESSORS_MAX];
    size_t processor_count;
    cairn_resource *resource;
    cairn_propagator *propagator; /* NULL: none was given; holds a reference */
    struct shutdown_hook hooks[SHUTDOWN_HOOKS_MAX];
    _Atomic uint32_t hook_count;
    _Atomic uint64_t lost_memory, lost_shutdown;
    struct span_counts before; /* counters of this number when the SDK began */
    uint64_t start_ns;         /* real time, of the counters */
    struct cairn_sdk *next;    /* of all ever made */
};

extern const struct provider_ops sdk_provider_ops __attribute__((visibility("hidden")));

/* Enters code of the application on behalf of the SDK; false when it is shut down. */
static inline bool sdk_enter(struct cairn_sdk *sdk)
{
    atomic_fetch_add(&sdk->callers, 1);
    if (!atomic_load(&sdk->closed))
        return true;
    atomic_fetch_sub(&sdk->callers, 1);
    return false;
}

static inline void sdk_leave(struct cairn_sdk *sdk)
{
    atomic_fetch_sub(&sdk->callers, 1);
}

/* Built without looking at the environment; takes the processors over, also on failure. */
struct cairn_sdk *sdk_make(const struct cairn_sdk_options *options,
                           const struct span_limits *limits, cairn_resource *resource,
                           cairn_sampler *sampler);

/* The default values, 0xffffffff for none. */
extern const struct span_limits span_limits_default;
void span_limits_apply(struct span_limits *limits, const struct cairn_limits *given);

/* ---- processor.c ---- */

void processor_on_end(cairn_processor *p, struct cairn_sdk *sdk, struct thread *thread,
                      struct slot *slot);
void processor_stats(cairn_processor *p, struct cairn_stats *ret);

/* Keeps others out of a simple processor's exporter while the process forks. */
void processor_before_fork(cairn_processor *p);
void processor_after_fork(cairn_processor *p, bool in_child);

#endif
