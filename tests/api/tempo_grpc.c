/* tempopb.StreamingQuerier and grpc.health.v1.Health over a real connection: what each method asks of the engine and
 * answers; long answers in packets. The engine is a fake. */
#include "base/clock.h"
#include "net/h2_client.h"
#include "server.h"
#include "tempo_data.h"
#include "test.h"
#include "wire/otlp_pb.h"
#include "wire/pb.h"

#define SERVICE "/tempopb.StreamingQuerier/"

static struct test_server server;

static struct buf frame(struct str message)
{
    struct buf b = {0};
    size_t begin = grpc_message_begin(&b);
    buf_put_str(&b, message);
    grpc_message_end(&b, begin);
    return b;
}

/* One call. Fails unless it ended with this status. */
static void call_port(int port, const char *path, struct str message, const char *status,
                      struct h2_call *call)
{
    struct buf body = frame(message);
    *call = (struct h2_call){.path = path,
                             .fields = {{"content-type", "application/grpc"}, {"te", "trailers"}},
                             .body = buf_str(&body)};
    h2_once(port, call);
    CHECK(call->done && call->error == 0 && call->status == 200, path);
    if (!str_eq(h2_field(call, "grpc-status"), str_of(status)))
        fail_msg("%s: status %.*s, message %.*s", path, STR_ARG(h2_field(call, "grpc-status")),
                 STR_ARG(h2_field(call, "grpc-message")));
    buf_release(&body);
}

static void call_method(const char *path, struct str message, const char *status,
                        struct h2_call *call)
{
    call_port(server.tempo_port, path, message, status, call);
}

/* The next message of a stream; false at the end. */
static bool next_message(const struct h2_call *call, size_t *at, struct str *ret)
{
    const unsigned char *p = call->reply.p + *at;
    size_t left = call->reply.n - *at, n;
    if (left == 0)
        return false;
    assert_true(left >= 5 && p[0] == 0);
    n = (size_t)p[1] << 24 | (size_t)p[2] << 16 | (size_t)p[3] << 8 | p[4];
    assert_true(n <= left - 5);
    *ret = str_make(p + 5, n);
    *at += n + 5;
    return true;
}

/* All fields of one number and type, one behind the other. */
enum { FOUND_MAX = 2000 };
struct found {
    struct str items[FOUND_MAX];
    size_t count;
};

static struct str *collect(struct str message, uint32_t tag, struct found *ret)
{
    struct pb_reader r = pb_reader_of(message);
    while (pb_next(&r)) {
        if (r.tag == tag) {
            assert_true(ret->count < FOUND_MAX);
            ret->items[ret->count++] = pb_bytes(&r);
        } else {
            pb_skip(&r);
        }
    }
    assert_null(r.bad_at);
    return ret->items;
}

static struct str bytes_field(struct str message, unsigned field)
{
    struct pb_reader r = pb_reader_of(message);
    struct str got = {NULL, 0};
    while (pb_next(&r)) {
        if (r.tag == PB_TAG(field, PB_LEN))
            got = pb_bytes(&r);
        else
            pb_skip(&r);
    }
    assert_null(r.bad_at);
    return got;
}

static uint64_t number_field(struct str message, unsigned field)
{
    struct pb_reader r = pb_reader_of(message);
    uint64_t got = 0;
    while (pb_next(&r)) {
        if (r.tag == PB_TAG(field, PB_VARINT))
            got = pb_varint(&r);
        else if (r.tag == PB_TAG(field, PB_I64))
            got = pb_fixed64(&r);
        else
            pb_skip(&r);
    }
    assert_null(r.bad_at);
    return got;
}

