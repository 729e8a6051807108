/* store_retain.c - a run of retention: what is past its age, what does not fit, what was deleted by id.
 *
 * Every step goes from one consistent set of parts to the next (store_parts.c); a crash in between costs the step, and
 * the next run takes it again. A step holds at most one part in memory. A head that waits to be sealed ends the run;
 * the next goes on. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/log.h"
#include "store/mem.h"
#include "store/retention.h"
#include "store/store_int.h"

/* What a run has done, for its line in the log. */
struct tally {
    uint64_t parts, rewritten, spans, bytes;
};

struct retain_run {
    struct store *s;
    uint64_t now_ns;
    bool yield; /* stop for heads that wait */
    struct tally aged, oversize, deleted;
};

uint64_t store_dead_rows(const struct source *src, uint64_t *bytes)
{
    uint64_t rows = src->dead ? src->dead->row_count : 0;
    if (rows && src->part)
        *bytes += src->part->bytes * rows / src->part->row_count;
    return rows;
}

static bool stop_wanted(void *user)
{
    const struct retain_run *r = user;
    return r->yield ? store_seal_wanted(r->s) : atomic_load(&r->s->stopping) != 0;
}

static int check_stop(struct retain_run *r, struct err *err)
{
    return stop_wanted(r) ? err_set(err, ERR_CANCELLED, "a head waits") : 0;
}

static struct part *open_part_of(const struct store *s, uint64_t number)
{
    for (size_t i = 0; i < s->part_count; i++) {
        if (s->parts[i]->number == number)
            return s->parts[i];
    }
    return NULL;
}

/* Deletions replace MANIFEST at any time. */
static void copy_manifest(struct store *s, struct manifest *ret)
{
    pthread_mutex_lock(&s->manifest_lock);
    manifest_copy(ret, &s->manifest);
    pthread_mutex_unlock(&s->manifest_lock);
}

/* ---- Parts that go as a whole ---- */

struct drop {
    struct part **parts;
    uint64_t *numbers; /* that could not be opened */
    size_t part_count, number_count;
    uint64_t spans, bytes;
};

static void drop_init(struct drop *d, size_t most)
{
    *d = (struct drop){.parts = mem_calloc(most, sizeof *d->parts),
                       .numbers = mem_calloc(most, sizeof *d->numbers)};
}

static void drop_add(struct drop *d, const struct store *s, const struct manifest_part *m)
{
    struct part *part = open_part_of(s, m->number);
    if (part)
        d->parts[d->part_count++] = part;
    else
        d->numbers[d->number_count++] = m->number;
    d->spans += m->rows;
    d->bytes += m->bytes;
}

/* Frees the lists. All parts go with one MANIFEST. */
static int drop_finish(struct store *s, struct drop *d, struct tally *tally, struct err *err)
{
    struct part_change change = {.old_parts = d->parts,
                                 .old_count = d->part_count,
                                 .old_numbers = d->numbers,
                                 .old_number_count = d->number_count};
    int rc = 0;
    if (d->part_count || d->number_count)
        rc = store_change_parts(s, &change, err);
    if (rc == 0) {
        tally->parts += d->part_count + d->number_count;
        tally->spans += d->spans;
        tally->bytes += d->bytes;
    }
    free(d->parts);
    free(d->numbers);
    return rc;
}

/* ---- Parts that are written again with less in them ---- */

struct chosen {
    const unsigned char *bits; /* of traces */
};

static bool is_chosen(uint32_t source, uint32_t trace, void *user)
{
    const struct chosen *c = user;
    (void)source;
    return c->bits[trace / 8] >> trace % 8 & 1;
}

