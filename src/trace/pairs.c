/* pairs.c - see pairs.h. */
#include "trace/pairs.h"

#include "base/err.h"

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int percent_decode(struct str s, struct arena *arena, struct str *ret)
{
    char *out = arena_alloc(arena, s.n);
    size_t n = 0;
    if (!out)
        return ERR_NOMEM;
    for (size_t i = 0; i < s.n; i++) {
        int high, low;
        if (s.p[i] != '%') {
            out[n++] = s.p[i];
            continue;
        }
        if (s.n - i < 3 || (high = hex_digit(s.p[i + 1])) < 0 || (low = hex_digit(s.p[i + 2])) < 0)
            return ERR_INVALID;
        out[n++] = (char)(high << 4 | low);
        i += 2;
    }
    *ret = str_make(out, n);
    return 0;
}

static struct attr *pair_of_key(const struct attrs *attrs, struct str key)
{
    for (uint32_t i = 0; i < attrs->count; i++) {
        if (str_eq(attrs->items[i].key, key))
            return &attrs->items[i];
    }
    return NULL;
}

int pairs_parse(struct str text, struct arena *arena, struct attrs *ret)
{
    size_t cap = 0;
    *ret = (struct attrs){NULL, 0};
    while (text.n) {
        struct str member, key, value;
        struct attr *pair;
        str_cut(text, ',', &member, &text);
        member = str_trim(member);
        if (member.n == 0)
            continue;
        if (!str_cut(member, '=', &key, &value) || (key = str_trim(key)).n == 0)
            return ERR_INVALID;
        TRY(percent_decode(key, arena, &key));
        TRY(percent_decode(str_trim(value), arena, &value));
        pair = pair_of_key(ret, key);
        if (!pair) {
            ret->items = arena_grow(arena, ret->items, ret->count, &cap, ret->count + 1u,
                                    sizeof *ret->items);
            if (!ret->items)
                return ERR_NOMEM;
            pair = &ret->items[ret->count++];
        }
        pair->key = key;
        pair->value = (struct value){.type = VALUE_STRING, .string = value};
    }
    return 0;
}
