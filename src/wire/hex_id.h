/* hex_id.h - ids in hexadecimal that may be shorter than they are here: B3's and Jaeger's, padded on the left. */
#ifndef WIRE_HEX_ID_H
#define WIRE_HEX_ID_H

#include <stdbool.h>
#include <string.h>

#include "base/str.h"

/* Reads 1 to 2 * n digits of either case into n bytes, zeros in front; false on anything else. */
static inline bool hex_id_read(struct str hex, unsigned char *out, size_t n)
{
    if (hex.n == 0 || hex.n > 2 * n)
        return false;
    memset(out, 0, n);
    for (size_t i = 0; i < hex.n; i++) {
        char c = hex.p[hex.n - 1 - i];
        unsigned digit;
        if (c >= '0' && c <= '9')
            digit = (unsigned)(c - '0');
        else if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
            digit = ((unsigned)c & 0x0f) + 9;
        else
            return false;
        out[n - 1 - i / 2] |= (unsigned char)(i % 2 ? digit << 4 : digit);
    }
    return true;
}

#endif
