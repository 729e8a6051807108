/* Tempo's URLs: what is read, what is refused, how ranges and steps come out. The rows follow Tempo's documentation of its
 * HTTP API and Grafana's requests. */
#include "api/tempo_params.h"

#include "api/tempo_value.h"
#include "net/query.h"
#include "test.h"

#define S  1000000000ull
#define T0 1795266841ull /* 2026-11-21 13:14:01 UTC */

static void test_times(void **state)
{
    static const struct {
        const char *in;
        uint64_t want; /* 0 = refused */
    } cases[] = {
        {"1795266841", T0 * S},
        {"1795266841.5", T0 * S + S / 2},
        {"1795266841.123456789", T0 * S + 123456789},
        {"1795266841.1234567899", T0 * S + 123456789},
        {"1795266841123", T0 * S + 123000000},
        {"1795266841123456", T0 * S + 123456000},
        {"1795266841123456789", T0 * S + 123456789},
        {"2026-11-21T13:14:01Z", T0 * S},
        {"2026-11-21T14:14:01.5+01:00", T0 * S + S / 2},
        {"1", S},
        {"", 0},
        {"-1", 0},
        {"now", 0},
        {"1795266841.", T0 * S},
        {"1795266841.5s", 0},
        {"99999999999999999999", 0},
        {"1e9", 0},
        {".5", 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct guarded g = guarded_copy(cases[i].in, strlen(cases[i].in));
        uint64_t got = 0;
        CHECK(tempo_time_parse(g.bytes, &got) == (cases[i].want != 0), cases[i].in);
        CHECK(cases[i].want == 0 || got == cases[i].want, cases[i].in);
        guarded_free(&g);
    }
}

static void test_durations(void **state)
{
    static const struct {
        const char *in;
        bool ok;
        uint64_t want;
    } cases[] = {
        {"15", true, 15 * S},
        {"0.5", true, S / 2},
        {"15s", true, 15 * S},
        {"1m30s", true, 90 * S},
        {"250ms", true, S / 4},
        {"2d", true, 48 * 3600 * S},
        {"1w", true, 168 * 3600 * S},
        {"1d12h", true, 36 * 3600 * S},
        {"1y", true, 8760 * 3600 * S},
        {"0", true, 0},
        {"", false, 0},
        {"-1s", false, 0},
        {"-15", false, 0},
        {"d", false, 0},
        {"1d-1h", false, 0},
        {"fast", false, 0},
        {"99999999999d", false, 0},
        {"1e300", false, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct guarded g = guarded_copy(cases[i].in, strlen(cases[i].in));
        uint64_t got = 0;
        CHECK(tempo_duration_parse(g.bytes, &got) == cases[i].ok, cases[i].in);
        CHECK(!cases[i].ok || got == cases[i].want, cases[i].in);
        guarded_free(&g);
    }
}

/* About 240 points of a readable length; the range grows to whole steps. */
static void test_steps(void **state)
{
    static const struct {
        const char *name;
        uint64_t start, end, step; /* ms; step 0 = as fits */
        uint64_t want_start, want_end, want_step;
    } cases[] = {
        {"15 s: 62.5 ms", T0 * 1000, T0 * 1000 + 15000, 0, T0 * 1000, T0 * 1000 + 15000, 50},
        {"59.999 s", T0 * 1000, T0 * 1000 + 59999, 0, T0 * 1000, T0 * 1000 + 60000, 200},
        {"one minute", T0 * 1000, T0 * 1000 + 60000, 0, T0 * 1000, T0 * 1000 + 60000, 1000},
        {"15 min: 3.75 s", 900000, 1800000, 0, 900000, 1800000, 3000},
        {"an hour: 15 s is not shorter than itself", 3600000, 7200000, 0, 3600000, 7200000, 15000},
        {"6 h: 90 s", 3600000, 25200000, 0, 3600000, 25200000, 60000},
        {"24 h: 6 min", 86400000, 172800000, 0, 86400000, 172800000, 300000},
        {"30 d: 3 h", 86400000ull * 30, 86400000ull * 60, 0, 86400000ull * 30, 86400000ull * 60,
         10800000},
        {"aligned outward", 1001, 9001, 1000, 1000, 10000, 1000},
        {"aligned already", 1000, 9000, 1000, 1000, 9000, 1000},
        {"a step longer than the range", 5000, 6000, 60000, 0, 60000, 60000},
        {"odd step", 1000, 2000, 300, 900, 2100, 300},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct tempo_metrics m = {.start_ns = cases[i].start * 1000000,
                                  .end_ns = cases[i].end * 1000000,
                                  .step_ns = cases[i].step * 1000000};
        CHECK(tempo_metrics_align(&m, NULL) == 0, cases[i].name);
        CHECK(m.step_ns == cases[i].want_step * 1000000, cases[i].name);
        CHECK(m.start_ns == cases[i].want_start * 1000000, cases[i].name);
        CHECK(m.end_ns == cases[i].want_end * 1000000, cases[i].name);
        CHECK(m.series_max == TEMPO_SERIES_LIMIT, cases[i].name);
        CHECK(tempo_bucket_ms(&m, 0) == cases[i].want_start + cases[i].want_step, cases[i].name);
    }
    struct tempo_metrics instant = {
        .start_ns = 1001, .end_ns = 9001, .step_ns = 3, .instant = true};
    assert_int_equal(tempo_metrics_align(&instant, NULL), 0);
    assert_int_equal(instant.step_ns, 8000);
    assert_int_equal(instant.start_ns, 1001);
    struct tempo_metrics many = {.start_ns = S, .end_ns = 3600 * S, .step_ns = 1000};
    assert_int_equal(tempo_metrics_align(&many, NULL), ERR_INVALID);
    struct tempo_metrics late = {.start_ns = UINT64_MAX - 5, .end_ns = UINT64_MAX, .step_ns = S};
    assert_int_equal(tempo_metrics_align(&late, NULL), ERR_INVALID);
    struct tempo_metrics backwards = {.start_ns = 5, .end_ns = 5};
    assert_int_equal(tempo_metrics_align(&backwards, NULL), ERR_INVALID);
}

/* --- search --- */

static struct arena arena;

static struct http_request request(const char *query)
{
    return (struct http_request){.query = str_of(query)};
}

static void test_search(void **state)
{
    static const struct {
        const char *query, *error; /* NULL = fine */
        const char *q, *tags;      /* "key=value," for each */
        uint32_t limit, spss;
        uint64_t start_s, end_s;
    } cases[] = {
        {"q=%7B%7D&limit=20&spss=3&start=1795266841&end=1795270441", NULL, "{}", "", 20, 3, T0,
         T0 + 3600},
        {"q=%7B+.a+%3D+%22b+c%22+%7D", NULL, "{ .a = \"b c\" }", "", 20, 3, 0, 0},
        {"", NULL, "", "", 20, 3, 0, 0},
        {"q=", NULL, "", "", 20, 3, 0, 0},
        {"spss=0", NULL, "", "", 20, UINT32_MAX, 0, 0},
        {"start=5", NULL, "", "", 20, 3, 5, 0},
        {"end=5", NULL, "", "", 20, 3, 0, 5},
        {"tags=service.name%3Dhub+http.status_code%3D500", NULL, "",
         "service.name=hub,http.status_code=500,", 20, 3, 0, 0},
        {"tags=a%3D%22x+%5C%22y%5C%22%22+b", NULL, "", "a=x \"y\",b=,", 20, 3, 0, 0},
        {"tags=a%3D", NULL, "", "a=,", 20, 3, 0, 0},
        {"tags=++", NULL, "", "", 20, 3, 0, 0},
        /* before there was a parameter tags: only when nothing else is given */
        {"service.name=hub&limit=7&minDuration=1ms", NULL, "", "service.name=hub,", 7, 3, 0, 0},
        {"service.name=hub&start=1&end=2", NULL, "", "", 20, 3, 1, 2},
        {"q=%7B%7D&service.name=hub", NULL, "{}", "", 20, 3, 0, 0},
        {"q=%7B%7D&tags=a%3Db", "can't specify tags and q", NULL, NULL, 0, 0, 0, 0},
        {"limit=0", "invalid limit: must be a positive number", NULL, NULL, 0, 0, 0, 0},
        {"limit=-1", "invalid limit", NULL, NULL, 0, 0, 0, 0},
        {"limit=x", "invalid limit", NULL, NULL, 0, 0, 0, 0},
        {"limit=1001", "limit 1001 exceeds max limit 1000", NULL, NULL, 0, 0, 0, 0},
        {"spss=x", "invalid spss", NULL, NULL, 0, 0, 0, 0},
        {"start=2&end=1", "start must be before end", NULL, NULL, 0, 0, 0, 0},
        {"start=2&end=2", "start must be before end", NULL, NULL, 0, 0, 0, 0},
        {"start=abc", "invalid start", NULL, NULL, 0, 0, 0, 0},
        {"minDuration=5s&maxDuration=1s", "must be greater than minDuration", NULL, NULL, 0, 0, 0,
         0},
        {"minDuration=fast", "invalid minDuration", NULL, NULL, 0, 0, 0, 0},
        {"maxDuration=-1s", "invalid maxDuration", NULL, NULL, 0, 0, 0, 0},
        {"tags=a%3Db+a%3Dc", "tag a has been set twice", NULL, NULL, 0, 0, 0, 0},
        {"tags=%3Db", "unexpected '=' at pos 1", NULL, NULL, 0, 0, 0, 0},
        {"tags=a%3D%22b", "unterminated", NULL, NULL, 0, 0, 0, 0},
        {"tags=a%22b", "unexpected '\"' at pos 2", NULL, NULL, 0, 0, 0, 0},
        {"tags=a%3D%22b%22c", "unexpected 'c'", NULL, NULL, 0, 0, 0, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct http_request req = request(cases[i].query);
        struct tempo_search s;
        struct err err = {0};
        char tags[256] = "";
        int code = tempo_params_search(&req, &arena, 1000, &s, &err);
        CHECK(code == (cases[i].error ? ERR_INVALID : 0), cases[i].query);
        if (cases[i].error) {
            if (!strstr(err.msg, cases[i].error))
                fail_msg("%s: \"%s\"", cases[i].query, err.msg);
            continue;
        }
        for (uint32_t k = 0; k < s.tag_count; k++)
            snprintf(tags + strlen(tags), sizeof tags - strlen(tags), "%.*s=%.*s,",
                     STR_ARG(s.tags[k].key), STR_ARG(s.tags[k].value.string));
        check_str(s.query, cases[i].q, cases[i].query);
        check_str(str_of(tags), cases[i].tags, cases[i].query);
        CHECK(s.limit == cases[i].limit && s.spans_per_set == cases[i].spss, cases[i].query);
        CHECK(s.start_ns == cases[i].start_s * S, cases[i].query);
        CHECK(s.end_ns == (cases[i].end_s ? cases[i].end_s * S : UINT64_MAX), cases[i].query);
        arena_reset(&arena);
    }
}

static void test_search_durations(void **state)
{
    struct http_request req = request("minDuration=100ms&maxDuration=1.5s");
    struct tempo_search s;
    (void)state;
    assert_int_equal(tempo_params_search(&req, &arena, 1000, &s, NULL), 0);
    assert_int_equal(s.min_duration_ns, 100000000);
    assert_int_equal(s.max_duration_ns, 1500000000);
    req = request("");
    assert_int_equal(tempo_params_search(&req, &arena, 1000, &s, NULL), 0);
    assert_int_equal(s.min_duration_ns, 0);
    assert_true(s.max_duration_ns == UINT64_MAX);
}

static void test_too_many_tags(void **state)
{
    struct buf text = {0};
    struct tempo_search s = {0};
    struct err err = {0};
    (void)state;
    for (int i = 0; i <= TEMPO_TAGS_MAX; i++)
        buf_printf(&text, "k%d=v ", i);
    assert_int_equal(tempo_params_logfmt(buf_str(&text), &arena, &s, &err), ERR_INVALID);
    assert_non_null(strstr(err.msg, "more than 64"));
    buf_release(&text);
}

/* --- tags --- */

/* What the router hands over is decoded once; Grafana encodes twice, and a proxy may have undone one of them. */
static void test_values_path(void **state)
{
    static const struct {
        const char *rest, *tag; /* NULL = 404 */
    } cases[] = {
        {"resource.service.name/values", "resource.service.name"},
        {".a/values", ".a"},
        {"span.http.url/path/values", "span.http.url/path"},
        {"span.http%2Furl/values", "span.http/url"},
        {"span.%22a b%22/values", "span.\"a b\""},
        {"span.100%/values", "span.100%"}, /* no escape */
        {"/values/values", "/values"},
        {"/values", NULL},
        {"values", NULL},
        {"a", NULL},
        {"a/value", NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct http_request req = request("q=%7B.a%3D&limit=5&start=1&end=2");
        struct tempo_tags t;
        req.params[0] = str_of(cases[i].rest);
        int code = tempo_params_values(&req, &arena, &t, NULL);
        CHECK(code == (cases[i].tag ? 0 : ERR_NOT_FOUND), cases[i].rest);
        if (code < 0)
            continue;
        check_str(t.tag, cases[i].tag, cases[i].rest);
        check_str(t.query, "{.a=", cases[i].rest);
        CHECK(t.limit == 5 && t.start_ns == S && t.end_ns == 2 * S, cases[i].rest);
    }
}

static void test_scopes(void **state)
{
    static const struct {
        const char *query;
        int want; /* -1 = refused */
    } cases[] = {{"", TEMPO_SCOPE_NONE},
                 {"scope=none", TEMPO_SCOPE_NONE},
                 {"scope=all", TEMPO_SCOPE_NONE},
                 {"scope=intrinsic", TEMPO_SCOPE_INTRINSIC},
                 {"scope=span", TEMPO_SCOPE_SPAN},
                 {"scope=resource", TEMPO_SCOPE_RESOURCE},
                 {"scope=event", TEMPO_SCOPE_EVENT},
                 {"scope=link", TEMPO_SCOPE_LINK},
                 {"scope=instrumentation", TEMPO_SCOPE_INSTRUMENTATION},
                 {"scope=Span", -1},
                 {"scope=trace", -1}};
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct http_request req = request(cases[i].query);
        struct tempo_tags t;
        int code = tempo_params_tags(&req, &arena, &t, NULL);
        CHECK(code == (cases[i].want < 0 ? ERR_INVALID : 0), cases[i].query);
        CHECK(code < 0 || (int)t.scope == cases[i].want, cases[i].query);
    }
}

/* --- metrics --- */

static void test_metrics(void **state)
{
    const uint64_t now = T0 * S;
    static const struct {
        const char *query;
        bool ok;
        uint64_t start_ns, end_ns, step_ns;
    } cases[] = {
        {"q=a&start=1795263241&end=1795266841", true, (T0 - 3600) * S, T0 * S, 0},
        {"query=a&start=1795263241&end=1795266841&step=15s", true, (T0 - 3600) * S, T0 * S, 15 * S},
        {"q=a", true, (T0 - 3600) * S, T0 * S, 0},
        {"q=a&since=10m", true, (T0 - 600) * S, T0 * S, 0},
        {"q=a&since=10m&end=1795260000", true, 1795259400 * S, 1795260000 * S, 0},
        {"q=a&step=30", true, (T0 - 3600) * S, T0 * S, 30 * S},
        {"q=a&start=1795263241.5&end=1795266841123", true, (T0 - 3600) * S + S / 2,
         T0 * S + 123000000, 0},
        {"q=a&start=5&end=4", false, 0, 0, 0},
        {"q=a&step=x", false, 0, 0, 0},
        {"q=a&step=-15s", false, 0, 0, 0},
        {"q=a&since=x", false, 0, 0, 0},
        {"q=a&exemplars=x", false, 0, 0, 0},
        {"q=a&maxSeries=-1", false, 0, 0, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct http_request req = request(cases[i].query);
        struct tempo_metrics m;
        CHECK((tempo_params_metrics(&req, &arena, now, &m, NULL) == 0) == cases[i].ok,
              cases[i].query);
        if (!cases[i].ok)
            continue;
        check_str(m.query, "a", cases[i].query);
        CHECK(m.start_ns == cases[i].start_ns && m.end_ns == cases[i].end_ns, cases[i].query);
        CHECK(m.step_ns == cases[i].step_ns, cases[i].query);
        CHECK(m.exemplars_max == TEMPO_EXEMPLARS_LIMIT, cases[i].query);
    }
}

/* --- texts --- */

static void test_duration_text(void **state)
{
    static const struct {
        uint64_t ns;
        const char *want;
    } cases[] = {{0, "0s"},
                 {1, "1ns"},
                 {1500, "1.5\xc2\xb5s"},
                 {1000000, "1ms"},
                 {1234567, "1.234567ms"},
                 {S, "1s"},
                 {61 * S + S / 2, "1m1.5s"},
                 {3600 * S, "1h0m0s"},
                 {3661 * S + 1, "1h1m1.000000001s"},
                 {UINT64_MAX, "5124095h34m33.709551615s"}};
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        check_str(tempo_duration_text(cases[i].ns, &arena), cases[i].want, cases[i].want);
}

static void test_trace_id_text(void **state)
{
    char out[TEMPO_TRACE_ID_BYTES];
    (void)state;
    check_str(tempo_trace_id_text((struct trace_id){{[15] = 0x1f}}, out), "1f", "short");
    check_str(tempo_trace_id_text((struct trace_id){{[7] = 0x01, [8] = 0x02}}, out),
              "10200000000000000", "odd");
    check_str(tempo_trace_id_text((struct trace_id){{0x01}}, out),
              "1000000000000000000000000000000", "one zero");
}

static int start(void **state)
{
    (void)state;
    arena_init(&arena, 0);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    arena_release(&arena);
    return 0;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_durations),
        cmocka_unit_test(test_steps),
        cmocka_unit_test(test_search),
        cmocka_unit_test(test_search_durations),
        cmocka_unit_test(test_too_many_tags),
        cmocka_unit_test(test_values_path),
        cmocka_unit_test(test_scopes),
        cmocka_unit_test(test_metrics),
        cmocka_unit_test(test_duration_text),
        cmocka_unit_test(test_trace_id_text),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
