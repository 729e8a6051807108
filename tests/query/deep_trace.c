/* One trace with very many spans, each below the one before: nothing recurs by depth, nothing is quadratic.
 * CAIRN_TEST_SPANS makes it longer. */
#include "fixture.h"
#include "query/query.h"

enum { BATCH = 1000 };

struct deep {
    struct store *store;
    char *dir;
    uint32_t count;
};

static struct span_id id_of(uint32_t n)
{
    struct span_id id = {{0}};
    memcpy(id.bytes, &n, sizeof n);
    return id;
}

static void make_span(uint32_t i, uint32_t count, struct span *s)
{
    *s = (struct span){.trace_id = test_trace_id(1),
                       .span_id = id_of(i + 1),
                       .parent_span_id = id_of(i),
                       .name = i ? STR("step") : STR("first"),
                       .start_ns = 1700000000000000000u + i,
                       .resource = test_resources[i % 3],
                       .scope = test_scopes[0]};
    s->end_ns = s->start_ns + 5;
    if (i + 1 == count)
        s->name = STR("last");
}

static int setup(void **state)
{
    struct deep *d = calloc(1, sizeof *d);
    const char *count = getenv("CAIRN_TEST_SPANS");
    struct span *batch = calloc(BATCH, sizeof *batch);
    struct engine_options options;
    uint32_t n = 0;
    d->count = count ? (uint32_t)strtoul(count, NULL, 10) : 40000;
    d->dir = temp_dir();
    options = test_options(d->dir);
    options.ack = ENGINE_ACK_MEMORY;
    assert_int_equal(store_open(&options, &d->store, NULL), 0);
    for (uint32_t i = 0; i < d->count; i++) {
        make_span(i, d->count, &batch[n++]);
        if (n == BATCH || i + 1 == d->count) {
            assert_int_equal(append_wait(d->store, batch, n), 0);
            n = 0;
        }
        if (i == d->count / 2)
            assert_int_equal(store_seal_now(d->store, NULL), 0);
    }
    free(batch);
    *state = d;
    return 0;
}

static int teardown(void **state)
{
    struct deep *d = *state;
    store_close(d->store);
    temp_dir_remove(d->dir);
    free(d);
    return 0;
}

static uint32_t matched(struct deep *d, const char *text)
{
    struct spansets_query query = {.end_ns = UINT64_MAX, .limit = 10, .spans_per_set = 1};
    struct engine_query q = {0};
    struct spanset_list list;
    struct arena arena;
    uint32_t count;
    struct err err;
    arena_init(&arena, 0);
    q.arena = &arena;
    if (traceql_parse(str_of(text), &arena, &query.query, NULL, &err) < 0 ||
        query_spansets(d->store, &q, &query, &list, &err) < 0)
        fail_msg("%s: %s", text, err.msg);
    count = list.count ? list.items[0].summary.matched_count : 0;
    arena_release(&arena);
    return count;
}

static void test_relations(void **state)
{
    struct deep *d = *state;
    uint32_t n = d->count;
    char text[80];
    assert_int_equal(matched(d, "{ } >> { }"), n - 1);
    assert_int_equal(matched(d, "{ } << { }"), n - 1);
    assert_int_equal(matched(d, "{ } > { }"), n - 1);
    assert_int_equal(matched(d, "{ name = \"first\" } >> { name = \"last\" }"), 1);
    assert_int_equal(matched(d, "{ name = \"last\" } !>> { }"), n);
    assert_int_equal(matched(d, "{ } &>> { }"), n);
    assert_int_equal(matched(d, "{ } ~ { }"), 0);
    snprintf(text, sizeof text, "{ nestedSetLeft = %u }", n);
    assert_int_equal(matched(d, text), 1);
    snprintf(text, sizeof text, "{ nestedSetRight = %u && name = \"first\" }", 2 * n);
    assert_int_equal(matched(d, text), 1);
}

/* As many sets as there are spans, each looked at by itself. */
static void test_many_sets(void **state)
{
    struct deep *d = *state;
    assert_int_equal(matched(d, "{ } | by(nestedSetLeft) | { } >> { } || { } | count() = 1"),
                     d->count);
    assert_int_equal(matched(d, "{ } | by(span:id) | coalesce() | { } > { }"), d->count - 1);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(test_relations),
                                              cmocka_unit_test(test_many_sets)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
