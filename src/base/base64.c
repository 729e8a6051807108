/* base64.c - see base64.h. */
#include "base/base64.h"

#include <stdint.h>

/* The value 0 to 63 of a digit of either alphabet, or -1. */
static int digit_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+' || c == '-')
        return 62;
    return c == '/' || c == '_' ? 63 : -1;
}

ptrdiff_t base64_decode(unsigned char *out, size_t room, struct str text)
{
    uint32_t bits = 0;
    unsigned held = 0;
    size_t n = 0;
    for (int pad = 0; pad < 2 && text.n && text.p[text.n - 1] == '='; pad++)
        text.n--;
    if (text.n % 4 == 1)
        return -1;
    for (size_t i = 0; i < text.n; i++) {
        int digit = digit_of(text.p[i]);
        if (digit < 0)
            return -1;
        bits = bits << 6 | (uint32_t)digit;
        held += 6;
        if (held < 8)
            continue;
        if (n == room)
            return -1;
        held -= 8;
        out[n++] = (unsigned char)(bits >> held);
    }
    return (ptrdiff_t)n;
}

size_t base64_encode(char *out, const void *bytes, size_t n)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *p = bytes;
    char *at = out;
    for (; n >= 3; n -= 3, p += 3) {
        *at++ = digits[p[0] >> 2];
        *at++ = digits[(p[0] << 4 | p[1] >> 4) & 63];
        *at++ = digits[(p[1] << 2 | p[2] >> 6) & 63];
        *at++ = digits[p[2] & 63];
    }
    if (n > 0) {
        unsigned second = n > 1 ? p[1] : 0u;
        *at++ = digits[p[0] >> 2];
        *at++ = digits[((unsigned)p[0] << 4 | second >> 4) & 63];
        if (n > 1)
            *at++ = digits[second << 2 & 63];
    }
    return (size_t)(at - out);
}
