/* settle.c - see settle.h. */
#include "query/settle.h"

/* ---- Windows ---- */

static int window_make(struct arena *arena, uint32_t count, uint32_t traces, struct window *w,
                       struct err *err)
{
    w->count = count;
    w->rows = arena_alloc(arena, (size_t)count * sizeof *w->rows + 1);
    w->start_ns = arena_alloc(arena, (size_t)count * sizeof *w->start_ns + 1);
    w->duration_ns = arena_alloc(arena, (size_t)count * sizeof *w->duration_ns + 1);
    w->span_id = arena_alloc(arena, (size_t)count * sizeof *w->span_id + 1);
    w->parent_id = arena_alloc(arena, (size_t)count * sizeof *w->parent_id + 1);
    w->service = arena_alloc(arena, (size_t)count * sizeof *w->service + 1);
    w->kind = arena_alloc(arena, (size_t)count + 1);
    w->status = arena_alloc(arena, (size_t)count + 1);
    w->bounds = arena_alloc(arena, ((size_t)traces + 1) * sizeof *w->bounds);
    w->trace_count = traces;
    return arena_failed(arena) ? run_out_of_memory(err) : 0;
}

/* Entry `to` gets a group's row i. */
static void put_row(struct window *w, uint32_t to, const struct row_group *g, uint32_t i)
{
    w->rows[to] = g->first_row + i;
    w->start_ns[to] = g->start_ns[i];
    w->duration_ns[to] = g->duration_ns[i];
    w->span_id[to] = g->span_id[i];
    w->parent_id[to] = g->parent_id[i];
    w->service[to] = g->service[i];
    w->kind[to] = g->kind[i];
    w->status[to] = g->status[i];
}

/* The trace that has the row. */
static uint32_t trace_at(const struct part *p, const uint32_t *first_rows, uint32_t row)
{
    uint32_t low = 0, high = p->trace_count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (first_rows[middle] <= row)
            low = middle;
        else
            high = middle;
    }
    return low;
}

int window_of_part(struct run *r, uint32_t source, uint32_t first, uint32_t end,
                   struct arena *arena, struct window *w, struct err *err)
{
    const unsigned need =
        ROWS_START | ROWS_DURATION | ROWS_SPAN_ID | ROWS_PARENT | ROWS_RESOURCE | ROWS_TEMPLATE;
    struct part *p = r->snap.sources[source].part;
    const uint32_t *first_rows;
    uint32_t from, to;
    TRY(part_first_rows(p, arena, &first_rows, err));
    from = trace_at(p, first_rows, first);
    to = trace_at(p, first_rows, end - 1) + 1;
    first = first_rows[from];
    end = first_rows[to];
    TRY(window_make(arena, end - first, to - from, w, err));
    for (uint32_t t = from; t <= to; t++)
        w->bounds[t - from] = first_rows[t] - first;
    for (uint32_t g = first / PART_GROUP_ROWS; g * (uint32_t)PART_GROUP_ROWS < end; g++) {
        uint32_t row = g * PART_GROUP_ROWS;
        struct row_group rows;
        page_begin(r->scanner);
        TRY(source_group(&r->snap.sources[source], r->scanner, g, need, &rows, err));
        for (uint32_t i = row < first ? first - row : 0; i < rows.count && row + i < end; i++)
            put_row(w, row + i - first, &rows, i);
        TRY(run_check(r, err));
    }
    return 0;
}

/* How many rows each trace has, then where each begins: bounds of `traces` traces. */
static uint32_t head_traces(const struct source *src)
{
    uint32_t traces = 0;
    for (uint32_t row = 0; row < src->row_count; row++) {
        uint32_t t = head_chunk(src->head, row)->trace[row % HEAD_CHUNK_ROWS];
        traces = t >= traces ? t + 1 : traces;
    }
    return traces;
}

static void head_bounds(const struct source *src, struct window *w)
{
    uint32_t sum = 0;
    memset(w->bounds, 0, ((size_t)w->trace_count + 1) * sizeof *w->bounds);
    for (uint32_t row = 0; row < src->row_count; row++)
        w->bounds[head_chunk(src->head, row)->trace[row % HEAD_CHUNK_ROWS]]++;
    for (uint32_t t = 0; t <= w->trace_count; t++) {
        uint32_t n = w->bounds[t];
        w->bounds[t] = sum;
        sum += n;
    }
}

int window_of_head(struct run *r, uint32_t source, struct arena *arena, struct window *w,
                   struct err *err)
{
    const struct source *src = &r->snap.sources[source];
    uint32_t *next;
    TRY(window_make(arena, src->row_count, head_traces(src), w, err));
    head_bounds(src, w);
    next = arena_alloc(arena, (size_t)w->trace_count * sizeof *next + 1);
    if (!next)
        return run_out_of_memory(err);
    if (w->trace_count)
        memcpy(next, w->bounds, w->trace_count * sizeof *next);
    for (uint32_t g = 0; g < source_group_count(src); g++) {
        struct row_group rows;
        TRY(source_group(src, r->scanner, g, 0, &rows, err));
        for (uint32_t i = 0; i < rows.count; i++)
            put_row(w, next[src->head->chunks[g]->trace[i]]++, &rows, i);
        TRY(run_check(r, err));
    }
    return 0;
}

