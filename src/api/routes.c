/* routes.c - the ports: every dialect's table, the more particular paths first. */
#include "api/api.h"
#include "api/call.h"
#include "api/dialects.h"

struct table {
    const struct endpoint *endpoints;
    const struct dialect *dialect;
};

/* Several end with a catch-all below the next one's. */
static const struct table query_port[] = {
    {health_endpoints, NULL},
    {analyses_endpoints, &dialect_native},
    {native_endpoints, &dialect_native},
    {tempo_grpc_endpoints, &dialect_tempo},
    {tempo_guest_endpoints, &dialect_tempo},
    {jaeger_grpc_endpoints, &dialect_jaeger_v3},
    {jaeger_v3_endpoints, &dialect_jaeger_v3},
    {jaeger_v1_endpoints, &dialect_jaeger_v1},
    {grpc_health_endpoints, NULL},
    {ui_endpoints, NULL},
    {NULL, NULL},
};

static const struct table zipkin_port[] = {
    {zipkin_in_endpoints, NULL},
    {zipkin_endpoints, &dialect_zipkin},
    {grpc_health_endpoints, NULL},
    {NULL, NULL},
};

static const struct table jaeger_http_port[] = {{jaeger_http_in_endpoints, NULL}, {NULL, NULL}};
static const struct table jaeger_grpc_port[] = {
    {jaeger_grpc_in_endpoints, NULL}, {grpc_health_endpoints, NULL}, {NULL, NULL}};

static const struct table tempo_port[] = {
    {tempo_grpc_endpoints, &dialect_tempo},
    {tempo_endpoints, &dialect_tempo},
    {grpc_health_endpoints, NULL},
    {health_endpoints, NULL},
    {NULL, NULL},
};

static const struct table grpc_health[] = {{grpc_health_endpoints, NULL}, {NULL, NULL}};

static void start_query(struct http_exchange *x, const struct http_request *req, void *user)
{
    const struct api_query *q = user;
    (void)req;
    call_start(x, q->api, q->dialect, q->run);
}

static size_t body_bytes_max(const struct api *api, const struct endpoint *e)
{
    if (e->body)
        return api->request_bytes_max;
    return e->grpc ? GRPC_REQUEST_BYTES_MAX : 0;
}

/* False when there is no room for another query. */
static bool make_route(struct api *api, const struct endpoint *e, const struct dialect *dialect,
                       struct http_route *ret)
{
    *ret = (struct http_route){.methods = e->grpc      ? HTTP_POST
                                          : e->methods ? e->methods
                                                       : HTTP_GET,
                               .path = e->path,
                               .handler = e->handler,
                               .user = api,
                               .grpc = e->grpc,
                               .body_bytes_max = body_bytes_max(api, e)};
    if (!e->run)
        return true;
    if (api->query_count == API_QUERIES_MAX)
        return false;
    ret->handler = start_query;
    ret->user = &api->queries[api->query_count];
    api->queries[api->query_count++] = (struct api_query){api, dialect, e->run};
    return true;
}

static size_t make_routes(struct api *api, const struct table *tables, struct http_route *ret,
                          size_t max)
{
    size_t n = 0;
    for (const struct table *t = tables; t->endpoints; t++) {
        for (const struct endpoint *e = t->endpoints; e->path; e++) {
            if (n == max || !make_route(api, e, t->dialect, &ret[n]))
                return n;
            n++;
        }
    }
    return n;
}

size_t api_query_routes(struct api *api, struct http_route *ret, size_t max)
{
    return make_routes(api, query_port, ret, max);
}

size_t api_zipkin_routes(struct api *api, struct http_route *ret, size_t max)
{
    return make_routes(api, zipkin_port, ret, max);
}

size_t api_jaeger_http_routes(struct api *api, struct http_route *ret, size_t max)
{
    return make_routes(api, jaeger_http_port, ret, max);
}

size_t api_jaeger_grpc_routes(struct api *api, struct http_route *ret, size_t max)
{
    return make_routes(api, jaeger_grpc_port, ret, max);
}

size_t api_tempo_routes(struct api *api, struct http_route *ret, size_t max)
{
    return make_routes(api, tempo_port, ret, max);
}

size_t api_grpc_health_routes(struct api *api, struct http_route *ret, size_t max)
{
    return make_routes(api, grpc_health, ret, max);
}
