/* HTTP/1.x over raw sockets: what each request is answered with, however its bytes are cut. */
#include <sys/socket.h>
#include <sys/wait.h>

#include "net/client.h"
#include "net/support.h"
#include "test.h"

#define CRLF      "\r\n"
#define HOST      "Host: test\r\n"
#define GET(path) "GET " path " HTTP/1.1\r\n" HOST CRLF

static struct fixture f;

static const struct {
    const char *name, *request;
    int status;
    const char *body;  /* NULL = not looked at */
    const char *field; /* "name: value" that must be there */
    bool closes;
} cases[] = {
    {"get", GET("/hello"), 200, "hello", "content-length: 5", false},
    {"head", "HEAD /hello HTTP/1.1\r\n" HOST CRLF, 200, "", "content-length: 5", false},
    {"absolute form", GET("http://test/hello"), 200, "hello", NULL, false},
    {"leading empty line", CRLF GET("/hello"), 200, "hello", NULL, false},
    {"1.0 closes", "GET /hello HTTP/1.0\r\n\r\n", 200, "hello", "connection: close", true},
    {"1.0 keep-alive", "GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 200, "hello",
     "connection: keep-alive", false},
    {"close", "GET /hello HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n", 200, "hello",
     "connection: close", true},
    {"post", "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabc", 200, "abc", NULL,
     false},
    {"put", "PUT /echo HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabc", 200, "abc", NULL, false},
    {"post nothing", "POST /echo HTTP/1.1\r\n" HOST CRLF, 200, "", NULL, false},
    {"chunked",
     "POST /echo HTTP/1.1\r\n" HOST
     "Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: 1\r\n\r\n",
     200, "abcde", NULL, false},
    {"upgrade is ignored",
     "GET /hello HTTP/1.1\r\n" HOST "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
     "HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n",
     200, "hello", NULL, false},
    {"params", GET("/items/a%2Fb/parts/7?x=1&y"), 200, "a/b|7|x=1&y", NULL, false},
    {"rest", GET("/files/css/a.css"), 200, "css/a.css", NULL, false},
    {"header", "GET /header HTTP/1.1\r\n" HOST "X-Probe:  a b \r\n\r\n", 200, "a b", NULL, false},
    {"later", GET("/later"), 200, "later", NULL, false},
    {"unknown path", GET("/nowhere"), 404, "404 page not found", NULL, false},
    {"parameter missing", GET("/items//parts/7"), 404, NULL, NULL, false},
    {"wrong method", "DELETE /echo HTTP/1.1\r\n" HOST CRLF, 405,
     "405 method not allowed, supported: [POST, PUT]", "allow: POST, PUT, OPTIONS", false},
    {"unknown method", "PATCH /hello HTTP/1.1\r\n" HOST CRLF, 405,
     "405 method not allowed, supported: [GET, HEAD]", NULL, false},
    {"wrong method with a body", "PUT /hello HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabc", 405,
     NULL, NULL, false},
    {"options", "OPTIONS /echo HTTP/1.1\r\n" HOST CRLF, 204, "", "allow: POST, PUT, OPTIONS",
     false},
    {"options for all", "OPTIONS * HTTP/1.1\r\n" HOST CRLF, 204, "", NULL, false},
    {"body where none is taken", "POST /bodyless HTTP/1.1\r\n" HOST "Content-Length: 1\r\n\r\na",
     413, NULL, NULL, false},
    {"too long", "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 262145\r\n\r\n", 413, NULL,
     "connection: close", true},
    {"far too long", "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 18446744073709551615\r\n\r\n",
     413, NULL, "connection: close", true},
    {"unknown encoding",
     "POST /echo HTTP/1.1\r\n" HOST "Content-Encoding: br\r\nContent-Length: 1\r\n\r\na", 415,
     "415 unknown content-encoding, supported: [gzip, deflate, zstd]",
     "accept-encoding: gzip, deflate, zstd", false},
    {"two encodings",
     "POST /echo HTTP/1.1\r\n" HOST "Content-Encoding: gzip, gzip\r\nContent-Length: 1\r\n\r\na",
     415, NULL, NULL, false},
    {"no gzip",
     "POST /echo HTTP/1.1\r\n" HOST "Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc", 400,
     "400 damaged compressed body", NULL, false},
    {"strange expectation",
     "POST /echo HTTP/1.1\r\n" HOST "Expect: tea\r\nContent-Length: 1\r\n\r\na", 417, NULL, NULL,
     false},
    {"grpc over 1.1",
     "POST /cairn.Test/Echo HTTP/1.1\r\n" HOST
     "Content-Type: application/grpc\r\nContent-Length: 5\r\n\r\n\0\0\0\0\0",
     505, "505 gRPC needs HTTP/2", NULL, false},
    {"no grpc at all", "POST /cairn.Test/Echo HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n", 415,
     NULL, NULL, false},
    {"broken escape", GET("/files/%zz"), 400, "400 malformed request target", NULL, false},
    {"escaped NUL", GET("/files/a%00b"), 400, NULL, NULL, false},
    {"no host", "GET /hello HTTP/1.1\r\n\r\n", 400, NULL, NULL, false},
    {"two hosts", "GET /hello HTTP/1.1\r\n" HOST HOST CRLF, 400, NULL, NULL, false},
    {"nonsense", "nonsense\r\n\r\n", 400, NULL, "connection: close", true},
    {"no version", "GET /hello\r\n\r\n", 400, NULL, NULL, true},
    {"version 2.0", "GET /hello HTTP/2.0\r\n" HOST CRLF, 400, NULL, NULL, true},
    {"folded line", "GET /hello HTTP/1.1\r\n" HOST "A: b\r\n c\r\n\r\n", 400,
     "400 malformed request: folded header line", NULL, true},
    {"folded empty value", "GET /hello HTTP/1.1\r\n" HOST "A:\r\n\tc\r\n\r\n", 400, NULL, NULL,
     true},
    {"space before colon", "GET /hello HTTP/1.1\r\n" HOST "A : b\r\n\r\n", 400, NULL, NULL, true},
    {"bare line feed", "GET /hello HTTP/1.1\n" HOST CRLF, 400, NULL, NULL, true},
    {"bare carriage return", "GET /hello HTTP/1.1\r\n" HOST "A: b\rC: d\r\n\r\n", 400, NULL, NULL,
     true},
    {"length and chunked",
     "POST /echo HTTP/1.1\r\n" HOST
     "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
     400, NULL, NULL, true},
    {"chunked and length",
     "POST /echo HTTP/1.1\r\n" HOST
     "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
     400, NULL, NULL, true},
    {"two lengths",
     "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400, NULL,
     NULL, true},
    {"signed length", "POST /echo HTTP/1.1\r\n" HOST "Content-Length: +3\r\n\r\nabc", 400, NULL,
     NULL, true},
    {"chunked not last", "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip\r\n\r\n", 400,
     NULL, NULL, true},
    {"bad chunk", "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\nxyz\r\n", 400,
     NULL, NULL, true},
    {"chunk size overflow",
     "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n", 400,
     NULL, NULL, true},
};

