/* The exporter's settings, retry rules and limits, as tables. */
#include "otlp/settings.h"
#include "otlp/body.h"
#include "otlp/retry.h"
#include "otlp_test.h"

/* ---- Settings ---- */

static const char *names[4], *values[4];

static const char *get(const char *name)
{
    for (size_t i = 0; i < COUNT(names); i++) {
        if (names[i] && strcmp(names[i], name) == 0)
            return values[i];
    }
    return NULL;
}

#define METHOD "/opentelemetry.proto.collector.trace.v1.TraceService/Export"

static void test_endpoints(void **state)
{
    static const struct {
        int32_t transport;
        const char *general, *own, *code, *insecure, *want; /* want NULL: refused */
    } cases[] = {
        {CAIRN_OTLP_HTTP, NULL, NULL, NULL, NULL, "http://localhost:4318/v1/traces"},
        {CAIRN_OTLP_HTTP, "http://a:1", NULL, NULL, NULL, "http://a:1/v1/traces"},
        {CAIRN_OTLP_HTTP, "http://a:1/", NULL, NULL, NULL, "http://a:1/v1/traces"},
        {CAIRN_OTLP_HTTP, "http://a:1/base", NULL, NULL, NULL, "http://a:1/base/v1/traces"},
        {CAIRN_OTLP_HTTP, "http://a:1/base/", NULL, NULL, NULL, "http://a:1/base/v1/traces"},
        {CAIRN_OTLP_HTTP, "http://a:1", "http://b:2/here", NULL, NULL, "http://b:2/here"},
        {CAIRN_OTLP_HTTP, NULL, "http://b:2", NULL, NULL, "http://b:2/"},
        {CAIRN_OTLP_HTTP, NULL, "https://b", NULL, "true", "https://b/"},
        {CAIRN_OTLP_HTTP, "http://a:1", "http://b:2", "http://c:3/x", NULL, "http://c:3/x"},
        {CAIRN_OTLP_HTTP, "", "", NULL, NULL, "http://localhost:4318/v1/traces"},
        {CAIRN_OTLP_HTTP, "a:1", NULL, NULL, "true", NULL},
        {CAIRN_OTLP_HTTP, "ftp://a:1", NULL, NULL, NULL, NULL},
        {CAIRN_OTLP_GRPC, NULL, NULL, NULL, NULL, "http://localhost:4317" METHOD},
        {CAIRN_OTLP_GRPC, NULL, NULL, NULL, "false", "http://localhost:4317" METHOD},
        {CAIRN_OTLP_GRPC, "http://a:1", NULL, NULL, NULL, "http://a:1" METHOD},
        {CAIRN_OTLP_GRPC, "http://a:1/", NULL, NULL, NULL, "http://a:1" METHOD},
        {CAIRN_OTLP_GRPC, "http://a:1", "https://b:2/v1/traces", NULL, NULL, "https://b:2" METHOD},
        {CAIRN_OTLP_GRPC, "https://a:1", NULL, NULL, "true", "https://a:1" METHOD},
        {CAIRN_OTLP_GRPC, "HTTP://a:1", NULL, NULL, "false", "http://a:1" METHOD},
        {CAIRN_OTLP_GRPC, "a:1", NULL, NULL, NULL, "https://a:1" METHOD},
        {CAIRN_OTLP_GRPC, "a:1", NULL, NULL, "false", "https://a:1" METHOD},
        {CAIRN_OTLP_GRPC, "a:1", NULL, NULL, "yes", "https://a:1" METHOD},
        {CAIRN_OTLP_GRPC, "a:1", NULL, NULL, "TRUE", "http://a:1" METHOD},
        {CAIRN_OTLP_GRPC, "http://a:1", NULL, "c", "true", "http://c" METHOD},
        {CAIRN_OTLP_GRPC, "[::1]:7", NULL, NULL, "true", "http://[::1]:7" METHOD},
        {CAIRN_OTLP_GRPC, "ftp://a:1", NULL, NULL, NULL, NULL},
        {CAIRN_OTLP_GRPC, "unix:///run/x", NULL, NULL, NULL, NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *name = cases[i].want ? cases[i].want : "refused";
        struct cairn_otlp_options o = {
            .size = sizeof o, .endpoint = cases[i].code, .transport = cases[i].transport};
        struct otlp_settings s;
        struct arena arena;
        cairn_status status;
        arena_init(&arena, 0);
        names[0] = "OTEL_EXPORTER_OTLP_ENDPOINT";
        values[0] = cases[i].general;
        names[1] = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
        values[1] = cases[i].own;
        names[2] = "OTEL_EXPORTER_OTLP_INSECURE";
        values[2] = cases[i].insecure;
        status = otlp_settings_make(&o, get, &arena, &s);
        CHECK((status == CAIRN_OK) == (cases[i].want != NULL), name);
        if (cases[i].want)
            CHECK(strcmp(s.url, cases[i].want) == 0, s.url);
        arena_release(&arena);
    }
    memset(names, 0, sizeof names);
}

/* transport and encoding of the code, OTEL_EXPORTER_OTLP_PROTOCOL, and the row that comes of them. */
static void test_protocols(void **state)
{
    static const struct {
        int32_t transport, encoding;
        const char *env, *own_env, *want; /* want NULL: refused */
    } cases[] = {
        {0, 0, NULL, NULL, "http/protobuf"},
        {0, 0, "grpc", NULL, "grpc"},
        {0, 0, "http/json", "grpc", "grpc"},
        {0, 0, "grpc", "http/json", "http/json"},
        {0, 0, "gRPC", NULL, "http/protobuf"}, /* not a name; with a diagnostic */
        {0, CAIRN_OTLP_JSON, "grpc", NULL, "http/json"},
        {0, CAIRN_OTLP_PROTOBUF, "grpc", NULL, "http/protobuf"},
        {CAIRN_OTLP_GRPC, 0, "http/json", NULL, "grpc"},
        {CAIRN_OTLP_GRPC, CAIRN_OTLP_PROTOBUF, NULL, NULL, "grpc"},
        {CAIRN_OTLP_HTTP, 0, "grpc", NULL, "http/protobuf"},
        {CAIRN_OTLP_HTTP, CAIRN_OTLP_JSON, NULL, NULL, "http/json"},
        {CAIRN_OTLP_GRPC, CAIRN_OTLP_JSON, NULL, NULL, NULL},
        {3, 0, NULL, NULL, NULL},
        {0, 3, NULL, NULL, NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *name = cases[i].want ? cases[i].want : "refused";
        struct cairn_otlp_options o = {
            .size = sizeof o, .transport = cases[i].transport, .encoding = cases[i].encoding};
        struct otlp_settings s;
        struct arena arena;
        arena_init(&arena, 0);
        names[0] = "OTEL_EXPORTER_OTLP_PROTOCOL";
        values[0] = cases[i].env;
        names[1] = "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL";
        values[1] = cases[i].own_env;
        CHECK((otlp_settings_make(&o, get, &arena, &s) == CAIRN_OK) == (cases[i].want != NULL),
              name);
        if (cases[i].want)
            CHECK(strcmp(s.protocol->name, cases[i].want) == 0, name);
        arena_release(&arena);
    }
    memset(names, 0, sizeof names);
}

static void test_headers(void **state)
{
    static const struct {
        const char *env;
        unsigned want;    /* headers that stay */
        const char *said; /* what is said about the others */
    } cases[] = {
        {"a=1,b=2", 2, ""},
        {"a=1,,b=", 2, ""},
        {"a=%E2%82%AC", 1, ""},
        {"a=1,a=2", 1, ""},
        {"Content-Type=x,TE=x,grpc-timeout=1S,content-ENCODING=gzip,a=1", 1,
         "\"TE\" is the exporter's own"},
        {"a=line%0aHost:%20b", 0, "cannot be decoded"},
        {"a=nul%00", 0, "cannot be decoded"},
        {"a%20b=1", 0, "cannot be decoded"},
        {"a:b=1", 0, "cannot be decoded"},
        {"a", 0, "cannot be decoded"},
        {"a=%zz", 0, "cannot be decoded"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct cairn_otlp_options o = {.size = sizeof o};
        struct otlp_settings s;
        struct arena arena;
        arena_init(&arena, 0);
        forget();
        names[0] = "OTEL_EXPORTER_OTLP_HEADERS";
        values[0] = cases[i].env;
        assert_int_equal(otlp_settings_make(&o, get, &arena, &s), CAIRN_OK);
        CHECK(s.headers.count == cases[i].want, cases[i].env);
        CHECK(strstr(said(), cases[i].said), cases[i].env);
        CHECK(*cases[i].said || !*said(), cases[i].env);
        arena_release(&arena);
    }
    memset(names, 0, sizeof names);
}

static void settings_of(struct arena *arena, struct otlp_settings *ret)
{
    struct cairn_otlp_options o = {.size = sizeof o};
    arena_init(arena, 0);
    forget();
    assert_int_equal(otlp_settings_make(&o, get, arena, ret), CAIRN_OK);
}

static void test_other_settings(void **state)
{
    struct otlp_settings s;
    struct arena arena;
    (void)state;
    memset(names, 0, sizeof names);
    settings_of(&arena, &s);
    assert_int_equal(s.timeout_ms, 10000);
    assert_int_equal(s.protocol->encoding, CAIRN_OTLP_PROTOBUF);
    assert_false(s.gzip);
    assert_int_equal(s.headers.count, 0);
    arena_release(&arena);

    names[0] = "OTEL_EXPORTER_OTLP_TIMEOUT";
    values[0] = "0";
    names[1] = "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL";
    values[1] = "http/json";
    names[2] = "OTEL_EXPORTER_OTLP_COMPRESSION";
    values[2] = "gzip";
    names[3] = "OTEL_EXPORTER_OTLP_HEADERS";
    values[3] = "api-key=a%20b, x = y ";
    settings_of(&arena, &s);
    assert_true(s.timeout_ms == UINT32_MAX);
    assert_int_equal(s.protocol->encoding, CAIRN_OTLP_JSON);
    assert_true(s.gzip);
    assert_int_equal(s.headers.count, 2);
    check_str(s.headers.items[0].value.string, "a b", "header");
    check_str(s.headers.items[1].key, "x", "key");
    assert_string_equal(said(), "");
    arena_release(&arena);

    values[0] = "soon";
    values[1] = "avian";
    values[2] = "lzma";
    values[3] = "evil=a%0d%0aHost:%20b";
    settings_of(&arena, &s);
    assert_int_equal(s.timeout_ms, 10000);
    assert_int_equal(s.protocol->encoding, CAIRN_OTLP_PROTOBUF);
    assert_false(s.gzip);
    assert_int_equal(s.headers.count, 0); /* a line break would end the header */
    assert_non_null(strstr(said(), "soon"));
    assert_non_null(strstr(said(), "avian"));
    assert_non_null(strstr(said(), "lzma"));
    assert_null(strstr(said(), "evil")); /* headers may be secrets */
    arena_release(&arena);
    memset(names, 0, sizeof names);
}

/* ---- Retry rules ---- */

static void test_retry_after(void **state)
{
    static const struct {
        const char *value;
        bool ok;
        uint64_t want_ms;
    } cases[] = {
        {"0", true, 0},
        {"120", true, 120000},
        {" 7 ", true, 7000},
        {"Sun, 06 Nov 1994 08:49:47 GMT", true, 10000},
        {"Sun, 06 Nov 1994 08:00:00 GMT", true, 0}, /* over already */
        {"Sun, 06 Foo 1994 08:49:47 GMT", false, 0},
        {"Sun, 06 Nov 1994 08:49:47 GMT+1", false, 0},
        {"-1", false, 0},
        {"soon", false, 0},
        {"", false, 0},
        {"99999999999999999999999999", false, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint64_t ms = 0;
        CHECK(retry_after_parse(str_of(cases[i].value), 784111777, &ms) == cases[i].ok,
              cases[i].value);
        CHECK(ms == cases[i].want_ms, cases[i].value);
    }
}

static void test_backoff(void **state)
{
    (void)state;
    for (unsigned attempt = 0; attempt < 100; attempt++) {
        uint64_t top = attempt < 5 ? 1000u << attempt : 30000;
        if (top > 30000)
            top = 30000;
        assert_int_equal(retry_backoff_ms(attempt, 0), top / 2);
        assert_in_range(retry_backoff_ms(attempt, 0x123456789abcdefu + attempt), top / 2, top);
    }
    for (long http = 100; http < 600; http++)
        assert_int_equal(retry_status_allows(http),
                         http == 429 || http == 502 || http == 503 || http == 504);
}

/* What the server says counts, but one that always says "at once" is not flooded. */
static void test_told(void **state)
{
    static const struct {
        const char *name;
        unsigned attempt;
        uint64_t told_ms, want_ms;
    } cases[] = {
        {"at once, first", 0, 0, 0},
        {"at once, second", 1, 0, 100},
        {"at once, third", 2, 0, 200},
        {"at once, much later", 1000, 0, 30000},
        {"more than the least", 2, 5000, 5000},
        {"a day", 9, 86400000, 86400000},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        CHECK(retry_told_ms(cases[i].attempt, cases[i].told_ms) == cases[i].want_ms, cases[i].name);
}

/* ---- Limits ---- */

/* Bytes that do not compress. */
static char *noise(size_t n)
{
    char *p = malloc(n);
    uint64_t seed = 88172645463325252u;
    assert_non_null(p);
    for (size_t i = 0; i + 8 <= n; i += 8) {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        memcpy(p + i, &seed, 8);
    }
    return p;
}

/* A batch of one span of this name. */
static cairn_status body_of(struct str name, const struct otlp_protocol *protocol, bool gzip)
{
    static const struct resource resource;
    static const struct scope scope;
    struct span span = {.resource = &resource, .scope = &scope, .name = name};
    struct span_batch batch = {.spans = &span, .span_count = 1};
    struct otlp_body body;
    cairn_status status = body_make((const cairn_span_batch *)&batch, protocol, gzip, &body);
    assert_int_equal(status == CAIRN_OK, body.bytes != NULL);
    body_release(&body);
    return status;
}

static void test_request_limit(void **state)
{
    static const struct {
        const char *name;
        size_t below; /* the limit */
        bool gzip;
        cairn_status want;
    } cases[] = {
        {"fits", 1024, false, CAIRN_OK},
        {"too large", 0, false, CAIRN_ERROR_LIMIT},
        {"too large before compression", 0, true, CAIRN_ERROR_LIMIT},
        {"too large after compression", 1024, true, CAIRN_ERROR_LIMIT},
    };
    char *bytes = noise(REQUEST_BYTES_MAX);
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct str name = str_make(bytes, REQUEST_BYTES_MAX - cases[i].below);
        CHECK(body_of(name, &protocol_http_protobuf, cases[i].gzip) == cases[i].want,
              cases[i].name);
        CHECK(body_of(name, &protocol_grpc, cases[i].gzip) == cases[i].want, cases[i].name);
    }
    free(bytes);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_endpoints),   cmocka_unit_test(test_protocols),
        cmocka_unit_test(test_headers),     cmocka_unit_test(test_other_settings),
        cmocka_unit_test(test_retry_after), cmocka_unit_test(test_backoff),
        cmocka_unit_test(test_told),        cmocka_unit_test(test_request_limit),
    };
    cairn_set_diagnostics(remember, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
