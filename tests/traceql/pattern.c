/* Regular expressions: RE2's syntax, fully anchored, any bytes, bounded. */
#include "traceql/pattern.h"
#include "test.h"

static const struct {
    const char *pattern, *text;
    bool want;
} cases[] = {
    {"", "", true},
    {"", "a", false},
    {"a", "a", true},
    {"a", "ab", false},
    {"a", "ba", false},
    {"a|ab", "ab", true},
    {"a.*", "abc", true},
    {".*b", "ab\n", false},
    {"a.b", "a\nb", false},
    {"(?s)a.b", "a\nb", true},
    {"a$", "a\n", false},
    {"^a$", "a", true},
    {"(?i)get", "GET", true},
    {"(?P<name>a)b", "ab", true},
    {"[[:alpha:]]+", "abc", true},
    {"\\d+", "123", true},
    {"\\d", "\xd9\xa1", false}, /* an Arabic digit: \d is ASCII */
    {"\\pL+", "\xc3\xa9", true},
    {"\\x{e9}", "\xc3\xa9", true},
    {"\\Qa.b\\E", "a.b", true},
    {"\\Qa(?=b", "a(?=b", true},
    {"[(?=]", "=", true},
    {"[]a]", "]", true},
    {"\\(\\?=", "(?=", true},
    {".", "\xc3\xa9", true},
    {"a.", "a\xff", true}, /* a byte that is no UTF-8 is a character */
    {"a\\x{fffd}.", "a\xff\xe2", true},
    {"\\/api\\/.+", "/api/x", true},
    {"a{2,3}?", "aaa", true},
    {"\\z", "", true},
    {"a+?b", "aab", true},
    {"\\++", "++", true},
};

static const char *const refused[] = {
    "[",      "(",       ")",       "*",       "a(?=b)", "(?!a)",  "(?<=a)b", "(?<!a)", "(?>a)",
    "(a)\\1", "\\k<n>",  "(?R)",    "(?1)",    "a++",    "a*+",    "a?+",     "a{2}+",  "\\Ka",
    "\\Ga",   "(?|a|b)", "(?(1)a)", "(*UCP)a", "(?#a)",  "(?P=n)", "\\Ra",    "\\C",    "(?<n",
    "a{2,1}", "\\p{X}",  "[z-a]",   "(?x)a b", "(?P>a)", "(?&a)",  "\\Z",     "\\h",
};

static void test_matches(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct guarded text = guarded_copy(cases[i].text, strlen(cases[i].text));
        const struct pattern *p;
        struct arena arena;
        struct err err;
        arena_init(&arena, 0);
        if (pattern_compile(str_of(cases[i].pattern), &arena, &p, &err) < 0)
            fail_msg("\"%s\": %s", cases[i].pattern, err.msg);
        CHECK(pattern_matches(p, text.bytes) == cases[i].want, cases[i].pattern);
        CHECK(pattern_limit_hits(p) == 0, cases[i].pattern);
        arena_release(&arena);
        guarded_free(&text);
    }
}

static void test_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(refused); i++) {
        const struct pattern *p;
        struct arena arena;
        struct err err = {0};
        arena_init(&arena, 0);
        CHECK(pattern_compile(str_of(refused[i]), &arena, &p, &err) == ERR_INVALID, refused[i]);
        CHECK(err.msg[0] && err.offset <= strlen(refused[i]), refused[i]);
        arena_release(&arena);
    }
}

static void test_limits(void **state)
{
    char text[64];
    struct str large = {calloc(1, PATTERN_BYTES_MAX + 1), PATTERN_BYTES_MAX + 1};
    const struct pattern *p;
    struct arena arena;
    struct err err;
    (void)state;
    memset(text, 'a', sizeof text);
    arena_init(&arena, 0);
    assert_int_equal(pattern_compile(STR("(a|aa)*(b|c)"), &arena, &p, &err), 0);
    assert_false(pattern_matches(p, str_make(text, sizeof text)));
    assert_int_equal(pattern_limit_hits(p), 1);
    assert_false(pattern_holds(p, str_make(text, sizeof text), false)); /* nor is that sure */
    assert_int_equal(pattern_limit_hits(p), 2);
    assert_true(pattern_matches(p, STR("aaab"))); /* the next one is as good as ever */
    assert_int_equal(pattern_compile(large, &arena, &p, &err), ERR_TOO_LARGE);
    arena_release(&arena);
    arena_init(&arena, 16 * 1024);
    assert_int_equal(pattern_compile(STR("((a{1,100}){1,100}){1,10}"), &arena, &p, &err),
                     ERR_TOO_LARGE);
    arena_release(&arena);
    free((void *)(uintptr_t)large.p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_matches),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
