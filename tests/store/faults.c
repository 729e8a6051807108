/* The n-th system call fails, for every n: nothing is acknowledged that is not kept, and the store goes on. */
#include <errno.h>
#include <stdatomic.h>

#include "fixture.h"
#include "store/file.h"

enum { APPENDS = 12 };

struct fault {
    enum file_op op; /* only calls of this kind count */
    int errno_value;
    _Atomic int left; /* fails when it reaches zero */
    int length;       /* that many in a row */
};

static int inject(enum file_op op, void *user)
{
    struct fault *f = user;
    int n;
    if (op != f->op)
        return 0;
    n = atomic_fetch_sub(&f->left, 1) - 1;
    return n < 0 && n >= -f->length ? f->errno_value : 0;
}

/* Appends, seals in between; which traces were acknowledged. Returns false when the store did not even open. */
static bool run(const char *dir, struct fault *fault, bool *acked)
{
    struct engine_options options = test_options(dir);
    struct store *s;
    struct err err;
    int rc;
    file_set_fault(inject, fault);
    rc = store_open(&options, &s, &err);
    if (rc == 0) {
        for (uint32_t t = 0; t < APPENDS; t++) {
            acked[t] = append_trace(s, t, 2) == 0;
            if (acked[t]) { /* visible at once */
                int got = check_trace(s, t);
                assert_true(got == 2 || (fault->op == FILE_READ && got == ERR_IO));
            }
            if (t == 5)
                store_seal_now(s, NULL);
        }
    }
    file_set_fault(NULL, NULL);
    if (rc == 0) {
        /* the fault is over: it works again */
        assert_int_equal(append_trace(s, APPENDS, 2), 0);
        store_close(s);
    }
    return rc == 0;
}

static void check_after(const char *dir, const bool *acked, bool opened)
{
    struct engine_options options = test_options(dir);
    struct store *s;
    struct err err;
    if (store_open(&options, &s, &err) < 0)
        fail_msg("after the fault: %s", err.msg);
    for (uint32_t t = 0; t < APPENDS; t++) {
        int got = check_trace(s, t);
        if (acked[t] ? got != 2 : got != 2 && got != ERR_NOT_FOUND)
            fail_msg("trace %u, acknowledged %d: %d", t, acked[t], got);
    }
    if (opened)
        assert_int_equal(check_trace(s, APPENDS), 2);
    store_close(s);
}

static void sweep(enum file_op op, int errno_value, int length)
{
    for (int n = 0; n < 1000; n++) {
        struct fault fault = {.op = op, .errno_value = errno_value, .left = n, .length = length};
        bool acked[APPENDS] = {false}, opened;
        char *dir = temp_dir();
        opened = run(dir, &fault, acked);
        check_after(dir, acked, opened);
        temp_dir_remove(dir);
        if (atomic_load(&fault.left) >= 0)
            return; /* so many calls there are not */
    }
    fail_msg("the sweep does not end");
}

static void test_open(void **state)
{
    (void)state;
    sweep(FILE_OPEN, EMFILE, 1);
}

static void test_write(void **state)
{
    (void)state;
    sweep(FILE_WRITE, ENOSPC, 1);
    sweep(FILE_WRITE, EIO, 3);
}

static void test_sync(void **state)
{
    (void)state;
    sweep(FILE_SYNC, EIO, 1);
    sweep(FILE_SYNC, EIO, 2);
}

static void test_names(void **state)
{
    (void)state;
    sweep(FILE_RENAME, EIO, 1);
    sweep(FILE_UNLINK, EIO, 1);
    sweep(FILE_SYNC_DIR, EIO, 1);
    sweep(FILE_TRUNCATE, EIO, 1);
}

static void test_reading(void **state)
{
    (void)state;
    sweep(FILE_READ, EIO, 1);
    sweep(FILE_READ, EIO, 4);
    sweep(FILE_SIZE, EIO, 1);
    sweep(FILE_LIST, EIO, 1);
    sweep(FILE_MAKE_DIR, EIO, 1);
    sweep(FILE_LOCK, ENOLCK, 1);
}

/* A torn write that cannot be cut back either: the next append goes to a new file. */
struct torn {
    _Atomic int writes;
};

static int tear(enum file_op op, void *user)
{
    struct torn *t = user;
    if (op == FILE_TRUNCATE)
        return EIO;
    return op == FILE_WRITE && atomic_fetch_sub(&t->writes, 1) == 1 ? ENOSPC : 0;
}

static void test_torn_and_not_cut(void **state)
{
    char *dir = temp_dir();
    struct engine_options options = test_options(dir);
    struct torn torn = {3};
    struct engine_stats stats;
    struct store *s;
    (void)state;
    assert_int_equal(store_open(&options, &s, NULL), 0);
    file_set_fault(tear, &torn);
    assert_int_equal(append_trace(s, 1, 3), 0);
    assert_int_equal(append_trace(s, 2, 3), ERR_BUSY);
    assert_int_equal(check_trace(s, 2), ERR_NOT_FOUND);
    assert_int_equal(append_trace(s, 3, 3), 0);
    file_set_fault(NULL, NULL);
    store_close(s);
    assert_int_equal(store_open(&options, &s, NULL), 0);
    assert_int_equal(check_trace(s, 1), 3);
    assert_int_equal(check_trace(s, 2), ERR_NOT_FOUND);
    assert_int_equal(check_trace(s, 3), 3);
    store_stats(s, &stats);
    assert_true(stats.damaged_bytes > 0);
    store_close(s);
    temp_dir_remove(dir);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_open),    cmocka_unit_test(test_write),
        cmocka_unit_test(test_sync),    cmocka_unit_test(test_names),
        cmocka_unit_test(test_reading), cmocka_unit_test(test_torn_and_not_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
