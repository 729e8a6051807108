/* methods.c - the known methods of the environment: read once, so this is a program of its own. */
#include "instrumentation/http/parts.h"
#include "sdk/sdk_test.h"

static void test_environment(void **state)
{
    static const char *const known[] = {"GET", "PROPFIND", "X-1"};
    static const char *const unknown[] = {"POST", "get", "", " GET"};
    static const char *const list[] = {"POST", NULL};
    static const struct cairn_http_options defaults = {.size = sizeof defaults};
    static const struct cairn_http_options own = {.size = sizeof own, .known_methods = list};
    (void)state;
    for (size_t i = 0; i < COUNT(known); i++)
        check_cairn_str(method_known(cairn_str_of(known[i]), &defaults), known[i], known[i]);
    for (size_t i = 0; i < COUNT(unknown); i++)
        check_cairn_str(method_known(cairn_str_of(unknown[i]), &defaults), "", unknown[i]);
    check_cairn_str(method_known(CAIRN_S("POST"), &own), "POST", "options beat the environment");
    /* what changes afterwards changes nothing */
    setenv("OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS", "POST", 1);
    check_cairn_str(method_known(CAIRN_S("POST"), &defaults), "", "read once");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_environment)};
    setenv("OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS", " GET ,,PROPFIND,\tX-1", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
