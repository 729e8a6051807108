/* file.h - every system call of the store, in one place, so that tests can put another file system under it.
 *
 * Unless something else is said, functions return 0 or ERR_IO with the path's and the system's words in err; ERR_BUSY
 * when the disk is full, because that passes. Descriptors are opened with O_CLOEXEC, files with mode 0600.
 * Thread-safe. */
#ifndef STORE_FILE_H
#define STORE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "base/err.h"
#include "base/str.h"

/* What stands below: as the system calls, -1 and errno on failure. */
struct file_ops {
    int (*open)(const char *path, int flags); /* a descriptor */
    int (*close)(int fd);
    ssize_t (*pread)(int fd, void *p, size_t n, uint64_t offset);
    ssize_t (*writev)(int fd, const struct iovec *iov,
                      int count);           /* at the descriptor's position */
    int (*sync)(int fd);                    /* fdatasync */
    int (*truncate)(int fd, uint64_t size); /* and writes go on there */
    int (*size)(int fd, uint64_t *ret);
    int (*lock)(int fd); /* EWOULDBLOCK when another has it; close lets it go */
    int (*rename)(const char *from, const char *to);
    int (*unlink)(const char *path);
    int (*make_dir)(const char *path);
    int (*sync_dir)(const char *path);
    int (*size_at)(const char *path, uint64_t *ret);
    /* Until fn answers other than 0: that is the answer then. */
    int (*list)(const char *path, int (*fn)(const char *name, void *user), void *user);
    int (*free_bytes)(const char *path, uint64_t *ret);
    void *(*map)(int fd, size_t n); /* read-only; NULL on failure */
    void (*unmap)(void *p, size_t n);
};

extern const struct file_ops file_system; /* the real one */

/* For tests: NULL is the real one again. Not while a store is open. */
void file_set_ops(const struct file_ops *ops);

enum file_op {
    FILE_OPEN,
    FILE_WRITE,
    FILE_SYNC,
    FILE_TRUNCATE,
    FILE_RENAME,
    FILE_UNLINK,
    FILE_SYNC_DIR,
    FILE_READ, /* and map */
    FILE_LIST,
    FILE_MAKE_DIR,
    FILE_SIZE,
    FILE_LOCK,
    FILE_OP_END
};

/* Test hook: asked before every call, answers 0 or the errno to fail with. A failing write has written half.
 * NULL switches it off. Called from any thread. */
void file_set_fault(int (*fault)(enum file_op op, void *user), void *user);

int file_open(const char *path, int flags, int *ret_fd, struct err *err);
void file_close(int fd); /* negative: nothing */
/* n bytes at offset; ERR_CORRUPT when the file ends before. */
int file_read_at(int fd, uint64_t offset, void *out, size_t n, struct err *err);
/* Writes all of it at the descriptor's position. iov's elements are changed. */
int file_write_iov(int fd, struct iovec *iov, size_t count, struct err *err);
int file_write(int fd, const void *p, size_t n, struct err *err);
int file_sync(int fd, struct err *err); /* fdatasync */
int file_truncate(int fd, uint64_t size, struct err *err);
int file_size(int fd, uint64_t *ret, struct err *err);
int file_lock(int fd, struct err *err); /* ERR_BUSY when another process (or descriptor) has it */
int file_rename(const char *from, const char *to, struct err *err);
int file_unlink(const char *path, struct err *err); /* a missing file is fine */
int file_sync_dir(const char *path, struct err *err);
/* Mode 0700; an existing one is fine. */
int file_make_dir(const char *path, struct err *err);
/* Flushes the directory that has the entry of path; one that may not be opened is left to the system. */
int file_sync_parent(const char *path, struct err *err);
/* The length of the file; ERR_NOT_FOUND when there is none. */
int file_size_at(const char *path, uint64_t *ret, struct err *err);

/* Calls fn with each name in the directory until it answers other than 0, and answers that. One that does not exist
 * has none. fn may unlink what it was given. */
int file_list(const char *path, int (*fn)(const char *name, void *user), void *user,
              struct err *err);

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
