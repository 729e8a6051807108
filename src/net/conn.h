/* conn.h - one client's connection: its stream, its protocol once known, its exchanges and its one timer.
 *
 * Work on a connection happens between conn_enter and conn_leave. Protocol code (often deep in a parser's
 * callback) never closes a connection itself, it sets close_wanted; the outermost conn_leave flushes what was
 * submitted meanwhile, then closes or sets the timer anew. Loop thread only. */
#ifndef NET_CONN_H
#define NET_CONN_H

#include <netinet/in.h>

#include "net/exchange.h"
#include "net/h1.h"
#include "net/h2.h"
#include "net/stream.h"

#define H2_PREFACE "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
enum { H2_PREFACE_BYTES = 24 };

/* What a protocol does for its connection. */
struct protocol {
    int (*start)(struct conn *conn); /* 0 or an error code */
    void (*received)(struct conn *conn, const unsigned char *p, size_t n);
    void (*ended)(struct conn *conn);                          /* the client sends no more */
    void (*reply)(struct conn *conn, struct http_exchange *x); /* x->reply is ready */
    void (*flush)(struct conn *conn);                          /* write what there is */
    uint64_t (*deadline)(const struct conn *conn);             /* UINT64_MAX = none */
    void (*expired)(struct conn *conn, uint64_t now_ms);       /* that time has come */
    void (*finish)(struct conn *conn); /* the server stops: no further requests */
    void (*release)(struct conn *conn);
};
extern const struct protocol h1_protocol, h2_protocol;

struct conn {
    struct stream stream; /* first: the stream's events come back as conn */
    struct wheel_timer timer;
    struct net_loop *loop;
    const struct listener *listener;
    struct conn *prev, *next, *next_dirty;
    const struct protocol *protocol; /* NULL until the first bytes tell */
    struct http_exchange *exchanges;
    uint32_t exchange_count;
    uint16_t depth;
    bool close_wanted, dirty, stopping;
    size_t unsent_bytes; /* at the last look: a write that makes progress is not late */
    uint64_t active_ms;  /* last byte in or out */
    char peer[INET6_ADDRSTRLEN + 9];
    unsigned char preface[H2_PREFACE_BYTES]; /* first bytes while they may be the preface */
    uint8_t preface_bytes;
    union {
        struct h1 h1;
        struct h2 h2;
    };
};

/* A new connection's socket; taken over. */
void conn_accept(struct net_loop *loop, const struct listener *listener, int fd);
void conn_enter(struct conn *conn);
void conn_leave(struct conn *conn); /* conn may be gone afterwards */
/* x->reply is ready; on the loop's thread, flushed at conn_leave. */
void conn_reply(struct http_exchange *x);
/* Writes; a broken connection sets close_wanted. False unless all went out at once. */
bool conn_write(struct conn *conn, uv_buf_t *bufs, unsigned count);
void conn_timer(struct wheel_timer *timer, void *user);
/* The server stops: ends when idle. */
void conn_finish(struct conn *conn);
void conn_close(struct conn *conn);

#endif
