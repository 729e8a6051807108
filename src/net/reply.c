/* reply.c - from what a handler says to what goes out: any thread up to the last step. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "net/conn.h"
#include "net/grpc.h"

enum { GZIP_MIN = 1024 }; /* smaller bodies fit a packet anyway */

static const char TEXT_TYPE[] = "text/plain; charset=utf-8";

static void set_gzip(struct reply *reply, struct buf *gzipped)
{
    buf_release(&reply->owned);
    reply->owned = *gzipped;
    reply->body = buf_str(gzipped);
    reply->gzip = true;
}

static bool reserve_heap(struct buf *b, size_t cap, void *user)
{
    (void)user;
    return buf_reserve(b, cap - b->n) != NULL;
}

/* A stored gzip body for a client that cannot read it. */
static void inflate_for_client(struct http_exchange *x)
{
    struct reply *reply = &x->reply;
    struct codecs codecs = {0};
    struct buf plain;
    struct encoding_sink sink = {&plain, x->loop->server->limits.memory_bytes_max, reserve_heap,
                                 NULL};
    int rc;
    buf_init(&plain, 0);
    rc = encoding_inflate(&codecs, ENCODING_GZIP, reply->body, &sink);
    codecs_release(&codecs);
    buf_release(&reply->owned);
    reply->owned = plain;
    reply->body = buf_str(&plain);
    reply->gzip = false;
    if (rc < 0) {
        buf_release(&reply->owned);
        reply->body = STR("500 stored file is damaged");
        reply->status = 500;
        reply->content_type = TEXT_TYPE;
    }
}

static void compress(struct http_exchange *x)
{
    struct reply *reply = &x->reply;
    struct buf gzipped;
    if (reply->gzip) {
        reply->vary = true;
        if (!x->accepts_gzip)
            inflate_for_client(x);
    } else if (reply->body.n > GZIP_MIN) {
        reply->vary = true;
        if (x->accepts_gzip && encoding_gzip(reply->body, &gzipped))
            set_gzip(reply, &gzipped);
    }
}

/* A field that could end the header early, or that HTTP/2 forbids, is not sent. */
static bool field_ok(const struct http_header *h)
{
    static const struct str ours[] = {STR_INIT("connection"), STR_INIT("content-length"),
                                      STR_INIT("transfer-encoding"), STR_INIT("date"),
                                      STR_INIT("content-encoding")};
    for (size_t i = 0; i < h->name.n; i++) {
        unsigned char c = (unsigned char)h->name.p[i];
        if (c <= ' ' || c >= 127 || c == ':')
            return false;
    }
    for (size_t i = 0; i < h->value.n; i++) {
        if (h->value.p[i] == '\r' || h->value.p[i] == '\n' || h->value.p[i] == '\0')
            return false;
    }
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
        if (str_eq_nocase(h->name, ours[i]))
            return false;
    }
    return h->name.n > 0;
}

void exchange_reply_header(struct http_exchange *x, struct str name, struct str value)
{
    struct http_header *headers =
        arena_calloc(&x->arena, x->reply.header_count + 1, sizeof *headers);
    if (!headers)
        return;
    if (x->reply.header_count)
        memcpy(headers, x->reply.headers, x->reply.header_count * sizeof *headers);
    headers[x->reply.header_count++] = (struct http_header){name, value};
    x->reply.headers = headers;
}

static void copy_headers(struct http_exchange *x, const struct http_reply *from)
{
    struct http_header *headers = arena_calloc(&x->arena, from->header_count, sizeof *headers);
    size_t n = 0;
    for (size_t i = 0; headers && i < from->header_count; i++) {
        if (!field_ok(&from->headers[i]))
            continue;
        headers[n].name = arena_str(&x->arena, from->headers[i].name);
        headers[n].value = arena_str(&x->arena, from->headers[i].value);
        for (size_t k = 0; k < headers[n].name.n; k++) { /* HTTP/2 wants lower case */
            char *c = (char *)(uintptr_t)&headers[n].name.p[k];
            if (*c >= 'A' && *c <= 'Z')
                *c |= 32;
        }
        n += headers[n].name.p && headers[n].value.p;
    }
    x->reply.headers = headers;
    x->reply.header_count = n;
}

/* The reply is complete: to the loop with it. */
static void ready(struct http_exchange *x)
{
    size_t bytes = x->reply.owned.cap;
    /* counted, not refused: it exists already, and it is the next request that has to wait */
    x->charged_bytes += bytes;
    atomic_fetch_add_explicit(&x->loop->server->memory_bytes, bytes, memory_order_relaxed);
    if (net_loop_current() != x->loop) {
        net_loop_post(x->loop, x);
    } else if (x->conn) {
        struct conn *conn = x->conn;
        conn_enter(conn);
        conn_reply(x);
        conn_leave(conn);
    } else {
        exchange_release(x);
    }
}

static void set_grpc_error(struct http_exchange *x, int status, struct str text, struct str details)
{
    struct reply *reply = &x->reply;
    reply->status = 200;
    reply->grpc = true;
    reply->grpc_status = status;
    reply->content_type = "application/grpc";
    reply->grpc_message = grpc_percent_encode(&x->arena, text);
    if (details.n)
        reply->grpc_details = grpc_base64(&x->arena, details);
}

