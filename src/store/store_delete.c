/* store_delete.c - deleting one trace: a tombstone, dead rows, and in time a rewrite.
 *
 * The writer gives the deletion a sequence between those of the log's records, so that memory, parts and a replay agree
 * on what came before it. Every head and part gets the list of its rows that are dead; a part whose rows are from later
 * records is not touched. The tombstone is in MANIFEST before the deletion is acknowledged, and stays there as long as a
 * part or a log record has rows that it covers. */
#include <stdlib.h>

#include "store/mem.h"
#include "store/store_int.h"

/* ---- Dead rows ---- */

static void add_dead(struct dead_rows **dead, struct dead_range *ranges, size_t count)
{
    struct dead_rows *old = *dead;
    if (!count)
        return;
    *dead = dead_rows_new(old, ranges, count);
    dead_rows_unref(old);
}

static void bury_in_head(struct head *h, struct trace_id id)
{
    uint32_t count = atomic_load_explicit(&h->row_count, memory_order_acquire);
    struct dead_range *ranges = NULL;
    size_t n = 0, cap = 0;
    if (!count)
        return;
    for (uint32_t row = head_trace_last_row(h, id); row != HEAD_NO_ROW;
         row = head_chunk(h, row)->previous[row % HEAD_CHUNK_ROWS]) {
        if (row >= count)
            continue;
        ranges = mem_grow(ranges, &cap, n + 1, sizeof *ranges);
        ranges[n++] = (struct dead_range){row, row + 1};
    }
    add_dead(&h->dead, ranges, n);
    free(ranges);
}

void store_bury_in_heads(struct store *s, struct trace_id id)
{
    for (uint32_t i = 0; i < s->frozen_count; i++)
        bury_in_head(s->frozen[i], id);
    bury_in_head(s->head, id);
}

/* The rows of the part that the tombstone covers; none: *first == *end. Those of a damaged part cannot be told, and are in
 * no answer. */
static int covered_rows(const struct manifest_tombstone *t, struct part *part,
                        struct dead_range *ret, struct err *err)
{
    int rc;
    *ret = (struct dead_range){0, 0};
    if (part->identity.last_sequence >= t->sequence)
        return 0;
    rc = part_trace_rows(part, t->id, &ret->first, &ret->end, err);
    return rc == ERR_CORRUPT ? 0 : rc;
}

int store_prepare_part(struct store *s, struct part *part, struct err *err)
{
    struct dead_range range;
    int rc = 0;
    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < s->tombstone_count && rc == 0; i++)
        rc = covered_rows(&s->tombstones[i], part, &range, err);
    pthread_mutex_unlock(&s->lock);
    return rc;
}

void store_bury_in_part(struct store *s, struct part *part)
{
    struct dead_range *ranges = NULL, range;
    size_t n = 0, cap = 0;
    for (size_t i = 0; i < s->tombstone_count; i++) {
        if (covered_rows(&s->tombstones[i], part, &range, NULL) < 0 || range.first == range.end)
            continue;
        ranges = mem_grow(ranges, &cap, n + 1, sizeof *ranges);
        ranges[n++] = range;
    }
    add_dead(&part->dead, ranges, n);
    free(ranges);
}

/* Reads what burying needs of all parts, so that it cannot stop in the middle. Under lock. */
static int prepare_parts(struct store *s, const struct manifest_tombstone *t, struct err *err)
{
    struct dead_range range;
    for (size_t i = 0; i < s->part_count; i++)
        TRY(covered_rows(t, s->parts[i], &range, err));
    return s->arriving ? covered_rows(t, s->arriving, &range, err) : 0;
}

