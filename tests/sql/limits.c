/* Statements that want too much: every bound ends them with words that say which, and leaves nothing behind. */
#include "fixture.h"

#include "base/clock.h"
#include "sql/memory.h"

#include <sqlite3.h>

static struct sql_fixture fixture;

#define FOREVER "with recursive n(x) as (select 1 union all select x + 1 from n) "

static int setup(void **state)
{
    (void)state;
    fixture_open(&fixture);
    fixture_shop(&fixture, 5, 20000, FIXTURE_NOW_NS);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fixture_close(&fixture);
    return 0;
}

static void expect_failure(const char *sql, int code, const char *words)
{
    int got = fixture_run(&fixture, sql, SQL_CSV);
    if (got != code || !strstr(fixture.err.msg, words))
        fail_msg("%s\ngot %d: %s\nwant %d: %s", sql, got, fixture.err.msg, code, words);
}

static void test_timeout(void **state)
{
    static const char *const statements[] = {
        FOREVER "select count(*) from n",
        "select count(*) from spans a, spans b, spans c",
        "select count(*) from json_each('[1,2,3,4,5,6,7,8,9]') a, json_each('[1,2,3,4,5,6,7,8,9]') b, spans c, spans d",
        FOREVER "select sum(x) from n, traces",
        "select count(*) from calls a, calls b, calls c",
    };
    (void)state;
    fixture.timeout_ns = 50000000;
    for (size_t i = 0; i < COUNT(statements); i++) {
        uint64_t start = clock_monotonic_ns();
        expect_failure(statements[i], ERR_TIMEOUT, "too long");
        assert_true(clock_monotonic_ns() - start < UINT64_C(20000000000));
    }
    fixture.timeout_ns = 0;
}

static int asked;

static bool after_some(void *user)
{
    (void)user;
    return ++asked > 20;
}

static void test_cancellation(void **state)
{
    (void)state;
    fixture.is_cancelled = after_some;
    asked = 0;
    expect_failure(FOREVER "select count(*) from n", ERR_CANCELLED, "cancelled");
    asked = 0;
    expect_failure("select count(*) from spans a join spans b on a.name > b.name", ERR_CANCELLED,
                   "cancelled");
    fixture.is_cancelled = NULL;
}

static void test_memory(void **state)
{
    (void)state;
    fixture.heap_bytes_max = 4 << 20;
    expect_failure(
        "select group_concat(trace_id || span_id || name) from spans, (values (1), (2), (3), (4))",
        ERR_TOO_LARGE, "more than 4 MiB of memory");
    expect_failure(FOREVER "select p50(x) from n", ERR_TOO_LARGE, "more than 4 MiB of memory");
    expect_failure("select hex(zeroblob(3000000))", ERR_TOO_LARGE, "more than 4 MiB of memory");
    /* sorters spill */
    assert_string_equal(
        fixture_csv(&fixture,
                    "select count(*) from (select span_id || trace_id || start_time x from spans "
                    "order by 1 limit -1 offset 0)"),
        "count(*)\n20000\n");
    fixture.temp_bytes_max = 256 << 10;
    expect_failure("select count(distinct span_id || trace_id || name || start_time) from spans",
                   ERR_TOO_LARGE, "temporary files");
    fixture.temp_bytes_max = SQL_TEMP_BYTES_DEFAULT;
    fixture.heap_bytes_max = SQL_HEAP_BYTES_DEFAULT;
    fixture.memory_bytes = 100000;
    expect_failure("select count(*) from traces", ERR_TOO_LARGE, "memory");
    fixture.memory_bytes = (size_t)256 << 20;
    assert_string_equal(fixture_csv(&fixture, "select count(*) from spans"), "count(*)\n20000\n");
}

static void test_many_groups(void **state)
{
    (void)state;
    fixture.memory_bytes = (size_t)1 << 20;
    expect_failure("select \"user.id\", count(*) from spans group by 1", ERR_TOO_LARGE,
                   "the keys of the groups need more than 1 MiB of memory");
    fixture.memory_bytes = (size_t)256 << 20;
}

