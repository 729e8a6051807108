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

/* ERR_INVALID with the place in bytes when the reader failed. */
static inline int pb_finish(const struct pb_reader *r, struct str bytes, struct err *err)
{
    if (!r->bad_at)
        return 0;
    return err_at(err, ERR_INVALID, (size_t)(r->bad_at - (const uint8_t *)bytes.p),
                  "malformed protobuf or text that is not UTF-8");
}

#endif
