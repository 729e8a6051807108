/* Finding the "result" objects of an answer. */
#include "cli/json_results.h"

#include "test.h"

static void test_results(void **state)
{
    static const struct {
        const char *in;
        const char *want[3];
    } cases[] = {
        {"{\"result\":{\"a\":1}}", {"{\"a\":1}"}},
        {" { \"result\" :\n {\"a\":1} } ", {"{\"a\":1}"}},
        {"{\"result\":{\"a\":1}}\n{\"result\":{\"b\":{}}}", {"{\"a\":1}", "{\"b\":{}}"}},
        {"[{\"result\":{}},{\"result\":{}}]", {"{}", "{}"}},
        {"{\"other\":\"result\",\"result\":{\"x\":\"}\"}}", {"{\"x\":\"}\"}"}},
        {"{\"result\":{\"x\":\"\\\"}{\"}}", {"{\"x\":\"\\\"}{\"}"}},
        {"{\"a\\\"result\":{},\"result\":{\"y\":[{}]}}", {"{\"y\":[{}]}"}},
        {"{\"result\":{\"a\":1}", {"{\"a\":1}"}},
        {"{\"result\":{\"a\":1", {NULL}},
        {"{\"result\":\"text\"}", {NULL}},
        {"{\"result\"", {NULL}},
        {"{\"result\":", {NULL}},
        {"\"result", {NULL}},
        {"\"\\", {NULL}},
        {"", {NULL}},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct guarded g = guarded_copy(cases[i].in, strlen(cases[i].in));
        struct str got;
        size_t at = 0, n = 0;
        for (; json_results_next(g.bytes, &at, &got); n++) {
            CHECK(n < 3 && cases[i].want[n], cases[i].in);
            check_str(got, cases[i].want[n], cases[i].in);
        }
        CHECK(!cases[i].want[n], cases[i].in);
        guarded_free(&g);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(test_results)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
