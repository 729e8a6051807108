/* Zipkin's port over a real server: what is posted in each encoding is found by each query; goldens of the answers. */
#include <zlib.h>

#include "golden.h"
#include "server.h"
#include "wire/pb.h"

static struct test_server server;

static const char *const json[] = {"Content-Type: application/json", NULL};
static const char *const no_type[] = {"Content-Type:", NULL};
static const char *const odd_type[] = {"Content-Type: text/x-unknown", NULL};
static const char *const protobuf[] = {"Content-Type: application/x-protobuf", NULL};
static const char *const thrift[] = {"Content-Type: application/x-thrift", NULL};
static const char *const gzip[] = {"Content-Type: application/json", "Content-Encoding: gzip",
                                   NULL};

/* 2026-11-21 13:14:01.000 and .300 UTC; the windows below are around them */
#define T0  "1795266841000000"
#define T3  "1795266841300000"
#define END "endTs=1795266900000&lookback=3600000"

/* A client and its server, who share a span id as B3's tracers do; a local child; another trace. */
#define CLIENT                                                                           \
    "{\"traceId\":\"86154a4ba6e91385\",\"id\":\"00000000000000a1\",\"kind\":\"CLIENT\"," \
    "\"name\":\"get /\",\"timestamp\":" T0 ",\"duration\":207000,"                       \
    "\"localEndpoint\":{\"serviceName\":\"front\",\"ipv4\":\"10.0.0.1\"},"               \
    "\"remoteEndpoint\":{\"serviceName\":\"back\",\"ipv4\":\"10.0.0.2\",\"port\":9000}," \
    "\"annotations\":[{\"timestamp\":" T0 ",\"value\":\"retry\"}],"                      \
    "\"tags\":{\"http.method\":\"GET\"}}"
#define SERVER                                                                           \
    "{\"traceId\":\"86154a4ba6e91385\",\"id\":\"00000000000000a1\",\"kind\":\"SERVER\"," \
    "\"shared\":true,\"name\":\"get /\",\"timestamp\":" T0 ",\"duration\":100000,"       \
    "\"localEndpoint\":{\"serviceName\":\"back\"},\"tags\":{\"error\":\"no room\"}}"
#define CHILD                                                                                   \
    "{\"traceId\":\"86154a4ba6e91385\",\"id\":\"00000000000000a2\","                            \
    "\"parentId\":\"00000000000000a1\",\"name\":\"work\",\"timestamp\":" T0 ",\"duration\":10," \
    "\"localEndpoint\":{\"serviceName\":\"back\"}}"
#define OTHER                                                                        \
    "{\"traceId\":\"463ac35c9f6413ad48485a3953bb6124\",\"id\":\"00000000000000b1\"," \
    "\"name\":\"tick\",\"timestamp\":" T3 ",\"duration\":1,\"kind\":\"CONSUMER\","   \
    "\"localEndpoint\":{\"serviceName\":\"clock\"}}"

static void post(const char *path, const char *const *headers, struct str body, long want,
                 const char *words)
{
    struct test_answer a;
    test_request(server.zipkin_port, "POST", path, headers, &body, &a);
    if (a.status != want || (words ? !strstr((char *)a.body.p, words) : a.body.n != 0))
        fail_msg("%s %.40s: %ld %s", path, body.p ? body.p : "", a.status, (char *)a.body.p);
    test_answer_release(&a);
}

static void test_ingest(void **state)
{
    struct str ok = str_of("[" OTHER "]");
    struct test_answer a;
    (void)state;
    post("/api/v2/spans", json, ok, 202, NULL);
    post("/api/v2/spans", no_type, ok, 202, NULL);
    post("/api/v2/spans", odd_type, ok, 202, NULL);
    post("/api/v2/spans", json, STR("[]"), 202, NULL);
    post("/api/v2/spans", json, STR(""), 202, NULL);
    post("/api/v2/spans", protobuf, STR(""), 202, NULL);
    post("/api/v1/spans", json, STR("[]"), 202, NULL);
    post("/api/v1/spans", thrift, STR("\x0c\0\0\0\0"), 202, NULL);
    post("/api/v2/spans", json, STR("[{"), 400, "malformed Zipkin JSON at byte offset 2");
    post("/api/v2/spans", protobuf, STR("\xff\xff"), 400, "malformed Zipkin protobuf");
    post("/api/v1/spans", thrift, STR("\x0c\0\0\0\1"), 400, "malformed Zipkin thrift");
    post("/api/v2/spans", json, STR("[{\"id\":\"1\"}]"), 400, "without trace id");
    post("/api/v2/spans", json, STR("[{\"id\":\"1\"}," OTHER "]"), 202, NULL);
    test_get(&server, "/metrics", &a);
    assert_non_null(strstr((char *)a.body.p, "\ncairn_spans_rejected_total 2\n"));
    test_answer_release(&a);
}

