/* Random TraceQL searches over random traces: the executor and the naive evaluator say the same. */
#include "forest.h"
#include "naive.h"
#include "query/query.h"

enum { SEARCHES = 500 };

/* ---- Random pipelines ---- */

struct maker {
    struct forest *f;
    struct arena *a;
    uint32_t filters;
};

static uint32_t below(struct maker *m, uint32_t n)
{
    return rng_below(&m->f->rng, n);
}

static const struct pipeline *make_pipeline(struct maker *m, int depth);

static const struct spanset_expr *make_spansets(struct maker *m, int depth)
{
    struct spanset_expr *e = arena_calloc(m->a, 1, sizeof *e);
    uint32_t choice = below(m, depth ? 12 : 3);
    e->op = SPANSET_FILTER;
    if (choice < 3) {
        e->number = m->filters++;
        if (below(m, 6))
            e->condition = e->written =
                forest_condition(m->f, m->a, (int)below(m, 3), below(m, 3) == 0);
        return e;
    }
    if (choice == 3) {
        e->op = SPANSET_PIPELINE;
        e->pipeline = make_pipeline(m, depth - 1);
        return e;
    }
    e->op = choice < 5 ? SPANSET_AND : choice < 7 ? SPANSET_OR : SPANSET_RELATION;
    e->relation = (enum relation)below(m, RELATION_SIBLING + 1);
    e->form = (enum relation_form)below(m, RELATION_UNION + 1);
    e->left = make_spansets(m, depth - 1);
    e->right = make_spansets(m, depth - 1);
    return e;
}

static const struct expr *make_aggregate(struct maker *m)
{
    struct expr *e = arena_calloc(m->a, 1, sizeof *e);
    e->op = EXPR_AGGREGATE;
    e->aggregate = (enum aggregate)below(m, AGGREGATE_SUM + 1);
    while (e->aggregate != AGGREGATE_COUNT && !e->left) {
        e->left = forest_field(m->f, m->a, true);
        if (e->left->field.kind == FIELD_START) /* sums of these are not exact */
            e->left = NULL;
    }
    return e;
}

static const struct expr *make_scalar(struct maker *m)
{
    struct expr *e = arena_calloc(m->a, 2, sizeof *e), *sum;
    e[1].op = EXPR_LITERAL;
    e[1].literal = (struct value){.type = VALUE_INT, .integer = below(m, 6)};
    *e = (struct expr){
        .op = (enum expr_op)(EXPR_EQ + below(m, 6)), .left = make_aggregate(m), .right = &e[1]};
    if (below(m, 3) == 0) {
        sum = arena_calloc(m->a, 1, sizeof *sum);
        *sum = (struct expr){.op = (enum expr_op)(EXPR_ADD + below(m, 3)),
                             .left = e->left,
                             .right = make_aggregate(m)};
        e->left = sum;
    }
    return e;
}

static void make_stage(struct maker *m, struct stage *s, int depth)
{
    s->kind = (enum stage_kind)below(m, STAGE_SELECT + 1);
    switch (s->kind) {
    case STAGE_SPANSETS: s->spansets = make_spansets(m, depth); break;
    case STAGE_SCALAR_FILTER: s->expr = make_scalar(m); break;
    case STAGE_BY: s->expr = forest_field(m->f, m->a, true); break;
    default: break;
    }
}

static const struct pipeline *make_pipeline(struct maker *m, int depth)
{
    struct pipeline *p = arena_calloc(m->a, 1, sizeof *p);
    uint32_t count = 1 + (below(m, 2) ? below(m, 4) : 0);
    struct stage *stages = arena_calloc(m->a, count, sizeof *stages);
    *p = (struct pipeline){stages, count};
    stages[0].spansets = make_spansets(m, depth);
    if (below(m, 20) == 0)
        make_stage(m, &stages[0], depth);
    for (uint32_t i = 1; i < count; i++)
        make_stage(m, &stages[i], depth ? 1 : 0);
    return p;
}

/* ---- The naive answer ---- */

struct answer {
    struct naive_trace trace;
    struct naive_sets sets;
};

static bool in_range(const struct answer *t, const struct spansets_query *q)
{
    for (uint32_t s = 0; s < t->sets.count; s++) {
        for (uint32_t i = 0; i < t->trace.count; i++) {
            uint64_t start = t->trace.spans[i].start_ns;
            if (t->sets.items[s].has[i] && start >= q->start_ns && start <= q->end_ns)
                return true;
        }
    }
    return false;
}

static int newest_first(const void *a, const void *b)
{
    const struct span *x = ((const struct answer *)a)->trace.spans,
                      *y = ((const struct answer *)b)->trace.spans;
    if (x->start_ns != y->start_ns)
        return x->start_ns > y->start_ns ? -1 : 1;
    return memcmp(x->trace_id.bytes, y->trace_id.bytes, TRACE_ID_BYTES);
}

static uint32_t naive_search(const struct forest *f, const struct spansets_query *q,
                             struct answer *ret, struct arena *a)
{
    uint32_t count = 0, end;
    for (uint32_t i = 0; i < f->count; i = end) {
        struct answer *t = &ret[count];
        for (end = i; end < f->count && trace_id_eq(f->spans[end].trace_id, f->spans[i].trace_id);
             end++)
            ;
        t->trace.spans = &f->spans[i];
        t->trace.count = end - i;
        t->sets = naive_run(&t->trace, q->query->search, a);
        count += in_range(t, q);
    }
    qsort(ret, count, sizeof *ret, newest_first);
    return count < q->limit ? count : q->limit;
}

