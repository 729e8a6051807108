/* codec.h - arrays of values made into bytes and back, and the streams that carry them in a part.
 *
 * Integers are brought to the smallest width of their range (or of their steps) and split into byte planes: the high
 * planes of neighbours are alike, which is what the compressor behind it lives on. Decoders check everything: bytes
 * come from a disk. docs/format.md has every byte. */
#ifndef STORE_CODEC_H
#define STORE_CODEC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

/* ---- Arrays: each call appends one array; a reader takes it off the front of *in. False: the bytes are no array of
 * count values. A failed buffer is told by buf->failed. ---- */

/* Values near each other: the least one is taken away. */
void codec_put_ints(struct buf *out, const uint64_t *values, size_t count);
/* Values that grow slowly: their steps are kept. */
void codec_put_steps(struct buf *out, const uint64_t *values, size_t count);
/* Doubles: as decimal integers where all are short decimals, else as they are. */
void codec_put_doubles(struct buf *out, const uint64_t *bits, size_t count);
/* Reads what any of the three wrote. */
bool codec_get_ints(struct str *in, size_t count, uint64_t *values);

void codec_put_strings(struct buf *out, const struct str *strings, size_t count);
/* Slices borrow from the bytes of *in; lengths (room for count) is scratch. */
bool codec_get_strings(struct str *in, size_t count, uint64_t *lengths, struct str *strings);

/* ---- Small numbers of a directory ---- */

void codec_put_varint(struct buf *out, uint64_t v);
bool codec_get_varint(struct str *in, uint64_t *ret);
/* A length and the bytes. */
void codec_put_bytes(struct buf *out, struct str s);
bool codec_get_bytes(struct str *in, struct str *ret);

/* ---- Streams: 16 bytes in front of an array's bytes, compressed where that pays ---- */

enum {
    STREAM_HEADER_BYTES = 16,
    STREAM_BYTES_MAX = 1 << 30, /* unpacked: what a damaged header may ask for */
};

struct stream_header {
    uint32_t stored_bytes, raw_bytes; /* equal: not compressed */
    uint64_t checksum; /* of the stored bytes, seeded with the stream's offset in the file */
};

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

/* Appends header and bytes. packed is scratch. raw ends with byte planes of this size, or plane is 0: each plane becomes a
 * block of the frame with a coding of its own, so that one that is noise is stored as it is. False when the compressor
 * fails or there is no memory. */
bool stream_pack(struct ZSTD_CCtx_s *zstd, struct str raw, size_t plane, uint64_t offset,
                 struct buf *packed, struct buf *out);

/* Reads a header (STREAM_HEADER_BYTES at p); false when it asks for too much. */
bool stream_header_read(const char *p, struct stream_header *ret);
/* Checks the stored bytes and unpacks them into out (raw_bytes of room). */
bool stream_unpack(struct ZSTD_DCtx_s *zstd, const struct stream_header *header, uint64_t offset,
                   const char *stored, char *out);

#endif
