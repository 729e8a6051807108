/* literal.c - durations and strings as Go writes them, and days, weeks and years as Prometheus does. */
#include "traceql/literal.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/utf8.h"

/* ---- Durations ---- */

struct unit {
    struct str name;
    int64_t ns;
};

/* Longer names first where one starts with another. */
static const struct unit units[] = {
    {STR_INIT("ns"), 1},
    {STR_INIT("us"), 1000},
    {STR_INIT("\xc2\xb5s"), 1000}, /* micro sign */
    {STR_INIT("\xce\xbcs"), 1000}, /* Greek mu */
    {STR_INIT("ms"), 1000000},
    {STR_INIT("s"), 1000000000},
    {STR_INIT("m"), 60 * 1000000000LL},
    {STR_INIT("h"), 3600 * 1000000000LL},
    {STR_INIT("d"), 24 * 3600 * 1000000000LL},
    {STR_INIT("w"), 7 * 24 * 3600 * 1000000000LL},
    {STR_INIT("y"), 365 * 24 * 3600 * 1000000000LL},
};

enum { UNITS = sizeof units / sizeof *units };

static const struct unit *unit_at(struct str s)
{
    for (size_t i = 0; i < UNITS; i++) {
        if (str_starts(s, units[i].name))
            return &units[i];
    }
    return NULL;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Takes digits, a point and digits off *s: the whole part, and the rest of one. */
static bool take_number(struct str *s, int64_t *whole, double *fraction)
{
    double place = 1;
    size_t digits = 0;
    *whole = 0;
    *fraction = 0;
    for (; s->n && is_digit(s->p[0]); *s = str_from(*s, 1), digits++) {
        if (__builtin_mul_overflow(*whole, 10, whole) ||
            __builtin_add_overflow(*whole, s->p[0] - '0', whole))
            return false;
    }
    if (s->n && s->p[0] == '.') {
        *s = str_from(*s, 1);
        for (; s->n && is_digit(s->p[0]); *s = str_from(*s, 1), digits++)
            *fraction += (s->p[0] - '0') * (place /= 10);
    }
    return digits > 0;
}

bool literal_duration(struct str s, int64_t *ret)
{
    int64_t total = 0;
    if (s.n == 0)
        return false;
    while (s.n) {
        int64_t whole;
        double fraction;
        const struct unit *unit;
        if (!take_number(&s, &whole, &fraction) || !(unit = unit_at(s)))
            return false;
        s = str_from(s, unit->name.n);
        if (__builtin_mul_overflow(whole, unit->ns, &whole) ||
            __builtin_add_overflow(total, whole, &total) ||
            __builtin_add_overflow(total, (int64_t)(fraction * (double)unit->ns + 0.5), &total))
            return false;
    }
    *ret = total;
    return true;
}

/* ---- Escapes ---- */

static int hex_digit(char c)
{
    if (is_digit(c))
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* digits characters of s as a number, or -1. */
static int64_t digits_value(struct str s, size_t digits, int base)
{
    int64_t n = 0;
    if (s.n < digits)
        return -1;
    for (size_t i = 0; i < digits; i++) {
        int d = hex_digit(s.p[i]);
        if (d < 0 || d >= base)
            return -1;
        n = n * base + d;
    }
    return n;
}

static size_t put_utf8(char *out, uint32_t c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xe0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3f));
        out[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3f));
    out[2] = (char)(0x80 | (c >> 6 & 0x3f));
    out[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}

/* The escape whose letter s starts with: writes at most 4 bytes (no more than it takes) and answers how many of s it
 * took, or 0. */
