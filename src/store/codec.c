/* codec.c - integer planes, decimal doubles, strings, streams. */
#include "store/codec.h"

#include <math.h>
#include <zstd.h>

#include "store/bytes.h"

/* What stands in front of an array of numbers. */
enum mode {
    MODE_RANGE = 0, /* base + n */
    MODE_STEPS = 1, /* base, then zigzag of the step from the one before, less the least of these */
    MODE_DECIMAL = 2, /* doubles: zigzag integers over 10^scale, as MODE_RANGE */
};

enum { SCALE_MAX = 9 };

static const double powers[SCALE_MAX + 1] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};

static uint64_t zigzag(int64_t v)
{
    return ((uint64_t)v << 1) ^ (uint64_t)(v >> 63);
}

static int64_t unzigzag(uint64_t v)
{
    return (int64_t)(v >> 1) ^ -(int64_t)(v & 1);
}

/* ---- Byte planes ---- */

static unsigned width_of(uint64_t range)
{
    return range ? (unsigned)(71 - __builtin_clzll(range)) / 8 : 0;
}

/* mode, width, base, then width planes of count bytes. */
static void put_planes(struct buf *out, enum mode mode, unsigned scale, const uint64_t *values,
                       size_t count)
{
    uint64_t min = UINT64_MAX, max = 0;
    unsigned char *at;
    unsigned width;
    for (size_t i = 0; i < count; i++) {
        min = values[i] < min ? values[i] : min;
        max = values[i] > max ? values[i] : max;
    }
    if (count == 0)
        min = max = 0;
    width = width_of(max - min);
    buf_put_byte(out, (unsigned char)(mode | scale << 4));
    buf_put_byte(out, (unsigned char)width);
    codec_put_varint(out, min);
    at = buf_reserve(out, width * count);
    if (!at)
        return;
    for (unsigned p = 0; p < width; p++) {
        for (size_t i = 0; i < count; i++)
            at[p * count + i] = (unsigned char)((values[i] - min) >> (8 * p));
    }
    out->n += width * count;
}

/* Values of the planes p[0] to p[width - 1]. Written out for the widths that nearly all pages have, so that compilers make
 * vectors of it. */
static inline __attribute__((always_inline)) void
add_block(const unsigned char *const p[8], size_t n, unsigned width, uint64_t base, uint64_t *to)
{
    switch (width) {
    case 0:
        for (size_t i = 0; i < n; i++)
            to[i] = base;
        return;
    case 1:
        for (size_t i = 0; i < n; i++)
            to[i] = base + p[0][i];
        return;
    case 2:
        for (size_t i = 0; i < n; i++)
            to[i] = base + (p[0][i] | (uint32_t)p[1][i] << 8);
        return;
    case 3:
        for (size_t i = 0; i < n; i++)
            to[i] = base + (p[0][i] | (uint32_t)p[1][i] << 8 | (uint32_t)p[2][i] << 16);
        return;
    case 4:
        for (size_t i = 0; i < n; i++)
            to[i] = base + (p[0][i] | (uint32_t)p[1][i] << 8 | (uint32_t)p[2][i] << 16 |
                            (uint32_t)p[3][i] << 24);
        return;
    default:
        for (size_t i = 0; i < n; i++)
            to[i] = base;
        for (unsigned k = 0; k < width; k++) {
            for (size_t i = 0; i < n; i++)
                to[i] += (uint64_t)p[k][i] << (8 * k);
        }
    }
}

/* Block by block, so that what the planes are added to stays in the nearest cache; whole blocks have a length that the
 * compiler knows. */
static void add_planes(const unsigned char *planes, size_t count, unsigned width, uint64_t base,
                       uint64_t *values)
{
    enum { BLOCK = 512 };
    for (size_t first = 0; first < count; first += BLOCK) {
        const unsigned char *p[8] = {NULL};
        for (unsigned k = 0; k < width; k++)
            p[k] = planes + k * count + first;
        if (count - first >= BLOCK)
            add_block(p, BLOCK, width, base, values + first);
        else
            add_block(p, count - first, width, base, values + first);
    }
}

