/* Compressed bodies: every format whole, cut and damaged, and the maxima. */
#include "net/encoding.h"

#include <libdeflate.h>
#include <zstd.h>

#include "base/err.h"
#include "test.h"

static struct codecs codecs;

static bool reserve(struct buf *out, size_t cap, void *user)
{
    size_t *reserved_max = user;
    if (cap > *reserved_max)
        return false;
    return buf_reserve(out, cap - out->n) != NULL;
}

static int inflate(enum encoding encoding, struct str in, size_t max, size_t memory,
                   struct buf *out)
{
    struct encoding_sink sink = {out, max, reserve, &memory};
    struct guarded g = guarded_copy(in.p, in.n);
    int rc = encoding_inflate(&codecs, encoding, g.bytes, &sink);
    guarded_free(&g);
    return rc;
}

/* Text that compresses to about a third. */
static void make_plain(struct buf *out, size_t n)
{
    uint32_t seed = 1;
    while (out->n < n) {
        seed = seed * 1664525 + 1013904223;
        buf_put_byte(out, (unsigned char)('a' + (seed >> 24) % 6));
    }
}

enum kind { GZIP, ZLIB, RAW, ZSTD, ZSTD_STREAM };

static void pack(enum kind kind, struct str in, struct buf *out)
{
    struct libdeflate_compressor *c = libdeflate_alloc_compressor(6);
    size_t room = in.n + 1000;
    void *at = buf_reserve(out, room);
    if (kind == GZIP)
        out->n += libdeflate_gzip_compress(c, in.p, in.n, at, room);
    else if (kind == ZLIB)
        out->n += libdeflate_zlib_compress(c, in.p, in.n, at, room);
    else if (kind == RAW)
        out->n += libdeflate_deflate_compress(c, in.p, in.n, at, room);
    else if (kind == ZSTD)
        out->n += ZSTD_compress(at, room, in.p, in.n, 3);
    libdeflate_free_compressor(c);
    if (kind == ZSTD_STREAM) { /* does not say how large it will be */
        ZSTD_CCtx *cctx = ZSTD_createCCtx();
        ZSTD_inBuffer from = {in.p, in.n, 0};
        ZSTD_outBuffer to = {at, room, 0};
        while (ZSTD_compressStream2(cctx, &to, &from, ZSTD_e_continue) && from.pos < from.size)
            ;
        while (ZSTD_compressStream2(cctx, &to, &from, ZSTD_e_end))
            ;
        out->n += to.pos;
        ZSTD_freeCCtx(cctx);
    }
}

static const struct {
    const char *name;
    enum kind kind;
    enum encoding encoding;
} formats[] = {
    {"gzip", GZIP, ENCODING_GZIP},
    {"zlib", ZLIB, ENCODING_DEFLATE},
    {"raw", RAW, ENCODING_DEFLATE},
    {"zstd", ZSTD, ENCODING_ZSTD},
    {"zstd stream", ZSTD_STREAM, ENCODING_ZSTD},
};

static void test_round_trips(void **state)
{
    static const size_t sizes[] = {1, 100, 4095, 4096, 4097, 100000, 3000000};
    (void)state;
    for (size_t i = 0; i < COUNT(formats); i++) {
        for (size_t k = 0; k < COUNT(sizes); k++) {
            struct buf plain = {0}, packed = {0}, out = {0};
            make_plain(&plain, sizes[k]);
            pack(formats[i].kind, buf_str(&plain), &packed);
            CHECK(inflate(formats[i].encoding, buf_str(&packed), sizes[k], SIZE_MAX, &out) == 0,
                  formats[i].name);
            CHECK(out.n == plain.n && memcmp(out.p, plain.p, out.n) == 0, formats[i].name);
            buf_release(&out);
            CHECK(inflate(formats[i].encoding, buf_str(&packed), sizes[k] - 1, SIZE_MAX, &out) ==
                          ERR_TOO_LARGE ||
                      sizes[k] == 1,
                  formats[i].name);
            CHECK(out.n < sizes[k], formats[i].name);
            buf_release(&out);
            buf_release(&packed);
            buf_release(&plain);
        }
    }
}

static void test_cut_and_flipped(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(formats); i++) {
        struct buf plain = {0}, packed = {0};
        make_plain(&plain, 500);
        pack(formats[i].kind, buf_str(&plain), &packed);
        for (size_t cut = 0; cut < packed.n; cut++) {
            struct buf out = {0};
            CHECK(inflate(formats[i].encoding, str_make(packed.p, cut), 1000, SIZE_MAX, &out) < 0,
                  formats[i].name);
            buf_release(&out);
        }
        for (size_t bit = 0; bit < packed.n * 8;
             bit++) { /* no crash; an error or some other text */
            struct buf out = {0};
            packed.p[bit / 8] ^= (unsigned char)(1u << bit % 8);
            inflate(formats[i].encoding, buf_str(&packed), 1000, SIZE_MAX, &out);
            CHECK(out.n <= 1000, formats[i].name);
            packed.p[bit / 8] ^= (unsigned char)(1u << bit % 8);
            buf_release(&out);
        }
        buf_release(&packed);
        buf_release(&plain);
    }
}

