/* mem_fs.c - see mem_fs.h. Files are inodes; directories are flat tables of full paths with one list of changes that no
 * flush has reached. */
#include "mem_fs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "fixture.h"

enum { SECTOR = 512, FD_FIRST = 5000, FDS_MAX = 4096, PATH_MAX_BYTES = 128 };

/* Contents as programs see them and as the disk has them. Sectors from `clean` bytes on may differ. */
struct bytes {
    unsigned char *p;
    size_t n, cap;
};

struct inode {
    struct inode *next;
    struct bytes now, disk;
    unsigned char *dirty; /* one per sector of now */
    size_t dirty_cap;
    bool directory, length_dirty;
    uint32_t refs; /* descriptors and mentions in names */
    int locked_by; /* descriptor, or -1 */
};

struct name {
    char path[PATH_MAX_BYTES];
    struct inode *inode;
};

struct names {
    struct name *items;
    size_t count, cap;
};

/* One change of names, not flushed: `path` becomes inode (NULL: goes), and `gone` goes with it when it was a rename. */
struct change {
    char path[PATH_MAX_BYTES], gone[PATH_MAX_BYTES];
    struct inode *inode;
};

struct descriptor {
    struct inode *inode; /* NULL: free */
    size_t at;
};

static struct {
    struct rng rng;
    struct inode *inodes;
    struct names now, disk;
    struct change *changes;
    size_t change_count, change_cap;
    struct descriptor fds[FDS_MAX];
    struct mem_fs_faults faults;
    uint64_t capacity, calls, die_at;
    bool loud;
    char misuse[160];
} fs;

static void *grow(void *p, size_t *cap, size_t need, size_t size)
{
    size_t want = *cap ? *cap : 16;
    if (need <= *cap)
        return p;
    while (want < need)
        want *= 2;
    p = realloc(p, want * size);
    assert_non_null(p);
    *cap = want;
    return p;
}

static void bytes_resize(struct bytes *b, size_t n)
{
    b->p = grow(b->p, &b->cap, n, 1);
    if (n > b->n)
        memset(b->p + b->n, 0, n - b->n);
    b->n = n;
}

static bool chance(uint32_t of_65536)
{
    return of_65536 && rng_below(&fs.rng, 65536) < of_65536;
}

/* ---- Names ---- */

static struct inode **find(struct names *names, const char *path)
{
    for (size_t i = 0; i < names->count; i++) {
        if (strcmp(names->items[i].path, path) == 0)
            return &names->items[i].inode;
    }
    return NULL;
}

/* NULL: the name goes. */
static void put(struct names *names, const char *path, struct inode *inode)
{
    struct inode **there = find(names, path);
    if (there && inode) {
        *there = inode;
    } else if (there) {
        size_t i = (size_t)((struct name *)(void *)((char *)there - offsetof(struct name, inode)) -
                            names->items);
        memmove(names->items + i, names->items + i + 1,
                (--names->count - i) * sizeof *names->items);
    } else if (inode) {
        names->items = grow(names->items, &names->cap, names->count + 1, sizeof *names->items);
        snprintf(names->items[names->count].path, PATH_MAX_BYTES, "%s", path);
        names->items[names->count++].inode = inode;
    }
}

static bool is_in(const char *path, const char *dir)
{
    size_t n = strcmp(dir, "/") == 0 ? 0 : strlen(dir);
    return strncmp(path, dir, n) == 0 && path[n] == '/' && path[n + 1] &&
           !strchr(path + n + 1, '/');
}

static void apply(struct names *names, const struct change *c)
{
    if (c->gone[0])
        put(names, c->gone, NULL);
    put(names, c->path, c->inode);
}

static void change(const char *path, struct inode *inode, const char *gone)
{
    struct change c = {.inode = inode};
    snprintf(c.path, sizeof c.path, "%s", path);
    snprintf(c.gone, sizeof c.gone, "%s", gone);
    apply(&fs.now, &c);
    fs.changes = grow(fs.changes, &fs.change_cap, fs.change_count + 1, sizeof *fs.changes);
    fs.changes[fs.change_count++] = c;
}

static bool parent_exists(const char *path)
{
    char dir[PATH_MAX_BYTES];
    struct inode **there;
    snprintf(dir, sizeof dir, "%s", path);
    *strrchr(dir, '/') = '\0';
    there = find(&fs.now, dir);
    return !dir[0] || (there && (*there)->directory);
}

static struct inode *inode_new(bool directory)
{
    struct inode *inode = calloc(1, sizeof *inode);
    assert_non_null(inode);
    inode->directory = directory;
    inode->locked_by = -1;
    inode->next = fs.inodes;
    fs.inodes = inode;
    return inode;
}

