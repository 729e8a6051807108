/* utf8.c - words of ASCII bytes first, then one character at a time where there is more. */
#include "base/utf8.h"

static bool continues(unsigned char c)
{
    return (c & 0xc0) == 0x80;
}

/* Bytes of the well-formed character at p with n bytes left, or 0. Ranges are RFC 3629's table. */
static size_t character(const unsigned char *p, size_t n)
{
    if (p[0] < 0x80)
        return 1;
    if (p[0] < 0xc2)
        return 0;
    if (p[0] < 0xe0)
        return n >= 2 && continues(p[1]) ? 2 : 0;
    if (p[0] < 0xf0) {
        if (n < 3 || !continues(p[1]) || !continues(p[2]))
            return 0;
        if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] >= 0xa0))
            return 0;
        return 3;
    }
    if (p[0] < 0xf5) {
        if (n < 4 || !continues(p[1]) || !continues(p[2]) || !continues(p[3]))
            return 0;
        if ((p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] >= 0x90))
            return 0;
        return 4;
    }
    return 0;
}

size_t utf8_valid_prefix(struct str s)
{
    const unsigned char *p = (const unsigned char *)s.p;
    size_t i = 0;
    if (utf8_all_ascii(p, s.n))
        return s.n;
    while (i < s.n) {
        size_t n;
        if (s.n - i >= 8 && utf8_all_ascii(p + i, 8)) {
            i += 8;
            continue;
        }
        n = character(p + i, s.n - i);
        if (n == 0)
            return i;
        i += n;
    }
    return i;
}
