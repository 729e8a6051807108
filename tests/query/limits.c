/* A query that is cancelled, late or too large ends with the error that says so. */
#include "base/clock.h"
#include "fixture.h"
#include "query/query.h"

static struct store *open_filled(const char *dir)
{
    struct engine_options options = test_options(dir);
    struct store *s;
    assert_int_equal(store_open(&options, &s, NULL), 0);
    for (uint32_t t = 0; t < 50; t++)
        assert_int_equal(append_trace(s, t, 20), 0);
    assert_int_equal(store_seal_now(s, NULL), 0);
    for (uint32_t t = 50; t < 60; t++)
        assert_int_equal(append_trace(s, t, 20), 0);
    return s;
}

/* { } >> { } | by(name) */
static int run_spansets(struct store *s, struct engine_query *q)
{
    static const struct spanset_expr all = {.op = SPANSET_FILTER},
                                     below = {.op = SPANSET_RELATION,
                                              .relation = RELATION_DESCENDANT,
                                              .left = &all,
                                              .right = &all};
    static const struct expr name = {.op = EXPR_FIELD, .field = {.kind = FIELD_NAME}};
    static const struct stage stages[] = {{.kind = STAGE_SPANSETS, .spansets = &below},
                                          {.kind = STAGE_BY, .expr = &name}};
    static const struct pipeline pipeline = {stages, 2};
    static const struct traceql search = {.search = &pipeline, .filter_count = 1};
    struct spansets_query query = {&search, 0, UINT64_MAX, 100, 20};
    struct spanset_list list;
    return query_spansets(s, q, &query, &list, NULL);
}

static int pass_over(const struct light_trace *trace, void *user, struct err *err)
{
    (void)trace, (void)user, (void)err;
    return 0;
}

static int run_traces(struct store *s, struct engine_query *q)
{
    struct traces_query query = {NULL, 0, UINT64_MAX, 100};
    return query_traces(s, q, &query, pass_over, NULL, NULL);
}

/* Runs query number n. */
static int run(struct store *s, struct engine_query *q, int n)
{
    struct trace_query query = {NULL, 0, UINT64_MAX, 100};
    struct trace_summary_list traces;
    struct operation_list operations;
    struct dependency_list dependencies;
    struct span_batch batch;
    struct str_list list;
    struct tag_query tags = {.field = {.kind = FIELD_NAME}, .end_ns = UINT64_MAX, .limit = 10};
    struct tag_value_list values;
    struct tag_key_list keys;
    switch (n) {
    case 0: return query_trace(s, q, test_trace_id(3), &batch, NULL);
    case 1: return query_search(s, q, &query, &traces, NULL);
    case 2: return query_services(s, q, &list, NULL);
    case 3: return query_operations(s, q, STR(""), &operations, NULL);
    case 4: return query_dependencies(s, q, 0, UINT64_MAX, &dependencies, NULL);
    case 5: return query_keys(s, q, &tags, &keys, NULL);
    case 6: return query_values(s, q, &tags, &values, NULL);
    case 7: tags.start_ns = 1; return query_keys(s, q, &tags, &keys, NULL);
    case 8: return run_spansets(s, q);
    case 9: return run_traces(s, q);
    case 10: return query_light_trace(s, q, test_trace_id(3), pass_over, NULL, NULL);
    default: tags.start_ns = 1; return query_values(s, q, &tags, &values, NULL);
    }
}

enum { QUERIES = 12 };

static void test_cancelled_and_late(void **state)
{
    char *dir = temp_dir();
    struct store *s = open_filled(dir);
    (void)state;
    for (int n = 0; n < QUERIES; n++) {
        struct engine_query q = {0};
        struct arena arena;
        arena_init(&arena, 0);
        q.arena = &arena;
        assert_int_equal(run(s, &q, n), 0);
        atomic_store(&q.cancelled, 1);
        assert_int_equal(run(s, &q, n), ERR_CANCELLED);
        atomic_store(&q.cancelled, 0);
        q.deadline_ns = clock_monotonic_ns() - 1;
        assert_int_equal(run(s, &q, n), ERR_TIMEOUT);
        arena_release(&arena);
    }
    store_close(s);
    temp_dir_remove(dir);
}

