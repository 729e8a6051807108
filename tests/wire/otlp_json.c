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
        {"double beyond 64-bit integers",
         VALUE("\"doubleValue\":100000000000000000000"),
         {.type = VALUE_DOUBLE, .number = 1e20}},
        {"double minus zero", VALUE("\"doubleValue\":-0"), {.type = VALUE_DOUBLE, .number = -0.0}},
        {"last of a oneof",
         VALUE("\"stringValue\":\"s\",\"intValue\":\"1\""),
         {.type = VALUE_INT, .integer = 1}},
        {"null beside a value",
         VALUE("\"stringValue\":null,\"intValue\":1,\"boolValue\":null"),
         {.type = VALUE_INT, .integer = 1}},
        {"half a surrogate pair",
         VALUE("\"stringValue\":\"\\ud83e!\""),
         {.type = VALUE_STRING, .string = STR_INIT("\xef\xbf\xbd!")}},
        {"NUL",
         VALUE("\"stringValue\":\"\\u0000\""),
         {.type = VALUE_STRING, .string = STR_INIT("\0")}},
        {"array without values", VALUE("\"arrayValue\":{}"), {.type = VALUE_ARRAY}},
        {"list with null", VALUE("\"kvlistValue\":{\"values\":null}"), {.type = VALUE_KVLIST}},
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
        "{\"future\":[{\"a\":1e999}],\"resource_spans\":[{\"scope_spans\":[{\"spans\":[{\"kind\":2,"
        "\"status\":{\"code\":2},\"flags\":257,\"start_time_unix_nano\":\"5\","
        "\"span_id\":\"B7AD6B7169203331\",\"trace_id\":\"0af7651916cd43dd8448eb211c80319c\"}],"
        "\"scope\":null}],\"resource\":{\"dropped_attributes_count\":0}}]}",
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

/* The bytes before the member of SPAN: what the offsets below are counted from. */
#define BEFORE (sizeof SPAN("") - sizeof "}]}]}]}")

static void test_refused(void **state)
{
    static const struct {
        const char *name, *json;
        size_t offset;
        const char *why;
    } cases[] = {
        {"nothing", "", 0, "an object is expected"},
        {"array", "[]", 0, "an object is expected"},
        {"cut", "{\"resourceSpans\":[", 18, "an object is expected"},
        {"two values", "{} {}", 3, "nothing is expected behind"},
        {"unknown member is not JSON", "{\"new\":[1,}]}", 10, "a value is expected"},
        {"resourceSpans is an object", "{\"resourceSpans\":{}}", 17, "an array is expected"},
        {"spans is an object", "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":{}}]}]}", 42,
         "an array is expected"},
        {"span is a number", "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[1]}]}]}", 43,
         "an object is expected"},
        {"span is null", "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[null]}]}]}", 43,
         "an object is expected"},
        {"name is a number", SPAN(",\"name\":7"), BEFORE + 8, "a string is expected"},
        {"name has a bad escape", SPAN(",\"name\":\"\\q\""), BEFORE + 9, "an unknown escape"},
        {"name is not UTF-8", SPAN(",\"name\":\"a\xff\""), BEFORE + 10, "not UTF-8"},
        {"negative time", SPAN(",\"startTimeUnixNano\":-1"), BEFORE + 23, "unsigned 64-bit"},
        {"time with a fraction", SPAN(",\"startTimeUnixNano\":1.5"), BEFORE + 24,
         "unsigned 64-bit"},
        {"time too large", SPAN(",\"startTimeUnixNano\":18446744073709551616"), BEFORE + 41,
         "unsigned 64-bit"},
        {"time is true", SPAN(",\"startTimeUnixNano\":true"), BEFORE + 21, "a number is expected"},
        {"flags too large", SPAN(",\"flags\":4294967296"), BEFORE + 19, "unsigned 32-bit"},
        {"kind is no name", SPAN(",\"kind\":\"SERVER\""), BEFORE + 16, "neither one of its names"},
        {"attributes are an object", SPAN(",\"attributes\":{}"), BEFORE + 14,
         "an array is expected"},
        {"attribute is a number", SPAN(",\"attributes\":[1]"), BEFORE + 15,
         "an object is expected"},
        {"value is text", SPAN(",\"attributes\":[{\"value\":\"x\"}]"), BEFORE + 24,
         "an object is expected"},
        {"int too large", VALUE("\"intValue\":\"9223372036854775808\""), 0, "64-bit integer"},
        {"int as word", VALUE("\"intValue\":\"x\""), 0, "64-bit integer"},
        {"int empty", VALUE("\"intValue\":\"\""), 0, "64-bit integer"},
        {"int with a fraction", VALUE("\"intValue\":0.5"), 0, "64-bit integer"},
        {"double as word", VALUE("\"doubleValue\":\"x\""), 0, "not a number"},
        {"double in hexadecimal", VALUE("\"doubleValue\":\"0x10\""), 0, "not a number"},
        {"double without bounds", VALUE("\"doubleValue\":1e999"), 0, "not a number"},
        {"bool as text", VALUE("\"boolValue\":\"true\""), 0, "true or false"},
        {"base64 of five digits", VALUE("\"bytesValue\":\"AAAAA\""), 0, "not base64"},
        {"base64 of three pads", VALUE("\"bytesValue\":\"A===\""), 0, "not base64"},
        {"base64 with a blank", VALUE("\"bytesValue\":\"AA A\""), 0, "not base64"},
        {"status is a number", SPAN(",\"status\":2"), BEFORE + 10, "an object is expected"},
    };
    struct arena arena;
    (void)state;
    arena_init(&arena, 0);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct guarded g = guarded_copy(cases[i].json, strlen(cases[i].json));
        struct span_batch got;
        struct err err = {0};
        CHECK(otlp_json_decode(g.bytes, NULL, &arena, &got, &err) == ERR_INVALID, cases[i].name);
        if (cases[i].offset && err.offset != cases[i].offset)
            fail_msg("case \"%s\": byte %zu, want %zu", cases[i].name, err.offset, cases[i].offset);
        if (!strstr(err.msg, cases[i].why))
            fail_msg("case \"%s\": \"%s\"", cases[i].name, err.msg);
        guarded_free(&g);
    }
    arena_release(&arena);
}

