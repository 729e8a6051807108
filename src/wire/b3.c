/* b3.c - the grammar of B3, after openzipkin/b3-propagation. */
#include "wire/b3.h"

#include "base/hex.h"
#include "wire/hex_id.h"

enum { LONG_ID = 32, SHORT_ID = 16 };

static bool read_ids(struct str trace, struct str span, struct b3 *ret)
{
    if ((trace.n != LONG_ID && trace.n != SHORT_ID) || span.n != SHORT_ID)
        return false;
    ret->has_ids = true;
    return hex_id_read(trace, ret->trace_id.bytes, TRACE_ID_BYTES) &&
           hex_id_read(span, ret->span_id.bytes, SPAN_ID_BYTES) &&
           !trace_id_is_zero(ret->trace_id) && !span_id_is_zero(ret->span_id);
}

/* One character: 0, 1 or d. */
static bool read_state(struct str state, struct b3 *ret)
{
    if (state.n != 1 || (state.p[0] != '0' && state.p[0] != '1' && state.p[0] != 'd'))
        return false;
    ret->debug = state.p[0] == 'd';
    ret->sampled = state.p[0] != '0';
    return true;
}

static bool is_parent(struct str s)
{
    struct span_id id;
    return s.n == SHORT_ID && hex_id_read(s, id.bytes, SPAN_ID_BYTES);
}

bool b3_parse_single(struct str header, struct b3 *ret)
{
    struct b3 b3 = {.has_ids = false};
    struct str rest, trace, span, third;
    if (!str_cut(str_trim(header), '-', &trace, &rest)) {
        if (!read_state(trace, &b3))
            return false;
        *ret = b3;
        return true;
    }
    if (str_cut(rest, '-', &span, &rest)) {
        bool fourth = str_cut(rest, '-', &third, &rest);
        if (fourth ? !read_state(third, &b3) || !is_parent(rest)
                   : !read_state(third, &b3) && !is_parent(third))
            return false;
    }
    if (!read_ids(trace, span, &b3))
        return false;
    *ret = b3;
    return true;
}

static bool read_sampled(struct str s, struct b3 *ret)
{
    if (s.n == 0 || str_eq_nocase(s, STR("false")))
        return true;
    if (str_eq_nocase(s, STR("true"))) {
        ret->sampled = true;
        return true;
    }
    return read_state(s, ret);
}

bool b3_parse_multi(const struct b3_fields *fields, struct b3 *ret)
{
    struct b3 b3 = {.has_ids = false};
    struct str trace = str_trim(fields->trace_id), span = str_trim(fields->span_id);
    struct str sampled = str_trim(fields->sampled), flags = str_trim(fields->flags);
    if (trace.n + span.n + sampled.n + flags.n == 0)
        return false;
    if (str_eq(flags, STR("1")))
        b3.debug = b3.sampled = true; /* then X-B3-Sampled has nothing to say */
    else if ((flags.n && !str_eq(flags, STR("0"))) || !read_sampled(sampled, &b3))
        return false;
    if ((trace.n || span.n) && !read_ids(trace, span, &b3))
        return false;
    *ret = b3;
    return true;
}

void b3_format_single(char out[B3_SINGLE_BYTES + 1], const struct b3 *b3)
{
    hex_encode(out, b3->trace_id.bytes, TRACE_ID_BYTES);
    out[32] = '-';
    hex_encode(out + 33, b3->span_id.bytes, SPAN_ID_BYTES);
    out[49] = '-';
    out[50] = b3->debug ? 'd' : b3->sampled ? '1' : '0';
    out[B3_SINGLE_BYTES] = '\0';
}
