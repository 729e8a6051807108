/* repair.c - see repair.h. */
#include "care/repair.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/random.h"
#include "care/check_log.h"
#include "care/salvage.h"
#include "store/part.h"

enum { NAMES_MAX = 1000 }; /* of one file's versions in DIR/damaged */

/* ---- Setting aside ---- */

static int copy_bytes(int from, int to, const char *path, struct err *err)
{
    char bytes[4096];
    ssize_t n;
    while ((n = read(from, bytes, sizeof bytes)) > 0)
        TRY(file_write(to, bytes, (size_t)n, err));
    if (n < 0)
        return err_set(err, ERR_IO, "cannot read %.150s: %s", path, strerror(errno));
    return file_sync(to, err);
}

/* For file systems without hard links. */
static int copy_file(const char *from, const char *to, struct err *err)
{
    int in = -1, out = -1, rc = file_open(from, O_RDONLY, &in, err);
    if (rc == 0)
        rc = file_open(to, O_WRONLY | O_CREAT | O_TRUNC, &out, err);
    if (rc == 0)
        rc = copy_bytes(in, out, from, err);
    if (in >= 0)
        close(in);
    if (out >= 0)
        close(out);
    return rc;
}

static bool same_file(const char *a, const char *b)
{
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_ino == y.st_ino && x.st_dev == y.st_dev;
}

/* Gives the file a second name in DIR/damaged; one that an interrupted repair gave it already will do. */
static int set_aside(struct repair *r, const char *path, const char *name, struct err *err)
{
    char dir[FILE_PATH_MAX], to[FILE_PATH_MAX];
    TRY(file_path(dir, err, "%s/damaged", r->at->dir));
    TRY(file_make_dir(dir, err));
    for (unsigned i = 0; i < NAMES_MAX; i++) {
        TRY(i ? file_path(to, err, "%s/%s.%u", dir, name, i)
              : file_path(to, err, "%s/%s", dir, name));
        if (same_file(path, to))
            return 0;
        if (access(to, F_OK) == 0)
            continue;
        if (link(path, to) < 0)
            TRY(copy_file(path, to, err));
        TRY(file_sync_dir(dir, err));
        r->set_aside++;
        return file_sync_dir(r->at->dir, err);
    }
    return err_set(err, ERR_IO, "%.150s is full of versions of %.40s: clear it up", dir, name);
}

/* ---- Parts ---- */

static uint64_t first_free_number(const struct care_directory *at)
{
    uint64_t next = at->manifest.next_part ? at->manifest.next_part : 1;
    for (size_t i = 0; i < at->parts.count; i++)
        next = at->parts.items[i] >= next ? at->parts.items[i] + 1 : next;
    return next;
}

static int save_part(struct repair *r, struct repair_item *item, struct err *err)
{
    char from[FILE_PATH_MAX], to[FILE_PATH_MAX], tmp[FILE_PATH_MAX];
    struct salvage found;
    uint64_t number = r->next_part;
    int rc;
    if (item->missing)
        return 0;
    TRY(care_part_path(r->at->dir, item->number, from, err));
    TRY(care_part_path(r->at->dir, number, to, err));
    TRY(file_path(tmp, err, "%s.tmp", to));
    TRY(file_unlink(tmp, err));
    rc = salvage_part(from, item->number, tmp, r->w, &found, err);
    r->lost_spans += found.lost;
    if (rc == 0 && found.rows) {
        rc = file_rename(tmp, to, err);
        if (rc == 0)
            rc = file_path(from, err, "%s/parts", r->at->dir);
        if (rc == 0)
            rc = file_sync_dir(from, err);
        if (rc == 0) {
            r->next_part++;
            item->saved = found.identity;
            item->saved.number = number;
            if (item->want) { /* deletions and retention go by these */
                item->saved.last_sequence = item->want->last_sequence;
                item->saved.sealed_ns = item->want->sealed_ns;
                item->saved.retained = item->want->retained;
            }
            r->saved_spans += found.rows;
        }
    }
    if (rc < 0)
        file_unlink(tmp, NULL);
    return rc;
}

