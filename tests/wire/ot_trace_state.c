/* The member `ot` of tracestate: grammar, thresholds as the specification's table has them, changing. */
#include "wire/ot_trace_state.h"

#include <math.h>

#include "test.h"

static void test_parse(void **state)
{
    static const struct {
        const char *value;
        bool ok;
        uint64_t threshold, randomness;
    } cases[] = {
        {"", true, OT_ABSENT, OT_ABSENT},
        {"th:c", true, 0xc0000000000000, OT_ABSENT},
        {"th:0", true, 0, OT_ABSENT},
        {"th:fd70a4", true, 0xfd70a400000000, OT_ABSENT},
        {"th:ffffffffffffff", true, 0xffffffffffffff, OT_ABSENT},
        {"rv:6e6d1a75832a2f", true, OT_ABSENT, 0x6e6d1a75832a2f},
        {"rv:7479cfb506891d;th:8", true, 0x80000000000000, 0x7479cfb506891d},
        {"p:8;r:62;k1:13", true, OT_ABSENT, OT_ABSENT},
        {"foo:bar;k1:;th:8", true, 0x80000000000000, OT_ABSENT},
        {"x:A.Z_0-9", true, OT_ABSENT, OT_ABSENT},
        /* bad values of known sub-keys: absent alone */
        {"th:;rv:6e6d1a75832a2f", true, OT_ABSENT, 0x6e6d1a75832a2f},
        {"th:C;rv:6e6d1a75832a2f", true, OT_ABSENT, 0x6e6d1a75832a2f},
        {"th:g", true, OT_ABSENT, OT_ABSENT},
        {"th:123456789abcdef", true, OT_ABSENT, OT_ABSENT},
        {"rv:6e6d1a75832a2;th:c", true, 0xc0000000000000, OT_ABSENT},
        {"rv:6e6d1a75832a2f0;th:c", true, 0xc0000000000000, OT_ABSENT},
        {"rv:6E6D1A75832A2F;th:c", true, 0xc0000000000000, OT_ABSENT},
        /* bad lists: absent as a whole */
        {"th", false, OT_ABSENT, OT_ABSENT},
        {"th:c;", false, OT_ABSENT, OT_ABSENT},
        {";th:c", false, OT_ABSENT, OT_ABSENT},
        {"th:c;;k:1", false, OT_ABSENT, OT_ABSENT},
        {"th:c;th:8", false, OT_ABSENT, OT_ABSENT},
        {"th:c;a:1;a:2", false, OT_ABSENT, OT_ABSENT},
        {"th:c;1a:2", false, OT_ABSENT, OT_ABSENT},
        {"Th:c", false, OT_ABSENT, OT_ABSENT},
        {"th:c; k:1", false, OT_ABSENT, OT_ABSENT},
        {"th:c;k:a:b", false, OT_ABSENT, OT_ABSENT},
        {"th:c;k:a~", false, OT_ABSENT, OT_ABSENT},
        {":c", false, OT_ABSENT, OT_ABSENT},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct guarded g = guarded_copy(cases[i].value, strlen(cases[i].value));
        struct ot_entry e;
        CHECK(ot_parse(g.bytes, &e) == cases[i].ok, cases[i].value);
        CHECK(e.threshold == cases[i].threshold, cases[i].value);
        CHECK(e.randomness == cases[i].randomness, cases[i].value);
        guarded_free(&g);
    }
}

static void test_limits(void **state)
{
    char text[OT_BYTES_MAX + 2], out[OT_BYTES_MAX];
    struct ot_entry e;
    size_t n = 0;
    (void)state;
    memset(text, 'x', sizeof text);
    memcpy(text, "k:", 2);
    assert_true(ot_parse(str_make(text, OT_BYTES_MAX), &e));
    assert_false(ot_parse(str_make(text, OT_BYTES_MAX + 1), &e));
    /* as many sub-keys as fit */
    for (char a = 'a'; n + 3 <= OT_BYTES_MAX; a++) {
        for (char b = 'a'; b <= 'z' && n + 5 <= OT_BYTES_MAX; b++) {
            text[n++] = a;
            text[n++] = b;
            text[n++] = ':';
            text[n++] = ';';
        }
        if (n + 5 > OT_BYTES_MAX)
            break;
    }
    assert_true(ot_parse(str_make(text, n - 1), &e));
    assert_int_equal(ot_with_threshold(&e, OT_ABSENT, out), n - 1);
    assert_memory_equal(out, text, n - 1);
    /* what does not fit is refused, not cut */
    assert_int_equal(ot_with_threshold(&e, 0, out), OT_BYTES_MAX);
    assert_int_equal(ot_with_threshold(&e, UINT64_C(1) << 48, out), -1);
}

