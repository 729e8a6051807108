/* Retention under a clock of the test's own: what is removed, what rules keep, and that a failure or a kill at any
 * file operation neither loses what is kept nor brings back what is gone. */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/log.h"
#include "fixture.h"
#include "query/query.h"
#include "store/file.h"

/* Trace n starts n ms after the base (fixture.c); parts are PART_MS apart. */
enum { PARTS = 6, TRACES_A_PART = 8, PART_MS = 100, RETENTION_MS = 1000 };

static const uint64_t MS = 1000000, BASE_NS = 1700000000000000000u;

static _Atomic uint64_t fake_now;

static uint64_t now(void *user)
{
    (void)user;
    return atomic_load(&fake_now);
}

static void set_clock_ms(uint64_t ms)
{
    atomic_store(&fake_now, BASE_NS + ms * MS);
}

static const struct retention_rule errors_long = {
    .field = RETENTION_STATUS, .status = STATUS_ERROR, .keep_ns = 5000000000};
static const struct retention_rule slow_longer = {
    .field = RETENTION_DURATION, .duration_ns = 80000000, .keep_ns = 8000000000};

static struct engine_options options_of(const char *dir, const struct retention_rule *rules,
                                        uint32_t count)
{
    struct engine_options o = test_options(dir);
    o.retention_ns = RETENTION_MS * MS;
    o.retention_rules = rules;
    o.retention_rule_count = count;
    o.retention_interval_ms = 3600 * 1000; /* only when asked */
    o.now_ns = now;
    return o;
}

static struct store *open_store(const struct engine_options *options)
{
    struct store *s;
    struct err err;
    if (store_open(options, &s, &err) < 0)
        fail_msg("store_open: %s", err.msg);
    return s;
}

static uint64_t trace_of(uint32_t part, uint32_t i)
{
    return part * PART_MS + i;
}

static uint32_t spans_of(uint64_t trace)
{
    return (uint32_t)(trace % 3) + 1;
}

static void fill(struct store *s)
{
    for (uint32_t p = 0; p < PARTS; p++) {
        set_clock_ms(p * PART_MS + PART_MS / 2);
        for (uint32_t i = 0; i < TRACES_A_PART; i++)
            assert_int_equal(append_trace(s, trace_of(p, i), spans_of(trace_of(p, i))), 0);
        assert_int_equal(store_seal_now(s, NULL), 0);
    }
}

/* What the rules say of a trace, from its spans. */
struct facts {
    bool error;
    uint64_t duration_ns;
};

static struct facts facts_of(uint64_t trace)
{
    struct facts f = {0};
    uint64_t start = UINT64_MAX, end = 0;
    struct arena arena;
    arena_init(&arena, 0);
    for (uint32_t i = 0; i < spans_of(trace); i++) {
        struct span span;
        test_span(&arena, trace, i, &span);
        f.error |= span.status_code == STATUS_ERROR;
        start = span.start_ns < start ? span.start_ns : start;
        end = span.end_ns > end ? span.end_ns : end;
    }
    f.duration_ns = end - start;
    arena_release(&arena);
    return f;
}

/* Is the trace there when the clock stands at this time? Its part is as old as its last trace. */
static bool is_kept(const struct engine_options *o, uint64_t trace, uint64_t clock_ms)
{
    uint64_t part_ms = trace / PART_MS * PART_MS + TRACES_A_PART - 1;
    uint64_t age = clock_ms > part_ms ? (clock_ms - part_ms) * MS : 0;
    struct facts f = facts_of(trace);
    if (age <= o->retention_ns)
        return true;
    for (uint32_t i = 0; i < o->retention_rule_count; i++) {
        const struct retention_rule *r = &o->retention_rules[i];
        bool fits = r->field == RETENTION_STATUS ? f.error : f.duration_ns > r->duration_ns;
        if (fits && age <= r->keep_ns)
            return true;
    }
    return false;
}

enum { EXACTLY, AT_LEAST };

