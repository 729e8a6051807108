/* protocol_grpc.c - OTLP over gRPC: a unary call is a POST over HTTP/2 with a framed message; the status stands in the
 * trailers, or in the headers when the server has nothing else to say.
 *
 * gRPC over HTTP/2 (grpc/grpc, doc/PROTOCOL-HTTP2.md); google.rpc.Status in grpc-status-details-bin. */
#define CAIRN_NO_INLINE
#include <cairn/otlp.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/base64.h"
#include "otlp/protocol.h"
#include "wire/otlp_pb.h"

enum { FRAME_BYTES = 5 };

/* gRPC's status codes that the code speaks of. */
enum {
    GRPC_OK = 0,
    GRPC_UNKNOWN = 2,
    GRPC_PERMISSION_DENIED = 7,
    GRPC_UNIMPLEMENTED = 12,
    GRPC_INTERNAL = 13,
    GRPC_UNAVAILABLE = 14,
    GRPC_UNAUTHENTICATED = 16,
    GRPC_COUNT
};

enum { ANSWER_STATUS, ANSWER_MESSAGE, ANSWER_DETAILS, ANSWER_CONTENT_TYPE };

static const char *const answer_headers[] = {"grpc-status", "grpc-message",
                                             "grpc-status-details-bin", "content-type", NULL};

static const char *const request_headers[] = {"Content-Type: application/grpc", "TE: trailers",
                                              NULL};

/* May the same request be sent again? The last kind only when the server says when. */
enum again { NEVER, ALWAYS, WHEN_TOLD };

static const struct {
    const char *name;
    enum again again;
} statuses[GRPC_COUNT] = {
    {"OK", NEVER},
    {"CANCELLED", ALWAYS},
    {"UNKNOWN", NEVER},
    {"INVALID_ARGUMENT", NEVER},
    {"DEADLINE_EXCEEDED", ALWAYS},
    {"NOT_FOUND", NEVER},
    {"ALREADY_EXISTS", NEVER},
    {"PERMISSION_DENIED", NEVER},
    {"RESOURCE_EXHAUSTED", WHEN_TOLD},
    {"FAILED_PRECONDITION", NEVER},
    {"ABORTED", ALWAYS},
    {"OUT_OF_RANGE", ALWAYS},
    {"UNIMPLEMENTED", NEVER},
    {"INTERNAL", NEVER},
    {"UNAVAILABLE", ALWAYS},
    {"DATA_LOSS", ALWAYS},
    {"UNAUTHENTICATED", NEVER},
};

/* Scheme and authority of the endpoint, then the method: gRPC has no place for a path of one's own. */
static struct str grpc_url(struct arena *arena, struct str endpoint, bool own, bool insecure)
{
    const char *scheme = insecure ? "http://" : "https://";
    struct str authority = endpoint;
    ptrdiff_t slash;
    (void)own;
    if (url_is_http(endpoint)) {
        scheme = url_is_https(endpoint) ? "https://" : "http://";
        authority = str_from(endpoint, strlen(scheme));
    }
    slash = str_find(authority, '/');
    if (slash == 0 || authority.n == 0 || (slash > 0 && authority.p[slash - 1] == ':'))
        return arena_str(arena, endpoint); /* another scheme, or nobody to talk to */
    if (slash > 0)
        authority.n = (size_t)slash;
    return arena_printf(arena, "%s%.*s/opentelemetry.proto.collector.trace.v1.TraceService/Export",
                        scheme, STR_ARG(authority));
}

/* A byte that says whether the message is compressed, and its length, big-endian. */
static void frame(unsigned char *at, size_t n, bool gzip)
{
    at[0] = gzip;
    for (int i = 0; i < 4; i++)
        at[1 + i] = (unsigned char)(n >> (24 - 8 * i));
}

/* Eight digits at most, so seconds when milliseconds do not fit. */
static bool timeout_header(char out[OTLP_EXTRA_BYTES], uint32_t left_ms)
{
    if (left_ms == UINT32_MAX)
        return false;
    if (left_ms < 100000000)
        snprintf(out, OTLP_EXTRA_BYTES, "grpc-timeout: %um", (unsigned)left_ms);
    else
        snprintf(out, OTLP_EXTRA_BYTES, "grpc-timeout: %uS", (unsigned)(left_ms / 1000));
    return true;
}

/* What an answer without a gRPC status means. When a gRPC server began it, the connection broke before the trailers (or
 * was closed right behind them, where libcurl before 8.0.0 loses them); else it came from a proxy, say. */
