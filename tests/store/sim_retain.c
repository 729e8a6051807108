/* sim_retain.c - which spans a run of retention is to take, told anew from the documentation: parts past their age go
 * whole or keep the traces that a rule keeps, the oldest go until all fits. */
#include "sim_model.h"
#include "store/retention.h"
#include "store/store_int.h"

/* A part as it is before the run. */
struct aged {
    uint64_t time, number, bytes;
    struct retention_stage stage;
    bool done; /* filtered by these rules already */
    uint32_t order;
};

enum { PARTS_MAX = 512 };

struct plan {
    struct model *model;
    const struct engine_options *options;
    struct aged parts[PARTS_MAX];
    uint32_t count;
    uint64_t at[TRACES_MAX][TRACE_SPANS_MAX]; /* number of the part that has the span */
};

static void note_rows(struct plan *p, const struct source *src)
{
    struct page_reader *reader = page_reader_new(1 << 20);
    for (uint32_t r = 0; r < src->row_count; r++) {
        struct row row;
        uint64_t id;
        page_begin(reader);
        if (source_row_dead(src, r))
            continue;
        if (source_row(src, reader, r, &row, NULL) < 0) {
            model_fail(p->model, "a row cannot be read");
            break;
        }
        memcpy(&id, row.span_id.bytes, 8);
        p->at[(uint32_t)id - 1][(id >> 32) - 1] = src->part->number;
    }
    page_reader_free(reader);
}

static void note_part(struct plan *p, const struct source *src, uint64_t now_ns)
{
    const struct manifest_part *m = &src->part->identity;
    struct aged *a = &p->parts[p->count];
    uint64_t sealed = m->sealed_ns ? m->sealed_ns : UINT64_MAX;
    *a = (struct aged){.time = m->start_max_ns < sealed ? m->start_max_ns : sealed,
                       .number = m->number,
                       .bytes = m->bytes,
                       .order = p->count};
    retention_stage(p->options, now_ns > a->time ? now_ns - a->time : 0, &a->stage);
    a->done = m->retained == a->stage.mark;
    p->count++;
    note_rows(p, src);
}

static bool in_part(const struct plan *p, const struct piece *piece, uint64_t number)
{
    return p->at[piece->trace][piece->first] == number;
}

/* ---- Rules ---- */

struct facts {
    uint64_t start_ns, end_ns;
    bool statuses[3];
};

static struct facts facts_of(const struct model *m, uint32_t trace)
{
    struct facts f = {.start_ns = UINT64_MAX};
    struct arena arena;
    arena_init(&arena, 0);
    for (uint32_t i = 0; i < m->count; i++) {
        const struct batch *b = &m->batches[i];
        for (uint32_t k = 0; b->visible && k < b->piece_count; k++) {
            const struct piece *p = &b->pieces[k];
            for (uint32_t n = 0; p->trace == trace && !p->hidden && !p->going && n < p->count;
                 n++) {
                struct span span;
                test_span(&arena, trace, p->first + n, &span);
                f.start_ns = span.start_ns < f.start_ns ? span.start_ns : f.start_ns;
                f.end_ns = span.end_ns > f.end_ns ? span.end_ns : f.end_ns;
                f.statuses[span.status_code] = true;
            }
        }
    }
    arena_release(&arena);
    return f;
}

static bool is_kept(const struct plan *p, const struct retention_stage *stage, uint32_t trace)
{
    struct facts f = facts_of(p->model, trace);
    for (uint32_t i = 0; i < stage->count; i++) {
        const struct retention_rule *r = stage->rules[i];
        if (r->field == RETENTION_STATUS ? f.statuses[r->status]
                                         : f.end_ns - f.start_ns > r->duration_ns)
            return true;
    }
    return false;
}

/* All of the part, or the traces that no rule keeps; each is judged before any of the part goes. */
static void take_part(struct plan *p, const struct aged *part, bool all)
{
    struct model *m = p->model;
    bool kept[TRACES_MAX];
    for (uint32_t t = 0; t < m->trace_count; t++)
        kept[t] = !all && is_kept(p, &part->stage, t);
    for (uint32_t i = 0; i < m->count; i++) {
        struct batch *b = &m->batches[i];
        for (uint32_t k = 0; b->visible && k < b->piece_count; k++) {
            struct piece *piece = &b->pieces[k];
            if (!piece->hidden && in_part(p, piece, part->number) && !kept[piece->trace])
                piece->going = true;
        }
    }
}

/* ---- Orders ---- */

/* Parts of one time by number for the size, and as the store has them (a snapshot turns them round) for the age. */
static int oldest_first(const void *a, const void *b)
{
    const struct aged *x = a, *y = b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

static int as_filtered(const void *a, const void *b)
{
    const struct aged *x = a, *y = b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return (x->order < y->order) - (x->order > y->order);
}

static void plan_age(struct plan *p)
{
    for (uint32_t i = 0; i < p->count; i++) {
        if (!p->parts[i].stage.ordinary && !p->parts[i].stage.count)
            take_part(p, &p->parts[i], true);
    }
    qsort(p->parts, p->count, sizeof *p->parts, as_filtered);
    for (uint32_t i = 0; i < p->count; i++) {
        if (!p->parts[i].stage.ordinary && p->parts[i].stage.count && !p->parts[i].done)
            take_part(p, &p->parts[i], false);
    }
}

static void plan_size(struct plan *p, struct store *s)
{
    struct engine_stats stats;
    uint64_t total;
    store_stats(s, &stats);
    total = stats.log_bytes > stats.head_bytes ? stats.log_bytes : stats.head_bytes;
    for (uint32_t i = 0; i < p->count; i++)
        total += p->parts[i].bytes;
    qsort(p->parts, p->count, sizeof *p->parts, oldest_first);
    for (uint32_t i = 0; i < p->count && total > p->options->retention_bytes; i++) {
        take_part(p, &p->parts[i], true);
        total -= p->parts[i].bytes;
    }
}

void model_plan_retention(struct model *m, struct store *s, const struct engine_options *options,
                          uint64_t now_ns)
{
    static struct plan plan;
    struct snapshot snap;
    memset(&plan, 0, sizeof plan);
    plan.model = m;
    plan.options = options;
    snapshot_take(s, &snap);
    for (uint32_t i = 0; i < snap.count; i++) {
        if (snap.sources[i].part && plan.count < PARTS_MAX)
            note_part(&plan, &snap.sources[i], now_ns);
    }
    snapshot_release(&snap);
    if (options->retention_ns)
        plan_age(&plan);
    if (options->retention_bytes)
        plan_size(&plan, s);
}
