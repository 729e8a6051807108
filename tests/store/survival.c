/* A full disk, a second server, a clock that jumps. The disk is mem_fs, the clock the linker's. */
#include <sys/wait.h>

#include "fixture.h"
#include "mem_fs.h"
#include "query/query.h"
#include "store/store_int.h"

uint64_t __wrap_clock_monotonic_ns(void);
uint64_t __real_clock_monotonic_ns(void);

static uint64_t now_ns = 1000000000000; /* 0 = the system's */

uint64_t __wrap_clock_monotonic_ns(void)
{
    return now_ns ? now_ns : __real_clock_monotonic_ns();
}

static int append_result;

static void on_done(int result, const struct err *err, void *user)
{
    (void)err;
    (void)user;
    append_result = result;
}

/* As append_wait, by steps. */
static int append_stepped(struct store *s, uint64_t trace)
{
    struct span span;
    struct span_batch batch = {.spans = &span, .span_count = 1};
    struct engine_append append = {.batch = &batch, .done = on_done};
    struct arena arena;
    int rc;
    arena_init(&arena, 0);
    test_span(&arena, trace, 0, &span);
    rc = store_append(s, &append, NULL);
    arena_release(&arena);
    if (rc < 0)
        return rc;
    append_result = 1;
    store_step_write(s, false);
    return append_result;
}

static void wait_ms(uint64_t ms)
{
    now_ns += ms * 1000000;
}

/* Below the floor of free space appends are refused; queries, sealing and a new start are not. */
static void test_below_the_floor(void **state)
{
    struct engine_options options = test_options("/data");
    struct err err;
    struct store *s;
    (void)state;
    mem_fs_open(1);
    options.disk_free_bytes_min = 10000;
    assert_int_equal(store_open_stepped(&options, &s, NULL), 0);
    assert_int_equal(append_stepped(s, 1), 0);
    mem_fs_set_capacity(mem_fs_used() + 9000);
    wait_ms(1000);
    assert_int_equal(append_stepped(s, 2), ERR_BUSY);
    assert_int_equal(check_trace(s, 1), 1);
    store_step_write(s, true);
    assert_int_equal(store_step_seal(s), 0);
    assert_int_equal(check_trace(s, 1), 1);
    store_close(s);
    if (store_open_stepped(&options, &s, &err) < 0)
        fail_msg("%s", err.msg);
    assert_int_equal(check_trace(s, 1), 1);
    assert_int_equal(append_stepped(s, 2), ERR_BUSY);
    mem_fs_set_capacity(UINT64_MAX);
    wait_ms(1000);
    assert_int_equal(append_stepped(s, 2), 0);
    store_close(s);
    mem_fs_close();
}

/* Not a byte left, found out by the write itself. */
static void test_no_byte_left(void **state)
{
    struct engine_options options = test_options("/data");
    struct engine_stats stats;
    struct err err;
    struct store *s;
    (void)state;
    for (uint64_t room = 0; room < 1200; room += 50) {
        mem_fs_open(room);
        assert_int_equal(store_open_stepped(&options, &s, NULL), 0);
        assert_int_equal(append_stepped(s, 1), 0);
        mem_fs_set_capacity(mem_fs_used() + room);
        for (uint32_t t = 2; t < 9 && append_stepped(s, t) == 0; t++)
            ;
        assert_int_equal(append_stepped(s, 20), ERR_BUSY);
        assert_int_equal(check_trace(s, 1), 1);
        assert_int_equal(check_trace(s, 20), ERR_NOT_FOUND);
        store_step_write(s, true);
        if (store_step_seal(s) < 0) /* no room for the part: it leaves nothing */
            assert_true(mem_fs_used() <= stats.log_bytes + 10000);
        store_close(s);
        if (store_open_stepped(&options, &s, &err) < 0)
            fail_msg("%llu bytes of room: %s", (unsigned long long)room, err.msg);
        assert_int_equal(check_trace(s, 1), 1);
        mem_fs_set_capacity(UINT64_MAX);
        assert_int_equal(append_stepped(s, 21), 0);
        store_step_write(s, true);
        while (store_step_seal(s) == 0)
            ;
        store_stats(s, &stats);
        assert_int_equal(stats.head_spans, 0);
        assert_int_equal(stats.log_bytes, 0);
        assert_int_equal(stats.damaged_bytes, 0);
        assert_int_equal(check_trace(s, 1), 1);
        assert_int_equal(check_trace(s, 21), 1);
        store_close(s);
        mem_fs_close();
    }
}

static bool sealed_by_age(struct store *s)
{
    store_step_write(s, false);
    return store_step_seal(s) == 0;
}

