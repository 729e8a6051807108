/* Who calls whom, against a model: many parts, heads, time ranges, deletions before and after the parts were joined. */
#include <time.h>

#include "query/ahead.h"
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

/* ---- Both sides of a call with one id ---- */

/* As Zipkin's tracers send them; each starts after the one above. */
static const struct half {
    uint8_t id, parent;
    enum span_kind kind;
    uint8_t service;
    bool late; /* comes in another batch */
} halves[] = {
    {1, 0, SPAN_KIND_CLIENT, 0, false},
    {1, 0, SPAN_KIND_SERVER, 1, false},
    {3, 1, SPAN_KIND_CLIENT, 1, false},
    {3, 1, SPAN_KIND_SERVER, 2, true},
    {5, 1, SPAN_KIND_INTERNAL, 0, false}, /* what the caller did meanwhile */
    {6, 3, SPAN_KIND_INTERNAL, 2, true},
    {7, 3, SPAN_KIND_SERVER, 0, true}, /* its client's span was lost */
};

static void append_halves(struct store *s, struct arena *arena, bool late)
{
    struct span spans[COUNT(halves)];
    size_t n = 0;
    for (uint32_t i = 0; i < COUNT(halves); i++) {
        struct span *span = &spans[n];
        if (halves[i].late != late)
            continue;
        test_span(arena, 1, i, span);
        memset(&span->span_id, halves[i].id, sizeof span->span_id);
        memset(&span->parent_span_id, halves[i].parent, sizeof span->parent_span_id);
        span->kind = halves[i].kind;
        span->resource = test_resources[halves[i].service];
        n++;
    }
    assert_int_equal(append_wait(s, spans, n), 0);
}

/* Which of the calls 0 -> 1, 1 -> 2, 2 -> 0 there are, as bits; no others. */
static unsigned calls_between_halves(struct store *s)
{
    struct engine_query q = {0};
    struct dependency_list list;
    struct arena arena;
    unsigned found = 0;
    arena_init(&arena, 0);
    q.arena = &arena;
    assert_int_equal(query_dependencies(s, &q, 0, UINT64_MAX, &list, NULL), 0);
    for (size_t i = 0; i < list.count; i++) {
        unsigned before = found;
        assert_int_equal(list.items[i].call_count, 1);
        for (unsigned k = 0; k < 3; k++) {
            if (str_eq(list.items[i].parent, test_resources[k]->service_name) &&
                str_eq(list.items[i].child, test_resources[(k + 1) % 3]->service_name))
                found |= 1U << k;
        }
        assert_true(found != before);
    }
    arena_release(&arena);
    return found;
}

static void test_shared_ids(void **state)
{
    (void)state;
    for (int apart = 0; apart < 2; apart++) { /* in two sources */
        char *dir = temp_dir();
        struct engine_options options = test_options(dir);
        struct arena arena;
        struct store *s;
        arena_init(&arena, 0);
        assert_int_equal(store_open(&options, &s, NULL), 0);
        append_halves(s, &arena, false);
        if (apart)
            assert_int_equal(store_seal_now(s, NULL), 0);
        append_halves(s, &arena, true);
        for (int sealed = 0; sealed < 2; sealed++) {
            assert_int_equal(calls_between_halves(s), 7);
            assert_int_equal(calls_between_halves(s), 7); /* what was found is remembered */
            assert_int_equal(store_seal_now(s, NULL), 0);
        }
        store_close(s);
        arena_release(&arena);
        temp_dir_remove(dir);
    }
}

/* ---- Joined before anybody asks ---- */

static size_t unjoined(struct store *s, size_t *parts)
{
    struct snapshot snap;
    size_t n = 0;
    *parts = 0;
    snapshot_take(s, &snap);
    for (uint32_t i = 0; i < snap.count; i++) {
        const struct part *p = snap.sources[i].part;
        *parts += p != NULL;
        n += p && !atomic_load(&p->note);
    }
    snapshot_release(&snap);
    return n;
}

static void wait_until_joined(struct store *s, size_t parts_min)
{
    size_t parts;
    while (unjoined(s, &parts) || parts < parts_min)
        nanosleep(&(struct timespec){0, 1000000}, NULL);
}

static void test_ahead(void **state)
{
    struct ahead *ahead;
    struct world *w;
    size_t parts;
    (void)state;
    assert_int_equal(world_setup((void **)&w), 0);
    assert_true(unjoined(w->store, &parts) == parts && parts > 1);
    assert_int_equal(ahead_start(w->store, 1, &ahead, NULL), 0);
    wait_until_joined(w->store, parts);
    check(w, 0, UINT64_MAX);
    assert_int_equal(store_seal_now(w->store, NULL), 0); /* a new one */
    wait_until_joined(w->store, parts + 1);
    ahead_stop(ahead);
    check(w, 0, UINT64_MAX);
    ahead_stop(NULL);
    for (uint32_t pause_ms = 0; pause_ms < 10; pause_ms++) { /* stops wherever it is */
        assert_int_equal(store_retain_now(w->store, NULL), 0);
        assert_int_equal(ahead_start(w->store, pause_ms, &ahead, NULL), 0);
        ahead_stop(ahead);
    }
    assert_int_equal(world_teardown((void **)&w), 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shared_ids),    cmocka_unit_test(test_ahead),
        cmocka_unit_test(test_ranges),        cmocka_unit_test(test_deleted),
        cmocka_unit_test(test_broken_sender), cmocka_unit_test(test_sealed),
    };
    int failed = 0;
    for (uint32_t threads = 1; threads <= PARALLEL_MAX; threads *= 2) {
        parallel_force(threads);
        failed += cmocka_run_group_tests(tests, world_setup, world_teardown);
    }
    return failed;
}
