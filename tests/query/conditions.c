/* Filters against their meaning: every node, both forms, all places and types, over parts and heads. */
#include "forest.h"
#include "query/query.h"

enum { CONDITIONS = 1500 };

/* The traces stand together; one line for each that has a match. */
static size_t count_matches(const struct forest *f, const struct expr *condition,
                            struct trace_summary *want, struct arena *scratch)
{
    size_t n = 0;
    for (uint32_t i = 0; i < f->count; i++) {
        if (!expr_matches(condition, &f->spans[i], scratch))
            continue;
        if (!n || !trace_id_eq(want[n - 1].trace_id, f->spans[i].trace_id))
            want[n++] = (struct trace_summary){.trace_id = f->spans[i].trace_id};
        want[n - 1].matched_count++;
        arena_reset(scratch);
    }
    return n;
}

static int by_id(const void *a, const void *b)
{
    const struct trace_summary *x = a, *y = b;
    return memcmp(x->trace_id.bytes, y->trace_id.bytes, TRACE_ID_BYTES);
}

static void check_condition(struct forest *f, const struct expr *condition, int n,
                            struct arena *arena, size_t *hits)
{
    struct trace_query query = {condition, 0, UINT64_MAX, FOREST_TRACES};
    struct engine_query q = {.arena = arena};
    struct trace_summary want[FOREST_TRACES];
    struct trace_summary_list got;
    struct arena scratch;
    struct err err;
    size_t count;
    arena_init(&scratch, 0);
    count = count_matches(f, condition, want, &scratch);
    arena_release(&scratch);
    if (query_search(f->store, &q, &query, &got, &err) < 0)
        fail_msg("seed %llu, condition %d: %s", (unsigned long long)f->seed, n, err.msg);
    if (got.count != count)
        fail_msg("seed %llu, condition %d (op %d, field %d): %zu traces, want %zu",
                 (unsigned long long)f->seed, n, condition->op, condition->field.kind, got.count,
                 count);
    qsort(want, count, sizeof *want, by_id);
    if (got.count)
        qsort(got.items, got.count, sizeof *got.items, by_id);
    for (size_t i = 0; i < count; i++) {
        if (by_id(&want[i], &got.items[i]) || want[i].matched_count != got.items[i].matched_count)
            fail_msg("seed %llu, condition %d (op %d, field %d): a trace or its matches",
                     (unsigned long long)f->seed, n, condition->op, condition->field.kind);
    }
    *hits += count;
}

static void test_conditions(void **state)
{
    struct forest *f = *state;
    size_t hits = 0;
    for (int n = 0; n < CONDITIONS; n++) {
        struct arena arena;
        arena_init(&arena, 0);
        check_condition(f, forest_condition(f, &arena, n % 4, n % 16 == 0), n, &arena, &hits);
        arena_release(&arena);
    }
    assert_true(hits > CONDITIONS * 5); /* not all are empty */
}

/* What is asked of a span alone must hold whenever the condition holds in the trace, whatever that is. */
static void test_without_trace(void **state)
{
    struct forest *f = *state;
    int narrower = 0;
    for (int n = 0; n < CONDITIONS; n++) {
        struct trace_facts facts = {.duration_ns = rng_below(&f->rng, 40) * 1000,
                                    .root_name = STR("op-1"),
                                    .root_service = STR("cart")};
        struct tree_facts tree = {rng_below(&f->rng, 3), (int32_t)rng_below(&f->rng, 9),
                                  (int32_t)rng_below(&f->rng, 9),
                                  (int32_t)rng_below(&f->rng, 9) - 1};
        const struct expr *condition, *alone;
        struct arena arena, scratch;
        arena_init(&arena, 0);
        arena_init(&scratch, 0);
        condition = forest_condition(f, &arena, 4, true);
        assert_int_equal(expr_without_trace(condition, &arena, &alone), 0);
        assert_false(expr_needs_trace(alone));
        for (int k = 0; k < 60; k++) {
            struct span_view view = {&f->spans[rng_below(&f->rng, f->count)], &facts, &tree};
            bool may = expr_matches(alone, view.span, &scratch);
            if (!may && expr_holds_in(condition, &view, &scratch))
                fail_msg("seed %llu, condition %d", (unsigned long long)f->seed, n);
            narrower += !may;
            arena_reset(&scratch);
        }
        arena_release(&arena);
        arena_release(&scratch);
    }
    assert_true(narrower > CONDITIONS);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conditions),
        cmocka_unit_test(test_without_trace),
    };
    return cmocka_run_group_tests(tests, forest_setup, forest_teardown);
}
