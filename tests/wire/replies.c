/* What OTLP replies say, read in protobuf and in JSON: partial success, google.rpc.Status, RetryInfo. */
#include "test.h"
#include "wire/otlp_json.h"

#define RETRY_TYPE "type.googleapis.com/google.rpc.RetryInfo"

/* ---- google.rpc.Status ---- */

static const struct {
    const char *name;
    struct str pb, json; /* empty: not in this format */
    int want;
    struct otlp_status status;
} statuses[] = {
    {.name = "code and message",
     .pb = STR_INIT("\x08\x0e\x12\x04slow"),
     .json = STR_INIT("{\"code\":14,\"message\":\"slow\"}"),
     .status = {.code = 14, .message = STR_INIT("slow")}},
    {.name = "nothing", .json = STR_INIT(" {} ")},
    {.name = "unknown members",
     .pb = STR_INIT("\x20\x01\x08\x03\x2a\x01x"),
     .json = STR_INIT("{\"a\":[1,{}],\"code\":\"3\",\"message\":null}"),
     .status = {.code = 3}},
    {.name = "another detail",
     .pb = STR_INIT("\x1a\x08\x0a\x03t/x\x12\x01y"),
     .json = STR_INIT("{\"details\":[{\"@type\":\"t/x\",\"retryDelay\":\"1s\"}]}")},
    {.name = "RetryInfo without a delay",
     .pb = STR_INIT("\x1a\x2a\x0a\x28" RETRY_TYPE),
     .json = STR_INIT("{\"details\":[{\"@type\":\"" RETRY_TYPE "\"}]}"),
     .status = {.has_delay = true}},
    {.name = "1.5 seconds",
     .pb =
         STR_INIT("\x1a\x36\x0a\x28" RETRY_TYPE "\x12\x0a\x0a\x08\x08\x01\x10\x80\xca\xb5\xee\x01"),
     .json = STR_INIT("{\"details\":[{\"@type\":\"" RETRY_TYPE "\",\"retryDelay\":\"1.5s\"}]}"),
     .status = {.has_delay = true, .delay_ms = 1500}},
    {.name = "a nanosecond is a millisecond",
     .pb = STR_INIT("\x1a\x30\x0a\x28" RETRY_TYPE "\x12\x04\x0a\x02\x10\x01"),
     .json =
         STR_INIT("{\"details\":[{\"@type\":\"" RETRY_TYPE "\",\"retryDelay\":\"0.000000001s\"}]}"),
     .status = {.has_delay = true, .delay_ms = 1}},
    {.name = "negative",
     .pb = STR_INIT("\x1a\x39\x0a\x28" RETRY_TYPE
                    "\x12\x0d\x0a\x0b\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
     .json = STR_INIT("{\"details\":[{\"@type\":\"" RETRY_TYPE "\",\"retryDelay\":\"-1s\"}]}"),
     .status = {.has_delay = true}},
    {.name = "longer than a year",
     .json =
         STR_INIT("{\"details\":[{\"@type\":\"" RETRY_TYPE "\",\"retryDelay\":\"99999999999s\"}]}"),
     .status = {.has_delay = true, .delay_ms = 31536000000}},
    {.name = "cut",
     .pb = STR_INIT("\x08\x0e\x12\x05slow"),
     .json = STR_INIT("{\"code\":14"),
     .want = ERR_INVALID},
    {.name = "cut in the detail",
     .pb = STR_INIT("\x1a\x02\x0a\x28"),
     .json = STR_INIT("{\"details\":[{]}"),
     .want = ERR_INVALID},
    {.name = "cut in the delay",
     .pb = STR_INIT("\x1a\x30\x0a\x28" RETRY_TYPE "\x12\x04\x0a\x02\x10\xff"),
     .json = STR_INIT("{\"details\":[{\"@type\":\"" RETRY_TYPE "\",\"retryDelay\":\"1\"}]}"),
     .want = ERR_INVALID},
    {.name = "types are wrong", .json = STR_INIT("{\"details\":{}}"), .want = ERR_INVALID},
    {.name = "delay is no number",
     .json = STR_INIT("{\"details\":[{\"@type\":\"" RETRY_TYPE "\",\"retryDelay\":\"1.s\"}]}"),
     .want = ERR_INVALID},
    {.name = "code is no integer", .json = STR_INIT("{\"code\":1.5}"), .want = ERR_INVALID},
    {.name = "no object", .json = STR_INIT("[]"), .want = ERR_INVALID},
    {.name = "more behind it", .json = STR_INIT("{}{}"), .want = ERR_INVALID},
};

static void check_status(const char *name, int want, int got, const struct otlp_status *status,
                         const struct otlp_status *expected)
{
    CHECK(got == want, name);
    if (want < 0)
        return;
    CHECK(status->code == expected->code, name);
    CHECK(str_eq(status->message, expected->message), name);
    CHECK(status->has_delay == expected->has_delay, name);
    CHECK(status->delay_ms == expected->delay_ms, name);
}

static void test_status(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(statuses); i++) {
        struct otlp_status status = {0};
        if (statuses[i].pb.n) {
            struct guarded g = guarded_copy(statuses[i].pb.p, statuses[i].pb.n);
            int got = otlp_pb_decode_status(g.bytes, &status);
            check_status(statuses[i].name, statuses[i].want, got, &status, &statuses[i].status);
            guarded_free(&g);
        }
        if (statuses[i].json.n) {
            struct guarded g = guarded_copy(statuses[i].json.p, statuses[i].json.n);
            struct arena arena;
            int got;
            arena_init(&arena, 0);
            got = otlp_json_decode_status(g.bytes, &arena, &status);
            check_status(statuses[i].name, statuses[i].want, got, &status, &statuses[i].status);
            arena_release(&arena);
            guarded_free(&g);
        }
    }
}

