/* traceparent.h - W3C Trace Context Level 2: the traceparent and tracestate header values. No allocation. */
#ifndef WIRE_TRACEPARENT_H
#define WIRE_TRACEPARENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "trace/span.h"

enum {
    TRACEPARENT_BYTES = 55,      /* "00-" 32 "-" 16 "-" 2 */
    TRACESTATE_MEMBERS_MAX = 32, /* W3C: a list with more is discarded whole */
    TRACESTATE_KEY_MAX = 256,
    TRACESTATE_VALUE_MAX = 256,
};

struct traceparent {
    struct trace_id trace_id;
    struct span_id span_id;
    uint8_t flags; /* SPAN_FLAG_SAMPLED, SPAN_FLAG_RANDOM; unknown bits of version 00 are cleared */
};

/* False for anything that the recommendation calls invalid: version ff, zero ids, upper case, wrong lengths,
 * version 00 with more behind it. Higher versions are read by version 00's prefix. */
bool traceparent_parse(struct str header, struct traceparent *ret);

/* Writes 55 characters and a NUL. */
void traceparent_format(char out[TRACEPARENT_BYTES + 1], const struct traceparent *tp);

struct tracestate_member {
    struct str key, value;
};

/* Splits a combined header value into at most TRACESTATE_MEMBERS_MAX members that borrow from it; empty members
 * are skipped, of members with the same key the first stays. Returns their count, or -1 when the list is invalid
 * (bad key or value, too many): the caller drops all of it, never the traceparent. */
int tracestate_parse(struct str header, struct tracestate_member ret[TRACESTATE_MEMBERS_MAX]);

/* Writes the members as one list without spaces and answers its length, no more than that of the header that they
 * were parsed from. out may be that header's own memory. No NUL. */
size_t tracestate_join(char *out, const struct tracestate_member *members, int count);

bool tracestate_key_valid(struct str key);
bool tracestate_value_valid(struct str value);

#endif
