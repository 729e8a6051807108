/* h2.c - HTTP/2: nghttp2 does frames, header compression and flow control; this gives each stream an exchange.
 *
 * Frames leave through chunks of 64 KiB that a connection holds only while it writes; reply bodies are copied once,
 * from the reply into a chunk. A client that does not take its replies is not read any more once too many frames
 * wait for it. gRPC's status goes out as trailers.
 *
 * Abuse: nghttp2 limits unanswered PING and SETTINGS frames and CONTINUATIONs. Its limit on resets is raised,
 * because well-behaved clients reset streams that are finished anyway; instead, resets of unfinished requests
 * and stream errors take from a budget of ours. */
#include "net/h2.h"

#include <stdio.h>

#include "net/conn.h"
#include "net/grpc.h"

enum { REPLY_FIELDS_MAX = 64 };

static struct conn *conn_of(void *user)
{
    return user;
}

static struct http_exchange *exchange_of(nghttp2_session *session, int32_t stream_id)
{
    return nghttp2_session_get_stream_user_data(session, stream_id);
}

/* One more request that came to nothing. */
static void spend_reset(struct conn *conn)
{
    struct h2 *h2 = &conn->h2;
    uint64_t now = net_loop_now_ms(conn->loop),
             won = (now - h2->resets_ms) * H2_RESETS_PER_S / 1000;
    if (won) {
        uint64_t left = h2->resets_left + won;
        h2->resets_left = left > H2_RESETS_BURST ? H2_RESETS_BURST : (uint32_t)left;
        h2->resets_ms = now;
    }
    if (h2->resets_left) {
        h2->resets_left--;
    } else if (!h2->going_away) {
        h2->going_away = true;
        nghttp2_session_terminate_session(h2->session, NGHTTP2_ENHANCE_YOUR_CALM);
    }
}

/* The next look at deadlines is no later than x's. */
static void watch(struct conn *conn, const struct http_exchange *x)
{
    if (x->deadline_ms < conn->h2.check_ms)
        conn->h2.check_ms = x->deadline_ms;
}

static int on_begin_headers(nghttp2_session *session, const nghttp2_frame *frame, void *user)
{
    struct http_exchange *x;
    if (frame->hd.type != NGHTTP2_HEADERS || frame->headers.cat != NGHTTP2_HCAT_REQUEST)
        return 0;
    x = exchange_new(conn_of(user));
    if (!x)
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    x->http2 = true;
    x->stream_id = frame->hd.stream_id;
    nghttp2_session_set_stream_user_data(session, x->stream_id, x);
    watch(x->conn, x);
    return 0;
}

static enum http_method method_of(struct str name)
{
    static const struct {
        struct str name;
        enum http_method method;
    } methods[] = {
        {STR_INIT("POST"), HTTP_POST},     {STR_INIT("GET"), HTTP_GET},
        {STR_INIT("HEAD"), HTTP_HEAD},     {STR_INIT("PUT"), HTTP_PUT},
        {STR_INIT("DELETE"), HTTP_DELETE}, {STR_INIT("OPTIONS"), HTTP_OPTIONS},
    };
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        if (str_eq(name, methods[i].name))
            return methods[i].method;
    }
    return 0;
}

static void add_field(struct http_exchange *x, struct str name, struct str value)
{
    exchange_field_begin(x);
    exchange_field_name(x, name);
    exchange_field_value(x, value);
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
                     size_t name_bytes, const uint8_t *value, size_t value_bytes, uint8_t flags,
                     void *user)
{
    struct http_exchange *x = exchange_of(session, frame->hd.stream_id);
    struct str key = str_make(name, name_bytes), val = str_make(value, value_bytes);
    (void)flags;
    (void)user;
    if (!x || x->state != EXCHANGE_HEADERS || x->head_overflow)
        return 0; /* trailers of a request, or more than we take: answered at the block's end */
    if (str_eq(key, STR(":method")))
        x->req.method = method_of(val);
    else if (str_eq(key, STR(":path")))
        exchange_target(x, val);
    else if (str_eq(key, STR(":authority")))
        add_field(x, STR("host"), val);
    else if (key.n && key.p[0] != ':')
        add_field(x, key, val);
    return 0;
}

/* Is a refusal better held back until the request has ended? An answer that overtakes a short body is lost on
 * clients like libcurl 7.88, which hang then. One that asked before it sends, or has a long way to go, hears at once. */
