/* Files that are wrong: every one is refused as a whole, with one message that names line and key and says what to do. */
#include "config_test.h"

#define IN_PROCESSOR(what) HEAD "tracer_provider:\n  processors:\n    - " what
#define SAMPLER(what)      HEAD PIPELINE "  sampler:\n    " what

static const struct {
    const char *yaml, *want; /* the whole message behind "f.yaml:" */
} cases[] = {
    /* not YAML, or not the YAML that is meant */
    {"", "1: the file is empty; it needs file_format"},
    {"# only this\n", "1: the file is empty; it needs file_format"},
    {"a: [1", "2: not YAML: did not find expected ',' or ']' while parsing a flow sequence"},
    {"a: b: c", "1: not YAML: mapping values are not allowed in this context"},
    {"\tx: 1", "1: not YAML: found character that cannot start any token while scanning for the "
               "next token"},
    {HEAD "---\na: 1\n", "2: a second document (---); a file is one document"},
    {HEAD "a: 1\nb: 2\na: 3\n", "4: a: stands here twice, first in line 2; remove one"},
    {HEAD "? [a]\n: 1\n", "2: a key must be text, not a list or a map"},
    {HEAD "x: *y\n", "2: an alias (*) without an anchor (&) before it"},
    {HEAD "x: &y [*y]\n", "2: an alias (*) inside of what it stands for"},
    {HEAD "x: !!binary aGk=\n", "2: a value does not fit its tag (!), or the tag is not known"},
    {HEAD "x: !!int hello\n", "2: a value does not fit its tag (!), or the tag is not known"},
    {HEAD "x: !mine {a: 1}\n", "2: a map with a tag (!)"},
    {HEAD "x: \"a\\0b\"\n", "2: x: has a NUL character"},
    {"- a\n", "1: must be a map, is a list"},
    {"text\n", "1: must be a map, is a string"},
    /* file_format */
    {"disabled: true\n", "1: needs the key file_format"},
    {"file_format: 1.1\n", "1: file_format: must be a string, is a number; put it in quotes"},
    {"file_format: \"2.0\"\n",
     "1: file_format: version 2.0 is not known to Cairn; write the file for 1.1"},
    {"file_format: \"0.4\"\n",
     "1: file_format: version 0.4 is not known to Cairn; write the file for 1.1"},
    {"file_format: one\n", "1: file_format: \"one\" is not a version; write \"1.1\""},
    {"file_format: \"1\"\n", "1: file_format: \"1\" is not a version; write \"1.1\""},
    {"file_format: \"1.1x\"\n", "1: file_format: \"1.1x\" is not a version; write \"1.1\""},
    /* types, words, numbers, keys */
    {HEAD "disabled: maybe\n", "2: disabled: must be a boolean or null, is a string"},
    {HEAD "log_level: loud\n",
     "2: log_level: \"loud\" is not known; known: trace, trace2, trace3, trace4, debug, debug2, debug3, "
     "debug4, info, info2, info3, info4, warn, warn2, warn3, warn4, error, error2, error3, error4, "
     "fatal, fatal2, fatal3, fatal4"},
    {HEAD "attribute_limits: {attribute_count_limit: -1}\n",
     "2: attribute_limits.attribute_count_limit: must be from 0 to 4294967295, is -1"},
    {HEAD "attribute_limits: {attribute_count_limit: 1.5}\n",
     "2: attribute_limits.attribute_count_limit: must be an integer or null, is a number"},
    {HEAD "attribute_limits: {count: 1}\n",
     "2: attribute_limits.count: not a key that may stand here; known: attribute_value_length_limit, "
     "attribute_count_limit"},
    {HEAD "attribute_limits:\n",
     "2: attribute_limits: must be a map, is null; give it a value or leave the key out"},
    {HEAD "resource: []\n", "2: resource: must be a map, is a list"},
    /* resource */
    {HEAD "resource: {attributes: []}\n",
     "2: resource.attributes: is an empty list; give it an entry or leave the key out"},
    {HEAD "resource:\n  attributes:\n    - name: a\n",
     "4: resource.attributes[0]: needs the key value"},
    {HEAD "resource:\n  attributes:\n    - {name: a, value: 1}\n",
     "4: resource.attributes[0].value: is an integer, but the attribute's type is string; put it in "
     "quotes or say type"},
    {HEAD "resource:\n  attributes:\n    - {name: a, value: x, type: int}\n",
     "4: resource.attributes[0].value: is a string, but the attribute's type is int; change one of "
     "the two"},
    {HEAD "resource:\n  attributes:\n    - {name: a, value: [1, x], type: int_array}\n",
     "4: resource.attributes[0].value[1]: is a string, but the attribute's type is int_array; change "
     "one of the two"},
    {HEAD "resource:\n  attributes:\n    - {name: a, value: 1, type: int_array}\n",
     "4: resource.attributes[0].value: must be a list, because its type is int_array"},
    {HEAD "resource:\n  attributes:\n    - {name: \"\", value: x}\n",
     "4: resource.attributes[0]: name must not be empty"},
    {HEAD "resource:\n  attributes:\n    - {name: a, value: x, type: text}\n",
     "4: resource.attributes[0].type: \"text\" is not known; known: string, bool, int, double, "
     "string_array, bool_array, int_array, double_array"},
    {HEAD "resource: {attributes_list: \"a=%zz\"}\n",
     "2: resource.attributes_list: must be key=value,key=value with , and = in values written as %2C "
     "and %3D"},
    {HEAD "resource:\n  detection/development: {detectors: [{cloud: }]}\n",
     "3: resource.detection/development.detectors[0].cloud: no resource detector is called "
     "\"cloud\"; built in: container, host, process, service, os, process_command_args; others need "
     "cairn_config_register"},
    /* propagator */
    {HEAD "propagator: {composite: [tracecontext]}\n",
     "2: propagator.composite[0]: must be a map, is a string"},
    {HEAD "propagator: {composite: [{tracecontext: , baggage: }]}\n",
     "2: propagator.composite[0]: must have one key, the name of a propagator; has 2"},
    {HEAD "propagator: {composite: [{b3: {single: true}}]}\n",
     "2: propagator.composite[0].b3.single: not a key that may stand here: no keys may; remove it"},
    {HEAD "propagator: {composite_list: \"tracecontext,w3c\"}\n",
     "2: propagator.composite_list: no propagator is called \"w3c\"; built in: tracecontext, "
     "baggage, b3, b3multi, jaeger, ottrace; others need cairn_config_register"},
    {HEAD "propagator: {composite: [{xray: }]}\n",
     "2: propagator.composite[0].xray: xray is not part of Cairn; use tracecontext, or register one "
     "with cairn_config_register"},
    /* tracer_provider */
    {HEAD "tracer_provider: {}\n", "2: tracer_provider: needs the key processors"},
    {HEAD "tracer_provider: {processors: }\n",
     "2: tracer_provider.processors: must be a list, is null; give it a value or leave the key out"},
    {IN_PROCESSOR("batch:\n"),
     "4: tracer_provider.processors[0].batch: must be a map, is null; give it a value or leave the "
     "key out"},
    {IN_PROCESSOR("batch: {schedule_delay: 1}\n"),
     "4: tracer_provider.processors[0].batch: needs the key exporter"},
    {IN_PROCESSOR("batch: {max_queue_size: 0, exporter: {console: }}\n"),
     "4: tracer_provider.processors[0].batch.max_queue_size: must be from 1 to 4294967293, is 0"},
    {IN_PROCESSOR("batch: {max_queue_size: 5, max_export_batch_size: 6, exporter: {console: }}\n"),
     "4: tracer_provider.processors[0].batch.max_export_batch_size: must be at most max_queue_size, "
     "which is 5"},
    {IN_PROCESSOR("batch: {schedule_delay: \"1\", exporter: {console: }}\n"),
     "4: tracer_provider.processors[0].batch.schedule_delay: must be an integer or null, is a "
     "string"},
    {IN_PROCESSOR("fast: {}\n"),
     "4: tracer_provider.processors[0].fast: no span processor is called \"fast\"; built in: batch, "
     "simple; others need cairn_config_register"},
    {IN_PROCESSOR("fast: 7\n"),
     "4: tracer_provider.processors[0].fast: must be a map or null, is an integer"},
    {IN_PROCESSOR("simple: {exporter: {zipkin: {endpoint: x}}}\n"),
     "4: tracer_provider.processors[0].simple.exporter.zipkin: zipkin is not supported, it has left "
     "the specification; use otlp_http, which Zipkin's successors and collectors take"},
    {IN_PROCESSOR("simple: {exporter: {otlp_http: {endpoint: \"localhost:4318\"}}}\n"),
     "4: tracer_provider.processors[0].simple.exporter.otlp_http.endpoint: must begin with http:// or "
     "https:// and name a host"},
    {IN_PROCESSOR("simple: {exporter: {otlp_http: {compression: lz4}}}\n"),
     "4: tracer_provider.processors[0].simple.exporter.otlp_http.compression: \"lz4\" is not known; "
     "known: gzip, none"},
    {IN_PROCESSOR("simple: {exporter: {otlp_http: {tls: {insecure: true}}}}\n"),
     "4: tracer_provider.processors[0].simple.exporter.otlp_http.tls.insecure: not a key that may "
     "stand here; known: ca_file, key_file, cert_file"},
    {IN_PROCESSOR("simple: {exporter: {otlp_http: {tls: {ca_file: ca.pem}}}}\n"),
     "4: tracer_provider.processors[0].simple.exporter.otlp_http.tls.ca_file: must be an absolute "
     "path, is \"ca.pem\""},
    {IN_PROCESSOR("simple: {exporter: {otlp_grpc: {tls: {key_file: /k.pem}}}}\n"),
     "4: tracer_provider.processors[0].simple.exporter.otlp_grpc.tls: needs both key_file and "
     "cert_file, or neither"},
    {IN_PROCESSOR("simple: {exporter: {otlp_http: {headers: [{name: a, value: 1}]}}}\n"),
     "4: tracer_provider.processors[0].simple.exporter.otlp_http.headers[0].value: must be a string or "
     "null, is an integer; put it in quotes"},
    {IN_PROCESSOR("simple: {exporter: {otlp_file/development: {output_stream: out.json}}}\n"),
     "4: tracer_provider.processors[0].simple.exporter.otlp_file/development.output_stream: must be "
     "stdout or file:///PATH, is \"out.json\""},
    /* samplers */
    {SAMPLER("always_on: {x: 1}\n"),
     "5: tracer_provider.sampler.always_on.x: not a key that may stand here: no keys may; remove "
     "it"},
    {SAMPLER("trace_id_ratio_based: {ratio: 1.5}\n"),
     "5: tracer_provider.sampler.trace_id_ratio_based.ratio: must be from 0 to 1, is 1.5"},
    {SAMPLER("trace_id_ratio_based: {ratio: .nan}\n"),
     "5: tracer_provider.sampler.trace_id_ratio_based.ratio: must be from 0 to 1, is nan"},
    {SAMPLER("parent_based: {root: {dice: }}\n"),
     "5: tracer_provider.sampler.parent_based.root.dice: no sampler is called \"dice\"; built in: "
     "always_on, always_off, trace_id_ratio_based, parent_based, always_record, "
     "probability/development, jaeger_remote/development, composite/development; others need "
     "cairn_config_register"},
    {SAMPLER(
         "composite/development: {rule_based: {rules: [{span_kinds: [web], sampler: {always_on: "
         "}}]}}\n"),
     "5: tracer_provider.sampler.composite/development.rule_based.rules[0].span_kinds[0]: \"web\" is "
     "not known; known: internal, server, client, producer, consumer"},
    {SAMPLER("jaeger_remote/development: {endpoint: \"http://a:5778\"}\n"),
     "5: tracer_provider.sampler.jaeger_remote/development: needs the key initial_sampler"},
    {SAMPLER("jaeger_remote/development: {endpoint: \"a:5778\", initial_sampler: {always_on: }}\n"),
     "5: tracer_provider.sampler.jaeger_remote/development.endpoint: must begin with http:// or "
     "https:// and name a host"},
    {SAMPLER("jaeger_remote/development: {endpoint: \"http://a b\", initial_sampler: {always_on: "
             "}}\n"),
     "5: tracer_provider.sampler.jaeger_remote/development.endpoint: must be a URL, without blanks"},
    {SAMPLER("composite/development: {parent_threshold: {}}\n"),
     "5: tracer_provider.sampler.composite/development.parent_threshold: needs the key root"},
    {HEAD PIPELINE "  id_generator: {uuid: }\n",
     "4: tracer_provider.id_generator.uuid: no id generator is called \"uuid\"; built in: random; "
     "others need cairn_config_register"},
    {HEAD PIPELINE "  tracer_configurator/development: {tracers: [{name: a}]}\n",
     "4: tracer_provider.tracer_configurator/development.tracers[0]: needs the key config"},
};

