/* The batch processor: when it exports, how much at once, what a full queue does, deadlines with an exporter that hangs. */
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "sdk_test.h"

/* An exporter that notes batch sizes and may be made to wait. */
struct sink {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    size_t sizes[256], calls, spans;
    uint32_t timeout_ms; /* of the last export */
    bool blocked;        /* export_spans waits until this is false */
    cairn_status answer;
    unsigned flushes, shutdowns, freed, interrupts, in_export;
};

static cairn_status sink_export(void *user, const cairn_span_batch *batch, uint32_t timeout_ms)
{
    struct sink *s = user;
    cairn_status answer;
    pthread_mutex_lock(&s->mutex);
    s->timeout_ms = timeout_ms;
    assert_int_equal(s->in_export++, 0); /* never two at once */
    pthread_cond_broadcast(&s->changed);
    while (s->blocked)
        pthread_cond_wait(&s->changed, &s->mutex);
    if (s->calls < COUNT(s->sizes))
        s->sizes[s->calls] = cairn_batch_count(batch);
    s->calls++;
    s->spans += cairn_batch_count(batch);
    s->in_export--;
    answer = s->answer;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->mutex);
    return answer;
}

static cairn_status sink_flush(void *user, uint32_t timeout_ms)
{
    (void)timeout_ms;
    ((struct sink *)user)->flushes++;
    return CAIRN_OK;
}

static cairn_status sink_shutdown(void *user, uint32_t timeout_ms)
{
    (void)timeout_ms;
    ((struct sink *)user)->shutdowns++;
    return CAIRN_OK;
}

static void sink_interrupt(void *user)
{
    ((struct sink *)user)->interrupts++;
}

static void sink_free(void *user)
{
    struct sink *s = user;
    pthread_mutex_lock(&s->mutex);
    s->freed++;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->mutex);
}

struct batch_fixture {
    struct sink sink;
    cairn_sdk *sdk;
    cairn_tracer *tracer;
};

static void open_batch(struct batch_fixture *f, struct cairn_batch_options o)
{
    static const struct cairn_exporter_ops ops = {
        .size = sizeof ops,
        .export_spans = sink_export,
        .force_flush = sink_flush,
        .shutdown = sink_shutdown,
        .interrupt = sink_interrupt,
        .free_user = sink_free,
    };
    cairn_processor *batch;
    memset(f, 0, sizeof *f);
    pthread_mutex_init(&f->sink.mutex, NULL);
    pthread_cond_init(&f->sink.changed, NULL);
    o.size = sizeof o;
    if (!o.schedule_delay_ms)
        o.schedule_delay_ms = 3600 * 1000;
    batch = cairn_processor_batch(cairn_exporter_custom(&ops, &f->sink), &o);
    f->sdk = cairn_sdk_new(CAIRN_SDK(.processors = &batch, .processor_count = 1));
    cairn_tracer_provider_set_global(cairn_sdk_tracer_provider(f->sdk));
    f->tracer = cairn_tracer_get("batch");
}

static void spans(struct batch_fixture *f, size_t n)
{
    while (n--) {
        CAIRN_SPAN(span, f->tracer, "span");
        cairn_span_set(span, CAIRN_INT("n", (int64_t)n));
    }
}

static void set_blocked(struct batch_fixture *f, bool blocked)
{
    pthread_mutex_lock(&f->sink.mutex);
    f->sink.blocked = blocked;
    pthread_cond_broadcast(&f->sink.changed);
    pthread_mutex_unlock(&f->sink.mutex);
}

/* Until the sink has seen so many spans or an export has begun; a test that hangs is killed by ctest. */
static void wait_for_spans(struct batch_fixture *f, size_t n)
{
    pthread_mutex_lock(&f->sink.mutex);
    while (f->sink.spans < n)
        pthread_cond_wait(&f->sink.changed, &f->sink.mutex);
    pthread_mutex_unlock(&f->sink.mutex);
}

static void wait_for_export_begun(struct batch_fixture *f)
{
    pthread_mutex_lock(&f->sink.mutex);
    while (!f->sink.in_export)
        pthread_cond_wait(&f->sink.changed, &f->sink.mutex);
    pthread_mutex_unlock(&f->sink.mutex);
}

static struct cairn_stats stats_of(struct batch_fixture *f)
{
    struct cairn_stats s = {.size = sizeof s};
    cairn_sdk_get_stats(f->sdk, &s);
    return s;
}