static struct str request_of(size_t i)
{
    size_t n = strlen(cases[i].request);
    if (strcmp(cases[i].name, "grpc over 1.1") == 0)
        n += 5; /* its body is NULs */
    return str_make(cases[i].request, n);
}

static bool has_field(const struct response *r, const char *field)
{
    struct str name, value;
    char lower[64];
    str_cut(str_of(field), ':', &name, &value);
    snprintf(lower, sizeof lower, "%.*s", STR_ARG(name));
    return str_eq(response_field(r, lower), str_trim(value));
}

static void check_response(size_t i, struct response *r)
{
    if (r->status != cases[i].status)
        fail_msg("case \"%s\": got %d, want %d\n%.*s", cases[i].name, r->status, cases[i].status,
                 STR_ARG(buf_str(&r->text)));
    if (cases[i].body)
        check_str(r->body, cases[i].body, cases[i].name);
    if (cases[i].field)
        CHECK(has_field(r, cases[i].field), cases[i].field);
}

/* Whatever keeps its connection must answer the next request on it. */
static void test_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        int fd = client_connect(f.port);
        struct response r;
        client_send(fd, request_of(i));
        r = client_read(fd, str_starts(request_of(i), STR("HEAD")));
        check_response(i, &r);
        response_release(&r);
        if (cases[i].closes) {
            CHECK(client_sees_end(fd), cases[i].name);
        } else {
            client_send(fd, STR(GET("/hello")));
            r = client_read(fd, false);
            CHECK(r.status == 200, cases[i].name);
            check_str(r.body, "hello", cases[i].name);
            response_release(&r);
        }
        close(fd);
    }
}