static void test_gzip(void **state)
{
    static const char text[] = "[" OTHER "]";
    unsigned char out[1024];
    z_stream z = {0};
    (void)state;
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (unsigned char *)(uintptr_t)text;
    z.avail_in = sizeof text - 1;
    z.next_out = out;
    z.avail_out = sizeof out;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    post("/api/v2/spans", gzip, str_make(out, z.total_out), 202, NULL);
    post("/api/v2/spans", gzip, STR("no gzip"), 400, "");
    deflateEnd(&z);
}

static void test_grpc_report(void **state)
{
    struct test_answer a;
    struct buf out;
    size_t span;
    (void)state;
    buf_init(&out, 0);
    span = pb_begin(&out, PB_TAG(1, PB_LEN));
    pb_put_bytes(&out, PB_TAG(1, PB_LEN), STR("\0\0\0\0\0\0\0\x77"));
    pb_put_bytes(&out, PB_TAG(3, PB_LEN), STR("\0\0\0\0\0\0\0\x01"));
    pb_put_bytes(&out, PB_TAG(5, PB_LEN), STR("by grpc"));
    pb_put_fixed64(&out, PB_TAG(6, PB_I64), 1600000000000000);
    pb_end(&out, span);
    test_grpc(server.zipkin_port, "/zipkin.proto3.SpanService/Report", buf_str(&out), &a);
    assert_int_equal(a.grpc_status, 0);
    assert_int_equal(a.body.n, 0);
    test_answer_release(&a);
    test_grpc(server.zipkin_port, "/zipkin.proto3.SpanService/Report", STR("\xff\xff"), &a);
    assert_int_equal(a.grpc_status, 3);
    test_answer_release(&a);
    test_request(server.zipkin_port, "GET", "/api/v2/trace/77", NULL, NULL, &a);
    assert_non_null(strstr((char *)a.body.p, "\"name\":\"by grpc\""));
    test_answer_release(&a);
    buf_release(&out);
}

static const struct {
    const char *golden, *path;
} goldens[] = {
    {"zipkin-services.json", "/api/v2/services"},
    {"zipkin-spans.json", "/api/v2/spans?serviceName=back"},
    {"zipkin-remote.json", "/api/v2/remoteServices?serviceName=front"},
    {"zipkin-remote-none.json", "/api/v2/remoteServices?serviceName=back"},
    {"zipkin-trace.json", "/api/v2/trace/86154a4ba6e91385"},
    {"zipkin-traces.json", "/api/v2/traces?" END},
    {"zipkin-many.json",
     "/api/v2/traceMany?traceIds=86154a4ba6e91385,463ac35c9f6413ad48485a3953bb6124,5"},
    {"zipkin-keys.json", "/api/v2/autocompleteKeys"},
    {"zipkin-values.json", "/api/v2/autocompleteValues?key=http.method"},
    {"zipkin-config.json", "/zipkin/config.json"},
    {"zipkin-health.json", "/health"},
    {"zipkin-info.json", "/info"},
};

static void test_goldens(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(goldens); i++) {
        struct test_answer answer;
        char name[128];
        snprintf(name, sizeof name, "golden/%s", goldens[i].golden);
        test_request(server.zipkin_port, "GET", goldens[i].path, NULL, NULL, &answer);
        CHECK(answer.status == 200, goldens[i].path);
        CHECK(strcmp(answer.content_type, "application/json") == 0, goldens[i].path);
        buf_put_byte(&answer.body, '\n');
        golden_check(name, buf_str(&answer.body));
        test_answer_release(&answer);
    }
}

