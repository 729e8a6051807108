/* trace_cache.h - the traces that a statement looked up last: a join comes back for the same one span after span. */
#ifndef SQL_TRACE_CACHE_H
#define SQL_TRACE_CACHE_H

#include "engine/engine.h"

enum { TRACE_CACHE_ENTRIES = 32 };

struct cached_trace {
    struct trace_id id;
    struct arena arena;
    struct span_batch batch; /* by start; empty when there is no such trace */
    uint64_t used;           /* when, in lookups */
    uint32_t pins;           /* cursors that read it now */
    bool filled;
};

struct trace_cache {
    struct engine *engine;
    struct engine_query *q; /* of the statement: its end, its budget for all entries together */
    struct cached_trace entries[TRACE_CACHE_ENTRIES];
    uint64_t lookups;
};

void trace_cache_init(struct trace_cache *c, struct engine *engine, struct engine_query *q);
void trace_cache_release(struct trace_cache *c);

/* Pinned until trace_cache_unpin. A trace that is not there is an empty batch. ERR_TOO_LARGE: over the budget. */
int trace_cache_get(struct trace_cache *c, struct trace_id id, struct cached_trace **ret,
                    struct err *err);
void trace_cache_unpin(struct cached_trace *t); /* NULL is fine */

#endif