int store_bury(struct store *s, struct trace_id id, uint64_t sequence, struct err *err)
{
    struct manifest_tombstone t = {id, sequence};
    struct dead_range range;
    int rc;
    pthread_mutex_lock(&s->lock);
    rc = prepare_parts(s, &t, err);
    if (rc == 0) {
        s->tombstones = mem_grow(s->tombstones, &s->tombstone_cap, s->tombstone_count + 1,
                                 sizeof *s->tombstones);
        s->tombstones[s->tombstone_count++] = t;
        atomic_store(&s->tombstones_live, s->tombstone_count);
        store_bury_in_heads(s, id);
    }
    for (size_t i = 0; i < s->part_count && rc == 0; i++) {
        if (covered_rows(&t, s->parts[i], &range, NULL) == 0 && range.first < range.end)
            add_dead(&s->parts[i]->dead, &range, 1);
    }
    pthread_mutex_unlock(&s->lock);
    return rc;
}

/* ---- Tombstones in MANIFEST ---- */

/* What decides about tombstones, at one moment. */
struct pruning {
    struct manifest_tombstone *items;
    size_t count;
    bool unsealed; /* heads have rows of records that are not in parts */
};

static void look(struct store *s, const struct manifest *next, struct pruning *ret)
{
    pthread_mutex_lock(&s->lock);
    ret->count = s->tombstone_count;
    ret->items = mem_calloc(s->tombstone_count, sizeof *ret->items);
    if (s->tombstone_count)
        memcpy(ret->items, s->tombstones, s->tombstone_count * sizeof *ret->items);
    ret->unsealed = s->replaying || atomic_load(&s->head->row_count) > 0;
    for (uint32_t i = 0; i < s->frozen_count; i++)
        ret->unsealed |= s->frozen[i]->last_sequence > next->sealed_sequence;
    pthread_mutex_unlock(&s->lock);
}

/* True, too, when it cannot be read. */
static bool may_cover(const struct manifest_tombstone *t, struct part *part)
{
    struct dead_range range;
    return covered_rows(t, part, &range, NULL) < 0 || range.first < range.end;
}

/* The set of parts changes under manifest_lock only: it is looked through without the lock that readers need. */
static bool is_needed(struct store *s, const struct manifest_tombstone *t, struct part *made,
                      const struct manifest *next)
{
    for (size_t i = 0; i < s->part_count; i++) {
        if (manifest_find(next, s->parts[i]->number) && may_cover(t, s->parts[i]))
            return true;
    }
    return made && may_cover(t, made);
}

size_t store_plan_tombstones(struct store *s, struct part *made, struct manifest *next)
{
    struct pruning p;
    look(s, next, &p);
    next->tombstone_count = 0;
    for (size_t i = 0; i < p.count; i++) {
        if ((p.unsealed && p.items[i].sequence > next->sealed_sequence) ||
            is_needed(s, &p.items[i], made, next))
            manifest_add_tombstone(next, p.items[i]);
    }
    free(p.items);
    return p.count;
}

void store_adopt_tombstones(struct store *s, size_t planned)
{
    const struct manifest *m = &s->manifest;
    size_t later = s->tombstone_count - planned;
    if (later)
        memmove(s->tombstones + m->tombstone_count, s->tombstones + planned,
                later * sizeof *s->tombstones);
    if (m->tombstone_count)
        memcpy(s->tombstones, m->tombstones, m->tombstone_count * sizeof *s->tombstones);
    s->tombstone_count = m->tombstone_count + later;
    atomic_store(&s->tombstones_live, s->tombstone_count);
}

/* All tombstones, on the disk. */
static int save_tombstones(struct store *s, struct err *err)
{
    struct manifest next;
    int rc;
    pthread_mutex_lock(&s->manifest_lock);
    manifest_copy(&next, &s->manifest);
    pthread_mutex_lock(&s->lock);
    next.tombstone_count = 0;
    for (size_t i = 0; i < s->tombstone_count; i++)
        manifest_add_tombstone(&next, s->tombstones[i]);
    pthread_mutex_unlock(&s->lock);
    rc = manifest_save(s->dir, &next, &s->manifest_undecided, err);
    if (rc == 0) {
        pthread_mutex_lock(&s->lock);
        manifest_release(&s->manifest);
        s->manifest = next;
        pthread_mutex_unlock(&s->lock);
    } else {
        manifest_release(&next);
    }
    pthread_mutex_unlock(&s->manifest_lock);
    return rc;
}

