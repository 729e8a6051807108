/* The parts that need no socket: routes, query strings, the wheel, the pool, and the HTTP/1 parser. */
#include "net/h1_parser.h"
#include "net/http.h"
#include "net/pool.h"
#include "net/query.h"
#include "net/router.h"
#include "net/wheel.h"
#include "test.h"

static void handler(struct http_exchange *x, const struct http_request *req, void *user)
{
    (void)x;
    (void)req;
    (void)user;
}

static void test_routes(void **state)
{
    static const struct http_route routes[] = {
        {HTTP_GET, "/", handler, NULL, 0, false, NULL},
        {HTTP_GET, "/a", handler, NULL, 0, false, NULL},
        {HTTP_POST, "/a", handler, NULL, 1, false, NULL},
        {HTTP_GET, "/a/{x}", handler, NULL, 0, false, NULL},
        {HTTP_GET, "/a/{x}/b/{y}", handler, NULL, 0, false, NULL},
        {HTTP_GET, "/a/fixed/b/{y}", handler, NULL, 0, false, NULL},
        {HTTP_GET, "/ui/{rest*}", handler, NULL, 0, false, NULL},
    };
    static const struct {
        enum http_method method;
        const char *path;
        int route; /* -1 = none */
        unsigned methods;
        const char *first, *second;
    } table[] = {
        {HTTP_GET, "/", 0, HTTP_GET | HTTP_HEAD, "", ""},
        {HTTP_GET, "/a", 1, HTTP_GET | HTTP_HEAD | HTTP_POST, "", ""},
        {HTTP_HEAD, "/a", 1, HTTP_GET | HTTP_HEAD | HTTP_POST, "", ""},
        {HTTP_POST, "/a", 2, HTTP_GET | HTTP_HEAD | HTTP_POST, "", ""},
        {HTTP_DELETE, "/a", -1, HTTP_GET | HTTP_HEAD | HTTP_POST, "", ""},
        {0, "/a", -1, HTTP_GET | HTTP_HEAD | HTTP_POST, "", ""},
        {HTTP_GET, "/a/", -1, 0, "", ""},
        {HTTP_GET, "/a/x", 3, HTTP_GET | HTTP_HEAD, "x", ""},
        {HTTP_GET, "/a/x%20y%2fz", 3, HTTP_GET | HTTP_HEAD, "x y/z", ""},
        {HTTP_GET, "/a/%zz", -1, 0, "", ""},
        {HTTP_GET, "/%61/x", 3, HTTP_GET | HTTP_HEAD, "x", ""},
        {HTTP_GET, "/a/x/b/y", 4, HTTP_GET | HTTP_HEAD, "x", "y"},
        {HTTP_GET, "/a/fixed/b/y", 4, HTTP_GET | HTTP_HEAD, "fixed", "y"},
        {HTTP_GET, "/a/x/c/y", -1, 0, "", ""},
        {HTTP_GET, "/a/x/b/y/z", -1, 0, "", ""},
        {HTTP_GET, "/ui/", 6, HTTP_GET | HTTP_HEAD, "", ""},
        {HTTP_GET, "/ui", -1, 0, "", ""},
        {HTTP_GET, "/ui/css/a%2bb.css", 6, HTTP_GET | HTTP_HEAD, "css/a+b.css", ""},
        {HTTP_GET, "", -1, 0, "", ""},
        {HTTP_GET, "a", -1, 0, "", ""},
        {HTTP_GET, "//a", -1, 0, "", ""},
    };
    struct arena arena;
    (void)state;
    arena_init(&arena, 0);
    for (size_t i = 0; i < COUNT(table); i++) {
        struct guarded g = guarded_copy(table[i].path, strlen(table[i].path));
        struct route_match got;
        route_find(routes, COUNT(routes), table[i].method, g.bytes, &arena, &got);
        CHECK((got.route ? (int)(got.route - routes) : -1) == table[i].route, table[i].path);
        CHECK(got.methods == table[i].methods, table[i].path);
        check_str(got.params[0], table[i].first, table[i].path);
        check_str(got.params[1], table[i].second, table[i].path);
        guarded_free(&g);
    }
    check_str(route_methods_text(HTTP_GET | HTTP_HEAD | HTTP_PUT, &arena), "GET, HEAD, PUT",
              "text");
    check_str(route_methods_text(0, &arena), "", "none");
    arena_release(&arena);
}

