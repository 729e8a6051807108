/* loop.c - one event loop: its thread, its inbox, its timer, and how it ends. */
#include "net/loop.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "net/conn.h"

enum { TICK_MS_MAX = 500, TICK_MS_MIN = 10, PAUSE_LOG_MS = 1000, ACCEPTS_AT_ONCE = 64 };

static _Thread_local struct net_loop *current_loop;

struct net_loop *net_loop_current(void)
{
    return current_loop;
}

uint64_t net_loop_now_ms(const struct net_loop *loop)
{
    return uv_now(&loop->uv);
}

struct str net_loop_date(struct net_loop *loop)
{
    static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t now = (time_t)(clock_realtime_ns() / 1000000000);
    if (now != loop->date_s) {
        struct tm tm;
        gmtime_r(&now, &tm);
        snprintf(loop->date, sizeof loop->date, "%s, %02u %s %04u %02u:%02u:%02u GMT",
                 days[tm.tm_wday % 7], (unsigned)tm.tm_mday % 100, months[tm.tm_mon % 12],
                 (unsigned)(tm.tm_year + 1900) % 10000, (unsigned)tm.tm_hour % 100,
                 (unsigned)tm.tm_min % 100, (unsigned)tm.tm_sec % 100);
        loop->date_s = now;
    }
    return str_of(loop->date);
}

struct chunk *chunk_take(struct net_loop *loop)
{
    struct chunk *chunk = loop->chunks;
    if (!chunk)
        return malloc(sizeof *chunk);
    loop->chunks = chunk->next;
    loop->chunk_count--;
    return chunk;
}

void chunk_give(struct net_loop *loop, struct chunk *chunk)
{
    if (loop->chunk_count == CHUNKS_KEPT_MAX) {
        free(chunk);
        return;
    }
    chunk->next = loop->chunks;
    loop->chunks = chunk;
    loop->chunk_count++;
}

/* --- accepting --- */

static void on_connections(uv_poll_t *poll, int status, int events);

static void pause_accepting(struct net_loop *loop, bool pause)
{
    loop->accept_paused = pause;
    for (size_t i = 0; i < loop->server->listener_count; i++) {
        if (pause)
            uv_poll_stop(&loop->accepters[i].poll);
        else
            uv_poll_start(&loop->accepters[i].poll, UV_READABLE, on_connections);
    }
}

/* The system gives no socket. Those who wait stay in the kernel's queue until there are descriptors again. */
static void cannot_accept(struct accepter *accepter, int error)
{
    struct net_loop *loop = accepter->loop;
    uint64_t now = net_loop_now_ms(loop);
    pause_accepting(loop, true);
    if (loop->pause_logged_ms && now - loop->pause_logged_ms < PAUSE_LOG_MS)
        return;
    loop->pause_logged_ms = now;
    log_error("net", "cannot accept connections", "listener=\"%s\" error=\"%s\"",
              accepter->listener->options.name, strerror(error));
}

