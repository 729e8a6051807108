/* spansets_walk.c - finding the traces that a pipeline may keep something of, newest groups first. */
#include "query/idset.h"
#include "query/spanset_filters.h"
#include "query/spanset_stages.h"

enum { HEAD_STEP_ROWS = 1024 };

struct candidate {
    uint32_t row; /* of the source */
    uint64_t start_ns;
};

struct walker {
    struct spansets *s;
    const struct spansets_walk *walk;
    struct idset seen;
    struct candidate *candidates; /* room for a group */
    uint32_t count;
};

static uint64_t floor_ns(const struct walker *w)
{
    return w->walk->stop_before_ns ? *w->walk->stop_before_ns : 0;
}

static bool in_range(const struct walker *w, const struct trace_view *view,
                     const struct view_sets *sets)
{
    for (uint32_t i = 0; i < sets->count; i++) {
        for (uint32_t k = 0; k < sets->items[i].count; k++) {
            uint64_t start = view->rows.items[sets->items[i].rows[k]].row.start_ns;
            if (start >= w->walk->start_ns && start <= w->walk->end_ns)
                return true;
        }
    }
    return false;
}

static int try_trace(struct walker *w, struct trace_id id, struct err *err)
{
    struct trace_view view;
    struct view_sets sets;
    int rc = spansets_trace(w->s, id, &view, &sets, err);
    if (rc < 0)
        return run_skips(w->s->run, rc) ? 0 : rc;
    return in_range(w, &view, &sets) ? w->walk->fn(w->s->run, &view, &sets, w->walk->user, err) : 0;
}

/* The rows first to end - 1 of the group that may be in the answer. */
static int find_candidates(struct walker *w, const struct run_group *group, uint32_t first,
                           uint32_t end, struct err *err)
{
    struct run *r = w->s->run;
    const struct source *src = &r->snap.sources[group->source];
    struct bits in, hits;
    struct bits_walk walk;
    struct row_group g;
    uint32_t row;
    w->count = 0;
    bits_clear(&in);
    bits_set_range(&in, first, end);
    TRY(spanset_filters_candidates(w->s->filters, group->source, group->group, &in, &hits, err));
    if (bits_empty(&hits))
        return 0;
    TRY(source_group(src, r->scanner, group->group, ROWS_START, &g, err));
    for (walk = bits_begin(&hits); bits_next(&walk, &row);) {
        uint64_t start = g.start_ns[row];
        if (start >= w->walk->start_ns && start <= w->walk->end_ns)
            w->candidates[w->count++] = (struct candidate){g.first_row + row, start};
    }
    return 0;
}

/* Of a part: the first row of the row's trace, for its other rows need not be looked at. */
static int first_of_trace(const struct source *src, uint32_t row, struct trace_id id, uint32_t *ret,
                          struct err *err)
{
    uint32_t end;
    *ret = row;
    return src->part ? part_trace_rows(src->part, id, ret, &end, err) : 0;
}

/* Backwards: later rows belong to traces that start later. */
static int walk_rows(struct walker *w, const struct run_group *group, uint32_t first, uint32_t end,
                     struct err *err)
{
    struct run *r = w->s->run;
    const struct source *src = &r->snap.sources[group->source];
    uint32_t done = UINT32_MAX; /* rows from here on were looked at */
    TRY(find_candidates(w, group, first, end, err));
    for (uint32_t i = w->count; i-- > 0;) {
        const struct candidate *c = &w->candidates[i];
        struct trace_id id;
        int rc;
        if (c->row >= done || c->start_ns < floor_ns(w) || source_row_dead(src, c->row))
            continue;
        TRY(source_trace_id(src, c->row, &id, err));
        TRY(first_of_trace(src, c->row, id, &done, err));
        rc = idset_add(&w->seen, id);
        if (rc < 0)
            return run_out_of_memory(err);
        if (rc == 1) {
            rc = try_trace(w, id, err);
            if (rc != 0)
                return rc;
        }
        TRY(run_tick(r, err));
    }
    return 0;
}

/* A head's attributes are read span by span: in small steps, which may turn out to be enough. */
static int walk_group(struct walker *w, const struct run_group *group, struct err *err)
{
    const struct source *src = &w->s->run->snap.sources[group->source];
    uint32_t left = source_group_rows(src, group->group);
    uint32_t step = src->part ? left : HEAD_STEP_ROWS;
    while (left) {
        uint32_t n = left % step ? left % step : step;
        int rc = walk_rows(w, group, left - n, left, err);
        if (rc != 0)
            return rc;
        left -= n;
    }
    return 0;
}

static int walk_groups(struct walker *w, const struct run_groups *groups, struct err *err)
{
    struct run *r = w->s->run;
    for (size_t i = 0; i < groups->count; i++) {
        const struct run_group *group = &groups->items[i];
        bool possible = false;
        int rc;
        if (group->range.start_max_ns < floor_ns(w))
            break;
        rc = spanset_filters_possible(w->s->filters, group, &possible, err);
        if (rc == 0 && possible)
            rc = walk_group(w, group, err);
        if (rc != 0 && !run_skips(r, rc))
            return rc;
        TRY(run_check(r, err));
    }
    return 0;
}

int spansets_walk(struct spansets *s, const struct spansets_walk *walk, struct err *err)
{
    struct run *r = s->run;
    struct walker w = {.s = s, .walk = walk, .seen = {.arena = &r->own_tables}};
    struct run_groups groups;
    w.candidates = arena_alloc(&r->own_tables, SOURCE_GROUP_ROWS_MAX * sizeof *w.candidates);
    if (!w.candidates)
        return run_out_of_memory(err);
    TRY(run_groups(r, walk->start_ns, walk->end_ns, &r->own_tables, &groups, err));
    return walk_groups(&w, &groups, err);
}
