/* Deleted traces: gone from every answer at once and for ever, wherever their rows lie; later spans are a new trace. */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/log.h"
#include "fixture.h"
#include "query/query.h"
#include "store/file.h"

static struct store *open_store(const char *dir)
{
    struct engine_options options = test_options(dir);
    struct store *s;
    struct err err;
    if (store_open(&options, &s, &err) < 0)
        fail_msg("store_open: %s", err.msg);
    return s;
}

/* Is the trace in the answer to a search for everything? */
static bool search_has(struct store *s, uint64_t trace)
{
    struct trace_query query = {NULL, 0, UINT64_MAX, 100000};
    struct engine_query q = {0};
    struct trace_summary_list list;
    struct arena arena;
    bool has = false;
    arena_init(&arena, 0);
    q.arena = &arena;
    assert_int_equal(query_search(s, &q, &query, &list, NULL), 0);
    for (size_t i = 0; i < list.count; i++)
        has |= trace_id_eq(list.items[i].trace_id, test_trace_id(trace));
    arena_release(&arena);
    return has;
}

static uint64_t calls(struct store *s)
{
    struct engine_query q = {0};
    struct dependency_list list;
    struct arena arena;
    uint64_t sum = 0;
    arena_init(&arena, 0);
    q.arena = &arena;
    assert_int_equal(query_dependencies(s, &q, 0, UINT64_MAX, &list, NULL), 0);
    for (size_t i = 0; i < list.count; i++)
        sum += list.items[i].call_count;
    arena_release(&arena);
    return sum;
}

static void expect(struct store *s, uint64_t trace, uint32_t spans)
{
    assert_int_equal(check_trace(s, trace), spans ? (int)spans : ERR_NOT_FOUND);
    assert_int_equal(search_has(s, trace), spans > 0);
}

/* The directory as a crash would leave it now. */
static struct store *crash(const char *dir, char **ret_copy)
{
    char *copy = temp_dir(), path[512];
    snprintf(path, sizeof path, "%s/data", copy);
    copy_live_dir(dir, path);
    *ret_copy = copy;
    return open_store(path);
}

static void expect_after_crash(const char *dir, uint64_t trace, uint32_t spans)
{
    char *copy;
    struct store *s = crash(dir, &copy);
    expect(s, trace, spans);
    expect(s, 2, 3); /* the bystander */
    assert_int_equal(store_seal_now(s, NULL), 0);
    assert_int_equal(store_retain_now(s, NULL), 0);
    expect(s, trace, spans);
    store_close(s);
    temp_dir_remove(copy);
}

/* What is done, one letter a step, and how many spans trace 1 has after it:
 * a appends three of its spans, b two; s seals; d deletes it; r closes and opens. */
static void test_steps(void **state)
{
    static const char *const cases[] = {"ad",    "asd",    "asad",   "adb",    "adbs",    "adsb",
                                        "asdbs", "adbsrd", "ardb",   "asrdrb", "adrb",    "adbrs",
                                        "asadb", "adbdb",  "adsrbs", "sadrsr", "asadrbsd"};
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *dir = temp_dir();
        struct store *s = open_store(dir);
        uint32_t have = 0;
        assert_int_equal(append_trace(s, 2, 3), 0);
        for (const char *step = cases[i]; *step; step++) {
            switch (*step) {
            case 'a':
                have = 3;
                assert_int_equal(append_trace(s, 1, 3), 0);
                break;
            case 'b':
                have = 2;
                assert_int_equal(append_trace(s, 1, 2), 0);
                break;
            case 's': assert_int_equal(store_seal_now(s, NULL), 0); break;
            case 'd':
                have = 0;
                assert_int_equal(store_delete_trace(s, test_trace_id(1), NULL), 0);
                break;
            case 'r':
                store_close(s);
                s = open_store(dir);
                break;
            default: fail();
            }
            expect(s, 1, have);
            expect(s, 2, 3);
            expect_after_crash(dir, 1, have);
        }
        store_close(s);
        temp_dir_remove(dir);
    }
}

static void test_answers(void **state)
{
    char *dir = temp_dir();
    struct store *s = open_store(dir);
    struct engine_stats stats;
    uint64_t before;
    (void)state;
    assert_int_equal(store_delete_trace(s, test_trace_id(9), NULL), ERR_NOT_FOUND);
    assert_int_equal(append_trace(s, 2, 6), 0);
    before = calls(s);
    assert_true(before > 0);
    assert_int_equal(append_trace(s, 1, 20), 0);
    assert_true(calls(s) > before);
    assert_int_equal(store_delete_trace(s, test_trace_id(1), NULL), 0);
    assert_int_equal(calls(s), before);
    assert_int_equal(store_delete_trace(s, test_trace_id(1), NULL), ERR_NOT_FOUND);
    store_stats(s, &stats);
    assert_int_equal(stats.tombstones, 1);
    assert_int_equal(store_seal_now(s, NULL), 0);
    store_stats(s, &stats);
    assert_int_equal(stats.tombstones, 0); /* the rows are gone: nothing is left to remember */
    assert_int_equal(stats.deleted_spans, 20);
    assert_int_equal(stats.part_spans, 6);
    store_close(s);
    temp_dir_remove(dir);
}

