/* Rows in pre-order: against a slow recursive reference, and the shapes that break naive code. */
#include "api/tree.h"

#include "spans.h"
#include "test.h"

static struct span node(uint64_t id, uint64_t parent, uint64_t start)
{
    return test_span(1, id, parent, "x", start, 1);
}

/* "id(parent's id or R or O)@depth ..." */
static void describe(const struct span *spans, const struct tree *t, char *out, size_t size)
{
    size_t n = 0;
    out[0] = '\0';
    for (uint32_t row = 0; row < t->count && n + 32 < size; row++) {
        uint32_t parent = t->parent[row];
        n += (size_t)snprintf(out + n, size - n, "%s%d", row ? " " : "",
                              spans[t->span[row]].span_id.bytes[7]);
        if (parent == TREE_ROOT || parent == TREE_ORPHAN)
            n += (size_t)snprintf(out + n, size - n, "%c", parent == TREE_ROOT ? 'R' : 'O');
        else
            n +=
                (size_t)snprintf(out + n, size - n, "<%d", spans[t->span[parent]].span_id.bytes[7]);
        n += (size_t)snprintf(out + n, size - n, "@%u", t->depth[row]);
    }
}

static void test_shapes(void **state)
{
    static const struct {
        const char *name;
        struct {
            uint64_t id, parent, start;
        } spans[6];
        const char *want;
    } cases[] = {
        {"nothing", {{0, 0, 0}}, ""},
        {"one root", {{1, 0, 5}}, "1R@0"},
        {"children by start", {{1, 0, 0}, {2, 1, 9}, {3, 1, 4}}, "1R@0 3<1@1 2<1@1"},
        {"children follow their parent",
         {{1, 0, 0}, {2, 1, 1}, {3, 1, 2}, {4, 2, 3}},
         "1R@0 2<1@1 4<2@2 3<1@1"},
        {"child before its parent", {{2, 1, 0}, {1, 0, 5}}, "1R@0 2<1@1"},
        {"roots before orphans", {{1, 9, 0}, {2, 0, 5}, {3, 8, 3}}, "2R@0 1O@0 3O@0"},
        {"two roots by start", {{1, 0, 7}, {2, 0, 5}}, "2R@0 1R@0"},
        {"own parent", {{1, 1, 0}, {2, 1, 1}}, "1O@0 2<1@1"},
        {"circle of two", {{1, 2, 0}, {2, 1, 1}}, "1O@0 2<1@1"},
        {"circle of three with a tail, entered at the tail",
         {{5, 2, 0}, {1, 3, 4}, {2, 1, 2}, {3, 2, 6}, {4, 3, 9}},
         "2O@0 5<2@1 3<2@1 1<3@2 4<3@2"},
        {"two circles", {{1, 2, 0}, {2, 1, 1}, {3, 4, 2}, {4, 3, 3}}, "1O@0 2<1@1 3O@0 4<3@1"},
        {"one id twice", {{1, 0, 0}, {1, 0, 3}, {2, 1, 5}}, "1R@0 2<1@1 1R@0"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct span spans[6];
        struct arena arena;
        struct tree tree;
        char got[512];
        uint32_t n = 0;
        for (; n < 6 && cases[i].spans[n].id; n++)
            spans[n] =
                node(cases[i].spans[n].id, cases[i].spans[n].parent, cases[i].spans[n].start);
        arena_init(&arena, 0);
        CHECK(tree_build(spans, n, &arena, &tree), cases[i].name);
        describe(spans, &tree, got, sizeof got);
        check_str(str_of(got), cases[i].want, cases[i].name);
        arena_release(&arena);
    }
}

/* Every span once, every parent above its child, children by start, descendants without a gap. */
static void check_tree(const struct span *spans, uint32_t n, const struct tree *t)
{
    uint8_t *seen = calloc(n, 1);
    assert_int_equal(t->count, n);
    for (uint32_t row = 0; row < n; row++) {
        uint32_t parent = t->parent[row];
        assert_true(t->span[row] < n && !seen[t->span[row]]);
        seen[t->span[row]] = 1;
        if (parent >= TREE_ORPHAN) {
            assert_int_equal(t->depth[row], 0);
            continue;
        }
        assert_true(parent < row);
        assert_int_equal(t->depth[row], t->depth[parent] + 1);
        assert_true(span_id_eq(spans[t->span[row]].parent_span_id, spans[t->span[parent]].span_id));
        /* the row before is the parent or a descendant of it */
        assert_true(row - 1 == parent || t->depth[row - 1] >= t->depth[row]);
    }
    free(seen);
}

static void build_and_check(struct span *spans, uint32_t n, uint32_t depth_max, uint32_t roots,
                            uint32_t orphans)
{
    struct arena arena;
    struct tree tree;
    uint32_t deepest = 0;
    arena_init(&arena, 0);
    assert_true(tree_build(spans, n, &arena, &tree));
    check_tree(spans, n, &tree);
    for (uint32_t row = 0; row < n; row++)
        deepest = tree.depth[row] > deepest ? tree.depth[row] : deepest;
    assert_int_equal(deepest, depth_max);
    assert_int_equal(tree.root_count, roots);
    assert_int_equal(tree.orphan_count, orphans);
    arena_release(&arena);
}

static void test_large(void **state)
{
    enum { N = 300000 };
    struct span *spans = malloc(N * sizeof *spans);
    (void)state;
    assert_non_null(spans);
    for (uint64_t i = 0; i < N; i++)
        spans[i] = node(i + 1, i, i);
    build_and_check(spans, N, N - 1, 1, 0); /* a chain */
    for (uint64_t i = 0; i < N; i++)
        spans[i] = node(i + 1, i ? 1 : 0, N - i);
    build_and_check(spans, N, 1, 1, 0); /* a fan, latest first */
    for (uint64_t i = 0; i < N; i++)
        spans[i] = node(i + 1, (i + 1) % N + 1, i);
    build_and_check(spans, N, N - 1, 0, 1); /* one circle */
    for (uint64_t i = 0; i < N; i++)
        spans[i] = node(i + 1, N + 7 + i, i);
    build_and_check(spans, N, 0, 0, N); /* orphans */
    free(spans);
}

static void test_random(void **state)
{
    (void)state;
    srandom(7);
    for (int round = 0; round < 300; round++) {
        struct span spans[40];
        struct arena arena;
        struct tree tree;
        uint32_t n = 1 + (uint32_t)random() % 40;
        for (uint32_t i = 0; i < n; i++)
            spans[i] = node(i + 1, (uint64_t)random() % (n + 3), (uint64_t)random() % 10);
        arena_init(&arena, 0);
        assert_true(tree_build(spans, n, &arena, &tree));
        check_tree(spans, n, &tree);
        arena_release(&arena);
    }
}

static void test_no_memory(void **state)
{
    struct span spans[2] = {node(1, 0, 0), node(2, 1, 1)};
    struct arena arena;
    struct tree tree;
    (void)state;
    arena_init(&arena, 1);
    assert_false(tree_build(spans, 2, &arena, &tree));
    arena_release(&arena);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_large),
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