void http_reply(struct http_exchange *x, struct http_reply *from)
{
    struct reply *reply = &x->reply;
    if (x->req.grpc) { /* a handler that knows only HTTP: say the same in gRPC's words */
        set_grpc_error(x, grpc_status_of_http(from->status),
                       from->body.n ? buf_str(&from->body) : from->static_body, STR(""));
        buf_release(&from->body);
        ready(x);
        return;
    }
    reply->status = from->status;
    reply->content_type = from->content_type;
    reply->owned = from->body;
    buf_init(&from->body, 0);
    reply->body = reply->owned.n ? buf_str(&reply->owned) : from->static_body;
    reply->gzip = from->body_is_gzip && reply->body.n;
    copy_headers(x, from);
    if (reply->owned.failed) { /* cut by its maximum: nothing of it may be shown */
        buf_release(&reply->owned);
        reply->body = STR("500 the answer is larger than its limit");
        reply->status = 500;
        reply->content_type = TEXT_TYPE;
        reply->gzip = false;
    }
    compress(x);
    ready(x);
}

void http_reply_text(struct http_exchange *x, int status, const char *fmt, ...)
{
    struct http_reply reply = {.status = status, .content_type = TEXT_TYPE};
    va_list args;
    char text[1024];
    int n;
    va_start(args, fmt);
    n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (n > 0)
        buf_put(&reply.body, text, (size_t)n < sizeof text ? (size_t)n : sizeof text - 1);
    http_reply(x, &reply);
}

/* Status 0 with these bytes; what does not fit its limit is an error instead. */
static void reply_grpc(struct http_exchange *x, struct buf *bytes, bool framed)
{
    struct reply *reply = &x->reply;
    size_t n = bytes->n;
    if (bytes->failed || (!framed && n > UINT32_MAX)) {
        buf_release(bytes);
        grpc_reply_error(x, GRPC_RESOURCE_EXHAUSTED, STR("the answer is larger than its limit"),
                         STR(""));
        return;
    }
    reply->status = 200;
    reply->grpc = true;
    reply->content_type = "application/grpc";
    reply->owned = *bytes;
    reply->body = buf_str(bytes);
    buf_init(bytes, 0);
    reply->prefix_bytes = framed ? 0 : sizeof reply->prefix;
    for (unsigned i = 0; i < 4; i++)
        reply->prefix[1 + i] = (unsigned char)(n >> (24 - 8 * i));
    ready(x);
}

void grpc_reply(struct http_exchange *x, struct buf *message)
{
    reply_grpc(x, message, false);
}

void grpc_reply_messages(struct http_exchange *x, struct buf *messages)
{
    reply_grpc(x, messages, true);
}

void grpc_reply_header(struct http_exchange *x, struct str name, struct str value)
{
    exchange_reply_header(x, name, value);
}

void grpc_reply_error(struct http_exchange *x, int grpc_status, struct str text, struct str details)
{
    set_grpc_error(x, grpc_status, text, details);
    ready(x);
}

/* "404 no such thing" without the number. */
static struct str without_status(struct str s)
{
    bool numbered = s.n > 4 && s.p[0] >= '4' && s.p[0] <= '5' && s.p[3] == ' ';
    return numbered ? str_from(s, 4) : s;
}

/* In the route's own words, if it has any. */
static bool refuse_as_route(struct http_exchange *x, struct str text)
{
    struct reply *reply = &x->reply;
    struct buf body;
    bool said;
    if (!x->route || !x->route->refusal)
        return false;
    buf_init(&body, 0);
    said = x->route->refusal(&x->req, reply->status, text, &reply->content_type, &body) &&
           !body.failed;
    if (said)
        reply->body = arena_str(&x->arena, buf_str(&body));
    buf_release(&body);
    return said;
}

__attribute__((format(printf, 4, 0))) static void
set_refusal(struct http_exchange *x, int status, int grpc_status, const char *fmt, va_list args)
{
    struct reply *reply = &x->reply;
    char text[512];
    int n = vsnprintf(text, sizeof text, fmt, args);
    struct str s = str_make(text, n < 0                     ? 0
                                  : (size_t)n < sizeof text ? (size_t)n
                                                            : sizeof text - 1);
    if (x->refused)
        return;
    x->refused = true;
    if (x->req.grpc) {
        set_grpc_error(x, grpc_status, without_status(s), STR(""));
        return;
    }
    reply->status = status;
    if (status == 204)
        return;
    if (!refuse_as_route(x, without_status(s))) {
        reply->content_type = TEXT_TYPE;
        reply->body = arena_str(&x->arena, s);
    }
    if (status == 503)
        exchange_reply_header(x, STR("retry-after"), STR("1"));
}

void exchange_refuse(struct http_exchange *x, int status, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    set_refusal(x, status, grpc_status_of_http(status), fmt, args);
    va_end(args);
}

void exchange_refuse_grpc(struct http_exchange *x, int grpc_status, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    set_refusal(x, 500, grpc_status, fmt, args);
    va_end(args);
}

void exchange_refuse_head(struct http_exchange *x)
{
    const struct http_limits *limits = &x->loop->server->limits;
    if (x->target_overflow)
        exchange_refuse(x, 414, "414 request target over the limit of %u bytes",
                        limits->header_bytes_max);
    else
        exchange_refuse(x, 431, "431 header fields over the limit of %u bytes or %u fields",
                        limits->header_bytes_max, limits->header_count_max);
}

void exchange_refuse_timeout(struct http_exchange *x)
{
    counter_add(&x->loop->counters.timeouts, 1);
    exchange_refuse(x, 408, "408 the request took too long to arrive");
}

void exchange_count_reply(struct http_exchange *x)
{
    struct counters *c = &x->loop->counters;
    int status = x->reply.status;
    if (status >= 500)
        counter_add(&c->replies_5xx, 1);
    else if (status >= 400)
        counter_add(&c->replies_4xx, 1);
}
