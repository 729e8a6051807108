/* Jaeger's queries beyond search: adjusted traces, the Monitor tab's numbers, uploads, and api_v3 over gRPC. */
#include <jansson.h>

#include "server.h"
#include "spans.h"
#include "test.h"
#include "wire/otlp_pb.h"
#include "wire/pb.h"

#define T0 1795266840000000000ull /* 2026-11-21 13:14:00 UTC */
#define MS 1000000ull
#define S  1000000000ull

static struct test_server server;
static struct attr shop_attr, back_attr, ip_attr;
static struct resource shop, back;

static json_t *get_json(const char *path, long want)
{
    struct test_answer a;
    json_t *root;
    test_get(&server, path, &a);
    if (a.status != want)
        fail_msg("%s: %ld %s", path, a.status, (char *)a.body.p);
    root = json_loads((char *)a.body.p, 0, NULL);
    assert_non_null(root);
    test_answer_release(&a);
    return root;
}

/* ---- Adjustments (2.4) ---- */

/* Client and server with one id, as B3's tracers do; a child of the server. */
static void send_shared(void)
{
    struct span s[3] = {test_span(0x51, 0xa1, 0, "call", T0, 10 * MS),
                        test_span(0x51, 0xa1, 0, "serve", T0 + MS, 8 * MS),
                        test_span(0x51, 0xa2, 0xa1, "work", T0 + 2 * MS, MS)};
    ip_attr = test_int("peer.ipv4", 0x0a000102);
    s[0].kind = SPAN_KIND_CLIENT;
    s[0].attrs = (struct attrs){&ip_attr, 1};
    s[1].kind = SPAN_KIND_SERVER;
    s[0].resource = &shop;
    s[1].resource = s[2].resource = &back;
    test_send(&server, s, 3);
}

struct seen {
    char id[20], parent[20];
};

static struct seen span_named(json_t *root, const char *name)
{
    json_t *trace = json_array_get(json_object_get(root, "data"), 0), *span, *ref;
    struct seen seen = {"", ""};
    size_t i;
    json_array_foreach(json_object_get(trace, "spans"), i, span)
    {
        if (strcmp(json_string_value(json_object_get(span, "operationName")), name) != 0)
            continue;
        snprintf(seen.id, sizeof seen.id, "%s", json_string_value(json_object_get(span, "spanID")));
        ref = json_array_get(json_object_get(span, "references"), 0);
        if (ref)
            snprintf(seen.parent, sizeof seen.parent, "%s",
                     json_string_value(json_object_get(ref, "spanID")));
    }
    return seen;
}

static void test_shared_ids(void **state)
{
    json_t *root = get_json("/api/traces/51", 200), *again, *raw;
    struct seen client = span_named(root, "call"), serve = span_named(root, "serve"),
                work = span_named(root, "work");
    (void)state;
    assert_string_equal(client.id, "00000000000000a1");
    assert_string_equal(client.parent, "");
    assert_string_not_equal(serve.id, client.id);
    assert_string_equal(serve.parent, client.id);
    assert_string_equal(work.parent, serve.id);
    again = get_json("/api/traces/51", 200);
    assert_true(json_equal(root, again)); /* the id is the same each time */
    raw = get_json("/api/traces/51?raw=true", 200);
    assert_string_equal(span_named(raw, "serve").id, "00000000000000a1");
    assert_string_equal(span_named(raw, "work").parent, "00000000000000a1");
    json_decref(raw);
    json_decref(again);
    json_decref(root);
}

