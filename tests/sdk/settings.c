/* Settings without libcairn-otlp: the file that nobody reads, readers, the level of diagnostics, what is refused with a
 * hint, and the code equivalents of variables. */
#include "sdk/env.h"
#include "sdk_test.h"

static const char *one_name, *one_value;

static const char *get(const char *name)
{
    return strcmp(name, one_name) == 0 ? one_value : NULL;
}

static struct env_config read_one(const char *name, const char *value)
{
    struct env_config c;
    one_name = name;
    one_value = value;
    said[0] = '\0';
    env_read(get, &c);
    return c;
}

/* ---- OTEL_LOG_LEVEL ---- */

static void test_level(void **state)
{
    static const struct {
        const char *value;
        int32_t want;
        unsigned lines; /* of four that are said below */
    } cases[] = {
        {"", CAIRN_DIAGNOSTIC_INFO, 3},
        {"info", CAIRN_DIAGNOSTIC_INFO, 3},
        {"debug", CAIRN_DIAGNOSTIC_INFO, 3},
        {"TRACE", CAIRN_DIAGNOSTIC_INFO, 3},
        {"warn", CAIRN_DIAGNOSTIC_WARNING, 2},
        {"Warning", CAIRN_DIAGNOSTIC_WARNING, 2},
        {" error ", CAIRN_DIAGNOSTIC_ERROR, 1},
        {"none", 0, 0},
        {"fatal", 0, 0},
        {"loud", CAIRN_DIAGNOSTIC_INFO, 4},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct env_config c = read_one("OTEL_LOG_LEVEL", cases[i].value);
        for (int32_t severity = CAIRN_DIAGNOSTIC_ERROR; severity <= CAIRN_DIAGNOSTIC_INFO;
             severity++)
            cairn_diagnose(severity, CAIRN_S("line"));
        CHECK(c.log_level == cases[i].want, cases[i].value);
        CHECK(said_lines() == cases[i].lines, cases[i].value);
        cairn_set_diagnostic_level(CAIRN_DIAGNOSTIC_INFO);
    }
}

/* ---- One line for each value that cannot be used ---- */