/* Each request cut in two at every byte. */
static void test_splits(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct str request = request_of(i);
        for (size_t cut = 1; cut < request.n; cut++) {
            int fd = client_connect(f.port);
            struct response r;
            client_send(fd, str_make(request.p, cut));
            if (cut % 16 == 0)
                usleep(300); /* mostly the first half arrives alone even so */
            client_send(fd, str_from(request, cut));
            r = client_read(fd, str_starts(request, STR("HEAD")));
            check_response(i, &r);
            response_release(&r);
            close(fd);
        }
    }
}

static void test_byte_by_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct str request = request_of(i);
        int fd = client_connect(f.port);
        struct response r;
        for (size_t at = 0; at < request.n; at++) {
            client_send(fd, str_make(request.p + at, 1));
            usleep(20);
        }
        r = client_read(fd, str_starts(request, STR("HEAD")));
        check_response(i, &r);
        response_release(&r);
        close(fd);
    }
}

/* Replies come in the order of the requests, whichever thread makes them. */
static void test_pipelining(void **state)
{
    static const char *const want[] = {"hello", "later", "abc", "later", "hello"};
    static const char requests[] = GET("/hello")
        GET("/later") "POST /echo HTTP/1.1\r\n" HOST
                      "Content-Length: 3\r\n\r\nabc" GET("/later") "GET /hello HTTP/1.1\r\n" HOST
                                                                   "Connection: close\r\n\r\n";
    (void)state;
    for (size_t cut = 1; cut < sizeof requests - 1; cut += 3) {
        struct buf got = {0};
        struct str rest;
        int fd = client_connect(f.port);
        ssize_t n;
        client_send(fd, str_make(requests, cut));
        client_send(fd, str_from(str_make(requests, sizeof requests - 1), cut));
        while ((n = read(fd, buf_reserve(&got, 4096), 4096)) > 0)
            got.n += (size_t)n;
        rest = buf_str(&got);
        for (size_t i = 0; i < COUNT(want); i++) {
            const char *end = memmem(rest.p, rest.n, "\r\n\r\n", 4);
            CHECK(end && str_starts(rest, STR("HTTP/1.1 200 OK\r\n")), want[i]);
            rest = str_from(rest, (size_t)(end - rest.p) + 4);
            check_str(str_make(rest.p, strlen(want[i])), want[i], "pipelined body");
            rest = str_from(rest, strlen(want[i]));
        }
        assert_int_equal(rest.n, 0);
        buf_release(&got);
        close(fd);
    }
}

/* Thousands of requests at once: more than fits any buffer on the way. */
static void test_deep_pipeline(void **state)
{
    enum { REQUESTS = 20000 };
    struct str request = STR(GET("/hello"));
    int fd = client_connect(f.port), replies = 0;
    pid_t child;
    char bytes[8192];
    ssize_t n;
    (void)state;
    child = fork(); /* writes while we read */
    if (child == 0) {
        for (int i = 0; i < REQUESTS; i++)
            client_send(fd, request);
        _exit(0);
    }
    while (replies < REQUESTS && (n = read(fd, bytes, sizeof bytes)) > 0) {
        for (ssize_t i = 0; i < n; i++)
            replies += bytes[i] == 'O' && i + 1 < n && bytes[i + 1] == 'K';
        if (n && bytes[n - 1] == 'O') /* "OK" cut in two */
            replies += read(fd, bytes, 1) == 1;
    }
    assert_int_equal(replies, REQUESTS);
    waitpid(child, NULL, 0);
    close(fd);
}

static void test_continue(void **state)
{
    int fd = client_connect(f.port);
    struct response r;
    (void)state;
    client_send(fd, STR("POST /echo HTTP/1.1\r\n" HOST
                        "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n"));
    r = client_read(fd, false);
    assert_int_equal(r.status, 100);
    response_release(&r);
    client_send(fd, STR("12345"));
    r = client_read(fd, false);
    assert_int_equal(r.status, 200);
    check_str(r.body, "12345", "body after 100");
    response_release(&r);
    client_send(fd, STR("POST /nowhere HTTP/1.1\r\n" HOST
                        "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n"));
    r = client_read(fd, false);
    assert_int_equal(r.status, 404);
    assert_true(client_sees_end(fd));
    response_release(&r);
    close(fd);
}