static void check(struct store *s, const struct engine_options *o, uint64_t clock_ms, int how)
{
    for (uint32_t n = 0; n < PARTS * TRACES_A_PART; n++) {
        uint64_t trace = trace_of(n / TRACES_A_PART, n % TRACES_A_PART);
        int got = check_trace(s, trace);
        bool kept = is_kept(o, trace, clock_ms);
        if (kept ? got != (int)spans_of(trace)
                 : got != ERR_NOT_FOUND && (how == EXACTLY || got != (int)spans_of(trace)))
            fail_msg("trace %llu at %llu ms, to be kept %d: %d", (unsigned long long)trace,
                     (unsigned long long)clock_ms, kept, got);
    }
}

static const struct retention_rule both[2] = {
    {.field = RETENTION_STATUS, .status = STATUS_ERROR, .keep_ns = 5000000000},
    {.field = RETENTION_DURATION, .duration_ns = 80000000, .keep_ns = 8000000000}};

static const struct {
    const struct retention_rule *rules;
    uint32_t count;
} policies[] = {{NULL, 0}, {&errors_long, 1}, {&slow_longer, 1}, {both, 2}};

/* Between the parts' own times, where milliseconds do not matter. */
static const uint64_t clocks_ms[] = {900,  1050, 1250, 1450, 1900, 3000,
                                     5050, 5350, 6000, 8250, 9000};

static void test_ages(void **state)
{
    (void)state;
    for (size_t p = 0; p < COUNT(policies); p++) {
        char *dir = temp_dir();
        struct engine_options o = options_of(dir, policies[p].rules, policies[p].count);
        struct store *s = open_store(&o);
        struct engine_stats stats;
        fill(s);
        for (size_t c = 0; c < COUNT(clocks_ms); c++) {
            set_clock_ms(clocks_ms[c]);
            assert_int_equal(store_retain_now(s, NULL), 0);
            check(s, &o, clocks_ms[c], EXACTLY);
            store_close(s);
            s = open_store(&o);
            check(s, &o, clocks_ms[c], EXACTLY);
        }
        store_stats(s, &stats);
        assert_int_equal(stats.parts, 0); /* the last clock is past every rule */
        assert_int_equal(stats.part_spans, 0);
        store_close(s);
        temp_dir_remove(dir);
    }
}

static void test_counts(void **state)
{
    char *dir = temp_dir();
    struct engine_options o = options_of(dir, both, 2);
    struct store *s = open_store(&o);
    struct engine_stats before, after;
    (void)state;
    fill(s);
    store_stats(s, &before);
    set_clock_ms(1900);
    assert_int_equal(store_retain_now(s, NULL), 0);
    store_stats(s, &after);
    assert_true(after.part_spans < before.part_spans && after.part_spans > 0);
    assert_int_equal(after.aged_spans, before.part_spans - after.part_spans);
    assert_int_equal(after.aged_bytes, before.part_bytes - after.part_bytes);
    assert_int_equal(after.retention_runs, 1);
    assert_int_equal(after.oversize_spans + after.deleted_spans, 0);
    assert_int_equal(store_retain_now(s, NULL), 0); /* nothing more is done */
    store_stats(s, &before);
    assert_int_equal(after.aged_spans, before.aged_spans);
    store_close(s);
    temp_dir_remove(dir);
}

