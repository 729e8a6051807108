/* check_log.c - walking a segment with the store's own reader, or without the salt by the records' form. */
#include "care/check_log.h"

#include <stdio.h>

#include "base/arena.h"
#include "store/bytes.h"
#include "store/file.h"
#include "store/wal.h"
#include "wire/otlp_pb.h"

enum { WHAT_BYTES = 160 };

struct walk {
    const char *file;
    const struct care_watcher *w;
    struct log_check *ret;
    struct wal_replay_stats stats;
    uint64_t at, damaged; /* where the next record should begin; damage told so far */
    struct arena arena;
    struct wal *to; /* good records go there; may be NULL */
    struct err *err;
};

static void report(struct walk *k, uint64_t offset, const char *what)
{
    struct care_problem p = {k->file, offset, true, false, what};
    k->ret->problems++;
    if (k->w->problem)
        k->w->problem(&p, k->w->user);
}

/* Says what was passed over before the place where the reader stands now. */
static void tell_damage(struct walk *k, bool at_end)
{
    uint64_t n = k->stats.damaged_bytes - k->damaged;
    char what[WHAT_BYTES];
    if (!n)
        return;
    snprintf(what, sizeof what, "%llu bytes that are no record%s", (unsigned long long)n,
             at_end ? " (at the end: a write that a crash cut short, or damage)" : "");
    report(k, k->at, what);
    k->at += n;
    k->damaged += n;
}

/* A request's spans, or -1 when it does not decode. */
static int64_t spans_of(struct walk *k, struct str payload)
{
    struct otlp_limits limits = OTLP_LIMITS_DEFAULT;
    struct span_batch batch;
    arena_reset(&k->arena);
    limits.spans_max = UINT32_MAX;
    return otlp_pb_decode(payload, &limits, &k->arena, &batch, NULL) < 0
               ? -1
               : (int64_t)batch.span_count;
}

static int on_record(const struct wal_record *record, void *user)
{
    struct walk *k = user;
    int64_t spans = spans_of(k, record->payload);
    if (care_stopped(k->w))
        return err_set(k->err, ERR_CANCELLED, "interrupted");
    tell_damage(k, false);
    if (spans < 0)
        report(k, k->at, "a record that is no OTLP request");
    k->at += WAL_RECORD_BYTES + record->payload.n;
    k->ret->records += spans >= 0;
    k->ret->spans += spans < 0 ? 0 : (uint64_t)spans;
    return spans >= 0 && k->to ? wal_append(k->to, record, 1, false, k->err) : 0;
}

static bool header_is_good(struct str file)
{
    return file.n >= WAL_HEADER_BYTES && memcmp(file.p, "CRNLOG\r\n", 8) == 0 &&
           checksum_of(str_make(file.p, 24)) == load_u64(file.p + 24);
}

/* The form of a record at `at`, and a payload that decodes. */
static bool looks_like_record(struct walk *k, struct str file, size_t at, struct wal_record *ret)
{
    uint32_t n;
    if (file.n - at < WAL_RECORD_BYTES || memcmp(file.p + at, "CRL\1", 4) != 0)
        return false;
    n = load_u32(file.p + at + 4);
    if (n > file.n - at - WAL_RECORD_BYTES)
        return false;
    ret->sequence = load_u64(file.p + at + 8);
    ret->payload = str_make(file.p + at + WAL_RECORD_BYTES, n);
    return spans_of(k, ret->payload) >= 0;
}

static int walk_without_salt(struct walk *k, struct str file)
{
    struct wal_record record;
    size_t at = k->at;
    while (at < file.n) {
        size_t next = at;
        while (next < file.n && !looks_like_record(k, file, next, &record)) {
            const char *p = memmem(file.p + next + 1, file.n - next - 1, "CRL\1", 4);
            next = p ? (size_t)(p - file.p) : file.n;
        }
        k->stats.damaged_bytes += next - at;
        at = next;
        if (at == file.n)
            break;
        TRY(on_record(&record, k));
        at += WAL_RECORD_BYTES + record.payload.n;
    }
    return 0;
}

static int walk_segment(struct walk *k, const char *path, const uint64_t *salt)
{
    struct str file;
    int rc;
    TRY(file_map(path, &file, k->err));
    k->at = header_is_good(file) ? WAL_HEADER_BYTES : 0;
    k->ret->bytes = file.n;
    arena_init(&k->arena, 0);
    rc = salt ? wal_replay(path, *salt, on_record, k, &k->stats, k->err)
              : walk_without_salt(k, file);
    if (rc == 0)
        tell_damage(k, true);
    arena_release(&k->arena);
    file_unmap(file);
    return rc;
}

int check_log(const char *path, const char *file, const uint64_t *salt,
              const struct care_watcher *w, struct log_check *ret, struct err *err)
{
    struct walk k = {.file = file, .w = w, .ret = ret, .err = err};
    *ret = (struct log_check){0};
    return walk_segment(&k, path, salt);
}

int rewrite_log(const char *path, const uint64_t *salt, const char *dir, uint64_t number,
                uint64_t new_salt, uint64_t *ret_records, struct err *err)
{
    static const struct care_watcher nobody;
    struct log_check found = {0};
    struct wal to;
    struct walk k = {.file = path, .w = &nobody, .ret = &found, .to = &to, .err = err};
    char target[FILE_PATH_MAX];
    int rc;
    TRY(file_path(target, err, "%s/%08llu.log", dir, (unsigned long long)number));
    TRY(file_unlink(target, err));
    wal_init(&to, dir, new_salt, number);
    rc = walk_segment(&k, path, salt);
    if (rc == 0)
        rc = wal_sync(&to, err);
    wal_rotate(&to);
    if (rc == 0)
        rc = file_sync_dir(dir, err);
    *ret_records = found.records;
    return rc;
}
