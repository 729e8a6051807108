/* body.c - see body.h. */
#define CAIRN_NO_INLINE
#include "otlp/body.h"

#include <stdlib.h>
#include <zlib.h>

#include "otlp/diag.h"

/* Level 1: a batch of 512 small spans takes 0.6 ms instead of the 1.7 of level 6 and becomes 6 % larger. */
enum { GZIP_LEVEL = Z_BEST_SPEED, GZIP_WINDOW_BITS = 15 + 16, GZIP_MEMORY_LEVEL = 8 };

/* `room` bytes are left free in front. */
static cairn_status compress_gzip(const uint8_t *bytes, size_t n, size_t room,
                                  struct otlp_body *ret)
{
    z_stream z = {0};
    size_t most;
    int done;
    if (deflateInit2(&z, GZIP_LEVEL, Z_DEFLATED, GZIP_WINDOW_BITS, GZIP_MEMORY_LEVEL,
                     Z_DEFAULT_STRATEGY) != Z_OK)
        return CAIRN_ERROR_NO_MEMORY;
    most = deflateBound(&z, n);
    ret->bytes = malloc(room + most);
    if (!ret->bytes) {
        deflateEnd(&z);
        return CAIRN_ERROR_NO_MEMORY;
    }
    z.next_in = (Bytef *)(uintptr_t)bytes; /* zlib only reads it */
    z.avail_in = (uInt)n;                  /* at most REQUEST_BYTES_MAX */
    z.next_out = ret->bytes + room;
    z.avail_out = (uInt)most;
    done = deflate(&z, Z_FINISH);
    ret->n = room + most - z.avail_out;
    deflateEnd(&z);
    return done == Z_STREAM_END ? CAIRN_OK : CAIRN_ERROR_NO_MEMORY;
}

static cairn_status copy(const uint8_t *bytes, size_t n, size_t room, struct otlp_body *ret)
{
    ret->bytes = malloc(room + n);
    if (!ret->bytes)
        return CAIRN_ERROR_NO_MEMORY;
    memcpy(ret->bytes + room, bytes, n);
    ret->n = room + n;
    return CAIRN_OK;
}

static cairn_status check_size(size_t n, const char *when)
{
    if (n <= REQUEST_BYTES_MAX)
        return CAIRN_OK;
    diag_warn("OTLP request of %zu bytes%s is over the limit of 64 MiB and is not sent", n, when);
    return CAIRN_ERROR_LIMIT;
}

cairn_status body_make(const cairn_span_batch *batch, const struct otlp_protocol *protocol,
                       bool gzip, struct otlp_body *ret)
{
    size_t room = protocol->frame_bytes, n;
    uint8_t *bytes = NULL;
    cairn_status status = cairn_batch_encode(batch, protocol->encoding, &bytes, &n);
    *ret = (struct otlp_body){NULL, 0};
    if (status == CAIRN_OK)
        status = check_size(n, "");
    if (status != CAIRN_OK)
        goto done;
    if (!gzip && room == 0) {
        *ret = (struct otlp_body){bytes, n};
        return CAIRN_OK;
    }
    status = gzip ? compress_gzip(bytes, n, room, ret) : copy(bytes, n, room, ret);
    if (status == CAIRN_OK)
        status = check_size(ret->n - room, gzip ? " after compression" : "");
    if (status == CAIRN_OK && room)
        protocol->frame(ret->bytes, ret->n - room, gzip);
done:
    if (status != CAIRN_OK)
        body_release(ret);
    cairn_bytes_free(bytes);
    return status;
}

void body_release(struct otlp_body *body)
{
    free(body->bytes);
    *body = (struct otlp_body){NULL, 0};
}
