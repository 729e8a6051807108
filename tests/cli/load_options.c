/* The command line of `cairn load`: what goes together, and what a run is made of it. */
#include "cli/load_options.h"

#include "cli/commands.h"
#include "test.h"

enum { ARGS_MAX = 20 };

/* Splits at spaces. The words stay until the next call: what was read borrows from them. */
static int read_line(const char *line, struct load_run_options *r, struct err *err)
{
    static char words[512];
    static struct load_options o;
    char *argv[ARGS_MAX + 1] = {(char *)(uintptr_t) "load"}, *save = NULL;
    const char *operand;
    int argc = 1;
    snprintf(words, sizeof words, "%s", line);
    for (char *w = strtok_r(words, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
        assert_true(argc < ARGS_MAX);
        argv[argc++] = w;
    }
    o = (struct load_options){.target = NULL};
    assert_int_equal(options_parse(&command_load, argc, argv, &o, &operand, stderr), OPTIONS_OK);
    return load_options_read(&o, r, err);
}

static void test_lengths(void **state)
{
    static const struct {
        const char *line;
        uint64_t spans, trace_spans, duration_s;
    } cases[] = {
        {"", 0, 0, 10},
        {"--spans 5", 5, 0, 0},
        {"--duration 3s", 0, 0, 3},
        {"--duration 3s --spans 5", 5, 0, 3},
        {"--shape wide", 0, 0, 10},
        {"--shape wide --trace-spans 7", 0, 7, 10},
        {"--shape huge", 1000000, 0, 0},
        {"--shape huge --spans 5000", 5000, 5000, 0},
        {"--shape huge --trace-spans 700", 700, 700, 0},
        {"--shape huge --trace-spans 700 --spans 1400", 1400, 700, 0},
        {"--shape huge --duration 3s", 0, 0, 3},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct load_run_options r;
        struct err err = {0};
        CHECK(read_line(cases[i].line, &r, &err) == 0, cases[i].line);
        CHECK(r.gen.spans == cases[i].spans, cases[i].line);
        CHECK(r.gen.trace_spans == cases[i].trace_spans, cases[i].line);
        CHECK(r.duration_ns == cases[i].duration_s * 1000000000, cases[i].line);
    }
}

static void test_values(void **state)
{
    struct load_run_options r;
    (void)state;
    assert_int_equal(read_line("", &r, NULL), 0);
    assert_int_equal(r.gen.shape, LOAD_SHOP);
    assert_true(r.gen.seed > 0);
    struct load_run_options other;
    assert_int_equal(read_line("", &other, NULL), 0);
    assert_true(other.gen.seed != r.gen.seed);
    assert_int_equal(read_line("--start 1790000000", &other, NULL), 0);
    assert_int_equal(other.gen.seed, 1);
    assert_int_equal(r.gen.batch, 512);
    assert_int_equal(r.connections, 4);
    assert_int_equal(r.in_flight, 16);
    assert_int_equal(r.timeout_ms, 10000);
    assert_int_equal(r.retry_ms, 60000);
    assert_string_equal(r.target.url, "grpc://127.0.0.1:4317");
    assert_int_equal(read_line("--protocol http/json --shape deep --gzip --rate 12 --header a=b "
                               "--spans 9 --prepare",
                               &r, NULL),
                     0);
    assert_string_equal(r.target.url, "http://127.0.0.1:4318/v1/traces");
    assert_int_equal(r.target.protocol, LOAD_HTTP_JSON);
    assert_int_equal(r.gen.shape, LOAD_DEEP);
    assert_true(r.gzip && r.prepare && r.rate > 11.9 && r.rate < 12.1);
    assert_int_equal(r.header_count, 1);
    assert_int_equal(read_line("--spans 9 --out x --out-format json", &r, NULL), 0);
    assert_int_equal(r.out_format, LOAD_HTTP_JSON);
}

static void test_refusals(void **state)
{
    static const struct {
        const char *line, *words;
    } cases[] = {
        {"--start yesterday", "--start: \"yesterday\" is no time"},
        {"--trace-spans 5", "--shape shop"},
        {"--prepare", "--prepare needs --spans"},
        {"--out x", "--out needs --spans"},
        {"--out x --spans 5 --gzip", "--out does not send"},
        {"--out x --spans 5 --rate 5", "--out does not send"},
        {"--out - --spans 5 --ids -", "the same file"},
        {"--header x", "--header: \"x\" is not NAME=VALUE"},
        {"--target ftp://x", "none of grpc, http, https"},
        {"--target grpc://x --protocol http/json", "does not go with"},
        {"--target x:99999", "is no target"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct load_run_options r;
        struct err err = {0};
        CHECK(read_line(cases[i].line, &r, &err) == ERR_INVALID, cases[i].line);
        if (!strstr(err.msg, cases[i].words))
            fail_msg("%s: %s", cases[i].line, err.msg);
    }
}

static void test_times(void **state)
{
    static const struct {
        const char *text;
        uint64_t want; /* 0 = refused */
    } cases[] = {
        {"2026-11-21T13:14:01Z", 1795266841000000000},
        {"2026-11-21T13:14:01.5Z", 1795266841500000000},
        {"2026-11-21T13:14:01.123456789Z", 1795266841123456789},
        {"1795266841", 1795266841000000000},
        {"1795266841000000007", 1795266841000000007},
        {"2024-02-29T00:00:00Z", 1709164800000000000},
        {"2026-11-21T13:14:01", 0},
        {"2026-11-21T13:14:01+01:00", 0},
        {"2026-13-21T13:14:01Z", 0},
        {"2026-11-32T13:14:01Z", 0},
        {"2026-11-21T24:14:01Z", 0},
        {"1969-11-21T13:14:01Z", 0},
        {"2026-11-21", 0},
        {"0", 0},
        {"-5", 0},
        {"", 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint64_t got = 0;
        CHECK(load_parse_time(cases[i].text, &got) == (cases[i].want != 0), cases[i].text);
        CHECK(cases[i].want == 0 || got == cases[i].want, cases[i].text);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lengths), cmocka_unit_test(test_values),
        cmocka_unit_test(test_refusals), cmocka_unit_test(test_times)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
