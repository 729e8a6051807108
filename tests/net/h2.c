/* HTTP/2: many streams, early refusals, resets and the floods that must not hurt. */
#include <sys/socket.h>

#include "net/client.h"
#include "net/h2.h"
#include "net/h2_client.h"
#include "net/support.h"
#include "test.h"

static struct fixture f;

static void test_get(void **state)
{
    struct h2_call call = {.method = "GET", .path = "/items/1/parts/a%2Fb?q=1"};
    (void)state;
    h2_once(f.port, &call);
    assert_int_equal(call.status, 200);
    check_str(buf_str(&call.reply), "1|a/b|q=1", "body");
    check_str(h2_field(&call, "content-length"), "9", "length");
    h2_release(&call);
}

static void test_statuses(void **state)
{
    static const struct {
        const char *method, *path, *body, *field, *value;
        int status;
        const char *reply;
    } table[] = {
        {"HEAD", "/hello", "", NULL, NULL, 200, ""},
        {"GET", "/nowhere", "", NULL, NULL, 404, "404 page not found"},
        {"POST", "/nowhere", "abc", NULL, NULL, 404, "404 page not found"},
        {"DELETE", "/hello", "", NULL, NULL, 405, "405 method not allowed, supported: [GET, HEAD]"},
        {"OPTIONS", "/hello", "", NULL, NULL, 204, ""},
        {"POST", "/echo", "abc", NULL, NULL, 200, "abc"},
        {"POST", "/echo", "abc", "content-encoding", "br", 415, NULL},
        {"POST", "/bodyless", "abc", NULL, NULL, 413, NULL},
        {"GET", "/files/%zz", "", NULL, NULL, 400, NULL},
        {"GET", "/later", "", NULL, NULL, 200, "later"},
        {"GET", "/header", "", "x-probe", "v", 200, "v"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(table); i++) {
        struct h2_call call = {
            .method = table[i].method, .path = table[i].path, .body = str_of(table[i].body)};
        call.fields[0].name = table[i].field;
        call.fields[0].value = table[i].value;
        h2_once(f.port, &call);
        CHECK(call.status == table[i].status, table[i].path);
        if (table[i].reply)
            check_str(buf_str(&call.reply), table[i].reply, table[i].path);
        h2_release(&call);
    }
}

/* The preface byte by byte, and a first byte that only looks like it. */
static void test_detection(void **state)
{
    static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0";
    int fd = client_connect(f.port);
    struct response r;
    char bytes[9];
    (void)state;
    for (size_t i = 0; i < sizeof preface - 1; i++) {
        client_send(fd, str_make(preface + i, 1));
        usleep(100);
    }
    assert_int_equal(recv(fd, bytes, sizeof bytes, MSG_WAITALL), 9);
    assert_int_equal(bytes[3], 4); /* SETTINGS */
    close(fd);
    fd = client_connect(f.port);
    client_send(fd, STR("P"));
    usleep(20000);
    client_send(fd, STR("UT /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi"));
    r = client_read(fd, false);
    check_str(r.body, "hi", "PUT begins as PRI does");
    response_release(&r);
    close(fd);
}

static void test_large_reply(void **state)
{
    struct h2_call call = {.method = "GET", .path = "/big?n=20000000"};
    (void)state;
    h2_once(f.port, &call);
    assert_int_equal(call.status, 200);
    assert_int_equal(call.reply.n, 20000000);
    for (size_t i = 0; i < call.reply.n; i += 9973)
        assert_int_equal(call.reply.p[i], 'a' + i / 7 % 26);
    h2_release(&call);
}

/* More streams than may be open at once: the client's library queues them, the server answers all. */
static void test_many_streams(void **state)
{
    enum { CALLS = 2000 };
    static struct h2_call calls[CALLS];
    struct h2_client c = h2_open(f.port);
    (void)state;
    for (size_t i = 0; i < CALLS; i++) {
        calls[i] = (struct h2_call){.method = "POST", .path = "/echo", .body = STR("stream")};
        h2_start(&c, &calls[i]);
    }
    assert_true(h2_run(&c));
    for (size_t i = 0; i < CALLS; i++) {
        check_str(buf_str(&calls[i].reply), "stream", "echo");
        h2_release(&calls[i]);
    }
    h2_close(&c);
}

/* Refused with most of the body unsent: the answer arrives, and the connection goes on. */
static void test_early_refusal(void **state)
{
    struct buf body = {0};
    struct h2_client c = h2_open(f.port);
    struct h2_call large = {.path = "/echo"}, open = {.path = "/echo", .open = true},
                   next = {.method = "GET", .path = "/hello"};
    (void)state;
    memset(buf_reserve(&body, 30u << 20), 0, 30u << 20);
    body.n = 30u << 20;
    large.body = buf_str(&body);
    h2_start(&c, &large);
    open.body = str_make(body.p, ECHO_MAX + 1);
    h2_start(&c, &open);
    for (int i = 0; i < 1000 && !(large.done && open.status); i++)
        h2_step(&c, 10);
    assert_int_equal(large.status, 413);
    assert_int_equal(large.error, NGHTTP2_NO_ERROR);
    assert_int_equal(open.status, 413);
    c.open_calls = 0;
    h2_start(&c, &next);
    assert_true(h2_run(&c));
    assert_int_equal(next.status, 200);
    h2_release(&large);
    h2_release(&open);
    h2_release(&next);
    h2_close(&c);
    buf_release(&body);
}

static const char LONG_BODY[] = "70000", SHORT_BODY[] = "60000";

/* Refused at its headers: does the answer wait for the end of the body, which here does not come? */
static const struct {
    const char *name, *path;
    struct {
        const char *name, *value;
    } fields[2];
    size_t bytes;
    bool waits;
} refusals[] = {
    {"gRPC, unknown method", "/a.b/C", {{"content-type", "application/grpc"}}, 5, true},
    {"gRPC, wrong type", "/cairn.Test/Echo", {{"content-type", "text/plain"}}, 5, true},
    {"unknown path", "/nowhere", {{0}}, 5, true},
    {"nothing sent yet", "/nowhere", {{0}}, 0, true},
    {"short by its length", "/nowhere", {{"content-length", SHORT_BODY}}, 5, true},
    {"long by its length", "/nowhere", {{"content-length", LONG_BODY}}, 5, false},
    {"becomes long", "/nowhere", {{0}}, 70000, false},
    {"not quite long", "/nowhere", {{0}}, 65536, true},
    {"asks before it sends", "/nowhere", {{"expect", "100-continue"}}, 0, false},
};

static void test_held_refusals(void **state)
{
    static const unsigned char zeros[70000];
    (void)state;
    for (size_t i = 0; i < COUNT(refusals); i++) {
        struct h2_client c = h2_open(f.port);
        struct h2_call call = {
            .path = refusals[i].path, .open = true, .body = str_make(zeros, refusals[i].bytes)};
        struct h2_call next = {.method = "GET", .path = "/hello"};
        for (size_t k = 0; k < COUNT(refusals[i].fields); k++) {
            call.fields[k].name = refusals[i].fields[k].name;
            call.fields[k].value = refusals[i].fields[k].value;
        }
        h2_start(&c, &call);
        for (int k = 0; k < 1000 && call.sent < call.body.n; k++)
            h2_step(&c, 10);
        h2_start(&c, &next); /* its answer comes behind one that does not wait */
        for (int k = 0; k < 1000 && !next.done; k++)
            h2_step(&c, 10);
        CHECK(next.status == 200, refusals[i].name);
        CHECK((call.status == 0) == refusals[i].waits, refusals[i].name);
        if (refusals[i].waits && !call.fields[0].value) {
            call.open = false;
            nghttp2_session_resume_data(c.session, call.stream_id);
            assert_true(h2_run(&c));
            CHECK(call.status == 404 && call.error == 0, refusals[i].name);
        }
        h2_release(&call);
        h2_release(&next);
        h2_close(&c);
    }
}

static bool is_idle(void *user)
{
    struct http_stats stats = fixture_stats(&f);
    (void)user;
    return stats.memory_bytes == 0 && stats.connections_open == 0;
}

/* Clients that go away at every stage leave nothing behind. */
static void test_disconnects(void **state)
{
    (void)state;
    for (int i = 0; i < 50; i++) {
        struct h2_client c = h2_open(f.port);
        struct h2_call calls[3] = {{.path = "/echo", .body = STR("half"), .open = true},
                                   {.method = "GET", .path = "/later"},
                                   {.method = "GET", .path = "/big?n=5000000"}};
        for (size_t k = 0; k < COUNT(calls); k++)
            h2_start(&c, &calls[k]);
        for (int k = 0; k < i % 4; k++)
            h2_step(&c, 1);
        h2_close(&c);
        for (size_t k = 0; k < COUNT(calls); k++)
            h2_release(&calls[k]);
    }
    assert_true(wait_until(is_idle, NULL));
}

static bool was_cancelled(void *user)
{
    return gate_cancelled() > *(unsigned *)user;
}

static bool handler_waits(void *user)
{
    (void)user;
    return gate_waiting() > 0;
}

/* A reset reaches the handler that still works for it. */
static void test_reset_cancels(void **state)
{
    struct h2_client c = h2_open(f.port);
    struct h2_call call = {.method = "GET", .path = "/cancelled"};
    unsigned before = gate_cancelled();
    (void)state;
    h2_start(&c, &call);
    h2_step(&c, 10);
    assert_true(wait_until(handler_waits, NULL));
    nghttp2_submit_rst_stream(c.session, NGHTTP2_FLAG_NONE, call.stream_id, NGHTTP2_CANCEL);
    h2_step(&c, 10);
    assert_true(wait_until(was_cancelled, &before));
    h2_release(&call);
    h2_close(&c);
}

/* Starts and resets calls until the server ends the connection or `count` are done. */
static void reset_calls(struct h2_client *c, struct h2_call *calls, unsigned count)
{
    for (unsigned i = 0; i < count && !c->ended && !c->going_away; i++) {
        calls[i] = (struct h2_call){.path = "/echo", .body = STR("x"), .open = true};
        h2_start(c, &calls[i]);
        if (i % 50 == 49) {
            h2_step(c, 0);
            for (unsigned k = i - 49; k <= i; k++)
                nghttp2_submit_rst_stream(c->session, NGHTTP2_FLAG_NONE, calls[k].stream_id,
                                          NGHTTP2_CANCEL);
            h2_step(c, 0);
        }
    }
}

static void test_reset_flood(void **state)
{
    enum { CALLS = 60000 };
    struct h2_call *calls = calloc(CALLS, sizeof *calls);
    struct h2_client c = h2_open(f.port);
    (void)state;
    reset_calls(&c, calls, CALLS);
    for (int i = 0; i < 100 && !c.going_away; i++)
        h2_step(&c, 10);
    assert_true(c.going_away);
    assert_int_equal(c.goaway_error, NGHTTP2_ENHANCE_YOUR_CALM);
    assert_true(c.open_calls < CALLS);
    for (size_t i = 0; i < CALLS; i++)
        h2_release(&calls[i]);
    free(calls);
    h2_close(&c);
}

/* What libcurl does: a reset behind every call that is finished. nghttp2 alone would end this at 1,000. */
static void test_resets_after_replies(void **state)
{
    enum { CALLS = 30000, BATCH = 100 };
    static struct h2_call calls[BATCH];
    struct h2_client c = h2_open(f.port);
    (void)state;
    for (int done = 0; done < CALLS; done += BATCH) {
        for (size_t i = 0; i < BATCH; i++) {
            calls[i] = (struct h2_call){.method = "GET", .path = "/hello"};
            h2_start(&c, &calls[i]);
        }
        assert_true(h2_run(&c));
        for (size_t i = 0; i < BATCH; i++) {
            unsigned char rst[13] = {0, 0, 4, 3, 0};
            uint32_t id = (uint32_t)calls[i].stream_id;
            for (int k = 0; k < 4; k++)
                rst[5 + k] = (unsigned char)(id >> (24 - 8 * k));
            client_send(c.fd, str_make(rst, sizeof rst));
            assert_int_equal(calls[i].status, 200);
            h2_release(&calls[i]);
        }
    }
    assert_false(c.going_away);
    h2_close(&c);
}

/* A connection that only ever pings and never reads is ended, not queued for without end. */
static void test_ping_flood(void **state)
{
    static const unsigned char ping[17] = {0, 0, 8, 6};
    int fd = client_connect(f.port), small = 4096;
    struct buf flood = {0};
    (void)state;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    client_send(fd, STR("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
    client_send(fd, str_make("\0\0\0\4\0\0\0\0\0", 9));
    for (int i = 0; i < 10000; i++)
        buf_put(&flood, ping, sizeof ping);
    for (int i = 0; i < 20; i++) /* 200,000 pings; stops early when the server stops reading */
        send(fd, flood.p, flood.n, MSG_DONTWAIT | MSG_NOSIGNAL);
    assert_true(fixture_stats(&f).memory_bytes < 1u << 20);
    buf_release(&flood);
    close(fd);
    assert_true(wait_until(is_idle, NULL));
}

static void test_nonsense(void **state)
{
    static const struct {
        const char *name, *bytes;
        size_t n;
    } table[] = {
        {"frame too large", "\xff\xff\xff\0\0\0\0\0\1", 9},
        {"data on stream 0", "\0\0\0\4\0\0\0\0\0\0\0\1\0\0\0\0\0\0x", 19},
        {"headers on an even stream", "\0\0\0\4\0\0\0\0\0\0\0\1\1\5\0\0\0\2\x82", 19},
        {"no settings first", "\0\0\1\1\5\0\0\0\1\x82", 10},
        {"bad index", "\0\0\0\4\0\0\0\0\0\0\0\1\1\5\0\0\0\1\xff", 19},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(table); i++) {
        uint64_t before = fixture_stats(&f).protocol_errors;
        int fd = client_connect(f.port);
        client_send(fd, STR("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
        client_send(fd, str_make(table[i].bytes, table[i].n));
        CHECK(client_sees_end(fd), table[i].name);
        CHECK(fixture_stats(&f).protocol_errors > before, table[i].name);
        close(fd);
    }
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
        cmocka_unit_test(test_get),
        cmocka_unit_test(test_statuses),
        cmocka_unit_test(test_detection),
        cmocka_unit_test(test_large_reply),
        cmocka_unit_test(test_many_streams),
        cmocka_unit_test(test_early_refusal),
        cmocka_unit_test(test_held_refusals),
        cmocka_unit_test(test_disconnects),
        cmocka_unit_test(test_reset_cancels),
        cmocka_unit_test(test_reset_flood),
        cmocka_unit_test(test_resets_after_replies),
        cmocka_unit_test(test_ping_flood),
        cmocka_unit_test(test_nonsense),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
