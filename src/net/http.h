/* http.h - the server side of HTTP as handlers see it: one request, one reply, whatever the connection speaks.
 *
 * One listener type speaks HTTP/1.1, HTTP/2 in clear text (prior knowledge) and gRPC on top of it; it tells them
 * apart by the first bytes. N event loops (one per core, SO_REUSEPORT) own the connections; a connection never
 * moves. A handler runs on its connection's loop when the whole body is there (decompressed, within limits) and
 * either replies at once or keeps the exchange and replies later from any thread: http_reply posts to the loop.
 *
 * Every limit answers clearly and is counted: 400 malformed, 404 unknown path, 405 wrong method (with Allow),
 * 408 slow header or body, 413/414/415/431, 503 with Retry-After over the memory budget.
 * gRPC calls get the same as grpc-status trailers. */
#ifndef NET_HTTP_H
#define NET_HTTP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

enum http_method {
    HTTP_GET = 1u << 0,
    HTTP_HEAD = 1u << 1,
    HTTP_POST = 1u << 2,
    HTTP_PUT = 1u << 3,
    HTTP_DELETE = 1u << 4,
    HTTP_OPTIONS = 1u << 5,
};

struct http_header {
    struct str name; /* lower case */
    struct str value;
};

struct http_exchange; /* a request that wants its reply; owned by the loop until replied to */

/* What the handler may read until it replies. All slices live in the exchange. */
struct http_request {
    enum http_method method;
    struct str path;      /* percent-decoded, without the query */
    struct str query;     /* raw, behind the '?' */
    struct str params[4]; /* what the route's {placeholders} matched, percent-decoded */
    const struct http_header *headers;
    size_t header_count;
    struct str body;  /* decompressed; for gRPC the message without its 5-byte prefix */
    const char *peer; /* "127.0.0.1:34567" */
    bool grpc;
    uint64_t deadline_ns; /* clock_monotonic_ns; from grpc-timeout, else 0 */
};

typedef void http_handler_fn(struct http_exchange *x, const struct http_request *req, void *user);

/* Writes the body of an error that the server itself answers with on a route, before any handler saw the request:
 * damaged, too large, too slow, no memory. text: a few words without the status. False leaves the reply plain text
 * (what is in body then is dropped). Headers, path and method of req are there, its body is not. Loop thread. */
typedef bool http_refusal_fn(const struct http_request *req, int status, struct str text,
                             const char **content_type, struct buf *body);

struct http_route {
    unsigned methods; /* enum http_method, or-ed; GET implies HEAD */
    const char *path; /* "/api/traces/{id}"; a trailing "/{rest*}" matches the remainder */
    http_handler_fn *handler;
    void *user;
    size_t body_bytes_max;    /* after decompression; 0 = this route takes no body */
    bool grpc;                /* path is /package.Service/Method; POST with application/grpc */
    http_refusal_fn *refusal; /* NULL = plain text; not for gRPC, whose errors are trailers */
};

struct http_limits {
    uint32_t connections_max;  /* per server; further ones are closed at once and counted */
    uint32_t header_bytes_max; /* all fields with the request line */
    uint32_t header_count_max;
    size_t wire_body_bytes_max; /* before decompression */
    size_t memory_bytes_max;    /* all bodies and replies in flight on this server */
    uint32_t header_timeout_ms; /* from the first byte of a request to the end of its headers */
    uint32_t body_timeout_ms;   /* from there to the end of the body */
    uint32_t idle_timeout_ms;   /* between requests */
    uint32_t write_timeout_ms;  /* without any progress */
    uint32_t streams_max;       /* concurrent, per HTTP/2 connection */
};
#define HTTP_LIMITS_DEFAULT                                                              \
    {                                                                                    \
        .connections_max = 20000, .header_bytes_max = 32768, .header_count_max = 100,    \
        .wire_body_bytes_max = 64u << 20, .memory_bytes_max = 512u << 20,                \
        .header_timeout_ms = 10000, .body_timeout_ms = 30000, .idle_timeout_ms = 300000, \
        .write_timeout_ms = 30000, .streams_max = 128                                    \
    }

struct http_listener {
    const char *address; /* "127.0.0.1:4317", "[::]:4318", ":16686" (all addresses) */
    const struct http_route
        *routes; /* borrowed; tried in order, more literal first is the caller's care */
    size_t route_count;
    const char *name; /* for messages: "OTLP gRPC" */
};