static void test_words(void **state)
{
    static const struct {
        const char *name, *value, *want; /* NULL: nothing is said */
    } cases[] = {
        {"OTEL_ENTITIES", "service{a=b}",
         "OTEL_ENTITIES is not supported, use OTEL_RESOURCE_ATTRIBUTES\n"},
        {"OTEL_EXPERIMENTAL_CONFIG_FILE", "/x",
         "OTEL_EXPERIMENTAL_CONFIG_FILE is not supported, use OTEL_CONFIG_FILE\n"},
        {"OTEL_EXPORTER_ZIPKIN_ENDPOINT", "http://z",
         "OTEL_EXPORTER_ZIPKIN_ENDPOINT is not supported, use OTEL_TRACES_EXPORTER=otlp and "
         "OTEL_EXPORTER_OTLP_ENDPOINT\n"},
        {"OTEL_ENTITIES", "", NULL},
        {"OTEL_BSP_SCHEDULE_DELAY", "0", NULL},
        {"OTEL_BSP_SCHEDULE_DELAY", "1.5",
         "OTEL_BSP_SCHEDULE_DELAY=1.5 is not a number from 0 on, ignored\n"},
        {"OTEL_BSP_MAX_QUEUE_SIZE", "-5",
         "OTEL_BSP_MAX_QUEUE_SIZE=-5 is not a number from 1 on, ignored\n"},
        {"OTEL_SDK_DISABLED", "on",
         "OTEL_SDK_DISABLED=on is neither true nor false, taken as false\n"},
        {"OTEL_TRACES_SAMPLER", "AlwaysOn", "sampler"},
        {"OTEL_TRACES_SAMPLER", "ALWAYS_ON", NULL},
        {"OTEL_TRACES_EXPORTER", "zipkin",
         "OTEL_TRACES_EXPORTER: zipkin is not supported and has left the specification, left out; use "
         "otlp\n"},
        {"OTEL_TRACES_EXPORTER", "logging",
         "OTEL_TRACES_EXPORTER: logging is the old name of console, left out; use console\n"},
        {"OTEL_TRACES_EXPORTER", "None", NULL},
        {"OTEL_PROPAGATORS", "xray,b3,datadog",
         "OTEL_PROPAGATORS: not known, left out: xray (not part of Cairn: use tracecontext), "
         "datadog\n"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct env_config c = read_one(cases[i].name, cases[i].value);
        cairn_processor *made[8];
        size_t count = 0;
        if (strcmp(cases[i].name, "OTEL_TRACES_EXPORTER") == 0)
            count = env_processors(&c, made, COUNT(made));
        CHECK(count == 0, cases[i].value);
        cairn_propagator_unref(env_propagator(&c));
        if (cases[i].want && strcmp(cases[i].want, "sampler") == 0)
            continue; /* said when it is made */
        CHECK(strcmp(said, cases[i].want ? cases[i].want : "") == 0, said);
    }
}

static void test_zero(void **state)
{
    (void)state;
    assert_int_equal(read_one("OTEL_BSP_SCHEDULE_DELAY", "0").batch.schedule_delay_ms, 1);
    assert_true(read_one("OTEL_BSP_EXPORT_TIMEOUT", "0").batch.export_timeout_ms == CAIRN_FOREVER);
    assert_int_equal(read_one("OTEL_ATTRIBUTE_COUNT_LIMIT", "0").limits.attribute_count, 0);
}

/* Every row's variable alone, with a value that fits nothing: at most one line, never a crash. */
static void test_every_variable(void **state)
{
    (void)state;
    for (const struct env_variable *v = env_variables; v->name; v++) {
        read_one(v->name, "=,%zz\x01 \xff");
        CHECK(said_lines() <= 1, v->name);
        CHECK(v->kind == ENV_TEXT || v->kind == ENV_ELSEWHERE || said_lines() == 1, v->name);
        cairn_set_diagnostic_level(CAIRN_DIAGNOSTIC_INFO);
    }
}

/* ---- OTEL_CONFIG_FILE ---- */

static void check_off(cairn_sdk *sdk)
{
    assert_non_null(sdk);
    assert_null(cairn_tracer_provider_global());
    check_cairn_str(cairn_propagator_field(cairn_propagator_global(), 0), "traceparent", "w3c");
    check_cairn_str(cairn_propagator_field(cairn_propagator_global(), 2), "baggage", "baggage");
    assert_int_equal(cairn_sdk_stop(sdk, 100), CAIRN_OK);
    assert_ptr_equal(cairn_propagator_global(), cairn_propagator_none());
}

static void count_free(void *user)
{
    ++*(int *)user;
}

static cairn_processor *counted(int *freed)
{
    static const struct cairn_processor_ops ops = {.size = sizeof ops, .free_user = count_free};
    return cairn_processor_custom(&ops, freed);
}

static void test_no_reader(void **state)
{
    int freed = 0;
    cairn_processor *own = counted(&freed);
    (void)state;
    setenv("OTEL_CONFIG_FILE", "/etc/shop.yaml", 1);
    setenv("OTEL_PROPAGATORS", "b3", 1);
    said[0] = '\0';
    check_off(cairn_sdk_start(CAIRN_SDK(.processors = &own, .processor_count = 1)));
    assert_string_equal(said,
                        "OTEL_CONFIG_FILE=/etc/shop.yaml needs libcairn-otlp: link it and call "
                        "cairn_otlp_start; nothing is traced\n");
    assert_int_equal(freed, 1);
    unsetenv("OTEL_CONFIG_FILE");
    unsetenv("OTEL_PROPAGATORS");
}

static char seen[64];
static bool refuses;

static cairn_sdk *reader(const char *path, const struct cairn_sdk_options *options)
{
    snprintf(seen, sizeof seen, "%s %s", path, options->service_name);
    return refuses ? NULL : cairn_sdk_new(options);
}

static void test_reader(void **state)
{
    cairn_sdk *sdk;
    (void)state;
    setenv("OTEL_CONFIG_FILE", " a.yaml ", 1);
    setenv("OTEL_SDK_DISABLED", "true", 1); /* not read */
    cairn_sdk_set_config_reader(reader);
    sdk = cairn_sdk_start(CAIRN_SDK(.service_name = "s"));
    assert_string_equal(seen, "a.yaml s");
    assert_ptr_equal(cairn_tracer_provider_global(), cairn_sdk_tracer_provider(sdk));
    cairn_sdk_stop(sdk, 100);
    refuses = true;
    check_off(cairn_sdk_start(CAIRN_SDK(.service_name = "s")));
    sdk = cairn_sdk_start(CAIRN_SDK(.service_name = "s", .propagator = cairn_propagator_b3()));
    assert_ptr_equal(cairn_propagator_global(), cairn_propagator_b3());
    cairn_sdk_stop(sdk, 100);
    cairn_sdk_set_config_reader(NULL);
    unsetenv("OTEL_CONFIG_FILE");
    unsetenv("OTEL_SDK_DISABLED");
}

/* ---- The same by code ---- */

static void test_disabled_by_code(void **state)
{
    int freed = 0;
    cairn_processor *own = counted(&freed);
    cairn_sdk *sdk;
    (void)state;
    sdk = cairn_sdk_start(CAIRN_SDK(.disabled = true, .processors = &own, .processor_count = 1));
    check_off(sdk);
    assert_int_equal(freed, 1);
}

static void test_set_global(void **state)
{
    cairn_sdk *sdk = cairn_sdk_new(CAIRN_SDK(.propagator = cairn_propagator_b3()));
    (void)state;
    assert_null(cairn_tracer_provider_global());
    cairn_sdk_set_global(NULL);
    cairn_sdk_set_global(sdk);
    assert_ptr_equal(cairn_tracer_provider_global(), cairn_sdk_tracer_provider(sdk));
    assert_ptr_equal(cairn_propagator_global(), cairn_propagator_b3());
    cairn_sdk_stop(sdk, 100);
    assert_null(cairn_tracer_provider_global());
    assert_ptr_equal(cairn_propagator_global(), cairn_propagator_none());
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_level),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_zero),
        cmocka_unit_test(test_every_variable),
        cmocka_unit_test(test_no_reader),
        cmocka_unit_test(test_reader),
        cmocka_unit_test(test_disabled_by_code),
        cmocka_unit_test(test_set_global),
    };
    listen_to_diagnostics();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
