/* encoding.h - compressed bodies, in and out, with hard maxima.
 *
 * A body in is inflated whole. Its size is not known before (gzip's own note of it is a hint, not a promise), so
 * the output grows step by step up to the caller's maximum, and once past 1 MiB it may not be more than 100
 * times as large as what came over the wire. */
#ifndef NET_ENCODING_H
#define NET_ENCODING_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/str.h"

enum encoding {
    ENCODING_IDENTITY,
    ENCODING_GZIP,
    ENCODING_DEFLATE, /* zlib; raw deflate is understood too, as some clients send that */
    ENCODING_ZSTD,
    ENCODING_UNKNOWN,
};

/* What Accept-Encoding and grpc-accept-encoding announce. */
#define ENCODINGS_ACCEPTED "gzip, deflate, zstd"

enum {
    ENCODING_RATIO_MAX = 100,
    ENCODING_RATIO_FREE = 1024 * 1024, /* bytes of output that may have any ratio */
};

/* A content-encoding or grpc-encoding; empty means identity. */
enum encoding encoding_parse(struct str name);

/* Decoders that are made once and used again. One thread. All zero at the start. */
struct codecs {
    struct libdeflate_decompressor *inflater;
    struct ZSTD_DCtx_s *zstd;
};
void codecs_release(struct codecs *c);

/* Where inflated bytes go: reserve makes out->cap at least cap bytes or answers false (no memory, no budget). */
struct encoding_sink {
    struct buf *out;
    size_t max_bytes;
    bool (*reserve)(struct buf *out, size_t cap, void *user);
    void *user;
};

/* Appends what in inflates to. ERR_INVALID: damaged or cut; ERR_TOO_LARGE: over max_bytes or the ratio;
 * ERR_BUSY: reserve refused; ERR_NOMEM. */
int encoding_inflate(struct codecs *c, enum encoding encoding, struct str in,
                     struct encoding_sink *sink);

/* gzip; false when out of memory or when the result is no smaller, out is empty then. */
bool encoding_gzip(struct str in, struct buf *out);

/* Does an Accept-Encoding field take gzip (q=0 is a no)? */
bool encoding_accepts_gzip(struct str accept_encoding);

#endif
