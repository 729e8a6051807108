/* grpc.c - gRPC's framing and header rules for unary calls. */
#include "net/grpc.h"

#include "base/base64.h"
#include "base/clock.h"

bool grpc_content_type(const struct http_request *req)
{
    struct str type, params;
    str_cut(http_header_get(req, STR("content-type")), ';', &type, &params);
    type = str_trim(type);
    return str_eq_nocase(type, STR("application/grpc")) ||
           str_eq_nocase(type, STR("application/grpc+proto"));
}

bool grpc_timeout_parse(struct str s, uint64_t *ret_ns)
{
    static const struct {
        char unit;
        uint64_t ns;
    } units[] = {{'H', 3600000000000}, {'M', 60000000000}, {'S', 1000000000},
                 {'m', 1000000},       {'u', 1000},        {'n', 1}};
    uint64_t n;
    if (s.n < 2 || s.n > 9 || !str_to_u64(str_make(s.p, s.n - 1), &n))
        return false;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (s.p[s.n - 1] == units[i].unit) {
            if (__builtin_mul_overflow(n, units[i].ns, ret_ns))
                *ret_ns = UINT64_MAX;
            return true;
        }
    }
    return false;
}

void grpc_check_headers(struct http_exchange *x)
{
    struct str timeout = http_header_get(&x->req, STR("grpc-timeout"));
    uint64_t ns, now = clock_monotonic_ns();
    if (!grpc_content_type(&x->req)) {
        exchange_refuse(x, 415,
                        "415 unsupported media type, supported: [application/grpc, "
                        "application/grpc+proto]");
        return;
    }
    if (!x->http2) {
        exchange_refuse(x, 505, "505 gRPC needs HTTP/2");
        return;
    }
    if (timeout.n) {
        if (!grpc_timeout_parse(timeout, &ns)) {
            exchange_refuse_grpc(x, GRPC_INTERNAL, "malformed grpc-timeout");
            return;
        }
        x->req.deadline_ns = ns > UINT64_MAX - now ? UINT64_MAX : now + ns;
    }
    x->encoding = encoding_parse(http_header_get(&x->req, STR("grpc-encoding")));
    if (x->encoding == ENCODING_UNKNOWN)
        exchange_refuse_grpc(x, GRPC_UNIMPLEMENTED, "unknown grpc-encoding, supported: %s",
                             GRPC_ENCODINGS_ACCEPTED);
}

static uint32_t message_bytes(const unsigned char *p)
{
    return (uint32_t)p[1] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 8 | p[4];
}

void grpc_expect_length(struct http_exchange *x, const unsigned char *p)
{
    if (x->content_length == UINT64_MAX)
        x->content_length = (uint64_t)message_bytes(p) + GRPC_PREFIX_BYTES;
}

void grpc_check_prefix(struct http_exchange *x)
{
    const unsigned char *p = x->wire.p;
    size_t max = x->route->body_bytes_max;
    if (x->wire.n < GRPC_PREFIX_BYTES || message_bytes(p) <= max)
        return;
    exchange_refuse_grpc(x, GRPC_RESOURCE_EXHAUSTED,
                         "message of %u bytes is over the limit of %zu bytes", message_bytes(p),
                         max);
}

bool grpc_unframe(struct http_exchange *x, struct str *body)
{
    const unsigned char *p = (const unsigned char *)body->p;
    size_t n = body->n;
    if (n < GRPC_PREFIX_BYTES || n - GRPC_PREFIX_BYTES < message_bytes(p)) {
        exchange_refuse_grpc(x, GRPC_INTERNAL, "message is cut");
    } else if (n - GRPC_PREFIX_BYTES > message_bytes(p)) {
        exchange_refuse_grpc(x, GRPC_INTERNAL, "more than one message in a unary call");
    } else if (p[0] > 1) {
        exchange_refuse_grpc(x, GRPC_INTERNAL, "malformed message prefix");
    } else if (p[0] == 1 && x->encoding == ENCODING_IDENTITY) {
        exchange_refuse_grpc(x, GRPC_INTERNAL, "compressed message without grpc-encoding");
    }
    if (x->refused)
        return false;
    *body = str_from(*body, GRPC_PREFIX_BYTES);
    return p[0] == 1;
}

size_t grpc_message_begin(struct buf *out)
{
    buf_put(out, "\0\0\0\0", GRPC_PREFIX_BYTES);
    return out->n;
}

void grpc_message_end(struct buf *out, size_t begin)
{
    size_t n = out->n - begin;
    if (out->failed)
        return;
    if (n > UINT32_MAX) {
        out->failed = true;
        return;
    }
    for (unsigned i = 0; i < 4; i++)
        out->p[begin - 4 + i] = (unsigned char)(n >> (24 - 8 * i));
}

struct str grpc_percent_encode(struct arena *arena, struct str text)
{
    static const char digits[] = "0123456789ABCDEF";
    char *out = text.n < SIZE_MAX / 3 ? arena_alloc(arena, text.n * 3 + 1) : NULL;
    size_t n = 0;
    if (!out)
        return (struct str){NULL, 0};
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (c >= ' ' && c <= '~' && c != '%') {
            out[n++] = (char)c;
        } else {
            out[n++] = '%';
            out[n++] = digits[c >> 4];
            out[n++] = digits[c & 15];
        }
    }
    return str_make(out, n);
}

struct str grpc_base64(struct arena *arena, struct str bytes)
{
    char *out = bytes.n < SIZE_MAX / 2 ? arena_alloc(arena, BASE64_TEXT_BYTES(bytes.n) + 1) : NULL;
    if (!out)
        return (struct str){NULL, 0};
    return str_make(out, base64_encode(out, bytes.p, bytes.n));
}

int grpc_status_of_http(int status)
{
    switch (status) {
    case 200: return GRPC_OK;
    case 400: return GRPC_INVALID_ARGUMENT;
    case 404:
    case 405:
    case 501: return GRPC_UNIMPLEMENTED;
    case 408:
    case 504: return GRPC_DEADLINE_EXCEEDED;
    case 413:
    case 431: return GRPC_RESOURCE_EXHAUSTED;
    case 429:
    case 503: return GRPC_UNAVAILABLE;
    default: return status < 500 ? GRPC_UNKNOWN : GRPC_INTERNAL;
    }
}