static void close_batch(struct batch_fixture *f)
{
    assert_int_equal(cairn_sdk_stop(f->sdk, CAIRN_FOREVER), CAIRN_OK);
    assert_int_equal(f->sink.shutdowns, 1);
    assert_int_equal(f->sink.freed, 1);
}

static void test_by_size(void **state)
{
    struct batch_fixture f;
    (void)state;
    open_batch(&f, (struct cairn_batch_options){.batch_spans_max = 64, .queue_spans_max = 4096});
    spans(&f, 64);
    wait_for_spans(&f, 64); /* without the delay, which is an hour */
    assert_int_equal(f.sink.sizes[0], 64);
    spans(&f, 10); /* too few */
    assert_int_equal(cairn_sdk_force_flush(f.sdk, CAIRN_FOREVER), CAIRN_OK);
    assert_int_equal(f.sink.spans, 74);
    assert_int_equal(f.sink.sizes[1], 10);
    assert_int_equal(f.sink.flushes, 1);
    close_batch(&f);
}

static void test_by_delay(void **state)
{
    struct batch_fixture f;
    (void)state;
    open_batch(&f, (struct cairn_batch_options){.schedule_delay_ms = 20});
    spans(&f, 3);
    wait_for_spans(&f, 3);
    assert_true(f.sink.sizes[0] <= 3);
    close_batch(&f);
}

static void test_batches_stay_small(void **state)
{
    struct batch_fixture f;
    (void)state;
    open_batch(&f, (struct cairn_batch_options){.batch_spans_max = 10, .queue_spans_max = 1000});
    for (int round = 0; round < 3; round++) { /* also after a flush */
        set_blocked(&f, true);
        spans(&f, 95);
        set_blocked(&f, false);
        assert_int_equal(cairn_sdk_force_flush(f.sdk, CAIRN_FOREVER), CAIRN_OK);
    }
    assert_int_equal(f.sink.spans, 3 * 95);
    for (size_t i = 0; i < f.sink.calls; i++)
        assert_in_range(f.sink.sizes[i], 1, 10);
    close_batch(&f);
}

static void test_full_queue(void **state)
{
    struct batch_fixture f;
    struct cairn_stats s;
    (void)state;
    listen_to_diagnostics();
    open_batch(&f, (struct cairn_batch_options){.batch_spans_max = 10, .queue_spans_max = 100});
    set_blocked(&f, true);
    spans(&f, 10);
    wait_for_export_begun(&f); /* these ten are out of the queue */
    spans(&f, 250);
    s = stats_of(&f);
    assert_int_equal(s.ended, 260);
    assert_int_equal(s.lost_queue_full, 150);
    set_blocked(&f, false);
    close_batch(&f);
    assert_int_equal(f.sink.spans, 110);
    assert_int_equal(said_lines(), 1); /* one line, not one a span */
    assert_non_null(strstr(said, "150 queue full"));
    cairn_set_diagnostics(NULL, NULL);
}

static void test_large_spans(void **state)
{
    static char big[20000];
    struct batch_fixture f;
    (void)state;
    open_batch(&f, (struct cairn_batch_options){.queue_spans_max = 100});
    memset(big, 'x', sizeof big);
    for (int i = 0; i < 90; i++) { /* more bytes than the ring has: they are not in it */
        CAIRN_SPAN(span, f.tracer, "big");
        cairn_span_set(span, CAIRN_STRN("v", big, sizeof big));
    }
    assert_int_equal(cairn_sdk_force_flush(f.sdk, CAIRN_FOREVER), CAIRN_OK);
    assert_int_equal(f.sink.spans, 90);
    close_batch(&f);
}

/* Records wrap around and restart many times; nothing is lost as long as somebody takes them out. */
static void test_many(void **state)
{
    struct batch_fixture f;
    size_t sum = 0;
    (void)state;
    open_batch(&f, (struct cairn_batch_options){.queue_spans_max = 512, .batch_spans_max = 128});
    for (size_t i = 0; i < 400; i++) {
        size_t n = 1 + i * 37 % 500;
        spans(&f, n);
        sum += n;
        assert_int_equal(cairn_sdk_force_flush(f.sdk, CAIRN_FOREVER), CAIRN_OK);
    }
    assert_int_equal(f.sink.spans, sum);
    assert_int_equal(stats_of(&f).exported, sum);
    close_batch(&f);
}

