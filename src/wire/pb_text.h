/* pb_text.h - what the readers of protobuf dialects share: strings that must be UTF-8, ids of fixed length, nested messages
 * whose mistakes are the outer one's. */
#ifndef WIRE_PB_TEXT_H
#define WIRE_PB_TEXT_H

#include "base/err.h"
#include "base/utf8.h"
#include "trace/span.h"
#include "wire/pb.h"

/* A string field; bytes that are not UTF-8 fail the reader there. */
static inline struct str pb_text(struct pb_reader *r)
{
    struct str s = pb_bytes(r);
    size_t good = utf8_valid_prefix(s);
    if (good != s.n)
        pb_fail(r, (const uint8_t *)s.p + good);
    return s;
}

/* Ids of another length than theirs stay zero, which is none; shorter ones are padded on the left. */
static inline void pb_id(struct pb_reader *r, uint8_t *id, size_t n)
{
    struct str s = pb_bytes(r);
    memset(id, 0, n);
    if (s.n && s.n <= n)
        memcpy(id + n - s.n, s.p, s.n);
}

/* inner has been read: its failure is outer's. */
static inline void pb_leave(struct pb_reader *outer, const struct pb_reader *inner)
{
    if (inner->bad_at)
        pb_fail(outer, inner->bad_at);
}

/* google.protobuf.Timestamp or Duration, {1 seconds, 2 nanos}, in nanoseconds. False when it is below nothing or too large; then
 * *ret_ns is 0. */
static inline bool pb_time(struct pb_reader *outer, uint64_t *ret_ns)
{
    const int64_t ns_per_s = 1000000000;
    struct pb_reader r = pb_reader_of(pb_bytes(outer));
    int64_t seconds = 0, nanos = 0;
    while (pb_next(&r)) {
        switch (r.tag) {
        case PB_TAG(1, PB_VARINT): seconds = (int64_t)pb_varint(&r); break;
        case PB_TAG(2, PB_VARINT): nanos = (int64_t)pb_varint(&r); break;
        default: pb_skip(&r); break;
        }
    }
    pb_leave(outer, &r);
    *ret_ns = 0;
    if (seconds < 0 || nanos < 0 || nanos >= ns_per_s ||
        (uint64_t)seconds >= UINT64_MAX / (uint64_t)ns_per_s)
        return false;
    *ret_ns = (uint64_t)seconds * (uint64_t)ns_per_s + (uint64_t)nanos;
    return true;
}

/* ERR_INVALID with the place in bytes when the reader failed. */
static inline int pb_finish(const struct pb_reader *r, struct str bytes, struct err *err)
{
    if (!r->bad_at)
        return 0;
    return err_at(err, ERR_INVALID, (size_t)(r->bad_at - (const uint8_t *)bytes.p),
                  "malformed protobuf or text that is not UTF-8");
}

#endif