static double double_field(struct str message, unsigned field)
{
    uint64_t bits = number_field(message, field);
    double v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

/* KeyValue {1 key, 2 AnyValue {1 string, 2 bool, 3 int, 4 double}} as "key=value". */
static const char *attr_text(struct str kv)
{
    static char text[256];
    struct value v;
    struct arena arena;
    arena_init(&arena, 0);
    assert_int_equal(otlp_pb_decode_value(bytes_field(kv, 2), &arena, &v, NULL), 0);
    snprintf(text, sizeof text, "%.*s=%.*s", STR_ARG(bytes_field(kv, 1)),
             STR_ARG(value_text(&v, &arena)));
    arena_release(&arena);
    return text;
}

/* --- search --- */

static void test_search(void **state)
{
    struct buf request = {0};
    struct h2_call call;
    static struct found traces, sets, attrs, services, spans;
    struct str message, trace, span;
    size_t at = 0;
    (void)state;
    fake_engine.spansets = &data_found;
    pb_put_varint(&request, PB_TAG(4, PB_VARINT), 7);
    pb_put_varint(&request, PB_TAG(5, PB_VARINT), 1795266000);
    pb_put_varint(&request, PB_TAG(6, PB_VARINT), 1795269600);
    pb_put_bytes(&request, PB_TAG(8, PB_LEN), STR("{}"));
    pb_put_varint(&request, PB_TAG(9, PB_VARINT), 20);
    call_method(SERVICE "Search", buf_str(&request), "0", &call);
    assert_int_equal(fake_engine.spansets_query.limit, 7);
    assert_int_equal(fake_engine.spansets_query.spans_per_set, 20);
    assert_true(fake_engine.spansets_query.start_ns == 1795266000 * (1000 * MS));
    assert_true(fake_engine.spansets_query.end_ns == 1795269600 * (1000 * MS));
    assert_true(next_message(&call, &at, &message));
    assert_int_equal(number_field(bytes_field(message, 2), 4), 1);
    assert_int_equal(number_field(bytes_field(message, 2), 5), 1);
    collect(message, PB_TAG(1, PB_LEN), &traces);
    assert_int_equal(traces.count, 2);
    trace = traces.items[0];
    check_str(bytes_field(trace, 1), "a0000000000000000000000001f", "trace id");
    check_str(bytes_field(trace, 2), "hub", "root service");
    check_str(bytes_field(trace, 3), "GET /", "root name");
    assert_true(number_field(trace, 4) == T0);
    assert_int_equal(number_field(trace, 5), 12);
    collect(trace, PB_TAG(8, PB_LEN), &services);
    assert_int_equal(services.count, 2);
    check_str(bytes_field(services.items[0], 1), "hub", "service");
    assert_int_equal(number_field(bytes_field(services.items[0], 2), 1), 9);
    assert_int_equal(number_field(bytes_field(services.items[0], 2), 2), 1);
    collect(trace, PB_TAG(7, PB_LEN), &sets);
    assert_int_equal(sets.count, 2);
    assert_true(str_eq(bytes_field(trace, 6), sets.items[0]));
    assert_int_equal(number_field(sets.items[0], 2), 7);
    span = collect(sets.items[0], PB_TAG(1, PB_LEN), &spans)[0];
    check_str(bytes_field(span, 1), "00000000000000a2", "span id");
    check_str(bytes_field(span, 2), "call", "name");
    assert_true(number_field(span, 3) == T0 + MS);
    assert_int_equal(number_field(span, 4), 5 * MS);
    collect(span, PB_TAG(5, PB_LEN), &attrs);
    static const char *const want[] = {"http.status_code=500",
                                       "service.name=hub",
                                       "flag=true",
                                       "ratio=0.25",
                                       "status=error",
                                       "kind=client",
                                       "nestedSetParent=-1",
                                       "event:timeSinceStart=1.5\xc2\xb5s",
                                       "span:parentID=01020304050607a1"};
    assert_int_equal(attrs.count, COUNT(want));
    for (size_t i = 0; i < COUNT(want); i++)
        assert_string_equal(attr_text(attrs.items[i]), want[i]);
    attrs.count = 0;
    collect(sets.items[1], PB_TAG(3, PB_LEN), &attrs);
    assert_int_equal(attrs.count, 4);
    assert_string_equal(attr_text(attrs.items[1]), "by(span.foo)=nil");
    assert_string_equal(attr_text(attrs.items[3]), "avg(duration)=1.5ms");
    check_str(bytes_field(traces.items[1], 2), "<root span not yet received>", "no root");
    check_str(bytes_field(traces.items[1], 3), "", "no root");
    assert_false(next_message(&call, &at, &message));
    h2_release(&call);
    buf_release(&request);
}

/* Grafana's "Save & test"; and a search that finds nothing is one message all the same. */
static void test_search_nothing(void **state)
{
    struct h2_call call;
    struct str message;
    size_t at = 0;
    (void)state;
    fake_engine.spansets = NULL;
    call_method(SERVICE "Search", STR("\x20\x01\x42\x02{}"), "0", &call);
    assert_int_equal(fake_engine.spansets_query.limit, 1);
    assert_int_equal(fake_engine.spansets_query.spans_per_set, 3);
    assert_true(next_message(&call, &at, &message));
    assert_int_equal(number_field(bytes_field(message, 2), 4), 1);
    assert_false(next_message(&call, &at, &message));
    h2_release(&call);
}

/* Tags as a map: the form from before TraceQL. */
static void test_search_tags(void **state)
{
    struct h2_call call;
    (void)state;
    call_method(SERVICE "Search",
                STR("\x0a\x06\x0a\x01"
                    "a\x12\x01"
                    "b"),
                "0", &call);
    h2_release(&call);
    call_method(SERVICE "Search",
                STR("\x0a\x06\x0a\x01"
                    "a\x12\x01"
                    "b\x42\x02{}"),
                "3", &call);
    h2_release(&call);
}

/* Thousands of traces: no message over 1 MiB, every trace in exactly one, metrics in each. */
static void test_packets(void **state)
{
    enum { TRACES = 6000 };
    static struct spanset_trace many[TRACES];
    static bool seen[TRACES];
    const struct spanset_list list = {many, TRACES};
    struct h2_call call;
    struct str message;
    size_t at = 0, messages = 0, total = 0;
    (void)state;
    for (uint32_t i = 0; i < TRACES; i++) {
        many[i] = data_traces[0];
        many[i].summary.trace_id =
            (struct trace_id){{[13] = 1, [14] = (uint8_t)(i >> 8), [15] = (uint8_t)i}};
    }
    fake_engine.spansets = &list;
    call_method(SERVICE "Search", STR(""), "0", &call);
    while (next_message(&call, &at, &message)) {
        static struct found traces;
        traces.count = 0;
        messages++;
        assert_true(message.n < 1 << 20);
        assert_int_equal(number_field(bytes_field(message, 2), 5), 1);
        collect(message, PB_TAG(1, PB_LEN), &traces);
        assert_true(traces.count > 0);
        for (size_t i = 0; i < traces.count; i++) {
            char id[16] = "";
            struct str text = bytes_field(traces.items[i], 1);
            memcpy(id, text.p, text.n);
            unsigned long n = strtoul(id, NULL, 16) - 0x10000;
            assert_true(n < TRACES && !seen[n]);
            seen[n] = true;
        }
        total += traces.count;
    }
    assert_int_equal(total, TRACES);
    assert_true(messages > 2);
    h2_release(&call);
    fake_engine.spansets = NULL;
}

/* --- tags --- */

static void test_tags(void **state)
{
    static const char *const scopes_want[] = {"event", "instrumentation", "intrinsic",
                                              "link",  "resource",        "span"};
    static struct found names, scopes, tags;
    struct h2_call call;
    struct str message;
    size_t at = 0;
    (void)state;
    fake_engine.keys = &data_keys_found;
    call_method(SERVICE "SearchTags", STR(""), "0", &call);
    assert_true(next_message(&call, &at, &message));
    collect(message, PB_TAG(1, PB_LEN), &names);
    assert_int_equal(names.count, 6); /* host.name once */
    check_str(names.items[0], "because", "sorted");
    h2_release(&call);
    at = 0;
    call_method(SERVICE "SearchTagsV2", STR("\x18\x01\x20\x02"), "0", &call);
    assert_true(fake_engine.tag_query.start_ns == 1000 * MS);
    assert_true(fake_engine.tag_query.end_ns == 2000 * MS);
    assert_true(next_message(&call, &at, &message));
    collect(message, PB_TAG(1, PB_LEN), &scopes);
    assert_int_equal(scopes.count, COUNT(scopes_want));
    for (size_t i = 0; i < scopes.count; i++)
        check_str(bytes_field(scopes.items[i], 1), scopes_want[i], "scope");
    collect(scopes.items[4], PB_TAG(2, PB_LEN), &tags);
    assert_int_equal(tags.count, 2);
    check_str(tags.items[1], "service.name", "tag");
    h2_release(&call);
    at = 0;
    call_method(SERVICE "SearchTagsV2", STR("\x0a\x04span\x28\x01"), "0", &call);
    assert_true(next_message(&call, &at, &message));
    tags.count = scopes.count = 0;
    collect(message, PB_TAG(1, PB_LEN), &scopes);
    assert_int_equal(scopes.count, 1);
    collect(scopes.items[0], PB_TAG(2, PB_LEN), &tags);
    assert_int_equal(tags.count, 1);
    h2_release(&call);
    call_method(SERVICE "SearchTagsV2", STR("\x0a\x03nix"), "3", &call);
    check_str(h2_field(&call, "grpc-message"), "invalid scope: nix", "message");
    h2_release(&call);
}

/* A scope with more names than a message takes goes on in the next. */
static void test_many_tags(void **state)
{
    enum { KEYS = 1500, BYTES = 1000 };
    static char text[KEYS][BYTES];
    static struct tag_key items[KEYS];
    const struct tag_key_list keys = {items, KEYS};
    static struct found tags;
    struct h2_call call;
    struct str message;
    size_t at = 0, messages = 0;
    (void)state;
    for (size_t i = 0; i < KEYS; i++) {
        memset(text[i], 'x', BYTES);
        snprintf(text[i], BYTES, "%04zu", i);
        text[i][4] = 'x';
        items[i] = (struct tag_key){str_make(text[i], BYTES), SCOPE_SPAN};
    }
    fake_engine.keys = &keys;
    call_method(SERVICE "SearchTagsV2", STR("\x0a\x04span"), "0", &call);
    while (next_message(&call, &at, &message)) {
        static struct found scopes;
        scopes.count = 0;
        assert_true(message.n < 1 << 20);
        collect(message, PB_TAG(1, PB_LEN), &scopes);
        assert_int_equal(scopes.count, 1);
        check_str(bytes_field(scopes.items[0], 1), "span", "scope");
        collect(scopes.items[0], PB_TAG(2, PB_LEN), &tags);
        messages++;
    }
    assert_int_equal(messages, 2);
    assert_int_equal(tags.count, KEYS);
    for (size_t i = 0; i < KEYS; i++)
        assert_true(str_eq(tags.items[i], items[i].key));
    h2_release(&call);
    fake_engine.keys = &data_keys_found;
}

static void test_values(void **state)
{
    static const char *const types[] = {"string", "int", "float", "bool"};
    static struct found values;
    struct h2_call call;
    struct str message;
    size_t at = 0;
    (void)state;
    fake_engine.values = &data_values_found;
    call_method(SERVICE "SearchTagValues", STR("\x0a\x01x"), "0", &call);
    assert_true(next_message(&call, &at, &message));
    collect(message, PB_TAG(1, PB_LEN), &values);
    assert_int_equal(values.count, 4);
    check_str(values.items[1], "500", "value");
    h2_release(&call);
    at = values.count = 0;
    call_method(SERVICE "SearchTagValuesV2", STR("\x0a\x06span.x\x20\x01\x28\x02\x30\x05"), "0",
                &call);
    assert_int_equal(fake_engine.tag_query.limit, 5);
    assert_true(fake_engine.tag_query.end_ns == 2000 * MS);
    assert_true(next_message(&call, &at, &message));
    collect(message, PB_TAG(1, PB_LEN), &values);
    assert_int_equal(values.count, COUNT(types));
    for (size_t i = 0; i < COUNT(types); i++)
        check_str(bytes_field(values.items[i], 1), types[i], "type");
    check_str(bytes_field(values.items[0], 2), "GET /", "value");
    h2_release(&call);
    call_method(SERVICE "SearchTagValuesV2", STR("\x0a\x01x"), "3", &call);
    h2_release(&call);
}

/* --- metrics --- */

static void put_range(struct buf *request, const char *query)
{
    pb_put_bytes(request, PB_TAG(1, PB_LEN), str_of(query));
    pb_put_varint(request, PB_TAG(2, PB_VARINT), 1795266000 * (1000 * MS));
    pb_put_varint(request, PB_TAG(3, PB_VARINT), 1795269600 * (1000 * MS));
}

static void test_range(void **state)
{
    static struct found series, samples, labels;
    struct buf request = {0};
    struct h2_call call;
    struct str message, exemplar;
    size_t at = 0;
    (void)state;
    fake_engine.series = &data_series_found;
    put_range(&request, "{} | rate()");
    pb_put_varint(&request, PB_TAG(4, PB_VARINT), 1200 * (1000 * MS));
    pb_put_varint(&request, PB_TAG(16, PB_VARINT), 5);
    pb_put_varint(&request, PB_TAG(17, PB_VARINT), 6);
    call_method(SERVICE "MetricsQueryRange", buf_str(&request), "0", &call);
    assert_true(fake_engine.series_query.step_ns == 1200 * (1000 * MS));
    assert_int_equal(fake_engine.series_query.exemplars_max, 5);
    assert_int_equal(fake_engine.series_query.series_max, 6);
    assert_true(next_message(&call, &at, &message));
    collect(message, PB_TAG(1, PB_LEN), &series);
    assert_int_equal(series.count, 2); /* the third has no samples */
    collect(series.items[0], PB_TAG(2, PB_LEN), &samples);
    assert_int_equal(samples.count, 3);
    assert_true(double_field(samples.items[0], 1) == 1.5);
    assert_true(number_field(samples.items[0], 2) == 1795267200000);
    assert_true(double_field(samples.items[1], 1) == 0);
    assert_true(number_field(samples.items[2], 2) == 1795269600000);
    collect(series.items[0], PB_TAG(1, PB_LEN), &labels);
    assert_int_equal(labels.count, 2);
    assert_string_equal(attr_text(labels.items[1]), "status=error");
    exemplar = bytes_field(series.items[0], 4);
    assert_true(number_field(exemplar, 3) == T0 / MS);
    assert_true(double_field(exemplar, 2) == 0.005);
    labels.count = 0;
    collect(exemplar, PB_TAG(1, PB_LEN), &labels);
    assert_string_equal(attr_text(labels.items[0]), "trace:id=abc");
    h2_release(&call);
    buf_release(&request);
}

static void test_instant(void **state)
{
    static double one[] = {2.5};
    static struct series items[] = {{data_labels[2], 1, one, NULL, 0}};
    const struct series_list list = {items, 1, 1, true};
    struct buf request = {0};
    struct h2_call call;
    struct str message, series;
    size_t at = 0;
    (void)state;
    fake_engine.series = &list;
    put_range(&request, "{} | rate()");
    call_method(SERVICE "MetricsQueryInstant", buf_str(&request), "0", &call);
    assert_true(fake_engine.series_query.step_ns == 3600 * (1000 * MS));
    assert_true(next_message(&call, &at, &message));
    series = bytes_field(message, 1);
    assert_true(double_field(series, 2) == 2.5);
    assert_string_equal(attr_text(bytes_field(series, 1)), "__name__=rate");
    assert_int_equal(number_field(message, 3), 1); /* PARTIAL: cut off */
    assert_true(bytes_field(message, 4).n > 0);
    h2_release(&call);
    buf_release(&request);
    fake_engine.series = NULL;
}

/* --- errors --- */

static void test_errors(void **state)
{
    static const struct {
        const char *name, *path;
        struct str message;
        int code; /* the engine's */
        const char *status, *words;
    } table[] = {
        {"rubbish", "Search", STR_INIT("\x42\x07rubbish"), 0, "3", "invalid TraceQL query: "},
        {"cut", "Search", STR_INIT("\x42\x7f{}"), 0, "3", "malformed SearchRequest"},
        {"cut tag", "Search", STR_INIT("\x0a\x02\x0a\x05"), 0, "3", "malformed SearchRequest"},
        {"limit", "Search", STR_INIT("\x20\xe9\x07"), 0, "3", "limit 1001 exceeds max limit 1000"},
        {"range", "Search", STR_INIT("\x28\x02\x30\x01"), 0, "3", "start must be before end"},
        {"durations", "Search", STR_INIT("\x10\x02\x18\x01"), 0, "3", "invalid maxDuration"},
        {"metrics query", "Search", STR_INIT("\x42\x09{}|rate()"), 0, "3", "metrics query"},
        {"no metrics query", "MetricsQueryRange", STR_INIT("\x0a\x02{}"), 0, "3", "not a metrics"},
        {"cut range", "MetricsQueryRange", STR_INIT("\x0a\x7f"), 0, "3", "malformed QueryRange"},
        {"cut tags", "SearchTags", STR_INIT("\x0a\x7f"), 0, "3", "malformed SearchTagsRequest"},
        {"cut values", "SearchTagValues", STR_INIT("\x0a\x7f"), 0, "3", "malformed SearchTagVal"},
        {"timeout", "Search", STR_INIT(""), ERR_TIMEOUT, "4", "as told"},
        {"too large", "Search", STR_INIT(""), ERR_TOO_LARGE, "8", "as told"},
        {"busy", "SearchTags", STR_INIT(""), ERR_BUSY, "14", "as told"},
        {"unknown method", "Nothing", STR_INIT(""), 0, "12", "unknown method"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(table); i++) {
        struct h2_call call;
        char path[128], message[256];
        snprintf(path, sizeof path, SERVICE "%s", table[i].path);
        fake_engine.query_code = table[i].code;
        call_method(path, table[i].message, table[i].status, &call);
        snprintf(message, sizeof message, "%.*s", STR_ARG(h2_field(&call, "grpc-message")));
        if (!strstr(message, table[i].words))
            fail_msg("%s: %s", table[i].name, message);
        CHECK(call.reply.n == 0, table[i].name);
        h2_release(&call);
    }
    fake_engine.query_code = 0;
}

/* A client's deadline ends the query when it is sooner than the server's, which is a minute here. */
static void test_deadline(void **state)
{
    static const struct {
        const char *timeout;
        uint64_t at_most_s, at_least_s;
    } table[] = {{"5S", 5, 1}, {"10H", 60, 30}};
    (void)state;
    for (size_t i = 0; i < COUNT(table); i++) {
        struct buf body = frame(STR(""));
        struct h2_call call = {.path = SERVICE "Search",
                               .fields = {{"content-type", "application/grpc"},
                                          {"te", "trailers"},
                                          {"grpc-timeout", table[i].timeout}},
                               .body = buf_str(&body)};
        uint64_t before = clock_monotonic_ns();
        h2_once(server.tempo_port, &call);
        check_str(h2_field(&call, "grpc-status"), "0", table[i].timeout);
        CHECK(fake_engine.deadline_ns <= clock_monotonic_ns() + table[i].at_most_s * (1000 * MS),
              table[i].timeout);
        CHECK(fake_engine.deadline_ns >= before + table[i].at_least_s * (1000 * MS),
              table[i].timeout);
        h2_release(&call);
        buf_release(&body);
    }
}

/* --- ports, health --- */

static void test_health(void **state)
{
    const int ports[] = {server.grpc_port, server.query_port, server.tempo_port};
    static const struct {
        struct str message;
        const char *status;
    } checks[] = {{STR_INIT(""), "0"},
                  {STR_INIT("\x0a\x18tempopb.StreamingQuerier"), "0"},
                  {STR_INIT("\x0a\x07nothing"), "5"},
                  {STR_INIT("\x0a\x7f"), "3"}};
    struct h2_call call;
    (void)state;
    for (size_t p = 0; p < COUNT(ports); p++) {
        for (size_t i = 0; i < COUNT(checks); i++) {
            call_port(ports[p], "/grpc.health.v1.Health/Check", checks[i].message, checks[i].status,
                      &call);
            if (checks[i].status[0] == '0') {
                assert_int_equal(call.reply.n, 7);
                assert_memory_equal(call.reply.p + 5, "\x08\x01", 2); /* SERVING */
            }
            h2_release(&call);
        }
        call_port(ports[p], "/grpc.health.v1.Health/Watch", STR(""), "12", &call);
        h2_release(&call);
    }
    atomic_store(&server.api.stopping, true);
    call_method("/grpc.health.v1.Health/Check", STR(""), "0", &call);
    assert_memory_equal(call.reply.p + 5, "\x08\x02", 2); /* NOT_SERVING */
    h2_release(&call);
    atomic_store(&server.api.stopping, false);
}

/* Grafana drops the path of a data source's URL for gRPC: the query port answers the same. */
static void test_query_port(void **state)
{
    struct h2_call call;
    (void)state;
    call_port(server.query_port, SERVICE "Search", STR("\x42\x02{}"), "0", &call);
    assert_true(call.reply.n > 5);
    h2_release(&call);
}

static int start(void **state)
{
    (void)state;
    test_server_start(&server);
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
        cmocka_unit_test(test_search),      cmocka_unit_test(test_search_nothing),
        cmocka_unit_test(test_search_tags), cmocka_unit_test(test_packets),
        cmocka_unit_test(test_tags),        cmocka_unit_test(test_many_tags),
        cmocka_unit_test(test_values),      cmocka_unit_test(test_range),
        cmocka_unit_test(test_instant),     cmocka_unit_test(test_errors),
        cmocka_unit_test(test_health),      cmocka_unit_test(test_query_port),
        cmocka_unit_test(test_deadline),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
