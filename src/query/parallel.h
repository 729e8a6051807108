/* parallel.h - the groups of a query shared out to several threads, each with a run of its own over one snapshot.
 *
 * The caller's thread is the first of them and the only one that asks is_cancelled. Deadline, cancellation and the budget
 * (divided by the threads) hold in each. */
#ifndef QUERY_PARALLEL_H
#define QUERY_PARALLEL_H

#include <stdatomic.h>

#include "query/run.h"

enum { PARALLEL_MAX = 4 };

struct parallel {
    struct run *first;              /* the caller's */
    uint32_t count;                 /* of threads: 1 to PARALLEL_MAX */
    struct run forks[PARALLEL_MAX]; /* from 1 */
    struct engine_query queries[PARALLEL_MAX];
    struct arena arenas[PARALLEL_MAX];
    _Atomic size_t next;
    _Atomic int stopped;
};

/* As many threads as there are cores, if there is work for them. */
void parallel_begin(struct parallel *p, struct run *r, size_t group_count);
/* What the threads made goes with it; their counts go to the caller's query. */
void parallel_end(struct parallel *p);

static inline struct run *parallel_run(struct parallel *p, uint32_t thread)
{
    return thread ? &p->forks[thread] : p->first;
}

/* One group, in thread `thread`. Damaged sources are left out. */
typedef int parallel_fn(struct run *r, uint32_t thread, const struct run_group *group, void *user,
                        struct err *err);

/* Calls fn for each group, newest first. Returns the first error, which ends all threads. */
int parallel_groups(struct parallel *p, const struct run_groups *groups, parallel_fn *fn,
                    void *user, struct err *err);

#endif
