/* dependencies.c - who calls whom: each span joined with its parent inside its trace.
 *
 * What is settled inside a part was added up once (edges.h): chunks of a part that lie inside the time range are taken whole,
 * those at its ends and heads row by row. Rows whose parent is not in their own source are looked up in the others. A
 * span that was sent twice counts twice when its copies lie in different sources. */
#include <stdlib.h>

#include "query/edges.h"
#include "query/labels.h"
#include "query/parallel.h"
#include "query/query.h"
#include "query/settle.h"
#include "store/mem.h"

struct calls {
    struct run run;
    uint64_t start_ns, end_ns;
    struct label_ids services;
    struct pair_ids pairs;
    struct edge_sum *items; /* by pair */
    size_t count, cap;
    uint32_t **services_of; /* of each source: by its service */
    struct arena windows;
    struct found *found; /* rows of a trace in other sources */
    size_t found_cap;
};

static int full(const struct calls *c, struct err *err)
{
    if (arena_failed(&c->run.own_tables) || arena_failed(&c->windows))
        return run_out_of_memory(err);
    return err_set(err, ERR_TOO_LARGE, "more than %d pairs of services", LABELS_MAX);
}

/* ---- Adding ---- */

static int know_services(struct calls *c, uint32_t source, struct err *err)
{
    const struct source *src = &c->run.snap.sources[source];
    uint32_t *ids;
    if (c->services_of[source])
        return 0;
    TRY(source_need_table(src, SOURCE_SERVICES, err));
    ids = arena_alloc(&c->run.own_tables, (size_t)src->service_count * sizeof *ids + 1);
    if (!ids)
        return run_out_of_memory(err);
    for (uint32_t id = 0; id < src->service_count; id++) {
        struct value v = {VALUE_STRING, {.string = source_string(src, SOURCE_SERVICES, id)}};
        ids[id] = label_ids_put(&c->services, &v);
    }
    c->services_of[source] = ids;
    return 0;
}

/* NULL: too many pairs, or no memory. */
static struct edge_sum *sum_of(struct calls *c, uint32_t parent, uint32_t child)
{
    uint32_t id = pair_ids_put(&c->pairs, parent, child);
    struct edge_sum *items;
    if (id == LABEL_NONE)
        return NULL;
    if (id < c->count)
        return &c->items[id];
    items =
        arena_grow(&c->run.own_tables, c->items, c->count, &c->cap, (size_t)id + 1, sizeof *items);
    if (!items)
        return NULL;
    c->items = items;
    items[c->count] = (struct edge_sum){.calls = 0};
    sketch_init(&items[c->count].durations, &c->run.own_tables);
    return &items[c->count++];
}

static int add_chunk(struct calls *c, uint32_t source, const struct edge_chunk *chunk,
                     struct err *err)
{
    const uint32_t *ids = c->services_of[source];
    for (size_t i = 0; i < chunk->count; i++) {
        const struct edge *e = &chunk->items[i];
        struct edge_sum *sum = sum_of(c, ids[e->parent], ids[e->child]);
        if (!sum || !edge_merge(sum, &e->sum))
            return full(c, err);
    }
    return run_check(&c->run, err);
}

/* ---- Parents in other sources ---- */

/* A row of the trace at hand, elsewhere. */
struct found {
    struct span_id span_id;
    uint64_t start_ns;
    uint32_t service; /* number in c->services */
};

/* A span whose parent is to be found. */
struct left {
    struct trace_id trace;
    struct span_id parent;
    uint32_t service;
    uint64_t start_ns, duration_ns;
    bool error;
};

static int collect(struct calls *c, uint32_t source, struct trace_id id, size_t *count,
                   struct err *err)
{
    struct run *r = &c->run;
    const struct source *src = &r->snap.sources[source];
    struct row_refs refs = {0};
    arena_reset(&r->hits);
    TRY(source_trace_rows(src, source, id, &r->hits, &refs, err));
    for (size_t i = 0; i < refs.count; i++) {
        uint32_t row = refs.items[i].row, at;
        struct row_group g;
        TRY(know_services(c, source, err));
        TRY(source_group(src, r->reader, source_group_of(src, row),
                         ROWS_SPAN_ID | ROWS_START | ROWS_RESOURCE, &g, err));
        at = row - g.first_row;
        c->found = mem_grow(c->found, &c->found_cap, *count + 1, sizeof *c->found);
        c->found[(*count)++] =
            (struct found){g.span_id[at], g.start_ns[at], c->services_of[source][g.service[at]]};
    }
    page_begin(r->reader);
    return run_tick(r, err);
}

