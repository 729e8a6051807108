/* Slices: cutting, comparing and the number parsers with their edges. */
#include "base/str.h"
#include "test.h"

static void test_u64(void **state)
{
    static const struct {
        const char *in;
        bool ok;
        uint64_t want;
    } cases[] = {
        {"0", true, 0},
        {"18446744073709551615", true, UINT64_MAX},
        {"18446744073709551616", false, 0},
        {"", false, 0},
        {"-1", false, 0},
        {"1 ", false, 0},
        {"0x1", false, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct guarded g = guarded_copy(cases[i].in, strlen(cases[i].in));
        uint64_t got = 0;
        CHECK(str_to_u64(g.bytes, &got) == cases[i].ok, cases[i].in);
        CHECK(got == cases[i].want, cases[i].in);
        guarded_free(&g);
    }
}

static void test_i64(void **state)
{
    int64_t got = 7;
    (void)state;
    assert_true(str_to_i64(STR("-9223372036854775808"), &got));
    assert_true(got == INT64_MIN);
    assert_true(str_to_i64(STR("9223372036854775807"), &got));
    assert_true(got == INT64_MAX);
    assert_false(str_to_i64(STR("9223372036854775808"), &got));
    assert_false(str_to_i64(STR("-"), &got));
}

static void test_double(void **state)
{
    static const struct {
        const char *in;
        bool ok;
        double want;
    } cases[] = {
        {"0", true, 0},           {"-2.5", true, -2.5}, {"1e3", true, 1000}, {".5", true, 0.5},
        {"5e-324", true, 5e-324}, {"+1", true, 1},      {"", false, 0},      {" 1", false, 0},
        {"1 ", false, 0},         {"1,5", false, 0},    {"0x10", false, 0},  {"inf", false, 0},
        {"nan", false, 0},        {"1e", false, 0},     {"-", false, 0},     {"1.2.3", false, 0},
    };
    double got = 7;
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct guarded g = guarded_copy(cases[i].in, strlen(cases[i].in));
        got = 0;
        CHECK(str_to_double(g.bytes, &got) == cases[i].ok, cases[i].in);
        CHECK(got == cases[i].want, cases[i].in);
        guarded_free(&g);
    }
    assert_false(str_to_double(
        STR("0000000000000000000000000000000000000000000000000000000000000001"), &got));
}

static void test_duration(void **state)
{
    static const struct {
        const char *in;
        bool ok;
        int64_t want;
    } cases[] = {
        {"1.5ms", true, 1500000},
        {"100us", true, 100000},
        {"2\xc2\xb5s", true, 2000},
        {"1h30m", true, 5400000000000},
        {"0", true, 0},
        {"-3s", true, -3000000000},
        {"3", false, 0},
        {"ms", false, 0},
        {"", false, 0},
        {"1.2.3s", false, 0},
        {"1s ", false, 0},
        {"-", false, 0},
        {"9999999999h", false, 0},
        {".5s", true, 500000000},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t got = 0;
        CHECK(str_to_duration_ns(str_of(cases[i].in), &got) == cases[i].ok, cases[i].in);
        CHECK(got == cases[i].want, cases[i].in);
    }
}

static void test_cut(void **state)
{
    struct str head, tail = STR("a=b=c");
    (void)state;
    assert_true(str_cut(tail, '=', &head, &tail));
    check_str(head, "a", "head");
    check_str(tail, "b=c", "tail");
    assert_false(str_cut(tail, ';', &head, &tail));
    check_str(head, "b=c", "whole");
    check_str(tail, "", "nothing left");
    check_str(str_trim(STR(" \t x y ")), "x y", "trim");
    assert_true(str_eq_nocase(STR("Content-Type"), STR("content-type")));
    assert_true(str_cmp(STR("ab"), STR("abc")) < 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_u64),      cmocka_unit_test(test_i64), cmocka_unit_test(test_double),
        cmocka_unit_test(test_duration), cmocka_unit_test(test_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
