/* json_writer.c - separators are derived from the depth and one bit per level; text is copied eight bytes at a time. */
#include "base/json_writer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hex.h"
#include "base/utf8.h"

void json_init(struct json_writer *w, struct buf *out, unsigned indent)
{
    *w = (struct json_writer){.out = out, .indent = indent};
}

static void newline(struct json_writer *w)
{
    if (w->indent == 0)
        return;
    buf_put_byte(w->out, '\n');
    for (unsigned i = 0; i < w->depth * w->indent; i++)
        buf_put_byte(w->out, ' ');
}

static bool has_element(const struct json_writer *w)
{
    return w->not_first[w->depth / 64] >> w->depth % 64 & 1;
}

/* What stands between the last thing written and the value or key that follows. */
static void separate(struct json_writer *w)
{
    if (w->after_key) {
        w->after_key = false;
        return;
    }
    if (w->depth == 0)
        return;
    if (has_element(w))
        buf_put_byte(w->out, ',');
    w->not_first[w->depth / 64] |= (uint64_t)1 << w->depth % 64;
    newline(w);
}

static void begin(struct json_writer *w, unsigned char bracket)
{
    separate(w);
    buf_put_byte(w->out, bracket);
    if (w->depth + 1 >= JSON_DEPTH_MAX) {
        w->out->failed = true;
        return;
    }
    w->depth++;
    w->not_first[w->depth / 64] &= ~((uint64_t)1 << w->depth % 64);
}

static void end(struct json_writer *w, unsigned char bracket)
{
    bool empty = !has_element(w);
    if (w->depth)
        w->depth--;
    if (!empty)
        newline(w);
    buf_put_byte(w->out, bracket);
}

void json_object_begin(struct json_writer *w)
{
    begin(w, '{');
}

void json_object_end(struct json_writer *w)
{
    end(w, '}');
}

void json_array_begin(struct json_writer *w)
{
    begin(w, '[');
}

void json_array_end(struct json_writer *w)
{
    end(w, ']');
}

/* One character that JSON does not take as it is. */
static void escape(struct buf *out, unsigned char c)
{
    switch (c) {
    case '"': buf_put(out, "\\\"", 2); break;
    case '\\': buf_put(out, "\\\\", 2); break;
    case '\n': buf_put(out, "\\n", 2); break;
    case '\r': buf_put(out, "\\r", 2); break;
    case '\t': buf_put(out, "\\t", 2); break;
    default: buf_printf(out, "\\u%04x", c); break;
    }
}

static bool plain(unsigned char c)
{
    return c >= 0x20 && c != '"' && c != '\\' && c != 0x7f;
}

/* Bit 7 of each byte of w that is below n (at most 0x80); bytes above the first such one may be marked wrongly. */
static uint64_t below(uint64_t w, unsigned n)
{
    return (w - 0x0101010101010101u * n) & ~w & 0x8080808080808080u;
}

/* Does none of the eight bytes need an escape? */
static bool word_plain(uint64_t w)
{
    const uint64_t ones = 0x0101010101010101u;
    return !(below(w, 0x20) | below(w ^ ones * '"', 1) | below(w ^ ones * '\\', 1) |
             below(w ^ ones * 0x7f, 1));
}

/* Bytes from i on that need no escape. */
static size_t plain_run(struct str s, size_t i)
{
    size_t start = i;
    uint64_t word;
    for (; i + 8 <= s.n; i += 8) {
        memcpy(&word, s.p + i, 8);
        if (!word_plain(word))
            break;
    }
    while (i < s.n && plain((unsigned char)s.p[i]))
        i++;
    return i - start;
}

/* Valid UTF-8: runs of plain bytes are copied whole. */
static void put_valid(struct buf *out, struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        size_t run = plain_run(s, i);
        buf_put(out, s.p + i, run);
        i += run;
        if (i < s.n)
            escape(out, (unsigned char)s.p[i]);
    }
}

static void put_quoted(struct buf *out, struct str s)
{
    buf_put_byte(out, '"');
    for (;;) {
        size_t good = utf8_valid_prefix(s);
        put_valid(out, str_make(s.p, good));
        if (good == s.n)
            break;
        buf_put(out, "\xef\xbf\xbd", 3);
        s = str_from(s, good + 1);
    }
    buf_put_byte(out, '"');
}

