/* queue.c - the batch processor's side of the traced threads: pushing, flushing, closing. */
#define CAIRN_NO_INLINE
#include "sdk/queue.h"

#include <cairn/sdk.h>

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/deadline.h"
#include "tracer/diag.h"

enum {
    RING_BYTES_MIN = 64 * 1024,
    RING_BYTES_MAX = 16 * 1024 * 1024,
    SPAN_BYTES_GUESS = 512, /* for the size of a ring */
};

static pthread_mutex_t list_mutex = PTHREAD_MUTEX_INITIALIZER; /* guards these */
static struct queue *queues;
static struct ring *spare_rings; /* lent to nobody, of no thread */
static uint32_t numbers_used;    /* bit n: number n is taken */

static uint32_t either(uint32_t given, uint32_t otherwise)
{
    return given ? given : otherwise;
}

static bool number_take(uint32_t *ret)
{
    for (uint32_t n = 0; n < QUEUES_MAX; n++) {
        if (!(numbers_used & 1u << n)) {
            numbers_used |= 1u << n;
            *ret = n;
            return true;
        }
    }
    return false;
}

static void set_sizes(struct queue *q, const struct cairn_batch_options *o)
{
    q->spans_max = either(o->queue_spans_max, 2048);
    q->batch_max = either(o->batch_spans_max, 512);
    if (q->batch_max > q->spans_max)
        q->batch_max = q->spans_max;
    q->delay_ms = either(o->schedule_delay_ms, 5000);
    q->export_timeout_ms = either(o->export_timeout_ms, 30000);
    q->publish_every = q->batch_max / 32;
    if (q->publish_every > 16)
        q->publish_every = 16;
    if (q->publish_every == 0)
        q->publish_every = 1;
    q->spans_dense = q->spans_max - q->spans_max / 4;
    q->ring_bytes = RING_BYTES_MIN;
    while (q->ring_bytes < (uint64_t)q->spans_max * SPAN_BYTES_GUESS &&
           q->ring_bytes < RING_BYTES_MAX)
        q->ring_bytes *= 2;
}

struct queue *queue_new(cairn_exporter *exporter, const struct cairn_batch_options *options)
{
    struct queue *q = exporter ? aligned_alloc(64, sizeof *q) : NULL;
    bool numbered;
    if (!q) {
        cairn_exporter_unref(exporter);
        return NULL;
    }
    memset(q, 0, sizeof *q);
    set_sizes(q, options);
    q->exporter = exporter;
    q->close_deadline_ns = UINT64_MAX;
    pthread_mutex_init(&q->mutex, NULL);
    monotonic_cond_init(&q->changed);
    pthread_mutex_lock(&list_mutex);
    numbered = number_take(&q->number);
    if (numbered) {
        q->next = queues;
        queues = q;
    }
    pthread_mutex_unlock(&list_mutex);
    if (!numbered) {
        diag_error("more than %d batch processors at once", QUEUES_MAX);
        cairn_exporter_unref(exporter);
        free(q);
        return NULL;
    }
    return q;
}

void queue_set_resource(struct queue *q, cairn_resource *resource)
{
    q->resource = resource;
}

/* ---- Pushing ---- */

/* Puts a ring that its thread cannot use away for others and takes one of the right size back, or a new one. */
static struct ring *ring_exchange(struct ring *unfit, uint64_t bytes)
{
    struct ring **at, *found;
    pthread_mutex_lock(&list_mutex);
    if (unfit) {
        unfit->next = spare_rings;
        spare_rings = unfit;
    }
    at = &spare_rings;
    while (*at && ((*at)->bytes != bytes || atomic_load(&(*at)->queue)))
        at = &(*at)->next;
    found = *at;
    if (found)
        *at = found->next;
    pthread_mutex_unlock(&list_mutex);
    return found ? found : ring_new(bytes);
}

/* A ring for this thread and queue. That of a closed queue of the same number will do, unless it has another size or its
 * queue has not come to an end yet. */
static __attribute__((noinline)) struct ring *ring_for(struct queue *q, struct thread *thread)
{
    struct ring *r = thread->rings[q->number], *head;
    int saved = errno;
    if (!r || r->bytes != q->ring_bytes || atomic_load(&r->queue))
        r = ring_exchange(r && !atomic_load(&r->queue) ? r : NULL, q->ring_bytes);
    errno = saved;
    if (!r)
        return NULL;
    ring_reset(r);
    atomic_store(&r->queue, q);
    thread->rings[q->number] = r;
    head = atomic_load(&q->rings);
    do
        r->next = head;
    while (!atomic_compare_exchange_weak(&q->rings, &head, r));
    return r;
}

