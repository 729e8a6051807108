/* The server's life: listening, loops, threads, stopping with work in flight. */
#include <pthread.h>
#include <sys/socket.h>

#include "net/client.h"
#include "net/h2_client.h"
#include "net/support.h"
#include "test.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: test\r\n\r\n"

static int listen_at(const char *address, struct err *err)
{
    struct http_server_options options = {1, HTTP_LIMITS_DEFAULT};
    struct http_listener listener = {address, NULL, 0, "second"};
    struct http_server *server;
    int rc, port;
    assert_int_equal(http_server_new(&options, &server, err), 0);
    rc = http_server_listen(server, &listener, err);
    port = http_server_port(server, 0);
    http_server_free(server);
    return rc < 0 ? rc : port;
}

static void test_addresses(void **state)
{
    static const struct {
        const char *address;
        bool ok;
    } table[] = {
        {"127.0.0.1:0", true},  {":0", true},
        {"localhost:0", true},  {"", false},
        {"127.0.0.1", false},   {"127.0.0.1:", false},
        {"127.0.0.1:x", false}, {"127.0.0.1:65536", false},
        {"::1:0", false},       {"no.such.host.invalid:0", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(table); i++) {
        struct err err = {0};
        int port = listen_at(table[i].address, &err);
        CHECK((port > 0) == table[i].ok, table[i].address);
        CHECK(table[i].ok || strstr(err.msg, "second"), err.msg);
    }
}

/* A port in use is an error that says which, also when both servers could share it. */
static void test_port_in_use(void **state)
{
    (void)state;
    for (unsigned loops = 1; loops <= 2; loops++) {
        struct fixture f = fixture_start(test_limits(), loops);
        struct http_server_options options = {2, HTTP_LIMITS_DEFAULT};
        char address[32];
        struct http_listener listener = {address, NULL, 0, "second"};
        struct http_server *server;
        struct err err = {0};
        snprintf(address, sizeof address, "127.0.0.1:%d", f.port);
        assert_int_equal(http_server_new(&options, &server, &err), 0);
        assert_int_equal(http_server_listen(server, &listener, &err), ERR_BUSY);
        assert_non_null(strstr(err.msg, address));
        assert_non_null(strstr(err.msg, "second"));
        http_server_free(server);
        fixture_stop(&f);
    }
}

static void test_peer(void **state)
{
    struct fixture f = fixture_start(test_limits(), 1);
    struct response r = client_once(f.port, STR(GET("/peer")));
    (void)state;
    assert_true(str_starts(r.body, STR("127.0.0.1:")));
    response_release(&r);
    fixture_stop(&f);
}

/* Many connections over two loops, replies from loop and query threads mixed. */
static void test_two_loops(void **state)
{
    enum { CONNECTIONS = 64, ROUNDS = 20 };
    struct fixture f = fixture_start(test_limits(), 2);
    int fds[CONNECTIONS];
    (void)state;
    for (int i = 0; i < CONNECTIONS; i++)
        fds[i] = client_connect(f.port);
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < CONNECTIONS; i++)
            client_send(fds[i], (i + round) % 2 ? STR(GET("/later")) : STR(GET("/hello")));
        for (int i = 0; i < CONNECTIONS; i++) {
            struct response r = client_read(fds[i], false);
            assert_int_equal(r.status, 200);
            check_str(r.body, (i + round) % 2 ? "later" : "hello", "mixed");
            response_release(&r);
        }
    }
    assert_int_equal(fixture_stats(&f).requests, CONNECTIONS * ROUNDS);
    assert_int_equal(fixture_stats(&f).connections_open, CONNECTIONS);
    for (int i = 0; i < CONNECTIONS; i++)
        close(fds[i]);
    fixture_stop(&f);
}

static bool all_threads_wait(void *user)
{
    (void)user;
    return gate_waiting() >= 2;
}

