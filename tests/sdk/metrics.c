/* The SDK's numbers about itself: each metric of the semantic conventions, as a snapshot and as OTLP. */
#include <cairn/metrics.h>

#include "sdk_test.h"
#include "wire/pb.h"

/* The point of this name whose attributes contain all of `labels` ("key=value key=value"); -1 when there is none. */
static bool has_label(const struct cairn_attrs *attrs, const char *label, size_t n)
{
    for (size_t i = 0; i < attrs->count; i++) {
        char text[128];
        const struct cairn_attr *a = &attrs->items[i];
        if (a->value.type == CAIRN_TYPE_INT)
            snprintf(text, sizeof text, "%.*s=%d", (int)a->key.n, a->key.p,
                     (int)a->value.as.integer);
        else
            snprintf(text, sizeof text, "%.*s=%.*s", (int)a->key.n, a->key.p,
                     (int)a->value.as.string.n, a->value.as.string.p);
        if (strlen(text) == n && memcmp(text, label, n) == 0)
            return true;
    }
    return false;
}

static bool find(const cairn_metrics *m, const char *name, const char *labels,
                 struct cairn_metric_point *ret)
{
    ret->size = sizeof *ret;
    for (size_t i = 0; cairn_metrics_point(m, i, ret); i++) {
        bool all = strcmp(ret->name, name) == 0;
        size_t wanted = 0;
        for (const char *at = labels; *at && all; wanted++) {
            size_t n = strcspn(at, " ");
            all = has_label(&ret->attributes, at, n);
            at += n + (at[n] == ' ');
        }
        if (all && wanted == ret->attributes.count)
            return true;
    }
    return false;
}

static void check_value(const cairn_metrics *m, const char *name, const char *labels, int64_t want)
{
    struct cairn_metric_point p;
    if (!find(m, name, labels, &p))
        fail_msg("no point %s {%s}", name, labels);
    if (p.value != want)
        fail_msg("%s {%s}: %lld, not %lld", name, labels, (long long)p.value, (long long)want);
}

struct script {
    cairn_status answer;
    struct cairn_export_report report;
    bool reports;
    cairn_sdk *sdk;
    int64_t inflight; /* seen from inside */
};

static cairn_status scripted_export(void *user, const cairn_span_batch *batch, uint32_t timeout_ms)
{
    struct script *s = user;
    cairn_metrics *m = cairn_sdk_metrics(s->sdk);
    struct cairn_metric_point p;
    (void)timeout_ms;
    if (find(m, "otel.sdk.exporter.span.inflight",
             "otel.component.name=test_exporter/0 otel.component.type=test_exporter "
             "server.address=example.com server.port=4318",
             &p))
        s->inflight = p.value;
    cairn_metrics_free(m);
    if (s->reports)
        cairn_batch_report(batch, &s->report);
    return s->answer;
}

struct world {
    struct script script;
    cairn_sdk *sdk;
    cairn_tracer *tracer;
};

static void world_open(struct world *w, cairn_sampler *sampler)
{
    static const struct cairn_exporter_ops ops = {.size = sizeof ops,
                                                  .export_spans = scripted_export};
    static const struct cairn_exporter_info info = {.size = sizeof info,
                                                    .component_type = "test_exporter",
                                                    .server_address = "example.com",
                                                    .server_port = 4318};
    struct cairn_batch_options o = {.size = sizeof o,
                                    .queue_spans_max = 100,
                                    .batch_spans_max = 100,
                                    .schedule_delay_ms = 3600 * 1000};
    struct cairn_tracer_options scope = {.size = sizeof scope, .name = "metrics"};
    cairn_exporter *e;
    cairn_processor *p;
    *w = (struct world){.script = {.answer = CAIRN_OK}};
    e = cairn_exporter_custom(&ops, &w->script);
    cairn_exporter_describe(e, &info);
    p = cairn_processor_batch(e, &o);
    w->sdk = cairn_sdk_new(CAIRN_SDK(.processors = &p, .processor_count = 1, .sampler = sampler,
                                     .service_name = "shop"));
    w->script.sdk = w->sdk;
    w->tracer = cairn_tracer_get_with(cairn_sdk_tracer_provider(w->sdk), &scope);
}

#define PROCESSOR \
    "otel.component.name=batching_span_processor/0 otel.component.type=batching_span_processor"
#define EXPORTER                                                             \
    "otel.component.name=test_exporter/0 otel.component.type=test_exporter " \
    "server.address=example.com server.port=4318"

static void spans(struct world *w, int n)
{
    while (n--)
        cairn_span_end(cairn_span_start(w->tracer, "x", NULL));
}

static void sample_by_name(void *user, const struct cairn_sampling_params *params,
                           struct cairn_sampling_result *result)
{
    (void)user;
    result->decision = params->name.p[0] == 'd'   ? CAIRN_DROP
                       : params->name.p[0] == 'r' ? CAIRN_RECORD_ONLY
                                                  : CAIRN_RECORD_AND_SAMPLE;
}