/* A rule sees the whole trace, wherever its spans lie. */
static void test_straddling(void **state)
{
    static const struct {
        const char *what;
        enum status_code status; /* of the second span, in the second part */
        uint64_t offset_ms;      /* of its start */
        bool third_in_head, kept;
    } cases[] = {
        {"an error in the other part", STATUS_ERROR, 1, false, true},
        {"no error", STATUS_OK, 1, false, false},
        {"long only as a whole", STATUS_OK, 90, false, true},
        {"an error still in memory", STATUS_ERROR, 1, true, true},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *dir = temp_dir();
        struct engine_options o = options_of(dir, both, 2);
        struct store *s = open_store(&o);
        struct span first, second;
        struct arena arena;
        arena_init(&arena, 0);
        test_span(&arena, 5, 0, &first);
        test_span(&arena, 5, 1, &second);
        first.status_code = STATUS_OK;
        first.end_ns = first.start_ns + 1000;
        second.status_code = cases[i].status;
        second.start_ns = first.start_ns + cases[i].offset_ms * MS;
        second.end_ns = second.start_ns + 1000;
        set_clock_ms(10);
        assert_int_equal(append_wait(s, &first, 1), 0);
        assert_int_equal(store_seal_now(s, NULL), 0);
        set_clock_ms(700);
        assert_int_equal(append_wait(s, &second, 1), 0);
        if (!cases[i].third_in_head)
            assert_int_equal(store_seal_now(s, NULL), 0);
        set_clock_ms(1020 + cases[i].offset_ms); /* both parts are past their age, or nearly */
        assert_int_equal(store_retain_now(s, NULL), 0);
        set_clock_ms(2000);
        assert_int_equal(store_retain_now(s, NULL), 0);
        if ((total_rows(s) == 2) != cases[i].kept)
            fail_msg("%s: %llu rows", cases[i].what, (unsigned long long)total_rows(s));
        arena_release(&arena);
        store_close(s);
        temp_dir_remove(dir);
    }
}

/* A sender whose clock is years ahead does not keep its part for ever. */
static void test_future(void **state)
{
    char *dir = temp_dir();
    struct engine_options o = options_of(dir, NULL, 0);
    struct store *s = open_store(&o);
    struct span span;
    struct arena arena;
    (void)state;
    arena_init(&arena, 0);
    test_span(&arena, 1, 0, &span);
    span.start_ns += 1000000 * MS;
    span.end_ns = span.start_ns;
    set_clock_ms(10);
    assert_int_equal(append_wait(s, &span, 1), 0);
    assert_int_equal(store_seal_now(s, NULL), 0);
    set_clock_ms(1000);
    assert_int_equal(store_retain_now(s, NULL), 0);
    assert_int_equal(total_rows(s), 1);
    set_clock_ms(1020);
    assert_int_equal(store_retain_now(s, NULL), 0);
    assert_int_equal(total_rows(s), 0);
    arena_release(&arena);
    store_close(s);
    temp_dir_remove(dir);
}

/* Many small parts: merged, but never over more time than a sixteenth of the retention. */
static void test_merged_parts_age(void **state)
{
    enum { STEP_MS = 5, COUNT_PARTS = 120 };
    char *dir = temp_dir();
    struct engine_options o = options_of(dir, NULL, 0);
    struct store *s = open_store(&o);
    struct engine_stats stats;
    struct snapshot snap;
    (void)state;
    for (uint64_t t = 0; t < COUNT_PARTS; t++) {
        set_clock_ms(t * STEP_MS + 1);
        assert_int_equal(append_trace(s, t * STEP_MS, 2), 0);
        assert_int_equal(store_seal_now(s, NULL), 0);
    }
    assert_int_equal(store_retain_now(s, NULL), 0);
    store_stats(s, &stats);
    assert_true(stats.parts < COUNT_PARTS / 4);
    snapshot_take(s, &snap);
    for (uint32_t i = 0; i < snap.count; i++) {
        const struct part *part = snap.sources[i].part;
        if (part)
            assert_in_range(part->start_max_ns - part->start_min_ns, 0, RETENTION_MS * MS / 16);
    }
    snapshot_release(&snap);
    set_clock_ms(1300);
    assert_int_equal(store_retain_now(s, NULL), 0);
    for (uint64_t t = 0; t < COUNT_PARTS; t++) {
        uint64_t age_ms = 1300 - t * STEP_MS;
        int got = check_trace(s, t * STEP_MS);
        if (age_ms <= RETENTION_MS)
            assert_int_equal(got, 2);
        else if (age_ms > RETENTION_MS + RETENTION_MS / 16 + 1)
            assert_int_equal(got, ERR_NOT_FOUND);
    }
    store_close(s);
    temp_dir_remove(dir);
}

/* ---- Size ---- */

struct feeder {
    struct store *s;
    _Atomic int stop;
    uint64_t next;
};

