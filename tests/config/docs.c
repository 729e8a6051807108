/* docs/configuration.md says what the tables say: every variable with its default, every key of the file, examples that
 * work. */
#include "config/component.h"
#include "config_test.h"
#include "sdk/env.h"

static char page[65536];

static int read_page(void **state)
{
    FILE *f = fopen(CONFIGURATION_PAGE, "r");
    size_t n;
    (void)state;
    assert_non_null(f);
    n = fread(page, 1, sizeof page - 1, f);
    fclose(f);
    assert_true(n > 0 && n < sizeof page - 1);
    return 0;
}

static bool next_line(struct str *rest, struct str *line)
{
    if (rest->n == 0)
        return false;
    str_cut(*rest, '\n', line, rest);
    return true;
}

/* Without blanks and backquotes; "-" is nothing. */
static struct str cell(struct str *row)
{
    struct str c;
    str_cut(*row, '|', &c, row);
    c = str_trim(c);
    if (c.n >= 2 && c.p[0] == '`')
        c = str_make(c.p + 1, c.n - 2);
    return str_eq(c, STR("-")) ? (struct str){"", 0} : c;
}

static const struct env_variable *variable(struct str name)
{
    for (const struct env_variable *v = env_variables; v->name; v++) {
        if (str_eq(name, str_of(v->name)))
            return v;
    }
    return NULL;
}

static void test_variables(void **state)
{
    struct str rest = str_of(page), line;
    size_t rows = 0, variables = 0;
    (void)state;
    while (next_line(&rest, &line)) {
        if (!str_starts(line, STR("| `OTEL_")))
            continue;
        line = str_from(line, 1);
        struct str name = cell(&line), standard = cell(&line);
        const struct env_variable *v = variable(name);
        char shown[100];
        snprintf(shown, sizeof shown, "%.*s", STR_ARG(name));
        CHECK(v, shown);
        check_str(standard, v->standard, shown);
        rows++;
    }
    while (env_variables[variables].name)
        variables++;
    assert_int_equal(rows, variables); /* none is missing, none is there twice */
}

/* The defaults that the page and the table claim are those of the code. */
static const char *nothing(const char *name)
{
    (void)name;
    return NULL;
}

static void test_defaults(void **state)
{
    struct env_config c;
    (void)state;
    env_read(nothing, &c);
    for (const struct env_variable *v = env_variables; v->name; v++) {
        char is[32] = "none";
        uint32_t number;
        if (v->kind != ENV_NUMBER)
            continue;
        memcpy(&number, (char *)&c + v->offset, sizeof number);
        if (number != UINT32_MAX)
            snprintf(is, sizeof is, "%u", number);
        CHECK(strcmp(is, v->standard) == 0, v->name);
    }
    check_str(c.exporters, variable(STR("OTEL_TRACES_EXPORTER"))->standard, "exporters");
}

static void check_named(const char *key)
{
    char quoted[100];
    snprintf(quoted, sizeof quoted, "`%s`", key);
    CHECK(strstr(page, quoted), key);
}

/* Every key below a shape; components are rows of their own. */
static void check_keys(const struct shape *shape)
{
    for (const struct field *f = shape->fields; f && f->key; f++) {
        check_named(f->key);
        check_keys(f->shape);
    }
    if (shape->items)
        check_keys(shape->items);
}

static void test_keys(void **state)
{
    static const struct component *const tables[] = {
        exporter_components,   processor_components,    sampler_components, composable_components,
        propagator_components, id_generator_components, detector_components};
    (void)state;
    check_keys(&shape_file);
    for (size_t i = 0; i < COUNT(tables); i++) {
        for (const struct component *c = tables[i]; c->kind; c++) {
            check_named(c->name);
            if (c->shape)
                check_keys(c->shape);
        }
    }
}

static void test_examples(void **state)
{
    char *at = page;
    size_t count = 0;
    (void)state;
    test_env = NULL;
    while ((at = strstr(at, "```yaml\n"))) {
        struct cairn_config_error error = CAIRN_CONFIG_ERROR_INIT;
        char *end = strstr(at += 8, "```");
        cairn_config *c;
        cairn_sdk *sdk;
        assert_non_null(end);
        c = config_parse("example", str_make(at, (size_t)(end - at)), test_get, &error);
        sdk = cairn_config_create(c, NULL, &error);
        CHECK(sdk, error.text);
        cairn_sdk_stop(sdk, 100);
        cairn_config_free(c);
        at = end + 3;
        count++;
    }
    assert_int_equal(count, 2);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_variables),
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_examples),
    };
    return cmocka_run_group_tests(tests, read_page, NULL);
}
