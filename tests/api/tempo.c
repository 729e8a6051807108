/* Tempo's API over HTTP: goldens of answers with everything in them, and one row for each of its ways that clients rely
 * on. The engine is a fake: what it answers is in tempo_data.h. */
#include "golden.h"
#include "server.h"
#include "tempo_data.h"

static struct test_server server;

static void answer_all(void)
{
    fake_engine.spansets = &data_found;
    fake_engine.series = &data_series_found;
    fake_engine.keys = &data_keys_found;
    fake_engine.values = &data_values_found;
    fake_engine.query_code = 0;
}

static void answer_nothing(void)
{
    fake_engine.trace = NULL;
    fake_engine.spansets = NULL;
    fake_engine.series = NULL;
    fake_engine.keys = NULL;
    fake_engine.values = NULL;
}

static void get(int port, const char *path, struct test_answer *ret)
{
    test_request(port, "GET", path, NULL, NULL, ret);
}

#define RANGE "&start=1795266000&end=1795269600"
#define RATE  "q=%7B%7D+%7C+rate()"

static const struct {
    const char *golden, *path;
} goldens[] = {
    {"tempo-search.json", "/api/search?q=%7B%7D"},
    {"tempo-query-range.json", "/api/metrics/query_range?" RATE RANGE "&step=1200"},
    {"tempo-query.json", "/api/metrics/query?" RATE RANGE},
    {"tempo-tags-v2.json", "/api/v2/search/tags"},
    {"tempo-tags-v2-resource.json", "/api/v2/search/tags?scope=resource"},
    {"tempo-tags-v2-intrinsic.json", "/api/v2/search/tags?scope=intrinsic"},
    {"tempo-tags.json", "/api/search/tags"},
    {"tempo-values-v2.json", "/api/v2/search/tag/.x/values"},
    {"tempo-values.json", "/api/search/tag/x/values"},
    {"tempo-values-status.json", "/api/v2/search/tag/status/values"},
    {"tempo-values-kind.json", "/api/v2/search/tag/kind/values"},
    {"tempo-buildinfo.json", "/api/status/buildinfo"},
};

static void test_goldens(void **state)
{
    (void)state;
    answer_all();
    for (size_t i = 0; i < COUNT(goldens); i++) {
        struct test_answer answer;
        char path[512], name[128];
        snprintf(path, sizeof path, "%s%sprettyPrint=true", goldens[i].path,
                 strchr(goldens[i].path, '?') ? "&" : "?");
        snprintf(name, sizeof name, "golden/%s", goldens[i].golden);
        get(server.tempo_port, path, &answer);
        CHECK(answer.status == 200, goldens[i].path);
        CHECK(strcmp(answer.content_type, "application/json") == 0, goldens[i].path);
        buf_put_byte(&answer.body, '\n');
        golden_check(name, buf_str(&answer.body));
        test_answer_release(&answer);
    }
}