/* The body of a refused request comes after its head: it is read first, and the connection goes on. */
static void test_refused_then_body(void **state)
{
    int fd = client_connect(f.port);
    struct response r;
    (void)state;
    for (int i = 0; i < 20; i++) {
        client_send(fd, STR("POST /nowhere HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\n12"));
        usleep(1000);
        client_send(fd, STR("345"));
        r = client_read(fd, false);
        assert_int_equal(r.status, 404);
        check_str(response_field(&r, "connection"), "", "goes on");
        response_release(&r);
    }
    close(fd);
}

/* A client that closes its sending half still gets its reply. */
static void test_half_close(void **state)
{
    int fd = client_connect(f.port);
    struct response r;
    (void)state;
    client_send(fd, STR(GET("/later")));
    shutdown(fd, SHUT_WR);
    r = client_read(fd, false);
    assert_int_equal(r.status, 200);
    assert_true(client_sees_end(fd));
    response_release(&r);
    close(fd);
}

static void test_large_reply(void **state)
{
    int fd = client_connect(f.port);
    struct response r;
    (void)state;
    client_send(fd, STR(GET("/big?n=20000000")));
    usleep(20000); /* the socket's buffers are full by now */
    r = client_read(fd, false);
    assert_int_equal(r.status, 200);
    assert_int_equal(r.body.n, 20000000);
    for (size_t i = 0; i < r.body.n; i += 9973)
        assert_int_equal(r.body.p[i], 'a' + i / 7 % 26);
    response_release(&r);
    close(fd);
}

static void test_stored_gzip(void **state)
{
    struct response r =
        client_once(f.port, STR("GET /stored HTTP/1.1\r\n" HOST "Accept-Encoding: gzip\r\n\r\n"));
    (void)state;
    check_str(response_field(&r, "content-encoding"), "gzip", "taken");
    check_str(response_field(&r, "vary"), "accept-encoding", "taken");
    check_str(response_field(&r, "etag"), "\"1\"", "taken");
    assert_true(r.body.n < 200);
    response_release(&r);
    r = client_once(f.port, STR("GET /stored HTTP/1.1\r\n" HOST "Accept-Encoding: br\r\n\r\n"));
    check_str(response_field(&r, "content-encoding"), "", "not taken");
    assert_int_equal(r.body.n, 1400);
    assert_true(str_starts(r.body, STR("stored stored ")));
    response_release(&r);
}

static void test_gzip_reply(void **state)
{
    struct response r = client_once(f.port, STR("GET /big?n=100000 HTTP/1.1\r\n" HOST
                                                "Accept-Encoding: deflate, gzip;q=0.8\r\n\r\n"));
    (void)state;
    check_str(response_field(&r, "content-encoding"), "gzip", "large");
    assert_true(r.body.n < 10000);
    response_release(&r);
    r = client_once(f.port,
                    STR("GET /big?n=1000 HTTP/1.1\r\n" HOST "Accept-Encoding: gzip\r\n\r\n"));
    check_str(response_field(&r, "content-encoding"), "", "small");
    assert_int_equal(r.body.n, 1000);
    response_release(&r);
    r = client_once(f.port,
                    STR("GET /big?n=100000 HTTP/1.1\r\n" HOST "Accept-Encoding: gzip;q=0\r\n\r\n"));
    check_str(response_field(&r, "content-encoding"), "", "refused");
    response_release(&r);
}

static int setup(void **state)
{
    (void)state;
    f = fixture_start(test_limits(), 1);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fixture_stop(&f);
    return 0;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_splits),
        cmocka_unit_test(test_byte_by_byte),
        cmocka_unit_test(test_pipelining),
        cmocka_unit_test(test_deep_pipeline),
        cmocka_unit_test(test_continue),
        cmocka_unit_test(test_refused_then_body),
        cmocka_unit_test(test_half_close),
        cmocka_unit_test(test_large_reply),
        cmocka_unit_test(test_stored_gzip),
        cmocka_unit_test(test_gzip_reply),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