static int trace_elsewhere(struct calls *c, uint32_t but, struct trace_id id, size_t *count,
                           struct err *err)
{
    *count = 0;
    for (uint32_t s = 0; s < c->run.snap.count; s++) {
        int rc = s == but ? 0 : collect(c, s, id, count, err);
        if (rc < 0 && !run_skips(&c->run, rc))
            return rc;
    }
    return 0;
}

static int resolve(struct calls *c, const struct left *left, size_t count, struct err *err)
{
    const struct found *parent = NULL;
    struct edge_sum *sum;
    for (size_t i = 0; i < count; i++) {
        const struct found *f = &c->found[i];
        if (span_id_eq(f->span_id, left->parent) && (!parent || f->start_ns < parent->start_ns))
            parent = f;
    }
    if (!parent || parent->service == left->service)
        return 0;
    sum = sum_of(c, parent->service, left->service);
    if (!sum || !edge_add(sum, left->duration_ns, left->error, 1))
        return full(c, err);
    return 0;
}

/* Lists of them are by trace, mostly: what one trace has elsewhere is looked up once. */
struct resolver {
    struct calls *calls;
    uint32_t source;
    struct trace_id trace;
    size_t count;
    bool known;
};

static int resolve_left(struct resolver *v, const struct left *left, struct err *err)
{
    if (!v->known || !trace_id_eq(v->trace, left->trace)) {
        v->trace = left->trace;
        v->known = true;
        TRY(trace_elsewhere(v->calls, v->source, left->trace, &v->count, err));
    }
    return resolve(v->calls, left, v->count, err);
}

/* ---- Row by row ---- */

/* Which rows of a window count, and how. */
struct counting {
    struct resolver resolver;
    uint32_t first_row, end_row;
    bool dead; /* the dead rows, which are taken away; else the living */
};

static bool in_range(const struct calls *c, uint64_t start_ns)
{
    return start_ns >= c->start_ns && start_ns <= c->end_ns;
}

static int count_row(const struct window *w, uint32_t child, uint32_t parent, void *user,
                     struct err *err)
{
    struct counting *k = user;
    struct calls *c = k->resolver.calls;
    const struct source *src = &c->run.snap.sources[k->resolver.source];
    const uint32_t *ids = c->services_of[k->resolver.source];
    uint32_t row = w->rows[child];
    bool error = w->status[child] == STATUS_ERROR;
    struct edge_sum *sum;
    if (row < k->first_row || row >= k->end_row || source_row_dead(src, row) != k->dead ||
        (!k->dead && !in_range(c, w->start_ns[child])))
        return 0;
    if (parent == NO_ENTRY) {
        struct left left = {.parent = w->parent_id[child],
                            .service = ids[w->service[child]],
                            .start_ns = w->start_ns[child],
                            .duration_ns = w->duration_ns[child],
                            .error = error};
        if (k->dead)
            return 0;
        TRY(source_trace_id(src, row, &left.trace, err));
        return resolve_left(&k->resolver, &left, err);
    }
    if (ids[w->service[parent]] == ids[w->service[child]])
        return 0;
    sum = sum_of(c, ids[w->service[parent]], ids[w->service[child]]);
    if (!sum || !edge_add(sum, w->duration_ns[child], error, k->dead ? UINT64_MAX : 1))
        return full(c, err);
    return 0;
}

static int count_rows(struct calls *c, uint32_t source, uint32_t first, uint32_t end, bool dead,
                      struct err *err)
{
    struct counting k = {.resolver = {.calls = c, .source = source},
                         .first_row = first,
                         .end_row = end,
                         .dead = dead};
    struct window w;
    arena_reset(&c->windows);
    if (c->run.snap.sources[source].head)
        TRY(window_of_head(&c->run, source, &c->windows, &w, err));
    else
        TRY(window_of_part(&c->run, source, first, end, &c->windows, &w, err));
    c->run.q->spans_scanned += w.count;
    return window_settle(&c->run, &w, &c->windows, count_row, &k, err);
}

