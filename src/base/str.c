/* str.c - searching, cutting and number parsing on slices. All parsers refuse trailing bytes. */
#include "base/str.h"

#include <locale.h>
#include <stdatomic.h>
#include <stdlib.h>

ptrdiff_t str_find(struct str s, char c)
{
    const char *at = s.n ? memchr(s.p, c, s.n) : NULL;
    return at ? at - s.p : -1;
}

bool str_cut(struct str s, char c, struct str *head, struct str *tail)
{
    ptrdiff_t at = str_find(s, c);
    if (at < 0) {
        *head = s;
        *tail = (struct str){s.p ? s.p + s.n : NULL, 0};
        return false;
    }
    *head = (struct str){s.p, (size_t)at};
    *tail = (struct str){s.p + at + 1, s.n - (size_t)at - 1};
    return true;
}

static unsigned char lower(unsigned char c)
{
    return c >= 'A' && c <= 'Z' ? (unsigned char)(c + 32) : c;
}

bool str_eq_nocase(struct str a, struct str b)
{
    if (a.n != b.n)
        return false;
    for (size_t i = 0; i < a.n; i++) {
        if (lower((unsigned char)a.p[i]) != lower((unsigned char)b.p[i]))
            return false;
    }
    return true;
}

static bool blank(char c)
{
    return c == ' ' || c == '\t';
}

struct str str_trim(struct str s)
{
    while (s.n && blank(s.p[0])) {
        s.p++;
        s.n--;
    }
    while (s.n && blank(s.p[s.n - 1]))
        s.n--;
    return s;
}

bool str_to_u64(struct str s, uint64_t *ret)
{
    uint64_t v = 0;
    if (s.n == 0)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        unsigned digit = (unsigned char)s.p[i] - (unsigned)'0';
        if (digit > 9 || __builtin_mul_overflow(v, 10u, &v) || __builtin_add_overflow(v, digit, &v))
            return false;
    }
    *ret = v;
    return true;
}

bool str_to_i64(struct str s, int64_t *ret)
{
    bool negative = s.n > 0 && s.p[0] == '-';
    uint64_t v;
    if (!str_to_u64(negative ? str_from(s, 1) : s, &v))
        return false;
    if (v > (uint64_t)INT64_MAX + (negative ? 1u : 0u))
        return false;
    *ret = negative ? (int64_t)(0 - v) : (int64_t)v;
    return true;
}

/* strtod follows the locale that the program has set; ours is always "C". Made once, never freed. */
static double c_strtod(const char *text, char **end)
{
    static _Atomic(locale_t) made;
    locale_t c = atomic_load_explicit(&made, memory_order_acquire), none = (locale_t)0;
    if (!c) {
        c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
        if (!c)
            return strtod(text, end);
        if (!atomic_compare_exchange_strong(&made, &none, c)) {
            freelocale(c); /* another thread was faster */
            c = none;
        }
    }
    return strtod_l(text, end, c);
}

bool str_to_double(struct str s, double *ret)
{
    char copy[64]; /* the longest shortest form of a double has 24 characters */
    char *end;
    double v;
    if (s.n == 0 || s.n >= sizeof copy)
        return false;
    for (size_t i = 0; i < s.n;
         i++) { /* decimal only: strtod takes blanks, "inf" and "0x1p3" too */
        char c = s.p[i];
        if (!((c >= '0' && c <= '9') || c == '.' || c == '-' || c == '+' || c == 'e' || c == 'E'))
            return false;
        copy[i] = c;
    }
    copy[s.n] = '\0';
    v = c_strtod(copy, &end);
    if (end != copy + s.n)
        return false;
    *ret = v;
    return true;
}

/* The unit at the start of s in nanoseconds; *len gets its bytes, 0 when there is none. */
static double duration_unit(struct str s, size_t *len)
{
    static const struct {
        const char *name;
        double ns;
    } units[] = {{"ns", 1},          {"us", 1e3}, {"\xc2\xb5s", 1e3}, /* micro sign */
                 {"\xce\xbcs", 1e3},                                  /* Greek mu */
                 {"ms", 1e6},        {"s", 1e9},  {"m", 60e9},        {"h", 3600e9}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        struct str name = str_of(units[i].name);
        if (str_starts(s, name)) {
            *len = name.n;
            return units[i].ns;
        }
    }
    *len = 0;
    return 0;
}

bool str_to_duration_ns(struct str s, int64_t *ret)
{
    bool negative = s.n && s.p[0] == '-';
    double total = 0;
    if (s.n && (s.p[0] == '-' || s.p[0] == '+'))
        s = str_from(s, 1);
    if (s.n == 0)
        return false;
    if (str_eq(s, STR("0"))) {
        *ret = 0;
        return true;
    }
    while (s.n) {
        size_t digits = 0, unit_len;
        double number, unit;
        while (digits < s.n && ((s.p[digits] >= '0' && s.p[digits] <= '9') || s.p[digits] == '.'))
            digits++;
        if (!str_to_double(str_make(s.p, digits), &number))
            return false;
        s = str_from(s, digits);
        unit = duration_unit(s, &unit_len);
        if (unit_len == 0)
            return false;
        s = str_from(s, unit_len);
        total += number * unit;
    }
    if (total >= 9.2e18)
        return false;
    *ret = (int64_t)(negative ? -total : total);
    return true;
}