/* What was allocated before the statement is not on its account, whatever becomes of it. */
static void test_account(void **state)
{
    struct sql_memory m;
    void *before = sqlite3_malloc(100000), *p;
    (void)state;
    sql_memory_enter(&m, (size_t)1 << 20);
    before = sqlite3_realloc(before, 16);
    assert_true(m.used_bytes < 1000);
    p = sqlite3_malloc(1000);
    assert_non_null(p);
    p = sqlite3_realloc(p, 10);
    assert_true(m.used_bytes < 100);
    sqlite3_free(p);
    sqlite3_free(before);
    assert_int_equal(m.used_bytes, 0);
    sql_memory_leave(&m);
}

static void test_sizes(void **state)
{
    static char text[SQL_TEXT_BYTES_MAX + 100];
    (void)state;
    memset(text, ' ', sizeof text - 1);
    memcpy(text, "select 1", 8);
    expect_failure(text, ERR_TOO_LARGE, "a statement has at most 64 KiB");
    text[7] = '(';
    memset(text + 8, '(', 5000);
    text[6008] = '\0';
    assert_int_equal(fixture_run(&fixture, text, SQL_CSV), ERR_INVALID);
    fixture.rows_max = 10;
    assert_int_equal(fixture_run(&fixture, "select * from spans", SQL_JSON), 0);
    assert_non_null(strstr((char *)fixture.out.p, "\"truncated\":true"));
    fixture.rows_max = 1000000;
}

/* Calls come in windows of time, as many as the memory asks for; each call in one of them. */
static void test_windows(void **state)
{
    static const char sql[] =
        "select count(*), count(distinct trace_id || span_id), sum(duration), sum(parent_duration), "
        "count(distinct parent_service || child_name) from calls";
    char *whole;
    uint64_t scanned;
    (void)state;
    whole = strdup(fixture_csv(&fixture, sql));
    scanned = fixture.spans_scanned;
    fixture.group_bytes_max = 1; /* the fewest calls at a time */
    assert_string_equal(fixture_csv(&fixture, sql), whole);
    assert_true(fixture.spans_scanned > scanned);
    free(whole);
    fixture.group_bytes_max = 0;
    fixture.memory_bytes = 100000;
    expect_failure("select count(*) from calls", ERR_TOO_LARGE, "memory");
    fixture.memory_bytes = (size_t)256 << 20;
}

/* What goes down is looked at by the engine alone: a look-up of a trace does not scan. */
static void test_pushed(void **state)
{
    char sql[200], id[33];
    (void)state;
    fixture_seal(&fixture);
    memcpy(id, strchr(fixture_csv(&fixture, "select trace_id from spans limit 1"), '\n') + 1, 32);
    id[32] = '\0';
    snprintf(sql, sizeof sql, "select count(*) from spans where trace_id = '%s'", id);
    fixture_csv(&fixture, sql);
    assert_true(fixture.spans_scanned < 1000);
    fixture_csv(&fixture, "select 1 from spans where start_time < time('2020-01-01')");
    assert_int_equal(fixture.spans_scanned, 0);
    fixture_csv(&fixture, "select 1 from spans where kind = 'nonsense'");
    assert_int_equal(fixture.spans_scanned, 0);
    snprintf(sql, sizeof sql, "select 1 from calls where trace_id = '%s'", id);
    fixture_csv(&fixture, sql);
    assert_true(fixture.spans_scanned < 1000);
    fixture_csv(&fixture, "select 1 from calls where start_time < time('2020-01-01')");
    assert_int_equal(fixture.spans_scanned, 0);
    fixture_csv(&fixture, "select 1 from calls where child_service = 'nobody'");
    assert_int_equal(fixture.spans_scanned, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_timeout),     cmocka_unit_test(test_cancellation),
        cmocka_unit_test(test_memory),      cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_windows),     cmocka_unit_test(test_pushed),
        cmocka_unit_test(test_many_groups), cmocka_unit_test(test_account),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
