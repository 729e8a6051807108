/* The executor against a model: all spans in one array, every filter evaluated by expr_matches on each of them.
 *
 * Random traces are spread over parts and the head, some spans are sent twice, some traces straddle parts. The
 * random filters mix every kind of term. CAIRN_TEST_SEED chooses another run. */
#include "query/query.h"

#include "fixture.h"

enum { TRACES = 160, SPANS_MAX = 4000, SEARCHES = 400 };

struct model {
    struct arena arena;
    struct span spans[SPANS_MAX]; /* each once */
    size_t count;
    struct store *store;
    char *dir;
    struct rng rng;
};

static bool matches(const struct trace_query *query, const struct span *s, struct arena *scratch)
{
    return s->start_ns >= query->start_ns && s->start_ns <= query->end_ns &&
           expr_matches(query->filter, s, scratch);
}

/* ---- data ---- */

static void add_more(struct model *m, struct span *s)
{
    struct arena *a = &m->arena;
    if (rng_below(&m->rng, 10) == 0)
        s->end_ns = s->start_ns - rng_below(&m->rng, 1000);
    if (rng_below(&m->rng, 8) == 0)
        memset(s->parent_span_id.bytes, (int)rng_below(&m->rng, 200) + 1, 8);
    if (rng_below(&m->rng, 4) == 0) {
        struct attr *attrs = arena_calloc(a, 1, sizeof *attrs);
        s->events = arena_calloc(a, 1, sizeof *s->events);
        s->event_count = 1;
        attrs[0] = (struct attr){STR_INIT("code"),
                                 {.type = VALUE_DOUBLE, .number = rng_below(&m->rng, 5) * 100}};
        s->events[0] = (struct span_event){s->start_ns, STR("exception"), {attrs, 1}, 0};
    }
    if (rng_below(&m->rng, 4) == 0)
        s->status_message = STR("broken");
}

/* The earliest span that a batch of the given traces may hold; spans of one trace go to different batches. */
static void make_spans(struct model *m)
{
    for (uint64_t t = 0; t < TRACES; t++) {
        uint32_t n = 1 + rng_below(&m->rng, 20);
        for (uint32_t i = 0; i < n && m->count < SPANS_MAX; i++) {
            struct span *s = &m->spans[m->count++];
            test_span(&m->arena, t, i, s);
            add_more(m, s);
        }
    }
}

static void store_spans(struct model *m)
{
    size_t *order = calloc(m->count, sizeof *order);
    struct span batch[37];
    size_t n = 0;
    for (size_t i = 0; i < m->count; i++) {
        size_t k =
            i < 20 ? 0 : i - rng_below(&m->rng, 20); /* nearly in order: traces straddle batches */
        order[i] = order[k];
        order[k] = i;
    }
    for (size_t i = 0; i < m->count; i++) {
        batch[n++] = m->spans[order[i]];
        if (rng_below(&m->rng, 15) == 0 && n < COUNT(batch))
            batch[n++] = m->spans[order[rng_below(&m->rng, (uint32_t)i + 1)]]; /* sent again */
        if (n >= COUNT(batch) - 1 || i + 1 == m->count) {
            assert_int_equal(append_wait(m->store, batch, n), 0);
            n = 0;
        }
        if (i % 400 == 399)
            assert_int_equal(store_seal_now(m->store, NULL), 0);
    }
    free(order);
}

static int setup(void **state)
{
    struct model *m = calloc(1, sizeof *m);
    struct engine_options options;
    const char *seed = getenv("CAIRN_TEST_SEED");
    m->rng.state = seed ? strtoull(seed, NULL, 10) : 7;
    arena_init(&m->arena, 0);
    m->dir = temp_dir();
    options = test_options(m->dir);
    assert_int_equal(store_open(&options, &m->store, NULL), 0);
    make_spans(m);
    store_spans(m);
    *state = m;
    return 0;
}

static int teardown(void **state)
{
    struct model *m = *state;
    store_close(m->store);
    temp_dir_remove(m->dir);
    arena_release(&m->arena);
    free(m);
    return 0;
}

/* ---- filters ---- */

