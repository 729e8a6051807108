/* routes.c - the query port: every dialect's table, the more particular paths first. */
#include "api/api.h"
#include "api/call.h"
#include "api/dialects.h"

/* Each of the first four ends with a catch-all below the next one's. */
static const struct {
    const struct endpoint *endpoints;
    const struct dialect *dialect;
} tables[] = {
    {health_endpoints, NULL},
    {native_endpoints, &dialect_native},
    {jaeger_v3_endpoints, &dialect_jaeger_v3},
    {jaeger_v1_endpoints, &dialect_jaeger_v1},
    {ui_endpoints, NULL},
};

static void start_query(struct http_exchange *x, const struct http_request *req, void *user)
{
    const struct api_query *q = user;
    (void)req;
    call_start(x, q->api, q->dialect, q->run);
}

size_t api_query_routes(struct api *api, struct http_route *ret, size_t max)
{
    size_t n = 0;
    if (max > API_ROUTES_MAX)
        max = API_ROUTES_MAX;
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        for (const struct endpoint *e = tables[i].endpoints; e->path && n < max; e++, n++) {
            ret[n] = (struct http_route){.methods = e->methods ? e->methods : HTTP_GET,
                                         .path = e->path,
                                         .handler = e->handler,
                                         .user = api,
                                         .body_bytes_max = e->body ? api->request_bytes_max : 0};
            if (e->run) {
                api->queries[n] = (struct api_query){api, tables[i].dialect, e->run};
                ret[n].handler = start_query;
                ret[n].user = &api->queries[n];
            }
        }
    }
    return n;
}
