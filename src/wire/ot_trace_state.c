/* ot_trace_state.c - reading and changing the member `ot` of tracestate. */
#include "wire/ot_trace_state.h"

#include <math.h> /* frexp, which is in the C library itself */

#include "wire/traceparent.h"

enum { SUB_KEYS_MAX = OT_BYTES_MAX / 3 + 1 }; /* "a:;" is the shortest */

struct str ot_find(struct str tracestate)
{
    struct tracestate_member members[TRACESTATE_MEMBERS_MAX];
    int n = tracestate.n ? tracestate_parse(tracestate, members) : 0;
    for (int i = 0; i < n; i++) {
        if (str_eq(members[i].key, STR("ot")))
            return members[i].value;
    }
    return (struct str){NULL, 0};
}

/* ---- Grammar ---- */

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool key_valid(struct str key)
{
    if (key.n == 0 || !is_lower(key.p[0]))
        return false;
    for (size_t i = 1; i < key.n; i++) {
        if (!is_lower(key.p[i]) && !is_digit(key.p[i]))
            return false;
    }
    return true;
}

static bool value_valid(struct str value)
{
    for (size_t i = 0; i < value.n; i++) {
        char c = value.p[i];
        if (!is_lower(c) && !is_digit(c) && !(c >= 'A' && c <= 'Z') && c != '.' && c != '_' &&
            c != '-')
            return false;
    }
    return true;
}

/* Takes the next sub-key off *list. */
static bool next(struct str *list, struct str *key, struct str *value)
{
    struct str member;
    str_cut(*list, ';', &member, list);
    return str_cut(member, ':', key, value) && key_valid(*key) && value_valid(*value);
}

/* Lower-case hexadecimal, `digits` of them with zeros put behind. */
static uint64_t hex_number(struct str s)
{
    uint64_t n = 0;
    if (s.n == 0 || s.n > OT_DIGITS)
        return OT_ABSENT;
    for (size_t i = 0; i < OT_DIGITS; i++) {
        char c = i < s.n ? s.p[i] : '0';
        if (is_digit(c))
            n = n << 4 | (unsigned)(c - '0');
        else if (c >= 'a' && c <= 'f')
            n = n << 4 | (unsigned)(c - 'a' + 10);
        else
            return OT_ABSENT;
    }
    return n;
}

bool ot_parse(struct str value, struct ot_entry *ret)
{
    struct str keys[SUB_KEYS_MAX], rest = value;
    size_t count = 0;
    struct ot_entry found = {OT_ABSENT, OT_ABSENT, value};
    *ret = (struct ot_entry){OT_ABSENT, OT_ABSENT, {NULL, 0}};
    if (value.n > OT_BYTES_MAX || (value.n && value.p[value.n - 1] == ';'))
        return false;
    while (rest.n) {
        struct str sub;
        if (!next(&rest, &keys[count], &sub))
            return false;
        for (size_t i = 0; i < count; i++) {
            if (str_eq(keys[i], keys[count]))
                return false;
        }
        if (str_eq(keys[count], STR("th")))
            found.threshold = hex_number(sub);
        else if (str_eq(keys[count], STR("rv")) && sub.n == OT_DIGITS)
            found.randomness = hex_number(sub);
        count++;
    }
    *ret = found;
    return true;
}

/* ---- Writing ---- */

unsigned ot_threshold_format(uint64_t threshold, char out[OT_DIGITS])
{
    unsigned n = 0;
    do {
        out[n++] = "0123456789abcdef"[threshold >> 52 & 15];
        threshold = threshold << 4 & (OT_RANGE - 1);
    } while (threshold);
    return n;
}

static int put(char *out, int at, struct str s)
{
    if (at < 0 || (size_t)at + s.n > OT_BYTES_MAX)
        return -1;
    if (s.n)
        memcpy(out + at, s.p, s.n);
    return at + (int)s.n;
}

static int put_sub_key(char *out, int at, struct str key, struct str value)
{
    if (at > 0)
        at = put(out, at, STR(";"));
    at = put(out, at, key);
    at = put(out, at, STR(":"));
    return put(out, at, value);
}

int ot_with_threshold(const struct ot_entry *entry, uint64_t threshold, char out[OT_BYTES_MAX])
{
    struct str rest = entry->text, key, value;
    int n = 0;
    if (threshold != OT_ABSENT) {
        char digits[OT_DIGITS];
        n = put_sub_key(out, n, STR("th"),
                        str_make(digits, ot_threshold_format(threshold, digits)));
    }
    while (rest.n && next(&rest, &key, &value)) {
        if (!str_eq(key, STR("th")))
            n = put_sub_key(out, n, key, value);
    }
    return n;
}

/* ---- Probabilities ---- */

uint64_t ot_threshold_of(double ratio, unsigned digits)
{
    uint64_t kept, threshold, unit;
    int exponent;
    if (!(ratio < 1))
        return 0;
    ratio = ratio > 0x1p-56 ? ratio : 0x1p-56;
    kept = (uint64_t)(ratio * 0x1p56); /* scaling is exact */
    threshold = OT_RANGE - kept - ((double)kept < ratio * 0x1p56);
    /* Small probabilities have a threshold of many f's: the digits that matter come behind them. */
    frexp(ratio, &exponent);
    digits += (unsigned)-exponent / 4;
    if (digits >= OT_DIGITS)
        return threshold;
    unit = UINT64_C(1) << 4 * (OT_DIGITS - digits);
    threshold = (threshold + unit / 2) & ~(unit - 1);
    return threshold < OT_RANGE ? threshold : OT_RANGE - unit;
}