static struct value random_value(struct model *m, struct arena *a, enum field_kind kind)
{
    struct rng *r = &m->rng;
    const struct span *s = &m->spans[rng_below(r, (uint32_t)m->count)];
    struct value v = {.type = VALUE_INT};
    switch (kind) {
    case FIELD_KIND: v.integer = rng_below(r, 7); return v;
    case FIELD_STATUS: v.integer = rng_below(r, 4); return v;
    case FIELD_DURATION: v.integer = (int64_t)span_duration_ns(s) - rng_below(r, 2); return v;
    case FIELD_START: v.integer = (int64_t)s->start_ns; return v;
    case FIELD_TRACE_ID: return (struct value){VALUE_BYTES, {.string = str_make(&s->trace_id, 16)}};
    case FIELD_SPAN_ID: return (struct value){VALUE_BYTES, {.string = str_make(&s->span_id, 8)}};
    case FIELD_PARENT_ID:
        return (struct value){VALUE_BYTES, {.string = str_make(&s->parent_span_id, 8)}};
    default: break;
    }
    v.type = VALUE_STRING;
    switch (rng_below(r, 6)) {
    case 0: v.string = s->name; break;
    case 1: v.string = s->resource->service_name; break;
    case 2: v.string = s->scope->name; break;
    case 3: v.string = arena_printf(a, "/path/%u", rng_below(r, 5)); break;
    case 4: v.string = rng_below(r, 2) ? STR("exception") : STR("broken"); break;
    default:
        v.type = rng_below(r, 2) ? VALUE_INT : VALUE_STRING;
        if (v.type == VALUE_INT)
            v.integer = rng_below(r, 6) * 100;
        else
            v.string = arena_printf(a, "%u", rng_below(r, 6) * 100);
    }
    return v;
}

static const struct expr *random_term(struct model *m, struct arena *a)
{
    static const struct str keys[] = {STR_INIT("http.route"), STR_INIT("code"),
                                      STR_INIT("service.name"), STR_INIT("absent")};
    struct rng *r = &m->rng;
    struct field f = {.kind = (enum field_kind)rng_below(r, FIELD_EVENT_NAME + 1)};
    enum expr_op op = (enum expr_op)(EXPR_EQ + rng_below(r, EXPR_TEXT_EQ - EXPR_EQ + 1));
    if (rng_below(r, 2))
        f.kind = rng_below(r, 2) ? FIELD_SERVICE : FIELD_ATTRIBUTE;
    if (f.kind == FIELD_ATTRIBUTE) {
        f.key = keys[rng_below(r, COUNT(keys))];
        f.scope = (enum field_scope)rng_below(r, SCOPE_LINK + 1);
    }
    if (rng_below(r, 3) == 0)
        op = EXPR_EQ;
    return expr_compare(a, op, f, random_value(m, a, f.kind));
}

static const struct expr *random_filter(struct model *m, struct arena *a, int depth)
{
    switch (rng_below(&m->rng, depth ? 6 : 1)) {
    case 1:
    case 2: return expr_and(a, random_filter(m, a, depth - 1), random_filter(m, a, depth - 1));
    case 3: return expr_or(a, random_filter(m, a, depth - 1), random_filter(m, a, depth - 1));
    case 4: return expr_not(a, random_filter(m, a, depth - 1));
    default: return random_term(m, a);
    }
}

/* ---- the model's answers ---- */

static bool in_trace(const struct model *m, struct trace_id id, struct span_id span)
{
    for (size_t i = 0; i < m->count; i++) {
        if (trace_id_eq(m->spans[i].trace_id, id) && span_id_eq(m->spans[i].span_id, span))
            return true;
    }
    return false;
}

/* The spans of a trace stand together in the array, in order of start. */
static struct trace_summary model_summary(const struct model *m, size_t first, size_t end,
                                          const struct trace_query *query, struct arena *a)
{
    const struct span *root = &m->spans[first];
    struct trace_summary t = {.trace_id = root->trace_id, .start_ns = root->start_ns};
    bool found = false;
    for (size_t i = first; i < end; i++) {
        const struct span *s = &m->spans[i];
        uint64_t last = s->start_ns + span_duration_ns(s);
        bool is_root = span_id_is_zero(s->parent_span_id);
        if (is_root && !found)
            root = s;
        found |= is_root;
        t.span_count++;
        t.end_ns = last > t.end_ns ? last : t.end_ns;
        t.error_count += s->status_code == STATUS_ERROR;
        t.orphan_count += !is_root && !in_trace(m, s->trace_id, s->parent_span_id);
        t.matched_count += matches(query, s, a);
    }
    t.root_name = root->name;
    t.root_service = root->resource->service_name;
    return t;
}

