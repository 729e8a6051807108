/* Jaeger's two APIs over a real server: goldens of a trace with everything in it, and the answers to searches. */
#include "golden.h"
#include "server.h"
#include "spans.h"

#define T0 1795266841123456789ull /* 2026-11-21 13:14:01.123456789 UTC */
#define MS 1000000ull
#define US 1000ull

static struct test_server server;

/* --- the trace with everything --- */

static struct value array_items[] = {{.type = VALUE_STRING, .string = STR_INIT("a")},
                                     {.type = VALUE_INT, .integer = 2},
                                     {.type = VALUE_EMPTY}};

static struct attr all_types[16], nested[2], hub_attrs[3], other_attrs[2], event_attrs[2],
    link_attrs[1], scope_attrs[1];

static uint32_t make_all_types(void)
{
    uint32_t n = 0;
    nested[0] = test_string("inner", "x");
    nested[1] = test_int("count", 7);
    all_types[n++] = test_string("string", "text with \"quotes\" and \n a new line");
    all_types[n++] = test_string("empty string", "");
    all_types[n++] = (struct attr){STR("bool"), {.type = VALUE_BOOL, .boolean = true}};
    all_types[n++] = test_int("int", -42);
    all_types[n++] = test_int("int.safe", ((int64_t)1 << 53) - 1);
    all_types[n++] = test_int("int.unsafe", (int64_t)1 << 53);
    all_types[n++] = test_int("int.min", INT64_MIN);
    all_types[n++] = (struct attr){STR("double"), {.type = VALUE_DOUBLE, .number = 2.5}};
    all_types[n++] =
        (struct attr){STR("bytes"), {.type = VALUE_BYTES, .string = STR("\x00\xff\x10")}};
    all_types[n++] = (struct attr){STR("array"), {.type = VALUE_ARRAY, .array = {array_items, 3}}};
    all_types[n++] = (struct attr){STR("kvlist"), {.type = VALUE_KVLIST, .kvlist = {nested, 2}}};
    all_types[n++] = (struct attr){STR("empty"), {.type = VALUE_EMPTY}};
    return n;
}

static struct resource hub, other, no_attrs;
static struct scope scope, plain_scope;
static struct span_event events[2];
static struct span_link links[3];

static size_t make_trace(struct span *s)
{
    hub_attrs[0] = test_string("service.name", "hub");
    hub_attrs[1] = test_string("host.name", "node-7");
    hub_attrs[2] = test_int("process.pid", 4711);
    other_attrs[0] = test_string("host.name", "node-8");
    scope_attrs[0] = test_string("scope.attr", "s");
    event_attrs[0] = test_string("exception.type", "E");
    event_attrs[1] = test_string("event", "own event");
    link_attrs[0] = test_string("opentracing.ref_type", "child_of");
    hub = (struct resource){.attrs = {hub_attrs, 3}, .service_name = STR("hub")};
    other = (struct resource){.attrs = {other_attrs, 1}};
    scope = (struct scope){.name = STR("lib"), .version = STR("1.2"), .attrs = {scope_attrs, 1}};
    events[0] = (struct span_event){
        .time_ns = T0 + 2 * MS, .name = STR("exception"), .attrs = {event_attrs, 1}};
    events[1] = (struct span_event){
        .time_ns = T0 + 3 * MS, .name = STR("ignored"), .attrs = {event_attrs, 2}};
    links[0] = (struct span_link){.trace_id = {{[0] = 0xaa, [15] = 1}}, .span_id = {{[7] = 2}}};
    links[1] = (struct span_link){
        .trace_id = {{[15] = 3}}, .span_id = {{[7] = 4}}, .attrs = {link_attrs, 1}};
    links[2] = (struct span_link){.span_id = {{[7] = 9}}}; /* to no trace */
    s[0] = test_span(0x0102030405060708, 0xa1, 0, "POST /", T0, 100 * MS + 999);
    s[0].kind = SPAN_KIND_SERVER;
    s[0].trace_state = STR("vendor=1");
    s[0].attrs = (struct attrs){all_types, make_all_types()};
    s[0].status_code = STATUS_OK;
    s[1] = test_span(0x0102030405060708, 0xa2, 0xa1, "call", T0 + 1 * MS, 5 * MS);
    s[1].kind = SPAN_KIND_CLIENT;
    s[1].status_code = STATUS_ERROR;
    s[1].status_message = STR("it broke");
    s[1].events = events;
    s[1].event_count = 2;
    s[1].links = links;
    s[1].link_count = 3;
    s[2] = test_span(0x0102030405060708, 0xa3, 0xa2, "work", T0 + 2 * MS, 1 * MS);
    s[3] = test_span(0x0102030405060708, 0xa4, 0xff, "orphan", T0 + 4 * MS, 1 * MS);
    for (int i = 0; i < 4; i++) {
        s[i].resource = i == 2 ? &other : i == 3 ? &no_attrs : &hub;
        s[i].scope = i < 2 ? &scope : &plain_scope;
    }
    return 4;
}

