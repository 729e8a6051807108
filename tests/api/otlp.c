/* OTLP's answers, byte for byte where the protocol fixes them: success, partial success, malformed, busy, full. */
#include <arpa/inet.h>
#include <jansson.h>
#include <stdatomic.h>
#include <sys/socket.h>

#include "fake_engine.h"
#include "server.h"
#include "spans.h"
#include "test.h"
#include "wire/otlp_pb.h"

#define EXPORT "/opentelemetry.proto.collector.trace.v1.TraceService/Export"

static struct test_server server;

static const char *const protobuf[] = {"Content-Type: application/x-protobuf", NULL};
static const char *const protobuf_odd[] = {"Content-Type: Application/X-Protobuf ; charset=utf-8",
                                           NULL};
static const char *const json[] = {"Content-Type: application/json", NULL};
static const char *const json_utf8[] = {"Content-Type: application/json; charset=utf-8", NULL};
static const char *const text[] = {"Content-Type: text/plain", NULL};
static const char *const none[] = {"Content-Type:", NULL};

#define JSON_SPAN(id)                                                    \
    "{\"traceId\":\"0af7651916cd43dd8448eb211c80319c\",\"spanId\":\"" id \
    "\",\"name\":\"x\",\"startTimeUnixNano\":\"1\",\"endTimeUnixNano\":\"2\"}"
#define JSON_SPANS(spans) "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[" spans "]}]}]}"
#define B(literal)        STR_INIT(literal)

static const struct {
    const char *name, *const *headers;
    struct str body;
    long status;
    const char *type, *want; /* the body, or for 400 words in it */
    uint64_t spans;
} cases[] = {
    {"empty protobuf", protobuf, B(""), 200, "application/x-protobuf", "", 0},
    {"type in other letters", protobuf_odd, B(""), 200, "application/x-protobuf", "", 0},
    {"empty JSON object", json, B("{}"), 200, "application/json", "{}", 0},
    {"a span in JSON", json, B(JSON_SPANS(JSON_SPAN("00000000000000a1"))), 200, "application/json",
     "{}", 1},
    {"JSON with a charset", json_utf8, B(JSON_SPANS(JSON_SPAN("00000000000000a1"))), 200,
     "application/json", "{}", 1},
    {"one span of two is bad", json,
     B(JSON_SPANS(JSON_SPAN("00000000000000a1") "," JSON_SPAN("0000000000000000"))), 200,
     "application/json", "{\"partialSuccess\":{\"rejectedSpans\":\"1\",\"errorMessage\":", 1},
    {"all spans are bad", json, B(JSON_SPANS(JSON_SPAN("0000000000000000"))), 200,
     "application/json", "{\"partialSuccess\":{\"rejectedSpans\":\"1\",\"errorMessage\":", 0},
    {"garbage protobuf", protobuf, B("\xff\xff\xff\xff"), 400, "application/x-protobuf",
     "malformed OTLP protobuf at byte offset ", 0},
    {"cut protobuf", protobuf, B("\x0a\x7f\x01"), 400, "application/x-protobuf", "at byte offset ",
     0},
    {"broken JSON", json, B("{\"resourceSpans\": ["), 400, "application/json",
     "malformed OTLP JSON at byte offset ", 0},
    {"empty JSON body", json, B(""), 400, "application/json", "at byte offset 0", 0},
    {"JSON array", json, B("[]"), 400, "application/json", "\"code\":3", 0},
    {"text", text, B("hello"), 415, "text/plain; charset=utf-8", "415 unsupported media type", 0},
    {"no type", none, B("hello"), 415, "text/plain; charset=utf-8", "415 unsupported media type",
     0},
};

static void reset(void)
{
    fake_engine = (struct fake_engine){0};
}

static void test_bodies(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct test_answer a;
        reset();
        test_request(server.http_port, "POST", "/v1/traces", cases[i].headers, &cases[i].body, &a);
        CHECK(a.status == cases[i].status, cases[i].name);
        CHECK(strcmp(a.content_type, cases[i].type) == 0, cases[i].name);
        if (cases[i].want[0])
            CHECK(memmem(a.body.p, a.body.n, cases[i].want, strlen(cases[i].want)), cases[i].name);
        else
            CHECK(a.body.n == 0, cases[i].name);
        CHECK(fake_engine.spans == cases[i].spans, cases[i].name);
        CHECK(fake_engine.bytes == 0, cases[i].name); /* only protobuf is passed on as bytes */
        test_answer_release(&a);
    }
}

static void encode(struct buf *body, const struct span *spans, size_t count)
{
    buf_init(body, 0);
    otlp_pb_encode(spans, count, body);
}

