/* check.c - the steps of a check: MANIFEST, each part, each segment; then, when asked, the repair. */
#include "care/check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "care/check_log.h"
#include "care/check_part.h"
#include "care/repair.h"
#include "store/mem.h"

struct job {
    struct care_directory at;
    const struct care_watcher *w;
    struct care_check *ret;
    struct repair_item *parts, *segments;
    size_t part_count, segment_count;
    uint64_t salt;
    bool has_salt;
    uint64_t done_bytes, all_bytes;
};

static void report(struct job *j, const char *file, bool note, const char *what)
{
    struct care_problem p = {file, 0, false, note, what};
    *(note ? &j->ret->notes : &j->ret->problems) += 1;
    if (j->w->problem)
        j->w->problem(&p, j->w->user);
}

static void progress(uint64_t bytes, void *user)
{
    struct job *j = user;
    if (j->w->progress)
        j->w->progress(j->done_bytes + bytes, j->all_bytes, j->w->user);
}

static uint64_t size_of(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 ? (uint64_t)st.st_size : 0;
}

/* ---- MANIFEST ---- */

/* A damaged MANIFEST has the salt still, most likely: it is the right one when a record's checksum says so. */
static int count_record(const struct wal_record *record, void *user)
{
    (void)record;
    ++*(uint64_t *)user;
    return 0;
}

static void try_salt(struct job *j)
{
    enum { SALT_OFFSET = 32 };
    char path[FILE_PATH_MAX];
    struct wal_replay_stats stats = {0};
    uint64_t records = 0;
    struct str file;
    if (file_path(path, NULL, "%s/MANIFEST", j->at.dir) < 0 || access(path, R_OK) < 0 ||
        file_map(path, &file, NULL) < 0)
        return;
    if (file.n >= SALT_OFFSET + sizeof j->salt)
        memcpy(&j->salt, file.p + SALT_OFFSET, sizeof j->salt);
    file_unmap(file);
    for (size_t i = 0; i < j->at.segments.count && !records; i++) {
        if (care_log_path(j->at.dir, j->at.segments.items[i], path, NULL) == 0)
            wal_replay(path, j->salt, count_record, &records, &stats, NULL);
    }
    j->has_salt = records > 0;
}

static void check_manifest(struct job *j)
{
    if (j->at.has_manifest) {
        j->salt = j->at.manifest.salt;
        j->has_salt = true;
        return;
    }
    j->ret->manifest_damaged = true;
    report(j, "MANIFEST", false, j->at.manifest_err.msg);
    try_salt(j);
}

/* ---- Parts ---- */

static const struct manifest_part *named(const struct job *j, uint64_t number)
{
    for (size_t i = 0; i < j->at.manifest.count; i++) {
        if (j->at.manifest.parts[i].number == number)
            return &j->at.manifest.parts[i];
    }
    return NULL;
}

static void add_part(struct job *j, uint64_t number, const struct manifest_part *want)
{
    char path[FILE_PATH_MAX];
    struct repair_item *item = &j->parts[j->part_count++];
    *item = (struct repair_item){.number = number, .want = want};
    item->missing = care_part_path(j->at.dir, number, path, NULL) < 0 || access(path, F_OK) < 0;
    j->all_bytes += 2 * size_of(path);
}

static void list_parts(struct job *j)
{
    j->parts = mem_calloc(j->at.manifest.count + j->at.parts.count, sizeof *j->parts);
    for (size_t i = 0; i < j->at.manifest.count; i++)
        add_part(j, j->at.manifest.parts[i].number, &j->at.manifest.parts[i]);
    for (size_t i = 0; i < j->at.parts.count; i++) {
        char file[64];
        uint64_t number = j->at.parts.items[i];
        if (!j->at.has_manifest) {
            add_part(j, number, NULL);
        } else if (!named(j, number)) {
            snprintf(file, sizeof file, "parts/%08llu.part", (unsigned long long)number);
            report(j, file, true, "not named by MANIFEST: the next start of a server deletes it");
        }
    }
}

