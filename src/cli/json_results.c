/* json_results.c - counts brackets outside strings. */
#include "cli/json_results.h"

/* Just behind the string that starts at i; the end of the text when it does not end. */
static size_t skip_string(struct str s, size_t i)
{
    for (i++; i < s.n && s.p[i] != '"'; i++) {
        if (s.p[i] == '\\')
            i++;
    }
    return i < s.n ? i + 1 : s.n;
}

static size_t skip_space(struct str s, size_t i)
{
    while (i < s.n && (s.p[i] == ' ' || s.p[i] == '\n' || s.p[i] == '\r' || s.p[i] == '\t'))
        i++;
    return i;
}

/* Just behind the object or array that starts at i; 0 when it does not end. */
static size_t skip_nested(struct str s, size_t i)
{
    size_t depth = 0;
    while (i < s.n) {
        char c = s.p[i];
        if (c == '"') {
            i = skip_string(s, i);
            continue;
        }
        i++;
        if (c == '{' || c == '[')
            depth++;
        else if ((c == '}' || c == ']') && --depth == 0)
            return i;
    }
    return 0;
}

bool json_results_next(struct str text, size_t *at, struct str *ret)
{
    size_t i = *at;
    while (i < text.n) {
        size_t start = i, value;
        if (text.p[i] != '"') {
            i++;
            continue;
        }
        i = skip_string(text, i);
        if (!str_eq(str_make(text.p + start, i - start), STR("\"result\"")))
            continue;
        value = skip_space(text, i);
        if (value >= text.n || text.p[value] != ':')
            continue;
        value = skip_space(text, value + 1);
        if (value >= text.n || text.p[value] != '{')
            continue;
        i = skip_nested(text, value);
        if (i == 0)
            return false;
        *ret = str_make(text.p + value, i - value);
        *at = i;
        return true;
    }
    return false;
}