struct http_server_options {
    unsigned loops; /* threads; 0 = one per core */
    struct http_limits limits;
};

struct http_server;

/* Makes a server without listeners; its threads start with http_server_start. */
int http_server_new(const struct http_server_options *options, struct http_server **ret,
                    struct err *err);
/* Binds and listens. Its message names address and listener; ERR_BUSY when the port is taken. Before start only. */
int http_server_listen(struct http_server *server, const struct http_listener *listener,
                       struct err *err);
/* Port that a listener with port 0 got, in the order of http_server_listen. */
int http_server_port(const struct http_server *server, size_t listener);
int http_server_start(struct http_server *server, struct err *err);
/* Graceful: stops accepting, GOAWAY / Connection: close, waits for exchanges in flight up to grace_ms, then
 * closes. Safe to call once, from a thread that is no loop. */
void http_server_stop(struct http_server *server, uint32_t grace_ms);
/* Stops without grace when nobody did. Every exchange a handler kept must have been replied to before: replies
 * between stop and free are dropped without harm, later ones are not. */
void http_server_free(struct http_server *server);

struct http_stats {
    uint64_t connections_open, connections_total, connections_refused;
    uint64_t requests, bytes_in, bytes_out;
    uint64_t replies_4xx, replies_5xx;
    uint64_t timeouts, protocol_errors, memory_refused;
    uint64_t memory_bytes;
};

void http_server_stats(const struct http_server *server, struct http_stats *ret);

/* --- replying: exactly one of these, once, from any thread. The exchange and its request are gone afterwards --- */

struct http_reply {
    int status;
    const char *content_type;          /* static; NULL = none */
    const struct http_header *headers; /* further ones; copied */
    size_t header_count;
    struct buf body;        /* taken over; compressed when large and the client takes gzip */
    bool body_is_gzip;      /* the body is gzip already (Content-Encoding is set); a client that
                                             does not take gzip gets it inflated */
    struct str static_body; /* instead of body: bytes that live for ever (UI files) */
};

void http_reply(struct http_exchange *x, struct http_reply *reply);

/* A short text reply, for errors: "text/plain; charset=utf-8". */
void http_reply_text(struct http_exchange *x, int status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* gRPC: status 0 with a message, or an error with its text (percent-encoded into grpc-message here) and optional
 * google.rpc.Status bytes for grpc-status-details-bin. message is taken over. */
void grpc_reply(struct http_exchange *x, struct buf *message);
void grpc_reply_error(struct http_exchange *x, int grpc_status, struct str text,
                      struct str details);

/* Server-streaming calls: status 0 with the messages that stand in the buffer one behind the other, each between
 * grpc_message_begin and grpc_message_end; none is fine. They go out as fast as the client takes them. messages is
 * taken over. */
void grpc_reply_messages(struct http_exchange *x, struct buf *messages);
/* A field of the reply's head, before one of the three above. Both texts live as long as the exchange, in lower case. */
void grpc_reply_header(struct http_exchange *x, struct str name, struct str value);
/* Begins a message at the end of the buffer; what it answers is for grpc_message_end. A failure is in out->failed. */
size_t grpc_message_begin(struct buf *out);
void grpc_message_end(struct buf *out, size_t begin);

/* The handler's own memory: lives until the reply has been sent. */
struct arena *http_exchange_arena(struct http_exchange *x);
const struct http_request *http_exchange_request(struct http_exchange *x);
/* True when the client is gone: long work may stop (but must still reply). Any thread. */
bool http_exchange_cancelled(struct http_exchange *x);

/* Runs work on the server's query threads (bounded queue; false = full, nothing is queued and the caller replies
 * 503). work replies to the exchange. */
bool http_offload(struct http_exchange *x, void (*work)(struct http_exchange *x, void *user),
                  void *user);

/* --- reading requests --- */

/* Value of a header by lower-case name; empty when absent. */
struct str http_header_get(const struct http_request *req, struct str name);
/* The media type of content-type without parameters compares equal, case ignored. */
bool http_content_type_is(const struct http_request *req, struct str media_type);

/* Iterates over the query string: *at starts as 0. Names and values are percent-decoded ('+' is a space) into
 * the arena. False at the end. */
bool http_query_next(const struct http_request *req, struct arena *arena, size_t *at,
                     struct str *name, struct str *value);
/* The first value of a parameter; false when absent. */
bool http_query_get(const struct http_request *req, struct arena *arena, struct str name,
                    struct str *value);

#endif