static bool awaits_end(const struct http_exchange *x)
{
    uint64_t bytes = x->content_length != UINT64_MAX ? x->content_length : 0;
    if (bytes < x->received_bytes)
        bytes = x->received_bytes;
    return !x->request_done && !x->expects_continue && bytes <= H2_HELD_MAX;
}

static void end_of_request(struct http_exchange *x)
{
    if (x->state != EXCHANGE_BODY) {
        x->request_done = true;
        return;
    }
    exchange_body_done(x);
    if (x->refused)
        conn_reply(x);
    else
        exchange_run(x);
}

static void end_of_headers(struct conn *conn, struct http_exchange *x, bool end_of_stream)
{
    struct str length;
    uint64_t n;
    x->body_expected = !end_of_stream;
    exchange_headers_done(x, x->req.method);
    length = http_header_get(&x->req, STR("content-length"));
    if (length.n && str_to_u64(length, &n))
        x->content_length = n;
    if (!x->refused && x->content_length != UINT64_MAX && x->content_length > x->wire_max)
        exchange_refuse(x, 413, "413 body over the limit of %zu bytes", x->wire_max);
    x->request_done = end_of_stream;
    watch(conn, x);
    if (x->refused && !awaits_end(x))
        conn_reply(x);
    else if (end_of_stream)
        end_of_request(x);
}

static int on_frame_recv(nghttp2_session *session, const nghttp2_frame *frame, void *user)
{
    struct conn *conn = conn_of(user);
    struct http_exchange *x;
    bool end_of_stream = frame->hd.flags & NGHTTP2_FLAG_END_STREAM;
    if (!frame->hd.stream_id)
        return 0;
    x = exchange_of(session, frame->hd.stream_id);
    if (!x)
        return 0;
    switch (frame->hd.type) {
    case NGHTTP2_HEADERS:
        if (frame->headers.cat == NGHTTP2_HCAT_REQUEST)
            end_of_headers(conn, x, end_of_stream);
        else if (end_of_stream)
            end_of_request(x);
        break;
    case NGHTTP2_DATA:
        if (end_of_stream)
            end_of_request(x);
        break;
    case NGHTTP2_RST_STREAM: spend_reset(conn); break;
    default: break;
    }
    return 0;
}

/* The reply went out before the request was complete: the client need not send a long rest. */
static void stop_upload(nghttp2_session *session, struct http_exchange *x)
{
    bool long_rest =
        x->content_length != UINT64_MAX && x->content_length > x->received_bytes + H2_DRAIN_MAX;
    if (x->reply_sent && !x->request_done && (long_rest || x->discarded_bytes > H2_DRAIN_MAX))
        nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, x->stream_id, NGHTTP2_NO_ERROR);
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t stream_id, const uint8_t *p,
                   size_t n, void *user)
{
    struct http_exchange *x = exchange_of(session, stream_id);
    (void)flags;
    (void)user;
    if (!x)
        return 0;
    if (x->state == EXCHANGE_BODY) {
        exchange_body(x, p, n);
        if (x->refused && !awaits_end(x))
            conn_reply(x);
    } else {
        x->discarded_bytes += n;
        stop_upload(session, x);
    }
    return 0;
}

static int on_stream_close(nghttp2_session *session, int32_t stream_id, uint32_t error, void *user)
{
    struct http_exchange *x = exchange_of(session, stream_id);
    (void)error;
    (void)user;
    if (x) {
        nghttp2_session_set_stream_user_data(session, stream_id, NULL);
        exchange_abandon(x);
    }
    return 0;
}

static int on_frame_send(nghttp2_session *session, const nghttp2_frame *frame, void *user)
{
    struct conn *conn = conn_of(user);
    struct http_exchange *x;
    if (frame->hd.type == NGHTTP2_RST_STREAM && frame->rst_stream.error_code != NGHTTP2_NO_ERROR) {
        spend_reset(conn);
        if (frame->rst_stream.error_code != NGHTTP2_CANCEL)
            counter_add(&conn->loop->counters.protocol_errors, 1);
    }
    if (frame->hd.type == NGHTTP2_GOAWAY && frame->goaway.error_code != NGHTTP2_NO_ERROR)
        counter_add(&conn->loop->counters.protocol_errors, 1);
    if ((frame->hd.type != NGHTTP2_DATA && frame->hd.type != NGHTTP2_HEADERS) ||
        !(frame->hd.flags & NGHTTP2_FLAG_END_STREAM))
        return 0;
    x = exchange_of(session, frame->hd.stream_id);
    if (x) {
        x->reply_sent = true;
        stop_upload(session, x);
    }
    return 0;
}

