/* Queries on the command line: errors with a caret, traces with their spans, numbers as charts, tables and CSV. */
#include <math.h>

#include "cli/chart.h"
#include "cli/query_text.h"
#include "cli/search_query.h"
#include "cli/series_print.h"
#include "golden.h"
#include "test.h"

/* ---- Errors ---- */

static void test_point(void **state)
{
    static const struct {
        const char *text;
        uint32_t at, length;
        unsigned width;
        const char *want;
    } cases[] = {
        {"{ .a == 1 }", 5, 2, 80, "  { .a == 1 }\n       ^~\n"},
        {"{", 1, 0, 80, "  {\n   ^\n"},
        {"", 0, 0, 80, "  \n  ^\n"},
        {"{ .a = 1 &&\n  .b == 2\n}", 17, 2, 80, "    .b == 2\n       ^~\n"},
        {"{ .\xc3\xa9\xe4\xb8\xad = }", 11, 1, 80, "  { .\xc3\xa9\xe4\xb8\xad = }\n           ^\n"},
        {"{ .a = 1 && .b = 2 && .c = }", 27, 1, 28,
         "  …& .b = 2 && .c = }\n"
         "                    ^\n"},
        {"{ .aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa }", 2, 38, 32,
         "  { .aaaaaaaaaaaaaaaaaaaaaaaaaa…\n    ^~~~~~~~~~~~~~~~~~~~~~~~~~~~\n"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct traceql_diag place = {TRACEQL_SYNTAX, cases[i].at, cases[i].length};
        struct buf out;
        buf_init(&out, 0);
        query_text_point(str_of(cases[i].text), &place, cases[i].width, false, &out);
        check_str(buf_str(&out), cases[i].want, cases[i].text);
        buf_release(&out);
    }
}

/* ---- Traces ---- */

static const char found[] =
    "{\"traces\":[{\"traceID\":\"abc1\",\"rootServiceName\":\"shop\",\"rootTraceName\":\"GET /cart\","
    "\"startTimeUnixNano\":\"1700000000000000000\",\"durationMs\":120,\"spanSets\":[{\"spans\":["
    "{\"spanID\":\"00000000000000a2\",\"name\":\"reserve\",\"startTimeUnixNano\":"
    "\"1700000000001000000\",\"durationNanos\":\"9000000\",\"attributes\":[{\"key\":\"sku\","
    "\"value\":{\"stringValue\":\"4711\"}},{\"key\":\"tries\",\"value\":{\"intValue\":\"3\"}},"
    "{\"key\":\"ratio\",\"value\":{\"doubleValue\":0.5}},{\"key\":\"hit\",\"value\":{\"boolValue\":"
    "true}},{\"key\":\"none\",\"value\":{}}]},{\"spanID\":\"00000000000000a3\",\"name\":"
    "\"a name that is quite long and \\u001b[2J goes on\",\"startTimeUnixNano\":"
    "\"1700000000002000000\",\"durationNanos\":\"1500\"}],\"matched\":1200,\"attributes\":[{\"key\":"
    "\"by(resource.service.name)\",\"value\":{\"stringValue\":\"shop\"}},{\"key\":\"count()\","
    "\"value\":{\"intValue\":\"1200\"}}]}],\"serviceStats\":{\"shop\":{\"spanCount\":1300,"
    "\"errorCount\":1},\"stock\":{\"spanCount\":4}}},{\"traceID\":"
    "\"0123456789abcdef0123456789abcdef\",\"startTimeUnixNano\":\"1699999900000000000\"}]}";

static void test_traces(void **state)
{
    static const unsigned widths[] = {60, 120};
    (void)state;
    for (size_t i = 0; i < COUNT(widths); i++) {
        struct trace_list l = {.width = widths[i], .now_ns = 1700000060000000000, .colors = i == 1};
        char golden[40];
        uint64_t count;
        struct err err;
        buf_init(&l.out, 0);
        assert_int_equal(search_query_list(str_of(found), &l, &count, &err), 0);
        assert_int_equal(count, 2);
        snprintf(golden, sizeof golden, "query-traces-%u.txt", widths[i]);
        golden_check(golden, buf_str(&l.out));
        buf_release(&l.out);
    }
}

static void test_bad_answers(void **state)
{
    static const char *const answers[] = {"", "[]", "{", "pending"};
    (void)state;
    for (size_t i = 0; i < COUNT(answers); i++) {
        struct trace_list l = {.width = 80};
        struct answer_series_list list;
        struct arena arena;
        uint64_t count;
        struct err err;
        buf_init(&l.out, 0);
        arena_init(&arena, 0);
        CHECK(search_query_list(str_of(answers[i]), &l, &count, &err) == ERR_INVALID, answers[i]);
        CHECK(series_answer_read(str_of(answers[i]), &arena, &list, &err) == ERR_INVALID,
              answers[i]);
        arena_release(&arena);
        buf_release(&l.out);
    }
}

/* ---- Numbers ---- */

enum { START_S = 1700000000, STEP_S = 60, STEPS = 60 };

/* An answer with series of waves, each with a gap. */
static void make_answer(struct buf *out, unsigned series, const char *key)
{
    buf_put_str(out, STR("{\"series\":["));
    for (unsigned n = 0; n < series; n++) {
        buf_printf(out, "%s{\"labels\":[{\"key\":\"%s\",\"value\":{", n ? "," : "", key);
        if (n == 1)
            buf_put_str(out, STR("}}],\"samples\":["));
        else if (strcmp(key, "__bucket") == 0)
            buf_printf(out, "\"doubleValue\":%g}}],\"samples\":[", 0.001 * (1 << n));
        else
            buf_printf(out, "\"stringValue\":\"service, \\\"%u\\\"\"}}],\"samples\":[", n);
        for (unsigned i = 0; i < STEPS; i++) {
            if (i == 30)
                continue;
            buf_printf(out, "%s{\"timestampMs\":\"%lld\"", i ? "," : "",
                       1000LL * (START_S + (i + 1) * STEP_S));
            if (i % 7) /* 0 is left away */
                buf_printf(out, ",\"value\":%.3f",
                           (n + 1) * 1000 * (1 + sin(0.15 * i + n)) + 50 * (i % 3));
            buf_put_str(out, STR("}"));
        }
        buf_put_str(out, STR("]}"));
    }
    buf_put_str(out, STR("]}"));
}

static void read_answer(unsigned series, const char *key, struct arena *arena,
                        struct answer_series_list *ret)
{
    struct buf text;
    struct err err;
    buf_init(&text, 0);
    make_answer(&text, series, key);
    assert_int_equal(series_answer_read(buf_str(&text), arena, ret, &err), 0);
    buf_release(&text);
}

static void test_charts(void **state)
{
    static const struct {
        const char *golden, *key;
        unsigned series, width, height;
        enum axis_unit unit;
        bool colors, buckets;
    } cases[] = {
        {"chart-one.txt", "name", 1, 80, 10, AXIS_RATE, false, false},
        {"chart-narrow.txt", "name", 1, 30, 4, AXIS_COUNT, false, false},
        {"chart-colors.txt", "resource.service.name", 3, 100, 12, AXIS_COUNT, true, false},
        {"chart-lines.txt", "resource.service.name", 3, 100, 12, AXIS_SECONDS, false, false},
        {"chart-buckets.txt", "__bucket", 5, 90, 12, AXIS_COUNT, false, true},
        {"chart-many.txt", "name", 50, 60, 12, AXIS_COUNT, true, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct answer_series_list list;
        struct chart c = {.series = &list,
                          .unit = cases[i].unit,
                          .start_ms = 1000LL * START_S,
                          .end_ms = 1000LL * (START_S + STEPS * STEP_S),
                          .width = cases[i].width,
                          .height = cases[i].height,
                          .colors = cases[i].colors,
                          .buckets = cases[i].buckets,
                          .bucket_seconds = true};
        struct arena arena;
        struct buf out;
        arena_init(&arena, 0);
        buf_init(&out, 0);
        read_answer(cases[i].series, cases[i].key, &arena, &list);
        if (!cases[i].buckets)
            series_answer_sort(&list);
        chart_put(&c, &out);
        golden_check(cases[i].golden, buf_str(&out));
        buf_release(&out);
        arena_release(&arena);
    }
}

static void test_series(void **state)
{
    struct answer_series_list list;
    struct arena arena;
    struct buf out;
    (void)state;
    arena_init(&arena, 0);
    buf_init(&out, 0);
    read_answer(3, "a,b", &arena, &list);
    assert_int_equal(list.count, 3);
    assert_int_equal(list.time_count, STEPS - 1);
    check_str(list.keys, "a,b", "heading");
    check_str(list.items[1].name, "nil", "no value");
    assert_true(list.items[0].min == 0 && list.items[0].count == STEPS - 1);
    series_answer_sort(&list);
    check_str(list.items[0].name, "service, \"2\"", "the largest sum first");
    list.time_count = 2;
    series_print_csv(&list, &out);
    check_str(buf_str(&out),
              "time,\"a,b\",value\n"
              "2023-11-14T22:14:20.000000000Z,\"service, \"\"2\"\"\",0\n"
              "2023-11-14T22:15:20.000000000Z,\"service, \"\"2\"\"\",5560.6959999999999\n"
              "2023-11-14T22:14:20.000000000Z,,0\n"
              "2023-11-14T22:15:20.000000000Z,,3875.5279999999998\n"
              "2023-11-14T22:14:20.000000000Z,\"service, \"\"0\"\"\",0\n"
              "2023-11-14T22:15:20.000000000Z,\"service, \"\"0\"\"\",1199.4380000000001\n",
              "csv");
    buf_clear(&out);
    series_print_table(&list, AXIS_COUNT, 100, false, &out);
    golden_check("series-table.txt", buf_str(&out));
    buf_release(&out);
    arena_release(&arena);
}

static void test_comparison(void **state)
{
    static const char text[] =
        "{\"series\":["
        "{\"labels\":[{\"key\":\"__meta_type\",\"value\":{\"stringValue\":\"baseline\"}},"
        "{\"key\":\"span.a\",\"value\":{\"stringValue\":\"x\"}}],\"samples\":["
        "{\"timestampMs\":\"1000\",\"value\":1000},{\"timestampMs\":\"2000\",\"value\":234}]},"
        "{\"labels\":[{\"key\":\"__meta_type\",\"value\":{\"stringValue\":\"selection\"}},"
        "{\"key\":\"span.a\",\"value\":{\"stringValue\":\"x\"}}],\"samples\":["
        "{\"timestampMs\":\"1000\",\"value\":7}]},"
        "{\"labels\":[{\"key\":\"__meta_type\",\"value\":{\"stringValue\":\"baseline\"}},"
        "{\"key\":\"span.a\",\"value\":{\"stringValue\":\"y\"}}],\"samples\":["
        "{\"timestampMs\":\"1000\",\"value\":1}]},"
        "{\"labels\":[{\"key\":\"__meta_type\",\"value\":{\"stringValue\":\"baseline_total\"}},"
        "{\"key\":\"span.a\",\"value\":{}}],\"samples\":[{\"timestampMs\":\"1000\",\"value\":9}]}]}";
    struct answer_series_list list;
    struct arena arena;
    struct err err;
    struct buf out;
    (void)state;
    arena_init(&arena, 0);
    buf_init(&out, 0);
    assert_int_equal(series_answer_read(str_of(text), &arena, &list, &err), 0);
    series_print_comparison(&list, 80, false, &out);
    check_str(buf_str(&out),
              "ATTRIBUTE  VALUE  SELECTION  BASELINE\n"
              "span.a     x              7     1,234\n"
              "span.a     y              0         1\n",
              "comparison");
    buf_release(&out);
    arena_release(&arena);
}

static void test_axis(void **state)
{
    static const struct {
        double value;
        enum axis_unit unit;
        const char *want;
    } cases[] = {
        {0, AXIS_COUNT, "0"},
        {1.234, AXIS_COUNT, "1.23"},
        {999, AXIS_COUNT, "999"},
        {1000, AXIS_COUNT, "1k"},
        {1234567, AXIS_RATE, "1.23M/s"},
        {-2500, AXIS_COUNT, "-2.5k"},
        {0.25, AXIS_SECONDS, "250 ms"},
        {0, AXIS_SECONDS, "0 s"},
        {-1, AXIS_SECONDS, "-1 s"},
        {(double)NAN, AXIS_COUNT, "-"},
        {1e30, AXIS_COUNT, "1e+15P"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[UNITS_BYTES];
        axis_format(text, cases[i].value, cases[i].unit);
        check_str(str_of(text), cases[i].want, cases[i].want);
    }
    assert_true(axis_step(10, 5) == 2 && axis_step(7, 4) == 2 && axis_step(100, 3) == 50);
    assert_true(axis_step(0, 3) == 1);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_point),      cmocka_unit_test(test_traces),
        cmocka_unit_test(test_charts),     cmocka_unit_test(test_series),
        cmocka_unit_test(test_axis),       cmocka_unit_test(test_bad_answers),
        cmocka_unit_test(test_comparison),
    };
    setenv("TZ", "UTC", 1);
    golden_arguments(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
