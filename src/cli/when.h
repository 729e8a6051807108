/* when.h - points in time as people type them. */
#ifndef CLI_WHEN_H
#define CLI_WHEN_H

#include <stdint.h>

#include "base/err.h"

/* An age ("12h", "7d") or a time as in RFC 3339. option: its name, for the words of ERR_INVALID. */
int when_parse(const char *option, const char *text, uint64_t now_ns, uint64_t *ret_unix_ns,
               struct err *err);

#endif
