/* Environment variables and the file come to the same SDK where they say the same: both are described and compared. */
#include "config_test.h"

struct setting {
    const char *name, *value;
};

static const struct {
    const char *what;
    struct setting env[6];
    const char *yaml; /* behind HEAD */
} cases[] = {
#define OTLP_BATCH "tracer_provider:\n  processors: [{batch: {exporter: {otlp_http: }}}]\n"
#define W3C        "propagator: {composite_list: \"tracecontext,baggage\"}\n"
    {"nothing", {{0}}, OTLP_BATCH W3C},
    {"service",
     {{"OTEL_SERVICE_NAME", "shop"}},
     OTLP_BATCH W3C "resource: {attributes: [{name: service.name, value: shop}]}\n"},
    {"attributes",
     {{"OTEL_RESOURCE_ATTRIBUTES", "a=1,b=x%20y"}},
     OTLP_BATCH W3C "resource: {attributes_list: \"a=1,b=x%20y\"}\n"},
    {"service and attributes",
     {{"OTEL_RESOURCE_ATTRIBUTES", "service.name=list,a=1"}, {"OTEL_SERVICE_NAME", "own"}},
     OTLP_BATCH W3C "resource:\n  attributes_list: \"service.name=list,a=1\"\n"
                    "  attributes: [{name: service.name, value: own}]\n"},
    {"propagators",
     {{"OTEL_PROPAGATORS", "b3,tracecontext,b3"}},
     OTLP_BATCH "propagator: {composite: [{b3: }, {tracecontext: }]}\n"},
    {"b3multi",
     {{"OTEL_PROPAGATORS", "b3multi"}},
     OTLP_BATCH "propagator: {composite: [{b3multi: }]}\n"},
    {"no propagator", {{"OTEL_PROPAGATORS", "none"}}, OTLP_BATCH},
    {"always_on",
     {{"OTEL_TRACES_SAMPLER", "always_on"}},
     OTLP_BATCH "  sampler: {always_on: }\n" W3C},
    {"always_off",
     {{"OTEL_TRACES_SAMPLER", "always_off"}},
     OTLP_BATCH "  sampler: {always_off: }\n" W3C},
    {"ratio",
     {{"OTEL_TRACES_SAMPLER", "traceidratio"}, {"OTEL_TRACES_SAMPLER_ARG", "0.125"}},
     OTLP_BATCH "  sampler: {trace_id_ratio_based: {ratio: 0.125}}\n" W3C},
    {"ratio below a parent",
     {{"OTEL_TRACES_SAMPLER", "parentbased_traceidratio"}, {"OTEL_TRACES_SAMPLER_ARG", "0.5"}},
     OTLP_BATCH "  sampler: {parent_based: {root: {trace_id_ratio_based: {ratio: 0.5}}}}\n" W3C},
    {"parent and off",
     {{"OTEL_TRACES_SAMPLER", "parentbased_always_off"}},
     OTLP_BATCH "  sampler: {parent_based: {root: {always_off: }}}\n" W3C},
    {"batch",
     {{"OTEL_BSP_SCHEDULE_DELAY", "100"},
      {"OTEL_BSP_EXPORT_TIMEOUT", "200"},
      {"OTEL_BSP_MAX_QUEUE_SIZE", "300"},
      {"OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "40"}},
     "tracer_provider:\n  processors: [{batch: {schedule_delay: 100, export_timeout: 200, "
     "max_queue_size: 300, max_export_batch_size: 40, exporter: {otlp_http: }}}]\n" W3C},
    {"batch of nothing",
     {{"OTEL_BSP_SCHEDULE_DELAY", "0"},
      {"OTEL_BSP_EXPORT_TIMEOUT", "0"},
      {"OTEL_BSP_MAX_QUEUE_SIZE", "100"}},
     "tracer_provider:\n  processors: [{batch: {schedule_delay: 0, export_timeout: 0, "
     "max_queue_size: 100, exporter: {otlp_http: }}}]\n" W3C},
    {"general limits",
     {{"OTEL_ATTRIBUTE_COUNT_LIMIT", "5"}, {"OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "6"}},
     OTLP_BATCH W3C
     "attribute_limits: {attribute_count_limit: 5, attribute_value_length_limit: 6}\n"},
    {"span limits",
     {{"OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "0"},
      {"OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "1"},
      {"OTEL_SPAN_EVENT_COUNT_LIMIT", "2"},
      {"OTEL_SPAN_LINK_COUNT_LIMIT", "3"},
      {"OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", "4"},
      {"OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", "5"}},
     OTLP_BATCH
     "  limits: {attribute_count_limit: 0, attribute_value_length_limit: 1, event_count_limit: 2, "
     "link_count_limit: 3, event_attribute_count_limit: 4, link_attribute_count_limit: 5}\n" W3C},
    {"own and general limits",
     {{"OTEL_ATTRIBUTE_COUNT_LIMIT", "5"}, {"OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "6"}},
     OTLP_BATCH "  limits: {attribute_count_limit: 6}\n" W3C
                "attribute_limits: {attribute_count_limit: 5}\n"},
    {"exporter",
     {{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "https://a.example/b"},
      {"OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"},
      {"OTEL_EXPORTER_OTLP_TIMEOUT", "7"},
      {"OTEL_EXPORTER_OTLP_HEADERS", "x=1,y=2"},
      {"OTEL_EXPORTER_OTLP_CERTIFICATE", "/ca.pem"},
      {"OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"}},
     "tracer_provider:\n  processors: [{batch: {exporter: {otlp_http: {endpoint: "
     "\"https://a.example/b\", compression: gzip, timeout: 7, headers_list: \"x=1,y=2\", encoding: "
     "json, tls: {ca_file: /ca.pem}}}}}]\n" W3C},
    {"grpc",
     {{"OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"}},
     "tracer_provider:\n  processors: [{batch: {exporter: {otlp_grpc: }}}]\n" W3C},
    {"grpc without a scheme",
     {{"OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"},
      {"OTEL_EXPORTER_OTLP_ENDPOINT", "a:1"},
      {"OTEL_EXPORTER_OTLP_INSECURE", "true"}},
     "tracer_provider:\n  processors: [{batch: {exporter: {otlp_grpc: {endpoint: \"a:1\", tls: "
     "{insecure: true}}}}}]\n" W3C},
    {"console",
     {{"OTEL_TRACES_EXPORTER", "console"}},
     "tracer_provider:\n  processors: [{simple: {exporter: {console: }}}]\n" W3C},
    {"lines",
     {{"OTEL_TRACES_EXPORTER", "otlp/stdout"}},
     "tracer_provider:\n  processors: [{batch: {exporter: {otlp_file/development: }}}]\n" W3C},
    {"two exporters",
     {{"OTEL_TRACES_EXPORTER", "console,otlp"}},
     "tracer_provider:\n  processors: [{simple: {exporter: {console: }}}, {batch: {exporter: "
     "{otlp_http: }}}]\n" W3C},
    {"disabled", {{"OTEL_SDK_DISABLED", "true"}}, "disabled: true\n" OTLP_BATCH W3C},
};

/* Without detectors: the file has none of its own accord. */
static void describe_env(const struct setting *env, char *out, size_t room)
{
    struct cairn_sdk_options o = {.size = sizeof o, .detectors = "none"};
    cairn_sdk *sdk;
    for (size_t i = 0; i < 6 && env[i].name; i++)
        setenv(env[i].name, env[i].value, 1);
    sdk = cairn_otlp_start(&o);
    cairn_sdk_describe(sdk, out, room);
    cairn_sdk_stop(sdk, 100);
    for (size_t i = 0; i < 6 && env[i].name; i++)
        unsetenv(env[i].name);
}

static void describe_file(const char *yaml, char *out, size_t room)
{
    struct cairn_config_error error = CAIRN_CONFIG_ERROR_INIT;
    char text[4096];
    cairn_config *c;
    cairn_sdk *sdk;
    snprintf(text, sizeof text, HEAD "%s", yaml);
    c = cairn_config_parse_text("f.yaml", cairn_str_of(text), &error);
    sdk = cairn_config_create(c, NULL, &error);
    CHECK(sdk, error.text);
    cairn_sdk_describe(sdk, out, room);
    cairn_sdk_stop(sdk, 100);
    cairn_config_free(c);
}

static void test_same(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char env[4096], file[4096];
        said[0] = '\0';
        describe_env(cases[i].env, env, sizeof env);
        describe_file(cases[i].yaml, file, sizeof file);
        if (strcmp(env, file) != 0)
            fail_msg("case \"%s\":\n%s\n----\n%s", cases[i].what, env, file);
        CHECK(said[0] == '\0', said);
    }
}

/* The table above can fail: every case differs from the first. */
static void test_different(void **state)
{
    char plain[4096], other[4096];
    (void)state;
    describe_env(cases[0].env, plain, sizeof plain);
    for (size_t i = 1; i < COUNT(cases); i++) {
        describe_env(cases[i].env, other, sizeof other);
        CHECK(strcmp(plain, other) != 0, cases[i].what);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same),
        cmocka_unit_test(test_different),
    };
    cairn_set_diagnostics(remember_diagnostic, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
