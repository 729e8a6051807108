/* Arrays written and read back, at every width and shape; decoders stopped at every length. */
#include "store/codec.h"

#include <math.h>
#include <zstd.h>

#include "fixture.h"

typedef void put_fn(struct buf *out, const uint64_t *values, size_t count);

static void check_numbers(put_fn *put, const uint64_t *values, size_t count, const char *name)
{
    uint64_t *back = calloc(count + 1, sizeof *back);
    struct buf out;
    struct str in;
    buf_init(&out, 0);
    put(&out, values, count);
    assert_false(out.failed);
    in = buf_str(&out);
    CHECK(codec_get_ints(&in, count, back), name);
    CHECK(in.n == 0, name);
    CHECK(count == 0 || memcmp(values, back, count * sizeof *back) == 0, name);
    for (size_t n = 0; n < out.n && n < 100; n++) {
        struct guarded g = guarded_copy(out.p, n);
        in = g.bytes;
        CHECK(!codec_get_ints(&in, count, back), name);
        guarded_free(&g);
    }
    buf_release(&out);
    free(back);
}

static uint64_t bits_of(double v)
{
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    return bits;
}

static void test_numbers(void **state)
{
    static const uint64_t edges[] = {0,          1,          255,        256,       65535, 65536,
                                     1ull << 32, 1ull << 56, UINT64_MAX, INT64_MAX, 7,     0};
    uint64_t values[300];
    (void)state;
    check_numbers(codec_put_ints, edges, COUNT(edges), "edges");
    check_numbers(codec_put_steps, edges, COUNT(edges), "edges as steps");
    check_numbers(codec_put_doubles, edges, COUNT(edges), "edges as doubles");
    check_numbers(codec_put_ints, edges, 0, "none");
    check_numbers(codec_put_steps, edges, 0, "no steps");
    check_numbers(codec_put_doubles, edges, 0, "no doubles");
    for (unsigned width = 0; width <= 64; width++) {
        uint64_t max = width == 64 ? UINT64_MAX : (UINT64_C(1) << width) - 1;
        for (size_t i = 0; i < COUNT(values); i++)
            values[i] = i == 7 ? max : max / 300 * i;
        check_numbers(codec_put_ints, values, COUNT(values), "width");
        check_numbers(codec_put_steps, values, COUNT(values), "width of steps");
    }
}

static void test_same_numbers_cost_nothing(void **state)
{
    uint64_t values[1000];
    struct buf out;
    (void)state;
    for (size_t i = 0; i < COUNT(values); i++)
        values[i] = 200;
    buf_init(&out, 0);
    codec_put_ints(&out, values, COUNT(values));
    assert_true(out.n <= 4);
    buf_release(&out);
}

