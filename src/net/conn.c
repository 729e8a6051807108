/* conn.c - accepting, telling protocols apart, timeouts and the end of connections. */
#include "net/conn.h"

#include <stdlib.h>
#include <unistd.h>

static void link_conn(struct conn *conn)
{
    struct net_loop *loop = conn->loop;
    conn->next = loop->conns;
    if (loop->conns)
        loop->conns->prev = conn;
    loop->conns = conn;
    loop->conn_count++;
}

static void unlink_conn(struct conn *conn)
{
    if (conn->next)
        conn->next->prev = conn->prev;
    if (conn->prev)
        conn->prev->next = conn->next;
    else
        conn->loop->conns = conn->next;
    conn->loop->conn_count--;
}

static void remove_dirty(struct conn *conn)
{
    struct conn **at = &conn->loop->dirty;
    while (conn->dirty && *at) {
        if (*at == conn) {
            *at = conn->next_dirty;
            conn->dirty = false;
        } else {
            at = &(*at)->next_dirty;
        }
    }
}

void conn_close(struct conn *conn)
{
    while (conn->exchanges)
        exchange_abandon(conn->exchanges);
    if (conn->protocol)
        conn->protocol->release(conn);
    wheel_cancel(&conn->timer);
    remove_dirty(conn);
    stream_close(&conn->stream);
}

static void set_timer(struct conn *conn)
{
    const struct http_limits *limits = &conn->loop->server->limits;
    uint64_t due;
    if (conn->stream.writing)
        due = conn->active_ms + limits->write_timeout_ms;
    else if (conn->protocol)
        due = conn->protocol->deadline(conn);
    else
        due = conn->active_ms +
              (conn->preface_bytes ? limits->header_timeout_ms : limits->idle_timeout_ms);
    if (due == UINT64_MAX)
        wheel_cancel(&conn->timer);
    else if (!conn->timer.next || conn->timer.due_ms != due)
        wheel_set(&conn->loop->wheel, &conn->timer, due);
}

void conn_enter(struct conn *conn)
{
    conn->depth++;
}

void conn_leave(struct conn *conn)
{
    if (conn->depth > 1) {
        conn->depth--;
        return;
    }
    if (!conn->close_wanted && conn->protocol)
        conn->protocol->flush(conn);
    conn->depth--;
    if (conn->stream.closing)
        return;
    if (conn->close_wanted)
        conn_close(conn);
    else
        set_timer(conn);
}

void conn_reply(struct http_exchange *x)
{
    x->state = EXCHANGE_REPLYING;
    x->conn->protocol->reply(x->conn, x);
}

bool conn_write(struct conn *conn, uv_buf_t *bufs, unsigned count)
{
    size_t total = 0;
    int rc;
    for (unsigned i = 0; i < count; i++)
        total += bufs[i].len;
    rc = stream_write(&conn->stream, bufs, count);
    if (rc < 0) {
        conn->close_wanted = true;
        return false;
    }
    conn->active_ms = net_loop_now_ms(conn->loop);
    conn->unsent_bytes = stream_unsent(&conn->stream);
    counter_add(&conn->loop->counters.bytes_out, total);
    return rc == 0;
}

static void start_protocol(struct conn *conn, const struct protocol *protocol)
{
    conn->protocol = protocol;
    if (protocol->start(conn) < 0) {
        conn->protocol = NULL;
        conn->close_wanted = true;
    } else if (conn->stopping) {
        protocol->finish(conn);
    }
}

/* Decides by the first bytes. Those that may still become the preface of HTTP/2 are kept until they do. */
static void detect(struct conn *conn, const unsigned char *p, size_t n)
{
    size_t had = conn->preface_bytes, want = H2_PREFACE_BYTES - had;
    size_t take = n < want ? n : want;
    bool same = memcmp(p, &H2_PREFACE[had], take) == 0;
    if (same && take < want) {
        memcpy(conn->preface + had, p, take);
        conn->preface_bytes = (uint8_t)(had + take);
        return;
    }
    start_protocol(conn, same ? &h2_protocol : &h1_protocol);
    if (conn->protocol && had)
        conn->protocol->received(conn, conn->preface, had);
    if (conn->protocol && !conn->close_wanted)
        conn->protocol->received(conn, p, n);
}

