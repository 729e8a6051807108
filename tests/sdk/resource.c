/* Resources: made, merged, decoded from the environment, unchanged for ever, and what becomes of them in a forked child. */
#include <sys/wait.h>

#include "sdk_test.h"

static bool value_of(const cairn_resource *r, const char *key, struct cairn_attr *ret)
{
    for (size_t i = 0; cairn_resource_attribute(r, i, ret); i++) {
        if (ret->key.n == strlen(key) && memcmp(ret->key.p, key, ret->key.n) == 0)
            return true;
    }
    return false;
}

static void check_text(const cairn_resource *r, const char *key, const char *want, const char *name)
{
    struct cairn_attr a;
    CHECK(value_of(r, key, &a), name);
    CHECK(a.value.type == CAIRN_TYPE_STRING, name);
    check_cairn_str(a.value.as.string, want, name);
}

static size_t count_of(const cairn_resource *r)
{
    struct cairn_attr a;
    size_t n = 0;
    while (cairn_resource_attribute(r, n, &a))
        n++;
    return n;
}

/* "k=v,k=v" and a schema URL; decoded by the same code as the environment's. */
static cairn_resource *of(const char *pairs, const char *schema)
{
    cairn_resource *text, *url = cairn_resource_new(NULL, schema), *both;
    setenv("OTEL_RESOURCE_ATTRIBUTES", pairs, 1);
    text = cairn_resource_from_env();
    both = cairn_resource_merge(url, text);
    cairn_resource_unref(text);
    cairn_resource_unref(url);
    unsetenv("OTEL_RESOURCE_ATTRIBUTES");
    return both;
}

static const struct {
    const char *name, *old, *old_schema, *updating, *updating_schema;
    const char *want, *want_schema;
    unsigned diagnostics;
} merges[] = {
    {"both empty", "", NULL, "", NULL, "", "", 0},
    {"no overlap", "a=1", NULL, "b=2", NULL, "a=1,b=2", "", 0},
    {"updating wins", "a=1,b=1", NULL, "b=2,c=2", NULL, "a=1,b=2,c=2", "", 0},
    {"an empty value wins too", "a=1", NULL, "a=", NULL, "a=", "", 0},
    {"old schema stays", "a=1", "u1", "b=2", NULL, "a=1,b=2", "u1", 0},
    {"updating schema comes", "a=1", NULL, "b=2", "u2", "a=1,b=2", "u2", 0},
    {"same schema", "a=1", "u1", "b=2", "u1", "a=1,b=2", "u1", 0},
    {"schemas differ", "a=1", "u1", "a=2", "u2", "a=2", "", 1},
    {"empty schema is none", "a=1", "", "b=2", "u2", "a=1,b=2", "u2", 0},
};

static void test_merge(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(merges); i++) {
        const char *name = merges[i].name;
        cairn_resource *old = of(merges[i].old, merges[i].old_schema);
        cairn_resource *updating = of(merges[i].updating, merges[i].updating_schema);
        cairn_resource *want = of(merges[i].want, NULL), *got;
        size_t old_n = count_of(old);
        struct cairn_attr a;
        listen_to_diagnostics();
        got = cairn_resource_merge(old, updating);
        CHECK(said_lines() == merges[i].diagnostics, name);
        cairn_set_diagnostics(NULL, NULL);
        CHECK(count_of(got) == count_of(want), name);
        for (size_t j = 0; cairn_resource_attribute(want, j, &a); j++) {
            struct cairn_attr there;
            char key[16];
            snprintf(key, sizeof key, "%.*s", STR_ARG(a.key));
            CHECK(value_of(got, key, &there), name);
            CHECK(str_eq(str_make(there.value.as.string.p, there.value.as.string.n),
                         str_make(a.value.as.string.p, a.value.as.string.n)),
                  name);
        }
        check_cairn_str(cairn_resource_schema_url(got), merges[i].want_schema, name);
        CHECK(count_of(old) == old_n, name);
        cairn_resource_unref(old);
        cairn_resource_unref(updating);
        cairn_resource_unref(want);
        cairn_resource_unref(got);
    }
}

/* What came in and what went out may go: a merged resource stands alone. */
static void test_immutable(void **state)
{
    char key[] = "key", value[] = "value";
    const char *list[] = {"x", "y"};
    struct cairn_attr attr[] = {CAIRN_STR(key, value), CAIRN_STRS("list", list, 2)}, a;
    struct cairn_attrs attrs = {attr, 2};
    cairn_resource *r = cairn_resource_new(&attrs, "u"), *sum;
    (void)state;
    memset(key, 'X', 3);
    memset(value, 'X', 5);
    list[0] = "changed";
    check_text(r, "key", "value", "copied");
    sum = cairn_resource_merge(r, NULL);
    cairn_resource_unref(r);
    check_text(sum, "key", "value", "merged");
    assert_true(value_of(sum, "list", &a));
    assert_int_equal(a.value.type, CAIRN_TYPE_LIST);
    assert_int_equal(a.value.as.list.count, 2);
    check_cairn_str(a.value.as.list.items[0].as.string, "x", "list");
    check_cairn_str(cairn_resource_schema_url(sum), "u", "schema");
    assert_ptr_equal(cairn_resource_ref(sum), sum);
    cairn_resource_unref(sum);
    cairn_resource_unref(sum);
    sum = cairn_resource_merge(NULL, NULL);
    assert_int_equal(count_of(sum), 0);
    cairn_resource_unref(sum);
    assert_int_equal(count_of(NULL), 0);
}

