/* Threads: one span used by several, handles raced, threads that come and go, stop under load. Worth most under TSan. */
#include <pthread.h>
#include <stdatomic.h>

#include "sdk_test.h"

enum { THREADS = 4, ROUNDS = 3000 };

struct shared {
    cairn_tracer *tracer;
    cairn_span *span;
    int number;
};

static void run(void *(*work)(void *), struct shared *all)
{
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, work, &all[i]), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
}

static void *fill(void *arg)
{
    struct shared *s = arg;
    char key[16];
    snprintf(key, sizeof key, "thread %d", s->number);
    for (int i = 0; i < ROUNDS; i++) {
        cairn_span_set_int(s->span, key, i);
        if (i < 10)
            cairn_span_add_event(s->span, "e", CAIRN_ATTRS(CAIRN_INT("i", i)));
        cairn_span_end(
            cairn_span_start(s->tracer, "child", CAIRN_WITH(.parent = cairn_context_of(s->span))));
    }
    return NULL;
}

static void test_one_span(void **state)
{
    cairn_exporter *memory = cairn_exporter_memory(100000);
    struct cairn_batch_options o = {.size = sizeof o, .queue_spans_max = 65536};
    cairn_processor *p = cairn_processor_batch(cairn_exporter_ref(memory), &o);
    cairn_sdk *sdk = cairn_sdk_new(CAIRN_SDK(.processors = &p, .processor_count = 1));
    struct cairn_tracer_options scope = {.size = sizeof scope, .name = "threads"};
    cairn_tracer *tracer = cairn_tracer_get_with(cairn_sdk_tracer_provider(sdk), &scope);
    struct fixture f = {sdk, memory, tracer};
    cairn_span *span = cairn_span_start(tracer, "shared", NULL);
    struct shared all[THREADS];
    struct cairn_event_data e;
    struct cairn_value v;
    struct cairn_stats stats = {.size = sizeof stats};
    (void)state;
    for (int i = 0; i < THREADS; i++)
        all[i] = (struct shared){tracer, span, i};
    run(fill, all);
    cairn_span_end(span);
    assert_int_equal(cairn_sdk_force_flush(sdk, CAIRN_FOREVER), CAIRN_OK);
    cairn_sdk_get_stats(sdk, &stats);
    assert_int_equal(stats.ended, 1 + THREADS * ROUNDS);
    assert_int_equal(stats.exported + stats.lost_queue_full, stats.ended);
    for (int i = 0; i < THREADS; i++) {
        char key[16];
        snprintf(key, sizeof key, "thread %d", i);
        assert_true(cairn_span_data_find(finished(&f, "shared"), key, &v));
        assert_int_equal(v.as.integer, ROUNDS - 1);
    }
    assert_true(cairn_span_data_event(finished(&f, "shared"), 10 * THREADS - 1, &e));
    fixture_close(&f);
}

static _Atomic(cairn_span *) mailbox;

/* Everybody takes what another thread started, fills and ends it; ends may meet. */
static void *pass_around(void *arg)
{
    struct shared *s = arg;
    for (int i = 0; i < ROUNDS; i++) {
        cairn_span *mine = cairn_span_start(s->tracer, "passed", NULL), *theirs;
        theirs = atomic_exchange(&mailbox, mine);
        cairn_span_set(theirs, CAIRN_INT("by", s->number));
        cairn_span_end(theirs);
    }
    return NULL;
}

static void test_passed_around(void **state)
{
    struct fixture f = fixture_open();
    struct shared all[THREADS];
    struct cairn_stats stats = {.size = sizeof stats};
    (void)state;
    for (int i = 0; i < THREADS; i++)
        all[i] = (struct shared){f.tracer, NULL, i};
    run(pass_around, all);
    cairn_span_end(atomic_exchange(&mailbox, NULL));
    cairn_sdk_get_stats(f.sdk, &stats);
    assert_int_equal(stats.started, THREADS * ROUNDS);
    assert_int_equal(stats.ended, THREADS * ROUNDS);
    fixture_close(&f);
}

static void *one_span(void *arg)
{
    struct shared *s = arg;
    cairn_span *left = cairn_span_start(s->tracer, "left open", NULL);
    CAIRN_SPAN(span, s->tracer, "short-lived");
    cairn_span_set(left, CAIRN_INT("a", 1));
    s->span = left;
    return NULL;
}

/* Threads end with live spans; others end these later. */
static void test_threads_come_and_go(void **state)
{
    struct fixture f = fixture_open();
    (void)state;
    for (int round = 0; round < 50; round++) {
        struct shared all[THREADS];
        for (int i = 0; i < THREADS; i++)
            all[i] = (struct shared){f.tracer, NULL, i};
        run(one_span, all);
        for (int i = 0; i < THREADS; i++) {
            cairn_span_set(all[i].span, CAIRN_INT("late", 1));
            cairn_span_end(all[i].span);
        }
    }
    assert_int_equal(cairn_memory_count(f.memory), 2 * 50 * THREADS);
    fixture_close(&f);
}

static atomic_bool go_on;

static void *work_until_told(void *arg)
{
    struct shared *s = arg;
    while (atomic_load(&go_on)) {
        CAIRN_SPAN(span, s->tracer, "under load");
        cairn_span_set(span, CAIRN_INT("a", 1), CAIRN_STR("b", "c"));
    }
    return NULL;
}

static void test_stop_under_load(void **state)
{
    (void)state;
    cairn_set_diagnostics(remember_diagnostic, NULL);
    for (int round = 0; round < 10; round++) {
        cairn_exporter *memory = cairn_exporter_memory(10);
        cairn_processor *p =
            round % 2 ? cairn_processor_batch(memory, NULL) : cairn_processor_simple(memory);
        cairn_sdk *sdk = cairn_sdk_new(CAIRN_SDK(.processors = &p, .processor_count = 1));
        struct shared all[THREADS];
        pthread_t threads[THREADS];
        cairn_tracer_provider_set_global(cairn_sdk_tracer_provider(sdk));
        atomic_store(&go_on, true);
        for (int i = 0; i < THREADS; i++) {
            all[i] = (struct shared){cairn_tracer_get("load"), NULL, i};
            assert_int_equal(pthread_create(&threads[i], NULL, work_until_told, &all[i]), 0);
        }
        usleep(3000);
        cairn_sdk_stop(sdk, CAIRN_FOREVER);
        usleep(1000);
        atomic_store(&go_on, false);
        for (int i = 0; i < THREADS; i++)
            pthread_join(threads[i], NULL);
    }
    cairn_set_diagnostics(NULL, NULL);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_span),
        cmocka_unit_test(test_passed_around),
        cmocka_unit_test(test_threads_come_and_go),
        cmocka_unit_test(test_stop_under_load),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
