/* base64.h - base64 to bytes and back. What goes into JSON is written by the JSON writer itself. */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include <stddef.h>

#include "base/str.h"

/* Room that n characters need at most. */
static inline size_t base64_room(size_t n)
{
    return n / 4 * 3 + 3;
}

/* Either alphabet, with or without padding. Bytes written at out, or -1 when text is not base64 or they are more than
 * room. */
ptrdiff_t base64_decode(unsigned char *out, size_t room, struct str text);

/* Characters of n bytes without padding, a constant for a constant n. */
#define BASE64_TEXT_BYTES(n) ((n) / 3 * 4 + ((n) % 3 ? (n) % 3 + 1 : 0))

/* Without padding, in the alphabet with + and /. Writes BASE64_TEXT_BYTES(n) characters, no NUL, and answers how many. */
size_t base64_encode(char *out, const void *bytes, size_t n);

#endif
