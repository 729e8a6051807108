/* Spans: parents, identity, life after the end, status, events, links, names, times. */
#include "sdk_test.h"

static void check_parent(const struct fixture *f, const char *child, const char *parent)
{
    struct cairn_span_context c, p;
    cairn_span_data_context(finished(f, child), &c);
    cairn_span_data_context(finished(f, parent), &p);
    assert_memory_equal(c.trace_id, p.trace_id, 16);
    assert_memory_equal(cairn_span_data_parent_id(finished(f, child)), p.span_id, 8);
    assert_memory_not_equal(c.span_id, p.span_id, 8);
}

static void check_root(const struct fixture *f, const char *name)
{
    static const uint8_t zero[8];
    assert_memory_equal(cairn_span_data_parent_id(finished(f, name)), zero, 8);
}

static void inner(struct fixture *f)
{
    CAIRN_SPAN(span, f->tracer, "inner");
    cairn_span_set(span, CAIRN_INT("n", 3));
}

static void test_nested(void **state)
{
    struct fixture f = fixture_open();
    (void)state;
    {
        CAIRN_SPAN(outer, f.tracer, "outer", CAIRN_WITH(.kind = CAIRN_KIND_SERVER));
        assert_ptr_equal(cairn_span_current(), outer);
        inner(&f);
        assert_ptr_equal(cairn_span_current(), outer);
    }
    assert_null(cairn_span_current());
    check_root(&f, "outer");
    check_parent(&f, "inner", "outer");
    assert_int_equal(cairn_span_data_kind(finished(&f, "outer")), CAIRN_KIND_SERVER);
    assert_int_equal(cairn_span_data_kind(finished(&f, "inner")), CAIRN_KIND_INTERNAL);
    check_cairn_str(cairn_span_data_scope_name(finished(&f, "inner")), "test", "scope");
    check_cairn_str(cairn_span_data_scope_version(finished(&f, "inner")), "1", "version");
    fixture_close(&f);
}

static void test_explicit_parent(void **state)
{
    struct fixture f = fixture_open();
    cairn_span *a = cairn_span_start(f.tracer, "a", NULL);
    cairn_span *b, *c;
    (void)state;
    assert_null(cairn_span_current()); /* starting does not make it current */
    {
        CAIRN_SPAN(other, f.tracer, "other");
        b = cairn_span_start(f.tracer, "b", CAIRN_WITH(.parent = cairn_context_of(a)));
        c = cairn_span_start(f.tracer, "c", CAIRN_WITH(.root = true));
    }
    cairn_span_end(b);
    cairn_span_end(c);
    cairn_span_end(a);
    check_parent(&f, "b", "a");
    check_root(&f, "c");
    fixture_close(&f);
}

static void test_parent_after_end(void **state)
{
    struct fixture f = fixture_open();
    cairn_span *a = cairn_span_start(f.tracer, "a", NULL), *b;
    cairn_context *context = cairn_context_with_span(NULL, a);
    struct cairn_span_context before, after;
    (void)state;
    cairn_span_get_context(a, &before);
    assert_ptr_equal(cairn_span_ref(a), a);
    cairn_span_end(a);
    cairn_span_get_context(a, &after);
    assert_memory_equal(before.span_id, after.span_id, 8);
    assert_false(cairn_span_is_recording(a));
    cairn_span_unref(a);
    b = cairn_span_start(f.tracer, "b", CAIRN_WITH(.parent = context));
    cairn_span_end(b);
    check_parent(&f, "b", "a");
    cairn_context_unref(context);
    cairn_span_get_context(a, &after); /* stale now */
    assert_false(cairn_span_context_is_valid(&after));
    fixture_close(&f);
}

static void test_ended_in_scope(void **state)
{
    struct fixture f = fixture_open();
    (void)state;
    {
        CAIRN_SPAN(span, f.tracer, "scope");
        cairn_span_end(span); /* by hand: still current, still a parent */
        cairn_span_end(cairn_span_start(f.tracer, "late child", NULL));
    }
    check_parent(&f, "late child", "scope");
    assert_int_equal(cairn_memory_count(f.memory), 2);
    fixture_close(&f);
}

