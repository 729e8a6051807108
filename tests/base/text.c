/* UTF-8, hexadecimal, base64, clocks' text and the JSON writer. */
#include <locale.h>
#include <math.h>

#include "base/base64.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/hex.h"
#include "base/json_writer.h"
#include "base/log.h"
#include "base/utf8.h"
#include "test.h"

static void test_utf8(void **state)
{
    static const struct {
        const char *in;
        size_t valid;
    } cases[] = {
        {"", 0},
        {"a", 1},
        {"plain ASCII of more than eight bytes", 36},
        {"gr\xc3\xbc\xc3\x9f"
         "e",
         7},
        {"\xe2\x82\xac", 3},
        {"\xf0\x9f\xa7\xad", 4},
        {"\xf4\x8f\xbf\xbf", 4}, /* U+10FFFF */
        {"\xed\x9f\xbf", 3},     /* just below the surrogates */
        {"\xc0\x80", 0},         /* overlong NUL */
        {"\xc1\xbf", 0},
        {"\xe0\x9f\xbf", 0}, /* overlong */
        {"\xf0\x8f\xbf\xbf", 0},
        {"\xed\xa0\x80", 0},     /* a surrogate */
        {"\xf4\x90\x80\x80", 0}, /* beyond U+10FFFF */
        {"\xf5\x80\x80\x80", 0},
        {"ab\x80", 2},      /* a continuation alone */
        {"abc\xe2\x82", 3}, /* cut */
        {"0123456\xff"
         "9",
         7},
        {"0123456789abcdef0123456789abcde\xff", 31},
        {"0123456789abcdef0123456789abcdef0123\xff", 36},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct guarded g = guarded_copy(cases[i].in, strlen(cases[i].in));
        CHECK(utf8_valid_prefix(g.bytes) == cases[i].valid, cases[i].in);
        guarded_free(&g);
    }
    /* a bad byte is seen at every place of every length */
    for (size_t n = 1; n < 80; n++) {
        for (size_t at = 0; at < n; at++) {
            char text[80];
            memset(text, 'a', n);
            text[at] = '\xff';
            assert_int_equal(utf8_valid_prefix(str_make(text, n)), at);
        }
    }
}

