/* file.h - the system calls that may fail, in one place, so that tests can make the n-th of them fail.
 *
 * Every function returns 0 or ERR_IO with the path's and the system's words in err. Descriptors are opened with
 * O_CLOEXEC, files with mode 0600. Thread-safe. */
#ifndef STORE_FILE_H
#define STORE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "base/err.h"
#include "base/str.h"

enum file_op {
    FILE_OPEN,
    FILE_WRITE,
    FILE_SYNC,
    FILE_TRUNCATE,
    FILE_RENAME,
    FILE_UNLINK,
    FILE_SYNC_DIR,
};

/* Test hook: asked before every call, answers 0 or the errno to fail with. A failing write has written half.
 * NULL switches it off. Called from any thread. */
void file_set_fault(int (*fault)(enum file_op op, void *user), void *user);

int file_open(const char *path, int flags, int *ret_fd, struct err *err);
/* Writes all of it at the descriptor's position. iov's elements are changed. */
int file_write_iov(int fd, struct iovec *iov, size_t count, struct err *err);
int file_write(int fd, const void *p, size_t n, struct err *err);
int file_sync(int fd, struct err *err); /* fdatasync */
int file_truncate(int fd, uint64_t size, struct err *err);
int file_rename(const char *from, const char *to, struct err *err);
int file_unlink(const char *path, struct err *err); /* a missing file is fine */
int file_sync_dir(const char *path, struct err *err);
int file_make_dir(const char *path, struct err *err); /* mode 0700; an existing one is fine */

/* The whole file, read-only; {NULL, 0} in *ret for an empty one. */
int file_map(const char *path, struct str *ret, struct err *err);
void file_unmap(struct str map);

/* Bytes an unprivileged writer may still use on the file system of path; UINT64_MAX when it cannot be told. */
uint64_t file_free_bytes(const char *path);

enum { FILE_PATH_MAX = 4096 };

/* printf into a path buffer; ERR_INVALID when it does not fit. */
int file_path(char out[FILE_PATH_MAX], struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The number of a file named NNNNNNNN.suffix, or 0 when the name is another. */
uint64_t file_number(const char *name, const char *suffix);

#endif