/* ---- Joining ---- */

/* The entries of a trace by span id: open addressing, entry + 1; several may have the same id. */
struct index {
    const struct window *w;
    uint32_t *slots, mask;
    uint8_t *repeats; /* by entry: it only repeats another one */
};

static uint32_t slot_of(const struct index *x, struct span_id id)
{
    uint64_t n;
    memcpy(&n, &id, sizeof n);
    return (uint32_t)((n ^ n >> 31) * UINT64_C(0x9e3779b97f4a7c15) >> 32) & x->mask;
}

static bool same_span(const struct window *w, uint32_t a, uint32_t b)
{
    return w->start_ns[a] == w->start_ns[b] && w->duration_ns[a] == w->duration_ns[b] &&
           w->service[a] == w->service[b] && w->kind[a] == w->kind[b] &&
           w->status[a] == w->status[b] && span_id_eq(w->parent_id[a], w->parent_id[b]);
}

static void index_put(struct index *x, uint32_t entry)
{
    const struct window *w = x->w;
    uint32_t at = slot_of(x, w->span_id[entry]), alike = 0;
    for (; x->slots[at]; at = (at + 1) & x->mask) {
        uint32_t other = x->slots[at] - 1;
        if (!span_id_eq(w->span_id[other], w->span_id[entry]))
            continue;
        x->repeats[entry] |= same_span(w, other, entry);
        if (++alike == ALIKE_MAX || x->repeats[entry])
            return;
    }
    x->slots[at] = entry + 1;
}

static bool is_caller(uint8_t kind)
{
    return kind == SPAN_KIND_CLIENT || kind == SPAN_KIND_PRODUCER;
}

bool is_callee(uint8_t kind)
{
    return kind == SPAN_KIND_SERVER || kind == SPAN_KIND_CONSUMER;
}

unsigned parent_fit(uint8_t child_kind, uint8_t kind, bool same_id, bool same_service)
{
    if (same_id)
        return is_callee(child_kind) && is_caller(kind) ? 5 : 0;
    return 1 + (same_service ? 2 : 0) + !is_caller(kind);
}

struct best {
    uint32_t entry;
    unsigned fit;
};

/* Looks among the spans with an id: the child's own or its parent's. */
static void find_best(const struct index *x, uint32_t child, bool own, struct best *best)
{
    const struct window *w = x->w;
    struct span_id id = own ? w->span_id[child] : w->parent_id[child];
    for (uint32_t at = slot_of(x, id); x->slots[at]; at = (at + 1) & x->mask) {
        uint32_t other = x->slots[at] - 1;
        unsigned fit;
        if (other == child || !span_id_eq(w->span_id[other], id))
            continue;
        fit =
            parent_fit(w->kind[child], w->kind[other], own, w->service[other] == w->service[child]);
        if (fit > best->fit ||
            (fit && fit == best->fit && w->start_ns[other] < w->start_ns[best->entry]))
            *best = (struct best){other, fit};
    }
}

static uint32_t index_find(const struct index *x, uint32_t child)
{
    struct best best = {NO_ENTRY, 0};
    if (is_callee(x->w->kind[child]))
        find_best(x, child, true, &best);
    if (best.entry == NO_ENTRY && !span_id_is_zero(x->w->parent_id[child]))
        find_best(x, child, false, &best);
    return best.entry;
}

static uint32_t widest_trace(const struct window *w)
{
    uint32_t widest = 0;
    for (uint32_t t = 0; t < w->trace_count; t++) {
        uint32_t n = w->bounds[t + 1] - w->bounds[t];
        widest = n > widest ? n : widest;
    }
    return widest;
}

static int settle_trace(struct run *r, struct index *x, uint32_t first, uint32_t end, settle_fn *fn,
                        void *user, struct err *err)
{
    const struct window *w = x->w;
    uint32_t size = 4;
    while (size < 2 * (end - first))
        size *= 2;
    x->mask = size - 1;
    memset(x->slots, 0, size * sizeof *x->slots);
    for (uint32_t i = first; i < end; i++) {
        index_put(x, i);
        TRY(run_tick(r, err));
    }
    for (uint32_t i = first; i < end; i++) {
        uint32_t parent = x->repeats[i] ? NO_ENTRY : index_find(x, i);
        if (parent != NO_ENTRY || (!x->repeats[i] && !span_id_is_zero(w->parent_id[i])))
            TRY(fn(w, i, parent, user, err));
        TRY(run_tick(r, err));
    }
    return 0;
}

int window_settle(struct run *r, const struct window *w, struct arena *arena, settle_fn *fn,
                  void *user, struct err *err)
{
    struct index x = {.w = w, .repeats = arena_calloc(arena, w->count, 1)};
    x.slots = arena_alloc(arena, ((size_t)widest_trace(w) * 4 + 4) * sizeof *x.slots);
    if (!x.repeats || !x.slots)
        return run_out_of_memory(err);
    for (uint32_t t = 0; t < w->trace_count; t++)
        TRY(settle_trace(r, &x, w->bounds[t], w->bounds[t + 1], fn, user, err));
    return 0;
}
