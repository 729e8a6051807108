/* api.h - the server's endpoints: one adapter file per dialect, one row in its route table per endpoint.
 *
 * An adapter turns a request into calls on engine.h and writes its dialect's answer. It keeps no state. */
#ifndef API_API_H
#define API_API_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "engine/engine.h"
#include "net/http.h"

struct api;
struct call;
struct dialect;

enum {
    API_ROUTES_MAX = 128,  /* of one listener: room for any of the tables below */
    API_QUERIES_MAX = 320, /* of all listeners */
};

/* What the route of a query carries; filled by the functions that make routes. */
struct api_query {
    struct api *api;
    const struct dialect *dialect;
    int (*run)(struct call *c, struct err *err);
};

/* What every other handler gets as `user`. Stays where it is while its routes are served. */
struct api {
    struct engine *engine;
    struct http_server *server; /* for /metrics; may be NULL in tests */
    size_t request_bytes_max;   /* OTLP bodies after decompression */
    uint32_t query_timeout_ms;  /* longest a query may run */
    size_t query_bytes_max;     /* memory one query may take */
    uint32_t search_limit_max;  /* traces a search may return */
    const char *snapshot_dir;   /* where snapshots may be made; NULL = nowhere */
    const char *version;
    _Atomic bool stopping;           /* /health answers 503 */
    _Atomic uint64_t spans_rejected; /* without ids: left out of the requests they came in */
    struct api_query queries[API_QUERIES_MAX];
    size_t query_count;
};

/* Each fills a caller's array and returns the count (never more than max). */
size_t api_otlp_grpc_routes(struct api *api, struct http_route *ret, size_t max);
/* grpc.health.v1.Health; part of every table here whose port speaks gRPC. */
size_t api_grpc_health_routes(struct api *api, struct http_route *ret, size_t max);
size_t api_otlp_http_routes(struct api *api, struct http_route *ret, size_t max);
/* The query port: Jaeger's legacy API and api_v3, Cairn's own endpoints, Tempo's as far as their paths are free and all
 * of them below /tempo, health, metrics, and the web UI. */
size_t api_query_routes(struct api *api, struct http_route *ret, size_t max);
/* Zipkin's port: spans in over HTTP and gRPC, its queries, also below /zipkin. */
size_t api_zipkin_routes(struct api *api, struct http_route *ret, size_t max);
/* Spans in from Jaeger's own clients: thrift over HTTP, protobuf over gRPC. */
size_t api_jaeger_http_routes(struct api *api, struct http_route *ret, size_t max);
size_t api_jaeger_grpc_routes(struct api *api, struct http_route *ret, size_t max);
/* Tempo's port: its API over HTTP and gRPC, health and metrics. */
size_t api_tempo_routes(struct api *api, struct http_route *ret, size_t max);

#endif
