/* Files cut and flipped at every byte: the store opens or says clearly why not, never crashes, and what lies
 * before the damage is there. */
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "fixture.h"
#include "query/query.h"
#include "query/series.h"
#include "store/wal.h"

enum { TRACES = 6 };

/* The only file of a sub-directory with this ending. */
static void find_file(const char *dir, const char *sub, const char *suffix, char out[1024])
{
    char path[900];
    struct dirent *entry;
    DIR *d;
    snprintf(path, sizeof path, "%s/%s", dir, sub);
    d = opendir(path);
    assert_non_null(d);
    out[0] = '\0';
    while ((entry = readdir(d))) {
        size_t n = strlen(entry->d_name), m = strlen(suffix);
        if (n >= m && strcmp(entry->d_name + n - m, suffix) == 0)
            snprintf(out, 1024, "%s/%.100s", path, entry->d_name);
    }
    closedir(d);
    assert_true(out[0]);
}

static unsigned char *read_file(const char *path, size_t *n)
{
    struct stat st;
    int fd = open(path, O_RDONLY);
    unsigned char *p;
    assert_true(fd >= 0 && fstat(fd, &st) == 0);
    *n = (size_t)st.st_size;
    p = malloc(*n + 1);
    assert_int_equal(read(fd, p, *n), *n);
    close(fd);
    return p;
}

static void write_file(const char *path, const unsigned char *p, size_t n)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, p, n), n);
    close(fd);
}

/* A directory with TRACES small traces, in the log or in one part. */
static char *make_store(bool sealed)
{
    char *dir = temp_dir();
    struct engine_options options = test_options(dir);
    struct store *s;
    assert_int_equal(store_open(&options, &s, NULL), 0);
    for (uint32_t t = 0; t < TRACES; t++)
        assert_int_equal(append_trace(s, t, 1), 0);
    if (sealed)
        assert_int_equal(store_seal_now(s, NULL), 0);
    store_close(s);
    return dir;
}

/* How many traces from the first on are whole; the others must be whole, absent or reported damaged. */
static uint32_t traces_from_start(struct store *s, uint32_t *ret_all)
{
    uint32_t first = 0, all = 0;
    for (uint32_t t = 0; t < TRACES; t++) {
        int got = check_trace(s, t);
        assert_true(got == 1 || got == ERR_NOT_FOUND || got == ERR_CORRUPT);
        all += got == 1;
        first += got == 1 && first == t;
    }
    *ret_all = all;
    return first;
}

/* Every query must end, with an answer or an error. */
static void run_queries(struct store *s)
{
    struct trace_query query = {NULL, 0, UINT64_MAX, 10};
    struct engine_query q = {0};
    struct trace_summary_list list;
    struct operation_list operations;
    struct dependency_list dependencies;
    struct str_list services;
    struct tag_query tags = {.field = {FIELD_ATTRIBUTE, SCOPE_FIRST, STR_INIT("code")},
                             .start_ns = 1,
                             .end_ns = UINT64_MAX,
                             .limit = 10};
    struct operation_stats_list stats;
    struct tag_value_list values;
    struct tag_key_list keys;
    struct arena arena;
    arena_init(&arena, 64 << 20);
    q.arena = &arena;
    query_search(s, &q, &query, &list, NULL);
    query_services(s, &q, &services, NULL);
    query_operations(s, &q, STR(""), &operations, NULL);
    query_dependencies(s, &q, 0, UINT64_MAX, &dependencies, NULL);
    query_keys(s, &q, &tags, &keys, NULL);
    query_values(s, &q, &tags, &values, NULL);
    tags.start_ns = 0;
    query_keys(s, &q, &tags, &keys, NULL);
    query_values(s, &q, &tags, &values, NULL);
    query_operation_stats(s, &q, STR(""), 0, UINT64_MAX, &stats, NULL);
    arena_release(&arena);
}

/* Damages one file of a copy by fn(bytes, n, i) and hands the opened store (or its error) to check. */
struct sweep {
    const char *sub, *suffix;
    bool sealed;
    size_t (*damage)(unsigned char *p, size_t n, size_t i); /* the new length */
    void (*check)(struct store *s, int rc, const struct err *err, size_t i, size_t n);
};

static void run_sweep(const struct sweep *sweep, size_t step)
{
    char *dir = make_store(sweep->sealed), *copy = temp_dir();
    char path[1024], target[1024];
    unsigned char *good, *bad;
    size_t n;
    find_file(dir, sweep->sub, sweep->suffix, path);
    good = read_file(path, &n);
    bad = malloc(n + 1);
    for (size_t i = 0; i < n; i += step) {
        struct engine_options options = test_options(copy);
        struct store *s = NULL;
        struct err err = {0};
        size_t bad_n;
        int rc;
        temp_dir_remove(copy);
        copy = temp_dir();
        options.data_dir = copy;
        copy_dir(dir, copy);
        memcpy(bad, good, n);
        bad_n = sweep->damage(bad, n, i);
        snprintf(target, sizeof target, "%s%s", copy, path + strlen(dir));
        write_file(target, bad, bad_n);
        rc = store_open(&options, &s, &err);
        if (rc == 0)
            run_queries(s);
        sweep->check(s, rc, &err, i, n);
        store_close(s);
    }
    free(good);
    free(bad);
    temp_dir_remove(copy);
    temp_dir_remove(dir);
}

