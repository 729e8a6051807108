/* The command line: what is read, from where, and the words for what is wrong. */
#include "cli/options.h"

#include "base/str.h"
#include "cli/commands.h"
#include "cli/serve_options.h"
#include "cli/units.h"
#include "test.h"

struct values {
    const char *name;
    uint64_t count, bytes, time_ns;
    int choice;
    bool flag;
    struct option_list list;
};

static const char *const choices[] = {"red", "green", NULL};

#define AT(what) .offset = offsetof(struct values, what)
static const struct option options[] = {
    {.name = "name",
     .arg = "NAME",
     .type = OPTION_STRING,
     AT(name),
     .fallback = "nobody",
     .env = true,
     .text = "a name"},
    {.name = "count",
     .arg = "N",
     .type = OPTION_COUNT,
     AT(count),
     .fallback = "5",
     .min = 2,
     .max = 9,
     .text = "a count"},
    {.name = "size",
     .arg = "SIZE",
     .type = OPTION_SIZE,
     AT(bytes),
     .fallback = "1KiB",
     .env = true,
     .text = "a size"},
    {.name = "time-out",
     .arg = "TIME",
     .type = OPTION_DURATION,
     AT(time_ns),
     .fallback = "30s",
     .env = true,
     .text = "a time"},
    {.name = "color",
     .arg = "WHEN",
     .type = OPTION_CHOICE,
     AT(choice),
     .fallback = "green",
     .choices = choices,
     .text = "a choice"},
    {.name = "all", .type = OPTION_FLAG, AT(flag), .env = true, .text = "a flag"},
    {.name = "tag", .arg = "K=V", .type = OPTION_LIST, AT(list), .text = "a list"},
    {0},
};
static const struct command with_operand = {
    .name = "test", .usage = "[OPTIONS] ID", .text = "Tests.", .options = options, .operand = "ID"};
static const struct command without = {
    .name = "test", .usage = "[OPTIONS]", .text = "Tests.", .options = options};

enum { ARGS_MAX = 8 };

/* Parses words, with one variable ("NAME=value") in the environment; what is said goes to *said, the caller frees. */
static enum options_result parse(const struct command *c, const char *const *words, const char *env,
                                 struct values *v, const char **operand, char **said)
{
    char *argv[ARGS_MAX + 2] = {(char *)(uintptr_t) "test"};
    int argc = 1;
    size_t size;
    FILE *errors = open_memstream(said, &size);
    char name[64] = "";
    for (; words[argc - 1]; argc++)
        argv[argc] = (char *)(uintptr_t)words[argc - 1];
    if (env) {
        snprintf(name, sizeof name, "%.*s", (int)strcspn(env, "="), env);
        setenv(name, env + strlen(name) + 1, 1);
    }
    *v = (struct values){0};
    enum options_result result = options_parse(c, argc, argv, v, operand, errors);
    fclose(errors);
    if (env)
        unsetenv(name);
    return result;
}

static void test_defaults(void **state)
{
    const char *const words[] = {"x", NULL};
    struct values v;
    const char *operand;
    char *said;
    (void)state;
    assert_int_equal(parse(&with_operand, words, NULL, &v, &operand, &said), OPTIONS_OK);
    assert_string_equal(v.name, "nobody");
    assert_int_equal(v.count, 5);
    assert_int_equal(v.bytes, 1024);
    assert_true(v.time_ns == 30000000000);
    assert_int_equal(v.choice, 1);
    assert_false(v.flag);
    assert_int_equal(v.list.count, 0);
    assert_string_equal(operand, "x");
    assert_string_equal(said, "");
    free(said);
}

static bool is_named_max(const struct values *v)
{
    return strcmp(v->name, "max") == 0;
}
static bool is_named_empty(const struct values *v)
{
    return strcmp(v->name, "") == 0;
}
static bool is_named_nobody(const struct values *v)
{
    return strcmp(v->name, "nobody") == 0;
}
static bool is_count_9(const struct values *v)
{
    return v->count == 9;
}
static bool is_64_mib(const struct values *v)
{
    return v->bytes == 64 << 20;
}
static bool is_1500_us(const struct values *v)
{
    return v->time_ns == 1500000;
}
static bool is_red(const struct values *v)
{
    return v->choice == 0;
}
static bool is_all(const struct values *v)
{
    return v->flag;
}
static bool is_not_all(const struct values *v)
{
    return !v->flag;
}
static bool has_two_tags(const struct values *v)
{
    return v->list.count == 2 && strcmp(v->list.items[0], "a=b") == 0 &&
           strcmp(v->list.items[1], "c=d=e") == 0;
}