static bool get_planes(struct str *in, size_t count, unsigned char *ret_mode, uint64_t *values)
{
    uint64_t base;
    unsigned width;
    if (in->n < 2)
        return false;
    *ret_mode = (unsigned char)in->p[0];
    width = (unsigned char)in->p[1];
    *in = str_from(*in, 2);
    if (width > 8 || !codec_get_varint(in, &base) || (width && in->n / width < count))
        return false;
    add_planes((const unsigned char *)in->p, count, width, base, values);
    *in = str_from(*in, width * count);
    return true;
}

/* ---- Integers ---- */

void codec_put_ints(struct buf *out, const uint64_t *values, size_t count)
{
    put_planes(out, MODE_RANGE, 0, values, count);
}

/* A scratch array of the codec's own: pages are small, whole columns are not. */
static uint64_t *scratch_new(struct buf *scratch, size_t count)
{
    buf_init(scratch, 0);
    return buf_reserve(scratch, (count ? count : 1) * sizeof(uint64_t));
}

void codec_put_steps(struct buf *out, const uint64_t *values, size_t count)
{
    struct buf scratch;
    uint64_t *steps = scratch_new(&scratch, count);
    if (!steps) {
        out->failed = true;
        return;
    }
    for (size_t i = 0; i < count; i++)
        steps[i] = i ? zigzag((int64_t)(values[i] - values[i - 1])) : 0;
    put_planes(out, MODE_STEPS, 0, steps, count);
    codec_put_varint(out, count ? values[0] : 0);
    buf_release(&scratch);
}

/* ---- Doubles ---- */

/* The least scale at which every value is an integer that gives it back to the bit, or -1. */
static int decimal_scale(const uint64_t *bits, size_t count, uint64_t *decimals)
{
    unsigned scale = 0;
    for (size_t i = 0; i < count; i++) {
        double v, whole;
        memcpy(&v, &bits[i], sizeof v);
        for (;; scale++) {
            if (scale > SCALE_MAX)
                return -1;
            whole = rint(v * powers[scale]);
            if (fabs(whole) < 9e15 && whole / powers[scale] == v)
                break;
        }
        if (v == 0 && bits[i])
            return -1; /* -0.0 */
    }
    for (size_t i = 0; i < count; i++) {
        double v, back;
        int64_t whole;
        memcpy(&v, &bits[i], sizeof v);
        if (!(fabs(v * powers[scale]) < 9e15))
            return -1;
        whole = (int64_t)rint(v * powers[scale]);
        back = (double)whole / powers[scale];
        if (memcmp(&back, &bits[i], sizeof back) != 0)
            return -1;
        decimals[i] = zigzag(whole);
    }
    return (int)scale;
}

void codec_put_doubles(struct buf *out, const uint64_t *bits, size_t count)
{
    struct buf scratch;
    uint64_t *decimals = scratch_new(&scratch, count);
    int scale = decimals ? decimal_scale(bits, count, decimals) : -1;
    if (scale >= 0)
        put_planes(out, MODE_DECIMAL, (unsigned)scale, decimals, count);
    else
        put_planes(out, MODE_RANGE, 0, bits, count);
    buf_release(&scratch);
}

static bool undo_steps(struct str *in, size_t count, uint64_t *values)
{
    uint64_t at;
    if (!codec_get_varint(in, &at))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (i)
            at += (uint64_t)unzigzag(values[i]);
        values[i] = at;
    }
    return true;
}

bool codec_get_ints(struct str *in, size_t count, uint64_t *values)
{
    unsigned char head;
    if (!get_planes(in, count, &head, values))
        return false;
    switch (head & 15) {
    case MODE_RANGE: return head == MODE_RANGE;
    case MODE_STEPS: return head == MODE_STEPS && undo_steps(in, count, values);
    case MODE_DECIMAL:
        if (head >> 4 > SCALE_MAX)
            return false;
        for (size_t i = 0; i < count; i++) {
            double v = (double)unzigzag(values[i]) / powers[head >> 4];
            memcpy(&values[i], &v, sizeof v);
        }
        return true;
    default: return false;
    }
}

/* ---- Strings: lengths, then the bytes ---- */

