/* routes.c - the query port: every dialect's table, the more particular paths first. */
#include "api/api.h"
#include "api/dialects.h"

size_t api_query_routes(struct api *api, struct http_route *ret, size_t max)
{
    /* each of the first four ends with a catch-all below the next one's */
    static const struct endpoint *const tables[] = {
        health_endpoints, native_endpoints, jaeger_v3_endpoints, jaeger_v1_endpoints, ui_endpoints};
    size_t n = 0;
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        for (const struct endpoint *e = tables[i]; e->path && n < max; e++)
            ret[n++] = (struct http_route){
                .methods = HTTP_GET, .path = e->path, .handler = e->handler, .user = api};
    }
    return n;
}
