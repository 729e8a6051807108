/* Directories that cannot be used, and queues that are full. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "fixture.h"
#include "store/bytes.h"
#include "store/file.h"
#include "wire/otlp_pb.h"

static void test_in_use(void **state)
{
    char *dir = temp_dir(), pid[32];
    struct engine_options options = test_options(dir);
    struct store *s, *other = NULL;
    struct err err;
    (void)state;
    assert_int_equal(store_open(&options, &s, NULL), 0);
    assert_int_equal(store_open(&options, &other, &err), ERR_BUSY);
    snprintf(pid, sizeof pid, "process %ld", (long)getpid());
    assert_non_null(strstr(err.msg, pid));
    assert_null(other);
    store_close(s);
    assert_int_equal(store_open(&options, &s, NULL), 0);
    store_close(s);
    temp_dir_remove(dir);
}

static void test_unwritable(void **state)
{
    char *dir = temp_dir(), path[1024];
    struct engine_options options = test_options(path);
    struct store *s = NULL;
    struct err err;
    int fd;
    (void)state;
    /* a file where the directory should be: refuses root too, whom mode bits do not stop */
    snprintf(path, sizeof path, "%s/file", dir);
    fd = open(path, O_WRONLY | O_CREAT, 0600);
    close(fd);
    assert_int_equal(store_open(&options, &s, &err), ERR_IO);
    assert_non_null(strstr(err.msg, path));
    snprintf(path, sizeof path, "%s/missing/deeper", dir);
    assert_int_equal(store_open(&options, &s, &err), ERR_IO);
    assert_non_null(strstr(err.msg, path));
    assert_null(s);
    temp_dir_remove(dir);
}

static void set_version(const char *path, size_t checksum_at, bool checksum_at_end)
{
    unsigned char buf[4096];
    int fd = open(path, O_RDWR);
    ssize_t n = pread(fd, buf, sizeof buf, 0);
    size_t at = checksum_at_end ? (size_t)n - 8 : checksum_at;
    assert_true(n > 16);
    store_u32((char *)buf + 8, 99);
    store_u64((char *)buf + at, checksum_of(str_make(buf, at)));
    assert_int_equal(pwrite(fd, buf, (size_t)n, 0), n);
    close(fd);
}

static void test_newer_version(void **state)
{
    char *dir = temp_dir(), path[1024];
    struct engine_options options = test_options(dir);
    struct store *s = NULL;
    struct stat before, after;
    struct err err;
    (void)state;
    assert_int_equal(store_open(&options, &s, NULL), 0);
    assert_int_equal(append_trace(s, 1, 3), 0);
    store_close(s);
    snprintf(path, sizeof path, "%s/log/00000001.log", dir);
    set_version(path, 24, false);
    assert_int_equal(stat(path, &before), 0);
    assert_int_equal(store_open(&options, &s, &err), ERR_UNSUPPORTED);
    assert_non_null(strstr(err.msg, "99"));
    assert_int_equal(stat(path, &after), 0);
    assert_int_equal(before.st_size, after.st_size);
    snprintf(path, sizeof path, "%s/MANIFEST", dir);
    set_version(path, 0, true);
    assert_int_equal(store_open(&options, &s, &err), ERR_UNSUPPORTED);
    assert_non_null(strstr(err.msg, "99"));
    temp_dir_remove(dir);
}

static uint64_t hash_of_file(const char *path)
{
    char bytes[4096];
    int fd = open(path, O_RDONLY);
    ssize_t n = read(fd, bytes, sizeof bytes);
    assert_true(n > 0 && n < (ssize_t)sizeof bytes);
    close(fd);
    return checksum_of(str_make(bytes, (size_t)n));
}

/* A directory as the program wrote it whose parts had version 1: refused with what to do, and left as it is. */
static void test_older_version(void **state)
{
    char *dir = temp_dir(), data[512], part[1024], manifest[1024];
    struct engine_options options = test_options(data);
    struct store *s = NULL;
    uint64_t part_hash, manifest_hash;
    struct err err;
    (void)state;
    snprintf(data, sizeof data, "%s/d", dir);
    copy_dir(TEST_DATA_DIR "/part_v1", data);
    snprintf(part, sizeof part, "%s/parts/00000001.part", data);
    snprintf(manifest, sizeof manifest, "%s/MANIFEST", data);
    part_hash = hash_of_file(part);
    manifest_hash = hash_of_file(manifest);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(store_open(&options, &s, &err), ERR_UNSUPPORTED);
        assert_null(s);
        CHECK(strstr(err.msg, "nothing was changed"), err.msg);
        CHECK(strstr(err.msg, dir), err.msg);
        CHECK(strstr(err.msg, "part 00000001 has version 1"), err.msg);
        CHECK(strstr(err.msg, "cairn export"), err.msg);
        CHECK(strstr(err.msg, "('cairn import')"), err.msg); /* to its end */
        assert_true(hash_of_file(part) == part_hash);
        assert_true(hash_of_file(manifest) == manifest_hash);
    }
    temp_dir_remove(dir);
}

