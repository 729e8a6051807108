/* Damage, then --repair: what was not hit is there, the next check finds nothing, and a repair that ends anywhere -
 * a failing call, a kill - is finished by the next. */
#include <fcntl.h>
#include <sys/wait.h>

#include "fixture.h"
#include "store/file.h"

enum { PARTS = 3, EACH = 4, LOGGED = 4, TRACES = PARTS * EACH + LOGGED };

/* Repairs, then demands a clean directory that opens with at least so many whole traces. */
static uint32_t repair_and_open(const char *dir, const char *name)
{
    struct care_check found;
    struct err err = {0};
    if (care_quiet(dir, true, &found, &err) < 0)
        fail_msg("%s: %s", name, err.msg);
    assert_true(found.problems > 0 && found.repaired);
    if (care_quiet(dir, false, &found, &err) < 0 || found.problems)
        fail_msg("%s: not well after the repair: %s", name, err.msg);
    return care_whole_traces(dir, TRACES, false);
}

/* Every byte of a part: the other parts and the log are whole, and most of the part's own rows too when the byte is one
 * of a page that few rows need. */
static void test_every_byte_of_a_part(void **state)
{
    char *dir = care_make(PARTS * EACH, EACH, LOGGED), path[1024], target[1200];
    size_t n, all_saved = 0;
    (void)state;
    care_file(dir, "parts", ".part", 1, path);
    free(care_read(path, &n));
    for (size_t i = 0; i < n; i++) {
        char *copy = temp_dir(), name[64];
        uint32_t whole;
        copy_dir(dir, copy);
        snprintf(target, sizeof target, "%s%s", copy, path + strlen(dir));
        snprintf(name, sizeof name, "byte %zu of %zu", i, n);
        care_flip(target, i, (unsigned char)(1u << i % 8));
        whole = repair_and_open(copy, name);
        assert_true(whole >= TRACES - EACH);
        all_saved += whole == TRACES;
        assert_true(care_exists(copy, "damaged/00000002.part"));
        temp_dir_remove(copy);
    }
    assert_true(all_saved > 0); /* the filters, the header */
    temp_dir_remove(dir);
}

static void test_every_byte_of_a_log(void **state)
{
    char *dir = care_make(PARTS * EACH, EACH, LOGGED), path[1024], target[1200];
    size_t n;
    (void)state;
    care_file(dir, "log", ".log", 0, path);
    free(care_read(path, &n));
    for (size_t i = 0; i < n; i++) {
        char *copy = temp_dir(), name[64];
        copy_dir(dir, copy);
        snprintf(target, sizeof target, "%s%s", copy, path + strlen(dir));
        snprintf(name, sizeof name, "byte %zu of %zu", i, n);
        care_flip(target, i, (unsigned char)(1u << i % 8));
        assert_true(repair_and_open(copy, name) >= TRACES - 1);
        temp_dir_remove(copy);
    }
    temp_dir_remove(dir);
}

static void test_every_byte_of_manifest(void **state)
{
    char *dir = care_make(PARTS * EACH, EACH, LOGGED), path[1200], name[64];
    size_t n;
    (void)state;
    snprintf(path, sizeof path, "%s/MANIFEST", dir);
    free(care_read(path, &n));
    for (size_t i = 0; i < n; i++) {
        char *copy = temp_dir();
        copy_dir(dir, copy);
        snprintf(path, sizeof path, "%s/MANIFEST", copy);
        snprintf(name, sizeof name, "byte %zu of %zu", i, n);
        care_flip(path, i, (unsigned char)(1u << i % 8));
        assert_int_equal(repair_and_open(copy, name), TRACES);
        assert_true(care_exists(copy, "damaged/MANIFEST"));
        temp_dir_remove(copy);
    }
    temp_dir_remove(dir);
}

static void test_lost(void **state)
{
    char *dir = care_make(PARTS * EACH, EACH, LOGGED), path[1200];
    (void)state;
    snprintf(path, sizeof path, "%s/MANIFEST", dir);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(repair_and_open(dir, "no MANIFEST"), TRACES);
    care_file(dir, "parts", ".part", 0, path);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(repair_and_open(dir, "no part"), TRACES - EACH);
    temp_dir_remove(dir);
}