/* ---- Parts ---- */

/* What was deleted since: of rows first to end - 1, which were added. */
static int take_away_dead(struct calls *c, uint32_t source, uint32_t first, uint32_t end,
                          struct err *err)
{
    const struct dead_rows *dead = c->run.snap.sources[source].dead;
    for (size_t i = 0; dead && i < dead->count; i++) {
        uint32_t from = dead->ranges[i].first, to = dead->ranges[i].end;
        from = from > first ? from : first;
        to = to < end ? to : end;
        if (from < to)
            TRY(count_rows(c, source, from, to, true, err));
    }
    return 0;
}

static bool inside(const struct calls *c, uint64_t start_min_ns, uint64_t start_max_ns)
{
    return start_min_ns >= c->start_ns && start_max_ns <= c->end_ns;
}

static int count_chunk(struct calls *c, uint32_t source, const struct edge_chunk *chunk,
                       struct err *err)
{
    if (chunk->start_max_ns < c->start_ns || chunk->start_min_ns > c->end_ns)
        return 0;
    if (!inside(c, chunk->start_min_ns, chunk->start_max_ns))
        return count_rows(c, source, chunk->first_row, chunk->end_row, false, err);
    TRY(add_chunk(c, source, chunk, err));
    return take_away_dead(c, source, chunk->first_row, chunk->end_row, err);
}

/* A left row of a chunk that was taken whole; the others have been looked at. */
static int count_left(struct calls *c, const struct part_edges *e, const struct left_row *row,
                      struct resolver *v, struct err *err)
{
    const struct edge_chunk *chunk =
        &e->chunks[row->row / (EDGES_CHUNK_GROUPS * (uint32_t)PART_GROUP_ROWS)];
    const struct source *src = &c->run.snap.sources[v->source];
    struct row_group g;
    struct left left;
    uint32_t at;
    if (!inside(c, chunk->start_min_ns, chunk->start_max_ns) || source_row_dead(src, row->row))
        return 0;
    TRY(source_trace_id(src, row->row, &left.trace, err));
    page_begin(c->run.scanner);
    TRY(source_group(src, c->run.scanner, source_group_of(src, row->row),
                     ROWS_PARENT | ROWS_RESOURCE | ROWS_DURATION | ROWS_TEMPLATE, &g, err));
    at = row->row - g.first_row;
    left.parent = g.parent_id[at];
    left.service = c->services_of[v->source][g.service[at]];
    left.start_ns = row->start_ns;
    left.duration_ns = g.duration_ns[at];
    left.error = g.status[at] == STATUS_ERROR;
    return resolve_left(v, &left, err);
}

static int count_part(struct calls *c, uint32_t source, struct err *err)
{
    const struct part *p = c->run.snap.sources[source].part;
    struct resolver resolver = {.calls = c, .source = source};
    const struct part_edges *e;
    if (p->start_max_ns < c->start_ns || p->start_min_ns > c->end_ns)
        return 0;
    TRY(know_services(c, source, err));
    TRY(edges_of_part(&c->run, source, &e, err));
    if (!e->whole)
        return count_rows(c, source, 0, p->row_count, false, err);
    if (inside(c, p->start_min_ns, p->start_max_ns)) {
        TRY(add_chunk(c, source, &e->total, err));
        TRY(take_away_dead(c, source, 0, p->row_count, err));
    } else {
        for (uint32_t i = 0; i < e->chunk_count; i++)
            TRY(count_chunk(c, source, &e->chunks[i], err));
    }
    for (size_t i = 0; i < e->left_count; i++)
        TRY(count_left(c, e, &e->left[i], &resolver, err));
    return 0;
}

static int count_source(struct calls *c, uint32_t source, struct err *err)
{
    const struct source *src = &c->run.snap.sources[source];
    if (!src->row_count)
        return 0;
    if (src->part)
        return count_part(c, source, err);
    TRY(know_services(c, source, err));
    return count_rows(c, source, 0, src->row_count, false, err);
}

