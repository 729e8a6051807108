/* Who calls whom, against a model: many parts, heads, time ranges, deletions before and after the parts were joined. */
#include "query/parallel.h"
#include "query/query.h"
#include "world.h"

enum { RANGES = 60, PAIRS_MAX = 64 };

struct pair {
    struct str parent, child;
    uint64_t calls, errors, sum_ns, max_ns;
};

static const struct span *parent_of(const struct world *w, const struct span *child)
{
    for (size_t i = 0; i < w->count; i++) {
        const struct span *s = &w->spans[i];
        if (s != child && trace_id_eq(s->trace_id, child->trace_id) &&
            span_id_eq(s->span_id, child->parent_span_id))
            return s;
    }
    return NULL;
}

static struct pair *pair_of(struct pair *pairs, size_t *count, struct str parent, struct str child)
{
    for (size_t i = 0; i < *count; i++) {
        if (str_eq(pairs[i].parent, parent) && str_eq(pairs[i].child, child))
            return &pairs[i];
    }
    assert_true(*count < PAIRS_MAX);
    pairs[*count] = (struct pair){.parent = parent, .child = child};
    return &pairs[(*count)++];
}

static size_t model(const struct world *w, uint64_t from, uint64_t to, struct pair *pairs)
{
    size_t count = 0;
    for (size_t i = 0; i < w->count; i++) {
        const struct span *s = &w->spans[i], *parent;
        struct pair *p;
        if (s->start_ns < from || s->start_ns > to || span_id_is_zero(s->parent_span_id))
            continue;
        parent = parent_of(w, s);
        if (!parent || str_eq(parent->resource->service_name, s->resource->service_name))
            continue;
        p = pair_of(pairs, &count, parent->resource->service_name, s->resource->service_name);
        p->calls++;
        p->errors += s->status_code == STATUS_ERROR;
        p->sum_ns += span_duration_ns(s);
        p->max_ns = span_duration_ns(s) > p->max_ns ? span_duration_ns(s) : p->max_ns;
    }
    return count;
}

static uint64_t check(struct world *w, uint64_t from, uint64_t to)
{
    struct pair pairs[PAIRS_MAX];
    size_t count = model(w, from, to, pairs), had = count;
    struct engine_query q = {0};
    struct dependency_list list;
    struct arena arena;
    struct err err;
    uint64_t calls = 0;
    arena_init(&arena, 0);
    q.arena = &arena;
    if (query_dependencies(w->store, &q, from, to, &list, &err) < 0)
        fail_msg("%s", err.msg);
    for (size_t i = 0; i < list.count; i++) {
        const struct dependency *d = &list.items[i];
        const struct pair *p = pair_of(pairs, &count, d->parent, d->child);
        assert_int_equal(d->call_count, p->calls);
        assert_int_equal(d->error_count, p->errors);
        assert_int_equal(d->duration_sum_ns, p->sum_ns);
        assert_true(d->p50_ns <= d->p95_ns && d->p95_ns <= d->p99_ns);
        assert_true((double)d->p99_ns <= (double)p->max_ns * 1.01 + 1);
        calls += d->call_count;
    }
    assert_int_equal(count, had);
    assert_int_equal(list.count, had);
    arena_release(&arena);
    return calls;
}

static void test_ranges(void **state)
{
    struct world *w = *state;
    uint64_t calls = check(w, 0, UINT64_MAX);
    assert_true(calls > 100);
    for (int i = 0; i < RANGES; i++) {
        uint64_t from = w->spans[rng_below(&w->rng, (uint32_t)w->count)].start_ns;
        calls += check(w, from, from + (uint64_t)rng_below(&w->rng, 5000) * 1000000);
    }
    assert_int_equal(check(w, 0, w->start_ns - 1), 0);
}

static void forget(struct world *w, struct trace_id id)
{
    size_t kept = 0;
    for (size_t i = 0; i < w->count; i++) {
        if (!trace_id_eq(w->spans[i].trace_id, id))
            w->spans[kept++] = w->spans[i];
    }
    w->count = kept;
}

/* What was added up before is taken away. */
static void test_deleted(void **state)
{
    struct world *w = *state;
    uint64_t before = check(w, 0, UINT64_MAX), after;
    for (uint64_t t = 3; t < WORLD_TRACES; t += 10) {
        if (store_delete_trace(w->store, test_trace_id(t), NULL) == 0)
            forget(w, test_trace_id(t));
    }
    after = check(w, 0, UINT64_MAX);
    assert_true(after < before && after > 0);
    for (int i = 0; i < RANGES; i++) {
        uint64_t from = w->spans[rng_below(&w->rng, (uint32_t)w->count)].start_ns;
        check(w, from, from + (uint64_t)rng_below(&w->rng, 5000) * 1000000);
    }
}

static void test_sealed(void **state)
{
    struct world *w = *state;
    uint64_t before = check(w, 0, UINT64_MAX);
    assert_int_equal(store_seal_now(w->store, NULL), 0);
    assert_int_equal(check(w, 0, UINT64_MAX), before);
    assert_int_equal(store_retain_now(w->store, NULL), 0); /* merges */
    assert_int_equal(check(w, 0, UINT64_MAX), before);
}

/* All spans of a trace with one id, each its own parent's: nobody loops. */
static void test_broken_sender(void **state)
{
    struct world *w = *state;
    enum { MANY = 5000 };
    struct span *spans = calloc(MANY, sizeof *spans);
    struct engine_query q = {0};
    struct dependency_list list;
    struct arena arena;
    arena_init(&arena, 0);
    q.arena = &arena;
    for (uint32_t i = 0; i < MANY; i++) {
        spans[i] = w->spans[0];
        spans[i].trace_id = test_trace_id(999999);
        spans[i].start_ns += i;
        spans[i].end_ns = spans[i].start_ns + 5;
        memset(&spans[i].span_id, 7, sizeof spans[i].span_id);
        spans[i].parent_span_id = spans[i].span_id;
    }
    assert_int_equal(append_wait(w->store, spans, MANY), 0);
    assert_int_equal(store_seal_now(w->store, NULL), 0);
    assert_int_equal(query_dependencies(w->store, &q, 0, UINT64_MAX, &list, NULL), 0);
    assert_int_equal(store_delete_trace(w->store, test_trace_id(999999), NULL), 0);
    check(w, 0, UINT64_MAX);
    arena_release(&arena);
    free(spans);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_deleted),
        cmocka_unit_test(test_broken_sender),
        cmocka_unit_test(test_sealed),
    };
    int failed = 0;
    for (uint32_t threads = 1; threads <= PARALLEL_MAX; threads *= 2) {
        parallel_force(threads);
        failed += cmocka_run_group_tests(tests, world_setup, world_teardown);
    }
    return failed;
}