static void test_base64(void **state)
{
    static const struct {
        const char *text;
        ptrdiff_t n; /* -1: refused */
        const char *bytes;
    } cases[] = {
        {"", 0, ""},
        {"Zg==", 1, "f"},
        {"Zg", 1, "f"},
        {"Zm8=", 2, "fo"},
        {"Zm9v", 3, "foo"},
        {"Zm9vYmE=", 5, "fooba"},
        {"Zm9vYmFy", -1, ""}, /* six bytes, one more than there is room for */
        {"+/-_", 3, "\xfb\xff\xbf"},
        {"Z", -1, ""},
        {"Zm9vY", -1, ""},
        {"Zm 9v", -1, ""},
        {"Zg===", -1, ""},
        {"=", 0, ""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        unsigned char bytes[5];
        ptrdiff_t n = base64_decode(bytes, sizeof bytes, str_of(cases[i].text));
        CHECK(n == cases[i].n, cases[i].text);
        CHECK(n <= 0 || memcmp(bytes, cases[i].bytes, (size_t)n) == 0, cases[i].text);
    }
}

static void test_hex(void **state)
{
    unsigned char bytes[3];
    char text[7] = "";
    (void)state;
    assert_true(hex_decode(bytes, 3, STR("00aBfF")));
    assert_memory_equal(bytes, "\x00\xab\xff", 3);
    hex_encode(text, bytes, 3);
    assert_string_equal(text, "00abff");
    assert_false(hex_decode(bytes, 3, STR("00abf")));
    assert_false(hex_decode(bytes, 3, STR("00abfg")));
    assert_false(hex_decode(bytes, 3, STR("00abff0")));
}

static void write_all(struct json_writer *w)
{
    json_object_begin(w);
    json_key(w, STR("a"));
    json_array_begin(w);
    json_i64(w, INT64_MIN);
    json_u64_str(w, UINT64_MAX);
    json_double(w, 0.1);
    json_double(w, (double)NAN);
    json_double(w, -(double)INFINITY);
    json_double(w, 1e300);
    json_array_end(w);
    json_key(w, STR("b\n"));
    json_object_begin(w);
    json_object_end(w);
    json_key(w, STR("c"));
    json_base64(w, STR("\x00\xff"));
    json_key(w, STR("d"));
    json_bool(w, true);
    json_key(w, STR("e"));
    json_write_null(w);
    json_object_end(w);
}

static void test_json(void **state)
{
    struct buf out;
    struct json_writer w;
    (void)state;
    buf_init(&out, 0);
    json_init(&w, &out, 0);
    write_all(&w);
    check_str(
        buf_str(&out),
        "{\"a\":[-9223372036854775808,\"18446744073709551615\",0.1,\"NaN\",\"-Infinity\",1e+300],"
        "\"b\\n\":{},\"c\":\"AP8=\",\"d\":true,\"e\":null}",
        "one line");
    buf_clear(&out);
    json_init(&w, &out, 2);
    json_array_begin(&w);
    json_str(&w, STR("\"\\\x01\x7f/\xc3\xbc"));
    json_str(&w, STR("a\xff"
                     "b\xe2\x82"));
    json_array_end(&w);
    check_str(buf_str(&out),
              "[\n  \"\\\"\\\\\\u0001\\u007f/\xc3\xbc\",\n  \"a\xef\xbf\xbd"
              "b\xef\xbf\xbd\xef\xbf\xbd\"\n]",
              "indented, with bytes that are not UTF-8");
    buf_release(&out);
}

/* A byte that needs an escape is seen at every place of every length, one of UTF-8 is left as it is. */
static void test_json_escapes(void **state)
{
    static const struct {
        const char *in, *want;
    } cases[] = {{"\"", "\\\""}, {"\\", "\\\\"},      {"\n", "\\n"},       {"\r", "\\r"},
                 {"\t", "\\t"},  {"\x1f", "\\u001f"}, {"\x7f", "\\u007f"}, {"\xc3\xbc", "\xc3\xbc"},
                 {" ", " "},     {"!", "!"},          {"~", "~"},          {"]", "]"}};
    (void)state;
    for (size_t c = 0; c < COUNT(cases); c++) {
        for (int before = 0; before < 20; before++) {
            for (int after = 0; after < 20; after++) {
                char in[64], want[64];
                struct buf out;
                struct json_writer w;
                snprintf(in, sizeof in, "%.*s%s%.*s", before, "aaaaaaaaaaaaaaaaaaaa", cases[c].in,
                         after, "zzzzzzzzzzzzzzzzzzzz");
                snprintf(want, sizeof want, "\"%.*s%s%.*s\"", before, "aaaaaaaaaaaaaaaaaaaa",
                         cases[c].want, after, "zzzzzzzzzzzzzzzzzzzz");
                buf_init(&out, 0);
                json_init(&w, &out, 0);
                json_str(&w, str_of(in));
                check_str(buf_str(&out), want, in);
                buf_release(&out);
            }
        }
    }
}

static void test_json_numbers(void **state)
{
    static const struct {
        double v;
        const char *want;
    } cases[] = {{0, "0"},
                 {-0.0, "-0.0"},
                 {1, "1"},
                 {0.1, "0.1"},
                 {-1.5, "-1.5"},
                 {5e-324, "4.94065645841247e-324"},
                 {1e21, "1e+21"},
                 {1.0 / 3, "0.3333333333333333"},
                 {123456789.125, "123456789.125"}};
    /* where the system has a locale with a decimal comma, all of this holds there too */
    static const char *const locales[] = {"C", "de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8",
                                          "ps_AF.UTF-8"};
    (void)state;
    for (size_t l = 0; l < COUNT(locales); l++) {
        if (!setlocale(LC_ALL, locales[l]))
            continue;
        for (size_t i = 0; i < COUNT(cases); i++) {
            struct buf out;
            struct json_writer w;
            double back = 7;
            buf_init(&out, 0);
            json_init(&w, &out, 0);
            json_double(&w, cases[i].v);
            check_str(buf_str(&out), cases[i].want, locales[l]);
            CHECK(str_to_double(buf_str(&out), &back), cases[i].want);
            CHECK(memcmp(&back, &cases[i].v, sizeof back) == 0, cases[i].want);
            buf_release(&out);
        }
    }
    setlocale(LC_ALL, "C");
}

static void test_json_integers(void **state)
{
    struct buf out;
    struct json_writer w;
    (void)state;
    buf_init(&out, 0);
    json_init(&w, &out, 0);
    json_array_begin(&w);
    json_i64(&w, 0);
    json_i64(&w, -1);
    json_i64(&w, INT64_MIN);
    json_i64(&w, INT64_MAX);
    json_u64(&w, UINT64_MAX);
    json_i64_str(&w, INT64_MIN);
    json_u64_str(&w, 0);
    json_array_end(&w);
    check_str(buf_str(&out),
              "[0,-1,-9223372036854775808,9223372036854775807,18446744073709551615,"
              "\"-9223372036854775808\",\"0\"]",
              "integers");
    buf_release(&out);
}

static void test_json_depth(void **state)
{
    struct buf out;
    struct json_writer w;
    (void)state;
    buf_init(&out, 0);
    json_init(&w, &out, 0);
    for (int i = 0; i < JSON_DEPTH_MAX - 1; i++) {
        json_array_begin(&w);
        json_i64(&w, i % 10);
    }
    for (int i = 0; i < JSON_DEPTH_MAX - 1; i++)
        json_array_end(&w);
    assert_false(out.failed);
    assert_memory_equal(out.p, "[0,[1,[2,[3,",
                        12); /* the comma knows its depth beyond one word of bits */
    assert_memory_equal(out.p + 3 * 100, "[0,[1,", 6);
    assert_int_equal(out.n, (JSON_DEPTH_MAX - 1) * 4 - 1);
    buf_clear(&out);
    json_init(&w, &out, 0);
    json_init(&w, &out, 0);
    for (int i = 0; i < 200; i++)
        json_array_begin(&w);
    for (int i = 0; i < 200; i++)
        json_array_end(&w);
    assert_true(out.failed);
    buf_release(&out);
}

static void test_time_and_errors(void **state)
{
    char text[31];
    struct err err;
    enum log_level level;
    (void)state;
    clock_format_rfc3339(text, 1700000000123456789u);
    assert_string_equal(text, "2023-11-14T22:13:20.123456789Z");
    clock_format_rfc3339(text, 0);
    assert_string_equal(text, "1970-01-01T00:00:00.000000000Z");
    assert_int_equal(err_at(&err, ERR_INVALID, 7, "bad %s", "thing"), ERR_INVALID);
    assert_int_equal(err.offset, 7);
    assert_string_equal(err.msg, "bad thing");
    assert_int_equal(err_http_status(ERR_BUSY), 503);
    assert_int_equal(err_grpc_status(ERR_TOO_LARGE), 8);
    assert_int_equal(err_http_status(-999), 500);
    assert_true(log_level_parse(STR("WARN"), &level));
    assert_int_equal(level, LOG_WARN);
    assert_false(log_level_parse(STR("loud"), &level));
}

static void test_log_quote(void **state)
{
    char out[512], *long_text = malloc(5000);
    (void)state;
    assert_string_equal(log_quote(out, STR("a\"b\n\\")), "\"a\\\"b\\x0a\\\\\"");
    memset(long_text, '\n', 5000);
    assert_true(strlen(log_quote(out, str_make(long_text, 5000))) < sizeof out);
    free(long_text);
}

/* RFC 4648, section 10, without the padding; and back. */
static void test_base64_encode(void **state)
{
    static const struct {
        const char *bytes, *text;
    } cases[] = {
        {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
        {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xff\xef\xbe", "/+++"},
        {"\xfb", "+w"}};
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[16];
        unsigned char back[16];
        size_t n = strlen(cases[i].bytes), got = base64_encode(text, cases[i].bytes, n);
        check_str(str_make(text, got), cases[i].text, cases[i].text);
        CHECK(got == BASE64_TEXT_BYTES(n), cases[i].text);
        CHECK(base64_decode(back, sizeof back, str_make(text, got)) == (ptrdiff_t)n, cases[i].text);
        CHECK(memcmp(back, cases[i].bytes, n) == 0, cases[i].text);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_utf8),         cmocka_unit_test(test_hex),
        cmocka_unit_test(test_base64),       cmocka_unit_test(test_base64_encode),
        cmocka_unit_test(test_json),         cmocka_unit_test(test_json_escapes),
        cmocka_unit_test(test_json_numbers), cmocka_unit_test(test_json_integers),
        cmocka_unit_test(test_json_depth),   cmocka_unit_test(test_time_and_errors),
        cmocka_unit_test(test_log_quote),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
