/* paths.c - critical paths and self times of drawn traces, and of random ones against a slow definition; call paths. */
#include "analysis/call_paths.h"

#include "analysis/critical_path.h"
#include "test.h"

enum { SPANS_MAX = 200 };

/* A span as a row of a drawing: name, parent's name, start, end. */
struct drawn {
    const char *name, *parent;
    uint64_t start_ns, end_ns;
    uint8_t kind, status;
};

struct drawing {
    const char *title;
    struct drawn spans[12];
    const char *path;  /* "a:0-2 b:2-5": segments of the critical path */
    const char *selfs; /* of each span in order */
};

static struct light_trace build(const struct drawn *drawn, struct light_span *spans)
{
    struct light_trace t = {.spans = spans};
    for (const struct drawn *d = drawn; d->name; d++) {
        struct light_span *s = &spans[t.span_count];
        *s = (struct light_span){.start_ns = d->start_ns,
                                 .duration_ns = d->end_ns - d->start_ns,
                                 .service = STR("shop"),
                                 .name = str_of(d->name),
                                 .parent = NO_PARENT,
                                 .kind = d->kind,
                                 .status = d->status};
        s->span_id.bytes[0] = (uint8_t)(++t.span_count);
        for (const struct drawn *p = drawn; d->parent && p->name; p++) {
            if (strcmp(p->name, d->parent) == 0) {
                s->parent = (uint32_t)(p - drawn);
                s->parent_span_id.bytes[0] = (uint8_t)(s->parent + 1);
                break;
            }
        }
        if (d->parent && s->parent == NO_PARENT)
            s->parent_span_id.bytes[1] = 1; /* an orphan */
    }
    return t;
}

static const struct drawing drawings[] = {
    {"alone", {{"a", NULL, 0, 10, 0, 0}}, "a:0-10", "10"},
    {"one child", {{"a", NULL, 0, 10, 0, 0}, {"b", "a", 2, 5, 0, 0}}, "a:0-2 b:2-5 a:5-10", "7 3"},
    {"one after the other",
     {{"a", NULL, 0, 10, 0, 0}, {"b", "a", 1, 4, 0, 0}, {"c", "a", 4, 9, 0, 0}},
     "a:0-1 b:1-4 c:4-9 a:9-10",
     "2 3 5"},
    {"side by side: the later end counts",
     {{"a", NULL, 0, 10, 0, 0}, {"b", "a", 1, 4, 0, 0}, {"c", "a", 1, 9, 0, 0}},
     "a:0-1 c:1-9 a:9-10",
     "2 3 8"},
    {"before the longer one began",
     {{"a", NULL, 0, 10, 0, 0},
      {"b", "a", 0, 3, 0, 0},
      {"c", "a", 2, 9, 0, 0},
      {"d", "a", 1, 2, 0, 0}},
     "a:0-1 d:1-2 c:2-9 a:9-10",
     "1 3 7 1"},
    {"grandchildren",
     {{"a", NULL, 0, 10, 0, 0}, {"b", "a", 1, 9, 0, 0}, {"c", "b", 2, 8, 0, 0}},
     "a:0-1 b:1-2 c:2-8 b:8-9 a:9-10",
     "2 2 6"},
    {"a clock that is late",
     {{"a", NULL, 0, 10, 0, 0}, {"b", "a", 6, 14, 0, 0}},
     "a:0-6 b:6-10",
     "6 8"},
    {"a clock that is early",
     {{"b", "a", 0, 9, 0, 0}, {"a", NULL, 5, 15, 0, 0}},
     "b:5-9 a:9-15",
     "9 6"},
    {"began after its parent's end",
     {{"a", NULL, 0, 10, 0, 0}, {"b", "a", 12, 20, 0, 0}},
     "a:0-10",
     "10 8"},
    {"a consumer is not waited for",
     {{"a", NULL, 0, 10, 0, 0}, {"b", "a", 2, 9, SPAN_KIND_CONSUMER, 0}},
     "a:0-10",
     "3 7"},
    {"the root has a parent id of nobody",
     {{"x", "lost", 0, 3, 0, 0}, {"a", NULL, 1, 4, 0, 0}, {"b", "x", 1, 2, 0, 0}},
     "a:1-4",
     "2 3 1"},
    {"a circle",
     {{"a", "c", 0, 9, 0, 0}, {"b", "a", 1, 8, 0, 0}, {"c", "b", 2, 7, 0, 0}},
     "a:0-1 b:1-2 c:2-7 b:7-8 a:8-9",
     "2 2 5"},
    {"its own parent", {{"a", "a", 0, 9, 0, 0}}, "a:0-9", "9"},
    {"no duration", {{"a", NULL, 5, 5, 0, 0}, {"b", "a", 5, 5, 0, 0}}, "", "0 0"},
};