/* bits = NULL: all traces that are not deleted. What dead rows took goes to `deleted`, the rest to `tally`. */
static int rewrite(struct retain_run *r, const struct source *source, const unsigned char *bits,
                   uint64_t retained, struct tally *tally, struct err *err)
{
    struct part *old = source->part;
    struct chosen chosen = {bits};
    struct seal_filter filter = {is_chosen, &chosen};
    struct part_change change = {.old_parts = &old, .old_count = 1};
    struct part_plan plan = {.sources = source,
                             .count = 1,
                             .filter = bits ? &filter : NULL,
                             .identity = old->identity,
                             .level = MERGE_LEVEL,
                             .stop = &r->s->stopping};
    uint64_t dead_bytes = 0, dead = store_dead_rows(source, &dead_bytes), left, left_bytes;
    uint64_t rows = old->row_count, bytes = old->bytes;
    int rc;
    plan.identity.retained = retained;
    rc = store_make_part(r->s, &plan, &change.made, err);
    if (rc < 0 && rc != ERR_NOT_FOUND)
        return rc;
    left = change.made ? change.made->row_count : 0;
    left_bytes = change.made ? change.made->bytes : 0;
    TRY(store_change_parts(r->s, &change, err));
    r->deleted.spans += dead;
    r->deleted.bytes += dead_bytes;
    tally->rewritten++;
    tally->spans += rows - dead - left;
    if (bytes > dead_bytes + left_bytes)
        tally->bytes += bytes - dead_bytes - left_bytes;
    return 0;
}

static int rewrite_by_rules(struct retain_run *r, struct part *part,
                            const struct retention_stage *stage, struct err *err)
{
    unsigned char *bits = mem_calloc(part->trace_count / 8 + 1, 1);
    struct snapshot all;
    int rc = ERR_NOT_FOUND;
    snapshot_take(r->s, &all);
    for (uint32_t i = 0; i < all.count; i++) {
        if (all.sources[i].part != part)
            continue;
        rc = retention_select(stage, &all.sources[i], &all, stop_wanted, r, bits, err);
        if (rc == 0)
            rc = rewrite(r, &all.sources[i], bits, stage->mark, &r->aged, err);
    }
    snapshot_release(&all);
    free(bits);
    return rc;
}

/* ---- By age ---- */

/* False: its time cannot be told (an unreadable part of an old MANIFEST), so it stays. */
static bool stage_of(const struct retain_run *r, const struct manifest_part *m,
                     struct retention_stage *ret)
{
    uint64_t time = manifest_part_time(m);
    if (!m->rows || !r->s->options.retention_ns)
        return false;
    retention_stage(&r->s->options, r->now_ns > time ? r->now_ns - time : 0, ret);
    return !ret->ordinary;
}

static int drop_aged(struct retain_run *r, struct err *err)
{
    struct retention_stage stage;
    struct manifest m;
    struct drop drop;
    copy_manifest(r->s, &m);
    drop_init(&drop, m.count);
    for (size_t i = 0; i < m.count; i++) {
        if (stage_of(r, &m.parts[i], &stage) && !stage.count)
            drop_add(&drop, r->s, &m.parts[i]);
    }
    manifest_release(&m);
    return drop_finish(r->s, &drop, &r->aged, err);
}

/* The oldest part that its rules have not been applied to; NULL = none. */
static struct part *next_to_filter(const struct retain_run *r, struct retention_stage *ret)
{
    struct part *best = NULL;
    for (size_t i = 0; i < r->s->part_count; i++) {
        struct part *part = r->s->parts[i];
        struct retention_stage stage;
        if (atomic_load_explicit(&part->damaged, memory_order_relaxed) ||
            !stage_of(r, &part->identity, &stage) || part->identity.retained == stage.mark)
            continue;
        if (!best || manifest_part_time(&part->identity) < manifest_part_time(&best->identity)) {
            best = part;
            *ret = stage;
        }
    }
    return best;
}

/* A part that turns out to be damaged is marked as such and left. */
static int by_age(struct retain_run *r, struct err *err)
{
    struct retention_stage stage;
    struct part *part;
    TRY(drop_aged(r, err));
    while ((part = next_to_filter(r, &stage))) {
        int rc;
        TRY(check_stop(r, err));
        rc = rewrite_by_rules(r, part, &stage, err);
        if (rc < 0 && !(rc == ERR_CORRUPT && atomic_load(&part->damaged)))
            return rc;
    }
    return 0;
}

/* ---- By size ---- */

