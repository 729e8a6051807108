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

/* Retry-After as seconds or as an HTTP date; false when it is neither. */
bool retry_after_parse(struct str value, uint64_t now_s, uint64_t *ret_ms);

#endif
