/* From a file to an SDK: what each section does, who wins, what is said, and nothing left behind after a failure. */
#include "config_test.h"

static char text[8192];

static const char *describe(cairn_sdk *sdk)
{
    assert_true(cairn_sdk_describe(sdk, text, sizeof text) < sizeof text);
    return text;
}

static cairn_sdk *create_with(const char *yaml, const struct cairn_sdk_options *options)
{
    struct cairn_config_error error = CAIRN_CONFIG_ERROR_INIT;
    cairn_config *c = parse(yaml, &error);
    cairn_sdk *sdk;
    CHECK(c, error.text);
    said[0] = '\0';
    sdk = cairn_config_create(c, options, &error);
    CHECK(sdk, error.text);
    cairn_config_free(c);
    return sdk;
}

static cairn_sdk *create(const char *yaml)
{
    return create_with(yaml, NULL);
}

/* ---- Sections: a line of the description for each ---- */

#define PARENT(root)                                                              \
    "sampler: ParentBased{root:" root ",remoteParentSampled:AlwaysOnSampler,"     \
    "remoteParentNotSampled:AlwaysOffSampler,localParentSampled:AlwaysOnSampler," \
    "localParentNotSampled:AlwaysOffSampler}\n"
#define PROCESSORS(list) HEAD "tracer_provider:\n  processors: [" list "]\n"
#define SAMPLER(of)      HEAD PIPELINE "  sampler: " of "\n"