static void test_after_end_nothing_changes(void **state)
{
    struct fixture f = fixture_open();
    cairn_span *span = cairn_span_ref(cairn_span_start(f.tracer, "once", NULL));
    struct cairn_value v;
    (void)state;
    cairn_span_set(span, CAIRN_INT("a", 1));
    cairn_span_end(span);
    cairn_span_set(span, CAIRN_INT("a", 2));
    cairn_span_update_name(span, "twice");
    cairn_span_end(span);
    cairn_span_unref(span);
    assert_int_equal(cairn_memory_count(f.memory), 1);
    assert_true(cairn_span_data_find(finished(&f, "once"), "a", &v));
    assert_int_equal(v.as.integer, 1);
    fixture_close(&f);
}

static void test_stale_handles(void **state)
{
    struct fixture f = fixture_open();
    cairn_span *old = cairn_span_start(f.tracer, "old", NULL), *fresh;
    (void)state;
    cairn_span_end(old);
    fresh = cairn_span_start(f.tracer, "fresh", NULL); /* in the same slot */
    cairn_span_set(old, CAIRN_INT("wrong", 1));
    cairn_span_end(old);
    cairn_span_unref(old);
    assert_true(cairn_span_is_recording(fresh));
    cairn_span_end(fresh);
    assert_false(cairn_span_data_find(finished(&f, "fresh"), "wrong", &(struct cairn_value){0}));
    fixture_close(&f);
}

static void test_status(void **state)
{
    static const struct {
        const char *name;
        int32_t first, second;
        const char *first_text, *second_text;
        int32_t want;
        const char *want_text;
    } cases[] = {
        {"unset", 0, 0, NULL, NULL, CAIRN_SPAN_UNSET, ""},
        {"error", CAIRN_SPAN_ERROR, 0, "bad", "x", CAIRN_SPAN_ERROR, "bad"},
        {"later error", CAIRN_SPAN_ERROR, CAIRN_SPAN_ERROR, "bad", "worse", CAIRN_SPAN_ERROR,
         "worse"},
        {"ok has no text", CAIRN_SPAN_OK, 0, "fine", NULL, CAIRN_SPAN_OK, ""},
        {"ok beats error", CAIRN_SPAN_ERROR, CAIRN_SPAN_OK, "bad", NULL, CAIRN_SPAN_OK, ""},
        {"ok is final", CAIRN_SPAN_OK, CAIRN_SPAN_ERROR, NULL, "bad", CAIRN_SPAN_OK, ""},
        {"no such status", 7, -1, "x", "y", CAIRN_SPAN_UNSET, ""},
    };
    struct fixture f = fixture_open();
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        cairn_span *span = cairn_span_start(f.tracer, cases[i].name, NULL);
        cairn_str text;
        cairn_span_set_status(span, cases[i].first, cases[i].first_text);
        cairn_span_set_status(span, cases[i].second, cases[i].second_text);
        cairn_span_end(span);
        CHECK(cairn_span_data_status(finished(&f, cases[i].name), &text) == cases[i].want,
              cases[i].name);
        check_cairn_str(text, cases[i].want_text, cases[i].name);
    }
    fixture_close(&f);
}

static void test_events_and_errors(void **state)
{
    struct fixture f = fixture_open();
    cairn_span *span = cairn_span_start(f.tracer, "events", NULL);
    struct cairn_event_data e;
    struct cairn_attr a;
    const cairn_span_data *data;
    (void)state;
    cairn_span_add_event(span, "first", NULL);
    cairn_span_add_event_at(span, CAIRN_S("second"), 77, CAIRN_ATTRS(CAIRN_STR("k", "v")));
    cairn_span_record_error(span, "IOError", "no such file", NULL,
                            CAIRN_ATTRS(CAIRN_STR("exception.message", "mine"), CAIRN_INT("n", 1)));
    cairn_span_end(span);
    data = finished(&f, "events");
    assert_true(cairn_span_data_event(data, 0, &e));
    check_cairn_str(e.name, "first", "name");
    assert_true(e.time_ns >= cairn_span_data_start_ns(data));
    assert_true(e.time_ns <= cairn_span_data_end_ns(data));
    assert_true(cairn_span_data_event(data, 1, &e));
    assert_true(e.time_ns == 77);
    assert_int_equal(e.attribute_count, 1);
    assert_true(cairn_span_data_event(data, 2, &e));
    check_cairn_str(e.name, "exception", "error event");
    assert_int_equal(e.attribute_count, 3);
    assert_true(cairn_span_data_event_attribute(data, 2, 1, &a));
    check_cairn_str(a.key, "exception.message", "key");
    check_cairn_str(a.value.as.string, "mine", "the application's value wins");
    assert_false(cairn_span_data_event(data, 3, &e));
    fixture_close(&f);
}

