/* store_write.c - the way in: the queue, the group commit, the head. */
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "store/file.h"
#include "store/mem.h"
#include "store/store_int.h"
#include "wire/otlp_pb.h"

/* statvfs at most every FREE_CHECK_MS, by whichever caller comes first. */
static bool disk_full(struct store *s)
{
    uint64_t now = clock_monotonic_ns(), checked = atomic_load(&s->free_checked_ns);
    if ((!checked || now - checked > FREE_CHECK_MS * UINT64_C(1000000)) &&
        atomic_compare_exchange_strong(&s->free_checked_ns, &checked, now))
        atomic_store(&s->disk_full, file_free_bytes(s->dir) < s->options.disk_free_bytes_min);
    return atomic_load(&s->disk_full);
}

static int refuse(struct store *s, struct err *err, const char *why)
{
    atomic_fetch_add(&s->appends_refused, 1);
    return err_set(err, ERR_BUSY, "%s", why);
}

static int take_bytes(struct pending *p, struct err *err)
{
    const struct span_batch *batch = p->append.batch;
    if (batch && !batch->span_count)
        return 0; /* nothing to keep */
    p->bytes = p->append.bytes;
    if (!p->bytes.n && batch) {
        otlp_pb_encode(batch->spans, batch->span_count, &p->encoded);
        p->bytes = buf_str(&p->encoded);
    }
    if (p->encoded.failed)
        return err_set(err, ERR_NOMEM, "out of memory for a batch");
    if (p->bytes.n > UINT32_MAX / 2)
        return err_set(err, ERR_TOO_LARGE, "a batch of more than 2 GiB");
    return 0;
}

static int enqueue(struct store *s, struct pending *p, struct err *err)
{
    pthread_mutex_lock(&s->queue_lock);
    if (s->closing) {
        pthread_mutex_unlock(&s->queue_lock);
        atomic_fetch_sub(&s->queue_bytes, p->bytes.n);
        return err_set(err, ERR_CLOSED, "the store is closing");
    }
    *s->queue_last = p;
    s->queue_last = &p->next;
    s->queue_waiting_bytes += p->bytes.n;
    pthread_cond_signal(&s->queue_filled);
    pthread_mutex_unlock(&s->queue_lock);
    return 0;
}

static void pending_free(struct pending *p)
{
    buf_release(&p->encoded);
    free(p);
}

/* The heads have all the bytes that they may: one more would have to wait for a part. */
static bool heads_full(struct store *s)
{
    return atomic_load(&s->head_bytes) > s->options.head_bytes_max * (FROZEN_MAX + 1);
}

int store_append(struct store *s, const struct engine_append *append, struct err *err)
{
    struct pending *p;
    int rc;
    if (disk_full(s))
        return refuse(s, err, "the data directory's file system is nearly full");
    /* while it is sealed, the writer waits and the queue fills: senders feel it before they are refused */
    if (heads_full(s) && (!s->writer_started || atomic_load(&s->seal_failing)))
        return refuse(s, err, "sealing does not keep up with the appends");
    p = calloc(1, sizeof *p);
    if (!p)
        return refuse(s, err, "out of memory for the queue");
    p->append = *append;
    buf_init(&p->encoded, 0);
    rc = take_bytes(p, err);
    if (rc == 0) {
        uint64_t before = atomic_fetch_add(&s->queue_bytes, p->bytes.n);
        /* one that is larger than the whole queue may still pass alone */
        if (before && before + p->bytes.n > s->options.queue_bytes_max) {
            atomic_fetch_sub(&s->queue_bytes, p->bytes.n);
            rc = refuse(s, err, "too many bytes are waiting for the log");
        } else {
            rc = enqueue(s, p, err);
        }
    }
    if (rc < 0)
        pending_free(p);
    return rc;
}

int store_enqueue_deletion(struct store *s, const struct trace_id *id, engine_append_fn *done,
                           void *user, struct err *err)
{
    struct pending *p = calloc(1, sizeof *p);
    int rc;
    if (!p)
        return err_set(err, ERR_NOMEM, "out of memory for the queue");
    p->delete_id = id;
    p->append.done = done;
    p->append.user = user;
    buf_init(&p->encoded, 0);
    rc = enqueue(s, p, err);
    if (rc < 0)
        pending_free(p);
    return rc;
}

bool store_freeze(struct store *s, uint64_t covered_segment)
{
    struct head *fresh;
    pthread_mutex_lock(&s->lock);
    if (s->frozen_count == FROZEN_MAX) {
        pthread_mutex_unlock(&s->lock);
        return false;
    }
    if (atomic_load(&s->head->row_count)) {
        fresh = head_new(&s->pool);
        fresh->last_sequence = s->head->last_sequence;
        s->head->last_segment = covered_segment;
        s->frozen[s->frozen_count++] = s->head;
        s->head = fresh;
        pthread_cond_signal(&s->seal_wanted);
    }
    pthread_mutex_unlock(&s->lock);
    return true;
}

