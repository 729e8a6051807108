/* Scans against a model: every field of every span, as the syntax tree means it. */
#include "query/scan.h"

#include "world.h"

enum { SCANS = 300, FIELDS = 6 };

static size_t find(const struct world *w, struct value trace, struct value span)
{
    for (size_t i = 0; i < w->count; i++) {
        if (memcmp(w->spans[i].trace_id.bytes, trace.string.p, TRACE_ID_BYTES) == 0 &&
            memcmp(w->spans[i].span_id.bytes, span.string.p, SPAN_ID_BYTES) == 0)
            return i;
    }
    fail_msg("a row that is no span");
    return 0;
}

static struct value entry(const struct vector *v, uint32_t i)
{
    if (v->kind == VECTOR_IDS) {
        assert_true(v->ids[i] < v->table_count);
        return v->table[v->ids[i]];
    }
    if (v->kind == VECTOR_INTS)
        return (struct value){VALUE_INT, {.integer = v->ints[i]}};
    return v->values[i];
}

static void check_row(const struct world *w, const struct scan_query *query,
                      const struct scan_rows *rows, uint32_t row, bool *seen, int n)
{
    struct arena scratch;
    size_t at = find(w, entry(&rows->vectors[0], row), entry(&rows->vectors[1], row));
    const struct span *s = &w->spans[at];
    arena_init(&scratch, 0);
    if (seen[at])
        fail_msg("scan %d: a span twice", n);
    seen[at] = true;
    for (uint32_t i = 2; i < query->field_count; i++) {
        struct value got = entry(&rows->vectors[i], row),
                     want = world_value(&query->fields[i], s, &scratch);
        if (!value_eq(&got, &want))
            fail_msg("scan %d: field %d scope %d %.*s: type %d, want type %d", n,
                     query->fields[i].kind, query->fields[i].scope, STR_ARG(query->fields[i].key),
                     got.type, want.type);
    }
    arena_release(&scratch);
}

static void run_scan(struct world *w, const struct scan_query *query, int n)
{
    bool *seen = calloc(w->count, sizeof *seen);
    struct engine_query q = {0};
    struct engine_scan *scan;
    struct scan_rows rows;
    struct arena arena;
    struct err err;
    int rc;
    arena_init(&arena, 0);
    q.arena = &arena;
    if (query_scan_open(w->store, &q, query, &scan, &err) < 0)
        fail_msg("scan %d: %s", n, err.msg);
    while ((rc = engine_scan_next(scan, &rows, &err)) == 1) {
        assert_true(rows.count > 0 && rows.count <= SCAN_ROWS_MAX);
        for (uint32_t i = 0; i < rows.count; i++)
            check_row(w, query, &rows, i, seen, n);
    }
    if (rc < 0)
        fail_msg("scan %d: %s", n, err.msg);
    engine_scan_close(scan);
    for (size_t i = 0; i < w->count; i++) {
        const struct span *s = &w->spans[i];
        bool want = s->start_ns >= query->start_ns && s->start_ns <= query->end_ns &&
                    expr_matches(query->filter, s, &arena);
        if (seen[i] != want)
            fail_msg("scan %d: span %zu is %s", n, i, want ? "missing" : "too much");
    }
    arena_release(&arena);
    free(seen);
}

static void test_scans(void **state)
{
    struct world *w = *state;
    for (int n = 0; n < SCANS; n++) {
        struct field fields[FIELDS] = {{.kind = FIELD_TRACE_ID}, {.kind = FIELD_SPAN_ID}};
        struct scan_query query = {.end_ns = UINT64_MAX, .fields = fields, .field_count = FIELDS};
        struct arena arena;
        arena_init(&arena, 0);
        for (int i = 2; i < FIELDS; i++)
            fields[i] = world_field(w);
        if (n % 4)
            query.filter = world_filter(w, &arena, 2);
        if (rng_below(&w->rng, 3) == 0) {
            query.start_ns = w->spans[rng_below(&w->rng, (uint32_t)w->count)].start_ns;
            query.end_ns = query.start_ns + (uint64_t)rng_below(&w->rng, 3000) * 1000000;
        }
        run_scan(w, &query, n);
        arena_release(&arena);
    }
}

