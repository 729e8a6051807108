/* units.h - sizes, durations, counts and times as people type and read them. */
#ifndef CLI_UNITS_H
#define CLI_UNITS_H

#include "base/str.h"

/* "512", "64MiB", "10GB", "4k"; KiB, MiB, GiB, TiB are powers of 1024, kB, MB, GB, TB of 1000. */
bool parse_size(struct str s, uint64_t *bytes);

/* As str_to_duration_ns, not negative, and days: "7d". */
bool parse_duration(struct str s, uint64_t *ns);

enum { UNITS_BYTES = 48 };

/* Three digits and a unit: "412 ms", "4.12 s", "98.7 µs", "2m 03s", "1h 02m". */
void format_duration(char out[UNITS_BYTES], uint64_t ns);
void format_bytes(char out[UNITS_BYTES], uint64_t bytes); /* "1.21 GiB" */
void format_count(char out[UNITS_BYTES], uint64_t n);     /* "1,204,331" */
/* "1 span", "1,204 spans" */
void format_plural(char out[UNITS_BYTES], uint64_t n, const char *one, const char *many);
/* "2026-11-21 13:14:01.123 UTC", in the zone of TZ. */
void format_time(char out[UNITS_BYTES], uint64_t unix_ns);
/* "5 s ago", "3 min ago", "2 days ago", "just now" */
void format_age(char out[UNITS_BYTES], uint64_t unix_ns, uint64_t now_ns);

#endif
