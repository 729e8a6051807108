/* What wrong requests to the query port are answered: status, type and shape; and what is no error at all. */
#include <jansson.h>

#include "server.h"
#include "spans.h"
#include "test.h"

static struct test_server server;

enum shape { V1, V3, NATIVE, TEXT };

#define WINDOW "query.startTimeMin=2026-11-21T13:00:00Z&query.startTimeMax=2026-11-21T14:00:00Z"
#define TRACE  "/api/cairn/v1/traces/1/"

static const struct {
    const char *method, *path;
    long status;
    enum shape shape;
    const char *words; /* that the message must have */
} cases[] = {
    {"GET", "/api/traces/xyz", 400, V1, "\"xyz\" is not a trace id"},
    {"GET", "/api/traces/0", 400, V1, "zeros"},
    {"GET", "/api/traces/00000000000000000000000000000000f", 400, V1, "32 hexadecimal"},
    {"GET", "/api/traces/ffffffffffffffffffffffffffffffff", 404, V1, "trace not found"},
    {"GET", "/api/traces/1?start=yesterday", 400, V1, "'start'"},
    {"GET", "/api/traces", 400, V1, "parameter 'service' is required"},
    {"GET", "/api/traces?service=", 400, V1, "parameter 'service' is required"},
    {"GET", "/api/traces?service=a&start=abc", 400, V1, "unable to parse param 'start': \"abc\""},
    {"GET", "/api/traces?service=a&end=-1", 400, V1, "'end'"},
    {"GET", "/api/traces?service=a&limit=-1", 400, V1, "'limit'"},
    {"GET", "/api/traces?service=a&limit=many", 400, V1, "'limit'"},
    {"GET", "/api/traces?service=a&limit=1001", 400, V1, "maximum of 1000"},
    {"GET", "/api/traces?service=a&minDuration=fast", 400, V1, "'minDuration': \"fast\""},
    {"GET", "/api/traces?service=a&minDuration=-1s", 400, V1, "'minDuration'"},
    {"GET", "/api/traces?service=a&maxDuration=5", 400, V1, "'maxDuration'"},
    {"GET", "/api/traces?service=a&minDuration=5s&maxDuration=1s", 400, V1,
     "greater than or equal"},
    {"GET", "/api/traces?service=a&tag=novalue", 400, V1, "expecting key:value, received: novalue"},
    {"GET", "/api/traces?service=a&tag=:x", 400, V1, "'tag'"},
    {"GET", "/api/traces?service=a&tags=%7Bbroken", 400, V1, "'tags'"},
    {"GET", "/api/traces?service=a&tags=%5B%5D", 400, V1, "JSON object"},
    {"GET", "/api/traces?service=a&tags=%7B%22a%22%3A1%7D", 400, V1, "\"a\" is not a string"},
    {"GET", "/api/traces?traceID=xyz", 400, V1, "not a trace id"},
    {"GET", "/api/operations", 400, V1, "parameter 'service' is required"},
    {"GET", "/api/dependencies?endTs=now", 400, V1, "'endTs'"},
    {"GET", "/api/dependencies?lookback=x", 400, V1, "'lookback'"},
    {"GET", "/api/nothing", 404, V1, "no such endpoint"},
    {"GET", "/api/traces/1/2", 404, V1, "no such endpoint"},
    {"POST", "/api/services", 405, TEXT, "GET"},
    {"DELETE", "/api/traces/1", 405, TEXT, "GET"},

    {"GET", "/api/v3/traces/xyz", 400, V3, "not a trace id"},
    {"GET", "/api/v3/traces/ffffffffffffffffffffffffffffffff", 404, V3, "No traces found"},
    {"GET", "/api/v3/traces/1?startTime=x", 400, V3, "startTime"},
    {"GET", "/api/v3/traces/1?end_time=x", 400, V3, "endTime"},
    {"GET", "/api/v3/traces", 400, V3, "required"},
    {"GET", "/api/v3/traces?query.serviceName=nobody&" WINDOW, 404, V3, "No traces found"},
    {"GET", "/api/v3/trace-summaries", 400, V3, "required"},
    {"GET", "/api/v3/trace-summaries?query.startTimeMin=2026-11-21T13:00:00Z", 400, V3, "required"},
    {"GET", "/api/v3/trace-summaries?query.startTimeMin=1&query.startTimeMax=2", 400, V3,
     "RFC 3339"},
    {"GET",
     "/api/v3/trace-summaries?query.startTimeMin=2026-11-21T15:00:00Z&query.startTimeMax=2026-11-21T14:00:00Z",
     400, V3, "must not be later"},
    {"GET", "/api/v3/trace-summaries?query.searchDepth=x&" WINDOW, 400, V3, "searchDepth"},
    {"GET", "/api/v3/trace-summaries?query.searchDepth=100000&" WINDOW, 400, V3, "maximum of 1000"},
    {"GET", "/api/v3/trace-summaries?query.durationMin=x&" WINDOW, 400, V3, "durationMin"},
    {"GET", "/api/v3/trace-summaries?query.durationMin=2s&query.durationMax=1s&" WINDOW, 400, V3,
     "durationMax"},
    {"GET", "/api/v3/trace-summaries?query.attributes=x&" WINDOW, 400, V3, "query.attributes"},
    {"GET", "/api/v3/trace-summaries?query.filter=%7B%7D&" WINDOW, 400, V3, "not supported"},
    {"GET", "/api/v3/nothing", 404, V3, "no such endpoint"},
    {"PUT", "/api/v3/services", 405, TEXT, "GET"},

    {"GET", "/api/sql", 400, NATIVE, "no statement"},
    {"GET", "/api/sql?q=select%20x", 400, NATIVE, "1:8: no such column: x"},
    {"GET", "/api/sql?q=select%201&format=xml", 400, NATIVE, "json, ndjson or csv"},
    {"GET", "/api/sql?q=select%201&limit=many", 400, NATIVE, "'limit'"},
    {"GET", "/api/sql?q=select%201&timeout=soon", 400, NATIVE, "'timeout'"},
    {"GET", "/api/sql?q=delete%20from%20spans", 400, NATIVE, "only SELECT is possible"},
    {"DELETE", "/api/sql", 405, TEXT, "POST"},
    {"GET", "/api/cairn/v1/traces/xyz/skeleton", 400, NATIVE, "not a trace id"},
    {"GET", "/api/cairn/v1/traces/ff/skeleton", 404, NATIVE, "trace not found"},
    {"GET", "/api/cairn/v1/traces/ff/spans?rows=1", 404, NATIVE, "trace not found"},
    {"GET", TRACE "spans", 400, NATIVE, "rows is required"},
    {"GET", TRACE "spans?rows=", 400, NATIVE, "rows is required"},
    {"GET", TRACE "spans?rows=a", 400, NATIVE, "malformed parameter rows"},
    {"GET", TRACE "spans?rows=1-0", 400, NATIVE, "malformed parameter rows"},
    {"GET", TRACE "spans?rows=0,,1", 400, NATIVE, "malformed parameter rows"},
    {"GET", TRACE "spans?rows=2", 400, NATIVE, "only 2 rows"},
    {"GET", TRACE "spans?rows=0-18446744073709551615", 400, NATIVE, "only 2 rows"},
    {"GET", TRACE "find", 400, NATIVE, "parameter q"},
    {"GET", "/api/cairn/v1/tags/x/values?limit=0x", 400, NATIVE, "'limit'"},
    {"DELETE", "/api/cairn/v1/traces/xyz", 400, NATIVE, "not a trace id"},
    {"DELETE", "/api/cairn/v1/traces/ff", 404, NATIVE, "trace not found"},
    {"POST", "/api/cairn/v1/traces/1", 405, TEXT, "DELETE"},
    {"DELETE", "/api/cairn/v1/traces/1/skeleton", 405, TEXT, "GET"},
    {"GET", "/api/cairn/v1/nothing", 404, NATIVE, "no such endpoint"},
    {"GET", "/assets/gone.js", 404, TEXT, "no such file"},
};