static void test_links(void **state)
{
    struct cairn_link link = {.context = {.trace_id = {1},
                                          .span_id = {2},
                                          .flags = 1,
                                          .is_remote = true,
                                          .trace_state = CAIRN_S("a=b")}};
    struct cairn_span_context nothing = {.flags = 0};
    struct fixture f = fixture_open();
    cairn_span *span =
        cairn_span_start(f.tracer, "links", CAIRN_WITH(.links = &link, .link_count = 1));
    struct cairn_link_data got;
    (void)state;
    cairn_span_add_link(span, &nothing, NULL); /* says nothing: left out */
    cairn_span_add_link(span, &nothing, CAIRN_ATTRS(CAIRN_INT("why", 1)));
    cairn_span_end(span);
    assert_true(cairn_span_data_link(finished(&f, "links"), 0, &got));
    assert_int_equal(got.context.trace_id[0], 1);
    assert_true(got.context.is_remote);
    check_cairn_str(got.context.trace_state, "a=b", "state");
    assert_true(cairn_span_data_link(finished(&f, "links"), 1, &got));
    assert_int_equal(got.attribute_count, 1);
    assert_false(cairn_span_data_link(finished(&f, "links"), 2, &got));
    fixture_close(&f);
}

static void test_names_and_times(void **state)
{
    struct fixture f = fixture_open();
    cairn_span *span = cairn_span_start(f.tracer, "before", CAIRN_WITH(.start_ns = 1000));
    cairn_span *parent = cairn_span_start(f.tracer, "parent", NULL);
    cairn_span *child =
        cairn_span_start(f.tracer, "child", CAIRN_WITH(.parent = cairn_context_of(parent)));
    (void)state;
    cairn_span_update_name(span, "a name that is longer than the first one");
    cairn_span_update_name(span, "after");
    cairn_span_end_at(span, 400); /* earlier than the start: kept as given */
    cairn_span_end(child);
    cairn_span_end(parent);
    assert_true(cairn_span_data_start_ns(finished(&f, "after")) == 1000);
    assert_true(cairn_span_data_end_ns(finished(&f, "after")) == 400);
    assert_true(cairn_span_data_start_ns(finished(&f, "child")) >=
                cairn_span_data_start_ns(finished(&f, "parent")));
    assert_true(cairn_span_data_end_ns(finished(&f, "child")) <=
                cairn_span_data_end_ns(finished(&f, "parent")));
    fixture_close(&f);
}

static void test_flags(void **state)
{
    struct cairn_span_context remote = {
        .trace_id = {9}, .span_id = {8}, .flags = 1, .is_remote = true};
    struct fixture f = fixture_open();
    cairn_span *wrapped = cairn_span_wrap(&remote), *root, *child;
    struct cairn_span_context got;
    (void)state;
    assert_false(cairn_span_is_recording(wrapped));
    root = cairn_span_start(f.tracer, "root", NULL);
    child = cairn_span_start(f.tracer, "child", CAIRN_WITH(.parent = cairn_context_of(wrapped)));
    cairn_span_get_context(root, &got);
    assert_int_equal(got.flags, CAIRN_FLAG_SAMPLED | CAIRN_FLAG_RANDOM);
    cairn_span_get_context(child, &got);
    assert_int_equal(got.flags, CAIRN_FLAG_SAMPLED); /* the parent did not promise random ids */
    assert_false(got.is_remote);
    cairn_span_end(root);
    cairn_span_end(child);
    cairn_span_end(wrapped);
    assert_true(cairn_span_data_parent_is_remote(finished(&f, "child")));
    assert_false(cairn_span_data_parent_is_remote(finished(&f, "root")));
    fixture_close(&f);
}