static __attribute__((noinline)) void start_drainer(struct queue *q)
{
    if (atomic_load(&q->state) == QUEUE_CLOSED)
        return; /* fork() does not look after its mutex any more */
    pthread_mutex_lock(&q->mutex);
    if (!atomic_load(&q->drainer_runs) && atomic_load(&q->state) == QUEUE_OPEN)
        drain_start(q);
    pthread_mutex_unlock(&q->mutex);
}

/* Counts the span into the queue, in steps (one by one when the bound is near, so that many threads keep to it), and wakes the drainer for a full batch. */
static inline void publish(struct queue *q, struct ring *r, int64_t known)
{
    int64_t queued;
    if (++r->unpublished < q->publish_every && known < q->spans_dense)
        return;
    queued = atomic_fetch_add(&q->queued, r->unpublished) + r->unpublished;
    r->unpublished = 0;
    if (queued >= q->batch_max && atomic_load(&q->sleeping))
        drain_wake(q);
}

void queue_push(struct queue *q, struct thread *thread, struct slot *slot, uint64_t end_ns)
{
    struct ring *r;
    int64_t queued;
    if (__builtin_expect(!atomic_load_explicit(&q->drainer_runs, memory_order_relaxed), 0))
        start_drainer(q);
    if (__builtin_expect(atomic_load_explicit(&q->state, memory_order_relaxed) != QUEUE_OPEN, 0)) {
        atomic_fetch_add(&q->lost_shutdown, 1);
        return;
    }
    r = thread ? thread->rings[q->number] : NULL;
    if (__builtin_expect(!r || atomic_load_explicit(&r->queue, memory_order_relaxed) != q, 0))
        r = thread ? ring_for(q, thread) : NULL;
    if (!r) {
        atomic_fetch_add(&q->lost_memory, 1);
        return;
    }
    queued = atomic_load_explicit(&q->queued, memory_order_relaxed);
    text_ref(slot->head.trace_state); /* the record's own; the span may still be a parent */
    if (queued + r->unpublished >= q->spans_max || !ring_push(r, slot, end_ns)) {
        text_unref(slot->head.trace_state);
        thread_count(&r->dropped);
        return;
    }
    slot->data = slot->inline_data; /* items of their own belong to the record now */
    publish(q, r, queued);
}

void queue_push_copy(struct queue *q, struct thread *thread, struct slot *slot, uint64_t end_ns)
{
    unsigned char *items = slot->data, *copy = slot->inline_data;
    if (items != slot->inline_data) {
        copy = malloc(slot->head.data_n);
        if (!copy) {
            atomic_fetch_add(&q->lost_memory, 1);
            return;
        }
        memcpy(copy, items, slot->head.data_n);
        slot->data = copy;
    }
    queue_push(q, thread, slot, end_ns);
    if (copy != slot->inline_data && slot->data == copy)
        free(copy); /* it was not taken */
    slot->data = items;
}

/* ---- Flushing and closing ---- */

cairn_status queue_flush_begin(struct queue *q, uint64_t *ticket)
{
    cairn_status status = CAIRN_OK;
    *ticket = 0;
    pthread_mutex_lock(&q->mutex);
    if (atomic_load(&q->state) != QUEUE_OPEN) {
        status = CAIRN_ERROR_CLOSED;
    } else if (atomic_load(&q->drainer_runs)) { /* else nothing was ever pushed */
        *ticket = ++q->flushes_wanted;
        drain_wake(q);
    }
    pthread_mutex_unlock(&q->mutex);
    return status;
}

cairn_status queue_flush_wait(struct queue *q, uint64_t ticket, uint64_t deadline)
{
    cairn_status status = CAIRN_OK;
    pthread_mutex_lock(&q->mutex);
    while (q->flushes_done < ticket && status == CAIRN_OK) {
        if (monotonic_cond_wait(&q->changed, &q->mutex, deadline) == ETIMEDOUT)
            status = q->flushes_done < ticket ? CAIRN_ERROR_TIMEOUT : CAIRN_OK;
    }
    if (status == CAIRN_OK)
        status = q->flush_status;
    pthread_mutex_unlock(&q->mutex);
    return status;
}

cairn_status queue_close_unused(struct queue *q, uint32_t timeout_ms)
{
    cairn_exporter *exporter;
    cairn_status status;
    pthread_mutex_lock(&q->mutex);
    exporter = q->exporter;
    q->exporter = NULL;
    atomic_store(&q->state, QUEUE_CLOSED);
    pthread_mutex_unlock(&q->mutex);
    status = exporter_shutdown(exporter, timeout_ms);
    cairn_exporter_unref(exporter);
    queue_number_free(q);
    return status;
}

