/* sdk.c - building, starting and stopping the SDK. */
#define CAIRN_NO_INLINE
#include "sdk/sdk.h"

#include <limits.h>
#include <stdlib.h>

#include "base/clock.h"
#include "sdk/detect.h"
#include "sdk/env.h"
#include "sdk/metrics.h"
#include "sdk/pair.h"
#include "sdk/process_context.h"
#include "sdk/span_clock.h"
#include "trace/semconv.h"
#include "tracer/diag.h"

const struct span_limits span_limits_default = {
    .attribute_count = 128,
    .value_length = UINT32_MAX,
    .event_count = 128,
    .link_count = 128,
    .event_attribute_count = 128,
    .link_attribute_count = 128,
    .span_bytes = 256 * 1024,
};

enum { SPAN_BYTES_MAX = 64 * 1024 * 1024 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* guards what follows */
static struct cairn_sdk *sdks;
static uint32_t numbers_used;
static uint32_t live_count;
static struct cairn_sdk *shown; /* whose resource is the process context */

/* ---- fork() ---- */

static void before_fork(void)
{
    pthread_mutex_lock(&mutex);
    queues_before_fork();
    for (struct cairn_sdk *s = sdks; s; s = s->next) {
        for (size_t i = 0; i < s->processor_count && !s->emptied; i++)
            processor_before_fork(s->processors[i]);
    }
}

static void after_fork(bool in_child)
{
    for (struct cairn_sdk *s = sdks; s; s = s->next) {
        if (s->emptied) /* a fork must not cost more with every SDK that ever was */
            continue;
        for (size_t i = 0; i < s->processor_count; i++)
            processor_after_fork(s->processors[i], in_child);
        if (in_child) {
            resource_after_fork(s->resource);
            atomic_store(&s->callers, 0);
            atomic_store(&s->tracers.asking, 0);
        }
    }
    queues_after_fork(in_child);
    if (in_child) {
        span_clock_after_fork();
        process_context_forget();
        if (shown)
            process_context_publish(&shown->resource->resource);
    }
    pthread_mutex_unlock(&mutex);
}

static void after_fork_parent(void)
{
    after_fork(false);
}

static void after_fork_child(void)
{
    after_fork(true);
}

static const struct fork_hook fork_hook = {before_fork, after_fork_parent, after_fork_child};

/* ---- Making ---- */

static void limit(uint32_t given, uint32_t *ret)
{
    if (given)
        *ret = given == CAIRN_LIMIT_ZERO ? 0 : given;
}

void span_limits_apply(struct span_limits *limits, const struct cairn_limits *given)
{
    struct cairn_limits g;
    options_copy(&g, sizeof g, given);
    limit(g.attribute_count, &limits->attribute_count);
    limit(g.attribute_value_length, &limits->value_length);
    limit(g.event_count, &limits->event_count);
    limit(g.link_count, &limits->link_count);
    limit(g.event_attribute_count, &limits->event_attribute_count);
    limit(g.link_attribute_count, &limits->link_attribute_count);
    limit(g.span_bytes, &limits->span_bytes);
    if (limits->span_bytes > SPAN_BYTES_MAX)
        limits->span_bytes = SPAN_BYTES_MAX;
}

static bool link_in(struct cairn_sdk *sdk)
{
    bool ok = false;
    pthread_mutex_lock(&mutex);
    for (uint32_t n = 0; n < SDKS_MAX && !ok; n++) {
        if (!(numbers_used & 1u << n)) {
            numbers_used |= 1u << n;
            sdk->number = n;
            ok = true;
        }
    }
    if (ok) {
        counts_sum(sdk, &sdk->before);
        sdk->start_ns = clock_realtime_ns();
        sdk->next = sdks;
        sdks = sdk;
        live_count++;
        live_set(LIVE_SDK, true);
    }
    pthread_mutex_unlock(&mutex);
    return ok;
}

/* NULL without effect; what an SDK has already is nobody else's. */
static bool may_adopt(cairn_processor *p)
{
    if (p && p->adopted)
        misuse("a span processor given to an SDK for the second time");
    return p && !p->adopted;
}

static void adopt_processors(struct cairn_sdk *sdk, const struct cairn_sdk_options *o)
{
    for (size_t i = 0; i < o->processor_count; i++) {
        cairn_processor *p = o->processors[i];
        if (!may_adopt(p))
            continue;
        if (sdk->processor_count == PROCESSORS_MAX) {
            diag_error("more than %d span processors, one is left out", PROCESSORS_MAX);
            cairn_processor_free(p);
            continue;
        }
        if (p->kind == PROCESSOR_BATCH)
            queue_set_resource(p->queue, sdk->resource);
        p->adopted = true;
        if (p->kind == PROCESSOR_CUSTOM) {
            sdk->calls_out = true;
            sdk->tells_ending |= p->ops.on_ending != NULL;
        }
        sdk->processors[sdk->processor_count++] = p;
    }
    if (sdk->processor_count == 1 && sdk->processors[0]->kind == PROCESSOR_BATCH)
        sdk->only_queue = sdk->processors[0]->queue;
}

static void set_ids(struct cairn_sdk *sdk, const struct cairn_id_generator *given)
{
    sdk->ids_are_random = true;
    options_copy(&sdk->ids, sizeof sdk->ids, given);
    if (!sdk->ids.trace_id || !sdk->ids.span_id) {
        sdk->ids.trace_id = NULL;
        return;
    }
    sdk->ids_are_random = sdk->ids.random;
}

/* resource and sampler are taken over; without them there is only the processors to give back. */
struct cairn_sdk *sdk_make(const struct cairn_sdk_options *o, const struct span_limits *limits,
                           cairn_resource *resource, cairn_sampler *sampler)
{
    struct cairn_sdk *sdk = resource && sampler ? calloc(1, sizeof *sdk) : NULL;
    if (sdk) {
        sdk->provider.ops = &sdk_provider_ops;
        sdk->limits = *limits;
        sdk->shows_resource = !o->no_process_context;
        sdk->resource = resource;
        sdk->sampler = sampler;
        sdk->sampler_asks = sampler_asks(sampler);
        sdk->sampler_calls_out = sampler_calls_out(sampler);
        set_ids(sdk, o->id_generator);
    }
    if (!sdk || !link_in(sdk)) {
        if (sdk)
            diag_error("more than %d SDKs at once", SDKS_MAX);
        for (size_t i = 0; i < o->processor_count; i++)
            cairn_processor_free(o->processors[i]);
        cairn_resource_unref(resource);
        cairn_sampler_unref(sampler);
        free(sdk);
        return NULL;
    }
    adopt_processors(sdk, o);
    name_components(sdk);
    tracer_configs_set(&sdk->tracers, o->tracer_configurator);
    fork_hooks_set(&fork_hook);
    span_clock_init();
    return sdk;
}

/* The three layers: what was detected, environment (NULL: none), code. Owned. */
static cairn_resource *make_resource(const struct cairn_sdk_options *o,
                                     const struct env_config *env)
{
    cairn_resource *sum = resource_of_process(o->detectors, env != NULL), *next, *layer;
    struct cairn_attr own[2];
    struct cairn_attrs attrs = {own, 0};
    if (env) {
        layer = resource_from_text(env->resource_attributes, env->service_name);
        next = cairn_resource_merge(sum, layer);
        cairn_resource_unref(layer);
        cairn_resource_unref(sum);
        sum = next;
    }
    if (o->resource) {
        next = cairn_resource_merge(sum, o->resource);
        cairn_resource_unref(sum);
        sum = next;
    }
    if (o->service_name)
        own[attrs.count++] = CAIRN_STR(SEMCONV_SERVICE_NAME, o->service_name);
    if (o->service_version)
        own[attrs.count++] = CAIRN_STR(SEMCONV_SERVICE_VERSION, o->service_version);
    layer = cairn_resource_new(&attrs, NULL);
    next = cairn_resource_merge(sum, layer);
    cairn_resource_unref(layer);
    cairn_resource_unref(sum);
    return next;
}

static void sdk_options_copy(struct cairn_sdk_options *to, const struct cairn_sdk_options *from)
{
    options_copy(to, sizeof *to, from);
    if (!to->processors || to->processor_count > ITEMS_MAX) {
        if (to->processor_count)
            misuse("span processors with a wrong count");
        to->processors = NULL;
        to->processor_count = 0;
    }
}

/* ---- Starting ---- */

/* The latest SDK that was started is the default one. */
static void show(struct cairn_sdk *sdk)
{
    pthread_mutex_lock(&mutex);
    shown = process_context_publish(&sdk->resource->resource) ? sdk : NULL;
    pthread_mutex_unlock(&mutex);
}

static void hide(struct cairn_sdk *sdk)
{
    pthread_mutex_lock(&mutex);
    if (shown == sdk) {
        process_context_withdraw();
        shown = NULL;
    }
    pthread_mutex_unlock(&mutex);
}

/* OTEL_SDK_DISABLED: propagation stays, everything else is off. */
static cairn_sdk *make_disabled(struct cairn_sdk_options *o, const struct env_config *env)
{
    cairn_sdk *sdk;
    for (size_t i = 0; i < o->processor_count; i++)
        cairn_processor_free(o->processors[i]);
    o->processor_count = 0;
    o->detectors = "none";
    sdk = sdk_make(o, &span_limits_default, make_resource(o, env), cairn_sampler_always_off());
    if (sdk) {
        sdk->disabled = true;
        atomic_store(&sdk->closed, true);
    }
    return sdk;
}

static cairn_sdk *make_from(struct cairn_sdk_options *o)
{
    struct span_limits limits = span_limits_default;
    cairn_sdk *sdk;
    span_limits_apply(&limits, o->limits);
    sdk = o->disabled ? make_disabled(o, NULL)
                      : sdk_make(o, &limits, make_resource(o, NULL),
                                 o->sampler ? cairn_sampler_ref(o->sampler)
                                            : cairn_sampler_parent_based(NULL));
    if (sdk && o->propagator)
        sdk->propagator = cairn_propagator_ref(o->propagator);
    return sdk;
}

cairn_sdk *cairn_sdk_new(const struct cairn_sdk_options *options)
{
    struct cairn_sdk_options o;
    sdk_options_copy(&o, options);
    return pair_fits() ? make_from(&o) : sdk_make(&o, &span_limits_default, NULL, NULL);
}

void cairn_sdk_set_global(cairn_sdk *sdk)
{
    if (!sdk)
        return;
    if (sdk->propagator)
        cairn_propagator_set_global(sdk->propagator);
    if (sdk->disabled)
        return;
    cairn_tracer_provider_set_global(&sdk->provider);
    if (sdk->shows_resource)
        show(sdk);
}

/* ---- Starting ---- */

static _Atomic(cairn_config_reader *) config_reader;

void cairn_sdk_set_config_reader(cairn_config_reader *read)
{
    atomic_store(&config_reader, read);
}

/* A file that cannot be used leaves an SDK that does nothing but propagate. */
static cairn_sdk *make_from_file(const char *path, struct cairn_sdk_options *o)
{
    cairn_config_reader *read = atomic_load(&config_reader);
    struct env_config none = {.propagators = STR("")};
    cairn_sdk *sdk = read ? read(path, o) : NULL;
    if (sdk)
        return sdk;
    if (!read) {
        diag_error("OTEL_CONFIG_FILE=%s needs libcairn-otlp: link it and call cairn_otlp_start; "
                   "nothing is traced",
                   path);
        for (size_t i = 0; i < o->processor_count; i++)
            cairn_processor_free(o->processors[i]);
    }
    *o = (struct cairn_sdk_options){
        .size = sizeof *o, .disabled = true, .propagator = o->propagator};
    sdk = make_from(o);
    if (sdk && !sdk->propagator)
        sdk->propagator = env_propagator(&none);
    return sdk;
}

static struct str service_name_of(const cairn_resource *resource)
{
    struct cairn_attr a;
    for (size_t i = 0; cairn_resource_attribute(resource, i, &a); i++) {
        if (str_eq(str_in(a.key), STR(SEMCONV_SERVICE_NAME)) && a.value.type == CAIRN_TYPE_STRING)
            return str_in(a.value.as.string);
    }
    return (struct str){NULL, 0};
}

static cairn_sdk *make_from_env(struct cairn_sdk_options *o)
{
    struct env_config env;
    cairn_processor *made[PROCESSORS_MAX];
    cairn_resource *resource;
    cairn_sdk *sdk;
    env_read(env_get, &env);
    span_limits_apply(&env.limits, o->limits);
    if (env.disabled || o->disabled) {
        sdk = make_disabled(o, &env);
    } else {
        if (!o->processors) {
            o->processor_count = env_processors(&env, made, PROCESSORS_MAX);
            o->processors = made;
        }
        resource = make_resource(o, &env);
        sdk = sdk_make(o, &env.limits, resource,
                       o->sampler ? cairn_sampler_ref(o->sampler)
                                  : env_sampler(&env, service_name_of(resource)));
    }
    if (sdk)
        sdk->propagator =
            o->propagator ? cairn_propagator_ref(o->propagator) : env_propagator(&env);
    return sdk;
}

cairn_sdk *cairn_sdk_start(const struct cairn_sdk_options *options)
{
    struct cairn_sdk_options o;
    char path[PATH_MAX];
    cairn_sdk *sdk;
    sdk_options_copy(&o, options);
    if (!pair_fits())
        return sdk_make(&o, &span_limits_default, NULL, NULL);
    o.size = sizeof o;
    sdk = env_config_file(env_get, path) ? make_from_file(path, &o) : make_from_env(&o);
    cairn_sdk_set_global(sdk);
    return sdk;
}

void cairn_sdk_set_tracer_configurator(cairn_sdk *sdk, cairn_tracer_configurator *configurator)
{
    if (sdk && !atomic_load(&sdk->stopped))
        tracer_configs_set(&sdk->tracers, configurator);
}

cairn_tracer_provider *cairn_sdk_tracer_provider(cairn_sdk *sdk)
{
    return sdk ? &sdk->provider : NULL;
}

/* ---- Stopping ---- */

/* Gives back what no other thread can be looking at: with functions of the application running, nothing. Without a lock:
 * what is freed may take one of its own, which its fork handlers may hold. */
static void empty(struct cairn_sdk *sdk)
{
    bool quiet = atomic_load(&sdk->callers) == 0;
    tracer_configs_set(&sdk->tracers, NULL);
    pthread_mutex_lock(&mutex);
    sdk->emptied = true;
    numbers_used &= ~(1u << sdk->number);
    if (--live_count == 0)
        live_set(LIVE_SDK, false);
    pthread_mutex_unlock(&mutex);
    if (!quiet)
        return;
    if (sdk->sampler_calls_out) {
        cairn_sampler_unref(sdk->sampler);
        sdk->sampler = NULL;
    }
    for (size_t i = 0; i < sdk->processor_count; i++) {
        cairn_processor *p = sdk->processors[i];
        if (p->kind == PROCESSOR_CUSTOM && p->ops.free_user) {
            p->ops.free_user(p->user);
            p->ops.free_user = NULL;
        }
        if (p->kind == PROCESSOR_SIMPLE) {
            cairn_exporter_unref(p->exporter);
            p->exporter = NULL;
        }
    }
}

cairn_status cairn_sdk_stop(cairn_sdk *sdk, uint32_t timeout_ms)
{
    cairn_tracer_provider *own = sdk ? &sdk->provider : NULL;
    cairn_status status;
    if (!sdk)
        return CAIRN_OK;
    status = cairn_sdk_shutdown(sdk, timeout_ms);
    if (atomic_exchange(&sdk->stopped, true))
        return CAIRN_OK;
    atomic_compare_exchange_strong(&provider_global, &own, NULL);
    if (sdk->propagator) {
        if (cairn_propagator_global() == sdk->propagator)
            cairn_propagator_set_global(NULL);
        cairn_propagator_unref(sdk->propagator);
        sdk->propagator = NULL;
    }
    hide(sdk);
    empty(sdk);
    return status == CAIRN_ERROR_CLOSED ? CAIRN_OK : status;
}

void cairn_sdk_get_stats(cairn_sdk *sdk, struct cairn_stats *ret)
{
    struct cairn_stats s = {0};
    struct span_counts counts;
    size_t size = ret ? ret->size : 0;
    if (size > sizeof s)
        size = sizeof s;
    if (sdk) {
        counts_sum(sdk, &counts);
        s.started = counts_recording(&counts) - counts_recording(&sdk->before);
        s.ended = counts_ended(&counts) - counts_ended(&sdk->before);
        s.invalid_arguments = misuse_count();
        s.lost_memory = atomic_load(&sdk->lost_memory);
        s.lost_shutdown = atomic_load(&sdk->lost_shutdown);
        for (size_t i = 0; i < sdk->processor_count; i++)
            processor_stats(sdk->processors[i], &s);
    }
    if (!ret)
        return;
    s.size = ret->size;
    memcpy(ret, &s, size);
}
