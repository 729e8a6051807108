/* Jaeger's three encodings into OTLP. */
#include "dialect.h"
#include "thrift_bytes.h"
#include "wire/jaeger_json.h"
#include "wire/jaeger_pb.h"
#include "wire/jaeger_thrift.h"
#include "wire/pb.h"

#define ATTR(k, v) "{\"key\":\"" k "\",\"value\":{\"stringValue\":\"" v "\"}}"
#define INT(k, v)  "{\"key\":\"" k "\",\"value\":{\"intValue\":\"" v "\"}}"

/* ---- The mapping, by JSON ---- */

#define TRACE(members)                                                                            \
    "{\"traceID\":\"1\",\"spans\":[{\"traceID\":\"1\",\"spanID\":\"2\",\"operationName\":\"op\"," \
    "\"startTime\":1000,\"duration\":5,\"processID\":\"p1\"" members                              \
    "}],\"processes\":{\"p1\":{\"serviceName\":\"shop\",\"tags\":["                               \
    "{\"key\":\"hostname\",\"type\":\"string\",\"value\":\"h1\"},"                                \
    "{\"key\":\"jaeger.version\",\"type\":\"string\",\"value\":\"Go-2.1\"}]}}}"
#define TAG(k, t, v) "{\"key\":\"" k "\",\"type\":\"" t "\",\"value\":" v "}"
#define TAGS(t)      TRACE(",\"tags\":[" t "]")
#define HTTP(n)      TAG("http.status_code", "int64", #n)
#define KIND(k)      TAG("span.kind", "string", "\"" k "\"")
#define REF(type, trace, span) \
    "{\"refType\":\"" type "\",\"traceID\":\"" trace "\",\"spanID\":\"" span "\"}"

static const struct {
    const char *name, *text, *words[DIALECT_WORDS_MAX];
} mapping[] = {
    {"process",
     TRACE(""),
     {"\"resource\":{\"attributes\":[" ATTR("service.name", "shop") "," ATTR(
          "host.name", "h1") "," ATTR("opencensus.exporterversion", "Jaeger-Go-2.1") "]}",
      "\"startTimeUnixNano\":\"1000000\"", "\"endTimeUnixNano\":\"1005000\""}},
    {"kind", TAGS(KIND("server")), {"\"kind\":2", "!span.kind"}},
    {"no kind", TAGS(KIND("else")), {ATTR("span.kind", "else")}},
    {"error", TAGS(TAG("error", "bool", "true")), {"\"code\":2", "!\"key\":\"error\""}},
    {"error as text", TAGS(TAG("error", "string", "\"true\"")), {"\"code\":2"}},
    {"error=false", TAGS(TAG("error", "bool", "false")), {"!\"code\"", "\"key\":\"error\""}},
    {"error wins over OK",
     TAGS(TAG("otel.status_code", "string", "\"OK\"") "," TAG("error", "bool", "true")),
     {"\"code\":2"}},
    {"OK", TAGS(TAG("otel.status_code", "string", "\"OK\"") "," HTTP(500)), {"\"code\":1"}},
    {"message of the status",
     TAGS(TAG("error", "bool", "true") "," TAG("otel.status_description", "string",
                                               "\"why\"") "," TAG("http.status_message", "string",
                                                                  "\"other\"")),
     {"\"message\":\"why\""}},
    {"message of HTTP",
     TAGS(TAG("error", "bool", "true") "," TAG("http.status_message", "string", "\"Gone\"")),
     {"\"message\":\"Gone\"", ATTR("http.status_message", "Gone")}},
    {"500 is an error",
     TAGS(KIND("server") "," HTTP(500)),
     {"\"code\":2", INT("http.status_code", "500")}},
    {"404 is the client's error", TAGS(HTTP(404) "," KIND("client")), {"\"code\":2"}},
    {"404 is not the server's", TAGS(HTTP(404) "," KIND("server")), {"!\"code\""}},
    {"200 says nothing", TAGS(HTTP(200) "," KIND("client")), {"!\"code\""}},
    {"status as text", TAGS(TAG("http.status_code", "string", "\"503\"")), {"\"code\":2"}},
    {"scope", TAGS(TAG("otel.scope.name", "string", "\"lib\"")), {"\"scope\":{\"name\":\"lib\"}"}},
    {"tracestate", TAGS(TAG("w3c.tracestate", "string", "\"a=b\"")), {"\"traceState\":\"a=b\""}},
    {"a parent",
     TRACE(",\"references\":[" REF("CHILD_OF", "1", "7") "]"),
     {"\"parentSpanId\":\"0000000000000007\"", "!links"}},
    {"CHILD_OF before FOLLOWS_FROM",
     TRACE(",\"references\":[" REF("FOLLOWS_FROM", "1", "6") "," REF("CHILD_OF", "1", "7") "]"),
     {"\"parentSpanId\":\"0000000000000007\"", "\"spanId\":\"0000000000000006\"", "!ref_type"}},
    {"FOLLOWS_FROM alone",
     TRACE(",\"references\":[" REF("FOLLOWS_FROM", "1", "6") "]"),
     {"\"parentSpanId\":\"0000000000000006\"", "!links"}},
    {"a second parent is a link",
     TRACE(",\"references\":[" REF("CHILD_OF", "1", "7") "," REF("CHILD_OF", "9", "8") "]"),
     {"\"parentSpanId\":\"0000000000000007\"", "\"spanId\":\"0000000000000008\"",
      ATTR("opentracing.ref_type", "child_of")}},
    {"another trace is no parent",
     TRACE(",\"references\":[" REF("CHILD_OF", "9", "8") "]"),
     {"!parentSpanId", "\"links\":[{"}},
    {"log",
     TRACE(",\"logs\":[{\"timestamp\":1001,\"fields\":[" TAG(
         "event", "string", "\"retry\"") "," TAG("n", "int64", "2") "]}]"),
     {"\"events\":[{\"timeUnixNano\":\"1001000\",\"name\":\"retry\"", INT("n", "2")}},
    {"types",
     TAGS(TAG("i", "int64", "\"9007199254740993\"") "," TAG("f", "float64", "2") "," TAG(
         "b", "binary", "\"AP8Q\"")),
     {INT("i", "9007199254740993"), "{\"key\":\"f\",\"value\":{\"doubleValue\":2", "AP8Q"}},
};