/* --- goldens --- */

#define WINDOW_V3 \
    "query.startTimeMin=2026-11-21T13:00:00Z&query.startTimeMax=2026-11-21T14:00:00.000000000Z"
/* the same hour in µs */
#define WINDOW_V1 "start=1795266000000000&end=1795269600000000"

static const struct {
    const char *golden, *path;
} goldens[] = {
    {"v1-trace.json", "/api/traces/0102030405060708"},
    {"v1-search.json", "/api/traces?service=hub&operation=call&lookback=1h&" WINDOW_V1},
    {"v1-search-none.json", "/api/traces?service=nobody&" WINDOW_V1},
    {"v1-multi.json",
     "/api/traces?traceID=0102030405060709&traceID=ffff&traceID=abcdef0123456789abcdef"},
    {"v1-services.json", "/api/services"},
    {"v1-service-operations.json", "/api/services/hub/operations"},
    {"v1-operations.json", "/api/operations?service=hub"},
    {"v1-operations-kind.json", "/api/operations?service=hub&spanKind=client"},
    {"v1-dependencies.json", "/api/dependencies?endTs=1795269600000&lookback=3600000"},
    {"v3-services.json", "/api/v3/services"},
    {"v3-operations.json", "/api/v3/operations?service=hub"},
    {"v3-operations-all.json", "/api/v3/operations"},
    {"v3-trace.json", "/api/v3/traces/00000000000000000102030405060708"},
    {"v3-traces.json", "/api/v3/traces?query.serviceName=hub&query.operationName=call&" WINDOW_V3},
    {"v3-summaries.json", "/api/v3/trace-summaries?" WINDOW_V3},
    {"v3-summaries-none.json", "/api/v3/trace-summaries?query.serviceName=nobody&" WINDOW_V3},
    {"native-spans.json", "/api/cairn/v1/traces/0102030405060708/spans?rows=0,2-3"},
    {"native-tags.json", "/api/cairn/v1/tags"},
};

static void test_goldens(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(goldens); i++) {
        struct test_answer answer;
        char path[512], name[128];
        snprintf(path, sizeof path, "%s%sprettyPrint=true", goldens[i].path,
                 strchr(goldens[i].path, '?') ? "&" : "?");
        snprintf(name, sizeof name, "golden/%s", goldens[i].golden);
        test_get(&server, path, &answer);
        CHECK(answer.status == 200, goldens[i].path);
        CHECK(strcmp(answer.content_type, "application/json") == 0, goldens[i].path);
        buf_put_byte(&answer.body, '\n');
        golden_check(name, buf_str(&answer.body));
        test_answer_release(&answer);
    }
}

/* --- which searches find the trace --- */

static const struct {
    const char *params; /* of /api/traces with service and window */
    bool found;
} searches[] = {
    {"", true},
    {"&operation=POST+%2F", true},
    {"&operation=nothing", false},
    {"&tag=int:-42", true},
    {"&tag=int:-43", false},
    {"&tag=bool:true", true},
    {"&tag=double:2.5", true},
    {"&tag=host.name:node-7", true},
    {"&tag=resource.host.name:node-7", true},
    {"&tag=resource.int:-42", false},
    {"&tag=exception.type:E", true},
    {"&tag=error:true", true},
    {"&tag=error:false", true},
    {"&tag=error:true&operation=POST+%2F", false},
    {"&tag=span.kind:server", true},
    {"&tag=span.kind:producer", false},
    {"&tag=span.status:ERROR", true},
    {"&tag=otel.status_code:ERROR", true},
    {"&tag=otel.status_description:it+broke", true},
    {"&tag=scope.name:lib", true},
    {"&tag=otel.scope.name:lib&tag=otel.scope.version:1.2", true},
    {"&tag=scope.version:1.3", false},
    {"&tags=%7B%22int%22%3A%22-42%22%2C%22bool%22%3A%22true%22%7D", true},
    {"&tags=%7B%22int%22%3A%22-42%22%2C%22bool%22%3A%22false%22%7D", false},
    /* all on one span: int is on the root, exception.type on the call */
    {"&tag=int:-42&tag=exception.type:E", false},
    {"&minDuration=100ms", true},
    {"&minDuration=101ms", false},
    {"&maxDuration=5ms&operation=call", true},
    {"&maxDuration=4999us&operation=call", false},
    {"&unknown=parameter", true},
};