/* ---- Life and death ---- */

static int fail_with(int code)
{
    errno = code;
    return -1;
}

/* One call for the reader of a failing program. Answers rc. */
static long told(const char *call, const char *path, long rc)
{
    int code = errno;
    if (fs.loud)
        fprintf(stderr, "        %6llu %s %s%s%s\n", (unsigned long long)fs.calls, call, path,
                rc < 0 ? ": " : "", rc < 0 ? strerror(code) : "");
    errno = code;
    return rc;
}

bool mem_fs_dead(void)
{
    return fs.calls >= fs.die_at;
}

/* False when the call is to fail; errno says how. Called once by everything that changes something. */
static bool may_change(void)
{
    if (mem_fs_dead()) {
        errno = EIO;
        return false;
    }
    fs.calls++;
    if (chance(fs.faults.error_chance)) {
        errno = EIO;
        return false;
    }
    return true;
}

static bool may_read(void)
{
    bool bad = mem_fs_dead() || chance(fs.faults.read_error_chance);
    if (bad)
        errno = EIO;
    return !bad;
}

/* ---- Descriptors ---- */

static struct descriptor *descriptor(int fd)
{
    if (fd >= FD_FIRST && fd < FD_FIRST + FDS_MAX && fs.fds[fd - FD_FIRST].inode)
        return &fs.fds[fd - FD_FIRST];
    snprintf(fs.misuse, sizeof fs.misuse, "descriptor %d was used and is not open", fd);
    errno = EBADF;
    return NULL;
}

static int mem_open(const char *path, int flags)
{
    struct inode **there = find(&fs.now, path), *inode = there ? *there : NULL;
    int i = 0;
    if (flags & O_CREAT ? !may_change() : !may_read())
        return -1;
    if (!inode && !(flags & O_CREAT))
        return fail_with(ENOENT);
    if (inode && (flags & O_EXCL))
        return fail_with(EEXIST);
    if (!inode && !parent_exists(path))
        return fail_with(ENOENT);
    while (i < FDS_MAX && fs.fds[i].inode)
        i++;
    if (i == FDS_MAX)
        return fail_with(EMFILE);
    if (!inode)
        change(path, inode = inode_new(false), "");
    if (flags & O_TRUNC) {
        inode->now.n = 0;
        inode->length_dirty = true;
    }
    fs.fds[i] = (struct descriptor){inode, 0};
    return FD_FIRST + i;
}

static int mem_close(int fd)
{
    struct descriptor *d = descriptor(fd);
    if (!d)
        return -1;
    if (d->inode->locked_by == fd)
        d->inode->locked_by = -1;
    d->inode = NULL;
    return 0;
}

static ssize_t mem_pread(int fd, void *p, size_t n, uint64_t offset)
{
    struct descriptor *d = descriptor(fd);
    size_t left;
    if (!d || !may_read())
        return -1;
    left = offset < d->inode->now.n ? d->inode->now.n - (size_t)offset : 0;
    n = n < left ? n : left;
    if (n > 1 && chance(fs.faults.short_chance))
        n = 1 + rng_below(&fs.rng, (uint32_t)n - 1);
    if (n)
        memcpy(p, d->inode->now.p + offset, n);
    return (ssize_t)n;
}

static void mark(struct inode *inode, size_t from, size_t to)
{
    size_t sectors = (to + SECTOR - 1) / SECTOR, cap = inode->dirty_cap;
    inode->dirty = grow(inode->dirty, &inode->dirty_cap, sectors, 1);
    memset(inode->dirty + cap, 0, inode->dirty_cap - cap);
    for (size_t i = from / SECTOR; i < sectors; i++)
        inode->dirty[i] = 1;
}

static ssize_t mem_writev(int fd, const struct iovec *iov, int count)
{
    struct descriptor *d = descriptor(fd);
    uint64_t used = mem_fs_used(), room = fs.capacity > used ? fs.capacity - used : 0;
    size_t want = 0, done = 0;
    if (!d || !may_change())
        return -1;
    for (int i = 0; i < count; i++)
        want += iov[i].iov_len;
    if (want && !room)
        return fail_with(ENOSPC);
    want = want < room ? want : (size_t)room;
    if (want > 1 && chance(fs.faults.short_chance))
        want = 1 + rng_below(&fs.rng, (uint32_t)want - 1);
    if (d->at + want > d->inode->now.n) {
        bytes_resize(&d->inode->now, d->at + want);
        d->inode->length_dirty = true;
    }
    for (int i = 0; i < count && done < want; i++) {
        size_t n = iov[i].iov_len < want - done ? iov[i].iov_len : want - done;
        if (n)
            memcpy(d->inode->now.p + d->at + done, iov[i].iov_base, n);
        done += n;
    }
    if (done)
        mark(d->inode, d->at, d->at + done);
    d->at += done;
    return (ssize_t)done;
}

