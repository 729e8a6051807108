/* Zipkin's four encodings into OTLP, and spans out as Zipkin's JSON. */
#include "dialect.h"
#include "thrift_bytes.h"
#include "wire/pb.h"
#include "wire/zipkin_json.h"
#include "wire/zipkin_pb.h"
#include "wire/zipkin_thrift.h"

#define IDS        "\"traceId\":\"86154a4ba6e91385\",\"id\":\"4d1e00c0db9010db\""
#define SPAN(m)    "[{" IDS ",\"timestamp\":1472470996199000,\"duration\":207000" m "}]"
#define TAGS(t)    SPAN(",\"tags\":{" t "}")
#define NOTE(v)    SPAN(",\"annotations\":[{\"timestamp\":1472470996238000,\"value\":" v "}]")
#define ATTR(k, v) "{\"key\":\"" k "\",\"value\":{\"stringValue\":\"" v "\"}}"
#define INT(k, v)  "{\"key\":\"" k "\",\"value\":{\"intValue\":\"" v "\"}}"

struct dialect_case {
    const char *name, *text, *words[DIALECT_WORDS_MAX];
};

static const struct dialect_case version_2[] = {
    {"ids are padded, times are nanoseconds",
     SPAN(""),
     {"\"traceId\":\"000000000000000086154a4ba6e91385\"", "\"spanId\":\"4d1e00c0db9010db\"",
      "\"startTimeUnixNano\":\"1472470996199000000\"",
      "\"endTimeUnixNano\":\"1472470996406000000\"", "!parentSpanId"}},
    {"one span without its list", "{" IDS "}", {"4d1e00c0db9010db"}},
    {"nothing", " ", {"\"resourceSpans\":[]"}},
    {"an empty list", "[]", {"\"resourceSpans\":[]"}},
    {"nulls everywhere",
     SPAN(",\"name\":null,\"kind\":null,\"parentId\":null,\"localEndpoint\":null,\"tags\":null,"
          "\"annotations\":null,\"remoteEndpoint\":null"),
     {"4d1e00c0db9010db"}},
    {"a parent of its own is none", SPAN(",\"parentId\":\"4d1e00c0db9010db\""), {"!parentSpanId"}},
    {"a parent",
     SPAN(",\"parentId\":\"6b221d5bc9e6496c\""),
     {"\"parentSpanId\":\"6b221d5bc9e6496c\""}},
    {"client", SPAN(",\"kind\":\"CLIENT\""), {"\"kind\":3"}},
    {"consumer", SPAN(",\"kind\":\"CONSUMER\""), {"\"kind\":5"}},
    {"a kind of tomorrow", SPAN(",\"kind\":\"OBSERVER\""), {"!\"kind\":"}},
    {"internal by tag", TAGS("\"span.kind\":\"internal\""), {"\"kind\":1", "!span.kind"}},
    {"a kind wins over its tag",
     SPAN(",\"kind\":\"SERVER\",\"tags\":{\"span.kind\":\"internal\"}"),
     {"\"kind\":2"}},
    {"endpoints",
     SPAN(",\"localEndpoint\":{\"serviceName\":\"front\",\"ipv4\":\"10.0.0.1\",\"port\":80},"
          "\"remoteEndpoint\":{\"serviceName\":\"back\",\"ipv6\":\"2001:db8::1\",\"port\":9000}"),
     {ATTR("service.name", "front"), ATTR("network.local.address", "10.0.0.1"),
      INT("network.local.port", "80"), ATTR("peer.service", "back"),
      ATTR("network.peer.address", "2001:db8::1"), INT("network.peer.port", "9000")}},
    {"a port that is none", SPAN(",\"remoteEndpoint\":{\"port\":70000}"), {"!network.peer.port"}},
    {"error with a text",
     TAGS("\"error\":\"boom\""),
     {"\"status\":{\"message\":\"boom\",\"code\":2}", "!\"key\":\"error\""}},
    {"error=true", TAGS("\"error\":\"true\""), {"\"status\":{\"code\":2}", "!\"key\":\"error\""}},
    {"error=false", TAGS("\"error\":\"false\""), {"!\"code\"", ATTR("error", "false")}},
    {"otel.status_code wins", TAGS("\"error\":\"x\",\"otel.status_code\":\"OK\""), {"\"code\":1"}},
    {"status with description",
     TAGS("\"otel.status_code\":\"ERROR\",\"otel.status_description\":\"why\""),
     {"\"status\":{\"message\":\"why\",\"code\":2}"}},
    {"scope",
     TAGS("\"otel.scope.name\":\"lib\",\"otel.scope.version\":\"1.2\""),
     {"\"scope\":{\"name\":\"lib\",\"version\":\"1.2\"}"}},
    {"tags of resources go there",
     TAGS("\"k8s.pod.name\":\"p1\",\"http.path\":\"/\""),
     {"\"resource\":{\"attributes\":[" ATTR("k8s.pod.name", "p1") "]}",
      "\"attributes\":[" ATTR("http.path", "/") "]"}},
    {"a tag that is a number", TAGS("\"n\":5,\"b\":true"), {ATTR("n", "5"), ATTR("b", "true")}},
    {"an annotation",
     NOTE("\"cache miss\""),
     {"\"events\":[{\"timeUnixNano\":\"1472470996238000000\",\"name\":\"cache miss\"}]"}},
    {"an annotation of OpenTelemetry's",
     NOTE("\"retry|{\\\"n\\\":2,\\\"why\\\":\\\"late\\\"}|3\""),
     {"\"name\":\"retry\"", INT("n", "2"), ATTR("why", "late"), "\"droppedAttributesCount\":3"}},
    {"the same in its other form",
     NOTE("\"\\\"retry\\\": {\\\"n\\\":2}\""),
     {"\"name\":\"retry\"", INT("n", "2")}},
    {"an annotation with bars",
     NOTE("\"a|b|c\""),
     {"\"name\":\"a|b|c\"", "!droppedAttributesCount"}},
    {"an annotation with half an object",
     NOTE("\"a|{\\\"n\\\":|0\""),
     {"\"name\":\"a|{\\\"n\\\":|0\""}},
    {"a link",
     TAGS(
         "\"otlp.link.0\":\"463ac35c9f6413ad48485a3953bb6124|0020000000000001|s=1|{\\\"k\\\":true}|4\""),
     {"\"links\":[{\"traceId\":\"463ac35c9f6413ad48485a3953bb6124\",\"spanId\":\"0020000000000001\"",
      "\"traceState\":\"s=1\"", "\"boolValue\":true", "\"droppedAttributesCount\":4",
      "!otlp.link"}},
    {"a link that is none",
     TAGS("\"otlp.link.0\":\"x|y\""),
     {"!links", ATTR("otlp.link.0", "x|y")}},
    {"without a start, the first annotation's",
     "[{" IDS
     ",\"annotations\":[{\"timestamp\":9,\"value\":\"b\"},{\"timestamp\":7,\"value\":\"a\"}]}]",
     {"\"startTimeUnixNano\":\"7000\"",
      "{\"key\":\"otel.zipkin.absentField.startTime\",\"value\":{\"boolValue\":true}}"}},
    {"unknown members",
     SPAN(",\"future\":[{\"a\":1}],\"debug\":true,\"shared\":false"),
     {"4d1e00c0db9010db", "!future"}},
};

