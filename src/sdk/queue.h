/* queue.h - the batch processor: rings of many threads, one drainer thread, one exporter.
 *
 * Writers count what they add in steps (`publish_every`), so that the shared counter is not a bottleneck, and one by one
 * when the queue is three quarters full; the bound of spans_max may be passed by a step less one for a thread that sleeps. A queue is never freed: a writer may hold it at
 * any time. Its number is given back when it has closed. */
#ifndef SDK_QUEUE_H
#define SDK_QUEUE_H

#include <pthread.h>

#include <cairn/sdk.h>

#include "sdk/exporter.h"
#include "sdk/resource.h"
#include "sdk/ring.h"

enum queue_state { QUEUE_OPEN, QUEUE_CLOSING, QUEUE_CLOSED };

struct queue {
    /* read by writers */
    uint32_t number; /* < QUEUES_MAX */
    uint32_t spans_max, batch_max, publish_every;
    int64_t spans_dense; /* from here on every span is counted at once */
    uint64_t ring_bytes;
    _Atomic int state; /* enum queue_state */
    _Atomic bool drainer_runs;
    _Alignas(64) _Atomic int64_t queued; /* spans, may be a few steps off */
    /* the drainer's sleep: a futex word and whether it sleeps on it */
    _Alignas(64) _Atomic uint32_t wake;
    _Atomic uint32_t sleeping;
    /* set once */
    uint32_t delay_ms, export_timeout_ms;
    cairn_exporter *exporter; /* holds a reference until closed */
    cairn_resource *resource; /* borrowed from the SDK, which is never freed */
    struct queue *next;       /* of all queues */
    _Atomic(struct ring *) rings;
    /* under the mutex */
    pthread_mutex_t mutex;
    pthread_cond_t changed; /* flushes_done, state or drainer_runs */
    uint64_t flushes_wanted, flushes_done;
    cairn_status flush_status;
    uint64_t close_deadline_ns; /* monotonic; UINT64_MAX while open */
    /* counters */
    struct export_counts counts;
    _Atomic uint64_t lost_shutdown, lost_memory;
    _Atomic uint64_t submitted;      /* given to the exporter */
    _Atomic uint64_t folded_dropped; /* of rings that were given back */
};

/* Takes the exporter over, also on failure (NULL: no memory, or QUEUES_MAX live ones). */
struct queue *queue_new(cairn_exporter *exporter, const struct cairn_batch_options *options);
/* Before the first push. */
void queue_set_resource(struct queue *queue, cairn_resource *resource);

/* Hands an ended span over, with its items where they have memory of their own; nobody else may look at them. What is
 * lost is counted. */
void queue_push(struct queue *queue, struct thread *thread, struct slot *slot, uint64_t end_ns);
/* The same where other processors still need the items. */
void queue_push_copy(struct queue *queue, struct thread *thread, struct slot *slot,
                     uint64_t end_ns);

/* Asks for a flush; *ticket is what to wait for, 0 for nothing. CAIRN_ERROR_CLOSED. */
cairn_status queue_flush_begin(struct queue *queue, uint64_t *ticket);
cairn_status queue_flush_wait(struct queue *queue, uint64_t ticket, uint64_t deadline_ns);

/* Begins to close. True: wait for it. False: *ret says why not, or (CAIRN_OK) no span ever came, so that there is no
 * drainer and queue_close_unused does it. */
bool queue_shutdown_begin(struct queue *queue, uint64_t deadline_ns, cairn_status *ret);
cairn_status queue_shutdown_wait(struct queue *queue, uint64_t deadline_ns);
bool queue_is_closing_unused(struct queue *queue);
cairn_status queue_close_unused(struct queue *queue, uint32_t timeout_ms);
/* All of it. */
cairn_status queue_shutdown(struct queue *queue, uint32_t timeout_ms);

/* Adds this queue's counters to *ret. */
void queue_stats(struct queue *queue, struct cairn_stats *ret);

/* All queues, for fork(). */
void queues_before_fork(void);
void queues_after_fork(bool in_child);

/* Called by the drainer when the queue has closed. Takes a lock: not under the queue's mutex. */
void queue_number_free(struct queue *queue);

/* The drainer (drain.c). */
bool drain_start(struct queue *queue); /* mutex held */
void drain_wake(struct queue *queue);

#endif
