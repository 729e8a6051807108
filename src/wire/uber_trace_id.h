/* uber_trace_id.h - Jaeger's header of old: uber-trace-id: TRACE:SPAN:PARENT:FLAGS. No allocation. */
#ifndef WIRE_UBER_TRACE_ID_H
#define WIRE_UBER_TRACE_ID_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "trace/span.h"

enum { UBER_TRACE_ID_BYTES = 53 }; /* 32 ":" 16 ":0:" 1 */

struct uber_trace_id {
    struct trace_id trace_id;
    struct span_id span_id;
    bool sampled; /* debug implies it */
    bool debug;
};

/* Ids may be shorter, as Jaeger's clients leave zeros out; the colons may come as %3A. False, and *ret as it was, on
 * anything that is not four fields of hexadecimal, and on zero ids. The parent's id is checked and forgotten. */
bool uber_trace_id_parse(struct str header, struct uber_trace_id *ret);

/* Writes 53 characters and a NUL. */
void uber_trace_id_format(char out[UBER_TRACE_ID_BYTES + 1], const struct uber_trace_id *id);

#endif