static void test_drawings(void **state)
{
    struct arena arena;
    (void)state;
    arena_init(&arena, 0);
    for (size_t i = 0; i < COUNT(drawings); i++) {
        struct light_span spans[12];
        struct light_trace trace = build(drawings[i].spans, spans);
        struct critical_path path;
        struct light_tree tree;
        char text[256] = "", selfs[128] = "";
        uint64_t *self_ns;
        arena_reset(&arena);
        assert_int_equal(light_tree_make(&trace, &arena, &tree, NULL), 0);
        assert_int_equal(critical_path_find(&tree, &arena, &path, NULL), 0);
        assert_int_equal(self_time_find(&tree, &arena, &self_ns, NULL), 0);
        for (uint32_t k = 0; k < path.segment_count; k++)
            snprintf(text + strlen(text), sizeof text - strlen(text), "%s%.*s:%d-%d", k ? " " : "",
                     STR_ARG(spans[path.segments[k].span].name), (int)path.segments[k].start_ns,
                     (int)path.segments[k].end_ns);
        for (uint32_t k = 0; k < trace.span_count; k++)
            snprintf(selfs + strlen(selfs), sizeof selfs - strlen(selfs), "%s%d", k ? " " : "",
                     (int)self_ns[k]);
        check_str(str_of(text), drawings[i].path, drawings[i].title);
        check_str(str_of(selfs), drawings[i].selfs, drawings[i].title);
    }
    arena_release(&arena);
}

/* ---- Random traces: rules that hold for every one ---- */

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static struct light_trace random_trace(uint64_t *random, struct light_span *spans)
{
    static const char *const names[] = {"a", "b", "c", "d"};
    struct light_trace t = {.spans = spans, .span_count = 1 + (uint32_t)(next_random(random) % 40)};
    uint64_t at = 1000;
    for (uint32_t i = 0; i < t.span_count; i++) {
        at += next_random(random) % 5;
        spans[i] = (struct light_span){
            .start_ns = at,
            .duration_ns = next_random(random) % 60,
            .service = STR("s"),
            .name = str_of(names[next_random(random) % 4]),
            .parent = next_random(random) % 8 ? (uint32_t)(next_random(random) % t.span_count)
                                              : NO_PARENT,
            .kind = (uint8_t)(next_random(random) % 6),
            .status = (uint8_t)(next_random(random) % 3),
        };
        spans[i].parent_span_id.bytes[0] = spans[i].parent != NO_PARENT;
    }
    return t;
}

/* Nanosecond by nanosecond: in how many does none of the children run? */
static uint64_t slow_self_time(const struct light_tree *tree, uint32_t span)
{
    const struct light_span *spans = tree->trace->spans;
    uint64_t own = 0;
    for (uint64_t t = spans[span].start_ns; t < light_end(&spans[span]); t++) {
        bool busy = false;
        for (uint32_t i = 0; i < tree->trace->span_count; i++)
            busy |= tree->parent[i] == span && spans[i].start_ns <= t && t < light_end(&spans[i]);
        own += !busy;
    }
    return own;
}

static void check_path(const struct light_tree *tree, const struct critical_path *path)
{
    const struct light_span *spans = tree->trace->spans;
    uint64_t at = spans[tree->root].start_ns, sum = 0;
    for (uint32_t i = 0; i < path->segment_count; i++) {
        const struct path_segment *s = &path->segments[i];
        assert_int_equal(s->start_ns, at); /* no gap, no overlap */
        assert_true(s->end_ns > s->start_ns);
        assert_true(s->start_ns >= spans[s->span].start_ns &&
                    s->end_ns <= light_end(&spans[s->span]));
        at = s->end_ns;
    }
    assert_int_equal(at, light_end(&spans[tree->root]));
    for (uint32_t i = 0; i < tree->trace->span_count; i++)
        sum += path->span_ns[i];
    assert_int_equal(sum, spans[tree->root].duration_ns);
}

static void test_random(void **state)
{
    struct arena arena;
    (void)state;
    arena_init(&arena, 0);
    for (uint64_t seed = 1; seed < 3000; seed++) {
        struct light_span spans[SPANS_MAX];
        uint64_t random = seed * 0x9e3779b97f4a7c15u, *self_ns;
        struct light_trace trace = random_trace(&random, spans);
        struct light_tree tree;
        struct critical_path path;
        uint32_t seen = 0;
        arena_reset(&arena);
        assert_int_equal(light_tree_make(&trace, &arena, &tree, NULL), 0);
        for (uint32_t i = 0; i < trace.span_count; i++)
            seen += tree.order[i] < trace.span_count;
        assert_int_equal(seen, trace.span_count);
        assert_int_equal(critical_path_find(&tree, &arena, &path, NULL), 0);
        check_path(&tree, &path);
        assert_int_equal(self_time_find(&tree, &arena, &self_ns, NULL), 0);
        for (uint32_t i = 0; i < trace.span_count; i++)
            assert_int_equal(self_ns[i], slow_self_time(&tree, i));
    }
    arena_release(&arena);
}