static const struct {
    const char *params;
    bool found; /* the trace of CLIENT */
} searches[] = {
    {"", true},
    {"&serviceName=front", true},
    {"&serviceName=nobody", false},
    {"&serviceName=front&spanName=get+/", true},
    {"&serviceName=front&spanName=work", false},
    {"&spanName=all", true},
    {"&serviceName=front&remoteServiceName=back", true},
    {"&serviceName=back&remoteServiceName=back", false},
    {"&annotationQuery=retry", true},
    {"&annotationQuery=http.method", true},
    {"&annotationQuery=http.method%3DGET", true},
    {"&annotationQuery=http.method%3DPUT", false},
    {"&annotationQuery=http.method%3DGET+and+retry", true},
    {"&annotationQuery=http.method%3DGET+and+error", true}, /* of two spans */
    {"&serviceName=front&annotationQuery=http.method%3DGET+and+error", false},
    {"&serviceName=back&spanName=work&annotationQuery=error", true},
    {"&serviceName=back&spanName=work&minDuration=100000", true},
    {"&serviceName=back&spanName=work&minDuration=100001", false},
    {"&serviceName=back&minDuration=11&maxDuration=99999", false},
    {"&annotationQuery=error", true},
    {"&annotationQuery=error%3Dtrue", true},
    {"&annotationQuery=error%3Dno+room", true},
    {"&annotationQuery=error%3Dother", false},
    {"&minDuration=207000", true},
    {"&minDuration=207001", false},
    {"&minDuration=9&maxDuration=10", true},
    {"&minDuration=11&maxDuration=99999", false},
    {"&limit=1", false}, /* the other trace is newer */
    {"&unknown=parameter", true},
};

static void test_searches(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(searches); i++) {
        struct test_answer a;
        char path[512];
        snprintf(path, sizeof path, "/zipkin/api/v2/traces?" END "%s", searches[i].params);
        test_request(server.zipkin_port, "GET", path, NULL, NULL, &a);
        CHECK(a.status == 200, path);
        CHECK(!!strstr((char *)a.body.p, "86154a4ba6e91385") == searches[i].found, path);
        test_answer_release(&a);
    }
}

