/* otlp.c - spans in: gRPC TraceService/Export and POST /v1/traces.
 *
 * The body is decoded on the connection's loop into the exchange's memory and handed to the engine; the reply goes
 * out when the engine says that the spans are kept. What is answered to what is OTLP 1.11's table: a malformed
 * request is never worth a retry (400, INVALID_ARGUMENT), a busy or full server always is (503, UNAVAILABLE). */
#include <stdio.h>

#include "api/api.h"
#include "wire/otlp_json.h"
#include "wire/otlp_pb.h"

enum { RETRY_DELAY_MS = 1000 };

enum encoding { ENCODING_GRPC, ENCODING_PROTOBUF, ENCODING_JSON };

/* One request on its way to the engine; lives in its exchange's memory. */
struct export_call {
    struct http_exchange *x;
    enum encoding encoding;
    struct span_batch batch;
};

static const struct {
    const char *content_type;
    int (*decode)(struct str bytes, const struct otlp_limits *limits, struct arena *arena,
                  struct span_batch *ret, struct err *err);
    const char *format;
} encodings[] = {
    [ENCODING_GRPC] = {NULL, otlp_pb_decode, "protobuf"},
    [ENCODING_PROTOBUF] = {"application/x-protobuf", otlp_pb_decode, "protobuf"},
    [ENCODING_JSON] = {"application/json", otlp_json_decode, "JSON"},
};