static void test_addresses(void **state)
{
    static const struct {
        const char *path, *word;
    } cases[] = {
        {"/api/traces/51", "\"type\":\"string\",\"value\":\"10.0.1.2\""},
        {"/api/traces/51?raw=true", "\"type\":\"int64\",\"value\":167772418"},
        {"/api/v3/traces/51", "\"stringValue\":\"10.0.1.2\""},
        {"/api/v3/traces/51?rawTraces=true", "\"intValue\":\"167772418\""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct test_answer a;
        test_get(&server, cases[i].path, &a);
        CHECK(strstr((char *)a.body.p, cases[i].word), cases[i].path);
        test_answer_release(&a);
    }
}

/* ---- The Monitor tab (2.5) ---- */

/* 10 calls of 100 ms in the first 5 s, 2 of them failed; 5 of another operation in the next; one of another kind. */
static void send_calls(void)
{
    struct span s[16];
    for (int i = 0; i < 16; i++) {
        uint64_t at = T0 + 100 * S + (i < 10 ? 100 * MS : 5100 * MS) + (uint64_t)i * 10 * MS;
        s[i] = test_span(0x100 + (uint64_t)i, 1, 0, i < 10 ? "GET /" : "POST /", at, 100 * MS);
        s[i].kind = i == 15 ? SPAN_KIND_CLIENT : SPAN_KIND_SERVER;
        s[i].status_code = i < 2 ? STATUS_ERROR : STATUS_UNSET;
        s[i].resource = &shop;
    }
    test_send(&server, s, 16);
}

/* (T0 + 100 s, T0 + 110 s] */
#define WINDOW "service=shop&endTs=1795266950000&lookback=10000&step=5000"

static const struct {
    const char *path, *name;
    size_t series, points; /* of the first series */
    double first, last;    /* points' values */
    const char *operation; /* of the first series */
} metrics[] = {
    {"calls?" WINDOW "&ratePer=5000", "service_call_rate", 1, 2, 2, 1, NULL},
    {"calls?" WINDOW "&ratePer=10000", "service_call_rate", 1, 2, 1, 1.5, NULL},
    {"calls?" WINDOW "&ratePer=5000&spanKind=client", "service_call_rate", 1, 2, 0, 0.2, NULL},
    {"calls?" WINDOW "&ratePer=5000&spanKind=SPAN_KIND_SERVER&spanKind=client", "service_call_rate",
     1, 2, 2, 1.2, NULL},
    {"calls?" WINDOW "&ratePer=5000&groupByOperation=true", "service_operation_call_rate", 2, 2, 2,
     0, "GET /"},
    {"calls?" WINDOW "&service=nobody&ratePer=5000", "service_call_rate", 1, 2, 2, 1, NULL},
    {"errors?" WINDOW "&ratePer=5000", "service_error_rate", 1, 2, 0.2, 0, NULL},
    {"errors?" WINDOW "&ratePer=10000", "service_error_rate", 1, 2, 0.2, 2.0 / 15, NULL},
    {"errors?" WINDOW "&ratePer=5000&groupByOperation=true", "service_operation_error_rate", 2, 1,
     0.2, 0.2, "GET /"}, /* no point where nothing was called */
    {"calls?service=nobody&endTs=1795266950000&lookback=10000", "service_call_rate", 0, 0, 0, 0,
     NULL},
};

static double point_value(json_t *points, size_t i)
{
    json_t *v =
        json_object_get(json_object_get(json_array_get(points, i), "gaugeValue"), "doubleValue");
    return json_number_value(v);
}

static void test_metrics(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(metrics); i++) {
        char path[512];
        snprintf(path, sizeof path, "/api/metrics/%s", metrics[i].path);
        json_t *root = get_json(path, 200), *all = json_object_get(root, "metrics");
        json_t *first = json_array_get(all, 0), *points = json_object_get(first, "metricPoints");
        CHECK(strcmp(json_string_value(json_object_get(root, "name")), metrics[i].name) == 0, path);
        CHECK(strcmp(json_string_value(json_object_get(root, "type")), "GAUGE") == 0, path);
        CHECK(json_array_size(all) == metrics[i].series, path);
        CHECK(json_array_size(points) == metrics[i].points, path);
        if (metrics[i].points) {
            double got = point_value(points, 0), last = point_value(points, metrics[i].points - 1);
            if (got < metrics[i].first - 1e-9 || got > metrics[i].first + 1e-9 ||
                last < metrics[i].last - 1e-9 || last > metrics[i].last + 1e-9)
                fail_msg("%s: %g, %g", path, got, last);
        }
        if (metrics[i].operation) {
            json_t *label = json_array_get(json_object_get(first, "labels"), 0);
            CHECK(strcmp(json_string_value(json_object_get(label, "value")),
                         metrics[i].operation) == 0,
                  path);
        }
        json_decref(root);
    }
}

/* In milliseconds; the time is the step's end. */
static void test_latencies(void **state)
{
    json_t *root = get_json("/api/metrics/latencies?quantile=0.5&" WINDOW, 200);
    json_t *series = json_array_get(json_object_get(root, "metrics"), 0);
    json_t *points = json_object_get(series, "metricPoints");
    double got = point_value(points, 0);
    (void)state;
    assert_string_equal(json_string_value(json_object_get(root, "name")), "service_latencies");
    assert_int_equal(json_array_size(points), 2);
    if (got < 67 || got > 135) /* between the powers of two around 100 ms */
        fail_msg("%g ms", got);
    assert_string_equal(json_string_value(json_object_get(json_array_get(points, 0), "timestamp")),
                        "2026-11-21T13:15:45.000Z");
    json_decref(root);
}

