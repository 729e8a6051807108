/* Each field of each message by itself: the bytes of opentelemetry-proto on the left, what they mean as OTLP/JSON on
 * the right. Then the liberties that protobuf gives a sender. */
#include "sample.h"
#include "test.h"
#include "wire/otlp_json.h"
#include "wire/otlp_pb.h"

#define IDS      "0a10 0102030405060708090a0b0c0d0e0f10 1208 a1a2a3a4a5a6a7a8"
#define IDS_JSON "\"traceId\":\"0102030405060708090a0b0c0d0e0f10\",\"spanId\":\"a1a2a3a4a5a6a7a8\""

static struct str from_hex(struct arena *arena, const char *hex)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char *out = arena_alloc(arena, strlen(hex) / 2 + 1);
    size_t n = 0;
    for (; *hex; hex++) {
        if (*hex == ' ')
            continue;
        if (!strchr(digits, hex[0]) || !hex[1] || !strchr(digits, hex[1]))
            fail_msg("not hexadecimal: %s", hex);
        out[n++] = (unsigned char)((strchr(digits, hex[0]) - digits) << 4 |
                                   (strchr(digits, hex[1]) - digits));
        hex++;
    }
    return str_make(out, n);
}

/* content as the length-delimited field of that number */
static struct str wrapped(struct arena *arena, unsigned field, struct str content)
{
    char *out = arena_alloc(arena, content.n + 10), *p = out;
    size_t size = content.n;
    *p++ = (char)(field << 3 | 2);
    for (; size > 127; size >>= 7)
        *p++ = (char)(size | 0x80);
    *p++ = (char)size;
    if (content.n)
        memcpy(p, content.p, content.n);
    return str_make(out, (size_t)(p - out) + content.n);
}

static struct str json_of(struct arena *arena, const struct span *spans, size_t count)
{
    struct buf text;
    struct json_writer w;
    struct str s;
    buf_init(&text, 0);
    json_init(&w, &text, 0);
    if (count == 1 && spans->resource->attrs.count == 0)
        otlp_json_write_span(&w, spans, 0);
    else
        otlp_json_write(&w, spans, count, 0);
    assert_false(text.failed);
    s = arena_str(arena, buf_str(&text));
    buf_release(&text);
    return s;
}

#define NAMELESS "\"name\":\"\","
#define TIMES    "\"startTimeUnixNano\":\"0\",\"endTimeUnixNano\":\"0\""
#define ATTR(hex, value)                                                         \
    {                                                                            \
        "4a" hex, IDS_JSON "," NAMELESS TIMES ",\"attributes\":[{\"key\":\"k\"," \
                           "\"value\":" value "}]"                               \
    }

