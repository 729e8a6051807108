/* sender.h - takes requests to a server and brings answers back; what the answer means is decided here, what to do
 * about it in run.c. One thread, never blocks but in step. */
#ifndef LOAD_SENDER_H
#define LOAD_SENDER_H

#include "load/request.h"
#include "load/target.h"

/* A request on its way. The slots are run.c's; senders see those that were submitted. */
struct load_call {
    struct load_request request;
    unsigned slot; /* its number, below load_sender_options.in_flight */
    unsigned attempt;
    enum { CALL_FREE, CALL_SENT, CALL_WAITS } state;
    uint64_t first_ns, sent_ns, due_ns; /* monotonic; due: when a waiting one is sent again */
};

enum load_outcome {
    LOAD_ACKNOWLEDGED,
    LOAD_REFUSED, /* for good */
    LOAD_TRY_AGAIN,
    LOAD_UNREACHED, /* no answer: no connection, or it broke; try again */
};

struct load_answer {
    enum load_outcome outcome;
    uint64_t rejected_spans; /* partial success */
    int64_t delay_ms;        /* the server's wish before the next try; -1 = none */
    char msg[200];
};

typedef void load_answered(void *user, struct load_call *call, const struct load_answer *answer);

enum { LOAD_CONNECTIONS_MAX = 256, LOAD_IN_FLIGHT_MAX = 4096 };

struct load_sender_options {
    const struct load_target *target;
    unsigned connections, in_flight; /* at least 1 each, in_flight in all */
    bool gzip;
    const char *const *headers; /* "Name: value" or "name=value" */
    unsigned header_count;
    uint64_t timeout_ms;     /* of one request */
    load_answered *answered; /* from step only, once for each call submitted */
    void *user;
};

struct load_sender {
    /* Starts sending; the call and its body must stay until it was answered. ERR_NOMEM. */
    int (*submit)(struct load_sender *s, struct load_call *call);
    /* Sends and receives for at most this long; returns early when something was answered. */
    int (*step)(struct load_sender *s, int timeout_ms);
    void (*free)(struct load_sender *s);
    unsigned in_flight_max;
};

/* Return owned, or NULL when out of memory. */
struct load_sender *load_grpc_new(const struct load_sender_options *o);
struct load_sender *load_http_new(const struct load_sender_options *o);

/* Cuts "Name: value" or "name=value"; false when it is neither. */
bool load_header_split(const char *text, struct str *name, struct str *value);

/* The answer to these replies, by OTLP's rules. details: google.rpc.Status, maybe empty. */
void load_answer_grpc(int status, struct str message, struct str details, struct str reply,
                      struct load_answer *ret);
/* retry_after_s: 0 = the server did not say. */
void load_answer_http(long status, uint64_t retry_after_s, struct str reply, bool json,
                      struct load_answer *ret);

#endif
