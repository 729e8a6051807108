/* loop.h - the server's inside: its listeners, its event loops, and what the connections of a loop share.
 *
 * Everything in a loop belongs to its thread, except the inbox (replies from other threads, behind the lock) and
 * the counters (one writer, any reader). */
#ifndef NET_LOOP_H
#define NET_LOOP_H

#include <pthread.h>
#include <stdatomic.h>
#include <uv.h>

#include "net/encoding.h"
#include "net/http.h"
#include "net/pool.h"
#include "net/wheel.h"

struct conn;
struct offload;

enum {
    LOOPS_MAX = 64,
    READ_BUFFER_BYTES = 128 * 1024,
    CHUNK_BYTES = 64 * 1024, /* one write of HTTP/2 frames */
    CHUNKS_KEPT_MAX = 16,
    EXCHANGES_KEPT_MAX = 256,
};

struct listener {
    struct http_listener options; /* address and name: owned copies */
    int port;
    int fds[LOOPS_MAX]; /* one bound socket per loop; -1 once a loop owns it */
};

/* Written by the loop's thread alone. */
struct counters {
    _Atomic uint64_t connections_total, connections_refused;
    _Atomic uint64_t requests, bytes_in, bytes_out;
    _Atomic uint64_t replies_4xx, replies_5xx;
    _Atomic uint64_t timeouts, protocol_errors, memory_refused;
};

static inline void counter_add(_Atomic uint64_t *c, uint64_t n)
{
    atomic_store_explicit(c, atomic_load_explicit(c, memory_order_relaxed) + n,
                          memory_order_relaxed);
}

struct chunk {
    struct chunk *next;
    size_t n;
    unsigned char bytes[CHUNK_BYTES];
};

struct accepter { /* a listening socket of one loop */
    uv_poll_t poll;
    int fd;
    struct net_loop *loop;
    const struct listener *listener;
};

struct net_loop {
    struct http_server *server;
    uv_loop_t uv;
    uv_async_t wake;
    uv_timer_t tick;
    pthread_t thread;
    struct accepter *accepters; /* one per listener */
    bool started, stopping, ticking;
    bool accept_paused; /* no descriptors left: tried again every tick */
    uint64_t pause_logged_ms;

    uv_buf_t read_buffer; /* shared by all connections: bytes are used up before the next read */
    struct wheel wheel;
    struct conn *conns;
    struct conn *dirty; /* those with replies to flush when the inbox is empty */
    size_t conn_count;
    struct pool pool;
    struct chunk *chunks;
    unsigned chunk_count;
    struct http_exchange *spare; /* recycled */
    unsigned spare_count;
    struct http_exchange *live; /* every exchange that is not spare */
    struct codecs codecs;
    char date[32]; /* "Sat, 21 Nov 2026 13:14:01 GMT" of date_s */
    int64_t date_s;
    struct counters counters;

    pthread_mutex_t lock; /* guards what follows */
    struct http_exchange *inbox, **inbox_end;
    bool stop_wanted, kill_wanted, closed;
};

struct http_server {
    struct http_limits limits;
    unsigned loop_count;
    struct net_loop *loops;
    struct listener *listeners;
    size_t listener_count;
    struct offload *offload;
    bool started, stopped;
    _Atomic uint64_t connections; /* open, of all loops */
    _Atomic size_t memory_bytes;  /* bodies and replies, of all loops */
    pthread_mutex_t lock;         /* guards loops_drained */
    pthread_cond_t drained;
    unsigned loops_drained; /* stopping loops without connections */
};

int net_loop_init(struct net_loop *loop, struct http_server *server);
/* Takes over the loop's listening sockets and starts its thread. */
int net_loop_start(struct net_loop *loop, struct err *err);
/* Any thread: no new connections, and the present ones end with their requests. */
void net_loop_stop(struct net_loop *loop);
/* Any thread: closes everything and waits for the thread's end. */
void net_loop_kill(struct net_loop *loop);
void net_loop_release(struct net_loop *loop);

/* Hands an exchange with a ready reply to its loop, from any other thread. */
void net_loop_post(struct net_loop *loop, struct http_exchange *x);
/* The loop whose thread this is, or NULL. */
struct net_loop *net_loop_current(void);

uint64_t net_loop_now_ms(const struct net_loop *loop);
/* HTTP's date, renewed every second. */
struct str net_loop_date(struct net_loop *loop);
/* A connection is gone: tells a waiting http_server_stop when it was the last. */
void net_loop_conn_gone(struct net_loop *loop);

/* NULL when out of memory. */
struct chunk *chunk_take(struct net_loop *loop);
void chunk_give(struct net_loop *loop, struct chunk *chunk);

#endif