/* ---- Comparing ---- */

/* Sums of doubles may differ in their last bits. */
static bool close_to(const struct value *a, const struct value *b)
{
    double d;
    if (a->type == VALUE_EMPTY || a->type != b->type)
        return a->type == b->type;
    if (a->type != VALUE_DOUBLE)
        return value_eq(a, b);
    d = a->number - b->number;
    return a->number == b->number ||
           (d < 0 ? -d : d) <= 1e-9 * (a->number < 0 ? -a->number : a->number);
}

static const char *set_differs(const struct answer *t, const struct naive_set *want,
                               const struct spanset *got, uint32_t spans_per_set)
{
    uint32_t n = 0, size = naive_size(want);
    if (got->matched_count != size)
        return "matched";
    if (got->span_count != (size < spans_per_set ? size : spans_per_set))
        return "spans shown";
    for (uint32_t i = 0; i < t->trace.count && n < got->span_count; i++) {
        const struct span *s = &t->trace.spans[i];
        if (!want->has[i])
            continue;
        if (!span_id_eq(got->spans[n].span_id, s->span_id) ||
            got->spans[n].start_ns != s->start_ns || !str_eq(got->spans[n].name, s->name) ||
            got->spans[n].duration_ns != span_duration_ns(s) ||
            !str_eq(got->spans[n].service, s->resource->service_name))
            return "a span";
        n++;
    }
    if (got->attr_count != want->attr_count)
        return "number of attributes";
    for (uint32_t i = 0; i < got->attr_count; i++) {
        if (!str_eq(got->attrs[i].key, want->attrs[i].key) ||
            !close_to(&got->attrs[i].value, &want->attrs[i].value))
            return "an attribute";
    }
    return NULL;
}

static const char *trace_differs(const struct answer *want, const struct spanset_trace *got,
                                 uint32_t spans_per_set)
{
    uint32_t matched = 0;
    if (!trace_id_eq(got->summary.trace_id, want->trace.spans[0].trace_id))
        return "another trace";
    if (got->summary.span_count != want->trace.count ||
        got->summary.start_ns != want->trace.spans[0].start_ns)
        return "summary";
    if (got->set_count != want->sets.count)
        return "number of sets";
    for (uint32_t i = 0; i < want->trace.count; i++) {
        bool any = false;
        for (uint32_t s = 0; s < want->sets.count; s++)
            any |= want->sets.items[s].has[i];
        matched += any;
    }
    if (got->summary.matched_count != matched)
        return "matched spans of the trace";
    for (uint32_t i = 0; i < got->set_count; i++) {
        const char *what = set_differs(want, &want->sets.items[i], &got->sets[i], spans_per_set);
        if (what)
            return what;
    }
    return NULL;
}

static void check_search(struct forest *f, const struct spansets_query *query, int n,
                         struct arena *arena, size_t *hits)
{
    struct engine_query q = {.arena = arena};
    struct answer *want = arena_calloc(arena, FOREST_TRACES, sizeof *want);
    struct spanset_list got;
    struct err err;
    uint32_t count = naive_search(f, query, want, arena);
    if (query_spansets(f->store, &q, query, &got, &err) < 0)
        fail_msg("seed %llu, search %d: %s", (unsigned long long)f->seed, n, err.msg);
    for (size_t i = 0; i < got.count && i < count; i++) {
        const char *what = trace_differs(&want[i], &got.items[i], query->spans_per_set);
        if (what)
            fail_msg("seed %llu, search %d, trace %zu: %s", (unsigned long long)f->seed, n, i,
                     what);
    }
    if (got.count != count)
        fail_msg("seed %llu, search %d: %zu traces, want %u", (unsigned long long)f->seed, n,
                 got.count, count);
    *hits += count;
}

static void test_searches(void **state)
{
    struct forest *f = *state;
    size_t hits = 0;
    for (int n = 0; n < SEARCHES; n++) {
        struct arena arena;
        struct maker m = {f, &arena, 0};
        struct traceql text = {.hint_count = 0};
        struct spansets_query query = {.query = &text, .end_ns = UINT64_MAX};
        arena_init(&arena, 0);
        text.search = make_pipeline(&m, n % 3);
        text.filter_count = m.filters;
        query.limit = 1 + rng_below(&f->rng, n % 2 ? 5 : FOREST_TRACES);
        query.spans_per_set = rng_below(&f->rng, 2) ? rng_below(&f->rng, 4) : NAIVE_SPANS_MAX;
        if (n % 4 == 0) {
            query.start_ns = f->spans[rng_below(&f->rng, f->count)].start_ns;
            query.end_ns = query.start_ns + rng_below(&f->rng, 40) * 5000;
        }
        check_search(f, &query, n, &arena, &hits);
        arena_release(&arena);
    }
    assert_true(hits > SEARCHES * 2);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(test_searches)};
    return cmocka_run_group_tests(tests, forest_setup, forest_teardown);
}
