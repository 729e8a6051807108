/* sim_model.c - see sim_model.h. */
#include "sim_model.h"

#include "query/query.h"

enum { PIECE_SPANS_MAX = 4 };

void model_fail(struct model *m, const char *fmt, ...)
{
    va_list args;
    if (m->failure[0])
        return;
    va_start(args, fmt);
    vsnprintf(m->failure, sizeof m->failure, fmt, args);
    va_end(args);
}

static uint32_t pick_trace(struct model *m, struct rng *rng)
{
    if (m->trace_count && rng_below(rng, 3) == 0) {
        uint32_t near = m->trace_count < 6 ? m->trace_count : 6;
        return m->trace_count - 1 - rng_below(rng, near);
    }
    return m->trace_count < TRACES_MAX ? m->trace_count++ : rng_below(rng, TRACES_MAX);
}

struct batch *model_make(struct model *m, struct rng *rng)
{
    struct batch *b = m->count < BATCHES_MAX ? &m->batches[m->count] : NULL;
    uint32_t pieces = 1 + rng_below(rng, PIECES_MAX);
    if (!b)
        return NULL;
    memset(b, 0, sizeof *b);
    for (uint32_t i = 0; i < pieces; i++) {
        struct piece p = {.trace = pick_trace(m, rng),
                          .count = 1 + rng_below(rng, PIECE_SPANS_MAX)};
        p.first = m->trace_spans[p.trace];
        if (p.first + p.count > TRACE_SPANS_MAX)
            continue;
        m->trace_spans[p.trace] += p.count;
        b->pieces[b->piece_count++] = p;
        b->span_count += p.count;
    }
    if (!b->span_count)
        return NULL;
    m->count++;
    return b;
}

struct span *model_spans(const struct batch *b, struct arena *arena)
{
    struct span *spans = arena_calloc(arena, b->span_count, sizeof *spans);
    uint32_t n = 0;
    for (uint32_t i = 0; i < b->piece_count; i++) {
        for (uint32_t k = 0; k < b->pieces[i].count; k++)
            test_span(arena, b->pieces[i].trace, b->pieces[i].first + k, &spans[n++]);
    }
    return spans;
}

void model_sealed(struct model *m)
{
    for (uint32_t i = 0; i < m->count; i++) {
        struct batch *b = &m->batches[i];
        b->certain |= b->visible;
        for (uint32_t k = 0; b->visible && k < b->piece_count; k++) {
            b->pieces[k].unsure = false;
            b->pieces[k].gone |= b->pieces[k].hidden;
        }
    }
}

/* Marks which spans of the trace the store has. The answer of the query. */
static int look(struct model *m, struct store *s, uint32_t trace, bool found[TRACE_SPANS_MAX])
{
    struct engine_query q = {0};
    struct span_batch got;
    struct arena arena;
    struct err err = {0};
    int rc;
    memset(found, 0, TRACE_SPANS_MAX * sizeof *found);
    arena_init(&arena, 0);
    q.arena = &arena;
    rc = query_trace(s, &q, test_trace_id(trace), &got, &err);
    for (size_t i = 0; rc == 0 && i < got.span_count; i++) {
        struct span want;
        uint64_t id;
        memcpy(&id, got.spans[i].span_id.bytes, 8);
        id = (id >> 32) - 1;
        if (id >= m->trace_spans[trace]) {
            model_fail(m, "trace %u has a span that was never sent", trace);
            break;
        }
        test_span(&arena, trace, (uint32_t)id, &want);
        if (!span_eq(&want, &got.spans[i]))
            model_fail(m, "span %u of trace %u is not what was sent", (unsigned)id, trace);
        if (found[id])
            model_fail(m, "span %u of trace %u is there twice", (unsigned)id, trace);
        found[id] = true;
    }
    if (rc < 0 && rc != ERR_NOT_FOUND && rc != ERR_IO)
        model_fail(m, "trace %u: %d %s", trace, rc, err.msg);
    arena_release(&arena);
    return rc;
}

