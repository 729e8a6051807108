/* query.c - percent decoding, the query string, and the small questions handlers ask of a request. */
#include "net/query.h"

#include "net/http.h"

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte that "%41" at in.p[i] stands for, or -1. */
static int escape_at(struct str in, size_t i)
{
    int high, low;
    if (in.n - i < 3)
        return -1;
    high = hex_digit(in.p[i + 1]);
    low = hex_digit(in.p[i + 2]);
    return high < 0 || low < 0 ? -1 : high << 4 | low;
}

bool percent_decode_path(struct arena *arena, struct str in, struct str *ret)
{
    char *out = arena_alloc(arena, in.n + 1);
    size_t n = 0;
    if (!out)
        return false;
    for (size_t i = 0; i < in.n; i++) {
        int c = (unsigned char)in.p[i];
        if (c == '%') {
            c = escape_at(in, i);
            i += 2;
        }
        if (c <= 0) /* a broken escape, or a NUL that would cut C strings short */
            return false;
        out[n++] = (char)c;
    }
    out[n] = '\0';
    *ret = str_make(out, n);
    return true;
}

/* A broken escape stands for itself: queries are typed by people. */
static struct str decode_query(struct arena *arena, struct str in)
{
    char *out = arena_alloc(arena, in.n + 1);
    size_t n = 0;
    if (!out)
        return (struct str){NULL, 0};
    for (size_t i = 0; i < in.n; i++) {
        int c = (unsigned char)in.p[i], escaped = c == '%' ? escape_at(in, i) : -1;
        if (escaped >= 0) {
            c = escaped;
            i += 2;
        } else if (c == '+') {
            c = ' ';
        }
        out[n++] = (char)c;
    }
    out[n] = '\0';
    return str_make(out, n);
}

bool http_query_next(const struct http_request *req, struct arena *arena, size_t *at,
                     struct str *name, struct str *value)
{
    while (*at < req->query.n) {
        struct str rest = str_from(req->query, *at), pair, key, val;
        str_cut(rest, '&', &pair, &rest);
        *at += pair.n + 1;
        if (!pair.n)
            continue;
        str_cut(pair, '=', &key, &val);
        *name = decode_query(arena, key);
        *value = decode_query(arena, val);
        return name->p && value->p;
    }
    return false;
}

bool http_query_get(const struct http_request *req, struct arena *arena, struct str name,
                    struct str *value)
{
    struct str key, val;
    size_t at = 0;
    while (http_query_next(req, arena, &at, &key, &val)) {
        if (str_eq(key, name)) {
            *value = val;
            return true;
        }
    }
    return false;
}

struct str http_header_get(const struct http_request *req, struct str name)
{
    for (size_t i = 0; i < req->header_count; i++) {
        if (str_eq(req->headers[i].name, name))
            return req->headers[i].value;
    }
    return (struct str){NULL, 0};
}

bool http_content_type_is(const struct http_request *req, struct str media_type)
{
    struct str type, params;
    str_cut(http_header_get(req, STR("content-type")), ';', &type, &params);
    return str_eq_nocase(str_trim(type), media_type);
}
