/* jaeger_in.c - spans in as Jaeger's own clients and agents send them: thrift over HTTP, protobuf over gRPC. */
#include "api/ingest.h"
#include "wire/jaeger_pb.h"
#include "wire/jaeger_thrift.h"

static const struct ingest_encoding thrift[] = {
    {STR_INIT("application/x-thrift"), jaeger_thrift_decode, "Jaeger thrift"},
    {STR_INIT("application/vnd.apache.thrift.binary"), jaeger_thrift_decode, "Jaeger thrift"},
    {{NULL, 0}, NULL, NULL},
};

static const struct ingest_encoding protobuf = {{NULL, 0}, jaeger_pb_decode, "Jaeger protobuf"};

static void post_thrift(struct http_exchange *x, const struct http_request *req, void *user)
{
    ingest_http(x, req, user, thrift);
}

static void post_spans(struct http_exchange *x, const struct http_request *req, void *user)
{
    ingest_grpc(x, req, user, &protobuf);
}

size_t api_jaeger_http_routes(struct api *api, struct http_route *ret, size_t max)
{
    if (max < 1)
        return 0;
    ret[0] = (struct http_route){.methods = HTTP_POST,
                                 .path = "/api/traces",
                                 .handler = post_thrift,
                                 .user = api,
                                 .body_bytes_max = api->request_bytes_max};
    return 1;
}

size_t api_jaeger_grpc_routes(struct api *api, struct http_route *ret, size_t max)
{
    if (max < 1)
        return 0;
    ret[0] = (struct http_route){.methods = HTTP_POST,
                                 .path = "/jaeger.api_v2.CollectorService/PostSpans",
                                 .handler = post_spans,
                                 .user = api,
                                 .body_bytes_max = api->request_bytes_max,
                                 .grpc = true};
    return 1;
}