static int check_one_part(struct job *j, struct repair_item *item, struct err *err)
{
    char path[FILE_PATH_MAX], file[64];
    struct part_check found = {0};
    snprintf(file, sizeof file, "parts/%08llu.part", (unsigned long long)item->number);
    j->ret->parts++;
    if (item->missing) {
        item->damaged = true;
        j->ret->damaged_parts++;
        report(j, file, false, "missing");
        return 0;
    }
    TRY(care_part_path(j->at.dir, item->number, path, err));
    TRY(check_part(path, file, item->number, item->want, j->w, progress, j, &found, err));
    j->done_bytes += 2 * size_of(path);
    j->ret->problems += found.problems;
    j->ret->spans += found.spans;
    j->ret->part_bytes += size_of(path);
    j->ret->damaged_parts += found.problems != 0;
    item->damaged = found.problems != 0;
    return 0;
}

/* ---- Log ---- */

static int check_one_segment(struct job *j, struct repair_item *item, struct err *err)
{
    char path[FILE_PATH_MAX], file[64];
    struct log_check found;
    snprintf(file, sizeof file, "log/%08llu.log", (unsigned long long)item->number);
    TRY(care_log_path(j->at.dir, item->number, path, err));
    TRY(check_log(path, file, j->has_salt ? &j->salt : NULL, j->w, &found, err));
    j->done_bytes += found.bytes;
    progress(0, j);
    j->ret->segments++;
    j->ret->problems += found.problems;
    j->ret->records += found.records;
    j->ret->log_spans += found.spans;
    j->ret->log_bytes += found.bytes;
    item->damaged = found.problems != 0;
    return 0;
}

static void list_segments(struct job *j)
{
    char path[FILE_PATH_MAX];
    j->segments = mem_calloc(j->at.segments.count, sizeof *j->segments);
    for (size_t i = 0; i < j->at.segments.count; i++) {
        j->segments[j->segment_count++].number = j->at.segments.items[i];
        if (care_log_path(j->at.dir, j->at.segments.items[i], path, NULL) == 0)
            j->all_bytes += size_of(path);
    }
}

static int check_all(struct job *j, struct err *err)
{
    check_manifest(j);
    list_parts(j);
    list_segments(j);
    for (size_t i = 0; i < j->part_count; i++)
        TRY(check_one_part(j, &j->parts[i], err));
    for (size_t i = 0; i < j->segment_count; i++)
        TRY(check_one_segment(j, &j->segments[i], err));
    return 0;
}

static int run(struct job *j, bool repair, struct err *err)
{
    struct repair r = {.at = &j->at, .w = j->w};
    int rc;
    TRY(check_all(j, err));
    if (!repair || !j->ret->problems)
        return 0;
    r.parts = j->parts;
    r.part_count = j->part_count;
    r.segments = j->segments;
    r.segment_count = j->segment_count;
    r.salt = j->has_salt ? &j->salt : NULL;
    rc = repair_run(&r, err);
    j->ret->repaired = rc == 0;
    j->ret->saved_spans = r.saved_spans;
    j->ret->lost_spans = r.lost_spans;
    j->ret->set_aside = r.set_aside;
    return rc;
}

int care_check(const char *dir, bool repair, const struct care_watcher *w, struct care_check *ret,
               struct err *err)
{
    struct job j = {.w = w, .ret = ret};
    int lock_fd, rc;
    *ret = (struct care_check){0};
    TRY(care_lock(dir, false, &lock_fd, err));
    rc = care_directory_read(dir, &j.at, err);
    if (rc == 0 && repair && lock_fd < 0)
        rc = care_lock(dir, true, &lock_fd, err);
    if (rc == 0)
        rc = run(&j, repair, err);
    care_directory_release(&j.at);
    free(j.parts);
    free(j.segments);
    if (lock_fd >= 0)
        close(lock_fd);
    return rc;
}
