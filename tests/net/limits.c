/* Every limit: reached, answered clearly, counted, and everything given back afterwards. */
#include <malloc.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "net/client.h"
#include "net/encoding.h"
#include "net/h2_client.h"
#include "net/support.h"
#include "test.h"

#define HOST "Host: test\r\n"

static struct fixture f;

static bool is_idle(void *user)
{
    struct http_stats stats = fixture_stats(&f);
    (void)user;
    return stats.memory_bytes == 0 && stats.connections_open == 0;
}

static void finish(void)
{
    assert_true(wait_until(is_idle, NULL));
    fixture_stop(&f);
}

static void put_head(struct buf *out, size_t fields, size_t value_bytes)
{
    buf_put_str(out, STR("GET /hello HTTP/1.1\r\n" HOST));
    for (size_t i = 0; i < fields; i++) {
        buf_printf(out, "x-%zu: ", i);
        memset(buf_reserve(out, value_bytes), 'v', value_bytes);
        out->n += value_bytes;
        buf_put_str(out, STR("\r\n"));
    }
    buf_put_str(out, STR("\r\n"));
}

static void test_headers(void **state)
{
    static const struct {
        const char *name;
        size_t fields, bytes;
        int status;
    } table[] = {
        {"few", 98, 10, 200},           {"as many as may be", 99, 10, 200},
        {"one too many", 100, 10, 431}, {"large", 1, 32000, 200},
        {"too large", 1, 33000, 431},   {"far too large", 50, 20000, 431},
    };
    (void)state;
    f = fixture_start(test_limits(), 1);
    for (size_t i = 0; i < COUNT(table); i++) {
        struct buf head = {0};
        struct response r;
        put_head(&head, table[i].fields, table[i].bytes);
        r = client_once(f.port, buf_str(&head));
        if (r.status != table[i].status)
            fail_msg("case \"%s\": got %d", table[i].name, r.status);
        response_release(&r);
        buf_release(&head);
    }
    finish();
}

static void test_long_target(void **state)
{
    struct buf request = {0};
    struct response r;
    (void)state;
    f = fixture_start(test_limits(), 1);
    buf_put_str(&request, STR("GET /"));
    memset(buf_reserve(&request, 100000), 'p', 100000);
    request.n += 100000;
    buf_put_str(&request, STR(" HTTP/1.1\r\n" HOST "\r\n"));
    r = client_once(f.port, buf_str(&request));
    assert_int_equal(r.status, 414);
    response_release(&r);
    buf_release(&request);
    finish();
}

static void test_h2_headers(void **state)
{
    static char value[4000];
    struct h2_call call = {.method = "GET", .path = "/hello"};
    struct h2_client c;
    (void)state;
    f = fixture_start(test_limits(), 1);
    c = h2_open(f.port);
    memset(value, 'v', sizeof value - 1);
    for (size_t i = 0; i < 12; i++) {
        call.fields[i].name = "x-field";
        call.fields[i].value = value;
    }
    h2_start(&c, &call);
    assert_true(h2_run(&c));
    assert_int_equal(call.status, 431);
    h2_release(&call);
    call = (struct h2_call){.method = "GET", .path = "/hello"};
    h2_start(&c, &call);
    assert_true(h2_run(&c));
    assert_int_equal(call.status, 200);
    h2_release(&call);
    h2_close(&c);
    finish();
}

