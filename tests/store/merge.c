/* Merging: parts become one where they may, and stay apart where together they would have too many columns. */
#include "fixture.h"
#include "query/query.h"
#include "store/columns.h"

enum { MEMBERS = 14 };

/* One span with as many attributes as said, whose keys no other trace has. */
static void many_keys(struct arena *arena, uint32_t trace, uint32_t keys, struct span *ret)
{
    struct attr *attrs = arena_calloc(arena, keys, sizeof *attrs);
    test_span(arena, trace, 0, ret);
    for (uint32_t i = 0; i < keys; i++)
        attrs[i] = (struct attr){arena_printf(arena, "key.%u.%u", trace, i),
                                 {VALUE_INT, {.integer = trace + i}}};
    ret->attrs = (struct attrs){attrs, keys};
}

static void append_part(struct store *s, uint32_t trace, uint32_t keys)
{
    struct span span;
    struct arena arena;
    arena_init(&arena, 0);
    many_keys(&arena, trace, keys, &span);
    assert_int_equal(append_wait(s, &span, 1), 0);
    assert_int_equal(store_seal_now(s, NULL), 0);
    arena_release(&arena);
}

static bool reads_back(struct store *s, uint32_t trace, uint32_t keys)
{
    struct engine_query q = {0};
    struct span_batch got;
    struct span want;
    struct arena arena;
    bool same;
    arena_init(&arena, 0);
    q.arena = &arena;
    many_keys(&arena, trace, keys, &want);
    same = query_trace(s, &q, test_trace_id(trace), &got, NULL) == 0 && got.span_count == 1 &&
           span_eq(&want, &got.spans[0]);
    arena_release(&arena);
    return same;
}

/* How many parts there are; none has more columns than a part may have. */
static uint32_t count_parts(struct store *s, const char *name)
{
    struct snapshot snap;
    uint32_t count = 0;
    snapshot_take(s, &snap);
    for (uint32_t i = 0; i < snap.count; i++) {
        const struct part *part = snap.sources[i].part;
        if (!part)
            continue;
        count++;
        CHECK(part->column_count <= COLUMNS_MAX + MEMBERS, name);
    }
    snapshot_release(&snap);
    return count;
}

/* Eight parts of a size are merged, up to sixteen at a time; of these as many as have COLUMNS_MAX columns together. */
static const struct {
    const char *name;
    uint32_t keys, parts, left;
} cases[] = {
    {"few keys", 3, 8, 1},
    {"eight fit", COLUMNS_MAX / 8, 8, 1},
    {"eight do not", COLUMNS_MAX / 8 + 1, 8, 8},
    {"no two fit", COLUMNS_MAX / 2 + 1, 8, 8},
    {"more than a part has columns for", COLUMNS_MAX + 300, 8, 8},
};

static void test_columns(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *dir = temp_dir();
        struct engine_options options = test_options(dir);
        struct store *s;
        for (int again = 0; again < 2; again++) { /* and once more, from the disk */
            assert_int_equal(store_open(&options, &s, NULL), 0);
            for (uint32_t t = 0; t < cases[i].parts && !again; t++)
                append_part(s, t, cases[i].keys);
            assert_int_equal(store_retain_now(s, NULL), 0);
            if (count_parts(s, cases[i].name) != cases[i].left)
                fail_msg("case \"%s\": %u parts", cases[i].name, count_parts(s, cases[i].name));
            for (uint32_t t = 0; t < cases[i].parts; t++)
                CHECK(reads_back(s, t, cases[i].keys), cases[i].name);
            store_close(s);
        }
        temp_dir_remove(dir);
    }
}

/* Beside parts that have too many, others are merged. */
static void test_neighbours(void **state)
{
    char *dir = temp_dir();
    struct engine_options options = test_options(dir);
    struct store *s;
    (void)state;
    assert_int_equal(store_open(&options, &s, NULL), 0);
    for (uint32_t t = 0; t < 12; t++)
        append_part(s, t, t < 2 ? COLUMNS_MAX : 5);
    assert_int_equal(store_retain_now(s, NULL), 0);
    assert_in_range(count_parts(s, "neighbours"), 3, 5);
    for (uint32_t t = 0; t < 12; t++)
        assert_true(reads_back(s, t, t < 2 ? COLUMNS_MAX : 5));
    store_close(s);
    temp_dir_remove(dir);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_columns),
        cmocka_unit_test(test_neighbours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
