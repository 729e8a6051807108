/* b3.h - Zipkin's B3 in both forms: one header `b3`, or X-B3-TraceId and its sisters. No allocation.
 *
 * Ids of 64 bits are padded on the left; digits of either case are read, lower case is written. Debug implies
 * sampled. The parent's id is checked and forgotten: nobody needs it. */
#ifndef WIRE_B3_H
#define WIRE_B3_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "trace/span.h"

enum { B3_SINGLE_BYTES = 51 }; /* 32 "-" 16 "-" 1, as b3_format_single writes it */

struct b3 {
    struct trace_id trace_id;
    struct span_id span_id;
    bool has_ids; /* false: only a decision came ("b3: 0"), the ids are zero */
    bool sampled; /* false also when the decision is left to us */
    bool debug;
};

/* The value of `b3`: TRACE-SPAN, TRACE-SPAN-STATE, TRACE-SPAN-STATE-PARENT, TRACE-SPAN-PARENT or STATE. False, and
 * *ret as it was, on anything else and on zero ids. */
bool b3_parse_single(struct str header, struct b3 *ret);

/* The values of X-B3-TraceId, -SpanId, -Sampled and -Flags; those that did not come are empty. The words true
 * and false of old senders are understood. */
struct b3_fields {
    struct str trace_id, span_id, sampled, flags;
};
bool b3_parse_multi(const struct b3_fields *fields, struct b3 *ret);

/* Writes 51 characters and a NUL. */
void b3_format_single(char out[B3_SINGLE_BYTES + 1], const struct b3 *b3);

#endif
