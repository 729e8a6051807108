/* store_recover.c - what a start does: MANIFEST, parts, strays, log.
 *
 * Nothing is changed before MANIFEST was read and found to be of this version. */
#include <fcntl.h>
#include <stdlib.h>

#include "base/random.h"
#include "store/file.h"
#include "store/mem.h"
#include "store/store_int.h"

struct listing {
    struct store *store;
    struct err *err;
};

static int no_data_name(const char *name, void *user)
{
    struct listing *l = user;
    if (file_number(name, ".part") || file_number(name, ".log"))
        return err_set(l->err, ERR_CORRUPT, "%s has data but no MANIFEST; restore it from a backup",
                       l->store->dir);
    return 0;
}

static int start_fresh(struct store *s, struct err *err)
{
    struct listing l = {s, err};
    TRY(file_list(s->parts_dir, no_data_name, &l, err));
    TRY(file_list(s->log_dir, no_data_name, &l, err));
    s->manifest = (struct manifest){.next_part = 1, .salt = random_u64()};
    TRY(manifest_save(s->dir, &s->manifest, &s->manifest_undecided, err));
    return 0;
}

/* MANIFEST's words about the part; a MANIFEST of version 1 had none about rows and times. */
static void describe(struct part *part, struct manifest_part *want)
{
    if (!want->rows) {
        want->rows = part->row_count;
        want->start_min_ns = part->start_min_ns;
        want->start_max_ns = part->start_max_ns;
    }
    part->identity = *want;
}

static int open_part(struct store *s, struct manifest_part *want, struct err *err)
{
    char path[FILE_PATH_MAX];
    struct part *part;
    uint64_t size;
    int rc;
    TRY(file_path(path, err, "%s/%08llu.part", s->parts_dir, (unsigned long long)want->number));
    rc = file_size_at(path, &size, err);
    if (rc == 0)
        rc = part_open(path, want->number, want, &part, err);
    if (rc == ERR_UNSUPPORTED && err) {
        struct err why = *err;
        return err_set(err, rc, "nothing was changed in %.40s: %s", s->dir, why.msg);
    }
    if (rc == ERR_CORRUPT || rc == ERR_NOT_FOUND) {
        /* it stays in MANIFEST, so that a restored file is found again */
        atomic_fetch_add(&s->damaged_bytes, want->bytes);
        return 0;
    }
    TRY(rc);
    describe(part, want);
    rc = store_prepare_part(s, part, err);
    if (rc < 0) {
        part_unref(part);
        return rc;
    }
    pthread_mutex_lock(&s->lock);
    store_add_part(s, part);
    pthread_mutex_unlock(&s->lock);
    return 0;
}

static bool manifest_has(const struct manifest *m, uint64_t number)
{
    for (size_t i = 0; i < m->count; i++) {
        if (m->parts[i].number == number)
            return true;
    }
    return false;
}

/* What a crash left: unfinished parts, and finished ones that no manifest names. */
static int remove_stray(const char *name, void *user)
{
    struct listing *l = user;
    struct store *s = l->store;
    char path[FILE_PATH_MAX];
    uint64_t number = file_number(name, ".part");
    bool stray = file_number(name, ".part.tmp") || (number && !manifest_has(&s->manifest, number));
    if (number >= s->manifest.next_part)
        s->manifest.next_part = number + 1;
    if (!stray)
        return 0;
    TRY(file_path(path, l->err, "%s/%s", s->parts_dir, name));
    return file_unlink(path, l->err);
}

static void load_tombstones(struct store *s)
{
    size_t count = s->manifest.tombstone_count;
    s->tombstones = mem_grow(s->tombstones, &s->tombstone_cap, count, sizeof *s->tombstones);
    if (count)
        memcpy(s->tombstones, s->manifest.tombstones, count * sizeof *s->tombstones);
    s->tombstone_count = count;
    s->replaying = true;
    atomic_store(&s->tombstones_live, count);
}

int store_load(struct store *s, struct err *err)
{
    struct listing l = {s, err};
    int rc = manifest_load(s->dir, &s->manifest, err);
    if (rc == ERR_NOT_FOUND)
        rc = start_fresh(s, err);
    TRY(rc);
    load_tombstones(s);
    TRY(file_make_dir(s->parts_dir, err));
    TRY(file_make_dir(s->log_dir, err));
    TRY(file_sync_dir(s->dir, err));
    for (size_t i = 0; i < s->manifest.count; i++)
        TRY(open_part(s, &s->manifest.parts[i], err));
    return file_list(s->parts_dir, remove_stray, &l, err);
}

struct segments {
    uint64_t *numbers;
    size_t count, cap;
};