/* Any budget is either enough or leads to ERR_TOO_LARGE; some must not be enough. */
static void test_budget(void **state)
{
    char *dir = temp_dir();
    struct store *s = open_filled(dir);
    (void)state;
    for (int n = 0; n < QUERIES; n++) {
        int refused = 0, passed = 0;
        for (size_t budget = 1; budget < 16 << 20; budget *= 2) {
            struct engine_query q = {0};
            struct arena arena;
            int rc;
            arena_init(&arena, budget);
            q.arena = &arena;
            rc = run(s, &q, n);
            assert_true(rc == 0 || rc == ERR_TOO_LARGE);
            refused += rc != 0;
            passed += rc == 0;
            arena_release(&arena);
        }
        assert_true(refused && passed);
    }
    store_close(s);
    temp_dir_remove(dir);
}

static void test_limit_zero(void **state)
{
    char *dir = temp_dir();
    struct store *s = open_filled(dir);
    struct trace_query query = {NULL, 0, UINT64_MAX, 0};
    struct trace_summary_list list;
    struct engine_query q = {0};
    struct arena arena;
    (void)state;
    arena_init(&arena, 0);
    q.arena = &arena;
    assert_int_equal(query_search(s, &q, &query, &list, NULL), 0);
    assert_int_equal(list.count, 0);
    query.limit = UINT32_MAX;
    assert_int_equal(query_search(s, &q, &query, &list, NULL), 0);
    assert_int_equal(list.count, 60);
    arena_release(&arena);
    store_close(s);
    temp_dir_remove(dir);
}

static size_t traces_with(struct store *s, const char *key, int64_t value)
{
    struct engine_query q = {0};
    struct trace_summary_list list;
    struct arena arena;
    size_t count;
    arena_init(&arena, 0);
    q.arena = &arena;
    struct field field = {FIELD_ATTRIBUTE, SCOPE_SPAN, str_of(key)};
    struct trace_query query = {
        expr_compare(&arena, EXPR_EQ, field, (struct value){VALUE_INT, {.integer = value}}), 0,
        UINT64_MAX, 100};
    assert_int_equal(query_search(s, &q, &query, &list, NULL), 0);
    count = list.count;
    arena_release(&arena);
    return count;
}

/* A part has only so many columns; attributes beyond them are found all the same. */
static void test_more_keys_than_columns(void **state)
{
    enum { SPANS = 1000, KEYS_EACH = COLUMNS_MAX / SPANS + 2 };
    char *dir = temp_dir();
    struct engine_options options = test_options(dir);
    struct arena arena;
    struct store *s;
    (void)state;
    arena_init(&arena, 0);
    assert_int_equal(store_open(&options, &s, NULL), 0);
    for (uint32_t i = 0; i < SPANS; i++) {
        struct span span;
        test_span(&arena, i, 0, &span);
        span.attrs =
            (struct attrs){arena_calloc(&arena, KEYS_EACH, sizeof(struct attr)), KEYS_EACH};
        for (uint32_t k = 0; k < KEYS_EACH; k++)
            span.attrs.items[k] = (struct attr){arena_printf(&arena, "key.%u.%u", i, k),
                                                {.type = VALUE_INT, .integer = (int64_t)k}};
        assert_int_equal(append_wait(s, &span, 1), 0);
    }
    assert_int_equal(store_seal_now(s, NULL), 0);
    for (uint32_t i = 0; i < SPANS; i += 111) {
        char key[64];
        snprintf(key, sizeof key, "key.%u.%u", i, i % KEYS_EACH);
        assert_int_equal(traces_with(s, key, i % KEYS_EACH), 1);
        assert_int_equal(traces_with(s, key, KEYS_EACH), 0);
    }
    store_close(s);
    arena_release(&arena);
    temp_dir_remove(dir);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cancelled_and_late),
        cmocka_unit_test(test_budget),
        cmocka_unit_test(test_limit_zero),
        cmocka_unit_test(test_more_keys_than_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