static void check_shape(const char *path, enum shape shape, long status,
                        const struct test_answer *a, const char *words)
{
    json_t *root = json_loads((const char *)a->body.p, 0, NULL), *error;
    const char *message = (const char *)a->body.p;
    if (shape == V1) {
        error = json_array_get(json_object_get(root, "errors"), 0);
        message = json_string_value(json_object_get(error, "msg"));
        CHECK(json_integer_value(json_object_get(error, "code")) == status, path);
        CHECK(json_is_null(json_object_get(root, "data")), path);
    } else if (shape != TEXT) {
        error = json_object_get(root, "error");
        message = json_string_value(json_object_get(error, "message"));
        CHECK(json_integer_value(json_object_get(error, "httpCode")) == status, path);
    }
    CHECK(strcmp(a->content_type,
                 shape == NATIVE ? "application/json" : "text/plain; charset=utf-8") == 0,
          path);
    if (!message || !strstr(message, words))
        fail_msg("%s: \"%s\" is not in: %s", path, words, (const char *)a->body.p);
    json_decref(root);
}

static void test_errors(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct test_answer answer;
        test_request(server.query_port, cases[i].method, cases[i].path, NULL, NULL, &answer);
        if (answer.status != cases[i].status)
            fail_msg("%s: HTTP %ld: %s", cases[i].path, answer.status, (char *)answer.body.p);
        check_shape(cases[i].path, cases[i].shape, cases[i].status, &answer, cases[i].words);
        test_answer_release(&answer);
    }
}

