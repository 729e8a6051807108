/* scalar.c - null, booleans, integers (10, 0o17, 0x1f), numbers, .inf and .nan; everything else is a string. */
#define CAIRN_NO_INLINE
#include "config/scalar.h"

#include <math.h>

static bool among(struct str s, const char *const *words)
{
    for (; *words; words++) {
        if (str_eq(s, str_of(*words)))
            return true;
    }
    return false;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t digits(struct str s, size_t from)
{
    size_t n = from;
    while (n < s.n && is_digit(s.p[n]))
        n++;
    return n - from;
}

static size_t sign(struct str s)
{
    return s.n && (s.p[0] == '-' || s.p[0] == '+');
}

static int digit_of(char c, int base)
{
    int v = is_digit(c)                              ? c - '0'
            : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10
                                                     : 99;
    return v < base ? v : -1;
}

/* 0x1f and 0o17; false when s is neither, or too large. */
static bool based(struct str s, int64_t *ret)
{
    int base = s.n > 2 && s.p[0] == '0' ? s.p[1] == 'x' ? 16 : s.p[1] == 'o' ? 8 : 0 : 0;
    uint64_t v = 0;
    if (!base)
        return false;
    for (size_t i = 2; i < s.n; i++) {
        int d = digit_of(s.p[i], base);
        if (d < 0 || v > (uint64_t)INT64_MAX / (unsigned)base)
            return false;
        v = v * (unsigned)base + (unsigned)d;
        if (v > INT64_MAX)
            return false;
    }
    *ret = (int64_t)v;
    return true;
}

static bool is_decimal(struct str s)
{
    size_t from = sign(s);
    return digits(s, from) > 0 && from + digits(s, from) == s.n;
}

/* Digits with a point among them or an exponent behind: [-+]?(.5|5.?5*)(e[-+]?5)? */
static bool is_number(struct str s)
{
    size_t at = sign(s), before = digits(s, at), after = 0;
    at += before;
    if (at < s.n && s.p[at] == '.') {
        after = digits(s, at + 1);
        at += 1 + after;
    }
    if (before + after == 0)
        return false;
    if (at < s.n && (s.p[at] | 0x20) == 'e') {
        size_t exponent = at + 1;
        if (exponent < s.n && (s.p[exponent] == '-' || s.p[exponent] == '+'))
            exponent++;
        if (digits(s, exponent) == 0)
            return false;
        at = exponent + digits(s, exponent);
    }
    return at == s.n;
}

static bool number(struct str s, double *ret)
{
    static const char *const infinity[] = {".inf", ".Inf", ".INF", NULL};
    static const char *const nan[] = {".nan", ".NaN", ".NAN", NULL};
    if (among(str_from(s, sign(s)), infinity)) {
        *ret = s.p[0] == '-' ? -HUGE_VAL : HUGE_VAL;
        return true;
    }
    if (among(s, nan)) {
        *ret = (double)NAN;
        return true;
    }
    return is_number(s) && str_to_double(s.p[0] == '+' ? str_from(s, 1) : s, ret);
}

void scalar_resolve(struct cairn_config_node *node)
{
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL", NULL};
    static const char *const truths[] = {"true", "True", "TRUE", NULL};
    static const char *const lies[] = {"false", "False", "FALSE", NULL};
    struct str s = node->text;
    if (among(s, nulls)) {
        node->type = CAIRN_CONFIG_NULL;
    } else if (among(s, truths) || among(s, lies)) {
        node->type = CAIRN_CONFIG_BOOL;
        node->as.boolean = among(s, truths);
    } else if (based(s, &node->as.integer) ||
               (is_decimal(s) &&
                str_to_i64(s.p[0] == '+' ? str_from(s, 1) : s, &node->as.integer))) {
        node->type = CAIRN_CONFIG_INT;
    } else if (number(s, &node->as.number)) {
        node->type = CAIRN_CONFIG_DOUBLE;
    } else {
        node->type = CAIRN_CONFIG_STRING;
    }
}
