/* store_seal.c - the sealing thread: frozen heads become parts, small parts become larger ones.
 *
 * Order of a step, so that a crash at any moment leaves a consistent set: write the part beside its final name,
 * flush, rename, flush the directory; replace MANIFEST; only then drop the log files or the parts it replaces. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/file.h"
#include "store/mem.h"
#include "store/seal.h"
#include "store/store_int.h"

enum { SEAL_NICE = 5 };

void store_add_part(struct store *s, struct part *part)
{
    s->parts = mem_grow(s->parts, &s->part_cap, s->part_count + 1, sizeof(struct part *));
    s->parts[s->part_count++] = part;
    atomic_fetch_add(&s->parts_live, 1);
    atomic_fetch_add(&s->part_spans, part->row_count);
    atomic_fetch_add(&s->part_bytes, part->bytes);
}

static int delete_part(struct store *s, uint64_t number)
{
    char path[FILE_PATH_MAX], tmp[FILE_PATH_MAX];
    TRY(file_path(path, NULL, "%s/%08llu.part", s->parts_dir, (unsigned long long)number));
    TRY(file_path(tmp, NULL, "%s.tmp", path));
    TRY(file_unlink(tmp, NULL));
    return file_unlink(path, NULL);
}

static void add_stray(struct store *s, uint64_t number)
{
    s->strays = mem_grow(s->strays, &s->stray_cap, s->stray_count + 1, sizeof *s->strays);
    s->strays[s->stray_count++] = number;
}

/* Once it is known that MANIFEST does not name them. What cannot be deleted now goes later, or at the next start. */
static void delete_strays(struct store *s)
{
    size_t kept = 0;
    if (s->manifest_undecided)
        return;
    for (size_t i = 0; i < s->stray_count; i++) {
        if (delete_part(s, s->strays[i]) < 0)
            s->strays[kept++] = s->strays[i];
    }
    s->stray_count = kept;
}

/* Writes the sources to a new part and opens it. The number is used up even when it fails; its file is not left. */
static int make_part(struct store *s, const struct source *sources, size_t count, int level,
                     const _Atomic int *stop, struct part **ret, struct err *err)
{
    char path[FILE_PATH_MAX], tmp[FILE_PATH_MAX];
    struct manifest_part identity;
    uint64_t number = s->manifest.next_part++;
    int rc;
    TRY(file_path(path, err, "%s/%08llu.part", s->parts_dir, (unsigned long long)number));
    TRY(file_path(tmp, err, "%s.tmp", path));
    rc = seal_write(sources, count, tmp, level, stop, &identity, err);
    if (rc == 0)
        rc = file_rename(tmp, path, err);
    if (rc == 0)
        rc = file_sync_dir(s->parts_dir, err);
    if (rc == 0) {
        identity.number = number;
        rc = part_open(path, number, &identity, ret, err);
    }
    if (rc < 0) {
        add_stray(s, number);
        delete_strays(s);
    }
    return rc;
}

static void manifest_copy(struct manifest *to, const struct manifest *from)
{
    *to = *from;
    to->parts = NULL;
    to->count = to->cap = 0;
    for (size_t i = 0; i < from->count; i++)
        manifest_add(to, from->parts[i]);
}

/* Takes what manifest next says, which names the new part; on failure the part is as if it had never been. */
static int save_manifest(struct store *s, struct manifest *next, struct part *part, struct err *err)
{
    int rc = manifest_save(s->dir, next, &s->manifest_undecided, err);
    if (rc == 0)
        return 0;
    manifest_release(next);
    add_stray(s, part->number);
    part_unref(part);
    delete_strays(s);
    return rc;
}

/* Under lock: the saved manifest is the valid one. */
static void manifest_adopt(struct store *s, struct manifest *saved)
{
    manifest_release(&s->manifest);
    s->manifest = *saved;
}

struct dropping {
    struct store *store;
    uint64_t covered_segment, left_bytes;
};

