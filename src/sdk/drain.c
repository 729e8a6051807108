/* drain.c - the batch processor's own thread: sleep, collect from the rings, export, report losses.
 *
 * It exports when a full batch waits, when the delay since the last export is over, when a flush is wanted and when the
 * queue closes. It is started by the first span (and again in a forked child), with all signals blocked. */
#define CAIRN_NO_INLINE
#include <cairn/sdk.h>

#include <errno.h>
#include <inttypes.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/deadline.h"
#include "sdk/queue.h"
#include "sdk/record.h"
#include "tracer/diag.h"

enum {
    STACK_BYTES = 512 * 1024, /* TLS handshakes run on it */
    ARENA_KEEP_BYTES = 4 * 1024 * 1024,
    REPORT_EVERY_MS = 5000,
};

/* What a collected span holds besides the arena. */
struct held {
    void *items; /* NULL or from malloc */
    struct text *state;
};

struct drainer {
    struct queue *q;
    struct arena arena; /* of the batch at hand */
    struct span *spans, *sorted;
    struct held *held;
    size_t count;
    uint64_t next_export_ns;
    uint64_t reported_lost, next_report_ns;
    uint64_t limited, reported_limited; /* spans that limits left something out of */
};

/* ---- Sleeping ---- */

void drain_wake(struct queue *q)
{
    atomic_fetch_add(&q->wake, 1);
    atomic_store(&q->sleeping, 0);
    syscall(SYS_futex, &q->wake, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static bool flush_wanted(struct queue *q)
{
    bool wanted;
    pthread_mutex_lock(&q->mutex);
    wanted = q->flushes_wanted != q->flushes_done;
    pthread_mutex_unlock(&q->mutex);
    return wanted;
}

static bool has_work(struct drainer *d)
{
    return atomic_load(&d->q->queued) >= d->q->batch_max ||
           atomic_load(&d->q->state) != QUEUE_OPEN || flush_wanted(d->q) ||
           clock_monotonic_ns() >= d->next_export_ns;
}

/* The flag is raised before the last look: a writer either sees it or is seen. */
static void sleep_until_work(struct drainer *d)
{
    struct timespec until = deadline_timespec(d->next_export_ns);
    for (;;) {
        uint32_t wake = atomic_load(&d->q->wake);
        atomic_store(&d->q->sleeping, 1);
        if (has_work(d))
            break;
        syscall(SYS_futex, &d->q->wake, FUTEX_WAIT_BITSET_PRIVATE, wake, &until, NULL,
                FUTEX_BITSET_MATCH_ANY);
    }
    atomic_store(&d->q->sleeping, 0);
}

/* ---- Collecting ---- */

/* Sets each ring's goal to what it holds now and answers the sum. */
static uint64_t set_goals(struct queue *q)
{
    uint64_t sum = 0;
    for (struct ring *r = atomic_load(&q->rings); r; r = r->next) {
        r->goal = atomic_load_explicit(&r->pushed, memory_order_acquire);
        sum += r->goal - r->popped;
    }
    return sum;
}

/* Reads one record into the next place. A span that does not fit the memory is counted and left out. */
static void take(struct drainer *d, struct ring *r)
{
    const struct record *rec = ring_peek(r);
    struct held *held = &d->held[d->count];
    struct span_head head;
    const unsigned char *items = (const unsigned char *)(rec + 1) + sizeof head;
    unsigned char *copy;
    memcpy(&head, rec + 1, sizeof head);
    *held = (struct held){NULL, head.trace_state};
    if (rec->kind == RECORD_HEAP) {
        memcpy(&held->items, items, sizeof held->items);
        copy = held->items;
    } else {
        copy = arena_alloc(&d->arena, head.data_n);
        if (copy)
            memcpy(copy, items, head.data_n);
    }
    ring_pop_done(r, rec);
    d->limited += (head.dropped_attributes | head.dropped_events | head.dropped_links) != 0;
    if (copy && record_read(&head, copy, &d->arena, &d->spans[d->count]) == 0) {
        d->spans[d->count++].resource = &d->q->resource->resource;
        return;
    }
    atomic_fetch_add(&d->q->lost_memory, 1);
    free(held->items);
    text_unref(held->state);
}

/* Up to a batch from the rings, as far as their goals go. Answers how many records were taken. */
static size_t collect(struct drainer *d)
{
    size_t taken = 0;
    d->count = 0;
    for (struct ring *r = atomic_load(&d->q->rings); r; r = r->next) {
        while (r->popped < r->goal && d->count < d->q->batch_max) {
            take(d, r);
            taken++;
        }
    }
    atomic_fetch_sub(&d->q->queued, (int64_t)taken);
    return taken;
}

static bool one_scope(const struct drainer *d)
{
    for (size_t i = 1; i < d->count; i++) {
        if (d->spans[i].scope != d->spans[0].scope)
            return false;
    }
    return true;
}

/* Spans of one scope stand together in a batch; scopes are few. */
static struct span *sort_by_scope(struct drainer *d)
{
    size_t n = 0;
    if (one_scope(d))
        return d->spans;
    for (size_t i = 0; i < d->count; i++) {
        const struct scope *scope = d->spans[i].scope;
        if (!scope)
            continue;
        for (size_t j = i; j < d->count; j++) {
            if (d->spans[j].scope != scope)
                continue;
            d->sorted[n++] = d->spans[j];
            if (j != i)
                d->spans[j].scope = NULL; /* done */
        }
    }
    return d->sorted;
}

static void let_go(struct drainer *d)
{
    for (size_t i = 0; i < d->count; i++) {
        free(d->held[i].items);
        text_unref(d->held[i].state);
    }
    d->count = 0;
    if (d->arena.held_bytes > ARENA_KEEP_BYTES)
        arena_release(&d->arena);
    else
        arena_reset(&d->arena);
}

/* ---- Exporting ---- */

static uint64_t close_deadline(struct queue *q)
{
    uint64_t deadline;
    pthread_mutex_lock(&q->mutex);
    deadline = q->close_deadline_ns;
    pthread_mutex_unlock(&q->mutex);
    return deadline;
}

static cairn_status export_batch(struct drainer *d)
{
    struct queue *q = d->q;
    uint32_t timeout_ms = q->export_timeout_ms, left = deadline_left_ms(close_deadline(q));
    cairn_status status;
    if (left == 0) {
        atomic_fetch_add(&q->lost_shutdown, d->count);
        return CAIRN_ERROR_TIMEOUT;
    }
    if (left < timeout_ms)
        timeout_ms = left;
    atomic_fetch_add(&q->submitted, d->count);
    status = exporter_export(q->exporter, sort_by_scope(d), d->count, timeout_ms, &q->counts);
    d->next_export_ns = deadline_after_ms(q->delay_ms);
    return status;
}

/* Exports what waits: all of it, or full batches only. The first failure is answered. */
static cairn_status drain(struct drainer *d, bool all)
{
    cairn_status status = CAIRN_OK, one;
    uint64_t waiting = set_goals(d->q);
    while (waiting >= (all ? 1 : d->q->batch_max)) {
        waiting -= collect(d);
        one = d->count ? export_batch(d) : CAIRN_OK;
        if (status == CAIRN_OK)
            status = one;
        let_go(d);
    }
    return status;
}

/* One line for all that was lost since the last one. */
static void report_limited(struct drainer *d)
{
    diag_warn("limits left attributes, events or links out of %" PRIu64 " spans so far",
              d->limited);
    d->reported_limited = d->limited;
}

static void report_losses(struct drainer *d, bool at_last)
{
    struct cairn_stats s = {.size = sizeof s};
    uint64_t lost, now = clock_monotonic_ns();
    if (now < d->next_report_ns && !at_last)
        return;
    if (d->limited != d->reported_limited) {
        report_limited(d);
        d->next_report_ns = now + (uint64_t)REPORT_EVERY_MS * 1000000u;
    }
    queue_stats(d->q, &s);
    lost = s.lost_queue_full + s.lost_export + s.lost_memory + s.lost_shutdown;
    if (lost == d->reported_lost)
        return;
    diag_warn("%" PRIu64 " spans lost so far: %" PRIu64 " queue full, %" PRIu64
              " export failed, %" PRIu64 " out of memory, %" PRIu64 " after shutdown",
              lost, s.lost_queue_full, s.lost_export, s.lost_memory, s.lost_shutdown);
    d->reported_lost = lost;
    d->next_report_ns = now + (uint64_t)REPORT_EVERY_MS * 1000000u;
}

static void flush(struct drainer *d)
{
    struct queue *q = d->q;
    uint64_t ticket;
    cairn_status status, forced;
    pthread_mutex_lock(&q->mutex);
    ticket = q->flushes_wanted;
    pthread_mutex_unlock(&q->mutex);
    status = drain(d, true);
    forced = exporter_flush(q->exporter, q->export_timeout_ms);
    pthread_mutex_lock(&q->mutex);
    q->flushes_done = ticket;
    q->flush_status = status == CAIRN_OK ? forced : status;
    pthread_cond_broadcast(&q->changed);
    pthread_mutex_unlock(&q->mutex);
}

/* Gives rings and exporter back. What writers still push at this moment is lost. */
static void close_queue(struct drainer *d)
{
    struct queue *q = d->q;
    cairn_status status = drain(d, true), flushed, closed;
    uint64_t dropped = 0;
    cairn_exporter *exporter = q->exporter;
    flushed = exporter_flush(exporter, deadline_left_ms(close_deadline(q)));
    closed = exporter_shutdown(exporter, deadline_left_ms(close_deadline(q)));
    report_losses(d, true);
    for (struct ring *r = atomic_exchange(&q->rings, NULL), *next; r; r = next) {
        next = r->next;
        dropped += atomic_load(&r->dropped);
        ring_forget(r);
        atomic_store(&r->queue, NULL); /* from here on its thread may lend it again */
    }
    atomic_fetch_add(&q->folded_dropped, dropped);
    pthread_mutex_lock(&q->mutex);
    q->exporter = NULL; /* nobody interrupts it from here on */
    pthread_mutex_unlock(&q->mutex);
    cairn_exporter_unref(exporter);
    queue_number_free(q);
    pthread_mutex_lock(&q->mutex);
    if (status == CAIRN_OK)
        status = flushed;
    q->flush_status = status == CAIRN_OK ? closed : status;
    q->flushes_done = q->flushes_wanted;
    atomic_store(&q->state, QUEUE_CLOSED);
    pthread_cond_broadcast(&q->changed);
    pthread_mutex_unlock(&q->mutex);
}

static void drainer_free(struct drainer *d)
{
    if (!d)
        return;
    arena_release(&d->arena);
    free(d->spans);
    free(d->sorted);
    free(d->held);
    free(d);
}

static void *drainer_main(void *arg)
{
    struct drainer *d = arg;
    prctl(PR_SET_NAME, "cairn-export");
    while (atomic_load(&d->q->state) == QUEUE_OPEN) {
        bool due;
        sleep_until_work(d);
        if (flush_wanted(d->q)) {
            flush(d);
        } else {
            due = clock_monotonic_ns() >= d->next_export_ns;
            drain(d, due);
            if (due)
                d->next_export_ns = deadline_after_ms(d->q->delay_ms);
        }
        report_losses(d, false);
    }
    close_queue(d);
    drainer_free(d);
    return NULL;
}

static struct drainer *drainer_new(struct queue *q)
{
    struct drainer *d = calloc(1, sizeof *d);
    if (!d)
        return NULL;
    d->q = q;
    arena_init(&d->arena, 0);
    d->spans = calloc(q->batch_max, sizeof *d->spans);
    d->sorted = calloc(q->batch_max, sizeof *d->sorted);
    d->held = calloc(q->batch_max, sizeof *d->held);
    d->next_export_ns = deadline_after_ms(q->delay_ms);
    if (!d->spans || !d->sorted || !d->held) {
        drainer_free(d);
        return NULL;
    }
    return d;
}

static int spawn(struct drainer *d)
{
    pthread_attr_t attr;
    pthread_t thread;
    sigset_t all, old;
    int err;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, STACK_BYTES);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    err = pthread_create(&thread, &attr, drainer_main, d);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    pthread_attr_destroy(&attr);
    return err;
}

bool drain_start(struct queue *q)
{
    int saved = errno;
    struct drainer *d = drainer_new(q);
    if (!d || spawn(d) != 0) {
        drainer_free(d);
        errno = saved;
        return false;
    }
    atomic_store(&q->drainer_runs, true);
    errno = saved;
    return true;
}
