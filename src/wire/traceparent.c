/* traceparent.c - the grammar of W3C Trace Context Level 2, sections 3.2 and 3.3. */
#include "wire/traceparent.h"

#include "base/hex.h"

static bool lower_hex(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            return false;
    }
    return true;
}

bool traceparent_parse(struct str header, struct traceparent *ret)
{
    struct traceparent tp;
    uint8_t version;
    struct str h = str_trim(header);
    if (h.n < TRACEPARENT_BYTES || h.p[2] != '-' || h.p[35] != '-' || h.p[52] != '-')
        return false;
    if (!lower_hex(str_make(h.p, 2)) || !lower_hex(str_make(h.p + 3, 32)) ||
        !lower_hex(str_make(h.p + 36, 16)) || !lower_hex(str_make(h.p + 53, 2)))
        return false;
    hex_decode(&version, 1, str_make(h.p, 2));
    hex_decode(tp.trace_id.bytes, TRACE_ID_BYTES, str_make(h.p + 3, 32));
    hex_decode(tp.span_id.bytes, SPAN_ID_BYTES, str_make(h.p + 36, 16));
    hex_decode(&tp.flags, 1, str_make(h.p + 53, 2));
    if (version == 0xff || (version == 0 && h.n != TRACEPARENT_BYTES))
        return false;
    /* a later version may say more, behind another dash */
    if (h.n > TRACEPARENT_BYTES && h.p[TRACEPARENT_BYTES] != '-')
        return false;
    if (trace_id_is_zero(tp.trace_id) || span_id_is_zero(tp.span_id))
        return false;
    tp.flags &= SPAN_FLAG_SAMPLED | SPAN_FLAG_RANDOM;
    *ret = tp;
    return true;
}

void traceparent_format(char out[TRACEPARENT_BYTES + 1], const struct traceparent *tp)
{
    memcpy(out, "00-", 3);
    hex_encode(out + 3, tp->trace_id.bytes, TRACE_ID_BYTES);
    out[35] = '-';
    hex_encode(out + 36, tp->span_id.bytes, SPAN_ID_BYTES);
    out[52] = '-';
    hex_encode(out + 53, &tp->flags, 1);
    out[TRACEPARENT_BYTES] = '\0';
}

static bool key_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '*' ||
           c == '/' || c == '@';
}

bool tracestate_key_valid(struct str key)
{
    if (key.n == 0 || key.n > TRACESTATE_KEY_MAX)
        return false;
    if (!((key.p[0] >= 'a' && key.p[0] <= 'z') || (key.p[0] >= '0' && key.p[0] <= '9')))
        return false;
    for (size_t i = 1; i < key.n; i++) {
        if (!key_char(key.p[i]))
            return false;
    }
    return true;
}

bool tracestate_value_valid(struct str value)
{
    if (value.n == 0 || value.n > TRACESTATE_VALUE_MAX || value.p[value.n - 1] == ' ')
        return false;
    for (size_t i = 0; i < value.n; i++) {
        char c = value.p[i];
        if (c < 0x20 || c > 0x7e || c == ',' || c == '=')
            return false;
    }
    return true;
}

static bool seen(const struct tracestate_member *members, int count, struct str key)
{
    for (int i = 0; i < count; i++) {
        if (str_eq(members[i].key, key))
            return true;
    }
    return false;
}

int tracestate_parse(struct str header, struct tracestate_member ret[TRACESTATE_MEMBERS_MAX])
{
    int count = 0;
    while (header.n) {
        struct str member;
        struct tracestate_member m;
        str_cut(header, ',', &member, &header);
        member = str_trim(member);
        if (member.n == 0)
            continue;
        if (!str_cut(member, '=', &m.key, &m.value) || !tracestate_key_valid(m.key) ||
            !tracestate_value_valid(m.value))
            return -1;
        if (seen(ret, count, m.key))
            continue; /* the one on the left is newer */
        if (count == TRACESTATE_MEMBERS_MAX)
            return -1;
        ret[count++] = m;
    }
    return count;
}

size_t tracestate_join(char *out, const struct tracestate_member *members, int count)
{
    size_t n = 0;
    for (int i = 0; i < count; i++) {
        struct str key = members[i].key, value = members[i].value;
        if (i)
            out[n++] = ',';
        memmove(out + n, key.p, key.n);
        n += key.n;
        out[n++] = '=';
        memmove(out + n, value.p, value.n);
        n += value.n;
    }
    return n;
}