static int drop_segment(const char *name, void *user)
{
    struct dropping *d = user;
    uint64_t number = file_number(name, ".log"), size;
    char path[FILE_PATH_MAX];
    if (!number || file_path(path, NULL, "%s/%s", d->store->log_dir, name) < 0)
        return 0;
    if (number <= d->covered_segment && file_unlink(path, NULL) == 0)
        return 0;
    d->left_bytes += file_size_at(path, &size, NULL) == 0 ? size : 0;
    return 0;
}

/* Deletes the segments that a part has replaced and measures what is left. A segment that stays for now goes with
 * the next sealing; its records are skipped by their sequence. */
static void drop_log(struct store *s, uint64_t covered_segment)
{
    struct dropping d = {s, covered_segment, 0};
    if (file_list(s->log_dir, drop_segment, &d, NULL) == 0)
        atomic_store(&s->log_bytes, d.left_bytes);
}

static int seal_head(struct store *s, struct head *head, struct err *err)
{
    struct source source = source_of_head(head);
    struct manifest next;
    struct part *part;
    int rc = make_part(s, &source, 1, SEAL_LEVEL, NULL, &part, err);
    source_release(&source);
    if (rc < 0)
        return rc;
    manifest_copy(&next, &s->manifest);
    manifest_add(&next, part->identity);
    if (head->last_sequence > next.sealed_sequence)
        next.sealed_sequence = head->last_sequence;
    TRY(save_manifest(s, &next, part, err));
    pthread_mutex_lock(&s->lock);
    manifest_adopt(s, &next);
    store_add_part(s, part);
    memmove(s->frozen, s->frozen + 1, --s->frozen_count * sizeof *s->frozen);
    pthread_mutex_unlock(&s->lock);
    atomic_fetch_sub(&s->head_spans, atomic_load(&head->row_count));
    atomic_fetch_sub(&s->head_bytes, atomic_load(&head->bytes));
    delete_strays(s);
    drop_log(s, head->last_segment);
    head_unref(head);
    return 0;
}

/* Parts of a tier have up to MERGE_COUNT times as many rows as those of the one below: a row is copied once for each
 * tier, not once for each merge. */
static unsigned tier_of(const struct part *part)
{
    unsigned tier = 0;
    for (uint32_t rows = part->row_count; rows >= MERGE_COUNT; rows /= MERGE_COUNT)
        tier++;
    return tier;
}

/* The oldest parts of a tier, when there are enough of them to be worth one larger part. */
static size_t pick_tier(struct store *s, unsigned tier, struct part *picked[MERGE_SOURCES_MAX])
{
    size_t count = 0;
    uint64_t rows = 0;
    for (size_t i = 0; i < s->part_count && count < MERGE_SOURCES_MAX; i++) {
        struct part *part = s->parts[i];
        if (part->row_count >= MERGE_SMALL_ROWS || tier_of(part) != tier ||
            atomic_load_explicit(&part->damaged, memory_order_relaxed))
            continue;
        if (rows + part->row_count > MERGE_ROWS_MAX)
            return count > 1 ? count : 0;
        picked[count++] = part;
        rows += part->row_count;
    }
    return count >= MERGE_COUNT ? count : 0;
}

static size_t pick_small(struct store *s, struct part *picked[MERGE_SOURCES_MAX])
{
    size_t count = 0;
    for (unsigned tier = 0; tier < 16 && !count; tier++)
        count = pick_tier(s, tier, picked);
    return count;
}

static bool contains(struct part *const *parts, size_t count, const struct part *part)
{
    for (size_t i = 0; i < count; i++) {
        if (parts[i] == part)
            return true;
    }
    return false;
}

/* Under lock: the merged part takes the place of the picked ones. */
static void replace_parts(struct store *s, struct part **picked, size_t count, struct part *merged)
{
    size_t kept = 0;
    for (size_t i = 0; i < s->part_count; i++) {
        if (!contains(picked, count, s->parts[i])) {
            s->parts[kept++] = s->parts[i];
            continue;
        }
        atomic_fetch_sub(&s->parts_live, 1);
        atomic_fetch_sub(&s->part_spans, s->parts[i]->row_count);
        atomic_fetch_sub(&s->part_bytes, s->parts[i]->bytes);
    }
    s->part_count = kept;
    store_add_part(s, merged);
}

