/* What replies mean: which codes are tried again, after how long, what was rejected. */
#include "load/sender.h"
#include "test.h"
#include "wire/otlp_pb.h"

static void test_grpc(void **state)
{
    static const struct {
        int status;
        uint32_t retry_info_ms; /* 0 = none in the details */
        enum load_outcome want;
        int64_t delay_ms;
    } cases[] = {
        {0, 0, LOAD_ACKNOWLEDGED, -1},    {1, 0, LOAD_TRY_AGAIN, -1},
        {2, 0, LOAD_REFUSED, -1},         {3, 0, LOAD_REFUSED, -1},
        {4, 0, LOAD_TRY_AGAIN, -1},       {5, 0, LOAD_REFUSED, -1},
        {7, 0, LOAD_REFUSED, -1},         {8, 0, LOAD_REFUSED, -1},
        {8, 250, LOAD_TRY_AGAIN, 250},    {10, 0, LOAD_TRY_AGAIN, -1},
        {11, 0, LOAD_TRY_AGAIN, -1},      {12, 0, LOAD_REFUSED, -1},
        {13, 0, LOAD_REFUSED, -1},        {14, 0, LOAD_TRY_AGAIN, -1},
        {14, 1500, LOAD_TRY_AGAIN, 1500}, {15, 0, LOAD_TRY_AGAIN, -1},
        {16, 0, LOAD_REFUSED, -1},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct load_answer a;
        struct buf details;
        char name[32];
        snprintf(name, sizeof name, "status %d, %u ms", cases[i].status, cases[i].retry_info_ms);
        buf_init(&details, 0);
        otlp_pb_encode_status(cases[i].status, STR("busy"), cases[i].retry_info_ms, &details);
        load_answer_grpc(cases[i].status, STR("busy\x1b[2J"), buf_str(&details), STR(""), &a);
        CHECK(a.outcome == cases[i].want, name);
        CHECK(a.delay_ms == cases[i].delay_ms, name);
        CHECK(cases[i].status == 0 || strstr(a.msg, "busy [2J"), name);
        buf_release(&details);
    }
}

static void test_http(void **state)
{
    static const struct {
        long status;
        uint64_t retry_after_s;
        enum load_outcome want;
        int64_t delay_ms;
    } cases[] = {
        {200, 0, LOAD_ACKNOWLEDGED, -1}, {202, 0, LOAD_ACKNOWLEDGED, -1},
        {301, 0, LOAD_REFUSED, -1},      {400, 0, LOAD_REFUSED, -1},
        {401, 0, LOAD_REFUSED, -1},      {404, 0, LOAD_REFUSED, -1},
        {413, 0, LOAD_REFUSED, -1},      {429, 3, LOAD_TRY_AGAIN, 3000},
        {500, 0, LOAD_REFUSED, -1},      {502, 0, LOAD_TRY_AGAIN, -1},
        {503, 1, LOAD_TRY_AGAIN, 1000},  {504, 0, LOAD_TRY_AGAIN, -1},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct load_answer a;
        char name[16];
        snprintf(name, sizeof name, "%ld", cases[i].status);
        load_answer_http(cases[i].status, cases[i].retry_after_s, STR("no\nmore"), i % 2, &a);
        CHECK(a.outcome == cases[i].want, name);
        CHECK(a.delay_ms == cases[i].delay_ms, name);
    }
}

static void test_partial_success(void **state)
{
    static const struct {
        const char *json;
        uint64_t want;
    } texts[] = {
        {"{}", 0},
        {"{\"partialSuccess\":{\"rejectedSpans\":\"17\",\"errorMessage\":\"x\"}}", 17},
        {"{\"partialSuccess\":{\"rejectedSpans\":17}}", 17},
        {"{\"partialSuccess\":{}, \"other\":[1,2]}", 0},
        {"{\"partialSuccess\":null}", 0},
        {"{\"partialSuccess\":{\"rejectedSpans\":\"-1\"}}", 0},
        {"", 0},
        {"not JSON", 0},
    };
    struct load_answer a;
    struct buf b;
    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        load_answer_http(200, 0, str_of(texts[i].json), true, &a);
        CHECK(a.outcome == LOAD_ACKNOWLEDGED && a.rejected_spans == texts[i].want, texts[i].json);
    }
    buf_init(&b, 0);
    otlp_pb_encode_response(5, STR("zero ids"), &b);
    load_answer_grpc(0, STR(""), STR(""), buf_str(&b), &a);
    assert_int_equal(a.rejected_spans, 5);
    assert_non_null(strstr(a.msg, "zero ids"));
    load_answer_http(200, 0, buf_str(&b), false, &a);
    assert_int_equal(a.rejected_spans, 5);
    load_answer_http(200, 0, str_make(b.p, b.n - 1), false, &a);
    assert_int_equal(a.outcome, LOAD_ACKNOWLEDGED);
    assert_int_equal(a.rejected_spans, 0);
    buf_release(&b);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(test_grpc),
                                              cmocka_unit_test(test_http),
                                              cmocka_unit_test(test_partial_success)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