static void test_spans(void **state)
{
    static const struct cairn_sampler_ops ops = {.size = sizeof ops,
                                                 .should_sample = sample_by_name};
    static const struct cairn_span_context from = {
        .trace_id = {1}, .span_id = {2}, .is_remote = true};
    cairn_sampler *sampler = cairn_sampler_custom("by name", &ops, NULL);
    struct world w;
    cairn_span *remote = cairn_span_wrap(&from), *root, *only, *child;
    cairn_metrics *m;
    struct cairn_metric_point p;
    (void)state;
    world_open(&w, sampler);
    root = cairn_span_start(w.tracer, "sampled", NULL);
    only = cairn_span_start(w.tracer, "recorded", CAIRN_WITH(.parent = cairn_context_of(remote)));
    child = cairn_span_start(w.tracer, "dropped", CAIRN_WITH(.parent = cairn_context_of(root)));
    cairn_span_end(cairn_span_start(w.tracer, "s", CAIRN_WITH(.parent = cairn_context_of(root))));
    m = cairn_sdk_metrics(w.sdk);
    check_value(m, "otel.sdk.span.started",
                "otel.span.parent.origin=none otel.span.sampling_result=RECORD_AND_SAMPLE", 1);
    check_value(m, "otel.sdk.span.started",
                "otel.span.parent.origin=remote otel.span.sampling_result=RECORD_ONLY", 1);
    check_value(m, "otel.sdk.span.started",
                "otel.span.parent.origin=local otel.span.sampling_result=DROP", 1);
    check_value(m, "otel.sdk.span.started",
                "otel.span.parent.origin=local otel.span.sampling_result=RECORD_AND_SAMPLE", 1);
    check_value(m, "otel.sdk.span.live", "otel.span.sampling_result=RECORD_AND_SAMPLE", 1);
    check_value(m, "otel.sdk.span.live", "otel.span.sampling_result=RECORD_ONLY", 1);
    assert_false(find(m, "otel.sdk.span.live", "otel.span.sampling_result=DROP", &p));
    cairn_metrics_free(m);
    cairn_span_end(root);
    cairn_span_end(only);
    cairn_span_end(child);
    cairn_span_end(remote);
    m = cairn_sdk_metrics(w.sdk);
    check_value(m, "otel.sdk.span.live", "otel.span.sampling_result=RECORD_AND_SAMPLE", 0);
    check_value(m, "otel.sdk.span.live", "otel.span.sampling_result=RECORD_ONLY", 0);
    cairn_metrics_free(m);
    cairn_sdk_stop(w.sdk, CAIRN_FOREVER);
    cairn_sampler_unref(sampler);
}

static void test_processor(void **state)
{
    struct world w;
    cairn_metrics *m;
    struct cairn_metric_point p;
    (void)state;
    cairn_set_diagnostics(remember_diagnostic, NULL);
    world_open(&w, NULL);
    spans(&w, 60);
    m = cairn_sdk_metrics(w.sdk);
    check_value(m, "otel.sdk.processor.span.queue.capacity", PROCESSOR, 100);
    assert_true(find(m, "otel.sdk.processor.span.queue.size", PROCESSOR, &p));
    assert_in_range(p.value, 60 - 2, 60); /* counted in steps */
    assert_int_equal(p.kind, CAIRN_METRIC_UP_DOWN);
    check_value(m, "otel.sdk.processor.span.processed", PROCESSOR, 0);
    cairn_metrics_free(m);
    cairn_sdk_force_flush(w.sdk, CAIRN_FOREVER);
    assert_int_equal(w.script.inflight, 60);
    m = cairn_sdk_metrics(w.sdk);
    check_value(m, "otel.sdk.processor.span.queue.size", PROCESSOR, 0);
    check_value(m, "otel.sdk.processor.span.processed", PROCESSOR, 60);
    check_value(m, "otel.sdk.exporter.span.inflight", EXPORTER, 0);
    check_value(m, "otel.sdk.exporter.span.exported", EXPORTER, 60);
    assert_true(find(m, "otel.sdk.exporter.operation.duration", EXPORTER, &p));
    assert_int_equal(p.kind, CAIRN_METRIC_HISTOGRAM);
    assert_int_equal(p.count, 1);
    assert_true(p.sum > 0);
    assert_int_equal(p.bound_count, 14);
    cairn_metrics_free(m);
    cairn_sdk_stop(w.sdk, CAIRN_FOREVER);
    cairn_set_diagnostics(NULL, NULL);
}