static void compare(struct model *m, uint32_t trace, const bool found[TRACE_SPANS_MAX])
{
    for (uint32_t i = 0; i < m->count; i++) {
        const struct batch *b = &m->batches[i];
        for (uint32_t k = 0; k < b->piece_count; k++) {
            const struct piece *p = &b->pieces[k];
            for (uint32_t n = p->first; p->trace == trace && n < p->first + p->count; n++) {
                if (found[n] != (b->visible && !p->hidden))
                    model_fail(m, "batch %u%s: span %u of trace %u is %s", i,
                               p->hidden    ? p->gone ? " (removed for good)" : " (removed)"
                               : b->visible ? b->certain ? " (kept for good)" : " (kept)"
                               : b->gone    ? " (gone)"
                                            : " (refused)",
                               n, trace, found[n] ? "there" : "missing");
            }
        }
    }
}

void model_check_trace(struct model *m, struct store *s, uint32_t trace, bool may_fail)
{
    bool found[TRACE_SPANS_MAX];
    int rc = look(m, s, trace, found);
    if (rc == ERR_IO && !may_fail)
        model_fail(m, "trace %u cannot be read", trace);
    if (rc != ERR_IO)
        compare(m, trace, found);
}

/* A search without a filter lists each trace once. */
static void check_search(struct model *m, struct store *s, uint32_t want)
{
    struct trace_query query = {NULL, 0, UINT64_MAX, 100000};
    struct engine_query q = {0};
    struct trace_summary_list list = {.count = 0};
    struct arena arena;
    struct err err = {0};
    int rc;
    arena_init(&arena, 0);
    q.arena = &arena;
    rc = query_search(s, &q, &query, &list, &err);
    if (rc < 0)
        model_fail(m, "search: %d %s", rc, err.msg);
    else if (list.count != want)
        model_fail(m, "search finds %zu traces of %u", list.count, want);
    arena_release(&arena);
}

static void check_rest(struct model *m, struct store *s)
{
    bool seen[TRACES_MAX] = {false};
    uint64_t rows = 0, have = total_rows(s);
    uint32_t traces = 0;
    for (uint32_t i = 0; i < m->count; i++) {
        const struct batch *b = &m->batches[i];
        for (uint32_t k = 0; b->visible && k < b->piece_count; k++) {
            if (b->pieces[k].hidden)
                continue;
            rows += b->pieces[k].count;
            seen[b->pieces[k].trace] = true;
        }
    }
    for (uint32_t t = 0; t < TRACES_MAX; t++)
        traces += seen[t];
    if (rows != have) /* the trace query folds a row that is there twice */
        model_fail(m, "%llu rows, expected %llu", (unsigned long long)have,
                   (unsigned long long)rows);
    check_search(m, s, traces);
}

void model_check_all(struct model *m, struct store *s)
{
    for (uint32_t t = 0; t < m->trace_count; t++)
        model_check_trace(m, s, t, false);
    check_rest(m, s);
}

/* ---- Removal ---- */

bool model_has(const struct model *m, uint32_t trace)
{
    for (uint32_t i = 0; i < m->count; i++) {
        const struct batch *b = &m->batches[i];
        for (uint32_t k = 0; b->visible && k < b->piece_count; k++) {
            if (b->pieces[k].trace == trace && !b->pieces[k].hidden)
                return true;
        }
    }
    return false;
}

static void delete_piece(struct model *m, const struct batch *b, struct piece *p, bool done,
                         const bool *found)
{
    if (done && b->visible) {
        p->hidden = p->gone = true;
        p->unsure = false;
    } else if (b->visible && !p->hidden) {
        p->hidden = found && !found[p->first];
        p->unsure = p->hidden || !found;
        for (uint32_t n = p->first; found && n < p->first + p->count; n++) {
            if (found[n] == p->hidden)
                model_fail(m, "half of trace %u is deleted", p->trace);
        }
    } else if (!b->visible && b->answered && !b->gone) {
        p->unsure = true; /* a refused record may still be in the log; the deletion may cover it */
    }
}

void model_deleted(struct model *m, struct store *s, uint32_t trace, int rc)
{
    bool found[TRACE_SPANS_MAX], *seen = NULL;
    if (rc == ERR_NOT_FOUND && model_has(m, trace))
        model_fail(m, "trace %u was not found by its deletion", trace);
    if (rc == ERR_NOT_FOUND)
        return;
    if (rc < 0 && s && look(m, s, trace, found) != ERR_IO)
        seen = found;
    for (uint32_t i = 0; i < m->count; i++) {
        struct batch *b = &m->batches[i];
        for (uint32_t k = 0; k < b->piece_count; k++) {
            if (b->pieces[k].trace == trace)
                delete_piece(m, b, &b->pieces[k], rc == 0, seen);
        }
    }
}

