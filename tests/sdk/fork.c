/* fork(): the child records and exports by itself, nothing comes twice, the parent goes on undisturbed. */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>

#include "sdk_test.h"

/* Each export writes the spans' names, ids and process.pid as lines into a pipe. */
static cairn_status pipe_export(void *user, const cairn_span_batch *batch, uint32_t timeout_ms)
{
    (void)timeout_ms;
    for (size_t i = 0; i < cairn_batch_count(batch); i++) {
        const cairn_span_data *span = cairn_batch_span(batch, i);
        cairn_str name = cairn_span_data_name(span);
        struct cairn_span_context sc;
        struct cairn_attr a;
        char id[17], line[128];
        long pid = 0;
        int n;
        cairn_span_data_context(span, &sc);
        cairn_span_id_hex(sc.span_id, id);
        for (size_t j = 0; cairn_span_data_resource_attribute(span, j, &a); j++) {
            if (a.key.n == 11 && memcmp(a.key.p, "process.pid", 11) == 0)
                pid = (long)a.value.as.integer;
        }
        n = snprintf(line, sizeof line, "%.*s %s %d\n", (int)name.n, name.p, id, pid == getpid());
        if (write(*(int *)user, line, (size_t)n) != n)
            return CAIRN_ERROR_FAILED;
    }
    return CAIRN_OK;
}

struct world {
    cairn_sdk *sdk;
    cairn_tracer *tracer;
    int read_end, write_end;
};

static void world_open(struct world *w)
{
    static const struct cairn_exporter_ops ops = {.size = sizeof ops, .export_spans = pipe_export};
    int ends[2];
    cairn_processor *p;
    assert_int_equal(pipe(ends), 0);
    w->read_end = ends[0];
    w->write_end = ends[1];
    p = cairn_processor_batch(cairn_exporter_custom(&ops, &w->write_end), NULL);
    w->sdk = cairn_sdk_new(CAIRN_SDK(.processors = &p, .processor_count = 1));
    cairn_tracer_provider_set_global(cairn_sdk_tracer_provider(w->sdk));
    w->tracer = cairn_tracer_get("fork");
}

/* All that was written, after both processes have stopped. */
static void world_close(struct world *w, char *out, size_t room)
{
    size_t n = 0;
    ssize_t got;
    assert_int_equal(cairn_sdk_stop(w->sdk, CAIRN_FOREVER), CAIRN_OK);
    close(w->write_end);
    while ((got = read(w->read_end, out + n, room - n - 1)) > 0)
        n += (size_t)got;
    out[n] = '\0';
    close(w->read_end);
}

static unsigned count(const char *text, const char *what)
{
    unsigned n = 0;
    for (; (text = strstr(text, what)); text++)
        n++;
    return n;
}

static void span(struct world *w, const char *name)
{
    cairn_span_end(cairn_span_start(w->tracer, name, NULL));
}

/* Under ASan a child may hang in its first allocation: the sanitizer's allocator takes its locks along when another
 * thread is inside it at the fork. The alarm ends such a child, and the caller tries again. */
enum { CHILD_SECONDS = 20, ROUNDS = 40 };
#if defined(__has_feature)
#    if __has_feature(address_sanitizer)
#        define __SANITIZE_ADDRESS__ 1
#    endif
#endif
#if defined(__SANITIZE_ADDRESS__)
enum { MAY_HANG = 1, ALARM_SECONDS = 4 };
#else
enum { MAY_HANG = 0, ALARM_SECONDS = CHILD_SECONDS };
#endif

static pid_t fork_with_alarm(void)
{
    pid_t child = fork();
    if (child == 0)
        alarm(ALARM_SECONDS);
    return child;
}

