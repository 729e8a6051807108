/* grpc.c - OTLP over gRPC with nghttp2, several calls at once on each of several connections, without TLS.
 *
 * The calls under way are streams; a connection that breaks answers for all of its own and is made again when the next
 * call wants it. Connecting waits for a moment; everything else is non-blocking. */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <nghttp2/nghttp2.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/clock.h"
#include "load/sender.h"

enum {
    CONNECT_TIMEOUT_S = 5,
    WINDOW_BYTES = 1 << 20,
    REPLY_BYTES_MAX = 1 << 20,
    DETAILS_BYTES_MAX = 4096,
    FIELDS_OWN = 8,
    FIELDS_MAX = FIELDS_OWN + 64,
    RECEIVE_BYTES = 65536,
    FRAME_BYTES = 5,
};

struct connection {
    int fd; /* -1 = none */
    nghttp2_session *session;
    const uint8_t *out; /* what the socket did not take yet; nghttp2's until the next mem_send */
    size_t out_bytes;
    unsigned streams;
    bool leaving; /* GOAWAY came: nothing new here */
};

struct stream {
    struct load_call *call; /* NULL = free */
    struct connection *connection;
    int32_t id;
    size_t sent;
    int http_status, grpc_status; /* grpc_status: -1 until it came */
    struct str message;           /* in words */
    char words[150];
    char details[DETAILS_BYTES_MAX]; /* google.rpc.Status, decoded */
    size_t details_bytes;
    struct buf reply;
};

struct grpc_sender {
    struct load_sender sender; /* first: the callers' view */
    struct load_sender_options o;
    struct connection *connections;
    struct stream *streams; /* one a slot of the caller */
    nghttp2_session_callbacks *callbacks;
    nghttp2_nv fields[FIELDS_MAX];
    size_t field_count;
    char *field_text; /* of the caller's headers, in lower case */
    char authority[LOAD_HOST_BYTES + 16];
    char why[64];     /* there is no connection */
    unsigned answers; /* in this step */
    uint8_t in[RECEIVE_BYTES];
};

/* ---- answers ---- */

static void answer(struct grpc_sender *s, struct stream *stream, const struct load_answer *a)
{
    struct load_call *call = stream->call;
    stream->call = NULL;
    stream->connection->streams--;
    s->answers++;
    s->o.answered(s->o.user, call, a);
}

static void answer_unreached(struct grpc_sender *s, struct stream *stream, const char *why)
{
    struct load_answer a = {.outcome = LOAD_UNREACHED, .delay_ms = -1};
    snprintf(a.msg, sizeof a.msg, "%s", why);
    answer(s, stream, &a);
}

static void close_connection(struct grpc_sender *s, struct connection *c, const char *why)
{
    nghttp2_session_del(c->session);
    close(c->fd);
    c->session = NULL;
    c->fd = -1;
    c->out_bytes = 0;
    c->leaving = false;
    for (unsigned i = 0; i < s->sender.in_flight_max; i++) {
        if (s->streams[i].call && s->streams[i].connection == c)
            answer_unreached(s, &s->streams[i], why);
    }
}

/* ---- nghttp2's callbacks ---- */

static struct stream *stream_of(nghttp2_session *session, int32_t id)
{
    struct stream *stream = nghttp2_session_get_stream_user_data(session, id);
    return stream && stream->call && stream->id == id ? stream : NULL;
}

static ssize_t read_body(nghttp2_session *session, int32_t id, uint8_t *out, size_t room,
                         uint32_t *flags, nghttp2_data_source *source, void *user)
{
    struct stream *stream = source->ptr;
    const struct buf *body;
    size_t n;
    (void)session, (void)user;
    if (!stream->call || stream->id != id)
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE; /* given up meanwhile */
    body = &stream->call->request.body;
    n = body->n - stream->sent < room ? body->n - stream->sent : room;
    memcpy(out, body->p + stream->sent, n);
    stream->sent += n;
    if (stream->sent == body->n)
        *flags |= NGHTTP2_DATA_FLAG_EOF;
    return (ssize_t)n;
}

static int digit_of(char c)
{
    return c >= 'A' && c <= 'Z'   ? c - 'A'
           : c >= 'a' && c <= 'z' ? c - 'a' + 26
           : c >= '0' && c <= '9' ? c - '0' + 52
           : c == '+'             ? 62
           : c == '/'             ? 63
                                  : -1;
}

