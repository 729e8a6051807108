/* wal.c - appending to and replaying log segments. */
#include "store/wal.h"

#include <fcntl.h>
#include <limits.h>

#include "store/bytes.h"
#include "store/file.h"

static const char segment_magic[8] = {'C', 'R', 'N', 'L', 'O', 'G', '\r', '\n'};
static const char record_mark[4] = {'C', 'R', 'L', 1};

enum { APPEND_RECORDS_MAX = 128 }; /* of one writev: two elements each */

void wal_init(struct wal *w, const char *dir, uint64_t salt, uint64_t next_segment)
{
    *w = (struct wal){.dir = dir, .salt = salt, .next_segment = next_segment, .fd = -1};
}

void wal_rotate(struct wal *w)
{
    file_close(w->fd);
    w->fd = -1;
    w->bytes = 0;
}

static void header_make(char out[WAL_HEADER_BYTES], uint64_t segment)
{
    memcpy(out, segment_magic, 8);
    store_u32(out + 8, WAL_VERSION);
    store_u32(out + 12, WAL_HEADER_BYTES);
    store_u64(out + 16, segment);
    store_u64(out + 24, checksum_of(str_make(out, 24)));
}

static int segment_open(struct wal *w, struct err *err)
{
    char path[FILE_PATH_MAX], header[WAL_HEADER_BYTES];
    int rc;
    TRY(file_path(path, err, "%s/%08llu.log", w->dir, (unsigned long long)w->next_segment));
    TRY(file_open(path, O_WRONLY | O_CREAT | O_EXCL, &w->fd, err));
    w->segment = w->next_segment++;
    w->bytes = 0;
    header_make(header, w->segment);
    rc = file_write(w->fd, header, sizeof header, err);
    if (rc == 0)
        rc = file_sync_dir(w->dir, err);
    if (rc < 0) {
        wal_rotate(w); /* the file stays; replay finds no record in it */
        return rc;
    }
    w->bytes = WAL_HEADER_BYTES;
    return 0;
}

static uint64_t record_checksum(const char head[WAL_RECORD_BYTES], struct str payload,
                                uint64_t salt)
{
    char text[24];
    memcpy(text, head, 16);
    store_u64(text + 16, XXH3_64bits_withSeed(payload.p ? payload.p : "", payload.n, salt));
    return XXH3_64bits_withSeed(text, sizeof text, salt);
}

static int write_records(struct wal *w, const struct wal_record *records, size_t count,
                         struct err *err)
{
    char heads[APPEND_RECORDS_MAX][WAL_RECORD_BYTES];
    struct iovec iov[APPEND_RECORDS_MAX * 2];
    uint64_t bytes = 0;
    for (size_t i = 0; i < count; i++) {
        struct str payload = records[i].payload;
        memcpy(heads[i], record_mark, 4);
        store_u32(heads[i] + 4, (uint32_t)payload.n);
        store_u64(heads[i] + 8, records[i].sequence);
        store_u64(heads[i] + 16, record_checksum(heads[i], payload, w->salt));
        iov[2 * i] = (struct iovec){heads[i], WAL_RECORD_BYTES};
        iov[2 * i + 1] = (struct iovec){(void *)(uintptr_t)payload.p, payload.n};
        bytes += WAL_RECORD_BYTES + payload.n;
    }
    TRY(file_write_iov(w->fd, iov, count * 2, err));
    w->bytes += bytes;
    return 0;
}

/* Writes to the open segment; on failure nothing of it stays there, or the segment is given up. */
static int write_all(struct wal *w, const struct wal_record *records, size_t count, struct err *err)
{
    uint64_t good;
    if (w->fd < 0)
        TRY(segment_open(w, err));
    good = w->bytes;
    for (size_t i = 0; i < count; i += APPEND_RECORDS_MAX) {
        size_t some = count - i < APPEND_RECORDS_MAX ? count - i : APPEND_RECORDS_MAX;
        int rc = write_records(w, records + i, some, err);
        if (rc < 0) {
            w->bytes = good;
            if (file_truncate(w->fd, good, NULL) < 0)
                wal_rotate(w);
            return rc;
        }
    }
    return 0;
}

int wal_sync(struct wal *w, struct err *err)
{
    if (w->fd < 0)
        return 0;
    w->sync_count++;
    return file_sync(w->fd, err);
}

int wal_append(struct wal *w, const struct wal_record *records, size_t count, bool sync,
               struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        if (records[i].payload.n > UINT32_MAX)
            return err_set(err, ERR_TOO_LARGE, "a request of more than 4 GiB");
    }
    TRY(write_all(w, records, count, err));
    if (!sync || wal_sync(w, err) == 0)
        return 0;
    /* The kernel may have dropped the dirty pages and may report success next time: this file is over. */
    wal_rotate(w);
    TRY(write_all(w, records, count, err));
    if (wal_sync(w, err) == 0)
        return 0;
    wal_rotate(w);
    return ERR_IO;
}

/* The record at offset at, if a whole and good one is there. */
static bool record_at(struct str file, size_t at, uint64_t salt, struct wal_record *ret)
{
    const char *p = file.p + at;
    size_t left = file.n - at;
    uint32_t n;
    if (left < WAL_RECORD_BYTES || memcmp(p, record_mark, 4) != 0)
        return false;
    n = load_u32(p + 4);
    if (n > left - WAL_RECORD_BYTES)
        return false;
    ret->sequence = load_u64(p + 8);
    ret->payload = str_make(p + WAL_RECORD_BYTES, n);
    return checksum_is(load_u64(p + 16), record_checksum(p, ret->payload, salt));
}

/* Where the next good record starts, looking from offset at on; the file's end when there is none. */
static size_t next_good(struct str file, size_t at, uint64_t salt)
{
    struct wal_record record;
    while (at < file.n) {
        const char *p = memmem(file.p + at, file.n - at, record_mark, sizeof record_mark);
        if (!p)
            return file.n;
        at = (size_t)(p - file.p);
        if (record_at(file, at, salt, &record))
            return at;
        at++;
    }
    return file.n;
}

/* A good header of another version means that a newer program wrote the file; a bad one only means damage. */
static int header_check(struct str file, const char *path, bool *good, struct err *err)
{
    *good = file.n >= WAL_HEADER_BYTES && memcmp(file.p, segment_magic, 8) == 0 &&
            checksum_is(load_u64(file.p + 24), checksum_of(str_make(file.p, 24)));
    if (*good && load_u32(file.p + 8) != WAL_VERSION)
        return err_set(err, ERR_UNSUPPORTED, "%s has format version %u; this program knows %d",
                       path, load_u32(file.p + 8), WAL_VERSION);
    return 0;
}

int wal_replay(const char *path, uint64_t salt, wal_replay_fn *fn, void *user,
               struct wal_replay_stats *stats, struct err *err)
{
    struct wal_record record;
    struct str file;
    size_t at = 0;
    bool good;
    int rc;
    TRY(file_map(path, &file, err));
    rc = header_check(file, path, &good, err);
    if (rc == 0 && good)
        at = WAL_HEADER_BYTES;
    while (rc == 0 && at < file.n) {
        if (!record_at(file, at, salt, &record)) {
            size_t next = next_good(file, at + 1, salt);
            stats->damaged_bytes += next - at;
            at = next;
            continue;
        }
        at += WAL_RECORD_BYTES + record.payload.n;
        stats->records++;
        rc = fn(&record, user);
    }
    file_unmap(file);
    return rc < 0 ? rc : 0;
}
