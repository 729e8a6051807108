/* ahead.c - see ahead.h. */
#include "query/ahead.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "query/edges.h"
#include "query/query.h"
#include "store/mem.h"

enum { RUN_BYTES_MAX = 128 << 20, LOWEST_NICE = 19 };

static const uint64_t NS_PER_S = 1000000000, NS_PER_MS = 1000000;

struct ahead {
    struct store *store;
    uint32_t pause_ms;
    uint64_t done; /* parts up to this number had their turn */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t stop;
    _Atomic int stopping; /* set under lock */
};

static bool is_stopping(void *user)
{
    struct ahead *a = user;
    return atomic_load_explicit(&a->stopping, memory_order_relaxed);
}

/* The newest part without sums whose number is above `above` and below `below`. */
static bool newest_part(const struct snapshot *snap, uint64_t above, uint64_t below, uint32_t *ret)
{
    uint64_t newest = above;
    for (uint32_t s = 0; s < snap->count; s++) {
        struct part *p = snap->sources[s].part;
        if (!p || p->number <= newest || p->number >= below || !p->row_count ||
            atomic_load(&p->note))
            continue;
        newest = p->number;
        *ret = s;
    }
    return newest > above;
}

/* With a snapshot of its own, so that merged parts are not held on to. A part that cannot be joined is left to queries, which
 * say so. False: there is none below *below; else that is its number now. */
static bool join_one(struct ahead *a, uint64_t *below)
{
    struct arena arena;
    struct engine_query q = {.arena = &arena, .is_cancelled = is_stopping, .user = a};
    struct part_edges *edges;
    struct run r;
    uint32_t source = 0;
    bool found;
    arena_init(&arena, RUN_BYTES_MAX);
    run_begin(&r, a->store, &q, NULL);
    found = newest_part(&r.snap, a->done, *below, &source);
    if (found) {
        *below = r.snap.sources[source].part->number;
        edges_of_part(&r, source, &edges, NULL);
    }
    run_end(&r);
    arena_release(&arena);
    return found;
}

/* Parents in other parts are found by asking, and remembered. Whoever asks for real sees what goes wrong here. */
static void ask(struct ahead *a)
{
    struct arena arena;
    struct engine_query q = {.arena = &arena, .is_cancelled = is_stopping, .user = a};
    struct dependency_list list;
    arena_init(&arena, RUN_BYTES_MAX);
    query_dependencies(a->store, &q, 0, UINT64_MAX, &list, NULL);
    arena_release(&arena);
}

/* Parts that are new since the last time; all of them again when there was no room. */
static void join_new(struct ahead *a)
{
    uint64_t below = UINT64_MAX, first = a->done;
    while (edges_bytes() < AHEAD_BYTES_MAX && !is_stopping(a)) {
        if (!join_one(a, &below)) {
            if (first > a->done)
                ask(a);
            a->done = first;
            return;
        }
        first = below > first ? below : first;
    }
}

static bool pause_or_stop(struct ahead *a)
{
    uint64_t until = clock_monotonic_ns() + a->pause_ms * NS_PER_MS;
    struct timespec ts = {(time_t)(until / NS_PER_S), (long)(until % NS_PER_S)};
    bool stopping;
    pthread_mutex_lock(&a->lock);
    while (!is_stopping(a) && clock_monotonic_ns() < until)
        pthread_cond_timedwait(&a->stop, &a->lock, &ts);
    stopping = is_stopping(a);
    pthread_mutex_unlock(&a->lock);
    return stopping;
}

static void *ahead_main(void *user)
{
    struct ahead *a = user;
    setpriority(PRIO_PROCESS, (id_t)gettid(), LOWEST_NICE);
    while (!pause_or_stop(a))
        join_new(a);
    return NULL;
}

static void release(struct ahead *a)
{
    pthread_cond_destroy(&a->stop);
    pthread_mutex_destroy(&a->lock);
    free(a);
}

int ahead_start(struct store *store, uint32_t pause_ms, struct ahead **ret, struct err *err)
{
    struct ahead *a = mem_calloc(1, sizeof *a);
    pthread_condattr_t attr;
    a->store = store;
    a->pause_ms = pause_ms;
    pthread_mutex_init(&a->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&a->stop, &attr);
    pthread_condattr_destroy(&attr);
    if (pthread_create(&a->thread, NULL, ahead_main, a) != 0) {
        release(a);
        return err_set(err, ERR_IO, "cannot start the thread that joins parts");
    }
    pthread_setname_np(a->thread, "cairn-ahead");
    *ret = a;
    return 0;
}

void ahead_stop(struct ahead *a)
{
    if (!a)
        return;
    pthread_mutex_lock(&a->lock);
    atomic_store(&a->stopping, 1);
    pthread_cond_signal(&a->stop);
    pthread_mutex_unlock(&a->lock);
    pthread_join(a->thread, NULL);
    release(a);
}
