/* OTLP over gRPC against an HTTP/2 server in the test: the request, every status, what is tried again, broken answers. */
#include <curl/curl.h>
#include <openssl/evp.h>
#include <sys/wait.h>
#include <zlib.h>

#include "h2_server.h"
#include "otlp_test.h"

#define METHOD "/opentelemetry.proto.collector.trace.v1.TraceService/Export"

static const struct h2_answer ok = {
    .headers = {{"content-type", "application/grpc"}},
    .trailers = {{"grpc-status", "0"}},
    .body = STR_INIT("\0\0\0\0\0"),
};

static cairn_sdk *sdk_open(uint16_t port, struct cairn_otlp_options o)
{
    char url[64];
    snprintf(url, sizeof url, "http://127.0.0.1:%u", port);
    o.size = sizeof o;
    o.endpoint = url;
    o.transport = CAIRN_OTLP_GRPC;
    return sdk_around(cairn_otlp_exporter_new(&o));
}

/* google.rpc.Status in base64, as grpc-status-details-bin has it. */
static const char *details(int code, const char *message, uint32_t delay_ms)
{
    static char text[512];
    struct buf b;
    buf_init(&b, 0);
    otlp_pb_encode_status(code, str_of(message), delay_ms, &b);
    assert_true(b.n < 300);
    EVP_EncodeBlock((unsigned char *)text, b.p, (int)b.n);
    buf_release(&b);
    return text;
}

static void test_request(void **state)
{
    uint16_t port = h2_server_start(NULL, NULL, 0, ok);
    cairn_sdk *sdk = sdk_open(port, (struct cairn_otlp_options){.headers = "API-Key=se%63ret,e="});
    struct h2_seen *seen = h2_server_seen();
    (void)state;
    for (unsigned i = 1; i <= 3; i++) {
        spans(i);
        assert_int_equal(cairn_sdk_force_flush(sdk, CAIRN_FOREVER), CAIRN_OK);
        assert_int_equal(seen->requests, i);
        assert_int_equal(seen->body[0], 0);
        assert_int_equal(seen->body[3] << 8 | seen->body[4], seen->body_n - 5);
        assert_int_equal(spans_in(str_make(seen->body + 5, seen->body_n - 5)), i);
    }
    assert_string_equal(seen->path, METHOD);
    assert_non_null(strstr(seen->headers, ":method: POST\n"));
    assert_non_null(strstr(seen->headers, "content-type: application/grpc\n"));
    assert_non_null(strstr(seen->headers, "te: trailers\n"));
    assert_non_null(strstr(seen->headers, "user-agent: OTel-OTLP-Exporter-C/" CAIRN_VERSION "\n"));
    assert_non_null(strstr(seen->headers, "api-key: secret\n"));
    assert_non_null(strstr(seen->headers, "e: \n"));
    assert_non_null(strstr(seen->headers, "grpc-timeout: "));
    assert_null(strstr(seen->headers, "grpc-encoding"));
    assert_string_equal(said(), "");
    assert_int_equal(cairn_sdk_stop(sdk, CAIRN_FOREVER), CAIRN_OK);
    h2_server_stop();
}

static void test_gzip(void **state)
{
    static unsigned char plain[H2_BODY_MAX];
    z_stream z = {.next_out = plain, .avail_out = sizeof plain};
    uint16_t port = h2_server_start(NULL, NULL, 0, ok);
    cairn_sdk *sdk = sdk_open(
        port, (struct cairn_otlp_options){.compression = "gzip", .timeout_ms = CAIRN_FOREVER});
    struct h2_seen *seen = h2_server_seen();
    (void)state;
    spans(100);
    assert_int_equal(cairn_sdk_force_flush(sdk, CAIRN_FOREVER), CAIRN_OK);
    assert_non_null(strstr(seen->headers, "grpc-encoding: gzip\n"));
    assert_int_equal(seen->body[0], 1);
    assert_int_equal(seen->body[3] << 8 | seen->body[4], seen->body_n - 5);
    assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
    z.next_in = seen->body + 5;
    z.avail_in = (uInt)seen->body_n - 5;
    assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
    assert_int_equal(spans_in(str_make(plain, z.total_out)), 100);
    inflateEnd(&z);
    cairn_sdk_stop(sdk, CAIRN_FOREVER);
    h2_server_stop();
}

