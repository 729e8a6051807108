/* params.h - what the query dialects' parameters are made of: trace ids, times, durations, limits. */
#ifndef API_PARAMS_H
#define API_PARAMS_H

#include "base/err.h"
#include "base/str.h"
#include "trace/span.h"

/* Hexadecimal of 1 to 32 digits, padded on the left; or base64 of 8 or 16 bytes, either alphabet, with or without
 * padding. The id of all zeros is none. ERR_INVALID. */
int param_trace_id(struct str text, struct trace_id *ret, struct err *err);

/* RFC 3339 with any number of fraction digits and any zone, as Unix nanoseconds. A ' ' for the zone's '+' is what
 * an unescaped '+' in a query string becomes: it is read as one. ERR_INVALID names the parameter. */
int param_rfc3339(struct str name, struct str text, uint64_t *ret, struct err *err);

/* A decimal count of units (of unit_ns nanoseconds) since 1970, as Unix nanoseconds. */
int param_unix_time(struct str name, struct str text, uint64_t unit_ns, uint64_t *ret,
                    struct err *err);

/* A Go-style duration that is not negative, in nanoseconds. */
int param_duration(struct str name, struct str text, uint64_t *ret, struct err *err);

/* 1 to max; empty and 0 mean fallback. */
int param_limit(struct str name, struct str text, uint32_t fallback, uint32_t max, uint32_t *ret,
                struct err *err);

#endif
