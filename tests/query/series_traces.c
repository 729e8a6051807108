/* Metrics of pipelines that need whole traces, and compare(), against counting by hand. From text, as people ask. */
#include <math.h>

#include "query/parallel.h"
#include "query/series.h"
#include "world.h"

static struct series_list ask(struct world *w, const char *text, struct arena *arena)
{
    struct series_query query = {.start_ns = w->start_ns - 1,
                                 .end_ns = w->end_ns,
                                 .step_ns = 1000000000,
                                 .exemplars_max = 20,
                                 .series_max = 100000};
    struct engine_query q = {.arena = arena};
    struct series_list list;
    struct err err;
    if (traceql_parse(str_of(text), arena, &query.query, NULL, &err) < 0)
        fail_msg("%s: %s", text, err.msg);
    if (query_series(w->store, &q, &query, &list, &err) < 0)
        fail_msg("%s: %s", text, err.msg);
    return list;
}

static double total(const struct series_list *list, const struct series *s)
{
    double sum = 0;
    for (uint32_t i = 0; i < list->bucket_count; i++)
        sum += isnan(s->values[i]) ? 0 : s->values[i];
    return sum;
}

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

static uint64_t trace_duration(const struct world *w, const struct span *of)
{
    uint64_t first = UINT64_MAX, last = 0;
    for (size_t i = 0; i < w->count; i++) {
        const struct span *s = &w->spans[i];
        uint64_t end = s->start_ns + span_duration_ns(s);
        if (!trace_id_eq(s->trace_id, of->trace_id))
            continue;
        first = s->start_ns < first ? s->start_ns : first;
        last = end > last ? end : last;
    }
    return last - first;
}

/* Failed spans below a cart: their parent's service is asked. */
static void test_relation(void **state)
{
    struct world *w = *state;
    struct arena arena;
    struct series_list list;
    double seen = 0, want = 0;
    arena_init(&arena, 0);
    list = ask(w,
               "{ resource.service.name = \"service-0\" } > { status = error } "
               "| count_over_time() by (name)",
               &arena);
    for (size_t i = 0; i < w->count; i++) {
        const struct span *s = &w->spans[i], *p = parent_of(w, s);
        want += s->status_code == STATUS_ERROR && p &&
                str_eq(p->resource->service_name, STR("service-0"));
    }
    for (size_t i = 0; i < list.count; i++) {
        double own = 0;
        for (size_t k = 0; k < w->count; k++) {
            const struct span *s = &w->spans[k], *p = parent_of(w, s);
            own += s->status_code == STATUS_ERROR && p &&
                   str_eq(s->name, list.items[i].labels[0].value.string) &&
                   str_eq(p->resource->service_name, STR("service-0"));
        }
        assert_true(total(&list, &list.items[i]) == own);
        check_str(list.items[i].labels[0].key, "name", "label");
        seen += own;
    }
    assert_true(seen == want && want > 5);
    arena_release(&arena);
}

static void test_trace_fields(void **state)
{
    struct world *w = *state;
    struct arena arena;
    struct series_list list;
    double want = 0, longest = 0, got = 0;
    arena_init(&arena, 0);
    list = ask(w, "{ traceDuration > 3s } | max_over_time(duration)", &arena);
    for (size_t i = 0; i < w->count; i++) {
        if (trace_duration(w, &w->spans[i]) <= 3000000000u)
            continue;
        want++;
        longest = fmax(longest, (double)span_duration_ns(&w->spans[i]) / 1e9);
    }
    assert_int_equal(list.count, 1);
    for (uint32_t i = 0; i < list.bucket_count; i++)
        got = fmax(got, list.items[0].values[i]);
    assert_true(want > 5 && want < (double)w->count);
    assert_true(fabs(got - longest) < 1e-9);
    assert_true(list.items[0].exemplar_count > 0);
    list = ask(w, "{ } | count_over_time() by (trace:rootName)", &arena);
    got = 0;
    for (size_t i = 0; i < list.count; i++)
        got += total(&list, &list.items[i]);
    assert_true(got == (double)w->count && list.count > 1);
    arena_release(&arena);
}

/* ---- compare() ---- */

static const struct series *series_of_type(const struct series_list *list, const char *type,
                                           const char *key, const struct value *value)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct series *s = &list->items[i];
        if (s->label_count == 2 && str_eq(s->labels[0].value.string, str_of(type)) &&
            str_eq(s->labels[1].key, str_of(key)) && value_eq(&s->labels[1].value, value))
            return s;
    }
    return NULL;
}

static double model_compare(const struct world *w, struct field field, bool chosen,
                            const struct value *value, struct arena *a)
{
    double n = 0;
    for (size_t i = 0; i < w->count; i++) {
        struct value v = world_value(&field, &w->spans[i], a);
        n += (w->spans[i].status_code == STATUS_ERROR) == chosen &&
             (value ? value_eq(&v, value) : v.type != VALUE_EMPTY);
    }
    return n;
}