static void test_table(void **state)
{
    (void)state;
    cairn_set_diagnostics(remember_diagnostic, NULL);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct cairn_config_error error = CAIRN_CONFIG_ERROR_INIT;
        cairn_config *c = parse(cases[i].yaml, &error);
        cairn_sdk *sdk = cairn_config_create(c, NULL, &error);
        said[0] = '\0';
        CHECK(!sdk, cases[i].yaml);
        CHECK(error.status == CAIRN_ERROR_INVALID, cases[i].yaml);
        if (strncmp(error.text, "f.yaml:", 7) != 0 || strcmp(error.text + 7, cases[i].want) != 0)
            fail_msg("case \"%s\":\n got  f.yaml:%s\n want f.yaml:%s", cases[i].yaml,
                     error.text + 7, cases[i].want);
        CHECK(said[0] == '\0', said); /* the message is the caller's to say */
        cairn_config_free(c);
    }
}

/* ---- Limits ---- */

static void expect_limit(const char *text, const char *want)
{
    struct cairn_config_error error = CAIRN_CONFIG_ERROR_INIT;
    assert_null(parse(text, &error));
    CHECK(error.status == CAIRN_ERROR_LIMIT, error.text);
    CHECK(strstr(error.text, want), error.text);
}

static char *repeat(const char *head, const char *part, size_t times, const char *tail)
{
    size_t n = strlen(part);
    char *text = malloc(strlen(head) + times * n + strlen(tail) + 1), *at = text;
    at += sprintf(at, "%s", head);
    for (size_t i = 0; i < times; i++, at += n)
        memcpy(at, part, n);
    memcpy(at, tail, strlen(tail) + 1);
    return text;
}