/* The writer stands still inside a call until the test lets it go. */
struct gate {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool closed;
    _Atomic int waiting;
};

static int stop_at_gate(enum file_op op, void *user)
{
    struct gate *g = user;
    if (op != FILE_WRITE)
        return 0;
    pthread_mutex_lock(&g->lock);
    atomic_fetch_add(&g->waiting, 1);
    while (g->closed)
        pthread_cond_wait(&g->changed, &g->lock);
    atomic_fetch_sub(&g->waiting, 1);
    pthread_mutex_unlock(&g->lock);
    return 0;
}

static void open_gate(struct gate *g)
{
    pthread_mutex_lock(&g->lock);
    g->closed = false;
    pthread_cond_broadcast(&g->changed);
    pthread_mutex_unlock(&g->lock);
}

static void count_done(int result, const struct err *err, void *user)
{
    (void)err;
    if (result == 0)
        atomic_fetch_add((_Atomic int *)user, 1);
}

static void test_queue_full(void **state)
{
    char *dir = temp_dir();
    struct engine_options options = test_options(dir);
    struct gate gate = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, true, 0};
    struct span span;
    struct span_batch batch = {.spans = &span, .span_count = 1};
    _Atomic int done = 0;
    struct engine_append append = {.batch = &batch, .done = count_done, .user = &done};
    struct engine_stats stats;
    struct arena arena;
    struct buf bytes;
    struct store *s;
    struct err err;
    int taken = 0, rc;
    (void)state;
    arena_init(&arena, 0);
    buf_init(&bytes, 0);
    test_span(&arena, 1, 0, &span);
    otlp_pb_encode(&span, 1, &bytes);
    append.bytes = buf_str(&bytes);
    options.queue_bytes_max = bytes.n * 10;
    assert_int_equal(store_open(&options, &s, NULL), 0);
    file_set_fault(stop_at_gate, &gate);
    while ((rc = store_append(s, &append, &err)) == 0)
        assert_true(++taken <= 10);
    assert_int_equal(rc, ERR_BUSY);
    assert_int_equal(taken, 10);
    store_stats(s, &stats);
    assert_int_equal(stats.appends_refused, 1);
    open_gate(&gate);
    while (atomic_load(&done) < taken)
        usleep(1000);
    file_set_fault(NULL, NULL);
    assert_int_equal(store_append(s, &append, &err), 0);
    store_close(s); /* answers what is queued */
    assert_int_equal(atomic_load(&done), taken + 1);
    buf_release(&bytes);
    arena_release(&arena);
    temp_dir_remove(dir);
}

static void test_disk_nearly_full(void **state)
{
    char *dir = temp_dir();
    struct engine_options options = test_options(dir);
    struct engine_stats stats;
    struct store *s;
    (void)state;
    options.disk_free_bytes_min = UINT64_MAX - 1;
    assert_int_equal(store_open(&options, &s, NULL), 0);
    assert_int_equal(append_trace(s, 1, 1), ERR_BUSY);
    store_stats(s, &stats);
    assert_int_equal(stats.appends_refused, 1);
    store_close(s);
    temp_dir_remove(dir);
}

static void test_empty_batch(void **state)
{
    char *dir = temp_dir();
    struct engine_options options = test_options(dir);
    struct store *s;
    struct span none;
    (void)state;
    assert_int_equal(store_open(&options, &s, NULL), 0);
    assert_int_equal(append_wait(s, &none, 0), 0);
    assert_int_equal(total_rows(s), 0);
    store_close(s);
    temp_dir_remove(dir);
}

static void test_sealed_by_age(void **state)
{
    char *dir = temp_dir();
    struct engine_options options = test_options(dir);
    struct engine_stats stats;
    struct store *s;
    (void)state;
    options.head_age_ms_max = 1;
    assert_int_equal(store_open(&options, &s, NULL), 0);
    assert_int_equal(append_trace(s, 1, 4), 0);
    do {
        usleep(1000);
        store_stats(s, &stats);
    } while (!stats.parts || stats.log_bytes);
    assert_int_equal(stats.head_spans, 0);
    assert_int_equal(stats.log_bytes, 0);
    assert_int_equal(check_trace(s, 1), 4);
    store_close(s);
    temp_dir_remove(dir);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_in_use),        cmocka_unit_test(test_unwritable),
        cmocka_unit_test(test_newer_version), cmocka_unit_test(test_older_version),
        cmocka_unit_test(test_queue_full),    cmocka_unit_test(test_disk_nearly_full),
        cmocka_unit_test(test_empty_batch),   cmocka_unit_test(test_sealed_by_age),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
