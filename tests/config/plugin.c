/* Components of the application: each kind made from a file, with its properties; names that are taken; failures. */
#include "config_test.h"

static int freed;         /* exporters and processors given back */
static unsigned exported; /* spans */
static char seen[256];    /* what a component read of its properties */

static cairn_status count_spans(void *user, const cairn_span_batch *batch, uint32_t timeout_ms)
{
    (void)user, (void)timeout_ms;
    exported += (unsigned)cairn_batch_count(batch);
    return CAIRN_OK;
}

static void count_free(void *user)
{
    (void)user;
    freed++;
}

static void *make_exporter(void *user, const cairn_config_node *p, struct cairn_config_error *error)
{
    static const struct cairn_exporter_ops ops = {
        .size = sizeof ops, .export_spans = count_spans, .free_user = count_free};
    const cairn_config_node *list = cairn_config_get(p, "list");
    if (cairn_config_type(cairn_config_get(p, "path")) == CAIRN_CONFIG_MISSING) {
        cairn_config_fail(p, error, "needs the key path");
        return NULL;
    }
    snprintf(seen, sizeof seen, "%s %s %d %d %.1f %s %zu %s %d %d line %u", (const char *)user,
             cairn_config_string(cairn_config_get(p, "path"), "?"),
             (int)cairn_config_int(cairn_config_get(p, "count"), -1),
             cairn_config_bool(cairn_config_get(p, "on"), false),
             cairn_config_double(cairn_config_get(p, "share"), -1),
             cairn_config_string(cairn_config_at(list, 1), "?"), cairn_config_count(list),
             cairn_config_key_at(p, 0).p, cairn_config_type(cairn_config_get(p, "nothing")),
             cairn_config_type(cairn_config_get(p, "absent")), cairn_config_line(p));
    return cairn_exporter_custom(&ops, NULL);
}

/* Stands on any exporter that a file can name. */
static void *make_processor(void *user, const cairn_config_node *p,
                            struct cairn_config_error *error)
{
    cairn_exporter *e =
        cairn_config_make(CAIRN_CONFIG_EXPORTER, cairn_config_get(p, "exporter"), error);
    (void)user;
    return e ? cairn_processor_simple(e) : NULL;
}

static void *make_sampler(void *user, const cairn_config_node *p, struct cairn_config_error *error)
{
    (void)user, (void)error;
    return cairn_sampler_ratio(cairn_config_double(cairn_config_get(p, "share"), 0));
}

static cairn_str tenant_field(void *user, size_t index)
{
    (void)user;
    return index == 0 ? CAIRN_S("x-tenant") : (cairn_str){NULL, 0};
}

static void *make_propagator(void *user, const cairn_config_node *p,
                             struct cairn_config_error *error)
{
    static const struct cairn_propagator_ops ops = {.size = sizeof ops, .field = tenant_field};
    (void)user, (void)p, (void)error;
    return cairn_propagator_custom(&ops, NULL);
}

static void ones(void *user, uint8_t id[16])
{
    (void)user;
    memset(id, 1, 16);
}

static void twos(void *user, uint8_t id[8])
{
    (void)user;
    memset(id, 2, 8);
}

static void *make_ids(void *user, const cairn_config_node *p, struct cairn_config_error *error)
{
    static const struct cairn_id_generator ids = {
        .size = sizeof ids, .trace_id = ones, .span_id = twos};
    (void)user, (void)p, (void)error;
    return (void *)(uintptr_t)&ids;
}

static void *make_detector(void *user, const cairn_config_node *p, struct cairn_config_error *error)
{
    (void)user, (void)p, (void)error;
    return cairn_resource_new(CAIRN_ATTRS(CAIRN_STR("rack", "7"), CAIRN_STR("room", "b")), NULL);
}

#define PLUGINS                                                                               \
    HEAD "resource:\n  detection/development: {attributes: {excluded: [room]}, "              \
         "detectors: [{rack: }]}\n"                                                           \
         "propagator: {composite: [{tenant: }, {b3: }]}\n"                                    \
         "tracer_provider:\n  processors:\n    - via:\n        exporter:\n          count:\n" \
         "            path: /x\n            count: 7\n            on: true\n"                 \
         "            share: 2\n            list: [a, b]\n            nothing:\n"             \
         "  sampler: {parent_based: {root: {some: {share: 1}}}}\n  id_generator: {ones: }\n"

static void test_every_kind(void **state)
{
    struct cairn_config_error error = CAIRN_CONFIG_ERROR_INIT;
    cairn_config *c = parse(PLUGINS, &error);
    cairn_sdk *sdk = cairn_config_create(c, NULL, &error);
    struct cairn_tracer_options o = {.size = sizeof o, .name = "t"};
    char text[4096];
    (void)state;
    CHECK(sdk, error.text);
    cairn_config_free(c); /* not needed any more */
    assert_string_equal(seen, "user /x 7 1 2.0 b 2 path 1 0 line 10");
    cairn_sdk_describe(sdk, text, sizeof text);
    assert_non_null(strstr(text, "resource rack: \"7\"\n"));
    assert_null(strstr(text, "resource room"));
    assert_non_null(strstr(text, "ParentBased{root:TraceIdRatioBased{1}"));
    assert_non_null(strstr(text, "processor 0: simple, exporter: custom\n"));
    assert_non_null(strstr(text, "id generator: custom, not random\npropagator: x-tenant, b3\n"));
    exported = 0;
    cairn_span_end(
        cairn_span_start(cairn_tracer_get_with(cairn_sdk_tracer_provider(sdk), &o), "s", NULL));
    assert_int_equal(exported, 1);
    freed = 0;
    cairn_sdk_stop(sdk, 1000);
    assert_int_equal(freed, 1);
}