static void test_query(void **state)
{
    static const struct {
        const char *query;
        const char *pairs[6]; /* name, value, ... */
    } table[] = {
        {"", {NULL}},
        {"a", {"a", ""}},
        {"a=", {"a", ""}},
        {"=b", {"", "b"}},
        {"a=1&b=2", {"a", "1", "b", "2"}},
        {"&&a=1&", {"a", "1"}},
        {"a=1&a=2&a", {"a", "1", "a", "2", "a", ""}},
        {"a=b=c", {"a", "b=c"}},
        {"q=%7B%20.x+%3D+1%7d", {"q", "{ .x = 1}"}},
        {"a+b=c%2Bd", {"a b", "c+d"}},
        {"a=%", {"a", "%"}},
        {"a=%4", {"a", "%4"}},
        {"a=%zz&b=%41", {"a", "%zz", "b", "A"}},
        {"a=%c3%a4", {"a", "\xc3\xa4"}},
    };
    struct arena arena;
    (void)state;
    arena_init(&arena, 0);
    for (size_t i = 0; i < COUNT(table); i++) {
        struct guarded g = guarded_copy(table[i].query, strlen(table[i].query));
        struct http_request req = {.query = g.bytes};
        struct str name, value;
        size_t at = 0, k = 0;
        while (http_query_next(&req, &arena, &at, &name, &value)) {
            CHECK(k + 1 < COUNT(table[i].pairs) && table[i].pairs[k], table[i].query);
            check_str(name, table[i].pairs[k], table[i].query);
            check_str(value, table[i].pairs[k + 1], table[i].query);
            k += 2;
        }
        CHECK(k == COUNT(table[i].pairs) || !table[i].pairs[k], table[i].query);
        guarded_free(&g);
    }
    arena_release(&arena);
}

static void test_request_fields(void **state)
{
    static const struct http_header headers[] = {
        {STR_INIT("content-type"), STR_INIT("Application/JSON ; charset=utf-8")},
        {STR_INIT("x-a"), STR_INIT("1")},
    };
    struct http_request req = {.headers = headers, .header_count = 2, .query = STR("a=1&b=%32")};
    struct arena arena;
    struct str value;
    (void)state;
    arena_init(&arena, 0);
    assert_true(http_content_type_is(&req, STR("application/json")));
    assert_false(http_content_type_is(&req, STR("application/jso")));
    check_str(http_header_get(&req, STR("x-a")), "1", "x-a");
    check_str(http_header_get(&req, STR("x-b")), "", "absent");
    assert_true(http_query_get(&req, &arena, STR("b"), &value));
    check_str(value, "2", "b");
    assert_false(http_query_get(&req, &arena, STR("c"), &value));
    arena_release(&arena);
}

/* --- wheel --- */

struct alarm {
    struct wheel_timer timer; /* first */
    unsigned rung;
    uint64_t at_ms, again_ms;
};

static struct wheel wheel;
static uint64_t now_ms;

static void ring(struct wheel_timer *timer, void *user)
{
    struct alarm *alarm = (struct alarm *)timer;
    (void)user;
    alarm->rung++;
    alarm->at_ms = now_ms;
    if (alarm->again_ms) {
        wheel_set(&wheel, timer, alarm->again_ms);
        alarm->again_ms = 0;
    }
}

static void test_wheel(void **state)
{
    enum { TICK = 10, ALARMS = 500 };
    static struct alarm alarms[ALARMS];
    struct alarm again = {.again_ms = 5000}, gone = {0};
    (void)state;
    now_ms = 1000;
    wheel_init(&wheel, TICK, now_ms);
    for (unsigned i = 0; i < ALARMS; i++) /* some beyond the wheel's 2.56 s */
        wheel_set(&wheel, &alarms[i].timer, 990 + i * 13);
    wheel_set(&wheel, &again.timer, 1500);
    wheel_set(&wheel, &gone.timer, 1500);
    wheel_set(&wheel, &gone.timer, 1600);
    wheel_cancel(&gone.timer);
    wheel_cancel(&gone.timer);
    for (; now_ms < 10000; now_ms += 7)
        wheel_advance(&wheel, now_ms, ring, NULL);
    for (unsigned i = 0; i < ALARMS; i++) {
        uint64_t due = 990 + i * 13;
        assert_int_equal(alarms[i].rung, 1);
        assert_true(alarms[i].at_ms >= due);
        assert_true(alarms[i].at_ms <= (due < 1000 ? 1000 : due) + 2 * TICK + 7);
    }
    assert_int_equal(again.rung, 2);
    assert_true(again.at_ms >= 5000);
    assert_int_equal(gone.rung, 0);
}

static void test_wheel_after_sleep(void **state)
{
    struct alarm near = {0}, far = {0};
    (void)state;
    now_ms = 0;
    wheel_init(&wheel, 10, now_ms);
    wheel_set(&wheel, &near.timer, 100);
    wheel_set(&wheel, &far.timer, 10000000);
    now_ms = 1000000;
    wheel_advance(&wheel, now_ms, ring, NULL);
    assert_int_equal(near.rung, 1);
    assert_int_equal(far.rung, 0);
}

