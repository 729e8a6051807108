/* h2_client.h - HTTP/2 with prior knowledge on nghttp2: many calls at once on one connection. */
#ifndef TESTS_NET_H2_CLIENT_H
#define TESTS_NET_H2_CLIENT_H

#include <nghttp2/nghttp2.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/str.h"

enum { CALL_FIELDS_MAX = 128 };

struct h2_call {
    const char *method, *path;
    struct {
        const char *name, *value;
    } fields[CALL_FIELDS_MAX]; /* up to the first without a name */
    struct str body;           /* borrowed; empty = END_STREAM with the headers unless `open` */
    bool open;                 /* never ends its request */
    /* what came back */
    int status;
    struct buf head, reply; /* "name: value\n" of headers and trailers; the body */
    bool done;
    uint32_t error; /* of RST_STREAM */
    int32_t stream_id;
    size_t sent;
};

struct h2_client {
    int fd;
    nghttp2_session *session;
    unsigned open_calls;
    bool ended;      /* the connection is over */
    bool going_away; /* GOAWAY arrived ... */
    uint32_t goaway_error;
    uint64_t bytes_in;
};

struct h2_client h2_open(int port);
void h2_close(struct h2_client *c);
/* Submits; the call must stay until it is done. */
void h2_start(struct h2_client *c, struct h2_call *call);
/* Sends and receives until all calls are done, the connection ends or nothing happens for ten seconds (false). */
bool h2_run(struct h2_client *c);
/* Sends what is queued and takes what is there, without waiting. */
void h2_step(struct h2_client *c, int wait_ms);
/* A field of headers or trailers; empty when absent. */
struct str h2_field(const struct h2_call *call, const char *name);
void h2_release(struct h2_call *call);

/* One call on a connection of its own. */
void h2_once(int port, struct h2_call *call);

#endif