/* --- replies --- */

struct fields {
    nghttp2_nv nv[REPLY_FIELDS_MAX];
    size_t count;
};

static void put_field(struct fields *fields, struct str name, struct str value)
{
    if (fields->count == REPLY_FIELDS_MAX)
        return;
    fields->nv[fields->count++] = (nghttp2_nv){
        .name = (uint8_t *)(uintptr_t)name.p,
        .namelen = name.n,
        .value = (uint8_t *)(uintptr_t)(value.p ? value.p : ""),
        .valuelen = value.n,
    };
}

static void put_grpc_status(struct http_exchange *x, struct fields *fields)
{
    const struct reply *reply = &x->reply;
    put_field(fields, STR("grpc-status"), arena_printf(&x->arena, "%d", reply->grpc_status));
    if (reply->grpc_message.n)
        put_field(fields, STR("grpc-message"), reply->grpc_message);
    if (reply->grpc_details.n)
        put_field(fields, STR("grpc-status-details-bin"), reply->grpc_details);
}

static size_t reply_bytes(const struct http_exchange *x)
{
    return x->reply.body.n + x->reply.prefix_bytes;
}

/* Says how much the next DATA frame takes; on_send_data copies it. */
static ssize_t on_read(nghttp2_session *session, int32_t stream_id, uint8_t *buf, size_t n,
                       uint32_t *flags, nghttp2_data_source *source, void *user)
{
    struct http_exchange *x = source->ptr;
    size_t left = reply_bytes(x) - x->sent_bytes;
    (void)buf;
    (void)user;
    *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
    if (left > n)
        return (ssize_t)n;
    *flags |= NGHTTP2_DATA_FLAG_EOF;
    if (x->reply.grpc) {
        struct fields trailers = {.count = 0};
        put_grpc_status(x, &trailers);
        *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
        if (nghttp2_submit_trailer(session, stream_id, trailers.nv, trailers.count) < 0)
            return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    }
    return (ssize_t)left;
}

/* Copies n bytes of prefix and body from where the last frame ended. */
static void copy_body(struct http_exchange *x, unsigned char *out, size_t n)
{
    size_t prefix = x->reply.prefix_bytes;
    x->deadline_ms = net_loop_now_ms(x->loop) + x->loop->server->limits.write_timeout_ms;
    while (n && x->sent_bytes < prefix) {
        *out++ = x->reply.prefix[x->sent_bytes++];
        n--;
    }
    if (n)
        memcpy(out, x->reply.body.p + (x->sent_bytes - prefix), n);
    x->sent_bytes += n;
}

static int on_send_data(nghttp2_session *session, nghttp2_frame *frame, const uint8_t *header,
                        size_t n, nghttp2_data_source *source, void *user)
{
    enum { HEADER_BYTES = 9 };
    struct chunk *chunk = conn_of(user)->h2.chunk;
    (void)session;
    (void)frame;
    if (sizeof chunk->bytes - chunk->n < HEADER_BYTES + n)
        return NGHTTP2_ERR_WOULDBLOCK;
    memcpy(chunk->bytes + chunk->n, header, HEADER_BYTES);
    chunk->n += HEADER_BYTES;
    copy_body(source->ptr, chunk->bytes + chunk->n, n);
    chunk->n += n;
    return 0;
}

static void put_http_fields(struct http_exchange *x, struct fields *fields)
{
    const struct reply *reply = &x->reply;
    put_field(fields, STR("date"), net_loop_date(x->loop));
    if (reply->status != 204 && reply->status != 304)
        put_field(fields, STR("content-length"), arena_printf(&x->arena, "%zu", reply->body.n));
    if (reply->gzip)
        put_field(fields, STR("content-encoding"), STR("gzip"));
    if (reply->vary)
        put_field(fields, STR("vary"), STR("accept-encoding"));
}

