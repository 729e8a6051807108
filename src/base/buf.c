/* buf.c - doubling growth up to the maximum. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void buf_init(struct buf *b, size_t max_bytes)
{
    *b = (struct buf){.max_bytes = max_bytes};
}

void buf_release(struct buf *b)
{
    free(b->p);
    buf_init(b, b->max_bytes);
}

void buf_clear(struct buf *b)
{
    b->n = 0;
    b->failed = false;
}

static void *grow(struct buf *b, size_t need)
{
    size_t cap = b->cap ? b->cap : 256;
    unsigned char *p;
    while (cap < need) {
        if (__builtin_mul_overflow(cap, 2u, &cap))
            return NULL;
    }
    if (b->max_bytes && cap > b->max_bytes)
        cap = b->max_bytes;
    p = realloc(b->p, cap);
    if (!p)
        return NULL;
    b->p = p;
    b->cap = cap;
    return p;
}

void *buf_reserve_slow(struct buf *b, size_t n)
{
    size_t need;
    if (b->failed)
        return NULL;
    if (__builtin_add_overflow(b->n, n, &need) || (b->max_bytes && need > b->max_bytes) ||
        (need > b->cap && !grow(b, need)) || (!b->p && !grow(b, 1))) {
        b->failed = true;
        return NULL;
    }
    return b->p + b->n;
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
    char text[256]; /* most of it is short; printing there first needs no room for the NUL in b */
    va_list args, again;
    int n;
    char *at;
    va_start(args, fmt);
    va_copy(again, args);
    n = vsnprintf(text, sizeof text, fmt, args);
    if (n < 0) {
        b->failed = true;
    } else if ((size_t)n < sizeof text) {
        buf_put(b, text, (size_t)n);
    } else if ((at = buf_reserve(b, (size_t)n + 1))) {
        vsnprintf(at, (size_t)n + 1, fmt, again);
        b->n += (size_t)n;
    }
    va_end(again);
    va_end(args);
}

unsigned char *buf_take(struct buf *b, size_t *n)
{
    unsigned char *p = b->p;
    *n = b->n;
    buf_init(b, b->max_bytes);
    return p;
}
