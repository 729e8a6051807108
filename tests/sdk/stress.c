/* The batch processor under many threads: the bound of the queue, full batches at steady load, no lost wake-ups. */
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "sdk_test.h"

enum { THREADS = 8 };

struct sink {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool blocked;
    size_t inside, spans, batches, not_full, batch_max;
};

static cairn_status sink_export(void *user, const cairn_span_batch *batch, uint32_t timeout_ms)
{
    struct sink *s = user;
    (void)timeout_ms;
    pthread_mutex_lock(&s->mutex);
    s->inside++;
    pthread_cond_broadcast(&s->changed);
    while (s->blocked)
        pthread_cond_wait(&s->changed, &s->mutex);
    s->inside--;
    s->spans += cairn_batch_count(batch);
    s->batches++;
    s->not_full += cairn_batch_count(batch) != s->batch_max;
    assert_true(cairn_batch_count(batch) <= s->batch_max);
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->mutex);
    return CAIRN_OK;
}

struct world {
    struct sink sink;
    cairn_sdk *sdk;
    cairn_tracer *tracer;
    size_t each; /* spans of a thread */
    bool slowly;
};

static void world_open(struct world *w, uint32_t queue, uint32_t batch)
{
    static const struct cairn_exporter_ops ops = {.size = sizeof ops, .export_spans = sink_export};
    struct cairn_batch_options o = {.size = sizeof o,
                                    .queue_spans_max = queue,
                                    .batch_spans_max = batch,
                                    .schedule_delay_ms = 3600 * 1000};
    struct cairn_tracer_options scope = {.size = sizeof scope, .name = "stress"};
    cairn_processor *p;
    *w = (struct world){.sink = {.batch_max = batch}};
    pthread_mutex_init(&w->sink.mutex, NULL);
    pthread_cond_init(&w->sink.changed, NULL);
    p = cairn_processor_batch(cairn_exporter_custom(&ops, &w->sink), &o);
    w->sdk = cairn_sdk_new(CAIRN_SDK(.processors = &p, .processor_count = 1));
    w->tracer = cairn_tracer_get_with(cairn_sdk_tracer_provider(w->sdk), &scope);
    cairn_set_diagnostics(remember_diagnostic, NULL);
}

static void world_close(struct world *w)
{
    assert_int_equal(cairn_sdk_stop(w->sdk, CAIRN_FOREVER), CAIRN_OK);
    cairn_set_diagnostics(NULL, NULL);
}

static void *work(void *arg)
{
    struct world *w = arg;
    for (size_t i = 0; i < w->each; i++) {
        cairn_span_end(cairn_span_start(w->tracer, "x", NULL));
        if (w->slowly && i % 64 == 0)
            nanosleep(&(struct timespec){.tv_nsec = 200000}, NULL);
    }
    return NULL;
}

static void run(struct world *w, size_t threads, size_t each)
{
    pthread_t ids[THREADS];
    w->each = each;
    for (size_t i = 0; i < threads; i++)
        assert_int_equal(pthread_create(&ids[i], NULL, work, w), 0);
    for (size_t i = 0; i < threads; i++)
        pthread_join(ids[i], NULL);
}

static void wait_for(struct sink *s, const size_t *what, size_t at_least)
{
    pthread_mutex_lock(&s->mutex);
    while (*what < at_least)
        pthread_cond_wait(&s->changed, &s->mutex);
    pthread_mutex_unlock(&s->mutex);
}

/* With the exporter stuck, eight threads keep to the bound but for the step that each may be in when it is put to sleep. */
static void test_bound(void **state)
{
    enum { QUEUE = 2048, BATCH = 512, EACH = 3000, STEP = 16 };
    struct world w;
    struct cairn_stats stats = {.size = sizeof stats};
    (void)state;
    world_open(&w, QUEUE, BATCH);
    w.sink.blocked = true;
    run(&w, 1, BATCH);
    wait_for(&w.sink, &w.sink.inside, 1); /* these are out of the queue */
    run(&w, THREADS, EACH);
    cairn_sdk_get_stats(w.sdk, &stats);
    assert_int_equal(stats.ended, BATCH + THREADS * EACH);
    assert_in_range(stats.ended - BATCH - stats.lost_queue_full, QUEUE, QUEUE + THREADS * STEP);
    pthread_mutex_lock(&w.sink.mutex);
    w.sink.blocked = false;
    pthread_cond_broadcast(&w.sink.changed);
    pthread_mutex_unlock(&w.sink.mutex);
    cairn_sdk_force_flush(w.sdk, CAIRN_FOREVER);
    cairn_sdk_get_stats(w.sdk, &stats);
    assert_int_equal(stats.exported + stats.lost_queue_full, stats.ended);
    world_close(&w);
}

/* However the spans come, what is exported before the end is full batches. */
static void test_steady_load(void **state)
{
    struct world w;
    struct cairn_stats stats = {.size = sizeof stats};
    (void)state;
    world_open(&w, 8192, 256);
    w.slowly = true;
    run(&w, 4, 6000);
    pthread_mutex_lock(&w.sink.mutex);
    assert_int_equal(w.sink.not_full, 0);
    assert_true(w.sink.batches > 0);
    pthread_mutex_unlock(&w.sink.mutex);
    cairn_sdk_force_flush(w.sdk, CAIRN_FOREVER);
    cairn_sdk_get_stats(w.sdk, &stats);
    assert_int_equal(stats.exported + stats.lost_queue_full, stats.ended);
    assert_true(w.sink.not_full <= 1); /* the rest */
    world_close(&w);
}

/* A batch and nothing more, again and again: when one wake-up is lost this waits an hour. */
static void test_wake_ups(void **state)
{
    static const struct {
        uint32_t batch;
        size_t threads, rounds;
    } cases[] = {{1, 1, 3000}, {32, 1, 2000}, {512, 1, 300}, {512, 2, 200}, {16, 8, 200}};
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct world w;
        world_open(&w, 4096, cases[i].batch);
        for (size_t round = 1; round <= cases[i].rounds; round++) {
            run(&w, cases[i].threads, cases[i].batch / cases[i].threads);
            wait_for(&w.sink, &w.sink.spans, round * cases[i].batch);
        }
        assert_int_equal(w.sink.not_full, 0);
        world_close(&w);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bound),
        cmocka_unit_test(test_steady_load),
        cmocka_unit_test(test_wake_ups),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