static const struct {
    const char *attributes, *service;
    const char *key, *want; /* NULL: nothing at all */
    unsigned diagnostics;
} environments[] = {
    {"a=1", NULL, "a", "1", 0},
    {" a = 1 , b = 2 ", NULL, "b", "2", 0},
    {"a=b%3Dc%2Cd", NULL, "a", "b=c,d", 0},
    {"%61%2E%62=1", NULL, "a.b", "1", 0},
    {"a=%E2%82%AC", NULL, "a", "\xe2\x82\xac", 0},
    {"a=", NULL, "a", "", 0},
    {"a=1,a=2", NULL, "a", "2", 0},
    {"a=b=c", NULL, "a", "b=c", 0},
    {"service.name=x", "y", "service.name", "y", 0},
    {"service.name=x", "", "service.name", "x", 0},
    {"", "  spaces  ", "service.name", "spaces", 0},
    {"", NULL, NULL, NULL, 0},
    {"   ", NULL, NULL, NULL, 0},
    {"a=1,b", NULL, NULL, NULL, 1},
    {"a=1,=2", NULL, NULL, NULL, 1},
    {"a=1,b=%4", NULL, NULL, NULL, 1},
    {"a=%zz,b=1", NULL, NULL, NULL, 1},
    {"a=1,b=%", "kept", "service.name", "kept", 1},
};

static void test_environment(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(environments); i++) {
        const char *name = environments[i].attributes;
        cairn_resource *r;
        setenv("OTEL_RESOURCE_ATTRIBUTES", name, 1);
        if (environments[i].service)
            setenv("OTEL_SERVICE_NAME", environments[i].service, 1);
        listen_to_diagnostics();
        r = cairn_resource_from_env();
        CHECK(said_lines() == environments[i].diagnostics, name);
        cairn_set_diagnostics(NULL, NULL);
        if (environments[i].key)
            check_text(r, environments[i].key, environments[i].want, name);
        else
            CHECK(count_of(r) == 0, name);
        CHECK(cairn_resource_schema_url(r).n == 0, name);
        cairn_resource_unref(r);
        unsetenv("OTEL_RESOURCE_ATTRIBUTES");
        unsetenv("OTEL_SERVICE_NAME");
    }
}

static void test_default(void **state)
{
    cairn_resource *r = cairn_resource_default();
    struct cairn_attr a;
    (void)state;
    check_text(r, "telemetry.sdk.name", "cairn", "sdk");
    check_text(r, "telemetry.sdk.language", "c", "sdk");
    check_text(r, "telemetry.sdk.version", cairn_version(), "sdk");
    check_text(r, "service.name", "unknown_service:test_sdk_resource", "service.name");
    check_text(r, "process.executable.name", "test_sdk_resource", "process");
    check_text(r, "os.type", "linux", "os");
    assert_true(value_of(r, "service.instance.id", &a));
    assert_true(value_of(r, "host.name", &a));
    assert_true(value_of(r, "process.pid", &a));
    assert_int_equal(a.value.as.integer, getpid());
    assert_false(value_of(r, "process.command_args", &a));
    assert_true(cairn_resource_schema_url(r).n > 0);
    cairn_resource_unref(r);
}

/* ---- Layers of an SDK ---- */

static cairn_status send_resource(void *user, const cairn_span_batch *batch, uint32_t timeout_ms)
{
    static const char *const keys[] = {"service.instance.id", "process.creation.time", "mine"};
    const cairn_span_data *span = cairn_batch_span(batch, 0);
    struct cairn_attr a;
    char line[512] = "", ids[3][64] = {"", "", ""};
    long pid = 0, parent = 0;
    int n;
    (void)timeout_ms;
    for (size_t i = 0; cairn_span_data_resource_attribute(span, i, &a); i++) {
        for (size_t k = 0; k < COUNT(keys); k++) {
            if (a.key.n == strlen(keys[k]) && memcmp(a.key.p, keys[k], a.key.n) == 0)
                snprintf(ids[k], sizeof ids[k], "%.*s", STR_ARG(a.value.as.string));
        }
        if (a.key.n == 11 && memcmp(a.key.p, "process.pid", 11) == 0)
            pid = (long)a.value.as.integer;
        if (a.key.n == 18 && memcmp(a.key.p, "process.parent_pid", 18) == 0)
            parent = (long)a.value.as.integer;
    }
    n = snprintf(line, sizeof line, "%s %s %s %d %d\n", ids[0], ids[1], ids[2], pid == getpid(),
                 parent == getppid());
    return write(*(int *)user, line, (size_t)n) == n ? CAIRN_OK : CAIRN_ERROR_FAILED;
}

