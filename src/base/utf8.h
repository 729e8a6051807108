/* utf8.h - is this well-formed UTF-8 (RFC 3629), and what to do when it is not. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/str.h"

/* Are all n bytes below 0x80? Most strings are short and ASCII: two overlapping loads see all of them. */
static inline bool utf8_all_ascii(const void *bytes, size_t n)
{
    const unsigned char *p = (const unsigned char *)bytes;
    const uint64_t high = 0x8080808080808080u;
    uint64_t seen = 0, a, b, c, d;
    uint32_t first, last;
    size_t i = 0;
    if (n < 8) {
        if (n >= 4) {
            memcpy(&first, p, 4);
            memcpy(&last, p + n - 4, 4);
            return !((first | last) & 0x80808080u);
        }
        return n == 0 || !((p[0] | p[n / 2] | p[n - 1]) & 0x80);
    }
    for (; i + 32 <= n; i += 32) {
        memcpy(&a, p + i, 8);
        memcpy(&b, p + i + 8, 8);
        memcpy(&c, p + i + 16, 8);
        memcpy(&d, p + i + 24, 8);
        seen |= a | b | c | d;
    }
    for (; i + 8 <= n; i += 8) {
        memcpy(&a, p + i, 8);
        seen |= a;
    }
    memcpy(&a, p + n - 8, 8);
    return !((seen | a) & high);
}

/* Bytes of the longest well-formed prefix; s.n when all of it is. No overlong forms, no surrogates. */
size_t utf8_valid_prefix(struct str s);

static inline bool utf8_valid(struct str s)
{
    return utf8_valid_prefix(s) == s.n;
}

#endif
