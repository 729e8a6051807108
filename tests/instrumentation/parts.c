/* parts.c - URLs, methods and proxies' headers, piece by piece; every input ends at a guard page. */
#include "instrumentation/http/parts.h"
#include "sdk/carrier.h"

static const struct cairn_http_options defaults = {.size = sizeof defaults};

static cairn_str view(const struct guarded *g)
{
    return cairn_str_make(g->bytes.p, g->bytes.n);
}

static void test_redaction(void **state)
{
    static const struct {
        const char *in, *want; /* NULL: as it came in */
    } cases[] = {
        {"http://shop/items?a=1#top", NULL},
        {"http://user:pass@shop/", "http://REDACTED:REDACTED@shop/"},
        {"http://user@shop/", "http://REDACTED@shop/"},
        {"http://:pass@shop", "http://REDACTED:REDACTED@shop"},
        {"http://u:p@x@shop:80/a@b?c@d", "http://REDACTED:REDACTED@shop:80/a@b?c@d"},
        {"user:pass@shop/x", "REDACTED:REDACTED@shop/x"},
        {"http://shop/a@b", NULL},
        {"http://shop/?sig=abc", "http://shop/?sig=REDACTED"},
        {"http://shop/?a=1&sig=abc&b=2#f", "http://shop/?a=1&sig=REDACTED&b=2#f"},
        {"http://shop/?SIG=abc&sig&signature=x", NULL},
        {"http://shop/?X-Amz-Signature=1&X-Amz-Credential=2&X-Amz-Security-Token=3&X-Goog-Signature=4",
         "http://shop/?X-Amz-Signature=REDACTED&X-Amz-Credential=REDACTED&"
         "X-Amz-Security-Token=REDACTED&X-Goog-Signature=REDACTED"},
        {"http://shop?sig=a=b", "http://shop?sig=REDACTED"},
        {"http://shop/?sig=a&", "http://shop/?sig=REDACTED&"},
        {"http://shop/?&&", NULL},
        {"", NULL},
        {"://", NULL},
        {"@", "REDACTED@"},
        {"http://", NULL},
    };
    char room[URL_REDACTED_MAX];
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct guarded in = guarded_copy(cases[i].in, strlen(cases[i].in));
        cairn_str got = url_redact(view(&in), &defaults, room);
        check_cairn_str(got, cases[i].want ? cases[i].want : cases[i].in, cases[i].in);
        CHECK(cases[i].want || got.p == in.bytes.p, cases[i].in);
        guarded_free(&in);
    }
}

/* The application's list replaces the convention's. */
static void test_redaction_list(void **state)
{
    static const char *const list[] = {"token", NULL}, *const none[] = {NULL};
    struct cairn_http_options options = {.size = sizeof options, .sensitive_parameters = list};
    char room[URL_REDACTED_MAX];
    (void)state;
    check_cairn_str(url_redact_query(CAIRN_S("token=1&sig=2"), &options, room),
                    "token=REDACTED&sig=2", "own list");
    options.sensitive_parameters = none;
    check_cairn_str(url_redact_query(CAIRN_S("token=1&sig=2"), &options, room), "token=1&sig=2",
                    "empty list");
}

/* A secret is never what is left when a long URL is cut. */
static void test_redaction_of_long_urls(void **state)
{
    char url[2 * URL_REDACTED_MAX] = "http://u:secret@shop/", room[URL_REDACTED_MAX];
    size_t n = strlen(url);
    cairn_str got;
    (void)state;
    memset(url + n, 'x', sizeof url - n);
    got = url_redact(cairn_str_make(url, sizeof url), &defaults, room);
    assert_int_equal(got.n, URL_REDACTED_MAX);
    assert_null(memmem(got.p, got.n, "secret", 6));
}

static void test_host_port(void **state)
{
    static const struct {
        const char *in, *host;
        uint16_t port;
    } cases[] = {
        {"shop", "shop", 0},
        {"shop:80", "shop", 80},
        {"[::1]:8080", "::1", 8080},
        {"[::1]", "::1", 0},
        {"::1", "::1", 0},
        {"shop:", "shop", 0},
        {"shop:65536", "shop", 0},
        {"shop:65535", "shop", 65535},
        {"shop:8x", "shop", 0},
        {"shop:-1", "shop", 0},
        {":80", "", 80},
        {"", "", 0},
        {"[", "", 0},
        {"[::1", "::1", 0},
        {"[::1]80", "::1", 0},
        {"shop:000080", "shop", 0},
        {"]:1", "]", 1},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct guarded in = guarded_copy(cases[i].in, strlen(cases[i].in));
        cairn_str host;
        uint16_t port;
        url_host_port(view(&in), &host, &port);
        check_cairn_str(host, cases[i].host, cases[i].in);
        CHECK(port == cases[i].port, cases[i].in);
        guarded_free(&in);
    }
}

