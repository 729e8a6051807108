/* uber_trace_id.c - the grammar of Jaeger's propagation format. */
#include "wire/uber_trace_id.h"

#include "base/hex.h"
#include "wire/hex_id.h"

enum { FLAG_SAMPLED = 1, FLAG_DEBUG = 2 };

/* Bytes of the separator that s begins with: 1, 3 or 0. */
static size_t colon_at(struct str s)
{
    if (s.n && s.p[0] == ':')
        return 1;
    return s.n >= 3 && str_eq_nocase(str_make(s.p, 3), STR("%3A")) ? 3 : 0;
}

/* Takes what is before the first separator off *rest; false when there is none. */
static bool take_field(struct str *rest, struct str *ret)
{
    for (size_t i = 0; i < rest->n; i++) {
        size_t colon = colon_at(str_from(*rest, i));
        if (colon) {
            *ret = str_make(rest->p, i);
            *rest = str_from(*rest, i + colon);
            return true;
        }
    }
    return false;
}

bool uber_trace_id_parse(struct str header, struct uber_trace_id *ret)
{
    struct uber_trace_id id = {.debug = false};
    struct span_id forgotten;
    uint8_t flags;
    struct str rest = str_trim(header), trace, span, parent;
    if (!take_field(&rest, &trace) || !take_field(&rest, &span) || !take_field(&rest, &parent))
        return false;
    if (!hex_id_read(trace, id.trace_id.bytes, TRACE_ID_BYTES) ||
        !hex_id_read(span, id.span_id.bytes, SPAN_ID_BYTES) ||
        !hex_id_read(parent, forgotten.bytes, SPAN_ID_BYTES) || !hex_id_read(rest, &flags, 1))
        return false;
    if (trace_id_is_zero(id.trace_id) || span_id_is_zero(id.span_id))
        return false;
    id.debug = flags & FLAG_DEBUG;
    id.sampled = flags & (FLAG_SAMPLED | FLAG_DEBUG);
    *ret = id;
    return true;
}

void uber_trace_id_format(char out[UBER_TRACE_ID_BYTES + 1], const struct uber_trace_id *id)
{
    hex_encode(out, id->trace_id.bytes, TRACE_ID_BYTES);
    out[32] = ':';
    hex_encode(out + 33, id->span_id.bytes, SPAN_ID_BYTES);
    memcpy(out + 49, ":0:", 3);
    out[52] = id->debug ? '3' : id->sampled ? '1' : '0';
    out[UBER_TRACE_ID_BYTES] = '\0';
}