static void test_export_errors(void **state)
{
    struct world w;
    cairn_metrics *m;
    struct cairn_metric_point p;
    (void)state;
    cairn_set_diagnostics(remember_diagnostic, NULL);
    world_open(&w, NULL);
    w.script.reports = true;
    w.script.report = (struct cairn_export_report){
        .size = sizeof w.script.report, .rejected_spans = 3, .http_status = 200};
    spans(&w, 10);
    cairn_sdk_force_flush(w.sdk, CAIRN_FOREVER);
    w.script.report = (struct cairn_export_report){
        .size = sizeof w.script.report, .error_type = "503", .http_status = 503};
    w.script.answer = CAIRN_ERROR_FAILED;
    spans(&w, 5);
    cairn_sdk_force_flush(w.sdk, CAIRN_FOREVER);
    w.script.reports = false;
    w.script.answer = CAIRN_ERROR_TIMEOUT;
    spans(&w, 2);
    cairn_sdk_force_flush(w.sdk, CAIRN_FOREVER);
    m = cairn_sdk_metrics(w.sdk);
    check_value(m, "otel.sdk.exporter.span.exported", EXPORTER, 7);
    check_value(m, "otel.sdk.exporter.span.exported", EXPORTER " error.type=rejected", 3);
    check_value(m, "otel.sdk.exporter.span.exported", EXPORTER " error.type=503", 5);
    check_value(m, "otel.sdk.exporter.span.exported", EXPORTER " error.type=timeout", 2);
    assert_true(find(m, "otel.sdk.exporter.operation.duration",
                     EXPORTER " http.response.status_code=200", &p));
    assert_int_equal(p.count, 1);
    assert_true(find(m, "otel.sdk.exporter.operation.duration",
                     EXPORTER " error.type=503 http.response.status_code=503", &p));
    assert_false(
        find(m, "otel.sdk.exporter.operation.duration", EXPORTER " error.type=rejected", &p));
    cairn_metrics_free(m);
    cairn_sdk_stop(w.sdk, CAIRN_FOREVER);
    cairn_set_diagnostics(NULL, NULL);
}

/* More kinds of errors than there is room for are added up under one name. */
static void test_many_errors(void **state)
{
    struct world w;
    cairn_metrics *m;
    struct cairn_metric_point p = {.size = 0};
    int64_t sum = 0;
    (void)state;
    cairn_set_diagnostics(remember_diagnostic, NULL);
    world_open(&w, NULL);
    w.script.reports = true;
    w.script.answer = CAIRN_ERROR_FAILED;
    for (int i = 0; i < 40; i++) {
        char type[200];
        memset(type, 'x', sizeof type);
        snprintf(type, 20, "error %d", i);
        if (i % 2) { /* far too long */
            type[strlen(type)] = 'y';
            type[sizeof type - 1] = '\0';
        }
        w.script.report =
            (struct cairn_export_report){.size = sizeof w.script.report, .error_type = type};
        spans(&w, 1);
        cairn_sdk_force_flush(w.sdk, CAIRN_FOREVER);
    }
    m = cairn_sdk_metrics(w.sdk);
    p.size = sizeof p;
    for (size_t i = 0; cairn_metrics_point(m, i, &p); i++) {
        if (strcmp(p.name, "otel.sdk.exporter.span.exported") == 0)
            sum += p.value;
    }
    assert_int_equal(sum, 40);
    assert_true(find(m, "otel.sdk.exporter.span.exported", EXPORTER " error.type=_OTHER", &p));
    cairn_metrics_free(m);
    cairn_sdk_stop(w.sdk, CAIRN_FOREVER);
    cairn_set_diagnostics(NULL, NULL);
}

/* ---- OTLP ---- */

/* The first field of this tag inside the message; fails when there is none. */
static struct str field(struct str message, uint32_t tag)
{
    struct pb_reader r = pb_reader_of(message);
    while (pb_next(&r)) {
        if (r.tag == tag)
            return pb_bytes(&r);
        pb_skip(&r);
    }
    fail_msg("no field %u", tag >> 3);
    return message;
}

static bool has_text(struct str s, const char *text)
{
    return memmem(s.p, s.n, text, strlen(text)) != NULL;
}

static unsigned count_metrics(struct str scope_metrics)
{
    struct pb_reader r = pb_reader_of(scope_metrics);
    unsigned n = 0;
    while (pb_next(&r)) {
        n += r.tag == PB_TAG(2, PB_LEN);
        pb_skip(&r);
    }
    assert_null(r.bad_at);
    return n;
}