static void test_refusals(void **state)
{
    static const struct {
        const char *method, *path, *body;
        long status;
        const char *text;
    } cases[] = {
        {"GET", "/api/metrics/calls", NULL, 400, "at least one service name"},
        {"GET", "/api/metrics/latencies?service=a", NULL, 400, "quantile"},
        {"GET", "/api/metrics/latencies?service=a&quantile=1.5", NULL, 400, "quantile"},
        {"GET", "/api/metrics/calls?service=a&spanKind=x", NULL, 400, "spanKind"},
        {"GET", "/api/metrics/calls?service=a&step=0", NULL, 400, "more than 0"},
        {"GET", "/api/metrics/calls?service=a&step=1", NULL, 400, "steps"},
        {"GET", "/api/metrics/calls?service=a&endTs=5", NULL, 400, "no time"},
        {"GET",
         "/api/metrics/calls?service=a&step=18446744073709&lookback=18446744073709&ratePer=1000000",
         NULL, 400, "no time"},
        {"GET", "/api/metrics/calls?service=a&endTs=soon", NULL, 400, "endTs"},
        {"GET", "/api/metrics/nothing?service=a", NULL, 404, "no such endpoint"},
        {"POST", "/api/archive/51", "", 501, "archive span storage was not configured"},
        {"POST", "/api/archive/xyz", "", 400, "is not a trace id"},
        {"POST", "/api/transform", "{\"resourceSpans\":[", 400, "cannot unmarshal OTLP"},
        {"POST", "/api/transform", "nonsense", 400, "cannot unmarshal OTLP"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct test_answer a;
        struct str body = str_of(cases[i].body);
        test_request(server.query_port, cases[i].method, cases[i].path, NULL,
                     cases[i].body ? &body : NULL, &a);
        if (a.status != cases[i].status || !strstr((char *)a.body.p, cases[i].text))
            fail_msg("%s: %ld %s", cases[i].path, a.status, (char *)a.body.p);
        CHECK(strstr((char *)a.body.p, "\"data\":null"), cases[i].path);
        test_answer_release(&a);
    }
}

/* Two traces, their spans mixed and not in order: nothing of it is kept. */
static void test_transform(void **state)
{
#define SPAN(trace, id, start)                                                                   \
    "{\"traceId\":\"00000000000000000000000000" trace "\",\"spanId\":\"000000000000000" id "\"," \
    "\"name\":\"s" id "\",\"startTimeUnixNano\":\"" start "\",\"endTimeUnixNano\":\"9000\"}"
    static const struct str body = STR_INIT(
        "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[" SPAN("00ff02", "3", "3000") "," SPAN(
            "00ff01", "2", "2000") "," SPAN("00ff02", "1", "1000") "]}]}]}");
    struct test_answer a;
    (void)state;
    test_request(server.query_port, "POST", "/api/transform", NULL, &body, &a);
    assert_int_equal(a.status, 200);
    json_t *root = json_loads((char *)a.body.p, 0, NULL), *data = json_object_get(root, "data");
    assert_int_equal(json_array_size(data), 2);
    json_t *second = json_array_get(data, 1);
    json_t *spans = json_object_get(second, "spans");
    assert_int_equal(json_array_size(spans), 2);
    assert_string_equal(
        json_string_value(json_object_get(json_array_get(spans, 0), "operationName")), "s1");
    json_decref(root);
    test_answer_release(&a);
    test_get(&server, "/api/traces/ff01", &a);
    assert_int_equal(a.status, 404);
    test_answer_release(&a);
}

/* ---- api_v3 over gRPC (2.7) ---- */

#define METHOD(name) "/jaeger.api_v3.QueryService/" name

static void put_time(struct buf *out, uint32_t field, uint64_t ns)
{
    size_t at = pb_begin(out, PB_TAG(field, PB_LEN));
    pb_put_varint(out, PB_TAG(1, PB_VARINT), ns / S);
    pb_put_varint(out, PB_TAG(2, PB_VARINT), ns % S);
    pb_end(out, at);
}

static void put_text(struct buf *out, uint32_t field, const char *s)
{
    pb_put_bytes(out, PB_TAG(field, PB_LEN), str_of(s));
}

struct search {
    const char *name, *service, *operation, *key, *value;
    uint64_t min_ns, max_ns;
    bool no_times, backwards, filter;
    int32_t depth;
    uint32_t repeats; /* of the attribute */
    int grpc_status;
    size_t traces;
};

static const struct search searches[] = {
    {.name = "a service", .service = "back", .traces = 1},
    {.name = "all services", .traces = 17},
    {.name = "depth", .depth = 3, .traces = 3},
    {.name = "an operation", .service = "shop", .operation = "POST /", .traces = 6},
    {.name = "an attribute", .key = "error", .value = "true", .traces = 2},
    {.name = "duration", .min_ns = 100 * MS, .traces = 16},
    {.name = "both durations", .min_ns = MS, .max_ns = 10 * MS, .traces = 1},
    {.name = "nothing", .service = "nobody", .traces = 0},
    {.name = "no times", .no_times = true, .grpc_status = 3},
    {.name = "backwards", .backwards = true, .grpc_status = 3},
    {.name = "durations that exclude all", .min_ns = 2, .max_ns = 1, .grpc_status = 3},
    {.name = "a filter", .filter = true, .grpc_status = 3},
    {.name = "too deep", .depth = 1000000, .grpc_status = 3},
    {.name = "below nothing", .depth = -1, .grpc_status = 3},
    {.name = "conditions without end",
     .key = "a",
     .value = "",
     .repeats = 120000,
     .grpc_status = 3},
};

static void make_search(const struct search *s, struct buf *out)
{
    size_t query, at;
    buf_init(out, 0);
    query = pb_begin(out, PB_TAG(1, PB_LEN));
    if (s->service)
        put_text(out, 1, s->service);
    if (s->operation)
        put_text(out, 2, s->operation);
    for (uint32_t i = 0; s->key && i <= s->repeats; i++) {
        at = pb_begin(out, PB_TAG(3, PB_LEN));
        put_text(out, 1, s->key);
        put_text(out, 2, s->value);
        pb_end(out, at);
    }
    if (!s->no_times) {
        put_time(out, 4, s->backwards ? T0 + 300 * S : T0);
        put_time(out, 5, T0 + 200 * S);
    }
    if (s->min_ns)
        put_time(out, 6, s->min_ns);
    if (s->max_ns)
        put_time(out, 7, s->max_ns);
    if (s->depth)
        pb_put_varint(out, PB_TAG(8, PB_VARINT), (uint64_t)(int64_t)s->depth);
    if (s->filter)
        pb_end(out, pb_begin(out, PB_TAG(10, PB_LEN)));
    pb_end(out, query);
}

/* The messages of an answer whose first frame test_grpc has taken off; their number, spans and summaries. */
struct stream {
    size_t messages, spans, summaries, largest;
};

static struct stream read_stream(const struct test_answer *a, bool traces)
{
    struct stream s = {0};
    struct str rest = buf_str(&a->body);
    struct arena arena;
    arena_init(&arena, 0);
    while (rest.n) {
        struct pb_reader r = pb_reader_of(rest);
        const uint8_t *from = r.p;
        /* messages of both kinds consist of fields 1 alone; a prefix begins with 0 */
        while (r.p < r.end && *r.p == PB_TAG(1, PB_LEN) && pb_next(&r)) {
            pb_bytes(&r);
            s.summaries += !traces;
        }
        assert_null(r.bad_at);
        struct str message = str_make(from, (size_t)(r.p - from));
        s.messages++;
        s.largest = message.n > s.largest ? message.n : s.largest;
        if (traces) {
            struct span_batch batch;
            assert_int_equal(otlp_pb_decode(message, NULL, &arena, &batch, NULL), 0);
            s.spans += batch.span_count;
        }
        if (r.p == r.end)
            break;
        assert_true(r.end - r.p >= 5);
        assert_int_equal(*r.p, 0);
        rest = str_make(r.p + 5, (size_t)(r.end - r.p) - 5);
    }
    arena_release(&arena);
    return s;
}

static void test_grpc_searches(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(searches); i++) {
        const struct search *s = &searches[i];
        struct test_answer a;
        struct buf request;
        make_search(s, &request);
        test_grpc(server.query_port, METHOD("FindTraceSummaries"), buf_str(&request), &a);
        CHECK(a.grpc_status == s->grpc_status, s->name);
        if (s->grpc_status == 0 && read_stream(&a, false).summaries != s->traces)
            fail_msg("%s: %zu summaries", s->name, read_stream(&a, false).summaries);
        test_answer_release(&a);
        test_grpc(server.query_port, METHOD("FindTraces"), buf_str(&request), &a);
        CHECK(a.grpc_status == s->grpc_status, s->name);
        if (s->grpc_status == 0)
            CHECK(read_stream(&a, true).messages == s->traces, s->name);
        test_answer_release(&a);
        buf_release(&request);
    }
}

