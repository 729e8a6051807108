/* otlp.c - spans in: gRPC TraceService/Export and POST /v1/traces, answered in OTLP 1.11's own messages. */
#include <stdio.h>

#include "api/ingest.h"
#include "base/json_writer.h"
#include "wire/otlp_json.h"
#include "wire/otlp_pb.h"

static int decode_protobuf(struct str bytes, struct arena *arena, struct span_batch *ret,
                           struct err *err)
{
    return otlp_pb_decode(bytes, NULL, arena, ret, err);
}

static int decode_json(struct str text, struct arena *arena, struct span_batch *ret,
                       struct err *err)
{
    return otlp_json_decode(text, NULL, arena, ret, err);
}

/* google.rpc.Status. RESOURCE_EXHAUSTED without RetryInfo means "do not send this again". */
static void put_protobuf_error(int code, struct str text, struct buf *out)
{
    otlp_pb_encode_status(err_grpc_status(code), text, ingest_retry_delay_ms(code), out);
}

/* {"code":3,"message":"...","details":[RetryInfo]} */
static void put_json_error(int code, struct str text, struct buf *out)
{
    uint32_t delay_ms = ingest_retry_delay_ms(code);
    struct json_writer w;
    json_init(&w, out, 0);
    json_object_begin(&w);
    json_key(&w, STR("code"));
    json_i64(&w, err_grpc_status(code));
    json_key(&w, STR("message"));
    json_str(&w, text);
    if (delay_ms) {
        char delay[32];
        snprintf(delay, sizeof delay, "%u.%03us", delay_ms / 1000, delay_ms % 1000);
        json_key(&w, STR("details"));
        json_array_begin(&w);
        json_object_begin(&w);
        json_key(&w, STR("@type"));
        json_str(&w, STR("type.googleapis.com/google.rpc.RetryInfo"));
        json_key(&w, STR("retryDelay"));
        json_str(&w, str_of(delay));
        json_object_end(&w);
        json_array_end(&w);
    }
    json_object_end(&w);
}

/* ExportTraceServiceResponse */
static void put_protobuf_success(const struct span_batch *batch, struct buf *out)
{
    if (batch->rejected_spans)
        otlp_pb_encode_response(batch->rejected_spans, str_of(batch->rejected_reason), out);
}

static void put_json_success(const struct span_batch *batch, struct buf *out)
{
    struct json_writer w;
    json_init(&w, out, 0);
    json_object_begin(&w);
    if (batch->rejected_spans) {
        json_key(&w, STR("partialSuccess"));
        json_object_begin(&w);
        json_key(&w, STR("rejectedSpans"));
        json_u64_str(&w, batch->rejected_spans);
        json_key(&w, STR("errorMessage"));
        json_str(&w, str_of(batch->rejected_reason));
        json_object_end(&w);
    }
    json_object_end(&w);
}

static const struct ingest_words protobuf_words = {"application/x-protobuf", put_protobuf_success,
                                                   put_protobuf_error};
static const struct ingest_words json_words = {"application/json", put_json_success,
                                               put_json_error};

enum { JSON, PROTOBUF };

static const struct ingest_encoding encodings[] = {
    [JSON] = {STR_INIT("application/json"), decode_json, "OTLP JSON", &json_words, false},
    [PROTOBUF] = {STR_INIT("application/x-protobuf"), decode_protobuf, "OTLP protobuf",
                  &protobuf_words, true},
    {{NULL, 0}, NULL, NULL, NULL, false},
};

static void export_grpc(struct http_exchange *x, const struct http_request *req, void *user)
{
    ingest_grpc(x, req, user, &encodings[PROTOBUF]);
}

static void export_http(struct http_exchange *x, const struct http_request *req, void *user)
{
    ingest_http(x, req, user, encodings);
}

/* What the HTTP server refuses by itself is said as the handler would say it; 415 stays text. */
static bool write_refusal(const struct http_request *req, int status, struct str text,
                          const char **content_type, struct buf *body)
{
    const struct ingest_encoding *encoding = ingest_encoding_of(req, encodings);
    int code;
    switch (status) {
    case 400: code = ERR_INVALID; break;
    case 408: code = ERR_TIMEOUT; break;
    case 413: code = ERR_TOO_LARGE; break;
    case 503: code = ERR_BUSY; break;
    default: return false;
    }
    if (!encoding)
        return false;
    *content_type = encoding->words->content_type;
    encoding->words->put_error(code, text, body);
    return true;
}

size_t api_otlp_grpc_routes(struct api *api, struct http_route *ret, size_t max)
{
    if (max < 1)
        return 0;
    ret[0] =
        (struct http_route){.methods = HTTP_POST,
                            .path = "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
                            .handler = export_grpc,
                            .user = api,
                            .body_bytes_max = api->request_bytes_max,
                            .grpc = true};
    return 1 + api_grpc_health_routes(api, ret + 1, max - 1);
}

size_t api_otlp_http_routes(struct api *api, struct http_route *ret, size_t max)
{
    if (max < 1)
        return 0;
    ret[0] = (struct http_route){.methods = HTTP_POST,
                                 .path = "/v1/traces",
                                 .handler = export_http,
                                 .user = api,
                                 .body_bytes_max = api->request_bytes_max,
                                 .refusal = write_refusal};
    return 1;
}