static void h2_reply(struct conn *conn, struct http_exchange *x)
{
    const struct reply *reply = &x->reply;
    struct fields fields = {.count = 0};
    nghttp2_data_provider provider = {.source.ptr = x, .read_callback = on_read};
    bool body = reply->prefix_bytes || (reply->body.n && x->req.method != HTTP_HEAD &&
                                        reply->status != 204 && reply->status != 304);
    put_field(&fields, STR(":status"), arena_printf(&x->arena, "%d", reply->status));
    if (reply->content_type)
        put_field(&fields, STR("content-type"), str_of(reply->content_type));
    if (!reply->grpc)
        put_http_fields(x, &fields);
    else
        put_field(&fields, STR("grpc-accept-encoding"), STR(GRPC_ENCODINGS_ACCEPTED));
    if (reply->grpc && !body)
        put_grpc_status(x, &fields);
    for (size_t i = 0; i < reply->header_count; i++)
        put_field(&fields, reply->headers[i].name, reply->headers[i].value);
    exchange_count_reply(x);
    x->deadline_ms = net_loop_now_ms(conn->loop) + conn->loop->server->limits.write_timeout_ms;
    watch(conn, x);
    if (nghttp2_submit_response(conn->h2.session, x->stream_id, fields.nv, fields.count,
                                body ? &provider : NULL) < 0)
        conn->close_wanted = true;
}

/* --- bytes --- */

static void h2_received(struct conn *conn, const unsigned char *p, size_t n)
{
    ssize_t rc = nghttp2_session_mem_recv(conn->h2.session, p, n);
    if (rc < 0) {
        counter_add(&conn->loop->counters.protocol_errors, 1);
        conn->close_wanted = true;
    }
}

/* Frames into the chunk until it is full or there are no more; false when it stayed empty. */
static bool fill(struct conn *conn)
{
    struct h2 *h2 = &conn->h2;
    struct chunk *chunk = h2->chunk;
    while (chunk->n < sizeof chunk->bytes) {
        size_t room = sizeof chunk->bytes - chunk->n;
        size_t take = h2->rest_bytes < room ? h2->rest_bytes : room;
        ssize_t n;
        if (take) {
            memcpy(chunk->bytes + chunk->n, h2->rest, take);
            chunk->n += take;
            h2->rest += take;
            h2->rest_bytes -= take;
            continue;
        }
        n = nghttp2_session_mem_send(h2->session, &h2->rest);
        if (n < 0)
            conn->close_wanted = true;
        if (n <= 0)
            break;
        h2->rest_bytes = (size_t)n;
    }
    return chunk->n > 0;
}

static void h2_flush(struct conn *conn)
{
    struct h2 *h2 = &conn->h2;
    bool more = h2->chunk || h2->rest_bytes || nghttp2_session_want_write(h2->session);
    while (more && !conn->stream.writing && !conn->close_wanted) {
        uv_buf_t buf;
        if (!h2->chunk)
            h2->chunk = chunk_take(conn->loop);
        if (!h2->chunk) {
            conn->close_wanted = true;
            break;
        }
        h2->chunk->n = 0; /* what was in it is out */
        more = fill(conn);
        if (!more)
            break;
        buf = uv_buf_init((char *)h2->chunk->bytes, (unsigned)h2->chunk->n);
        conn_write(conn, &buf, 1);
    }
    /* A client may write all its requests before it reads: it is read on while a write waits for it, up to a point
     * that only floods reach. */
    stream_read(&conn->stream, !conn->stream.writing || nghttp2_session_get_outbound_queue_size(
                                                            h2->session) < H2_QUEUED_FRAMES_MAX);
    if (conn->stream.writing)
        return;
    if (h2->chunk)
        chunk_give(conn->loop, h2->chunk);
    h2->chunk = NULL;
    if ((conn->stopping && !conn->exchange_count) ||
        (!nghttp2_session_want_read(h2->session) && !nghttp2_session_want_write(h2->session)))
        conn->close_wanted = true;
}

static void h2_ended(struct conn *conn)
{
    conn->close_wanted = true;
}

/* --- time --- */

static uint64_t h2_deadline(const struct conn *conn)
{
    if (!conn->exchange_count)
        return conn->active_ms + conn->loop->server->limits.idle_timeout_ms;
    return conn->h2.check_ms;
}

