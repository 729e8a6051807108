/* dialects.h - the tables of endpoints that make up the ports, each ended by {0}. */
#ifndef API_DIALECTS_H
#define API_DIALECTS_H

#include "api/call.h"

/* A row. Either a query, which runs on a query thread and words its errors in the table's dialect, or
 * a handler that answers on the loop. */
struct endpoint {
    const char *path; /* as http_route's */
    call_run_fn *run;
    http_handler_fn *handler; /* when run is NULL; its user is the struct api */
    unsigned methods;         /* HTTP_...; 0 = HTTP_GET */
    bool grpc;                /* then the path is a gRPC method's, and the method POST */
    bool body;                /* it takes one, up to request_bytes_max */
};

enum { GRPC_REQUEST_BYTES_MAX = 1 << 20 }; /* of queries */

extern const struct endpoint jaeger_v1_endpoints[];
extern const struct endpoint jaeger_v3_endpoints[];
extern const struct endpoint analyses_endpoints[];
extern const struct endpoint native_endpoints[];
extern const struct endpoint health_endpoints[];
extern const struct endpoint ui_endpoints[];
extern const struct endpoint jaeger_grpc_endpoints[];
extern const struct endpoint zipkin_endpoints[];
extern const struct endpoint zipkin_in_endpoints[];
extern const struct endpoint jaeger_http_in_endpoints[];
extern const struct endpoint jaeger_grpc_in_endpoints[];
extern const struct endpoint tempo_endpoints[];       /* Tempo's own port: all of it */
extern const struct endpoint tempo_guest_endpoints[]; /* the same on the query port */
extern const struct endpoint tempo_grpc_endpoints[];
extern const struct endpoint grpc_health_endpoints[];

#endif