/* {"code":3,"message":"...","details":[RetryInfo]} */
static void write_json_status(struct buf *out, int grpc_code, struct str message,
                              uint32_t retry_delay_ms)
{
    struct json_writer w;
    json_init(&w, out, 0);
    json_object_begin(&w);
    json_key(&w, STR("code"));
    json_i64(&w, grpc_code);
    json_key(&w, STR("message"));
    json_str(&w, message);
    if (retry_delay_ms) {
        char delay[32];
        snprintf(delay, sizeof delay, "%u.%03us", retry_delay_ms / 1000, retry_delay_ms % 1000);
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

/* google.rpc.Status in the request's encoding. */
static void write_status(struct buf *out, enum encoding encoding, int code, struct str message)
{
    int grpc_code = err_grpc_status(code);
    /* RESOURCE_EXHAUSTED without RetryInfo means "do not send this again" */
    uint32_t delay_ms = err_http_status(code) == 503 ? RETRY_DELAY_MS : 0;
    if (encoding == ENCODING_JSON)
        write_json_status(out, grpc_code, message, delay_ms);
    else
        otlp_pb_encode_status(grpc_code, message, delay_ms, out);
}

static void reply_error(struct http_exchange *x, enum encoding encoding, int code,
                        struct str message)
{
    static const struct http_header retry_after = {STR_INIT("retry-after"), STR_INIT("1")};
    int status = err_http_status(code);
    struct http_reply reply = {.status = status,
                               .content_type = encodings[encoding].content_type,
                               .headers = &retry_after,
                               .header_count = status == 503};
    buf_init(&reply.body, 0);
    write_status(&reply.body, encoding, code, message);
    if (encoding == ENCODING_GRPC) {
        grpc_reply_error(x, err_grpc_status(code), message, buf_str(&reply.body));
        buf_release(&reply.body);
        return;
    }
    http_reply(x, &reply);
}

static void write_json_response(struct buf *out, uint64_t rejected, struct str reason)
{
    struct json_writer w;
    json_init(&w, out, 0);
    json_object_begin(&w);
    if (rejected) {
        json_key(&w, STR("partialSuccess"));
        json_object_begin(&w);
        json_key(&w, STR("rejectedSpans"));
        json_u64_str(&w, rejected);
        json_key(&w, STR("errorMessage"));
        json_str(&w, reason);
        json_object_end(&w);
    }
    json_object_end(&w);
}

static void reply_success(const struct export_call *c)
{
    struct http_reply reply = {.status = 200, .content_type = encodings[c->encoding].content_type};
    uint64_t rejected = c->batch.rejected_spans;
    struct str reason = rejected ? str_of(c->batch.rejected_reason) : (struct str){NULL, 0};
    buf_init(&reply.body, 0);
    if (c->encoding == ENCODING_JSON)
        write_json_response(&reply.body, rejected, reason);
    else if (rejected)
        otlp_pb_encode_response(rejected, reason, &reply.body);
    if (c->encoding == ENCODING_GRPC)
        grpc_reply(c->x, &reply.body);
    else
        http_reply(c->x, &reply);
}

/* From the engine's thread. */
static void kept(int result, const struct err *err, void *user)
{
    struct export_call *c = user;
    if (result == 0)
        reply_success(c);
    else
        reply_error(c->x, c->encoding, result,
                    err && err->msg[0] ? str_of(err->msg) : str_of(err_text(result)));
}

/* Bytes that are no OTLP: say what is wrong and where. */
static void reply_malformed(struct http_exchange *x, enum encoding encoding, int code,
                            const struct err *err)
{
    char text[ERR_MSG_BYTES + 64];
    if (code == ERR_INVALID)
        snprintf(text, sizeof text, "malformed OTLP %s at byte offset %zu: %s",
                 encodings[encoding].format, err->offset, err->msg);
    else
        snprintf(text, sizeof text, "%s", err->msg[0] ? err->msg : err_text(code));
    reply_error(x, encoding, code, str_of(text));
}

static void export(struct http_exchange *x, const struct http_request *req, struct api *api,
                   enum encoding encoding)
{
    static const struct otlp_limits limits = OTLP_LIMITS_DEFAULT;
    struct arena *arena = http_exchange_arena(x);
    struct err err = {0};
    struct export_call *c = arena_calloc(arena, 1, sizeof *c);
    int code;
    if (!c) {
        reply_error(x, encoding, ERR_NOMEM, str_of(err_text(ERR_NOMEM)));
        return;
    }
    c->x = x;
    c->encoding = encoding;
    code = encodings[encoding].decode(req->body, &limits, arena, &c->batch, &err);
    if (code == ERR_NOMEM && arena_failed(arena)) /* nor would it fit the next time */
        code = err_set(&err, ERR_TOO_LARGE, "the spans take more memory than the server may use");
    if (code < 0) {
        reply_malformed(x, encoding, code, &err);
        return;
    }
    atomic_fetch_add_explicit(&api->spans_rejected, c->batch.rejected_spans, memory_order_relaxed);
    if (c->batch.span_count == 0) {
        reply_success(c);
        return;
    }
    bool whole = encoding != ENCODING_JSON && c->batch.rejected_spans == 0;
    struct engine_append append = {.bytes = whole ? req->body : (struct str){NULL, 0},
                                   .batch = &c->batch,
                                   .done = kept,
                                   .user = c};
    code = engine_append(api->engine, &append, &err);
    if (code < 0)
        reply_error(x, encoding, code, err.msg[0] ? str_of(err.msg) : str_of(err_text(code)));
}

static void export_grpc(struct http_exchange *x, const struct http_request *req, void *user)
{
    export(x, req, user, ENCODING_GRPC);
}

/* ENCODING_GRPC = neither of HTTP's two. */
static enum encoding encoding_of(const struct http_request *req)
{
    if (http_content_type_is(req, str_of(encodings[ENCODING_PROTOBUF].content_type)))
        return ENCODING_PROTOBUF;
    if (http_content_type_is(req, str_of(encodings[ENCODING_JSON].content_type)))
        return ENCODING_JSON;
    return ENCODING_GRPC;
}

static void export_http(struct http_exchange *x, const struct http_request *req, void *user)
{
    enum encoding encoding = encoding_of(req);
    if (encoding != ENCODING_GRPC)
        export(x, req, user, encoding);
    else
        http_reply_text(x, 415,
                        "415 unsupported media type, supported: [application/json, "
                        "application/x-protobuf]");
}

/* What the HTTP server refuses by itself is said as the handler would say it; 415 stays text, as above. */
static bool write_refusal(const struct http_request *req, int status, struct str text,
                          const char **content_type, struct buf *body)
{
    enum encoding encoding = encoding_of(req);
    int code;
    switch (status) {
    case 400: code = ERR_INVALID; break;
    case 408: code = ERR_TIMEOUT; break;
    case 413: code = ERR_TOO_LARGE; break;
    case 503: code = ERR_BUSY; break;
    default: return false;
    }
    if (encoding == ENCODING_GRPC)
        return false;
    *content_type = encodings[encoding].content_type;
    write_status(body, encoding, code, text);
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