static void on_received(struct stream *s, const unsigned char *p, size_t n)
{
    struct conn *conn = (struct conn *)s;
    conn->active_ms = net_loop_now_ms(conn->loop);
    counter_add(&conn->loop->counters.bytes_in, n);
    conn_enter(conn);
    if (conn->protocol)
        conn->protocol->received(conn, p, n);
    else
        detect(conn, p, n);
    conn_leave(conn);
}

static void on_ended(struct stream *s, int error)
{
    struct conn *conn = (struct conn *)s;
    conn_enter(conn);
    if (error || !conn->protocol)
        conn->close_wanted = true;
    else
        conn->protocol->ended(conn);
    conn_leave(conn);
}

static void on_written(struct stream *s)
{
    struct conn *conn = (struct conn *)s;
    conn->active_ms = net_loop_now_ms(conn->loop);
    conn_enter(conn);
    conn_leave(conn); /* flushes */
}

static void on_closed(struct stream *s)
{
    struct conn *conn = (struct conn *)s;
    struct net_loop *loop = conn->loop;
    unlink_conn(conn);
    free(conn);
    atomic_fetch_sub_explicit(&loop->server->connections, 1, memory_order_relaxed);
    net_loop_conn_gone(loop);
}

void conn_accept(struct net_loop *loop, const struct listener *listener, int fd)
{
    static const struct stream_events events = {on_received, on_ended, on_written, on_closed};
    struct http_server *server = loop->server;
    struct conn *conn = NULL;
    uint64_t open = atomic_fetch_add_explicit(&server->connections, 1, memory_order_relaxed);
    if (open < server->limits.connections_max)
        conn = calloc(1, sizeof *conn);
    if (!conn || stream_init(&conn->stream, &loop->uv, &events, &loop->read_buffer) < 0) {
        atomic_fetch_sub_explicit(&server->connections, 1, memory_order_relaxed);
        counter_add(&loop->counters.connections_refused, 1);
        free(conn);
        close(fd);
        return;
    }
    conn->loop = loop;
    conn->listener = listener;
    conn->active_ms = net_loop_now_ms(loop);
    link_conn(conn);
    if (stream_open(&conn->stream, fd) < 0) {
        close(fd);
        stream_close(&conn->stream);
        return;
    }
    counter_add(&loop->counters.connections_total, 1);
    stream_peer(&conn->stream, conn->peer, sizeof conn->peer);
    stream_read(&conn->stream, true);
    set_timer(conn);
}

/* A write is late only when nothing has left since the last look. */
static bool write_is_late(struct conn *conn)
{
    size_t unsent = stream_unsent(&conn->stream);
    bool late = unsent >= conn->unsent_bytes;
    conn->unsent_bytes = unsent;
    if (!late)
        conn->active_ms = net_loop_now_ms(conn->loop);
    return late;
}

void conn_timer(struct wheel_timer *timer, void *user)
{
    struct conn *conn = (struct conn *)(void *)((char *)timer - offsetof(struct conn, timer));
    (void)user;
    conn_enter(conn);
    if (conn->stream.writing) {
        if (write_is_late(conn)) {
            counter_add(&conn->loop->counters.timeouts, 1);
            conn->close_wanted = true;
        }
    } else if (conn->protocol) {
        conn->protocol->expired(conn, net_loop_now_ms(conn->loop));
    } else {
        if (conn->preface_bytes)
            counter_add(&conn->loop->counters.timeouts, 1);
        conn->close_wanted = true;
    }
    conn_leave(conn);
}

void conn_finish(struct conn *conn)
{
    if (conn->stream.closing)
        return;
    conn->stopping = true;
    conn_enter(conn);
    if (conn->protocol)
        conn->protocol->finish(conn);
    else
        conn->close_wanted = true;
    conn_leave(conn);
}
