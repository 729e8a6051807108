/* OTLP/JSON: round trip, the liberties that senders take, and clear refusals. */
#include "wire/otlp_json.h"
#include "sample.h"
#include "test.h"

static void write_batch(const struct span_batch *batch, unsigned indent, struct buf *out)
{
    struct json_writer w;
    buf_init(out, 0);
    json_init(&w, out, indent);
    otlp_json_write(&w, batch->spans, batch->span_count, 0);
    assert_false(out->failed);
}

static void test_round_trip(void **state)
{
    struct span_batch want = sample_batch(), got;
    struct arena arena;
    (void)state;
    arena_init(&arena, 0);
    for (unsigned indent = 0; indent <= 2; indent += 2) {
        struct buf text;
        struct err err = {0};
        write_batch(&want, indent, &text);
        if (otlp_json_decode(buf_str(&text), NULL, &arena, &got, &err) < 0)
            fail_msg("%s", err.msg);
        assert_true(batch_eq(&want, &got));
        buf_release(&text);
    }
    arena_release(&arena);
}

/* One span around the members in the table. */
#define SPAN(members)                                                                                     \
    "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"traceId\":\"0af7651916cd43dd8448eb211c80319c\"," \
    "\"spanId\":\"b7ad6b7169203331\"" members "}]}]}]}"
#define VALUE(value) SPAN(",\"attributes\":[{\"key\":\"k\",\"value\":{" value "}}]")

static void test_values(void **state)
{
    static const struct {
        const char *name, *json;
        struct value want;
    } cases[] = {
        {"int as text",
         VALUE("\"intValue\":\"-9223372036854775808\""),
         {.type = VALUE_INT, .integer = INT64_MIN}},
        {"int as number",
         VALUE("\"intValue\":9007199254740993"),
         {.type = VALUE_INT, .integer = 9007199254740993}},
        {"double as number", VALUE("\"doubleValue\":1e3"), {.type = VALUE_DOUBLE, .number = 1000}},
        {"double as integer", VALUE("\"doubleValue\":7"), {.type = VALUE_DOUBLE, .number = 7}},
        {"double as text", VALUE("\"doubleValue\":\"2.5\""), {.type = VALUE_DOUBLE, .number = 2.5}},
        {"empty value", VALUE(""), {.type = VALUE_EMPTY}},
        {"null value", VALUE("\"stringValue\":null"), {.type = VALUE_EMPTY}},
        {"snake case",
         VALUE("\"string_value\":\"s\""),
         {.type = VALUE_STRING, .string = STR_INIT("s")}},
        {"base64",
         VALUE("\"bytesValue\":\"AP+A\""),
         {.type = VALUE_BYTES, .string = STR_INIT("\0\xff\x80")}},
        {"base64 padded",
         VALUE("\"bytesValue\":\"AA==\""),
         {.type = VALUE_BYTES, .string = STR_INIT("\0")}},
        {"base64 unpadded",
         VALUE("\"bytesValue\":\"AAE\""),
         {.type = VALUE_BYTES, .string = STR_INIT("\0\1")}},
        {"base64 for URLs",
         VALUE("\"bytesValue\":\"_-8\""),
         {.type = VALUE_BYTES, .string = STR_INIT("\xff\xef")}},
        {"unknown member",
         VALUE("\"stringValue\":\"s\",\"new\":{\"x\":[1]}"),
         {.type = VALUE_STRING, .string = STR_INIT("s")}},
    };
    struct arena arena;
    (void)state;
    arena_init(&arena, 0);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct span_batch got;
        struct err err = {0};
        if (otlp_json_decode(str_of(cases[i].json), NULL, &arena, &got, &err) < 0)
            fail_msg("case \"%s\": %s", cases[i].name, err.msg);
        CHECK(got.span_count == 1 && got.spans[0].attrs.count == 1, cases[i].name);
        CHECK(value_eq(&got.spans[0].attrs.items[0].value, &cases[i].want), cases[i].name);
    }
    arena_release(&arena);
}

static void test_members(void **state)
{
    static const char *const equal[] = {
        SPAN(",\"kind\":2,\"startTimeUnixNano\":\"5\",\"flags\":257,\"status\":{\"code\":2}"),
        SPAN(",\"kind\":\"SPAN_KIND_SERVER\",\"start_time_unix_nano\":5,\"flags\":\"257\","
             "\"status\":{\"code\":\"STATUS_CODE_ERROR\"}"),
        SPAN(",\"kind\":\"2\",\"startTimeUnixNano\":5.0,\"flags\":257,\"status\":{\"code\":\"2\"},"
             "\"events\":null,\"links\":[],\"parentSpanId\":\"\",\"future\":1"),
    };
    struct arena arena;
    struct span_batch first, got;
    (void)state;
    arena_init(&arena, 0);
    assert_int_equal(otlp_json_decode(str_of(equal[0]), NULL, &arena, &first, NULL), 0);
    assert_int_equal(first.spans[0].kind, SPAN_KIND_SERVER);
    assert_int_equal(first.spans[0].status_code, STATUS_ERROR);
    for (size_t i = 1; i < COUNT(equal); i++) {
        assert_int_equal(otlp_json_decode(str_of(equal[i]), NULL, &arena, &got, NULL), 0);
        CHECK(batch_eq(&first, &got), equal[i]);
    }
    arena_release(&arena);
}