/* 100 MB of nothing in 100 kB: refused by ratio long before the caller's maximum. */
static void test_bombs(void **state)
{
    struct buf zeros = {0};
    (void)state;
    memset(buf_reserve(&zeros, 100u << 20), 0, 100u << 20);
    zeros.n = 100u << 20;
    for (size_t i = 0; i < COUNT(formats); i++) {
        struct buf packed = {0}, out = {0};
        pack(formats[i].kind, buf_str(&zeros), &packed);
        CHECK(inflate(formats[i].encoding, buf_str(&packed), 1u << 30, SIZE_MAX, &out) ==
                  ERR_TOO_LARGE,
              formats[i].name);
        CHECK(out.cap <= 40u << 20, formats[i].name);
        buf_release(&out);
        buf_release(&packed);
        /* but up to 1 MiB any ratio is fine */
        pack(formats[i].kind, str_make(zeros.p, 1u << 20), &packed);
        CHECK(inflate(formats[i].encoding, buf_str(&packed), 1u << 30, SIZE_MAX, &out) == 0,
              formats[i].name);
        CHECK(out.n == 1u << 20, formats[i].name);
        buf_release(&out);
        buf_release(&packed);
    }
    buf_release(&zeros);
}

static void test_no_memory(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(formats); i++) {
        struct buf plain = {0}, packed = {0}, out = {0};
        make_plain(&plain, 100000);
        pack(formats[i].kind, buf_str(&plain), &packed);
        CHECK(inflate(formats[i].encoding, buf_str(&packed), 1u << 20, 5000, &out) == ERR_BUSY,
              formats[i].name);
        buf_release(&out);
        buf_release(&packed);
        buf_release(&plain);
    }
}

/* gzip members one behind the other are one body; the last one's size says nothing about the others. */
static void test_members(void **state)
{
    struct buf plain = {0}, packed = {0}, out = {0};
    (void)state;
    make_plain(&plain, 30000);
    pack(GZIP, str_make(plain.p, 29990), &packed);
    pack(GZIP, str_make(plain.p + 29990, 10), &packed);
    assert_int_equal(inflate(ENCODING_GZIP, buf_str(&packed), 1u << 20, SIZE_MAX, &out), 0);
    assert_int_equal(out.n, plain.n);
    assert_memory_equal(out.p, plain.p, out.n);
    buf_release(&out);
    buf_put_str(&packed, STR("garbage"));
    assert_int_equal(inflate(ENCODING_GZIP, buf_str(&packed), 1u << 20, SIZE_MAX, &out),
                     ERR_INVALID);
    buf_release(&out);
    buf_clear(&packed);
    for (int i = 0; i < 1000; i++)
        pack(GZIP, STR("x"), &packed);
    assert_int_equal(inflate(ENCODING_GZIP, buf_str(&packed), 1u << 20, SIZE_MAX, &out),
                     ERR_TOO_LARGE);
    buf_release(&out);
    buf_release(&packed);
    buf_release(&plain);
}

/* The size that gzip's trailer claims is a hint only. */
static void test_lying_size(void **state)
{
    static const uint32_t lies[] = {0, 1, 99999, 0x7fffffff, 0xffffffff};
    (void)state;
    for (size_t i = 0; i < COUNT(lies); i++) {
        struct buf plain = {0}, packed = {0}, out = {0};
        make_plain(&plain, 5000);
        pack(GZIP, buf_str(&plain), &packed);
        memcpy(packed.p + packed.n - 4, &lies[i], 4);
        assert_int_equal(inflate(ENCODING_GZIP, buf_str(&packed), 1u << 20, 2u << 20, &out),
                         ERR_INVALID);
        buf_release(&out);
        buf_release(&packed);
        buf_release(&plain);
    }
}

static void test_names(void **state)
{
    static const struct {
        const char *name;
        enum encoding encoding;
    } table[] = {
        {"", ENCODING_IDENTITY},    {"identity", ENCODING_IDENTITY},
        {"GZIP", ENCODING_GZIP},    {" gzip ", ENCODING_GZIP},
        {"x-gzip", ENCODING_GZIP},  {"deflate", ENCODING_DEFLATE},
        {"zlib", ENCODING_DEFLATE}, {"zstd", ENCODING_ZSTD},
        {"br", ENCODING_UNKNOWN},   {"gzip,gzip", ENCODING_UNKNOWN},
    };
    static const struct {
        const char *field;
        bool ok;
    } accepts[] = {
        {"", false},
        {"gzip", true},
        {"br, gzip;q=0.1", true},
        {"gzip;q=0", false},
        {"gzip; q=0.0", false},
        {"gzip;q=x", false},
        {"*", true},
        {"*;q=0", false},
        {"*, gzip;q=0", false},
        {"identity, deflate", false},
        {"gzipped", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(table); i++)
        CHECK(encoding_parse(str_of(table[i].name)) == table[i].encoding, table[i].name);
    for (size_t i = 0; i < COUNT(accepts); i++)
        CHECK(encoding_accepts_gzip(str_of(accepts[i].field)) == accepts[i].ok, accepts[i].field);
}

static int teardown(void **state)
{
    (void)state;
    codecs_release(&codecs);
    return 0;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trips), cmocka_unit_test(test_cut_and_flipped),
        cmocka_unit_test(test_bombs),       cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_members),     cmocka_unit_test(test_lying_size),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, teardown);
}
