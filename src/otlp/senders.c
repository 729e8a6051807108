/* senders.c - see senders.h.
 *
 * In a forked child no sender has a thread and nothing is under way: the requests are the parent's, their memory stays as
 * it is, since a thread that is not there may have been anywhere in it, and their sockets are closed. A fork does not wait
 * for the senders' mutex: who waits under it may hold a lock of the SDK, which a fork does wait for. */
#define CAIRN_NO_INLINE
#include "otlp/senders.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/prctl.h>

#include "base/deadline.h"
#include "base/spawn.h"
#include "otlp/describe.h"
#include "otlp/stats.h"

enum place_state {
    PLACE_FREE,
    PLACE_TAKEN,  /* by the exporting thread, which fills or uses it */
    PLACE_HANDED, /* to its thread */
};

/* A sender with its thread, and what it has to send. */
struct place {
    struct senders *senders;
    enum place_state state; /* as all below the mutex's, but the sender's own */
    bool has_thread;
    pthread_cond_t handed; /* or stopping */
    struct sender sender;
    struct otlp_body body;
    uint64_t deadline_ns;
    cairn_pending_batch *pending;
};

struct senders {
    struct sending *shared;
    void (*gone)(void *owner);
    void *owner;
    uint32_t count;
    struct senders *next; /* of all live ones */
    pthread_mutex_t mutex;
    /* guarded by it */
    pthread_cond_t changed; /* busy, threads, or an interruption */
    uint32_t busy, threads;
    uint32_t refs; /* the exporter's and one of each thread */
    bool stopping;
    bool failed; /* a deferred batch, since the last flush */
    struct place places[];
};

/* ---- fork() ---- */

static pthread_mutex_t list_mutex = PTHREAD_MUTEX_INITIALIZER; /* guards all_senders */
static struct senders *all_senders;

static void before_fork(void)
{
    pthread_mutex_lock(&list_mutex);
}

static void after_fork(void)
{
    pthread_mutex_unlock(&list_mutex);
}

static void start_over(struct senders *s)
{
    pthread_mutex_init(&s->mutex, NULL); /* whoever held it or waited is not here */
    monotonic_cond_init(&s->changed);
    s->refs = 1;
    s->busy = s->threads = 0;
    s->failed = false;
    for (uint32_t i = 0; i < s->count; i++) {
        struct place *p = &s->places[i];
        monotonic_cond_init(&p->handed);
        if (p->has_thread)
            transfer_after_fork(&p->sender.transfer);
        p->has_thread = false;
        p->state = PLACE_FREE;
    }
}

static void after_fork_child(void)
{
    for (struct senders *s = all_senders; s; s = s->next)
        start_over(s);
    after_fork();
}

static void handle_forks(void)
{
    pthread_atfork(before_fork, after_fork, after_fork_child);
}

/* ---- Life ---- */

static void destroy(struct senders *s)
{
    struct senders **at = &all_senders;
    pthread_mutex_lock(&list_mutex);
    while (*at && *at != s)
        at = &(*at)->next;
    if (*at)
        *at = s->next;
    pthread_mutex_unlock(&list_mutex);
    for (uint32_t i = 0; i < s->count; i++) {
        sender_release(&s->places[i].sender);
        pthread_cond_destroy(&s->places[i].handed);
    }
    pthread_cond_destroy(&s->changed);
    pthread_mutex_destroy(&s->mutex);
    free(s);
}

struct senders *senders_new(struct sending *shared, void (*gone)(void *owner), void *owner)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    uint32_t count = shared->settings.concurrent;
    struct senders *s = calloc(1, sizeof *s + count * sizeof *s->places);
    bool ok = true;
    if (!s)
        return NULL;
    *s =
        (struct senders){.shared = shared, .gone = gone, .owner = owner, .count = count, .refs = 1};
    pthread_mutex_init(&s->mutex, NULL);
    monotonic_cond_init(&s->changed);
    for (uint32_t i = 0; i < count; i++) {
        s->places[i].senders = s;
        monotonic_cond_init(&s->places[i].handed);
        ok &= sender_init(&s->places[i].sender, shared);
    }
    pthread_once(&once, handle_forks);
    pthread_mutex_lock(&list_mutex);
    s->next = all_senders;
    all_senders = s;
    pthread_mutex_unlock(&list_mutex);
    if (ok)
        return s;
    destroy(s);
    return NULL;
}

