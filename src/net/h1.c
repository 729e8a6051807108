/* h1.c - HTTP/1.x: the parser's events fill an exchange, whole requests run one at a time.
 *
 * Bytes behind a request that is being run or answered wait in `pending`, and the socket is not read until they
 * are used up. A refused request whose body is small or absent keeps its connection; any other is answered at
 * once and the connection lingers: it reads and discards for a moment, so that the reply is not lost in a reset. */
#include "net/h1.h"

#include <stdio.h>

#include "net/conn.h"

static enum http_method method_of(struct str name)
{
    static const struct {
        struct str name;
        enum http_method method;
    } methods[] = {
        {STR_INIT("GET"), HTTP_GET},       {STR_INIT("POST"), HTTP_POST},
        {STR_INIT("HEAD"), HTTP_HEAD},     {STR_INIT("PUT"), HTTP_PUT},
        {STR_INIT("DELETE"), HTTP_DELETE}, {STR_INIT("OPTIONS"), HTTP_OPTIONS},
    };
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        if (str_eq(name, methods[i].name))
            return methods[i].method;
    }
    return 0;
}

static bool on_begin(void *user)
{
    struct conn *conn = user;
    conn->h1.x = exchange_new(conn);
    return conn->h1.x != NULL;
}

static bool on_target(void *user, struct str part)
{
    struct conn *conn = user;
    exchange_target(conn->h1.x, part);
    return !conn->h1.x->head_overflow;
}

static bool on_name(void *user, struct str part, bool first)
{
    struct conn *conn = user;
    if (first)
        exchange_field_begin(conn->h1.x);
    exchange_field_name(conn->h1.x, part);
    return !conn->h1.x->head_overflow;
}

static bool on_value(void *user, struct str part)
{
    struct conn *conn = user;
    exchange_field_value(conn->h1.x, part);
    return !conn->h1.x->head_overflow;
}

/* Is what is left of the body small enough to read it for the connection's sake? */
static bool worth_draining(const struct http_exchange *x)
{
    if (!x->body_expected)
        return true;
    return !x->expects_continue && x->content_length != UINT64_MAX &&
           x->content_length - x->received_bytes <= H1_DRAIN_MAX;
}

static unsigned count_hosts(const struct http_exchange *x)
{
    unsigned n = 0;
    for (size_t i = 0; i < x->req.header_count; i++)
        n += str_eq(x->req.headers[i].name, STR("host"));
    return n;
}

static bool on_headers(void *user, const struct h1_head *head)
{
    struct conn *conn = user;
    struct http_exchange *x = conn->h1.x;
    conn->h1.keep_alive = head->keep_alive;
    conn->h1.minor_1 = head->minor_1;
    x->content_length = head->content_length;
    x->body_expected =
        head->chunked || (head->content_length != UINT64_MAX && head->content_length > 0);
    exchange_headers_done(x, method_of(head->method));
    if (head->minor_1 && !x->refused && count_hosts(x) != 1)
        exchange_refuse(x, 400, "400 malformed request: needs one Host field");
    if (x->refused)
        return worth_draining(x);
    if (x->expects_continue && head->minor_1 && x->body_expected && !conn->stream.writing) {
        static char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
        uv_buf_t buf = uv_buf_init(go_on, sizeof go_on - 1);
        conn_write(conn, &buf, 1);
        x->expects_continue = false;
    }
    return true;
}

static bool on_body(void *user, struct str part)
{
    struct conn *conn = user;
    struct http_exchange *x = conn->h1.x;
    exchange_body(x, (const unsigned char *)part.p, part.n);
    return !x->refused || worth_draining(x);
}