#define V1_HOST(name)       "\"endpoint\":{\"serviceName\":\"" name "\",\"ipv4\":\"10.0.0.1\"}"
#define V1_NOTE(t, v, name) "{\"timestamp\":" t ",\"value\":\"" v "\"," V1_HOST(name) "}"

static const struct dialect_case version_1[] = {
    {"a client's",
     "[{" IDS
     ",\"name\":\"get\",\"timestamp\":1000,\"duration\":500,\"annotations\":[" V1_NOTE("1000", "cs", "front") "," V1_NOTE(
         "1200", "ws",
         "front") "," V1_NOTE("1500", "cr",
                              "front") "],\"binaryAnnotations\":[{\"key\":\"http.path\",\"value\":\"/\"," V1_HOST("front") "},"
                                                                                                                           "{\"key\":\"sa\",\"value\":true," V1_HOST(
                                                                                                                               "back") "}]}]",
     {"\"kind\":3", ATTR("service.name", "front"), ATTR("peer.service", "back"),
      ATTR("http.path", "/"), "\"startTimeUnixNano\":\"1000000\"",
      "\"endTimeUnixNano\":\"1500000\"", "!\"name\":\"cs\""}},
    {"a server's by its annotations alone",
     "[{" IDS
     ",\"annotations\":[" V1_NOTE("1000", "sr", "back") "," V1_NOTE("1700", "ss", "back") "]}]",
     {"\"kind\":2", "\"startTimeUnixNano\":\"1000000\"", "\"endTimeUnixNano\":\"1700000\"",
      "!absentField"}},
    {"both sides in one",
     "[{" IDS
     ",\"timestamp\":1000,\"duration\":900,\"annotations\":[" V1_NOTE("1000", "cs", "front") "," V1_NOTE(
         "1100", "sr", "back") "," V1_NOTE("1800", "ss",
                                           "back") "," V1_NOTE("1900", "cr",
                                                               "front") "," V1_NOTE("1300", "work",
                                                                                    "back") "]}]",
     {"\"kind\":3", "\"kind\":2", ATTR("service.name", "front"), ATTR("service.name", "back"),
      "\"startTimeUnixNano\":\"1100000\"", "\"endTimeUnixNano\":\"1800000\"", "\"name\":\"work\""}},
    {"a local one",
     "[{" IDS ",\"timestamp\":1000,\"binaryAnnotations\":[{\"key\":\"lc\",\"value\":\"\"," V1_HOST(
         "here") "},{\"key\":\"n\",\"value\":5}]}]",
     {"!\"kind\"", ATTR("service.name", "here"), ATTR("n", "5"), "!\"lc\""}},
    {"only the other end is known",
     "[{" IDS ",\"timestamp\":1000,\"binaryAnnotations\":[{\"key\":\"sa\",\"value\":true," V1_HOST(
         "db") "}]}]",
     {"\"kind\":3", ATTR("peer.service", "db")}},
    {"a messaging pair's producer",
     "[{" IDS ",\"annotations\":[" V1_NOTE("1000", "ms", "shop") "]}]",
     {"\"kind\":4"}},
};