/* What stands behind the ids, and the members of the span. */
static const struct {
    const char *hex, *json;
} spans[] = {
    {"", IDS_JSON "," NAMELESS TIMES},
    {"1a03 613d62", IDS_JSON ",\"traceState\":\"a=b\"," NAMELESS TIMES},
    {"2208 b1b2b3b4b5b6b7b8", IDS_JSON ",\"parentSpanId\":\"b1b2b3b4b5b6b7b8\"," NAMELESS TIMES},
    {"2200", IDS_JSON "," NAMELESS TIMES},
    {"2a02 6869", IDS_JSON ",\"name\":\"hi\"," TIMES},
    {"3003", IDS_JSON "," NAMELESS "\"kind\":3," TIMES},
    {"3006", IDS_JSON "," NAMELESS TIMES},                   /* a kind that does not exist */
    {"30ffffffffffffffffff01", IDS_JSON "," NAMELESS TIMES}, /* -1 */
    {"39 0100000000000080", IDS_JSON "," NAMELESS "\"startTimeUnixNano\":\"9223372036854775809\","
                                     "\"endTimeUnixNano\":\"0\""},
    {"41 ffffffffffffffff", IDS_JSON "," NAMELESS "\"startTimeUnixNano\":\"0\","
                                     "\"endTimeUnixNano\":\"18446744073709551615\""},
    {"50ac02", IDS_JSON "," NAMELESS TIMES ",\"droppedAttributesCount\":300"},
    {"5a00", IDS_JSON "," NAMELESS TIMES ",\"events\":[{\"timeUnixNano\":\"0\"}]"},
    {"5a09 09 0200000000000000",
     IDS_JSON "," NAMELESS TIMES ",\"events\":[{\"timeUnixNano\":\"2\"}]"},
    {"5a03 1201 65",
     IDS_JSON "," NAMELESS TIMES ",\"events\":[{\"timeUnixNano\":\"0\",\"name\":\"e\"}]"},
    {"5a05 1a03 0a01 78", IDS_JSON
     "," NAMELESS TIMES
     ",\"events\":[{\"timeUnixNano\":\"0\",\"attributes\":[{\"key\":\"x\",\"value\":{}}]}]"},
    {"5a02 2005", IDS_JSON "," NAMELESS TIMES
                           ",\"events\":[{\"timeUnixNano\":\"0\",\"droppedAttributesCount\":5}]"},
    {"6007", IDS_JSON "," NAMELESS TIMES ",\"droppedEventsCount\":7"},
#define NO_LINK "\"traceId\":\"00000000000000000000000000000000\",\"spanId\":\"0000000000000000\""
    {"6a00", IDS_JSON "," NAMELESS TIMES ",\"links\":[{" NO_LINK "}]"},
    {"6a1c 0a10 ffeeddccbbaa99887766554433221100 1208 0102030405060708",
     IDS_JSON "," NAMELESS TIMES ",\"links\":[{\"traceId\":\"ffeeddccbbaa99887766554433221100\","
              "\"spanId\":\"0102030405060708\"}]"},
    {"6a06 0a01 01 1201 01", IDS_JSON "," NAMELESS TIMES ",\"links\":[{" NO_LINK "}]"},
    {"6a05 1a03 613d62",
     IDS_JSON "," NAMELESS TIMES ",\"links\":[{" NO_LINK ",\"traceState\":\"a=b\"}]"},
    {"6a05 2203 0a01 78", IDS_JSON "," NAMELESS TIMES ",\"links\":[{" NO_LINK
                                   ",\"attributes\":[{\"key\":\"x\",\"value\":{}}]}]"},
    {"6a02 2803",
     IDS_JSON "," NAMELESS TIMES ",\"links\":[{" NO_LINK ",\"droppedAttributesCount\":3}]"},
    {"6a05 35 01030000", IDS_JSON "," NAMELESS TIMES ",\"links\":[{" NO_LINK ",\"flags\":769}]"},
    {"70ffffffff0f", IDS_JSON "," NAMELESS TIMES ",\"droppedLinksCount\":4294967295"},
    {"7a00", IDS_JSON "," NAMELESS TIMES},
    {"7a03 1201 6d", IDS_JSON "," NAMELESS TIMES ",\"status\":{\"message\":\"m\"}"},
    {"7a02 1802", IDS_JSON "," NAMELESS TIMES ",\"status\":{\"code\":2}"},
    {"7a02 1803", IDS_JSON "," NAMELESS TIMES}, /* a code that does not exist */
    {"7a02 0801", IDS_JSON "," NAMELESS TIMES}, /* the deprecated code of old senders */
    {"8501 010300f0", IDS_JSON ",\"flags\":4026532609," NAMELESS TIMES},

    /* values */
    ATTR("03 0a01 6b", "{}"),
    ATTR("05 0a01 6b 1200", "{}"),
    ATTR("07 0a01 6b 1202 0a00", "{\"stringValue\":\"\"}"),
    ATTR("09 0a01 6b 1204 0a02 6869", "{\"stringValue\":\"hi\"}"),
    ATTR("09 0a01 6b 1204 0a02 c3bc", "{\"stringValue\":\"\xc3\xbc\"}"),
    ATTR("07 0a01 6b 1202 1001", "{\"boolValue\":true}"),
    ATTR("07 0a01 6b 1202 1000", "{\"boolValue\":false}"),
    ATTR("08 0a01 6b 1203 108001", "{\"boolValue\":true}"),
    ATTR("07 0a01 6b 1202 1800", "{\"intValue\":\"0\"}"),
    ATTR("08 0a01 6b 1203 18c801", "{\"intValue\":\"200\"}"),
    ATTR("10 0a01 6b 120b 18ffffffffffffffffff01", "{\"intValue\":\"-1\"}"),
    ATTR("10 0a01 6b 120b 1880808080808080808001", "{\"intValue\":\"-9223372036854775808\"}"),
    ATTR("0e 0a01 6b 1209 21 000000000000f83f", "{\"doubleValue\":1.5}"),
    ATTR("07 0a01 6b 1202 2a00", "{\"arrayValue\":{\"values\":[]}}"),
    ATTR("0d 0a01 6b 1208 2a06 0a00 0a02 1801",
         "{\"arrayValue\":{\"values\":[{},{\"intValue\":\"1\"}]}}"),
    ATTR("07 0a01 6b 1202 3200", "{\"kvlistValue\":{\"values\":[]}}"),
    ATTR("10 0a01 6b 120b 3209 0a07 0a01 69 1202 1802",
         "{\"kvlistValue\":{\"values\":[{\"key\":\"i\",\"value\":{\"intValue\":\"2\"}}]}}"),
    ATTR("07 0a01 6b 1202 3a00", "{\"bytesValue\":\"\"}"),
    ATTR("0a 0a01 6b 1205 3a03 00ff80", "{\"bytesValue\":\"AP+A\"}"),
    ATTR("07 0a01 6b 1202 4005", "{}"), /* string_value_strindex: profiles only */

    /* the liberties of protobuf */
    ATTR("07 1202 1801 0a01 6b", "{\"intValue\":\"1\"}"),            /* the value before the key */
    ATTR("0a 0a01 78 0a01 6b 1202 1801", "{\"intValue\":\"1\"}"),    /* the last key counts */
    ATTR("09 0a01 6b 1204 1801 1002", "{\"boolValue\":true}"),       /* the last of a oneof */
    ATTR("0b 0a01 6b 1202 1801 1202 1802", "{\"intValue\":\"2\"}"),  /* a message twice */
    ATTR("0b 0a01 6b 9206 01 78 1202 1801", "{\"intValue\":\"1\"}"), /* an unknown field between */
    ATTR("08 8a00 01 6b 1202 1801", "{\"intValue\":\"1\"}"),         /* a tag of two bytes */
    ATTR("09 0a01 6b 128300 188000", "{\"intValue\":\"0\"}"),        /* lengths too long, too */
    ATTR("0a 0a01 6b 1202 1801 9206 00", "{\"intValue\":\"1\"}"),    /* unknown behind the value */
    ATTR("0b 0a01 6b 1206 1801 7b08017c", "{\"intValue\":\"1\"}"),   /* a group in the value */
    ATTR("11 0a01 6b 120c 2a04 0a02 1801 2a04 0a02 1802",            /* an array in pieces */
         "{\"arrayValue\":{\"values\":[{\"intValue\":\"1\"},{\"intValue\":\"2\"}]}}"),
    {"2a02 6869 2a01 78", IDS_JSON ",\"name\":\"x\"," TIMES},
    {"7a03 1201 6d 7a02 1802",
     IDS_JSON "," NAMELESS TIMES ",\"status\":{\"message\":\"m\",\"code\":2}"},
    {"28 05 2d 01020304 29 0102030405060708 2b 0801 2c", IDS_JSON "," NAMELESS TIMES},
};