void json_key(struct json_writer *w, struct str key)
{
    separate(w);
    put_quoted(w->out, key);
    buf_put_byte(w->out, ':');
    if (w->indent)
        buf_put_byte(w->out, ' ');
    w->after_key = true;
}

void json_str(struct json_writer *w, struct str s)
{
    separate(w);
    put_quoted(w->out, s);
}

void json_bool(struct json_writer *w, bool v)
{
    json_raw(w, v ? STR("true") : STR("false"));
}

void json_write_null(struct json_writer *w)
{
    json_raw(w, STR("null"));
}

/* Decimal digits, in quotes when asked for. */
static void put_integer(struct json_writer *w, bool negative, uint64_t v, bool quoted)
{
    char text[24]; /* 20 digits, a sign, two quotes */
    char *end = text + sizeof text, *p = end;
    separate(w);
    if (quoted)
        *--p = '"';
    do {
        *--p = (char)('0' + v % 10);
        v /= 10;
    } while (v);
    if (negative)
        *--p = '-';
    if (quoted)
        *--p = '"';
    buf_put(w->out, p, (size_t)(end - p));
}

void json_i64(struct json_writer *w, int64_t v)
{
    put_integer(w, v < 0, v < 0 ? 0 - (uint64_t)v : (uint64_t)v, false);
}

void json_u64(struct json_writer *w, uint64_t v)
{
    put_integer(w, false, v, false);
}

void json_i64_str(struct json_writer *w, int64_t v)
{
    put_integer(w, v < 0, v < 0 ? 0 - (uint64_t)v : (uint64_t)v, true);
}

void json_u64_str(struct json_writer *w, uint64_t v)
{
    put_integer(w, false, v, true);
}

/* printf follows the program's locale, whose decimal sign may be a comma or several bytes: makes it a point. Returns
 * the new length. */
static size_t with_point(char *text)
{
    size_t n = 0;
    bool sign = false;
    for (const char *p = text; *p; p++) {
        bool number = (*p >= '0' && *p <= '9') || *p == '-' || *p == '+' || *p == 'e';
        if (number || !sign)
            text[n++] = number ? *p : '.';
        sign = !number;
    }
    return n;
}

void json_double(struct json_writer *w, double v)
{
    char text[32];
    if (isnan(v)) {
        json_str(w, STR("NaN"));
        return;
    }
    if (isinf(v)) {
        json_str(w, v > 0 ? STR("Infinity") : STR("-Infinity"));
        return;
    }
    /* 15 digits are enough for most, 17 for all */
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, v);
        if (strtod(text, NULL) == v)
            break;
    }
    separate(w);
    buf_put_str(w->out, str_make(text, with_point(text)));
    if (v == 0 && signbit(v))
        buf_put_str(w->out, STR(".0")); /* readers take -0 for an integer and lose the sign */
}

void json_hex(struct json_writer *w, const void *bytes, size_t n)
{
    char *at;
    separate(w);
    at = buf_reserve(w->out, 2 * n + 2);
    if (!at)
        return;
    at[0] = '"';
    hex_encode(at + 1, bytes, n);
    at[2 * n + 1] = '"';
    w->out->n += 2 * n + 2;
}

void json_base64(struct json_writer *w, struct str bytes)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *p = (const unsigned char *)bytes.p;
    separate(w);
    buf_put_byte(w->out, '"');
    for (size_t i = 0; i < bytes.n; i += 3) {
        size_t left = bytes.n - i;
        unsigned v = (unsigned)p[i] << 16 | (left > 1 ? (unsigned)p[i + 1] << 8 : 0) |
                     (left > 2 ? (unsigned)p[i + 2] : 0);
        char four[4] = {digits[v >> 18], digits[v >> 12 & 63], left > 1 ? digits[v >> 6 & 63] : '=',
                        left > 2 ? digits[v & 63] : '='};
        buf_put(w->out, four, 4);
    }
    buf_put_byte(w->out, '"');
}

void json_raw(struct json_writer *w, struct str json)
{
    separate(w);
    buf_put_str(w->out, json);
}
