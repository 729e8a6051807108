/* traces.c - whole traces as light trees, for analyses of many. */
#include "engine/traces.h"

#include "query/query.h"
#include "query/spansets.h"
#include "query/trace_tree.h"
#include "store/dict.h"

struct light_walk {
    struct run run;
    struct dict strings; /* services and names: one pointer for each */
    uint32_t left;       /* traces still wanted */
    engine_traces_fn *fn;
    void *user;
};

static struct str keep(struct str s, void *user)
{
    struct light_walk *w = user;
    return arena_str(&w->run.own_tables, s);
}

/* The same pointer for the same string; empty when there are too many different ones. */
static int same_string(struct light_walk *w, const struct trace_row *t, enum source_table table,
                       uint32_t id, struct str *ret, struct err *err)
{
    uint32_t at;
    TRY(source_need_table(&w->run.snap.sources[t->ref.source], table, err));
    at = dict_intern_kept(&w->strings, run_string(&w->run, t->ref.source, table, id), keep, w);
    if (at == DICT_NONE || arena_failed(&w->run.own_tables))
        return run_out_of_memory(err);
    *ret = dict_get(&w->strings, at);
    return 0;
}

static int light_spans(struct light_walk *w, const struct trace_rows *rows,
                       struct light_span *spans, struct err *err)
{
    uint32_t *parents = arena_alloc(&w->run.rows, rows->count * sizeof *parents);
    if (!parents)
        return run_out_of_memory(err);
    TRY(tree_parents(&w->run, rows, &w->run.rows, parents, err));
    for (size_t i = 0; i < rows->count; i++) {
        const struct trace_row *t = &rows->items[i];
        struct light_span *s = &spans[i];
        *s = (struct light_span){.span_id = t->row.span_id,
                                 .parent_span_id = t->row.parent_id,
                                 .start_ns = t->row.start_ns,
                                 .duration_ns = t->row.duration_ns,
                                 .parent = parents[i],
                                 .kind = t->row.kind,
                                 .status = t->row.status};
        TRY(same_string(w, t, SOURCE_SERVICES, t->row.service, &s->service, err));
        TRY(same_string(w, t, SOURCE_NAMES, t->row.name, &s->name, err));
        TRY(run_tick(&w->run, err));
    }
    return 0;
}

_Static_assert(TREE_NONE == (uint32_t)NO_PARENT, "the same absence");

/* Rows must be in r->rows. */
static int call_with(struct light_walk *w, struct trace_id id, const struct trace_rows *rows,
                     struct err *err)
{
    struct light_span *spans = arena_alloc(&w->run.rows, rows->count * sizeof *spans);
    struct light_trace trace = {id, spans, (uint32_t)rows->count};
    if (!spans)
        return run_out_of_memory(err);
    TRY(light_spans(w, rows, spans, err));
    w->run.q->spans_scanned += rows->count;
    return w->fn(&trace, w->user, err);
}

enum { ENOUGH = 1 }; /* ends the walk */

static int found_trace(struct run *r, const struct trace_view *view, const struct view_sets *sets,
                       void *user, struct err *err)
{
    struct light_walk *w = user;
    int rc = call_with(w, view->id, &view->rows, err);
    (void)r;
    (void)sets;
    return rc == 0 && --w->left == 0 ? ENOUGH : rc;
}

static int walk_traces(struct light_walk *w, const struct traces_query *query, int *ret,
                       struct err *err)
{
    static const struct spanset_expr all = {.op = SPANSET_FILTER};
    static const struct stage stage = {.kind = STAGE_SPANSETS, .spansets = &all};
    static const struct pipeline every = {&stage, 1};
    const struct pipeline *pipeline = query->query ? query->query->search : &every;
    uint32_t filters = query->query ? query->query->filter_count : 1;
    TRY(run_check(&w->run, err));
    *ret = spansets_each(&w->run, pipeline, filters, query->start_ns, query->end_ns, NULL,
                         found_trace, w, err);
    return 0;
}

static struct light_walk light_walk(engine_traces_fn *fn, void *user, uint32_t limit)
{
    return (struct light_walk){.left = limit, .fn = fn, .user = user};
}

int query_traces(struct store *store, struct engine_query *q, const struct traces_query *query,
                 engine_traces_fn *fn, void *user, struct err *err)
{
    struct light_walk w = light_walk(fn, user, query->limit);
    int rc, walked = 0;
    if (query->query && !query->query->search)
        return err_set(err, ERR_INVALID, "the query is no search but counts spans over time");
    if (!query->limit)
        return 0;
    run_begin(&w.run, store, q, NULL);
    rc = walk_traces(&w, query, &walked, err);
    run_end(&w.run);
    dict_release(&w.strings);
    return rc < 0 || (walked == ENOUGH && w.left == 0) ? rc : walked;
}

static int one_trace(struct light_walk *w, struct trace_id id, struct err *err)
{
    struct run *r = &w->run;
    struct trace_rows rows;
    TRY(run_check(r, err));
    TRY(run_unique_rows(r, id, &r->rows, &rows, err));
    if (!rows.count && r->damaged)
        return err_set(err, ERR_CORRUPT, "a damaged part may hold this trace");
    if (!rows.count)
        return err_set(err, ERR_NOT_FOUND, "no trace has this id");
    return call_with(w, id, &rows, err);
}

int query_light_trace(struct store *store, struct engine_query *q, struct trace_id id,
                      engine_traces_fn *fn, void *user, struct err *err)
{
    struct light_walk w = light_walk(fn, user, 1);
    int rc;
    run_begin(&w.run, store, q, NULL);
    rc = one_trace(&w, id, err);
    run_end(&w.run);
    dict_release(&w.strings);
    return rc;
}