/* All of a head is deleted: it becomes no part, and its log goes. */
static void test_nothing_left(void **state)
{
    char *dir = temp_dir();
    struct store *s = open_store(dir);
    struct engine_stats stats;
    (void)state;
    assert_int_equal(append_trace(s, 1, 4), 0);
    assert_int_equal(store_delete_trace(s, test_trace_id(1), NULL), 0);
    assert_int_equal(store_seal_now(s, NULL), 0);
    store_stats(s, &stats);
    assert_int_equal(stats.parts, 0);
    assert_int_equal(stats.head_spans, 0);
    store_close(s);
    s = open_store(dir);
    assert_int_equal(check_trace(s, 1), ERR_NOT_FOUND);
    assert_int_equal(append_trace(s, 1, 4), 0);
    assert_int_equal(check_trace(s, 1), 4);
    store_close(s);
    temp_dir_remove(dir);
}

static size_t rows_of(const struct snapshot *snap, uint64_t trace)
{
    struct row_refs rows = {0};
    struct arena arena;
    arena_init(&arena, 0);
    for (uint32_t i = 0; i < snap->count; i++)
        assert_int_equal(
            source_trace_rows(&snap->sources[i], i, test_trace_id(trace), &arena, &rows, NULL), 0);
    arena_release(&arena);
    return rows.count;
}

static void test_snapshots_stay(void **state)
{
    char *dir = temp_dir();
    struct store *s = open_store(dir);
    struct snapshot old, now;
    (void)state;
    assert_int_equal(append_trace(s, 1, 3), 0);
    assert_int_equal(append_trace(s, 2, 3), 0);
    assert_int_equal(store_seal_now(s, NULL), 0);
    assert_int_equal(append_trace(s, 1, 2), 0);
    snapshot_take(s, &old);
    assert_int_equal(store_delete_trace(s, test_trace_id(1), NULL), 0);
    snapshot_take(s, &now);
    assert_int_equal(rows_of(&old, 1), 5);
    assert_int_equal(rows_of(&now, 1), 0);
    assert_int_equal(store_seal_now(s, NULL), 0);
    assert_int_equal(rows_of(&old, 1), 5);
    snapshot_release(&old);
    snapshot_release(&now);
    store_close(s);
    temp_dir_remove(dir);
}

/* Too many tombstones: the parts are written again, and the tombstones go. */
static void test_bounded(void **state)
{
    enum { TRACES = 1100 };
    char *dir = temp_dir();
    struct store *s = open_store(dir);
    struct engine_stats stats;
    (void)state;
    for (uint64_t t = 0; t < TRACES; t++)
        assert_int_equal(append_trace(s, t, 1), 0);
    assert_int_equal(store_seal_now(s, NULL), 0);
    for (uint64_t t = 0; t < TRACES - 1; t++) {
        int rc;
        while ((rc = store_delete_trace(s, test_trace_id(t), NULL)) == ERR_BUSY)
            assert_int_equal(store_retain_now(s, NULL), 0);
        assert_int_equal(rc, 0);
    }
    assert_int_equal(store_retain_now(s, NULL), 0);
    store_stats(s, &stats);
    assert_true(stats.tombstones < 256);
    assert_true(stats.deleted_spans >= TRACES - 256);
    for (uint64_t t = 0; t < TRACES; t++)
        assert_int_equal(check_trace(s, t), t < TRACES - 1 ? ERR_NOT_FOUND : 1);
    store_close(s);
    s = open_store(dir);
    for (uint64_t t = 0; t < TRACES; t++)
        assert_int_equal(check_trace(s, t), t < TRACES - 1 ? ERR_NOT_FOUND : 1);
    store_close(s);
    temp_dir_remove(dir);
}

/* ---- Faults ---- */

struct fault {
    enum file_op op;
    _Atomic int left;
};

static int inject(enum file_op op, void *user)
{
    struct fault *f = user;
    return op == f->op && atomic_fetch_sub(&f->left, 1) == 0 ? EIO : 0;
}

/* False when the fault's call was never reached. */
static bool delete_with_fault(enum file_op op, int n)
{
    char *dir = temp_dir();
    struct store *s = open_store(dir);
    struct fault fault = {.op = op, .left = n};
    int rc;
    assert_int_equal(append_trace(s, 2, 3), 0);
    assert_int_equal(append_trace(s, 1, 3), 0);
    assert_int_equal(store_seal_now(s, NULL), 0);
    assert_int_equal(append_trace(s, 1, 2), 0);
    file_set_fault(inject, &fault);
    rc = store_delete_trace(s, test_trace_id(1), NULL);
    file_set_fault(NULL, NULL);
    if (rc == 0)
        expect_after_crash(dir, 1, 0);
    else
        assert_int_not_equal(rc, ERR_NOT_FOUND);
    if (rc < 0)
        assert_int_equal(store_delete_trace(s, test_trace_id(1), NULL), 0); /* once more */
    expect(s, 1, 0);
    expect(s, 2, 3);
    expect_after_crash(dir, 1, 0);
    store_close(s);
    temp_dir_remove(dir);
    return atomic_load(&fault.left) < 0;
}