static void test_protobuf(void **state)
{
    struct world w;
    uint8_t *bytes = NULL;
    size_t n = 0;
    struct str resource_metrics, scope_metrics, metric, point;
    struct pb_reader r;
    (void)state;
    world_open(&w, NULL);
    spans(&w, 10);
    cairn_sdk_force_flush(w.sdk, CAIRN_FOREVER);
    assert_int_equal(cairn_sdk_metrics_encode(w.sdk, CAIRN_OTLP_PROTOBUF, &bytes, &n), CAIRN_OK);
    resource_metrics = field(str_make(bytes, n), PB_TAG(1, PB_LEN));
    assert_true(has_text(field(resource_metrics, PB_TAG(1, PB_LEN)), "service.name"));
    scope_metrics = field(resource_metrics, PB_TAG(2, PB_LEN));
    check_str(field(field(scope_metrics, PB_TAG(1, PB_LEN)), PB_TAG(1, PB_LEN)), "cairn", "scope");
    assert_int_equal(count_metrics(scope_metrics), 8);
    metric = field(scope_metrics, PB_TAG(2, PB_LEN)); /* the first */
    check_str(field(metric, PB_TAG(1, PB_LEN)), "otel.sdk.span.live", "name");
    check_str(field(metric, PB_TAG(3, PB_LEN)), "{span}", "unit");
    point = field(field(metric, PB_TAG(7, PB_LEN)), PB_TAG(1, PB_LEN));
    r = pb_reader_of(point);
    assert_true(pb_next(&r));
    assert_int_equal(r.tag, PB_TAG(2, PB_I64)); /* start */
    assert_true(pb_fixed64(&r) > 1600000000000000000u);
    cairn_bytes_free(bytes);
    assert_int_equal(cairn_sdk_metrics_encode(w.sdk, 99, &bytes, &n), CAIRN_ERROR_UNSUPPORTED);
    cairn_sdk_stop(w.sdk, CAIRN_FOREVER);
}

static void test_json(void **state)
{
    static const char *const parts[] = {
        "{\"resourceMetrics\":[{\"resource\":{\"attributes\":[",
        "\"stringValue\":\"shop\"",
        "\"scopeMetrics\":[{\"scope\":{\"name\":\"cairn\",",
        "\"name\":\"otel.sdk.exporter.operation.duration\"",
        "\"unit\":\"s\"",
        "\"bucketCounts\":[\"",
        "\"explicitBounds\":[0.005,0.01,",
        "\"asInt\":\"10\"",
        "\"aggregationTemporality\":2,\"isMonotonic\":true",
    };
    struct world w;
    uint8_t *bytes = NULL;
    size_t n = 0;
    (void)state;
    world_open(&w, NULL);
    spans(&w, 10);
    cairn_sdk_force_flush(w.sdk, CAIRN_FOREVER);
    assert_int_equal(cairn_sdk_metrics_encode(w.sdk, CAIRN_OTLP_JSON, &bytes, &n), CAIRN_OK);
    for (size_t i = 0; i < COUNT(parts); i++) {
        if (!memmem(bytes, n, parts[i], strlen(parts[i])))
            fail_msg("no %s in %.*s", parts[i], (int)n, (char *)bytes);
    }
    cairn_bytes_free(bytes);
    cairn_sdk_stop(w.sdk, CAIRN_FOREVER);
    assert_int_equal(cairn_sdk_metrics_encode(NULL, CAIRN_OTLP_JSON, &bytes, &n),
                     CAIRN_ERROR_INVALID);
}

static void test_names(void **state)
{
    cairn_processor *p[4] = {
        cairn_processor_batch(cairn_exporter_memory(1), NULL),
        cairn_processor_simple(cairn_exporter_memory(1)),
        cairn_processor_batch(cairn_exporter_console(CAIRN_CONSOLE_TEXT, -1), NULL),
        cairn_processor_simple(cairn_exporter_memory(1)),
    };
    cairn_sdk *sdk = cairn_sdk_new(CAIRN_SDK(.processors = p, .processor_count = 4));
    cairn_metrics *m = cairn_sdk_metrics(sdk);
    (void)state;
    check_value(m, "otel.sdk.processor.span.processed",
                "otel.component.name=simple_span_processor/1 "
                "otel.component.type=simple_span_processor",
                0);
    check_value(m, "otel.sdk.processor.span.processed",
                "otel.component.name=batching_span_processor/1 "
                "otel.component.type=batching_span_processor",
                0);
    check_value(m, "otel.sdk.exporter.span.inflight",
                "otel.component.name=memory_span_exporter/2 "
                "otel.component.type=memory_span_exporter",
                0);
    check_value(m, "otel.sdk.exporter.span.inflight",
                "otel.component.name=console_span_exporter/0 "
                "otel.component.type=console_span_exporter",
                0);
    cairn_metrics_free(m);
    cairn_sdk_stop(sdk, 1000);
    m = cairn_sdk_metrics(sdk); /* of a stopped SDK: nothing that could be gone is touched */
    cairn_metrics_free(m);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spans),         cmocka_unit_test(test_processor),
        cmocka_unit_test(test_export_errors), cmocka_unit_test(test_many_errors),
        cmocka_unit_test(test_protobuf),      cmocka_unit_test(test_json),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