static void test_mapping(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(mapping); i++)
        dialect_check(mapping[i].name, jaeger_json_decode, str_of(mapping[i].text),
                      mapping[i].words);
}

/* What all bytes below are to become. */
static const char *const everything[] = {
    "\"traceId\":\"000000000000001186154a4ba6e91385\"",
    "\"spanId\":\"4d1e00c0db9010db\",\"parentSpanId\":\"6b221d5bc9e6496c\"",
    "\"kind\":3",
    "\"startTimeUnixNano\":\"1472470996199000000\",\"endTimeUnixNano\":\"1472470996406000000\"",
    "\"attributes\":[" INT(
        "n",
        "42") ",{\"key\":\"f\",\"value\":{\"doubleValue\":0.5}},"
              "{\"key\":\"yes\",\"value\":{\"boolValue\":true}},{\"key\":\"b\",\"value\":{\"bytesValue\":\"AP8=\"}}," INT(
                  "zero", "0") "]",
    "\"events\":[{\"timeUnixNano\":\"1472470996238000000\",\"name\":\"retry\"",
    "\"links\":[{\"traceId\":\"00000000000000000000000000000009\",\"spanId\":\"0000000000000008\"",
    "\"resource\":{\"attributes\":[" ATTR("service.name", "shop") "," ATTR("host.name", "h1") "]}",
    NULL,
};

/* ---- Thrift ---- */

static void put_tag(struct buf *out, const char *key, int32_t type)
{
    put_string(out, 1, str_of(key));
    put_i32(out, 2, type);
}

static void put_text_tag(struct buf *out, const char *key, const char *value)
{
    put_tag(out, key, 0);
    put_string(out, 3, str_of(value));
    put_stop(out);
}

static void put_thrift_tags(struct buf *out)
{
    put_list(out, 10, THRIFT_STRUCT, 6);
    put_text_tag(out, "span.kind", "client");
    put_tag(out, "n", 3);
    put_i64(out, 6, 42);
    put_stop(out);
    put_tag(out, "f", 1);
    put_double(out, 4, 0.5);
    put_stop(out);
    put_tag(out, "yes", 2);
    put_bool(out, 5, true);
    put_stop(out);
    put_tag(out, "b", 4);
    put_string(out, 7, STR("\x00\xff"));
    put_stop(out);
    put_tag(out, "zero", 3);
    put_stop(out);
}

static void put_thrift_span(struct buf *out)
{
    put_i64(out, 1, (int64_t)0x86154a4ba6e91385);
    put_i64(out, 2, 0x11);
    put_i64(out, 3, 0x4d1e00c0db9010db);
    put_i64(out, 4, 0x6b221d5bc9e6496c);
    put_string(out, 5, STR("get"));
    put_list(out, 6, THRIFT_STRUCT, 1);
    put_i32(out, 1, 1);
    put_i64(out, 2, 9);
    put_i64(out, 3, 0);
    put_i64(out, 4, 8);
    put_stop(out);
    put_i32(out, 7, 1);
    put_i64(out, 8, 1472470996199000);
    put_i64(out, 9, 207000);
    put_thrift_tags(out);
    put_list(out, 11, THRIFT_STRUCT, 1);
    put_i64(out, 1, 1472470996238000);
    put_list(out, 2, THRIFT_STRUCT, 1);
    put_text_tag(out, "event", "retry");
    put_stop(out);
    put_stop(out);
}

