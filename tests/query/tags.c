/* Values and keys of attributes against a model. */
#include "query/parallel.h"
#include "query/query.h"
#include "world.h"

enum { QUESTIONS = 80, VALUES_MAX = 4000 };

static uint64_t count_in(const struct world *w, const struct tag_query *query,
                         const struct value *value, struct arena *a)
{
    uint64_t n = 0;
    for (size_t i = 0; i < w->count; i++) {
        const struct span *s = &w->spans[i];
        struct value v = world_value(&query->field, s, a);
        n += s->start_ns >= query->start_ns && s->start_ns <= query->end_ns &&
             value_eq(&v, value) && expr_matches(query->filter, s, a);
    }
    return n;
}

static bool is_nothing(const struct value *v)
{
    return v->type == VALUE_EMPTY || (v->type == VALUE_STRING && !v->string.n);
}

/* Spans that pass and have a value. */
static uint64_t total(const struct world *w, const struct tag_query *query, struct arena *a)
{
    uint64_t n = 0;
    for (size_t i = 0; i < w->count; i++) {
        const struct span *s = &w->spans[i];
        struct value v = world_value(&query->field, s, a);
        n += s->start_ns >= query->start_ns && s->start_ns <= query->end_ns && !is_nothing(&v) &&
             expr_matches(query->filter, s, a);
    }
    return n;
}

/* With a filter or a range the counts are exact. */
static void test_values(void **state)
{
    struct world *w = *state;
    uint64_t seen = 0;
    for (int n = 0; n < QUESTIONS; n++) {
        struct tag_query query = {
            .field = world_field(w), .end_ns = UINT64_MAX, .limit = VALUES_MAX};
        struct engine_query q = {0};
        struct tag_value_list got;
        struct arena arena;
        struct err err;
        uint64_t sum = 0;
        arena_init(&arena, 0);
        q.arena = &arena;
        query.start_ns = w->spans[rng_below(&w->rng, (uint32_t)w->count)].start_ns;
        if (rng_below(&w->rng, 2)) {
            query.filter = world_filter(w, &arena, 2);
            query.start_ns = 0;
        }
        if (query_values(w->store, &q, &query, &got, &err) < 0)
            fail_msg("question %d: %s", n, err.msg);
        assert_false(got.sampled);
        for (size_t i = 0; i < got.count; i++) {
            uint64_t want = count_in(w, &query, &got.items[i].value, &arena);
            if (got.items[i].span_count != want || is_nothing(&got.items[i].value))
                fail_msg("question %d: value %zu: %llu, want %llu", n, i,
                         (unsigned long long)got.items[i].span_count, (unsigned long long)want);
            assert_true(!i || got.items[i - 1].span_count >= want);
            sum += want;
        }
        if (sum != total(w, &query, &arena))
            fail_msg("question %d: values are missing or twice", n);
        seen += sum;
        arena_release(&arena);
    }
    assert_true(seen > QUESTIONS);
}

/* All values of the living are there; those of the dead may be. */
static void test_open(void **state)
{
    struct world *w = *state;
    for (int n = 0; n < QUESTIONS; n++) {
        struct tag_query query = {
            .field = world_field(w), .end_ns = UINT64_MAX, .limit = 100 * VALUES_MAX};
        struct engine_query q = {0};
        struct tag_value_list got;
        struct arena arena;
        uint64_t found = 0;
        arena_init(&arena, 0);
        q.arena = &arena;
        assert_int_equal(query_values(w->store, &q, &query, &got, NULL), 0);
        for (size_t i = 0; i < got.count; i++) {
            uint64_t want = count_in(w, &query, &got.items[i].value, &arena);
            if (got.items[i].span_count != want)
                fail_msg("question %d: a count", n);
            found += want;
        }
        assert_int_equal(found, total(w, &query, &arena));
        query.limit = 2;
        assert_int_equal(query_values(w->store, &q, &query, &got, NULL), 0);
        assert_true(got.count <= 2);
        arena_release(&arena);
    }
}

