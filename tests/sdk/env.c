/* The environment: every variable, empty as unset, bad values told once and replaced by the default; starting from it. */
#include "sdk/env.h"
#include "sdk_test.h"

static const char *names[8], *values[8];

static const char *get(const char *name)
{
    for (size_t i = 0; i < COUNT(names); i++) {
        if (names[i] && strcmp(names[i], name) == 0)
            return values[i];
    }
    return NULL;
}

static struct env_config read_one(const char *name, const char *value)
{
    struct env_config c;
    memset(names, 0, sizeof names);
    names[0] = name;
    values[0] = value;
    said[0] = '\0';
    env_read(get, &c);
    return c;
}

static void test_defaults(void **state)
{
    struct env_config c = read_one("OTEL_SDK_DISABLED", "");
    (void)state;
    assert_false(c.disabled);
    check_str(c.exporters, "otlp", "exporters");
    assert_int_equal(c.sampler, ENV_SAMPLER_PARENT_ON);
    assert_int_equal(c.batch.queue_spans_max, 2048);
    assert_int_equal(c.batch.schedule_delay_ms, 5000);
    assert_int_equal(c.batch.batch_spans_max, 512);
    assert_int_equal(c.batch.export_timeout_ms, 30000);
    assert_int_equal(c.limits.attribute_count, 128);
    assert_true(c.limits.value_length == UINT32_MAX);
    assert_int_equal(said_lines(), 0);
}

static void test_booleans(void **state)
{
    static const struct {
        const char *value;
        bool want;
        unsigned lines;
    } cases[] = {{"true", true, 0}, {"TRUE", true, 0}, {" True ", true, 0}, {"false", false, 0},
                 {"", false, 0},    {"1", false, 1},   {"yes", false, 1}};
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct env_config c = read_one("OTEL_SDK_DISABLED", cases[i].value);
        CHECK(c.disabled == cases[i].want, cases[i].value);
        CHECK(said_lines() == cases[i].lines, cases[i].value);
    }
}

