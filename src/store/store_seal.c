/* store_seal.c - the sealing thread: frozen heads become parts; when none waits, parts are merged and retention runs. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#ifdef __GLIBC__
#    include <malloc.h>
#endif

#include "base/clock.h"
#include "base/log.h"
#include "store/file.h"
#include "store/mem.h"
#include "store/store_int.h"

enum { SEAL_NICE = 5 };

static const uint64_t NS_PER_S = 1000000000, NS_PER_MS = 1000000;

void store_log_failure(struct failure_log *log, const char *what, const struct err *err)
{
    uint64_t now = clock_monotonic_ns();
    char quoted[512];
    if (now < log->next_ns) {
        log->hidden++;
        return;
    }
    log_error("store", what, "reason=%s also_failed=%llu", log_quote(quoted, str_of(err->msg)),
              (unsigned long long)log->hidden);
    *log = (struct failure_log){.next_ns = now + FAILURE_LOG_S * NS_PER_S};
}

struct dropping {
    struct store *store;
    uint64_t covered_segment, left_bytes;
};

static int drop_segment(const char *name, void *user)
{
    struct dropping *d = user;
    uint64_t number = file_number(name, ".log"), size;
    char path[FILE_PATH_MAX];
    if (!number || file_path(path, NULL, "%s/%s", d->store->log_dir, name) < 0)
        return 0;
    if (number <= d->covered_segment && file_unlink(path, NULL) == 0)
        return 0;
    d->left_bytes += file_size_at(path, &size, NULL) == 0 ? size : 0;
    return 0;
}

/* Deletes the segments that a part has replaced and measures what is left. A segment that stays for now goes with
 * the next sealing; its records are skipped by their sequence. */
static void drop_log(struct store *s, uint64_t covered_segment)
{
    struct dropping d = {s, covered_segment, 0};
    if (file_list(s->log_dir, drop_segment, &d, NULL) == 0)
        atomic_store(&s->log_bytes, d.left_bytes);
}

static int seal_head(struct store *s, struct head *head, struct err *err)
{
    struct part_change change = {.head = head};
    struct part_plan plan = {.count = 1, .level = SEAL_LEVEL};
    struct source source;
    uint64_t dead;
    int rc;
    pthread_mutex_lock(&s->lock);
    source = source_of_head(head);
    pthread_mutex_unlock(&s->lock);
    dead = source.dead ? source.dead->row_count : 0;
    plan.sources = &source;
    plan.identity.last_sequence = head->last_sequence;
    plan.identity.sealed_ns = store_now_ns(s);
    rc = store_make_part(s, &plan, &change.made, err);
    source_release(&source);
    if (rc < 0 &&
        rc != ERR_NOT_FOUND) /* all of it was deleted: there is no part, and the log goes */
        return rc;
    TRY(store_change_parts(s, &change, err));
    atomic_fetch_add(&s->deleted_spans, dead);
    atomic_fetch_sub(&s->head_spans, atomic_load(&head->row_count));
    atomic_fetch_sub(&s->head_bytes, atomic_load(&head->bytes));
    drop_log(s, head->last_segment);
    head_unref(head);
    return 0;
}

static void wait_until(struct store *s, uint64_t until_ns)
{
    struct timespec ts = {(time_t)(until_ns / NS_PER_S), (long)(until_ns % NS_PER_S)};
    pthread_cond_timedwait(&s->seal_wanted, &s->lock, &ts);
}

bool store_seal_wanted(struct store *s)
{
    bool wanted;
    pthread_mutex_lock(&s->lock);
    wanted = s->frozen_count || atomic_load(&s->stopping);
    pthread_mutex_unlock(&s->lock);
    return wanted;
}

/* ---- Retention, now and then ---- */

static bool retains(const struct store *s)
{
    return s->options.retention_ns || s->options.retention_bytes;
}

static void plan_next_run(struct store *s)
{
    s->retain_due_ns = clock_monotonic_ns() + s->options.retention_interval_ms * NS_PER_MS;
}

void store_ask_retain(struct store *s)
{
    pthread_mutex_lock(&s->lock);
    s->retain_asked = true;
    pthread_cond_signal(&s->seal_wanted);
    pthread_mutex_unlock(&s->lock);
}

static void merge_all(struct store *s)
{
    struct err err;
    int rc = 0;
    while (rc == 0 && !store_seal_wanted(s))
        rc = store_merge(s, &err);
    if (rc < 0 && rc != ERR_NOT_FOUND && rc != ERR_CANCELLED) {
        atomic_fetch_add(&s->merges_failed, 1);
        store_log_failure(&s->merge_log, "merging parts failed", &err);
    }
}

/* A run that was stopped for a head (yield) goes on when the head is sealed. */
static void maybe_retain(struct store *s, bool yield)
{
    struct err err = {0};
    bool asked;
    int rc;
    pthread_mutex_lock(&s->lock);
    asked = s->retain_asked;
    pthread_mutex_unlock(&s->lock);
    if (!asked && !store_is_oversize(s) && (!retains(s) || clock_monotonic_ns() < s->retain_due_ns))
        return;
    rc = store_retain(s, yield, &err);
    if (rc == ERR_CANCELLED)
        return;
    plan_next_run(s);
    atomic_fetch_add(&s->retentions, 1);
    if (rc < 0) {
        atomic_fetch_add(&s->retentions_failed, 1);
        store_log_failure(&s->retain_log, "retention failed", &err);
    }
    pthread_mutex_lock(&s->lock);
    s->retain_result = rc;
    s->retain_err = err;
    if (asked) {
        s->retain_asked = false;
        s->retain_runs++;
    }
    pthread_cond_broadcast(&s->sealed);
    pthread_mutex_unlock(&s->lock);
}

