/* series_traces.c - the spans of a metric function, trace by trace: those that a pipeline of several stages, relations
 * between spans or fields of whole traces choose. */
#include <math.h>

#include "query/series_inside.h"
#include "query/spansets.h"

struct counter {
    const struct series_plan *plan;
    struct accumulator sums;
    struct view_needs by[TRACEQL_BY_MAX], operand;
    struct bucket_cursor cursor;
    struct arena batch; /* of one set */
};

/* Spans of one set, in columns. */
struct batch {
    uint32_t *labels[TRACEQL_BY_MAX];
    uint32_t *buckets, *series;
    double *values;
};

static int make_batch(struct counter *c, uint32_t count, struct batch *b, struct err *err)
{
    const struct metric *m = c->plan->metric;
    arena_reset(&c->batch);
    for (uint32_t k = 0; k < m->by_count; k++)
        b->labels[k] = arena_alloc(&c->batch, (size_t)count * sizeof *b->labels[k] + 1);
    b->buckets = arena_alloc(&c->batch, (size_t)count * sizeof *b->buckets + 1);
    b->series = arena_alloc(&c->batch, (size_t)count * sizeof *b->series + 1);
    b->values = arena_alloc(&c->batch, (size_t)count * sizeof *b->values + 1);
    return arena_failed(&c->batch) ? run_out_of_memory(err) : 0;
}

static int read_row(struct run *r, struct counter *c, const struct trace_view *view, uint32_t row,
                    struct batch *b, uint32_t i, struct err *err)
{
    const struct metric *m = c->plan->metric;
    struct value v;
    b->buckets[i] = bucket_of(c->plan, &c->cursor, view->rows.items[row].row.start_ns);
    if (b->buckets[i] == BUCKET_NONE) {
        for (uint32_t k = 0; k < m->by_count; k++)
            b->labels[k][i] = LABEL_NONE;
        return 0;
    }
    for (uint32_t k = 0; k < m->by_count; k++) {
        TRY(view_value(r, view, row, m->by[k], &c->by[k], &v, err));
        b->labels[k][i] = label_ids_put(&c->sums.by[k], &v);
    }
    if (m->operand) {
        TRY(view_value(r, view, row, m->operand, &c->operand, &v, err));
        b->values[i] = series_number(&v);
    }
    return arena_failed(c->sums.arena) ? run_out_of_memory(err) : run_tick(r, err);
}

static void take_exemplar(struct counter *c, const struct trace_view *view,
                          const struct view_set *set, const struct batch *b)
{
    for (uint32_t i = 0; i < set->count; i++) {
        const struct row *row = &view->rows.items[set->rows[i]].row;
        struct exemplar e = {view->id, row->span_id, row->start_ns, (double)NAN};
        if (b->series[i] == LABEL_NONE || !accumulator_wants_exemplar(&c->sums, e.time_ns))
            continue;
        if (c->plan->metric->operand)
            e.value = c->plan->duration ? b->values[i] / 1e9 : b->values[i];
        accumulator_add_exemplar(&c->sums, b->series[i], &e);
        return;
    }
}

static int count_set(struct run *r, struct counter *c, const struct trace_view *view,
                     const struct view_set *set, struct err *err)
{
    struct batch b;
    struct series_rows rows = {.count = set->count};
    TRY(make_batch(c, set->count, &b, err));
    for (uint32_t i = 0; i < set->count; i++)
        TRY(read_row(r, c, view, set->rows[i], &b, i, err));
    for (uint32_t k = 0; k < c->plan->metric->by_count; k++)
        rows.labels[k] = b.labels[k];
    rows.buckets = b.buckets;
    rows.values = c->plan->metric->operand ? b.values : NULL;
    TRY(accumulator_add(&c->sums, &rows, b.series, err));
    take_exemplar(c, view, set, &b);
    return 0;
}

static int count_trace(struct run *r, const struct trace_view *view, const struct view_sets *sets,
                       void *user, struct err *err)
{
    for (uint32_t i = 0; i < sets->count; i++)
        TRY(count_set(r, user, view, &sets->items[i], err));
    return 0;
}

static int count_all(struct run *r, struct counter *c, struct arena *arena, struct series_list *ret,
                     struct err *err)
{
    const struct series_plan *p = c->plan;
    TRY(accumulator_init(&c->sums, p, &r->own_tables, err));
    for (uint32_t k = 0; k < p->metric->by_count; k++)
        view_needs_of(p->metric->by[k], &c->by[k]);
    if (p->metric->operand)
        view_needs_of(p->metric->operand, &c->operand);
    TRY(spansets_each(r, p->pipeline, p->filter_count, p->start_ns + 1, p->end_ns, NULL,
                      count_trace, c, err));
    return series_of(&c->sums, arena, ret, err);
}

int series_count_traces(struct run *r, const struct series_plan *plan, struct arena *arena,
                        struct series_list *ret, struct err *err)
{
    struct counter c = {.plan = plan};
    int rc;
    arena_init(&c.batch, r->q->arena->max_bytes);
    rc = count_all(r, &c, arena, ret, err);
    arena_release(&c.batch);
    return rc;
}