static void *feed(void *user)
{
    struct feeder *f = user;
    while (!atomic_load(&f->stop)) {
        int rc = append_trace(f->s, f->next, 3);
        if (rc == 0)
            f->next++;
        else if (rc != ERR_BUSY)
            break;
    }
    return NULL;
}

static void test_size(void **state)
{
    char *dir = temp_dir();
    struct engine_options o = test_options(dir);
    struct feeder f = {.next = 1};
    struct engine_stats stats;
    pthread_t thread;
    (void)state;
    o.head_bytes_max = 16 << 10;
    o.retention_bytes = 200 << 10;
    o.retention_interval_ms = 10;
    f.s = open_store(&o);
    assert_int_equal(pthread_create(&thread, NULL, feed, &f), 0);
    do {
        usleep(2000);
        store_stats(f.s, &stats);
    } while (stats.oversize_spans < 2000);
    atomic_store(&f.stop, 1);
    pthread_join(thread, NULL);
    assert_int_equal(store_seal_now(f.s, NULL), 0);
    assert_int_equal(store_retain_now(f.s, NULL), 0);
    store_stats(f.s, &stats);
    assert_true(stats.part_bytes + stats.log_bytes <= o.retention_bytes);
    assert_true(stats.parts > 0);
    assert_int_equal(stats.spans_appended,
                     stats.oversize_spans + stats.part_spans + stats.head_spans);
    assert_int_equal(check_trace(f.s, f.next - 1), 3); /* the newest stay */
    assert_int_equal(check_trace(f.s, 1), ERR_NOT_FOUND);
    store_close(f.s);
    temp_dir_remove(dir);
}

/* ---- Failing and being killed at every file operation ---- */

enum { CLOCK_MS = 1350 }; /* some parts are past their age, others are not */

struct fault {
    enum file_op op; /* -1: count all, kill */
    _Atomic int left;
    const char *dir;
    char *copy; /* the directory at the moment of the kill */
};

static int fail_at(enum file_op op, void *user)
{
    struct fault *f = user;
    return op == f->op && atomic_fetch_sub(&f->left, 1) == 0 ? EIO : 0;
}

static int copy_at(enum file_op op, void *user)
{
    struct fault *f = user;
    char path[512];
    (void)op;
    if (atomic_fetch_sub(&f->left, 1) != 0)
        return 0;
    f->copy = temp_dir();
    snprintf(path, sizeof path, "%s/data", f->copy);
    copy_live_dir(f->dir, path);
    return 0;
}

/* Whatever happened to the directory: nothing kept is lost, and one good run does the rest. */
static void check_dir(const struct engine_options *like, const char *dir, bool finished)
{
    struct engine_options o = *like;
    struct store *s;
    o.data_dir = dir;
    s = open_store(&o);
    check(s, &o, CLOCK_MS, finished ? EXACTLY : AT_LEAST);
    assert_int_equal(store_retain_now(s, NULL), 0);
    check(s, &o, CLOCK_MS, EXACTLY);
    store_close(s);
    s = open_store(&o);
    check(s, &o, CLOCK_MS, EXACTLY);
    store_close(s);
}

static bool one_failure(enum file_op op, int n)
{
    char *dir = temp_dir();
    struct engine_options o = options_of(dir, both, 2);
    struct store *s = open_store(&o);
    struct fault fault = {.op = op, .left = n};
    struct engine_stats stats;
    int rc;
    fill(s);
    set_clock_ms(CLOCK_MS);
    file_set_fault(fail_at, &fault);
    rc = store_retain_now(s, NULL);
    file_set_fault(NULL, NULL);
    check(s, &o, CLOCK_MS, rc == 0 ? EXACTLY : AT_LEAST);
    store_stats(s, &stats);
    assert_int_equal(stats.retention_failures, rc < 0);
    if (n % 2) { /* go on, or start again */
        assert_int_equal(store_retain_now(s, NULL), 0);
        check(s, &o, CLOCK_MS, EXACTLY);
    }
    store_close(s);
    check_dir(&o, dir, rc == 0);
    temp_dir_remove(dir);
    return atomic_load(&fault.left) < 0;
}