static int merge_small(struct store *s, struct err *err)
{
    struct part *picked[MERGE_SOURCES_MAX], *merged;
    struct source sources[MERGE_SOURCES_MAX];
    struct manifest next;
    size_t count = pick_small(s, picked);
    int rc;
    if (!count)
        return ERR_NOT_FOUND;
    for (size_t i = 0; i < count; i++)
        sources[i] = source_of_part(picked[i]);
    rc = make_part(s, sources, count, MERGE_LEVEL, &s->stopping, &merged, err);
    for (size_t i = 0; i < count; i++)
        source_release(&sources[i]);
    if (rc < 0)
        return rc;
    manifest_copy(&next, &s->manifest);
    for (size_t i = 0; i < count; i++)
        manifest_remove(&next, picked[i]->number);
    manifest_add(&next, merged->identity);
    TRY(save_manifest(s, &next, merged, err));
    pthread_mutex_lock(&s->lock);
    manifest_adopt(s, &next);
    replace_parts(s, picked, count, merged);
    pthread_mutex_unlock(&s->lock);
    for (size_t i = 0; i < count; i++) {
        add_stray(s, picked[i]->number);
        part_unref(picked[i]);
    }
    delete_strays(s);
    return 0;
}

static void pause_ms(struct store *s, uint64_t ms)
{
    uint64_t until = clock_monotonic_ns() + ms * 1000000;
    struct timespec ts = {(time_t)(until / 1000000000), (long)(until % 1000000000)};
    pthread_mutex_lock(&s->lock);
    if (!atomic_load(&s->stopping))
        pthread_cond_timedwait(&s->seal_wanted, &s->lock, &ts);
    pthread_mutex_unlock(&s->lock);
}

int store_step_seal(struct store *s)
{
    struct head *head;
    int rc;
    pthread_mutex_lock(&s->lock);
    head = s->frozen_count ? s->frozen[0] : NULL;
    pthread_mutex_unlock(&s->lock);
    if (!head)
        return ERR_NOT_FOUND;
    rc = seal_head(s, head, NULL);
    pthread_mutex_lock(&s->lock);
    s->seal_failures += rc < 0;
    pthread_cond_broadcast(&s->sealed);
    pthread_mutex_unlock(&s->lock);
    return rc;
}

int store_step_merge(struct store *s)
{
    return merge_small(s, NULL);
}

/* Waits for a frozen head; false when the thread is to end. */
static bool wait_for_head(struct store *s)
{
    bool go_on;
    pthread_mutex_lock(&s->lock);
    while (!s->frozen_count && !atomic_load(&s->stopping))
        pthread_cond_wait(&s->seal_wanted, &s->lock);
    go_on = s->frozen_count && (!atomic_load(&s->stopping) || s->draining);
    pthread_mutex_unlock(&s->lock);
    return go_on;
}

static bool idle(struct store *s)
{
    bool none;
    pthread_mutex_lock(&s->lock);
    none = !s->frozen_count;
    pthread_mutex_unlock(&s->lock);
    return none;
}

static void *sealer_main(void *user)
{
    struct store *s = user;
    setpriority(PRIO_PROCESS, (id_t)gettid(), SEAL_NICE);
    while (wait_for_head(s)) {
        bool stopping = atomic_load(&s->stopping);
        if (store_step_seal(s) == 0) {
            while (idle(s) && store_step_merge(s) == 0)
                ;
        } else if (stopping) {
            break;
        } else {
            pause_ms(s, SEAL_RETRY_MS);
        }
    }
    /* at close there may have been no room among the frozen heads for the last one */
    while (s->draining && store_freeze(s, 0) && store_step_seal(s) == 0)
        ;
    return NULL;
}

int store_sealer_start(struct store *s, struct err *err)
{
    if (pthread_create(&s->seal_thread, NULL, sealer_main, s) != 0)
        return err_set(err, ERR_IO, "cannot start the sealing thread");
    pthread_setname_np(s->seal_thread, "cairn-seal");
    s->sealer_started = true;
    return 0;
}