/* The mutex is held, and given back. */
static void unref(struct senders *s)
{
    void (*gone)(void *owner) = s->gone;
    void *owner = s->owner;
    bool last = --s->refs == 0;
    pthread_mutex_unlock(&s->mutex);
    if (!last)
        return;
    destroy(s);
    gone(owner);
}

/* The mutex is held. */
static void stop_threads(struct senders *s)
{
    s->stopping = true;
    for (uint32_t i = 0; i < s->count; i++)
        pthread_cond_signal(&s->places[i].handed);
}

void senders_release(struct senders *s)
{
    pthread_mutex_lock(&s->mutex);
    stop_threads(s);
    unref(s);
}

/* ---- A sender's thread ---- */

/* What a place holds is sent and told of; then the place holds nothing. */
static cairn_status send_held(struct place *p, const cairn_span_batch *batch)
{
    char type[ERROR_TYPE_TEXT_BYTES];
    cairn_status status = sender_send(&p->sender, &p->body, p->deadline_ns);
    struct cairn_export_report report =
        describe_result(p->sender.http, p->sender.rejected, status, type);
    body_release(&p->body);
    if (status != CAIRN_OK)
        stats_add(STATS_FAILED_BATCHES, 1);
    if (p->pending)
        cairn_pending_batch_done(p->pending, status, &report);
    else
        cairn_batch_report(batch, &report);
    p->pending = NULL;
    return status;
}

/* The mutex is held. */
static void give_back(struct senders *s, struct place *p)
{
    p->state = PLACE_FREE;
    s->busy--;
    pthread_cond_broadcast(&s->changed);
}

static void *thread_main(void *arg)
{
    struct place *p = arg;
    struct senders *s = p->senders;
    prctl(PR_SET_NAME, "cairn-send");
    pthread_mutex_lock(&s->mutex);
    for (;;) {
        cairn_status status;
        while (p->state != PLACE_HANDED && !s->stopping)
            pthread_cond_wait(&p->handed, &s->mutex);
        if (p->state != PLACE_HANDED)
            break;
        pthread_mutex_unlock(&s->mutex);
        status = send_held(p, NULL);
        pthread_mutex_lock(&s->mutex);
        s->failed |= status != CAIRN_OK;
        give_back(s, p);
    }
    p->has_thread = false;
    s->threads--;
    pthread_cond_broadcast(&s->changed);
    unref(s);
    return NULL;
}

/* The mutex is held. */
static bool spawn(struct place *p)
{
    if (thread_spawn(thread_main, p) != 0)
        return false;
    p->has_thread = true;
    p->senders->threads++;
    p->senders->refs++;
    return true;
}

/* ---- Exporting ---- */

/* One with a thread rather than one that needs a new one. The mutex is held. */
static struct place *find_free(struct senders *s)
{
    struct place *found = NULL;
    for (uint32_t i = 0; i < s->count; i++) {
        struct place *p = &s->places[i];
        if (p->state == PLACE_FREE && (!found || (p->has_thread && !found->has_thread)))
            found = p;
    }
    return found;
}

/* CAIRN_ERROR_TIMEOUT, CAIRN_ERROR_FAILED when somebody asked to stop. */
static cairn_status take(struct senders *s, uint64_t deadline_ns, struct place **ret)
{
    cairn_status status = CAIRN_OK;
    pthread_mutex_lock(&s->mutex);
    while (!(*ret = find_free(s)) && status == CAIRN_OK) {
        if (pause_is_stopped(&s->shared->pause))
            status = CAIRN_ERROR_FAILED;
        else if (monotonic_cond_wait(&s->changed, &s->mutex, deadline_ns) == ETIMEDOUT)
            status = CAIRN_ERROR_TIMEOUT;
    }
    if (*ret) {
        (*ret)->state = PLACE_TAKEN;
        s->busy++;
        status = CAIRN_OK;
    }
    pthread_mutex_unlock(&s->mutex);
    return status;
}

