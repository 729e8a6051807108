/* fixture.c - see fixture.h. */
#include "fixture.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

char *care_make(uint32_t part_traces, uint32_t each, uint32_t log_traces)
{
    char *dir = temp_dir();
    struct engine_options options = test_options(dir);
    struct store *s;
    assert_int_equal(store_open(&options, &s, NULL), 0);
    for (uint32_t t = 0; t < part_traces; t++) {
        assert_int_equal(append_trace(s, t, CARE_SPANS), 0);
        if ((t + 1) % each == 0)
            assert_int_equal(store_seal_now(s, NULL), 0);
    }
    for (uint32_t t = part_traces; t < part_traces + log_traces; t++)
        assert_int_equal(append_trace(s, t, CARE_SPANS), 0);
    store_close(s);
    return dir;
}

static int name_cmp(const void *a, const void *b)
{
    return strcmp(a, b);
}

void care_file(const char *dir, const char *sub, const char *suffix, unsigned n, char out[1024])
{
    static char names[256][64];
    char path[800];
    struct dirent *entry;
    size_t count = 0;
    DIR *d;
    snprintf(path, sizeof path, "%s/%s", dir, sub);
    d = opendir(path);
    assert_non_null(d);
    while ((entry = readdir(d)) && count < COUNT(names)) {
        size_t have = strlen(entry->d_name), want = strlen(suffix);
        if (have >= want && strcmp(entry->d_name + have - want, suffix) == 0)
            snprintf(names[count++], sizeof *names, "%.60s", entry->d_name);
    }
    closedir(d);
    assert_true(n < count);
    qsort(names, count, sizeof *names, name_cmp);
    snprintf(out, 1024, "%s/%s", path, names[n]);
}

bool care_exists(const char *dir, const char *name)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    return access(path, F_OK) == 0;
}

unsigned char *care_read(const char *path, size_t *n)
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

void care_write(const char *path, const unsigned char *p, size_t n)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, p, n), n);
    close(fd);
}

void care_flip(const char *path, size_t at, unsigned char bits)
{
    size_t n;
    unsigned char *p = care_read(path, &n);
    assert_true(at < n);
    p[at] ^= bits;
    care_write(path, p, n);
    free(p);
}

int care_quiet(const char *dir, bool repair, struct care_check *ret, struct err *err)
{
    static const struct care_watcher nobody;
    return care_check(dir, repair, &nobody, ret, err);
}

uint32_t care_whole_traces(const char *dir, uint32_t count, bool damaged)
{
    struct engine_options options = test_options(dir);
    struct store *s;
    struct err err = {0};
    uint32_t whole = 0;
    if (store_open(&options, &s, &err) < 0)
        fail_msg("%s", err.msg);
    for (uint32_t t = 0; t < count; t++) {
        int got = check_trace(s, t);
        assert_true(got >= 0 || got == ERR_NOT_FOUND || (damaged && got == ERR_CORRUPT));
        whole += got == CARE_SPANS;
    }
    store_close(s);
    return whole;
}
