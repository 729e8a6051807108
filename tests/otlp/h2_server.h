/* h2_server.h - an HTTP/2 server in the test's own process that answers as a script says, in clear text or over TLS. */
#ifndef TESTS_OTLP_H2_SERVER_H
#define TESTS_OTLP_H2_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

enum { H2_ANSWERS_MAX = 8, H2_BODY_MAX = 1 << 20, H2_FIELDS_MAX = 4 };

enum h2_how {
    H2_ANSWER,  /* as the other members say */
    H2_RESET,   /* RST_STREAM with `error` */
    H2_GOAWAY,  /* GOAWAY with `error`, the stream is not processed */
    H2_CLOSE,   /* the connection, without a word */
    H2_GARBAGE, /* bytes that are not HTTP/2 */
    H2_STALL,   /* nothing, until the server stops */
    H2_LAST,    /* as H2_ANSWER; the connection is closed behind it */
};

struct h2_field {
    const char *name, *value;
};

struct h2_answer {
    enum h2_how how;
    const char *status; /* NULL = "200" */
    struct h2_field headers[H2_FIELDS_MAX];
    struct h2_field trailers[H2_FIELDS_MAX]; /* none: the headers or the body end the stream */
    struct str body;
    uint32_t error;
};

/* The request that came last, and sums. Read them when the client has its answer. */
struct h2_seen {
    char path[256], headers[2048]; /* "name: value\n" each */
    unsigned char body[H2_BODY_MAX];
    size_t body_n;
    unsigned requests, connections;
};

struct h2_options {
    const char *cert_file, *key_file; /* NULL: clear text */
    const char *client_ca_file;       /* clients must have a certificate of this authority */
};

/* Request n gets answers[n], later ones `otherwise`. One server at a time. Returns the port. */
uint16_t h2_server_start(const struct h2_options *options, const struct h2_answer *answers,
                         size_t count, struct h2_answer otherwise);
struct h2_seen *h2_server_seen(void);
void h2_server_stop(void);

#endif