/* Fields that are one byte each on the wire and 4 kB in memory: the header block of a bomb. */
static void test_header_bomb(void **state)
{
    struct buf block = {0}, frames = {0};
    int fd;
    (void)state;
    f = fixture_start(test_limits(), 1);
    buf_put_str(&block,
                str_make("\x82\x86\x84\x41\x01x\x40\x01y\x7f\xd1\x1e", 12)); /* y: 4048 bytes */
    memset(buf_reserve(&block, 4048), 'b', 4048);
    block.n += 4048;
    memset(buf_reserve(&block, 12000), 0xbe, 12000); /* index 62: that field, again and again */
    block.n += 12000;
    buf_put_str(&frames, STR("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
    buf_put_str(&frames, str_make("\0\0\0\4\0\0\0\0\0", 9));
    buf_put_byte(&frames, 0);
    buf_put_byte(&frames, (unsigned char)(block.n >> 8));
    buf_put_byte(&frames, (unsigned char)block.n);
    buf_put_str(&frames, str_make("\1\5\0\0\0\1", 6));
    buf_put_str(&frames, buf_str(&block));
    fd = client_connect(f.port);
    client_send(fd, buf_str(&frames));
    for (int i = 0; i < 10000 && !fixture_stats(&f).replies_4xx; i++)
        usleep(1000);
    assert_int_equal(fixture_stats(&f).replies_4xx, 1);
    close(fd);
    buf_release(&block);
    buf_release(&frames);
    finish();
}

static struct response post(const char *path, const char *encoding, struct str body)
{
    struct buf request = {0};
    struct response r;
    buf_printf(&request, "POST %s HTTP/1.1\r\n" HOST "Content-Length: %zu\r\n", path, body.n);
    if (encoding)
        buf_printf(&request, "Content-Encoding: %s\r\n", encoding);
    buf_put_str(&request, STR("\r\n"));
    buf_put_str(&request, body);
    r = client_once(f.port, buf_str(&request));
    buf_release(&request);
    return r;
}

static void test_inflated_bodies(void **state)
{
    static const struct {
        const char *name;
        size_t bytes;
        int status;
    } table[] = {
        {"small", 1000, 200},
        {"as large as may be", ECHO_MAX, 200},
        {"one too many", ECHO_MAX + 1, 413},
        {"bomb", 50u << 20, 413},
    };
    (void)state;
    f = fixture_start(test_limits(), 1);
    for (size_t i = 0; i < COUNT(table); i++) {
        struct buf plain = {0}, packed;
        struct response r;
        memset(buf_reserve(&plain, table[i].bytes), 'x', table[i].bytes);
        plain.n = table[i].bytes;
        assert_true(encoding_gzip(buf_str(&plain), &packed));
        r = post("/echo", "gzip", buf_str(&packed));
        CHECK(r.status == table[i].status, table[i].name);
        if (r.status == 200)
            assert_memory_equal(r.body.p, plain.p, plain.n);
        response_release(&r);
        buf_release(&plain);
        buf_release(&packed);
    }
    finish();
}

static void test_memory_budget(void **state)
{
    struct http_limits limits = test_limits();
    static char head[] = "POST /count HTTP/1.1\r\n" HOST "Content-Length: 1000000\r\n\r\nstart";
    struct response r;
    int fds[2];
    (void)state;
    limits.memory_bytes_max = 2500u << 10;
    f = fixture_start(limits, 1);
    for (size_t i = 0; i < COUNT(fds); i++) {
        fds[i] = client_connect(f.port);
        client_send(fds[i],
                    STR("POST /count HTTP/1.1\r\n" HOST "Content-Length: 1000000\r\n\r\nstart"));
    }
    for (int i = 0; i < 10000 && fixture_stats(&f).memory_bytes < 2u << 20; i++)
        usleep(1000);
    r = client_once(f.port, str_of(head));
    assert_int_equal(r.status, 503);
    check_str(response_field(&r, "retry-after"), "1", "503");
    assert_true(fixture_stats(&f).memory_refused > 0);
    response_release(&r);
    r = client_once(f.port, STR("GET /hello HTTP/1.1\r\n" HOST "\r\n")); /* takes no body */
    assert_int_equal(r.status, 200);
    response_release(&r);
    for (size_t i = 0; i < COUNT(fds); i++)
        close(fds[i]);
    assert_true(wait_until(is_idle, NULL));
    r = post("/count", NULL, STR("abc"));
    assert_int_equal(r.status, 200);
    response_release(&r);
    finish();
}

static void test_memory_budget_grpc(void **state)
{
    struct http_limits limits = test_limits();
    struct h2_call calls[3];
    struct buf body = {0};
    struct h2_client c;
    (void)state;
    limits.memory_bytes_max = 5u << 20;
    f = fixture_start(limits, 1);
    memset(buf_reserve(&body, 2100000), 0, 2100000);
    body.n = 2100000;
    memcpy(body.p, "\0\0\x3f\xff\xff", 5);
    c = h2_open(f.port);
    for (size_t i = 0; i < COUNT(calls); i++) {
        calls[i] = (struct h2_call){.path = "/cairn.Test/Later",
                                    .body = buf_str(&body),
                                    .open = true,
                                    .fields = {{"content-type", "application/grpc"}}};
        h2_start(&c, &calls[i]);
    }
    for (int i = 0; i < 1000 && !fixture_stats(&f).memory_refused; i++)
        h2_step(&c, 10);
    for (int i = 0; i < 10; i++)
        h2_step(&c, 10);
    for (size_t i = 0, refused = 0; i < COUNT(calls); i++) {
        refused += calls[i].status != 0;
        if (calls[i].status)
            check_str(h2_field(&calls[i], "grpc-status"), "14", "UNAVAILABLE");
        if (i == COUNT(calls) - 1)
            assert_true(refused > 0);
        h2_release(&calls[i]);
    }
    h2_close(&c);
    buf_release(&body);
    finish();
}

static struct http_limits short_timeouts(void)
{
    struct http_limits limits = test_limits();
    limits.header_timeout_ms = 200;
    limits.body_timeout_ms = 200;
    limits.idle_timeout_ms = 300;
    limits.write_timeout_ms = 300;
    return limits;
}

static void test_slow(void **state)
{
    static const struct {
        const char *name, *bytes;
        int status; /* 0 = closed without a word */
    } table[] = {
        {"nothing", "", 0},
        {"half a preface", "PRI * HT", 0},
        {"half a request line", "GET /hel", 408},
        {"half a header", "GET /hello HTTP/1.1\r\nHos", 408},
        {"half a body", "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 10\r\n\r\nabc", 408},
        {"no body", "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 10\r\n\r\n", 408},
        {"half a chunk", "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n5\r\nab",
         408},
    };
    (void)state;
    f = fixture_start(short_timeouts(), 1);
    for (size_t i = 0; i < COUNT(table); i++) {
        int fd = client_connect(f.port);
        struct response r;
        client_send(fd, str_of(table[i].bytes));
        r = client_read(fd, false);
        if (r.status != table[i].status)
            fail_msg("case \"%s\": got %d", table[i].name, r.status);
        CHECK(client_sees_end(fd), table[i].name);
        response_release(&r);
        close(fd);
    }
    assert_true(fixture_stats(&f).timeouts >= 6);
    finish();
}

/* A byte now and then does not keep a request alive. */
static void test_trickle(void **state)
{
    int fd;
    struct response r;
    (void)state;
    f = fixture_start(short_timeouts(), 1);
    fd = client_connect(f.port);
    client_send(fd, STR("POST /echo HTTP/1.1\r\n" HOST "Content-Length: 100000\r\n\r\n"));
    for (int i = 0; i < 500 && !fixture_stats(&f).timeouts; i++) {
        client_send(fd, STR("x"));
        usleep(10000);
    }
    assert_int_equal(fixture_stats(&f).timeouts, 1);
    r = client_read(fd, false);
    assert_int_equal(r.status, 408);
    response_release(&r);
    close(fd);
    finish();
}

static void test_slow_h2(void **state)
{
    struct h2_client c;
    struct h2_call slow = {.path = "/echo", .body = STR("half"), .open = true};
    struct h2_call grpc = {.path = "/cairn.Test/Echo",
                           .body = STR("half"),
                           .open = true,
                           .fields = {{"content-type", "application/grpc"}}};
    (void)state;
    f = fixture_start(short_timeouts(), 1);
    c = h2_open(f.port);
    h2_start(&c, &slow);
    h2_start(&c, &grpc);
    for (int i = 0; i < 500 && !(slow.status && grpc.status); i++)
        h2_step(&c, 10);
    assert_int_equal(slow.status, 408);
    check_str(h2_field(&grpc, "grpc-status"), "4", "DEADLINE_EXCEEDED");
    for (int i = 0; i < 500 && !c.ended; i++) /* the streams are cut, then the idle connection is */
        h2_step(&c, 10);
    assert_true(c.ended);
    h2_release(&slow);
    h2_release(&grpc);
    h2_close(&c);
    finish();
}

/* A refusal that waits for a short body waits no longer than a body may take. */
static void test_slow_refused(void **state)
{
    struct h2_client c;
    struct h2_call call = {.path = "/nowhere", .body = STR("half"), .open = true};
    struct response r;
    int fd;
    (void)state;
    f = fixture_start(short_timeouts(), 1);
    c = h2_open(f.port);
    h2_start(&c, &call);
    for (int i = 0; i < 1000 && !call.status; i++)
        h2_step(&c, 10);
    assert_int_equal(call.status, 404);
    fd = client_connect(f.port);
    client_send(fd, STR("POST /nowhere HTTP/1.1\r\n" HOST "Content-Length: 60000\r\n\r\n"));
    for (int i = 0; i < 1000 && fixture_stats(&f).timeouts < 2; i++) {
        client_send(fd, STR("x"));
        usleep(10000);
    }
    r = client_read(fd, false);
    assert_int_equal(r.status, 404);
    assert_int_equal(fixture_stats(&f).timeouts, 2);
    response_release(&r);
    h2_release(&call);
    h2_close(&c);
    close(fd);
    finish();
}

/* A client that does not read its reply is cut, over either protocol. */
static void test_reader_that_stops(void **state)
{
    struct h2_client c;
    struct h2_call call = {.method = "GET", .path = "/big?n=30000000"};
    int fd;
    (void)state;
    f = fixture_start(short_timeouts(), 1);
    fd = client_connect(f.port);
    client_send(fd, STR("GET /big?n=30000000 HTTP/1.1\r\n" HOST "\r\n"));
    c = h2_open(f.port);
    h2_start(&c, &call);
    h2_step(&c, 0);
    for (int i = 0; i < 60000 && fixture_stats(&f).timeouts < 2; i++)
        usleep(1000);
    assert_int_equal(fixture_stats(&f).timeouts, 2);
    h2_release(&call);
    h2_close(&c);
    close(fd);
    finish();
}

static void test_connections_max(void **state)
{
    struct http_limits limits = test_limits();
    int fds[4];
    (void)state;
    limits.connections_max = 3;
    f = fixture_start(limits, 1);
    for (size_t i = 0; i < COUNT(fds); i++)
        fds[i] = client_connect(f.port);
    assert_true(client_sees_end(fds[3]));
    assert_int_equal(fixture_stats(&f).connections_refused, 1);
    for (size_t i = 0; i < 3; i++) {
        struct response r;
        client_send(fds[i], STR("GET /hello HTTP/1.1\r\n" HOST "\r\n"));
        r = client_read(fds[i], false);
        assert_int_equal(r.status, 200);
        response_release(&r);
    }
    for (size_t i = 0; i < COUNT(fds); i++)
        close(fds[i]);
    finish();
}

/* No descriptors left: who comes then waits, and is served when there are some again. */
static void test_descriptors(void **state)
{
    enum { CLIENTS = 30 };
    struct rlimit limit, low;
    pid_t child;
    int status = -1, lowest;
    (void)state;
    f = fixture_start(test_limits(), 1);
    getrlimit(RLIMIT_NOFILE, &limit);
    low = limit;
    lowest = dup(0);
    close(lowest);
    low.rlim_cur = (rlim_t)lowest + 5;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
    child = fork();
    if (child == 0) {
        int fds[CLIENTS], served = 0;
        setrlimit(RLIMIT_NOFILE, &limit); /* the clients' descriptors are their own */
        for (int i = 0; i < CLIENTS; i++) {
            fds[i] = client_connect(f.port);
            client_send(fds[i], STR("GET /hello HTTP/1.1\r\n" HOST "\r\n"));
        }
        for (int i = 0; i < CLIENTS; i++)
            served += client_read(fds[i], false).status == 200;
        _exit(served == CLIENTS ? 0 : 1);
    }
    usleep(200000); /* five are served, the others wait */
    assert_true(fixture_stats(&f).connections_total < CLIENTS);
    setrlimit(RLIMIT_NOFILE, &limit);
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
    assert_int_equal(fixture_stats(&f).connections_total, CLIENTS);
    finish();
}

static bool has_connections(void *user)
{
    return fixture_stats(&f).connections_open >= *(uint64_t *)user;
}

/* Thousands of connections that have had their answer and wait: what does each cost us? */
static void test_idle_connections(void **state)
{
    struct rlimit fds_max;
    uint64_t count;
    struct mallinfo2 before;
    size_t each;
    int *fds;
    (void)state;
    f = fixture_start(test_limits(), 1);
    getrlimit(RLIMIT_NOFILE, &fds_max); /* both ends are ours */
    count = fds_max.rlim_cur > 21000 ? 10000 : fds_max.rlim_cur / 2 - 100;
    fds = calloc(count, sizeof *fds);
    before = mallinfo2();
    for (uint64_t i = 0; i < count; i++) {
        struct response r;
        fds[i] = client_connect(f.port);
        if (i % 10)
            continue;
        client_send(fds[i], STR("GET /hello HTTP/1.1\r\n" HOST "\r\n"));
        r = client_read(fds[i], false);
        assert_int_equal(r.status, 200);
        response_release(&r);
    }
    assert_true(wait_until(has_connections, &count));
    each = (mallinfo2().uordblks + mallinfo2().hblkhd - before.uordblks - before.hblkhd) / count;
    print_message("%llu idle connections, %zu bytes each\n", (unsigned long long)count, each);
    assert_true(each < 16 * 1024);
    for (uint64_t i = 0; i < count; i++)
        close(fds[i]);
    free(fds);
    finish();
}

static void test_idle_h2_connections(void **state)
{
    enum { CONNECTIONS = 200 };
    static int fds[CONNECTIONS];
    static const char hello[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0";
    uint64_t count = CONNECTIONS;
    struct mallinfo2 before;
    (void)state;
    f = fixture_start(test_limits(), 1);
    before = mallinfo2();
    for (int i = 0; i < CONNECTIONS; i++) {
        char bytes[9];
        fds[i] = client_connect(f.port);
        client_send(fds[i], str_make(hello, sizeof hello - 1));
        assert_int_equal(recv(fds[i], bytes, sizeof bytes, MSG_WAITALL), 9);
    }
    assert_true(wait_until(has_connections, &count));
    print_message("%d idle HTTP/2 connections, %zu bytes each\n", CONNECTIONS,
                  (mallinfo2().uordblks - before.uordblks) / CONNECTIONS);
    for (int i = 0; i < CONNECTIONS; i++)
        close(fds[i]);
    finish();
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_headers),
        cmocka_unit_test(test_long_target),
        cmocka_unit_test(test_h2_headers),
        cmocka_unit_test(test_header_bomb),
        cmocka_unit_test(test_inflated_bodies),
        cmocka_unit_test(test_memory_budget),
        cmocka_unit_test(test_memory_budget_grpc),
        cmocka_unit_test(test_slow),
        cmocka_unit_test(test_trickle),
        cmocka_unit_test(test_slow_h2),
        cmocka_unit_test(test_slow_refused),
        cmocka_unit_test(test_reader_that_stops),
        cmocka_unit_test(test_connections_max),
        cmocka_unit_test(test_descriptors),
        cmocka_unit_test(test_idle_connections),
        cmocka_unit_test(test_idle_h2_connections),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