static void test_nothing_is_safe(void **state)
{
    struct cairn_span_context context;
    cairn_span *none = NULL;
    (void)state;
    assert_null(cairn_span_start(NULL, NULL, NULL));
    cairn_span_set(none, CAIRN_INT("a", 1));
    cairn_span_add_event(none, NULL, NULL);
    cairn_span_add_link(none, NULL, NULL);
    cairn_span_set_status(none, CAIRN_SPAN_ERROR, NULL);
    cairn_span_record_error(none, NULL, NULL, NULL, NULL);
    cairn_span_update_name(none, NULL);
    cairn_span_get_context(none, &context);
    assert_false(cairn_span_context_is_valid(&context));
    assert_false(cairn_span_is_recording(none));
    cairn_span_end(none);
    cairn_span_unref(cairn_span_ref(none));
    assert_ptr_equal(cairn_context_of(none), cairn_context_empty());
    assert_int_equal(cairn_sdk_stop(NULL, 0), CAIRN_OK);
    assert_int_equal(cairn_sdk_force_flush(NULL, 0), CAIRN_OK);
    assert_false(cairn_tracer_enabled(NULL));
}

static void test_without_sdk(void **state)
{
    struct cairn_span_context remote = {.trace_id = {9}, .span_id = {8}, .flags = 1}, got;
    cairn_tracer *tracer = cairn_tracer_get("library");
    cairn_span *wrapped = cairn_span_wrap(&remote), *span;
    (void)state;
    assert_null(cairn_span_start(tracer, "root", NULL));
    assert_false(cairn_tracer_enabled(tracer));
    span = cairn_span_start(tracer, "child", CAIRN_WITH(.parent = cairn_context_of(wrapped)));
    assert_non_null(span); /* the parent's identity passes through */
    cairn_span_get_context(span, &got);
    assert_memory_equal(got.span_id, remote.span_id, 8);
    assert_false(cairn_span_is_recording(span));
    cairn_span_end(span);
    cairn_span_end(wrapped);
}

static void test_tracer_before_sdk(void **state)
{
    cairn_tracer *early = cairn_tracer_get("early");
    struct fixture f = fixture_open();
    cairn_span *span;
    (void)state;
    assert_ptr_equal(cairn_tracer_get("early"), early);
    assert_true(cairn_tracer_enabled(early));
    span = cairn_span_start(early, "live now", NULL);
    cairn_span_end(span);
    finished(&f, "live now");
    fixture_close(&f);
    assert_false(cairn_tracer_enabled(early));
    assert_null(cairn_span_start(early, "gone", CAIRN_WITH(.root = true)));
}

static void test_span_over_shutdown(void **state)
{
    struct fixture f = fixture_open();
    cairn_span *span = cairn_span_start(f.tracer, "late", NULL);
    struct cairn_stats stats = {.size = sizeof stats};
    (void)state;
    assert_int_equal(cairn_sdk_shutdown(f.sdk, 20000), CAIRN_OK);
    assert_int_equal(cairn_sdk_shutdown(f.sdk, 1000), CAIRN_ERROR_CLOSED);
    assert_int_equal(cairn_sdk_force_flush(f.sdk, 1000), CAIRN_ERROR_CLOSED);
    cairn_span_set(span, CAIRN_INT("a", 1));
    cairn_span_end(span);
    cairn_span_end(cairn_span_start(f.tracer, "later", NULL));
    cairn_sdk_get_stats(f.sdk, &stats);
    assert_int_equal(stats.started, 1);
    assert_int_equal(stats.lost_shutdown, 1);
    assert_int_equal(cairn_memory_count(f.memory), 0);
    fixture_close(&f);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_safe),
        cmocka_unit_test(test_without_sdk),
        cmocka_unit_test(test_nested),
        cmocka_unit_test(test_explicit_parent),
        cmocka_unit_test(test_parent_after_end),
        cmocka_unit_test(test_ended_in_scope),
        cmocka_unit_test(test_after_end_nothing_changes),
        cmocka_unit_test(test_stale_handles),
        cmocka_unit_test(test_status),
        cmocka_unit_test(test_events_and_errors),
        cmocka_unit_test(test_links),
        cmocka_unit_test(test_names_and_times),
        cmocka_unit_test(test_flags),
        cmocka_unit_test(test_tracer_before_sdk),
        cmocka_unit_test(test_span_over_shutdown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