static void test_pool(void **state)
{
    struct pool pool = {0};
    struct buf b = {0};
    unsigned char *p;
    (void)state;
    buf_reserve(&b, 300000);
    p = b.p;
    pool_give(&pool, &b);
    assert_null(b.p);
    pool_take(&pool, 10, &b); /* far too large for ten bytes */
    assert_null(b.p);
    pool_take(&pool, 1u << 20, &b);
    assert_null(b.p);
    pool_take(&pool, 200000, &b);
    assert_ptr_equal(b.p, p);
    assert_int_equal(b.n, 0);
    pool_give(&pool, &b);
    for (int i = 0; i < 100; i++) { /* keeps no more than its maximum */
        struct buf more = {0};
        buf_reserve(&more, 1u << 20);
        pool_give(&pool, &more);
    }
    assert_true(pool.bytes <= POOL_BYTES_MAX);
    pool_release(&pool);
}

/* --- HTTP/1 parser --- */

struct parsed {
    struct buf text; /* everything it said */
};

static bool on_begin(void *user)
{
    buf_put_str(user, STR("<"));
    return true;
}

static bool on_part(void *user, struct str part)
{
    buf_put_str(user, part);
    return true;
}

static bool on_name(void *user, struct str part, bool first)
{
    if (first)
        buf_put_str(user, STR("|"));
    buf_put_str(user, part);
    return true;
}

static bool on_headers(void *user, const struct h1_head *head)
{
    buf_printf(user, "#%.*s%s%s %lld#", STR_ARG(head->method), head->minor_1 ? "" : " 1.0",
               head->keep_alive ? " keep" : "", (long long)head->content_length);
    return true;
}

static enum h1_result parse(struct str in, size_t cut, struct buf *out)
{
    static const struct h1_events events = {on_begin, on_part,    on_name,
                                            on_part,  on_headers, on_part};
    struct h1_parser parser;
    enum h1_result result = H1_MORE;
    h1_parser_init(&parser, &events, out);
    for (int half = 0; half < 2; half++) {
        struct str part = half ? str_from(in, cut) : str_make(in.p, cut);
        struct guarded g = guarded_copy(part.p, part.n);
        struct str rest = g.bytes;
        while (rest.n && (result == H1_MORE || result == H1_COMPLETE)) {
            const char *reason;
            size_t used;
            result = h1_parse(&parser, rest, &used, &reason);
            if (result == H1_COMPLETE)
                buf_put_str(out, STR(">"));
            rest = str_from(rest, used);
        }
        guarded_free(&g);
    }
    return result;
}

/* Whatever the cut, the same events; input ends at a guard page each time. */
static void test_h1_parser(void **state)
{
    static const struct {
        const char *in, *want;
        enum h1_result result;
    } table[] = {
        {"GET /a HTTP/1.1\r\nA: b c\r\nD:e\r\n\r\n", "</a|Ab c|De#GET keep -1#>", H1_COMPLETE},
        {"GET /a HTTP/1.0\r\n\r\n", "</a#GET 1.0 -1#>", H1_COMPLETE},
        {"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\n\r\n",
         "</|Content-Length3#POST keep 3#abc></#GET keep -1#>", H1_COMPLETE},
        {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nT: x\r\n\r\n",
         "</|Transfer-Encodingchunked#POST keep -1#abc>", H1_COMPLETE},
        {"\r\nGET / HTTP/1.1\r\n\r\n", "</#GET keep -1#>", H1_COMPLETE},
        {"GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", NULL, H1_MALFORMED},
        {"GET / HTTP/1.1\r\n A: b\r\n\r\n", NULL, H1_MALFORMED},
        {"GET / HTTP/1.1\r\nA: b\n\r\n", NULL, H1_MALFORMED},
        {"GET / HTTP/1.2\r\n\r\n", NULL, H1_MALFORMED},
        {"GET / HTTP/3.0\r\n\r\n", NULL, H1_MALFORMED},
        {"GET / ICE/1.0\r\n\r\n", NULL, H1_MALFORMED},
        {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", NULL, H1_MALFORMED},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(table); i++) {
        struct str in = str_of(table[i].in);
        for (size_t cut = 0; cut <= in.n; cut++) {
            struct buf out = {0};
            enum h1_result result = parse(in, cut, &out);
            CHECK(result == table[i].result, table[i].in);
            if (table[i].want)
                check_str(buf_str(&out), table[i].want, table[i].in);
            buf_release(&out);
        }
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_routes),
        cmocka_unit_test(test_query),
        cmocka_unit_test(test_request_fields),
        cmocka_unit_test(test_wheel),
        cmocka_unit_test(test_wheel_after_sleep),
        cmocka_unit_test(test_pool),
        cmocka_unit_test(test_h1_parser),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
