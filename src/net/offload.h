/* offload.h - a few threads for work that would hold up a loop, behind a queue with a maximum. */
#ifndef NET_OFFLOAD_H
#define NET_OFFLOAD_H

#include <stdbool.h>

struct http_exchange;
struct offload;

enum { OFFLOAD_QUEUE_MAX = 256 };

/* Starts the threads. NULL when the system gives none. */
struct offload *offload_new(unsigned threads);
/* Any thread: queues x->work, or answers false when the queue is full or closed. */
bool offload_push(struct offload *o, struct http_exchange *x);
/* Runs what is queued to its end, then ends the threads. Nothing is taken any more. */
void offload_close(struct offload *o);
void offload_free(struct offload *o);

#endif
