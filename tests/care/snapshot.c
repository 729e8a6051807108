/* Copies of a store at work: whole, of one moment, untouched by what comes after; or not there at all. */
#include <pthread.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "fixture.h"
#include "store/file.h"

static void target_of(const char *dir, char out[1024])
{
    snprintf(out, 1024, "%s-copy", dir);
}

static void remove_copy(const char *target)
{
    temp_dir_remove(strdup(target));
}

static void test_copy(void **state)
{
    char *dir = care_make(8, 4, 3), target[1024], path[1100];
    struct engine_options options = test_options(dir);
    struct engine_copy copy;
    struct care_check found;
    struct err err = {0};
    struct store *s;
    struct stat st;
    (void)state;
    target_of(dir, target);
    assert_int_equal(store_open(&options, &s, NULL), 0);
    assert_int_equal(store_copy(s, target, &copy, &err), 0);
    assert_int_equal(copy.spans, 11 * CARE_SPANS);
    assert_int_equal(copy.parts, 3);
    assert_int_equal(copy.linked_bytes, copy.bytes);
    snprintf(path, sizeof path, "%s/parts/00000001.part", target);
    assert_true(stat(path, &st) == 0 && st.st_nlink == 2);
    assert_int_equal(care_quiet(target, false, &found, NULL), 0);
    assert_int_equal(found.problems + found.notes, 0);
    assert_int_equal(store_copy(s, target, &copy, &err), ERR_INVALID);
    assert_non_null(strstr(err.msg, "exists already"));
    /* lives its own life */
    for (uint32_t t = 11; t < 20; t++) {
        assert_int_equal(append_trace(s, t, CARE_SPANS), 0);
        assert_int_equal(store_seal_now(s, NULL), 0);
    }
    assert_int_equal(care_whole_traces(target, 20, false), 11);
    store_close(s);
    assert_int_equal(care_whole_traces(dir, 20, false), 20);
    remove_copy(target);
    temp_dir_remove(dir);
}

/* ---- While spans arrive ---- */

struct load {
    struct store *s;
    _Atomic uint32_t done;
    _Atomic int stop;
};

static void *send(void *user)
{
    struct load *l = user;
    for (uint32_t t = 0; !atomic_load(&l->stop) && t < 20000; t++) {
        if (append_trace(l->s, t, CARE_SPANS) < 0)
            break;
        atomic_store(&l->done, t + 1);
    }
    return NULL;
}

static void test_copy_under_load(void **state)
{
    char *dir = temp_dir(), target[1024];
    struct engine_options options = test_options(dir);
    struct load load = {0};
    pthread_t thread;
    (void)state;
    target_of(dir, target);
    options.head_age_ms_max = 20;
    assert_int_equal(store_open(&options, &load.s, NULL), 0);
    assert_int_equal(pthread_create(&thread, NULL, send, &load), 0);
    for (int i = 0; i < 10; i++) {
        uint32_t before, whole;
        struct care_check found;
        struct engine_copy copy;
        struct err err = {0};
        while (atomic_load(&load.done) < (uint32_t)i * 5)
            usleep(1000);
        before = atomic_load(&load.done);
        if (store_copy(load.s, target, &copy, &err) < 0)
            fail_msg("%s", err.msg);
        assert_int_equal(care_quiet(target, false, &found, NULL), 0);
        assert_int_equal(found.problems, 0);
        whole = care_whole_traces(target, atomic_load(&load.done) + 100, false);
        assert_true(whole >= before);
        assert_int_equal(copy.spans, whole * CARE_SPANS);
        remove_copy(target);
    }
    atomic_store(&load.stop, 1);
    pthread_join(thread, NULL);
    store_close(load.s);
    temp_dir_remove(dir);
}

/* ---- Ended in the middle ---- */

static _Atomic int calls_left;
static bool die;

static int on_call(enum file_op op, void *user)
{
    (void)op, (void)user;
    if (atomic_fetch_sub(&calls_left, 1) != 1)
        return 0;
    if (die)
        _exit(77);
    return 28; /* ENOSPC */
}

static int copy_in_child(const char *dir, const char *target, int calls)
{
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        struct engine_options options = test_options(dir);
        struct engine_copy copy;
        struct store *s;
        if (store_open(&options, &s, NULL) < 0)
            _exit(99);
        atomic_store(&calls_left, calls);
        file_set_fault(on_call, NULL);
        int rc = store_copy(s, target, &copy, NULL);
        file_set_fault(NULL, NULL);
        _exit(rc < 0 ? 77 : 0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) != 99);
    return WEXITSTATUS(status);
}

static void sweep(bool dying)
{
    char target[1024], partial[1100];
    int calls = 1, ended;
    die = dying;
    for (;; calls++) {
        char *dir = care_make(4, 2, 2);
        struct care_check found;
        target_of(dir, target);
        snprintf(partial, sizeof partial, "%s.partial", target);
        ended = copy_in_child(dir, target, calls);
        /* the target is there only when it is whole: the last call that can fail comes behind the rename */
        if (access(target, F_OK) == 0) {
            assert_int_equal(care_quiet(target, false, &found, NULL), 0);
            assert_int_equal(found.problems, 0);
            assert_int_equal(found.spans, 6 * CARE_SPANS);
            remove_copy(target);
        } else {
            assert_int_equal(ended, 77);
        }
        assert_int_equal(copy_in_child(dir, target, 1000000), 0);
        assert_int_equal(care_whole_traces(target, 6, false), 6);
        assert_int_not_equal(access(partial, F_OK), 0);
        assert_int_equal(care_whole_traces(dir, 6, false), 6);
        remove_copy(target);
        temp_dir_remove(dir);
        if (ended == 0)
            break;
    }
    assert_true(calls > 10);
}

static void test_kill_anywhere(void **state)
{
    (void)state;
    sweep(true);
}

static void test_fail_anywhere(void **state)
{
    (void)state;
    sweep(false);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_copy),
        cmocka_unit_test(test_copy_under_load),
        cmocka_unit_test(test_kill_anywhere),
        cmocka_unit_test(test_fail_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
