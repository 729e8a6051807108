/* file.c - the store's calls: retries, error texts, the fault hook, and the table that they go through. */
#include "store/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

static const struct file_ops *_Atomic current = &file_system;
static int (*_Atomic fault_fn)(enum file_op, void *);
static void *_Atomic fault_user;

void file_set_ops(const struct file_ops *to)
{
    atomic_store(&current, to ? to : &file_system);
}

static const struct file_ops *ops(void)
{
    return atomic_load_explicit(&current, memory_order_relaxed);
}

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
    int code = errno == ENOSPC || errno == EDQUOT ? ERR_BUSY : ERR_IO;
    char text[128];
    const char *words = strerror_r(errno, text, sizeof text);
    return err_set(err, code, "cannot %s%s%s: %s", what, path ? " " : "", path ? path : "", words);
}

int file_open(const char *path, int flags, int *ret_fd, struct err *err)
{
    int fd;
    if (faulty(FILE_OPEN))
        return fail(err, "open", path);
    do
        fd = ops()->open(path, flags);
    while (fd < 0 && errno == EINTR);
    if (fd < 0)
        return fail(err, "open", path);
    *ret_fd = fd;
    return 0;
}

void file_close(int fd)
{
    if (fd >= 0)
        ops()->close(fd);
}

int file_read_at(int fd, uint64_t offset, void *out, size_t n, struct err *err)
{
    char *p = out;
    if (faulty(FILE_READ))
        return fail(err, "read", NULL);
    while (n) {
        ssize_t got = ops()->pread(fd, p, n, offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail(err, "read", NULL);
        if (got == 0)
            return err_set(err, ERR_CORRUPT, "the file is cut short");
        p += got;
        offset += (uint64_t)got;
        n -= (size_t)got;
    }
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
    if (count && iov->iov_len > 1) {
        struct iovec half = {iov->iov_base, iov->iov_len / 2};
        n = ops()->writev(fd, &half, 1);
    }
    errno = n < 0 ? errno : code;
    return fail(err, "write", NULL);
}

int file_write_iov(int fd, struct iovec *iov, size_t count, struct err *err)
{
    if (faulty(FILE_WRITE))
        return fail_half_written(fd, iov, count, err);
    while (count) {
        int some = count < IOV_MAX ? (int)count : IOV_MAX;
        ssize_t n = ops()->writev(fd, iov, some);
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
        rc = ops()->sync(fd);
    while (rc < 0 && errno == EINTR);
    return rc < 0 ? fail(err, "flush to disk", NULL) : 0;
}

int file_truncate(int fd, uint64_t size, struct err *err)
{
    if (faulty(FILE_TRUNCATE) || ops()->truncate(fd, size) < 0)
        return fail(err, "cut back", NULL);
    return 0;
}

int file_size(int fd, uint64_t *ret, struct err *err)
{
    if (faulty(FILE_SIZE) || ops()->size(fd, ret) < 0)
        return fail(err, "tell the length", NULL);
    return 0;
}

int file_lock(int fd, struct err *err)
{
    if (faulty(FILE_LOCK) || ops()->lock(fd) < 0)
        return errno == EWOULDBLOCK ? err_set(err, ERR_BUSY, "locked by another process")
                                    : fail(err, "lock", NULL);
    return 0;
}

int file_rename(const char *from, const char *to, struct err *err)
{
    if (faulty(FILE_RENAME) || ops()->rename(from, to) < 0)
        return fail(err, "rename to", to);
    return 0;
}

int file_unlink(const char *path, struct err *err)
{
    if (faulty(FILE_UNLINK) || (ops()->unlink(path) < 0 && errno != ENOENT))
        return fail(err, "delete", path);
    return 0;
}

int file_sync_dir(const char *path, struct err *err)
{
    if (faulty(FILE_SYNC_DIR) || ops()->sync_dir(path) < 0)
        return fail(err, "flush directory", path);
    return 0;
}

int file_make_dir(const char *path, struct err *err)
{
    if (faulty(FILE_MAKE_DIR) || (ops()->make_dir(path) < 0 && errno != EEXIST))
        return fail(err, "create directory", path);
    return 0;
}

int file_sync_parent(const char *path, struct err *err)
{
    char dir[FILE_PATH_MAX];
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/')
        n--;
    while (n && path[n - 1] != '/')
        n--;
    while (n > 1 && path[n - 1] == '/')
        n--;
    TRY(file_path(dir, err, "%.*s", n ? (int)n : 1, n ? path : "."));
    if (!faulty(FILE_SYNC_DIR) && ops()->sync_dir(dir) == 0)
        return 0;
    return errno == EACCES || errno == EPERM ? 0 : fail(err, "flush directory", dir);
}

int file_size_at(const char *path, uint64_t *ret, struct err *err)
{
    if (!faulty(FILE_SIZE) && ops()->size_at(path, ret) == 0)
        return 0;
    return errno == ENOENT ? err_set(err, ERR_NOT_FOUND, "%s does not exist", path)
                           : fail(err, "read", path);
}

struct listing {
    int (*fn)(const char *name, void *user);
    void *user;
    int rc;
};

static int each_name(const char *name, void *user)
{
    struct listing *l = user;
    l->rc = l->fn(name, l->user);
    return l->rc != 0;
}

int file_list(const char *path, int (*fn)(const char *name, void *user), void *user,
              struct err *err)
{
    struct listing l = {fn, user, 0};
    if (!faulty(FILE_LIST) && ops()->list(path, each_name, &l) >= 0)
        return l.rc;
    return errno == ENOENT ? 0 : fail(err, "read", path);
}

int file_map(const char *path, struct str *ret, struct err *err)
{
    uint64_t size = 0;
    void *map = NULL;
    int fd = -1, rc;
    TRY(file_open(path, O_RDONLY, &fd, err));
    rc = file_size(fd, &size, err);
    if (rc == 0 && size > 0) {
        if (faulty(FILE_READ) || !(map = ops()->map(fd, (size_t)size)))
            rc = fail(err, "map", path);
    }
    if (rc == 0)
        *ret = str_make(map, (size_t)size);
    file_close(fd);
    return rc;
}

void file_unmap(struct str map)
{
    if (map.p)
        ops()->unmap((void *)(uintptr_t)map.p, map.n);
}

uint64_t file_free_bytes(const char *path)
{
    uint64_t bytes;
    return ops()->free_bytes(path, &bytes) < 0 ? UINT64_MAX : bytes;
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
