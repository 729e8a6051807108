/* UTF-8, hexadecimal, clocks' text and the JSON writer. */
#include <math.h>

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

static void test_json_depth(void **state)
{
    struct buf out;
    struct json_writer w;
    (void)state;
    buf_init(&out, 0);
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

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_utf8),
        cmocka_unit_test(test_hex),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_json_depth),
        cmocka_unit_test(test_time_and_errors),
        cmocka_unit_test(test_log_quote),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
