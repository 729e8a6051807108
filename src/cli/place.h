/* place.h - where the data is that a command is about: a directory, or a server that has it open. */
#ifndef CLI_PLACE_H
#define CLI_PLACE_H

#include <stdbool.h>

#include "base/err.h"

/* "http://..." and "HOST:PORT" are servers; what exists as a file, or has a slash in it and no port, is a directory. */
bool place_is_url(const char *text);

#endif
