/* ot_trace_state.h - OpenTelemetry's own member of tracestate, `ot=th:c;rv:6e6d1a75832a2f`: the sampling threshold and
 * the trace's randomness, both 56-bit numbers. No allocation.
 *
 * A span is sampled when its trace's randomness is at least the threshold. A list that breaks the grammar (a key that
 * does not begin with a letter, a character that values may not have, the same key twice, over 256 characters) counts
 * as absent as a whole; a `th` or `rv` with a bad value counts as absent alone. Sub-keys that are not known here are
 * kept. Specification: trace/tracestate-handling.md, trace/tracestate-probability-sampling.md. */
#ifndef WIRE_OT_TRACE_STATE_H
#define WIRE_OT_TRACE_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

enum {
    OT_BYTES_MAX = 256,    /* of the member's value */
    OT_DIGITS = 14,        /* of a threshold in full */
    OT_DIGITS_DEFAULT = 4, /* significant ones that SDKs write */
};

#define OT_RANGE  (UINT64_C(1) << 56) /* thresholds and randomness are below it */
#define OT_ABSENT UINT64_MAX

struct ot_entry {
    uint64_t threshold, randomness; /* OT_ABSENT */
    struct str text;                /* what was read, borrowed; empty when it was malformed */
};

/* The value of the member `ot`; empty when there is none or tracestate is not valid. Borrows. */
struct str ot_find(struct str tracestate);

/* Reads the member's value. False (and nothing in *ret) when it is malformed; an empty one is not. */
bool ot_parse(struct str value, struct ot_entry *ret);

/* Writes entry's list with this threshold (OT_ABSENT: without any) and all its other sub-keys; returns the bytes, 0 when
 * nothing is left, -1 when that would be over OT_BYTES_MAX. */
int ot_with_threshold(const struct ot_entry *entry, uint64_t threshold, char out[OT_BYTES_MAX]);

/* The threshold of a probability from 2^-56 to 1, rounded to so many hexadecimal digits behind its leading f's (1 to
 * OT_DIGITS; OT_DIGITS: exact, rounded down). */
uint64_t ot_threshold_of(double ratio, unsigned digits);

/* Hexadecimal without trailing zeros, "0" for zero. Returns the bytes, 1 to 14. */
unsigned ot_threshold_format(uint64_t threshold, char out[OT_DIGITS]);

/* The low 7 bytes of a trace id. */
static inline uint64_t ot_randomness_of(const uint8_t trace_id[16])
{
    uint64_t r = 0;
    for (int i = 9; i < 16; i++)
        r = r << 8 | trace_id[i];
    return r;
}

#endif
