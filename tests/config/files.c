/* Whole files, each with what it comes to kept beside it (NAME.txt): run with --update to write those anew. */
#include "config_test.h"
#include "golden.h"

static const char *const names[] = {"batch",  "grpc",    "samplers", "parents",   "resource",
                                    "limits", "tracers", "others",   "variables", "object"};

/* Without the lines that depend on program and version. */
static struct str steady(char *text)
{
    static const char *const moving[] = {"resource telemetry.sdk.version", "resource service.name: "
                                                                           "\"unknown"};
    struct str rest = str_of(text), line;
    size_t n = 0;
    while (rest.n) {
        bool drop = false;
        str_cut(rest, '\n', &line, &rest);
        for (size_t i = 0; i < COUNT(moving); i++)
            drop |= str_starts(line, str_of(moving[i]));
        if (drop)
            continue;
        memmove(text + n, line.p, line.n);
        n += line.n;
        text[n++] = '\n';
    }
    return str_make(text, n);
}

static void check_file(const char *name, const char *golden)
{
    struct cairn_config_error error = CAIRN_CONFIG_ERROR_INIT;
    char path[512], text[8192];
    cairn_config *c;
    cairn_sdk *sdk;
    size_t n;
    snprintf(path, sizeof path, GOLDEN_DIR "/%s.yaml", name);
    said[0] = '\0';
    c = cairn_config_parse_file(path, &error);
    sdk = cairn_config_create(c, NULL, &error);
    CHECK(sdk, error.text);
    n = cairn_sdk_describe(sdk, text, sizeof text);
    for (const char *line = said; *line; line = strchr(line, '\n') + 1) /* without the directory */
        n += (size_t)snprintf(text + n, sizeof text - n, "says: %.*s\n",
                              (int)(strcspn(line, "\n") - sizeof GOLDEN_DIR),
                              line + sizeof GOLDEN_DIR);
    golden_check(golden, steady(text));
    cairn_set_diagnostic_level(CAIRN_DIAGNOSTIC_INFO);
    cairn_sdk_stop(sdk, 100);
    cairn_config_free(c);
}

static void test_files(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        char golden[64];
        snprintf(golden, sizeof golden, "%s.txt", names[i]);
        check_file(names[i], golden);
    }
}

/* The same file with its variables set. */
static void test_variables(void **state)
{
    static const char *const set[][2] = {{"SHOP_NAME", "annex"},  {"SHOP_ATTRIBUTES", "a=1"},
                                         {"SHOP_LENGTH", "99"},   {"SHOP_PROPAGATORS", "b3"},
                                         {"SHOP_DELAY", "0x10"},  {"SHOP_COLLECTOR", "https://c"},
                                         {"SHOP_HEADERS", "k=v"}, {"SHOP_CA", "/etc/ca.pem"}};
    (void)state;
    for (size_t i = 0; i < COUNT(set); i++)
        setenv(set[i][0], set[i][1], 1);
    check_file("variables", "variables-set.txt");
    setenv("SHOP_TRACING_OFF", "true", 1);
    check_file("variables", "variables-off.txt");
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_variables),
    };
    golden_arguments(argc, argv);
    cairn_set_diagnostics(remember_diagnostic, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
