/* The n-th allocation fails, for every n: the store answers with an error or stops with its message, never otherwise, and
 * the next start finds what was acknowledged. The linker puts the functions below in the place of libc's.
 *
 * Each round is a child on a directory of its own. CAIRN_TEST_LONG: every n, else every few. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include "fixture.h"
#include "query/query.h"
#include "query/scan.h"
#include "query/series.h"
#include "wire/otlp_pb.h"

enum { TRACES = 10, STEP = 13 };

static int64_t left = -1; /* allocations until the one that fails; negative: none does */
static int64_t made;

static bool fails(void)
{
    made++;
    return left >= 0 && left-- == 0;
}

void *__real_malloc(size_t n);
void *__real_calloc(size_t count, size_t n);
void *__real_realloc(void *p, size_t n);
void *__real_aligned_alloc(size_t alignment, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t count, size_t n);
void *__wrap_realloc(void *p, size_t n);
void *__wrap_aligned_alloc(size_t alignment, size_t n);

void *__wrap_malloc(size_t n)
{
    return fails() ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t count, size_t n)
{
    return fails() ? NULL : __real_calloc(count, n);
}

void *__wrap_realloc(void *p, size_t n)
{
    return fails() ? NULL : __real_realloc(p, n);
}

void *__wrap_aligned_alloc(size_t alignment, size_t n)
{
    return fails() ? NULL : __real_aligned_alloc(alignment, n);
}

/* ---- The program ---- */

struct report {
    uint32_t acked; /* bit t: trace t */
    int64_t made;
};

static struct report *report; /* shared with the parent */

static void on_done(int result, const struct err *err, void *user)
{
    (void)err;
    if (result == 0)
        report->acked |= 1u << *(uint32_t *)user;
}

static void append(struct store *s, struct str bytes, uint32_t trace)
{
    struct engine_append a = {.bytes = bytes, .done = on_done, .user = &trace};
    store_append(s, &a, NULL);
    store_step_write(s, trace == 4);
}

static void ask(struct store *s, uint32_t trace)
{
    struct trace_query query = {NULL, 0, UINT64_MAX, 10};
    struct engine_query q = {0};
    struct trace_summary_list list;
    struct span_batch got;
    struct arena arena;
    arena_init(&arena, 0);
    q.arena = &arena;
    query_trace(s, &q, test_trace_id(trace), &got, NULL);
    query_search(s, &q, &query, &list, NULL);
    arena_release(&arena);
}

static void scan(struct store *s, struct engine_query *q)
{
    struct field fields[] = {{FIELD_ATTRIBUTE, SCOPE_FIRST, STR_INIT("code")},
                             {.kind = FIELD_NAME}};
    struct scan_query query = {.end_ns = UINT64_MAX, .fields = fields, .field_count = 2};
    struct engine_scan *rows;
    struct scan_rows batch;
    if (query_scan_open(s, q, &query, &rows, NULL) < 0)
        return;
    while (engine_scan_next(rows, &batch, NULL) == 1)
        ;
    engine_scan_close(rows);
}

static void metrics(struct store *s, struct engine_query *q)
{
    static const struct expr name = {.op = EXPR_FIELD, .field = {.kind = FIELD_NAME}},
                             duration = {.op = EXPR_FIELD, .field = {.kind = FIELD_DURATION}};
    struct metric m = {.kind = METRIC_QUANTILE,
                       .operand = &duration,
                       .quantiles = {.9},
                       .quantile_count = 1,
                       .by = {&name},
                       .by_count = 1};
    struct spanset_expr set = {.op = SPANSET_FILTER};
    struct stage stage = {.kind = STAGE_SPANSETS, .spansets = &set};
    struct pipeline pipeline = {&stage, 1};
    struct metric_expr expr = {.pipeline = &pipeline, .metric = &m};
    struct traceql traceql = {.metric = &expr, .filter_count = 1};
    struct series_query query = {
        &traceql, 1600000000000000000u, 1800000000000000000u, 10000000000000000u, 5, 100};
    struct series_list list;
    query_series(s, q, &query, &list, NULL);
}