/* ---- All ---- */

static int prepare_part(struct run *r, uint32_t thread, const struct run_group *group, void *user,
                        struct err *err)
{
    const struct part_edges *e;
    (void)thread;
    (void)user;
    return edges_of_part(r, group->source, &e, err);
}

/* Parts that were not joined yet, in several threads. */
static int prepare_parts(struct calls *c, struct err *err)
{
    struct run_groups parts = {
        arena_calloc(&c->run.own_tables, c->run.snap.count, sizeof *parts.items), 0};
    struct parallel p;
    int rc;
    if (!parts.items)
        return run_out_of_memory(err);
    for (uint32_t s = 0; s < c->run.snap.count; s++) {
        struct part *part = c->run.snap.sources[s].part;
        if (part && !atomic_load(&part->note) && part->start_max_ns >= c->start_ns &&
            part->start_min_ns <= c->end_ns)
            parts.items[parts.count++] = (struct run_group){.source = s};
    }
    parallel_begin(&p, &c->run, parts.count * PARALLEL_GROUPS);
    rc = parallel_groups(&p, &parts, prepare_part, NULL, err);
    parallel_end(&p);
    return rc;
}

static int count_all(struct calls *c, struct err *err)
{
    label_ids_init(&c->services, &c->run.own_tables);
    pair_ids_init(&c->pairs, &c->run.own_tables);
    c->services_of = arena_calloc(&c->run.own_tables, c->run.snap.count, sizeof *c->services_of);
    if (!c->services_of)
        return run_out_of_memory(err);
    TRY(run_check(&c->run, err));
    TRY(prepare_parts(c, err));
    for (uint32_t s = 0; s < c->run.snap.count; s++) {
        int rc = count_source(c, s, err);
        if (rc < 0 && !run_skips(&c->run, rc))
            return rc;
        TRY(run_check(&c->run, err));
    }
    return 0;
}

static int dependency_cmp(const void *a, const void *b)
{
    const struct dependency *x = a, *y = b;
    int c = str_cmp(x->parent, y->parent);
    return c ? c : str_cmp(x->child, y->child);
}

static int finish(const struct calls *c, struct dependency_list *ret, struct err *err)
{
    struct arena *arena = c->run.q->arena;
    struct dependency *items = arena_calloc(arena, c->count, sizeof *items);
    size_t count = 0;
    if (!items)
        return run_out_of_memory(err);
    for (size_t i = 0; i < c->count; i++) {
        const struct edge_sum *sum = &c->items[i];
        uint64_t pair = c->pairs.items[i];
        if (!sum->calls) /* all deleted */
            continue;
        items[count++] = (struct dependency){
            .parent = arena_str(arena, c->services.items[pair >> 32].string),
            .child = arena_str(arena, c->services.items[(uint32_t)pair].string),
            .call_count = sum->calls,
            .error_count = sum->errors,
            .duration_sum_ns = sum->duration_ns,
            .p50_ns = sketch_quantile(&sum->durations, .5),
            .p95_ns = sketch_quantile(&sum->durations, .95),
            .p99_ns = sketch_quantile(&sum->durations, .99),
        };
    }
    if (arena_failed(arena))
        return run_out_of_memory(err);
    if (count)
        qsort(items, count, sizeof *items, dependency_cmp);
    *ret = (struct dependency_list){items, count};
    return 0;
}

int query_dependencies(struct store *store, struct engine_query *q, uint64_t start_ns,
                       uint64_t end_ns, struct dependency_list *ret, struct err *err)
{
    struct calls *c = mem_calloc(1, sizeof *c);
    int rc;
    c->start_ns = start_ns;
    c->end_ns = end_ns;
    run_begin(&c->run, store, q, NULL);
    arena_init(&c->windows, q->arena->max_bytes);
    rc = count_all(c, err);
    if (rc == 0)
        rc = finish(c, ret, err);
    arena_release(&c->windows);
    run_end(&c->run);
    free(c->found);
    free(c);
    return rc;
}
