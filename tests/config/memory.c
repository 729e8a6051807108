/* Every allocation of a parse, and then of a creation, fails in turn: an error that says so, nothing lost, nothing broken.
 * By standing in front of the C library's functions, so that libyaml's allocations fail too. */
#include <errno.h>

#include "config_test.h"

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t size);
extern void __libc_free(void *p);

#define SEEN __attribute__((visibility("default"))) /* by shared libraries too */

static _Thread_local bool counting;
static long calls, fail_at, live;

static bool refuse(void)
{
    if (counting && ++calls == fail_at) {
        errno = ENOMEM;
        return true;
    }
    return false;
}

static void *count(void *p)
{
    live += counting && p;
    return p;
}

SEEN void *malloc(size_t size)
{
    return refuse() ? NULL : count(__libc_malloc(size));
}

SEEN void *calloc(size_t n, size_t size)
{
    return refuse() ? NULL : count(__libc_calloc(n, size));
}

SEEN void *realloc(void *p, size_t size)
{
    if (refuse())
        return NULL;
    return p ? __libc_realloc(p, size) : count(__libc_realloc(p, size));
}

SEEN void free(void *p)
{
    live -= counting && p;
    __libc_free(p);
}

static const char everything[] = HEAD
    "x: &part [1, two, {three: \"${UNSET:-4}\"}]\ny: [*part, *part]\n"
    "resource:\n  attributes_list: \"a=1,b=2\"\n  attributes:\n"
    "    - {name: c, value: [1, 2], type: int_array}\n  schema_url: \"https://x\"\n"
    "  detection/development: {attributes: {excluded: [host.*]}, detectors: [{process: }]}\n"
    "propagator: {composite: [{tracecontext: }, {b3: }], composite_list: baggage}\n"
    "attribute_limits: {attribute_count_limit: 3}\n"
    "tracer_provider:\n  processors:\n    - batch: {exporter: {otlp_file/development: }}\n"
    "    - simple: {exporter: {console: }}\n"
    "  sampler: {parent_based: {root: {composite/development: {rule_based: {rules: "
    "[{span_kinds: [server], attribute_values: {key: k, values: [a, b]}, sampler: {probability: "
    "{ratio: 0.5}}}, {sampler: {always_on: }}]}}}}}\n"
    "  tracer_configurator/development: {tracers: [{name: a*, config: {enabled: false}}]}\n";

/* One parse with allocation number `at` failing; false when there was none of that number. */
static bool parse_failing(long at)
{
    struct cairn_config_error error = CAIRN_CONFIG_ERROR_INIT;
    cairn_config *c;
    live = calls = 0;
    fail_at = at;
    counting = true;
    c = config_parse("f.yaml", str_of(everything), test_get, &error);
    counting = false;
    if (calls < at) {
        counting = true;
        cairn_config_free(c);
        counting = false;
        assert_int_equal(live, 0);
        return false;
    }
    assert_null(c);
    assert_int_equal(live, 0);
    CHECK(error.status == CAIRN_ERROR_NO_MEMORY || error.status == CAIRN_ERROR_LIMIT, error.text);
    CHECK(strstr(error.text, "memory"), error.text);
    return true;
}

static void test_parse(void **state)
{
    long at = 1;
    (void)state;
    while (parse_failing(at))
        at++;
    assert_true(at > 20); /* it was about something */
}

static bool create_failing(const cairn_config *c, long at)
{
    struct cairn_config_error error = CAIRN_CONFIG_ERROR_INIT;
    cairn_sdk *sdk;
    bool reached;
    calls = 0;
    fail_at = at;
    counting = true;
    sdk = cairn_config_create(c, NULL, &error);
    counting = false;
    reached = calls >= at;
    if (!sdk)
        CHECK(error.status != CAIRN_OK && error.text[0], "says why");
    cairn_sdk_stop(sdk, 100);
    if (!reached)
        assert_non_null(sdk);
    return reached;
}

/* An SDK keeps what other threads may look at, so that only crashes and silence count here. */
static void test_create(void **state)
{
    struct cairn_config_error error = CAIRN_CONFIG_ERROR_INIT;
    cairn_config *c = config_parse("f.yaml", str_of(everything), test_get, &error);
    long at = 1;
    (void)state;
    CHECK(c, error.text);
    while (create_failing(c, at))
        at++;
    assert_true(at > 50);
    cairn_config_free(c);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_create),
    };
    cairn_set_diagnostics(remember_diagnostic, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