static void test_spans(void **state)
{
    struct arena arena;
    (void)state;
    arena_init(&arena, 0);
    for (size_t i = 0; i < COUNT(spans); i++) {
        struct str span = from_hex(&arena, arena_printf(&arena, "%s %s", IDS, spans[i].hex).p);
        struct str request = wrapped(&arena, 1, wrapped(&arena, 2, wrapped(&arena, 2, span)));
        struct guarded g = guarded_copy(request.p, request.n);
        struct span_batch got;
        struct err err = {0};
        int code = otlp_pb_decode(g.bytes, NULL, &arena, &got, &err);
        if (!spans[i].json) {
            CHECK(code == ERR_INVALID, spans[i].hex);
        } else {
            if (code)
                fail_msg("case \"%s\": %s", spans[i].hex, err.msg);
            CHECK(got.span_count == 1, spans[i].hex);
            check_str(json_of(&arena, got.spans, 1), arena_printf(&arena, "{%s}", spans[i].json).p,
                      spans[i].hex);
        }
        guarded_free(&g);
    }
    arena_release(&arena);
}

/* The same table read by the JSON decoder gives the same spans. */
static void test_spans_from_json(void **state)
{
    struct arena arena;
    (void)state;
    arena_init(&arena, 0);
    for (size_t i = 0; i < COUNT(spans); i++) {
        struct span_batch got;
        struct str text, want;
        struct err err = {0};
        if (!spans[i].json)
            continue;
        want = arena_printf(&arena, "{%s}", spans[i].json);
        text = arena_printf(&arena, "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[%s]}]}]}",
                            want.p);
        if (otlp_json_decode(text, NULL, &arena, &got, &err))
            fail_msg("case \"%s\": %s", spans[i].hex, err.msg);
        check_str(json_of(&arena, got.spans, 1), want.p, spans[i].hex);
    }
    arena_release(&arena);
}