static void wait_for_room(struct store *s)
{
    pthread_mutex_lock(&s->lock);
    while (s->frozen_count == FROZEN_MAX)
        pthread_cond_wait(&s->sealed, &s->lock);
    pthread_mutex_unlock(&s->lock);
}

int store_index(struct store *s, uint64_t sequence, struct str request, uint32_t *ret_spans)
{
    int rc = head_insert(s->head, request, ret_spans);
    if (rc == ERR_TOO_LARGE) {
        /* no room for so many rows: the log goes on in the same segment, so none is covered entirely */
        while (!store_freeze(s, s->wal.segment ? s->wal.segment - 1 : 0))
            wait_for_room(s);
        rc = head_insert(s->head, request, ret_spans);
    }
    if (rc < 0)
        return rc;
    if (sequence > s->head->last_sequence)
        s->head->last_sequence = sequence;
    atomic_fetch_add(&s->head_spans, *ret_spans);
    atomic_fetch_add(&s->head_bytes, request.n);
    return 0;
}

/* What one flush of the log carries. */
struct group {
    struct pending *items[GROUP_RECORDS_MAX];
    struct wal_record records[GROUP_RECORDS_MAX]; /* of the items that have bytes */
    size_t count;
};

/* The records that have bytes, to the log. */
static int write_log(struct store *s, struct group *g, struct err *err)
{
    uint64_t bytes = 0;
    size_t kept = 0;
    for (size_t i = 0; i < g->count; i++) {
        if (g->items[i]->delete_id)
            g->items[i]->sequence = s->next_sequence++;
        if (!g->items[i]->bytes.n)
            continue;
        g->items[i]->sequence = s->next_sequence++;
        g->records[kept++] = (struct wal_record){g->items[i]->sequence, g->items[i]->bytes};
        bytes += WAL_RECORD_BYTES + g->items[i]->bytes.n;
    }
    if (!kept || s->options.ack == ENGINE_ACK_MEMORY)
        return 0;
    int rc = wal_append(&s->wal, g->records, kept, s->options.ack == ENGINE_ACK_FSYNC, err);
    atomic_store(&s->syncs, s->wal.sync_count);
    if (rc == 0)
        atomic_fetch_add(&s->log_bytes, bytes);
    return rc;
}

static void index_one(struct store *s, struct pending *p)
{
    uint32_t spans = 0;
    p->result = store_index(s, p->sequence, p->bytes, &spans);
    if (p->result < 0) {
        err_set(&p->err, p->result, "cannot index the batch: %s", err_text(p->result));
        return;
    }
    atomic_fetch_add(&s->spans_appended, spans);
    atomic_fetch_add(&s->bytes_appended, p->bytes.n);
    atomic_fetch_add(&s->batches_appended, 1);
}

/* Gives every item of the group its result: first the log, then the head. */
static void commit(struct store *s, struct group *g)
{
    struct err err = {0};
    int rc = write_log(s, g, &err);
    for (size_t i = 0; i < g->count; i++) {
        g->items[i]->result = rc;
        g->items[i]->err = err;
        if (rc == 0 && g->items[i]->bytes.n)
            index_one(s, g->items[i]);
        else if (rc == 0 && g->items[i]->delete_id)
            g->items[i]->result =
                store_bury(s, *g->items[i]->delete_id, g->items[i]->sequence, &g->items[i]->err);
    }
}

static void answer_one(struct store *s, struct pending *p)
{
    atomic_fetch_sub(&s->queue_bytes, p->bytes.n);
    if (p->append.done)
        p->append.done(p->result, p->result < 0 ? &p->err : NULL, p->append.user);
    pending_free(p);
}

static void answer(struct store *s, struct group *g)
{
    for (size_t i = 0; i < g->count; i++)
        answer_one(s, g->items[i]);
}

void store_refuse_queued(struct store *s)
{
    struct pending *p;
    while ((p = s->queue_first)) {
        s->queue_first = p->next;
        p->result = err_set(&p->err, ERR_CLOSED, "the store is closing");
        answer_one(s, p);
    }
    s->queue_last = &s->queue_first;
}

/* When the head is to be sealed for its age; later when an attempt found FROZEN_MAX heads waiting. */
static uint64_t head_due_ns(const struct store *s)
{
    uint64_t due = s->head->created_ns + s->options.head_age_ms_max * UINT64_C(1000000);
    return due > s->freeze_retry_ns ? due : s->freeze_retry_ns;
}

static void maybe_freeze(struct store *s, bool asked)
{
    bool full = atomic_load(&s->head->bytes) >= s->options.head_bytes_max;
    bool old = s->head->created_ns && clock_monotonic_ns() >= head_due_ns(s);
    uint64_t segment = s->wal.segment;
    if (!full && !old && !asked)
        return;
    /* The head's records end with its segment, so that the part replaces whole files. */
    if (store_freeze(s, segment))
        wal_rotate(&s->wal);
    else
        s->freeze_retry_ns = clock_monotonic_ns() + FREEZE_RETRY_MS * UINT64_C(1000000);
}

