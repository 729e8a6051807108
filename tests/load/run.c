/* Whole runs against the server in this process: every way of sending, and what the server has then. */
#include "load/run.h"

#include "../api/server.h"
#include "test.h"

static struct test_server server;

static struct load_run_options options(enum load_protocol protocol)
{
    struct load_run_options o = {
        .gen = {LOAD_SHOP, .seed = 3, .batch = 100, .spans = 20000},
        .connections = 3,
        .in_flight = 12,
        .timeout_ms = 20000,
        .retry_ms = 20000,
    };
    char url[64];
    snprintf(url, sizeof url, "127.0.0.1:%d",
             protocol == LOAD_GRPC ? server.grpc_port : server.http_port);
    assert_int_equal(load_target_parse(url, (int)protocol, &o.target, NULL), 0);
    return o;
}

static uint64_t spans_of_server(void)
{
    struct engine_stats stats;
    engine_stats(server.api.engine, &stats);
    return stats.spans_appended;
}

static void test_all_ways(void **state)
{
    static struct load_result r;
    (void)state;
    for (int way = 0; way < 12; way++) {
        struct load_run_options o = options((enum load_protocol)(way % 3));
        uint64_t before = spans_of_server();
        struct err err = {0};
        o.gzip = way / 3 % 2;
        o.prepare = way / 6;
        o.gen.seed = (uint64_t)way;
        if (load_run(&o, &r, &err) < 0)
            fail_msg("way %d: %s", way, err.msg);
        assert_int_equal(r.sent_spans, 20000);
        assert_int_equal(r.acknowledged_spans, 20000);
        assert_int_equal(r.failed_spans + r.rejected_spans, 0);
        assert_int_equal(r.acknowledged_requests, r.sent_requests);
        assert_int_equal(r.latency.total, r.acknowledged_requests);
        assert_int_equal(spans_of_server() - before, 20000);
    }
}

/* What is in the file of ids is what was acknowledged, trace by trace. */
static void test_ids(void **state)
{
    static struct load_result r;
    struct load_run_options o = options(LOAD_GRPC);
    char *text, id[40];
    size_t size;
    unsigned long spans, sum = 0;
    int lines = 0;
    (void)state;
    o.gen.seed = 99;
    o.ids = open_memstream(&text, &size);
    assert_int_equal(load_run(&o, &r, NULL), 0);
    fclose(o.ids);
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"), lines++) {
        assert_int_equal(sscanf(line, "%32[0-9a-f]\t%lu", id, &spans), 2);
        assert_int_equal(strlen(id), 32);
        sum += spans;
        if (lines % 500 == 0) {
            struct test_answer a;
            char path[80];
            snprintf(path, sizeof path, "/api/v3/traces/%s", id);
            test_get(&server, path, &a);
            assert_int_equal(a.status, 200);
            test_answer_release(&a);
        }
    }
    assert_int_equal(sum, 20000);
    assert_true(lines > 500);
    free(text);
}

static void test_rate_and_duration(void **state)
{
    static struct load_result r;
    struct load_run_options o = options(LOAD_GRPC);
    (void)state;
    o.gen = (struct load_gen_options){LOAD_TRACEGEN, .batch = 10};
    o.rate = 1000;
    o.duration_ns = 300000000;
    assert_int_equal(load_run(&o, &r, NULL), 0);
    assert_int_equal(r.acknowledged_spans, r.sent_spans);
    assert_in_range(r.sent_spans, 10,
                    320); /* never faster than asked for, but for the last batch */
}

static void test_nobody_there(void **state)
{
    static struct load_result r;
    static const enum load_protocol protocols[] = {LOAD_GRPC, LOAD_HTTP_PROTOBUF};
    (void)state;
    for (size_t i = 0; i < COUNT(protocols); i++) {
        struct load_run_options o = options(protocols[i]);
        struct err err = {0};
        assert_int_equal(load_target_parse("127.0.0.1:1", (int)protocols[i], &o.target, NULL), 0);
        assert_int_equal(load_run(&o, &r, &err), ERR_IO);
        assert_non_null(strstr(err.msg, "no server answers at"));
        assert_non_null(strstr(err.msg, "127.0.0.1:1"));
        assert_int_equal(r.acknowledged_spans, 0);
        assert_int_equal(r.failed_spans, r.sent_spans);
    }
}

/* gRPC to a port that speaks something else. */
static void test_wrong_port(void **state)
{
    static struct load_result r;
    struct load_run_options o = options(LOAD_GRPC);
    char url[64];
    (void)state;
    snprintf(url, sizeof url, "127.0.0.1:%d", server.http_port);
    assert_int_equal(load_target_parse(url, LOAD_GRPC, &o.target, NULL), 0);
    o.gen.spans = 500;
    assert_int_equal(load_run(&o, &r, NULL), 0);
    assert_int_equal(r.failed_spans, 500);
    assert_true(r.failure[0]);
}

static volatile sig_atomic_t stop;

static void stop_soon(const struct load_result *r, void *user)
{
    (void)user;
    stop = r->acknowledged_spans > 0;
}

static void test_stop(void **state)
{
    static struct load_result r;
    struct load_run_options o = options(LOAD_GRPC);
    struct err err = {0};
    uint64_t before = spans_of_server();
    (void)state;
    o.gen.spans = 0;
    o.stop = &stop;
    o.progress = stop_soon;
    assert_int_equal(load_run(&o, &r, &err), ERR_CANCELLED);
    assert_int_equal(r.sent_spans, r.acknowledged_spans + r.failed_spans);
    assert_true(r.acknowledged_spans > 0);
    assert_int_equal(r.failed_spans, 0); /* what was under way got its answer */
    assert_int_equal(spans_of_server() - before, r.acknowledged_spans);
}

static void test_out(void **state)
{
    static struct load_result r;
    struct load_run_options o = {.gen = {LOAD_DEEP, .batch = 64, .spans = 1000}};
    char *text;
    size_t size, at = 0, requests = 0;
    (void)state;
    o.out = open_memstream(&text, &size);
    o.out_format = LOAD_HTTP_PROTOBUF;
    assert_int_equal(load_run(&o, &r, NULL), 0);
    fclose(o.out);
    for (; at < size; requests++) {
        const unsigned char *p = (const unsigned char *)text + at;
        at += 4 + ((size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3]);
    }
    assert_int_equal(at, size);
    assert_int_equal(requests, r.sent_requests);
    assert_int_equal(r.sent_spans, 1000);
    free(text);
    o.out = fopen("/dev/full", "w");
    if (o.out) {
        struct err err = {0};
        assert_int_equal(load_run(&o, &r, &err), ERR_IO);
        fclose(o.out);
    }
}

static int start(void **state)
{
    (void)state;
    test_server_start(&server);
    return 0;
}

static int end(void **state)
{
    (void)state;
    test_server_stop(&server);
    return 0;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_ways),
        cmocka_unit_test(test_ids),
        cmocka_unit_test(test_rate_and_duration),
        cmocka_unit_test(test_nobody_there),
        cmocka_unit_test(test_wrong_port),
        cmocka_unit_test(test_stop),
        cmocka_unit_test(test_out),
    };
    return cmocka_run_group_tests(tests, start, end);
}