uint32_t model_retained(struct model *m, struct store *s, int rc)
{
    uint32_t taken = 0;
    for (uint32_t i = 0; i < m->count; i++) {
        struct batch *b = &m->batches[i];
        for (uint32_t k = 0; k < b->piece_count; k++) {
            struct piece *p = &b->pieces[k];
            bool found[TRACE_SPANS_MAX];
            if (!p->going)
                continue;
            p->going = false;
            p->gone = rc == 0;
            p->unsure = rc != 0;
            p->hidden = rc == 0 || (s && look(m, s, p->trace, found) != ERR_IO && !found[p->first]);
            taken += p->hidden;
        }
    }
    return taken;
}

/* ---- Starts ---- */

/* Is the batch there, by those of its pieces that tell? */
enum presence { UNTOLD, ABSENT, PRESENT };

static enum presence presence_of(struct model *m, struct batch *b,
                                 bool found[TRACES_MAX][TRACE_SPANS_MAX])
{
    uint32_t there = 0, of = 0, number = (uint32_t)(b - m->batches);
    bool unsure_there = false;
    for (uint32_t k = 0; k < b->piece_count; k++) {
        const struct piece *p = &b->pieces[k];
        uint32_t n = 0;
        for (uint32_t i = 0; i < p->count; i++)
            n += found[p->trace][p->first + i];
        if (n && n != p->count)
            model_fail(m, "batch %u came back in part", number);
        if (n && p->gone)
            model_fail(m, "batch %u: trace %u was removed and is back", number, p->trace);
        unsure_there |= p->unsure && n;
        of += !p->gone && !p->unsure;
        there += !p->gone && !p->unsure && n;
    }
    if (there != of && (there || unsure_there))
        model_fail(m, "batch %u came back in part", number);
    return there || unsure_there ? PRESENT : of ? ABSENT : UNTOLD;
}

/* What could be either is one of them now; when the disk lost what was not on it, for good. */
static void settle_pieces(struct batch *b, enum loss loss, bool found[TRACES_MAX][TRACE_SPANS_MAX])
{
    for (uint32_t k = 0; k < b->piece_count; k++) {
        struct piece *p = &b->pieces[k];
        if (!p->unsure)
            continue;
        p->hidden = !found[p->trace][p->first];
        p->gone = p->hidden && loss == LOSS_POWER;
        p->unsure = p->hidden && !p->gone;
    }
}

static void settle(struct model *m, struct batch *b, enum loss loss,
                   bool found[TRACES_MAX][TRACE_SPANS_MAX])
{
    enum presence presence = presence_of(m, b, found);
    bool must = b->certain ||
                (b->visible &&
                 (loss == LOSS_NONE || (loss == LOSS_PROCESS && m->ack != ENGINE_ACK_MEMORY)));
    bool there = presence == PRESENT;
    b->answered = true;
    if (presence != UNTOLD) {
        if (must && !there)
            model_fail(m, "batch %u was acknowledged and is lost", (uint32_t)(b - m->batches));
        if (b->gone && there)
            model_fail(m, "batch %u was gone and is back", (uint32_t)(b - m->batches));
        b->visible = there;
        b->certain = there && (b->certain || loss == LOSS_POWER || !m->flushes_failed);
        b->gone = !there && (b->gone || loss == LOSS_POWER);
    }
    settle_pieces(b, loss, found);
}

void model_reopened(struct model *m, struct store *s, enum loss loss)
{
    static bool found[TRACES_MAX][TRACE_SPANS_MAX];
    for (uint32_t t = 0; t < m->trace_count; t++) {
        if (look(m, s, t, found[t]) == ERR_IO)
            model_fail(m, "trace %u cannot be read", t);
    }
    for (uint32_t i = 0; i < m->count; i++)
        settle(m, &m->batches[i], loss, found);
    for (uint32_t t = 0; t < m->trace_count; t++)
        compare(m, t, found[t]);
    check_rest(m, s);
}