static int number_cmp(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static int note_segment(const char *name, void *user)
{
    struct segments *list = user;
    uint64_t number = file_number(name, ".log");
    if (!number)
        return 0;
    list->numbers = mem_grow(list->numbers, &list->cap, list->count + 1, sizeof(uint64_t));
    list->numbers[list->count++] = number;
    return 0;
}

static int list_segments(struct store *s, struct segments *list, struct err *err)
{
    TRY(file_list(s->log_dir, note_segment, list, err));
    if (list->count)
        qsort(list->numbers, list->count, sizeof(uint64_t), number_cmp);
    return 0;
}

/* Sequences first..last were passed over: their records were refused, or damaged. */
struct hole {
    uint64_t first, last;
};

struct replay {
    struct store *store;
    uint64_t sealed_sequence; /* when the replay began */
    uint64_t last_sequence, live_records;
    struct hole *holes; /* ascending */
    size_t hole_count, hole_cap;
    struct manifest_tombstone *tombstones; /* of the time of the start */
    size_t tombstone_count, next_tombstone;
};

/* The first hole that ends at sequence or behind it. */
static size_t hole_at(const struct replay *r, uint64_t sequence)
{
    size_t from = 0, to = r->hole_count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (r->holes[middle].last < sequence)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

static void insert_hole(struct replay *r, size_t at, uint64_t first, uint64_t last)
{
    if (first > last)
        return;
    r->holes = mem_grow(r->holes, &r->hole_cap, r->hole_count + 1, sizeof *r->holes);
    memmove(r->holes + at + 1, r->holes + at, (r->hole_count++ - at) * sizeof *r->holes);
    r->holes[at] = (struct hole){first, last};
}

/* True when no record with this sequence came before. A failed flush leaves a copy of its group in the older file,
 * of which any record may be damaged while a later one is good. */
static bool is_new(struct replay *r, uint64_t sequence)
{
    size_t at;
    struct hole old;
    if (sequence > r->last_sequence) {
        insert_hole(r, r->hole_count, r->last_sequence + 1, sequence - 1);
        r->last_sequence = sequence;
        return true;
    }
    at = hole_at(r, sequence);
    if (at == r->hole_count || sequence < r->holes[at].first)
        return false;
    old = r->holes[at];
    memmove(r->holes + at, r->holes + at + 1, (--r->hole_count - at) * sizeof *r->holes);
    insert_hole(r, at, sequence + 1, old.last);
    insert_hole(r, at, old.first, sequence - 1);
    return true;
}

/* Deletes what was deleted before the record with the sequence came. */
static void replay_deletions(struct replay *r, uint64_t sequence)
{
    struct store *s = r->store;
    for (; r->next_tombstone < r->tombstone_count &&
           r->tombstones[r->next_tombstone].sequence < sequence;
         r->next_tombstone++) {
        pthread_mutex_lock(&s->lock);
        store_bury_in_heads(s, r->tombstones[r->next_tombstone].id);
        pthread_mutex_unlock(&s->lock);
    }
}

/* A record that is in a part already, or came before, is skipped by its sequence. Nothing is sealed while one with a
 * lower sequence may still come: MANIFEST would say that it is in a part. */
static int replay_record(const struct wal_record *record, void *user)
{
    struct replay *r = user;
    struct store *s = r->store;
    uint32_t spans = 0;
    int rc;
    /* one that came before counts too: the older copy may be in the page cache only, where a failed flush left it */
    r->live_records += record->sequence > r->sealed_sequence;
    if (!is_new(r, record->sequence))
        return 0;
    replay_deletions(r, record->sequence);
    if (atomic_load(&s->head->bytes) >= s->options.head_bytes_max && !r->hole_count)
        store_freeze(s, s->wal.segment - 1);
    rc = store_index(s, record->sequence, record->payload, &spans);
    if (rc == ERR_INVALID) {
        atomic_fetch_add(&s->damaged_bytes, record->payload.n);
        rc = 0;
    }
    atomic_fetch_add(&s->recovered_spans, spans);
    return rc;
}

/* What was read may be in the page cache only, after the last process was killed; and a cut of the file's end too: it
 * must not come back when its sequences have been used again. */
static int flush_segment(const char *path, struct err *err)
{
    int fd, rc;
    TRY(file_open(path, O_RDONLY, &fd, err));
    rc = file_sync(fd, err);
    file_close(fd);
    return rc;
}

static int replay_segment(struct replay *r, uint64_t number, struct err *err)
{
    struct store *s = r->store;
    struct wal_replay_stats stats = {0};
    char path[FILE_PATH_MAX];
    uint64_t size;
    TRY(file_path(path, err, "%s/%08llu.log", s->log_dir, (unsigned long long)number));
    s->wal.segment = number;
    r->live_records = 0;
    TRY(wal_replay(path, s->wal.salt, replay_record, r, &stats, err));
    atomic_fetch_add(&s->damaged_bytes, stats.damaged_bytes);
    if (!r->live_records && !stats.damaged_bytes)
        return file_unlink(path, err);
    TRY(flush_segment(path, err));
    if (file_size_at(path, &size, NULL) == 0)
        atomic_fetch_add(&s->log_bytes, size);
    return 0;
}

int store_replay(struct store *s, struct err *err)
{
    struct segments list = {0};
    uint64_t sealed = s->manifest.sealed_sequence, last = 0;
    struct replay r = {.store = s, .sealed_sequence = sealed, .last_sequence = sealed};
    struct manifest saved;
    int rc = list_segments(s, &list, err);
    pthread_mutex_lock(&s->manifest_lock); /* the sealing thread runs */
    manifest_copy(&saved, &s->manifest);
    pthread_mutex_unlock(&s->manifest_lock);
    r.tombstones = saved.tombstones;
    r.tombstone_count = saved.tombstone_count;
    wal_init(&s->wal, s->log_dir, s->manifest.salt, 1);
    for (size_t i = 0; i < list.count && rc == 0; i++)
        rc = replay_segment(&r, list.numbers[i], err);
    if (list.count)
        last = list.numbers[list.count - 1];
    free(list.numbers);
    free(r.holes);
    replay_deletions(&r, UINT64_MAX);
    pthread_mutex_lock(&s->lock);
    s->replaying = false;
    pthread_mutex_unlock(&s->lock);
    s->wal.segment = last;
    s->wal.next_segment = last + 1;
    s->next_sequence = r.last_sequence + 1;
    if (saved.tombstone_count &&
        saved.tombstones[saved.tombstone_count - 1].sequence >= s->next_sequence)
        s->next_sequence = saved.tombstones[saved.tombstone_count - 1].sequence + 1;
    manifest_release(&saved);
    return rc;
}