static void test_good(void **state)
{
    static const struct {
        const char *words[ARGS_MAX];
        const char *env;
        bool (*check)(const struct values *v);
    } cases[] = {
        {{"--name", "max"}, NULL, is_named_max},
        {{"--name=max"}, NULL, is_named_max},
        {{"--name="}, NULL, is_named_empty},
        {{"--name", "min", "--name", "max"}, NULL, is_named_max},
        {{NULL}, "CAIRN_NAME=max", is_named_max},
        {{"--name", "max"}, "CAIRN_NAME=min", is_named_max},
        {{NULL}, "CAIRN_NAME=", is_named_nobody},
        {{"--count", "9"}, NULL, is_count_9},
        {{"--count", "9"}, "CAIRN_COUNT=7", is_count_9}, /* not from the environment */
        {{"--size", "64MiB"}, NULL, is_64_mib},
        {{NULL}, "CAIRN_SIZE=64m", is_64_mib},
        {{"--time-out=1.5ms"}, NULL, is_1500_us},
        {{NULL}, "CAIRN_TIME_OUT=1500us", is_1500_us},
        {{"--color", "red"}, NULL, is_red},
        {{"--all"}, NULL, is_all},
        {{"--all=true"}, NULL, is_all},
        {{"--all=false"}, "CAIRN_ALL=true", is_not_all},
        {{NULL}, "CAIRN_ALL=true", is_all},
        {{"--tag", "a=b", "--tag=c=d=e"}, NULL, has_two_tags},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *name = cases[i].words[0] ? cases[i].words[0] : cases[i].env, *operand;
        struct values v;
        char *said;
        CHECK(parse(&without, cases[i].words, cases[i].env, &v, &operand, &said) == OPTIONS_OK,
              name);
        CHECK(cases[i].check(&v), name);
        free(said);
    }
}

