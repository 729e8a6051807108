/* What is appended is found: in the head, in parts, after a restart, after a merge. */
#include "fixture.h"

static struct store *open_store(const struct engine_options *options)
{
    struct err err;
    struct store *s = NULL;
    if (store_open(options, &s, &err) < 0)
        fail_msg("store_open: %s", err.msg);
    return s;
}

static void check_all(struct store *s, uint32_t traces)
{
    for (uint32_t t = 0; t < traces; t++) {
        int got = check_trace(s, t);
        if (got != (int)(t % 7 + 1))
            fail_msg("trace %u has %d spans", t, got);
    }
    assert_int_equal(check_trace(s, traces + 1), ERR_NOT_FOUND);
}

static void append_all(struct store *s, uint32_t from, uint32_t to)
{
    for (uint32_t t = from; t < to; t++) {
        int rc;
        while ((rc = append_trace(s, t, t % 7 + 1)) == ERR_BUSY)
            usleep(1000); /* sealing has to catch up */
        assert_int_equal(rc, 0);
    }
}

static void test_head_and_restart(void **state)
{
    char *dir = temp_dir();
    struct engine_options options = test_options(dir);
    struct store *s = open_store(&options);
    struct engine_stats stats;
    (void)state;
    append_all(s, 0, 50);
    check_all(s, 50);
    store_stats(s, &stats);
    assert_int_equal(stats.parts, 0);
    assert_int_equal(stats.batches_appended, 50);
    assert_true(stats.syncs > 0);
    store_close(s);
    s = open_store(&options);
    check_all(s, 50);
    store_stats(s, &stats);
    assert_int_equal(stats.recovered_spans, total_rows(s));
    assert_int_equal(stats.damaged_bytes, 0);
    store_close(s);
    temp_dir_remove(dir);
}

static void test_parts_and_restart(void **state)
{
    char *dir = temp_dir();
    struct engine_options options = test_options(dir);
    struct store *s = open_store(&options);
    struct engine_stats stats;
    struct err err;
    uint64_t rows;
    (void)state;
    append_all(s, 0, 30);
    assert_int_equal(store_seal_now(s, &err), 0);
    append_all(s, 30, 60);
    assert_int_equal(store_seal_now(s, &err), 0);
    append_all(s, 60, 70);
    check_all(s, 70);
    rows = total_rows(s);
    store_stats(s, &stats);
    assert_int_equal(stats.parts, 2);
    assert_int_equal(stats.part_spans + stats.head_spans, rows);
    store_close(s);
    s = open_store(&options);
    check_all(s, 70);
    assert_int_equal(total_rows(s), rows);
    store_stats(s, &stats);
    assert_int_equal(stats.parts, 2);
    store_close(s);
    temp_dir_remove(dir);
}

static void test_merge(void **state)
{
    char *dir = temp_dir();
    struct engine_options options = test_options(dir);
    struct store *s = open_store(&options);
    struct engine_stats stats;
    struct err err;
    uint64_t rows;
    (void)state;
    for (uint32_t i = 0; i < 20; i++) {
        append_all(s, i * 5, i * 5 + 5);
        assert_int_equal(store_seal_now(s, &err), 0);
    }
    check_all(s, 100);
    rows = total_rows(s);
    /* the last merge may still run; a restart waits for it */
    store_close(s);
    s = open_store(&options);
    check_all(s, 100);
    assert_int_equal(total_rows(s), rows);
    store_stats(s, &stats);
    assert_true(stats.parts < 20);
    store_close(s);
    temp_dir_remove(dir);
}

static void test_small_heads(void **state)
{
    char *dir = temp_dir();
    struct engine_options options = test_options(dir);
    struct store *s;
    (void)state;
    options.head_bytes_max = 4096; /* a part every few appends */
    s = open_store(&options);
    append_all(s, 0, 200);
    check_all(s, 200);
    store_close(s);
    s = open_store(&options);
    check_all(s, 200);
    store_close(s);
    temp_dir_remove(dir);
}

static void test_ack_modes(void **state)
{
    (void)state;
    for (int ack = ENGINE_ACK_FSYNC; ack <= ENGINE_ACK_MEMORY; ack++) {
        char *dir = temp_dir();
        struct engine_options options = test_options(dir);
        struct store *s;
        options.ack = (enum engine_ack)ack;
        s = open_store(&options);
        append_all(s, 0, 20);
        check_all(s, 20);
        store_close(s);
        s = open_store(&options);
        check_all(s, 20);
        store_close(s);
        temp_dir_remove(dir);
    }
}

static void test_resend_is_folded(void **state)
{
    char *dir = temp_dir();
    struct engine_options options = test_options(dir);
    struct store *s = open_store(&options);
    struct err err;
    (void)state;
    assert_int_equal(append_trace(s, 1, 5), 0);
    assert_int_equal(append_trace(s, 1, 5), 0);
    assert_int_equal(store_seal_now(s, &err), 0);
    assert_int_equal(append_trace(s, 1, 5), 0);
    assert_int_equal(total_rows(s), 15);
    assert_int_equal(check_trace(s, 1), 5);
    store_close(s);
    temp_dir_remove(dir);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_head_and_restart),
        cmocka_unit_test(test_parts_and_restart),
        cmocka_unit_test(test_merge),
        cmocka_unit_test(test_small_heads),
        cmocka_unit_test(test_ack_modes),
        cmocka_unit_test(test_resend_is_folded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
