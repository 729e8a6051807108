/* pattern.h - wildcards: ? is one character, * any number of them. */
#ifndef CONFIG_PATTERN_H
#define CONFIG_PATTERN_H

#include "base/str.h"

/* Case counts. A character is a UTF-8 one; damaged text counts byte by byte. */
bool pattern_matches(struct str pattern, struct str text);

#endif