/* What stands where, byte for byte. */
static const struct {
    const char *path;
    bool nothing; /* to be found */
    long status;
    const char *type, *body;
} cases[] = {
    {"/api/echo", true, 200, "text/plain; charset=utf-8", "echo"},
    {"/ready", true, 200, "text/plain; charset=utf-8", "ready\n"},
    {"/health", true, 200, "application/json", NULL},
    {"/metrics", true, 200, NULL, NULL},
    /* nothing found is an empty answer; only version 1 of a trace by its id is 404, with no body at all */
    {"/api/search?q=%7B%7D", true, 200, "application/json",
     "{\"traces\":[],\"metrics\":{\"completedJobs\":1,\"totalJobs\":1,\"inspectedSpans\":\"1234\"}}"},
    {"/api/search", true, 200, "application/json", NULL},
    {"/api/search/tags", true, 200, "application/json",
     "{\"tagNames\":[],\"metrics\":{\"completedJobs\":1,\"totalJobs\":1}}"},
    {"/api/v2/search/tags?scope=span", true, 200, "application/json",
     "{\"scopes\":[],\"metrics\":{\"completedJobs\":1,\"totalJobs\":1}}"},
    {"/api/v2/search/tag/.a/values", true, 200, "application/json",
     "{\"tagValues\":[],\"metrics\":{\"completedJobs\":1,\"totalJobs\":1}}"},
    {"/api/search/tag/a/values", true, 200, "application/json",
     "{\"tagValues\":[],\"metrics\":{\"completedJobs\":1,\"totalJobs\":1}}"},
    {"/api/metrics/query_range?" RATE RANGE, true, 200, "application/json",
     "{\"series\":[],\"metrics\":{\"completedJobs\":1,\"totalJobs\":1}}"},
    {"/api/metrics/query?" RATE RANGE, true, 200, "application/json",
     "{\"series\":[],\"metrics\":{\"completedJobs\":1,\"totalJobs\":1}}"},
    {"/api/traces/ab", true, 404, "", ""},
    {"/api/v2/traces/ab", true, 200, "application/json", "{\"trace\":{},\"metrics\":{}}"},
    /* durations have too many values to list; virtual tags of version 1 */
    {"/api/v2/search/tag/duration/values", false, 200, "application/json",
     "{\"tagValues\":[],\"metrics\":{\"completedJobs\":1,\"totalJobs\":1}}"},
    {"/api/search/tag/status.code/values", false, 200, "application/json",
     "{\"tagValues\":[\"error\",\"ok\",\"unset\"],\"metrics\":{\"completedJobs\":1,\"totalJobs\":1}}"},
    {"/api/search/tag/error/values", false, 200, "application/json",
     "{\"tagValues\":[\"true\"],\"metrics\":{\"completedJobs\":1,\"totalJobs\":1}}"},
    /* errors are plain text */
    {"/api/search?q=rubbish", false, 400, "text/plain; charset=utf-8", "invalid TraceQL query: "},
    {"/api/search?" RATE, false, 400, "text/plain; charset=utf-8",
     "invalid TraceQL query: a metrics query is for /api/metrics/query_range"},
    {"/api/search?q=%7B%7D&limit=0", false, 400, "text/plain; charset=utf-8",
     "invalid limit: must be a positive number"},
    {"/api/search?q=%7B%7D&start=2&end=1", false, 400, "text/plain; charset=utf-8",
     "http parameter start must be before end. received start=2 end=1"},
    {"/api/search?q=%7B%7D&tags=a%3Db", false, 400, "text/plain; charset=utf-8",
     "invalid request: can't specify tags and q in the same query"},
    {"/api/metrics/query_range?q=%7B%7D" RANGE, false, 400, "text/plain; charset=utf-8",
     "invalid TraceQL query: not a metrics query"},
    {"/api/metrics/query_range?q=rubbish" RANGE, false, 400, "text/plain; charset=utf-8",
     "invalid TraceQL query: "},
    {"/api/metrics/query_range?" RATE RANGE "&step=1ms", false, 400, "text/plain; charset=utf-8",
     "invalid step: the range has 3600000 of them"},
    {"/api/v2/search/tag/foo/values", false, 400, "text/plain; charset=utf-8",
     "tag name is not valid intrinsic or scoped attribute: foo"},
    {"/api/v2/search/tags?scope=x", false, 400, "text/plain; charset=utf-8", "invalid scope: x"},
    {"/api/traces/xyz", false, 400, "text/plain; charset=utf-8", "\"xyz\" is not a trace id"},
    {"/api/v2/traces/xyz", false, 400, "text/plain; charset=utf-8", "\"xyz\" is not a trace id"},
    {"/api/v2/traces/1?start=2&end=1", false, 400, "text/plain; charset=utf-8", "http parameter"},
    {"/api/v2/search/tag/.a", false, 404, "text/plain; charset=utf-8", "404 page not found"},
    {"/api/nothing", false, 404, "text/plain; charset=utf-8", "no such endpoint"},
};