static void test_protobuf_is_passed_on(void **state)
{
    struct span spans[2] = {test_span(1, 1, 0, "a", 1, 1), test_span(1, 0, 0, "no id", 1, 1)};
    struct test_answer a;
    struct buf body;
    struct str bytes, reason;
    int64_t rejected;
    (void)state;
    reset();
    encode(&body, spans, 1);
    bytes = buf_str(&body);
    test_request(server.http_port, "POST", "/v1/traces", protobuf, &bytes, &a);
    assert_int_equal(a.status, 200);
    assert_int_equal(fake_engine.bytes, bytes.n);
    test_answer_release(&a);
    buf_release(&body);
    /* with a rejected span in it, the bytes are no longer what is to be kept */
    reset();
    encode(&body, spans, 2);
    bytes = buf_str(&body);
    test_request(server.http_port, "POST", "/v1/traces", protobuf, &bytes, &a);
    assert_int_equal(a.status, 200);
    assert_int_equal(fake_engine.spans, 1);
    assert_int_equal(fake_engine.bytes, 0);
    assert_int_equal(otlp_pb_decode_response(buf_str(&a.body), &rejected, &reason), 0);
    assert_int_equal(rejected, 1);
    assert_true(reason.n > 0);
    test_answer_release(&a);
    buf_release(&body);
}

/* What the engine says, as HTTP says it. */
static void test_refusals_http(void **state)
{
    static const struct {
        const char *name;
        int append, done;
        long status;
        bool retry;
        const char *words;
    } refusals[] = {
        {"busy", ERR_BUSY, 0, 503, true, "the queue is full"},
        {"closed", ERR_CLOSED, 0, 503, true, "the queue is full"},
        {"disk full", 0, ERR_BUSY, 503, true, "the disk is full"},
        {"disk broken", 0, ERR_IO, 503, true, "the disk is full"},
        {"too large", ERR_TOO_LARGE, 0, 413, false, "the queue is full"},
    };
    static const struct str body = STR_INIT(JSON_SPANS(JSON_SPAN("00000000000000a1")));
    (void)state;
    for (size_t i = 0; i < COUNT(refusals); i++) {
        struct test_answer a;
        reset();
        fake_engine.append_code = refusals[i].append;
        fake_engine.done_code = refusals[i].done;
        test_request(server.http_port, "POST", "/v1/traces", json, &body, &a);
        CHECK(a.status == refusals[i].status, refusals[i].name);
        CHECK((test_header(&a, "retry-after").n > 0) == refusals[i].retry, refusals[i].name);
        json_t *root = json_loads((char *)a.body.p, 0, NULL);
        json_t *detail = json_array_get(json_object_get(root, "details"), 0);
        CHECK(strstr(json_string_value(json_object_get(root, "message")), refusals[i].words),
              refusals[i].name);
        CHECK(!!detail == refusals[i].retry, refusals[i].name);
        CHECK(!detail ||
                  strcmp(json_string_value(json_object_get(detail, "retryDelay")), "1.000s") == 0,
              refusals[i].name);
        json_decref(root);
        test_answer_release(&a);
    }
}

static void test_grpc_answers(void **state)
{
    static const struct {
        const char *name;
        struct str message;
        int append, done, status;
        bool details;
    } calls[] = {
        {"nothing", B(""), 0, 0, 0, false},
        {"garbage", B("\xff\xff\xff\xff"), 0, 0, 3, true},
        {"busy", B("span"), ERR_BUSY, 0, 14, true},
        {"disk full", B("span"), 0, ERR_BUSY, 14, true},
        {"too large", B("span"), ERR_TOO_LARGE, 0, 8, true},
        {"kept", B("span"), 0, 0, 0, false},
    };
    struct span span = test_span(1, 1, 0, "a", 1, 1);
    struct buf body;
    (void)state;
    encode(&body, &span, 1);
    for (size_t i = 0; i < COUNT(calls); i++) {
        struct test_answer a;
        reset();
        fake_engine.append_code = calls[i].append;
        fake_engine.done_code = calls[i].done;
        test_grpc(server.grpc_port, EXPORT,
                  str_eq(calls[i].message, STR("span")) ? buf_str(&body) : calls[i].message, &a);
        CHECK(a.status == 200, calls[i].name);
        CHECK(a.grpc_status == calls[i].status, calls[i].name);
        CHECK((test_header(&a, "grpc-status-details-bin").n > 0) == calls[i].details,
              calls[i].name);
        test_answer_release(&a);
    }
    buf_release(&body);
}

static void test_methods(void **state)
{
    struct test_answer a;
    (void)state;
    test_request(server.http_port, "GET", "/v1/traces", NULL, NULL, &a);
    assert_int_equal(a.status, 405);
    assert_non_null(strstr((char *)a.body.p, "POST"));
    test_answer_release(&a);
    test_request(server.http_port, "POST", "/v1/logs", json, &(struct str){"{}", 2}, &a);
    assert_int_equal(a.status, 404);
    test_answer_release(&a);
}