static void test_faults(void **state)
{
    (void)state;
    for (enum file_op op = FILE_OPEN; op <= FILE_SYNC_DIR; op++) {
        int n = 0;
        while (delete_with_fault(op, n))
            assert_in_range(++n, 0, 50);
    }
}

/* ---- At random, against a model ---- */

enum { MODEL_TRACES = 24, MODEL_STEPS = 400 };

static void check_model(struct store *s, const uint32_t *have)
{
    for (uint64_t t = 0; t < MODEL_TRACES; t++)
        assert_int_equal(check_trace(s, t), have[t] ? (int)have[t] : ERR_NOT_FOUND);
}

static void test_model(void **state)
{
    char *dir = temp_dir(), *copy;
    struct store *s = open_store(dir), *crashed;
    uint32_t have[MODEL_TRACES] = {0};
    const char *seed = getenv("CAIRN_TEST_SEED");
    struct rng rng = {seed ? strtoull(seed, NULL, 10) : 7};
    (void)state;
    for (int step = 0; step < MODEL_STEPS; step++) {
        uint32_t t = rng_below(&rng, MODEL_TRACES), n = rng_below(&rng, 4) + 1;
        switch (rng_below(&rng, 8)) {
        case 0: assert_int_equal(store_seal_now(s, NULL), 0); break;
        case 1:
            store_close(s);
            s = open_store(dir);
            break;
        case 2:
        case 3:
            assert_int_equal(store_delete_trace(s, test_trace_id(t), NULL),
                             have[t] ? 0 : ERR_NOT_FOUND);
            have[t] = 0;
            break;
        default:
            assert_int_equal(append_trace(s, t, n), 0);
            have[t] = n > have[t] ? n : have[t]; /* repeated spans are folded */
        }
        check_model(s, have);
        if (step % 8 == 0) {
            crashed = crash(dir, &copy);
            check_model(crashed, have);
            store_close(crashed);
            temp_dir_remove(copy);
        }
    }
    store_close(s);
    temp_dir_remove(dir);
}

/* ---- All at once: for ThreadSanitizer ---- */

enum { WORKERS = 3, TRACES_A_WORKER = 120 };

struct worker {
    struct store *s;
    uint64_t first;
    _Atomic int *left;
    int failures;
};

static bool is_deleted(uint64_t trace)
{
    return trace % 3 == 0;
}

static void *append_and_delete(void *user)
{
    struct worker *w = user;
    for (uint64_t t = w->first; t < w->first + TRACES_A_WORKER; t++) {
        uint64_t old = t >= w->first + 20 ? t - 20 : 0; /* sealed by now, perhaps merged */
        while (append_trace(w->s, t, 2) == ERR_BUSY)
            usleep(500);
        w->failures += check_trace(w->s, t) != 2;
        if (old && is_deleted(old)) {
            w->failures += store_delete_trace(w->s, test_trace_id(old), NULL) != 0;
            w->failures += check_trace(w->s, old) != ERR_NOT_FOUND;
        }
    }
    atomic_fetch_sub(w->left, 1);
    return NULL;
}

static void *search(void *user)
{
    struct worker *w = user;
    while (atomic_load(w->left)) {
        search_has(w->s, 1);
        store_retain_now(w->s, NULL);
    }
    return NULL;
}

static void check_workers(struct store *s)
{
    for (uint64_t w = 1; w <= WORKERS; w++) {
        for (uint64_t t = w * 10000; t < w * 10000 + TRACES_A_WORKER; t++) {
            bool gone = is_deleted(t) && t + 20 < w * 10000 + TRACES_A_WORKER;
            assert_int_equal(check_trace(s, t), gone ? ERR_NOT_FOUND : 2);
        }
    }
}

static void test_all_at_once(void **state)
{
    char *dir = temp_dir();
    struct engine_options options = test_options(dir);
    struct worker workers[WORKERS + 1];
    pthread_t threads[WORKERS + 1];
    _Atomic int left = WORKERS;
    struct store *s;
    (void)state;
    options.head_bytes_max = 4 << 10;
    assert_int_equal(store_open(&options, &s, NULL), 0);
    for (uint64_t i = 0; i <= WORKERS; i++) {
        workers[i] = (struct worker){.s = s, .first = (i + 1) * 10000, .left = &left};
        assert_int_equal(pthread_create(&threads[i], NULL, i < WORKERS ? append_and_delete : search,
                                        &workers[i]),
                         0);
    }
    for (int i = 0; i <= WORKERS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(workers[i].failures, 0);
    }
    check_workers(s);
    store_close(s);
    assert_int_equal(store_open(&options, &s, NULL), 0);
    check_workers(s);
    store_close(s);
    temp_dir_remove(dir);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_steps),        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_nothing_left), cmocka_unit_test(test_snapshots_stay),
        cmocka_unit_test(test_bounded),      cmocka_unit_test(test_faults),
        cmocka_unit_test(test_model),        cmocka_unit_test(test_all_at_once),
    };
    log_set_level(LOG_ERROR); /* not a line for each run */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