static size_t unescape(struct str s, char *out, size_t *written)
{
    static const char letters[] = "abfnrtv\\\"", bytes[] = "\a\b\f\n\r\t\v\\\"";
    const char *letter = s.n && s.p[0] ? strchr(letters, s.p[0]) : NULL;
    size_t digits;
    int64_t n;
    *written = 1;
    if (s.n == 0)
        return 0;
    if (letter) {
        out[0] = bytes[letter - letters];
        return 1;
    }
    if (s.p[0] >= '0' && s.p[0] <= '7') {
        n = digits_value(s, 3, 8);
        out[0] = (char)n;
        return n < 0 || n > 255 ? 0 : 3;
    }
    digits = s.p[0] == 'x' ? 2 : s.p[0] == 'u' ? 4 : s.p[0] == 'U' ? 8 : 0;
    n = digits ? digits_value(str_from(s, 1), digits, 16) : -1;
    if (n < 0)
        return 0;
    if (digits == 2)
        out[0] = (char)n;
    else if (n > 0x10ffff || (n >= 0xd800 && n < 0xe000))
        return 0;
    else
        *written = put_utf8(out, (uint32_t)n);
    return 1 + digits;
}

int literal_unescape(struct str s, struct arena *arena, struct str *ret, struct err *err)
{
    char *out;
    size_t n = 0, i = 0;
    if (str_find(s, '\\') < 0) {
        *ret = s;
        return 0;
    }
    if (!(out = arena_alloc(arena, s.n)))
        return err_set(err, ERR_TOO_LARGE, "no memory left for the query");
    while (i < s.n) {
        size_t taken, written;
        if (s.p[i] != '\\') {
            out[n++] = s.p[i++];
            continue;
        }
        taken = unescape(str_from(s, i + 1), out + n, &written);
        if (!taken)
            return err_at(err, ERR_INVALID, i,
                          "unknown escape '\\%.*s'; in \"…\" a backslash is written '\\\\', in `…` "
                          "it stands for itself",
                          (int)(i + 1 < s.n && !(s.p[i + 1] & 0x80)), s.p + i + 1);
        n += written;
        i += 1 + taken;
    }
    *ret = str_make(out, n);
    return 0;
}

/* ---- Printing ---- */

void literal_print_string(struct buf *out, struct str s)
{
    static const char letters[] = "abtnvfr";
    buf_put_byte(out, '"');
    while (s.n) {
        size_t valid = utf8_valid_prefix(s);
        for (size_t i = 0; i < valid; i++) {
            unsigned char c = (unsigned char)s.p[i];
            if (c == '"' || c == '\\')
                buf_printf(out, "\\%c", c);
            else if (c >= '\a' && c <= '\r')
                buf_printf(out, "\\%c", letters[c - '\a']);
            else if (c < 0x20 || c == 0x7f)
                buf_printf(out, "\\x%02x", c);
            else
                buf_put_byte(out, c);
        }
        s = str_from(s, valid);
        if (s.n) {
            buf_printf(out, "\\x%02x", (unsigned char)s.p[0]);
            s = str_from(s, 1);
        }
    }
    buf_put_byte(out, '"');
}

void literal_print_duration(struct buf *out, int64_t ns)
{
    static const size_t exact[] = {7, 6, 5, 4, 1, 0}; /* h m s ms us ns */
    size_t i = 0;
    while (ns % units[exact[i]].ns || (ns == 0 && exact[i] != 5))
        i++;
    buf_printf(out, "%" PRId64 "%.*s", ns / units[exact[i]].ns, STR_ARG(units[exact[i]].name));
}

void literal_print_double(struct buf *out, double n)
{
    char text[40];
    double back;
    int digits = 15;
    do
        snprintf(text, sizeof text, "%.*g", digits, n);
    while ((!str_to_double(str_of(text), &back) || back != n) && ++digits <= 17);
    buf_put_str(out, str_of(text));
    if (!strpbrk(text, ".einn"))
        buf_put_str(out, STR(".0"));
}

void literal_print_int(struct buf *out, int64_t n)
{
    if (n == INT64_MIN) /* a minus and a number that does not fit */
        buf_put_str(out, STR("minInt"));
    else
        buf_printf(out, "%" PRId64, n);
}
