/* threads.c - scenarios: threads that end, are many, small, cancelled, or the exporter's own. */
#include "scenario.h"

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

static void *leave_one_open(void *ret)
{
    cairn_span **left = ret;
    span("own");
    *left = cairn_span_start(tracer(), "left", NULL);
    return NULL;
}

int scenario_ended_by_another(void)
{
    cairn_sdk *sdk = sdk_on_tape(true);
    cairn_span *left[50];
    pthread_t thread;
    for (int i = 0; i < 50; i++) {
        NEED(pthread_create(&thread, NULL, leave_one_open, &left[i]) == 0);
        pthread_join(thread, NULL);
    }
    for (int i = 0; i < 50; i++) {
        cairn_span_set(left[i], CAIRN_INT("late", i));
        cairn_span_end(left[i]);
    }
    stop(sdk);
    return 0;
}

static cairn_status swallow(void *user, const cairn_span_batch *batch, uint32_t timeout_ms)
{
    (void)user, (void)batch, (void)timeout_ms;
    return CAIRN_OK;
}

static void *record_for_ever(void *running)
{
    for (;;) {
        CAIRN_SPAN(s, tracer(), "endless");
        cairn_span_set(s, CAIRN_INT("a", 1));
        atomic_store((atomic_bool *)running, true);
    }
    return NULL;
}

static void say_nothing(void *user, int32_t severity, cairn_str line)
{
    (void)user, (void)severity, (void)line;
}

/* main stops the SDK and returns while threads go on recording. */
int scenario_detached_at_exit(void)
{
    static atomic_bool running[3];
    cairn_sdk *sdk = sdk_on(swallow, true);
    pthread_t thread;
    cairn_set_diagnostics(say_nothing, NULL); /* spans may be lost */
    for (int i = 0; i < 3; i++) {
        NEED(pthread_create(&thread, NULL, record_for_ever, &running[i]) == 0);
        pthread_detach(thread);
    }
    for (int i = 0; i < 3; i++) {
        while (!atomic_load(&running[i]))
            usleep(100);
    }
    stop(sdk);
    return 0;
}

static void *one_short(void *arg)
{
    (void)arg;
    span("short");
    return NULL;
}

int scenario_many_short_threads(void)
{
    cairn_sdk *sdk = sdk_on_tape(true);
    for (int round = 0; round < 20; round++) {
        pthread_t threads[10];
        for (int i = 0; i < 10; i++)
            NEED(pthread_create(&threads[i], NULL, one_short, NULL) == 0);
        for (int i = 0; i < 10; i++)
            pthread_join(threads[i], NULL);
    }
    stop(sdk);
    return 0;
}

/* A destructor of thread-specific data that may run after Cairn's own. */
static pthread_key_t key;

static void span_in_destructor(void *value)
{
    (void)value;
    span("destructor");
}

static void *with_destructor(void *arg)
{
    (void)arg;
    span("thread");
    NEED(pthread_setspecific(key, &key) == 0);
    return NULL;
}

int scenario_key_destructor(void)
{
    cairn_sdk *sdk = sdk_on_tape(true);
    span("early"); /* Cairn's key is older than ours */
    NEED(pthread_key_create(&key, span_in_destructor) == 0);
    for (int i = 0; i < 8; i++) {
        pthread_t thread;
        NEED(pthread_create(&thread, NULL, with_destructor, NULL) == 0);
        pthread_join(thread, NULL);
    }
    stop(sdk);
    return 0;
}

/* ---- Cancellation ---- */

static void *record_until_cancelled(void *count)
{
    for (;;) {
        span("cancelled");
        atomic_fetch_add((atomic_int *)count, 1);
        pthread_testcancel();
    }
    return NULL;
}

static atomic_int arrived;

static cairn_status count_cancelled(void *user, const cairn_span_batch *batch, uint32_t timeout_ms)
{
    (void)user, (void)timeout_ms;
    for (size_t i = 0; i < cairn_batch_count(batch); i++) {
        if (cairn_span_data_name(cairn_batch_span(batch, i)).n == 9)
            atomic_fetch_add(&arrived, 1);
        else
            tape_export(user, batch, timeout_ms);
    }
    return CAIRN_OK;
}

int scenario_cancelled_recording(void)
{
    cairn_sdk *sdk = sdk_on(count_cancelled, true);
    static atomic_int ended;
    struct cairn_stats stats = {.size = sizeof stats};
    cairn_set_diagnostics(say_nothing, NULL); /* spans may be lost, and are counted */
    for (int i = 0; i < 20; i++) {
        pthread_t thread;
        int before = atomic_load(&ended);
        NEED(pthread_create(&thread, NULL, record_until_cancelled, &ended) == 0);
        while (atomic_load(&ended) == before)
            usleep(100);
        NEED(pthread_cancel(thread) == 0);
        pthread_join(thread, NULL);
    }
    NEED(cairn_sdk_force_flush(sdk, 20000) == CAIRN_OK);
    cairn_sdk_get_stats(sdk, &stats);
    NEED(stats.lost_export + stats.lost_memory + stats.lost_shutdown == 0);
    NEED((uint64_t)atomic_load(&arrived) + stats.lost_queue_full == (uint64_t)atomic_load(&ended));
    span("main");
    NEED(cairn_sdk_force_flush(sdk, 20000) == CAIRN_OK);
    stop(sdk);
    return 0;
}

/* The exporter's write() is where the cancellation strikes. */
static void *cancel_oneself(void *arg)
{
    (void)arg;
    pthread_cancel(pthread_self());
    span("thread");
    pthread_testcancel();
    return arg;
}