/* True when the child did all it had to. */
static bool reap_or_retry(pid_t child)
{
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    if (MAY_HANG && WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
        return false;
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    return true;
}

static void test_child_exports(void **state)
{
    struct world w;
    char text[4096];
    pid_t child;
    (void)state;
    world_open(&w);
    span(&w, "parent-before"); /* waits in the parent's queue */
    do {
        child = fork_with_alarm();
        if (child == 0) {
            span(&w, "child");
            _exit(cairn_sdk_stop(w.sdk, CAIRN_FOREVER) == CAIRN_OK ? 0 : 1);
        }
    } while (!reap_or_retry(child));
    span(&w, "parent-after");
    world_close(&w, text, sizeof text);
    assert_int_equal(count(text, "parent-before "), 1); /* once, by the parent */
    assert_int_equal(count(text, "parent-after "), 1);
    assert_int_equal(count(text, "child "), 1);
    assert_int_equal(count(text, " 1\n"), 3); /* process.pid is right in both */
}

static void test_open_span(void **state)
{
    struct world w;
    char text[4096];
    pid_t child;
    (void)state;
    world_open(&w);
    {
        CAIRN_SPAN(outer, w.tracer, "outer");
        do {
            child = fork_with_alarm();
            if (child == 0) {
                cairn_span_set(outer, CAIRN_INT("in child", 1));
                span(&w, "inner");     /* under the parent's span */
                cairn_span_end(outer); /* which only the parent exports */
                _exit(cairn_sdk_stop(w.sdk, CAIRN_FOREVER) == CAIRN_OK ? 0 : 1);
            }
        } while (!reap_or_retry(child));
    }
    world_close(&w, text, sizeof text);
    assert_int_equal(count(text, "outer "), 1);
    assert_int_equal(count(text, "inner "), 1);
}

static void test_ids_differ(void **state)
{
    enum { CHILDREN = 8 };
    struct world w;
    char text[8192], *lines[64];
    size_t n = 0;
    pid_t children[CHILDREN];
    (void)state;
    world_open(&w);
    span(&w, "p");
    for (int left = CHILDREN; left > 0;) {
        for (int i = 0; i < left; i++) {
            children[i] = fork_with_alarm();
            if (children[i] == 0) {
                for (int j = 0; j < 3; j++)
                    span(&w, "c");
                _exit(cairn_sdk_stop(w.sdk, CAIRN_FOREVER) == CAIRN_OK ? 0 : 1);
            }
        }
        for (int i = left - 1; i >= 0; i--)
            left -= reap_or_retry(children[i]);
    }
    world_close(&w, text, sizeof text);
    for (char *line = strtok(text, "\n"); line && n < COUNT(lines); line = strtok(NULL, "\n"))
        lines[n++] = line;
    assert_int_equal(n, 1 + 3 * CHILDREN);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < i; j++)
            assert_memory_not_equal(lines[i] + 2, lines[j] + 2, 16);
    }
}

static atomic_bool stop_busy;

static void *busy(void *arg)
{
    struct world *w = arg;
    while (!atomic_load(&stop_busy)) {
        CAIRN_SPAN(s, w->tracer, "busy");
        cairn_span_set(s, CAIRN_INT("x", 1));
    }
    return NULL;
}

static cairn_status swallow(void *user, const cairn_span_batch *batch, uint32_t timeout_ms)
{
    (void)user, (void)batch, (void)timeout_ms;
    return CAIRN_OK;
}

/* Forks while other threads are inside span calls and the drainer inside an export. */
static void test_fork_in_the_middle(void **state)
{
    static const struct cairn_exporter_ops ops = {.size = sizeof ops, .export_spans = swallow};
    struct cairn_batch_options o = {
        .size = sizeof o, .batch_spans_max = 32, .schedule_delay_ms = 1};
    cairn_processor *p = cairn_processor_batch(cairn_exporter_custom(&ops, NULL), &o);
    struct world w = {.sdk = cairn_sdk_new(CAIRN_SDK(.processors = &p, .processor_count = 1))};
    pthread_t threads[2];
    int hung = 0;
    (void)state;
    cairn_set_diagnostics(remember_diagnostic, NULL);
    cairn_tracer_provider_set_global(cairn_sdk_tracer_provider(w.sdk));
    w.tracer = cairn_tracer_get("fork");
    atomic_store(&stop_busy, false);
    for (size_t i = 0; i < COUNT(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, busy, &w), 0);
    for (int i = 0; i < ROUNDS; i++) {
        pid_t child = fork_with_alarm();
        if (child == 0) {
            struct cairn_stats before = {.size = sizeof before}, after = {.size = sizeof after};
            cairn_sdk_get_stats(w.sdk, &before);
            for (int j = 0; j < 100; j++)
                span(&w, "child");
            if (cairn_sdk_force_flush(w.sdk, CAIRN_FOREVER) != CAIRN_OK)
                _exit(1);
            cairn_sdk_get_stats(w.sdk, &after);
            if (after.exported - before.exported != 100)
                _exit(2);
            _exit(cairn_sdk_stop(w.sdk, CAIRN_FOREVER) == CAIRN_OK ? 0 : 3);
        }
        hung += !reap_or_retry(child);
    }
    assert_true(hung <= ROUNDS / 4);
    atomic_store(&stop_busy, true);
    for (size_t i = 0; i < COUNT(threads); i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(cairn_sdk_stop(w.sdk, CAIRN_FOREVER), CAIRN_OK);
    cairn_set_diagnostics(NULL, NULL);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_child_exports),
        cmocka_unit_test(test_open_span),
        cmocka_unit_test(test_ids_differ),
        cmocka_unit_test(test_fork_in_the_middle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
