/* zipkin_in.c - spans in as Zipkin's tracers send them: version 2 in JSON and protobuf, version 1 in JSON and thrift. */
#include "api/dialects.h"
#include "api/ingest.h"
#include "wire/zipkin_json.h"
#include "wire/zipkin_pb.h"
#include "wire/zipkin_thrift.h"

/* Zipkin takes for JSON whatever is not said to be something else. */
static const struct ingest_encoding version_2[] = {
    {STR_INIT("application/x-protobuf"), zipkin_pb_decode, "Zipkin protobuf", NULL, false},
    {{NULL, 0}, zipkin_json_decode, "Zipkin JSON", NULL, false},
    {{NULL, 0}, NULL, NULL, NULL, false},
};

static const struct ingest_encoding version_1[] = {
    {STR_INIT("application/x-thrift"), zipkin_thrift_decode, "Zipkin thrift", NULL, false},
    {{NULL, 0}, zipkin_json_v1_decode, "Zipkin JSON, version 1", NULL, false},
    {{NULL, 0}, NULL, NULL, NULL, false},
};

static void post_v2(struct http_exchange *x, const struct http_request *req, void *user)
{
    ingest_http(x, req, user, version_2);
}

static void post_v1(struct http_exchange *x, const struct http_request *req, void *user)
{
    ingest_http(x, req, user, version_1);
}

static void report(struct http_exchange *x, const struct http_request *req, void *user)
{
    ingest_grpc(x, req, user, &version_2[0]);
}

const struct endpoint zipkin_in_endpoints[] = {
    {"/api/v2/spans", .handler = post_v2, .methods = HTTP_POST, .body = true},
    {"/api/v1/spans", .handler = post_v1, .methods = HTTP_POST, .body = true},
    {"/zipkin.proto3.SpanService/Report", .handler = report, .grpc = true, .body = true},
    {0},
};
