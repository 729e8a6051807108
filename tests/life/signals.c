/* signals.c - scenarios: signal handlers of the host, and errno. */
#include "scenario.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

static atomic_int handled, torn;

/* What a handler may call: see cairn/trace.h and cairn/log.h. */
static void read_ids(int sig)
{
    cairn_span *current = cairn_span_current();
    struct cairn_span_context context;
    char hex[33], text[CAIRN_LOG_ROOM];
    (void)sig;
    cairn_span_get_context(current, &context);
    if (current && !cairn_span_context_is_valid(&context))
        atomic_fetch_add(&torn, 1);
    cairn_trace_id_hex(context.trace_id, hex);
    cairn_span_id_hex(context.span_id, hex);
    cairn_span_is_recording(current);
    cairn_log_ids(text, sizeof text, CAIRN_LOG_TEXT);
    atomic_fetch_add(&handled, 1);
}

static void *interrupt(void *thread)
{
    while (atomic_load(&handled) >= 0 && pthread_kill(*(pthread_t *)thread, SIGUSR1) == 0)
        usleep(20);
    return NULL;
}

/* Contexts as deep as the stack of contexts must grow for. */
static void nest(int depth)
{
    CAIRN_SPAN(s, tracer(), "a");
    (void)s;
    if (depth > 1)
        nest(depth - 1);
}

int scenario_handlers_read_ids(void)
{
    struct sigaction action = {.sa_handler = read_ids, .sa_flags = SA_RESTART};
    cairn_sdk *sdk = sdk_on_tape(true);
    pthread_t self = pthread_self(), other;
    NEED(sigaction(SIGUSR1, &action, NULL) == 0);
    NEED(pthread_create(&other, NULL, interrupt, &self) == 0);
    while (atomic_load(&handled) == 0)
        usleep(100);
    nest(200);
    signal(SIGUSR1, SIG_IGN);
    atomic_store(&handled, -1000000);
    pthread_join(other, NULL);
    NEED(atomic_load(&torn) == 0);
    stop(sdk);
    return 0;
}

static pthread_t handler_thread;
static atomic_bool ran;

static void note_thread(int sig)
{
    (void)sig;
    handler_thread = pthread_self();
    atomic_store(&ran, true);
}

/* A signal to the process never runs its handler on Cairn's thread, which would be the only one that takes it. */
int scenario_handlers_run_elsewhere(void)
{
    struct sigaction action = {.sa_handler = note_thread};
    cairn_sdk *sdk = sdk_on_tape(true);
    sigset_t usr1;
    span("a"); /* the drainer runs */
    NEED(sigaction(SIGUSR1, &action, NULL) == 0);
    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    NEED(pthread_sigmask(SIG_BLOCK, &usr1, NULL) == 0);
    NEED(kill(getpid(), SIGUSR1) == 0);
    NEED(cairn_sdk_force_flush(sdk, 20000) == CAIRN_OK); /* the drainer was awake since */
    NEED(!atomic_load(&ran));
    NEED(pthread_sigmask(SIG_UNBLOCK, &usr1, NULL) == 0);
    NEED(atomic_load(&ran) && pthread_equal(handler_thread, pthread_self()));
    stop(sdk);
    return 0;
}

#define KEEPS(...)         \
    do {                   \
        errno = 77;        \
        __VA_ARGS__;       \
        NEED(errno == 77); \
    } while (0)

int scenario_errno_is_kept(void)
{
    cairn_sdk *sdk;
    cairn_span *s, *first;
    cairn_context *extracted;
    cairn_token token;
    char big[5000];
    KEEPS(tracer());
    KEEPS(sdk = sdk_on_tape(true));
    KEEPS(first = cairn_span_start(tracer(), "a", NULL));
    KEEPS(span("a"));
    KEEPS(token = cairn_context_attach(cairn_context_of(first)));
    memset(big, 'x', sizeof big);
    KEEPS(s = cairn_span_start(tracer(), "a", NULL));
    KEEPS(cairn_span_set(s, CAIRN_STRN("big", big, sizeof big)));
    KEEPS(cairn_span_end(s));
    KEEPS(extracted = cairn_extract(NULL, cairn_environ_get, NULL));
    KEEPS(cairn_context_unref(extracted));
    KEEPS(cairn_context_detach(token));
    KEEPS(cairn_span_end(first));
    KEEPS(span("a"));
    KEEPS(cairn_sdk_force_flush(sdk, 20000));
    KEEPS(cairn_sdk_stop(sdk, 20000));
    KEEPS(span("none"));
    return 0;
}