static void test_clock_jumps(void **state)
{
    struct engine_options options = test_options("/data");
    struct store *s;
    (void)state;
    mem_fs_open(1);
    options.head_age_ms_max = 60000;
    assert_int_equal(store_open_stepped(&options, &s, NULL), 0);
    assert_int_equal(append_stepped(s, 1), 0);
    wait_ms(59999);
    assert_false(sealed_by_age(s));
    wait_ms(2);
    assert_true(sealed_by_age(s));
    assert_int_equal(append_stepped(s, 2), 0);
    now_ns += UINT64_C(400) * 86400 * 1000000000; /* the machine slept for a year */
    assert_true(sealed_by_age(s));
    assert_int_equal(append_stepped(s, 3), 0);
    now_ns -= UINT64_C(300) * 86400 * 1000000000; /* a clock that must not go back does */
    assert_int_equal(append_stepped(s, 4), 0);
    assert_false(sealed_by_age(s));
    store_step_write(s, true);
    assert_int_equal(store_step_seal(s), 0);
    for (uint32_t t = 1; t <= 4; t++)
        assert_int_equal(check_trace(s, t), 1);
    store_close(s);
    mem_fs_close();
}

/* A full disk is asked for again even when the clock has gone back since. */
static void test_clock_back_on_a_full_disk(void **state)
{
    struct engine_options options = test_options("/data");
    struct store *s;
    (void)state;
    mem_fs_open(1);
    options.disk_free_bytes_min = 10000;
    assert_int_equal(store_open_stepped(&options, &s, NULL), 0);
    mem_fs_set_capacity(mem_fs_used() + 9000);
    wait_ms(1000);
    assert_int_equal(append_stepped(s, 1), ERR_BUSY);
    mem_fs_set_capacity(UINT64_MAX);
    now_ns -= UINT64_C(3600) * 1000000000;
    assert_int_equal(append_stepped(s, 1), 0);
    store_close(s);
    mem_fs_close();
}

/* Another process: refused with its id, and nothing of the first one's is touched. */
static void test_two_servers(void **state)
{
    char *dir = temp_dir(), pid[32];
    struct engine_options options = test_options(dir);
    struct store *s, *other;
    struct err err;
    int status;
    pid_t child;
    (void)state;
    assert_int_equal(store_open(&options, &s, NULL), 0);
    assert_int_equal(append_trace(s, 1, 3), 0);
    snprintf(pid, sizeof pid, "process %ld", (long)getpid());
    child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(store_open(&options, &other, &err) == ERR_BUSY && strstr(err.msg, pid) &&
                      strstr(err.msg, dir)
                  ? 0
                  : 1);
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
    assert_int_equal(append_trace(s, 2, 3), 0);
    assert_int_equal(check_trace(s, 1), 3);
    store_close(s);
    temp_dir_remove(dir);
}

/* A start that is refused closes its own descriptors and no others. */
static void test_refused_start_closes_nothing_else(void **state)
{
    struct engine_options options = test_options("/data");
    struct store *s, *other;
    struct err err;
    (void)state;
    mem_fs_open(1);
    assert_int_equal(store_open_stepped(&options, &s, NULL), 0);
    assert_int_equal(store_open_stepped(&options, &other, &err), ERR_BUSY);
    assert_non_null(strstr(err.msg, "in use"));
    assert_null(mem_fs_misuse());
    store_close(s);
    assert_int_equal(mem_fs_open_files(), 0);
    mem_fs_close();
}

/* Holds the sealing thread in its first flush until the store closes. */
static int wait_for_close(enum file_op op, void *user)
{
    struct store *_Atomic *s = user;
    while (op == FILE_SYNC && !atomic_load(&atomic_load(s)->stopping))
        usleep(100);
    return 0;
}

/* Memory alone: what was acknowledged is in a part after a clean end, even when as many heads wait as there may. */
static void test_memory_is_sealed_at_close(void **state)
{
    char *dir = temp_dir();
    struct engine_options options = test_options(dir);
    struct store *_Atomic held;
    struct store *s;
    uint32_t kept = 0;
    (void)state;
    now_ns = 0; /* threads wait by the system's */
    options.ack = ENGINE_ACK_MEMORY;
    options.head_bytes_max = 2000;
    assert_int_equal(store_open(&options, &s, NULL), 0);
    atomic_store(&held, s);
    file_set_fault(wait_for_close, &held);
    while (append_trace(s, kept, 2) == 0) /* until the heads are full */
        kept++;
    store_close(s);
    file_set_fault(NULL, NULL);
    assert_true(kept > 10);
    assert_int_equal(store_open(&options, &s, NULL), 0);
    for (uint32_t t = 0; t < kept; t++)
        assert_int_equal(check_trace(s, t), 2);
    store_close(s);
    temp_dir_remove(dir);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_below_the_floor),
        cmocka_unit_test(test_no_byte_left),
        cmocka_unit_test(test_clock_jumps),
        cmocka_unit_test(test_clock_back_on_a_full_disk),
        cmocka_unit_test(test_refused_start_closes_nothing_else),
        cmocka_unit_test(test_memory_is_sealed_at_close),
        cmocka_unit_test(test_two_servers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
