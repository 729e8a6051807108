/* stats.h - what a run counts, and how long answers took. */
#ifndef LOAD_STATS_H
#define LOAD_STATS_H

#include <stdint.h>

/* Log-linear: 32 steps an octave of nanoseconds, so that a percentile is at most 3 % off; 64 octaves are all. */
enum { LOAD_STEPS = 32, LOAD_BUCKETS = 64 * LOAD_STEPS };

struct load_latency {
    uint64_t counts[LOAD_BUCKETS];
    uint64_t total, max_ns;
};

void load_latency_add(struct load_latency *l, uint64_t ns);
/* fraction of 0 to 1; 0 when nothing was added. */
uint64_t load_latency_at(const struct load_latency *l, double fraction);

struct load_result {
    uint64_t sent_spans;         /* given to the server at least once */
    uint64_t acknowledged_spans; /* the server said that it has them */
    uint64_t rejected_spans;     /* refused one by one: partial success */
    uint64_t failed_spans;       /* refused as a whole, given up, or without an answer */
    uint64_t retried_spans;      /* sent again, counted each time */
    uint64_t sent_requests, acknowledged_requests, failed_requests, retried_requests;
    uint64_t sent_bytes; /* bodies, retries included */
    uint64_t seed;
    uint64_t elapsed_ns; /* first request to last answer */
    double own_cpu_s;    /* of this process, in that time */
    double
        server_cpu_s; /* of the process asked for, until it was idle again; negative = nobody asked */
    struct load_latency latency; /* of acknowledged requests: last sending to answer */
    char failure[200];           /* what the first failure was; empty = none */
};

/* User and system time of a process until now, from /proc; negative when there is none. */
double load_cpu_of(uint64_t pid);
double load_cpu_own(void);
/* Waits until that time stands still for half a second (at most a minute): what a server put off is its work too. */
double load_cpu_when_idle(uint64_t pid);

#endif
