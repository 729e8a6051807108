/* What the HTTP server refuses before OTLP's handler sees it is answered as OTLP says: google.rpc.Status in the
 * request's encoding. Raw sockets, so that requests may be unfinished. */
#include <arpa/inet.h>
#include <jansson.h>
#include <sys/socket.h>

#include "net/encoding.h"
#include "server.h"
#include "test.h"
#include "wire/otlp_pb.h"

/* The second has less memory than a request may be long. */
static struct test_server server, poor;

static const struct {
    const char *name, *fields;
    size_t declared, sent; /* bytes of body */
    bool inflates;         /* it is gzip of 5 MiB of zeros, cut at `sent` if that is not 0 */
    int status, code;
    bool retry;
    const char *words;
} cases[] = {
    {"too large", "", 5000000, 0, false, 413, 8, false, "body over the limit of 4194304 bytes"},
    {"too large once inflated", "Content-Encoding: gzip\r\n", 0, 0, true, 413, 8, false,
     "inflated body over the limit"},
    {"broken gzip", "Content-Encoding: gzip\r\n", 20, 20, false, 400, 3, false,
     "damaged compressed body"},
    {"cut gzip", "Content-Encoding: gzip\r\n", 0, 500, true, 400, 3, false,
     "damaged compressed body"},
    {"over the memory", "", 120000, 120000, false, 503, 14, true, "out of memory"},
    {"too slow", "", 100, 10, false, 408, 4, false, "took too long"},
    {"two hosts", "Host: other\r\n", 5, 5, false, 400, 3, false, "Host"},
};

static void request_of(size_t i, const char *type, struct buf *out)
{
    struct buf body, zeros;
    buf_init(&body, 0);
    buf_init(&zeros, 0);
    memset(buf_reserve(&zeros, 5 << 20), 0, 5 << 20);
    zeros.n = cases[i].sent;
    if (cases[i].inflates) {
        zeros.n = 5 << 20;
        assert_true(encoding_gzip(buf_str(&zeros), &body));
        if (cases[i].sent)
            body.n = cases[i].sent;
    } else {
        buf_put_str(&body, buf_str(&zeros));
    }
    buf_init(out, 0);
    buf_printf(out,
               "POST /v1/traces HTTP/1.1\r\nHost: test\r\nContent-Type: %s\r\n%s"
               "Content-Length: %zu\r\n\r\n",
               type, cases[i].fields, cases[i].inflates ? body.n : cases[i].declared);
    buf_put_str(out, buf_str(&body));
    buf_release(&body);
    buf_release(&zeros);
}

/* Everything up to the end of the connection; NUL-terminated. */
static void ask(int port, struct str request, struct buf *reply)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    ssize_t n;
    buf_init(reply, 0);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    assert_int_equal(send(fd, request.p, request.n, MSG_NOSIGNAL), request.n);
    while ((n = recv(fd, buf_reserve(reply, 4096), 4096, 0)) > 0)
        reply->n += (size_t)n;
    close(fd);
    buf_put_byte(reply, '\0');
    reply->n--;
}

static void ask_case(size_t i, const char *type, struct buf *reply, struct str *body)
{
    struct buf request;
    char want[128];
    const char *end;
    request_of(i, type, &request);
    ask((cases[i].retry ? &poor : &server)->http_port, buf_str(&request), reply);
    buf_release(&request);
    snprintf(want, sizeof want, "HTTP/1.1 %d ", cases[i].status);
    CHECK(str_starts(buf_str(reply), str_of(want)), cases[i].name);
    snprintf(want, sizeof want, "\r\ncontent-type: %s\r\n", type);
    CHECK(strstr((char *)reply->p, want), cases[i].name);
    CHECK(!!strstr((char *)reply->p, "\r\nretry-after: 1\r\n") == cases[i].retry, cases[i].name);
    end = strstr((char *)reply->p, "\r\n\r\n");
    assert_non_null(end);
    *body = str_from(buf_str(reply), (size_t)(end + 4 - (char *)reply->p));
}

static void test_json(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf reply;
        struct str body;
        ask_case(i, "application/json", &reply, &body);
        json_t *root = json_loadb(body.p, body.n, 0, NULL);
        json_t *detail = json_array_get(json_object_get(root, "details"), 0);
        const char *message = json_string_value(json_object_get(root, "message"));
        CHECK(json_integer_value(json_object_get(root, "code")) == cases[i].code, cases[i].name);
        CHECK(message && strstr(message, cases[i].words), cases[i].name);
        CHECK(!!detail == cases[i].retry, cases[i].name);
        json_decref(root);
        buf_release(&reply);
    }
}