static void on_connections(uv_poll_t *poll, int status, int events)
{
    struct accepter *accepter = poll->data;
    struct net_loop *loop = accepter->loop;
    (void)status;
    (void)events;
    if (!loop->ticking) { /* an empty loop sleeps without end */
        loop->ticking = true;
        uv_timer_again(&loop->tick);
    }
    for (int i = 0; i < ACCEPTS_AT_ONCE; i++) {
        int fd = accept4(accepter->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        int error = errno;
        if (fd >= 0)
            conn_accept(loop, accepter->listener, fd);
        else if (error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM)
            cannot_accept(accepter, error);
        if (fd < 0 && error != ECONNABORTED && error != EINTR)
            return;
    }
}

/* --- time --- */

static void on_tick(uv_timer_t *timer)
{
    struct net_loop *loop = timer->data;
    wheel_advance(&loop->wheel, net_loop_now_ms(loop), conn_timer, NULL);
    if (loop->accept_paused && !loop->stopping)
        pause_accepting(loop, false);
    if (!loop->conn_count && !loop->accept_paused) {
        loop->ticking = false;
        uv_timer_stop(timer);
    }
}

/* Fine enough for the shortest timeout, and no finer than needed. */
static uint32_t tick_ms(const struct http_limits *limits)
{
    uint32_t min = limits->header_timeout_ms;
    if (limits->body_timeout_ms < min)
        min = limits->body_timeout_ms;
    if (limits->idle_timeout_ms < min)
        min = limits->idle_timeout_ms;
    if (limits->write_timeout_ms < min)
        min = limits->write_timeout_ms;
    min /= 8;
    return min > TICK_MS_MAX ? TICK_MS_MAX : min < TICK_MS_MIN ? TICK_MS_MIN : min;
}

/* --- the inbox --- */

void net_loop_post(struct net_loop *loop, struct http_exchange *x)
{
    bool first;
    pthread_mutex_lock(&loop->lock);
    first = !loop->inbox;
    x->queued = NULL;
    *loop->inbox_end = x;
    loop->inbox_end = &x->queued;
    if (first && !loop->closed)
        uv_async_send(&loop->wake);
    pthread_mutex_unlock(&loop->lock);
}

static struct http_exchange *take_inbox(struct net_loop *loop, bool *stop, bool *kill)
{
    struct http_exchange *first;
    pthread_mutex_lock(&loop->lock);
    first = loop->inbox;
    loop->inbox = NULL;
    loop->inbox_end = &loop->inbox;
    *stop = loop->stop_wanted;
    *kill = loop->kill_wanted;
    pthread_mutex_unlock(&loop->lock);
    return first;
}

/* Submits all replies, then flushes each connection once: many replies leave in one write. */
static void deliver(struct net_loop *loop, struct http_exchange *x)
{
    while (x) {
        struct http_exchange *next = x->queued;
        struct conn *conn = x->conn;
        x->queued = NULL;
        if (!conn) {
            exchange_release(x);
        } else {
            conn_reply(x);
            if (!conn->dirty) {
                conn->dirty = true;
                conn->next_dirty = loop->dirty;
                loop->dirty = conn;
            }
        }
        x = next;
    }
    while (loop->dirty) {
        struct conn *conn = loop->dirty;
        loop->dirty = conn->next_dirty;
        conn->dirty = false;
        conn_enter(conn);
        conn_leave(conn);
    }
}

static void stop_accepting(struct net_loop *loop)
{
    for (size_t i = 0; i < loop->server->listener_count; i++) {
        struct accepter *accepter = &loop->accepters[i];
        if (!accepter->loop || uv_is_closing((uv_handle_t *)&accepter->poll))
            continue;
        uv_close((uv_handle_t *)&accepter->poll, NULL);
        close(accepter->fd);
    }
}

void net_loop_conn_gone(struct net_loop *loop)
{
    struct http_server *server = loop->server;
    if (!loop->stopping || loop->conn_count)
        return;
    pthread_mutex_lock(&server->lock);
    server->loops_drained++;
    pthread_cond_signal(&server->drained);
    pthread_mutex_unlock(&server->lock);
}

static void begin_stop(struct net_loop *loop)
{
    loop->stopping = true;
    stop_accepting(loop);
    if (!loop->conn_count)
        net_loop_conn_gone(loop);
    for (struct conn *conn = loop->conns, *next; conn; conn = next) {
        next = conn->next; /* closing takes it off the list later, never at once */
        conn_finish(conn);
    }
}

static void close_all(struct net_loop *loop)
{
    stop_accepting(loop);
    for (struct conn *conn = loop->conns; conn; conn = conn->next) {
        if (!conn->stream.closing)
            conn_close(conn);
    }
    uv_close((uv_handle_t *)&loop->tick, NULL);
    uv_close((uv_handle_t *)&loop->wake, NULL);
}

static void on_wake(uv_async_t *wake)
{
    struct net_loop *loop = wake->data;
    bool stop, kill;
    deliver(loop, take_inbox(loop, &stop, &kill));
    if (stop && !loop->stopping)
        begin_stop(loop);
    if (kill && !uv_is_closing((uv_handle_t *)wake))
        close_all(loop);
}

/* --- life --- */

int net_loop_init(struct net_loop *loop, struct http_server *server)
{
    *loop = (struct net_loop){.server = server};
    loop->inbox_end = &loop->inbox;
    pthread_mutex_init(&loop->lock, NULL);
    loop->read_buffer.base = malloc(READ_BUFFER_BYTES);
    loop->read_buffer.len = READ_BUFFER_BYTES;
    if (!loop->read_buffer.base)
        goto fail;
    if (uv_loop_init(&loop->uv) < 0)
        goto fail;
    if (uv_async_init(&loop->uv, &loop->wake, on_wake) < 0) {
        uv_loop_close(&loop->uv);
        goto fail;
    }
    uv_timer_init(&loop->uv, &loop->tick);
    loop->wake.data = loop->tick.data = loop;
    return 0;

fail:
    free(loop->read_buffer.base);
    pthread_mutex_destroy(&loop->lock);
    return ERR_NOMEM;
}

static void *run(void *arg)
{
    struct net_loop *loop = arg;
    current_loop = loop;
    uv_run(&loop->uv, UV_RUN_DEFAULT);
    return NULL;
}

static int watch_listener(struct net_loop *loop, struct accepter *accepter,
                          struct listener *listener, struct err *err)
{
    int *fd = &listener->fds[loop - loop->server->loops];
    int rc = uv_poll_init(&loop->uv, &accepter->poll, *fd);
    if (rc < 0)
        return err_set(err, ERR_IO, "cannot listen on %s (%s): %s", listener->options.address,
                       listener->options.name, uv_strerror(rc));
    accepter->fd = *fd;
    *fd = -1; /* the loop closes it now */
    accepter->loop = loop;
    accepter->listener = listener;
    accepter->poll.data = accepter;
    uv_poll_start(&accepter->poll, UV_READABLE, on_connections);
    return 0;
}

int net_loop_start(struct net_loop *loop, struct err *err)
{
    struct http_server *server = loop->server;
    uint32_t period = tick_ms(&server->limits);
    sigset_t all, old;
    int rc;
    loop->accepters = calloc(server->listener_count + 1, sizeof *loop->accepters);
    if (!loop->accepters)
        return err_set(err, ERR_NOMEM, "out of memory");
    for (size_t i = 0; i < server->listener_count; i++)
        TRY(watch_listener(loop, &loop->accepters[i], &server->listeners[i], err));
    uv_update_time(&loop->uv);
    wheel_init(&loop->wheel, period, net_loop_now_ms(loop));
    uv_timer_start(&loop->tick, on_tick, period, period);
    loop->ticking = true;
    sigfillset(&all); /* signals are for the main thread; a broken pipe shows as an error */
    pthread_sigmask(SIG_BLOCK, &all, &old);
    rc = pthread_create(&loop->thread, NULL, run, loop);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    loop->started = rc == 0;
    return rc == 0 ? 0 : err_set(err, ERR_IO, "cannot start a thread");
}

static void order(struct net_loop *loop, bool kill)
{
    pthread_mutex_lock(&loop->lock);
    loop->stop_wanted = true;
    loop->kill_wanted = kill;
    if (!loop->closed)
        uv_async_send(&loop->wake);
    if (kill)
        loop->closed = true;
    pthread_mutex_unlock(&loop->lock);
}

void net_loop_stop(struct net_loop *loop)
{
    if (loop->started)
        order(loop, false);
}

void net_loop_kill(struct net_loop *loop)
{
    if (!loop->started)
        return;
    order(loop, true);
    pthread_join(loop->thread, NULL);
    loop->started = false;
}

static void on_handle(uv_handle_t *handle, void *user)
{
    (void)user;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

void net_loop_release(struct net_loop *loop)
{
    if (loop->accepters)
        stop_accepting(loop);
    uv_walk(&loop->uv, on_handle, NULL); /* of a loop that never ran */
    uv_run(&loop->uv, UV_RUN_DEFAULT);
    uv_loop_close(&loop->uv);
    while (loop->live)
        exchange_release(loop->live);
    while (loop->spare) {
        struct http_exchange *x = loop->spare;
        loop->spare = x->queued;
        arena_release(&x->arena);
        buf_release(&x->head);
        buf_release(&x->out);
        free(x->fields);
        free(x);
    }
    while (loop->chunks) {
        struct chunk *chunk = loop->chunks;
        loop->chunks = chunk->next;
        free(chunk);
    }
    pool_release(&loop->pool);
    codecs_release(&loop->codecs);
    free(loop->accepters);
    free(loop->read_buffer.base);
    pthread_mutex_destroy(&loop->lock);
}
