/* store_copy.c - a consistent copy of a running store.
 *
 * Parts are immutable, so that a copy is a second name for each. It is put together beside the target under the target's
 * name with ".partial", MANIFEST last, everything is flushed, and a rename makes it the target: whoever finds a target
 * has a whole one. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/random.h"
#include "store/file.h"
#include "store/store_int.h"

enum { WAIT_NS = 20000000, COPY_BYTES = 4096 };

struct copy {
    struct store *store;
    struct engine_copy *ret;
    struct manifest manifest;
    int lock_fd;
    char dir[FILE_PATH_MAX]; /* TARGET.partial */
};

/* ---- Everything into parts ---- */

static bool is_there(const struct store *s, const struct head *head)
{
    for (uint32_t i = 0; i < s->frozen_count; i++) {
        if (s->frozen[i] == head)
            return true;
    }
    return s->head == head && atomic_load(&head->row_count);
}

/* Waits until the head of now is a part; what arrives in between is not waited for. */
static int seal_present(struct store *s, struct err *err)
{
    struct head *head;
    uint64_t failures;
    int rc = 0;
    pthread_mutex_lock(&s->lock);
    head = head_ref(s->head);
    failures = s->seal_failures;
    while (rc == 0 && is_there(s, head)) {
        uint64_t until = clock_monotonic_ns() + WAIT_NS;
        struct timespec ts = {(time_t)(until / 1000000000), (long)(until % 1000000000)};
        pthread_mutex_lock(&s->queue_lock);
        s->seal_asked |= s->head == head;
        pthread_cond_signal(&s->queue_filled);
        pthread_mutex_unlock(&s->queue_lock);
        pthread_cond_timedwait(&s->sealed, &s->lock, &ts);
        if (s->seal_failures != failures)
            rc = err_set(err, ERR_IO, "sealing failed: see whether the disk is full");
    }
    pthread_mutex_unlock(&s->lock);
    head_unref(head);
    return rc;
}

/* ---- The directory ---- */

/* What an interrupted copy left. Only files that a copy makes are removed. */
static int clear(struct copy *c, struct err *err)
{
    static const char *const subs[] = {"parts", "log"};
    char path[FILE_PATH_MAX];
    for (size_t i = 0; i < sizeof subs / sizeof *subs; i++) {
        TRY(file_path(path, err, "%s/%s", c->dir, subs[i]));
        TRY(file_make_dir(path, err));
    }
    TRY(file_path(path, err, "%s/MANIFEST", c->dir));
    return file_unlink(path, err);
}

static int make_dir(struct copy *c, const char *target, struct err *err)
{
    char path[FILE_PATH_MAX];
    struct stat st;
    if (lstat(target, &st) == 0)
        return err_set(err, ERR_INVALID, "%.180s exists already: name a new directory", target);
    TRY(file_path(c->dir, err, "%s.partial", target));
    TRY(file_make_dir(c->dir, err));
    TRY(file_path(path, err, "%s/LOCK", c->dir));
    TRY(file_open(path, O_RDWR | O_CREAT, &c->lock_fd, err));
    if (flock(c->lock_fd, LOCK_EX | LOCK_NB) < 0)
        return err_set(err, ERR_BUSY, "another copy to %.180s is under way", target);
    return clear(c, err);
}

/* ---- Parts ---- */

static int copy_bytes(struct part *p, int to, struct err *err)
{
    char bytes[COPY_BYTES];
    uint64_t at = 0;
    while (at < p->bytes) {
        ssize_t n = pread(p->fd, bytes, sizeof bytes, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return err_set(err, ERR_IO, "reading part %08llu: %s", (unsigned long long)p->number,
                           n ? strerror(errno) : "cut short");
        TRY(file_write(to, bytes, (size_t)n, err));
        at += (uint64_t)n;
    }
    return file_sync(to, err);
}

/* Not inlined: its two paths would stand beside those of whoever calls. */
static __attribute__((noinline)) int copy_part(struct copy *c, struct part *p, struct err *err)
{
    char from[FILE_PATH_MAX], to[FILE_PATH_MAX];
    int fd, rc;
    TRY(file_path(from, err, "%s/%08llu.part", c->store->parts_dir, (unsigned long long)p->number));
    TRY(file_path(to, err, "%s/parts/%08llu.part", c->dir, (unsigned long long)p->number));
    TRY(file_unlink(to, err));
    c->ret->bytes += p->bytes;
    c->ret->spans += p->row_count;
    c->ret->parts++;
    manifest_add(&c->manifest, p->identity);
    if (p->number >= c->manifest.next_part)
        c->manifest.next_part = p->number + 1;
    if (link(from, to) == 0) {
        c->ret->linked_bytes += p->bytes;
        return 0;
    }
    /* another file system, or a merge has just deleted the name: the open file is still the part */
    TRY(file_open(to, O_WRONLY | O_CREAT | O_EXCL, &fd, err));
    rc = copy_bytes(p, fd, err);
    close(fd);
    return rc;
}

static int copy_parts(struct copy *c, struct err *err)
{
    char path[FILE_PATH_MAX];
    struct snapshot snap;
    int rc = 0;
    bool undecided = false;
    pthread_mutex_lock(&c->store->lock); /* the tombstones with it */
    manifest_copy(&c->manifest, &c->store->manifest);
    pthread_mutex_unlock(&c->store->lock);
    c->manifest.count = 0;
    c->manifest.next_part = 1;
    c->manifest.salt = random_u64();
    snapshot_take(c->store, &snap);
    for (uint32_t i = snap.count; i-- > 0 && rc == 0;) { /* oldest first, as MANIFEST has them */
        if (snap.sources[i].part)
            rc = copy_part(c, snap.sources[i].part, err);
    }
    snapshot_release(&snap);
    TRY(rc);
    TRY(file_path(path, err, "%s/parts", c->dir));
    TRY(file_sync_dir(path, err));
    return manifest_save(c->dir, &c->manifest, &undecided, err);
}

static int finish(struct copy *c, const char *target, struct err *err)
{
    char parent[FILE_PATH_MAX];
    const char *slash = strrchr(target, '/');
    struct stat st;
    if (lstat(target, &st) == 0)
        return err_set(err, ERR_INVALID, "%.180s exists already: name a new directory", target);
    TRY(file_rename(c->dir, target, err));
    if (!slash)
        return file_sync_dir(".", err);
    TRY(file_path(parent, err, "%.*s", slash == target ? 1 : (int)(slash - target), target));
    return file_sync_dir(parent, err);
}

int store_copy(struct store *s, const char *target, struct engine_copy *ret, struct err *err)
{
    struct copy *c = calloc(1, sizeof *c);
    int rc;
    if (!c)
        return err_set(err, ERR_NOMEM, "out of memory");
    c->store = s;
    c->ret = ret;
    c->lock_fd = -1;
    *ret = (struct engine_copy){0};
    rc = make_dir(c, target, err);
    if (rc == 0)
        rc = seal_present(s, err);
    if (rc == 0)
        rc = copy_parts(c, err);
    if (rc == 0)
        rc = finish(c, target, err);
    if (c->lock_fd >= 0)
        close(c->lock_fd);
    manifest_release(&c->manifest);
    free(c);
    return rc;
}