/* A chain as deep as it is long must not need stack. */
static void test_deep(void **state)
{
    enum { DEEP = 300000 };
    struct light_span *spans = calloc(DEEP, sizeof *spans);
    struct light_trace trace = {.spans = spans, .span_count = DEEP};
    struct critical_path path;
    struct light_tree tree;
    struct arena arena;
    (void)state;
    assert_non_null(spans);
    for (uint32_t i = 0; i < DEEP; i++)
        spans[i] = (struct light_span){.start_ns = i,
                                       .duration_ns = 2 * (uint64_t)(DEEP - i),
                                       .parent = i ? i - 1 : NO_PARENT,
                                       .name = STR("n")};
    arena_init(&arena, 0);
    assert_int_equal(light_tree_make(&trace, &arena, &tree, NULL), 0);
    assert_int_equal(critical_path_find(&tree, &arena, &path, NULL), 0);
    check_path(&tree, &path);
    arena_release(&arena);
    free(spans);
}

/* ---- Call paths ---- */

static const struct drawn checkout[] = {{"pay", NULL, 0, 100, 0, 0},
                                        {"auth", "pay", 10, 30, 0, 0},
                                        {"card", "pay", 40, 90, 0, STATUS_ERROR},
                                        {0}};
static const struct drawn slow_checkout[] = {{"pay", NULL, 0, 200, 0, 0},
                                             {"auth", "pay", 10, 130, 0, 0},
                                             {"retry", "pay", 140, 150, 0, 0},
                                             {0}};

static const struct call_path *find(const struct call_paths *p, const char *name)
{
    for (uint32_t i = 0; i < p->count; i++) {
        if (str_eq(p->items[i].name, str_of(name)))
            return &p->items[i];
    }
    return NULL;
}

static void test_call_paths(void **state)
{
    struct light_span spans[12], slow_spans[12];
    struct light_trace fast = build(checkout, spans), slow = build(slow_checkout, slow_spans);
    struct call_paths a, b;
    struct path_differences diff;
    const struct call_path *auth;
    struct arena arena;
    (void)state;
    arena_init(&arena, 0);
    call_paths_init(&a, &arena, 0);
    call_paths_init(&b, &arena, 0);
    assert_int_equal(call_paths_add(&fast, &a, NULL), 0);
    assert_int_equal(call_paths_add(&fast, &a, NULL), 0);
    assert_int_equal(call_paths_add(&slow, &b, NULL), 0);
    assert_int_equal(a.count, 3);
    assert_int_equal(a.trace_count, 2);
    assert_int_equal(a.duration_ns, 200);
    auth = find(&a, "auth");
    assert_int_equal(auth->span_count, 2);
    assert_int_equal(auth->trace_count, 2);
    assert_int_equal(auth->total_ns, 40);
    assert_int_equal(auth->self_ns, 40);
    assert_int_equal(auth->critical_ns, 40);
    assert_int_equal(auth->depth, 1);
    assert_int_equal(find(&a, "card")->error_count, 2);
    assert_int_equal(sketch_quantile(&auth->durations, 0.5), 20);

    assert_int_equal(call_paths_compare(&a, &b, &arena, &diff, NULL), 0);
    assert_int_equal(diff.count, 4);
    assert_true(str_eq(a.items[diff.items[0].a].name, STR("auth"))); /* 100 ns more */
    assert_true(diff.items[0].effect_ns > 99.9 && diff.items[0].effect_ns < 100.1);
    assert_true(str_eq(a.items[diff.items[1].a].name, STR("card"))); /* gone: 50 less */
    assert_int_equal(diff.items[1].b, NO_PARENT);
    call_paths_release(&a);
    call_paths_release(&b);
    arena_release(&arena);
}

/* Sums of critical time are the roots' durations, however traces mix; memory that ends gives a clear error. */
static void test_call_paths_random(void **state)
{
    struct arena arena;
    struct call_paths p;
    struct err err;
    uint64_t critical = 0, spans_seen = 0;
    int rc = 0;
    (void)state;
    arena_init(&arena, 0);
    call_paths_init(&p, &arena, 0);
    for (uint64_t seed = 1; seed < 500; seed++) {
        struct light_span spans[SPANS_MAX];
        uint64_t random = seed * 0x9e3779b97f4a7c15u;
        struct light_trace trace = random_trace(&random, spans);
        assert_int_equal(call_paths_add(&trace, &p, NULL), 0);
    }
    for (uint32_t i = 0; i < p.count; i++) {
        critical += p.items[i].critical_ns;
        spans_seen += p.items[i].span_count;
        assert_true(p.items[i].parent == NO_PARENT || p.items[i].parent < i);
        assert_int_equal(p.items[i].durations.total, p.items[i].span_count);
    }
    assert_int_equal(critical, p.duration_ns);
    assert_int_equal(spans_seen + p.dropped_spans, p.span_count);
    call_paths_release(&p);
    arena_release(&arena);

    arena_init(&arena, 64 << 10);
    call_paths_init(&p, &arena, 0);
    for (uint64_t seed = 1; seed < 500 && rc == 0; seed++) {
        struct light_span spans[SPANS_MAX];
        uint64_t random = seed * 0x9e3779b97f4a7c15u;
        struct light_trace trace = random_trace(&random, spans);
        rc = call_paths_add(&trace, &p, &err);
    }
    assert_int_equal(rc, ERR_TOO_LARGE);
    call_paths_release(&p);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_drawings),
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_deep),
        cmocka_unit_test(test_call_paths),
        cmocka_unit_test(test_call_paths_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