static void test_searches(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(searches); i++) {
        struct test_answer answer;
        char path[512];
        snprintf(path, sizeof path, "/api/traces?service=hub&" WINDOW_V1 "%s", searches[i].params);
        test_get(&server, path, &answer);
        CHECK(answer.status == 200, path);
        CHECK(!!strstr((char *)answer.body.p, "\"traceID\":\"0102030405060708\"") ==
                  searches[i].found,
              path);
        test_answer_release(&answer);
    }
}

/* Windows are by the span's start, both ends included. */
static void test_windows(void **state)
{
    static const struct {
        const char *path;
        bool found;
    } cases[] = {
        {"/api/traces?service=hub&start=1795266841123456&end=1795266841123456", true},
        {"/api/traces?service=hub&start=1795266841125000&end=1795266841200000", false},
        {"/api/traces?service=hub&start=1795266000000000&end=1795266841123455", false},
        {"/api/v3/trace-summaries?query.startTimeMin=2026-11-21T13:14:01.123456789Z&"
         "query.startTimeMax=2026-11-21T13:14:01.123456789Z",
         true},
        {"/api/v3/trace-summaries?query.startTimeMin=2026-11-21T13:14:01.2Z&"
         "query.startTimeMax=2026-11-21T14:00:00Z",
         false},
        /* snake case and an unescaped plus, as Grafana sends them */
        {"/api/v3/trace-summaries?query.service_name=hub&query.start_time_min=2026-11-21T14:14:01+01:00&"
         "query.start_time_max=2026-11-21T15:14:01+01:00&query.num_traces=5",
         true},
        {"/api/v3/trace-summaries?query.service_name=hub&query.duration_min=1s&"
         "query.start_time_min=2026-11-21T13:00:00Z&query.start_time_max=2026-11-21T14:00:00Z",
         false},
        {"/api/v3/trace-summaries?" WINDOW_V3 "&query.attributes=%7B%22error%22%3A%22true%22%7D",
         true},
        {"/api/v3/trace-summaries?" WINDOW_V3 "&query.durationMax=1us", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct test_answer answer;
        test_get(&server, cases[i].path, &answer);
        CHECK(answer.status == 200, cases[i].path);
        CHECK(!!strstr((char *)answer.body.p, "0102030405060708") == cases[i].found, cases[i].path);
        test_answer_release(&answer);
    }
}

static void test_head_and_ids(void **state)
{
    static const char *const same[] = {"/api/traces/0000000000000000102030405060708",
                                       "/api/traces/AQIDBAUGBwg=", "/api/traces/102030405060708"};
    struct test_answer first, answer;
    (void)state;
    test_get(&server, "/api/traces/00000000000000000102030405060708", &first);
    for (size_t i = 0; i < COUNT(same); i++) {
        test_get(&server, same[i], &answer);
        CHECK(answer.status == 200, same[i]);
        CHECK(str_eq(buf_str(&answer.body), buf_str(&first.body)), same[i]);
        test_answer_release(&answer);
    }
    test_request(server.query_port, "HEAD", "/api/services", NULL, NULL, &answer);
    assert_int_equal(answer.status, 200);
    assert_int_equal(answer.body.n, 0);
    test_answer_release(&answer);
    test_answer_release(&first);
}

static int start(void **state)
{
    struct span spans[8];
    (void)state;
    test_server_start(&server);
    size_t n = make_trace(spans);
    test_send(&server, spans, n);
    spans[0] = test_span(0x0102030405060709, 1, 0, "other", T0 + 60000 * MS, MS);
    spans[0].resource = &hub;
    spans[0].scope = &plain_scope;
    test_send(&server, spans, 1);
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
        cmocka_unit_test(test_searches),
        cmocka_unit_test(test_windows),
        cmocka_unit_test(test_head_and_ids),
    };
    golden_arguments(argc, argv);
    return cmocka_run_group_tests(tests, start, stop);
}