/* False: it has to be sent by the caller. */
static bool hand_over(struct place *p, const cairn_span_batch *batch)
{
    struct senders *s = p->senders;
    bool taken;
    p->pending = cairn_batch_defer(batch);
    if (!p->pending)
        return false;
    pthread_mutex_lock(&s->mutex);
    taken = p->has_thread || spawn(p);
    if (taken) {
        p->state = PLACE_HANDED;
        pthread_cond_signal(&p->handed);
    }
    pthread_mutex_unlock(&s->mutex);
    return taken;
}

/* Encodes into the place; the batch's time begins. */
static cairn_status fill(struct place *p, const cairn_span_batch *batch, uint64_t deadline_ns)
{
    const struct otlp_settings *o = &p->senders->shared->settings;
    uint64_t own_ns = deadline_after_ms(o->timeout_ms);
    char type[ERROR_TYPE_TEXT_BYTES];
    struct cairn_export_report report;
    cairn_status status;
    p->deadline_ns = own_ns < deadline_ns ? own_ns : deadline_ns;
    status = body_make(batch, o->protocol, o->gzip, &p->body);
    if (status == CAIRN_OK)
        return CAIRN_OK;
    if (status == CAIRN_ERROR_LIMIT)
        stats_add(STATS_TOO_LARGE, 1);
    stats_add(STATS_FAILED_BATCHES, 1);
    report = describe_result(0, 0, status, type);
    cairn_batch_report(batch, &report);
    return status;
}

static cairn_status export_concurrently(struct senders *s, const cairn_span_batch *batch,
                                        uint64_t deadline_ns)
{
    struct place *p;
    cairn_status status = take(s, deadline_ns, &p);
    if (status != CAIRN_OK) {
        stats_add(STATS_FAILED_BATCHES, 1);
        return status;
    }
    status = fill(p, batch, deadline_ns);
    if (status == CAIRN_OK) {
        if (hand_over(p, batch))
            return CAIRN_OK;
        status = send_held(p, batch);
    }
    pthread_mutex_lock(&s->mutex);
    give_back(s, p);
    pthread_mutex_unlock(&s->mutex);
    return status;
}

cairn_status senders_export(struct senders *s, const cairn_span_batch *batch, uint32_t timeout_ms)
{
    uint64_t deadline_ns = deadline_after_ms(timeout_ms);
    cairn_status status;
    if (s->count > 1)
        return export_concurrently(s, batch, deadline_ns);
    status = fill(&s->places[0], batch, deadline_ns);
    return status == CAIRN_OK ? send_held(&s->places[0], batch) : status;
}

/* ---- Waiting and ending ---- */

/* The mutex is held. */
static bool wait_idle(struct senders *s, uint64_t deadline_ns)
{
    while (s->busy && !pause_is_stopped(&s->shared->pause)) {
        if (monotonic_cond_wait(&s->changed, &s->mutex, deadline_ns) == ETIMEDOUT)
            break;
    }
    return s->busy == 0;
}

cairn_status senders_flush(struct senders *s, uint32_t timeout_ms)
{
    uint64_t deadline_ns = deadline_after_ms(timeout_ms);
    cairn_status status;
    pthread_mutex_lock(&s->mutex);
    status = !wait_idle(s, deadline_ns) ? CAIRN_ERROR_TIMEOUT
             : s->failed                ? CAIRN_ERROR_FAILED
                                        : CAIRN_OK;
    s->failed = false;
    pthread_mutex_unlock(&s->mutex);
    return status;
}

cairn_status senders_shutdown(struct senders *s, uint32_t timeout_ms)
{
    uint64_t deadline_ns = deadline_after_ms(timeout_ms);
    bool idle;
    pthread_mutex_lock(&s->mutex);
    idle = wait_idle(s, deadline_ns);
    stop_threads(s);
    pthread_mutex_unlock(&s->mutex);
    senders_interrupt(s);
    pthread_mutex_lock(&s->mutex);
    while (idle && s->threads &&
           monotonic_cond_wait(&s->changed, &s->mutex, deadline_ns) != ETIMEDOUT)
        continue;
    pthread_mutex_unlock(&s->mutex);
    return idle ? CAIRN_OK : CAIRN_ERROR_TIMEOUT;
}

void senders_interrupt(struct senders *s)
{
    pause_stop(&s->shared->pause);
    pthread_mutex_lock(&s->mutex);
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->mutex);
}