static void test_doubles(void **state)
{
    static const struct {
        const char *name;
        double values[4];
        bool short_ones;
    } cases[] = {
        {"prices", {19.99, 5, 0.01, 100.5}, true},
        {"integers", {1, 2, 3, -4}, true},
        {"many digits", {1.0 / 3, 2.5, 0, 1}, false},
        {"minus zero", {-0.0, 1, 2, 3}, false},
        {"not a number", {(double)NAN, 1, 2, 3}, false},
        {"infinite", {(double)INFINITY, -(double)INFINITY, 0, 1}, false},
        {"huge and tiny", {1e300, 1e-300, 5e-324, 1}, false},
        {"nine digits", {0.123456789, 0.5, 1, 0}, true},
        {"more than an integer holds", {9007199254740993.0, 0.5, 1, 2}, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint64_t values[4];
        struct buf out;
        for (int k = 0; k < 4; k++)
            values[k] = bits_of(cases[i].values[k]);
        check_numbers(codec_put_doubles, values, 4, cases[i].name);
        buf_init(&out, 0);
        codec_put_doubles(&out, values, 4);
        CHECK(((out.p[0] & 15) == 2) == cases[i].short_ones, cases[i].name);
        buf_release(&out);
    }
}

static void test_strings(void **state)
{
    struct str strings[] = {STR_INIT("a"), STR_INIT(""), STR_INIT("zwei"), {NULL, 0}}, back[4];
    uint64_t lengths[4];
    struct buf out;
    (void)state;
    buf_init(&out, 0);
    codec_put_strings(&out, strings, 4);
    for (size_t n = 0; n <= out.n; n++) {
        struct guarded g = guarded_copy(out.p, n);
        struct str in = g.bytes;
        assert_int_equal(codec_get_strings(&in, 4, lengths, back), n == out.n);
        for (int i = 0; i < 4 && n == out.n; i++)
            assert_true(str_eq(strings[i], back[i]));
        guarded_free(&g);
    }
    buf_release(&out);
}

static void test_bad_numbers(void **state)
{
    static const struct {
        const char *name;
        struct str bytes;
    } cases[] = {
        {"nothing", STR_INIT("")},
        {"unknown mode", STR_INIT("\x03\x00\x00")},
        {"scale of another mode", STR_INIT("\x10\x00\x00")},
        {"scale over the maximum", STR_INIT("\xa2\x00\x00")},
        {"nine bytes wide", STR_INIT("\x00\x09\x00"
                                     "123456789012345678")},
        {"endless varint", STR_INIT("\x00\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")},
        {"varint over 64 bits", STR_INIT("\x00\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"
                                         "ab")},
        {"a value short", STR_INIT("\x00\x01\x00"
                                   "a")},
    };
    uint64_t values[2];
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct guarded g = guarded_copy(cases[i].bytes.p, cases[i].bytes.n);
        struct str in = g.bytes;
        CHECK(!codec_get_ints(&in, 2, values), cases[i].name);
        guarded_free(&g);
    }
}

/* A stream whose every bit is turned once: refused, but where only the header's size of the raw bytes says how much. */
static void test_streams(void **state)
{
    ZSTD_CCtx *zstd = ZSTD_createCCtx();
    ZSTD_DCtx *unzstd = ZSTD_createDCtx();
    char text[400], back[4096];
    struct stream_header header;
    struct buf packed, out;
    (void)state;
    buf_init(&packed, 0);
    buf_init(&out, 0);
    for (size_t n = 0; n <= sizeof text; n += 40) {
        memset(text, 'x', sizeof text);
        buf_clear(&out);
        assert_true(stream_pack(zstd, str_make(text, n), 0, 77, &packed, &out));
        assert_true(stream_header_read((char *)out.p, &header));
        assert_true(header.raw_bytes == n && header.stored_bytes == out.n - STREAM_HEADER_BYTES);
        assert_int_equal(header.stored_bytes < n, n >= 80);
        assert_true(stream_unpack(unzstd, &header, 77, (char *)out.p + STREAM_HEADER_BYTES, back));
        assert_memory_equal(back, text, n);
        /* the same bytes in another place */
        assert_false(stream_unpack(unzstd, &header, 78, (char *)out.p + STREAM_HEADER_BYTES, back));
    }
    for (size_t bit = 8 * 8; bit < out.n * 8; bit++) {
        out.p[bit / 8] ^= (unsigned char)(1 << bit % 8);
        assert_true(stream_header_read((char *)out.p, &header));
        assert_false(stream_unpack(unzstd, &header, 77, (char *)out.p + STREAM_HEADER_BYTES, back));
        out.p[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    out.p[7] = 0xff; /* raw bytes: over what a stream may have */
    assert_false(stream_header_read((char *)out.p, &header));
    ZSTD_freeCCtx(zstd);
    ZSTD_freeDCtx(unzstd);
    buf_release(&packed);
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),     cmocka_unit_test(test_same_numbers_cost_nothing),
        cmocka_unit_test(test_doubles),     cmocka_unit_test(test_strings),
        cmocka_unit_test(test_bad_numbers), cmocka_unit_test(test_streams),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