/* One batch against these answers: how many requests came, whether it was delivered, and what was said about it. */
static void check_batch(const char *name, const struct h2_answer *answers, size_t count,
                        unsigned want_requests, bool want_delivered, const char *want_said)
{
    struct cairn_otlp_stats before = otlp_stats(), after;
    uint16_t port = h2_server_start(NULL, answers, count, ok);
    cairn_sdk *sdk = sdk_open(port, (struct cairn_otlp_options){.size = 0});
    spans(4);
    CHECK(cairn_sdk_force_flush(sdk, CAIRN_FOREVER) ==
              (want_delivered ? CAIRN_OK : CAIRN_ERROR_FAILED),
          name);

    CHECK(h2_server_seen()->requests == want_requests, name);
    CHECK(stats_of(sdk).exported == (want_delivered ? 4 : 0), name);
    CHECK(stats_of(sdk).lost_export == (want_delivered ? 0 : 4), name);
    CHECK(strstr(said(), want_said), name);
    after = otlp_stats();
    CHECK(after.requests - before.requests <= want_requests, name); /* libcurl may add one */
    CHECK(after.retried - before.retried == after.requests - before.requests - 1, name);
    CHECK(after.failed_batches - before.failed_batches == !want_delivered, name);
    cairn_sdk_stop(sdk, CAIRN_FOREVER);
    h2_server_stop();
}

/* With a RetryInfo of 1 ms, so that the test need not wait. It changes nothing for a status that is final. */
static void test_statuses(void **state)
{
    static const struct {
        int code;
        const char *name;
        bool again;
    } cases[] = {
        {1, "CANCELLED", true},
        {2, "UNKNOWN", false},
        {3, "INVALID_ARGUMENT", false},
        {4, "DEADLINE_EXCEEDED", true},
        {5, "NOT_FOUND", false},
        {6, "ALREADY_EXISTS", false},
        {7, "PERMISSION_DENIED", false},
        {8, "RESOURCE_EXHAUSTED", true},
        {9, "FAILED_PRECONDITION", false},
        {10, "ABORTED", true},
        {11, "OUT_OF_RANGE", true},
        {12, "UNIMPLEMENTED", false},
        {13, "INTERNAL", false},
        {14, "UNAVAILABLE", true},
        {15, "DATA_LOSS", true},
        {16, "UNAUTHENTICATED", false},
        {17, "out of range", false},
    };
    (void)state;
    for (size_t i = 0; i < 2 * COUNT(cases); i++) {
        const char *name = cases[i / 2].name, *info = details(cases[i / 2].code, "why", 1);
        bool trailers_only = i % 2;
        char code[8];
        struct h2_answer a = {.headers = {{"content-type", "application/grpc"}}};
        struct h2_field status[] = {{"grpc-status", code},
                                    {"grpc-message", "a%20%C3%A9"},
                                    {"grpc-status-details-bin", info}};
        snprintf(code, sizeof code, "%d", cases[i / 2].code);
        memcpy(trailers_only ? a.headers + 1 : a.trailers, status, sizeof status);
        check_batch(name, &a, 1, cases[i / 2].again ? 2 : 1, cases[i / 2].again, name);
        CHECK(strstr(said(), ": a \xc3\xa9\n"), name);
    }
}

