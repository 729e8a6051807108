/* Targets, headers, percentiles. */
#include "load/sender.h"
#include "load/stats.h"
#include "test.h"

static void test_targets(void **state)
{
    static const struct {
        const char *text;
        int protocol;
        const char *url; /* NULL = refused */
        enum load_protocol want;
    } cases[] = {
        {"", LOAD_ANY_PROTOCOL, "grpc://127.0.0.1:4317", LOAD_GRPC},
        {NULL, LOAD_HTTP_JSON, "http://127.0.0.1:4318/v1/traces", LOAD_HTTP_JSON},
        {"host", LOAD_ANY_PROTOCOL, "grpc://host:4317", LOAD_GRPC},
        {"host:99", LOAD_HTTP_PROTOBUF, "http://host:99/v1/traces", LOAD_HTTP_PROTOBUF},
        {"grpc://host", LOAD_ANY_PROTOCOL, "grpc://host:4317", LOAD_GRPC},
        {"http://host", LOAD_ANY_PROTOCOL, "http://host:4318/v1/traces", LOAD_HTTP_PROTOBUF},
        {"http://host/", LOAD_HTTP_JSON, "http://host:4318/v1/traces", LOAD_HTTP_JSON},
        {"http://host:80/x/y", LOAD_ANY_PROTOCOL, "http://host:80/x/y", LOAD_HTTP_PROTOBUF},
        {"https://host/x", LOAD_ANY_PROTOCOL, "https://host:4318/x", LOAD_HTTP_PROTOBUF},
        {"http://host:4317", LOAD_GRPC, "grpc://host:4317", LOAD_GRPC},
        {"grpc://[::1]:7", LOAD_ANY_PROTOCOL, "grpc://[::1]:7", LOAD_GRPC},
        {"http://[::1]", LOAD_ANY_PROTOCOL, "http://[::1]:4318/v1/traces", LOAD_HTTP_PROTOBUF},
        {"grpc://host", LOAD_HTTP_JSON, NULL, 0},
        {"https://host", LOAD_GRPC, NULL, 0},
        {"ftp://host", LOAD_ANY_PROTOCOL, NULL, 0},
        {"http://", LOAD_ANY_PROTOCOL, NULL, 0},
        {"host:", LOAD_ANY_PROTOCOL, "grpc://host:4317", LOAD_GRPC},
        {"host:0", LOAD_ANY_PROTOCOL, NULL, 0},
        {"host:65536", LOAD_ANY_PROTOCOL, NULL, 0},
        {"host:x", LOAD_ANY_PROTOCOL, NULL, 0},
        {"a b", LOAD_ANY_PROTOCOL, NULL, 0},
        {"a\r\nb", LOAD_ANY_PROTOCOL, NULL, 0},
        {"[::1", LOAD_ANY_PROTOCOL, NULL, 0},
        {"[::1]7", LOAD_ANY_PROTOCOL, NULL, 0},
        {":4317", LOAD_ANY_PROTOCOL, NULL, 0},
    };
    char name[2000];
    struct load_target t;
    struct err err;
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        int code = load_target_parse(cases[i].text, cases[i].protocol, &t, &err);
        snprintf(name, sizeof name, "%s", cases[i].text ? cases[i].text : "(null)");
        CHECK(code == (cases[i].url ? 0 : ERR_INVALID), name);
        if (cases[i].url) {
            check_str(str_of(t.url), cases[i].url, name);
            CHECK(t.protocol == cases[i].want, name);
        }
    }
    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    assert_int_equal(load_target_parse(name, LOAD_GRPC, &t, &err), ERR_INVALID);
    memcpy(name, "http://h/", 9);
    assert_int_equal(load_target_parse(name, LOAD_ANY_PROTOCOL, &t, &err), ERR_INVALID);
}

static void test_headers(void **state)
{
    static const struct {
        const char *text, *name, *value; /* name NULL = refused */
    } cases[] = {
        {"X-Key=abc", "X-Key", "abc"},
        {"X-Key: abc", "X-Key", "abc"},
        {"Authorization: Basic a=b", "Authorization", "Basic a=b"},
        {"key=http://x", "key", "http://x"},
        {"key=", "key", ""},
        {"key", NULL, NULL},
        {"=x", NULL, NULL},
        {"", NULL, NULL},
        {"a b=x", NULL, NULL},
        {"a=x\r\nb: c", NULL, NULL},
    };
    struct str name, value;
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        bool ok = load_header_split(cases[i].text, &name, &value);
        CHECK(ok == (cases[i].name != NULL), cases[i].text);
        if (ok) {
            check_str(name, cases[i].name, cases[i].text);
            check_str(value, cases[i].value, cases[i].text);
        }
    }
}

static void test_latency(void **state)
{
    static struct load_latency l;
    static const struct {
        double fraction;
        uint64_t want;
    } cases[] = {{0.001, 1000}, {0.5, 500000}, {0.9, 900000}, {0.99, 990000}, {1, 1000000}};
    (void)state;
    assert_int_equal(load_latency_at(&l, 0.5), 0);
    for (uint64_t i = 1; i <= 1000; i++)
        load_latency_add(&l, i * 1000);
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint64_t got = load_latency_at(&l, cases[i].fraction), want = cases[i].want;
        assert_in_range(got, want - want / 32 - 1, want + want / 32 + 1);
    }
    load_latency_add(&l, UINT64_MAX);
    load_latency_add(&l, 0);
    assert_true(load_latency_at(&l, 1) > UINT64_MAX / 32 * 31);
    assert_int_equal(load_latency_at(&l, 0), 0);
}

static void test_cpu(void **state)
{
    (void)state;
    assert_true(load_cpu_of((uint64_t)getpid()) >= 0);
    assert_true(load_cpu_of(1ull << 31) < 0);
    assert_true(load_cpu_own() > 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_targets), cmocka_unit_test(test_headers),
        cmocka_unit_test(test_latency), cmocka_unit_test(test_cpu)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
