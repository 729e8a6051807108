/* router.c - patterns are compared segment by segment; there are a few dozen, so no tree is needed. */
#include "net/router.h"

#include "net/query.h"

/* Takes the next "/segment" off path; false when nothing is left. */
static bool next_segment(struct str *path, struct str *segment)
{
    struct str rest = str_from(*path, 1);
    ptrdiff_t slash = str_find(rest, '/');
    if (!path->n || path->p[0] != '/')
        return false;
    *segment = str_make(rest.p, slash < 0 ? rest.n : (size_t)slash);
    *path = str_from(rest, segment->n);
    return true;
}

static bool decode(struct arena *arena, struct str segment, struct str *ret)
{
    *ret = segment; /* almost never is there anything to decode */
    return str_find(segment, '%') < 0 || percent_decode_path(arena, segment, ret);
}

static bool is_placeholder(struct str segment)
{
    return segment.n >= 2 && segment.p[0] == '{' && segment.p[segment.n - 1] == '}';
}

static bool is_rest(struct str segment)
{
    return is_placeholder(segment) && segment.n >= 3 && segment.p[segment.n - 2] == '*';
}

static bool match(struct str pattern, struct str path, struct arena *arena, struct str *params)
{
    size_t count = 0;
    struct str want, got, decoded;
    while (next_segment(&pattern, &want)) {
        if (is_rest(want)) {
            if (!path.n)
                return false;
            return count < ROUTE_PARAMS_MAX && decode(arena, str_from(path, 1), &params[count]);
        }
        if (!next_segment(&path, &got) || !decode(arena, got, &decoded))
            return false;
        if (!is_placeholder(want)) {
            if (!str_eq(want, decoded))
                return false;
        } else if (!decoded.n || count == ROUTE_PARAMS_MAX) {
            return false;
        } else {
            params[count++] = decoded;
        }
    }
    return path.n == 0;
}

void route_find(const struct http_route *routes, size_t count, enum http_method method,
                struct str path, struct arena *arena, struct route_match *ret)
{
    *ret = (struct route_match){0};
    for (size_t i = 0; i < count; i++) {
        struct str params[ROUTE_PARAMS_MAX] = {0};
        unsigned methods = routes[i].methods;
        if (!match(str_of(routes[i].path), path, arena, params))
            continue;
        if (methods & HTTP_GET)
            methods |= HTTP_HEAD;
        ret->methods |= methods;
        if (!ret->route && (methods & (unsigned)method)) {
            ret->route = &routes[i];
            memcpy(ret->params, params, sizeof params);
        }
    }
}

struct str route_methods_text(unsigned methods, struct arena *arena)
{
    static const struct {
        unsigned method;
        const char *name;
    } names[] = {
        {HTTP_GET, "GET"}, {HTTP_HEAD, "HEAD"},     {HTTP_POST, "POST"},
        {HTTP_PUT, "PUT"}, {HTTP_DELETE, "DELETE"}, {HTTP_OPTIONS, "OPTIONS"},
    };
    struct str text = STR("");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (methods & names[i].method)
            text =
                arena_printf(arena, "%.*s%s%s", STR_ARG(text), text.n ? ", " : "", names[i].name);
    }
    return text;
}
