/* What a check says of good directories, of every flipped byte, and of directories it must not touch. */
#include <fcntl.h>
#include <sys/file.h>

#include "fixture.h"

static void test_good(void **state)
{
    char *dir = care_make(12, 4, 5);
    struct care_check found;
    (void)state;
    assert_int_equal(care_quiet(dir, false, &found, NULL), 0);
    assert_int_equal(found.problems, 0);
    assert_int_equal(found.parts, 3);
    assert_int_equal(found.spans, 12 * CARE_SPANS);
    assert_int_equal(found.records, 5);
    assert_int_equal(found.log_spans, 5 * CARE_SPANS);
    assert_int_equal(care_quiet(dir, true, &found, NULL), 0);
    assert_false(found.repaired);
    assert_false(care_exists(dir, "damaged"));
    temp_dir_remove(dir);
}

static void sweep(const char *sub, const char *suffix, const char *dir)
{
    char path[1024];
    unsigned char *good;
    struct care_check found;
    size_t n;
    care_file(dir, sub, suffix, 0, path);
    good = care_read(path, &n);
    for (size_t i = 0; i < n; i++) {
        struct err err = {0};
        int rc;
        care_flip(path, i, (unsigned char)(1u << i % 8));
        rc = care_quiet(dir, false, &found, &err);
        if (rc < 0 && rc != ERR_UNSUPPORTED)
            fail_msg("%s: byte %zu of %zu: %s", suffix, i, n, err.msg);
        if (rc == 0 && !found.problems)
            fail_msg("%s: byte %zu of %zu was flipped and nobody saw it", suffix, i, n);
        care_write(path, good, n);
    }
    assert_int_equal(care_quiet(dir, false, &found, NULL), 0);
    assert_int_equal(found.problems, 0);
    free(good);
}

static void test_every_byte_of_a_part(void **state)
{
    char *dir = care_make(6, 6, 0);
    (void)state;
    sweep("parts", ".part", dir);
    temp_dir_remove(dir);
}

/* The header of a segment has nothing that is needed: all records are found without it, and yet it is told. */
static void test_every_byte_of_a_log(void **state)
{
    char *dir = care_make(0, 1, 6);
    (void)state;
    sweep("log", ".log", dir);
    temp_dir_remove(dir);
}

static void test_every_byte_of_manifest(void **state)
{
    char *dir = care_make(4, 2, 2);
    (void)state;
    sweep(".", "MANIFEST", dir);
    temp_dir_remove(dir);
}

static void test_every_cut(void **state)
{
    static const char *const files[][2] = {{"parts", ".part"}, {"log", ".log"}, {".", "MANIFEST"}};
    char *dir = care_make(3, 3, 3);
    (void)state;
    for (size_t f = 0; f < COUNT(files); f++) {
        char path[1024];
        size_t n, quiet = 0;
        unsigned char *good;
        care_file(dir, files[f][0], files[f][1], 0, path);
        good = care_read(path, &n);
        for (size_t i = 0; i < n; i++) {
            struct care_check found;
            care_write(path, good, i);
            assert_int_equal(care_quiet(dir, false, &found, NULL), 0);
            quiet += !found.problems;
        }
        /* a log that ends between two records is what it looks like before the next append: an empty file too */
        assert_int_equal(quiet, f == 1 ? 4 : 0);
        care_write(path, good, n);
        free(good);
    }
    temp_dir_remove(dir);
}

static void test_refusals(void **state)
{
    char *dir = care_make(1, 1, 1), *empty = temp_dir(), lock[1024];
    struct engine_options options = test_options(dir);
    struct care_check found;
    struct err err = {0};
    struct store *s;
    (void)state;
    assert_int_equal(care_quiet(empty, false, &found, &err), ERR_NOT_FOUND);
    assert_non_null(strstr(err.msg, "no data directory"));
    assert_int_equal(care_quiet("/nowhere/at/all", true, &found, &err), ERR_NOT_FOUND);
    snprintf(lock, sizeof lock, "%s/LOCK", empty);
    assert_int_equal(access(lock, F_OK), -1);
    assert_int_equal(store_open(&options, &s, NULL), 0);
    assert_int_equal(care_quiet(dir, false, &found, &err), ERR_BUSY);
    assert_non_null(strstr(err.msg, "stop that server first"));
    store_close(s);
    assert_int_equal(care_quiet(dir, false, &found, &err), 0);
    temp_dir_remove(dir);
    temp_dir_remove(empty);
}

struct heard {
    uint64_t problems, last, all;
    bool backwards;
};

static void on_problem(const struct care_problem *p, void *user)
{
    struct heard *h = user;
    assert_string_equal(p->file, "parts/00000002.part");
    assert_true(p->has_offset && p->offset >= 16);
    h->problems++;
}

static void on_progress(uint64_t done, uint64_t all, void *user)
{
    struct heard *h = user;
    h->backwards |= done < h->last;
    h->last = done;
    h->all = all;
}

static void test_words_and_progress(void **state)
{
    char *dir = care_make(4, 2, 2), path[1024];
    struct heard heard = {0};
    struct care_watcher w = {on_problem, on_progress, &heard, NULL};
    struct care_check found;
    (void)state;
    care_file(dir, "parts", ".part", 1, path);
    care_flip(path, 40, 1);
    assert_int_equal(care_check(dir, false, &w, &found, NULL), 0);
    assert_int_equal(heard.problems, 1);
    assert_false(heard.backwards);
    assert_true(heard.all > 0 && heard.last <= heard.all);
    temp_dir_remove(dir);
}

static void test_interrupt(void **state)
{
    static const _Atomic int now = 1;
    char *dir = care_make(4, 2, 2);
    struct care_watcher w = {.stop = &now};
    struct care_check found;
    (void)state;
    assert_int_equal(care_check(dir, true, &w, &found, NULL), ERR_CANCELLED);
    temp_dir_remove(dir);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_every_byte_of_a_part),
        cmocka_unit_test(test_every_byte_of_a_log),
        cmocka_unit_test(test_every_byte_of_manifest),
        cmocka_unit_test(test_every_cut),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_words_and_progress),
        cmocka_unit_test(test_interrupt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