static void test_grpc_answers(void **state)
{
    static const struct {
        const char *method;
        struct str request;
        int status;
        const char *words[3];
    } calls[] = {
        {"GetServices",
         STR_INIT(""),
         0,
         {"\x0a\x04"
          "back",
          "\x0a\x04"
          "shop"}},
        {"GetOperations",
         STR_INIT("\x0a\x04"
                  "back"),
         0,
         {"\x0a\x05serve\x12\x06server", "\x0a\x04work\x12\x08internal"}},
        {"GetOperations",
         STR_INIT("\x0a\x04"
                  "back\x12\x06server"),
         0,
         {"\x0a\x05serve", "!work"}},
        {"GetDependencies", STR_INIT(""), 0, {NULL}},
        {"GetTrace",
         STR_INIT("\x0a\x02"
                  "51"),
         0,
         {"serve", "10.0.1.2"}},
        {"GetTrace",
         STR_INIT("\x0a\x02"
                  "51\x20\x01"),
         0,
         {"serve", "!10.0.1.2"}},
        {"GetTrace",
         STR_INIT("\x0a\x02"
                  "52"),
         5,
         {NULL}},
        {"GetTrace", STR_INIT("\x0a\x02xy"), 3, {NULL}},
        {"GetTrace", STR_INIT(""), 3, {NULL}},
        {"GetTrace", STR_INIT("\x0a\x7f"), 3, {NULL}},
        {"FindTraces", STR_INIT(""), 3, {NULL}},
        {"FindTraces", STR_INIT("\x0a\x7f"), 3, {NULL}},
        {"GetOperations", STR_INIT("\xff"), 3, {NULL}},
        {"GetDependencies", STR_INIT("\x0a\x05\x08\x01\x10\xff\x01\x12"), 3, {NULL}},
        {"NoSuchMethod", STR_INIT(""), 12, {NULL}},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(calls); i++) {
        struct test_answer a;
        char path[128];
        snprintf(path, sizeof path, METHOD("%s"), calls[i].method);
        test_grpc(server.query_port, path, calls[i].request, &a);
        if (a.grpc_status != calls[i].status)
            fail_msg("%zu %s: %d", i, path, a.grpc_status);
        for (int k = 0; k < 3 && calls[i].words[k]; k++) {
            const char *word = calls[i].words[k];
            bool want = word[0] != '!';
            CHECK(!!memmem(a.body.p, a.body.n, word + !want, strlen(word + !want)) == want, word);
        }
        test_answer_release(&a);
    }
}

