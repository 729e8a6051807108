/* leave.c - scenarios: all the ways out of a process, and calls before the SDK is there and after it is gone. */
#include "scenario.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* Spans that were neither flushed nor stopped for go with the process. */
int scenario_return_without_stop(void)
{
    sdk_on_tape(true);
    spans("a", 3);
    return 7;
}

int scenario_return_after_stop(void)
{
    cairn_sdk *sdk = sdk_on_tape(true);
    spans("a", 2);
    stop(sdk);
    return 3;
}

static void *stop_and_exit(void *sdk)
{
    stop(sdk);
    exit(5);
}

int scenario_exit_in_thread(void)
{
    cairn_sdk *sdk = sdk_on_tape(true);
    pthread_t thread;
    spans("a", 2);
    NEED(pthread_create(&thread, NULL, stop_and_exit, sdk) == 0);
    pthread_join(thread, NULL);
    return 0;
}

static void *record_for_ever(void *arg)
{
    atomic_int *running = arg;
    for (;;) {
        span("endless");
        atomic_store(running, 1);
    }
    return NULL;
}

static cairn_status swallow(void *user, const cairn_span_batch *batch, uint32_t timeout_ms)
{
    (void)user, (void)batch, (void)timeout_ms;
    return CAIRN_OK;
}

static void say_nothing(void *user, int32_t severity, cairn_str line)
{
    (void)user, (void)severity, (void)line;
}

int scenario_exit_under_load(void)
{
    static atomic_int running[3];
    pthread_t thread;
    sdk_on(swallow, true);
    cairn_set_diagnostics(say_nothing, NULL); /* spans may be lost */
    for (int i = 0; i < 3; i++) {
        NEED(pthread_create(&thread, NULL, record_for_ever, &running[i]) == 0);
        pthread_detach(thread);
    }
    for (int i = 0; i < 3; i++) {
        while (!atomic_load(&running[i]))
            usleep(100);
    }
    exit(6);
}

int scenario_exit_at_once(void)
{
    sdk_on_tape(true);
    spans("a", 3);
    _exit(4);
}

static atomic_bool exporting;

static cairn_status hang(void *user, const cairn_span_batch *batch, uint32_t timeout_ms)
{
    (void)user, (void)batch, (void)timeout_ms;
    atomic_store(&exporting, true);
    for (;;)
        pause();
    return CAIRN_OK;
}

/* Neither stopping nor leaving waits for an exporter that hangs. */
int scenario_exit_while_exporting(void)
{
    cairn_sdk *sdk = sdk_on(hang, true);
    span("a");
    NEED(cairn_sdk_force_flush(sdk, 100) == CAIRN_ERROR_TIMEOUT);
    NEED(atomic_load(&exporting));
    NEED(cairn_sdk_stop(sdk, 100) == CAIRN_ERROR_TIMEOUT);
    return 9;
}

static void no_core(void)
{
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
}

int scenario_abort_pending(void)
{
    sdk_on_tape(true);
    spans("a", 3);
    no_core();
    abort();
}

int scenario_quick_exit_pending(void)
{
    sdk_on_tape(true);
    spans("a", 3);
    quick_exit(8);
}

/* ---- Handlers of exit() ---- */

static cairn_sdk *global_sdk;
static cairn_span *open_span;

static void end_and_stop(void)
{
    cairn_span_set(open_span, CAIRN_INT("late", 1));
    cairn_span_end(open_span);
    stop(global_sdk);
}

int scenario_atexit_ends_spans(void)
{
    NEED(atexit(end_and_stop) == 0);
    global_sdk = sdk_on_tape(true);
    open_span = cairn_span_start(tracer(), "late", NULL);
    span("a");
    return 2;
}

static void end_late(void)
{
    cairn_span_set(open_span, CAIRN_INT("late", 1));
    cairn_span_end(open_span);
    span("never");
}

int scenario_atexit_after_stop(void)
{
    cairn_sdk *sdk = sdk_on_tape(true);
    NEED(atexit(end_late) == 0);
    open_span = cairn_span_start(tracer(), "late", NULL);
    span("a");
    stop(sdk);
    return 2;
}

static void flush_late(void)
{
    span("handler");
    NEED(cairn_sdk_force_flush(global_sdk, 20000) == CAIRN_OK);
}

int scenario_atexit_flushes(void)
{
    global_sdk = sdk_on_tape(true);
    NEED(atexit(flush_late) == 0);
    spans("a", 2);
    return 1;
}

/* ---- Stopping ---- */

static void *stop_whatever(void *sdk)
{
    cairn_status status = cairn_sdk_shutdown(sdk, 20000);
    NEED(status == CAIRN_OK || status == CAIRN_ERROR_CLOSED);
    return status == CAIRN_OK ? sdk : NULL;
}

int scenario_stop_from_two_threads(void)
{
    cairn_sdk *sdk = sdk_on_tape(true);
    pthread_t threads[2];
    void *first, *second;
    spans("a", 3);
    for (int i = 0; i < 2; i++)
        NEED(pthread_create(&threads[i], NULL, stop_whatever, sdk) == 0);
    pthread_join(threads[0], &first);
    pthread_join(threads[1], &second);
    NEED((first != NULL) + (second != NULL) == 1);
    NEED(cairn_sdk_shutdown(sdk, 1000) == CAIRN_ERROR_CLOSED);
    stop(sdk);
    return 0;
}

/* The second call must not take anything from the SDK that came after. */
int scenario_stopped_twice(void)
{
    cairn_sdk *first = sdk_on_tape(true), *second;
    span("a");
    stop(first);
    second = sdk_on_tape(true);
    stop(first);
    span("a");
    stop(second);
    return 0;
}

/* Everything that an application may call, when it does nothing. */
static void call_all(void)
{
    cairn_span *s = cairn_span_start(tracer(), "none", NULL);
    struct cairn_span_context context;
    cairn_token token = cairn_context_attach(cairn_context_of(s));
    cairn_span_set(s, CAIRN_INT("a", 1));
    cairn_span_add_event(s, "e", NULL);
    cairn_span_set_status(s, CAIRN_SPAN_ERROR, "x");
    cairn_span_update_name(s, "other");
    cairn_span_record_error(s, "type", "message", NULL, NULL);
    cairn_span_get_context(s, &context);
    NEED(!cairn_span_is_recording(s));
    {
        CAIRN_SPAN(scope, tracer(), "none either");
        NEED(!cairn_span_is_recording(scope));
    }
    cairn_context_detach(token);
    cairn_span_end(s);
    cairn_span_end(s);
    NEED(cairn_sdk_force_flush(NULL, 10) == CAIRN_OK);
}

int scenario_before_and_after(void)
{
    cairn_tracer *early = tracer();
    cairn_sdk *sdk;
    cairn_span *over_the_end;
    call_all();
    sdk = sdk_on_tape(true);
    cairn_span_end(cairn_span_start(early, "a", NULL)); /* a tracer from before records now */
    over_the_end = cairn_span_start(early, "over the end", NULL);
    stop(sdk);
    cairn_span_set(over_the_end, CAIRN_INT("a", 1));
    cairn_span_end(over_the_end);
    call_all();
    return 0;
}

int scenario_started_again(void)
{
    cairn_sdk *sdk = sdk_on_tape(true);
    span("first");
    stop(sdk);
    sdk = sdk_on_tape(true);
    span("second");
    stop(sdk);
    return 0;
}
