/* router.h - which route does a path belong to? */
#ifndef NET_ROUTER_H
#define NET_ROUTER_H

#include "net/http.h"

enum { ROUTE_PARAMS_MAX = 4 };

struct route_match {
    const struct http_route *route; /* the first whose path and method fit; NULL = none */
    unsigned methods;               /* of all routes whose path fits: what Allow says */
    struct str params[ROUTE_PARAMS_MAX];
};

/* path is as it came, still percent-encoded, so that an encoded slash does not end a segment. method 0 fits no
 * route. params live in the arena. */
void route_find(const struct http_route *routes, size_t count, enum http_method method,
                struct str path, struct arena *arena, struct route_match *ret);

/* "GET, HEAD, OPTIONS"; the text lives in the arena. */
struct str route_methods_text(unsigned methods, struct arena *arena);

#endif
