/* json_reader.c - one function per grammar rule of RFC 8259; strings are scanned eight bytes at a time. */
#include "base/json_reader.h"

#include <stdint.h>

#include "base/utf8.h"

struct json_reader json_reader_of(struct str text, struct arena *arena)
{
    const char *p = text.p ? text.p : "";
    return (struct json_reader){.start = p, .p = p, .end = p + text.n, .arena = arena};
}

static void fail_at(struct json_reader *r, const char *at, const char *why)
{
    if (r->why)
        return;
    r->why = why;
    r->bad_at = (size_t)(at - r->start);
    r->p = r->end;
}

void json_read_fail(struct json_reader *r, const char *why)
{
    fail_at(r, r->p, why);
}

static void skip_space(struct json_reader *r)
{
    while (r->p < r->end && (*r->p == ' ' || *r->p == '\n' || *r->p == '\t' || *r->p == '\r'))
        r->p++;
}

/* The next byte that is not white space, without taking it; NUL at the end. */
static char look(struct json_reader *r)
{
    skip_space(r);
    return r->p < r->end ? *r->p : '\0';
}

enum json_kind json_peek(struct json_reader *r)
{
    char c = look(r);
    switch (c) {
    case '{': return JSON_OBJECT_KIND;
    case '[': return JSON_ARRAY_KIND;
    case '"': return JSON_STRING_KIND;
    case 't':
    case 'f': return JSON_BOOL_KIND;
    case 'n': return JSON_NULL_KIND;
    default: return c == '-' || (c >= '0' && c <= '9') ? JSON_NUMBER_KIND : JSON_NOTHING;
    }
}

static bool enter(struct json_reader *r, char bracket, const char *why)
{
    if (look(r) != bracket) {
        json_read_fail(r, why);
        return false;
    }
    if (r->depth == JSON_READ_DEPTH_MAX) {
        json_read_fail(r, "nested too deeply");
        return false;
    }
    r->p++;
    r->depth++;
    r->opened = true;
    return true;
}

bool json_read_object(struct json_reader *r)
{
    return enter(r, '{', "an object is expected");
}

bool json_read_array(struct json_reader *r)
{
    return enter(r, '[', "an array is expected");
}

/* Goes to the next item of a container; false at its closing bracket, which is taken. */
static bool next_item(struct json_reader *r, char bracket, const char *why)
{
    bool first = r->opened;
    char c = look(r);
    r->opened = false;
    if (c == bracket) {
        r->p++;
        r->depth--;
        return false;
    }
    if (first)
        return r->why == NULL;
    if (c != ',') {
        json_read_fail(r, why);
        return false;
    }
    r->p++;
    return true;
}

bool json_read_element(struct json_reader *r)
{
    return !r->why && next_item(r, ']', "',' or ']' is expected") && !r->why;
}

bool json_read_member(struct json_reader *r, struct str *key)
{
    if (r->why || !next_item(r, '}', "',' or '}' is expected"))
        return false;
    *key = json_read_string(r);
    if (!r->why && look(r) != ':')
        json_read_fail(r, "':' is expected");
    if (r->why)
        return false;
    r->p++;
    return true;
}

/* ---- strings ---- */

/* Is one of the eight bytes a quote, a backslash or a control character? */
static bool word_special(uint64_t w)
{
    const uint64_t ones = 0x0101010101010101u, high = 0x8080808080808080u;
    uint64_t quote = w ^ ones * '"', slash = w ^ ones * '\\';
    return (((w - ones * 0x20) & ~w) | ((quote - ones) & ~quote) | ((slash - ones) & ~slash)) &
           high;
}

