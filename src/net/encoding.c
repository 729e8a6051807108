/* encoding.c - libdeflate for whole gzip and zlib bodies, zstd as a stream with a bounded window. */
#include "net/encoding.h"

#include <libdeflate.h>
#include <zstd.h>

#include "base/err.h"

enum {
    GZIP_LEVEL = 4,
    GZIP_MEMBERS_MAX = 64,    /* concatenated gzip members; a stream of empty ones is abuse */
    ZSTD_WINDOW_LOG_MAX = 23, /* 8 MiB */
    OUT_MIN = 4096,
};

enum encoding encoding_parse(struct str name)
{
    static const struct {
        struct str name;
        enum encoding encoding;
    } known[] = {
        {STR_INIT(""), ENCODING_IDENTITY},    {STR_INIT("identity"), ENCODING_IDENTITY},
        {STR_INIT("gzip"), ENCODING_GZIP},    {STR_INIT("x-gzip"), ENCODING_GZIP},
        {STR_INIT("zlib"), ENCODING_DEFLATE}, {STR_INIT("deflate"), ENCODING_DEFLATE},
        {STR_INIT("zstd"), ENCODING_ZSTD},
    };
    name = str_trim(name);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (str_eq_nocase(name, known[i].name))
            return known[i].encoding;
    }
    return ENCODING_UNKNOWN;
}

void codecs_release(struct codecs *c)
{
    if (c->inflater)
        libdeflate_free_decompressor(c->inflater);
    ZSTD_freeDCtx(c->zstd);
    *c = (struct codecs){0};
}

/* The most that in may become: the caller's maximum or the ratio's. */
static size_t output_max(struct str in, const struct encoding_sink *sink)
{
    size_t ratio;
    if (__builtin_mul_overflow(in.n, (size_t)ENCODING_RATIO_MAX, &ratio))
        ratio = SIZE_MAX;
    if (ratio < ENCODING_RATIO_FREE)
        ratio = ENCODING_RATIO_FREE;
    return ratio < sink->max_bytes ? ratio : sink->max_bytes;
}

/* Makes room for at least want bytes in all, want being no more than max. */
static int reserve(struct encoding_sink *sink, size_t want, size_t max)
{
    if (want > max)
        want = max;
    if (want < sink->out->cap)
        return 0;
    return sink->reserve(sink->out, want ? want : 1, sink->user) ? 0 : ERR_BUSY;
}