static void test_bad(void **state)
{
    static const struct {
        const struct command *command;
        const char *words[ARGS_MAX];
        const char *env, *want;
    } cases[] = {
        {&without, {"--nmae", "x"}, NULL, "unknown option --nmae; did you mean --name?"},
        {&without, {"--time"}, NULL, "unknown option --time; did you mean --time-out?"},
        {&without, {"--zzzzzzzz=1"}, NULL, "unknown option --zzzzzzzz=1\n"},
        {&without, {"-x"}, NULL, "unknown option -x\n"},
        {&without, {"--name"}, NULL, "--name needs a value: --name NAME"},
        {&without, {"--count", "ten"}, NULL, "--count: \"ten\" is not a number, as in 100"},
        {&without, {"--count", "1"}, NULL, "--count: \"1\" is too small"},
        {&without, {"--count", "10"}, NULL, "--count: \"10\" is too large"},
        {&without, {"--count", "-3"}, NULL, "--count: \"-3\" is not a number"},
        {&without, {"--size", "64XB"}, NULL, "--size: \"64XB\" is not a size, as in 64MiB"},
        {&without, {"--size", "99999999999TiB"}, NULL, "is not a size"},
        {&without, {"--time-out", "5"}, NULL, "--time-out: \"5\" is not a duration, as in 30s"},
        {&without, {"--time-out", "-5s"}, NULL, "is not a duration"},
        {&without, {"--color", "blue"}, NULL, "--color: \"blue\" is none of red, green"},
        {&without, {"--all=maybe"}, NULL, "--all takes no value"},
        {&without, {NULL}, "CAIRN_SIZE=big", "CAIRN_SIZE: \"big\" is not a size"},
        {&without, {"x"}, NULL, "unexpected argument x"},
        {&with_operand, {NULL}, NULL, "ID is missing"},
        {&with_operand, {"x", "y"}, NULL, "unexpected argument y"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct values v;
        const char *operand;
        char *said;
        CHECK(parse(cases[i].command, cases[i].words, cases[i].env, &v, &operand, &said) ==
                  OPTIONS_BAD,
              cases[i].want);
        if (!strstr(said, cases[i].want))
            fail_msg("want \"%s\", got \"%s\"", cases[i].want, said);
        CHECK(strstr(said, "Try 'cairn test --help'"), cases[i].want);
        free(said);
    }
}

static void test_operands(void **state)
{
    const char *const after[] = {"--", "--name", NULL}, *const dash[] = {"-", NULL};
    struct values v;
    const char *operand;
    char *said;
    (void)state;
    assert_int_equal(parse(&with_operand, after, NULL, &v, &operand, &said), OPTIONS_OK);
    assert_string_equal(operand, "--name");
    free(said);
    assert_int_equal(parse(&with_operand, dash, NULL, &v, &operand, &said), OPTIONS_OK);
    assert_string_equal(operand, "-");
    free(said);
}

/* Every option of every command stands in its manual page and in each shell's completion; defaults are valid. */
static char *read_file(const char *name)
{
    char path[512];
    snprintf(path, sizeof path, SOURCE_DIR "/%s", name);
    FILE *f = fopen(path, "r");
    if (!f)
        fail_msg("cannot open %s", path);
    char *text = calloc(1, 1 << 18);
    size_t n = fread(text, 1, (1 << 18) - 1, f);
    assert_true(n > 0);
    fclose(f);
    return text;
}

/* needle, not followed by more of a name */
static bool has_word(const char *text, const char *needle)
{
    for (const char *p = text; (p = strstr(p, needle)); p++) {
        char next = p[strlen(needle)];
        if (next != '-' && next != '\\' && !(next >= 'a' && next <= 'z'))
            return true;
    }
    return false;
}

static void test_documents(void **state)
{
    char *bash = read_file("packaging/completions/cairn.bash");
    char *zsh = read_file("packaging/completions/_cairn");
    char *fish = read_file("packaging/completions/cairn.fish");
    (void)state;
    for (int i = 0; commands[i]; i++) {
        char name[128];
        snprintf(name, sizeof name, "docs/man/cairn-%s.1", commands[i]->name);
        char *man = read_file(name);
        for (const struct option *o = commands[i]->options; o->name; o++) {
            char escaped[128] = "\\-\\-", *p = escaped + 4;
            for (const char *q = o->name; *q; q++) {
                if (*q == '-')
                    *p++ = '\\';
                *p++ = *q;
            }
            *p = '\0';
            CHECK(has_word(man, escaped), o->name);
            if (o->fallback && o->type != OPTION_CHOICE) {
                char text[64] = "", *at = text;
                for (const char *q = o->fallback; *q; q++) {
                    if (*q == '-')
                        *at++ = '\\';
                    *at++ = *q;
                }
                CHECK(strstr(man, text), o->name);
            }
            snprintf(name, sizeof name, "--%s", o->name);
            CHECK(has_word(bash, name), o->name);
            CHECK(has_word(zsh, name), o->name);
            snprintf(name, sizeof name, "-l %s", o->name);
            CHECK(has_word(fish, name), o->name);
        }
        free(man);
    }
    free(bash);
    free(zsh);
    free(fish);
}

static void test_serve_defaults(void **state)
{
    char *argv[] = {(char *)(uintptr_t) "serve", NULL};
    struct serve_options o = {0};
    const char *operand;
    (void)state;
    assert_int_equal(options_parse(&command_serve, 1, argv, &o, &operand, stderr), OPTIONS_OK);
    assert_string_equal(o.data_dir, "cairn-data");
    assert_string_equal(o.otlp_grpc_listen, "127.0.0.1:4317");
    assert_string_equal(o.otlp_http_listen, "127.0.0.1:4318");
    assert_string_equal(o.query_listen, "127.0.0.1:16686");
    assert_string_equal(o.tempo_listen, "127.0.0.1:3200");
    assert_int_equal(o.ack, 0);
    assert_int_equal(o.request_bytes, 64 << 20);
}

static void test_units(void **state)
{
    static const struct {
        uint64_t ns;
        const char *want;
    } durations[] = {
        {0, "0 ns"},
        {999, "999 ns"},
        {1000, "1 µs"},
        {1234, "1.23 µs"},
        {98700, "98.7 µs"},
        {999499, "999 µs"},
        {999600, "1 ms"},
        {412345678, "412 ms"},
        {1000000000, "1 s"},
        {9996000000, "10 s"},
        {59400000000, "59.4 s"},
        {59600000000, "1m 00s"},
        {123000000000, "2m 03s"},
        {3720000000000, "1h 02m"},
        {90000000000000, "25h 00m"},
    };
    static const struct {
        const char *in;
        bool ok;
        uint64_t want;
    } sizes[] = {
        {"0", true, 0},
        {"512", true, 512},
        {"4k", true, 4096},
        {"4kB", true, 4000},
        {"4KiB", true, 4096},
        {"64MiB", true, 64 << 20},
        {"64 MiB", true, 64 << 20},
        {"10GB", true, 10000000000},
        {"7B", true, 7},
        {"", false, 0},
        {"MiB", false, 0},
        {"1.5MiB", false, 0},
        {"-1", false, 0},
        {"16777216TiB", false, 0},
    };
    char got[UNITS_BYTES];
    uint64_t v;
    (void)state;
    for (size_t i = 0; i < COUNT(durations); i++) {
        format_duration(got, durations[i].ns);
        check_str(str_of(got), durations[i].want, durations[i].want);
    }
    for (size_t i = 0; i < COUNT(sizes); i++) {
        v = 0;
        CHECK(parse_size(str_of(sizes[i].in), &v) == sizes[i].ok, sizes[i].in);
        CHECK(v == sizes[i].want, sizes[i].in);
    }
    assert_true(parse_duration(STR("7d"), &v) && v == 7 * 86400 * 1000000000ull);
    assert_false(parse_duration(STR("d"), &v));
    assert_false(parse_duration(STR("1000000d"), &v));
    format_count(got, 1204331);
    assert_string_equal(got, "1,204,331");
    format_count(got, 331);
    assert_string_equal(got, "331");
    format_bytes(got, 1300000000);
    assert_string_equal(got, "1.21 GiB");
    format_bytes(got, 1023);
    assert_string_equal(got, "1 KiB");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),  cmocka_unit_test(test_good),
        cmocka_unit_test(test_bad),       cmocka_unit_test(test_operands),
        cmocka_unit_test(test_documents), cmocka_unit_test(test_serve_defaults),
        cmocka_unit_test(test_units),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
