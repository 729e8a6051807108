/* utf8.h - is this well-formed UTF-8 (RFC 3629), and what to do when it is not. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* Bytes of the longest well-formed prefix; s.n when all of it is. No overlong forms, no surrogates. */
size_t utf8_valid_prefix(struct str s);

static inline bool utf8_valid(struct str s)
{
    return utf8_valid_prefix(s) == s.n;
}

#endif