bool queue_is_closing_unused(struct queue *q)
{
    bool unused;
    pthread_mutex_lock(&q->mutex);
    unused = atomic_load(&q->state) == QUEUE_CLOSING && !atomic_load(&q->drainer_runs);
    pthread_mutex_unlock(&q->mutex);
    return unused;
}

bool queue_shutdown_begin(struct queue *q, uint64_t deadline, cairn_status *ret)
{
    bool runs;
    *ret = CAIRN_OK;
    pthread_mutex_lock(&q->mutex);
    if (atomic_load(&q->state) != QUEUE_OPEN) {
        pthread_mutex_unlock(&q->mutex);
        *ret = CAIRN_ERROR_CLOSED;
        return false;
    }
    runs = atomic_load(&q->drainer_runs);
    q->close_deadline_ns = deadline;
    atomic_store(&q->state, QUEUE_CLOSING);
    if (runs)
        drain_wake(q);
    pthread_mutex_unlock(&q->mutex);
    return runs;
}

cairn_status queue_shutdown_wait(struct queue *q, uint64_t deadline)
{
    cairn_exporter *exporter;
    cairn_status status;
    pthread_mutex_lock(&q->mutex);
    while (atomic_load(&q->state) != QUEUE_CLOSED) {
        if (monotonic_cond_wait(&q->changed, &q->mutex, deadline) != ETIMEDOUT ||
            atomic_load(&q->state) == QUEUE_CLOSED)
            continue;
        exporter = cairn_exporter_ref(q->exporter); /* NULL when it is gone already */
        pthread_mutex_unlock(&q->mutex);
        if (exporter)
            exporter_interrupt(exporter);
        cairn_exporter_unref(exporter);
        return CAIRN_ERROR_TIMEOUT;
    }
    status = q->flush_status;
    pthread_mutex_unlock(&q->mutex);
    return status;
}

cairn_status queue_shutdown(struct queue *q, uint32_t timeout_ms)
{
    uint64_t deadline = deadline_after_ms(timeout_ms);
    cairn_status status;
    if (queue_shutdown_begin(q, deadline, &status))
        return queue_shutdown_wait(q, deadline);
    return status == CAIRN_OK ? queue_close_unused(q, timeout_ms) : status;
}

void queue_stats(struct queue *q, struct cairn_stats *ret)
{
    uint64_t dropped = atomic_load(&q->folded_dropped);
    for (struct ring *r = atomic_load(&q->rings); r; r = r->next)
        dropped += atomic_load_explicit(&r->dropped, memory_order_relaxed);
    ret->exported += atomic_load(&q->counts.exported);
    ret->lost_export += atomic_load(&q->counts.lost);
    ret->lost_queue_full += dropped;
    ret->lost_shutdown += atomic_load(&q->lost_shutdown);
    ret->lost_memory += atomic_load(&q->lost_memory);
}

/* ---- fork() ---- */

/* A closed queue has nothing to save, and never changes again: the answer is the same before and after. */
static bool is_over(struct queue *q)
{
    return atomic_load(&q->state) == QUEUE_CLOSED;
}

void queues_before_fork(void)
{
    pthread_mutex_lock(&list_mutex);
    for (struct queue *q = queues; q; q = q->next) {
        if (!is_over(q))
            pthread_mutex_lock(&q->mutex);
    }
}

/* What was waiting belongs to the parent; the child begins with empty rings and no drainer. */
static void start_over(struct queue *q)
{
    monotonic_cond_init(&q->changed); /* its waiters are not here */
    for (struct ring *r = atomic_load(&q->rings); r; r = r->next)
        ring_reset(r);
    atomic_store(&q->queued, 0);
    atomic_store(&q->sleeping, 0);
    atomic_store(&q->drainer_runs, false);
    q->flushes_done = q->flushes_wanted;
    if (atomic_load(&q->state) == QUEUE_CLOSING)
        atomic_store(&q->state, QUEUE_CLOSED);
    if (q->exporter) /* what is under way is the parent's */
        atomic_store(&q->exporter->card->stats.inflight, 0);
    resource_after_fork(q->resource);
}

/* The thread that forked holds the locks, in the child too. */
void queues_after_fork(bool in_child)
{
    for (struct queue *q = queues; q; q = q->next) {
        if (is_over(q))
            continue;
        if (in_child)
            start_over(q);
        pthread_mutex_unlock(&q->mutex);
    }
    pthread_mutex_unlock(&list_mutex);
}

void queue_number_free(struct queue *q)
{
    pthread_mutex_lock(&list_mutex);
    numbers_used &= ~(1u << q->number);
    pthread_mutex_unlock(&list_mutex);
}