static void put_thrift_process(struct buf *out)
{
    put_field(out, THRIFT_STRUCT, 1);
    put_string(out, 1, STR("shop"));
    put_list(out, 2, THRIFT_STRUCT, 1);
    put_text_tag(out, "hostname", "h1");
    put_stop(out);
}

static void put_thrift_spans(struct buf *out)
{
    put_list(out, 2, THRIFT_STRUCT, 1);
    put_thrift_span(out);
}

static void test_thrift(void **state)
{
    (void)state;
    for (int process_last = 0; process_last < 2; process_last++) {
        struct buf out;
        buf_init(&out, 0);
        if (!process_last)
            put_thrift_process(&out);
        put_thrift_spans(&out);
        if (process_last)
            put_thrift_process(&out);
        put_i64(&out, 3, 7); /* seqNo */
        put_stop(&out);
        dialect_check(process_last ? "process behind" : "process first", jaeger_thrift_decode,
                      buf_str(&out), everything);
        dialect_hurt(jaeger_thrift_decode, buf_str(&out));
        dialect_starve(jaeger_thrift_decode, buf_str(&out));
        buf_release(&out);
    }
}

/* Fields that the reader does not know, of every type. */
static void test_thrift_unknown(void **state)
{
    static const char *const words[] = {"\"name\":\"get\"", NULL};
    struct buf out;
    (void)state;
    buf_init(&out, 0);
    put_field(&out, THRIFT_MAP, 90);
    buf_put(&out, "\x0b\x08\0\0\0\1\0\0\0\1k\0\0\0\1", 15);
    put_field(&out, THRIFT_SET, 91);
    buf_put(&out, "\x0a\0\0\0\1\0\0\0\0\0\0\0\1", 13);
    put_list(&out, 92, THRIFT_LIST, 1);
    buf_put(&out, "\x03\0\0\0\2\1\2", 7);
    put_i16(&out, 93, 1);
    put_field(&out, THRIFT_STRUCT, 94);
    put_double(&out, 1, 1);
    put_stop(&out);
    put_list(&out, 1, THRIFT_I64, 0); /* a known id of another type */
    put_thrift_spans(&out);
    put_stop(&out);
    dialect_check("unknown fields", jaeger_thrift_decode, buf_str(&out), words);
    buf_release(&out);
}

/* Sizes and depths that lie. */
static void test_thrift_hostile(void **state)
{
    static const struct {
        const char *name;
        struct str bytes;
    } cases[] = {
        {"a list longer than the bytes", STR_INIT("\x0f\0\x02\x0c\x7f\xff\xff\xff")},
        {"a negative list", STR_INIT("\x0f\0\x02\x0c\xff\xff\xff\xff")},
        {"a negative string", STR_INIT("\x0b\0\x09\xff\xff\xff\xff")},
        {"a type that is none", STR_INIT("\x05\0\x09")},
        {"no end", STR_INIT("\x0c\0\x01")},
        {"not UTF-8", STR_INIT("\x0c\0\x01\x0b\0\x01\0\0\0\1\xff\0\0")},
    };
    struct span_batch batch;
    struct arena arena;
    struct buf deep;
    (void)state;
    arena_init(&arena, 0);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct guarded g = guarded_copy(cases[i].bytes.p, cases[i].bytes.n);
        struct err err = {0};
        CHECK(jaeger_thrift_decode(g.bytes, &arena, &batch, &err) == ERR_INVALID, cases[i].name);
        CHECK(err.offset <= cases[i].bytes.n, cases[i].name);
        guarded_free(&g);
    }
    buf_init(&deep, 0);
    for (int i = 0; i < 100000; i++)
        put_field(&deep, THRIFT_STRUCT, 77);
    assert_int_equal(jaeger_thrift_decode(buf_str(&deep), &arena, &batch, NULL), ERR_INVALID);
    buf_release(&deep);
    arena_release(&arena);
}

/* ---- Protobuf ---- */

static void pb_text(struct buf *out, uint32_t field, const char *s)
{
    pb_put_bytes(out, PB_TAG(field, PB_LEN), str_of(s));
}