static int summary_cmp(const void *a, const void *b)
{
    const struct trace_summary *x = a, *y = b;
    if (x->start_ns != y->start_ns)
        return x->start_ns > y->start_ns ? -1 : 1;
    return memcmp(&x->trace_id, &y->trace_id, sizeof x->trace_id);
}

static struct trace_summary_list model_search(const struct model *m,
                                              const struct trace_query *query, struct arena *a)
{
    struct trace_summary_list list = {arena_calloc(a, TRACES, sizeof *list.items), 0};
    size_t end;
    for (size_t i = 0; i < m->count; i = end) {
        struct trace_summary t;
        for (end = i; end < m->count && trace_id_eq(m->spans[end].trace_id, m->spans[i].trace_id);
             end++)
            ;
        t = model_summary(m, i, end, query, a);
        if (t.matched_count)
            list.items[list.count++] = t;
    }
    qsort(list.items, list.count, sizeof *list.items, summary_cmp);
    if (list.count > query->limit)
        list.count = query->limit;
    return list;
}

/* ---- comparing ---- */

static void check_services(const struct model *m, const struct trace_summary *t, int n)
{
    uint32_t spans = 0, errors = 0;
    for (uint32_t i = 0; i < t->service_count; i++) {
        uint32_t want = 0, want_errors = 0;
        for (size_t k = 0; k < m->count; k++) {
            const struct span *s = &m->spans[k];
            if (!trace_id_eq(s->trace_id, t->trace_id) ||
                !str_eq(s->resource->service_name, t->services[i].name))
                continue;
            want++;
            want_errors += s->status_code == STATUS_ERROR;
        }
        if (want != t->services[i].span_count || want_errors != t->services[i].error_count)
            fail_msg("search %d: counts of a service", n);
        if (i)
            assert_true(str_cmp(t->services[i - 1].name, t->services[i].name) < 0);
        spans += want;
        errors += want_errors;
    }
    assert_int_equal(spans, t->span_count);
    assert_int_equal(errors, t->error_count);
}

static void check_summary(const struct model *m, const struct trace_summary *got,
                          const struct trace_summary *want, int n)
{
    if (!trace_id_eq(got->trace_id, want->trace_id) || got->start_ns != want->start_ns ||
        got->end_ns != want->end_ns || got->span_count != want->span_count ||
        got->error_count != want->error_count || got->orphan_count != want->orphan_count)
        fail_msg("search %d: a trace or its counts: spans %u, want %u; orphans %u, want %u", n,
                 got->span_count, want->span_count, got->orphan_count, want->orphan_count);
    if (got->matched_count != want->matched_count)
        fail_msg("search %d: matched %u, want %u", n, got->matched_count, want->matched_count);
    if (!str_eq(got->root_name, want->root_name) || !str_eq(got->root_service, want->root_service))
        fail_msg("search %d: root", n);
    check_services(m, got, n);
}

static void test_search(void **state)
{
    struct model *m = *state;
    size_t hits = 0;
    for (int n = 0; n < SEARCHES; n++) {
        struct trace_query query = {.end_ns = UINT64_MAX};
        struct engine_query q = {0};
        struct trace_summary_list got, want;
        struct arena arena;
        struct err err;
        arena_init(&arena, 0);
        q.arena = &arena;
        query.limit = 1 + rng_below(&m->rng, rng_below(&m->rng, 2) ? 5 : TRACES);
        if (n % 10)
            query.filter = random_filter(m, &arena, (int)rng_below(&m->rng, 4));
        if (rng_below(&m->rng, 2)) {
            query.start_ns = m->spans[rng_below(&m->rng, (uint32_t)m->count)].start_ns;
            query.end_ns = query.start_ns + rng_below(&m->rng, 100) * 1000000;
        }
        want = model_search(m, &query, &arena);
        if (query_search(m->store, &q, &query, &got, &err) < 0)
            fail_msg("search %d: %s", n, err.msg);
        if (got.count != want.count)
            fail_msg("search %d: %zu traces, want %zu", n, got.count, want.count);
        for (size_t i = 0; i < got.count; i++)
            check_summary(m, &got.items[i], &want.items[i], n);
        hits += got.count;
        arena_release(&arena);
    }
    assert_true(hits > SEARCHES); /* the filters are not all empty */
}

