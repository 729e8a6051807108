/* MANIFEST: what was saved is loaded; version 1 is read; a newer one and damage are refused. */
#include "store/manifest.h"

#include <fcntl.h>

#include "fixture.h"
#include "store/bytes.h"

static void write_manifest(const char *dir, const char *bytes, size_t n)
{
    char path[512];
    int fd;
    snprintf(path, sizeof path, "%s/MANIFEST", dir);
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, n), n);
    close(fd);
}

static void test_round_trip(void **state)
{
    char *dir = temp_dir();
    struct manifest m = {.next_part = 9, .sealed_sequence = 77, .salt = 123}, got;
    bool undecided = false;
    (void)state;
    for (uint64_t i = 1; i < 6; i++) {
        manifest_add(&m, (struct manifest_part){i, i * 10, i * 11, i * 12, i * 13, i * 14, i * 15,
                                                i * 16, i * 17});
        manifest_add_tombstone(&m, (struct manifest_tombstone){test_trace_id(i), i * 18});
    }
    manifest_remove(&m, 3);
    assert_null(manifest_find(&m, 3));
    assert_int_equal(manifest_save(dir, &m, &undecided, NULL), 0);
    assert_int_equal(manifest_load(dir, &got, NULL), 0);
    assert_int_equal(got.next_part, 9);
    assert_int_equal(got.sealed_sequence, 77);
    assert_int_equal(got.salt, 123);
    assert_int_equal(got.count, 4);
    assert_memory_equal(got.parts, m.parts, 4 * sizeof *m.parts);
    assert_int_equal(got.tombstone_count, 5);
    assert_memory_equal(got.tombstones, m.tombstones, 5 * sizeof *m.tombstones);
    manifest_release(&got);
    manifest_release(&m);
    temp_dir_remove(dir);
}

/* Version 1 as it was written: 48 bytes, 24 for each part, a checksum. */
static void test_version_1(void **state)
{
    char *dir = temp_dir(), bytes[48 + 2 * 24 + 8] = "CRNMAN\r\n";
    struct manifest got;
    struct err err;
    (void)state;
    store_u32(bytes + 8, 1);
    store_u32(bytes + 12, 2);
    store_u64(bytes + 16, 7);
    store_u64(bytes + 24, 55);
    store_u64(bytes + 32, 99);
    for (uint64_t i = 0; i < 6; i++)
        store_u64(bytes + 48 + 8 * i, 100 + i);
    store_u64(bytes + 96, checksum_of(str_make(bytes, 96)));
    write_manifest(dir, bytes, sizeof bytes);
    assert_int_equal(manifest_load(dir, &got, &err), 0);
    assert_int_equal(got.count, 2);
    assert_int_equal(got.parts[1].number, 103);
    assert_int_equal(got.parts[1].checksum, 105);
    assert_int_equal(got.parts[1].last_sequence, 55);
    assert_int_equal(got.parts[1].rows, 0);
    assert_int_equal(got.tombstone_count, 0);
    manifest_release(&got);

    store_u32(bytes + 8, 3);
    store_u64(bytes + 96, checksum_of(str_make(bytes, 96)));
    write_manifest(dir, bytes, sizeof bytes);
    assert_int_equal(manifest_load(dir, &got, &err), ERR_UNSUPPORTED);
    bytes[20] ^= 1;
    write_manifest(dir, bytes, sizeof bytes);
    assert_int_equal(manifest_load(dir, &got, &err), ERR_CORRUPT);
    temp_dir_remove(dir);
}

/* A directory with a MANIFEST of version 1 opens, and is of version 2 after the next change. */
static void test_upgrade(void **state)
{
    char *dir = temp_dir(), bytes[48 + 24 + 8] = "CRNMAN\r\n";
    struct engine_options options = test_options(dir);
    struct manifest m;
    struct store *s;
    (void)state;
    assert_int_equal(store_open(&options, &s, NULL), 0);
    assert_int_equal(append_trace(s, 1, 3), 0);
    assert_int_equal(store_seal_now(s, NULL), 0);
    store_close(s);
    assert_int_equal(manifest_load(dir, &m, NULL), 0);
    store_u32(bytes + 8, 1);
    store_u32(bytes + 12, 1);
    store_u64(bytes + 16, m.next_part);
    store_u64(bytes + 24, m.sealed_sequence);
    store_u64(bytes + 32, m.salt);
    store_u64(bytes + 48, m.parts[0].number);
    store_u64(bytes + 56, m.parts[0].bytes);
    store_u64(bytes + 64, m.parts[0].checksum);
    store_u64(bytes + 72, checksum_of(str_make(bytes, 72)));
    write_manifest(dir, bytes, sizeof bytes);
    manifest_release(&m);

    assert_int_equal(store_open(&options, &s, NULL), 0);
    assert_int_equal(check_trace(s, 1), 3);
    assert_int_equal(append_trace(s, 2, 3), 0);
    assert_int_equal(store_delete_trace(s, test_trace_id(1), NULL), 0);
    assert_int_equal(check_trace(s, 1), ERR_NOT_FOUND);
    store_close(s);
    assert_int_equal(manifest_load(dir, &m, NULL), 0);
    assert_int_equal(m.parts[0].rows, 3);
    assert_true(m.parts[0].start_max_ns > m.parts[0].start_min_ns && m.parts[0].start_min_ns);
    assert_int_equal(m.tombstone_count, 1);
    manifest_release(&m);
    assert_int_equal(store_open(&options, &s, NULL), 0);
    assert_int_equal(check_trace(s, 1), ERR_NOT_FOUND);
    assert_int_equal(check_trace(s, 2), 3);
    store_close(s);
    temp_dir_remove(dir);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_version_1),
        cmocka_unit_test(test_upgrade),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
