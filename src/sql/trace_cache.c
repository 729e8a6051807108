/* trace_cache.c - least recently used goes first; the budget is of all entries together. */
#include "sql/trace_cache.h"

#include "sql/subquery.h"

void trace_cache_init(struct trace_cache *c, struct engine *engine, struct engine_query *q)
{
    *c = (struct trace_cache){.engine = engine, .q = q};
    for (int i = 0; i < TRACE_CACHE_ENTRIES; i++)
        arena_init(&c->entries[i].arena, 0);
}

void trace_cache_release(struct trace_cache *c)
{
    for (int i = 0; i < TRACE_CACHE_ENTRIES; i++)
        arena_release(&c->entries[i].arena);
}

static struct cached_trace *find(struct trace_cache *c, struct trace_id id)
{
    for (int i = 0; i < TRACE_CACHE_ENTRIES; i++) {
        if (c->entries[i].filled && trace_id_eq(c->entries[i].id, id))
            return &c->entries[i];
    }
    return NULL;
}

static struct cached_trace *oldest(struct trace_cache *c)
{
    struct cached_trace *best = NULL;
    for (int i = 0; i < TRACE_CACHE_ENTRIES; i++) {
        struct cached_trace *t = &c->entries[i];
        if (t->pins == 0 && (!best || t->used < best->used))
            best = t;
    }
    return best;
}

static size_t held(const struct trace_cache *c)
{
    size_t sum = 0;
    for (int i = 0; i < TRACE_CACHE_ENTRIES; i++)
        sum += c->entries[i].arena.held_bytes;
    return sum;
}

static void drop_others(struct trace_cache *c, const struct cached_trace *but)
{
    for (int i = 0; i < TRACE_CACHE_ENTRIES; i++) {
        struct cached_trace *t = &c->entries[i];
        if (t->pins == 0 && t != but) {
            arena_release(&t->arena);
            t->filled = false;
        }
    }
}

static int load(struct trace_cache *c, struct cached_trace *t, struct err *err)
{
    struct engine_query sub = subquery(c->q, &t->arena);
    size_t max = c->q->arena->max_bytes, others;
    int code;
    arena_reset(&t->arena);
    others = held(c) - t->arena.held_bytes;
    t->arena.max_bytes = !max ? 0 : others < max ? max - others : 1;
    t->batch = (struct span_batch){0};
    code = engine_trace(c->engine, &sub, t->id, &t->batch, err);
    subquery_settle(c->q, &sub);
    if (code == ERR_NOT_FOUND) {
        t->batch.span_count = 0;
        return 0;
    }
    return code;
}

int trace_cache_get(struct trace_cache *c, struct trace_id id, struct cached_trace **ret,
                    struct err *err)
{
    struct cached_trace *t = find(c, id);
    int code;
    if (!t) {
        t = oldest(c);
        if (!t)
            return err_set(err, ERR_TOO_LARGE, "more than %d traces are joined at once",
                           TRACE_CACHE_ENTRIES);
        t->filled = false;
        t->id = id;
        code = load(c, t, err);
        if (code < 0 && arena_failed(&t->arena)) {
            drop_others(c, t);
            code = load(c, t, err);
        }
        if (code < 0 && arena_failed(&t->arena))
            return err_set(err, ERR_TOO_LARGE, "a trace needs more than %zu MiB of memory",
                           c->q->arena->max_bytes >> 20);
        TRY(code);
        t->filled = true;
    }
    t->used = ++c->lookups;
    t->pins++;
    *ret = t;
    return 0;
}

void trace_cache_unpin(struct cached_trace *t)
{
    if (t)
        t->pins--;
}
