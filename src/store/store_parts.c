/* store_parts.c - from one set of parts to the next, so that a crash at any moment leaves one of the two.
 *
 * Order: write the part beside its final name, flush, rename, flush the directory; replace MANIFEST; only then change
 * what readers see and delete the files that nothing names any more. */
#include <string.h>

#include "base/clock.h"
#include "store/file.h"
#include "store/mem.h"
#include "store/store_int.h"

uint64_t store_now_ns(const struct store *s)
{
    return s->options.now_ns ? s->options.now_ns(s->options.now_user) : clock_realtime_ns();
}

void store_add_part(struct store *s, struct part *part)
{
    store_bury_in_part(s, part);
    s->parts = mem_grow(s->parts, &s->part_cap, s->part_count + 1, sizeof(struct part *));
    s->parts[s->part_count++] = part;
    atomic_fetch_add(&s->parts_live, 1);
    atomic_fetch_add(&s->part_spans, part->row_count);
    atomic_fetch_add(&s->part_bytes, part->bytes);
}

static int part_path(const struct store *s, uint64_t number, char path[FILE_PATH_MAX],
                     struct err *err)
{
    return file_path(path, err, "%s/%08llu.part", s->parts_dir, (unsigned long long)number);
}

/* Not inlined: its two paths would stand beside those of whoever calls. */
static __attribute__((noinline)) int delete_part(struct store *s, uint64_t number)
{
    char path[FILE_PATH_MAX], tmp[FILE_PATH_MAX];
    TRY(part_path(s, number, path, NULL));
    TRY(file_path(tmp, NULL, "%s.tmp", path));
    TRY(file_unlink(tmp, NULL));
    return file_unlink(path, NULL);
}

static void add_stray(struct store *s, uint64_t number)
{
    s->strays = mem_grow(s->strays, &s->stray_cap, s->stray_count + 1, sizeof *s->strays);
    s->strays[s->stray_count++] = number;
}

/* What cannot be deleted now goes later, or at the next start. */
void store_delete_strays(struct store *s)
{
    size_t kept = 0;
    bool undecided;
    pthread_mutex_lock(&s->manifest_lock);
    undecided = s->manifest_undecided;
    pthread_mutex_unlock(&s->manifest_lock);
    if (undecided)
        return;
    for (size_t i = 0; i < s->stray_count; i++) {
        if (delete_part(s, s->strays[i]) < 0)
            s->strays[kept++] = s->strays[i];
    }
    s->stray_count = kept;
}

/* The number is used up even when the part fails. */
static uint64_t next_number(struct store *s)
{
    uint64_t number;
    pthread_mutex_lock(&s->manifest_lock);
    number = s->manifest.next_part++;
    pthread_mutex_unlock(&s->manifest_lock);
    return number;
}

/* MANIFEST's words about an open part; the plan's own stay. */
static void describe(struct part *part, const struct manifest_part *plan)
{
    struct manifest_part *m = &part->identity;
    m->last_sequence = plan->last_sequence;
    m->sealed_ns = plan->sealed_ns;
    m->retained = plan->retained;
    m->start_min_ns = part->start_min_ns;
    m->start_max_ns = part->start_max_ns;
    m->rows = part->row_count;
}

int store_make_part(struct store *s, const struct part_plan *plan, struct part **ret,
                    struct err *err)
{
    char path[FILE_PATH_MAX], tmp[FILE_PATH_MAX];
    struct manifest_part identity;
    uint64_t number = next_number(s);
    int rc;
    TRY(part_path(s, number, path, err));
    TRY(file_path(tmp, err, "%s.tmp", path));
    rc = seal_write(plan->sources, plan->count, tmp, plan->level, plan->filter, plan->stop,
                    &identity, err);
    if (rc == 0)
        rc = file_rename(tmp, path, err);
    if (rc == 0)
        rc = file_sync_dir(s->parts_dir, err);
    if (rc == 0) {
        identity.number = number;
        rc = part_open(path, number, &identity, ret, err);
    }
    if (rc == 0) {
        describe(*ret, &plan->identity);
    } else if (rc != ERR_NOT_FOUND) {
        add_stray(s, number);
        store_delete_strays(s);
    }
    return rc;
}

static bool is_old(const struct part_change *change, const struct part *part)
{
    for (size_t i = 0; i < change->old_count; i++) {
        if (change->old_parts[i] == part)
            return true;
    }
    return false;
}

/* The answer is what store_adopt_tombstones needs. */
static size_t plan_manifest(struct store *s, const struct part_change *change,
                            struct manifest *next)
{
    manifest_copy(next, &s->manifest);
    for (size_t i = 0; i < change->old_count; i++)
        manifest_remove(next, change->old_parts[i]->number);
    for (size_t i = 0; i < change->old_number_count; i++)
        manifest_remove(next, change->old_numbers[i]);
    if (change->made)
        manifest_add(next, change->made->identity);
    if (change->head && change->head->last_sequence > next->sealed_sequence)
        next->sealed_sequence = change->head->last_sequence;
    return store_plan_tombstones(s, change->made, next);
}

/* Under lock: memory follows the saved manifest. */
static void adopt(struct store *s, const struct part_change *change, struct manifest *saved,
                  size_t planned)
{
    size_t kept = 0;
    manifest_release(&s->manifest);
    s->manifest = *saved;
    store_adopt_tombstones(s, planned);
    for (size_t i = 0; i < s->part_count; i++) {
        if (!is_old(change, s->parts[i])) {
            s->parts[kept++] = s->parts[i];
            continue;
        }
        atomic_fetch_sub(&s->parts_live, 1);
        atomic_fetch_sub(&s->part_spans, s->parts[i]->row_count);
        atomic_fetch_sub(&s->part_bytes, s->parts[i]->bytes);
    }
    s->part_count = kept;
    if (change->made)
        store_add_part(s, change->made);
    if (change->head)
        memmove(s->frozen, s->frozen + 1, --s->frozen_count * sizeof *s->frozen);
}

/* From now on deletions see to it that the part's traces can be told. */
static int announce(struct store *s, struct part *part, struct err *err)
{
    pthread_mutex_lock(&s->lock);
    s->arriving = part;
    pthread_mutex_unlock(&s->lock);
    return part ? store_prepare_part(s, part, err) : 0;
}

int store_change_parts(struct store *s, const struct part_change *change, struct err *err)
{
    struct manifest next;
    size_t planned;
    int rc;
    pthread_mutex_lock(&s->manifest_lock);
    rc = announce(s, change->made, err);
    planned = plan_manifest(s, change, &next);
    if (rc == 0)
        rc = manifest_save(s->dir, &next, &s->manifest_undecided, err);
    if (rc == 0) {
        pthread_mutex_lock(&s->lock);
        adopt(s, change, &next, planned);
        s->arriving = NULL;
        pthread_mutex_unlock(&s->lock);
    } else {
        /* the new file may or may not be named on disk now: it stays until a manifest is saved that decides it */
        manifest_release(&next);
        announce(s, NULL, NULL);
        if (change->made)
            add_stray(s, change->made->number);
        part_unref(change->made);
    }
    pthread_mutex_unlock(&s->manifest_lock);
    for (size_t i = 0; rc == 0 && i < change->old_count; i++) {
        add_stray(s, change->old_parts[i]->number);
        part_unref(change->old_parts[i]);
    }
    for (size_t i = 0; rc == 0 && i < change->old_number_count; i++)
        add_stray(s, change->old_numbers[i]);
    store_delete_strays(s);
    return rc;
}