static void test_change(void **state)
{
    static const struct {
        const char *value;
        uint64_t threshold;
        const char *want;
    } cases[] = {
        {"", 0, "th:0"},
        {"", OT_ABSENT, ""},
        {"th:c", 0x80000000000000, "th:8"},
        {"th:c", OT_ABSENT, ""},
        {"p:8;r:62", 0xfff97240000000, "th:fff9724;p:8;r:62"},
        {"p:8;th:7;r:62", 0, "th:0;p:8;r:62"},
        {"rv:6e6d1a75832a2f;th:8", 1, "th:00000000000001;rv:6e6d1a75832a2f"},
        {"rv:6e6d1a75832a2f;th:8", OT_ABSENT, "rv:6e6d1a75832a2f"},
        {"th:8;th:9;k:1", 0, "th:0"}, /* malformed: as if it had not been there */
        {"th:8;th:9;k:1", OT_ABSENT, ""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char out[OT_BYTES_MAX];
        struct ot_entry e;
        int n;
        ot_parse(str_of(cases[i].value), &e);
        n = ot_with_threshold(&e, cases[i].threshold, out);
        CHECK(n >= 0, cases[i].value);
        check_str(str_make(out, (size_t)n), cases[i].want, cases[i].value);
    }
}

/* The specification's table of 1-in-N probabilities, with 3, 4 and 5 digits. */
static void test_thresholds(void **state)
{
    static const struct {
        double ratio;
        const char *want[3];
    } cases[] = {
        {1, {"0", "0", "0"}},
        {0.5, {"8", "8", "8"}},
        {1.0 / 3, {"aab", "aaab", "aaaab"}},
        {0.25, {"c", "c", "c"}},
        {0.2, {"ccd", "cccd", "ccccd"}},
        {0.125, {"e", "e", "e"}},
        {0.1, {"e66", "e666", "e6666"}},
        {0.0625, {"f", "f", "f"}},
        {0.01, {"fd71", "fd70a", "fd70a4"}},
        {0.001, {"ffbe7", "ffbe77", "ffbe76d"}},
        {0.0001, {"fff972", "fff9724", "fff97247"}},
        {0.00001, {"ffff584", "ffff583a", "ffff583a5"}},
        {0.000001, {"ffffef4", "ffffef39", "ffffef391"}},
        {0x1p-56, {"ffffffffffffff", "ffffffffffffff", "ffffffffffffff"}},
        {0x1p-60, {"ffffffffffffff", "ffffffffffffff", "ffffffffffffff"}},
        {7, {"0", "0", "0"}},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        for (unsigned digits = 3; digits <= 5; digits++) {
            char out[OT_DIGITS], name[40];
            uint64_t t = ot_threshold_of(cases[i].ratio, digits);
            unsigned n = ot_threshold_format(t, out);
            struct ot_entry e;
            snprintf(name, sizeof name, "%g with %u digits", cases[i].ratio, digits);
            check_str(str_make(out, n), cases[i].want[digits - 3], name);
            snprintf(name, sizeof name, "th:%.*s", (int)n, out);
            CHECK(ot_parse(str_of(name), &e) && e.threshold == t, name);
        }
    }
}

static void test_exact_thresholds(void **state)
{
    static const struct {
        double ratio;
        uint64_t want;
    } cases[] = {
        {1, 0},
        {0.5, 36028797018963968},
        {0.25, 54043195528445952},
        {0.125, 63050394783186944},
        {0.45, 39631676720860364},
        {0.2, 57646075230342348},
        {0.13, 62690106812997304},
        {0.05, 68454714336031539},
        {0x1p-56, 72057594037927935},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(ot_threshold_of(cases[i].ratio, OT_DIGITS), cases[i].want);
}

/* Rounding never goes far: the probability behind four digits is within 1/4096 of the wanted one. */
static void test_rounding(void **state)
{
    (void)state;
    for (double p = 1; p > 0x1p-40; p *= 0.83) {
        double got = (double)(OT_RANGE - ot_threshold_of(p, OT_DIGITS_DEFAULT)) / (double)OT_RANGE;
        assert_true(fabs(got / p - 1) < 1.0 / 4096);
        assert_true(ot_threshold_of(p * 0.99, OT_DIGITS_DEFAULT) >=
                    ot_threshold_of(p, OT_DIGITS_DEFAULT));
    }
}

static void test_find(void **state)
{
    (void)state;
    check_str(ot_find(str_of("a=b,ot=th:c;rv:6e6d1a75832a2f,c=d")), "th:c;rv:6e6d1a75832a2f",
              "middle");
    check_str(ot_find(str_of("")), "", "empty");
    check_str(ot_find(str_of("bot=x,ot2=y")), "", "none");
    check_str(ot_find(str_of("ot=th:c,A=b")), "", "not valid as a whole");
}

static void test_randomness(void **state)
{
    static const uint8_t id[16] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                   0xff, 0x6e, 0x6d, 0x1a, 0x75, 0x83, 0x2a, 0x2f};
    (void)state;
    assert_int_equal(ot_randomness_of(id), 0x6e6d1a75832a2f);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_change),
        cmocka_unit_test(test_thresholds),
        cmocka_unit_test(test_exact_thresholds),
        cmocka_unit_test(test_rounding),
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_randomness),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
