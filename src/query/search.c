/* search.c - the newest traces with a matching span.
 *
 * Groups of rows are visited by their latest start, descending. The best `limit` traces so far stand in a heap
 * with the worst on top; a trace starts no later than any of its spans, so a row that starts before the worst of
 * a full heap cannot improve it, and when a whole group cannot, the search is over. */
#include "query/filter.h"
#include "query/idset.h"
#include "query/newest.h"
#include "query/query.h"
#include "query/summary.h"

enum { HEAD_STEP_ROWS = 1024 };

struct search {
    struct run run;
    struct filter filter;
    struct newest newest;
    struct idset seen; /* traces that were looked at and need not be again */
};

static int trace_start(struct run *r, struct trace_id id, uint64_t *ret, struct err *err)
{
    struct trace_rows rows;
    arena_reset(&r->rows);
    TRY(run_trace_rows(r, id, &r->rows, &rows, err));
    *ret = rows.count ? rows.items[0].row.start_ns : 0;
    return 0;
}

/* A row that passed the filter. */
static int found_row(struct search *s, uint32_t source, uint32_t row, struct err *err)
{
    struct run *r = &s->run;
    struct found found;
    TRY(source_trace_id(&r->snap.sources[source], row, &found.id, err));
    if (idset_has(&s->seen, found.id))
        return 0;
    if (idset_add(&s->seen, found.id) < 0)
        return run_out_of_memory(err);
    TRY(trace_start(r, found.id, &found.start_ns, err));
    return newest_keep(&s->newest, found, err);
}

/* Backwards: later rows belong to traces that start later. */
static int search_rows(struct search *s, const struct run_group *group, uint32_t first,
                       uint32_t end, struct err *err)
{
    struct run *r = &s->run;
    const struct source *src = &r->snap.sources[group->source];
    struct bits in, hits;
    struct row_group g;
    bits_clear(&in);
    bits_set_range(&in, first, end);
    TRY(filter_rows(r, &s->filter, group->source, group->group, &in, &hits, err));
    if (bits_empty(&hits))
        return 0;
    TRY(source_group(src, r->scanner, group->group, ROWS_START, &g, err));
    for (uint32_t i = end; i-- > first;) {
        int rc;
        if (!bits_has(&hits, i) || g.start_ns[i] < newest_floor_ns(&s->newest) ||
            source_row_dead(src, g.first_row + i))
            continue;
        rc = found_row(s, group->source, g.first_row + i, err);
        if (rc < 0 && !run_skips(r, rc))
            return rc;
        TRY(run_tick(r, err));
    }
    return 0;
}

/* A head's attributes are read span by span: in small steps, which may turn out to be enough. */
static int search_group(struct search *s, const struct run_group *group, struct err *err)
{
    const struct source *src = &s->run.snap.sources[group->source];
    uint32_t left = source_group_rows(src, group->group);
    uint32_t step = src->part ? left : HEAD_STEP_ROWS;
    while (left) {
        uint32_t n = left % step ? left % step : step;
        TRY(search_rows(s, group, left - n, left, err));
        left -= n;
    }
    return 0;
}

static int find_traces(struct search *s, struct err *err)
{
    struct run *r = &s->run;
    struct run_groups groups;
    TRY(run_groups(r, s->filter.start_ns, s->filter.end_ns, &r->own_tables, &groups, err));
    for (size_t i = 0; i < groups.count; i++) {
        int rc;
        bool possible = false;
        if (groups.items[i].range.start_max_ns < newest_floor_ns(&s->newest))
            break;
        if (!filter_group_possible(&s->filter, &groups.items[i].range))
            continue;
        rc = filter_possible(r, &s->filter, groups.items[i].source, &possible, err);
        if (rc == 0 && possible)
            rc = search_group(s, &groups.items[i], err);
        if (rc < 0 && !run_skips(r, rc))
            return rc;
        TRY(run_check(r, err));
    }
    return 0;
}

static int summarise(struct search *s, struct trace_summary_list *ret, struct err *err)
{
    struct run *r = &s->run;
    const struct newest *n = &s->newest;
    newest_sort(&s->newest);
    ret->count = 0;
    ret->items = arena_calloc(r->q->arena, n->count, sizeof *ret->items);
    if (!ret->items)
        return run_out_of_memory(err);
    for (size_t i = 0; i < n->count; i++) {
        int rc = summary_make(r, &s->filter, n->heap[i].id, &ret->items[ret->count], err);
        if (rc < 0 && !run_skips(r, rc))
            return rc;
        ret->count += rc == 0;
    }
    return 0;
}

int query_search(struct store *store, struct engine_query *q, const struct trace_query *query,
                 struct trace_summary_list *ret, struct err *err)
{
    struct search s = {.newest = {.limit = query->limit}};
    int rc;
    run_begin(&s.run, store, q, NULL);
    s.seen.arena = s.newest.arena = &s.run.own_tables;
    rc = run_check(&s.run, err);
    if (rc == 0)
        rc = filter_make(&s.run, query, &s.filter, err);
    if (rc == 0 && s.newest.limit)
        rc = find_traces(&s, err);
    if (rc == 0)
        rc = summarise(&s, ret, err);
    run_end(&s.run);
    return rc;
}