static void test_without_retry_info(void **state)
{
    static const struct h2_answer exhausted = {.headers = {{"grpc-status", "8"}}};
    static const struct h2_answer unavailable = {
        .headers = {{"grpc-status", "14"}, {"grpc-status-details-bin", "!!!"}}};
    struct h2_answer only_message = {.headers = {{"grpc-status", "3"}}};
    (void)state;
    check_batch("exhausted", &exhausted, 1, 1, false, "RESOURCE_EXHAUSTED\n");
    check_batch("unavailable", &unavailable, 1, 2, true, "UNAVAILABLE\n");
    only_message.headers[1] = (struct h2_field){"grpc-status-details-bin", details(3, "the id", 0)};
    check_batch("message in the details", &only_message, 1, 1, false, "INVALID_ARGUMENT: the id\n");
}

/* What came from something that is no gRPC server, or from a broken one. */
static void test_broken_answers(void **state)
{
    static const struct {
        const char *name;
        struct h2_answer answer;
        unsigned
            requests; /* that reach a server: libcurl itself may send one again that was not taken */
        bool delivered;
        const char *said;
    } cases[] = {
        {"proxy 503", {.status = "503"}, 2, true, "HTTP status 503 without a gRPC status"},
        {"proxy 429", {.status = "429"}, 2, true, "HTTP status 429"},
        {"proxy 404", {.status = "404"}, 1, false, "HTTP status 404"},
        {"proxy 401", {.status = "401"}, 1, false, "HTTP status 401"},
        {"proxy 403", {.status = "403"}, 1, false, "HTTP status 403"},
        {"proxy 400", {.status = "400"}, 1, false, "HTTP status 400"},
        {"no status",
         {.status = "200", .body = STR_INIT("\0\0\0\0\0")},
         1,
         false,
         "HTTP status 200"},
        {"status is no number", {.headers = {{"grpc-status", "-1"}}}, 1, false, "HTTP status 200"},
        {"reset", {.how = H2_RESET, .error = 0x8}, 2, true, ""},
        {"reset, refused", {.how = H2_RESET, .error = 0x7}, 2, true, ""},
        {"reset, internal", {.how = H2_RESET, .error = 0x2}, 2, true, ""},
        {"goaway", {.how = H2_GOAWAY}, 2, true, ""},
        {"goaway, calm down", {.how = H2_GOAWAY, .error = 0xb}, 2, true, ""},
        {"closed", {.how = H2_CLOSE}, 2, true, ""},
        {"garbage", {.how = H2_GARBAGE}, 2, true, ""},
        {"garbage in the message",
         {.trailers = {{"grpc-status", "0"}}, .body = STR_INIT("\0\0\0\0\4\377\377\377\377")},
         1,
         true,
         ""},
        {"length is wrong",
         {.trailers = {{"grpc-status", "0"}}, .body = STR_INIT("\0\0\0\0\4\12")},
         1,
         true,
         ""},
        {"compressed, unasked",
         {.trailers = {{"grpc-status", "0"}}, .body = STR_INIT("\1\0\0\0\1\12")},
         1,
         true,
         ""},
        {"no message", {.trailers = {{"grpc-status", "0"}}}, 1, true, ""},
        {"cut before the trailers",
         {.how = H2_LAST,
          .headers = {{"content-type", "application/grpc"}},
          .body = STR_INIT("\0\0\0\0\0")},
         2,
         true,
         ""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        check_batch(cases[i].name, &cases[i].answer, 1, cases[i].requests, cases[i].delivered,
                    cases[i].said);
}

/* Libcurl before 8.0.0 loses the trailers of a connection that is closed behind them: delivered twice rather than
 * not at all. */
static void test_closed_behind_answer(void **state)
{
    struct h2_answer last = ok;
    bool loses_them = curl_version_info(CURLVERSION_NOW)->version_num < 0x080000;
    (void)state;
    last.how = H2_LAST;
    check_batch("closed behind the answer", &last, 1, loses_them ? 2 : 1, true, "");
}

static void test_answer_too_large(void **state)
{
    struct h2_answer large = ok;
    char *bytes = calloc(1, 5 << 20);
    (void)state;
    large.body = str_make(bytes, 5 << 20);
    check_batch("5 MiB", &large, 1, 1, false, "the answer is over the limit of 4 MiB");
    free(bytes);
}

static void test_partial_success(void **state)
{
    struct cairn_otlp_stats before = otlp_stats();
    struct h2_answer partial = ok;
    struct buf reply;
    (void)state;
    buf_init(&reply, 0);
    buf_put(&reply, "\0\0\0\0", 5);
    otlp_pb_encode_response(2, STR("too\nold"), &reply);
    reply.p[4] = (unsigned char)(reply.n - 5);
    partial.body = buf_str(&reply);
    check_batch("partial", &partial, 1, 1, true,
                "the OTLP server refused 2 spans: too old\n"); /* never tried again */
    assert_int_equal(otlp_stats().rejected_spans - before.rejected_spans, 2);
    buf_release(&reply);
}

/* A server that takes a request and then says nothing holds nobody: flush and stop answer in their time. */
static void test_stalled(void **state)
{
    uint16_t port = h2_server_start(NULL, NULL, 0, (struct h2_answer){.how = H2_STALL});
    cairn_sdk *sdk = sdk_open(port, (struct cairn_otlp_options){.timeout_ms = CAIRN_FOREVER});
    (void)state;
    spans(1);
    assert_int_equal(cairn_sdk_force_flush(sdk, 50), CAIRN_ERROR_TIMEOUT);
    assert_int_equal(cairn_sdk_stop(sdk, 50), CAIRN_ERROR_TIMEOUT);
    h2_server_stop();
}

/* The server's own time is over: the batch is given up. */
static void test_timeout(void **state)
{
    uint16_t port = h2_server_start(NULL, NULL, 0, (struct h2_answer){.how = H2_STALL});
    cairn_sdk *sdk = sdk_open(port, (struct cairn_otlp_options){.timeout_ms = 100});
    (void)state;
    spans(3);
    assert_int_equal(cairn_sdk_force_flush(sdk, CAIRN_FOREVER), CAIRN_ERROR_FAILED);
    assert_int_equal(stats_of(sdk).lost_export, 3);
    cairn_sdk_stop(sdk, CAIRN_FOREVER);
    h2_server_stop();
}

/* The child sends its own spans over its own connection while the parent waits for an answer. */
static void test_fork_during_export(void **state)
{
    static const struct h2_answer stall = {.how = H2_STALL};
    uint16_t port = h2_server_start(NULL, &stall, 1, ok);
    cairn_sdk *sdk = sdk_open(port, (struct cairn_otlp_options){.timeout_ms = CAIRN_FOREVER});
    pid_t child;
    int status;
    (void)state;
    spans(1);
    assert_int_equal(cairn_sdk_force_flush(sdk, 100), CAIRN_ERROR_TIMEOUT);
    child = fork();
    if (child == 0) {
        spans(2);
        _exit(cairn_sdk_stop(sdk, 10000) == CAIRN_OK ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(h2_server_seen()->requests, 2);
    assert_int_equal(spans_in(str_make(h2_server_seen()->body + 5, h2_server_seen()->body_n - 5)),
                     2);
    assert_int_equal(cairn_sdk_stop(sdk, 50), CAIRN_ERROR_TIMEOUT);
    h2_server_stop();
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_request),          cmocka_unit_test(test_gzip),
        cmocka_unit_test(test_statuses),         cmocka_unit_test(test_without_retry_info),
        cmocka_unit_test(test_broken_answers),   cmocka_unit_test(test_closed_behind_answer),
        cmocka_unit_test(test_answer_too_large), cmocka_unit_test(test_partial_success),
        cmocka_unit_test(test_timeout),          cmocka_unit_test(test_fork_during_export),
        cmocka_unit_test(test_stalled),
    };
    cairn_set_diagnostics(remember, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
