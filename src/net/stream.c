/* stream.c - plain TCP behind stream.h. */
#include "net/stream.h"

#include <arpa/inet.h>
#include <stdio.h>

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    struct stream *s = handle->data;
    (void)suggested;
    *buf = *s->scratch;
}

static void on_read(uv_stream_t *tcp, ssize_t n, const uv_buf_t *buf)
{
    struct stream *s = tcp->data;
    if (n > 0) {
        s->events->received(s, (const unsigned char *)buf->base, (size_t)n);
    } else if (n < 0) {
        stream_read(s, false);
        s->events->ended(s, n == UV_EOF ? 0 : (int)n);
    }
}

static void on_written(uv_write_t *write, int status)
{
    struct stream *s = write->data;
    s->writing = false;
    if (s->closing)
        return;
    if (status < 0)
        s->events->ended(s, status);
    else
        s->events->written(s);
}

static void on_closed(uv_handle_t *handle)
{
    struct stream *s = handle->data;
    s->events->closed(s);
}

int stream_init(struct stream *s, uv_loop_t *loop, const struct stream_events *events,
                const uv_buf_t *scratch)
{
    int rc = uv_tcp_init(loop, &s->tcp);
    s->events = events;
    s->scratch = scratch;
    s->tcp.data = s;
    s->write.data = s;
    return rc;
}

int stream_open(struct stream *s, int fd)
{
    return uv_tcp_open(&s->tcp, fd);
}

void stream_read(struct stream *s, bool on)
{
    if (s->closing || s->reading == on)
        return;
    s->reading = on;
    if (on)
        uv_read_start((uv_stream_t *)&s->tcp, on_alloc, on_read);
    else
        uv_read_stop((uv_stream_t *)&s->tcp);
}

int stream_write(struct stream *s, uv_buf_t *bufs, unsigned count)
{
    int rc = uv_try_write((uv_stream_t *)&s->tcp, bufs, count);
    size_t sent = rc > 0 ? (size_t)rc : 0;
    if (rc < 0 && rc != UV_EAGAIN)
        return rc;
    while (count && sent >= bufs->len) {
        sent -= bufs->len;
        bufs++;
        count--;
    }
    if (!count)
        return 0;
    bufs->base += sent;
    bufs->len -= sent;
    rc = uv_write(&s->write, (uv_stream_t *)&s->tcp, bufs, count, on_written);
    if (rc < 0)
        return rc;
    s->writing = true;
    return 1;
}

size_t stream_unsent(const struct stream *s)
{
    return uv_stream_get_write_queue_size((const uv_stream_t *)&s->tcp);
}

static void on_shutdown(uv_shutdown_t *request, int status)
{
    (void)request;
    (void)status; /* a peer that is gone shows as an end while reading */
}

void stream_shutdown(struct stream *s)
{
    uv_shutdown(&s->shutdown, (uv_stream_t *)&s->tcp, on_shutdown);
}

void stream_close(struct stream *s)
{
    if (s->closing)
        return;
    s->closing = true;
    uv_close((uv_handle_t *)&s->tcp, on_closed);
}

void stream_peer(const struct stream *s, char *out, size_t out_bytes)
{
    struct sockaddr_storage addr;
    int n = sizeof addr;
    char host[INET6_ADDRSTRLEN];
    out[0] = '\0';
    if (uv_tcp_getpeername(&s->tcp, (struct sockaddr *)&addr, &n) < 0)
        return;
    if (addr.ss_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)&addr;
        inet_ntop(AF_INET, &in->sin_addr, host, sizeof host);
        snprintf(out, out_bytes, "%s:%u", host, ntohs(in->sin_port));
    } else if (addr.ss_family == AF_INET6) {
        const struct sockaddr_in6 *in = (const struct sockaddr_in6 *)&addr;
        bool mapped = IN6_IS_ADDR_V4MAPPED(&in->sin6_addr); /* IPv4 through a dual-stack socket */
        inet_ntop(mapped ? AF_INET : AF_INET6,
                  mapped ? (const void *)&in->sin6_addr.s6_addr[12] : &in->sin6_addr, host,
                  sizeof host);
        snprintf(out, out_bytes, mapped ? "%s:%u" : "[%s]:%u", host, ntohs(in->sin6_port));
    }
}