static void test_numbers(void **state)
{
    static const struct {
        const char *name, *value;
        size_t offset;
        uint32_t want;
        unsigned lines;
    } cases[] = {
#define B(member) offsetof(struct env_config, batch.member)
#define L(member) offsetof(struct env_config, limits.member)
        {"OTEL_BSP_SCHEDULE_DELAY", "100", B(schedule_delay_ms), 100, 0},
        {"OTEL_BSP_SCHEDULE_DELAY", "-1", B(schedule_delay_ms), 5000, 1},
        {"OTEL_BSP_EXPORT_TIMEOUT", "7", B(export_timeout_ms), 7, 0},
        {"OTEL_BSP_MAX_QUEUE_SIZE", "4096", B(queue_spans_max), 4096, 0},
        {"OTEL_BSP_MAX_QUEUE_SIZE", "0", B(queue_spans_max), 2048, 1},
        {"OTEL_BSP_MAX_QUEUE_SIZE", "many", B(queue_spans_max), 2048, 1},
        {"OTEL_BSP_MAX_QUEUE_SIZE", "99999999999", B(queue_spans_max), 2048, 1},
        {"OTEL_BSP_MAX_QUEUE_SIZE", "100", B(batch_spans_max), 100, 0},
        {"OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "10", B(batch_spans_max), 10, 0},
        {"OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "5000", B(batch_spans_max), 2048, 1},
        {"OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "5", L(attribute_count), 5, 0},
        {"OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "0", L(attribute_count), 0, 0},
        {"OTEL_ATTRIBUTE_COUNT_LIMIT", "6", L(attribute_count), 6, 0},
        {"OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "50", L(value_length), 50, 0},
        {"OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "51", L(value_length), 51, 0},
        {"OTEL_SPAN_EVENT_COUNT_LIMIT", "3", L(event_count), 3, 0},
        {"OTEL_SPAN_LINK_COUNT_LIMIT", "4", L(link_count), 4, 0},
        {"OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", "8", L(event_attribute_count), 8, 0},
        {"OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", "9", L(link_attribute_count), 9, 0},
        {"OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", "", L(link_attribute_count), 128, 0},
#undef B
#undef L
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct env_config c = read_one(cases[i].name, cases[i].value);
        uint32_t got;
        memcpy(&got, (char *)&c + cases[i].offset, sizeof got);
        CHECK(got == cases[i].want, cases[i].name);
        CHECK(said_lines() == cases[i].lines, cases[i].name);
    }
}

static void test_span_limit_wins(void **state)
{
    struct env_config c;
    (void)state;
    memset(names, 0, sizeof names);
    names[0] = "OTEL_ATTRIBUTE_COUNT_LIMIT";
    values[0] = "10";
    names[1] = "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT";
    values[1] = "20";
    env_read(get, &c);
    assert_int_equal(c.limits.attribute_count, 20);
}

static cairn_sampler *mine(void *user, const struct cairn_sampler_args *args)
{
    static const struct cairn_sampler_ops ops = {.size = sizeof ops};
    char text[64];
    (void)user;
    snprintf(text, sizeof text, "Mine{%.*s,%.*s}", (int)args->arg.n, args->arg.p ? args->arg.p : "",
             (int)args->service_name.n, args->service_name.p);
    return cairn_sampler_custom(text, &ops, NULL);
}

static void test_samplers(void **state)
{
    static const struct {
        const char *name, *arg, *want;
        unsigned lines;
    } cases[] = {
#define PARENT(root)                                                              \
    "ParentBased{root:" root ",remoteParentSampled:AlwaysOnSampler,"              \
    "remoteParentNotSampled:AlwaysOffSampler,localParentSampled:AlwaysOnSampler," \
    "localParentNotSampled:AlwaysOffSampler}"
        {"", "", PARENT("AlwaysOnSampler"), 0},
        {"always_on", "", "AlwaysOnSampler", 0},
        {"always_off", "ignored", "AlwaysOffSampler", 0},
        {"traceidratio", "0.25", "TraceIdRatioBased{0.25}", 0},
        {"traceidratio", "", "TraceIdRatioBased{1}", 0},
        {"traceidratio", "2", "TraceIdRatioBased{1}", 1},
        {"traceidratio", "x", "TraceIdRatioBased{1}", 1},
        {"parentbased_always_off", "", PARENT("AlwaysOffSampler"), 0},
        {"parentbased_traceidratio", "0.5", PARENT("TraceIdRatioBased{0.5}"), 0},
        {"jaeger_remote", "", PARENT("AlwaysOnSampler"), 1},
        {"parentbased_jaeger_remote", "", PARENT("AlwaysOnSampler"), 1},
        {"xray", "", PARENT("AlwaysOnSampler"), 1},
        {"parentbased_xray", "", PARENT("AlwaysOnSampler"), 1},
        {"mine", "k=v", "Mine{k=v,shop}", 0},
        {"parentbased_mine", "", PARENT("Mine{,shop}"), 0},
#undef PARENT
    };
    (void)state;
    assert_int_equal(cairn_sampler_register("mine", mine, NULL), CAIRN_OK);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct env_config c;
        cairn_sampler *s;
        memset(names, 0, sizeof names);
        names[0] = "OTEL_TRACES_SAMPLER";
        values[0] = cases[i].name;
        names[1] = "OTEL_TRACES_SAMPLER_ARG";
        values[1] = cases[i].arg;
        said[0] = '\0';
        env_read(get, &c);
        s = env_sampler(&c, STR("shop"));
        CHECK(strcmp(cairn_sampler_description(s), cases[i].want) == 0, cases[i].name);
        CHECK(said_lines() == cases[i].lines, cases[i].name);
        cairn_sampler_unref(s);
    }
}

static void test_propagators(void **state)
{
    static const struct {
        const char *value, *fields;
        unsigned lines;
    } cases[] = {
        {"", "traceparent tracestate baggage ", 0},
        {"tracecontext,baggage", "traceparent tracestate baggage ", 0},
        {"baggage", "baggage ", 0},
        {" tracecontext ,, ", "traceparent tracestate ", 0},
        {"b3", "b3 ", 0},
        {"b3multi", "x-b3-traceid x-b3-spanid x-b3-sampled x-b3-flags ", 0},
        {"jaeger", "uber-trace-id ", 0},
        {"ottrace", "ot-tracer-traceid ot-tracer-spanid ot-tracer-sampled ", 0},
        {"none", "", 0},
        {"none,b3", "b3 ", 0},
        {"b3,tracecontext,b3,b3", "b3 traceparent tracestate ", 0},
        {"b3,b3multi,jaeger,tracecontext,baggage,none",
         "b3 x-b3-traceid x-b3-spanid x-b3-sampled x-b3-flags uber-trace-id traceparent tracestate "
         "baggage ",
         0},
        {"b3,b3,b3,b3,b3,b3,b3,b3,b3,b3,b3,b3,b3,b3,b3,b3,b3,b3,b3,b3", "b3 ", 0},
        {"xray,b3,datadog", "b3 ", 1},
        {"xray", "", 1},
        {"B3,TraceContext", "b3 traceparent tracestate ", 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct env_config c = read_one("OTEL_PROPAGATORS", cases[i].value);
        cairn_propagator *p = env_propagator(&c);
        char fields[256] = "";
        for (size_t j = 0; cairn_propagator_field(p, j).n; j++) {
            cairn_str name = cairn_propagator_field(p, j);
            snprintf(fields + strlen(fields), sizeof fields - strlen(fields), "%.*s ", (int)name.n,
                     name.p);
        }
        check_str(str_of(fields), cases[i].fields, cases[i].value);
        CHECK(said_lines() == cases[i].lines, cases[i].value);
        cairn_propagator_unref(p);
    }
}

static void test_exporters(void **state)
{
    static const struct {
        const char *value;
        size_t count;
        unsigned lines;
    } cases[] = {{"none", 0, 0},
                 {"console", 1, 0},
                 {"otlp/stdout", 1, 0},
                 {"console, none ,console", 2, 0},
                 {"", 0, 1 /* otlp is not linked here */},
                 {"zipkin", 0, 1},
                 {"x,console", 1, 1}};
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct env_config c = read_one("OTEL_TRACES_EXPORTER", cases[i].value);
        cairn_processor *made[8];
        CHECK(env_processors(&c, made, 8) == cases[i].count, cases[i].value);
        CHECK(said_lines() == cases[i].lines, cases[i].value);
        for (size_t j = 0; j < cases[i].count; j++)
            cairn_processor_free(made[j]);
    }
}

static cairn_exporter *make_memory(void *user)
{
    *(cairn_exporter **)user = cairn_exporter_memory(10);
    return cairn_exporter_ref(*(cairn_exporter **)user);
}

static bool resource_has(const cairn_span_data *span, const char *key, const char *value)
{
    struct cairn_attr a;
    for (size_t i = 0; cairn_span_data_resource_attribute(span, i, &a); i++) {
        if (str_eq(str_make(a.key.p, a.key.n), str_of(key)))
            return str_eq(str_make(a.value.as.string.p, a.value.as.string.n), str_of(value));
    }
    return false;
}

static void test_start(void **state)
{
    cairn_exporter *memory = NULL;
    cairn_sdk *sdk;
    const cairn_span_data *span;
    (void)state;
    setenv("OTEL_TRACES_EXPORTER", "mine", 1);
    setenv("OTEL_SERVICE_NAME", "from-env", 1);
    setenv("OTEL_RESOURCE_ATTRIBUTES", "service.name=loses,team=blue%20one,a=1,a=2", 1);
    assert_int_equal(cairn_exporter_register("mine", make_memory, &memory), CAIRN_OK);
    sdk = cairn_sdk_start(NULL);
    assert_ptr_equal(cairn_tracer_provider_global(), cairn_sdk_tracer_provider(sdk));
    check_cairn_str(cairn_propagator_field(cairn_propagator_global(), 0), "traceparent", "default");
    check_cairn_str(cairn_propagator_field(cairn_propagator_global(), 2), "baggage", "default");
    cairn_span_end(cairn_span_start(cairn_tracer_get("t"), "x", NULL));
    assert_int_equal(cairn_sdk_stop(sdk, CAIRN_FOREVER), CAIRN_OK);
    assert_null(cairn_tracer_provider_global());
    assert_ptr_equal(cairn_propagator_global(), cairn_propagator_none());
    span = cairn_memory_span(memory, 0);
    assert_true(resource_has(span, "service.name", "from-env"));
    assert_true(resource_has(span, "team", "blue one"));
    assert_true(resource_has(span, "a", "2"));
    assert_true(resource_has(span, "telemetry.sdk.name", "cairn"));
    assert_true(resource_has(span, "telemetry.sdk.language", "c"));
    assert_true(resource_has(span, "telemetry.sdk.version", cairn_version()));
    cairn_exporter_unref(memory);

    sdk = cairn_sdk_start(CAIRN_SDK(.service_name = "from-code", .service_version = "2"));
    cairn_span_end(cairn_span_start(cairn_tracer_get("t"), "x", NULL));
    cairn_sdk_stop(sdk, CAIRN_FOREVER);
    span = cairn_memory_span(memory, 0);
    assert_true(resource_has(span, "service.name", "from-code"));
    assert_true(resource_has(span, "service.version", "2"));
    cairn_exporter_unref(memory);
}

static void test_disabled(void **state)
{
    cairn_sdk *sdk;
    (void)state;
    setenv("OTEL_SDK_DISABLED", "true", 1);
    sdk = cairn_sdk_start(NULL);
    assert_non_null(sdk);
    assert_null(cairn_tracer_provider_global());
    check_cairn_str(cairn_propagator_field(cairn_propagator_global(), 2), "baggage", "stays");
    assert_null(cairn_span_start(cairn_tracer_get("t"), "x", NULL));
    assert_int_equal(cairn_sdk_stop(sdk, 0), CAIRN_OK);
    unsetenv("OTEL_SDK_DISABLED");
}

static void test_resource(void **state)
{
    cairn_resource *a =
        cairn_resource_new(CAIRN_ATTRS(CAIRN_STR("x", "1"), CAIRN_STR("y", "1")), "u1");
    cairn_resource *b =
        cairn_resource_new(CAIRN_ATTRS(CAIRN_STR("y", ""), CAIRN_STR("z", "2")), NULL);
    cairn_resource *c = cairn_resource_new(NULL, "u2"), *sum, *bad;
    struct cairn_attr attr;
    (void)state;
    sum = cairn_resource_merge(a, b);
    assert_true(cairn_resource_attribute(sum, 1, &attr));
    check_cairn_str(attr.key, "y", "key");
    check_cairn_str(attr.value.as.string, "", "the updating one wins, even empty");
    assert_false(cairn_resource_attribute(sum, 3, &attr));
    check_cairn_str(cairn_resource_schema_url(sum), "u1", "schema");
    cairn_resource_unref(sum);
    said[0] = '\0';
    bad = cairn_resource_merge(a, c);
    assert_int_equal(said_lines(), 1);
    assert_int_equal(cairn_resource_schema_url(bad).n, 0);
    cairn_resource_unref(bad);
    cairn_resource_unref(a);
    cairn_resource_unref(b);
    cairn_resource_unref(c);
    setenv("OTEL_RESOURCE_ATTRIBUTES", "good=1,bad=%zz", 1);
    unsetenv("OTEL_SERVICE_NAME");
    said[0] = '\0';
    bad = cairn_resource_from_env();
    assert_int_equal(said_lines(), 1);
    assert_false(cairn_resource_attribute(bad, 0, &attr)); /* discarded whole */
    cairn_resource_unref(bad);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),  cmocka_unit_test(test_booleans),
        cmocka_unit_test(test_numbers),   cmocka_unit_test(test_span_limit_wins),
        cmocka_unit_test(test_samplers),  cmocka_unit_test(test_propagators),
        cmocka_unit_test(test_exporters), cmocka_unit_test(test_start),
        cmocka_unit_test(test_disabled),  cmocka_unit_test(test_resource),
    };
    listen_to_diagnostics();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
