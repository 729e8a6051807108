/* series_count.c - the spans of a metric function, group by group, where a filter of spans alone tells which. */
#include <math.h>

#include "query/parallel.h"
#include "query/rows.h"
#include "query/series_inside.h"
#include "query/vector.h"

/* ---- Group by group ---- */

/* What a thread has. */
struct counter {
    struct accumulator sums;
    struct filter filter;
    struct vector_field *fields[TRACEQL_BY_MAX + 2]; /* by(), operand, start */
    uint32_t field_count, operand_at, start_at;
    uint32_t *labels[TRACEQL_BY_MAX];
    uint32_t buckets[SOURCE_GROUP_ROWS_MAX], series[SOURCE_GROUP_ROWS_MAX];
    double values[SOURCE_GROUP_ROWS_MAX];
};

struct counting {
    const struct series_plan *plan;
    const struct expr *condition;
    struct counter *counters[PARALLEL_MAX];
};

static int add_field(struct run *r, struct counter *c, const struct field *field, struct err *err)
{
    return vector_field_make(r, field, &c->fields[c->field_count++], err);
}

static int make_counter(struct run *r, const struct counting *counting, struct counter **ret,
                        struct err *err)
{
    static const struct field start = {.kind = FIELD_START};
    const struct series_plan *plan = counting->plan;
    const struct metric *m = plan->metric;
    struct trace_query filter = {counting->condition, plan->start_ns + 1, plan->end_ns, 0};
    struct counter *c = arena_calloc(&r->own_tables, 1, sizeof *c);
    if (!c)
        return run_out_of_memory(err);
    TRY(accumulator_init(&c->sums, plan, &r->own_tables, err));
    TRY(filter_make(r, &filter, &c->filter, err));
    for (uint32_t k = 0; k < m->by_count; k++) {
        c->labels[k] = arena_alloc(&r->own_tables, SOURCE_GROUP_ROWS_MAX * sizeof *c->labels[k]);
        if (!c->labels[k])
            return run_out_of_memory(err);
        TRY(add_field(r, c, &m->by[k]->field, err));
    }
    c->operand_at = c->field_count;
    if (m->operand)
        TRY(add_field(r, c, &m->operand->field, err));
    c->start_at = c->field_count;
    TRY(add_field(r, c, &start, err));
    *ret = c;
    return 0;
}

/* The bucket that all rows of the group are in, or BUCKET_NONE. */
static uint32_t common_bucket(const struct series_plan *p, const struct group_range *range)
{
    struct bucket_cursor cursor = {0};
    uint32_t first = bucket_of(p, &cursor, range->start_min_ns);
    return first == bucket_of(p, &cursor, range->start_max_ns) ? first : BUCKET_NONE;
}

static void read_buckets(const struct series_plan *p, const struct vector *starts, uint32_t count,
                         uint32_t *buckets)
{
    struct bucket_cursor cursor = {0};
    for (uint32_t i = 0; i < count; i++)
        buckets[i] = bucket_of(p, &cursor, (uint64_t)starts->ints[i]);
}

double series_number(const struct value *v)
{
    return v->type == VALUE_INT      ? (double)v->integer
           : v->type == VALUE_DOUBLE ? v->number
                                     : (double)NAN;
}

static void read_numbers(const struct vector *v, uint32_t count, double *values)
{
    for (uint32_t i = 0; i < count && v->kind == VECTOR_INTS; i++)
        values[i] = (double)v->ints[i];
    for (uint32_t i = 0; i < count && v->kind != VECTOR_INTS; i++) {
        struct value one = vector_value(v, i);
        values[i] = series_number(&one);
    }
}

enum { EXEMPLARS_PER_GROUP = 4 };

static int take_exemplar(struct run *r, struct counter *c, const struct run_group *group,
                         uint32_t row, uint32_t i, struct err *err)
{
    const struct source *src = &r->snap.sources[group->source];
    struct exemplar e = {.value = (double)NAN};
    struct row_group g;
    TRY(source_group(src, r->scanner, group->group, ROWS_START | ROWS_SPAN_ID, &g, err));
    if (c->series[i] == LABEL_NONE || !accumulator_wants_exemplar(&c->sums, g.start_ns[row]))
        return 0;
    e.time_ns = g.start_ns[row];
    e.span_id = g.span_id[row];
    if (c->operand_at != c->start_at)
        e.value = c->sums.plan->duration ? c->values[i] / 1e9 : c->values[i];
    TRY(source_trace_id(src, g.first_row + row, &e.trace_id, err));
    accumulator_add_exemplar(&c->sums, c->series[i], &e);
    return 0;
}

