/* retry.h - when to try again: which answers allow it, how long to wait. No I/O, no clock. */
#ifndef OTLP_RETRY_H
#define OTLP_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/* 429, 502, 503 and 504, and nothing else. */
bool retry_status_allows(long http_status);

/* Exponential from 1 s, at most 30 s, times a random part of 0.5 to 1; attempt counts from 0. */
uint64_t retry_backoff_ms(unsigned attempt, uint64_t random);

/* What the server asks for, but not so little that a server which always says 0 would be flooded: nothing for the first
 * attempt, then 100 ms and twice as much each time, at most 30 s. */
uint64_t retry_told_ms(unsigned attempt, uint64_t told_ms);

/* Retry-After as seconds or as an HTTP date; false when it is neither. */
bool retry_after_parse(struct str value, uint64_t now_s, uint64_t *ret_ms);

#endif
