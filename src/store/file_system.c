/* file_system.c - the table of the real system calls. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "store/file.h"

static int system_open(const char *path, int flags)
{
    return open(path, flags | O_CLOEXEC, 0600);
}

static ssize_t system_pread(int fd, void *p, size_t n, uint64_t offset)
{
    return pread(fd, p, n, (off_t)offset);
}

static int system_truncate(int fd, uint64_t size)
{
    if (ftruncate(fd, (off_t)size) < 0)
        return -1;
    return lseek(fd, (off_t)size, SEEK_SET) < 0 ? -1 : 0;
}

static int size_of(int rc, const struct stat *st, uint64_t *ret)
{
    if (rc == 0)
        *ret = (uint64_t)st->st_size;
    return rc;
}

static int system_size(int fd, uint64_t *ret)
{
    struct stat st;
    return size_of(fstat(fd, &st), &st, ret);
}

static int system_size_at(const char *path, uint64_t *ret)
{
    struct stat st;
    return size_of(stat(path, &st), &st, ret);
}

static int system_lock(int fd)
{
    return flock(fd, LOCK_EX | LOCK_NB);
}

static int system_make_dir(const char *path)
{
    return mkdir(path, 0700);
}

static int system_sync_dir(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc, code;
    if (fd < 0)
        return -1;
    rc = fsync(fd);
    code = errno;
    close(fd);
    errno = code;
    return rc;
}

static int system_list(const char *path, int (*fn)(const char *name, void *user), void *user)
{
    DIR *dir = opendir(path);
    struct dirent *entry;
    int rc = 0, code;
    if (!dir)
        return -1;
    for (errno = 0; rc == 0 && (entry = readdir(dir)); errno = 0)
        rc = fn(entry->d_name, user);
    code = errno;
    closedir(dir);
    errno = code;
    return rc == 0 && code ? -1 : rc;
}

static int system_free_bytes(const char *path, uint64_t *ret)
{
    struct statvfs fs;
    if (statvfs(path, &fs) < 0)
        return -1;
    *ret = (uint64_t)fs.f_bavail * fs.f_frsize;
    return 0;
}

static void *system_map(int fd, size_t n)
{
    void *p = mmap(NULL, n, PROT_READ, MAP_PRIVATE, fd, 0);
    return p == MAP_FAILED ? NULL : p;
}

static void system_unmap(void *p, size_t n)
{
    munmap(p, n);
}

const struct file_ops file_system = {
    .open = system_open,
    .close = close,
    .pread = system_pread,
    .writev = writev,
    .sync = fdatasync,
    .truncate = system_truncate,
    .size = system_size,
    .lock = system_lock,
    .rename = rename,
    .unlink = unlink,
    .make_dir = system_make_dir,
    .sync_dir = system_sync_dir,
    .size_at = system_size_at,
    .list = system_list,
    .free_bytes = system_free_bytes,
    .map = system_map,
    .unmap = system_unmap,
};
