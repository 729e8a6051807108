/* directory.c - listing a data directory without changing it. */
#include "care/directory.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "store/mem.h"

static int number_cmp(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static int list(const char *dir, const char *sub, const char *suffix, struct care_numbers *ret,
                struct err *err)
{
    char path[FILE_PATH_MAX];
    struct dirent *entry;
    DIR *d;
    TRY(file_path(path, err, "%s/%s", dir, sub));
    d = opendir(path);
    if (!d)
        return errno == ENOENT
                   ? 0
                   : err_set(err, ERR_IO, "cannot read %.150s: %s", path, strerror(errno));
    while ((entry = readdir(d))) {
        uint64_t number = file_number(entry->d_name, suffix);
        if (!number)
            continue;
        ret->items = mem_grow(ret->items, &ret->cap, ret->count + 1, sizeof *ret->items);
        ret->items[ret->count++] = number;
    }
    closedir(d);
    if (ret->count)
        qsort(ret->items, ret->count, sizeof *ret->items, number_cmp);
    return 0;
}

int care_directory_read(const char *dir, struct care_directory *ret, struct err *err)
{
    int rc;
    *ret = (struct care_directory){.dir = dir};
    TRY(list(dir, "parts", ".part", &ret->parts, err));
    rc = list(dir, "log", ".log", &ret->segments, err);
    if (rc == 0)
        rc = manifest_load(dir, &ret->manifest, &ret->manifest_err);
    ret->has_manifest = rc == 0;
    if (rc == ERR_NOT_FOUND && !ret->parts.count && !ret->segments.count)
        rc = err_set(err, ERR_NOT_FOUND, "%.150s is no data directory: it has no MANIFEST", dir);
    else if (rc == ERR_NOT_FOUND || rc == ERR_CORRUPT)
        rc = 0;
    else if (rc < 0 && err && ret->manifest_err.code == rc)
        *err = ret->manifest_err;
    if (rc < 0)
        care_directory_release(ret);
    return rc;
}

void care_directory_release(struct care_directory *d)
{
    manifest_release(&d->manifest);
    free(d->parts.items);
    free(d->segments.items);
    d->parts = d->segments = (struct care_numbers){0};
}

int care_part_path(const char *dir, uint64_t number, char out[FILE_PATH_MAX], struct err *err)
{
    return file_path(out, err, "%s/parts/%08llu.part", dir, (unsigned long long)number);
}

int care_log_path(const char *dir, uint64_t number, char out[FILE_PATH_MAX], struct err *err)
{
    return file_path(out, err, "%s/log/%08llu.log", dir, (unsigned long long)number);
}