static uint32_t read_u32le(const char *p)
{
    const unsigned char *b = (const unsigned char *)p;
    return b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

typedef enum libdeflate_result inflate_fn(struct libdeflate_decompressor *, const void *, size_t,
                                          void *, size_t, size_t *, size_t *);

/* One gzip member or zlib body: tries with the room there is and with twice as much until it fits or max is
 * reached. *used gets the input bytes it took. */
static int inflate_one(struct codecs *c, inflate_fn *inflate, struct str in, size_t hint,
                       size_t max, struct encoding_sink *sink, size_t *used)
{
    struct buf *out = sink->out;
    size_t want = out->n + hint;
    for (;;) {
        size_t room, made;
        enum libdeflate_result result;
        TRY(reserve(sink, want, max));
        room = (out->cap < max ? out->cap : max) - out->n;
        result = inflate(c->inflater, in.p, in.n, out->p + out->n, room, used, &made);
        if (result == LIBDEFLATE_SUCCESS) {
            out->n += made;
            return 0;
        }
        if (result != LIBDEFLATE_INSUFFICIENT_SPACE)
            return ERR_INVALID;
        if (out->cap >= max)
            return ERR_TOO_LARGE;
        want = out->cap > max / 2 ? max : out->cap * 2;
    }
}

static int inflate_gzip(struct codecs *c, struct str in, struct encoding_sink *sink)
{
    size_t max = output_max(in, sink);
    for (unsigned members = 0; in.n; members++) {
        /* the last four bytes say how much came out of the last member: exact in the usual case of one */
        size_t hint = in.n >= 18 ? read_u32le(in.p + in.n - 4) : 0, used = 0;
        if (members == GZIP_MEMBERS_MAX)
            return ERR_TOO_LARGE;
        hint = hint > max ? OUT_MIN : hint;
        TRY(inflate_one(c, libdeflate_gzip_decompress_ex, in, hint, max, sink, &used));
        in = str_from(in, used);
    }
    return 0;
}

static int inflate_deflate(struct codecs *c, struct str in, struct encoding_sink *sink)
{
    const unsigned char *p = (const unsigned char *)in.p;
    bool zlib = in.n >= 2 && (p[0] & 15) == 8 && (p[0] << 8 | p[1]) % 31 == 0;
    size_t max = output_max(in, sink), hint = in.n > max / 4 ? max : in.n * 4, used = 0;
    TRY(inflate_one(c, zlib ? libdeflate_zlib_decompress_ex : libdeflate_deflate_decompress_ex, in,
                    hint, max, sink, &used));
    return used == in.n ? 0 : ERR_INVALID;
}

static int inflate_zstd(struct codecs *c, struct str in, struct encoding_sink *sink)
{
    unsigned long long size = ZSTD_getFrameContentSize(in.p, in.n);
    size_t max = output_max(in, sink), left = 1;
    size_t want = size > max ? OUT_MIN : (size_t)size; /* unknown and error are huge numbers */
    ZSTD_inBuffer from = {in.p, in.n, 0};
    ZSTD_DCtx_reset(c->zstd, ZSTD_reset_session_only);
    while (left || from.pos < from.size) {
        struct buf *out = sink->out;
        ZSTD_outBuffer to;
        TRY(reserve(sink, want, max));
        to = (ZSTD_outBuffer){out->p, out->cap < max ? out->cap : max, out->n};
        left = ZSTD_decompressStream(c->zstd, &to, &from);
        if (ZSTD_isError(left))
            return ERR_INVALID;
        if (left && from.pos == from.size && to.pos == out->n && to.pos < to.size)
            return ERR_INVALID; /* cut: it wants input and there is none */
        out->n = to.pos;
        if (out->n == max && (left || from.pos < from.size) && to.pos == to.size)
            return ERR_TOO_LARGE;
        if (to.pos == to.size)
            want = out->cap > max / 2 ? max : out->cap * 2;
    }
    return 0;
}

int encoding_inflate(struct codecs *c, enum encoding encoding, struct str in,
                     struct encoding_sink *sink)
{
    if (!in.n)
        return ERR_INVALID;
    if (encoding == ENCODING_ZSTD) {
        if (!c->zstd) {
            c->zstd = ZSTD_createDCtx();
            if (!c->zstd)
                return ERR_NOMEM;
            ZSTD_DCtx_setParameter(c->zstd, ZSTD_d_windowLogMax, ZSTD_WINDOW_LOG_MAX);
        }
        return inflate_zstd(c, in, sink);
    }
    if (!c->inflater)
        c->inflater = libdeflate_alloc_decompressor();
    if (!c->inflater)
        return ERR_NOMEM;
    if (encoding == ENCODING_GZIP)
        return inflate_gzip(c, in, sink);
    return encoding == ENCODING_DEFLATE ? inflate_deflate(c, in, sink) : ERR_UNSUPPORTED;
}

bool encoding_gzip(struct str in, struct buf *out)
{
    struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(GZIP_LEVEL);
    size_t n = 0;
    if (!compressor)
        return false;
    buf_init(out, 0);
    if (in.n > 1 &&
        buf_reserve(out, in.n - 1)) /* no larger: a result that does not fit is useless */
        n = libdeflate_gzip_compress(compressor, in.p, in.n, out->p, in.n - 1);
    libdeflate_free_compressor(compressor);
    out->n = n;
    if (!n)
        buf_release(out);
    return n > 0;
}

/* "gzip;q=0.5" -> is the weight above zero? */
static bool weight_is_positive(struct str params)
{
    struct str param;
    while (params.n) {
        str_cut(params, ';', &param, &params);
        param = str_trim(param);
        if (param.n >= 2 && (param.p[0] | 32) == 'q' && param.p[1] == '=') {
            double q = 0;
            return str_to_double(str_from(param, 2), &q) && q > 0;
        }
    }
    return true;
}

bool encoding_accepts_gzip(struct str accept_encoding)
{
    bool any = false;
    while (accept_encoding.n) {
        struct str item, name, params;
        str_cut(accept_encoding, ',', &item, &accept_encoding);
        str_cut(item, ';', &name, &params);
        name = str_trim(name);
        if (str_eq_nocase(name, STR("gzip")) || str_eq_nocase(name, STR("x-gzip")))
            return weight_is_positive(params);
        if (str_eq(name, STR("*")))
            any = weight_is_positive(params);
    }
    return any;
}
