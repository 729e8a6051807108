/* What the engine says of spans that came as Zipkin's or Jaeger's, in the words of each way in; and its failures as Zipkin's
 * port tells them. */
#include "fake_engine.h"
#include "server.h"
#include "test.h"

static struct test_server server;

#define B(literal) STR_INIT(literal)

enum way { ZIPKIN_JSON, ZIPKIN_PB, JAEGER_THRIFT, ZIPKIN_GRPC, JAEGER_GRPC, WAYS };

static const struct {
    const char *name, *path, *type; /* type NULL = gRPC */
    size_t port;                    /* offset in struct test_server */
    struct str span;
} ways[WAYS] = {
    [ZIPKIN_JSON] = {"Zipkin JSON", "/api/v2/spans", "Content-Type: application/json",
                     offsetof(struct test_server, zipkin_port),
                     B("[{\"traceId\":\"1\",\"id\":\"2\"}]")},
    [ZIPKIN_PB] = {"Zipkin protobuf", "/api/v2/spans", "Content-Type: application/x-protobuf",
                   offsetof(struct test_server, zipkin_port),
                   B("\x0a\x06\x0a\x01\x01\x1a\x01\x02")},
    [JAEGER_THRIFT] =
        {"Jaeger thrift", "/api/traces", "Content-Type: application/x-thrift",
         offsetof(struct test_server, jaeger_http_port),
         B("\x0f\0\2\x0c\0\0\0\1\x0a\0\1\0\0\0\0\0\0\0\x01\x0a\0\3\0\0\0\0\0\0\0\1\0\0")},
    [ZIPKIN_GRPC] = {"Zipkin gRPC", "/zipkin.proto3.SpanService/Report", NULL,
                     offsetof(struct test_server, zipkin_port),
                     B("\x0a\x06\x0a\x01\x01\x1a\x01\x02")},
    [JAEGER_GRPC] = {"Jaeger gRPC", "/jaeger.api_v2.CollectorService/PostSpans", NULL,
                     offsetof(struct test_server, jaeger_grpc_port),
                     B("\x0a\x08\x0a\x06\x0a\x01\x01\x12\x01\x02")},
};

static void send(enum way way, struct str body, struct test_answer *ret)
{
    const char *const headers[] = {ways[way].type, NULL};
    int port;
    memcpy(&port, (const char *)&server + ways[way].port, sizeof port);
    if (ways[way].type)
        test_request(port, "POST", ways[way].path, headers, &body, ret);
    else
        test_grpc(port, ways[way].path, body, ret);
}

static void reset(void)
{
    fake_engine = (struct fake_engine){0};
}

/* The engine's answer is the request's. */
static void test_answers(void **state)
{
    static const struct {
        const char *name;
        int append, done;
        long http;
        int grpc;
        bool retry;
        const char *words;
    } cases[] = {
        {"kept", 0, 0, 202, 0, false, ""},
        {"busy", ERR_BUSY, 0, 503, 14, true, "the queue is full"},
        {"closed", ERR_CLOSED, 0, 503, 14, true, "the queue is full"},
        {"disk full", 0, ERR_BUSY, 503, 14, true, "the disk is full"},
        {"disk broken", 0, ERR_IO, 503, 14, true, "the disk is full"},
        {"too large", ERR_TOO_LARGE, 0, 413, 8, false, "the queue is full"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        for (int way = 0; way < WAYS; way++) {
            struct test_answer a;
            char name[96];
            snprintf(name, sizeof name, "%s: %s", ways[way].name, cases[i].name);
            reset();
            fake_engine.append_code = cases[i].append;
            fake_engine.done_code = cases[i].done;
            send(way, ways[way].span, &a);
            CHECK(fake_engine.spans == (cases[i].append == 0), name);
            CHECK(fake_engine.bytes == 0, name); /* they are no OTLP */
            if (ways[way].type) {
                CHECK(a.status == cases[i].http, name);
                CHECK((test_header(&a, "retry-after").n > 0) == cases[i].retry, name);
                CHECK(cases[i].words[0] ? !!strstr((char *)a.body.p, cases[i].words)
                                        : a.body.n == 0,
                      name);
            } else {
                CHECK(a.status == 200 && a.grpc_status == cases[i].grpc, name);
                CHECK((test_header(&a, "grpc-status-details-bin").n > 0) == (cases[i].grpc != 0),
                      name);
            }
            test_answer_release(&a);
        }
    }
}

/* Nothing to keep is no reason to ask the engine; too much is refused before it. */
static void test_limits(void **state)
{
    struct str large = {calloc(1, 5 << 20), 5 << 20};
    (void)state;
    for (int way = 0; way < WAYS; way++) {
        struct test_answer a;
        reset();
        fake_engine.append_code = ERR_BUSY;
        send(way, STR(""), &a);
        CHECK(ways[way].type ? a.status == 202 : a.grpc_status == 0, ways[way].name);
        test_answer_release(&a);
        if (!ways[way].type) /* tests/net has gRPC's */
            continue;
        send(way, large, &a);
        CHECK(a.status == 413, ways[way].name);
        test_answer_release(&a);
    }
    free((void *)(uintptr_t)large.p);
}

static void test_methods(void **state)
{
    struct test_answer a;
    (void)state;
    test_request(server.jaeger_http_port, "GET", "/api/traces", NULL, NULL, &a);
    assert_int_equal(a.status, 405);
    test_answer_release(&a);
    test_request(server.zipkin_port, "PUT", "/api/v2/spans", NULL, NULL, &a);
    assert_int_equal(a.status, 405);
    check_str(test_header(&a, "allow"), "GET, HEAD, POST, OPTIONS", "Allow");
    test_answer_release(&a);
}

static void test_query_failures(void **state)
{
    static const struct {
        int code;
        long status;
    } failures[] = {{ERR_TIMEOUT, 504}, {ERR_TOO_LARGE, 413}, {ERR_BUSY, 503}, {ERR_CORRUPT, 500}};
    static const char *const paths[] = {
        "/api/v2/services",
        "/api/v2/spans?serviceName=a",
        "/api/v2/traces",
        "/api/v2/remoteServices?serviceName=a",
        "/api/v2/trace/1",
        "/api/v2/traceMany?traceIds=1,2",
        "/api/v2/autocompleteKeys",
        "/api/v2/autocompleteValues?key=a",
        "/api/v2/dependencies?endTs=1",
    };
    (void)state;
    for (size_t i = 0; i < COUNT(failures); i++) {
        for (size_t j = 0; j < COUNT(paths); j++) {
            struct test_answer a;
            reset();
            fake_engine.query_code = failures[i].code;
            test_request(server.zipkin_port, "GET", paths[j], NULL, NULL, &a);
            CHECK(a.status == failures[i].status, paths[j]);
            CHECK(strstr((char *)a.body.p, "as told"), paths[j]);
            CHECK((test_header(&a, "retry-after").n > 0) == (a.status == 503), paths[j]);
            test_answer_release(&a);
        }
    }
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

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_methods),
        cmocka_unit_test(test_query_failures),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