static const struct {
    const char *yaml, *want; /* a part of the description, or with ! in front not a part */
} sections[] = {
    {HEAD PIPELINE, "sdk: on\n"},
    {HEAD PIPELINE, "tracers: all\nid generator: random\npropagator: none\n"},
    {HEAD PIPELINE, "!resource host."},
    {HEAD PIPELINE, PARENT("AlwaysOnSampler")},
    {HEAD, "sdk: disabled\npropagator: none\n"},
    {HEAD "disabled: true\npropagator: {composite: [{b3: }]}\n" PIPELINE,
     "sdk: disabled\npropagator: b3\n"},
    {HEAD "disabled: \n" PIPELINE, "sdk: on\n"},
    /* resource */
    {HEAD PIPELINE "resource: {attributes: [{name: service.name, value: shop}]}\n",
     "resource service.name: \"shop\"\n"},
    {HEAD PIPELINE "resource: {attributes: [{name: k, value: 7, type: int}]}\n", "resource k: 7\n"},
    {HEAD PIPELINE "resource: {attributes: [{name: k, value: 7.0, type: int}]}\n",
     "resource k: 7\n"},
    {HEAD PIPELINE "resource: {attributes: [{name: k, value: 7, type: double}]}\n",
     "resource k: 7\n"},
    {HEAD PIPELINE "resource: {attributes: [{name: k, value: true, type: bool}]}\n",
     "resource k: true\n"},
    {HEAD PIPELINE "resource: {attributes: [{name: k, value: [a, b], type: string_array}]}\n",
     "resource k: [\"a\",\"b\"]\n"},
    {HEAD PIPELINE "resource: {attributes: [{name: k, value: [1, 2.5], type: double_array}]}\n",
     "resource k: [1,2.5]\n"},
    {HEAD PIPELINE "resource: {attributes: [{name: k, value: [1, 2], type: int_array}]}\n",
     "resource k: [1,2]\n"},
    {HEAD PIPELINE "resource: {attributes: [{name: k, value: [true, false], type: bool_array}]}\n",
     "resource k: [true,false]\n"},
    {HEAD PIPELINE "resource: {attributes: [{name: k, value: }]}\n", "!resource k:"},
    {HEAD PIPELINE "resource: {attributes_list: \"a=1,b=x%2Cy\"}\n",
     "resource a: \"1\"\nresource b: \"x,y\"\n"},
    {HEAD PIPELINE "resource:\n  attributes_list: \"a=list,b=list\"\n"
                   "  attributes: [{name: a, value: own}]\n",
     "resource b: \"list\"\nresource a: \"own\"\n"},
    {HEAD PIPELINE "resource: {schema_url: \"https://x/1\"}\n",
     "resource schema_url: https://x/1\n"},
    {HEAD PIPELINE "resource:\n  schema_url: \"https://x/1\"\n"
                   "  detection/development: {detectors: [{process: }]}\n",
     "resource schema_url: https://x/1\n"},
    {HEAD PIPELINE "resource: {detection/development: {detectors: [{process: }]}}\n",
     "resource process.pid: "},
    {HEAD PIPELINE "resource:\n  detection/development:\n    attributes: {included: [process.p*]}\n"
                   "    detectors: [{process: {}}]\n",
     "!resource process.executable"},
    {HEAD PIPELINE "resource:\n  detection/development:\n    attributes: {included: [process.p*], "
                   "excluded: [process.pi?]}\n    detectors: [{process: }]\n",
     "!resource process.pid"},
    {HEAD PIPELINE "resource:\n  attributes: [{name: process.pid, value: own}]\n"
                   "  detection/development: {detectors: [{process: }]}\n",
     "resource process.pid: \"own\"\n"},
    /* propagator */
    {HEAD PIPELINE "propagator: {composite: [{tracecontext: }, {baggage: }]}\n",
     "propagator: traceparent, tracestate, baggage\n"},
    {HEAD PIPELINE
     "propagator: {composite: [{b3: }], composite_list: \"b3, tracecontext ,none\"}\n",
     "propagator: b3, traceparent, tracestate\n"},
    {HEAD PIPELINE "propagator: {composite_list: }\n", "propagator: none\n"},
    {HEAD PIPELINE "propagator: {composite: [{jaeger: }]}\n", "propagator: uber-trace-id"},
    {HEAD PIPELINE "propagator: {composite: [{ottrace: }]}\n",
     "propagator: ot-tracer-traceid, ot-tracer-spanid, ot-tracer-sampled"},
    /* limits */
    {HEAD PIPELINE
     "attribute_limits: {attribute_count_limit: 7, attribute_value_length_limit: 0}\n",
     "attributes 7, value length 0,"},
    {HEAD PIPELINE
     "  limits: {attribute_count_limit: 0, event_count_limit: 1, link_count_limit: 2, "
     "event_attribute_count_limit: 3, link_attribute_count_limit: 4}\n"
     "attribute_limits: {attribute_count_limit: 7}\n",
     "attributes 0, value length none, events 1, links 2, event attributes 3, link attributes 4\n"},
    {HEAD PIPELINE "  limits: {attribute_count_limit: }\n"
                   "attribute_limits: {attribute_count_limit: 7}\n",
     "attributes 7,"},
    {HEAD PIPELINE "  limits: {attribute_count_limit: 4294967295}\n", "attributes none,"},
    /* processors */
    {PROCESSORS("{batch: {exporter: {console: {}}}}"),
     "processor 0: batch, queue 2048, batch size 512, delay 5000 ms, timeout 30000 ms, exporter: "
     "console to file descriptor 1\n"},
    {PROCESSORS("{batch: {schedule_delay: 0, export_timeout: 0, max_queue_size: 10, "
                "exporter: {console: }}}"),
     "batch, queue 10, batch size 10, delay 1 ms, no timeout,"},
    {PROCESSORS("{batch: {schedule_delay: 5000.0, exporter: {console: }}}"), "delay 5000 ms"},
    {PROCESSORS(
         "{simple: {exporter: {console: }}}, {batch: {exporter: {otlp_file/development: }}}"),
     "processor 1: batch, queue 2048, batch size 512, delay 5000 ms, timeout 30000 ms, exporter: "
     "OTLP JSON lines to file descriptor 1\n"},
    {PROCESSORS("{simple: {exporter: {otlp_http: }}}"),
     "OTLP http/protobuf to http://localhost:4318/v1/traces, compression none, timeout 10000 ms, "
     "headers 0\n"},
    {PROCESSORS(
         "{simple: {exporter: {otlp_http: {endpoint: \"https://a/b\", compression: gzip, "
         "timeout: 0, encoding: json, headers_list: \"x=1,y=2\", headers: [{name: x, value: "
         "\"a,b=c\"}, {name: z, value: }], tls: {ca_file: /c, cert_file: /d, key_file: /e}}}}}"),
     "OTLP http/json to https://a/b, compression gzip, timeout none, headers 2, own authorities, "
     "client certificate\n"},
    {PROCESSORS("{simple: {exporter: {otlp_grpc: {endpoint: \"http://a:1\"}}}}"),
     "OTLP grpc to http://a:1/"},
    {PROCESSORS("{simple: {exporter: {otlp_grpc: {endpoint: \"a:1\", tls: {insecure: true}}}}}"),
     "OTLP grpc to http://a:1/"},
    {PROCESSORS("{simple: {exporter: {otlp_grpc: {endpoint: \"a:1\"}}}}"),
     "OTLP grpc to https://a:1/"},
    /* samplers */
    {SAMPLER("{always_on: }"), "sampler: AlwaysOnSampler\n"},
    {SAMPLER("{always_off: {}}"), "sampler: AlwaysOffSampler\n"},
    {SAMPLER("{trace_id_ratio_based: }"), "sampler: TraceIdRatioBased{1}\n"},
    {SAMPLER("{trace_id_ratio_based: {ratio: 0.25}}"), "sampler: TraceIdRatioBased{0.25}\n"},
    {SAMPLER("{parent_based: }"), PARENT("AlwaysOnSampler")},
    {SAMPLER("{parent_based: {root: {trace_id_ratio_based: {ratio: 0}}}}"),
     PARENT("TraceIdRatioBased{0}")},
    {SAMPLER("{parent_based: {remote_parent_sampled: {always_off: }, local_parent_sampled: "
             "{always_off: }, remote_parent_not_sampled: {always_on: }, local_parent_not_sampled: "
             "{always_on: }}}"),
     "remoteParentSampled:AlwaysOffSampler,remoteParentNotSampled:AlwaysOnSampler,"
     "localParentSampled:AlwaysOffSampler,localParentNotSampled:AlwaysOnSampler}\n"},
    {SAMPLER("{always_record: {root: {always_off: }}}"), "sampler: AlwaysRecordSampler{"},
    {SAMPLER(
         "{jaeger_remote/development: {endpoint: \"http://a:5778\", interval: 5, initial_sampler: "
         "{always_off: }}}"),
     "sampler: JaegerRemoteSampler"},
    {SAMPLER("{probability/development: {ratio: 0.5}}"), "sampler: ProbabilitySampler{0.5}\n"},
    {SAMPLER("{composite/development: {parent_threshold: {root: {probability: {ratio: 0.1}}}}}"),
     "sampler: CompositeSampler{ComposableParentThreshold{ComposableProbability{0.1}}}\n"},
    {SAMPLER(
         "{composite/development: {rule_based: {rules: [{parent: [none], span_kinds: [server], "
         "attribute_values: {key: k, values: [a]}, attribute_patterns: {key: k, included: [a*], "
         "excluded: [ab]}, sampler: {always_on: }}, {sampler: {always_off: }}]}}}"),
     "sampler: CompositeSampler{ComposableRuleBased{ComposableAlwaysOn, ComposableAlwaysOff}}\n"},
    {HEAD PIPELINE "  id_generator: {random: }\n", "id generator: random\n"},
    /* an alias is what it stands for */
    {HEAD "x: &e {console: }\ntracer_provider:\n  processors: [{simple: {exporter: *e}}, {batch: "
          "{exporter: *e}}]\n",
     "processor 1: batch"},
};

