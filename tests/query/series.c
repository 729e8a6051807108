/* Metrics against a model that counts plain spans one by one. */
#include <math.h>

#include "query/parallel.h"
#include "query/series.h"
#include "query/series_inside.h"
#include "world.h"

enum { QUERIES = 400, SERIES_MAX = 4000, BUCKETS_MAX = 64 };

/* ---- The model ---- */

/* A series and all numbers in each of its buckets. */
struct model_series {
    struct value by[TRACEQL_BY_MAX];
    double power; /* of histograms */
    struct numbers {
        double *items;
        size_t count, cap;
    } buckets[BUCKETS_MAX];
};

struct model {
    struct model_series *items;
    size_t count;
};

static struct model_series *model_of(struct model *m, const struct value *by, uint32_t by_count,
                                     double power)
{
    for (size_t i = 0; i < m->count; i++) {
        bool same = m->items[i].power == power;
        for (uint32_t k = 0; k < by_count; k++)
            same = same && value_eq(&m->items[i].by[k], &by[k]);
        if (same)
            return &m->items[i];
    }
    assert_true(m->count < SERIES_MAX);
    memcpy(m->items[m->count].by, by, TRACEQL_BY_MAX * sizeof *by);
    m->items[m->count].power = power;
    return &m->items[m->count++];
}

static bool is_time(const struct metric *m)
{
    return m->operand &&
           (m->operand->field.kind == FIELD_DURATION || m->operand->field.kind == FIELD_EVENT_TIME);
}

static double least_power(double v)
{
    double p = ldexp(1, -40);
    while (p < v)
        p *= 2;
    return p;
}

static void model_count(struct model *model, const struct series_query *q, const struct span *s,
                        struct arena *a)
{
    const struct metric *m = q->query->metric->metric;
    struct value by[TRACEQL_BY_MAX] = {{.type = VALUE_EMPTY}};
    uint32_t bucket = (uint32_t)((s->start_ns - q->start_ns - 1) / q->step_ns);
    double number = 1, power = 0;
    struct numbers *n;
    if (m->operand) {
        struct value v = world_value(&m->operand->field, s, a);
        if (v.type != VALUE_INT && v.type != VALUE_DOUBLE)
            return;
        number = v.type == VALUE_INT ? (double)v.integer : v.number;
    }
    if (m->kind == METRIC_HISTOGRAM && !(number > 0))
        return;
    if (m->kind == METRIC_HISTOGRAM)
        power = is_time(m) ? least_power(number) / 1e9 : least_power(number);
    for (uint32_t k = 0; k < m->by_count; k++)
        by[k] = series_label_value(&m->by[k]->field, world_value(&m->by[k]->field, s, a));
    n = &model_of(model, by, m->by_count, power)->buckets[bucket];
    if (n->count == n->cap) {
        n->cap = n->cap ? n->cap * 2 : 4;
        n->items = realloc(n->items, n->cap * sizeof *n->items);
    }
    n->items[n->count++] = is_time(m) ? number / 1e9 : number;
}