static void test_refusals(void **state)
{
    static const struct {
        const char *path;
        long status;
        const char *text;
    } cases[] = {
        {"/api/v2/trace/99", 404, "99 not found"},
        {"/api/v2/trace/xyz", 400, "is not a trace id"},
        {"/api/v2/traceMany", 400, "traceIds parameter is empty"},
        {"/api/v2/traceMany?traceIds=", 400, "traceIds parameter is empty"},
        {"/api/v2/traceMany?traceIds=1", 400, "single trace"},
        {"/api/v2/traceMany?traceIds=1,01", 400, "redundant"},
        {"/api/v2/dependencies", 400, "endTs"},
        {"/api/v2/dependencies?endTs=soon", 400, "endTs"},
        {"/api/v2/spans", 400, "serviceName"},
        {"/api/v2/remoteServices", 400, "serviceName"},
        {"/api/v2/autocompleteValues", 400, "key"},
        {"/api/v2/traces?minDuration=1ms", 400, "minDuration"},
        {"/api/v2/traces?maxDuration=5", 400, "maxDuration"},
        {"/api/v2/traces?minDuration=5&maxDuration=4", 400, "maxDuration"},
        {"/api/v2/traces?limit=many", 400, "limit"},
        {"/api/v2/traces?annotationQuery=a+and+a+and+a+and+a+and+a+and+a+and+a+and+a+and+a+and+a+and+a"
         "+and+a+and+a+and+a+and+a+and+a+and+a+and+a+and+a+and+a+and+a+and+a+and+a+and+a+and+a+and+a"
         "+and+a+and+a+and+a+and+a+and+a+and+a+and+a",
         400, "more than 32 conditions"},
        {"/api/v2/nothing", 404, "no such endpoint"},
        {"/zipkin/api/v2/nothing", 404, "no such endpoint"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct test_answer a;
        test_request(server.zipkin_port, "GET", cases[i].path, NULL, NULL, &a);
        CHECK(a.status == cases[i].status, cases[i].path);
        CHECK(strcmp(a.content_type, "text/plain; charset=utf-8") == 0, cases[i].path);
        CHECK(strstr((char *)a.body.p, cases[i].text), cases[i].path);
        test_answer_release(&a);
    }
}

/* Jaeger's clients: a batch of thrift, and PostSpans. */
static void test_jaeger_in(void **state)
{
    /* Batch{1 process{1 "js"}, 2 [Span{1 low, 3 id, 5 "by thrift", 8 start}]} */
    static const struct str batch =
        STR_INIT("\x0c\0\1\x0b\0\1\0\0\0\2js\0\x0f\0\2\x0c\0\0\0\1\x0a\0\1\0\0\0\0\0\0\0\x78"
                 "\x0a\0\3\0\0\0\0\0\0\0\1\x0b\0\5\0\0\0\x09"
                 "by thrift\x0a\0\x08\0\5\xaf\x31\x07\xa4\0\0\0\0");
    static const char *const types[] = {"Content-Type: application/x-thrift",
                                        "Content-Type: application/vnd.apache.thrift.binary"};
    struct test_answer a;
    (void)state;
    for (size_t i = 0; i < COUNT(types); i++) {
        const char *const headers[] = {types[i], NULL};
        test_request(server.jaeger_http_port, "POST", "/api/traces", headers, &batch, &a);
        if (a.status != 202 || a.body.n)
            fail_msg("thrift: %ld %s", a.status, (char *)a.body.p);
        test_answer_release(&a);
    }
    test_request(server.jaeger_http_port, "POST", "/api/traces?format=jaeger.thrift", json, &batch,
                 &a);
    assert_int_equal(a.status, 415);
    test_answer_release(&a);
    test_request(server.jaeger_http_port, "POST", "/api/traces", thrift, &(struct str){"\x0c", 1},
                 &a);
    assert_int_equal(a.status, 400);
    test_answer_release(&a);
    test_get(&server, "/api/traces/78", &a);
    assert_non_null(strstr((char *)a.body.p, "\"operationName\":\"by thrift\""));
    assert_non_null(strstr((char *)a.body.p, "\"serviceName\":\"js\""));
    test_answer_release(&a);
    test_grpc(server.jaeger_grpc_port, "/jaeger.api_v2.CollectorService/PostSpans",
              STR("\x0a\x21\x0a\x17\x0a\x01\x79\x12\x01\x01\x1a\x07"
                  "by grpc\x32\x06\x08\x80\xa0\xf8\xfa\x05\x12\x06\x0a\x04shop"),
              &a);
    assert_int_equal(a.grpc_status, 0);
    assert_int_equal(a.body.n, 0);
    test_answer_release(&a);
    test_get(&server, "/api/traces/79", &a);
    assert_non_null(strstr((char *)a.body.p, "\"operationName\":\"by grpc\""));
    assert_non_null(strstr((char *)a.body.p, "\"serviceName\":\"shop\""));
    test_answer_release(&a);
    test_grpc(server.jaeger_grpc_port, "/jaeger.api_v2.CollectorService/PostSpans", STR("\x0a\x7f"),
              &a);
    assert_int_equal(a.grpc_status, 3);
    test_answer_release(&a);
}

static int start(void **state)
{
    (void)state;
    test_server_start(&server);
    post("/api/v2/spans", json, STR("[" CLIENT "," CHILD "]"), 202, NULL);
    post("/api/v2/spans", json, STR("[" SERVER "]"), 202, NULL);
    post("/api/v2/spans", json, STR("[" OTHER "]"), 202, NULL);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    test_server_stop(&server);
    return 0;
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_goldens),   cmocka_unit_test(test_searches),
        cmocka_unit_test(test_refusals),  cmocka_unit_test(test_ingest),
        cmocka_unit_test(test_gzip),      cmocka_unit_test(test_grpc_report),
        cmocka_unit_test(test_jaeger_in),
    };
    golden_arguments(argc, argv);
    return cmocka_run_group_tests(tests, start, stop);
}