static void test_failures(void **state)
{
    (void)state;
    for (enum file_op op = FILE_OPEN; op <= FILE_SYNC_DIR; op++) {
        int n = 0;
        while (one_failure(op, n))
            assert_in_range(++n, 0, 500);
    }
}

static void test_kills(void **state)
{
    bool reached = true;
    (void)state;
    for (int n = 0; reached; n++) {
        char *dir = temp_dir(), path[512];
        struct engine_options o = options_of(dir, both, 2);
        struct store *s = open_store(&o);
        struct fault fault = {.left = n, .dir = dir};
        fill(s);
        set_clock_ms(CLOCK_MS);
        file_set_fault(copy_at, &fault);
        assert_int_equal(store_retain_now(s, NULL), 0);
        file_set_fault(NULL, NULL);
        store_close(s);
        reached = fault.copy != NULL;
        if (reached) {
            snprintf(path, sizeof path, "%s/data", fault.copy);
            check_dir(&o, path, false);
            temp_dir_remove(fault.copy);
        }
        temp_dir_remove(dir);
        assert_in_range(n, 0, 500);
    }
}

/* A run saves MANIFEST while a deleted trace is still in the log: it does not return with a crash. */
static void test_deleted_in_head(void **state)
{
    char *dir = temp_dir(), *copy = temp_dir(), path[512];
    struct engine_options o = options_of(dir, NULL, 0);
    struct store *s = open_store(&o);
    struct engine_stats stats;
    (void)state;
    fill(s);
    assert_int_equal(append_trace(s, 8500, 2), 0);
    assert_int_equal(append_trace(s, 8600, 2), 0);
    assert_int_equal(store_delete_trace(s, test_trace_id(8500), NULL), 0);
    set_clock_ms(9000);
    assert_int_equal(store_retain_now(s, NULL), 0);
    store_stats(s, &stats);
    assert_int_equal(stats.parts, 0);
    assert_int_equal(stats.tombstones, 1);
    snprintf(path, sizeof path, "%s/data", copy);
    copy_live_dir(dir, path);
    store_close(s);
    o.data_dir = path;
    s = open_store(&o);
    assert_int_equal(check_trace(s, 8500), ERR_NOT_FOUND);
    assert_int_equal(check_trace(s, 8600), 2);
    store_close(s);
    temp_dir_remove(dir);
    temp_dir_remove(copy);
}

/* A query that began before a run goes on with what it saw. */
static void test_snapshot(void **state)
{
    char *dir = temp_dir();
    struct engine_options o = options_of(dir, NULL, 0);
    struct store *s = open_store(&o);
    struct snapshot snap;
    struct page_reader *reader = page_reader_new(1 << 20);
    (void)state;
    fill(s);
    snapshot_take(s, &snap);
    set_clock_ms(9000);
    assert_int_equal(store_retain_now(s, NULL), 0);
    assert_int_equal(total_rows(s), 0);
    for (uint32_t i = 0; i < snap.count; i++) {
        for (uint32_t row = 0; row < snap.sources[i].row_count; row++) {
            struct row got;
            assert_int_equal(source_row(&snap.sources[i], reader, row, &got, NULL), 0);
        }
    }
    page_reader_free(reader);
    snapshot_release(&snap);
    store_close(s);
    temp_dir_remove(dir);
}

static void test_options_refused(void **state)
{
    char *dir = temp_dir();
    struct engine_options o = options_of(dir, both, 2);
    struct store *s;
    struct err err;
    (void)state;
    o.retention_ns = 0;
    assert_int_equal(store_open(&o, &s, &err), ERR_INVALID);
    temp_dir_remove(dir);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ages),
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_straddling),
        cmocka_unit_test(test_future),
        cmocka_unit_test(test_merged_parts_age),
        cmocka_unit_test(test_size),
        cmocka_unit_test(test_failures),
        cmocka_unit_test(test_kills),
        cmocka_unit_test(test_snapshot),
        cmocka_unit_test(test_deleted_in_head),
        cmocka_unit_test(test_options_refused),
    };
    log_set_level(LOG_ERROR); /* not a line for each run */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