/* --- native answers that are not JSON --- */

static void test_skeleton(void **state)
{
    struct test_answer answer;
    uint32_t rows;
    (void)state;
    test_get(&server, TRACE "skeleton", &answer);
    assert_int_equal(answer.status, 200);
    assert_string_equal(answer.content_type, "application/vnd.cairn.skeleton");
    assert_memory_equal(answer.body.p, "CRNS", 4);
    memcpy(&rows, answer.body.p + 8, 4);
    assert_int_equal(rows, 2);
    test_answer_release(&answer);
}

static void test_find(void **state)
{
    static const struct {
        const char *q;
        uint8_t bits;
    } finds[] = {
        {"nowhere", 0},        {"ROOT", 1}, /* name, case ignored */
        {"child", 2},          {"hub", 3},  /* service, on both */
        {"went+wrong", 2},                  /* status message */
        {"http.route", 1},                  /* key */
        {"%2Fcheckout", 1},                 /* value */
        {"4711", 2},                        /* a number as text */
        {"exception", 2},                   /* event name */
        {"OutOfCheese", 2},                 /* event attribute */
        {"000000000000c2", 2},              /* span id */
        {"0000000000c1", 3},                /* span id and parent id */
        {"beef00", 1},                      /* linked trace id */
        {"because", 1},                     /* link attribute */
    };
    (void)state;
    for (size_t i = 0; i < COUNT(finds); i++) {
        struct test_answer answer;
        char path[256];
        snprintf(path, sizeof path, TRACE "find?q=%s", finds[i].q);
        test_get(&server, path, &answer);
        CHECK(answer.status == 200, path);
        CHECK(strcmp(answer.content_type, "application/octet-stream") == 0, path);
        CHECK(answer.body.n == 1 && answer.body.p[0] == finds[i].bits, path);
        test_answer_release(&answer);
    }
}

