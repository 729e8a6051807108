/* parallel.c - see parallel.h. */
#include "query/parallel.h"

#include <pthread.h>
#include <unistd.h>

enum { GROUPS_PER_THREAD = 16 };

static bool fork_cancelled(void *user)
{
    struct parallel *p = user;
    return atomic_load_explicit(&p->stopped, memory_order_relaxed) ||
           atomic_load_explicit(&p->first->q->cancelled, memory_order_relaxed);
}

void parallel_begin(struct parallel *p, struct run *r, size_t group_count)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    size_t count = group_count / GROUPS_PER_THREAD;
    if (cores > 0 && count > (size_t)cores)
        count = (size_t)cores;
    p->first = r;
    p->count = count > PARALLEL_MAX ? PARALLEL_MAX : count ? (uint32_t)count : 1;
    atomic_init(&p->next, 0);
    atomic_init(&p->stopped, 0);
    for (uint32_t i = 1; i < p->count; i++) {
        arena_init(&p->arenas[i], r->q->arena->max_bytes / p->count);
        p->queries[i] = (struct engine_query){.arena = &p->arenas[i],
                                              .deadline_ns = r->q->deadline_ns,
                                              .is_cancelled = fork_cancelled,
                                              .user = p};
        run_fork(&p->forks[i], r, &p->queries[i]);
    }
}

void parallel_end(struct parallel *p)
{
    for (uint32_t i = 1; i < p->count; i++) {
        p->first->q->spans_scanned += p->queries[i].spans_scanned;
        p->first->damaged |= p->forks[i].damaged;
        run_end(&p->forks[i]);
        arena_release(&p->arenas[i]);
    }
}

struct thread {
    struct parallel *p;
    const struct run_groups *groups;
    parallel_fn *fn;
    void *user;
    uint32_t number;
    int result;
    struct err err;
    pthread_t id;
};

static int work(struct thread *t)
{
    struct run *r = parallel_run(t->p, t->number);
    TRY(run_check(r, &t->err));
    for (;;) {
        size_t i = atomic_fetch_add_explicit(&t->p->next, 1, memory_order_relaxed);
        int rc;
        if (i >= t->groups->count || atomic_load_explicit(&t->p->stopped, memory_order_relaxed))
            return 0;
        rc = t->fn(r, t->number, &t->groups->items[i], t->user, &t->err);
        if (rc < 0 && !run_skips(r, rc))
            return rc;
        TRY(run_check(r, &t->err));
    }
}

static void *run_thread(void *user)
{
    struct thread *t = user;
    int none = 0;
    t->result = work(t);
    if (t->result < 0)
        atomic_compare_exchange_strong(&t->p->stopped, &none, (int)t->number + 1);
    return NULL;
}

int parallel_groups(struct parallel *p, const struct run_groups *groups, parallel_fn *fn,
                    void *user, struct err *err)
{
    struct thread threads[PARALLEL_MAX];
    uint32_t started = 1;
    int stopped;
    atomic_store(&p->next, 0);
    for (uint32_t i = 0; i < p->count; i++)
        threads[i] = (struct thread){.p = p, .groups = groups, .fn = fn, .user = user, .number = i};
    for (; started < p->count; started++) {
        if (pthread_create(&threads[started].id, NULL, run_thread, &threads[started]) != 0)
            break; /* the others do its part */
    }
    run_thread(&threads[0]);
    for (uint32_t i = 1; i < started; i++)
        pthread_join(threads[i].id, NULL);
    stopped = atomic_load(&p->stopped);
    if (!stopped)
        return 0;
    if (err)
        *err = threads[stopped - 1].err;
    return threads[stopped - 1].result;
}