static size_t pb_tag_begin(struct buf *out, uint32_t field, const char *key, uint64_t type)
{
    size_t at = pb_begin(out, PB_TAG(field, PB_LEN));
    pb_text(out, 1, key);
    if (type)
        pb_put_varint(out, PB_TAG(2, PB_VARINT), type);
    return at;
}

static void pb_text_tag(struct buf *out, uint32_t field, const char *key, const char *value)
{
    size_t at = pb_tag_begin(out, field, key, 0);
    pb_text(out, 3, value);
    pb_end(out, at);
}

static void pb_time(struct buf *out, uint32_t field, uint64_t seconds, uint64_t nanos)
{
    size_t at = pb_begin(out, PB_TAG(field, PB_LEN));
    if (seconds)
        pb_put_varint(out, PB_TAG(1, PB_VARINT), seconds);
    pb_put_varint(out, PB_TAG(2, PB_VARINT), nanos);
    pb_end(out, at);
}

static void pb_tags(struct buf *out)
{
    static const double half = 0.5;
    uint64_t bits;
    size_t at;
    memcpy(&bits, &half, sizeof bits);
    pb_text_tag(out, 8, "span.kind", "client");
    at = pb_tag_begin(out, 8, "n", 2);
    pb_put_varint(out, PB_TAG(5, PB_VARINT), 42);
    pb_end(out, at);
    at = pb_tag_begin(out, 8, "f", 3);
    pb_put_fixed64(out, PB_TAG(6, PB_I64), bits);
    pb_end(out, at);
    at = pb_tag_begin(out, 8, "yes", 1);
    pb_put_varint(out, PB_TAG(4, PB_VARINT), 1);
    pb_end(out, at);
    at = pb_tag_begin(out, 8, "b", 4);
    pb_put_bytes(out, PB_TAG(7, PB_LEN), STR("\x00\xff"));
    pb_end(out, at);
    pb_end(out, pb_tag_begin(out, 8, "zero", 2));
}

static void pb_ref(struct buf *out, struct str trace, struct str span, uint64_t type)
{
    size_t at = pb_begin(out, PB_TAG(4, PB_LEN));
    pb_put_bytes(out, PB_TAG(1, PB_LEN), trace);
    pb_put_bytes(out, PB_TAG(2, PB_LEN), span);
    if (type)
        pb_put_varint(out, PB_TAG(3, PB_VARINT), type);
    pb_end(out, at);
}

static void pb_process(struct buf *out, uint32_t field, const char *service)
{
    size_t at = pb_begin(out, PB_TAG(field, PB_LEN));
    pb_text(out, 1, service);
    pb_text_tag(out, 2, "hostname", "h1");
    pb_end(out, at);
}

#define PB_TRACE STR("\0\0\0\0\0\0\0\x11\x86\x15\x4a\x4b\xa6\xe9\x13\x85")

static void make_pb(struct buf *out, bool own_process)
{
    size_t batch, span, at;
    buf_init(out, 0);
    batch = pb_begin(out, PB_TAG(1, PB_LEN));
    span = pb_begin(out, PB_TAG(1, PB_LEN));
    pb_put_bytes(out, PB_TAG(1, PB_LEN), PB_TRACE);
    pb_put_bytes(out, PB_TAG(2, PB_LEN), STR("\x4d\x1e\x00\xc0\xdb\x90\x10\xdb"));
    pb_text(out, 3, "get");
    pb_ref(out, PB_TRACE, STR("\x6b\x22\x1d\x5b\xc9\xe6\x49\x6c"), 0);
    pb_ref(out, STR("\x09"), STR("\x08"), 1);
    pb_time(out, 6, 1472470996, 199000000);
    pb_time(out, 7, 0, 207000000);
    pb_tags(out);
    at = pb_begin(out, PB_TAG(9, PB_LEN));
    pb_time(out, 1, 1472470996, 238000000);
    pb_text_tag(out, 2, "event", "retry");
    pb_end(out, at);
    if (own_process)
        pb_process(out, 10, "shop");
    pb_end(out, span);
    pb_process(out, 2, own_process ? "batch" : "shop");
    pb_end(out, batch);
}

static void test_protobuf(void **state)
{
    (void)state;
    for (int own = 0; own < 2; own++) {
        struct buf out;
        make_pb(&out, own);
        dialect_check(own ? "own process" : "the batch's process", jaeger_pb_decode, buf_str(&out),
                      everything);
        dialect_hurt(jaeger_pb_decode, buf_str(&out));
        dialect_starve(jaeger_pb_decode, buf_str(&out));
        buf_release(&out);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mapping),        cmocka_unit_test(test_thrift),
        cmocka_unit_test(test_thrift_unknown), cmocka_unit_test(test_thrift_hostile),
        cmocka_unit_test(test_protobuf),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