/* Every prefix of a good text is refused, and never read beyond. */
static void test_every_prefix(void **state)
{
    struct span_batch want = sample_batch();
    struct buf text;
    struct arena arena;
    (void)state;
    arena_init(&arena, 0);
    write_batch(&want, 0, &text);
    for (size_t n = 0; n < text.n; n++) {
        struct guarded g = guarded_copy(text.p, n);
        struct span_batch got;
        struct err err = {0};
        assert_int_equal(otlp_json_decode(g.bytes, NULL, &arena, &got, &err), ERR_INVALID);
        assert_true(err.offset <= n);
        guarded_free(&g);
        arena_reset(&arena);
    }
    buf_release(&text);
    arena_release(&arena);
}

/* Any one byte changed to any of these: no crash, no over-read, and an answer that holds. */
static void test_every_byte_changed(void **state)
{
    static const char others[] = "\"\\{}[]:,0-e\x01\x80\xff";
    struct span_batch want = sample_batch();
    struct buf text;
    struct arena arena;
    (void)state;
    arena_init(&arena, 4 << 20);
    write_batch(&want, 0, &text);
    for (size_t i = 0; i < text.n; i++) {
        const unsigned char was = text.p[i];
        for (size_t o = 0; o < sizeof others - 1; o++) {
            struct guarded g;
            struct span_batch got;
            int code;
            text.p[i] = (unsigned char)others[o];
            g = guarded_copy(text.p, text.n);
            code = otlp_json_decode(g.bytes, NULL, &arena, &got, NULL);
            assert_true(code == 0 || code == ERR_INVALID);
            guarded_free(&g);
            arena_reset(&arena);
        }
        text.p[i] = was;
    }
    buf_release(&text);
    arena_release(&arena);
}

/* With any budget: success or ERR_NOMEM, and success from some size on. */
static void test_arena_budgets(void **state)
{
    struct span_batch want = sample_batch(), got;
    struct buf text;
    bool succeeded = false;
    (void)state;
    write_batch(&want, 0, &text);
    for (size_t budget = 16; budget < 64 * 1024; budget += 16) {
        struct arena arena;
        int code;
        arena_init(&arena, budget);
        code = otlp_json_decode(buf_str(&text), NULL, &arena, &got, NULL);
        assert_true(code == 0 || (code == ERR_NOMEM && !succeeded));
        succeeded = code == 0;
        arena_release(&arena);
    }
    assert_true(succeeded);
    buf_release(&text);
}

/* Text that is made to cost: what it takes stays within the arena's budget. */
static void test_hostile(void **state)
{
    static const char *const heads[] = {"{\"x\":[", "{\"resourceSpans\":[",
                                        "{\"resourceSpans\":[{\"scopeSpans\":[",
                                        "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[",
                                        "{\"resourceSpans\":[{\"resource\":{\"attributes\":["};
    static const int ends[] = {2, 2, 4, 6, 5};
    static const char closing[] = "]}]}]}";
    struct arena arena;
    (void)state;
    for (size_t i = 0; i < COUNT(heads); i++) {
        struct span_batch got;
        struct buf b;
        int code;
        arena_init(&arena, 1 << 20);
        buf_init(&b, 0);
        buf_put_str(&b, str_of(heads[i]));
        for (int n = 0; n < 100000; n++)
            buf_put_str(&b, n ? STR(",{}") : STR("{}"));
        buf_put_str(&b, ends[i] == 5 ? STR("]}}]}") : str_make(closing, (size_t)ends[i]));
        code = otlp_json_decode(buf_str(&b), NULL, &arena, &got, NULL);
        assert_true(code == 0 || code == ERR_NOMEM);
        assert_int_equal(code == 0, i == 0 || i == 3); /* unknown; spans without ids */
        assert_true(arena.held_bytes <= 1 << 20);
        if (i == 3)
            assert_int_equal(got.rejected_spans, 100000);
        buf_release(&b);
        arena_release(&arena);
    }
}

static void test_spans_max(void **state)
{
    struct span_batch want = sample_batch(), got;
    struct otlp_limits limits = {.spans_max = 2};
    struct buf text;
    struct arena arena;
    (void)state;
    arena_init(&arena, 0);
    write_batch(&want, 0, &text);
    assert_int_equal(otlp_json_decode(buf_str(&text), &limits, &arena, &got, NULL), ERR_TOO_LARGE);
    limits.spans_max = 3;
    assert_int_equal(otlp_json_decode(buf_str(&text), &limits, &arena, &got, NULL), 0);
    buf_release(&text);
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
        assert_int_equal(code, depth <= 16 ? 0 : ERR_TOO_LARGE);
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
        cmocka_unit_test(test_round_trip),    cmocka_unit_test(test_values),
        cmocka_unit_test(test_members),       cmocka_unit_test(test_refused),
        cmocka_unit_test(test_every_prefix),  cmocka_unit_test(test_every_byte_changed),
        cmocka_unit_test(test_arena_budgets), cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_spans_max),     cmocka_unit_test(test_depth),
        cmocka_unit_test(test_bad_ids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