struct told {
    char instance[64], created[64], mine[64];
    int pid_right, parent_right;
};

/* The parent, a child and the child's child export a span each; what each says of itself. */
static void three_generations(cairn_resource *resource, struct told told[3])
{
    static const struct cairn_exporter_ops ops = {.size = sizeof ops,
                                                  .export_spans = send_resource};
    static const struct cairn_tracer_options scope = {.size = sizeof scope, .name = "resource"};
    int ends[2], status;
    cairn_processor *p;
    cairn_sdk *sdk;
    cairn_tracer *tracer;
    FILE *lines;
    assert_int_equal(pipe(ends), 0);
    p = cairn_processor_batch(cairn_exporter_custom(&ops, &ends[1]), NULL);
    sdk = cairn_sdk_new(CAIRN_SDK(.processors = &p, .processor_count = 1, .resource = resource));
    tracer = cairn_tracer_get_with(cairn_sdk_tracer_provider(sdk), &scope);
    for (int generation = 0; generation < 3; generation++) {
        pid_t child;
        cairn_span_end(cairn_span_start(tracer, "span", NULL));
        if (cairn_sdk_force_flush(sdk, 20000) != CAIRN_OK)
            _exit(3);
        child = generation < 2 ? fork() : -1;
        if (child == 0)
            continue; /* goes on as the next generation */
        if (child > 0 && (waitpid(child, &status, 0) != child || status != 0))
            _exit(4);
        if (generation > 0)
            _exit(cairn_sdk_stop(sdk, 20000) == CAIRN_OK ? 0 : 5);
        break;
    }
    assert_int_equal(cairn_sdk_stop(sdk, CAIRN_FOREVER), CAIRN_OK);
    close(ends[1]);
    lines = fdopen(ends[0], "r");
    assert_non_null(lines);
    for (int i = 0; i < 3; i++)
        assert_int_equal(fscanf(lines, "%63s %63s %63s %d %d", told[i].instance, told[i].created,
                                told[i].mine, &told[i].pid_right, &told[i].parent_right),
                         5);
    fclose(lines);
}

static void test_fork(void **state)
{
    cairn_resource *mine = cairn_resource_new(CAIRN_ATTRS(CAIRN_STR("mine", "kept")), NULL);
    cairn_resource *before = cairn_resource_default();
    struct cairn_attr a;
    struct told told[3];
    (void)state;
    three_generations(mine, told);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(strlen(told[i].instance), 36);
        assert_int_equal(strlen(told[i].created), 24);
        assert_string_equal(told[i].mine, "kept");
        assert_int_equal(told[i].pid_right, 1);
        assert_int_equal(told[i].parent_right, 1);
        for (int j = 0; j < i; j++) {
            assert_string_not_equal(told[i].instance, told[j].instance);
            assert_true(strcmp(told[j].created, told[i].created) <= 0);
        }
    }
    assert_true(value_of(before, "service.instance.id", &a)); /* all SDKs of a process: the same */
    check_cairn_str(a.value.as.string, told[0].instance, "instance");
    cairn_resource_unref(before);
    cairn_resource_unref(mine);
}

/* What the application says is the application's, in the child too. */
static void test_fork_keeps_what_was_set(void **state)
{
    cairn_resource *set = cairn_resource_new(
        CAIRN_ATTRS(CAIRN_STR("service.instance.id", "shop-1"), CAIRN_STR("mine", "x"),
                    CAIRN_STR("process.creation.time", "yesterday")),
        NULL);
    struct told told[3];
    (void)state;
    three_generations(set, told);
    for (int i = 0; i < 3; i++) {
        assert_string_equal(told[i].instance, "shop-1");
        assert_string_equal(told[i].created, "yesterday");
    }
    check_text(set, "service.instance.id", "shop-1", "the application's own");
    cairn_resource_unref(set);
}

/* A worker that starts its SDK after the fork, in a process that had looked at its resource before. */
static void test_fork_before_the_sdk(void **state)
{
    cairn_resource *here = cairn_resource_detect("service"), *there;
    struct cairn_attr a, b;
    int status;
    pid_t child = fork();
    (void)state;
    if (child == 0) {
        bool differ;
        there = cairn_resource_detect("service");
        differ = value_of(here, "service.instance.id", &a) &&
                 value_of(there, "service.instance.id", &b) &&
                 memcmp(a.value.as.string.p, b.value.as.string.p, 36) != 0;
        cairn_resource_unref(here); /* valgrind looks for leaks here, too */
        cairn_resource_unref(there);
        _exit(differ ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    cairn_resource_unref(here);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_merge),
        cmocka_unit_test(test_immutable),
        cmocka_unit_test(test_environment),
        cmocka_unit_test(test_default),
        cmocka_unit_test(test_fork),
        cmocka_unit_test(test_fork_keeps_what_was_set),
        cmocka_unit_test(test_fork_before_the_sdk),
    };
    unsetenv("OTEL_RESOURCE_ATTRIBUTES");
    unsetenv("OTEL_SERVICE_NAME");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