static void expire(struct conn *conn, struct http_exchange *x)
{
    if (x->state < EXCHANGE_RUNNING) {
        exchange_refuse_timeout(x);
        if (x->state == EXCHANGE_BODY) {
            conn_reply(x);
            return;
        }
    } else {
        counter_add(&conn->loop->counters.timeouts, 1);
    }
    x->deadline_ms = UINT64_MAX;
    nghttp2_submit_rst_stream(conn->h2.session, NGHTTP2_FLAG_NONE, x->stream_id,
                              x->reply_sent ? NGHTTP2_NO_ERROR : NGHTTP2_CANCEL);
}

static void h2_expired(struct conn *conn, uint64_t now_ms)
{
    struct h2 *h2 = &conn->h2;
    if (h2_deadline(conn) > now_ms)
        return;
    if (!conn->exchange_count) {
        h2->check_ms = UINT64_MAX;
        nghttp2_session_terminate_session(h2->session, NGHTTP2_NO_ERROR);
        return;
    }
    h2->check_ms = UINT64_MAX;
    for (struct http_exchange *x = conn->exchanges; x; x = x->next) {
        if (x->state == EXCHANGE_RUNNING)
            continue;
        if (x->deadline_ms <= now_ms)
            expire(conn, x);
        watch(conn, x);
    }
}

static void h2_finish(struct conn *conn)
{
    struct h2 *h2 = &conn->h2;
    h2->going_away = true;
    nghttp2_submit_goaway(h2->session, NGHTTP2_FLAG_NONE,
                          nghttp2_session_get_last_proc_stream_id(h2->session), NGHTTP2_NO_ERROR,
                          NULL, 0);
}

/* --- the session --- */

static int new_session(struct conn *conn)
{
    nghttp2_session_callbacks *callbacks = NULL;
    nghttp2_option *option = NULL;
    int rc = ERR_NOMEM;
    if (nghttp2_session_callbacks_new(&callbacks) || nghttp2_option_new(&option))
        goto out;
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame_recv);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_stream_close);
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, on_frame_send);
    nghttp2_session_callbacks_set_send_data_callback(callbacks, on_send_data);
    nghttp2_option_set_no_closed_streams(option, 1);
#if HAVE_NGHTTP2_RESET_LIMIT
    nghttp2_option_set_stream_reset_rate_limit(option, 1000000, 100000); /* spend_reset is ours */
#endif
#if HAVE_NGHTTP2_CONTINUATIONS
    nghttp2_option_set_max_continuations(option, 8);
#endif
    if (nghttp2_session_server_new2(&conn->h2.session, callbacks, conn, option) == 0)
        rc = 0;
out:
    nghttp2_option_del(option);
    nghttp2_session_callbacks_del(callbacks);
    return rc;
}

/* Windows are large because a window of w bytes limits a client to w per round trip, but no larger than a share of
 * the memory budget. */
static uint32_t window(size_t wanted, size_t share)
{
    if (share < 65535)
        share = 65535;
    return (uint32_t)(wanted < share ? wanted : share);
}

static int h2_start(struct conn *conn)
{
    const struct http_limits *limits = &conn->loop->server->limits;
    size_t memory = limits->memory_bytes_max;
    nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits->streams_max},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, window(H2_STREAM_WINDOW, memory / 16)},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, limits->header_bytes_max},
        {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1},
    };
    conn->h2 = (struct h2){
        .resets_left = H2_RESETS_BURST,
        .resets_ms = net_loop_now_ms(conn->loop),
        .check_ms = UINT64_MAX,
    };
    if (new_session(conn) < 0)
        return ERR_NOMEM;
    if (nghttp2_submit_settings(conn->h2.session, NGHTTP2_FLAG_NONE, settings,
                                sizeof settings / sizeof *settings) ||
        nghttp2_session_set_local_window_size(conn->h2.session, NGHTTP2_FLAG_NONE, 0,
                                              (int32_t)window(H2_CONNECTION_WINDOW, memory / 4))) {
        nghttp2_session_del(conn->h2.session);
        return ERR_NOMEM;
    }
    return 0;
}

static void h2_release(struct conn *conn)
{
    struct h2 *h2 = &conn->h2;
    nghttp2_session_del(h2->session);
    h2->session = NULL;
    if (h2->chunk) /* a write under way ends with the stream, which is closed next */
        chunk_give(conn->loop, h2->chunk);
}

const struct protocol h2_protocol = {
    h2_start,    h2_received, h2_ended,  h2_reply,   h2_flush,
    h2_deadline, h2_expired,  h2_finish, h2_release,
};