static void check_compare(struct world *w, const char *text)
{
    static const struct {
        struct field field;
        const char *name;
    } keys[] = {{{FIELD_ATTRIBUTE, SCOPE_SPAN, STR_INIT("route")}, "span.route"},
                {{FIELD_ATTRIBUTE, SCOPE_RESOURCE, STR_INIT("zone")}, "resource.zone"},
                {{FIELD_ATTRIBUTE, SCOPE_SPAN, STR_INIT("flag")}, "span.flag"},
                {{.kind = FIELD_NAME}, "name"}};
    static const struct value nothing;
    struct arena arena;
    struct series_list list;
    arena_init(&arena, 0);
    list = ask(w, text, &arena);
    for (size_t k = 0; k < COUNT(keys); k++) {
        for (int chosen = 0; chosen < 2; chosen++) {
            const char *type = chosen ? "selection" : "baseline";
            const struct series *all = series_of_type(
                &list, chosen ? "selection_total" : "baseline_total", keys[k].name, &nothing);
            double sum = 0;
            assert_non_null(all);
            assert_true(total(&list, all) == model_compare(w, keys[k].field, chosen, NULL, &arena));
            for (size_t i = 0; i < list.count; i++) {
                const struct series *s = &list.items[i];
                if (!str_eq(s->labels[0].value.string, str_of(type)) ||
                    !str_eq(s->labels[1].key, str_of(keys[k].name)))
                    continue;
                assert_true(total(&list, s) ==
                            model_compare(w, keys[k].field, chosen, &s->labels[1].value, &arena));
                sum += total(&list, s);
            }
            assert_true(sum == total(&list, all)); /* few values: all are there */
        }
    }
    arena_release(&arena);
}

static void test_compare(void **state)
{
    check_compare(*state, "{ } | compare({ status = error })");
    check_compare(*state,
                  "{ traceDuration >= 0ms } | compare({ status = error })"); /* the other way */
}

static void test_compare_many(void **state)
{
    struct world *w = *state;
    struct arena arena;
    struct series_list list;
    uint32_t users = 0, errors = 0;
    arena_init(&arena, 0);
    list = ask(w, "{ } | compare({ status = error }, 3)", &arena);
    for (size_t i = 0; i < list.count; i++) {
        const struct series *s = &list.items[i];
        bool baseline = str_eq(s->labels[0].value.string, STR("baseline"));
        users += baseline && s->label_count == 2 && str_eq(s->labels[1].key, STR("span.user"));
        errors += baseline && s->label_count == 3 && str_eq(s->labels[2].key, STR("span.user"));
    }
    assert_int_equal(users, 3);
    assert_int_equal(errors, 1);
    arena_release(&arena);
}

/* ---- Limits ---- */

static const char *const texts[] = {
    "{ } | rate() by (name, span.user)",
    "{ } | quantile_over_time(duration, .5, .9) by (resource.service.name)",
    "{ } > { } | avg_over_time(duration) by (name)",
    "{ } | compare({ status = error })",
    "({ kind = server } | rate()) / ({ } | rate()) * 100",
};

static int run_text(struct world *w, const char *text, size_t budget, int cancelled,
                    uint64_t deadline_ns)
{
    struct series_query query = {.start_ns = w->start_ns - 1,
                                 .end_ns = w->end_ns,
                                 .step_ns = 1000000000,
                                 .exemplars_max = 20,
                                 .series_max = 100000};
    struct engine_query q = {.deadline_ns = deadline_ns};
    struct series_list list;
    struct arena arena, tree;
    int rc;
    arena_init(&arena, budget);
    arena_init(&tree, 0);
    q.arena = &arena;
    atomic_store(&q.cancelled, cancelled);
    assert_int_equal(traceql_parse(str_of(text), &tree, &query.query, NULL, NULL), 0);
    rc = query_series(w->store, &q, &query, &list, NULL);
    arena_release(&arena);
    arena_release(&tree);
    return rc;
}

static void test_limits(void **state)
{
    struct world *w = *state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        int refused = 0, passed = 0;
        assert_int_equal(run_text(w, texts[i], 0, 1, 0), ERR_CANCELLED);
        assert_int_equal(run_text(w, texts[i], 0, 0, 1), ERR_TIMEOUT);
        for (size_t budget = 1; budget < 256u << 20; budget *= 4) {
            int rc = run_text(w, texts[i], budget, 0, 0);
            assert_true(rc == 0 || rc == ERR_TOO_LARGE);
            refused += rc != 0;
            passed += rc == 0;
        }
        if (!refused || !passed)
            fail_msg("%s: refused %d, passed %d", texts[i], refused, passed);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_relation), cmocka_unit_test(test_trace_fields),
        cmocka_unit_test(test_compare),  cmocka_unit_test(test_compare_many),
        cmocka_unit_test(test_limits),
    };
    int failed = cmocka_run_group_tests(tests, world_setup, world_teardown);
    parallel_force(PARALLEL_MAX);
    return failed + cmocka_run_group_tests(tests, world_setup, world_teardown);
}
