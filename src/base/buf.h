/* buf.h - a growing byte buffer with a hard maximum.
 *
 * Writers append without checking each call: the first append that does not fit sets `failed` and every later
 * one does nothing, so the caller asks once at the end. Owns its memory. Not thread-safe. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/str.h"

struct buf {
    unsigned char *p;
    size_t n, cap;
    size_t max_bytes; /* 0 = no maximum */
    bool failed;      /* over max_bytes or out of memory; the content is cut and must not be used */
};

void buf_init(struct buf *b, size_t max_bytes);
void buf_release(struct buf *b); /* frees; the buffer is empty and usable afterwards */
void buf_clear(struct buf *b);   /* empties, keeps the memory, forgets a failure */

void *buf_reserve_slow(struct buf *b, size_t n);

/* Room for n more bytes at p + n, or NULL (and failed). The caller writes there and adds to n. */
static inline void *buf_reserve(struct buf *b, size_t n)
{
    if (b->p && !b->failed && n <= b->cap - b->n)
        return b->p + b->n; /* cap is never above max_bytes */
    return buf_reserve_slow(b, n);
}

static inline void buf_put(struct buf *b, const void *p, size_t n)
{
    void *at = buf_reserve(b, n);
    if (at && n) {
        memcpy(at, p, n);
        b->n += n;
    }
}

static inline void buf_put_str(struct buf *b, struct str s)
{
    buf_put(b, s.p, s.n);
}

static inline void buf_put_byte(struct buf *b, unsigned char c)
{
    unsigned char *at = buf_reserve(b, 1);
    if (at) {
        *at = c;
        b->n++;
    }
}

void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static inline struct str buf_str(const struct buf *b)
{
    return str_make(b->p, b->n);
}

/* Hands the content over to the caller, who frees *p; b is empty afterwards. */
unsigned char *buf_take(struct buf *b, size_t *n);

#endif
