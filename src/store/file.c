/* file.c - system calls with retries, error texts and the fault hook. */
#include "store/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static int (*_Atomic fault_fn)(enum file_op, void *);
static void *_Atomic fault_user;

void file_set_fault(int (*fault)(enum file_op op, void *user), void *user)
{
    atomic_store(&fault_user, user);
    atomic_store(&fault_fn, fault);
}

/* True when the test wants this call to fail; errno says how. */
static bool faulty(enum file_op op)
{
    int (*fault)(enum file_op, void *) = atomic_load_explicit(&fault_fn, memory_order_relaxed);
    int code = fault ? fault(op, atomic_load(&fault_user)) : 0;
    if (code)
        errno = code;
    return code != 0;
}

static int fail(struct err *err, const char *what, const char *path)
{
    char text[128];
    const char *words = strerror_r(errno, text, sizeof text);
    return err_set(err, ERR_IO, "cannot %s%s%s: %s", what, path ? " " : "", path ? path : "",
                   words);
}

int file_open(const char *path, int flags, int *ret_fd, struct err *err)
{
    int fd;
    if (faulty(FILE_OPEN))
        return fail(err, "open", path);
    do
        fd = open(path, flags | O_CLOEXEC, 0600);
    while (fd < 0 && errno == EINTR);
    if (fd < 0)
        return fail(err, "open", path);
    *ret_fd = fd;
    return 0;
}

/* Steps over n written bytes; the answer is the number of elements that are done. */
static size_t iov_advance(struct iovec *iov, size_t count, size_t n)
{
    size_t i = 0;
    while (i < count && n >= iov[i].iov_len)
        n -= iov[i++].iov_len;
    if (i < count) {
        iov[i].iov_base = (char *)iov[i].iov_base + n;
        iov[i].iov_len -= n;
    }
    return i;
}

static int fail_half_written(int fd, const struct iovec *iov, size_t count, struct err *err)
{
    int code = errno;
    ssize_t n = 0;
    if (count && iov->iov_len > 1)
        n = write(fd, iov->iov_base, iov->iov_len / 2);
    errno = n < 0 ? errno : code;
    return fail(err, "write", NULL);
}

int file_write_iov(int fd, struct iovec *iov, size_t count, struct err *err)
{
    if (faulty(FILE_WRITE))
        return fail_half_written(fd, iov, count, err);
    while (count) {
        int some = count < IOV_MAX ? (int)count : IOV_MAX;
        ssize_t n = writev(fd, iov, some);
        size_t done;
        if (n < 0) {
            if (errno == EINTR)
                continue;
            return fail(err, "write", NULL);
        }
        done = iov_advance(iov, count, (size_t)n);
        iov += done;
        count -= done;
    }
    return 0;
}

int file_write(int fd, const void *p, size_t n, struct err *err)
{
    /* writev does not write to its buffers; the type has no const because readv shares it */
    struct iovec iov = {.iov_base = (void *)(uintptr_t)p, .iov_len = n};
    return n ? file_write_iov(fd, &iov, 1, err) : 0;
}

int file_sync(int fd, struct err *err)
{
    int rc;
    if (faulty(FILE_SYNC))
        return fail(err, "flush to disk", NULL);
    do
        rc = fdatasync(fd);
    while (rc < 0 && errno == EINTR);
    return rc < 0 ? fail(err, "flush to disk", NULL) : 0;
}

int file_truncate(int fd, uint64_t size, struct err *err)
{
    if (faulty(FILE_TRUNCATE) || ftruncate(fd, (off_t)size) < 0 ||
        lseek(fd, (off_t)size, SEEK_SET) < 0)
        return fail(err, "cut back", NULL);
    return 0;
}

int file_rename(const char *from, const char *to, struct err *err)
{
    if (faulty(FILE_RENAME) || rename(from, to) < 0)
        return fail(err, "rename to", to);
    return 0;
}

int file_unlink(const char *path, struct err *err)
{
    if (faulty(FILE_UNLINK) || (unlink(path) < 0 && errno != ENOENT))
        return fail(err, "delete", path);
    return 0;
}

int file_sync_dir(const char *path, struct err *err)
{
    int fd = -1, rc;
    if (faulty(FILE_SYNC_DIR))
        return fail(err, "flush directory", path);
    TRY(file_open(path, O_RDONLY | O_DIRECTORY, &fd, err));
    rc = fsync(fd) < 0 ? fail(err, "flush directory", path) : 0;
    close(fd);
    return rc;
}

int file_make_dir(const char *path, struct err *err)
{
    return mkdir(path, 0700) < 0 && errno != EEXIST ? fail(err, "create directory", path) : 0;
}

int file_map(const char *path, struct str *ret, struct err *err)
{
    struct stat st;
    void *map = NULL;
    int fd = -1, rc = 0;
    TRY(file_open(path, O_RDONLY, &fd, err));
    if (fstat(fd, &st) < 0) {
        rc = fail(err, "read", path);
        goto out;
    }
    if (st.st_size > 0) {
        map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (map == MAP_FAILED) {
            rc = fail(err, "map", path);
            goto out;
        }
    }
    *ret = str_make(map, (size_t)st.st_size);
out:
    close(fd);
    return rc;
}

void file_unmap(struct str map)
{
    if (map.p)
        munmap((void *)(uintptr_t)map.p, map.n);
}

uint64_t file_free_bytes(const char *path)
{
    struct statvfs fs;
    if (statvfs(path, &fs) < 0)
        return UINT64_MAX;
    return (uint64_t)fs.f_bavail * fs.f_frsize;
}

int file_path(char out[FILE_PATH_MAX], struct err *err, const char *fmt, ...)
{
    va_list args;
    int n;
    va_start(args, fmt);
    n = vsnprintf(out, FILE_PATH_MAX, fmt, args);
    va_end(args);
    return n < 0 || n >= FILE_PATH_MAX ? err_set(err, ERR_INVALID, "path is too long") : 0;
}

uint64_t file_number(const char *name, const char *suffix)
{
    struct str s = str_of(name), end = str_of(suffix);
    uint64_t number;
    if (s.n <= end.n || !str_eq(str_from(s, s.n - end.n), end))
        return 0;
    s.n -= end.n;
    return s.n >= 8 && str_to_u64(s, &number) ? number : 0;
}