static const char *reason_phrase(int status)
{
    static const struct {
        int status;
        const char *phrase;
    } phrases[] = {
        {200, "OK"},
        {201, "Created"},
        {202, "Accepted"},
        {204, "No Content"},
        {206, "Partial Content"},
        {301, "Moved Permanently"},
        {302, "Found"},
        {304, "Not Modified"},
        {307, "Temporary Redirect"},
        {308, "Permanent Redirect"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {406, "Not Acceptable"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {411, "Length Required"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {415, "Unsupported Media Type"},
        {417, "Expectation Failed"},
        {422, "Unprocessable Content"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {499, "Client Closed Request"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
        {505, "HTTP Version Not Supported"},
    };
    for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++) {
        if (phrases[i].status == status)
            return phrases[i].phrase;
    }
    return "Status";
}

/* A gRPC reply can only get here when something grave happened before the protocol was known to fit. */
static void write_head(struct conn *conn, struct http_exchange *x)
{
    const struct reply *reply = &x->reply;
    struct str date = net_loop_date(conn->loop);
    struct buf *out = &x->out;
    buf_printf(out, "HTTP/1.1 %d %s\r\ndate: %.*s\r\n", reply->status, reason_phrase(reply->status),
               STR_ARG(date));
    if (reply->content_type)
        buf_printf(out, "content-type: %s\r\n", reply->content_type);
    if (reply->status != 204 && reply->status != 304)
        buf_printf(out, "content-length: %zu\r\n", reply->body.n);
    if (reply->gzip)
        buf_put_str(out, STR("content-encoding: gzip\r\n"));
    if (reply->vary)
        buf_put_str(out, STR("vary: accept-encoding\r\n"));
    for (size_t i = 0; i < reply->header_count; i++)
        buf_printf(out, "%.*s: %.*s\r\n", STR_ARG(reply->headers[i].name),
                   STR_ARG(reply->headers[i].value));
    if (!conn->h1.keep_alive)
        buf_put_str(out, STR("connection: close\r\n"));
    else if (!conn->h1.minor_1)
        buf_put_str(out, STR("connection: keep-alive\r\n"));
    buf_put_str(out, STR("\r\n"));
}

static void h1_reply(struct conn *conn, struct http_exchange *x)
{
    struct h1 *h1 = &conn->h1;
    x->state = EXCHANGE_REPLYING;
    h1->keep_alive = h1->keep_alive && x->request_done && !conn->stopping && !h1->peer_ended;
    write_head(conn, x);
    h1->ready = true;
}

static void send_reply(struct conn *conn)
{
    struct http_exchange *x = conn->h1.x;
    int status = x->reply.status;
    bool body = x->reply.body.n && x->req.method != HTTP_HEAD && status != 204 && status != 304;
    uv_buf_t bufs[2];
    conn->h1.ready = false;
    conn->h1.written = true;
    if (x->out.failed) { /* no memory for a status line */
        conn->close_wanted = true;
        return;
    }
    bufs[0] = uv_buf_init((char *)x->out.p, (unsigned)x->out.n);
    bufs[1].base = (char *)(uintptr_t)x->reply.body.p;
    bufs[1].len = x->reply.body.n;
    conn_write(conn, bufs, body ? 2 : 1);
}

/* The reply is out. */
static void end_exchange(struct conn *conn)
{
    struct h1 *h1 = &conn->h1;
    struct http_exchange *x = h1->x;
    bool unread = !x->request_done && !h1->peer_ended;
    exchange_count_reply(x);
    h1->x = NULL;
    h1->written = false;
    exchange_release(x);
    if (h1->keep_alive && !h1->peer_ended && !conn->stopping)
        return;
    if (unread) {
        stream_shutdown(&conn->stream);
        stream_read(&conn->stream, true);
        h1->lingering = true;
        h1->linger_until_ms = net_loop_now_ms(conn->loop) + H1_LINGER_MS;
    } else {
        conn->close_wanted = true;
    }
}

/* Sends what is ready; true when the connection is free for the next request. */
static bool advance_reply(struct conn *conn)
{
    struct h1 *h1 = &conn->h1;
    if (h1->ready && !conn->stream.writing)
        send_reply(conn);
    if (h1->written && !conn->stream.writing && !conn->close_wanted)
        end_exchange(conn);
    return !conn->close_wanted && !h1->lingering &&
           (!h1->x || (h1->x->state < EXCHANGE_RUNNING && !h1->ready));
}

static void run_request(struct conn *conn)
{
    struct http_exchange *x = conn->h1.x;
    exchange_body_done(x);
    if (x->refused)
        h1_reply(conn, x);
    else
        exchange_run(x);
}

/* The parser cannot go on: a refusal on its way, too large a head, or nonsense. */
static void give_up(struct conn *conn, enum h1_result result, const char *reason)
{
    struct http_exchange *x = conn->h1.x;
    if (!x && result == H1_MALFORMED)
        x = conn->h1.x = exchange_new(conn); /* to say it with */
    if (!x) {
        conn->close_wanted = true;
        return;
    }
    if (x->head_overflow && x->state == EXCHANGE_HEADERS) {
        exchange_refuse_head(x);
    } else if (result == H1_MALFORMED) {
        counter_add(&conn->loop->counters.protocol_errors, 1);
        exchange_refuse(x, 400, "400 malformed request: %s", reason);
    }
    if (!x->refused) {
        conn->close_wanted = true;
        return;
    }
    h1_reply(conn, x);
}

/* Parses and runs as many requests as it may; the answer is the number of bytes used. */
static size_t consume(struct conn *conn, struct str in)
{
    struct h1 *h1 = &conn->h1;
    size_t total = 0;
    h1->consuming = true;
    while (in.n && advance_reply(conn)) {
        const char *reason = "";
        size_t used;
        enum h1_result result = h1_parse(&h1->parser, in, &used, &reason);
        if (result == H1_COMPLETE)
            run_request(conn);
        else if (result != H1_MORE)
            give_up(conn, result, reason);
        total += used;
        in = str_from(in, used);
    }
    h1->consuming = false;
    return total;
}

static void charge_pending(struct conn *conn, size_t bytes)
{
    struct http_server *server = conn->loop->server;
    size_t before = atomic_fetch_add_explicit(&server->memory_bytes, bytes, memory_order_relaxed);
    if (before + bytes > server->limits.memory_bytes_max) {
        counter_add(&conn->loop->counters.memory_refused, 1);
        conn->close_wanted = true; /* whoever pipelines that much may try again */
    }
}

static void drop_pending(struct conn *conn)
{
    struct h1 *h1 = &conn->h1;
    atomic_fetch_sub_explicit(&conn->loop->server->memory_bytes, h1->pending.n,
                              memory_order_relaxed);
    buf_release(&h1->pending);
    h1->pending_at = 0;
}

static void h1_received(struct conn *conn, const unsigned char *p, size_t n)
{
    struct h1 *h1 = &conn->h1;
    struct str in = str_make(p, n);
    if (h1->lingering)
        return;
    if (!h1->pending.n)
        in = str_from(in, consume(conn, in));
    if (!in.n || h1->lingering || conn->close_wanted)
        return;
    if (h1->x && !h1->x->request_done && h1->x->refused)
        return; /* the rest of what was refused */
    buf_put_str(&h1->pending, in);
    if (h1->pending.failed)
        conn->close_wanted = true;
    else
        charge_pending(conn, in.n);
    stream_read(&conn->stream, false);
}

static void h1_flush(struct conn *conn)
{
    struct h1 *h1 = &conn->h1;
    if (h1->consuming)
        return; /* that goes on by itself */
    while (advance_reply(conn) && h1->pending.n) {
        struct str in = str_from(buf_str(&h1->pending), h1->pending_at);
        h1->pending_at += consume(conn, in);
        if (h1->pending_at == h1->pending.n || h1->lingering) {
            drop_pending(conn);
            if (!h1->peer_ended)
                stream_read(&conn->stream, true);
        }
    }
}

static void h1_ended(struct conn *conn)
{
    struct h1 *h1 = &conn->h1;
    h1->peer_ended = true;
    if (h1->x && h1->x->state >= EXCHANGE_RUNNING && !h1->lingering) {
        /* perhaps only its sending half is closed: the reply is still tried */
        atomic_store_explicit(&h1->x->cancelled, true, memory_order_relaxed);
    } else {
        conn->close_wanted = true;
    }
}

static uint64_t h1_deadline(const struct conn *conn)
{
    const struct h1 *h1 = &conn->h1;
    if (h1->lingering)
        return h1->linger_until_ms;
    if (!h1->x)
        return conn->active_ms + conn->loop->server->limits.idle_timeout_ms;
    return h1->x->state < EXCHANGE_RUNNING ? h1->x->deadline_ms : UINT64_MAX;
}

static void h1_expired(struct conn *conn, uint64_t now_ms)
{
    struct http_exchange *x = conn->h1.x;
    if (h1_deadline(conn) > now_ms)
        return;
    if (conn->h1.lingering || !x) {
        conn->close_wanted = true;
        return;
    }
    exchange_refuse_timeout(x);
    h1_reply(conn, x);
}

static void h1_finish(struct conn *conn)
{
    struct h1 *h1 = &conn->h1;
    if (!h1->x || h1->lingering)
        conn->close_wanted = true; /* between requests */
}

static int h1_start(struct conn *conn)
{
    static const struct h1_events events = {on_begin, on_target,  on_name,
                                            on_value, on_headers, on_body};
    conn->h1 = (struct h1){0};
    h1_parser_init(&conn->h1.parser, &events, conn);
    return 0;
}

static void h1_release(struct conn *conn)
{
    drop_pending(conn);
}

const struct protocol h1_protocol = {
    h1_start,    h1_received, h1_ended,  h1_reply,   h1_flush,
    h1_deadline, h1_expired,  h1_finish, h1_release,
};
