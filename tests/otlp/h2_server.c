/* h2_server.c - see h2_server.h. A thread for each connection; nghttp2 and OpenSSL do the work. */
#include "h2_server.h"

#include <arpa/inet.h>
#include <nghttp2/nghttp2.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>

#include "test.h"

enum { CONNECTIONS_MAX = 64 };

struct connection {
    int fd;
    SSL *ssl; /* NULL: clear text */
    nghttp2_session *session;
    const struct h2_answer *answer; /* of the request at hand */
    size_t sent;                    /* of its body */
    bool close;
    unsigned char body[H2_BODY_MAX];
    size_t body_n;
    char path[256], headers[2048];
    pthread_t thread;
};

static struct {
    int fd;
    SSL_CTX *tls;
    struct h2_answer answers[H2_ANSWERS_MAX], otherwise;
    size_t count;
    struct h2_seen seen;
    pthread_t thread;
    pthread_mutex_t mutex; /* guards seen and connections */
    struct connection *connections[CONNECTIONS_MAX];
    bool stopping;
} server = {.mutex = PTHREAD_MUTEX_INITIALIZER};

/* ---- One connection's bytes ---- */

static ssize_t get(struct connection *c, void *p, size_t n)
{
    return c->ssl ? SSL_read(c->ssl, p, (int)n) : recv(c->fd, p, n, 0);
}

