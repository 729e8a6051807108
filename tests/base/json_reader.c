/* The JSON reader: what RFC 8259 calls JSON and what it does not, with the byte where it goes wrong. */
#include "base/json_reader.h"
#include "base/json_writer.h"
#include "test.h"

#define BYTES(s) s, sizeof(s) - 1

static const struct {
    const char *text;
    size_t n;
    const char *why; /* NULL: good */
    size_t at;
} texts[] = {
    {BYTES("{}"), NULL, 0},
    {BYTES(" [ ] \t\r\n"), NULL, 0},
    {BYTES("[1,-0,0.5,1e3,1E-3,-2.5e+10,123456789012345678901234567890]"), NULL, 0},
    {BYTES("[true,false,null,\"\"]"), NULL, 0},
    {BYTES("{\"a\":{\"b\":[{}]},\"a\":1}"), NULL, 0},
    {BYTES("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00fc\\ud83e\\udded\\u0000\""), NULL, 0},
    {BYTES("\"\x7f\xc3\xbc\xf0\x9f\xa7\xad\""), NULL, 0},
    {BYTES("7"), NULL, 0},
    {BYTES(""), "a value is expected", 0},
    {BYTES("  "), "a value is expected", 2},
    {BYTES("x"), "a value is expected", 0},
    {BYTES("{} {}"), "nothing is expected behind the value", 3},
    {BYTES("[1,]"), "a value is expected", 3},
    {BYTES("[,1]"), "a value is expected", 1},
    {BYTES("[1 2]"), "',' or ']' is expected", 3},
    {BYTES("[1"), "',' or ']' is expected", 2},
    {BYTES("["), "a value is expected", 1},
    {BYTES("[}"), "a value is expected", 1},
    {BYTES("{\"a\":1,}"), "a string is expected", 7},
    {BYTES("{\"a\" 1}"), "':' is expected", 5},
    {BYTES("{\"a\":}"), "a value is expected", 5},
    {BYTES("{\"a\":1]"), "',' or '}' is expected", 6},
    {BYTES("{a:1}"), "a string is expected", 1},
    {BYTES("{1:1}"), "a string is expected", 1},
    {BYTES("{"), "a string is expected", 1},
    {BYTES("01"), "a number is expected", 0},
    {BYTES("-"), "a number is expected", 0},
    {BYTES("-01"), "a number is expected", 0},
    {BYTES("1."), "a number is expected", 0},
    {BYTES("[1.e3]"), "a number is expected", 1},
    {BYTES("1e"), "a number is expected", 0},
    {BYTES("1e+"), "a number is expected", 0},
    {BYTES("+1"), "a value is expected", 0},
    {BYTES(".5"), "a value is expected", 0},
    {BYTES("1x"), "nothing is expected behind the value", 1},
    {BYTES("tru"), "true or false is expected", 0},
    {BYTES("nul"), "null is expected", 0},
    {BYTES("truex"), "nothing is expected behind the value", 4},
    {BYTES("NaN"), "a value is expected", 0},
    {BYTES("'a'"), "a value is expected", 0},
    {BYTES("\"abc"), "a string has no end", 4},
    {BYTES("\"abc\\"), "an unknown escape", 4},
    {BYTES("\"abc\\\""), "a string has no end", 6},
    {BYTES("\"a\\x41\""), "an unknown escape", 2},
    {BYTES("\"a\\u12g4\""), "four hexadecimal digits are expected behind \\u", 2},
    {BYTES("\"a\\u12\""), "four hexadecimal digits are expected behind \\u", 2},
    {BYTES("\"a\\ud800\\u12\""), "four hexadecimal digits are expected behind \\u", 8},
    {BYTES("\"a\nb\""), "a control character in a string", 2},
    {BYTES("\"a\\n\x01\""), "a control character in a string", 4},
    {BYTES("\"a\0b\""), "a control character in a string", 2},
    {BYTES("\"12345678\xff\""), "a string is not UTF-8", 9},
    {BYTES("\"\\n\xc3\""), "a string is not UTF-8", 3},
    {BYTES("\0"), "a value is expected", 0},
    {BYTES("\xef\xbb\xbf{}"), "a value is expected", 0}, /* a byte order mark */
};

static void test_texts(void **state)
{
    struct arena arena;
    (void)state;
    arena_init(&arena, 0);
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct guarded g = guarded_copy(texts[i].text, texts[i].n);
        struct json_reader r = json_reader_of(g.bytes, &arena);
        json_read_skip(&r);
        CHECK(json_read_end(&r) == (texts[i].why == NULL), texts[i].text);
        if (texts[i].why) {
            check_str(str_of(r.why), texts[i].why, texts[i].text);
            CHECK(r.bad_at == texts[i].at, texts[i].text);
        }
        guarded_free(&g);
    }
    arena_release(&arena);
}

/* No proper prefix of an object is an object, and none is read past its end. */
static void test_prefixes(void **state)
{
    static const char text[] =
        "{\"a\\n\\u00e9\":[1.5e-3,true,null,{\"b\":\"\xc3\xbc\\ud83e\\udded\"}],"
        "\"long enough for whole words\":-12}";
    struct arena arena;
    (void)state;
    arena_init(&arena, 0);
    for (size_t n = 0; n < sizeof text; n++) {
        struct guarded g = guarded_copy(text, n);
        struct json_reader r = json_reader_of(g.bytes, &arena);
        json_read_skip(&r);
        assert_int_equal(json_read_end(&r), n == sizeof text - 1);
        assert_true(r.bad_at <= n);
        guarded_free(&g);
    }
    arena_release(&arena);
}

