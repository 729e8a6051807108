/* pb.h - protobuf's wire format: a reader over a slice and a writer into a buf. Header-only: it is the hot path.
 *
 * The reader is sticky: the first bad byte sets `bad` and ends every loop, so a message's decoder asks once.
 *
 *     struct pb_reader r = pb_reader_of(bytes);
 *     while (pb_next(&r)) {
 *         switch (r.tag) {
 *         case PB_TAG(1, PB_LEN): name = pb_bytes(&r); break;
 *         default: pb_skip(&r); break;
 *         }
 *     }
 *     if (r.bad) ... r.bad_at is the place
 */
#ifndef WIRE_PB_H
#define WIRE_PB_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"

enum pb_type { PB_VARINT = 0, PB_I64 = 1, PB_LEN = 2, PB_SGROUP = 3, PB_EGROUP = 4, PB_I32 = 5 };

enum { PB_GROUP_DEPTH_MAX = 32, PB_LENGTH_BYTES_MAX = 10 };

#define PB_TAG(field, type) ((uint32_t)(field) << 3 | (uint32_t)(type))

struct pb_reader {
    const uint8_t *p, *end;
    const uint8_t *bad_at; /* NULL while all is well */
    uint32_t tag;          /* of the field that pb_next found */
};

static inline struct pb_reader pb_reader_of(struct str bytes)
{
    /* NULL + 0 is undefined in C, and an empty slice may be NULL */
    const uint8_t *p = (const uint8_t *)(bytes.p ? bytes.p : "");
    return (struct pb_reader){p, p + bytes.n, NULL, 0};
}

static inline void pb_fail(struct pb_reader *r, const uint8_t *at)
{
    if (!r->bad_at)
        r->bad_at = at;
    r->p = r->end;
}

/* The rare paths take and give positions by value: a reader whose address never leaves its function stays in
 * registers, which is worth a third of the decoder's speed. next is NULL when the bytes are bad. */
struct pb_long {
    const uint8_t *next;
    uint64_t value;
};
struct pb_long pb_varint_long(const uint8_t *p, const uint8_t *end);
const uint8_t *pb_skip_value(const uint8_t *p, const uint8_t *end, uint32_t tag);

static inline uint64_t pb_varint(struct pb_reader *r)
{
    struct pb_long v;
    if (r->p < r->end && r->p[0] < 0x80)
        return *r->p++;
    if (r->end - r->p >= 2 && r->p[1] < 0x80) {
        uint64_t two = (uint64_t)(r->p[0] & 0x7f) | (uint64_t)r->p[1] << 7;
        r->p += 2;
        return two;
    }
    v = pb_varint_long(r->p, r->end);
    if (v.next)
        r->p = v.next;
    else
        pb_fail(r, r->p);
    return v.value;
}

/* Moves to the next field and sets r->tag; false at the end or after an error. */
static inline bool pb_next(struct pb_reader *r)
{
    const uint8_t *at = r->p;
    uint64_t tag;
    if (r->p >= r->end)
        return false;
    tag = pb_varint(r);
    if (tag > UINT32_MAX || tag < 8) {
        pb_fail(r, at);
        return false;
    }
    r->tag = (uint32_t)tag;
    return !r->bad_at;
}

static inline struct str pb_bytes(struct pb_reader *r)
{
    const uint8_t *at = r->p;
    uint64_t n = pb_varint(r);
    struct str s;
    if (n > (uint64_t)(r->end - r->p)) {
        pb_fail(r, at);
        return (struct str){NULL, 0};
    }
    s = str_make(r->p, (size_t)n);
    r->p += n;
    return s;
}

static inline uint64_t pb_fixed64(struct pb_reader *r)
{
    uint64_t v;
    if (r->end - r->p < 8) {
        pb_fail(r, r->p);
        return 0;
    }
    memcpy(&v, r->p, 8);
    r->p += 8;
    return v;
}

static inline uint32_t pb_fixed32(struct pb_reader *r)
{
    uint32_t v;
    if (r->end - r->p < 4) {
        pb_fail(r, r->p);
        return 0;
    }
    memcpy(&v, r->p, 4);
    r->p += 4;
    return v;
}

/* Passes over the value of the field that pb_next found, whatever its type. */
static inline void pb_skip(struct pb_reader *r)
{
    const uint8_t *next = pb_skip_value(r->p, r->end, r->tag);
    if (next)
        r->p = next;
    else
        pb_fail(r, r->p);
}

/* ---- writing ---- */

static inline size_t pb_varint_size(uint64_t v)
{
    return (size_t)((63 - __builtin_clzll(v | 1)) * 9 + 73) / 64;
}

static inline uint8_t *pb_put_varint_at(uint8_t *p, uint64_t v)
{
    while (v >= 0x80) {
        *p++ = (uint8_t)(v | 0x80);
        v >>= 7;
    }
    *p++ = (uint8_t)v;
    return p;
}

static inline void pb_put_varint(struct buf *out, uint32_t tag, uint64_t v)
{
    uint8_t *p = buf_reserve(out, 15);
    if (!p)
        return;
    out->n += (size_t)(pb_put_varint_at(pb_put_varint_at(p, tag), v) - p);
}

static inline void pb_put_bytes(struct buf *out, uint32_t tag, struct str s)
{
    uint8_t *p, *at;
    if (s.n > SIZE_MAX - 15 || !(p = buf_reserve(out, s.n + 15)))
        return;
    at = pb_put_varint_at(pb_put_varint_at(p, tag), s.n);
    if (s.n)
        memcpy(at, s.p, s.n);
    out->n += (size_t)(at - p) + s.n;
}

static inline void pb_put_fixed64(struct buf *out, uint32_t tag, uint64_t v)
{
    uint8_t *p = buf_reserve(out, 13), *at;
    if (!p)
        return;
    at = pb_put_varint_at(p, tag);
    memcpy(at, &v, 8);
    out->n += (size_t)(at - p) + 8;
}

static inline void pb_put_fixed32(struct buf *out, uint32_t tag, uint32_t v)
{
    uint8_t *p = buf_reserve(out, 9), *at;
    if (!p)
        return;
    at = pb_put_varint_at(p, tag);
    memcpy(at, &v, 4);
    out->n += (size_t)(at - p) + 4;
}

/* A nested message: begin writes the tag and leaves as many bytes for the length as it will probably take; end fills it in
 * and moves the content when the guess was wrong. One byte is right below 128 bytes of content, two below 16 KiB.
 * begin answers the place that end wants, with the same guess. */
static inline size_t pb_begin_guess(struct buf *out, uint32_t tag, unsigned length_bytes)
{
    uint8_t *p = buf_reserve(out, 5 + PB_LENGTH_BYTES_MAX);
    if (!p)
        return 0;
    out->n += (size_t)(pb_put_varint_at(p, tag) - p) + length_bytes;
    return out->n;
}

void pb_end_guess(struct buf *out, size_t start, unsigned length_bytes);

static inline size_t pb_begin(struct buf *out, uint32_t tag)
{
    return pb_begin_guess(out, tag, 1);
}

static inline void pb_end(struct buf *out, size_t start)
{
    pb_end_guess(out, start, 1);
}

#endif
