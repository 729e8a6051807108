/* The SDK's own metrics on their way: when they are wanted, where they go, and what the exporter tells about itself. */
#include <cairn/metrics.h>

#include <microhttpd.h>
#include <pthread.h>

#include "otlp/metrics.h"
#include "otlp_test.h"

enum { BODY_MAX = 1 << 16 };

static struct {
    struct MHD_Daemon *daemon;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    unsigned status; /* of traces */
    unsigned traces, metrics;
    char last[BODY_MAX]; /* metrics */
    size_t last_n;
    char type[64];
} server = {.mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

struct upload {
    char bytes[BODY_MAX];
    size_t n;
};

static enum MHD_Result on_request(void *user, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *data,
                                  size_t *n, void **state)
{
    struct upload *up = *state;
    struct MHD_Response *response;
    unsigned status = 200;
    enum MHD_Result result;
    (void)user, (void)method, (void)version;
    if (!up) {
        *state = calloc(1, sizeof *up);
        return MHD_YES;
    }
    if (*n) {
        assert_true(up->n + *n <= BODY_MAX);
        memcpy(up->bytes + up->n, data, *n);
        up->n += *n;
        *n = 0;
        return MHD_YES;
    }
    pthread_mutex_lock(&server.mutex);
    if (strcmp(url, "/v1/metrics") == 0) {
        server.metrics++;
        memcpy(server.last, up->bytes, up->n);
        server.last_n = up->n;
        snprintf(server.type, sizeof server.type, "%s",
                 MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Content-Type"));
    } else if (strcmp(url, "/v1/traces") == 0) {
        server.traces++;
        status = server.status;
    } else {
        status = 404;
    }
    pthread_cond_broadcast(&server.changed);
    pthread_mutex_unlock(&server.mutex);
    response = MHD_create_response_from_buffer(0, (void *)(uintptr_t) "", MHD_RESPMEM_PERSISTENT);
    result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static void on_done(void *user, struct MHD_Connection *connection, void **state,
                    enum MHD_RequestTerminationCode code)
{
    (void)user, (void)connection, (void)code;
    free(*state);
}

static void server_start(void)
{
    char url[64];
    server.traces = server.metrics = 0;
    server.status = 200;
    server.last_n = 0;
    server.daemon =
        MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, on_request, NULL,
                         MHD_OPTION_NOTIFY_COMPLETED, on_done, NULL, MHD_OPTION_END);
    assert_non_null(server.daemon);
    snprintf(url, sizeof url, "http://localhost:%u",
             MHD_get_daemon_info(server.daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
    setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url, 1);
}

static bool last_has(const char *text)
{
    return memmem(server.last, server.last_n, text, strlen(text)) != NULL;
}

static void test_wanted(void **state)
{
    struct cairn_sdk_options on = {.size = sizeof on, .self_metrics = true};
    struct cairn_sdk_options off = {.size = sizeof off};
    struct cairn_sdk_options old = on; /* of a version that did not know the member */
    (void)state;
    old.size = offsetof(struct cairn_sdk_options, self_metrics);
    assert_false(otlp_metrics_wanted(NULL, NULL));
    assert_false(otlp_metrics_wanted(NULL, ""));
    assert_false(otlp_metrics_wanted(&off, "false"));
    assert_false(otlp_metrics_wanted(&old, NULL));
    assert_true(otlp_metrics_wanted(&on, NULL));
    assert_true(otlp_metrics_wanted(&on, "false"));
    assert_true(otlp_metrics_wanted(NULL, "true"));
    assert_true(otlp_metrics_wanted(&off, " TRUE "));
}

static void test_interval(void **state)
{
    static const struct {
        const char *text;
        uint32_t ms;
        bool said;
    } cases[] = {
        {NULL, 60000, false}, {"", 60000, false},    {"5000", 5000, false},
        {"0", 60000, true},   {"soon", 60000, true}, {"99999999999", 60000, true},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        forget();
        assert_int_equal(otlp_metrics_interval_ms(cases[i].text), cases[i].ms);
        assert_int_equal(*said() != '\0', cases[i].said);
    }
}

static void test_periodic(void **state)
{
    cairn_sdk *sdk;
    unsigned sent;
    (void)state;
    server_start();
    setenv("OTEL_METRIC_EXPORT_INTERVAL", "20", 1);
    sdk = cairn_otlp_start(CAIRN_SDK(.service_name = "shop", .self_metrics = true));
    tracer = cairn_tracer_get("metrics");
    pthread_mutex_lock(&server.mutex);
    while (server.metrics < 3)
        pthread_cond_wait(&server.changed, &server.mutex);
    pthread_mutex_unlock(&server.mutex);
    spans(7);
    assert_int_equal(cairn_sdk_stop(sdk, 10000), CAIRN_OK);
    sent = server.metrics;
    assert_int_equal(server.traces, 1);
    /* the last request came behind the last spans */
    assert_true(last_has("otel.sdk.exporter.span.exported"));
    assert_true(last_has("otlp_http_span_exporter/0"));
    assert_true(last_has("server.address") && last_has("localhost"));
    assert_true(last_has("http.response.status_code"));
    assert_string_equal(server.type, "application/x-protobuf");
    usleep(60000);
    assert_int_equal(server.metrics, sent); /* it has stopped */
    MHD_stop_daemon(server.daemon);
    unsetenv("OTEL_METRIC_EXPORT_INTERVAL");
}

static void test_not_wanted(void **state)
{
    cairn_sdk *sdk;
    (void)state;
    server_start();
    sdk = cairn_otlp_start(NULL);
    tracer = cairn_tracer_get("metrics");
    spans(1);
    assert_int_equal(cairn_sdk_stop(sdk, 10000), CAIRN_OK);
    assert_int_equal(server.metrics, 0);
    MHD_stop_daemon(server.daemon);
}

/* JSON by the environment, with a server that refuses the spans but takes the numbers. */
static void test_json_and_errors(void **state)
{
    cairn_sdk *sdk;
    (void)state;
    server_start();
    server.status = 400;
    setenv("OTEL_C_SELF_METRICS", "true", 1);
    setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json", 1);
    setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip", 1);
    sdk = cairn_otlp_start(NULL);
    tracer = cairn_tracer_get("metrics");
    spans(3);
    assert_int_equal(cairn_sdk_stop(sdk, 10000), CAIRN_ERROR_FAILED);
    assert_int_equal(server.metrics, 1);
    assert_string_equal(server.type, "application/json");
    assert_true(last_has("{\"key\":\"error.type\",\"value\":{\"stringValue\":\"400\"}}"));
    assert_true(last_has("otlp_http_json_span_exporter/0"));
    MHD_stop_daemon(server.daemon);
    unsetenv("OTEL_C_SELF_METRICS");
    unsetenv("OTEL_EXPORTER_OTLP_PROTOCOL");
    unsetenv("OTEL_EXPORTER_OTLP_COMPRESSION");
}

/* Nobody there: the shutdown takes no longer than it may, and says so once. */
static void test_no_server(void **state)
{
    cairn_sdk *sdk;
    (void)state;
    forget();
    setenv("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://localhost:1/v1/metrics", 1);
    sdk = cairn_otlp_start(CAIRN_SDK(.self_metrics = true));
    assert_int_equal(cairn_sdk_stop(sdk, 10000), CAIRN_OK);
    assert_non_null(strstr(said(), "metrics to http://localhost:1/v1/metrics failed"));
    unsetenv("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wanted),          cmocka_unit_test(test_interval),
        cmocka_unit_test(test_periodic),        cmocka_unit_test(test_not_wanted),
        cmocka_unit_test(test_json_and_errors), cmocka_unit_test(test_no_server),
    };
    cairn_set_diagnostics(remember, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
