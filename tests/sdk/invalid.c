/* Wrong arguments: every public function with NULL for every pointer, counts without pointers, numbers that do not exist,
 * lengths beyond all memory, handles that never were. Nothing happens but a counter. Worth most under ASan and UBSan. */
#include <cairn/metrics.h>

#include "sdk_test.h"

/* Runs a call and checks whether it was counted as wrong. */
#define COUNTED(call)                                 \
    do {                                              \
        uint64_t before_ = cairn_invalid_arguments(); \
        call;                                         \
        if (cairn_invalid_arguments() == before_)     \
            fail_msg("not counted: %s", #call);       \
    } while (0)
#define FINE(call)                                    \
    do {                                              \
        uint64_t before_ = cairn_invalid_arguments(); \
        call;                                         \
        if (cairn_invalid_arguments() != before_)     \
            fail_msg("counted as wrong: %s", #call);  \
    } while (0)

/* ---- NULL for every pointer ---- */

static void test_null_trace(void **state)
{
    char out[40] = "x";
    struct cairn_span_context c = {.flags = 1};
    struct cairn_scope scope;
    (void)state;
    FINE(assert_null(cairn_span_start(NULL, NULL, NULL)));
    FINE(assert_null(cairn_span_start_str(NULL, cairn_str_make(NULL, 0), NULL)));
    FINE(cairn_span_end(NULL));
    FINE(cairn_span_end_at(NULL, 1));
    FINE(assert_null(cairn_span_ref(NULL)));
    FINE(cairn_span_unref(NULL));
    FINE(cairn_span_get_context(NULL, &c));
    assert_false(cairn_span_context_is_valid(&c));
    COUNTED(cairn_span_get_context(NULL, NULL));
    FINE(assert_false(cairn_span_is_recording(NULL)));
    FINE(assert_false(cairn_span_context_is_valid(NULL)));
    COUNTED(cairn_trace_id_hex(NULL, NULL));
    COUNTED(cairn_span_id_hex(NULL, NULL));
    FINE(cairn_trace_id_hex(NULL, out));
    assert_string_equal(out, "");
    FINE(cairn_span_set_attributes(NULL, NULL, 3));
    FINE(cairn_span_set_string(NULL, NULL, NULL));
    FINE(cairn_span_set_bool(NULL, NULL, true));
    FINE(cairn_span_set_int(NULL, NULL, 1));
    FINE(cairn_span_set_double(NULL, NULL, 1));
    FINE(cairn_span_add_event(NULL, NULL, NULL));
    FINE(cairn_span_add_event_at(NULL, cairn_str_make(NULL, 9), 0, NULL));
    COUNTED(cairn_span_add_link(NULL, NULL, NULL));
    FINE(cairn_span_set_status(NULL, CAIRN_SPAN_OK, NULL));
    FINE(cairn_span_record_error(NULL, NULL, NULL, NULL, NULL));
    FINE(cairn_span_update_name(NULL, NULL));
    FINE(assert_ptr_equal(cairn_context_of(NULL), cairn_context_empty()));
    FINE(cairn_context_unref(cairn_context_with_span(NULL, NULL)));
    FINE(assert_null(cairn_context_span(NULL)));
    COUNTED(cairn_scope_begin(NULL, NULL, NULL, NULL));
    FINE(cairn_scope_begin(&scope, NULL, NULL, NULL));
    FINE(cairn_scope_end(&scope));
    FINE(cairn_scope_end(NULL));
    FINE(cairn_span_end(cairn_span_wrap(NULL)));
    FINE(assert_false(cairn_tracer_enabled(NULL)));
    FINE(assert_false(cairn_tracer_enabled_with(NULL, NULL)));
    COUNTED(assert_non_null(cairn_tracer_get(NULL)));
    COUNTED(assert_non_null(cairn_tracer_get_with(NULL, NULL)));
    FINE(cairn_tracer_provider_set_global(NULL));
    FINE(assert_null(cairn_tracer_provider_global()));
    FINE(assert_null(cairn_span_current()));
}

static void test_null_sdk(void **state)
{
    uint8_t *bytes;
    size_t n;
    struct cairn_metric_point p = {.size = sizeof p};
    (void)state;
    assert_int_equal(cairn_sdk_stop(NULL, 0), CAIRN_OK);
    assert_int_equal(cairn_sdk_shutdown(NULL, 0), CAIRN_OK);
    assert_int_equal(cairn_sdk_force_flush(NULL, 0), CAIRN_OK);
    assert_null(cairn_sdk_tracer_provider(NULL));
    cairn_sdk_get_stats(NULL, NULL);
    cairn_sdk_set_tracer_configurator(NULL, NULL);
    assert_null(cairn_sdk_metrics(NULL));
    assert_int_equal(cairn_metrics_count(NULL), 0);
    assert_false(cairn_metrics_point(NULL, 0, &p));
    assert_false(cairn_metrics_point(NULL, 0, NULL));
    cairn_metrics_free(NULL);
    assert_int_equal(cairn_sdk_metrics_encode(NULL, 1, NULL, NULL), CAIRN_ERROR_INVALID);
    COUNTED(assert_null(cairn_tracer_configurator_custom(NULL, NULL, NULL)));
    COUNTED(assert_null(cairn_tracer_configurator_rules(NULL, NULL, 1)));
    FINE(cairn_tracer_configurator_unref(cairn_tracer_configurator_rules(NULL, NULL, 0)));
    assert_null(cairn_tracer_configurator_ref(NULL));
    cairn_tracer_configurator_unref(NULL);
    assert_int_equal(cairn_sdk_on_shutdown(NULL, NULL, NULL), CAIRN_ERROR_INVALID);
    COUNTED(assert_null(cairn_exporter_memory(SIZE_MAX)));
    cairn_exporter_unref(cairn_exporter_console(-7, -7));
    cairn_exporter_unref(cairn_exporter_otlp_file(NULL));
    assert_null(cairn_exporter_otlp_file("/nowhere/at/all"));
    assert_null(cairn_processor_batch(NULL, NULL));
    assert_null(cairn_processor_simple(NULL));
    assert_null(cairn_processor_custom(NULL, NULL));
    cairn_processor_free(NULL);
    assert_null(cairn_exporter_custom(NULL, NULL));
    assert_null(cairn_exporter_ref(NULL));
    cairn_exporter_unref(NULL);
    cairn_exporter_describe(NULL, NULL);
    assert_int_equal(cairn_exporter_register(NULL, NULL, NULL), CAIRN_ERROR_INVALID);
    assert_int_equal(cairn_memory_count(NULL), 0);
    assert_null(cairn_memory_span(NULL, 0));
    cairn_memory_clear(NULL);
    assert_int_equal(cairn_batch_count(NULL), 0);
    assert_null(cairn_batch_span(NULL, 0));
    assert_int_equal(cairn_batch_encode(NULL, 1, &bytes, &n), CAIRN_ERROR_INVALID);
    cairn_batch_report(NULL, NULL);
    cairn_bytes_free(NULL);
}

static void test_null_data(void **state)
{
    struct fixture f = fixture_open();
    const cairn_span_data *d;
    (void)state;
    cairn_span_end(cairn_span_start(f.tracer, "x", NULL));
    d = finished(&f, "x");
    for (int i = 0; i < 2; i++, d = NULL) {
        cairn_span_data_name(d);
        cairn_span_data_kind(d);
        cairn_span_data_context(d, NULL);
        assert_non_null(cairn_span_data_parent_id(d));
        cairn_span_data_parent_is_remote(d);
        cairn_span_data_start_ns(d);
        cairn_span_data_end_ns(d);
        cairn_span_data_flags(d);
        cairn_span_data_status(d, NULL);
        assert_false(cairn_span_data_attribute(d, 0, NULL));
        assert_false(cairn_span_data_attribute(d, SIZE_MAX, NULL));
        assert_false(cairn_span_data_event(d, SIZE_MAX, NULL));
        assert_false(cairn_span_data_event_attribute(d, SIZE_MAX, SIZE_MAX, NULL));
        assert_false(cairn_span_data_link(d, 0, NULL));
        assert_false(cairn_span_data_link_attribute(d, 0, SIZE_MAX, NULL));
        cairn_span_data_dropped(d, NULL, NULL, NULL);
        assert_false(cairn_span_data_find(d, NULL, NULL));
        assert_false(cairn_span_data_resource_attribute(d, 0, NULL));
        assert_false(cairn_span_data_scope_attribute(d, 0, NULL));
        cairn_span_data_scope_name(d);
        cairn_span_data_scope_version(d);
        cairn_span_data_scope_schema_url(d);
        cairn_span_data_resource_schema_url(d);
    }
    assert_null(cairn_span_data_copy(NULL));
    assert_null(cairn_span_snapshot(NULL));
    cairn_span_data_free(NULL);
    fixture_close(&f);
}

/* ---- Attributes ---- */

static void test_attributes(void **state)
{
    static const struct cairn_attr good = {{"k", 1}, {.type = CAIRN_TYPE_INT, .as.integer = 1}};
    static const struct cairn_value element = {.type = CAIRN_TYPE_INT};
    static const struct {
        const char *name;
        struct cairn_attr attr;
        bool kept;
    } cases[] = {
        {"no key", {{NULL, 0}, {.type = CAIRN_TYPE_INT}}, false},
        {"no key but a length", {{NULL, 7}, {.type = CAIRN_TYPE_INT}}, false},
        {"empty key", {{"", 0}, {.type = CAIRN_TYPE_INT}}, false},
        {"endless key", {{"x", SIZE_MAX}, {.type = CAIRN_TYPE_INT}}, false},
        {"unknown type", {{"a", 1}, {.type = 99}}, true},
        {"negative type", {{"a", 1}, {.type = -1}}, true},
        {"string without bytes",
         {{"a", 1}, {.type = CAIRN_TYPE_STRING, .as.string = {NULL, 5}}},
         true},
        {"endless string",
         {{"a", 1}, {.type = CAIRN_TYPE_STRING, .as.string = {"x", SIZE_MAX}}},
         false},
        {"endless bytes",
         {{"a", 1}, {.type = CAIRN_TYPE_BYTES, .as.string = {"x", SIZE_MAX}}},
         false},
        {"list without items", {{"a", 1}, {.type = CAIRN_TYPE_LIST, .as.list = {NULL, 5}}}, true},
        {"endless list",
         {{"a", 1}, {.type = CAIRN_TYPE_LIST, .as.list = {&element, UINT32_MAX}}},
         true},
        {"map without items", {{"a", 1}, {.type = CAIRN_TYPE_MAP, .as.map = {NULL, 1}}}, true},
        {"endless map", {{"a", 1}, {.type = CAIRN_TYPE_MAP, .as.map = {&good, UINT32_MAX}}}, true},
        {"ints without items", {{"a", 1}, {.type = CAIRN_TYPE_INTS, .as.array = {NULL, 5}}}, true},
        {"endless strings",
         {{"a", 1}, {.type = CAIRN_TYPE_STRINGS, .as.array = {&good, SIZE_MAX}}},
         true},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct fixture f = fixture_open();
        cairn_span *span = cairn_span_start(f.tracer, "x", NULL);
        struct cairn_attrs attrs = {&cases[i].attr, 1};
        struct cairn_attr a;
        uint64_t before = cairn_invalid_arguments();
        cairn_span_set_attributes(span, &cases[i].attr, 1);
        cairn_span_add_event(span, "e", &attrs);
        cairn_span_set_attributes(span, &good, 1);
        cairn_span_end(span);
        if (cairn_invalid_arguments() < before + 2)
            fail_msg("%s: not counted", cases[i].name);
        if (cairn_span_data_attribute(finished(&f, "x"), 1, &a) != cases[i].kept)
            fail_msg("%s: %s", cases[i].name, cases[i].kept ? "lost" : "kept");
        fixture_close(&f);
    }
}

static void test_counts(void **state)
{
    struct fixture f = fixture_open();
    static const struct cairn_attr good = {{"k", 1}, {.type = CAIRN_TYPE_INT, .as.integer = 1}};
    const struct cairn_attrs nothing = {NULL, 4}, endless = {&good, SIZE_MAX};
    const struct cairn_link link = {.attributes = &nothing};
    cairn_span *span = cairn_span_start(f.tracer, "x", NULL);
    struct cairn_event_data e;
    (void)state;
    COUNTED(cairn_span_set_attributes(span, NULL, 1));
    COUNTED(cairn_span_set_attributes(span, &good, SIZE_MAX));
    FINE(cairn_span_set_attributes(span, NULL, 0));
    COUNTED(cairn_span_add_event(span, "e", &nothing));
    COUNTED(cairn_span_add_event(span, "e", &endless));
    COUNTED(cairn_span_record_error(span, "t", NULL, NULL, &endless));
    COUNTED(cairn_span_add_link(span, NULL, NULL));
    COUNTED(cairn_span_add_link(span, &link.context, &endless));
    COUNTED(cairn_span_end(
        cairn_span_start(f.tracer, "links", CAIRN_WITH(.links = NULL, .link_count = 3))));
    COUNTED(cairn_span_end(
        cairn_span_start(f.tracer, "links", CAIRN_WITH(.links = &link, .link_count = SIZE_MAX))));
    COUNTED(
        cairn_span_end(cairn_span_start(f.tracer, "attrs", CAIRN_WITH(.attributes = &endless))));
    COUNTED(cairn_span_set_string(span, NULL, "v"));
    cairn_span_end(span);
    assert_true(cairn_span_data_event(finished(&f, "x"), 2, &e));
    assert_false(cairn_span_data_event(finished(&f, "x"), 3, &e));
    fixture_close(&f);
}

/* ---- Numbers, text, handles ---- */

static void test_numbers(void **state)
{
    static const int32_t kinds[] = {-1, 6, INT32_MAX, INT32_MIN}, states[] = {-1, 3, INT32_MAX};
    struct fixture f = fixture_open();
    cairn_span *span = cairn_span_start(f.tracer, "status", NULL);
    (void)state;
    for (size_t i = 0; i < COUNT(kinds); i++) {
        COUNTED(cairn_span_end(cairn_span_start(f.tracer, "kind", CAIRN_WITH(.kind = kinds[i]))));
        assert_int_equal(cairn_span_data_kind(cairn_memory_span(f.memory, i)), CAIRN_KIND_INTERNAL);
    }
    cairn_span_set_status(span, CAIRN_SPAN_ERROR, "e");
    for (size_t i = 0; i < COUNT(states); i++)
        COUNTED(cairn_span_set_status(span, states[i], "x"));
    FINE(cairn_span_set_status(span, CAIRN_SPAN_UNSET, "x"));
    cairn_span_end_at(span, UINT64_MAX);
    assert_int_equal(cairn_span_data_status(finished(&f, "status"), NULL), CAIRN_SPAN_ERROR);
    fixture_close(&f);
}

static void test_text(void **state)
{
    struct fixture f = fixture_open();
    struct cairn_span_context c = {
        .trace_id = {1}, .span_id = {1}, .trace_state = {"a=b", SIZE_MAX / 2}};
    cairn_span *span;
    struct cairn_value v;
    (void)state;
    COUNTED(cairn_span_end(cairn_span_wrap(&c)));
    span = cairn_span_start_str(f.tracer, cairn_str_make("x", SIZE_MAX / 2), NULL);
    cairn_span_update_name(span, "\xff\xfe");
    cairn_span_set(span, CAIRN_STR("bad", "a\xc3(b"), CAIRN_STRN("none", NULL, 9));
    COUNTED(cairn_span_end(span)); /* the simple processor reads it here */
    span = cairn_span_start_str(f.tracer, cairn_str_make(NULL, 77), NULL);
    cairn_span_end(span);
    check_cairn_str(cairn_span_data_name(cairn_memory_span(f.memory, 0)),
                    "\xef\xbf\xbd\xef\xbf\xbd", "name");
    assert_true(cairn_span_data_find(cairn_memory_span(f.memory, 0), "bad", &v));
    check_cairn_str(v.as.string, "a\xef\xbf\xbd(b", "value");
    check_cairn_str(cairn_span_data_name(cairn_memory_span(f.memory, 1)), "", "no name");
    fixture_close(&f);
}

static void use_handle(uintptr_t number)
{
    cairn_span *span = (cairn_span *)number;
    struct cairn_span_context c;
    cairn_span_set_int(span, "k", 1);
    cairn_span_add_event(span, "e", NULL);
    cairn_span_get_context(span, &c);
    assert_false(cairn_span_is_recording(span));
    assert_null(cairn_span_ref(span));
    cairn_span_unref(span);
    cairn_span_end(span);
    assert_null(cairn_span_snapshot(span));
}

/* Numbers that never were handles: small and large ones, addresses of other things, and all over. */
static void test_foreign_handles(void **state)
{
    struct fixture f = fixture_open();
    cairn_span *live = cairn_span_start(f.tracer, "live", NULL);
    uint64_t x = 88172645463325252u;
    (void)state;
    use_handle(4);
    use_handle(1024);
    use_handle((uintptr_t)&x);
    use_handle((uintptr_t)f.tracer);
    use_handle(UINTPTR_MAX);
    use_handle((uintptr_t)live + 4096);                 /* a slot that is free */
    use_handle((uintptr_t)live + 1048576);              /* one that is not there yet */
    use_handle((uintptr_t)live ^ ((uintptr_t)1 << 50)); /* another generation */
    for (int i = 0; i < 20000; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        if ((x & ~(uint64_t)3) != ((uintptr_t)live & ~(uintptr_t)3))
            use_handle((uintptr_t)x);
    }
    assert_true(cairn_span_is_recording(live));
    cairn_span_end(live);
    COUNTED(cairn_span_set_int(live, "k", 1)); /* gone */
    FINE(cairn_span_end(live));
    fixture_close(&f);
}

/* ---- Options and processors ---- */

static void test_sizes(void **state)
{
    struct cairn_tracer_options scope = {.size = 3, .name = "tiny"};
    struct cairn_batch_options batch = {.size = 1};
    struct cairn_sdk_options none = {.size = 0};
    struct cairn_exporter_ops ops = {.size = 0};
    struct cairn_stats stats = {.size = 2, .started = 4711};
    cairn_processor *p, *twice[2];
    cairn_sdk *sdk, *other;
    (void)state;
    COUNTED(assert_non_null(cairn_tracer_get_with(NULL, &scope)));
    COUNTED(p = cairn_processor_batch(cairn_exporter_custom(&ops, NULL), &batch));
    assert_non_null(p);
    twice[0] = twice[1] = p;
    COUNTED(sdk = cairn_sdk_new(CAIRN_SDK(.processors = twice, .processor_count = 2)));
    COUNTED(other = cairn_sdk_new(CAIRN_SDK(.processors = twice, .processor_count = 1)));
    COUNTED(cairn_processor_free(p));
    cairn_sdk_get_stats(sdk, &stats);
    assert_int_equal(stats.started, 4711); /* not covered by the size */
    cairn_sdk_stop(other, 100);
    cairn_sdk_stop(sdk, 100);
    COUNTED(sdk = cairn_sdk_new(&none));
    cairn_sdk_stop(sdk, 100);
    COUNTED(sdk = cairn_sdk_new(CAIRN_SDK(.processors = NULL, .processor_count = 5)));
    cairn_sdk_stop(sdk, 100);
}

static void odd_sampler(void *user, const struct cairn_sampling_params *params,
                        struct cairn_sampling_result *result)
{
    (void)user, (void)params;
    result->decision = 77;
    result->attributes = NULL;
    result->attribute_count = 9;
}

static void odd_attributes(void *user, const struct cairn_sampling_params *params,
                           struct cairn_sampling_result *result)
{
    odd_sampler(user, params, result);
    result->decision = CAIRN_RECORD_AND_SAMPLE;
}

static void test_sampler_answers(void **state)
{
    struct cairn_sampler_ops ops = {.size = sizeof ops, .should_sample = odd_sampler};
    cairn_sampler *sampler = cairn_sampler_custom("odd", &ops, NULL);
    struct fixture f = fixture_open_with((struct cairn_sdk_options){.sampler = sampler});
    (void)state;
    COUNTED(cairn_span_end(cairn_span_start(f.tracer, "x", NULL)));
    assert_int_equal(cairn_memory_count(f.memory), 0);
    cairn_sampler_unref(sampler);
    fixture_close(&f);
    ops.should_sample = odd_attributes;
    sampler = cairn_sampler_custom("odd", &ops, NULL);
    f = fixture_open_with((struct cairn_sdk_options){.sampler = sampler});
    COUNTED(cairn_span_end(cairn_span_start(f.tracer, "x", NULL)));
    assert_int_equal(cairn_memory_count(f.memory), 1);
    cairn_sampler_unref(sampler);
    fixture_close(&f);
}

/* All of that gave one line, and the SDK's statistics have the number too. */
static void test_said_once(void **state)
{
    struct cairn_stats stats = {.size = sizeof stats};
    cairn_sdk *sdk = cairn_sdk_new(NULL);
    unsigned lines = 0;
    (void)state;
    for (const char *at = said; (at = strstr(at, "ignored: ")); at++)
        lines++;
    assert_int_equal(lines, 1);
    cairn_sdk_get_stats(sdk, &stats);
    assert_int_equal(stats.invalid_arguments, cairn_invalid_arguments());
    assert_true(stats.invalid_arguments > 1000);
    cairn_sdk_stop(sdk, 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_null_trace), cmocka_unit_test(test_null_sdk),
        cmocka_unit_test(test_null_data),  cmocka_unit_test(test_attributes),
        cmocka_unit_test(test_counts),     cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_text),       cmocka_unit_test(test_foreign_handles),
        cmocka_unit_test(test_sizes),      cmocka_unit_test(test_sampler_answers),
        cmocka_unit_test(test_said_once),
    };
    listen_to_diagnostics();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