/* A full queue says no at once, what was queued is still answered. */
static void test_offload_full(void **state)
{
    enum { CALLS = 400 };
    static struct h2_call calls[CALLS];
    struct http_limits limits = test_limits();
    struct fixture f;
    struct h2_client c;
    unsigned through = 0, refused = 0;
    (void)state;
    limits.streams_max = 1000;
    f = fixture_start(limits, 1);
    gate_close();
    c = h2_open(f.port);
    calls[0] = (struct h2_call){.method = "GET", .path = "/hello"};
    h2_start(&c, &calls[0]); /* learns the server's settings first */
    h2_run(&c);
    h2_release(&calls[0]);
    for (int i = 0; i < CALLS; i++) {
        calls[i] = (struct h2_call){.method = "GET", .path = "/gate"};
        h2_start(&c, &calls[i]);
    }
    for (int i = 0; i < 1000 && c.open_calls > 256 + 64; i++)
        h2_step(&c, 10);
    assert_true(wait_until(all_threads_wait, NULL));
    gate_open();
    assert_true(h2_run(&c));
    for (int i = 0; i < CALLS; i++) {
        through += calls[i].status == 200;
        refused += calls[i].status == 503;
        h2_release(&calls[i]);
    }
    assert_true(through >= 256);
    assert_true(refused > 0);
    assert_int_equal(through + refused, CALLS);
    h2_close(&c);
    fixture_stop(&f);
}

static bool one_waits(void *user)
{
    (void)user;
    return gate_waiting() >= 1;
}

static void *stop_later(void *server)
{
    http_server_stop(server, 5000);
    return NULL;
}

/* Stopping waits for the request in flight, tells the client, and takes nothing new. */
static void test_stop_in_flight(void **state)
{
    struct fixture f = fixture_start(test_limits(), 1);
    struct h2_client c = h2_open(f.port);
    struct h2_call call = {.method = "GET", .path = "/gate"};
    int idle = client_connect(f.port), busy = client_connect(f.port);
    struct response r;
    pthread_t stopper;
    (void)state;
    gate_close();
    client_send(busy, STR(GET("/gate")));
    h2_start(&c, &call);
    h2_step(&c, 10);
    assert_true(wait_until(all_threads_wait, NULL));
    pthread_create(&stopper, NULL, stop_later, f.server);
    assert_true(client_sees_end(idle));
    for (int i = 0; i < 1000 && !c.going_away; i++)
        h2_step(&c, 10);
    assert_true(c.going_away);
    assert_int_equal(c.goaway_error, NGHTTP2_NO_ERROR);
    gate_open();
    r = client_read(busy, false);
    assert_int_equal(r.status, 200);
    check_str(response_field(&r, "connection"), "close", "stopping");
    assert_true(client_sees_end(busy));
    assert_true(h2_run(&c));
    assert_int_equal(call.status, 200);
    pthread_join(stopper, NULL);
    assert_int_equal(fixture_stats(&f).connections_open, 0);
    response_release(&r);
    h2_release(&call);
    h2_close(&c);
    close(idle);
    close(busy);
    http_server_free(f.server);
}

static void *open_gate_later(void *user)
{
    (void)user;
    usleep(100000);
    gate_open();
    return NULL;
}

/* The grace is over before the work is: the client is cut, and the late reply does no harm. */
static void test_stop_without_grace(void **state)
{
    struct fixture f = fixture_start(test_limits(), 2);
    int fd = client_connect(f.port);
    pthread_t opener;
    (void)state;
    gate_close();
    client_send(fd, STR(GET("/gate")));
    assert_true(wait_until(one_waits, NULL));
    pthread_create(&opener, NULL, open_gate_later, NULL);
    http_server_stop(f.server, 10);
    assert_true(client_sees_end(fd));
    pthread_join(opener, NULL);
    http_server_free(f.server);
    close(fd);
}

static bool was_cancelled(void *user)
{
    return gate_cancelled() > *(unsigned *)user;
}

static void test_client_gone(void **state)
{
    struct fixture f = fixture_start(test_limits(), 1);
    unsigned before = gate_cancelled();
    int fd = client_connect(f.port);
    (void)state;
    client_send(fd, STR(GET("/cancelled")));
    assert_true(wait_until(one_waits, NULL));
    close(fd);
    assert_true(wait_until(was_cancelled, &before));
    fixture_stop(&f);
}

static void test_never_started(void **state)
{
    struct http_server_options options = {0, HTTP_LIMITS_DEFAULT};
    struct http_listener listener = {"127.0.0.1:0", NULL, 0, "unused"};
    struct http_server *server;
    (void)state;
    assert_int_equal(http_server_new(&options, &server, NULL), 0);
    assert_int_equal(http_server_listen(server, &listener, NULL), 0);
    assert_int_equal(http_server_port(server, 1), -1);
    http_server_free(server);
    http_server_free(NULL);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_port_in_use),
        cmocka_unit_test(test_peer),
        cmocka_unit_test(test_two_loops),
        cmocka_unit_test(test_offload_full),
        cmocka_unit_test(test_stop_in_flight),
        cmocka_unit_test(test_stop_without_grace),
        cmocka_unit_test(test_client_gone),
        cmocka_unit_test(test_never_started),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
