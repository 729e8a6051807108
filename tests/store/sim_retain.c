/* sim_retain.c - which spans a run of retention is to take, told anew from the documentation: parts past their age go
 * whole or keep the traces that a rule keeps, the oldest go until all fits. */
#include "sim_model.h"
#include "store/retention.h"
#include "store/store_int.h"

/* A part. A run that leaves less of it makes it older. */
struct aged {
    uint64_t time, sealed, number, bytes;
    uint64_t mark; /* of the rules that it was filtered by */
    uint32_t order;
};

enum { PARTS_MAX = 512 };

struct plan {
    struct model *model;
    const struct engine_options *options;
    uint64_t now_ns;
    struct aged parts[PARTS_MAX];
    uint32_t count, rewritten;
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

/* order: as the store has them, which a snapshot turns round. */
static void note_part(struct plan *p, const struct source *src)
{
    const struct manifest_part *m = &src->part->identity;
    uint64_t sealed = m->sealed_ns ? m->sealed_ns : UINT64_MAX;
    p->parts[p->count] = (struct aged){.time = m->start_max_ns < sealed ? m->start_max_ns : sealed,
                                       .sealed = sealed,
                                       .number = m->number,
                                       .bytes = m->bytes,
                                       .mark = m->retained,
                                       .order = PARTS_MAX - p->count};
    p->count++;
    note_rows(p, src);
}

static void stage_of(const struct plan *p, const struct aged *part, struct retention_stage *ret)
{
    retention_stage(p->options, p->now_ns > part->time ? p->now_ns - part->time : 0, ret);
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

/* The traces that no rule keeps (no stage: all); each is judged before any of the part goes. */
static void take_part(struct plan *p, struct aged *part, const struct retention_stage *stage)
{
    struct model *m = p->model;
    bool kept[TRACES_MAX];
    uint64_t latest = 0;
    struct arena arena;
    arena_init(&arena, 0);
    for (uint32_t t = 0; t < m->trace_count; t++)
        kept[t] = stage && is_kept(p, stage, t);
    for (uint32_t i = 0; i < m->count; i++) {
        struct batch *b = &m->batches[i];
        for (uint32_t k = 0; b->visible && k < b->piece_count; k++) {
            struct piece *piece = &b->pieces[k];
            struct span last;
            if (piece->hidden || piece->going || !in_part(p, piece, part->number))
                continue;
            test_span(&arena, piece->trace, piece->first + piece->count - 1, &last);
            piece->going = !kept[piece->trace];
            if (!piece->going && last.start_ns > latest)
                latest = last.start_ns;
        }
    }
    part->time = latest < part->sealed ? latest : part->sealed;
    if (!latest)
        part->number = 0; /* nothing is left */
    arena_release(&arena);
}

/* ---- Orders ---- */

static int oldest_first(const void *a, const void *b)
{
    const struct aged *x = a, *y = b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

/* The oldest part that its rules have not been applied to. */
static struct aged *next_part(struct plan *p, struct retention_stage *ret)
{
    struct aged *best = NULL;
    for (uint32_t i = 0; i < p->count; i++) {
        struct aged *a = &p->parts[i];
        struct retention_stage stage;
        stage_of(p, a, &stage);
        if (!a->number || stage.ordinary || stage.mark == a->mark)
            continue;
        if (best && (a->time > best->time || (a->time == best->time && a->order > best->order)))
            continue;
        best = a;
        *ret = stage;
    }
    return best;
}

static void plan_age(struct plan *p)
{
    struct retention_stage stage;
    struct aged *part;
    for (uint32_t i = 0; i < p->count; i++) {
        stage_of(p, &p->parts[i], &stage);
        if (!stage.ordinary && !stage.count)
            take_part(p, &p->parts[i], NULL);
    }
    while ((part = next_part(p, &stage))) {
        part->mark = stage.mark;
        part->order = PARTS_MAX + ++p->rewritten;
        take_part(p, part, &stage);
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
        take_part(p, &p->parts[i], NULL);
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
    plan.now_ns = now_ns;
    snapshot_take(s, &snap);
    for (uint32_t i = 0; i < snap.count; i++) {
        if (snap.sources[i].part && plan.count < PARTS_MAX)
            note_part(&plan, &snap.sources[i]);
    }
    snapshot_release(&snap);
    if (options->retention_ns)
        plan_age(&plan);
    if (options->retention_bytes)
        plan_size(&plan, s);
}
