/* lock.c - the lock of a data directory, taken by tools. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "care/care.h"
#include "store/file.h"

bool care_stopped(const struct care_watcher *w)
{
    return w->stop && atomic_load_explicit(w->stop, memory_order_relaxed);
}

static int in_use(int fd, const char *dir, struct err *err)
{
    char text[32] = "";
    ssize_t n = pread(fd, text, sizeof text - 1, 0);
    struct str pid = {text, n > 0 ? (size_t)n : 0};
    uint64_t number;
    if (pid.n && pid.p[pid.n - 1] == '\n')
        pid.n--;
    return err_set(err, ERR_BUSY,
                   "%.150s is in use by process %.*s: stop that server first, or ask it by its URL",
                   dir, str_to_u64(pid, &number) ? (int)pid.n : 1,
                   str_to_u64(pid, &number) ? pid.p : "?");
}

static int check_directory(const char *dir, struct err *err)
{
    struct stat st;
    if (stat(dir, &st) < 0)
        return err_set(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%.150s: %s", dir,
                       strerror(errno));
    return S_ISDIR(st.st_mode) ? 0 : err_set(err, ERR_NOT_FOUND, "%.150s is no directory", dir);
}

int care_lock(const char *dir, bool create, int *ret_fd, struct err *err)
{
    char path[FILE_PATH_MAX], text[32];
    int fd, n;
    TRY(check_directory(dir, err));
    TRY(file_path(path, err, "%s/LOCK", dir));
    fd = open(path, O_RDWR | O_CLOEXEC | (create ? O_CREAT : 0), 0600);
    if (fd < 0 &&
        !create) /* of another user, or a read-only file system: a shared look is enough */
        fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT && !create) {
        *ret_fd = -1;
        return 0;
    }
    if (fd < 0)
        return err_set(err, ERR_IO, "cannot open %.150s: %s", path, strerror(errno));
    if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        int code = errno == EWOULDBLOCK
                       ? in_use(fd, dir, err)
                       : err_set(err, ERR_IO, "cannot lock %.150s: %s", path, strerror(errno));
        close(fd);
        return code;
    }
    n = snprintf(text, sizeof text, "%ld\n", (long)getpid());
    if ((fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDWR &&
        (ftruncate(fd, 0) < 0 || pwrite(fd, text, (size_t)n, 0) < 0)) {
        close(fd);
        return err_set(err, ERR_IO, "cannot write %.150s: %s", path, strerror(errno));
    }
    *ret_fd = fd;
    return 0;
}
