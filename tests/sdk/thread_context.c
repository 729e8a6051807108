/* The thread context as its readers see it: a record at the end of the exported thread-local pointer, whole or absent at
 * any instruction of the thread, one for each thread, gone with the context. */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "sdk_test.h"
#include "tracer/thread_context.h"

/* The layout once more, as a reader that knows only the OTEP has it. */
enum { AT_SPAN = 16, AT_VALID = 24, AT_FLAGS = 25, AT_ATTRS = 26, RECORD_BYTES = 28 };

static void check_record(const uint8_t *record, cairn_span *span, uint8_t flags)
{
    static const uint8_t no_attrs[2];
    struct cairn_span_context want;
    cairn_span_get_context(span, &want);
    assert_non_null(record);
    assert_int_equal((uintptr_t)record % 2, 0);
    assert_memory_equal(record, want.trace_id, 16);
    assert_memory_equal(record + AT_SPAN, want.span_id, 8);
    assert_int_equal(record[AT_VALID], 1);
    assert_int_equal(record[AT_FLAGS], flags);
    assert_memory_equal(record + AT_ATTRS, no_attrs, 2);
}

static const uint8_t *here(void)
{
    return (const uint8_t *)otel_thread_ctx_v1;
}

static void test_attach_and_detach(void **state)
{
    struct fixture f = fixture_open();
    const cairn_context_key *key = cairn_context_key_new("k");
    cairn_context *value, *with;
    cairn_token t1, t2;
    (void)state;
    assert_null(here());
    {
        CAIRN_SPAN(outer, f.tracer, "outer");
        check_record(here(), outer, 0x03);
        {
            CAIRN_SPAN(inner, f.tracer, "inner");
            cairn_span *beside = cairn_span_start(f.tracer, "beside", NULL);
            check_record(here(), inner, 0x03); /* started is not current */
            with = cairn_context_with_span(NULL, beside);
            value = cairn_context_with_value(with, key, &f, NULL);
            t1 = cairn_context_attach(value); /* a chain of nodes */
            check_record(here(), beside, 0x03);
            t2 = cairn_context_attach(cairn_context_empty());
            assert_null(here());
            cairn_context_detach(t2);
            check_record(here(), beside, 0x03);
            cairn_context_detach(t1);
            check_record(here(), inner, 0x03);
            cairn_context_unref(with);
            cairn_context_unref(value);
            cairn_span_end(beside);
        }
        check_record(here(), outer, 0x03);
    }
    assert_null(here());
    fixture_close(&f);
}

static void test_wrong_order(void **state)
{
    struct fixture f = fixture_open();
    cairn_span *a = cairn_span_start(f.tracer, "a", NULL),
               *b = cairn_span_start(f.tracer, "b", NULL);
    cairn_token t1 = cairn_context_attach(cairn_context_of(a)),
                t2 = cairn_context_attach(cairn_context_of(b)),
                t3 = cairn_context_attach(cairn_context_of(a));
    (void)state;
    listen_to_diagnostics();
    cairn_context_detach(t2); /* takes t3 along */
    check_record(here(), a, 0x03);
    cairn_context_detach(t3);
    check_record(here(), a, 0x03);
    cairn_context_detach(t1);
    assert_null(here());
    cairn_context_detach(t1);
    assert_null(here());
    cairn_set_diagnostics(NULL, NULL);
    cairn_span_end(a);
    cairn_span_end(b);
    fixture_close(&f);
}

static void test_ended_but_attached(void **state)
{
    struct fixture f = fixture_open();
    cairn_span *span = cairn_span_start(f.tracer, "a", NULL);
    cairn_token token = cairn_context_attach(cairn_context_of(span));
    (void)state;
    cairn_span_end(span);
    for (int i = 0; i < 1000; i++) /* its slot is not given to others */
        cairn_span_end(cairn_span_start(f.tracer, "b", NULL));
    check_record(here(), span, 0x03);
    cairn_context_detach(token);
    assert_null(here());
    fixture_close(&f);
}