#define SPAN_2   "121c" IDS /* the span as field 2 of ScopeSpans */
#define SPAN_OUT "{" IDS_JSON "," NAMELESS TIMES "}"

/* Whole requests: what stands around the spans. */
static const struct {
    const char *name, *hex, *json;
} requests[] = {
    {"resource attribute", "0a 2b 0a09 0a07 0a01 72 1202 1801 121e" SPAN_2,
     "{\"resourceSpans\":[{\"resource\":{\"attributes\":[{\"key\":\"r\",\"value\":{\"intValue\":\"1\"}}]},"
     "\"scopeSpans\":[{\"spans\":[" SPAN_OUT "]}]}]}"},
    {"resource behind its spans", "0a 2b 121e" SPAN_2 "0a09 0a07 0a01 72 1202 1801",
     "{\"resourceSpans\":[{\"resource\":{\"attributes\":[{\"key\":\"r\",\"value\":{\"intValue\":\"1\"}}]},"
     "\"scopeSpans\":[{\"spans\":[" SPAN_OUT "]}]}]}"},
    {"resource in two pieces, dropped count, schema",
     "0a 35 0a09 0a07 0a01 72 1202 1801 0a05 0a03 0a01 73 121e" SPAN_2 "1a01 75",
     "{\"resourceSpans\":[{\"resource\":{\"attributes\":[{\"key\":\"r\",\"value\":{\"intValue\":\"1\"}},"
     "{\"key\":\"s\",\"value\":{}}]},\"scopeSpans\":[{\"spans\":[" SPAN_OUT
     "]}],\"schemaUrl\":\"u\"}]}"},
    {"scope with everything, behind its span",
     "0a 3e 0a05 0a03 0a01 72 1235" SPAN_2
     "0a12 0a01 6e 1201 76 1a08 0a01 61 1203 18c801 2004 1a01 75",
     "{\"resourceSpans\":[{\"resource\":{\"attributes\":[{\"key\":\"r\",\"value\":{}}]},"
     "\"scopeSpans\":[{\"scope\":{\"name\":\"n\",\"version\":\"v\",\"attributes\":[{\"key\":\"a\","
     "\"value\":{\"intValue\":\"200\"}}],\"droppedAttributesCount\":4},\"spans\":[" SPAN_OUT
     "],\"schemaUrl\":\"u\"}]}]}"},
    {"entity_refs of a resource are passed over", "0a 2b 0a09 0a03 0a01 72 1a02 0a00 121e" SPAN_2,
     "{\"resourceSpans\":[{\"resource\":{\"attributes\":[{\"key\":\"r\",\"value\":{}}]},"
     "\"scopeSpans\":[{\"spans\":[" SPAN_OUT "]}]}]}"},
    {"scope spans of before 2022 are passed over",
     "0a 2c 0a05 0a03 0a01 72 121e" SPAN_2 "c23e02 0a00",
     "{\"resourceSpans\":[{\"resource\":{\"attributes\":[{\"key\":\"r\",\"value\":{}}]},"
     "\"scopeSpans\":[{\"spans\":[" SPAN_OUT "]}]}]}"},
};

static void test_requests(void **state)
{
    struct arena arena;
    (void)state;
    arena_init(&arena, 0);
    for (size_t i = 0; i < COUNT(requests); i++) {
        struct str bytes = from_hex(&arena, requests[i].hex);
        struct guarded g = guarded_copy(bytes.p, bytes.n);
        struct span_batch got;
        struct err err = {0};
        if (otlp_pb_decode(g.bytes, NULL, &arena, &got, &err))
            fail_msg("case \"%s\": %s", requests[i].name, err.msg);
        check_str(json_of(&arena, got.spans, got.span_count), requests[i].json, requests[i].name);
        guarded_free(&g);
    }
    arena_release(&arena);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spans),
        cmocka_unit_test(test_spans_from_json),
        cmocka_unit_test(test_requests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
