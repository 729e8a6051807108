/* Size limits over HTTP: a request over 64 MiB is never sent, an answer over 4 MiB is an error that is not tried again. */
#include <pthread.h>
#include <stdatomic.h>

#include <microhttpd.h>

#include <cairn/otlp.h>

#include "test.h"

enum { MIB = 1 << 20 };

static struct {
    struct MHD_Daemon *daemon;
    uint16_t port;
    atomic_uint requests;
    size_t answer_bytes;
    char answer[5 * MIB];
} server;

static enum MHD_Result on_request(void *user, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *data,
                                  size_t *n, void **state)
{
    static int seen;
    struct MHD_Response *response;
    enum MHD_Result result;
    (void)user, (void)url, (void)method, (void)version, (void)data;
    if (!*state) {
        *state = &seen;
        return MHD_YES;
    }
    if (*n) {
        *n = 0;
        return MHD_YES;
    }
    server.requests++;
    response =
        MHD_create_response_from_buffer(server.answer_bytes, server.answer, MHD_RESPMEM_PERSISTENT);
    result = MHD_queue_response(connection, 200, response);
    MHD_destroy_response(response);
    return result;
}

/* So many spans with an attribute of 1 MiB go out as one batch; what the flush says. */
static cairn_status send_spans(unsigned spans, const char *compression)
{
    static char text[MIB];
    struct cairn_otlp_options o = {
        .size = sizeof o, .compression = compression, .timeout_ms = CAIRN_FOREVER};
    struct cairn_limits limits = {.size = sizeof limits, .span_bytes = 2 * MIB};
    struct cairn_tracer_options scope = {.size = sizeof scope, .name = "limits"};
    struct cairn_stats stats = {.size = sizeof stats};
    cairn_processor *p;
    cairn_sdk *sdk;
    cairn_tracer *tracer;
    cairn_status status;
    char url[64];
    snprintf(url, sizeof url, "http://127.0.0.1:%u/v1/traces", server.port);
    o.endpoint = url;
    p = cairn_processor_batch(cairn_otlp_exporter_new(&o), NULL);
    sdk = cairn_sdk_new(CAIRN_SDK(.processors = &p, .processor_count = 1, .limits = &limits));
    tracer = cairn_tracer_get_with(cairn_sdk_tracer_provider(sdk), &scope);
    server.requests = 0;
    memset(text, 'x', sizeof text);
    for (unsigned i = 0; i < spans; i++) {
        cairn_span *span = cairn_span_start(tracer, "x", NULL);
        cairn_span_set(span, CAIRN_STRN("v", text, sizeof text));
        cairn_span_end(span);
    }
    status = cairn_sdk_force_flush(sdk, CAIRN_FOREVER);
    cairn_sdk_get_stats(sdk, &stats);
    assert_int_equal(stats.exported, status == CAIRN_OK ? spans : 0);
    assert_int_equal(stats.lost_export, status == CAIRN_OK ? 0 : spans);
    cairn_sdk_stop(sdk, CAIRN_FOREVER);
    return status;
}

/* The limit holds for the bytes before compression too. */
static void test_request(void **state)
{
    static const struct {
        const char *name;
        unsigned spans;
        const char *compression;
        unsigned requests;
    } cases[] = {
        {"63 MiB", 63, NULL, 1},
        {"64 MiB and some bytes", 64, NULL, 0},
        {"65 MiB that would be small", 65, "gzip", 0},
    };
    (void)state;
    server.answer_bytes = 0;
    for (size_t i = 0; i < COUNT(cases); i++) {
        cairn_status status = send_spans(cases[i].spans, cases[i].compression);
        CHECK(server.requests == cases[i].requests, cases[i].name);
        CHECK((status == CAIRN_OK) == (cases[i].requests == 1), cases[i].name);
    }
}

static void test_answer(void **state)
{
    (void)state;
    server.answer_bytes = 5 * MIB;
    assert_int_equal(send_spans(1, NULL), CAIRN_ERROR_FAILED);
    assert_int_equal(server.requests, 1); /* not tried again */
    server.answer_bytes = 0;
    assert_int_equal(send_spans(1, NULL), CAIRN_OK);
}

static void quiet(void *user, int32_t severity, cairn_str line)
{
    (void)user, (void)severity, (void)line;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_request),
        cmocka_unit_test(test_answer),
    };
    int failed;
    server.daemon = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, on_request,
                                     NULL, MHD_OPTION_END);
    if (!server.daemon)
        return 1;
    server.port = MHD_get_daemon_info(server.daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
    cairn_set_diagnostics(quiet, NULL);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    MHD_stop_daemon(server.daemon);
    return failed;
}
