/* hex.h - bytes to lower-case hexadecimal and back. */
#ifndef BASE_HEX_H
#define BASE_HEX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* Writes 2 * n characters at out, no NUL. */
void hex_encode(char *out, const void *bytes, size_t n);

/* Reads exactly 2 * n characters of either case into out; false (out undefined) on anything else. */
bool hex_decode(void *out, size_t n, struct str hex);

#endif