/* Analyses: columns, labels, sums kept with parts. */
static void analyse(struct store *s)
{
    struct tag_query tags = {.field = {FIELD_ATTRIBUTE, SCOPE_ANY, STR_INIT("code")},
                             .start_ns = 1,
                             .end_ns = UINT64_MAX,
                             .limit = 10};
    struct operation_stats_list stats;
    struct dependency_list dependencies;
    struct tag_value_list values;
    struct tag_key_list keys;
    struct engine_query q = {0};
    struct arena arena;
    arena_init(&arena, 0);
    q.arena = &arena;
    scan(s, &q);
    metrics(s, &q);
    query_values(s, &q, &tags, &values, NULL);
    query_keys(s, &q, &tags, &keys, NULL);
    query_operation_stats(s, &q, STR(""), 0, UINT64_MAX, &stats, NULL);
    query_dependencies(s, &q, 0, UINT64_MAX, &dependencies, NULL);
    query_dependencies(s, &q, 0, UINT64_MAX, &dependencies, NULL);
    arena_release(&arena);
}

/* Starts on what is there, appends, seals, asks. The batches' bytes were made before. */
static void program(const char *dir, const struct str *batches)
{
    struct engine_options options = test_options(dir);
    struct store *s;
    if (store_open_stepped(&options, &s, NULL) < 0)
        return;
    for (uint32_t t = 0; t < TRACES; t++)
        append(s, batches[t], t);
    store_step_seal(s);
    ask(s, 2);
    ask(s, 7);
    analyse(s);
    store_close(s);
}

/* Runs it in a child; how it ended. */
static int run_child(const char *dir, const struct str *batches, int64_t n)
{
    int status, null;
    pid_t pid;
    memset(report, 0, sizeof *report);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        null = open("/dev/null", O_WRONLY);
        dup2(null, STDERR_FILENO); /* its last words are in the way of the test's */
        signal(SIGABRT, SIG_DFL);
        left = n;
        made = 0;
        program(dir, batches);
        report->made = made;
        _exit(0);
    }
    waitpid(pid, &status, 0);
    return status;
}

static void check_after(const char *dir, int64_t n)
{
    struct engine_options options = test_options(dir);
    struct store *s;
    struct err err;
    if (store_open(&options, &s, &err) < 0)
        fail_msg("allocation %lld: the next start: %s", (long long)n, err.msg);
    for (uint32_t t = 0; t < TRACES; t++) {
        int got = check_trace(s, t);
        if (report->acked & 1u << t ? got != 3 : got != 3 && got != ERR_NOT_FOUND)
            fail_msg("allocation %lld: trace %u: %d", (long long)n, t, got);
    }
    store_close(s);
}

static struct str encode(uint32_t trace)
{
    struct span spans[3];
    struct arena arena;
    struct buf out;
    arena_init(&arena, 0);
    buf_init(&out, 0);
    for (uint32_t i = 0; i < 3; i++)
        test_span(&arena, trace, i, &spans[i]);
    otlp_pb_encode(spans, 3, &out);
    arena_release(&arena);
    return buf_str(&out);
}

static void test_each(void **state)
{
    struct str batches[TRACES];
    int64_t step = getenv("CAIRN_TEST_LONG") ? 1 : STEP, all;
    char *dir = temp_dir();
    (void)state;
    report = mmap(NULL, sizeof *report, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(report != MAP_FAILED);
    for (uint32_t t = 0; t < TRACES; t++)
        batches[t] = encode(t);
    assert_int_equal(run_child(dir, batches, -1), 0);
    assert_int_equal(report->acked, (1u << TRACES) - 1);
    all = report->made;
    assert_true(all > 100);
    temp_dir_remove(dir);
    for (int64_t n = 0; n < all; n += step) {
        int status;
        dir = temp_dir();
        status = run_child(dir, batches, n);
        if (status != 0 && !(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT))
            fail_msg("allocation %lld: the program ended with status %x", (long long)n, status);
        check_after(dir, n);
        temp_dir_remove(dir);
    }
    for (uint32_t t = 0; t < TRACES; t++)
        free((void *)(uintptr_t)batches[t].p);
    munmap(report, sizeof *report);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(test_each)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