static bool put(struct connection *c, const uint8_t *p, size_t n)
{
    while (n) {
        ssize_t sent = c->ssl ? SSL_write(c->ssl, p, (int)n) : send(c->fd, p, n, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        p += sent;
        n -= (size_t)sent;
    }
    return true;
}

static bool flush(struct connection *c)
{
    const uint8_t *p;
    ssize_t n;
    while ((n = nghttp2_session_mem_send(c->session, &p)) > 0) {
        if (!put(c, p, (size_t)n))
            return false;
    }
    return n == 0;
}

/* ---- Answering ---- */

static size_t fields(const struct h2_field *from, nghttp2_nv *ret)
{
    size_t n = 0;
    for (; n < H2_FIELDS_MAX && from[n].name; n++) {
        ret[n].name = (uint8_t *)(uintptr_t)from[n].name;
        ret[n].value = (uint8_t *)(uintptr_t)from[n].value;
        ret[n].namelen = strlen(from[n].name);
        ret[n].valuelen = strlen(from[n].value);
        ret[n].flags = NGHTTP2_NV_FLAG_NONE;
    }
    return n;
}

static ssize_t read_body(nghttp2_session *session, int32_t stream, uint8_t *out, size_t room,
                         uint32_t *flags, nghttp2_data_source *source, void *user)
{
    struct connection *c = user;
    size_t left = c->answer->body.n - c->sent, n = left < room ? left : room;
    nghttp2_nv trailers[H2_FIELDS_MAX];
    size_t count = fields(c->answer->trailers, trailers);
    (void)source;
    if (n)
        memcpy(out, c->answer->body.p + c->sent, n);
    c->sent += n;
    if (c->sent < c->answer->body.n)
        return (ssize_t)n;
    *flags = NGHTTP2_DATA_FLAG_EOF;
    if (count) {
        *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
        nghttp2_submit_trailer(session, stream, trailers, count);
    }
    return (ssize_t)n;
}

static void respond(struct connection *c, int32_t stream)
{
    const char *status = c->answer->status ? c->answer->status : "200";
    struct h2_field first[H2_FIELDS_MAX] = {{":status", status}};
    nghttp2_nv nv[1 + H2_FIELDS_MAX];
    nghttp2_data_provider body = {.read_callback = read_body};
    size_t n = fields(first, nv);
    n += fields(c->answer->headers, nv + n);
    c->sent = 0;
    nghttp2_submit_response(c->session, stream, nv, n,
                            c->answer->body.n || c->answer->trailers[0].name ? &body : NULL);
}

static void note(struct connection *c)
{
    struct h2_seen *seen = &server.seen;
    unsigned nth;
    pthread_mutex_lock(&server.mutex);
    nth = seen->requests++;
    memcpy(seen->path, c->path, sizeof seen->path);
    memcpy(seen->headers, c->headers, sizeof seen->headers);
    memcpy(seen->body, c->body, c->body_n);
    seen->body_n = c->body_n;
    pthread_mutex_unlock(&server.mutex);
    c->answer = nth < server.count ? &server.answers[nth] : &server.otherwise;
}

static void answer(struct connection *c, int32_t stream)
{
    note(c);
    switch (c->answer->how) {
    case H2_LAST:
    case H2_ANSWER: respond(c, stream); break;
    case H2_RESET:
        nghttp2_submit_rst_stream(c->session, NGHTTP2_FLAG_NONE, stream, c->answer->error);
        break;
    case H2_GOAWAY:
        nghttp2_submit_goaway(c->session, NGHTTP2_FLAG_NONE, 0, c->answer->error, NULL, 0);
        break;
    case H2_GARBAGE: put(c, (const uint8_t *)"no HTTP/2 at all, only words\r\n\r\n", 32); break;
    case H2_CLOSE:
    case H2_STALL: break;
    }
    c->close =
        c->answer->how != H2_ANSWER && c->answer->how != H2_STALL && c->answer->how != H2_RESET;
}

/* ---- nghttp2's callbacks ---- */

static int on_begin(nghttp2_session *session, const nghttp2_frame *frame, void *user)
{
    struct connection *c = user;
    (void)session, (void)frame;
    c->body_n = 0;
    c->path[0] = c->headers[0] = '\0';
    return 0;
}

static int on_field(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
                    size_t name_n, const uint8_t *value, size_t value_n, uint8_t flags, void *user)
{
    struct connection *c = user;
    size_t n = strlen(c->headers);
    (void)session, (void)frame, (void)flags;
    if (str_eq(str_make(name, name_n), STR(":path")))
        snprintf(c->path, sizeof c->path, "%.*s", (int)value_n, (const char *)value);
    snprintf(c->headers + n, sizeof c->headers - n, "%.*s: %.*s\n", (int)name_n, (const char *)name,
             (int)value_n, (const char *)value);
    return 0;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t stream, const uint8_t *p,
                   size_t n, void *user)
{
    struct connection *c = user;
    (void)session, (void)flags, (void)stream;
    if (n > sizeof c->body - c->body_n)
        return NGHTTP2_ERR_CALLBACK_FAILURE;
    memcpy(c->body + c->body_n, p, n);
    c->body_n += n;
    return 0;
}

static int on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *user)
{
    bool request = frame->hd.type == NGHTTP2_DATA || frame->hd.type == NGHTTP2_HEADERS;
    (void)session;
    if (request && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM))
        answer(user, frame->hd.stream_id);
    return 0;
}

static void make_session(struct connection *c)
{
    nghttp2_session_callbacks *callbacks;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_field);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session_server_new(&c->session, callbacks, c);
    nghttp2_session_callbacks_del(callbacks);
    nghttp2_submit_settings(c->session, NGHTTP2_FLAG_NONE, NULL, 0);
}

static void *serve(void *arg)
{
    struct connection *c = arg;
    uint8_t bytes[8192];
    sigset_t pipe;
    ssize_t n;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE); /* OpenSSL writes to clients that are gone; the exporter must not */
    pthread_sigmask(SIG_BLOCK, &pipe, NULL);
    if (c->ssl && SSL_accept(c->ssl) != 1)
        goto done;
    make_session(c);
    while (!c->close && flush(c) && (n = get(c, bytes, sizeof bytes)) > 0) {
        if (nghttp2_session_mem_recv(c->session, bytes, (size_t)n) < 0)
            break;
    }
    flush(c);
    nghttp2_session_del(c->session);
    if (c->ssl)
        SSL_shutdown(c->ssl);
    shutdown(c->fd, SHUT_WR);
    while (recv(c->fd, bytes, sizeof bytes, 0) > 0) /* or a reset would overtake the answer */
        continue;
