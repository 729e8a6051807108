/* jaeger_fetch.h - one HTTP GET that another thread may end at any time. */
#ifndef OTLP_JAEGER_FETCH_H
#define OTLP_JAEGER_FETCH_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

enum { FETCH_SOCKETS_MAX = 8, FETCH_WHY_BYTES = 128 };

/* Zeroed, with the mutex set. */
struct fetch {
    pthread_mutex_t *mutex; /* guards multi; not held while waiting */
    void *multi;            /* CURLM, while a transfer is under way */
    atomic_bool stop;
    atomic_int sockets[FETCH_SOCKETS_MAX]; /* open ones, plus 1; 0 = none */
};

/* The answer's body in *body, whose maximum holds, when the status is 200. Otherwise false, with a few words in why. */
bool fetch_get(struct fetch *f, const char *url, uint32_t timeout_ms, struct buf *body,
               char why[FETCH_WHY_BYTES]);

/* A running fetch_get ends soon, later ones at once. The mutex is held. */
void fetch_interrupt(struct fetch *f);

/* In a forked child: the parent's connection is not shut down from here, only closed. */
void fetch_after_fork(struct fetch *f);

#endif
