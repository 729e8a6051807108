/* What takes the bytes: every byte of the parts is accounted for, and counts are right in parts and log together. */
#include "fixture.h"

#include "care/view.h"
#include "query/query.h"

static const struct usage_column *column(const struct engine_usage *u, const char *table,
                                         const char *scope, const char *name)
{
    for (size_t i = 0; i < u->column_count; i++) {
        const struct usage_column *c = &u->columns[i];
        if (strcmp(c->table, table) == 0 && strcmp(c->scope, scope) == 0 &&
            str_eq(c->name, str_of(name)))
            return c;
    }
    return NULL;
}

static void check_sums(const struct engine_usage *u)
{
    enum { HEADER_AND_TRAILER = 48 };
    uint64_t stored = 0, spans = 0;
    for (size_t i = 0; i < u->column_count; i++) {
        stored += u->columns[i].stored_bytes;
        assert_true(i == 0 || u->columns[i - 1].stored_bytes >= u->columns[i].stored_bytes);
    }
    assert_int_equal(stored + u->parts * HEADER_AND_TRAILER, u->part_bytes);
    for (size_t i = 0; i < u->service_count; i++)
        spans += u->services[i].spans;
    assert_int_equal(spans, u->spans + u->head_spans);
}

static void test_counts(void **state)
{
    char *dir = care_make(12, 4, 5);
    struct engine_options options = test_options(dir);
    struct engine_usage offline, online;
    struct engine_query q = {0};
    struct care_view view;
    struct arena arena;
    struct store *s;
    (void)state;
    arena_init(&arena, 0);
    q.arena = &arena;
    assert_int_equal(care_view_open(dir, &view, NULL), 0);
    assert_int_equal(usage_of_sources(view.sources, view.count, &q, &offline, NULL), 0);
    assert_int_equal(view.damaged, 0);
    assert_true(view.log_bytes > 0);
    check_sums(&offline);
    assert_int_equal(offline.parts, 3);
    assert_int_equal(offline.spans, 12 * CARE_SPANS);
    assert_int_equal(offline.head_spans, 5 * CARE_SPANS);
    assert_int_equal(offline.traces, 17);
    assert_true(offline.traces_exact);
    assert_int_equal(offline.service_count, 3);
    assert_int_equal(column(&offline, "spans", "attribute", "http.route")->values, 12 * CARE_SPANS);
    assert_int_equal(column(&offline, "spans", "row", "start")->values, 12 * CARE_SPANS);
    assert_int_equal(column(&offline, "", "index", "traces")->entries, 12);
    assert_null(column(&offline, "events", "field", "name"));
    care_view_close(&view);
    assert_int_equal(store_open(&options, &s, NULL), 0);
    assert_int_equal(query_usage(s, &q, &online, NULL), 0);
    check_sums(&online);
    assert_int_equal(online.spans + online.head_spans, 17 * CARE_SPANS);
    assert_int_equal(online.traces, 17);
    assert_int_equal(care_view_open(dir, &view, NULL), ERR_BUSY);
    store_close(s);
    arena_release(&arena);
    temp_dir_remove(dir);
}

/* A trace in two parts and the log counts once. */
static void test_split_traces(void **state)
{
    char *dir = temp_dir();
    struct engine_options options = test_options(dir);
    struct engine_usage usage;
    struct engine_query q = {0};
    struct arena arena;
    struct store *s;
    (void)state;
    arena_init(&arena, 0);
    q.arena = &arena;
    assert_int_equal(store_open(&options, &s, NULL), 0);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(append_trace(s, 7, 2), 0);
        if (i < 2)
            assert_int_equal(store_seal_now(s, NULL), 0);
    }
    assert_int_equal(query_usage(s, &q, &usage, NULL), 0);
    assert_int_equal(usage.traces, 1);
    assert_int_equal(usage.spans + usage.head_spans, 6);
    q.deadline_ns = 1;
    assert_int_equal(query_usage(s, &q, &usage, NULL), ERR_TIMEOUT);
    store_close(s);
    arena_release(&arena);
    temp_dir_remove(dir);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(test_counts),
                                              cmocka_unit_test(test_split_traces)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