/* A trace over the size that clients take comes as several messages, whole. */
static void test_grpc_large(void **state)
{
    enum { SPANS = 1500, TEXT = 4096 };
    static char text[TEXT];
    static struct span spans[SPANS];
    struct attr attr = {STR("text"), {.type = VALUE_STRING, .string = str_make(text, TEXT)}};
    struct test_answer a;
    struct stream s;
    (void)state;
    memset(text, 'x', TEXT);
    for (int i = 0; i < SPANS; i++) {
        spans[i] = test_span(0x77, (uint64_t)i + 1, 0, "large", 1 + (uint64_t)i, 1);
        spans[i].resource = &shop;
        spans[i].attrs = (struct attrs){&attr, 1};
    }
    for (int i = 0; i < SPANS; i += SPANS / 3)
        test_send(&server, spans + i, SPANS / 3);
    test_grpc(server.query_port, METHOD("GetTrace"),
              STR("\x0a\x02"
                  "77"),
              &a);
    assert_int_equal(a.grpc_status, 0);
    s = read_stream(&a, true);
    assert_int_equal(s.spans, SPANS);
    assert_true(s.messages > 1);
    assert_true(s.largest <= 3 << 20);
    test_answer_release(&a);
}

static int start(void **state)
{
    (void)state;
    test_server_start(&server);
    shop = test_resource(&shop_attr, "shop");
    back = test_resource(&back_attr, "back");
    send_shared();
    send_calls();
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
        cmocka_unit_test(test_shared_ids),    cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_metrics),       cmocka_unit_test(test_latencies),
        cmocka_unit_test(test_refusals),      cmocka_unit_test(test_transform),
        cmocka_unit_test(test_grpc_searches), cmocka_unit_test(test_grpc_answers),
        cmocka_unit_test(test_grpc_large),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