static void test_limits(void **state)
{
    char *deep = repeat(HEAD "x: ", "[", 64, ""), *large = repeat(HEAD "#", "x", 1 << 20, "\n");
    char *many = repeat(HEAD "x: [", "1,", 100001, "]\n");
    (void)state;
    expect_limit(deep, "f.yaml:2: more than 64 levels");
    expect_limit(large, "f.yaml: larger than 1048576 bytes");
    expect_limit(many, "f.yaml:2: more than 100000 values");
    free(deep);
    free(large);
    free(many);
}

/* Nine levels of nine aliases each: 80 lines that would be billions of nodes. */
static void test_billion_laughs(void **state)
{
    char text[4096];
    int n = sprintf(text, HEAD "a0: &a0 [x,x,x,x,x,x,x,x,x]\n");
    (void)state;
    for (int i = 1; i < 10; i++) {
        n += sprintf(text + n, "a%d: &a%d [", i, i);
        for (int j = 0; j < 9; j++)
            n += sprintf(text + n, "%s*a%d", j ? "," : "", i - 1);
        n += sprintf(text + n, "]\n");
    }
    expect_limit(text, "more than 100000 values (aliases count as what they stand for)");
    n = sprintf(text, HEAD "a0: &a0 [x]\n");
    for (int i = 1; i < 70; i++)
        n += sprintf(text + n, "a%d: &a%d [*a%d]\n", i, i, i - 1);
    expect_limit(text, "more than 64 levels");
}