static void timed_wait(pthread_cond_t *cond, pthread_mutex_t *lock, uint64_t until_ns)
{
    struct timespec ts = {(time_t)(until_ns / 1000000000), (long)(until_ns % 1000000000)};
    pthread_cond_timedwait(cond, lock, &ts);
}

/* Waits until there is something to do. Under queue_lock. */
static void wait_for_work(struct store *s)
{
    while (!s->queue_first && !s->closing && !s->seal_asked) {
        if (!s->head->created_ns) {
            pthread_cond_wait(&s->queue_filled, &s->queue_lock);
        } else {
            uint64_t due = head_due_ns(s), now = clock_monotonic_ns();
            if (now >= due)
                return;
            timed_wait(&s->queue_filled, &s->queue_lock, due);
        }
    }
}

/* A first append waits a moment for others, so that they share its flush. Under queue_lock. */
static void wait_for_company(struct store *s)
{
    uint64_t until = clock_monotonic_ns() + s->options.commit_interval_us * UINT64_C(1000);
    while (s->queue_first && !s->closing && s->queue_waiting_bytes < GROUP_COMPANY_BYTES &&
           clock_monotonic_ns() < until)
        timed_wait(&s->queue_filled, &s->queue_lock, until);
}

/* Full heads: waits for the sealing thread, as long as there is hope. */
static void wait_for_sealing(struct store *s)
{
    uint64_t until = clock_monotonic_ns() + SEAL_PATIENCE_MS * UINT64_C(1000000);
    pthread_mutex_lock(&s->lock);
    while (heads_full(s) && s->frozen_count && !atomic_load(&s->seal_failing)) {
        timed_wait(&s->sealed, &s->lock, until);
        if (clock_monotonic_ns() >= until)
            atomic_store(&s->seal_failing, 1);
    }
    pthread_mutex_unlock(&s->lock);
}

/* Takes a group off the queue. Under queue_lock. */
static void take_group(struct store *s, struct group *g)
{
    uint64_t bytes = 0;
    g->count = 0;
    while (s->queue_first && g->count < GROUP_RECORDS_MAX && bytes < GROUP_BYTES_MAX) {
        struct pending *p = s->queue_first;
        s->queue_first = p->next;
        g->items[g->count++] = p;
        bytes += p->bytes.n;
    }
    if (!s->queue_first)
        s->queue_last = &s->queue_first;
    s->queue_waiting_bytes -= bytes;
}

/* One group: commits and answers it, freezes the head when it is time. False when the writer is to end. */
static bool write_group(struct store *s, struct group *group, bool wait)
{
    bool asked, more;
    if (wait)
        wait_for_sealing(s);
    pthread_mutex_lock(&s->queue_lock);
    if (wait) {
        wait_for_work(s);
        if (s->options.ack == ENGINE_ACK_FSYNC && s->options.commit_interval_us)
            wait_for_company(s);
    }
    take_group(s, group);
    more = !s->closing || group->count;
    asked = s->seal_asked;
    s->seal_asked = false;
    pthread_mutex_unlock(&s->queue_lock);
    commit(s, group);
    answer(s, group);
    maybe_freeze(s, asked);
    return more;
}

void store_step_write(struct store *s, bool seal)
{
    struct group *group = mem_alloc(sizeof *group);
    pthread_mutex_lock(&s->queue_lock);
    s->seal_asked |= seal;
    pthread_mutex_unlock(&s->queue_lock);
    write_group(s, group, false);
    free(group);
}

static void *writer_main(void *user)
{
    struct store *s = user;
    struct group *group = mem_alloc(sizeof *group);
    while (write_group(s, group, true))
        ;
    if (s->options.ack == ENGINE_ACK_WRITE)
        wal_sync(&s->wal, NULL);
    free(group);
    return NULL;
}

int store_writer_start(struct store *s, struct err *err)
{
    if (pthread_create(&s->writer_thread, NULL, writer_main, s) != 0)
        return err_set(err, ERR_IO, "cannot start the writer thread");
    pthread_setname_np(s->writer_thread, "cairn-log");
    s->writer_started = true;
    return 0;
}

int store_seal_now(struct store *s, struct err *err)
{
    uint64_t failures;
    int rc;
    pthread_mutex_lock(&s->lock);
    failures = s->seal_failures;
    pthread_mutex_unlock(&s->lock);
    for (;;) {
        bool done;
        pthread_mutex_lock(&s->lock);
        done = !s->frozen_count && !atomic_load(&s->head->row_count);
        rc = s->seal_failures != failures ? err_set(err, ERR_IO, "sealing failed") : 0;
        pthread_mutex_unlock(&s->lock);
        if (done || rc < 0)
            return rc;
        pthread_mutex_lock(&s->queue_lock);
        s->seal_asked = true;
        pthread_cond_signal(&s->queue_filled);
        pthread_mutex_unlock(&s->queue_lock);
        pthread_mutex_lock(&s->lock);
        timed_wait(&s->sealed, &s->lock, clock_monotonic_ns() + 20000000);
        pthread_mutex_unlock(&s->lock);
    }
}
