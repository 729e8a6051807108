/* fork.c - scenarios: fork() before, after and in the middle of everything, and what servers and shells make of it. */
#include "forks.h"
#include "scenario.h"

#include <pthread.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static void start_span_stop(void *name)
{
    cairn_sdk *sdk = sdk_on_tape(true);
    span(name);
    stop(sdk);
}

int scenario_fork_before_init(void)
{
    int child = child_of(start_span_stop, TEXT("child"));
    start_span_stop(TEXT("parent"));
    reap(child);
    return 0;
}

static void span_stop(void *sdk)
{
    span("child");
    stop(sdk);
}

static void two_spans_stop(void *sdk)
{
    span("child");
    span_stop(sdk);
}

int scenario_fork_with_pending(void)
{
    cairn_sdk *sdk = sdk_on_tape(true);
    int child;
    spans("parent", 3);
    child = child_of(two_spans_stop, sdk);
    span("later");
    reap(child);
    stop(sdk);
    return 0;
}

/* ---- While an export is under way ---- */

static int inside[2], go_on[2]; /* pipes: the exporter is inside; it may go on */
static pid_t main_pid;

static cairn_status export_slowly(void *user, const cairn_span_batch *batch, uint32_t timeout_ms)
{
    char c = 0;
    if (getpid() == main_pid) {
        NEED(write(inside[1], &c, 1) == 1);
        NEED(read(go_on[0], &c, 1) == 1);
    }
    return tape_export(user, batch, timeout_ms);
}

static cairn_sdk *sdk_slow(bool batch)
{
    main_pid = getpid();
    NEED(pipe(inside) == 0 && pipe(go_on) == 0);
    return sdk_on(export_slowly, batch);
}

static void *flush(void *sdk)
{
    NEED(cairn_sdk_force_flush(sdk, 20000) == CAIRN_OK);
    return NULL;
}

int scenario_fork_during_export(void)
{
    cairn_sdk *sdk = sdk_slow(true);
    pthread_t flusher;
    char c = 0;
    spans("parent", 2);
    NEED(pthread_create(&flusher, NULL, flush, sdk) == 0);
    NEED(read(inside[0], &c, 1) == 1);
    reap(child_of(span_stop, sdk)); /* to its end, while the parent's export stands */
    NEED(write(go_on[1], &c, 1) == 1);
    pthread_join(flusher, NULL);
    stop(sdk);
    return 0;
}

static void *one_span(void *name)
{
    span(name);
    return NULL;
}

static void *let_go_on(void *arg)
{
    char c = 0;
    (void)arg;
    usleep(20000); /* the fork is likely to wait by then, and must not wait for ever */
    NEED(write(go_on[1], &c, 1) == 1);
    return NULL;
}

int scenario_fork_during_simple_export(void)
{
    cairn_sdk *sdk = sdk_slow(false);
    pthread_t recorder, releaser;
    char c;
    NEED(pthread_create(&recorder, NULL, one_span, TEXT("parent")) == 0);
    NEED(read(inside[0], &c, 1) == 1);
    NEED(pthread_create(&releaser, NULL, let_go_on, NULL) == 0);
    reap(child_of(span_stop, sdk));
    pthread_join(recorder, NULL);
    pthread_join(releaser, NULL);
    stop(sdk);
    return 0;
}

/* An exporter that starts a program for each batch. */
static cairn_status export_and_fork(void *user, const cairn_span_batch *batch, uint32_t timeout_ms)
{
    pid_t child = fork();
    if (child == 0) {
        execl("/bin/true", "true", (char *)NULL);
        _exit(1);
    }
    reap(child);
    return tape_export(user, batch, timeout_ms);
}

int scenario_fork_inside_simple_export(void)
{
    cairn_sdk *sdk = sdk_on(export_and_fork, false);
    spans("parent", 2);
    stop(sdk);
    return 0;
}

/* ---- While other threads record ---- */