done:
    shutdown(c->fd, SHUT_RDWR); /* closed when the server stops */
    return NULL;
}

/* ---- The server ---- */

static int choose_h2(SSL *ssl, const unsigned char **out, unsigned char *out_n,
                     const unsigned char *in, unsigned in_n, void *user)
{
    (void)ssl, (void)user;
    return nghttp2_select_next_protocol((unsigned char **)(uintptr_t)out, out_n, in, in_n) == 1
               ? SSL_TLSEXT_ERR_OK
               : SSL_TLSEXT_ERR_NOACK;
}

static SSL_CTX *make_tls(const struct h2_options *o)
{
    SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
    assert_int_equal(SSL_CTX_use_certificate_file(tls, o->cert_file, SSL_FILETYPE_PEM), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey_file(tls, o->key_file, SSL_FILETYPE_PEM), 1);
    SSL_CTX_set_alpn_select_cb(tls, choose_h2, NULL);
    if (o->client_ca_file) {
        assert_int_equal(SSL_CTX_load_verify_locations(tls, o->client_ca_file, NULL), 1);
        SSL_CTX_set_verify(tls, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    }
    return tls;
}

static void *accept_all(void *arg)
{
    (void)arg;
    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        struct connection *c;
        int fd = accept(server.fd, NULL, NULL);
        if (fd < 0)
            break;
        c = calloc(1, sizeof *c);
        c->fd = fd;
        if (server.tls) {
            c->ssl = SSL_new(server.tls);
            SSL_set_fd(c->ssl, fd);
        }
        pthread_mutex_lock(&server.mutex);
        server.seen.connections++;
        server.connections[i] = c;
        if (server.stopping)
            shutdown(fd, SHUT_RDWR);
        pthread_create(&c->thread, NULL, serve, c);
        pthread_mutex_unlock(&server.mutex);
    }
    return NULL;
}

uint16_t h2_server_start(const struct h2_options *options, const struct h2_answer *answers,
                         size_t count, struct h2_answer otherwise)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t n = sizeof address;
    memset(&server.seen, 0, sizeof server.seen);
    memset(server.connections, 0, sizeof server.connections);
    server.stopping = false;
    assert_true(count <= H2_ANSWERS_MAX);
    if (count)
        memcpy(server.answers, answers, count * sizeof *answers);
    server.count = count;
    server.otherwise = otherwise;
    server.tls = options && options->cert_file ? make_tls(options) : NULL;
    server.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(server.fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(getsockname(server.fd, (struct sockaddr *)&address, &n), 0);
    assert_int_equal(listen(server.fd, 16), 0);
    assert_int_equal(pthread_create(&server.thread, NULL, accept_all, NULL), 0);
    return ntohs(address.sin_port);
}

struct h2_seen *h2_server_seen(void)
{
    pthread_mutex_lock(&server.mutex); /* what was written before the answer is seen */
    pthread_mutex_unlock(&server.mutex);
    return &server.seen;
}

void h2_server_stop(void)
{
    pthread_mutex_lock(&server.mutex);
    server.stopping = true;
    shutdown(server.fd, SHUT_RDWR);
    for (size_t i = 0; i < CONNECTIONS_MAX && server.connections[i]; i++)
        shutdown(server.connections[i]->fd, SHUT_RDWR);
    pthread_mutex_unlock(&server.mutex);
    pthread_join(server.thread, NULL);
    close(server.fd);
    for (size_t i = 0; i < CONNECTIONS_MAX && server.connections[i]; i++) {
        struct connection *c = server.connections[i];
        pthread_join(c->thread, NULL);
        if (c->ssl)
            SSL_free(c->ssl);
        close(c->fd);
        free(c);
    }
    SSL_CTX_free(server.tls);
}
