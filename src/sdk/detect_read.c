/* detect_read.c - reading the files that detectors look at, and noting what they found.
 *
 * The files belong to whoever made the container or the machine: each may be missing, endless, or not a file at all. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sdk/detect.h"
#include "tracer/values.h"

static bool path_of(const struct detection *d, const char *path, char out[PATH_MAX])
{
    int n = snprintf(out, PATH_MAX, "%s%s", d->root, path);
    return n > 0 && n < PATH_MAX;
}

/* Asked before and after: opening a device may already do something, and the file may be exchanged in between. */
static int open_regular(const char *path)
{
    struct stat st;
    int fd;
    if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
        return -1;
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd >= 0 && (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))) {
        close(fd);
        return -1;
    }
    return fd;
}

struct str detect_read(struct detection *d, const char *path)
{
    enum { STEP = 4096 };
    char full[PATH_MAX];
    int saved = errno, fd = path_of(d, path, full) ? open_regular(full) : -1;
    buf_clear(&d->file);
    while (fd >= 0 && d->file.n < DETECT_FILE_BYTES_MAX) {
        void *at = buf_reserve(&d->file, STEP);
        ssize_t got = at ? read(fd, at, STEP) : 0;
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        d->file.n += (size_t)got;
    }
    if (fd >= 0)
        close(fd);
    errno = saved;
    return buf_str(&d->file);
}

struct str detect_read_line(struct detection *d, const char *path)
{
    struct str text = detect_read(d, path), line, rest;
    str_cut(text, '\n', &line, &rest);
    if (line.n && line.p[line.n - 1] == '\r')
        line.n--;
    return str_trim(line);
}

size_t detect_link(struct detection *d, const char *path, char *out, size_t room)
{
    char full[PATH_MAX];
    int saved = errno;
    ssize_t n = path_of(d, path, full) ? readlink(full, out, room) : -1;
    errno = saved;
    if (n <= 0 || (size_t)n >= room)
        return 0;
    out[n] = '\0';
    return (size_t)n;
}

bool detect_exists(struct detection *d, const char *path)
{
    char full[PATH_MAX];
    struct stat st;
    int saved = errno;
    bool yes = path_of(d, path, full) && stat(full, &st) == 0;
    errno = saved;
    return yes;
}

/* ---- Noting ---- */

static void put(struct detection *d, const char *key, struct value value)
{
    struct attrs *a = d->attrs;
    a->items = arena_grow(d->arena, a->items, a->count, &d->cap, a->count + 1u, sizeof *a->items);
    if (a->items)
        a->items[a->count++] = (struct attr){str_of(key), value};
    else
        a->count = 0; /* the arena remembers that it failed */
}

static struct str copy(struct detection *d, struct str s)
{
    return utf8_mend(arena_str(d->arena, s), d->arena);
}

void detect_put(struct detection *d, const char *key, struct str value)
{
    if (value.n)
        put(d, key, (struct value){.type = VALUE_STRING, .string = copy(d, value)});
}

void detect_put_int(struct detection *d, const char *key, int64_t value)
{
    put(d, key, (struct value){.type = VALUE_INT, .integer = value});
}

void detect_put_list(struct detection *d, const char *key, const struct str *items, uint32_t count)
{
    struct value list = {.type = VALUE_ARRAY};
    list.array.items = arena_calloc(d->arena, count, sizeof *list.array.items);
    if (!list.array.items)
        return;
    for (uint32_t i = 0; i < count; i++)
        list.array.items[i] = (struct value){.type = VALUE_STRING, .string = copy(d, items[i])};
    list.array.count = count;
    put(d, key, list);
}
