/* Exporters whose results come later: what is counted, and when. */
#include <cairn/metrics.h>

#include <pthread.h>

#include "sdk_test.h"

enum { BATCHES_MAX = 8 };

struct later {
    cairn_pending_batch *pending[BATCHES_MAX];
    size_t count;
    bool second_try; /* a batch was deferred twice */
};

static cairn_status defer(void *user, const cairn_span_batch *batch, uint32_t timeout_ms)
{
    struct later *l = user;
    (void)timeout_ms;
    assert_true(l->count < BATCHES_MAX);
    l->pending[l->count] = cairn_batch_defer(batch);
    assert_non_null(l->pending[l->count++]);
    l->second_try |= cairn_batch_defer(batch) != NULL;
    return CAIRN_ERROR_FAILED; /* decides nothing */
}

static const struct cairn_exporter_ops ops = {.size = sizeof ops, .export_spans = defer};

static struct cairn_stats stats_of(cairn_sdk *sdk)
{
    struct cairn_stats s = {.size = sizeof s};
    cairn_sdk_get_stats(sdk, &s);
    return s;
}

/* The sum of a metric's points whose attribute `key` is want (NULL: that have none of that key). */
static int64_t sum_of(cairn_sdk *sdk, const char *name, const char *want)
{
    cairn_metrics *m = cairn_sdk_metrics(sdk);
    struct cairn_metric_point p = {.size = sizeof p};
    int64_t sum = 0;
    for (size_t i = 0; cairn_metrics_point(m, i, &p); i++) {
        const char *type = NULL;
        char text[64];
        for (size_t j = 0; j < p.attributes.count; j++) {
            const struct cairn_attr *a = &p.attributes.items[j];
            if (a->key.n == 10 && memcmp(a->key.p, "error.type", 10) == 0) {
                snprintf(text, sizeof text, "%.*s", (int)a->value.as.string.n,
                         a->value.as.string.p);
                type = text;
            }
        }
        if (strcmp(p.name, name) == 0 && (want ? type && strcmp(type, want) == 0 : !type))
            sum += p.value;
    }
    cairn_metrics_free(m);
    return sum;
}

#define INFLIGHT "otel.sdk.exporter.span.inflight"
#define EXPORTED "otel.sdk.exporter.span.exported"

static void end_spans(cairn_sdk *sdk, int n)
{
    struct cairn_tracer_options scope = {.size = sizeof scope, .name = "later"};
    cairn_tracer *tracer = cairn_tracer_get_with(cairn_sdk_tracer_provider(sdk), &scope);
    while (n--)
        cairn_span_end(cairn_span_start(tracer, "x", NULL));
}

static void *done_elsewhere(void *arg)
{
    char type[] = "503";
    struct cairn_export_report report = {
        .size = sizeof report, .error_type = type, .http_status = 503};
    cairn_pending_batch_done(arg, CAIRN_ERROR_FAILED, &report);
    memset(type, 'x', 3); /* it was copied */
    return NULL;
}

static void check_later(cairn_sdk *sdk, struct later *l, uint64_t each)
{
    struct cairn_export_report part = {.size = sizeof part, .rejected_spans = 1};
    pthread_t thread;
    assert_int_equal(l->count, 3);
    assert_int_equal(stats_of(sdk).exported + stats_of(sdk).lost_export, 0);
    assert_int_equal(sum_of(sdk, INFLIGHT, NULL), 3 * each);
    cairn_pending_batch_done(l->pending[2], CAIRN_OK, NULL);
    assert_int_equal(stats_of(sdk).exported, each);
    assert_int_equal(sum_of(sdk, INFLIGHT, NULL), 2 * each);
    assert_int_equal(pthread_create(&thread, NULL, done_elsewhere, l->pending[0]), 0);
    pthread_join(thread, NULL);
    assert_int_equal(stats_of(sdk).lost_export, each);
    assert_int_equal(sum_of(sdk, EXPORTED, "503"), each);
    assert_int_equal(cairn_sdk_stop(sdk, CAIRN_FOREVER) == CAIRN_OK, 1);
    cairn_pending_batch_done(l->pending[1], CAIRN_OK, &part); /* behind the end */
    assert_int_equal(stats_of(sdk).exported, 2 * each);
    assert_int_equal(sum_of(sdk, INFLIGHT, NULL), 0);
    assert_int_equal(sum_of(sdk, EXPORTED, "rejected"), 1);
    assert_int_equal(sum_of(sdk, EXPORTED, NULL), 2 * each - 1);
    assert_false(l->second_try);
}

static void test_batch(void **state)
{
    struct later l = {.count = 0};
    cairn_processor *p = cairn_processor_batch(cairn_exporter_custom(&ops, &l), NULL);
    cairn_sdk *sdk = cairn_sdk_new(CAIRN_SDK(.processors = &p, .processor_count = 1));
    (void)state;
    for (int i = 0; i < 3; i++) {
        end_spans(sdk, 4);
        assert_int_equal(cairn_sdk_force_flush(sdk, CAIRN_FOREVER), CAIRN_ERROR_FAILED);
    }
    check_later(sdk, &l, 4);
}

static void test_simple(void **state)
{
    struct later l = {.count = 0};
    cairn_processor *p = cairn_processor_simple(cairn_exporter_custom(&ops, &l));
    cairn_sdk *sdk = cairn_sdk_new(CAIRN_SDK(.processors = &p, .processor_count = 1));
    (void)state;
    end_spans(sdk, 3);
    check_later(sdk, &l, 1);
}

static void test_nothing(void **state)
{
    (void)state;
    assert_null(cairn_batch_defer(NULL));
    cairn_pending_batch_done(NULL, CAIRN_OK, NULL);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_batch),
        cmocka_unit_test(test_simple),
        cmocka_unit_test(test_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