static void test_protobuf(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf reply;
        struct str body;
        const unsigned char *p;
        ask_case(i, "application/x-protobuf", &reply, &body);
        p = (const unsigned char *)body.p;
        CHECK(body.n > 4 && p[0] == 0x08 && p[1] == cases[i].code, cases[i].name); /* code */
        CHECK(p[2] == 0x12 && p[3] < 128 && 4u + p[3] <= body.n, cases[i].name);   /* message */
        CHECK(memmem(p + 4, p[3], cases[i].words, strlen(cases[i].words)), cases[i].name);
        if (cases[i].retry) /* details */
            CHECK(p[4 + p[3]] == 0x1a &&
                      memmem(p, body.n, "google.rpc.RetryInfo", strlen("google.rpc.RetryInfo")),
                  cases[i].name);
        else
            CHECK(body.n == 4u + p[3], cases[i].name);
        buf_release(&reply);
    }
}

/* Neither a type of OTLP's, nor an encoding, nor a method: as the Collector says it. */
static void test_plain(void **state)
{
    static const struct {
        const char *method, *fields;
        long status;
        const char *body;
    } plain[] = {
        {"POST", "Content-Encoding: br", 415, "415 unknown content-encoding"},
        {"PUT", "X-A: b", 405, "405 method not allowed"},
        {"POST", "Content-Type: text/plain", 415, "415 unsupported media type"},
    };
    static const struct str body = STR_INIT("{}");
    (void)state;
    for (size_t i = 0; i < COUNT(plain); i++) {
        const char *headers[] = {plain[i].fields, "Content-Type: application/json", NULL};
        struct test_answer a;
        if (strstr(plain[i].fields, "Content-Type"))
            headers[1] = NULL;
        test_request(server.http_port, plain[i].method, "/v1/traces", headers, &body, &a);
        CHECK(a.status == plain[i].status, plain[i].body);
        CHECK(strcmp(a.content_type, "text/plain; charset=utf-8") == 0, plain[i].body);
        CHECK(str_starts(buf_str(&a.body), str_of(plain[i].body)), plain[i].body);
        test_answer_release(&a);
    }
}

/* Spans that are small on the wire and larger than all memory: to send them again would not help. */
static void test_expansion(void **state)
{
    static const struct {
        const char *path, *type;
        struct str head;
        unsigned char unit[2];               /* an empty tag */
        size_t unit_bytes, tail_bytes, port; /* tail: the ends of structs */
    } ways[] = {
        {"/api/traces",
         "Content-Type: application/x-thrift",
         STR_INIT("\x0f\0\2\x0c\0\0\0\1\x0f\0\x0a\x0c\0\0\x27\x10"),
         {0},
         1,
         2,
         offsetof(struct test_server, jaeger_http_port)},
        {"/api/v2/spans",
         "Content-Type: application/x-protobuf",
         STR_INIT("\x0a\xa0\x9c\x01"),
         {0x5a, 0},
         2,
         0,
         offsetof(struct test_server, zipkin_port)},
        {"/v1/traces",
         "Content-Type: application/x-protobuf",
         STR_INIT("\x0a\xa8\x9c\x01\x12\xa4\x9c\x01\x12\xa0\x9c\x01"),
         {0x4a, 0},
         2,
         0,
         offsetof(struct test_server, http_port)},
    };
    enum { UNITS = 10000 };
    (void)state;
    for (size_t i = 0; i < COUNT(ways); i++) {
        const char *const headers[] = {ways[i].type, NULL};
        struct test_answer a;
        struct buf body;
        int port;
        buf_init(&body, 0);
        buf_put_str(&body, ways[i].head);
        for (int k = 0; k < UNITS; k++)
            buf_put(&body, ways[i].unit, ways[i].unit_bytes);
        buf_put(&body, "\0", ways[i].tail_bytes);
        memcpy(&port, (const char *)&poor + ways[i].port, sizeof port);
        test_request(port, "POST", ways[i].path, headers, &(struct str){(char *)body.p, body.n},
                     &a);
        CHECK(a.status == 413, ways[i].path);
        CHECK(test_header(&a, "retry-after").n == 0, ways[i].path);
        CHECK(memmem(a.body.p, a.body.n, "more memory", 11), ways[i].path);
        test_answer_release(&a);
        buf_release(&body);
    }
}

static int start(void **state)
{
    struct http_limits limits = HTTP_LIMITS_DEFAULT;
    (void)state;
    limits.body_timeout_ms = 300;
    limits.idle_timeout_ms = 300; /* replies are read up to the connection's end */
    test_server_start_limited(&server, limits);
    limits.memory_bytes_max = 100000;
    test_server_start_limited(&poor, limits);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    test_server_stop(&server);
    test_server_stop(&poor);
    return 0;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_protobuf),
        cmocka_unit_test(test_plain),
        cmocka_unit_test(test_expansion),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