static void test_too_large(void **state)
{
    struct str body = {calloc(1, 5 << 20), 5 << 20};
    struct test_answer a;
    (void)state;
    test_request(server.http_port, "POST", "/v1/traces", protobuf, &body, &a);
    assert_int_equal(a.status, 413);
    test_answer_release(&a);
    free((void *)(uintptr_t)body.p);
}

/* What an engine's failure looks like in each query dialect. */
static void test_query_failures(void **state)
{
    static const struct {
        int code;
        long status;
    } failures[] = {{ERR_TIMEOUT, 504}, {ERR_TOO_LARGE, 413}, {ERR_BUSY, 503},
                    {ERR_CORRUPT, 500}, {ERR_CLOSED, 503},    {ERR_INTERNAL, 500}};
    static const char *const paths[] = {
        "/api/services",
        "/api/traces/1",
        "/api/traces?service=a",
        "/api/operations?service=a",
        "/api/services/a/operations",
        "/api/dependencies",
        "/api/metrics/calls?service=a",
        "/api/metrics/errors?service=a",
        "/api/metrics/latencies?service=a&quantile=0.5",
        "/api/v3/services",
        "/api/v3/operations",
        "/api/v3/traces/1",
        "/api/cairn/v1/tags",
        "/api/cairn/v1/tags/x/values",
        "/api/cairn/v1/traces/1/skeleton",
        "/api/cairn/v1/traces/1/find?q=x",
        "/api/v3/trace-summaries?query.startTimeMin=2026-11-21T13:00:00Z&query.startTimeMax=2026-11-21T14:00:00Z"};
    (void)state;
    for (size_t i = 0; i < COUNT(failures); i++) {
        for (size_t j = 0; j < COUNT(paths); j++) {
            struct test_answer a;
            reset();
            fake_engine.query_code = failures[i].code;
            test_get(&server, paths[j], &a);
            CHECK(a.status == failures[i].status, paths[j]);
            CHECK(strstr((char *)a.body.p, "as told"), paths[j]);
            CHECK((test_header(&a, "retry-after").n > 0) == (a.status == 503), paths[j]);
            test_answer_release(&a);
        }
    }
}

/* A query whose client hangs up ends: nobody would read its answer. */
static void test_client_gone(void **state)
{
    static const char request[] = "GET /api/services HTTP/1.1\r\nHost: x\r\n\r\n";
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)server.query_port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    (void)state;
    reset();
    fake_engine.until_cancelled = true;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    assert_int_equal(write(fd, request, sizeof request - 1), sizeof request - 1);
    usleep(50000);
    close(fd);
    for (int i = 0; i < 10000 && !atomic_load(&fake_engine.was_cancelled); i++)
        usleep(1000);
    assert_true(atomic_load(&fake_engine.was_cancelled));
    fake_engine.until_cancelled = false;
}

static int start(void **state)
{
    (void)state;
    test_server_start(&server);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    test_server_stop(&server);
    return 0;
}

/* A query says when a damaged part was left out of its answer. */
static void test_damaged(void **state)
{
    static const char *const paths[] = {"/api/cairn/v1/tags", "/api/cairn/v1/tags/a/values",
                                        "/api/services", "/api/v3/services", "/api/traces/1"};
    (void)state;
    reset();
    for (size_t i = 0; i < COUNT(paths); i++) {
        for (int damaged = 0; damaged < 2; damaged++) {
            struct test_answer a;
            fake_engine.damaged = damaged;
            test_get(&server, paths[i], &a);
            CHECK(a.status == 200, paths[i]);
            CHECK((test_header(&a, "x-cairn-warning").n > 0) == damaged, paths[i]);
            if (str_starts(str_of(paths[i]), STR("/api/cairn")))
                CHECK(!!strstr((char *)a.body.p, "\"warnings\":[\"a damaged part") == damaged,
                      paths[i]);
            test_answer_release(&a);
            test_grpc(server.query_port, "/jaeger.api_v3.QueryService/GetServices", STR(""), &a);
            CHECK(a.grpc_status == 0, "gRPC");
            CHECK((test_header(&a, "x-cairn-warning").n > 0) == damaged, "gRPC");
            test_answer_release(&a);
        }
    }
    fake_engine.damaged = false;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bodies),         cmocka_unit_test(test_protobuf_is_passed_on),
        cmocka_unit_test(test_refusals_http),  cmocka_unit_test(test_grpc_answers),
        cmocka_unit_test(test_methods),        cmocka_unit_test(test_too_large),
        cmocka_unit_test(test_query_failures), cmocka_unit_test(test_client_gone),
        cmocka_unit_test(test_damaged),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