static void test_flush_deadline(void **state)
{
    struct batch_fixture f;
    (void)state;
    open_batch(&f, (struct cairn_batch_options){.batch_spans_max = 10});
    set_blocked(&f, true);
    spans(&f, 5);
    assert_int_equal(cairn_sdk_force_flush(f.sdk, 50), CAIRN_ERROR_TIMEOUT);
    assert_int_equal(cairn_sdk_force_flush(f.sdk, 0), CAIRN_ERROR_TIMEOUT);
    set_blocked(&f, false);
    assert_int_equal(cairn_sdk_force_flush(f.sdk, CAIRN_FOREVER), CAIRN_OK);
    assert_int_equal(f.sink.spans, 5);
    close_batch(&f);
}

/* An export may take what the processor's timeout says, and no more than what is left of a shutdown's. */
static void test_export_timeout(void **state)
{
    struct batch_fixture f;
    (void)state;
    open_batch(&f, (struct cairn_batch_options){.batch_spans_max = 10, .export_timeout_ms = 1234});
    spans(&f, 1);
    assert_int_equal(cairn_sdk_force_flush(f.sdk, CAIRN_FOREVER), CAIRN_OK);
    assert_int_equal(f.sink.timeout_ms, 1234);
    spans(&f, 1);
    assert_int_equal(cairn_sdk_shutdown(f.sdk, 900), CAIRN_OK);
    assert_in_range(f.sink.timeout_ms, 1, 900);
    assert_int_equal(f.sink.flushes, 2); /* a shutdown flushes too */
    close_batch(&f);
}

static void test_shutdown_deadline(void **state)
{
    static struct batch_fixture f; /* the drainer is still in it when the test goes on */
    struct cairn_stats s;
    (void)state;
    listen_to_diagnostics();
    open_batch(&f, (struct cairn_batch_options){.batch_spans_max = 10});
    set_blocked(&f, true);
    spans(&f, 10);
    wait_for_export_begun(&f);
    spans(&f, 25);
    assert_int_equal(cairn_sdk_shutdown(f.sdk, 50), CAIRN_ERROR_TIMEOUT);
    assert_int_equal(f.sink.interrupts, 1);
    spans(&f, 1);           /* harmless, and not started */
    set_blocked(&f, false); /* the hanging export comes back at last */
    pthread_mutex_lock(&f.sink.mutex);
    while (!f.sink.freed)
        pthread_cond_wait(&f.sink.changed, &f.sink.mutex);
    pthread_mutex_unlock(&f.sink.mutex);
    s = stats_of(&f);
    assert_int_equal(s.exported, 10);
    assert_int_equal(s.lost_shutdown, 25); /* its time was over */
    assert_int_equal(cairn_sdk_stop(f.sdk, 0), CAIRN_OK);
    cairn_set_diagnostics(NULL, NULL);
}

static void test_failures_are_counted(void **state)
{
    struct batch_fixture f;
    (void)state;
    listen_to_diagnostics();
    open_batch(&f, (struct cairn_batch_options){.batch_spans_max = 10});
    f.sink.answer = CAIRN_ERROR_FAILED;
    spans(&f, 7);
    assert_int_equal(cairn_sdk_force_flush(f.sdk, CAIRN_FOREVER), CAIRN_ERROR_FAILED);
    assert_int_equal(stats_of(&f).lost_export, 7);
    assert_int_equal(stats_of(&f).exported, 0);
    close_batch(&f);
    cairn_set_diagnostics(NULL, NULL);
}

static void test_limits_are_told(void **state)
{
    struct batch_fixture f;
    (void)state;
    listen_to_diagnostics();
    open_batch(&f, (struct cairn_batch_options){.batch_spans_max = 100});
    for (int i = 0; i < 20; i++) {
        cairn_span *span = cairn_span_start(f.tracer, "x", NULL);
        for (int j = 0; j < (i < 15 ? 200 : 10); j++) {
            char key[16];
            snprintf(key, sizeof key, "key %d", j);
            cairn_span_set_int(span, key, j);
        }
        cairn_span_end(span);
    }
    close_batch(&f);
    assert_int_equal(said_lines(), 1);
    assert_non_null(strstr(said, "out of 15 spans"));
    cairn_set_diagnostics(NULL, NULL);
}

static void test_unused(void **state)
{
    struct batch_fixture f;
    (void)state;
    for (int i = 0; i < 20; i++) { /* numbers come back: more than QUEUES_MAX in a row */
        open_batch(&f, (struct cairn_batch_options){.batch_spans_max = 10});
        assert_int_equal(cairn_sdk_force_flush(f.sdk, 0), CAIRN_OK);
        if (i % 2)
            spans(&f, 3);
        close_batch(&f);
        assert_int_equal(f.sink.spans, i % 2 ? 3 : 0);
    }
}