/* A value of 64 KiB is one too many, and a message stays within its room. */
static void test_long(void **state)
{
    struct cairn_config_error error = CAIRN_CONFIG_ERROR_INIT;
    char *value = repeat(HEAD "x: ", "v", 65537, "\n");
    char *fits = repeat(HEAD "x: ", "v", 65536, "\n");
    char *key = repeat(HEAD "attribute_limits: {", "k", 2000, ": 1}\n");
    (void)state;
    cairn_config_free(parse(fits, &error));
    assert_int_equal(error.status, CAIRN_OK);
    expect_limit(value, "f.yaml:2: a value of more than 65536 bytes");
    assert_null(parse(key, &error));
    assert_int_equal(error.line, 2);
    assert_true(strlen(error.text) < sizeof error.text);
    free(fits);
    free(value);
    free(key);
}

static void test_files(void **state)
{
    static const struct {
        const char *path, *want;
    } missing[] = {
        {"/nonexistent/f.yaml",
         "/nonexistent/f.yaml: cannot be read: No such file or directory; look "
         "at the path and its permissions"},
        {"/", "/: cannot be read: Is a directory; look at the path and its permissions"},
        {NULL, ": cannot be read: No such file or directory; look at the path and its permissions"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(missing); i++) {
        struct cairn_config_error error = CAIRN_CONFIG_ERROR_INIT;
        assert_null(cairn_config_parse_file(missing[i].path, &error));
        assert_string_equal(error.text, missing[i].want);
        assert_null(cairn_config_parse_file(missing[i].path, NULL));
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),          cmocka_unit_test(test_limits),
        cmocka_unit_test(test_billion_laughs), cmocka_unit_test(test_long),
        cmocka_unit_test(test_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