int scenario_cancelled_in_simple_export(void)
{
    cairn_sdk *sdk = sdk_on_tape(false);
    pthread_t thread;
    void *result;
    NEED(pthread_create(&thread, NULL, cancel_oneself, NULL) == 0);
    pthread_join(thread, &result);
    NEED(result == PTHREAD_CANCELED);
    span("main");
    stop(sdk);
    return 0;
}

static void *flush_cancelled(void *sdk)
{
    pthread_cancel(pthread_self());
    cairn_sdk_force_flush(sdk, 20000);
    pthread_testcancel();
    return sdk;
}

int scenario_cancelled_in_flush(void)
{
    cairn_sdk *sdk = sdk_on_tape(true);
    pthread_t thread;
    void *result;
    span("main");
    NEED(pthread_create(&thread, NULL, flush_cancelled, sdk) == 0);
    pthread_join(thread, &result);
    NEED(result == PTHREAD_CANCELED);
    span("main");
    NEED(cairn_sdk_force_flush(sdk, 20000) == CAIRN_OK);
    stop(sdk);
    return 0;
}

static void strike(void *user, cairn_span *span)
{
    (void)user, (void)span;
    pthread_testcancel();
}

static void strike_at_start(void *user, cairn_span *span, cairn_context *parent)
{
    (void)parent;
    strike(user, span);
}

static void strike_at_end(void *user, const cairn_span_data *span)
{
    (void)user, (void)span;
    pthread_testcancel();
}

/* Each of a processor's functions, in a thread of its own that is cancelled there. */
int scenario_cancelled_in_processor(void)
{
    static const struct cairn_processor_ops table[] = {
        {.size = sizeof *table, .on_start = strike_at_start},
        {.size = sizeof *table, .on_ending = strike},
        {.size = sizeof *table, .on_end = strike_at_end},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        cairn_processor *p = cairn_processor_custom(&table[i], NULL);
        cairn_sdk *sdk = cairn_sdk_start(CAIRN_SDK(.processors = &p, .processor_count = 1));
        pthread_t thread;
        void *result;
        NEED(pthread_create(&thread, NULL, cancel_oneself, NULL) == 0);
        pthread_join(thread, &result);
        NEED(result == PTHREAD_CANCELED);
        stop(sdk); /* nobody is inside */
    }
    return 0;
}

static void strike_when_asked(void *user, const struct cairn_tracer_options *scope,
                              struct cairn_tracer_config *config)
{
    (void)user, (void)scope, (void)config;
    pthread_testcancel();
}

int scenario_cancelled_in_configurator(void)
{
    cairn_sdk *sdk = sdk_on_tape(true);
    cairn_tracer_configurator *c = cairn_tracer_configurator_custom(strike_when_asked, NULL, NULL);
    pthread_t thread;
    void *result;
    cairn_sdk_set_tracer_configurator(sdk, c);
    cairn_tracer_configurator_unref(c);
    NEED(pthread_create(&thread, NULL, cancel_oneself, NULL) == 0);
    pthread_join(thread, &result);
    NEED(result == PTHREAD_CANCELED);
    span("main");
    stop(sdk);
    return 0;
}

static void *set_without_key(void *span)
{
    static const struct cairn_attr
        no_key; /* not on a stack that is unwound behind AddressSanitizer's back */
    pthread_cancel(pthread_self());
    cairn_span_set_attributes(span, &no_key, 1);
    pthread_testcancel();
    return span;
}

/* What Cairn has to say goes to standard error by write(), where the cancellation must not strike. */
int scenario_cancelled_while_told_off(void)
{
    cairn_sdk *sdk = sdk_on_tape(true);
    cairn_span *s = cairn_span_start(tracer(), "thread", NULL);
    pthread_t thread;
    void *result;
    NEED(pthread_create(&thread, NULL, set_without_key, s) == 0);
    pthread_join(thread, &result);
    NEED(result == PTHREAD_CANCELED);
    cairn_span_end(s);
    stop(sdk);
    return 0;
}

/* ---- Small stacks ---- */

static void *fill_one(void *arg)
{
    CAIRN_SPAN(s, tracer(), "small");
    (void)arg;
    cairn_span_set(s, CAIRN_STR("a", "b"), CAIRN_INT("c", 1), CAIRN_DOUBLE("d", 0.5));
    cairn_span_add_event(s, "event", CAIRN_ATTRS(CAIRN_INT("n", 1)));
    cairn_span_record_error(s, "type", "message", "stack", NULL);
    return NULL;
}

int scenario_small_stack(void)
{
    cairn_sdk *sdk = sdk_on_tape(true);
    pthread_attr_t attr;
    size_t bytes = 16384;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    bytes = 256 * 1024; /* instrumented frames are larger */
#endif
    pthread_attr_init(&attr);
    if (bytes < (size_t)PTHREAD_STACK_MIN)
        bytes = (size_t)PTHREAD_STACK_MIN;
    NEED(pthread_attr_setstacksize(&attr, bytes) == 0);
    for (int i = 0; i < 8; i++) {
        pthread_t thread;
        NEED(pthread_create(&thread, &attr, fill_one, NULL) == 0);
        pthread_join(thread, NULL);
    }
    pthread_attr_destroy(&attr);
    stop(sdk);
    return 0;
}

/* ---- An exporter that uses instrumented code ---- */

static cairn_status export_with_span(void *user, const cairn_span_batch *batch, uint32_t timeout_ms)
{
    span("of the exporter"); /* has nowhere to go */
    return tape_export(user, batch, timeout_ms);
}

int scenario_exporter_traces_itself(void)
{
    cairn_sdk *sdk = sdk_on(export_with_span, false);
    spans("a", 2);
    stop(sdk);
    return 0;
}