static void test_refused(void **state)
{
    static const struct {
        const char *name, *json;
        int want;
    } cases[] = {
        {"nothing", "", ERR_INVALID},
        {"array", "[]", ERR_INVALID},
        {"cut", "{\"resourceSpans\":[", ERR_INVALID},
        {"two values", "{} {}", ERR_INVALID},
        {"spans is an object", "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":{}}]}]}",
         ERR_INVALID},
        {"span is a number", "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[1]}]}]}",
         ERR_INVALID},
        {"name is a number", SPAN(",\"name\":7"), ERR_INVALID},
        {"negative time", SPAN(",\"startTimeUnixNano\":-1"), ERR_INVALID},
        {"time with a fraction", SPAN(",\"startTimeUnixNano\":1.5"), ERR_INVALID},
        {"int too large", VALUE("\"intValue\":\"9223372036854775808\""), ERR_INVALID},
        {"int as word", VALUE("\"intValue\":\"x\""), ERR_INVALID},
        {"bool as text", VALUE("\"boolValue\":\"true\""), ERR_INVALID},
        {"bad base64", VALUE("\"bytesValue\":\"A\""), ERR_INVALID},
        {"flags too large", SPAN(",\"flags\":4294967296"), ERR_INVALID},
    };
    struct arena arena;
    (void)state;
    arena_init(&arena, 0);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct span_batch got;
        struct err err = {0};
        CHECK(otlp_json_decode(str_of(cases[i].json), NULL, &arena, &got, &err) == cases[i].want,
              cases[i].name);
        CHECK(err.msg[0] != '\0', cases[i].name);
    }
    arena_release(&arena);
}

static void test_depth(void **state)
{
    struct arena arena;
    struct span_batch got;
    struct buf b;
    (void)state;
    for (int depth = 1; depth < 5000; depth *= 3) {
        int code;
        arena_init(&arena, 0);
        buf_init(&b, 0);
        buf_printf(&b,
                   "{\"resourceSpans\":[{\"resource\":{\"attributes\":[{\"key\":\"k\",\"value\":");
        for (int i = 0; i < depth; i++)
            buf_printf(&b, "{\"arrayValue\":{\"values\":[");
        for (int i = 0; i < depth; i++)
            buf_printf(&b, "]}}");
        buf_printf(&b, "}]}}]}");
        code = otlp_json_decode(buf_str(&b), NULL, &arena, &got, NULL);
        assert_int_equal(code, depth <= 16            ? 0
                               : depth * 3 + 6 > 2048 ? ERR_INVALID
                                                      : ERR_TOO_LARGE);
        buf_release(&b);
        arena_release(&arena);
    }
}

static void test_bad_ids(void **state)
{
    static const char json[] =
        "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":["
        "{\"traceId\":\"0af7651916cd43dd8448eb211c80319c\",\"spanId\":\"b7ad6b7169203331\"},"
        "{\"traceId\":\"0AF7651916CD43DD8448EB211C80319C\",\"spanId\":\"B7AD6B7169203332\"},"
        "{\"traceId\":\"0af7\",\"spanId\":\"b7ad6b7169203331\"},"
        "{\"traceId\":\"0af7651916cd43dd8448eb211c80319c\",\"spanId\":\"0000000000000000\"},"
        "{\"traceId\":\"0af7651916cd43dd8448eb211c80319c\",\"spanId\":\"x7ad6b7169203331\"},"
        "{\"traceId\":7,\"spanId\":\"b7ad6b7169203331\"}]}]}]}";
    struct arena arena;
    struct span_batch got;
    (void)state;
    arena_init(&arena, 0);
    assert_int_equal(otlp_json_decode(str_of(json), NULL, &arena, &got, NULL), 0);
    assert_int_equal(got.span_count, 2);
    assert_int_equal(got.rejected_spans, 4);
    assert_true(trace_id_eq(got.spans[0].trace_id, got.spans[1].trace_id));
    assert_non_null(strstr(got.rejected_reason, "traceId"));
    arena_release(&arena);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip), cmocka_unit_test(test_values),
        cmocka_unit_test(test_members),    cmocka_unit_test(test_refused),
        cmocka_unit_test(test_depth),      cmocka_unit_test(test_bad_ids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
