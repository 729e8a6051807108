/* times.h - times and durations as statements write them. */
#ifndef SQL_TIMES_H
#define SQL_TIMES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/* "1.5s", "250ms", "1h30m"; whole days and weeks, too: "7d", "2w". */
bool duration_parse(struct str s, int64_t *ret_ns);

/* "now", "now-1h", "now+5m"; "2026-11-21", "2026-11-21 13:14", "2026-11-21T13:14:01.5Z", with +01:00 for Z; UTC when
 * there is no zone. In Unix nanoseconds, from 1970 to 2261. */
bool time_parse(struct str s, uint64_t now_ns, int64_t *ret_ns);

enum { DURATION_TEXT_MAX = 32 };

/* Three digits and a unit that duration_parse reads again: "412ms", "4.12s", "2m3s", "1h2m". */
void duration_format(char out[DURATION_TEXT_MAX], int64_t ns);

#endif
