/* text.c - slices of header and URL text. */
#include "instrumentation/http/parts.h"

#include <string.h>

bool text_eq(cairn_str a, const char *b)
{
    size_t n = strlen(b);
    return a.n == n && (n == 0 || memcmp(a.p, b, n) == 0);
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

bool text_eq_nocase(cairn_str a, const char *b)
{
    if (a.n != strlen(b))
        return false;
    for (size_t i = 0; i < a.n; i++) {
        if (lower(a.p[i]) != lower(b[i]))
            return false;
    }
    return true;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t';
}

cairn_str text_trim(cairn_str s)
{
    while (s.n && is_space(s.p[0]))
        s = text_from(s, 1);
    while (s.n && is_space(s.p[s.n - 1]))
        s.n--;
    return s;
}

size_t text_find(cairn_str s, const char *chars)
{
    if (s.n && !chars[1]) {
        const char *at = memchr(s.p, chars[0], s.n);
        return at ? (size_t)(at - s.p) : s.n;
    }
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] && strchr(chars, s.p[i]))
            return i;
    }
    return s.n;
}

cairn_str text_from(cairn_str s, size_t at)
{
    return at < s.n ? cairn_str_make(s.p + at, s.n - at) : cairn_str_make(NULL, 0);
}

cairn_str text_first(cairn_str s, size_t n)
{
    return cairn_str_make(s.p, n < s.n ? n : s.n);
}

uint16_t text_port(cairn_str s)
{
    uint32_t port = 0;
    if (s.n == 0 || s.n > 5)
        return 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return 0;
        port = port * 10 + (uint32_t)(s.p[i] - '0');
    }
    return port <= UINT16_MAX ? (uint16_t)port : 0;
}

void text_put(struct text *t, cairn_str s)
{
    size_t n = s.n < t->room - t->n ? s.n : t->room - t->n;
    if (n)
        memcpy(t->p + t->n, s.p, n);
    t->n += n;
}