static void *record(void *name)
{
    for (int i = 0; i < 500; i++) {
        CAIRN_SPAN(s, tracer(), name);
        cairn_span_set(s, CAIRN_INT("i", i));
    }
    return NULL;
}

static void five_spans_stop(void *sdk)
{
    spans("child", 5);
    stop(sdk);
}

int scenario_fork_while_others_record(void)
{
    cairn_sdk *sdk = sdk_on_tape(true);
    pthread_t threads[4];
    int children[FORKS];
    for (int i = 0; i < 4; i++)
        NEED(pthread_create(&threads[i], NULL, record, TEXT("thread")) == 0);
    for (int i = 0; i < FORKS; i++)
        children[i] = child_of(five_spans_stop, sdk);
    span("parent");
    for (int i = 0; i < FORKS; i++)
        reap(children[i]);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    stop(sdk);
    return 0;
}

static void *fork_in_thread(void *sdk)
{
    CAIRN_SPAN(s, tracer(), "thread");
    (void)s;
    reap(child_of(span_stop, sdk));
    return NULL;
}

int scenario_fork_from_thread(void)
{
    cairn_sdk *sdk = sdk_on_tape(true);
    pthread_t thread;
    NEED(pthread_create(&thread, NULL, fork_in_thread, sdk) == 0);
    pthread_join(thread, NULL);
    stop(sdk);
    return 0;
}

static void leave_normally(void *arg)
{
    (void)arg;
    exit(0);
}

int scenario_fork_child_only_exits(void)
{
    cairn_sdk *sdk = sdk_on_tape(true);
    spans("parent", 3);
    for (int i = 0; i < 5; i++)
        reap(child_of(leave_normally, NULL));
    stop(sdk);
    return 0;
}

static void grandchild(void *sdk)
{
    span("grandchild");
    stop(sdk);
}

static void child_with_child(void *sdk)
{
    span("child");
    reap(child_of(grandchild, sdk));
    stop(sdk);
}

int scenario_fork_of_fork(void)
{
    cairn_sdk *sdk = sdk_on_tape(true);
    span("parent");
    reap(child_of(child_with_child, sdk));
    stop(sdk);
    return 0;
}

static atomic_bool done;

/* An exporter that takes a lock of its own when it goes, as one does that is in a list; its fork handlers take the same. */
static pthread_mutex_t list_mutex = PTHREAD_MUTEX_INITIALIZER;

static void list_lock(void)
{
    pthread_mutex_lock(&list_mutex);
}

static void list_unlock(void)
{
    pthread_mutex_unlock(&list_mutex);
}

static void free_exporter(void *user)
{
    (void)user;
    usleep(1000); /* for the fork to take the mutex first */
    list_lock();
    list_unlock();
}

static void *start_and_stop(void *arg)
{
    (void)arg;
    for (int i = 0; i < 100; i++) {
        struct cairn_exporter_ops ops = {
            .size = sizeof ops, .export_spans = tape_export, .free_user = free_exporter};
        cairn_processor *p = cairn_processor_simple(cairn_exporter_custom(&ops, NULL));
        stop(cairn_sdk_new(CAIRN_SDK(.processors = &p, .processor_count = 1)));
    }
    atomic_store(&done, true);
    return NULL;
}

static void nothing(void *arg)
{
    (void)arg;
}

int scenario_fork_with_stop_in_parallel(void)
{
    cairn_sdk *first = sdk_on_tape(true); /* Cairn's own handlers are there before the exporter's */
    pthread_t thread;
    NEED(pthread_atfork(list_lock, list_unlock, list_unlock) == 0);
    NEED(pthread_create(&thread, NULL, start_and_stop, NULL) == 0);
    while (!atomic_load(&done))
        reap(child_of(nothing, NULL));
    pthread_join(thread, NULL);
    stop(first);
    return 0;
}

/* ---- Daemons ---- */

/* The parent of daemon(3) goes by _exit. */
int scenario_daemonize(void)
{
    cairn_sdk *sdk = sdk_on_tape(true);
    span("before");
    NEED(cairn_sdk_force_flush(sdk, 20000) == CAIRN_OK);
    NEED(daemon(1, 1) == 0);
    spans("daemon", 2);
    stop(sdk);
    return 0;
}