static void test_values(void **state)
{
    static const struct {
        const char *path, *want;
    } values[] = {
        {"/api/cairn/v1/tags/service.name/values", "{\"values\":[\"hub\"]}"},
        {"/api/cairn/v1/tags/http.route/values", "{\"values\":[\"/checkout\"]}"},
        {"/api/cairn/v1/tags/number/values?limit=5", "{\"values\":[\"4711\"]}"},
        {"/api/cairn/v1/tags/no-such-key/values", "{\"values\":[]}"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(values); i++) {
        struct test_answer answer;
        test_get(&server, values[i].path, &answer);
        check_str(buf_str(&answer.body), values[i].want, values[i].path);
        test_answer_release(&answer);
    }
}

/* --- health, metrics, the UI's files --- */

static void test_health(void **state)
{
    struct test_answer answer;
    (void)state;
    test_get(&server, "/health", &answer);
    assert_int_equal(answer.status, 200);
    check_str(buf_str(&answer.body), "{\"status\":\"ok\",\"version\":\"0.0.0\"}", "health");
    test_answer_release(&answer);
    atomic_store(&server.api.stopping, true);
    test_get(&server, "/health", &answer);
    assert_int_equal(answer.status, 503);
    test_answer_release(&answer);
    atomic_store(&server.api.stopping, false);
}

/* Every sample has HELP and TYPE before it, and the numbers are the engine's. */
static void test_metrics(void **state)
{
    struct test_answer answer;
    struct str rest, line, name, value;
    char help[256] = "", type[256] = "";
    unsigned samples = 0;
    (void)state;
    test_get(&server, "/metrics", &answer);
    assert_int_equal(answer.status, 200);
    assert_non_null(strstr((char *)answer.body.p, "\ncairn_spans_appended_total 2\n"));
    rest = buf_str(&answer.body);
    while (rest.n) {
        assert_true(str_cut(rest, '\n', &line, &rest));
        if (str_starts(line, STR("# HELP "))) {
            str_cut(str_from(line, 7), ' ', &name, &value);
            snprintf(help, sizeof help, "%.*s", STR_ARG(name));
        } else if (str_starts(line, STR("# TYPE "))) {
            str_cut(str_from(line, 7), ' ', &name, &value);
            snprintf(type, sizeof type, "%.*s", STR_ARG(name));
            assert_true(str_eq(value, STR("counter")) || str_eq(value, STR("gauge")));
        } else {
            str_cut(line, ' ', &name, &value);
            str_cut(name, '{', &name, &(struct str){0});
            check_str(name, help, "HELP");
            check_str(name, type, "TYPE");
            samples++;
        }
    }
    assert_true(samples > 20);
    test_answer_release(&answer);
}

static void test_ui(void **state)
{
    static const char *const pages[] = {"/", "/index.html", "/search?service=x", "/trace/0af7",
                                        "/a/b/c"};
    struct test_answer first, answer;
    char condition[128];
    const char *headers[] = {condition, NULL};
    (void)state;
    test_get(&server, "/", &first);
    assert_int_equal(first.status, 200);
    for (size_t i = 0; i < COUNT(pages); i++) {
        test_get(&server, pages[i], &answer);
        CHECK(answer.status == 200, pages[i]);
        CHECK(strcmp(answer.content_type, "text/html; charset=utf-8") == 0, pages[i]);
        CHECK(str_eq(buf_str(&answer.body), buf_str(&first.body)), pages[i]);
        CHECK(str_eq(test_header(&answer, "x-content-type-options"), STR("nosniff")), pages[i]);
        CHECK(str_eq(test_header(&answer, "referrer-policy"), STR("no-referrer")), pages[i]);
        CHECK(
            str_starts(test_header(&answer, "content-security-policy"), STR("default-src 'self'")),
            pages[i]);
        test_answer_release(&answer);
    }
    snprintf(condition, sizeof condition, "If-None-Match: \"x\", W/%.*s",
             STR_ARG(test_header(&first, "etag")));
    test_request(server.query_port, "GET", "/", headers, NULL, &answer);
    assert_int_equal(answer.status, 304);
    assert_int_equal(answer.body.n, 0);
    test_answer_release(&answer);
    snprintf(condition, sizeof condition, "If-None-Match: \"other\"");
    test_request(server.query_port, "GET", "/", headers, NULL, &answer);
    assert_int_equal(answer.status, 200);
    test_answer_release(&answer);
    snprintf(condition, sizeof condition, "Accept-Encoding: gzip");
    test_request(server.query_port, "GET", "/", headers, NULL, &answer);
    check_str(test_header(&answer, "content-encoding"), "gzip", "gzip is passed on");
    assert_memory_equal(answer.body.p, "\x1f\x8b", 2);
    test_answer_release(&answer);
    test_answer_release(&first);
}

static int start(void **state)
{
    static struct attr service, route, number, reason, why;
    static struct resource hub;
    static struct span_event event;
    static struct span_link link = {.trace_id = {{0xbe, 0xef}}, .span_id = {{1}}};
    struct span spans[2] = {test_span(1, 0xc1, 0, "the root", 1000000, 500),
                            test_span(1, 0xc2, 0xc1, "the child", 1000100, 100)};
    (void)state;
    hub = test_resource(&service, "hub");
    route = test_string("http.route", "/checkout");
    number = test_int("number", 4711);
    reason = test_string("reason", "OutOfCheese");
    why = test_string("why", "because");
    event =
        (struct span_event){.time_ns = 1000150, .name = STR("exception"), .attrs = {&reason, 1}};
    link.attrs = (struct attrs){&why, 1};
    spans[0].resource = spans[1].resource = &hub;
    spans[0].attrs = (struct attrs){&route, 1};
    spans[0].links = &link;
    spans[0].link_count = 1;
    spans[1].attrs = (struct attrs){&number, 1};
    spans[1].status_code = STATUS_ERROR;
    spans[1].status_message = STR("it went WRONG");
    spans[1].events = &event;
    spans[1].event_count = 1;
    test_server_start(&server);
    test_send(&server, spans, 2);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    test_server_stop(&server);
    return 0;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_errors), cmocka_unit_test(test_skeleton),
        cmocka_unit_test(test_find),   cmocka_unit_test(test_values),
        cmocka_unit_test(test_health), cmocka_unit_test(test_metrics),
        cmocka_unit_test(test_ui),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