static void test_failure_frees(void **state)
{
    struct cairn_config_error error = CAIRN_CONFIG_ERROR_INIT;
    cairn_processor *given = cairn_processor_simple(make_exporter(NULL, NULL, NULL));
    struct cairn_sdk_options o = {.size = sizeof o};
    cairn_config *c = parse(HEAD "tracer_provider:\n  processors:\n"
                                 "    - via: {exporter: {count: {path: a}}}\n"
                                 "    - via: {exporter: {count: {}}}\n",
                            &error);
    (void)state;
    assert_null(given); /* no properties: refused */
    freed = 0;
    assert_null(cairn_config_create(c, NULL, &error));
    assert_string_equal(error.text, "f.yaml:5: tracer_provider.processors[1].via.exporter.count: "
                                    "needs the key path");
    assert_int_equal(freed, 1);
    cairn_config_free(c);
    /* the application's own processors are taken over, also when nothing comes of it */
    c = parse(HEAD "propagator: {composite: [{xray: }]}\n" PIPELINE, NULL);
    for (int i = 0; i < 2; i++) {
        static const struct cairn_processor_ops ops = {.size = sizeof ops, .free_user = count_free};
        given = cairn_processor_custom(&ops, NULL);
        o.processors = &given;
        o.processor_count = 1;
        freed = 0;
        assert_null(cairn_config_create(i ? c : NULL, &o, NULL));
        assert_int_equal(freed, 1);
    }
    cairn_config_free(c);
}

static void test_names(void **state)
{
    static const struct {
        int32_t kind;
        const char *name;
        cairn_config_create_fn *create;
        cairn_status want;
    } cases[] = {
        {CAIRN_CONFIG_EXPORTER, "otlp_http", make_exporter, CAIRN_ERROR_INVALID},
        {CAIRN_CONFIG_EXPORTER, "count", make_exporter, CAIRN_ERROR_INVALID},
        {CAIRN_CONFIG_PROCESSOR, "count", make_exporter, CAIRN_OK},
        {CAIRN_CONFIG_PROPAGATOR, "datadog", make_propagator, CAIRN_OK},
        {CAIRN_CONFIG_PROPAGATOR, "datadog", make_propagator, CAIRN_ERROR_INVALID},
        {CAIRN_CONFIG_PROPAGATOR, "ottrace", make_propagator, CAIRN_ERROR_INVALID},
        {CAIRN_CONFIG_SAMPLER, "", make_sampler, CAIRN_ERROR_INVALID},
        {CAIRN_CONFIG_SAMPLER, NULL, make_sampler, CAIRN_ERROR_INVALID},
        {CAIRN_CONFIG_SAMPLER, "x", NULL, CAIRN_ERROR_INVALID},
        {0, "x", make_sampler, CAIRN_ERROR_INVALID},
        {CAIRN_CONFIG_DETECTOR + 1, "x", make_sampler, CAIRN_ERROR_INVALID},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        CHECK(cairn_config_register(cases[i].kind, cases[i].name, cases[i].create, NULL) ==
                  cases[i].want,
              cases[i].name ? cases[i].name : "NULL");
}

/* Nothing that is handed in wrongly does harm. */
static void test_nothing(void **state)
{
    (void)state;
    cairn_config_free(NULL);
    assert_null(cairn_config_root(NULL));
    assert_null(cairn_config_get(NULL, "x"));
    assert_null(cairn_config_at(NULL, 0));
    assert_int_equal(cairn_config_key_at(NULL, 0).n, 0);
    assert_int_equal(cairn_config_type(NULL), CAIRN_CONFIG_MISSING);
    assert_int_equal(cairn_config_int(NULL, 5), 5);
    assert_null(cairn_config_create(NULL, NULL, NULL));
    assert_null(cairn_config_make(CAIRN_CONFIG_EXPORTER, NULL, NULL));
    assert_null(cairn_config_make(99, NULL, NULL));
    assert_null(cairn_config_parse_text(NULL, (cairn_str){NULL, 0}, NULL));
    assert_int_equal(cairn_config_fail(NULL, NULL, NULL), CAIRN_ERROR_INVALID);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_kind),
        cmocka_unit_test(test_failure_frees),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_nothing),
    };
    cairn_config_register(CAIRN_CONFIG_EXPORTER, "count", make_exporter,
                          (void *)(uintptr_t) "user");
    cairn_config_register(CAIRN_CONFIG_PROCESSOR, "via", make_processor, NULL);
    cairn_config_register(CAIRN_CONFIG_SAMPLER, "some", make_sampler, NULL);
    cairn_config_register(CAIRN_CONFIG_PROPAGATOR, "tenant", make_propagator, NULL);
    cairn_config_register(CAIRN_CONFIG_ID_GENERATOR, "ones", make_ids, NULL);
    cairn_config_register(CAIRN_CONFIG_DETECTOR, "rack", make_detector, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