static void test_split(void **state)
{
    static const struct {
        const char *in;
        bool relative;
        const char *scheme, *authority, *path, *query;
    } cases[] = {
        {"/a?b=c", true, "", "", "/a", "b=c"},
        {"/a?", true, "", "", "/a", ""},
        {"/a?b?c#d?e", true, "", "", "/a", "b?c"},
        {"*", true, "", "", "*", ""},
        {"//a/b", true, "", "", "//a/b", ""},
        {"/go?to=http://x@y/", true, "", "", "/go", "to=http://x@y/"},
        {"https://h:1/p?q", true, "https", "h:1", "/p", "q"},
        {"h:443", false, "", "h:443", "", ""},
        {"http://h?q", false, "http", "h", "", "q"},
        {"", true, "", "", "", ""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct guarded in = guarded_copy(cases[i].in, strlen(cases[i].in));
        struct url url = url_split(view(&in), cases[i].relative);
        check_cairn_str(url.scheme, cases[i].scheme, cases[i].in);
        check_cairn_str(url.authority, cases[i].authority, cases[i].in);
        check_cairn_str(url.path, cases[i].path, cases[i].in);
        check_cairn_str(url.query, cases[i].query, cases[i].in);
        guarded_free(&in);
    }
}

static void test_methods(void **state)
{
    static const char *const standard[] = {"GET",     "POST",    "PUT",   "DELETE", "HEAD",
                                           "OPTIONS", "CONNECT", "TRACE", "PATCH",  "QUERY"};
    static const char *const unknown[] = {"get", "GETS", "GE", "", "PROPFIND", "_OTHER"};
    static const char *const list[] = {"PROPFIND", NULL};
    struct cairn_http_options own = {.size = sizeof own, .known_methods = list};
    (void)state;
    for (size_t i = 0; i < COUNT(standard); i++)
        check_cairn_str(method_known(cairn_str_of(standard[i]), &defaults), standard[i],
                        standard[i]);
    for (size_t i = 0; i < COUNT(unknown); i++)
        check_cairn_str(method_known(cairn_str_of(unknown[i]), &defaults), "", unknown[i]);
    check_cairn_str(method_known(CAIRN_S("PROPFIND"), &own), "PROPFIND", "own list");
    check_cairn_str(method_known(CAIRN_S("GET"), &own), "", "own list replaces");
}

static void test_forwarded(void **state)
{
    static const struct {
        const char *forwarded, *x_for, *x_proto, *x_host;
        const char *client, *scheme, *host;
        uint16_t port;
    } cases[] = {
        {NULL, NULL, NULL, NULL, "", "", "", 0},
        {"for=192.0.2.1;proto=https;host=shop:8443", NULL, NULL, NULL, "192.0.2.1", "https", "shop",
         8443},
        {"for=192.0.2.1, for=198.51.100.2;proto=http", NULL, NULL, NULL, "192.0.2.1", "", "", 0},
        {"For=\"[2001:db8::1]:4711\" ; Host=\"shop\"", NULL, NULL, NULL, "2001:db8::1", "", "shop",
         0},
        {"for=unknown;proto=https", "10.0.0.1", NULL, NULL, "10.0.0.1", "https", "", 0},
        {"for=_hidden", NULL, NULL, NULL, "", "", "", 0},
        {"for=\"a,b;c\"", NULL, NULL, NULL, "a,b;c", "", "", 0},
        {"for=\"a\\\"b\"", NULL, NULL, NULL, "", "", "", 0},
        {"for=\"a\\\"b;c\";host=shop", NULL, NULL, NULL, "", "", "shop", 0},
        {"proto=HTTPS", NULL, NULL, NULL, "", "https", "", 0},
        {"proto=ht-tp", NULL, NULL, NULL, "", "", "", 0},
        {"for=\"", NULL, NULL, NULL, "", "", "", 0},
        {";;=;,", NULL, NULL, NULL, "", "", "", 0},
        {NULL, "192.0.2.1, 10.0.0.2", "https, http", "shop:81, inner", "192.0.2.1", "https", "shop",
         81},
        {NULL, "192.0.2.1:5000", NULL, NULL, "192.0.2.1", "", "", 0},
        {NULL, "2001:db8::1", NULL, NULL, "2001:db8::1", "", "", 0},
        {"for=192.0.2.9", "192.0.2.1", "https", "shop", "192.0.2.9", "https", "shop", 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct carrier c = {.count = 0};
        const char *name = cases[i].forwarded ? cases[i].forwarded : "without";
        struct forwarded f;
        if (cases[i].forwarded)
            set_field(&c, CAIRN_S("Forwarded"), cairn_str_of(cases[i].forwarded));
        if (cases[i].x_for)
            set_field(&c, CAIRN_S("X-Forwarded-For"), cairn_str_of(cases[i].x_for));
        if (cases[i].x_proto)
            set_field(&c, CAIRN_S("X-Forwarded-Proto"), cairn_str_of(cases[i].x_proto));
        if (cases[i].x_host)
            set_field(&c, CAIRN_S("X-Forwarded-Host"), cairn_str_of(cases[i].x_host));
        f = forwarded_read(get_field, &c);
        check_cairn_str(f.client, cases[i].client, name);
        check_cairn_str(f.scheme, cases[i].scheme, name);
        check_cairn_str(f.host, cases[i].host, name);
        CHECK(f.port == cases[i].port, name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_redaction),
        cmocka_unit_test(test_redaction_list),
        cmocka_unit_test(test_redaction_of_long_urls),
        cmocka_unit_test(test_host_port),
        cmocka_unit_test(test_split),
        cmocka_unit_test(test_methods),
        cmocka_unit_test(test_forwarded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