static void test_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct test_answer answer;
        const char *path = cases[i].path, *body;
        answer_all();
        if (cases[i].nothing)
            answer_nothing();
        if (strstr(path, "/traces/"))
            fake_engine.query_code = ERR_NOT_FOUND;
        get(server.tempo_port, path, &answer);
        body = (const char *)answer.body.p;
        if (answer.status != cases[i].status)
            fail_msg("%s: HTTP %ld: %s", path, answer.status, body);
        CHECK(!cases[i].type || strcmp(answer.content_type, cases[i].type) == 0, path);
        if (cases[i].body && (cases[i].status == 400 ? !strstr(body, cases[i].body)
                                                     : strcmp(body, cases[i].body) != 0))
            fail_msg("%s: %s", path, body);
        test_answer_release(&answer);
    }
    answer_all();
}

/* Both dialects live on the query port: Jaeger's paths are Jaeger's there, Tempo has the others and all below /tempo. */
static void test_query_port(void **state)
{
    static const struct {
        const char *path;
        long status;
        const char *words;
    } paths[] = {
        {"/api/traces/ab", 404, "\"errors\":[{\"code\":404"},
        {"/api/services", 200, "\"data\""},
        {"/tempo/api/traces/ab", 404, ""},
        {"/tempo/api/echo", 200, "echo"},
        {"/tempo/ready", 200, "ready"},
        {"/tempo/api/status/buildinfo", 200, "version"},
        {"/tempo/api/search?q=%7B%7D", 200, "\"traces\":["},
        {"/tempo/api/v2/traces/ab", 200, "\"trace\":{}"},
        {"/tempo/api/v2/search/tags", 200, "scopes"},
        {"/tempo/api/v2/search/tag/.a/values", 200, "tagValues"},
        {"/tempo/api/search/tags", 200, "tagNames"},
        {"/tempo/api/search/tag/a/values", 200, "tagValues"},
        {"/tempo/api/metrics/query_range?" RATE, 200, "series"},
        {"/tempo/api/metrics/query?" RATE, 200, "series"},
        {"/tempo/api/nothing", 404, "no such endpoint"},
        {"/api/echo", 200, "echo"},
        {"/api/search?q=%7B%7D", 200, "\"traces\":["},
        {"/api/search?q=rubbish", 400, "invalid TraceQL query"},
        {"/api/metrics/query_range?" RATE, 200, "series"},
        {"/api/metrics/query?" RATE, 200, "series"},
        {"/api/v2/search/tags", 200, "scopes"},
        {"/api/v2/search/tag/.a/values", 200, "tagValues"},
        {"/api/v2/traces/ab", 200, "\"trace\":{}"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(paths); i++) {
        struct test_answer answer;
        fake_engine.query_code = strstr(paths[i].path, "/traces/") ? ERR_NOT_FOUND : 0;
        get(server.query_port, paths[i].path, &answer);
        if (answer.status != paths[i].status || !strstr((char *)answer.body.p, paths[i].words))
            fail_msg("%s: HTTP %ld: %s", paths[i].path, answer.status, (char *)answer.body.p);
        test_answer_release(&answer);
    }
    fake_engine.query_code = 0;
}

/* --- what the engine is asked --- */

static void test_search_reaches_engine(void **state)
{
    struct test_answer answer;
    (void)state;
    get(server.tempo_port, "/api/search?q=%7B%7D&limit=7&spss=20&start=1795266000&end=1795269600",
        &answer);
    assert_int_equal(answer.status, 200);
    test_answer_release(&answer);
    assert_int_equal(fake_engine.spansets_query.limit, 7);
    assert_int_equal(fake_engine.spansets_query.spans_per_set, 20);
    assert_true(fake_engine.spansets_query.start_ns == 1795266000 * (1000 * MS));
    assert_true(fake_engine.spansets_query.end_ns == 1795269600 * (1000 * MS));
    get(server.tempo_port, "/api/search?q=%7B%7D", &answer);
    test_answer_release(&answer);
    assert_int_equal(fake_engine.spansets_query.limit, 20);
    assert_int_equal(fake_engine.spansets_query.spans_per_set, 3);
    assert_true(fake_engine.spansets_query.start_ns == 0);
    assert_true(fake_engine.spansets_query.end_ns == UINT64_MAX);
}

static void test_metrics_reach_engine(void **state)
{
    static const struct {
        const char *path;
        uint64_t start_ms, end_ms, step_ms;
        uint32_t exemplars, series;
    } asked[] = {
        {"/api/metrics/query_range?" RATE RANGE "&step=7s&exemplars=5&maxSeries=9", 1795265997000,
         1795269602000, 7000, 5, 9},
        {"/api/metrics/query_range?" RATE RANGE, 1795266000000, 1795269600000, 15000, 100, 1000},
        {"/api/metrics/query_range?" RATE RANGE "&exemplars=0", 1795266000000, 1795269600000, 15000,
         0, 1000},
        {"/api/metrics/query?" RATE RANGE "&step=7s&exemplars=5", 1795266000000, 1795269600000,
         3600000, 0, 1000},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(asked); i++) {
        const struct series_query *q = &fake_engine.series_query;
        struct test_answer answer;
        get(server.tempo_port, asked[i].path, &answer);
        CHECK(answer.status == 200, asked[i].path);
        CHECK(q->start_ns == asked[i].start_ms * MS, asked[i].path);
        CHECK(q->end_ns == asked[i].end_ms * MS, asked[i].path);
        CHECK(q->step_ns == asked[i].step_ms * MS, asked[i].path);
        CHECK(q->exemplars_max == asked[i].exemplars, asked[i].path);
        CHECK(q->series_max == asked[i].series, asked[i].path);
        test_answer_release(&answer);
    }
}

/* Grafana encodes a tag twice, its proxy may undo one of them; a slash in it ends nothing. */
static void test_values_reach_engine(void **state)
{
    static const struct {
        const char *path, *key;
        enum field_scope scope;
    } asked[] = {
        {"/api/v2/search/tag/span.http.route/values", "http.route", SCOPE_SPAN},
        {"/api/v2/search/tag/span.a%2Fb/values", "a/b", SCOPE_SPAN},
        {"/api/v2/search/tag/span.a%252Fb/values", "a/b", SCOPE_SPAN},
        {"/api/v2/search/tag/span.a/b/values", "a/b", SCOPE_SPAN},
        {"/api/v2/search/tag/resource.service.name/values?q=%7B.x%3D", "service.name",
         SCOPE_RESOURCE},
        {"/api/search/tag/service.name/values", "service.name", SCOPE_FIRST},
        {"/api/search/tag/http.url%2Fx/values", "http.url/x", SCOPE_FIRST},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(asked); i++) {
        struct test_answer answer;
        char key[64];
        fake_engine_keep_key(key, sizeof key);
        get(server.tempo_port, asked[i].path, &answer);
        CHECK(answer.status == 200, asked[i].path);
        check_str(str_of(key), asked[i].key, asked[i].path);
        CHECK(fake_engine.tag_query.field.scope == asked[i].scope, asked[i].path);
        test_answer_release(&answer);
    }
    fake_engine_keep_key(NULL, 0);
}

/* The engine knows no values of roots: they are those of spans without parent. */
static void test_root_values(void **state)
{
    static const struct {
        const char *path;
        enum field_kind kind;
    } asked[] = {
        {"/api/v2/search/tag/rootName/values", FIELD_NAME},
        {"/api/v2/search/tag/rootServiceName/values?q=%7B.a%3D1%7D", FIELD_SERVICE},
        {"/api/v2/search/tag/trace%3ArootService/values", FIELD_SERVICE},
        {"/api/search/tag/root.name/values", FIELD_NAME},
        {"/api/search/tag/root.service.name/values", FIELD_SERVICE},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(asked); i++) {
        struct test_answer answer;
        get(server.tempo_port, asked[i].path, &answer);
        CHECK(answer.status == 200, asked[i].path);
        CHECK(fake_engine.tag_query.field.kind == asked[i].kind, asked[i].path);
        CHECK(fake_engine.tag_query.filter != NULL, asked[i].path);
        test_answer_release(&answer);
    }
}

/* --- partial answers --- */

static void test_truncated(void **state)
{
    struct test_answer answer;
    (void)state;
    fake_engine.series = &data_series_cut;
    get(server.tempo_port, "/api/metrics/query_range?" RATE RANGE "&step=1200", &answer);
    assert_int_equal(answer.status, 200);
    assert_non_null(
        strstr((char *)answer.body.p, "\"status\":\"PARTIAL\",\"message\":\"there are"));
    test_answer_release(&answer);
    answer_all();
}

static void test_engine_errors(void **state)
{
    static const struct {
        int code;
        long status;
    } codes[] = {{ERR_INVALID, 400}, {ERR_TIMEOUT, 504}, {ERR_TOO_LARGE, 413}, {ERR_BUSY, 503}};
    (void)state;
    for (size_t i = 0; i < COUNT(codes); i++) {
        struct test_answer answer;
        fake_engine.query_code = codes[i].code;
        get(server.tempo_port, "/api/search?q=%7B%7D", &answer);
        assert_int_equal(answer.status, codes[i].status);
        assert_string_equal(answer.content_type, "text/plain; charset=utf-8");
        assert_string_equal((char *)answer.body.p, "as told");
        test_answer_release(&answer);
    }
    answer_all();
}

/* --- traces by id --- */

static struct attr service;
static struct resource hub;
static struct span_event event = {.time_ns = T0, .name = STR_INIT("e")};
static struct span_link link_ = {.trace_id = {{[15] = 0xbe}}, .span_id = {{[7] = 0xef}}};

static void make_trace(struct span *s)
{
    hub = test_resource(&service, "hub");
    s[0] = test_span(0x0a, 0xa1, 0, "GET /", T0, 5 * MS);
    s[0].kind = SPAN_KIND_SERVER;
    s[0].resource = &hub;
    s[1] = test_span(0x0a, 0xa2, 0xa1, "call", T0 + MS, MS);
    s[1].kind = SPAN_KIND_CLIENT;
    s[1].status_code = STATUS_ERROR;
    s[1].status_message = STR("no");
    s[1].resource = &hub;
    s[1].events = &event;
    s[1].event_count = 1;
    s[1].links = &link_;
    s[1].link_count = 1;
}

static const struct {
    const char *golden, *path, *accept, *type;
} traces[] = {
    {"tempo-trace.json", "/api/traces/0a?prettyPrint=true", "application/json", "application/json"},
    {"tempo-trace-v2.json", "/api/v2/traces/0a?prettyPrint=true", "*/*", "application/json"},
    {"tempo-trace.pb", "/api/traces/0a", "application/protobuf", "application/protobuf"},
    {"tempo-trace-v2.pb", "/api/v2/traces/0a", "text/html;q=0.5, Application/Protobuf;q=0.9",
     "application/protobuf"},
};

static void test_traces(void **state)
{
    struct span spans[2];
    const struct span_batch batch = {.spans = spans, .span_count = 2};
    (void)state;
    make_trace(spans);
    fake_engine.trace = &batch;
    for (size_t i = 0; i < COUNT(traces); i++) {
        struct test_answer answer;
        char accept[128], name[128];
        const char *headers[] = {accept, NULL};
        snprintf(accept, sizeof accept, "Accept: %s", traces[i].accept);
        snprintf(name, sizeof name, "golden/%s", traces[i].golden);
        test_request(server.tempo_port, "GET", traces[i].path, headers, NULL, &answer);
        CHECK(answer.status == 200, traces[i].path);
        CHECK(strcmp(answer.content_type, traces[i].type) == 0, traces[i].path);
        if (strstr(name, ".json"))
            buf_put_byte(&answer.body, '\n');
        golden_check(name, buf_str(&answer.body));
        test_answer_release(&answer);
    }
    fake_engine.trace = NULL;
}

static int start(void **state)
{
    (void)state;
    test_server_start(&server);
    answer_all();
    return 0;
}

static int stop(void **state)
{
    (void)state;
    test_server_stop(&server);
    return 0;
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_goldens),
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_query_port),
        cmocka_unit_test(test_search_reaches_engine),
        cmocka_unit_test(test_metrics_reach_engine),
        cmocka_unit_test(test_values_reach_engine),
        cmocka_unit_test(test_root_values),
        cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_engine_errors),
        cmocka_unit_test(test_traces),
    };
    golden_arguments(argc, argv);
    return cmocka_run_group_tests(tests, start, stop);
}