static int double_cmp(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double model_value(const struct metric *m, struct numbers *n, double q, double step_s)
{
    double sum = 0;
    size_t rank;
    if (m->kind == METRIC_RATE)
        return (double)n->count / step_s;
    if (m->kind == METRIC_COUNT || m->kind == METRIC_HISTOGRAM)
        return (double)n->count;
    if (!n->count)
        return (double)NAN;
    qsort(n->items, n->count, sizeof *n->items, double_cmp);
    for (size_t i = 0; i < n->count; i++)
        sum += n->items[i];
    switch (m->kind) {
    case METRIC_MIN: return n->items[0];
    case METRIC_MAX: return n->items[n->count - 1];
    case METRIC_AVG: return sum / (double)n->count;
    case METRIC_SUM: return sum;
    default: break;
    }
    rank = (size_t)ceil(q * (double)n->count);
    return n->items[rank ? rank - 1 : 0];
}

static void model_free(struct model *m)
{
    for (size_t i = 0; i < m->count; i++) {
        for (int b = 0; b < BUCKETS_MAX; b++)
            free(m->items[i].buckets[b].items);
    }
    free(m->items);
}

/* ---- Comparing ---- */

static bool near(double got, double want, double share)
{
    if (isnan(got) || isnan(want))
        return isnan(got) && isnan(want);
    return fabs(got - want) <= fabs(want) * share + 1e-6;
}

/* The model's series of a series; its quantile in *q. */
static struct model_series *find(struct model *model, const struct metric *m,
                                 const struct series *s, double *q)
{
    struct value by[TRACEQL_BY_MAX] = {{.type = VALUE_EMPTY}};
    double power = 0;
    uint32_t more = m->kind == METRIC_QUANTILE || m->kind == METRIC_HISTOGRAM || !m->by_count;
    size_t before = model->count;
    struct model_series *found;
    assert_int_equal(s->label_count, m->by_count + more);
    for (uint32_t k = 0; k < m->by_count; k++)
        by[k] = s->labels[k].value;
    if (m->kind == METRIC_QUANTILE)
        *q = s->labels[m->by_count].value.number;
    if (m->kind == METRIC_HISTOGRAM)
        power = s->labels[m->by_count].value.number;
    found = model_of(model, by, m->by_count, power);
    assert_int_equal(model->count, before); /* else a series that is none */
    return found;
}

static void check(struct model *model, const struct series_query *q, const struct series_list *got,
                  int n)
{
    const struct metric *m = q->query->metric->metric;
    size_t each = m->kind == METRIC_QUANTILE ? m->quantile_count : 1;
    if (got->count != model->count * each)
        fail_msg("query %d: %zu series, want %zu", n, got->count, model->count * each);
    for (size_t i = 0; i < got->count; i++) {
        const struct series *s = &got->items[i];
        double p = 0;
        struct model_series *want = find(model, m, s, &p);
        if (i)
            assert_true(
                series_labels_cmp(s[-1].labels, s[-1].label_count, s->labels, s->label_count) < 0);
        for (uint32_t b = 0; b < got->bucket_count; b++) {
            double value = model_value(m, &want->buckets[b], p, (double)q->step_ns / 1e9);
            if (!near(s->values[b], value, m->kind == METRIC_QUANTILE ? .01 : 1e-9))
                fail_msg("query %d (kind %d): bucket %u is %g, want %g", n, m->kind, b,
                         s->values[b], value);
        }
    }
}

/* ---- Queries ---- */

struct built {
    struct traceql query;
    struct metric_expr expr;
    struct metric metric;
    struct pipeline pipeline;
    struct stage stage;
    struct spanset_expr set;
    struct expr fields[TRACEQL_BY_MAX + 1];
};

static void build(struct built *b, enum metric_kind kind, const struct expr *condition)
{
    memset(b, 0, sizeof *b);
    b->set = (struct spanset_expr){.op = SPANSET_FILTER, .condition = condition};
    b->stage = (struct stage){.kind = STAGE_SPANSETS, .spansets = &b->set};
    b->pipeline = (struct pipeline){&b->stage, 1};
    b->metric.kind = kind;
    b->expr.pipeline = &b->pipeline;
    b->expr.metric = &b->metric;
    b->query.metric = &b->expr;
    b->query.filter_count = 1;
}

static void add_by(struct built *b, struct field f)
{
    struct expr *e = &b->fields[b->metric.by_count];
    *e = (struct expr){.op = EXPR_FIELD, .field = f};
    b->metric.by[b->metric.by_count++] = e;
}

static void set_operand(struct built *b, struct field f)
{
    b->fields[TRACEQL_BY_MAX] = (struct expr){.op = EXPR_FIELD, .field = f};
    b->metric.operand = &b->fields[TRACEQL_BY_MAX];
}

static void random_query(struct world *w, struct built *b, struct arena *a)
{
    static const struct field operands[] = {
        {.kind = FIELD_DURATION},
        {.kind = FIELD_DURATION},
        {FIELD_ATTRIBUTE, SCOPE_SPAN, STR_INIT("weight")},
        {FIELD_ATTRIBUTE, SCOPE_FIRST, STR_INIT("code")},
        {.kind = FIELD_EVENT_TIME},
    };
    static const struct field by[] = {
        {.kind = FIELD_SERVICE},
        {.kind = FIELD_KIND},
        {.kind = FIELD_STATUS},
        {.kind = FIELD_NAME},
        {FIELD_ATTRIBUTE, SCOPE_SPAN, STR_INIT("route")},
        {FIELD_ATTRIBUTE, SCOPE_FIRST, STR_INIT("code")},
        {FIELD_ATTRIBUTE, SCOPE_RESOURCE, STR_INIT("zone")},
        {FIELD_ATTRIBUTE, SCOPE_SPAN, STR_INIT("absent")},
        {.kind = FIELD_EVENT_NAME},
    };
    uint32_t n = rng_below(&w->rng, 4);
    build(b, (enum metric_kind)rng_below(&w->rng, METRIC_COMPARE),
          rng_below(&w->rng, 3) ? world_filter(w, a, 1) : NULL);
    if (b->metric.kind >= METRIC_MIN)
        set_operand(
            b, operands[rng_below(&w->rng, COUNT(operands) - (b->metric.kind >= METRIC_QUANTILE))]);
    for (uint32_t k = 0; k < n; k++)
        add_by(b, by[rng_below(&w->rng, COUNT(by))]);
    if (b->metric.kind == METRIC_QUANTILE) {
        b->metric.quantile_count = 1 + rng_below(&w->rng, 3);
        b->metric.quantiles[0] = .5;
        b->metric.quantiles[1] = .99;
        b->metric.quantiles[2] = 0;
    }
}

static void random_range(struct world *w, struct series_query *q)
{
    uint32_t buckets = 1 + rng_below(&w->rng, BUCKETS_MAX - 1);
    q->start_ns = w->start_ns - 1;
    q->end_ns = w->end_ns;
    if (rng_below(&w->rng, 2)) {
        q->start_ns = w->spans[rng_below(&w->rng, (uint32_t)w->count)].start_ns;
        q->end_ns = q->start_ns + 1 + (uint64_t)rng_below(&w->rng, 4000) * 1000000;
    }
    q->step_ns = (q->end_ns - q->start_ns) / buckets + 1;
}

static void test_model(void **state)
{
    struct world *w = *state;
    size_t series = 0;
    for (int n = 0; n < QUERIES; n++) {
        struct model model = {.items = calloc(SERIES_MAX, sizeof *model.items)};
        struct series_query query = {.series_max = SERIES_MAX, .exemplars_max = 10};
        struct engine_query q = {0};
        struct series_list got;
        struct built b;
        struct arena arena;
        struct err err;
        arena_init(&arena, 0);
        q.arena = &arena;
        random_query(w, &b, &arena);
        random_range(w, &query);
        query.query = &b.query;
        if (query_series(w->store, &q, &query, &got, &err) < 0)
            fail_msg("query %d: %s", n, err.msg);
        for (size_t i = 0; i < w->count; i++) {
            const struct span *s = &w->spans[i];
            if (s->start_ns > query.start_ns && s->start_ns <= query.end_ns &&
                expr_matches(b.set.condition, s, &arena))
                model_count(&model, &query, s, &arena);
        }
        assert_false(got.truncated);
        assert_int_equal(got.bucket_count, (query.end_ns - query.start_ns - 1) / query.step_ns + 1);
        check(&model, &query, &got, n);
        series += got.count;
        model_free(&model);
        arena_release(&arena);
    }
    assert_true(series > QUERIES);
}

static const struct span *span_of(const struct world *w, const struct exemplar *e)
{
    for (size_t i = 0; i < w->count; i++) {
        if (trace_id_eq(w->spans[i].trace_id, e->trace_id) &&
            span_id_eq(w->spans[i].span_id, e->span_id))
            return &w->spans[i];
    }
    fail_msg("an exemplar that is no span");
    return NULL;
}

/* Real spans of the right series, over the whole range. */
static void test_exemplars(void **state)
{
    struct world *w = *state;
    struct series_query query = {.start_ns = w->start_ns - 1,
                                 .end_ns = w->end_ns,
                                 .step_ns = 500000000,
                                 .series_max = 100,
                                 .exemplars_max = 10};
    struct field service = {.kind = FIELD_SERVICE};
    struct engine_query q = {0};
    struct series_list got;
    struct built b;
    struct arena arena;
    uint32_t count = 0;
    uint64_t last = 0;
    arena_init(&arena, 0);
    q.arena = &arena;
    build(&b, METRIC_MAX, NULL);
    set_operand(&b, (struct field){.kind = FIELD_DURATION});
    add_by(&b, service);
    query.query = &b.query;
    assert_int_equal(query_series(w->store, &q, &query, &got, NULL), 0);
    for (size_t i = 0; i < got.count; i++) {
        for (uint32_t k = 0; k < got.items[i].exemplar_count; k++) {
            const struct exemplar *e = &got.items[i].exemplars[k];
            const struct span *s = span_of(w, e);
            assert_true(str_eq(s->resource->service_name, got.items[i].labels[0].value.string));
            assert_int_equal(s->start_ns, e->time_ns);
            assert_true(near(e->value, (double)span_duration_ns(s) / 1e9, 1e-9));
            last = e->time_ns > last ? e->time_ns : last;
            count++;
        }
    }
    assert_true(count >= 3 && count <= 10);
    assert_true(last > w->start_ns + (w->end_ns - w->start_ns) / 2);
    arena_release(&arena);
}

/* ---- Behind the functions ---- */

static struct series_list run_expr(struct world *w, const struct metric_expr *e,
                                   struct series_query *query, struct arena *arena)
{
    struct traceql traceql = {.metric = e, .filter_count = 1};
    struct engine_query q = {.arena = arena};
    struct series_list list;
    struct err err;
    query->query = &traceql;
    if (query_series(w->store, &q, query, &list, &err) < 0)
        fail_msg("%s", err.msg);
    return list;
}

static void test_seconds(void **state)
{
    struct world *w = *state;
    struct series_query query = {
        .start_ns = w->start_ns - 1, .end_ns = w->end_ns, .step_ns = 1000000000, .series_max = 100};
    struct series_list all, best, more;
    struct built b;
    struct arena arena;
    arena_init(&arena, 0);
    build(&b, METRIC_COUNT, NULL);
    add_by(&b, (struct field){.kind = FIELD_NAME});
    all = run_expr(w, &b.expr, &query, &arena);
    b.expr.seconds[0] = (struct second){.kind = SECOND_TOPK, .n = 2};
    b.expr.second_count = 1;
    best = run_expr(w, &b.expr, &query, &arena);
    b.expr.seconds[0] = (struct second){.kind = SECOND_COMPARE, .op = EXPR_GE, .literal = 20};
    more = run_expr(w, &b.expr, &query, &arena);
    assert_int_equal(all.count, 5);
    for (uint32_t bucket = 0; bucket < all.bucket_count; bucket++) {
        uint32_t kept = 0, over = 0, want = 0;
        double least = (double)INFINITY;
        for (size_t i = 0; i < best.count; i++) {
            kept += !isnan(best.items[i].values[bucket]);
            if (best.items[i].values[bucket] < least)
                least = best.items[i].values[bucket];
        }
        assert_int_equal(kept, 2);
        for (size_t i = 0; i < all.count; i++) {
            double v = all.items[i].values[bucket];
            kept -= v > least;
            want += v >= 20;
        }
        assert_true(kept >= 1 && kept <= 2); /* nobody outside is better */
        for (size_t i = 0; i < more.count; i++)
            over += more.items[i].values[bucket] >= 20;
        assert_int_equal(over, want);
    }
    arena_release(&arena);
}

static void test_arithmetic(void **state)
{
    struct world *w = *state;
    struct series_query query = {
        .start_ns = w->start_ns - 1, .end_ns = w->end_ns, .step_ns = 1000000000, .series_max = 100};
    struct expr error = {.op = EXPR_EQ,
                         .field = {.kind = FIELD_STATUS},
                         .literal = {VALUE_INT, {.integer = STATUS_ERROR}}};
    struct metric_expr scalar = {.op = MATH_SCALAR, .scalar = 100}, ratio, percent, share;
    struct series_list all, bad, got;
    struct built a, b, total;
    struct arena arena;
    arena_init(&arena, 0);
    build(&a, METRIC_COUNT, &error);
    build(&b, METRIC_COUNT, NULL);
    build(&total, METRIC_COUNT, NULL);
    add_by(&a, (struct field){.kind = FIELD_NAME});
    add_by(&b, (struct field){.kind = FIELD_NAME});
    ratio = (struct metric_expr){.op = MATH_DIV, .left = &a.expr, .right = &b.expr};
    percent = (struct metric_expr){.op = MATH_MUL, .left = &scalar, .right = &ratio};
    share = (struct metric_expr){.op = MATH_DIV, .left = &b.expr, .right = &total.expr};
    bad = run_expr(w, &a.expr, &query, &arena);
    all = run_expr(w, &b.expr, &query, &arena);
    got = run_expr(w, &percent, &query, &arena);
    assert_int_equal(got.count, 5);
    for (size_t i = 0; i < got.count; i++) {
        assert_int_equal(series_labels_cmp(got.items[i].labels, 1, all.items[i].labels, 1), 0);
        for (uint32_t k = 0; k < got.bucket_count; k++)
            assert_true(near(got.items[i].values[k],
                             100 * bad.items[i].values[k] / all.items[i].values[k], 1e-9));
    }
    got = run_expr(w, &share, &query, &arena);
    assert_int_equal(got.count, 5);
    for (uint32_t k = 0; k < got.bucket_count; k++) {
        double sum = 0;
        for (size_t i = 0; i < got.count; i++)
            sum += got.items[i].values[k];
        assert_true(near(sum, 1, 1e-9));
    }
    arena_release(&arena);
}

/* ---- Operations ---- */

static void test_operation_stats(void **state)
{
    struct world *w = *state;
    uint64_t from = w->spans[w->count / 4].start_ns, to = w->spans[w->count * 3 / 4].start_ns;
    for (int named = 0; named < 2; named++) {
        struct str service = named ? STR("service-0") : STR("");
        struct engine_query q = {0};
        struct operation_stats_list list;
        struct arena arena;
        uint64_t seen = 0, want = 0;
        arena_init(&arena, 0);
        q.arena = &arena;
        assert_int_equal(query_operation_stats(w->store, &q, service, from, to, &list, NULL), 0);
        for (size_t i = 0; i < list.count; i++) {
            const struct operation_stats *o = &list.items[i];
            uint64_t spans = 0, errors = 0, sum = 0, max = 0;
            for (size_t k = 0; k < w->count; k++) {
                const struct span *s = &w->spans[k];
                if (s->start_ns < from || s->start_ns > to || s->kind != o->kind ||
                    !str_eq(s->name, o->name) || !str_eq(s->resource->service_name, o->service))
                    continue;
                spans++;
                errors += s->status_code == STATUS_ERROR;
                sum += span_duration_ns(s);
                max = span_duration_ns(s) > max ? span_duration_ns(s) : max;
            }
            assert_int_equal(o->span_count, spans);
            assert_int_equal(o->error_count, errors);
            assert_int_equal(o->duration_sum_ns, sum);
            assert_int_equal(o->duration_max_ns, max);
            assert_true(o->p50_ns <= o->p75_ns && o->p75_ns <= o->p99_ns);
            assert_true((double)o->p99_ns <= (double)max * 1.01 + 1);
            seen += spans;
        }
        for (size_t k = 0; k < w->count; k++)
            want += w->spans[k].start_ns >= from && w->spans[k].start_ns <= to &&
                    (!named || str_eq(w->spans[k].resource->service_name, service));
        assert_int_equal(seen, want);
        assert_true(want > 10);
        arena_release(&arena);
    }
}

/* ---- Refused ---- */

static void test_refused(void **state)
{
    struct world *w = *state;
    struct built b;
    struct engine_query q = {0};
    struct traceql search = {.search = &b.pipeline};
    struct series_list list;
    struct arena arena;
    arena_init(&arena, 0);
    q.arena = &arena;
    build(&b, METRIC_RATE, NULL);
    struct series_query query = {.query = &search, .end_ns = 10, .step_ns = 1};
    assert_int_equal(query_series(w->store, &q, &query, &list, NULL), ERR_INVALID);
    query.query = &b.query;
    query.end_ns = SERIES_BUCKETS_MAX + 1;
    assert_int_equal(query_series(w->store, &q, &query, &list, NULL), ERR_INVALID);
    query.end_ns = 0;
    assert_int_equal(query_series(w->store, &q, &query, &list, NULL), ERR_INVALID);
    query.end_ns = 10;
    query.step_ns = 0;
    assert_int_equal(query_series(w->store, &q, &query, &list, NULL), ERR_INVALID);
    query.step_ns = 1;
    assert_int_equal(query_series(w->store, &q, &query, &list, NULL), 0);
    assert_int_equal(list.count, 0);
    arena_release(&arena);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_model),           cmocka_unit_test(test_exemplars),
        cmocka_unit_test(test_seconds),         cmocka_unit_test(test_arithmetic),
        cmocka_unit_test(test_operation_stats), cmocka_unit_test(test_refused),
    };
    int failed = cmocka_run_group_tests(tests, world_setup, world_teardown);
    parallel_force(PARALLEL_MAX);
    return failed + cmocka_run_group_tests(tests, world_setup, world_teardown);
}