static void test_spans(void **state)
{
    struct world *w = *state;
    struct field fields[] = {{.kind = FIELD_TRACE_ID}, {.kind = FIELD_SPAN_ID}};
    struct scan_query query = {.end_ns = UINT64_MAX, .fields = fields, .field_count = 2};
    struct engine_query q = {0};
    struct engine_scan *scan;
    struct scan_rows rows;
    struct arena arena;
    arena_init(&arena, 0);
    q.arena = &arena;
    assert_int_equal(query_scan_open(w->store, &q, &query, &scan, NULL), 0);
    while (engine_scan_next(scan, &rows, NULL) == 1) {
        for (uint32_t i = 0; i < rows.count; i += 7) {
            size_t at = find(w, entry(&rows.vectors[0], i), entry(&rows.vectors[1], i));
            struct span span;
            assert_int_equal(engine_scan_span(scan, i, &arena, &span, NULL), 0);
            assert_true(span_eq(&span, &w->spans[at]));
        }
    }
    engine_scan_close(scan);
    arena_release(&arena);
}

static void test_refused(void **state)
{
    struct world *w = *state;
    struct field fields[SCAN_FIELDS_MAX + 1] = {{.kind = FIELD_ROOT_NAME}};
    struct expr filter = {.op = EXPR_EQ, .field = {.kind = FIELD_CHILD_COUNT}};
    struct scan_query query = {.end_ns = UINT64_MAX, .fields = fields, .field_count = 1};
    struct engine_query q = {0};
    struct engine_scan *scan = NULL;
    struct arena arena;
    arena_init(&arena, 0);
    q.arena = &arena;
    assert_int_equal(query_scan_open(w->store, &q, &query, &scan, NULL), ERR_INVALID);
    fields[0].kind = FIELD_NAME;
    query.field_count = SCAN_FIELDS_MAX + 1;
    assert_int_equal(query_scan_open(w->store, &q, &query, &scan, NULL), ERR_INVALID);
    query.field_count = 1;
    query.filter = &filter;
    assert_int_equal(query_scan_open(w->store, &q, &query, &scan, NULL), ERR_INVALID);
    assert_null(scan);
    engine_scan_close(NULL);
    arena_release(&arena);
}

/* Cancelled, late, and any budget: enough or refused. */
static void test_limits(void **state)
{
    struct world *w = *state;
    struct field fields[] = {{FIELD_ATTRIBUTE, SCOPE_FIRST, STR_INIT("code")},
                             {.kind = FIELD_NAME}};
    struct scan_query query = {.end_ns = UINT64_MAX, .fields = fields, .field_count = 2};
    int refused = 0, passed = 0;
    for (size_t budget = 1; budget < 64u << 20; budget *= 2) {
        struct engine_query q = {0};
        struct engine_scan *scan;
        struct scan_rows rows;
        struct arena arena;
        int rc;
        arena_init(&arena, budget);
        q.arena = &arena;
        rc = query_scan_open(w->store, &q, &query, &scan, NULL);
        if (rc == 0) {
            while ((rc = engine_scan_next(scan, &rows, NULL)) == 1)
                ;
            engine_scan_close(scan);
        }
        assert_true(rc == 0 || rc == ERR_TOO_LARGE);
        refused += rc != 0;
        passed += rc == 0;
        arena_release(&arena);
    }
    assert_true(refused && passed);
}

static void test_cancelled(void **state)
{
    struct world *w = *state;
    struct scan_query query = {.end_ns = UINT64_MAX};
    struct engine_query q = {0};
    struct engine_scan *scan;
    struct scan_rows rows;
    struct arena arena;
    arena_init(&arena, 0);
    q.arena = &arena;
    assert_int_equal(query_scan_open(w->store, &q, &query, &scan, NULL), 0);
    assert_int_equal(engine_scan_next(scan, &rows, NULL), 1);
    atomic_store(&q.cancelled, 1);
    assert_int_equal(engine_scan_next(scan, &rows, NULL), ERR_CANCELLED);
    atomic_store(&q.cancelled, 0);
    q.deadline_ns = 1;
    assert_int_equal(engine_scan_next(scan, &rows, NULL), ERR_TIMEOUT);
    engine_scan_close(scan);
    arena_release(&arena);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scans),     cmocka_unit_test(test_spans),
        cmocka_unit_test(test_refused),   cmocka_unit_test(test_limits),
        cmocka_unit_test(test_cancelled),
    };
    return cmocka_run_group_tests(tests, world_setup, world_teardown);
}
