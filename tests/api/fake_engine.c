/* fake_engine.c - engine.h without an engine. */
#include "fake_engine.h"

#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"

struct fake_engine fake_engine;

int engine_open(const struct engine_options *options, struct engine **ret, struct err *err)
{
    (void)options, (void)err;
    *ret = (struct engine *)&fake_engine;
    return 0;
}

void engine_close(struct engine *engine)
{
    (void)engine;
}

int engine_append(struct engine *engine, const struct engine_append *append, struct err *err)
{
    struct err why = {0};
    (void)engine;
    if (fake_engine.append_code < 0)
        return err_set(err, fake_engine.append_code, "the queue is full");
    fake_engine.appends++;
    fake_engine.spans += append->batch->span_count;
    fake_engine.bytes += append->bytes.n;
    err_set(&why, fake_engine.done_code, "the disk is full");
    append->done(fake_engine.done_code, fake_engine.done_code ? &why : NULL, append->user);
    return 0;
}

static int query(struct engine_query *q, struct err *err)
{
    if (q) {
        q->damaged = fake_engine.damaged;
        fake_engine.deadline_ns = q->deadline_ns;
    }
    return fake_engine.query_code < 0 ? err_set(err, fake_engine.query_code, "as told") : 0;
}

int engine_trace(struct engine *engine, struct engine_query *q, struct trace_id id,
                 struct span_batch *ret, struct err *err)
{
    (void)engine, (void)id;
    *ret = (struct span_batch){0};
    if (!fake_engine.trace)
        return query(q, err);
    *ret = *fake_engine.trace;
    ret->spans = arena_calloc(q->arena, ret->span_count, sizeof *ret->spans);
    if (!ret->spans)
        return err_set(err, ERR_NOMEM, "out of memory");
    memcpy(ret->spans, fake_engine.trace->spans, ret->span_count * sizeof *ret->spans);
    return query(q, err);
}

int engine_delete_trace(struct engine *engine, struct trace_id id, struct err *err)
{
    (void)engine, (void)id;
    return query(NULL, err);
}

int engine_search(struct engine *engine, struct engine_query *q, const struct trace_query *search,
                  struct trace_summary_list *ret, struct err *err)
{
    (void)engine, (void)search;
    *ret = (struct trace_summary_list){0};
    return query(q, err);
}

int engine_services(struct engine *engine, struct engine_query *q, struct str_list *ret,
                    struct err *err)
{
    (void)engine;
    *ret = (struct str_list){0};
    while (fake_engine.until_cancelled) {
        if (q->is_cancelled(q->user)) {
            atomic_store(&fake_engine.was_cancelled, true);
            return err_set(err, ERR_CANCELLED, "cancelled");
        }
        if (clock_monotonic_ns() > q->deadline_ns)
            return err_set(err, ERR_TIMEOUT, "nobody cancelled it");
        usleep(1000);
    }
    return query(q, err);
}

int engine_operations(struct engine *engine, struct engine_query *q, struct str service,
                      struct operation_list *ret, struct err *err)
{
    (void)engine, (void)service;
    *ret = (struct operation_list){0};
    return query(q, err);
}

int engine_dependencies(struct engine *engine, struct engine_query *q, uint64_t start_ns,
                        uint64_t end_ns, struct dependency_list *ret, struct err *err)
{
    (void)engine, (void)start_ns, (void)end_ns;
    *ret = (struct dependency_list){0};
    return query(q, err);
}

int engine_usage(struct engine *engine, struct engine_query *q, struct engine_usage *ret,
                 struct err *err)
{
    (void)engine, (void)q, (void)err;
    *ret = (struct engine_usage){0};
    return 0;
}

int engine_copy(struct engine *engine, const char *target, struct engine_copy *ret, struct err *err)
{
    (void)engine, (void)target, (void)ret;
    return err_set(err, ERR_UNSUPPORTED, "no copies of this engine");
}

void engine_stats(struct engine *engine, struct engine_stats *ret)
{
    (void)engine;
    *ret = (struct engine_stats){0};
}

#define ANSWER(given)                           \
    (given) ? *(given) : (__typeof__(*(given))) \
    {                                           \
        0                                       \
    }

int engine_spansets(struct engine *engine, struct engine_query *q,
                    const struct spansets_query *search, struct spanset_list *ret, struct err *err)
{
    (void)engine;
    fake_engine.spansets_query = *search;
    *ret = ANSWER(fake_engine.spansets);
    q->spans_scanned = 1234;
    return query(q, err);
}

int engine_series(struct engine *engine, struct engine_query *q, const struct series_query *search,
                  struct series_list *ret, struct err *err)
{
    (void)engine;
    fake_engine.series_query = *search;
    *ret = ANSWER(fake_engine.series);
    q->spans_scanned = 1234;
    return query(q, err);
}

static char *kept_key;
static size_t kept_key_bytes;

void fake_engine_keep_key(char *key, size_t bytes)
{
    kept_key = key;
    kept_key_bytes = bytes;
}

int engine_values(struct engine *engine, struct engine_query *q, const struct tag_query *search,
                  struct tag_value_list *ret, struct err *err)
{
    (void)engine;
    fake_engine.tag_query = *search;
    if (kept_key)
        snprintf(kept_key, kept_key_bytes, "%.*s", STR_ARG(search->field.key));
    *ret = ANSWER(fake_engine.values);
    return query(q, err);
}

int engine_keys(struct engine *engine, struct engine_query *q, const struct tag_query *search,
                struct tag_key_list *ret, struct err *err)
{
    (void)engine;
    fake_engine.tag_query = *search;
    *ret = ANSWER(fake_engine.keys);
    return query(q, err);
}

int engine_traces(struct engine *engine, struct engine_query *q, const struct traces_query *search,
                  engine_traces_fn *fn, void *user, struct err *err)
{
    (void)engine, (void)search, (void)fn, (void)user;
    return query(q, err);
}

int engine_light_trace(struct engine *engine, struct engine_query *q, struct trace_id id,
                       engine_traces_fn *fn, void *user, struct err *err)
{
    (void)engine, (void)id, (void)fn, (void)user;
    return query(q, err);
}

int engine_operation_stats(struct engine *engine, struct engine_query *q, struct str service,
                           uint64_t start_ns, uint64_t end_ns, struct operation_stats_list *ret,
                           struct err *err)
{
    (void)engine, (void)service, (void)start_ns, (void)end_ns;
    *ret = (struct operation_stats_list){0};
    return query(q, err);
}
