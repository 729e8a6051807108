/* Rules of retention as they are typed. */
#include "cli/retention_rules.h"

#include "test.h"

static const uint64_t S = 1000000000, H = 3600ull * 1000000000;

static void test_good(void **state)
{
    struct option_list values = {{"status=error:30d", "duration>1.5s:100h,status=ok:200h"}, 2};
    struct retention_rules rules;
    (void)state;
    assert_int_equal(retention_rules_parse(&values, 72 * H, &rules, NULL), 0);
    assert_int_equal(rules.count, 3);
    assert_int_equal(rules.items[0].field, RETENTION_STATUS);
    assert_int_equal(rules.items[0].status, STATUS_ERROR);
    assert_true(rules.items[0].keep_ns == 30 * 24 * H);
    assert_int_equal(rules.items[1].field, RETENTION_DURATION);
    assert_true(rules.items[1].duration_ns == S * 3 / 2 && rules.items[1].keep_ns == 100 * H);
    assert_int_equal(rules.items[2].status, STATUS_OK);
    values.count = 0;
    assert_int_equal(retention_rules_parse(&values, 0, &rules, NULL), 0);
    assert_int_equal(rules.count, 0);
}

static void test_bad(void **state)
{
    static const struct {
        const char *text;
        uint64_t retention_ns;
        const char *words;
    } cases[] = {
        {"status=error:30d", 0, "say with --retention"},
        {"", 1, "is no rule"},
        {"status=error", 1, "is no rule"},
        {"status=error:", 1, "is no rule"},
        {"status=:30d", 1, "is no rule"},
        {"status=bad:30d", 1, "\"status=bad:30d\""},
        {"duration>:30d", 1, "is no rule"},
        {"duration>x:30d", 1, "is no rule"},
        {"duration<2s:30d", 1, "is no rule"},
        {"service=a:30d", 1, "is no rule"},
        {"status=ok:30d,", 1, NULL},
        {"status=error:1h", 3600ull * 1000000000, "no longer than"},
        {"status=ok:1h,status=ok:1h,status=ok:1h,status=ok:1h,status=ok:1h,status=ok:1h,"
         "status=ok:1h,status=ok:1h,status=ok:1h,status=ok:1h,status=ok:1h,status=ok:1h,"
         "status=ok:1h,status=ok:1h,status=ok:1h,status=ok:1h,status=ok:1h",
         1, "more than 16 rules"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct option_list values = {{cases[i].text}, 1};
        struct retention_rules rules;
        struct err err = {0};
        int rc = retention_rules_parse(&values, cases[i].retention_ns, &rules, &err);
        if (rc != (cases[i].words ? ERR_INVALID : 0) ||
            (cases[i].words && !strstr(err.msg, cases[i].words)))
            fail_msg("\"%s\": %d, %s", cases[i].text, rc, err.msg);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(test_good),
                                              cmocka_unit_test(test_bad)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