void codec_put_strings(struct buf *out, const struct str *strings, size_t count)
{
    enum { AHEAD = 12 };
    struct buf scratch;
    uint64_t *lengths = scratch_new(&scratch, count), bytes = 0;
    char *at;
    if (!lengths) {
        out->failed = true;
        return;
    }
    for (size_t i = 0; i < count; i++)
        bytes += lengths[i] = strings[i].n;
    codec_put_ints(out, lengths, count);
    buf_release(&scratch);
    at = buf_reserve(out, bytes);
    if (!at)
        return;
    for (size_t i = 0; i < count; i++) {
        if (i + AHEAD < count) /* they may lie anywhere */
            __builtin_prefetch(strings[i + AHEAD].p);
        if (strings[i].n)
            memcpy(at, strings[i].p, strings[i].n);
        at += strings[i].n;
    }
    out->n += bytes;
}

bool codec_get_strings(struct str *in, size_t count, uint64_t *lengths, struct str *strings)
{
    if (!codec_get_ints(in, count, lengths))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (lengths[i] > in->n)
            return false;
        strings[i] = str_make(in->p, lengths[i]);
        *in = str_from(*in, lengths[i]);
    }
    return true;
}

/* ---- Directory ---- */

void codec_put_varint(struct buf *out, uint64_t v)
{
    while (v >= 0x80) {
        buf_put_byte(out, (unsigned char)(v | 0x80));
        v >>= 7;
    }
    buf_put_byte(out, (unsigned char)v);
}

bool codec_get_varint(struct str *in, uint64_t *ret)
{
    uint64_t v = 0;
    for (unsigned i = 0; i < 10 && i < in->n; i++) {
        unsigned char c = (unsigned char)in->p[i];
        v |= (uint64_t)(c & 0x7f) << (7 * i);
        if (c < 0x80) {
            if (i == 9 && c > 1)
                return false;
            *in = str_from(*in, i + 1);
            *ret = v;
            return true;
        }
    }
    return false;
}

void codec_put_bytes(struct buf *out, struct str s)
{
    codec_put_varint(out, s.n);
    buf_put_str(out, s);
}

bool codec_get_bytes(struct str *in, struct str *ret)
{
    uint64_t n;
    if (!codec_get_varint(in, &n) || n > in->n)
        return false;
    *ret = str_make(in->p, n);
    *in = str_from(*in, n);
    return true;
}

/* ---- Streams ---- */

enum { PACK_BYTES_MIN = 48 }; /* less is not worth a compressor's frame */

bool stream_pack(struct ZSTD_CCtx_s *zstd, struct str raw, uint64_t offset, struct buf *packed,
                 struct buf *out)
{
    struct str stored = raw;
    char header[STREAM_HEADER_BYTES];
    if (raw.n > STREAM_BYTES_MAX)
        return false;
    if (raw.n >= PACK_BYTES_MIN) {
        size_t n;
        buf_clear(packed);
        if (!buf_reserve(packed, ZSTD_compressBound(raw.n)))
            return false;
        n = ZSTD_compress2(zstd, packed->p, packed->cap, raw.p, raw.n);
        if (ZSTD_isError(n))
            return false;
        if (n < raw.n)
            stored = str_make(packed->p, n);
    }
    store_u32(header, (uint32_t)stored.n);
    store_u32(header + 4, (uint32_t)raw.n);
    store_u64(header + 8, XXH3_64bits_withSeed(stored.p ? stored.p : "", stored.n, offset));
    buf_put(out, header, sizeof header);
    buf_put_str(out, stored);
    return !out->failed;
}

bool stream_header_read(const char *p, struct stream_header *ret)
{
    ret->stored_bytes = load_u32(p);
    ret->raw_bytes = load_u32(p + 4);
    ret->checksum = load_u64(p + 8);
    return ret->raw_bytes <= STREAM_BYTES_MAX && ret->stored_bytes <= ret->raw_bytes;
}

bool stream_unpack(struct ZSTD_DCtx_s *zstd, const struct stream_header *header, uint64_t offset,
                   const char *stored, char *out)
{
    size_t n;
    if (!checksum_is(header->checksum, XXH3_64bits_withSeed(stored, header->stored_bytes, offset)))
        return false;
    if (header->stored_bytes == header->raw_bytes) {
        memcpy(out, stored, header->raw_bytes);
        return true;
    }
    n = ZSTD_decompressDCtx(zstd, out, header->raw_bytes, stored, header->stored_bytes);
    return !ZSTD_isError(n) && n == header->raw_bytes;
}
