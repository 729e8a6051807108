/* W3C Trace Context: tables of good and bad header values. */
#include "wire/traceparent.h"
#include "test.h"

#define IDS "0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331"

static void test_parse(void **state)
{
    static const struct {
        const char *in;
        bool ok;
        uint8_t flags;
    } cases[] = {
        {"00-" IDS "-01", true, 1},
        {"00-" IDS "-00", true, 0},
        {"00-" IDS "-03", true, 3},
        {"00-" IDS "-ff", true, 3},
        {"cc-" IDS "-01", true, 1},
        {"cc-" IDS "-01-what-the-future-brings", true, 1},
        {" 00-" IDS "-01\t", true, 1},
        {"cc-" IDS "-01.what", false, 0},
        {"ff-" IDS "-01", false, 0},
        {"00-" IDS "-01-", false, 0},
        {"00-" IDS "-1", false, 0},
        {"00-" IDS "-0G", false, 0},
        {"00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", false, 0},
        {"00-00000000000000000000000000000000-b7ad6b7169203331-01", false, 0},
        {"00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", false, 0},
        {"00_" IDS "-01", false, 0},
        {"00-0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331-01", false, 0},
        {"", false, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct guarded g = guarded_copy(cases[i].in, strlen(cases[i].in));
        struct traceparent tp = {.flags = 0};
        char text[TRACEPARENT_BYTES + 1];
        CHECK(traceparent_parse(g.bytes, &tp) == cases[i].ok, cases[i].in);
        if (cases[i].ok) {
            CHECK(tp.flags == cases[i].flags, cases[i].in);
            traceparent_format(text, &tp);
            CHECK(memcmp(text + 3, IDS, sizeof IDS - 1) == 0, cases[i].in);
            CHECK(strlen(text) == TRACEPARENT_BYTES, cases[i].in);
        }
        guarded_free(&g);
    }
}

static void test_tracestate(void **state)
{
    static const struct {
        const char *in;
        int want;
    } cases[] = {
        {"", 0},         {"a=1", 1},
        {"a=1,b=2", 2},  {" a=1 , ,b=2\t", 2},
        {"a=1,", 1},     {"tenant@vendor=x", 1},
        {"0a_-*/=v", 1}, {"a=with space inside", 1},
        {"a", -1},       {"a=", -1},
        {"=1", -1},      {"A=1", -1},
        {"-a=1", -1},    {"a=1,a=2", 1},
        {"a=x=y", -1},   {"a=\x01", -1},
        {"a b=1", -1},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct guarded g = guarded_copy(cases[i].in, strlen(cases[i].in));
        struct tracestate_member members[TRACESTATE_MEMBERS_MAX];
        CHECK(tracestate_parse(g.bytes, members) == cases[i].want, cases[i].in);
        guarded_free(&g);
    }
}

/* Into memory of its own, and into the header's. */
static void test_tracestate_join(void **state)
{
    static const struct {
        const char *in, *want;
    } cases[] = {
        {"", ""},
        {" , ", ""},
        {"a=1,b=2", "a=1,b=2"},
        {"\ta=1 ,, b=2 ,a=3,c= 4 ", "a=1,b=2,c= 4"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct tracestate_member members[TRACESTATE_MEMBERS_MAX];
        char text[64], out[64];
        int n;
        snprintf(text, sizeof text, "%s", cases[i].in);
        n = tracestate_parse(str_of(text), members);
        check_str(str_make(out, tracestate_join(out, members, n)), cases[i].want, cases[i].in);
        check_str(str_make(text, tracestate_join(text, members, n)), cases[i].want, cases[i].in);
    }
}

static void test_tracestate_limits(void **state)
{
    struct tracestate_member members[TRACESTATE_MEMBERS_MAX];
    char list[4096], key[300];
    size_t n = 0;
    (void)state;
    for (int i = 0; i < 33; i++) {
        n += (size_t)snprintf(list + n, sizeof list - n, "%sk%d=v", i ? "," : "", i);
        assert_int_equal(tracestate_parse(str_make(list, n), members), i < 32 ? i + 1 : -1);
    }
    memset(key, 'k', sizeof key);
    assert_true(tracestate_key_valid(str_make(key, 256)));
    assert_false(tracestate_key_valid(str_make(key, 257)));
    assert_true(tracestate_value_valid(str_make(key, 256)));
    assert_false(tracestate_value_valid(str_make(key, 257)));
    assert_false(tracestate_value_valid(STR("ends in space ")));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_tracestate),
        cmocka_unit_test(test_tracestate_join),
        cmocka_unit_test(test_tracestate_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