/* ---- Keys ---- */

static bool has_key(const struct tag_key_list *list, enum field_scope scope, struct str key)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].scope == scope && str_eq(list->items[i].key, key))
            return true;
    }
    return false;
}

/* A key that exists in the scope of one of the spans that pass. */
static bool wanted(const struct world *w, const struct tag_query *query, struct tag_key key,
                   struct arena *a)
{
    for (size_t i = 0; i < w->count; i++) {
        const struct span *s = &w->spans[i];
        const struct attrs *attrs = key.scope == SCOPE_SPAN       ? &s->attrs
                                    : key.scope == SCOPE_RESOURCE ? &s->resource->attrs
                                                                  : &s->scope->attrs;
        if (s->start_ns >= query->start_ns && s->start_ns <= query->end_ns &&
            attrs_get(attrs, key.key) && expr_matches(query->filter, s, a))
            return true;
    }
    return false;
}

static void test_keys(void **state)
{
    static const char *const names[] = {"code",  "size",         "mixed",  "other",
                                        "route", "user",         "flag",   "zone",
                                        "lib",   "service.name", "weight", "absent"};
    struct world *w = *state;
    size_t seen = 0, missing = 0;
    for (int n = 0; n < QUESTIONS; n++) {
        struct tag_query query = {.end_ns = UINT64_MAX, .limit = UINT32_MAX};
        struct engine_query q = {0};
        struct tag_key_list got;
        struct arena arena;
        arena_init(&arena, 0);
        q.arena = &arena;
        if (n % 4)
            query.filter = expr_and(&arena, world_filter(w, &arena, 1), world_filter(w, &arena, 0));
        if (n % 8 == 0)
            query.start_ns = w->spans[rng_below(&w->rng, (uint32_t)w->count)].start_ns;
        assert_int_equal(query_keys(w->store, &q, &query, &got, NULL), 0);
        for (size_t i = 1; i < got.count; i++)
            assert_true(got.items[i - 1].scope < got.items[i].scope ||
                        str_cmp(got.items[i - 1].key, got.items[i].key) < 0);
        for (enum field_scope scope = SCOPE_SPAN; scope <= SCOPE_INSTRUMENTATION; scope++) {
            for (size_t i = 0; i < COUNT(names); i++) {
                struct tag_key key = {str_of(names[i]), scope};
                bool want = wanted(w, &query, key, &arena);
                bool have = has_key(&got, scope, key.key);
                if (want != have && (want || query.filter || query.start_ns))
                    fail_msg("question %d: key %s of scope %d is %s", n, names[i], scope,
                             want ? "missing" : "too much");
                seen += have;
                missing += !have;
            }
        }
        arena_release(&arena);
    }
    assert_true(seen > QUESTIONS && missing > QUESTIONS);
}

static void test_refused(void **state)
{
    struct world *w = *state;
    struct expr filter = {.op = EXPR_EQ, .field = {.kind = FIELD_ROOT_NAME}};
    struct tag_query query = {.field = {.kind = FIELD_ROOT_NAME}, .end_ns = UINT64_MAX};
    struct engine_query q = {0};
    struct tag_value_list values;
    struct tag_key_list keys;
    struct arena arena;
    arena_init(&arena, 0);
    q.arena = &arena;
    assert_int_equal(query_values(w->store, &q, &query, &values, NULL), ERR_INVALID);
    query.field.kind = FIELD_NAME;
    query.filter = &filter;
    assert_int_equal(query_values(w->store, &q, &query, &values, NULL), ERR_INVALID);
    assert_int_equal(query_keys(w->store, &q, &query, &keys, NULL), ERR_INVALID);
    arena_release(&arena);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_open),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_refused),
    };
    int failed = cmocka_run_group_tests(tests, world_setup, world_teardown);
    parallel_force(PARALLEL_MAX);
    return failed + cmocka_run_group_tests(tests, world_setup, world_teardown);
}