static void test_trace(void **state)
{
    struct model *m = *state;
    size_t end;
    for (size_t i = 0; i < m->count; i = end) {
        struct engine_query q = {0};
        struct span_batch got;
        struct arena arena;
        arena_init(&arena, 0);
        q.arena = &arena;
        assert_int_equal(query_trace(m->store, &q, m->spans[i].trace_id, &got, NULL), 0);
        for (end = i; end < m->count && trace_id_eq(m->spans[end].trace_id, m->spans[i].trace_id);
             end++) {
            assert_true(end - i < got.span_count);
            if (!span_eq(&got.spans[end - i], &m->spans[end]))
                fail_msg("span %zu", end);
        }
        assert_int_equal(got.span_count, end - i);
        arena_release(&arena);
    }
}

static void test_lists(void **state)
{
    struct model *m = *state;
    struct engine_query q = {0};
    struct str_list services;
    struct operation_list all, some;
    struct arena arena;
    arena_init(&arena, 0);
    q.arena = &arena;
    assert_int_equal(query_services(m->store, &q, &services, NULL), 0);
    assert_int_equal(services.count, 3);
    check_str(services.items[0], "cart", "services");
    check_str(services.items[2], "front", "services");
    assert_int_equal(query_operations(m->store, &q, STR(""), &all, NULL), 0);
    assert_int_equal(query_operations(m->store, &q, STR("cart"), &some, NULL), 0);
    for (size_t i = 0; i < m->count; i++) {
        bool found = false, cart = str_eq(m->spans[i].resource->service_name, STR("cart"));
        for (size_t k = 0; k < (cart ? some.count : all.count); k++) {
            const struct operation *o = cart ? &some.items[k] : &all.items[k];
            found |= str_eq(o->name, m->spans[i].name) && o->kind == m->spans[i].kind;
        }
        assert_true(found);
    }
    assert_int_equal(all.count, 5 * 6);
    for (size_t k = 1; k < all.count; k++)
        assert_true(str_cmp(all.items[k - 1].name, all.items[k].name) < 0 ||
                    all.items[k - 1].kind < all.items[k].kind);
    assert_int_equal(query_operations(m->store, &q, STR("nobody"), &some, NULL), 0);
    assert_int_equal(some.count, 0);
    arena_release(&arena);
}

static const struct span *parent_of(const struct model *m, const struct span *child)
{
    for (size_t i = 0; i < m->count; i++) {
        if (trace_id_eq(m->spans[i].trace_id, child->trace_id) &&
            span_id_eq(m->spans[i].span_id, child->parent_span_id))
            return &m->spans[i];
    }
    return NULL;
}

static void test_dependencies(void **state)
{
    struct model *m = *state;
    uint64_t from = m->spans[m->count / 4].start_ns, to = m->spans[m->count / 2].start_ns,
             calls = 0, seen = 0;
    struct engine_query q = {0};
    struct dependency_list list;
    struct arena arena;
    arena_init(&arena, 0);
    q.arena = &arena;
    assert_int_equal(query_dependencies(m->store, &q, from, to, &list, NULL), 0);
    for (size_t d = 0; d < list.count; d++) {
        uint64_t want = 0, errors = 0;
        for (size_t i = 0; i < m->count; i++) {
            const struct span *s = &m->spans[i], *parent = parent_of(m, s);
            if (!parent || s->start_ns < from || s->start_ns > to ||
                !str_eq(parent->resource->service_name, list.items[d].parent) ||
                !str_eq(s->resource->service_name, list.items[d].child))
                continue;
            want++;
            errors += s->status_code == STATUS_ERROR;
        }
        /* copies in other sources count again */
        assert_in_range(list.items[d].call_count, want, 2 * want);
        assert_in_range(list.items[d].error_count, errors, 2 * errors);
        seen += want;
    }
    for (size_t i = 0; i < m->count; i++) {
        const struct span *s = &m->spans[i], *parent = parent_of(m, s);
        calls += parent && s->start_ns >= from && s->start_ns <= to &&
                 !str_eq(parent->resource->service_name, s->resource->service_name);
    }
    assert_int_equal(seen, calls);
    assert_true(calls > 10);
    arena_release(&arena);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trace),
        cmocka_unit_test(test_search),
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_dependencies),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
