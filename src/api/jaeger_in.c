/* jaeger_in.c - spans in as Jaeger's own clients and agents send them: thrift over HTTP, protobuf over gRPC. */
#include "api/dialects.h"
#include "api/ingest.h"
#include "wire/jaeger_pb.h"
#include "wire/jaeger_thrift.h"

static const struct ingest_encoding thrift[] = {
    {STR_INIT("application/x-thrift"), jaeger_thrift_decode, "Jaeger thrift", NULL, false},
    {STR_INIT("application/vnd.apache.thrift.binary"), jaeger_thrift_decode, "Jaeger thrift", NULL,
     false},
    {{NULL, 0}, NULL, NULL, NULL, false},
};

static const struct ingest_encoding protobuf = {
    {NULL, 0}, jaeger_pb_decode, "Jaeger protobuf", NULL, false};

static void post_thrift(struct http_exchange *x, const struct http_request *req, void *user)
{
    ingest_http(x, req, user, thrift);
}

static void post_spans(struct http_exchange *x, const struct http_request *req, void *user)
{
    ingest_grpc(x, req, user, &protobuf);
}

const struct endpoint jaeger_http_in_endpoints[] = {
    {"/api/traces", .handler = post_thrift, .methods = HTTP_POST, .body = true},
    {0},
};

const struct endpoint jaeger_grpc_in_endpoints[] = {
    {"/jaeger.api_v2.CollectorService/PostSpans", .handler = post_spans, .grpc = true,
     .body = true},
    {0},
};
