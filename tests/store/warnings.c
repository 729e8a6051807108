/* Answers say when a part was left out of them; failures of sealing are counted. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

#include "base/log.h"
#include "fixture.h"
#include "query/query.h"
#include "store/file.h"

static bool search_is_damaged(struct store *s, size_t *ret_count)
{
    struct trace_query query = {NULL, 0, UINT64_MAX, 1000};
    struct engine_query q = {.damaged = true}; /* the engine sets it either way */
    struct trace_summary_list list;
    struct arena arena;
    arena_init(&arena, 0);
    q.arena = &arena;
    assert_int_equal(query_search(s, &q, &query, &list, NULL), 0);
    *ret_count = list.count;
    arena_release(&arena);
    return q.damaged;
}

/* Every page of the part gets a wrong byte; its directory, at the end, stays. */
static void damage_pages(const char *dir)
{
    char path[512];
    int fd;
    snprintf(path, sizeof path, "%s/parts/00000001.part", dir);
    fd = open(path, O_WRONLY);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, "XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX", 48, 20), 48);
    close(fd);
}

static void test_damaged(void **state)
{
    char *dir = temp_dir(), path[512];
    struct engine_options options = test_options(dir);
    struct store *s;
    size_t count;
    (void)state;
    assert_int_equal(store_open(&options, &s, NULL), 0);
    assert_int_equal(append_trace(s, 1, 3), 0);
    assert_int_equal(store_seal_now(s, NULL), 0);
    assert_int_equal(append_trace(s, 2, 3), 0);
    assert_false(search_is_damaged(s, &count));
    assert_int_equal(count, 2);
    store_close(s);

    damage_pages(dir); /* found when it is read */
    assert_int_equal(store_open(&options, &s, NULL), 0);
    assert_true(search_is_damaged(s, &count));
    assert_int_equal(count, 1);
    store_close(s);

    snprintf(path, sizeof path, "%s/parts/00000001.part", dir);
    assert_int_equal(unlink(path), 0); /* found at the start */
    assert_int_equal(store_open(&options, &s, NULL), 0);
    assert_true(search_is_damaged(s, &count));
    assert_int_equal(count, 1);
    store_close(s);
    temp_dir_remove(dir);
}

static int no_part(enum file_op op, void *user)
{
    (void)user;
    return op == FILE_RENAME ? EIO : 0;
}

static void test_failures_counted(void **state)
{
    char *dir = temp_dir();
    struct engine_options options = test_options(dir);
    struct engine_stats stats;
    struct store *s;
    (void)state;
    assert_int_equal(store_open(&options, &s, NULL), 0);
    assert_int_equal(append_trace(s, 1, 3), 0);
    file_set_fault(no_part, NULL);
    assert_int_equal(store_seal_now(s, NULL), ERR_IO);
    file_set_fault(NULL, NULL);
    store_stats(s, &stats);
    assert_int_equal(stats.seal_failures, 1);
    assert_int_equal(check_trace(s, 1), 3);
    assert_int_equal(store_seal_now(s, NULL), 0);
    store_close(s);
    temp_dir_remove(dir);
}

/* A part of another format's version: refused with the way out, and left as it is. */
static void test_other_version(void **state)
{
    char *dir = temp_dir(), path[512];
    struct engine_options options = test_options(dir);
    struct store *s;
    struct err err = {0};
    int fd;
    (void)state;
    assert_int_equal(store_open(&options, &s, NULL), 0);
    assert_int_equal(append_trace(s, 1, 3), 0);
    assert_int_equal(store_seal_now(s, NULL), 0);
    store_close(s);
    snprintf(path, sizeof path, "%s/parts/00000001.part", dir);
    fd = open(path, O_WRONLY);
    assert_int_equal(pwrite(fd, "\1", 1, 8), 1);
    assert_int_equal(store_open(&options, &s, &err), ERR_UNSUPPORTED);
    assert_non_null(strstr(err.msg, "--data-dir"));
    assert_int_equal(pwrite(fd, "\2", 1, 8), 1);
    close(fd);
    assert_int_equal(store_open(&options, &s, NULL), 0);
    assert_int_equal(check_trace(s, 1), 3);
    store_close(s);
    temp_dir_remove(dir);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_failures_counted),
        cmocka_unit_test(test_other_version),
    };
    log_set_level(LOG_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