static void test_sections(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(sections); i++) {
        const char *want = sections[i].want;
        cairn_sdk *sdk = create(sections[i].yaml);
        bool found = strstr(describe(sdk), want + (*want == '!')) != NULL;
        if (found == (*want == '!'))
            fail_msg("case \"%s\":\n got  %s\n want %s", sections[i].yaml, text, want);
        assert_int_equal(cairn_sdk_stop(sdk, 1000), CAIRN_OK);
    }
}

static void test_describe_room(void **state)
{
    cairn_sdk *sdk = create(HEAD PIPELINE);
    size_t n = cairn_sdk_describe(sdk, NULL, 0);
    char small[8] = "xxxxxxx";
    (void)state;
    assert_int_equal(n, strlen(describe(sdk)));
    assert_int_equal(cairn_sdk_describe(sdk, small, sizeof small), n);
    assert_string_equal(small, "sdk: on");
    assert_int_equal(cairn_sdk_describe(sdk, small, 3), n);
    assert_string_equal(small, "sd");
    cairn_sdk_stop(sdk, 1000);
    assert_true(cairn_sdk_describe(NULL, text, sizeof text) > 0);
    assert_string_equal(text, "sdk: none\n");
}

/* ---- Notes ---- */

static void test_notes(void **state)
{
    static const struct {
        const char *yaml, *want;
    } cases[] = {
        {HEAD PIPELINE, ""},
        {HEAD PIPELINE "meter_provider: {readers: [1]}\nlogger_provider: {x: y}\n"
                       "instrumentation/development: {general: }\ndistribution: {a: {b: 1}}\n",
         "f.yaml:4: meter_provider: left out: Cairn makes traces only\n"
         "f.yaml:5: logger_provider: left out: Cairn makes traces only\n"
         "f.yaml:6: instrumentation/development: left out: Cairn makes traces only\n"},
        {HEAD PIPELINE "log_level: warn\nmeter_provider: {}\n", ""},
        {HEAD PIPELINE "tracer_providr: 1\n",
         "f.yaml:4: tracer_providr: not a section that Cairn knows, left out\n"},
        {"file_format: \"1.0-rc.2\"\n" PIPELINE, ""},
        {"file_format: \"1.2\"\n" PIPELINE "attribute_limits: {attribute_value_depth_limit: 7}\n",
         "f.yaml:1: file_format: newer than 1.1, the version that Cairn knows: keys that came later "
         "are left out\n"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        cairn_sdk_stop(create(cases[i].yaml), 1000);
        CHECK(strcmp(said, cases[i].want) == 0, said);
    }
}

/* ---- Code beats the file ---- */

static void test_code_wins(void **state)
{
    struct cairn_limits limits = {.size = sizeof limits, .event_count = 5};
    cairn_processor *own = cairn_processor_simple(cairn_exporter_memory(1));
    struct cairn_sdk_options o = {
        .size = sizeof o,
        .service_name = "code",
        .sampler = cairn_sampler_always_off(),
        .propagator = cairn_propagator_b3(),
        .limits = &limits,
        .processors = &own,
        .processor_count = 1,
    };
    cairn_sdk *sdk =
        create_with(HEAD PIPELINE "  sampler: {always_on: }\n  limits: {event_count_limit: 9, "
                                  "link_count_limit: 9}\n"
                                  "resource: {attributes: [{name: service.name, value: file}]}\n",
                    &o);
    (void)state;
    describe(sdk);
    assert_non_null(strstr(text, "service.name: \"code\"\n"));
    assert_non_null(strstr(text, "sampler: AlwaysOffSampler\n"));
    assert_non_null(strstr(text, "propagator: b3\n"));
    assert_non_null(strstr(text, "events 5, links 9,"));
    assert_non_null(strstr(text, "processor 0: simple, exporter: custom\n"));
    assert_null(strstr(text, "processor 1"));
    cairn_sdk_stop(sdk, 1000);
}

/* ---- Tracers by name ---- */

static bool enabled(cairn_sdk *sdk, const char *name)
{
    struct cairn_tracer_options o = {.size = sizeof o, .name = name};
    return cairn_tracer_enabled(cairn_tracer_get_with(cairn_sdk_tracer_provider(sdk), &o));
}

static void test_tracers(void **state)
{
    cairn_sdk *sdk = create(HEAD PIPELINE "  tracer_configurator/development:\n"
                                          "    default_config: {enabled: false}\n"
                                          "    tracers:\n"
                                          "      - {name: shop.secret, config: {enabled: false}}\n"
                                          "      - {name: shop.*, config: {enabled: true}}\n"
                                          "      - {name: bare, config: {}}\n");
    (void)state;
    assert_true(enabled(sdk, "shop.cart"));
    assert_false(enabled(sdk, "shop.secret"));
    assert_true(enabled(sdk, "bare"));
    assert_false(enabled(sdk, "other"));
    cairn_sdk_stop(sdk, 1000);
}

/* ---- Starting ---- */

static char *file_of(const char *yaml)
{
    static char path[64];
    FILE *f;
    snprintf(path, sizeof path, "/tmp/cairn-config-%d.yaml", (int)getpid());
    f = fopen(path, "w");
    assert_non_null(f);
    fputs(yaml, f);
    fclose(f);
    return path;
}

static void check_start(cairn_sdk *sdk, const char *want, bool records)
{
    assert_non_null(sdk);
    CHECK(strstr(describe(sdk), want), text);
    assert_int_equal(cairn_tracer_provider_global() != NULL, records);
    cairn_sdk_stop(sdk, 1000);
    assert_null(cairn_tracer_provider_global());
}

/* The file instead of all other variables; a bad one leaves propagation. */
static void test_start(void **state)
{
    char *path = file_of(HEAD PIPELINE "resource: {attributes_list: \"from=${FROM}\"}\n");
    (void)state;
    setenv("FROM", "file", 1);
    setenv("OTEL_SERVICE_NAME", "ignored", 1);
    setenv("OTEL_SDK_DISABLED", "true", 1);
    setenv("OTEL_TRACES_SAMPLER", "nonsense", 1);
    setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "nonsense", 1);
    setenv("OTEL_PROPAGATORS", "b3", 1);
    setenv("OTEL_CONFIG_FILE", path, 1);
    said[0] = '\0';
    check_start(cairn_otlp_start(NULL), "resource from: \"file\"\n", true);
    check_start(cairn_otlp_start(NULL), "propagator: none\n", true);
    check_start(cairn_config_start(path, NULL), "resource from: \"file\"\n", true);
    assert_string_equal(said, "");
    file_of(HEAD PIPELINE "  sampler: {always_up: }\n");
    check_start(cairn_otlp_start(NULL),
                "sdk: disabled\npropagator: traceparent, tracestate, baggage\n", false);
    CHECK(strstr(said, ".yaml:4: tracer_provider.sampler.always_up: no sampler is called"), said);
    assert_ptr_equal(strchr(said, '\n') + 1, said + strlen(said)); /* one line */
    said[0] = '\0';
    unlink(path);
    check_start(cairn_config_start(path, NULL),
                "sdk: disabled\npropagator: traceparent, tracestate, baggage\n", false);
    CHECK(strstr(said, "cannot be read: No such file"), said);
    unsetenv("OTEL_CONFIG_FILE");
    unsetenv("OTEL_SDK_DISABLED");
    unsetenv("OTEL_TRACES_SAMPLER");
    unsetenv("OTEL_EXPORTER_OTLP_TIMEOUT");
    unsetenv("OTEL_SERVICE_NAME");
    unsetenv("OTEL_PROPAGATORS");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sections), cmocka_unit_test(test_describe_room),
        cmocka_unit_test(test_notes),    cmocka_unit_test(test_code_wins),
        cmocka_unit_test(test_tracers),  cmocka_unit_test(test_start),
    };
    cairn_set_diagnostics(remember_diagnostic, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
