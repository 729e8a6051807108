/* The OTLP exporter: its settings and retry rules as tables, and against a small HTTP server in the test. */
#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>

#include <cairn/otlp.h>

#include "otlp/retry.h"
#include "otlp/settings.h"
#include "test.h"
#include "wire/otlp_pb.h"
#include <zlib.h>

static char said[4096];

static void remember(void *user, int32_t severity, cairn_str line)
{
    size_t n = strlen(said);
    (void)user, (void)severity;
    snprintf(said + n, sizeof said - n, "%.*s\n", (int)line.n, line.p);
}

/* ---- Settings ---- */

static const char *names[4], *values[4];

static const char *get(const char *name)
{
    for (size_t i = 0; i < COUNT(names); i++) {
        if (names[i] && strcmp(names[i], name) == 0)
            return values[i];
    }
    return NULL;
}

static void test_endpoints(void **state)
{
    static const struct {
        const char *general, *own, *code, *want; /* want NULL: refused */
    } cases[] = {
        {NULL, NULL, NULL, "http://localhost:4318/v1/traces"},
        {"http://a:1", NULL, NULL, "http://a:1/v1/traces"},
        {"http://a:1/", NULL, NULL, "http://a:1/v1/traces"},
        {"http://a:1/base", NULL, NULL, "http://a:1/base/v1/traces"},
        {"http://a:1/base/", NULL, NULL, "http://a:1/base/v1/traces"},
        {"http://a:1", "http://b:2/here", NULL, "http://b:2/here"},
        {NULL, "http://b:2", NULL, "http://b:2/"},
        {NULL, "https://b", NULL, "https://b/"},
        {"http://a:1", "http://b:2", "http://c:3/x", "http://c:3/x"},
        {"", "", NULL, "http://localhost:4318/v1/traces"},
        {"a:1", NULL, NULL, NULL},
        {"ftp://a:1", NULL, NULL, NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct cairn_otlp_options o = {.size = sizeof o, .endpoint = cases[i].code};
        struct otlp_settings s;
        struct arena arena;
        cairn_status status;
        arena_init(&arena, 0);
        names[0] = "OTEL_EXPORTER_OTLP_ENDPOINT";
        values[0] = cases[i].general;
        names[1] = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
        values[1] = cases[i].own;
        status = otlp_settings_make(&o, get, &arena, &s);
        CHECK((status == CAIRN_OK) == (cases[i].want != NULL),
              cases[i].want ? cases[i].want : "refused");
        if (cases[i].want)
            CHECK(strcmp(s.url, cases[i].want) == 0, cases[i].want);
        arena_release(&arena);
    }
}

static void settings_of(struct arena *arena, struct otlp_settings *ret)
{
    struct cairn_otlp_options o = {.size = sizeof o};
    arena_init(arena, 0);
    said[0] = '\0';
    assert_int_equal(otlp_settings_make(&o, get, arena, ret), CAIRN_OK);
}

static void test_other_settings(void **state)
{
    struct otlp_settings s;
    struct arena arena;
    (void)state;
    memset(names, 0, sizeof names);
    settings_of(&arena, &s);
    assert_int_equal(s.timeout_ms, 10000);
    assert_int_equal(s.protocol->encoding, CAIRN_OTLP_PROTOBUF);
    assert_false(s.gzip);
    assert_int_equal(s.headers.count, 0);
    arena_release(&arena);

    names[0] = "OTEL_EXPORTER_OTLP_TIMEOUT";
    values[0] = "0";
    names[1] = "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL";
    values[1] = "http/json";
    names[2] = "OTEL_EXPORTER_OTLP_COMPRESSION";
    values[2] = "gzip";
    names[3] = "OTEL_EXPORTER_OTLP_HEADERS";
    values[3] = "api-key=a%20b, x = y ";
    settings_of(&arena, &s);
    assert_true(s.timeout_ms == UINT32_MAX);
    assert_int_equal(s.protocol->encoding, CAIRN_OTLP_JSON);
    assert_true(s.gzip);
    assert_int_equal(s.headers.count, 2);
    check_str(s.headers.items[0].value.string, "a b", "header");
    check_str(s.headers.items[1].key, "x", "key");
    assert_string_equal(said, "");
    arena_release(&arena);

    values[0] = "soon";
    values[1] = "grpc";
    values[2] = "lzma";
    values[3] = "evil=a%0d%0aHost:%20b";
    settings_of(&arena, &s);
    assert_int_equal(s.timeout_ms, 10000);
    assert_int_equal(s.protocol->encoding, CAIRN_OTLP_PROTOBUF);
    assert_false(s.gzip);
    assert_int_equal(s.headers.count, 0); /* a line break would end the header */
    assert_non_null(strstr(said, "soon"));
    assert_non_null(strstr(said, "grpc"));
    assert_non_null(strstr(said, "lzma"));
    assert_null(strstr(said, "evil")); /* headers may be secrets */
    arena_release(&arena);
    memset(names, 0, sizeof names);
}

/* ---- Retry rules ---- */

static void test_retry_after(void **state)
{
    static const struct {
        const char *value;
        bool ok;
        uint64_t want_ms;
    } cases[] = {
        {"0", true, 0},
        {"120", true, 120000},
        {" 7 ", true, 7000},
        {"Sun, 06 Nov 1994 08:49:47 GMT", true, 10000},
        {"Sun, 06 Nov 1994 08:00:00 GMT", true, 0}, /* over already */
        {"Sun, 06 Foo 1994 08:49:47 GMT", false, 0},
        {"Sun, 06 Nov 1994 08:49:47 GMT+1", false, 0},
        {"-1", false, 0},
        {"soon", false, 0},
        {"", false, 0},
        {"99999999999999999999999999", false, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint64_t ms = 0;
        CHECK(retry_after_parse(str_of(cases[i].value), 784111777, &ms) == cases[i].ok,
              cases[i].value);
        CHECK(ms == cases[i].want_ms, cases[i].value);
    }
}

static void test_backoff(void **state)
{
    (void)state;
    for (unsigned attempt = 0; attempt < 100; attempt++) {
        uint64_t top = attempt < 5 ? 1000u << attempt : 30000;
        if (top > 30000)
            top = 30000;
        assert_int_equal(retry_backoff_ms(attempt, 0), top / 2);
        assert_in_range(retry_backoff_ms(attempt, 0x123456789abcdefu + attempt), top / 2, top);
    }
    for (long http = 100; http < 600; http++)
        assert_int_equal(retry_status_allows(http),
                         http == 429 || http == 502 || http == 503 || http == 504);
}

/* ---- Against a server ---- */

enum { BODY_MAX = 1 << 20, REQUESTS_MAX = 32 };

struct server {
    struct MHD_Daemon *daemon;
    uint16_t port;
    pthread_mutex_t mutex;
    unsigned requests;
    unsigned statuses[REQUESTS_MAX]; /* of request n; 0 = 200 */
    const char *retry_after;
    struct str answer; /* body of a 200 */
    char headers[1024], url[128];
    unsigned char body[BODY_MAX]; /* of the last request */
    size_t body_n;
    size_t spans; /* of all accepted requests */
    unsigned connections;
};

static struct server server;

struct upload {
    unsigned char bytes[BODY_MAX];
    size_t n;
};

static enum MHD_Result note_header(void *user, enum MHD_ValueKind kind, const char *key,
                                   const char *value)
{
    size_t n = strlen(server.headers);
    (void)user, (void)kind;
    snprintf(server.headers + n, sizeof server.headers - n, "%s: %s\n", key, value);
    return MHD_YES;
}

static size_t spans_in(struct str body)
{
    struct arena arena;
    struct span_batch batch;
    struct err err;
    size_t n;
    arena_init(&arena, 0);
    n = otlp_pb_decode(body, NULL, &arena, &batch, &err) == 0 ? batch.span_count : 0;
    arena_release(&arena);
    return n;
}

static enum MHD_Result answer(struct MHD_Connection *connection, const struct upload *up)
{
    struct MHD_Response *response;
    unsigned status;
    enum MHD_Result result;
    pthread_mutex_lock(&server.mutex);
    status = server.requests < REQUESTS_MAX ? server.statuses[server.requests] : 0;
    server.requests++;
    server.headers[0] = '\0';
    MHD_get_connection_values(connection, MHD_HEADER_KIND, note_header, NULL);
    memcpy(server.body, up->bytes, up->n);
    server.body_n = up->n;
    if (!status)
        server.spans += spans_in(str_make(up->bytes, up->n));
    response = MHD_create_response_from_buffer(
        status ? 0 : server.answer.n, (void *)(uintptr_t)server.answer.p, MHD_RESPMEM_PERSISTENT);
    if (status && server.retry_after)
        MHD_add_response_header(response, "Retry-After", server.retry_after);
    pthread_mutex_unlock(&server.mutex);
    result = MHD_queue_response(connection, status ? status : 200, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result on_request(void *user, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *data,
                                  size_t *n, void **state)
{
    struct upload *up = *state;
    (void)user, (void)version;
    if (!up) {
        assert_string_equal(method, "POST");
        snprintf(server.url, sizeof server.url, "%s", url);
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
    return answer(connection, up);
}

static void on_done(void *user, struct MHD_Connection *connection, void **state,
                    enum MHD_RequestTerminationCode code)
{
    (void)user, (void)connection, (void)code;
    free(*state);
}

static void on_connection(void *user, struct MHD_Connection *connection, void **state,
                          enum MHD_ConnectionNotificationCode code)
{
    (void)user, (void)connection, (void)state;
    if (code == MHD_CONNECTION_NOTIFY_STARTED)
        server.connections++;
}

static void server_start(void)
{
    memset(&server, 0, sizeof server);
    pthread_mutex_init(&server.mutex, NULL);
    server.daemon =
        MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, on_request, NULL,
                         MHD_OPTION_NOTIFY_COMPLETED, on_done, NULL, MHD_OPTION_NOTIFY_CONNECTION,
                         on_connection, NULL, MHD_OPTION_END);
    assert_non_null(server.daemon);
    server.port = MHD_get_daemon_info(server.daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
}

static void server_stop(void)
{
    MHD_stop_daemon(server.daemon);
}

static cairn_tracer *tracer;

/* An SDK that sends to the server when it is flushed. */
static cairn_sdk *sdk_open(struct cairn_otlp_options o)
{
    struct cairn_batch_options batch = {.size = sizeof batch, .schedule_delay_ms = 3600 * 1000};
    char url[64];
    cairn_processor *p;
    cairn_sdk *sdk;
    snprintf(url, sizeof url, "http://127.0.0.1:%u/v1/traces", server.port);
    o.size = sizeof o;
    if (!o.endpoint)
        o.endpoint = url;
    p = cairn_processor_batch(cairn_otlp_exporter_new(&o), &batch);
    assert_non_null(p);
    sdk = cairn_sdk_new(CAIRN_SDK(.processors = &p, .processor_count = 1, .service_name = "t"));
    cairn_tracer_provider_set_global(cairn_sdk_tracer_provider(sdk));
    tracer = cairn_tracer_get("otlp");
    said[0] = '\0';
    return sdk;
}

static void spans(unsigned n)
{
    while (n--)
        cairn_span_end(cairn_span_start(tracer, "span", NULL));
}

static struct cairn_stats stats_of(cairn_sdk *sdk)
{
    struct cairn_stats s = {.size = sizeof s};
    cairn_sdk_get_stats(sdk, &s);
    return s;
}

static void test_request(void **state)
{
    cairn_sdk *sdk;
    (void)state;
    server_start();
    sdk = sdk_open((struct cairn_otlp_options){.headers = "api-key=se%63ret"});
    spans(3);
    assert_int_equal(cairn_sdk_force_flush(sdk, CAIRN_FOREVER), CAIRN_OK);
    assert_string_equal(server.url, "/v1/traces");
    assert_non_null(strstr(server.headers, "Content-Type: application/x-protobuf\n"));
    assert_non_null(strstr(server.headers, "User-Agent: OTel-OTLP-Exporter-C/" CAIRN_VERSION "\n"));
    assert_non_null(strstr(server.headers, "api-key: secret\n"));
    assert_null(strstr(server.headers, "Content-Encoding"));
    assert_int_equal(server.spans, 3);
    spans(2);
    assert_int_equal(cairn_sdk_force_flush(sdk, CAIRN_FOREVER), CAIRN_OK);
    assert_int_equal(server.spans, 5);
    assert_int_equal(server.connections, 1); /* kept open */
    assert_int_equal(cairn_sdk_stop(sdk, CAIRN_FOREVER), CAIRN_OK);
    server_stop();
}

static void test_gzip(void **state)
{
    static unsigned char plain[BODY_MAX];
    z_stream z = {.next_out = plain, .avail_out = sizeof plain};
    cairn_sdk *sdk;
    (void)state;
    server_start();
    sdk = sdk_open((struct cairn_otlp_options){.compression = "gzip"});
    spans(100);
    assert_int_equal(cairn_sdk_stop(sdk, CAIRN_FOREVER), CAIRN_OK);
    assert_non_null(strstr(server.headers, "Content-Encoding: gzip\n"));
    assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
    z.next_in = server.body;
    z.avail_in = (uInt)server.body_n;
    assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
    assert_int_equal(spans_in(str_make(plain, z.total_out)), 100);
    inflateEnd(&z);
    server_stop();
}

static void test_json(void **state)
{
    cairn_sdk *sdk;
    (void)state;
    server_start();
    sdk = sdk_open((struct cairn_otlp_options){.encoding = CAIRN_OTLP_JSON});
    spans(1);
    assert_int_equal(cairn_sdk_stop(sdk, CAIRN_FOREVER), CAIRN_OK);
    assert_non_null(strstr(server.headers, "Content-Type: application/json\n"));
    assert_memory_equal(server.body, "{\"resourceSpans\":[", 18);
    server_stop();
}

static void test_retries(void **state)
{
    static const unsigned retryable[] = {429, 502, 503, 504};
    (void)state;
    for (size_t i = 0; i < COUNT(retryable); i++) {
        cairn_sdk *sdk;
        server_start();
        server.statuses[0] = server.statuses[1] = retryable[i];
        server.retry_after = "0"; /* or the test would take its time */
        sdk = sdk_open((struct cairn_otlp_options){.endpoint = NULL});
        spans(4);
        assert_int_equal(cairn_sdk_force_flush(sdk, CAIRN_FOREVER), CAIRN_OK);
        assert_int_equal(server.requests, 3);
        assert_int_equal(server.spans, 4);
        assert_int_equal(stats_of(sdk).exported, 4);
        cairn_sdk_stop(sdk, CAIRN_FOREVER);
        server_stop();
    }
}

static void test_no_retry(void **state)
{
    static const unsigned final[] = {400, 401, 404, 413, 500, 501};
    (void)state;
    for (size_t i = 0; i < COUNT(final); i++) {
        cairn_sdk *sdk;
        server_start();
        server.statuses[0] = final[i];
        sdk = sdk_open((struct cairn_otlp_options){.endpoint = NULL});
        spans(4);
        assert_int_equal(cairn_sdk_force_flush(sdk, CAIRN_FOREVER), CAIRN_ERROR_FAILED);
        assert_int_equal(server.requests, 1);
        assert_int_equal(stats_of(sdk).lost_export, 4);
        assert_non_null(strstr(said, "HTTP status"));
        cairn_sdk_stop(sdk, CAIRN_FOREVER);
        server_stop();
    }
}

/* The time of a batch includes its retries: a wait that would pass it is not begun. */
static void test_retry_after_too_long(void **state)
{
    cairn_sdk *sdk;
    (void)state;
    server_start();
    server.statuses[0] = 503;
    server.retry_after = "3600";
    sdk = sdk_open((struct cairn_otlp_options){.timeout_ms = 5000});
    spans(1);
    assert_int_equal(cairn_sdk_force_flush(sdk, CAIRN_FOREVER), CAIRN_ERROR_FAILED);
    assert_int_equal(server.requests, 1);
    cairn_sdk_stop(sdk, CAIRN_FOREVER);
    server_stop();
}

static void test_partial_success(void **state)
{
    struct buf reply;
    cairn_sdk *sdk;
    (void)state;
    buf_init(&reply, 0);
    otlp_pb_encode_response(2, STR("too old"), &reply);
    server_start();
    server.answer = buf_str(&reply);
    sdk = sdk_open((struct cairn_otlp_options){.endpoint = NULL});
    for (int i = 0; i < 2; i++) {
        spans(3);
        assert_int_equal(cairn_sdk_force_flush(sdk, CAIRN_FOREVER), CAIRN_OK);
    }
    assert_int_equal(server.requests, 2); /* never tried again */
    assert_string_equal(said, "the OTLP server refused 2 spans: \"too old\" (told once)\n");
    cairn_sdk_stop(sdk, CAIRN_FOREVER);
    server_stop();
    buf_release(&reply);
}

/* Nobody listens: the exporter goes on trying, but a stop comes back in its time and interrupts it. */
static void test_stop_while_retrying(void **state)
{
    cairn_sdk *sdk;
    (void)state;
    server_start();
    server_stop(); /* its port is closed now */
    sdk = sdk_open((struct cairn_otlp_options){.timeout_ms = 3600 * 1000});
    spans(1);
    assert_int_equal(cairn_sdk_force_flush(sdk, 50), CAIRN_ERROR_TIMEOUT);
    assert_int_equal(cairn_sdk_stop(sdk, 50), CAIRN_ERROR_TIMEOUT);
}

static void test_fork(void **state)
{
    cairn_sdk *sdk;
    pid_t child;
    int status;
    (void)state;
    server_start();
    sdk = sdk_open((struct cairn_otlp_options){.endpoint = NULL});
    spans(1);
    assert_int_equal(cairn_sdk_force_flush(sdk, CAIRN_FOREVER), CAIRN_OK);
    child = fork(); /* with a connection open */
    if (child == 0) {
        spans(2);
        _exit(cairn_sdk_stop(sdk, 10000) == CAIRN_OK ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    spans(1);
    assert_int_equal(cairn_sdk_stop(sdk, CAIRN_FOREVER), CAIRN_OK);
    assert_int_equal(server.spans, 4);
    assert_int_equal(server.connections, 2); /* the parent's survived */
    server_stop();
}

static void test_start(void **state)
{
    char url[64];
    cairn_sdk *sdk;
    (void)state;
    server_start();
    snprintf(url, sizeof url, "http://127.0.0.1:%u", server.port);
    setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url, 1);
    sdk = cairn_otlp_start(CAIRN_SDK(.service_name = "t"));
    tracer = cairn_tracer_get("otlp");
    spans(7);
    assert_int_equal(cairn_sdk_stop(sdk, CAIRN_FOREVER), CAIRN_OK);
    assert_int_equal(server.spans, 7);
    unsetenv("OTEL_EXPORTER_OTLP_ENDPOINT");
    server_stop();
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_endpoints),
        cmocka_unit_test(test_other_settings),
        cmocka_unit_test(test_retry_after),
        cmocka_unit_test(test_backoff),
        cmocka_unit_test(test_request),
        cmocka_unit_test(test_gzip),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_retries),
        cmocka_unit_test(test_no_retry),
        cmocka_unit_test(test_retry_after_too_long),
        cmocka_unit_test(test_partial_success),
        cmocka_unit_test(test_stop_while_retrying),
        cmocka_unit_test(test_fork),
        cmocka_unit_test(test_start),
    };
    cairn_set_diagnostics(remember, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
