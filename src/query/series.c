/* series.c - a metrics query: its functions one after the other, then seconds and arithmetic on what they gave. */
#include "query/series.h"

#include "query/series_inside.h"

struct series_run {
    struct run run;
    const struct series_query *query;
    uint32_t bucket_count;
};

static bool is_duration(const struct expr *operand)
{
    if (!operand || operand->op != EXPR_FIELD)
        return false;
    return operand->field.kind == FIELD_DURATION || operand->field.kind == FIELD_TRACE_DURATION ||
           operand->field.kind == FIELD_EVENT_TIME;
}

static int run_function(struct series_run *s, const struct metric_expr *e, struct series_list *ret,
                        struct err *err)
{
    const struct series_query *q = s->query;
    uint32_t exemplars = q->exemplars_max;
    struct series_plan plan = {
        .metric = e->metric,
        .pipeline = e->pipeline,
        .filter_count = q->query->filter_count,
        .start_ns = q->start_ns,
        .end_ns = q->end_ns,
        .step_ns = q->step_ns,
        .bucket_count = s->bucket_count,
        .exemplars_max = exemplars < EXEMPLAR_SLOTS_MAX ? exemplars : EXEMPLAR_SLOTS_MAX,
        .duration = is_duration(e->metric->operand),
    };
    if (e->metric->kind == METRIC_COMPARE)
        return series_compare(&s->run, &plan, &s->run.own_tables, ret, err);
    return series_count(&s->run, &plan, &s->run.own_tables, ret, err);
}

static int evaluate(struct series_run *s, const struct metric_expr *e, struct series_list *ret,
                    struct err *err);

static int arithmetic(struct series_run *s, const struct metric_expr *e, struct series_list *ret,
                      struct err *err)
{
    struct series_list left, right;
    const struct metric_expr *metric = e->left->op == MATH_SCALAR ? e->right : e->left;
    if (e->left->op == MATH_SCALAR || e->right->op == MATH_SCALAR) {
        const struct metric_expr *scalar = metric == e->right ? e->left : e->right;
        TRY(evaluate(s, metric, ret, err));
        series_scale(e->op, ret, scalar->scalar, scalar == e->left);
        return 0;
    }
    TRY(evaluate(s, e->left, &left, err));
    TRY(evaluate(s, e->right, &right, err));
    return series_join(e->op, &left, &right, &s->run.own_tables, ret, err);
}

static int evaluate(struct series_run *s, const struct metric_expr *e, struct series_list *ret,
                    struct err *err)
{
    if (e->op == MATH_SCALAR)
        return err_set(err, ERR_INVALID, "a number alone is no metrics query");
    TRY(e->op == MATH_METRIC ? run_function(s, e, ret, err) : arithmetic(s, e, ret, err));
    for (uint32_t i = 0; i < e->second_count; i++)
        TRY(series_second(&e->seconds[i], ret, &s->run.own_tables, err));
    return run_check(&s->run, err);
}

/* ---- The answer, in the caller's arena ---- */

static int copy_one(const struct series *from, uint32_t bucket_count, struct arena *arena,
                    struct series *to, struct err *err)
{
    *to = *from;
    to->labels = arena_calloc(arena, from->label_count, sizeof *to->labels);
    to->values = arena_alloc(arena, bucket_count * sizeof *to->values + 1);
    to->exemplars = arena_calloc(arena, from->exemplar_count, sizeof *to->exemplars);
    if (!to->labels || !to->values || !to->exemplars)
        return run_out_of_memory(err);
    for (uint32_t i = 0; i < from->label_count; i++) {
        to->labels[i].key = arena_str(arena, from->labels[i].key);
        to->labels[i].value = from->labels[i].value;
        value_copy(&to->labels[i].value, arena);
    }
    memcpy(to->values, from->values, bucket_count * sizeof *to->values);
    if (from->exemplar_count)
        memcpy(to->exemplars, from->exemplars, from->exemplar_count * sizeof *to->exemplars);
    return arena_failed(arena) ? run_out_of_memory(err) : 0;
}

static int copy_out(struct series_run *s, const struct series_list *from, struct series_list *ret,
                    struct err *err)
{
    struct arena *arena = s->run.q->arena;
    bool cut = from->count > s->query->series_max;
    size_t count = cut ? s->query->series_max : from->count;
    struct series *items = arena_calloc(arena, count, sizeof *items);
    if (!items)
        return run_out_of_memory(err);
    for (size_t i = 0; i < count; i++)
        TRY(copy_one(&from->items[i], s->bucket_count, arena, &items[i], err));
    *ret = (struct series_list){.items = items,
                                .count = count,
                                .bucket_count = s->bucket_count,
                                .truncated = from->truncated || cut};
    return 0;
}

static int check_range(const struct series_query *q, uint32_t *buckets, struct err *err)
{
    uint64_t span = q->end_ns - q->start_ns, count;
    if (!q->query || !q->query->metric)
        return err_set(err, ERR_INVALID, "the query is no metrics query");
    if (q->end_ns <= q->start_ns || !q->step_ns)
        return err_set(err, ERR_INVALID, "the time range is empty");
    count = (span - 1) / q->step_ns + 1;
    if (count > SERIES_BUCKETS_MAX)
        return err_set(err, ERR_INVALID, "the range has %llu steps, %d at most: take a longer step",
                       (unsigned long long)count, SERIES_BUCKETS_MAX);
    *buckets = (uint32_t)count;
    return 0;
}

int query_series(struct store *store, struct engine_query *q, const struct series_query *query,
                 struct series_list *ret, struct err *err)
{
    struct series_run s = {.query = query};
    struct series_list list;
    int rc;
    TRY(check_range(query, &s.bucket_count, err));
    run_begin(&s.run, store, q, NULL);
    rc = run_check(&s.run, err);
    if (rc == 0)
        rc = evaluate(&s, query->query->metric, &list, err);
    if (rc == 0)
        rc = copy_out(&s, &list, ret, err);
    run_end(&s.run);
    return rc;
}