/* ---- The call ---- */

/* Is a row of it in any source? It also brings the tables of traces into memory, which store_bury looks into. */
static int find(struct store *s, struct trace_id id, bool *ret, struct err *err)
{
    struct row_refs rows = {0};
    struct snapshot snap;
    struct arena arena;
    int rc = 0;
    arena_init(&arena, 0);
    snapshot_take(s, &snap);
    for (uint32_t i = 0; i < snap.count && (rc == 0 || rc == ERR_CORRUPT); i++)
        rc = source_trace_rows(&snap.sources[i], i, id, &arena, &rows, err);
    snapshot_release(&snap);
    arena_release(&arena);
    *ret = rows.count > 0;
    return rc == ERR_CORRUPT ? 0 : rc; /* what is damaged is in no answer */
}

/* A deletion that was carried out but could not be written down may be asked for again. */
static bool is_unsaved(struct store *s, struct trace_id id)
{
    bool unsaved = false;
    pthread_mutex_lock(&s->lock);
    for (size_t i = s->tombstone_count; i-- > 0 && !unsaved;) {
        uint64_t sequence = s->tombstones[i].sequence;
        bool saved = false;
        if (!trace_id_eq(s->tombstones[i].id, id))
            continue;
        for (size_t k = 0; k < s->manifest.tombstone_count && !saved; k++)
            saved = s->manifest.tombstones[k].sequence == sequence;
        unsaved = !saved;
    }
    pthread_mutex_unlock(&s->lock);
    return unsaved;
}

struct wait {
    pthread_mutex_t lock;
    pthread_cond_t done;
    bool is_done;
    int result;
    struct err *err;
};

static void on_done(int result, const struct err *err, void *user)
{
    struct wait *w = user;
    pthread_mutex_lock(&w->lock);
    w->result = result;
    if (err && w->err)
        *w->err = *err;
    w->is_done = true;
    pthread_cond_signal(&w->done);
    pthread_mutex_unlock(&w->lock);
}

/* Lets the writer put the deletion in its place between the appends. */
static int bury_and_wait(struct store *s, const struct trace_id *id, struct err *err)
{
    struct wait w = {
        .lock = PTHREAD_MUTEX_INITIALIZER, .done = PTHREAD_COND_INITIALIZER, .err = err};
    TRY(store_enqueue_deletion(s, id, on_done, &w, err));
    if (!s->writer_started) /* its steps are the caller's */
        store_step_write(s, false);
    pthread_mutex_lock(&w.lock);
    while (!w.is_done)
        pthread_cond_wait(&w.done, &w.lock);
    pthread_mutex_unlock(&w.lock);
    pthread_mutex_destroy(&w.lock);
    pthread_cond_destroy(&w.done);
    return w.result;
}

int store_delete_trace(struct store *s, struct trace_id id, struct err *err)
{
    uint64_t waiting = atomic_load(&s->tombstones_live);
    bool exists;
    TRY(find(s, id, &exists, err));
    if (exists) {
        if (waiting >= TOMBSTONES_MAX) {
            store_ask_retain(s);
            return err_set(err, ERR_BUSY, "too many deleted traces wait to be removed; try again");
        }
        TRY(bury_and_wait(s, &id, err));
        atomic_fetch_add(&s->traces_deleted, 1);
    } else if (!is_unsaved(s, id)) {
        return err_set(err, ERR_NOT_FOUND, "no trace has this id");
    }
    TRY(save_tombstones(s, err));
    if (waiting + 1 >= TOMBSTONES_REWRITE)
        store_ask_retain(s);
    return 0;
}
