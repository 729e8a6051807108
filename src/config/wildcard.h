/* wildcard.h - wildcards: ? is one character, * any number of them. */
#ifndef CONFIG_WILDCARD_H
#define CONFIG_WILDCARD_H

#include "base/str.h"

/* Case counts. A character is a UTF-8 one; damaged text counts byte by byte. */
bool wildcard_matches(struct str pattern, struct str text);

#endif
