/* h2_client.c - a blocking loop around an nghttp2 client session. */
#include "net/h2_client.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include "net/client.h"
#include "test.h"

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
                     size_t name_bytes, const uint8_t *value, size_t value_bytes, uint8_t flags,
                     void *user)
{
    struct h2_call *call = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
    uint64_t status;
    (void)flags;
    (void)user;
    if (!call)
        return 0;
    if (str_eq(str_make(name, name_bytes), STR(":status")) &&
        str_to_u64(str_make(value, value_bytes), &status))
        call->status = (int)status;
    buf_printf(&call->head, "%.*s: %.*s\n", (int)name_bytes, (const char *)name, (int)value_bytes,
               (const char *)value);
    return 0;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t stream_id, const uint8_t *p,
                   size_t n, void *user)
{
    struct h2_call *call = nghttp2_session_get_stream_user_data(session, stream_id);
    (void)flags;
    (void)user;
    if (call)
        buf_put(&call->reply, p, n);
    return 0;
}

static int on_close(nghttp2_session *session, int32_t stream_id, uint32_t error, void *user)
{
    struct h2_client *c = user;
    struct h2_call *call = nghttp2_session_get_stream_user_data(session, stream_id);
    if (call && !call->done) {
        call->done = true;
        call->error = error;
        c->open_calls--;
    }
    return 0;
}

static int on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *user)
{
    struct h2_client *c = user;
    (void)session;
    if (frame->hd.type == NGHTTP2_GOAWAY) {
        c->going_away = true;
        c->goaway_error = frame->goaway.error_code;
    }
    return 0;
}

static ssize_t on_read(nghttp2_session *session, int32_t stream_id, uint8_t *buf, size_t n,
                       uint32_t *flags, nghttp2_data_source *source, void *user)
{
    struct h2_call *call = source->ptr;
    size_t left = call->body.n - call->sent;
    (void)session;
    (void)stream_id;
    (void)user;
    if (n > left)
        n = left;
    if (n)
        memcpy(buf, call->body.p + call->sent, n);
    call->sent += n;
    if (n == left && call->open)
        return n ? (ssize_t)n : NGHTTP2_ERR_DEFERRED;
    if (n == left)
        *flags |= NGHTTP2_DATA_FLAG_EOF;
    return (ssize_t)n;
}

struct h2_client h2_open(int port)
{
    struct h2_client c = {.fd = client_connect(port)};
    fcntl(c.fd, F_SETFL, O_NONBLOCK);
    return c;
}

static void begin(struct h2_client *c)
{
    nghttp2_session_callbacks *callbacks;
    nghttp2_settings_entry settings[] = {{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 1u << 20},
                                         {NGHTTP2_SETTINGS_ENABLE_PUSH, 0}};
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session_client_new(&c->session, callbacks, c);
    nghttp2_session_callbacks_del(callbacks);
    nghttp2_submit_settings(c->session, NGHTTP2_FLAG_NONE, settings, COUNT(settings));
    nghttp2_session_set_local_window_size(c->session, NGHTTP2_FLAG_NONE, 0, 16 << 20);
}

static nghttp2_nv field_of(const char *name, const char *value)
{
    return (nghttp2_nv){(uint8_t *)(uintptr_t)name, (uint8_t *)(uintptr_t)value, strlen(name),
                        strlen(value), NGHTTP2_NV_FLAG_NONE};
}

void h2_start(struct h2_client *c, struct h2_call *call)
{
    nghttp2_nv nv[CALL_FIELDS_MAX + 4];
    nghttp2_data_provider provider = {.source.ptr = call, .read_callback = on_read};
    size_t n = 0;
    if (!c->session)
        begin(c);
    nv[n++] = field_of(":method", call->method ? call->method : "POST");
    nv[n++] = field_of(":scheme", "http");
    nv[n++] = field_of(":authority", "test");
    nv[n++] = field_of(":path", call->path);
    for (size_t i = 0; i < CALL_FIELDS_MAX && call->fields[i].name; i++)
        nv[n++] = field_of(call->fields[i].name, call->fields[i].value);
    call->stream_id = nghttp2_submit_request(c->session, NULL, nv, n,
                                             call->body.n || call->open ? &provider : NULL, call);
    assert_true(call->stream_id > 0);
    c->open_calls++;
}

static void send_all(struct h2_client *c)
{
    const uint8_t *p;
    ssize_t n;
    while (!c->ended && (n = nghttp2_session_mem_send(c->session, &p)) > 0) {
        while (n > 0) {
            ssize_t sent = send(c->fd, p, (size_t)n, MSG_NOSIGNAL);
            if (sent > 0) {
                p += sent;
                n -= sent;
            } else if (errno == EAGAIN) {
                struct pollfd poll_out = {.fd = c->fd, .events = POLLOUT};
                if (poll(&poll_out, 1, 10000) <= 0)
                    c->ended = true;
            } else {
                return; /* what the server said before may still be read */
            }
            if (c->ended)
                return;
        }
    }
}

void h2_step(struct h2_client *c, int wait_ms)
{
    struct pollfd p = {.fd = c->fd, .events = POLLIN};
    static uint8_t bytes[64 * 1024];
    ssize_t n;
    send_all(c);
    if (c->ended || poll(&p, 1, wait_ms) <= 0)
        return;
    n = recv(c->fd, bytes, sizeof bytes, 0);
    if (n == 0 || (n < 0 && errno != EAGAIN)) {
        c->ended = true;
    } else if (n > 0) {
        c->bytes_in += (uint64_t)n;
        if (nghttp2_session_mem_recv(c->session, bytes, (size_t)n) < 0)
            c->ended = true;
        send_all(c);
    }
}

bool h2_run(struct h2_client *c)
{
    while (c->open_calls && !c->ended) {
        uint64_t before = c->bytes_in;
        h2_step(c, 10000);
        if (c->bytes_in == before && !c->ended)
            return false;
    }
    return c->open_calls == 0;
}

struct str h2_field(const struct h2_call *call, const char *name)
{
    struct str rest = buf_str(&call->head), line, key, value;
    while (rest.n) {
        str_cut(rest, '\n', &line, &rest);
        if (line.n && line.p[0] == ':')
            continue;
        if (str_cut(line, ':', &key, &value) && str_eq(key, str_of(name)))
            return str_trim(value);
    }
    return (struct str){NULL, 0};
}

void h2_release(struct h2_call *call)
{
    buf_release(&call->head);
    buf_release(&call->reply);
}

void h2_close(struct h2_client *c)
{
    nghttp2_session_del(c->session);
    close(c->fd);
}

void h2_once(int port, struct h2_call *call)
{
    struct h2_client c = h2_open(port);
    h2_start(&c, call);
    h2_run(&c);
    h2_close(&c);
}