static int mem_truncate(int fd, uint64_t size)
{
    struct descriptor *d = descriptor(fd);
    if (!d || !may_change())
        return -1;
    bytes_resize(&d->inode->now, (size_t)size);
    d->inode->length_dirty = true;
    d->at = (size_t)size;
    return 0;
}

/* The disk's length becomes n: what grows is zeros until its sectors come. */
static void set_disk_length(struct inode *inode, size_t n)
{
    bytes_resize(&inode->disk, n);
}

static void sector_to_disk(struct inode *inode, size_t sector)
{
    size_t from = sector * SECTOR, to = from + SECTOR;
    to = to < inode->now.n ? to : inode->now.n;
    to = to < inode->disk.n ? to : inode->disk.n;
    if (from < to)
        memcpy(inode->disk.p + from, inode->now.p + from, to - from);
}

static size_t sector_count(const struct inode *inode)
{
    size_t n = (inode->now.n + SECTOR - 1) / SECTOR;
    return n < inode->dirty_cap ? n : inode->dirty_cap;
}

static void clean(struct inode *inode)
{
    if (inode->dirty_cap)
        memset(inode->dirty, 0, inode->dirty_cap);
    inode->length_dirty = false;
}

/* Some of what is dirty reaches the disk: in 256ths. */
static void some_to_disk(struct inode *inode, uint32_t of_256)
{
    if (inode->length_dirty && rng_below(&fs.rng, 256) < of_256) {
        size_t n = inode->now.n;
        if (n > inode->disk.n && rng_below(&fs.rng, 2)) /* lengths grow step by step */
            n = inode->disk.n + rng_below(&fs.rng, (uint32_t)(n - inode->disk.n) + 1);
        set_disk_length(inode, n);
        inode->length_dirty = n != inode->now.n;
    }
    for (size_t i = 0; i < sector_count(inode); i++) {
        if (inode->dirty[i] && rng_below(&fs.rng, 256) < of_256) {
            sector_to_disk(inode, i);
            /* a sector that the disk's length does not reach has not been kept */
            inode->dirty[i] = (i + 1) * SECTOR > inode->disk.n && inode->length_dirty;
        }
    }
}

static int mem_sync(int fd)
{
    struct descriptor *d = descriptor(fd);
    if (!d || !may_change())
        return -1;
    if (chance(fs.faults.sync_error_chance)) {
        some_to_disk(d->inode, rng_below(&fs.rng, 256));
        clean(d->inode); /* the kernel forgets what it could not write */
        return fail_with(EIO);
    }
    set_disk_length(d->inode, d->inode->now.n);
    for (size_t i = 0; i < sector_count(d->inode); i++) {
        if (d->inode->dirty[i])
            sector_to_disk(d->inode, i);
    }
    clean(d->inode);
    return 0;
}

static int mem_size(int fd, uint64_t *ret)
{
    struct descriptor *d = descriptor(fd);
    if (!d || !may_read())
        return -1;
    *ret = d->inode->now.n;
    return 0;
}

static int mem_lock(int fd)
{
    struct descriptor *d = descriptor(fd);
    if (!d || !may_read())
        return -1;
    if (d->inode->locked_by >= 0 && d->inode->locked_by != fd)
        return fail_with(EWOULDBLOCK);
    d->inode->locked_by = fd;
    return 0;
}

/* ---- Calls on names ---- */

static int mem_rename(const char *from, const char *to)
{
    struct inode **there = find(&fs.now, from);
    if (!may_change())
        return -1;
    if (!there)
        return fail_with(ENOENT);
    change(to, *there, from);
    return 0;
}

static int mem_unlink(const char *path)
{
    if (!may_change())
        return -1;
    if (!find(&fs.now, path))
        return fail_with(ENOENT);
    change(path, NULL, "");
    return 0;
}

static int mem_make_dir(const char *path)
{
    if (!may_change())
        return -1;
    if (find(&fs.now, path))
        return fail_with(EEXIST);
    if (!parent_exists(path))
        return fail_with(ENOENT);
    change(path, inode_new(true), "");
    return 0;
}