/* Several processors: each gets every span, whole. */
static void test_two_processors(void **state)
{
    cairn_exporter *a = cairn_exporter_memory(100), *b = cairn_exporter_memory(100);
    cairn_processor *both[] = {cairn_processor_batch(cairn_exporter_ref(a), NULL),
                               cairn_processor_simple(cairn_exporter_ref(b))};
    cairn_sdk *sdk = cairn_sdk_new(CAIRN_SDK(.processors = both, .processor_count = 2));
    struct cairn_tracer_options scope = {.size = sizeof scope, .name = "two"};
    cairn_tracer *tracer = cairn_tracer_get_with(cairn_sdk_tracer_provider(sdk), &scope);
    static char big[5000];
    struct cairn_value v;
    (void)state;
    memset(big, 'x', sizeof big);
    for (int i = 0; i < 4; i++) {
        cairn_span *span = cairn_span_start(tracer, "x", NULL);
        cairn_span_set(span, CAIRN_STRN("v", big, i % 2 ? sizeof big : 10));
        cairn_span_end(span);
    }
    assert_int_equal(cairn_sdk_stop(sdk, CAIRN_FOREVER), CAIRN_OK);
    assert_int_equal(cairn_memory_count(a), 4);
    assert_int_equal(cairn_memory_count(b), 4);
    assert_true(cairn_span_data_find(cairn_memory_span(a, 1), "v", &v));
    assert_int_equal(v.as.string.n, sizeof big);
    cairn_exporter_unref(a);
    cairn_exporter_unref(b);
}

struct calls {
    unsigned starts, ends, flushes, shutdowns, freed;
};

static void on_start(void *user, cairn_span *span, cairn_context *parent)
{
    ((struct calls *)user)->starts++;
    assert_ptr_equal(parent, cairn_context_empty());
    cairn_span_set(span, CAIRN_STR("added", "at start"));
}

static void on_end(void *user, const cairn_span_data *span)
{
    struct cairn_value v;
    ((struct calls *)user)->ends++;
    assert_true(cairn_span_data_find(span, "added", &v));
}

static cairn_status on_flush(void *user, uint32_t timeout_ms)
{
    (void)timeout_ms;
    ((struct calls *)user)->flushes++;
    return CAIRN_OK;
}

static cairn_status on_shutdown(void *user, uint32_t timeout_ms)
{
    (void)timeout_ms;
    ((struct calls *)user)->shutdowns++;
    return CAIRN_OK;
}

static void on_free(void *user)
{
    ((struct calls *)user)->freed++;
}

static void test_custom_processor(void **state)
{
    static const struct cairn_processor_ops ops = {sizeof ops,  on_start, on_end, on_flush,
                                                   on_shutdown, on_free,  NULL};
    struct calls calls = {0};
    cairn_processor *p = cairn_processor_custom(&ops, &calls);
    cairn_sdk *sdk = cairn_sdk_new(CAIRN_SDK(.processors = &p, .processor_count = 1));
    struct cairn_tracer_options scope = {.size = sizeof scope, .name = "custom"};
    cairn_tracer *tracer = cairn_tracer_get_with(cairn_sdk_tracer_provider(sdk), &scope);
    (void)state;
    cairn_span_end(cairn_span_start(tracer, "x", NULL));
    assert_int_equal(cairn_sdk_force_flush(sdk, 10000), CAIRN_OK);
    assert_int_equal(cairn_sdk_stop(sdk, 10000), CAIRN_OK);
    assert_int_equal(calls.starts, 1);
    assert_int_equal(calls.ends, 1);
    assert_int_equal(calls.flushes, 1);
    assert_int_equal(calls.shutdowns, 1);
    assert_int_equal(calls.freed, 1);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_size),
        cmocka_unit_test(test_by_delay),
        cmocka_unit_test(test_batches_stay_small),
        cmocka_unit_test(test_full_queue),
        cmocka_unit_test(test_large_spans),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_flush_deadline),
        cmocka_unit_test(test_export_timeout),
        cmocka_unit_test(test_shutdown_deadline),
        cmocka_unit_test(test_failures_are_counted),
        cmocka_unit_test(test_limits_are_told),
        cmocka_unit_test(test_unused),
        cmocka_unit_test(test_two_processors),
        cmocka_unit_test(test_custom_processor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