static void test_json(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(version_2); i++)
        dialect_check(version_2[i].name, zipkin_json_decode, str_of(version_2[i].text),
                      version_2[i].words);
    for (size_t i = 0; i < COUNT(version_1); i++)
        dialect_check(version_1[i].name, zipkin_json_v1_decode, str_of(version_1[i].text),
                      version_1[i].words);
}

static void test_bad_json(void **state)
{
    static const char *const texts[] = {
        "[",
        "[{]",
        "{\"traceId\":\"x\"}",
        "5",
        "[5]",
        "[{\"id\":\"123456789012345678\"}]",
        "[{\"tags\":[]}]",
        "[{\"tags\":{\"a\":[]}}]",
        "[{\"timestamp\":-1}]",
        "[{\"annotations\":{}}]",
        "\"text\"",
        "[{\"timestamp\":\"soon\"}]",
        "[] []",
    };
    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct span_batch batch;
        struct arena arena;
        struct err err = {0};
        arena_init(&arena, 0);
        CHECK(zipkin_json_decode(str_of(texts[i]), &arena, &batch, &err) == ERR_INVALID, texts[i]);
        CHECK(err.msg[0], texts[i]);
        arena_release(&arena);
    }
}

/* ---- Bytes ---- */

static void put_text(struct buf *out, uint32_t field, const char *s)
{
    pb_put_bytes(out, PB_TAG(field, PB_LEN), str_of(s));
}

static void put_pb_endpoint(struct buf *out, uint32_t field, const char *service, struct str ipv4,
                            struct str ipv6, unsigned port)
{
    size_t at = pb_begin(out, PB_TAG(field, PB_LEN));
    put_text(out, 1, service);
    if (ipv4.n)
        pb_put_bytes(out, PB_TAG(2, PB_LEN), ipv4);
    if (ipv6.n)
        pb_put_bytes(out, PB_TAG(3, PB_LEN), ipv6);
    pb_put_varint(out, PB_TAG(4, PB_VARINT), port);
    pb_end(out, at);
}