static unsigned status_of_http(const struct otlp_answer *answer)
{
    switch (answer->http) {
    case 200:
        return str_starts(answer->headers[ANSWER_CONTENT_TYPE], STR("application/grpc"))
                   ? GRPC_UNAVAILABLE
                   : GRPC_UNKNOWN;
    case 400: return GRPC_INTERNAL;
    case 401: return GRPC_UNAUTHENTICATED;
    case 403: return GRPC_PERMISSION_DENIED;
    case 404: return GRPC_UNIMPLEMENTED;
    case 429:
    case 502:
    case 503:
    case 504: return GRPC_UNAVAILABLE;
    default: return GRPC_UNKNOWN;
    }
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* grpc-message is percent-encoded; what is not an escape stands for itself. */
static struct str message_decode(struct str s, struct arena *arena)
{
    char *out = arena_alloc(arena, s.n);
    size_t n = 0;
    if (!out)
        return (struct str){NULL, 0};
    for (size_t i = 0; i < s.n; i++) {
        int high = -1, low = -1;
        if (s.p[i] == '%' && s.n - i > 2) {
            high = hex_digit(s.p[i + 1]);
            low = hex_digit(s.p[i + 2]);
        }
        if (high >= 0 && low >= 0) {
            out[n++] = (char)(high << 4 | low);
            i += 2;
        } else {
            out[n++] = s.p[i];
        }
    }
    return str_make(out, n);
}

/* One message, not compressed: nothing else was asked for. */
static void read_success(struct str body, struct otlp_verdict *ret)
{
    const unsigned char *p = (const unsigned char *)body.p;
    size_t n;
    if (body.n < FRAME_BYTES || p[0] != 0)
        return;
    n = (size_t)p[1] << 24 | (size_t)p[2] << 16 | (size_t)p[3] << 8 | p[4];
    if (n == body.n - FRAME_BYTES)
        otlp_pb_decode_response(str_from(body, FRAME_BYTES), &ret->rejected, &ret->message);
}

/* google.rpc.Status in base64; empty when there is none or it cannot be read. */
static struct otlp_status details_of(struct str text, struct arena *arena)
{
    struct otlp_status status = {0};
    unsigned char *bytes = arena_alloc(arena, base64_room(text.n));
    ptrdiff_t n = bytes ? base64_decode(bytes, base64_room(text.n), text) : -1;
    if (n < 0 || otlp_pb_decode_status(str_make(bytes, (size_t)n), &status) < 0)
        return (struct otlp_status){0};
    return status;
}

static void read_failure(const struct otlp_answer *answer, uint64_t code, struct arena *arena,
                         struct otlp_verdict *ret)
{
    struct otlp_status details = details_of(answer->headers[ANSWER_DETAILS], arena);
    enum again again = code < GRPC_COUNT ? statuses[code].again : NEVER;
    ret->has_delay = details.has_delay;
    ret->delay_ms = details.delay_ms;
    ret->outcome =
        again == ALWAYS || (again == WHEN_TOLD && ret->has_delay) ? OTLP_TRY_AGAIN : OTLP_GIVE_UP;
    ret->message = message_decode(answer->headers[ANSWER_MESSAGE], arena);
    if (ret->message.n == 0)
        ret->message = details.message;
}

static void judge(const struct otlp_answer *answer, struct arena *arena, struct otlp_verdict *ret)
{
    uint64_t code;
    if (str_to_u64(answer->headers[ANSWER_STATUS], &code)) {
        if (code == GRPC_OK) {
            ret->outcome = OTLP_SENT;
            read_success(answer->body, ret);
            return;
        }
        snprintf(ret->what, sizeof ret->what, "gRPC status %s",
                 code < GRPC_COUNT ? statuses[code].name : "out of range");
    } else {
        code = status_of_http(answer);
        snprintf(ret->what, sizeof ret->what, "HTTP status %ld without a gRPC status",
                 answer->http);
    }
    read_failure(answer, code, arena, ret);
}

const struct otlp_protocol protocol_grpc = {
    .name = "grpc",
    .transport = CAIRN_OTLP_GRPC,
    .encoding = CAIRN_OTLP_PROTOBUF,
    .default_endpoint = "http://localhost:4317",
    .needs_h2 = true,
    .request_headers = request_headers,
    .gzip_header = "grpc-encoding: gzip",
    .answer_headers = answer_headers,
    .frame_bytes = FRAME_BYTES,
    .url = grpc_url,
    .frame = frame,
    .try_header = timeout_header,
    .judge = judge,
};
