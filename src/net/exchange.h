/* exchange.h - one request and its reply, between the protocols and the handlers.
 *
 * A protocol makes an exchange at a request's first byte, feeds it header fields and body bytes, and asks after
 * each step whether the exchange has been refused (a limit, no such route, a damaged body): then the reply is
 * ready without any handler having seen it. Otherwise exchange_run calls the handler. When a reply is ready it
 * comes back through conn_reply on the loop's thread. */
#ifndef NET_EXCHANGE_H
#define NET_EXCHANGE_H

#include <stdatomic.h>

#include "net/encoding.h"
#include "net/http.h"
#include "net/loop.h"

enum exchange_state {
    EXCHANGE_HEADERS, /* its header fields are coming in */
    EXCHANGE_BODY,
    EXCHANGE_RUNNING, /* with its handler */
    EXCHANGE_REPLYING,
};

/* A field's place in the header text, which still grows and moves. */
struct field {
    uint32_t name, name_bytes, value, value_bytes;
};

/* What goes out. */
struct reply {
    int status;
    const char *content_type;
    struct http_header *headers;
    size_t header_count;
    struct str body; /* in owned, or static */
    struct buf owned;
    bool gzip, vary; /* Content-Encoding: gzip; Vary: Accept-Encoding */
    bool grpc;       /* the following count; status is 200 */
    int grpc_status;
    struct str grpc_message, grpc_details; /* encoded */
    unsigned char prefix[5];
    uint8_t prefix_bytes; /* of prefix go before the body: 5, or 0 when the body has its prefixes */
};

struct http_exchange {
    struct http_request req;
    struct net_loop *loop;
    struct conn *conn;                 /* NULL: the client is gone */
    struct http_exchange *prev, *next; /* the connection's list */
    struct http_exchange *prev_live, *next_live;
    struct http_exchange *queued; /* the loop's inbox, the spare list or the offload queue */
    void (*work)(struct http_exchange *x, void *user);
    void *work_user;
    enum exchange_state state;
    atomic_bool cancelled;
    const struct http_route *route;

    struct buf head; /* target and header text */
    struct field *fields;
    uint32_t field_count, field_cap;
    uint32_t target_at, target_bytes;
    bool head_overflow, target_overflow; /* more than header_bytes_max; the target alone */
    bool method_known, http2, body_expected;
    bool expects_continue, accepts_gzip;
    bool refused;             /* reply is ready; the rest of the body does not matter */
    bool request_done;        /* the client has sent all of it */
    bool reply_sent;          /* HTTP/2: its last frame has left, the stream is still open */
    uint64_t content_length;  /* UINT64_MAX = not said */
    uint64_t received_bytes;  /* of the body */
    uint64_t discarded_bytes; /* HTTP/2: of a body that was refused */
    uint64_t body_since_ms, deadline_ms;
    size_t wire_max;
    enum encoding encoding;
    struct buf wire, plain; /* the body as it came, and inflated */
    size_t charged_bytes;   /* of the server's memory budget */
    struct arena arena;

    struct reply reply;
    struct buf out;    /* HTTP/1: status line and headers */
    size_t sent_bytes; /* HTTP/2: of prefix and body */
    int32_t stream_id; /* HTTP/2 */
};

/* NULL when out of memory. In conn's list. */
struct http_exchange *exchange_new(struct conn *conn);
/* Loop thread. Gives everything back; takes it off its connection. */
void exchange_release(struct http_exchange *x);
/* Loop thread: the client is gone. Releases it, or leaves it to its handler's reply. */
void exchange_abandon(struct http_exchange *x);

/* --- the request comes in --- */
void exchange_target(struct http_exchange *x, struct str part); /* in one go, or in pieces first */
void exchange_field_begin(struct http_exchange *x);
void exchange_field_name(struct http_exchange *x, struct str part); /* lower-cased */
void exchange_field_value(struct http_exchange *x, struct str part);
/* All fields are there; method 0 = one that nobody here supports. May refuse. */
void exchange_headers_done(struct http_exchange *x, enum http_method method);
void exchange_body(struct http_exchange *x, const unsigned char *p, size_t n); /* may refuse */
/* The body is complete: unframes and inflates it. May refuse. */
void exchange_body_done(struct http_exchange *x);
/* Calls the handler; x may be gone when this returns. */
void exchange_run(struct http_exchange *x);

/* Prepares an error reply of net's own: text, or for gRPC the status that fits. Nothing when refused already. */
void exchange_refuse(struct http_exchange *x, int status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* The same, saying gRPC's status when that is more exact. */
void exchange_refuse_grpc(struct http_exchange *x, int grpc_status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Adds a field to the reply. value lives in x's arena or for ever. */
void exchange_reply_header(struct http_exchange *x, struct str name, struct str value);
/* 431, or 414 when it is the target that is too long. */
void exchange_refuse_head(struct http_exchange *x);
/* 408, DEADLINE_EXCEEDED. */
void exchange_refuse_timeout(struct http_exchange *x);

/* --- memory: see limits.memory_bytes_max --- */
/* Room for cap bytes in all. False: over the budget (counted) or out of memory. */
bool exchange_reserve(struct http_exchange *x, struct buf *b, size_t cap);

/* The reply counts as sent: statistics. */
void exchange_count_reply(struct http_exchange *x);

#endif