/* A large part whose pages are hit one by one: rows of other groups, and of the same group without that column, stay. */
static void test_groups(void **state)
{
    enum { SPANS = 20000, BATCH = 5000 };
    char *dir = temp_dir(), path[1024];
    struct engine_options options = test_options(dir);
    struct care_check found;
    struct store *s;
    size_t n;
    (void)state;
    assert_int_equal(store_open(&options, &s, NULL), 0);
    for (uint32_t t = 0; t < SPANS / BATCH; t++)
        assert_int_equal(append_trace(s, t, BATCH), 0);
    assert_int_equal(store_seal_now(s, NULL), 0);
    store_close(s);
    care_file(dir, "parts", ".part", 0, path);
    free(care_read(path, &n));
    care_flip(path, 16 + 40, 1); /* the first stream: starts of the first group */
    assert_int_equal(care_quiet(dir, true, &found, NULL), 0);
    assert_int_equal(found.saved_spans + found.lost_spans, SPANS);
    assert_int_equal(found.lost_spans, 8192);
    assert_int_equal(care_quiet(dir, false, &found, NULL), 0);
    assert_int_equal(found.problems, 0);
    assert_int_equal(found.spans, SPANS - 8192);
    temp_dir_remove(dir);
}

/* ---- Repairs that do not end ---- */

static char *damaged_directory(void)
{
    char *dir = care_make(PARTS * EACH, EACH, LOGGED), path[1024];
    size_t n;
    care_file(dir, "parts", ".part", 1, path);
    care_flip(path, 60, 1);
    care_file(dir, "log", ".log", 0, path);
    free(care_read(path, &n));
    care_flip(path, n - 5, 1);
    return dir;
}

struct countdown {
    _Atomic int left;
    bool die;
};

static int on_call(enum file_op op, void *user)
{
    struct countdown *c = user;
    (void)op;
    if (atomic_fetch_sub(&c->left, 1) != 1)
        return 0;
    if (c->die)
        _exit(77); /* as a kill: nothing is cleaned up */
    return 5;      /* EIO */
}

static void sweep_calls(bool die)
{
    char *dir = damaged_directory();
    uint32_t want;
    char *reference = temp_dir();
    copy_dir(dir, reference);
    want = repair_and_open(reference, "in one go");
    temp_dir_remove(reference);
    for (int i = 1;; i++) {
        char *copy = temp_dir();
        int status = 0;
        pid_t pid;
        copy_dir(dir, copy);
        pid = fork();
        if (pid == 0) {
            struct countdown c = {i, die};
            struct care_check found;
            file_set_fault(on_call, &c);
            int rc = care_quiet(copy, true, &found, NULL);
            _exit(rc < 0 ? 77 : 0);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status));
        if (WEXITSTATUS(status) == 0) {
            assert_true(i > 10); /* the sweep saw the calls */
            temp_dir_remove(copy);
            break;
        }
        /* a server may start on what is there, or the repair is run again: no undamaged span is lost */
        char *served = temp_dir();
        copy_dir(copy, served);
        assert_true(care_whole_traces(served, TRACES, true) >= TRACES - EACH - 1);
        temp_dir_remove(served);
        struct care_check found;
        assert_int_equal(care_quiet(copy, true, &found, NULL), 0);
        assert_int_equal(care_quiet(copy, false, &found, NULL), 0);
        assert_int_equal(found.problems, 0);
        assert_int_equal(care_whole_traces(copy, TRACES, false), want);
        assert_true(care_exists(copy, "damaged/00000002.part"));
        temp_dir_remove(copy);
    }
    temp_dir_remove(dir);
}

static void test_kill_anywhere(void **state)
{
    (void)state;
    sweep_calls(true);
}

static void test_fail_anywhere(void **state)
{
    (void)state;
    sweep_calls(false);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_byte_of_a_part),
        cmocka_unit_test(test_every_byte_of_a_log),
        cmocka_unit_test(test_every_byte_of_manifest),
        cmocka_unit_test(test_lost),
        cmocka_unit_test(test_groups),
        cmocka_unit_test(test_kill_anywhere),
        cmocka_unit_test(test_fail_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