/* What was not flushed is lost with the parent, not sent by the daemon in its name. */
int scenario_daemonize_pending(void)
{
    cairn_sdk *sdk = sdk_on_tape(true);
    span("before");
    NEED(daemon(1, 1) == 0);
    span("daemon");
    stop(sdk);
    return 0;
}

/* ---- Children that become other programs ---- */

static void become_true(void *arg)
{
    (void)arg;
    execl("/bin/true", "true", (char *)NULL);
}

int scenario_fork_exec(void)
{
    cairn_sdk *sdk = sdk_on_tape(true);
    span("parent");
    for (int i = 0; i < 20; i++)
        reap(child_of(become_true, NULL));
    span("parent");
    stop(sdk);
    return 0;
}

/* The second half: the program that was started, with its parent's trace in the environment. */
static int carried_on(const char *trace_id)
{
    cairn_sdk *sdk = sdk_on_tape(true);
    cairn_context *parent = cairn_extract(NULL, cairn_environ_get, NULL);
    cairn_span *s = cairn_span_start(tracer(), "carried",
                                     CAIRN_WITH(.parent = parent, .kind = CAIRN_KIND_SERVER));
    struct cairn_span_context context;
    char hex[33];
    cairn_span_get_context(s, &context);
    cairn_trace_id_hex(context.trace_id, hex);
    NEED(strcmp(hex, trace_id) == 0);
    cairn_span_end(s);
    cairn_context_unref(parent);
    stop(sdk);
    return 0;
}

int scenario_exec_carries_on(void)
{
    const char *given = getenv("LIFE_TRACE_ID");
    char bytes[4096], trace_id[33], *list[256],
        *argv[] = {TEXT("life_scenarios"), TEXT("exec_carries_on"), NULL};
    struct cairn_environ env = {sizeof env, bytes, sizeof bytes, 0, list, 256, 0, 0};
    struct cairn_span_context context;
    cairn_sdk *sdk;
    cairn_span *s;
    pid_t child;
    if (given)
        return carried_on(given);
    sdk = sdk_on_tape(true);
    s = cairn_span_start(tracer(), "outer", NULL);
    cairn_span_get_context(s, &context);
    cairn_trace_id_hex(context.trace_id, trace_id);
    for (; environ[env.list_count] && env.list_count < 200; env.list_count++)
        list[env.list_count] = environ[env.list_count];
    list[env.list_count] = NULL;
    cairn_inject(cairn_context_of(s), cairn_environ_set, &env);
    cairn_environ_set(&env, cairn_str_of("LIFE_TRACE_ID"), cairn_str_of(trace_id));
    NEED(env.lost == 0);
    child = fork();
    if (child == 0) {
        execve(beside("life_scenarios"), argv, env.list);
        _exit(1);
    }
    reap(child);
    cairn_span_end(s);
    stop(sdk);
    return 0;
}

int scenario_spawn(void)
{
    cairn_sdk *sdk = sdk_on_tape(true);
    char *argv[] = {TEXT("true"), NULL};
    pid_t child;
    span("parent");
    for (int i = 0; i < 10; i++) {
        NEED(posix_spawn(&child, "/bin/true", NULL, NULL, argv, environ) == 0);
        reap(child);
        child = vfork();
        if (child == 0) {
            execve("/bin/true", argv, environ);
            _exit(1);
        }
        reap(child);
    }
    span("parent");
    stop(sdk);
    return 0;
}

static void worker(void *sdk)
{
    spans("worker", 10);
    stop(sdk);
}

int scenario_prefork(void)
{
    cairn_sdk *sdk = sdk_on_tape(true);
    int workers[4];
    span("master");
    for (int i = 0; i < 4; i++)
        workers[i] = child_of(worker, sdk);
    for (int i = 0; i < 4; i++)
        reap(workers[i]);
    stop(sdk);
    return 0;
}