/* Binary trailers are base64, with padding or without. */
static size_t decode_base64(struct str text, char *out, size_t room)
{
    uint32_t bits = 0;
    unsigned have = 0;
    size_t n = 0;
    for (size_t i = 0; i < text.n && text.p[i] != '='; i++) {
        int digit = digit_of(text.p[i]);
        if (digit < 0 || n == room)
            return 0;
        bits = bits << 6 | (uint32_t)digit;
        have += 6;
        if (have >= 8)
            out[n++] = (char)(bits >> (have -= 8));
    }
    return n;
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
                     size_t name_n, const uint8_t *value, size_t value_n, uint8_t flags, void *user)
{
    struct stream *stream = stream_of(session, frame->hd.stream_id);
    struct str key = str_make(name, name_n), text = str_make(value, value_n);
    uint64_t number;
    (void)flags, (void)user;
    if (!stream)
        return 0;
    if (str_eq(key, STR("grpc-status")) && str_to_u64(text, &number) && number < 1000)
        stream->grpc_status = (int)number;
    else if (str_eq(key, STR(":status")) && str_to_u64(text, &number) && number < 1000)
        stream->http_status = (int)number;
    else if (str_eq(key, STR("grpc-status-details-bin")))
        stream->details_bytes = decode_base64(text, stream->details, sizeof stream->details);
    else if (str_eq(key, STR("grpc-message"))) {
        size_t n = text.n < sizeof stream->words ? text.n : sizeof stream->words;
        memcpy(stream->words, text.p, n);
        stream->message = str_make(stream->words, n);
    }
    return 0;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *p, size_t n,
                   void *user)
{
    struct stream *stream = stream_of(session, id);
    (void)flags, (void)user;
    if (stream)
        buf_put(&stream->reply, p, n);
    return 0;
}

static int on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *user)
{
    struct grpc_sender *s = user;
    for (unsigned i = 0; frame->hd.type == NGHTTP2_GOAWAY && i < s->o.connections; i++) {
        if (s->connections[i].session == session)
            s->connections[i].leaving = true;
    }
    return 0;
}

static int on_close(nghttp2_session *session, int32_t id, uint32_t error, void *user)
{
    struct grpc_sender *s = user;
    struct stream *stream = stream_of(session, id);
    struct load_answer a;
    char why[64];
    if (!stream)
        return 0;
    if (stream->grpc_status < 0) {
        if (error == 0 && stream->http_status != 200) {
            load_answer_http(stream->http_status, 0, STR(""), false, &a); /* a proxy's words */
            answer(s, stream, &a);
            return 0;
        }
        snprintf(why, sizeof why, "the server ended the call: %s", nghttp2_http2_strerror(error));
        answer_unreached(s, stream, why);
        return 0;
    }
    load_answer_grpc(stream->grpc_status, stream->message,
                     str_make(stream->details, stream->details_bytes),
                     str_from(buf_str(&stream->reply), FRAME_BYTES), &a);
    answer(s, stream, &a);
    return 0;
}

/* ---- connections ---- */