/* What we write we read, in any delay. */
static void test_round_trip(void **state)
{
    static const uint32_t delays[] = {1, 999, 1000, 1001, 30000, 86400000};
    (void)state;
    for (size_t i = 0; i < COUNT(delays); i++) {
        struct otlp_status status;
        struct buf b;
        buf_init(&b, 0);
        otlp_pb_encode_status(8, STR("wait"), delays[i], &b);
        assert_int_equal(otlp_pb_decode_status(buf_str(&b), &status), 0);
        assert_int_equal(status.code, 8);
        check_str(status.message, "wait", "message");
        assert_true(status.has_delay);
        assert_int_equal(status.delay_ms, delays[i]);
        buf_release(&b);
    }
}

/* ---- ExportTraceServiceResponse in JSON ---- */

static void test_json_response(void **state)
{
    static const struct {
        const char *text;
        int want;
        int64_t rejected;
        const char *message;
    } cases[] = {
        {"", 0, 0, ""},
        {"{}", 0, 0, ""},
        {"{\"partialSuccess\":{}}", 0, 0, ""},
        {"{\"partialSuccess\":null}", 0, 0, ""},
        {"{\"partialSuccess\":{\"rejectedSpans\":\"9223372036854775807\",\"errorMessage\":\"no\"}}",
         0, INT64_MAX, "no"},
        {"{\"partialSuccess\":{\"rejectedSpans\":7,\"errorMessage\":null,\"x\":{}}}", 0, 7, ""},
        {"{\"partialSuccess\":{\"errorMessage\":\"a\\tb\"}}", 0, 0, "a\tb"},
        {"{\"partialSuccess\":{\"rejectedSpans\":1.5}}", ERR_INVALID, 0, ""},
        {"{\"partialSuccess\":{\"rejectedSpans\":\"\"}}", ERR_INVALID, 0, ""},
        {"{\"partialSuccess\":[]}", ERR_INVALID, 0, ""},
        {"OK", ERR_INVALID, 0, ""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct arena arena;
        int64_t rejected = 0;
        struct str message = {NULL, 0};
        arena_init(&arena, 0);
        CHECK(otlp_json_decode_response(str_of(cases[i].text), &arena, &rejected, &message) ==
                  cases[i].want,
              cases[i].text);
        CHECK(rejected == cases[i].rejected, cases[i].text);
        check_str(message, cases[i].message, cases[i].text);
        arena_release(&arena);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_status),
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_json_response),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