static size_t cut(unsigned char *p, size_t n, size_t i)
{
    (void)p;
    (void)n;
    return i;
}

static size_t flip(unsigned char *p, size_t n, size_t i)
{
    p[i] ^= (unsigned char)(1u << (i % 8));
    return n;
}

/* The record that byte i lies in, when all records are of one size. */
static uint32_t record_of(size_t i, size_t n)
{
    size_t size = (n - WAL_HEADER_BYTES) / TRACES;
    return i < WAL_HEADER_BYTES ? 0 : (uint32_t)((i - WAL_HEADER_BYTES) / size);
}

static void check_cut_log(struct store *s, int rc, const struct err *err, size_t i, size_t n)
{
    uint32_t all, first;
    if (rc < 0)
        fail_msg("log cut at %zu of %zu: %s", i, n, err->msg);
    first = traces_from_start(s, &all);
    assert_true(all == first);
    assert_true(first + 1 >= record_of(i, n)); /* sizes of records differ by a few bytes */
}

static void check_flipped_log(struct store *s, int rc, const struct err *err, size_t i, size_t n)
{
    struct engine_stats stats;
    uint32_t all;
    if (rc < 0)
        fail_msg("log flipped at %zu of %zu: %s", i, n, err->msg);
    traces_from_start(s, &all);
    store_stats(s, &stats);
    /* one record at most is lost, those before and behind it are there */
    if (i < WAL_HEADER_BYTES)
        assert_int_equal(all, TRACES);
    else
        assert_true(all == TRACES - 1 && stats.damaged_bytes > 0);
}

static void check_part(struct store *s, int rc, const struct err *err, size_t i, size_t n)
{
    struct engine_stats stats;
    uint32_t all;
    (void)n;
    if (rc < 0) {
        /* only the version may stop a start */
        if (rc != ERR_UNSUPPORTED)
            fail_msg("part damaged at %zu: %s", i, err->msg);
        return;
    }
    traces_from_start(s, &all);
    store_stats(s, &stats);
    if (all != TRACES)
        assert_true(stats.damaged_bytes > 0);
}

static void check_manifest(struct store *s, int rc, const struct err *err, size_t i, size_t n)
{
    (void)s;
    (void)n;
    if (rc != ERR_CORRUPT || !strstr(err->msg, "MANIFEST"))
        fail_msg("manifest damaged at %zu: %d %s", i, rc, err->msg);
}

static void test_log(void **state)
{
    static const struct sweep cut_log = {"log", ".log", false, cut, check_cut_log};
    static const struct sweep flip_log = {"log", ".log", false, flip, check_flipped_log};
    (void)state;
    run_sweep(&cut_log, 1);
    run_sweep(&flip_log, 1);
}

static void test_part(void **state)
{
    static const struct sweep cut_part = {"parts", ".part", true, cut, check_part};
    static const struct sweep flip_part = {"parts", ".part", true, flip, check_part};
    (void)state;
    run_sweep(&cut_part, 7);
    run_sweep(&flip_part, 1);
}

static void test_manifest(void **state)
{
    static const struct sweep cut_manifest = {"", "MANIFEST", true, cut, check_manifest};
    static const struct sweep flip_manifest = {"", "MANIFEST", true, flip, check_manifest};
    (void)state;
    run_sweep(&cut_manifest, 1);
    run_sweep(&flip_manifest, 1);
}

static void test_missing_manifest(void **state)
{
    char *dir = make_store(true), path[1024];
    struct engine_options options = test_options(dir);
    struct store *s = NULL;
    struct err err;
    (void)state;
    snprintf(path, sizeof path, "%s/MANIFEST", dir);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(store_open(&options, &s, &err), ERR_CORRUPT);
    assert_non_null(strstr(err.msg, "MANIFEST"));
    temp_dir_remove(dir);
}

static void test_missing_part(void **state)
{
    char *dir = make_store(true), path[1024];
    struct engine_options options = test_options(dir);
    struct engine_stats stats;
    struct store *s = NULL;
    (void)state;
    find_file(dir, "parts", ".part", path);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(store_open(&options, &s, NULL), 0);
    store_stats(s, &stats);
    assert_true(stats.damaged_bytes > 0);
    assert_int_equal(append_trace(s, 50, 2), 0);
    assert_int_equal(check_trace(s, 50), 2);
    store_close(s);
    temp_dir_remove(dir);
}

static void test_strays_are_removed(void **state)
{
    char *dir = make_store(true), path[1024], stray[1200];
    struct engine_options options = test_options(dir);
    struct store *s = NULL;
    struct stat st;
    (void)state;
    snprintf(path, sizeof path, "%s/parts/00000077.part", dir);
    write_file(path, (const unsigned char *)"x", 1);
    snprintf(stray, sizeof stray, "%s.tmp", path);
    write_file(stray, (const unsigned char *)"x", 1);
    assert_int_equal(store_open(&options, &s, NULL), 0);
    assert_int_equal(stat(path, &st), -1);
    assert_int_equal(stat(stray, &st), -1);
    assert_int_equal(check_trace(s, 1), 1);
    store_close(s);
    temp_dir_remove(dir);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_log),          cmocka_unit_test(test_part),
        cmocka_unit_test(test_manifest),     cmocka_unit_test(test_missing_manifest),
        cmocka_unit_test(test_missing_part), cmocka_unit_test(test_strays_are_removed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