static int mem_sync_dir(const char *path)
{
    size_t kept = 0;
    if (!may_change())
        return -1;
    if (strcmp(path, "/") != 0 && !find(&fs.now, path))
        return fail_with(ENOENT);
    for (size_t i = 0; i < fs.change_count; i++) {
        if (is_in(fs.changes[i].path, path))
            apply(&fs.disk, &fs.changes[i]);
        else
            fs.changes[kept++] = fs.changes[i];
    }
    fs.change_count = kept;
    return 0;
}

static int mem_size_at(const char *path, uint64_t *ret)
{
    struct inode **there = find(&fs.now, path);
    if (!may_read())
        return -1;
    if (!there)
        return fail_with(ENOENT);
    *ret = (*there)->now.n;
    return 0;
}

static int mem_list(const char *path, int (*fn)(const char *name, void *user), void *user)
{
    struct names copy = {.count = 0};
    int rc = 0;
    if (!may_read())
        return -1;
    if (!find(&fs.now, path))
        return fail_with(ENOENT);
    for (size_t i = 0; i < fs.now.count; i++) { /* fn may unlink */
        if (is_in(fs.now.items[i].path, path))
            put(&copy, fs.now.items[i].path, fs.now.items[i].inode);
    }
    for (size_t i = 0; i < copy.count && rc == 0; i++)
        rc = fn(strrchr(copy.items[i].path, '/') + 1, user);
    free(copy.items);
    return rc;
}

static int mem_free_bytes(const char *path, uint64_t *ret)
{
    uint64_t used = mem_fs_used();
    (void)path;
    *ret = fs.capacity > used ? fs.capacity - used : 0;
    return 0;
}

static void *mem_map(int fd, size_t n)
{
    struct descriptor *d = descriptor(fd);
    unsigned char *p;
    if (!d || !may_read())
        return NULL;
    p = malloc(n + 1);
    assert_non_null(p);
    assert_true(n <= d->inode->now.n);
    memcpy(p, d->inode->now.p, n);
    return p;
}

static void mem_unmap(void *p, size_t n)
{
    (void)n;
    free(p);
}

/* ---- The same, told to the reader ---- */

static const char *path_of(int fd)
{
    struct inode *inode =
        fd >= FD_FIRST && fd < FD_FIRST + FDS_MAX ? fs.fds[fd - FD_FIRST].inode : NULL;
    for (size_t i = 0; i < fs.now.count; i++) {
        if (inode && fs.now.items[i].inode == inode)
            return fs.now.items[i].path;
    }
    return "(no name)";
}

static int told_open(const char *path, int flags)
{
    return (int)told(flags & O_CREAT ? "create" : "open", path, mem_open(path, flags));
}

static ssize_t told_writev(int fd, const struct iovec *iov, int count)
{
    ssize_t n = mem_writev(fd, iov, count);
    char call[40];
    snprintf(call, sizeof call, "write %zd", n);
    return told(call, path_of(fd), n);
}

static int told_sync(int fd)
{
    return (int)told("flush", path_of(fd), mem_sync(fd));
}

static int told_truncate(int fd, uint64_t size)
{
    return (int)told("truncate", path_of(fd), mem_truncate(fd, size));
}

static int told_rename(const char *from, const char *to)
{
    return (int)told("rename to", to, mem_rename(from, to));
}

static int told_unlink(const char *path)
{
    return (int)told("unlink", path, mem_unlink(path));
}

static int told_make_dir(const char *path)
{
    return (int)told("make directory", path, mem_make_dir(path));
}

static int told_sync_dir(const char *path)
{
    return (int)told("flush directory", path, mem_sync_dir(path));
}

static const struct file_ops mem_ops = {
    .open = told_open,
    .close = mem_close,
    .pread = mem_pread,
    .writev = told_writev,
    .sync = told_sync,
    .truncate = told_truncate,
    .size = mem_size,
    .lock = mem_lock,
    .rename = told_rename,
    .unlink = told_unlink,
    .make_dir = told_make_dir,
    .sync_dir = told_sync_dir,
    .size_at = mem_size_at,
    .list = mem_list,
    .free_bytes = mem_free_bytes,
    .map = mem_map,
    .unmap = mem_unmap,
};

/* ---- For the test ---- */

/* What the store logs of the errors that were put there is not the test's to say (linked with --wrap=log_write). */
void __wrap_log_write(enum log_level level, const char *module, const char *msg, const char *fmt,
                      ...) __attribute__((format(printf, 4, 5)));

void __wrap_log_write(enum log_level level, const char *module, const char *msg, const char *fmt,
                      ...)
{
    (void)level, (void)module, (void)msg, (void)fmt;
}

void mem_fs_open(uint64_t seed)
{
    memset(&fs, 0, sizeof fs);
    fs.rng.state = seed;
    fs.capacity = fs.die_at = UINT64_MAX;
    file_set_ops(&mem_ops);
}