static void make_pb(struct buf *out)
{
    size_t span, at;
    buf_init(out, 0);
    span = pb_begin(out, PB_TAG(1, PB_LEN));
    pb_put_bytes(out, PB_TAG(1, PB_LEN), STR("\x86\x15\x4a\x4b\xa6\xe9\x13\x85"));
    pb_put_bytes(out, PB_TAG(2, PB_LEN), STR("\x6b\x22\x1d\x5b\xc9\xe6\x49\x6c"));
    pb_put_bytes(out, PB_TAG(3, PB_LEN), STR("\x4d\x1e\x00\xc0\xdb\x90\x10\xdb"));
    pb_put_varint(out, PB_TAG(4, PB_VARINT), 1);
    put_text(out, 5, "get");
    pb_put_fixed64(out, PB_TAG(6, PB_I64), 1472470996199000);
    pb_put_varint(out, PB_TAG(7, PB_VARINT), 207000);
    put_pb_endpoint(out, 8, "front", STR("\x7f\x00\x00\x01"), STR(""), 80);
    put_pb_endpoint(out, 9, "back", STR(""), STR("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"),
                    9000);
    at = pb_begin(out, PB_TAG(10, PB_LEN));
    pb_put_fixed64(out, PB_TAG(1, PB_I64), 1472470996238000);
    put_text(out, 2, "note");
    pb_end(out, at);
    at = pb_begin(out, PB_TAG(11, PB_LEN));
    put_text(out, 1, "error");
    put_text(out, 2, "boom");
    pb_end(out, at);
    pb_put_varint(out, PB_TAG(12, PB_VARINT), 1);
    pb_put_varint(out, PB_TAG(99, PB_VARINT), 1);
    pb_end(out, span);
}

static void test_protobuf(void **state)
{
    static const char *const words[] = {"\"traceId\":\"000000000000000086154a4ba6e91385\"",
                                        "\"parentSpanId\":\"6b221d5bc9e6496c\"",
                                        "\"kind\":3",
                                        "\"endTimeUnixNano\":\"1472470996406000000\"",
                                        ATTR("network.local.address", "127.0.0.1"),
                                        ATTR("network.peer.address", "2001:db8::1"),
                                        "\"message\":\"boom\"",
                                        "\"name\":\"note\"",
                                        NULL};
    struct buf out;
    (void)state;
    make_pb(&out);
    dialect_check("protobuf", zipkin_pb_decode, buf_str(&out), words);
    dialect_hurt(zipkin_pb_decode, buf_str(&out));
    dialect_starve(zipkin_pb_decode, buf_str(&out));
    buf_release(&out);
}

static void put_thrift_host(struct buf *out, int id, const char *service, uint32_t ipv4)
{
    put_field(out, THRIFT_STRUCT, id);
    put_i32(out, 1, (int32_t)ipv4);
    put_i16(out, 2, (int16_t)40000);
    put_string(out, 3, str_of(service));
    put_stop(out);
}

static void make_thrift(struct buf *out)
{
    buf_init(out, 0);
    put_number(out, THRIFT_STRUCT, 1);
    put_number(out, 1, 4);
    put_i64(out, 1, (int64_t)0x86154a4ba6e91385);
    put_i64(out, 12, 0x11);
    put_string(out, 3, STR("get"));
    put_i64(out, 4, 0x4d1e00c0db9010db);
    put_list(out, 6, THRIFT_STRUCT, 1);
    put_i64(out, 1, 1472470996199000);
    put_string(out, 2, STR("cs"));
    put_thrift_host(out, 3, "front", 0x7f000001);
    put_stop(out);
    put_list(out, 8, THRIFT_STRUCT, 3);
    put_string(out, 1, STR("n"));
    put_string(out, 2, STR("\0\0\0\x2a"));
    put_i32(out, 3, 3);
    put_stop(out);
    put_string(out, 1, STR("sa"));
    put_string(out, 2, STR("\x01"));
    put_i32(out, 3, 0);
    put_thrift_host(out, 4, "back", 0);
    put_stop(out);
    put_string(out, 1, STR("text"));
    put_string(out, 2, STR("ok"));
    put_i32(out, 3, 6);
    put_stop(out);
    put_bool(out, 9, true);
    put_i64(out, 10, 1472470996199000);
    put_i64(out, 11, 207000);
    put_stop(out);
}

