/* run.h - a whole run: requests made, sent or written, retried, counted. */
#ifndef LOAD_RUN_H
#define LOAD_RUN_H

#include <signal.h>
#include <stdio.h>

#include "load/sender.h"
#include "load/stats.h"

struct load_run_options {
    struct load_gen_options gen; /* gen.spans 0 = until the duration is over */
    uint64_t duration_ns;        /* 0 = until the spans are sent */
    double rate;                 /* spans a second; 0 = as fast as the server takes them */
    bool prepare;                /* make all requests before the clock starts; needs gen.spans */
    bool gzip;

    struct load_target target;
    unsigned connections, in_flight;
    const char *const *headers;
    unsigned header_count;
    uint64_t timeout_ms; /* of one try */
    uint64_t retry_ms;   /* of all tries of a request; 0 = one try */

    FILE *out;                     /* write the requests here instead of sending; borrowed */
    enum load_protocol out_format; /* of what is written */
    FILE *ids; /* "TRACEID<tab>SPANS" for each trace of each acknowledged request; borrowed */
    uint64_t server_pid; /* measure its CPU; 0 = none */

    const volatile sig_atomic_t *stop; /* not 0: end now, with the result so far; NULL = never */
    /* Called a few times a second. */
    void (*progress)(const struct load_result *so_far, void *user);
    void *user;
};

/* 0 when the run came to its end, whatever was acknowledged. ERR_CANCELLED after a stop; ERR_IO when the server is away
 * or goes away, or a file cannot be written. ret has the result so far in any case. */
int load_run(const struct load_run_options *options, struct load_result *ret, struct err *err);

#endif