static int oldest_first(const void *a, const void *b)
{
    const struct manifest_part *x = a, *y = b;
    uint64_t s = manifest_part_time(x), t = manifest_part_time(y);
    if (s != t)
        return s < t ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

/* The log holds what the head has; without a log, the head will be as much. */
static uint64_t unsealed_bytes(struct store *s)
{
    uint64_t log = atomic_load(&s->log_bytes), head = atomic_load(&s->head_bytes);
    return log > head ? log : head;
}

bool store_is_oversize(struct store *s)
{
    return s->options.retention_bytes &&
           atomic_load(&s->part_bytes) + unsealed_bytes(s) > s->options.retention_bytes &&
           atomic_load(&s->parts_live);
}

static int by_size(struct retain_run *r, struct err *err)
{
    uint64_t total = unsealed_bytes(r->s), max = r->s->options.retention_bytes;
    struct manifest m;
    struct drop drop;
    if (!max)
        return 0;
    copy_manifest(r->s, &m);
    drop_init(&drop, m.count);
    for (size_t i = 0; i < m.count; i++)
        total += m.parts[i].bytes;
    if (m.count)
        qsort(m.parts, m.count, sizeof *m.parts, oldest_first);
    for (size_t i = 0; i < m.count && total > max; i++) {
        drop_add(&drop, r->s, &m.parts[i]);
        total -= m.parts[i].bytes;
    }
    manifest_release(&m);
    return drop_finish(r->s, &drop, &r->oversize, err);
}

/* ---- Deleted traces ---- */

static bool take_most_dead(struct store *s, struct source *ret)
{
    struct part *best = NULL;
    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < s->part_count; i++) {
        struct part *part = s->parts[i];
        if (part->dead && !atomic_load_explicit(&part->damaged, memory_order_relaxed) &&
            (!best || part->dead->count > best->dead->count))
            best = part;
    }
    if (best)
        *ret = source_of_part(best);
    pthread_mutex_unlock(&s->lock);
    return best != NULL;
}

/* Heads come first: what they hold is filtered when they are sealed. */
static void ask_for_seal(struct store *s)
{
    pthread_mutex_lock(&s->queue_lock);
    s->seal_asked = true;
    pthread_cond_signal(&s->queue_filled);
    pthread_mutex_unlock(&s->queue_lock);
}

static int by_tombstones(struct retain_run *r, struct err *err)
{
    struct store *s = r->s;
    struct source source;
    if (atomic_load(&s->tombstones_live) >= TOMBSTONES_REWRITE)
        ask_for_seal(s);
    while (atomic_load(&s->tombstones_live) >= TOMBSTONES_REWRITE && take_most_dead(s, &source)) {
        int rc = check_stop(r, err);
        if (rc == 0)
            rc = rewrite(r, &source, NULL, source.part->identity.retained, &r->deleted, err);
        if (rc == ERR_CORRUPT && atomic_load(&source.part->damaged))
            rc = 0;
        source_release(&source);
        TRY(rc);
    }
    return 0;
}

/* ---- A run ---- */

static void finish_tally(const char *reason, const struct tally *t, _Atomic uint64_t *spans,
                         _Atomic uint64_t *bytes)
{
    atomic_fetch_add(spans, t->spans);
    atomic_fetch_add(bytes, t->bytes);
    if (t->parts || t->rewritten || t->spans)
        log_info("store", "retention",
                 "reason=%s parts_removed=%" PRIu64 " parts_rewritten=%" PRIu64 " spans=%" PRIu64
                 " bytes=%" PRIu64,
                 reason, t->parts, t->rewritten, t->spans, t->bytes);
}

int store_retain(struct store *s, bool yield, struct err *err)
{
    struct retain_run r = {.s = s, .now_ns = store_now_ns(s), .yield = yield};
    int rc = by_age(&r, err);
    /* what cannot be rewritten for want of room may still be removed */
    if (rc == 0)
        rc = by_size(&r, err);
    else if (rc != ERR_CANCELLED)
        by_size(&r, NULL);
    if (rc == 0)
        rc = by_tombstones(&r, err);
    finish_tally("age", &r.aged, &s->aged_spans, &s->aged_bytes);
    finish_tally("size", &r.oversize, &s->oversize_spans, &s->oversize_bytes);
    finish_tally("deleted", &r.deleted, &s->deleted_spans, &s->deleted_bytes);
    return rc;
}
