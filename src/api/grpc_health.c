/* grpc_health.c - grpc.health.v1.Health/Check, which load balancers and Kubernetes ask. Answered on the loop.
 *
 * Every service of a port is as healthy as the server; Watch is left out, as the protocol allows (UNIMPLEMENTED tells
 * clients to take the service for healthy). */
#include "api/call.h"
#include "api/dialects.h"
#include "wire/pb.h"

enum { SERVING = 1, NOT_SERVING = 2, STATUS_NOT_FOUND = 5 };

static const char *const services[] = {
    "opentelemetry.proto.collector.trace.v1.TraceService",
    "tempopb.StreamingQuerier",
    "jaeger.api_v3.QueryService",
    "jaeger.api_v2.CollectorService",
    "zipkin.proto3.SpanService",
};

static bool is_known(struct str service)
{
    bool known = service.n == 0; /* the whole server */
    for (size_t i = 0; i < sizeof services / sizeof *services; i++)
        known = known || str_eq(service, str_of(services[i]));
    return known;
}

static void check(struct http_exchange *x, const struct http_request *req, void *user)
{
    struct api *api = user;
    struct pb_reader r = pb_reader_of(req->body);
    struct str service = {NULL, 0};
    struct buf message;
    while (pb_next(&r)) {
        if (r.tag == PB_TAG(1, PB_LEN))
            service = pb_bytes(&r);
        else
            pb_skip(&r);
    }
    if (r.bad_at) {
        grpc_reply_error(x, err_grpc_status(ERR_INVALID), STR("malformed HealthCheckRequest"),
                         STR(""));
        return;
    }
    if (!is_known(service)) {
        grpc_reply_error(x, STATUS_NOT_FOUND, STR("unknown service"), STR(""));
        return;
    }
    buf_init(&message, 0);
    pb_put_varint(&message, PB_TAG(1, PB_VARINT),
                  atomic_load(&api->stopping) ? NOT_SERVING : SERVING);
    grpc_reply(x, &message);
}

const struct endpoint grpc_health_endpoints[] = {
    {"/grpc.health.v1.Health/Check", .handler = check, .grpc = true},
    {0},
};