/* The first byte from p on that ends a run of plain characters. */
static const char *plain_end(const char *p, const char *end)
{
    uint64_t word;
    for (; end - p >= 8; p += 8) {
        memcpy(&word, p, 8);
        if (word_special(word))
            break;
    }
    while (p < end && *p != '"' && *p != '\\' && (unsigned char)*p >= 0x20)
        p++;
    return p;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The four digits behind \u, or -1. */
static int32_t code_unit(const char *p, const char *end)
{
    int32_t unit = 0;
    if (end - p < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(p[i]);
        if (digit < 0)
            return -1;
        unit = unit << 4 | digit;
    }
    return unit;
}

static char *put_utf8(char *out, uint32_t c)
{
    if (c < 0x80) {
        *out++ = (char)c;
    } else if (c < 0x800) {
        *out++ = (char)(0xc0 | c >> 6);
        *out++ = (char)(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        *out++ = (char)(0xe0 | c >> 12);
        *out++ = (char)(0x80 | (c >> 6 & 0x3f));
        *out++ = (char)(0x80 | (c & 0x3f));
    } else {
        *out++ = (char)(0xf0 | c >> 18);
        *out++ = (char)(0x80 | (c >> 12 & 0x3f));
        *out++ = (char)(0x80 | (c >> 6 & 0x3f));
        *out++ = (char)(0x80 | (c & 0x3f));
    }
    return out;
}

/* The \u escape at r->p, pairs of surrogates together. At most three bytes are written for six of text. */
static char *unicode_escape(struct json_reader *r, char *out)
{
    int32_t unit = code_unit(r->p + 2, r->end), low = -1;
    if (unit < 0) {
        json_read_fail(r, "four hexadecimal digits are expected behind \\u");
        return out;
    }
    r->p += 6;
    if (unit < 0xd800 || unit > 0xdfff)
        return put_utf8(out, (uint32_t)unit);
    if (unit < 0xdc00 && r->end - r->p >= 6 && r->p[0] == '\\' && r->p[1] == 'u')
        low = code_unit(r->p + 2, r->end);
    if (low < 0xdc00 || low > 0xdfff)
        return put_utf8(out, 0xfffd); /* half a pair */
    r->p += 6;
    return put_utf8(out, 0x10000u + ((uint32_t)(unit - 0xd800) << 10) + (uint32_t)(low - 0xdc00));
}

static char *escape(struct json_reader *r, char *out)
{
    static const char names[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    const char *at = r->end - r->p < 2 ? NULL : memchr(names, r->p[1], sizeof names - 1);
    if (at) {
        *out++ = meanings[at - names];
        r->p += 2;
        return out;
    }
    if (r->end - r->p >= 2 && r->p[1] == 'u')
        return unicode_escape(r, out);
    json_read_fail(r, "an unknown escape");
    return out;
}

/* The string whose quote is behind r->p, with escapes: its text is never longer than its source. */
static struct str unescaped(struct json_reader *r)
{
    const char *close = r->p;
    char *copy, *out;
    while ((close = plain_end(close, r->end)) < r->end && *close == '\\')
        close += r->end - close >= 2 ? 2 : 1;
    copy = out = arena_alloc(r->arena, (size_t)(close - r->p));
    if (!copy) {
        r->no_memory = true;
        json_read_fail(r, "the text needs too much memory");
    }
    while (!r->why) {
        const char *run = plain_end(r->p, r->end);
        memcpy(out, r->p, (size_t)(run - r->p));
        out += run - r->p;
        r->p = run;
        if (run == r->end)
            json_read_fail(r, "a string has no end");
        else if (*run == '\\')
            out = escape(r, out);
        else
            break; /* the closing quote, or a control character */
    }
    return str_make(copy, (size_t)(out - copy));
}

struct str json_read_string(struct json_reader *r)
{
    struct str s;
    const char *start, *end;
    size_t good;
    if (look(r) != '"') {
        json_read_fail(r, "a string is expected");
        return (struct str){NULL, 0};
    }
    start = ++r->p;
    end = plain_end(start, r->end);
    if (end < r->end && *end == '\\') {
        s = unescaped(r);
        end = r->p;
    } else {
        s = str_make(start, (size_t)(end - start));
        r->p = end;
    }
    if (!r->why && end == r->end)
        json_read_fail(r, "a string has no end");
    else if (!r->why && *end != '"')
        json_read_fail(r, "a control character in a string");
    if (r->why)
        return (struct str){NULL, 0};
    good = utf8_valid_prefix(str_make(start, (size_t)(end - start)));
    if (good != (size_t)(end - start)) {
        fail_at(r, start + good, "a string is not UTF-8");
        return (struct str){NULL, 0};
    }
    r->p++;
    return s;
}

/* ---- other values ---- */

static bool digits(struct json_reader *r)
{
    const char *start = r->p;
    while (r->p < r->end && *r->p >= '0' && *r->p <= '9')
        r->p++;
    return r->p > start;
}

static bool take(struct json_reader *r, char a, char b)
{
    bool here = r->p < r->end && (*r->p == a || *r->p == b);
    r->p += here;
    return here;
}

struct str json_read_number(struct json_reader *r)
{
    const char *start, *whole;
    bool good;
    skip_space(r);
    start = r->p;
    take(r, '-', '-');
    whole = r->p;
    good = digits(r) && (*whole != '0' || r->p == whole + 1);
    if (good && take(r, '.', '.'))
        good = digits(r);
    if (good && take(r, 'e', 'E')) {
        take(r, '+', '-');
        good = digits(r);
    }
    if (!good) {
        fail_at(r, start, "a number is expected");
        return (struct str){NULL, 0};
    }
    return str_make(start, (size_t)(r->p - start));
}

static bool word(struct json_reader *r, struct str text)
{
    skip_space(r);
    if (!str_starts(str_make(r->p, (size_t)(r->end - r->p)), text))
        return false;
    r->p += text.n;
    return true;
}

bool json_read_bool(struct json_reader *r)
{
    if (word(r, STR("true")))
        return true;
    if (!word(r, STR("false")))
        json_read_fail(r, "true or false is expected");
    return false;
}

void json_read_null(struct json_reader *r)
{
    if (!word(r, STR("null")))
        json_read_fail(r, "null is expected");
}

/* Recursion is bounded by JSON_READ_DEPTH_MAX. */
void json_read_skip(struct json_reader *r)
{
    struct str key;
    switch (json_peek(r)) {
    case JSON_OBJECT_KIND:
        json_read_object(r);
        while (json_read_member(r, &key))
            json_read_skip(r);
        break;
    case JSON_ARRAY_KIND:
        json_read_array(r);
        while (json_read_element(r))
            json_read_skip(r);
        break;
    case JSON_STRING_KIND: json_read_string(r); break;
    case JSON_NUMBER_KIND: json_read_number(r); break;
    case JSON_BOOL_KIND: json_read_bool(r); break;
    case JSON_NULL_KIND: json_read_null(r); break;
    case JSON_NOTHING: json_read_fail(r, "a value is expected"); break;
    }
}

bool json_read_end(struct json_reader *r)
{
    skip_space(r);
    if (r->p < r->end)
        json_read_fail(r, "nothing is expected behind the value");
    return r->why == NULL;
}