static void test_strings(void **state)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"\"\"", ""},
        {"\"plain\"", "plain"},
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t"},
        {"\"\\u0041\\u00fc\\u20AC\\ud83e\\udded!\"", "A\xc3\xbc\xe2\x82\xac\xf0\x9f\xa7\xad!"},
        {"\"\\ud83e\"", "\xef\xbf\xbd"},     /* half a pair */
        {"\"\\udded x\"", "\xef\xbf\xbd x"}, /* the other half */
        {"\"\\ud83e\\u0041\"", "\xef\xbf\xbd"
                               "A"}, /* a half and a letter */
        {"\"\\ud83e\\ud83e\\udded\"", "\xef\xbf\xbd\xf0\x9f\xa7\xad"},
        {"\"\\ud83e\\n\"", "\xef\xbf\xbd\n"},
        {"\"12345678\\n12345678\\n\"", "12345678\n12345678\n"},
    };
    struct arena arena;
    (void)state;
    arena_init(&arena, 0);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct guarded g = guarded_copy(cases[i].text, strlen(cases[i].text));
        struct json_reader r = json_reader_of(g.bytes, &arena);
        struct str got = json_read_string(&r);
        CHECK(json_read_end(&r), cases[i].text);
        check_str(got, cases[i].want, cases[i].text);
        guarded_free(&g);
    }
    arena_release(&arena);
}

/* Every byte value at every place of a string is read back as it was written. */
static void test_strings_written(void **state)
{
    struct arena arena;
    (void)state;
    arena_init(&arena, 0);
    for (int c = 0; c < 128; c++) {
        for (size_t n = 1; n < 20; n++) {
            char text[20];
            struct buf out;
            struct json_writer w;
            struct json_reader r;
            memset(text, 'a', sizeof text);
            text[n / 2] = (char)c;
            buf_init(&out, 0);
            json_init(&w, &out, 0);
            json_str(&w, str_make(text, n));
            r = json_reader_of(buf_str(&out), &arena);
            assert_true(str_eq(json_read_string(&r), str_make(text, n)));
            assert_true(json_read_end(&r));
            buf_release(&out);
        }
    }
    arena_release(&arena);
}

static void test_walk(void **state)
{
    struct str key;
    struct arena arena;
    struct json_reader r;
    (void)state;
    arena_init(&arena, 0);
    r = json_reader_of(STR("{\"list\":[1,[],{}],\"yes\":true,\"no\":false,\"n\":null}"), &arena);
    assert_int_equal(json_peek(&r), JSON_OBJECT_KIND);
    assert_true(json_read_object(&r));
    assert_true(json_read_member(&r, &key));
    check_str(key, "list", "first key");
    assert_true(json_read_array(&r) && json_read_element(&r));
    check_str(json_read_number(&r), "1", "number");
    assert_true(json_read_element(&r) && json_read_array(&r));
    assert_false(json_read_element(&r));
    assert_true(json_read_element(&r) && json_read_object(&r));
    assert_false(json_read_member(&r, &key));
    assert_false(json_read_element(&r));
    assert_true(json_read_member(&r, &key) && json_read_bool(&r));
    assert_true(json_read_member(&r, &key) && !json_read_bool(&r));
    assert_true(json_read_member(&r, &key));
    assert_int_equal(json_peek(&r), JSON_NULL_KIND);
    json_read_null(&r);
    assert_false(json_read_member(&r, &key));
    assert_true(json_read_end(&r));
    /* sticky: after the first error nothing is read any more */
    r = json_reader_of(STR("[7]"), &arena);
    assert_true(json_read_array(&r) && json_read_element(&r));
    check_str(json_read_string(&r), "", "no string");
    check_str(json_read_number(&r), "", "nothing behind an error");
    assert_false(json_read_element(&r));
    check_str(str_of(r.why), "a string is expected", "the first error stays");
    assert_int_equal(r.bad_at, 1);
    arena_release(&arena);
}

static void test_depth(void **state)
{
    char text[2 * (JSON_READ_DEPTH_MAX + 1)];
    struct arena arena;
    (void)state;
    arena_init(&arena, 0);
    for (size_t depth = JSON_READ_DEPTH_MAX - 1; depth <= JSON_READ_DEPTH_MAX + 1; depth++) {
        struct json_reader r = json_reader_of(str_make(text, 2 * depth), &arena);
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        json_read_skip(&r);
        assert_int_equal(json_read_end(&r), depth <= JSON_READ_DEPTH_MAX);
    }
    arena_release(&arena);
}

static void test_no_memory(void **state)
{
    struct arena arena;
    struct json_reader r;
    (void)state;
    arena_init(&arena, 16);
    r = json_reader_of(STR("\"\\nmore than sixteen bytes with an escape\""), &arena);
    json_read_string(&r);
    assert_false(json_read_end(&r));
    assert_true(r.no_memory);
    arena_release(&arena);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),     cmocka_unit_test(test_prefixes),
        cmocka_unit_test(test_strings),   cmocka_unit_test(test_strings_written),
        cmocka_unit_test(test_walk),      cmocka_unit_test(test_depth),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
