/* subquery.h - one of many engine calls of a statement: memory of its own, ended by what ends the statement. */
#ifndef SQL_SUBQUERY_H
#define SQL_SUBQUERY_H

#include "engine/engine.h"

static inline bool subquery_cancelled(void *user)
{
    struct engine_query *q = user;
    return atomic_load_explicit(&q->cancelled, memory_order_relaxed) ||
           (q->is_cancelled && q->is_cancelled(q->user));
}

static inline struct engine_query subquery(struct engine_query *q, struct arena *arena)
{
    return (struct engine_query){.arena = arena,
                                 .deadline_ns = q->deadline_ns,
                                 .is_cancelled = subquery_cancelled,
                                 .user = q};
}

/* What the engine said of it belongs to the statement's, too. */
static inline void subquery_settle(struct engine_query *q, struct engine_query *sub)
{
    q->spans_scanned += sub->spans_scanned;
    q->damaged |= sub->damaged;
    sub->spans_scanned = 0;
}

#endif
