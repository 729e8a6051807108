/* input.c - reading, and unpacking with zlib or libzstd. */
#include "care/input.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

enum { PIECE_BYTES = 128 << 10, WINDOW_LOG_MAX = 27, GZIP = 16 };

enum packing { PLAIN, GZIPPED, ZSTD };

struct input {
    int fd;
    const char *name;
    enum packing packing;
    z_stream gzip;
    ZSTD_DStream *zstd;
    unsigned char raw[PIECE_BYTES];
    size_t raw_at, raw_n;
    bool raw_end, inside; /* in the middle of a compressed stream */
};

static int fill(struct input *in, struct err *err)
{
    ssize_t n;
    if (in->raw_at < in->raw_n || in->raw_end)
        return 0;
    do
        n = read(in->fd, in->raw, sizeof in->raw);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return err_set(err, ERR_IO, "%.150s: %s", in->name, strerror(errno));
    in->raw_at = 0;
    in->raw_n = (size_t)n;
    in->raw_end = n == 0;
    return 0;
}

int input_new(int fd, const char *name, struct input **ret, struct err *err)
{
    static const unsigned char gzip[] = {0x1f, 0x8b}, zstd[] = {0x28, 0xb5, 0x2f, 0xfd};
    struct input *in = calloc(1, sizeof *in);
    int rc;
    if (!in)
        return err_set(err, ERR_NOMEM, "out of memory");
    in->fd = fd;
    in->name = name;
    rc = fill(in, err);
    if (rc == 0 && in->raw_n >= sizeof gzip && memcmp(in->raw, gzip, sizeof gzip) == 0) {
        in->packing = GZIPPED;
        if (inflateInit2(&in->gzip, MAX_WBITS + GZIP) != Z_OK)
            rc = err_set(err, ERR_NOMEM, "out of memory");
    } else if (rc == 0 && in->raw_n >= sizeof zstd && memcmp(in->raw, zstd, sizeof zstd) == 0) {
        in->packing = ZSTD;
        in->zstd = ZSTD_createDStream();
        if (!in->zstd)
            rc = err_set(err, ERR_NOMEM, "out of memory");
        else
            ZSTD_DCtx_setParameter(in->zstd, ZSTD_d_windowLogMax, WINDOW_LOG_MAX);
    }
    if (rc < 0) {
        input_free(in);
        return rc;
    }
    *ret = in;
    return 0;
}

void input_free(struct input *in)
{
    if (!in)
        return;
    if (in->packing == GZIPPED)
        inflateEnd(&in->gzip);
    ZSTD_freeDStream(in->zstd);
    free(in);
}

static int damaged(struct input *in, struct err *err)
{
    return err_set(err, ERR_INVALID, "%.150s: the compressed data is damaged or cut short",
                   in->name);
}

/* A file may be several gzip members, one behind the other. */
static int inflate_piece(struct input *in, unsigned char *out, size_t *n, struct err *err)
{
    int rc;
    in->gzip.next_in = in->raw + in->raw_at;
    in->gzip.avail_in = (uInt)(in->raw_n - in->raw_at);
    in->gzip.next_out = out;
    in->gzip.avail_out = (uInt)*n;
    rc = inflate(&in->gzip, Z_NO_FLUSH);
    in->raw_at = in->raw_n - in->gzip.avail_in;
    *n -= in->gzip.avail_out;
    in->inside = rc != Z_STREAM_END;
    if (rc == Z_STREAM_END)
        inflateReset(&in->gzip);
    return rc == Z_OK || rc == Z_STREAM_END || rc == Z_BUF_ERROR ? 0 : damaged(in, err);
}

static int unzstd_piece(struct input *in, unsigned char *out, size_t *n, struct err *err)
{
    ZSTD_inBuffer from = {in->raw, in->raw_n, in->raw_at};
    ZSTD_outBuffer to = {out, *n, 0};
    size_t rc = ZSTD_decompressStream(in->zstd, &to, &from);
    in->raw_at = from.pos;
    *n = to.pos;
    in->inside = rc != 0;
    return ZSTD_isError(rc) ? damaged(in, err) : 0;
}

int input_read(struct input *in, struct buf *out, bool *ret_end, struct err *err)
{
    unsigned char *at = buf_reserve(out, PIECE_BYTES);
    size_t n = PIECE_BYTES;
    if (!at)
        return err_set(err, ERR_TOO_LARGE, "%.150s: a piece is larger than memory may be",
                       in->name);
    TRY(fill(in, err));
    if (in->packing == PLAIN) {
        n = in->raw_n - in->raw_at;
        memcpy(at, in->raw + in->raw_at, n);
        in->raw_at = in->raw_n;
    } else if (in->packing == GZIPPED && (in->raw_at < in->raw_n || in->inside)) {
        TRY(inflate_piece(in, at, &n, err));
    } else if (in->packing == ZSTD && (in->raw_at < in->raw_n || in->inside)) {
        TRY(unzstd_piece(in, at, &n, err));
    } else {
        n = 0;
    }
    out->n += n;
    *ret_end = in->raw_end && in->raw_at == in->raw_n && n == 0;
    return *ret_end && in->inside ? damaged(in, err) : 0;
}