int store_retain_now(struct store *s, struct err *err)
{
    uint64_t before;
    int rc;
    pthread_mutex_lock(&s->lock);
    while (s->retain_asked) /* somebody else's run may have begun */
        pthread_cond_wait(&s->sealed, &s->lock);
    before = s->retain_runs;
    s->retain_asked = true;
    pthread_cond_signal(&s->seal_wanted);
    while (s->retain_runs == before)
        pthread_cond_wait(&s->sealed, &s->lock);
    rc = s->retain_result;
    if (rc < 0 && err)
        *err = s->retain_err;
    pthread_mutex_unlock(&s->lock);
    return rc;
}

/* ---- The thread ---- */

/* What was kept for the next head, and what the allocator keeps. */
static void give_back(struct store *s)
{
    head_pool_trim(&s->pool);
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}

/* Nothing to seal and no run of retention that is due: waits. Once in the meantime, memory is given back. Under lock. */
static void wait_idle(struct store *s)
{
    uint64_t trim_ns = clock_monotonic_ns() + IDLE_TRIM_MS * NS_PER_MS;
    while (!s->frozen_count && !atomic_load(&s->stopping) && !s->retain_asked) {
        uint64_t due = retains(s) ? s->retain_due_ns : UINT64_MAX, now = clock_monotonic_ns();
        if (now >= due)
            return;
        if (now >= trim_ns) {
            trim_ns = UINT64_MAX;
            pthread_mutex_unlock(&s->lock);
            give_back(s);
            pthread_mutex_lock(&s->lock);
            continue;
        }
        due = trim_ns < due ? trim_ns : due;
        if (due == UINT64_MAX)
            pthread_cond_wait(&s->seal_wanted, &s->lock);
        else
            wait_until(s, due);
    }
}

/* Waits for work; NULL = no head waits. *ret_end: the thread is to end. */
static struct head *wait_for_work(struct store *s, bool *ret_end)
{
    struct head *head;
    bool stopping;
    pthread_mutex_lock(&s->lock);
    wait_idle(s);
    head = s->frozen_count ? s->frozen[0] : NULL;
    stopping = atomic_load(&s->stopping);
    *ret_end = stopping && (!head || !s->draining);
    pthread_mutex_unlock(&s->lock);
    return head;
}

static int seal_first(struct store *s, struct head *head)
{
    struct err err;
    int rc = seal_head(s, head, &err);
    if (rc < 0) {
        atomic_fetch_add(&s->seals_failed, 1);
        store_log_failure(&s->seal_log, "sealing failed; the spans stay in the log", &err);
    }
    pthread_mutex_lock(&s->lock);
    atomic_store(&s->seal_failing, rc < 0);
    s->seal_failures += rc < 0;
    pthread_cond_broadcast(&s->sealed);
    pthread_mutex_unlock(&s->lock);
    return rc;
}

int store_step_seal(struct store *s)
{
    struct head *head;
    pthread_mutex_lock(&s->lock);
    head = s->frozen_count ? s->frozen[0] : NULL;
    pthread_mutex_unlock(&s->lock);
    return head ? seal_first(s, head) : ERR_NOT_FOUND;
}

int store_step_merge(struct store *s)
{
    return store_merge(s, NULL);
}

int store_step_retain(struct store *s, bool yield)
{
    return store_retain(s, yield, NULL);
}

/* False: it failed, and was waited a moment. */
static bool seal_one(struct store *s, struct head *head)
{
    int rc = seal_first(s, head);
    pthread_mutex_lock(&s->lock);
    if (rc < 0 && !atomic_load(&s->stopping))
        wait_until(s, clock_monotonic_ns() + SEAL_RETRY_MS * NS_PER_MS);
    pthread_mutex_unlock(&s->lock);
    return rc == 0;
}

/* One step of work; true when the thread is to end. */
static bool seal_step(struct store *s)
{
    bool end;
    struct head *head = wait_for_work(s, &end);
    if (end)
        return true;
    if (head && !seal_one(s, head)) {
        s->retain_due_ns = 0; /* the disk may be full, and retention what makes room */
        if (!atomic_load(&s->stopping))
            maybe_retain(s, false);
        return atomic_load(&s->stopping);
    }
    if (!store_seal_wanted(s))
        merge_all(s);
    if (!store_seal_wanted(s))
        maybe_retain(s, true);
    return false;
}

static void *sealer_main(void *user)
{
    struct store *s = user;
    setpriority(PRIO_PROCESS, (id_t)gettid(), SEAL_NICE);
    while (!seal_step(s))
        ;
    /* at close there may have been no room among the frozen heads for the last one */
    while (s->draining && store_freeze(s, 0) && store_step_seal(s) == 0)
        ;
    return NULL;
}

int store_sealer_start(struct store *s, struct err *err)
{
    plan_next_run(s);
    if (pthread_create(&s->seal_thread, NULL, sealer_main, s) != 0)
        return err_set(err, ERR_IO, "cannot start the sealing thread");
    pthread_setname_np(s->seal_thread, "cairn-seal");
    s->sealer_started = true;
    return 0;
}