static void test_remote_and_invalid(void **state)
{
    static const struct cairn_span_context cases[] = {
        {.trace_id = {1}, .span_id = {2}, .flags = 0x01, .is_remote = true},
        {.trace_id = {1}, .flags = 0x01},
        {.span_id = {2}},
        {.flags = 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        cairn_span *span = cairn_span_wrap(&cases[i]);
        cairn_token token = cairn_context_attach(cairn_context_of(span));
        assert_non_null(here());
        assert_int_equal(here()[AT_VALID], i == 0);
        if (i == 0)
            check_record(here(), span, 0x01);
        cairn_context_detach(token);
        cairn_span_end(span);
    }
    assert_null(here());
}

/* ---- Threads, fork, other processes ---- */

static void *worker(void *arg)
{
    struct fixture *f = arg;
    assert_null(here()); /* also in a thread that took over a state */
    for (int i = 0; i < 100; i++) {
        CAIRN_SPAN(span, f->tracer, "worker");
        check_record(here(), span, 0x03);
    }
    assert_null(here());
    cairn_context_attach(cairn_context_of(cairn_span_start(f->tracer, "left attached", NULL)));
    return NULL;
}

static void test_threads(void **state)
{
    struct fixture f = fixture_open();
    (void)state;
    CAIRN_SPAN(mine, f.tracer, "mine");
    for (int round = 0; round < 3; round++) {
        pthread_t threads[4];
        for (size_t i = 0; i < COUNT(threads); i++)
            assert_int_equal(pthread_create(&threads[i], NULL, worker, &f), 0);
        for (size_t i = 0; i < COUNT(threads); i++)
            pthread_join(threads[i], NULL);
        check_record(here(), mine, 0x03);
    }
    fixture_close(&f);
}

static pthread_key_t late;
static bool nothing_in_destructor;

/* Runs after the library's own destructor or before it; the record of an attached context must be gone afterwards. */
static void look_late(void *again)
{
    if (!again)
        return;
    if (here())
        pthread_setspecific(late, again); /* the library's turn is still to come */
    else
        nothing_in_destructor = true;
}

static void *exits_attached(void *arg)
{
    struct fixture *f = arg;
    pthread_setspecific(late, f);
    cairn_context_attach(cairn_context_of(cairn_span_start(f->tracer, "a", NULL)));
    assert_non_null(here());
    return NULL;
}

static void test_thread_exit(void **state)
{
    struct fixture f = fixture_open();
    pthread_t thread;
    (void)state;
    assert_int_equal(pthread_key_create(&late, look_late), 0);
    assert_int_equal(pthread_create(&thread, NULL, exits_attached, &f), 0);
    pthread_join(thread, NULL);
    assert_true(nothing_in_destructor);
    pthread_key_delete(late);
    fixture_close(&f);
}

/* A stopped child is read from outside: first the pointer, then the record. */
static void test_fork_and_other_process(void **state)
{
    struct fixture f = fixture_open();
    int ready[2];
    thread_context_place *found = thread_context_find();
    void *place;
    pid_t child;
    (void)state;
    memcpy(&place, &found, sizeof place);
    assert_int_equal(pipe(ready), 0);
    {
        CAIRN_SPAN(outer, f.tracer, "outer");
        child = fork();
        if (child == 0) {
            struct cairn_span_context told;
            CAIRN_SPAN(inner, f.tracer,
                       "in the child"); /* no CHECK here: it would end the test twice */
            cairn_span_get_context(inner, &told);
            if (write(ready[1], told.span_id, 8) != 8 || raise(SIGSTOP) != 0)
                _exit(1);
            _exit(here() ? 0 : 2);
        }
        check_record(here(), outer, 0x03);
    }
    {
        struct {
            const uint8_t *pointer;
        } remote;
        uint8_t record[RECORD_BYTES], span_id[8];
        struct iovec to = {&remote, sizeof remote}, from = {place, sizeof remote};
        int status;
        assert_int_equal(read(ready[0], span_id, 8), 8);
        assert_int_equal(waitpid(child, &status, WUNTRACED), child);
        assert_true(WIFSTOPPED(status));
        assert_int_equal(process_vm_readv(child, &to, 1, &from, 1, 0), sizeof remote);
        to = (struct iovec){record, sizeof record};
        memcpy(&from.iov_base, &remote.pointer, sizeof from.iov_base);
        from.iov_len = sizeof record;
        assert_int_equal(process_vm_readv(child, &to, 1, &from, 1, 0), sizeof record);
        assert_memory_equal(record + AT_SPAN, span_id, 8);
        assert_int_equal(record[AT_VALID], 1);
        kill(child, SIGCONT);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    close(ready[0]);
    close(ready[1]);
    fixture_close(&f);
}

/* ---- At any instruction ---- */

/* Ids where every byte of the span's is that of the trace's: a torn or stale record is seen at once. */
static uint8_t next_id;
static void trace_id_of_one_byte(void *user, uint8_t id[16])
{
    (void)user;
    next_id = next_id == 255 ? 1 : (uint8_t)(next_id + 1);
    memset(id, next_id, 16);
}

static void span_id_of_one_byte(void *user, uint8_t id[8])
{
    (void)user;
    memset(id, next_id, 8);
}

static atomic_uint looked, seen, torn;

static void look(int signal)
{
    const uint8_t *r = here();
    char ids[CAIRN_LOG_ROOM];
    (void)signal;
    looked++;
    if (r && r[AT_VALID] == 1) {
        seen++;
        for (size_t i = 0; i < AT_VALID; i++)
            torn += r[i] != r[0];
        torn += r[0] == 0;
    }
    if (cairn_log_ids(ids, sizeof ids, CAIRN_LOG_TEXT)) /* the same from inside */
        torn += memcmp(ids + 9, ids + 50, 16) != 0;
}

struct target {
    pthread_t thread;
    atomic_bool stop;
};

static void *interrupt(void *arg)
{
    struct target *target = arg;
    while (!atomic_load(&target->stop)) {
        pthread_kill(target->thread, SIGUSR1);
        for (volatile int i = 0; i < 300; i++)
            continue;
    }
    return NULL;
}

static void test_any_instruction(void **state)
{
    static const struct cairn_id_generator ids = {
        .size = sizeof ids, .trace_id = trace_id_of_one_byte, .span_id = span_id_of_one_byte};
    static struct target target;
    struct fixture f = fixture_open_with((struct cairn_sdk_options){.id_generator = &ids});
    struct sigaction act = {.sa_handler = look, .sa_flags = SA_RESTART}, old;
    pthread_t thread;
    (void)state;
    assert_int_equal(sigaction(SIGUSR1, &act, &old), 0);
    target.thread = pthread_self();
    assert_int_equal(pthread_create(&thread, NULL, interrupt, &target), 0);
    for (int i = 0; i < 1000000 && (i < 5000 || seen < 1000); i++) {
        CAIRN_SPAN(outer, f.tracer, "outer", CAIRN_WITH(.root = true));
        CAIRN_SPAN(inner, f.tracer, "inner", CAIRN_WITH(.root = true));
        (void)outer, (void)inner;
    }
    atomic_store(&target.stop, true);
    pthread_join(thread, NULL);
    sigaction(SIGUSR1, &old, NULL);
    assert_int_equal(torn, 0);
    assert_true(looked > 0);
    assert_true(seen > 0);
    fixture_close(&f);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_attach_and_detach),
        cmocka_unit_test(test_wrong_order),
        cmocka_unit_test(test_ended_but_attached),
        cmocka_unit_test(test_remote_and_invalid),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_thread_exit),
        cmocka_unit_test(test_fork_and_other_process),
        cmocka_unit_test(test_any_instruction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
