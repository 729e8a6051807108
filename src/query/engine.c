/* engine.c - the contract of engine.h, answered by the embedded store and its executor. */
#include "engine/engine.h"

#include <stdlib.h>

#include "query/ahead.h"
#include "query/query.h"
#include "query/scan.h"
#include "query/series.h"
#include "store/store.h"

struct engine {
    struct store *store;
    struct ahead *ahead;
};

int engine_open(const struct engine_options *options, struct engine **ret, struct err *err)
{
    struct engine *e = calloc(1, sizeof *e);
    int rc = e ? store_open(options, &e->store, err) : err_set(err, ERR_NOMEM, "out of memory");
    if (rc == 0)
        rc = ahead_start(e->store, AHEAD_PAUSE_MS, &e->ahead, err);
    if (rc < 0) {
        engine_close(e);
        return rc;
    }
    *ret = e;
    return 0;
}

void engine_close(struct engine *engine)
{
    if (!engine)
        return;
    ahead_stop(engine->ahead);
    store_close(engine->store);
    free(engine);
}

int engine_append(struct engine *engine, const struct engine_append *append, struct err *err)
{
    return store_append(engine->store, append, err);
}

int engine_trace(struct engine *engine, struct engine_query *q, struct trace_id id,
                 struct span_batch *ret, struct err *err)
{
    return query_trace(engine->store, q, id, ret, err);
}

int engine_delete_trace(struct engine *engine, struct trace_id id, struct err *err)
{
    return store_delete_trace(engine->store, id, err);
}

int engine_search(struct engine *engine, struct engine_query *q, const struct trace_query *query,
                  struct trace_summary_list *ret, struct err *err)
{
    return query_search(engine->store, q, query, ret, err);
}

int engine_spansets(struct engine *engine, struct engine_query *q,
                    const struct spansets_query *query, struct spanset_list *ret, struct err *err)
{
    return query_spansets(engine->store, q, query, ret, err);
}

int engine_traces(struct engine *engine, struct engine_query *q, const struct traces_query *query,
                  engine_traces_fn *fn, void *user, struct err *err)
{
    return query_traces(engine->store, q, query, fn, user, err);
}

int engine_light_trace(struct engine *engine, struct engine_query *q, struct trace_id id,
                       engine_traces_fn *fn, void *user, struct err *err)
{
    return query_light_trace(engine->store, q, id, fn, user, err);
}

int engine_services(struct engine *engine, struct engine_query *q, struct str_list *ret,
                    struct err *err)
{
    return query_services(engine->store, q, ret, err);
}

int engine_operations(struct engine *engine, struct engine_query *q, struct str service,
                      struct operation_list *ret, struct err *err)
{
    return query_operations(engine->store, q, service, ret, err);
}

int engine_dependencies(struct engine *engine, struct engine_query *q, uint64_t start_ns,
                        uint64_t end_ns, struct dependency_list *ret, struct err *err)
{
    return query_dependencies(engine->store, q, start_ns, end_ns, ret, err);
}

int engine_values(struct engine *engine, struct engine_query *q, const struct tag_query *query,
                  struct tag_value_list *ret, struct err *err)
{
    return query_values(engine->store, q, query, ret, err);
}

int engine_keys(struct engine *engine, struct engine_query *q, const struct tag_query *query,
                struct tag_key_list *ret, struct err *err)
{
    return query_keys(engine->store, q, query, ret, err);
}

int engine_scan_open(struct engine *engine, struct engine_query *q, const struct scan_query *query,
                     struct engine_scan **ret, struct err *err)
{
    return query_scan_open(engine->store, q, query, ret, err);
}

int engine_series(struct engine *engine, struct engine_query *q, const struct series_query *query,
                  struct series_list *ret, struct err *err)
{
    return query_series(engine->store, q, query, ret, err);
}

int engine_operation_stats(struct engine *engine, struct engine_query *q, struct str service,
                           uint64_t start_ns, uint64_t end_ns, struct operation_stats_list *ret,
                           struct err *err)
{
    return query_operation_stats(engine->store, q, service, start_ns, end_ns, ret, err);
}

int engine_usage(struct engine *engine, struct engine_query *q, struct engine_usage *ret,
                 struct err *err)
{
    return query_usage(engine->store, q, ret, err);
}

int engine_copy(struct engine *engine, const char *target, struct engine_copy *ret, struct err *err)
{
    return store_copy(engine->store, target, ret, err);
}

void engine_stats(struct engine *engine, struct engine_stats *ret)
{
    store_stats(engine->store, ret);
}