static int dial(const struct load_target *t)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV}, *all, *a;
    struct timeval limit = {.tv_sec = CONNECT_TIMEOUT_S};
    int fd = -1, one = 1, why = 0;
    if (getaddrinfo(t->host, t->port, &hints, &all) != 0) {
        errno = 0;
        return -1;
    }
    for (a = all; a && fd < 0; a = a->ai_next) {
        fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, 0);
        if (fd < 0)
            continue;
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit); /* connect obeys it */
        if (connect(fd, a->ai_addr, a->ai_addrlen) < 0) {
            why = errno;
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(all);
    if (fd < 0) {
        errno = why;
        return -1;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    return fd;
}

/* False with errno; 0 is a host that has no address. */
static bool open_connection(struct grpc_sender *s, struct connection *c)
{
    nghttp2_settings_entry window = {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, WINDOW_BYTES};
    c->fd = dial(s->o.target);
    if (c->fd < 0)
        return false;
    if (nghttp2_session_client_new(&c->session, s->callbacks, s) != 0 ||
        nghttp2_submit_settings(c->session, 0, &window, 1) != 0) {
        nghttp2_session_del(c->session);
        close(c->fd);
        c->session = NULL;
        c->fd = -1;
        errno = ENOMEM;
        return false;
    }
    return true;
}

/* Writes until the socket is full or nothing is left. */
static void flush(struct grpc_sender *s, struct connection *c)
{
    for (;;) {
        ssize_t n;
        if (c->out_bytes == 0) {
            n = nghttp2_session_mem_send(c->session, &c->out);
            if (n < 0)
                close_connection(s, c, nghttp2_strerror((int)n));
            if (n <= 0)
                return;
            c->out_bytes = (size_t)n;
        }
        n = send(c->fd, c->out, c->out_bytes, MSG_NOSIGNAL);
        if (n < 0 && errno != EINTR) {
            if (errno != EAGAIN)
                close_connection(s, c, strerror(errno));
            return;
        }
        if (n > 0) {
            c->out += n;
            c->out_bytes -= (size_t)n;
        }
    }
}

static void receive(struct grpc_sender *s, struct connection *c)
{
    for (;;) {
        ssize_t n = recv(c->fd, s->in, sizeof s->in, 0), used;
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return;
        if (n <= 0) {
            close_connection(s, c, n < 0 ? strerror(errno) : "the server closed the connection");
            return;
        }
        used = nghttp2_session_mem_recv(c->session, s->in, (size_t)n);
        if (used < 0) {
            close_connection(s, c, "what answers there does not speak HTTP/2");
            return;
        }
        if ((size_t)n < sizeof s->in)
            return;
    }
}

/* ---- calls ---- */

/* The connection with the fewest calls. */
static struct connection *choose(struct grpc_sender *s)
{
    struct connection *best = &s->connections[0];
    for (unsigned i = 1; i < s->o.connections; i++) {
        struct connection *c = &s->connections[i];
        if (best->leaving || (!c->leaving && c->streams < best->streams))
            best = c;
    }
    return best;
}

static int submit(struct load_sender *sender, struct load_call *call)
{
    struct grpc_sender *s = (struct grpc_sender *)sender;
    struct stream *stream = &s->streams[call->slot];
    struct connection *c = choose(s);
    nghttp2_data_provider body = {{.ptr = stream}, read_body};
    stream->call = call;
    stream->connection = c;
    stream->id = 0;
    stream->sent = 0;
    stream->http_status = stream->grpc_status = -1;
    stream->message.n = stream->details_bytes = 0;
    buf_clear(&stream->reply);
    c->streams++;
    if (c->leaving || (c->fd < 0 && !open_connection(s, c))) {
        snprintf(s->why, sizeof s->why, "%s",
                 c->leaving ? "the server is going away"
                 : errno    ? strerror(errno)
                            : "unknown host");
        return 0; /* step answers */
    }
    stream->id = nghttp2_submit_request(c->session, NULL, s->fields, s->field_count, &body, stream);
    if (stream->id < 0) {
        snprintf(s->why, sizeof s->why, "%s", nghttp2_strerror(stream->id));
        c->leaving = true; /* a connection has a thousand million ids, no more */
    }
    return 0;
}

/* Those that never got a stream, and those that took too long. */
static void answer_lost(struct grpc_sender *s)
{
    uint64_t now = clock_monotonic_ns();
    for (unsigned i = 0; i < s->sender.in_flight_max; i++) {
        struct stream *stream = &s->streams[i];
        char why[64];
        if (!stream->call)
            continue;
        if (stream->id <= 0) {
            answer_unreached(s, stream, s->why);
        } else if (now - stream->call->sent_ns > s->o.timeout_ms * 1000000) {
            snprintf(why, sizeof why, "no answer in %llu ms", (unsigned long long)s->o.timeout_ms);
            nghttp2_submit_rst_stream(stream->connection->session, NGHTTP2_FLAG_NONE, stream->id,
                                      NGHTTP2_CANCEL);
            answer_unreached(s, stream, why);
        }
    }
}

static int step(struct load_sender *sender, int timeout_ms)
{
    struct grpc_sender *s = (struct grpc_sender *)sender;
    struct pollfd fds[LOAD_CONNECTIONS_MAX];
    unsigned count = s->o.connections;
    s->answers = 0;
    answer_lost(s);
    for (unsigned i = 0; i < count; i++) {
        struct connection *c = &s->connections[i];
        if (c->fd >= 0)
            flush(s, c);
        if (c->fd >= 0 && c->leaving && c->streams == 0)
            close_connection(s, c, "");
        fds[i] = (struct pollfd){c->fd, (short)(POLLIN | (c->out_bytes ? POLLOUT : 0)), 0};
    }
    if (poll(fds, count, s->answers ? 0 : timeout_ms) <= 0)
        return 0;
    for (unsigned i = 0; i < count; i++) {
        struct connection *c = &s->connections[i];
        if (c->fd >= 0 && fds[i].revents & (POLLIN | POLLERR | POLLHUP))
            receive(s, c);
    }
    return 0;
}

/* ---- beginning and end ---- */

static void put_field(struct grpc_sender *s, struct str name, struct str value)
{
    if (s->field_count < FIELDS_MAX)
        s->fields[s->field_count++] =
            (nghttp2_nv){(uint8_t *)(uintptr_t)name.p, (uint8_t *)(uintptr_t)value.p, name.n,
                         value.n, NGHTTP2_NV_FLAG_NONE};
}

/* A field of the caller's, its name in lower case as HTTP/2 has it; text is written to. */
static void put_own_field(struct grpc_sender *s, char *text)
{
    struct str name, value;
    if (!load_header_split(text, &name, &value))
        return;
    for (char *p = text + (name.p - text); p < name.p + name.n; p++)
        *p = (char)(*p >= 'A' && *p <= 'Z' ? *p + 32 : *p);
    put_field(s, name, value);
}

static bool make_fields(struct grpc_sender *s)
{
    const struct load_target *t = s->o.target;
    struct buf text;
    char *at;
    size_t bytes;
    bool six = strchr(t->host, ':') != NULL;
    snprintf(s->authority, sizeof s->authority, six ? "[%s]:%s" : "%s:%s", t->host, t->port);
    put_field(s, STR(":method"), STR("POST"));
    put_field(s, STR(":scheme"), STR("http"));
    put_field(s, STR(":authority"), str_of(s->authority));
    put_field(s, STR(":path"), STR("/opentelemetry.proto.collector.trace.v1.TraceService/Export"));
    put_field(s, STR("content-type"), STR("application/grpc"));
    put_field(s, STR("te"), STR("trailers"));
    put_field(s, STR("user-agent"), STR("cairn-load/" CAIRN_VERSION));
    if (s->o.gzip)
        put_field(s, STR("grpc-encoding"), STR("gzip"));
    buf_init(&text, 0);
    for (unsigned i = 0; i < s->o.header_count; i++)
        buf_put(&text, s->o.headers[i], strlen(s->o.headers[i]) + 1);
    if (text.failed)
        return false;
    at = s->field_text = (char *)buf_take(&text, &bytes);
    for (unsigned i = 0; i < s->o.header_count; i++) {
        put_own_field(s, at);
        at += strlen(at) + 1;
    }
    return true;
}

static void free_sender(struct load_sender *sender)
{
    struct grpc_sender *s = (struct grpc_sender *)sender;
    for (unsigned i = 0; s->connections && i < s->o.connections; i++) {
        if (s->connections[i].fd >= 0) {
            nghttp2_session_del(s->connections[i].session);
            close(s->connections[i].fd);
        }
    }
    for (unsigned i = 0; s->streams && i < s->sender.in_flight_max; i++)
        buf_release(&s->streams[i].reply);
    nghttp2_session_callbacks_del(s->callbacks);
    free(s->connections);
    free(s->streams);
    free(s->field_text);
    free(s);
}

struct load_sender *load_grpc_new(const struct load_sender_options *o)
{
    struct grpc_sender *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->sender = (struct load_sender){submit, step, free_sender, o->in_flight};
    s->o = *o;
    s->connections = calloc(o->connections, sizeof *s->connections);
    s->streams = calloc(o->in_flight, sizeof *s->streams);
    for (unsigned i = 0; s->connections && i < o->connections; i++)
        s->connections[i].fd = -1;
    for (unsigned i = 0; s->streams && i < o->in_flight; i++)
        buf_init(&s->streams[i].reply, REPLY_BYTES_MAX);
    if (!s->connections || !s->streams || nghttp2_session_callbacks_new(&s->callbacks) != 0 ||
        !make_fields(s)) {
        free_sender(&s->sender);
        return NULL;
    }
    nghttp2_session_callbacks_set_on_header_callback(s->callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(s->callbacks, on_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(s->callbacks, on_frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(s->callbacks, on_close);
    return &s->sender;
}