/* A few rows of the group, evenly. */
static int take_exemplars(struct run *r, struct counter *c, const struct run_group *group,
                          const struct bits *rows, uint32_t count, struct err *err)
{
    uint32_t step = (count + EXEMPLARS_PER_GROUP - 1) / EXEMPLARS_PER_GROUP, i = 0, row;
    if (!accumulator_wants_exemplar(&c->sums, group->range.start_max_ns) &&
        !accumulator_wants_exemplar(&c->sums, group->range.start_min_ns))
        return 0;
    for (struct bits_walk w = bits_begin(rows); bits_next(&w, &row); i++) {
        if (i % step == step / 2)
            TRY(take_exemplar(r, c, group, row, i, err));
    }
    return 0;
}

/* Counting alone needs no column when the whole group is in one bucket. */
static bool only_counts(const struct counter *c, uint32_t common)
{
    return common != BUCKET_NONE && c->start_at == 0;
}

static int count_group(struct run *r, uint32_t thread, const struct run_group *group, void *user,
                       struct err *err)
{
    const struct counting *counting = user;
    struct counter *c = counting->counters[thread];
    uint32_t common = common_bucket(counting->plan, &group->range), count;
    struct vector vectors[TRACEQL_BY_MAX + 2];
    struct series_rows batch = {.buckets = c->buckets};
    struct bits rows;
    bool any;
    TRY(rows_pass(r, &c->filter, group, &rows, &any, err));
    if (!any)
        return 0;
    count = batch.count = bits_count(&rows);
    if (only_counts(c, common)) {
        memset(c->series, 0, count * sizeof *c->series);
        TRY(accumulator_add_count(&c->sums, common, count, err));
        return take_exemplars(r, c, group, &rows, count, err);
    }
    arena_reset(&r->rows);
    TRY(vectors_read(r, c->fields, c->field_count - (common != BUCKET_NONE), group->source,
                     group->group, &rows, &r->rows, vectors, err));
    for (uint32_t k = 0; k < c->operand_at; k++) {
        TRY(label_ids_read(&c->sums.by[k], &vectors[k], count, c->labels[k], err));
        batch.labels[k] = c->labels[k];
    }
    if (c->operand_at != c->start_at) {
        read_numbers(&vectors[c->operand_at], count, c->values);
        batch.values = c->values;
    }
    if (common == BUCKET_NONE)
        read_buckets(counting->plan, &vectors[c->start_at], count, c->buckets);
    for (uint32_t i = 0; i < count && common != BUCKET_NONE; i++)
        c->buckets[i] = common;
    TRY(accumulator_add(&c->sums, &batch, c->series, err));
    return take_exemplars(r, c, group, &rows, count, err);
}

static int count_groups(struct run *r, const struct series_plan *plan, const struct expr *condition,
                        struct arena *arena, struct series_list *ret, struct err *err)
{
    struct counting counting = {.plan = plan, .condition = condition};
    struct run_groups groups;
    struct parallel p;
    int rc = 0;
    TRY(run_groups(r, plan->start_ns + 1, plan->end_ns, &r->own_tables, &groups, err));
    parallel_begin(&p, r, groups.count);
    for (uint32_t i = 0; i < p.count && rc == 0; i++)
        rc = make_counter(parallel_run(&p, i), &counting, &counting.counters[i], err);
    if (rc == 0)
        rc = parallel_groups(&p, &groups, count_group, &counting, err);
    for (uint32_t i = 1; i < p.count && rc == 0; i++)
        rc = accumulator_merge(&counting.counters[0]->sums, &counting.counters[i]->sums, err);
    if (rc == 0)
        rc = series_of(&counting.counters[0]->sums, arena, ret, err);
    parallel_end(&p);
    return rc;
}

/* ---- Which way ---- */

static bool field_alone(const struct expr *e)
{
    return !e || (e->op == EXPR_FIELD && !field_needs_trace(&e->field));
}

bool series_of_spans_alone(const struct series_plan *plan, const struct expr **condition)
{
    const struct pipeline *p = plan->pipeline;
    const struct metric *m = plan->metric;
    const struct spanset_expr *set;
    bool alone = field_alone(m->operand);
    for (uint32_t k = 0; k < m->by_count; k++)
        alone &= field_alone(m->by[k]);
    if (!alone || p->stage_count != 1 || p->stages[0].kind != STAGE_SPANSETS)
        return false;
    set = p->stages[0].spansets;
    *condition = set->condition;
    return set->op == SPANSET_FILTER && !expr_needs_trace(set->condition);
}

int series_count(struct run *r, const struct series_plan *plan, struct arena *arena,
                 struct series_list *ret, struct err *err)
{
    const struct expr *condition;
    if (series_of_spans_alone(plan, &condition))
        return count_groups(r, plan, condition, arena, ret, err);
    return series_count_traces(r, plan, arena, ret, err);
}