static void test_thrift(void **state)
{
    static const char *const words[] = {"\"traceId\":\"000000000000001186154a4ba6e91385\"",
                                        "\"kind\":3",
                                        ATTR("network.local.address", "127.0.0.1"),
                                        INT("network.local.port", "40000"),
                                        ATTR("peer.service", "back"),
                                        "!0.0.0.0",
                                        ATTR("n", "42"),
                                        ATTR("text", "ok"),
                                        "\"endTimeUnixNano\":\"1472470996406000000\"",
                                        NULL};
    struct buf out;
    (void)state;
    make_thrift(&out);
    dialect_check("thrift", zipkin_thrift_decode, buf_str(&out), words);
    dialect_hurt(zipkin_thrift_decode, buf_str(&out));
    dialect_starve(zipkin_thrift_decode, buf_str(&out));
    buf_release(&out);
}

/* ---- Hostile sizes ---- */

/* A million resources that are all different cost no more than their bytes: this test ends. */
static void test_many_services(void **state)
{
    enum { SPANS = 200000 };
    struct span_batch batch;
    struct arena arena;
    struct buf out;
    (void)state;
    arena_init(&arena, 0);
    buf_init(&out, 0);
    for (int i = 0; i < SPANS; i++)
        buf_printf(&out, "%c{" IDS ",\"localEndpoint\":{\"serviceName\":\"s%d\"}}", i ? ',' : '[',
                   i);
    buf_put_byte(&out, ']');
    assert_int_equal(zipkin_json_decode(buf_str(&out), &arena, &batch, NULL), 0);
    assert_int_equal(batch.span_count, SPANS);
    check_str(batch.spans[SPANS - 1].resource->service_name, "s199999", "order of appearance");
    buf_release(&out);
    arena_release(&arena);
}

static void test_too_many(void **state)
{
    struct span_batch batch;
    struct arena arena;
    struct buf out;
    (void)state;
    arena_init(&arena, 0);
    buf_init(&out, 0);
    buf_put_byte(&out, '[');
    for (int i = 0; i <= 1000000; i++)
        buf_put_str(&out, STR("{},"));
    buf_put_str(&out, STR("{}]"));
    assert_int_equal(zipkin_json_decode(buf_str(&out), &arena, &batch, NULL), ERR_TOO_LARGE);
    buf_release(&out);
    arena_release(&arena);
}

/* Spans of equal resource and scope stand together, in the order in which these appeared. */
static void test_grouping(void **state)
{
    static const char text[] =
        "[{\"traceId\":\"1\",\"id\":\"1\",\"localEndpoint\":{\"serviceName\":\"a\"}},"
        "{\"traceId\":\"1\",\"id\":\"2\",\"localEndpoint\":{\"serviceName\":\"b\"}},"
        "{\"traceId\":\"1\",\"id\":\"0\"},"
        "{\"traceId\":\"1\",\"id\":\"3\",\"localEndpoint\":{\"serviceName\":\"a\"}}]";
    static const uint8_t ids[] = {1, 3, 2};
    struct span_batch batch;
    struct arena arena;
    (void)state;
    arena_init(&arena, 0);
    assert_int_equal(zipkin_json_decode(str_of(text), &arena, &batch, NULL), 0);
    assert_int_equal(batch.span_count, 3);
    assert_int_equal(batch.rejected_spans, 1);
    for (size_t i = 0; i < COUNT(ids); i++)
        assert_int_equal(batch.spans[i].span_id.bytes[7], ids[i]);
    assert_ptr_equal(batch.spans[0].resource, batch.spans[1].resource);
    arena_release(&arena);
}

/* ---- Out ---- */