static int set_part_aside(struct repair *r, const struct repair_item *item, struct err *err)
{
    char path[FILE_PATH_MAX], name[64];
    if (item->missing)
        return 0;
    TRY(care_part_path(r->at->dir, item->number, path, err));
    snprintf(name, sizeof name, "%08llu.part", (unsigned long long)item->number);
    return set_aside(r, path, name, err);
}

static int drop_part(struct repair *r, const struct repair_item *item, struct err *err)
{
    char path[FILE_PATH_MAX];
    TRY(care_part_path(r->at->dir, item->number, path, err));
    return file_unlink(path, err);
}

/* ---- Log ---- */

static int replace_segment(struct repair *r, const struct repair_item *item, uint64_t salt,
                           struct err *err)
{
    char path[FILE_PATH_MAX], dir[FILE_PATH_MAX], fresh[FILE_PATH_MAX], name[64];
    uint64_t records;
    TRY(care_log_path(r->at->dir, item->number, path, err));
    TRY(file_path(dir, err, "%s/log.repair", r->at->dir));
    snprintf(name, sizeof name, "%08llu.log", (unsigned long long)item->number);
    TRY(file_path(fresh, err, "%s/%s", dir, name));
    TRY(file_make_dir(dir, err));
    TRY(rewrite_log(path, r->salt, dir, item->number, salt, &records, err));
    TRY(set_aside(r, path, name, err));
    TRY(records ? file_rename(fresh, path, err) : file_unlink(path, err));
    rmdir(dir);
    TRY(file_path(dir, err, "%s/log", r->at->dir));
    return file_sync_dir(dir, err);
}

/* ---- MANIFEST ---- */

static int part_identity(struct repair *r, const struct repair_item *item,
                         struct manifest_part *ret, struct err *err)
{
    char path[FILE_PATH_MAX];
    struct part *p;
    if (item->want) {
        *ret = *item->want;
        return 0;
    }
    TRY(care_part_path(r->at->dir, item->number, path, err));
    TRY(part_open(path, item->number, NULL, &p, err));
    *ret = p->identity;
    part_unref(p);
    return 0;
}

/* Without a MANIFEST nobody knows which log records are in parts: all are replayed, and spans that come twice are
 * answered once. */
static int save_manifest(struct repair *r, uint64_t salt, struct err *err)
{
    char path[FILE_PATH_MAX];
    bool undecided = false;
    struct manifest m;
    int rc = 0;
    manifest_copy(&m, &r->at->manifest); /* the tombstones with it */
    m.count = 0;
    m.next_part = r->next_part;
    m.salt = salt;
    for (size_t i = 0; i < r->part_count && rc == 0; i++) {
        struct manifest_part identity = r->parts[i].saved;
        if (!r->parts[i].damaged)
            rc = part_identity(r, &r->parts[i], &identity, err);
        if (rc == 0 && identity.number)
            manifest_add(&m, identity);
    }
    if (rc == 0 && !r->at->has_manifest) {
        rc = file_path(path, err, "%s/MANIFEST", r->at->dir);
        if (rc == 0 && access(path, F_OK) == 0)
            rc = set_aside(r, path, "MANIFEST", err);
    }
    if (rc == 0)
        rc = manifest_save(r->at->dir, &m, &undecided, err);
    manifest_release(&m);
    return rc;
}

int repair_run(struct repair *r, struct err *err)
{
    uint64_t salt = r->salt ? *r->salt : random_u64();
    bool parts_change = !r->at->has_manifest;
    r->next_part = first_free_number(r->at);
    for (size_t i = 0; i < r->part_count; i++) {
        if (!r->parts[i].damaged)
            continue;
        parts_change = true;
        TRY(save_part(r, &r->parts[i], err));
        TRY(set_part_aside(r, &r->parts[i], err));
    }
    for (size_t i = 0; i < r->segment_count; i++) {
        if (r->segments[i].damaged || !r->salt)
            TRY(replace_segment(r, &r->segments[i], salt, err));
    }
    if (!parts_change)
        return 0;
    TRY(save_manifest(r, salt, err));
    for (size_t i = 0; i < r->part_count; i++) {
        if (r->parts[i].damaged)
            TRY(drop_part(r, &r->parts[i], err));
    }
    return 0;
}
