/* base64.h - base64 to bytes. Writing it is the JSON writer's and gRPC's own affair. */
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

#endif