/* What Zipkin can say comes back as it went in. */
static void test_write(void **state)
{
    static const char *const texts[] = {
        "{\"traceId\":\"86154a4ba6e91385\",\"id\":\"4d1e00c0db9010db\",\"parentId\":\"6b221d5bc9e6496c\","
        "\"kind\":\"CLIENT\",\"name\":\"get\",\"timestamp\":1472470996199000,\"duration\":207000,"
        "\"localEndpoint\":{\"serviceName\":\"front\",\"ipv4\":\"127.0.0.1\",\"port\":80},"
        "\"remoteEndpoint\":{\"serviceName\":\"back\",\"ipv6\":\"2001:db8::1\",\"port\":9000},"
        "\"annotations\":[{\"timestamp\":1472470996238000,\"value\":\"foo\"}],"
        "\"tags\":{\"http.path\":\"/api\"}}",
        "{\"traceId\":\"463ac35c9f6413ad48485a3953bb6124\",\"id\":\"4d1e00c0db9010db\",\"name\":\"\","
        "\"tags\":{\"otel.zipkin.absentField.startTime\":\"true\"}}",
        "{\"traceId\":\"86154a4ba6e91385\",\"id\":\"4d1e00c0db9010db\",\"name\":\"x\",\"timestamp\":1,"
        "\"tags\":{\"k\":\"v\",\"k8s.pod.name\":\"p\",\"otel.scope.name\":\"lib\",\"otel.scope.version\":\"1\","
        "\"span.kind\":\"internal\",\"w3c.tracestate\":\"a=b\",\"otel.status_code\":\"ERROR\",\"error\":\"why\","
        "\"otlp.link.0\":\"463ac35c9f6413ad48485a3953bb6124|0020000000000001|s=1|{\\\"n\\\":5}|2\"}}",
    };
    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct span_batch batch;
        struct arena arena;
        struct buf out;
        struct json_writer w;
        arena_init(&arena, 0);
        buf_init(&out, 0);
        json_init(&w, &out, 0);
        assert_int_equal(zipkin_json_decode(str_of(texts[i]), &arena, &batch, NULL), 0);
        zipkin_json_write_span(&w, &batch.spans[0], 0, &arena);
        check_str(buf_str(&out), texts[i], "round trip");
        buf_release(&out);
        arena_release(&arena);
    }
}

/* Two long lists of attributes: keys are told apart without comparing each with each, and the first of a key wins. */
static void test_many_tags(void **state)
{
    enum { MANY = 400000 };
    static const char *const parts[] = {
        "\"tags\":{\"k0\":\"own\",\"k2\":\"own\",",
        ",\"k399999\":\"own\",\"k1\":\"shared\",\"network.local.port\":\"shared\"}",
    };
    static const struct scope scope;
    struct attr *attrs = calloc(2 * MANY, sizeof *attrs);
    char(*keys)[16] = calloc(MANY, sizeof *keys);
    struct resource resource = {.attrs = {attrs + MANY, MANY}};
    struct span span = {.resource = &resource, .scope = &scope, .attrs = {attrs, MANY}};
    struct arena arena;
    struct buf out;
    struct json_writer w;
    (void)state;
    for (int i = 0; i < MANY; i++) {
        snprintf(keys[i], sizeof keys[i], "k%d", i);
        attrs[i].key = str_of(keys[i]);
        attrs[i].value = (struct value){.type = VALUE_STRING, .string = STR("own")};
        attrs[2 * MANY - 1 - i].key = i ? str_of(keys[i]) : STR("network.local.port");
        attrs[2 * MANY - 1 - i].value =
            (struct value){.type = VALUE_STRING, .string = STR("shared")};
    }
    attrs[1].key = str_of(keys[0]);
    arena_init(&arena, 0);
    buf_init(&out, 0);
    json_init(&w, &out, 0);
    zipkin_json_write_span(&w, &span, 0, &arena);
    assert_false(out.failed || arena_failed(&arena));
    for (size_t i = 0; i < COUNT(parts); i++)
        CHECK(memmem(out.p, out.n, parts[i], strlen(parts[i])), parts[i]);
    buf_release(&out);
    arena_release(&arena);
    free(keys);
    free(attrs);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json),          cmocka_unit_test(test_bad_json),
        cmocka_unit_test(test_protobuf),      cmocka_unit_test(test_thrift),
        cmocka_unit_test(test_many_services), cmocka_unit_test(test_too_many),
        cmocka_unit_test(test_grouping),      cmocka_unit_test(test_write),
        cmocka_unit_test(test_many_tags),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
