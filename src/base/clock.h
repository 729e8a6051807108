/* clock.h - the only place that reads the system's clocks; tests put their own hands on it. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

uint64_t clock_realtime_ns(void);  /* since 1970-01-01 UTC */
uint64_t clock_monotonic_ns(void); /* since some start; never goes back */

/* "2026-11-21T13:14:01.123456789Z" and a NUL; out has room for 31 bytes. */
void clock_format_rfc3339(char out[31], uint64_t realtime_ns);

#endif