void mem_fs_set_loud(bool loud)
{
    fs.loud = loud;
}

void mem_fs_reseed(uint64_t seed)
{
    fs.rng.state = seed;
}

void mem_fs_close(void)
{
    file_set_ops(NULL);
    for (struct inode *inode = fs.inodes, *next; inode; inode = next) {
        next = inode->next;
        free(inode->now.p);
        free(inode->disk.p);
        free(inode->dirty);
        free(inode);
    }
    free(fs.now.items);
    free(fs.disk.items);
    free(fs.changes);
    memset(&fs, 0, sizeof fs);
}

struct mem_fs_faults *mem_fs_faults(void)
{
    return &fs.faults;
}

void mem_fs_set_capacity(uint64_t bytes)
{
    fs.capacity = bytes;
}

uint64_t mem_fs_used(void)
{
    uint64_t used = 0;
    for (size_t i = 0; i < fs.now.count; i++)
        used += fs.now.items[i].inode->now.n;
    return used;
}

uint64_t mem_fs_calls(void)
{
    return fs.calls;
}

void mem_fs_die_after(uint64_t calls)
{
    fs.die_at = calls == UINT64_MAX ? UINT64_MAX : fs.calls + calls;
}

void mem_fs_crash(void)
{
    fs.die_at = UINT64_MAX;
    memset(fs.fds, 0, sizeof fs.fds);
    for (struct inode *inode = fs.inodes; inode; inode = inode->next)
        inode->locked_by = -1;
}

/* Changes of names that reach the disk: a part from the start, as a journal keeps them, or any of them. */
static void some_changes_to_disk(bool in_order)
{
    size_t first = in_order ? rng_below(&fs.rng, (uint32_t)fs.change_count + 1) : 0, kept = 0;
    for (size_t i = 0; i < fs.change_count; i++) {
        if (in_order ? i < first : rng_below(&fs.rng, 2))
            apply(&fs.disk, &fs.changes[i]);
        else
            fs.changes[kept++] = fs.changes[i];
    }
    fs.change_count = kept;
}

/* Files in a directory that is not there are not there. */
static void drop_lost_names(void)
{
    for (size_t i = 0; i < fs.now.count;) {
        if (parent_exists(fs.now.items[i].path)) {
            i++;
            continue;
        }
        put(&fs.now, fs.now.items[i].path, NULL);
        i = 0;
    }
}

static void names_copy(struct names *to, const struct names *from)
{
    to->items = grow(to->items, &to->cap, from->count, sizeof *to->items);
    if (from->count)
        memcpy(to->items, from->items, from->count * sizeof *to->items);
    to->count = from->count;
}

void mem_fs_power_cut(void)
{
    static const uint32_t parts[] = {0, 64, 128, 192, 256};
    uint32_t part = parts[rng_below(&fs.rng, COUNT(parts))];
    told("power cut", "", 0);
    mem_fs_crash();
    some_changes_to_disk(rng_below(&fs.rng, 2));
    fs.change_count = 0;
    names_copy(&fs.now, &fs.disk);
    drop_lost_names();
    names_copy(&fs.disk, &fs.now);
    for (struct inode *inode = fs.inodes; inode; inode = inode->next) {
        some_to_disk(inode, part);
        bytes_resize(&inode->now, inode->disk.n);
        if (inode->disk.n)
            memcpy(inode->now.p, inode->disk.p, inode->disk.n);
        clean(inode);
    }
}

void mem_fs_write_back(void)
{
    for (struct inode *inode = fs.inodes; inode; inode = inode->next)
        some_to_disk(inode, rng_below(&fs.rng, 257));
    some_changes_to_disk(true);
}

struct str mem_fs_read(const char *path)
{
    struct inode **there = find(&fs.now, path);
    assert_non_null(there);
    return str_make((*there)->now.p, (*there)->now.n);
}

void mem_fs_replace(const char *path, const void *p, size_t n)
{
    struct inode **there = find(&fs.now, path);
    assert_non_null(there);
    bytes_resize(&(*there)->now, n);
    bytes_resize(&(*there)->disk, n);
    if (n) {
        memcpy((*there)->now.p, p, n);
        memcpy((*there)->disk.p, p, n);
    }
    clean(*there);
}

const char *mem_fs_misuse(void)
{
    return fs.misuse[0] ? fs.misuse : NULL;
}

uint32_t mem_fs_open_files(void)
{
    uint32_t count = 0;
    for (int i = 0; i < FDS_MAX; i++)
        count += fs.fds[i].inode != NULL;
    return count;
}
