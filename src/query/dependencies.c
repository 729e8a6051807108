/* dependencies.c - who calls whom: each span joined with its parent inside its trace.
 *
 * What is settled inside a part was added up once (edges.h): parts that lie inside the time range are taken whole, those at
 * its ends and heads row by row. Rows whose parent is not in their own source are looked up in the others. A span that was
 * sent twice counts twice when its copies lie in different sources; and of a call whose two sides share an id only the side
 * in the same source is seen, if it fits at all. */
#include <stdlib.h>
#include <time.h>

#include "query/edges.h"
#include "query/labels.h"
#include "query/parallel.h"
#include "query/query.h"
#include "query/settle.h"
#include "store/mem.h"

enum { LOCK_PAUSE_NS = 2000000 };

struct calls {
    struct run run;
    uint64_t start_ns, end_ns;
    struct label_ids services;
    struct pair_ids pairs;
    struct edge_sum *items; /* by pair */
    size_t count, cap;
    struct noted { /* of parts: to be merged */
        uint32_t pair;
        const struct edge *edge;
    } * noted;
    size_t noted_count, noted_cap;
    uint32_t **services_of; /* of each source: by its service */
    struct arena windows;
    struct found *found; /* rows of a trace in other sources, by id */
    size_t found_cap;
    uint64_t newest_part; /* the greatest number */
    uint32_t last_source; /* that source_of_part found */
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

/* Only noted: the sums of a pair are merged one after the other, while its sketch is at hand. */
static int add_edges(struct calls *c, uint32_t source, const struct part_edges *edges,
                     struct err *err)
{
    const uint32_t *ids = c->services_of[source];
    struct noted *noted = arena_grow(&c->run.own_tables, c->noted, c->noted_count, &c->noted_cap,
                                     c->noted_count + edges->count + 1, sizeof *noted);
    if (!noted)
        return run_out_of_memory(err);
    c->noted = noted;
    for (size_t i = 0; i < edges->count; i++) {
        const struct edge *e = &edges->items[i];
        struct edge_sum *sum = sum_of(c, ids[e->parent], ids[e->child]);
        if (!sum)
            return full(c, err);
        noted[c->noted_count++] = (struct noted){(uint32_t)(sum - c->items), e};
    }
    return run_check(&c->run, err);
}

static int noted_cmp(const void *a, const void *b)
{
    const struct noted *x = a, *y = b;
    return (x->pair > y->pair) - (x->pair < y->pair);
}

static int merge_noted(struct calls *c, struct err *err)
{
    if (c->noted_count)
        qsort(c->noted, c->noted_count, sizeof *c->noted, noted_cmp);
    for (size_t i = 0; i < c->noted_count; i++) {
        if (!edge_merge(&c->items[c->noted[i].pair], c->noted[i].edge))
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
    uint32_t source, own_service;
    uint8_t kind;
};

static int collect(struct calls *c, uint32_t source, struct trace_id id, size_t *count,
                   struct err *err)
{
    struct run *r = &c->run;
    const struct source *src = &r->snap.sources[source];
    struct row_refs refs = {0};
    struct found *found;
    arena_reset(&r->hits);
    TRY(source_trace_rows(src, source, id, &r->hits, &refs, err));
    if (!refs.count)
        return 0;
    found = arena_grow(&r->own_tables, c->found, *count, &c->found_cap, *count + refs.count,
                       sizeof *found);
    if (!found)
        return run_out_of_memory(err);
    c->found = found;
    TRY(know_services(c, source, err));
    for (size_t i = 0; i < refs.count; i++) {
        uint32_t row = refs.items[i].row, at;
        struct row_group g;
        TRY(source_group(src, r->reader, source_group_of(src, row),
                         ROWS_SPAN_ID | ROWS_START | ROWS_RESOURCE | ROWS_TEMPLATE, &g, err));
        at = row - g.first_row;
        found[(*count)++] =
            (struct found){g.span_id[at], g.start_ns[at], c->services_of[source][g.service[at]],
                           source,        g.service[at],  g.kind[at]};
        TRY(run_tick(r, err));
    }
    page_begin(r->reader);
    return 0;
}

static int found_cmp(const void *a, const void *b)
{
    const struct found *x = a, *y = b;
    int c = memcmp(x->span_id.bytes, y->span_id.bytes, SPAN_ID_BYTES);
    return c ? c : (x->start_ns > y->start_ns) - (x->start_ns < y->start_ns);
}

/* Sources but one's own, and parts up to a number, which were looked at before. By id, then by start. */
static int trace_elsewhere(struct calls *c, uint32_t but, uint64_t searched, struct trace_id id,
                           size_t *count, struct err *err)
{
    *count = 0;
    for (uint32_t s = 0; s < c->run.snap.count; s++) {
        const struct part *p = c->run.snap.sources[s].part;
        int rc = s == but || (p && p->number <= searched) ? 0 : collect(c, s, id, count, err);
        if (rc < 0 && !run_skips(&c->run, rc))
            return rc;
        TRY(run_tick(&c->run, err));
    }
    if (*count)
        qsort(c->found, *count, sizeof *c->found, found_cmp);
    return 0;
}

/* Lists of such rows are by trace, mostly: what one trace has elsewhere is looked up once. */
struct resolver {
    struct calls *calls;
    uint32_t source;
    struct trace_id trace;
    uint64_t searched;
    size_t count;
    bool known;
};

/* A span whose parent is looked for. */
struct orphan {
    struct trace_id trace;
    struct span_id span_id, parent_id;
    uint32_t service; /* number in c->services */
    uint8_t kind;
    uint64_t searched; /* parts up to this number do not have it */
};

/* Among the spans with an id: the orphan's own or its parent's. */
static const struct found *find_best(const struct resolver *v, const struct orphan *o, bool own)
{
    struct span_id id = own ? o->span_id : o->parent_id;
    const struct found *found = v->calls->found, *best = NULL;
    size_t low = 0, high = v->count;
    unsigned best_fit = 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (memcmp(found[middle].span_id.bytes, id.bytes, SPAN_ID_BYTES) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (size_t i = low; i < v->count && i < low + ALIKE_MAX && span_id_eq(found[i].span_id, id);
         i++) {
        unsigned fit = parent_fit(o->kind, found[i].kind, own, found[i].service == o->service);
        if (fit > best_fit) {
            best = &found[i];
            best_fit = fit;
        }
    }
    return best;
}

/* The parent, or NULL. */
static int find_parent(struct resolver *v, const struct orphan *o, const struct found **ret,
                       struct err *err)
{
    if (!v->known || v->searched != o->searched || !trace_id_eq(v->trace, o->trace)) {
        v->known = false;
        TRY(trace_elsewhere(v->calls, v->source, o->searched, o->trace, &v->count, err));
        v->trace = o->trace;
        v->searched = o->searched;
        v->known = true;
    }
    *ret = is_callee(o->kind) ? find_best(v, o, true) : NULL;
    if (!*ret)
        *ret = find_best(v, o, false);
    return 0;
}

static int count_call(struct calls *c, uint32_t parent, uint32_t child, uint64_t duration_ns,
                      bool error, uint64_t n, struct err *err)
{
    struct edge_sum *sum;
    if (parent == child)
        return 0;
    sum = sum_of(c, parent, child);
    return sum && edge_add(sum, duration_ns, error, n) ? 0 : full(c, err);
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
    struct orphan orphan = {.span_id = w->span_id[child],
                            .parent_id = w->parent_id[child],
                            .service = ids[w->service[child]],
                            .kind = w->kind[child]};
    const struct found *found;
    if (row < k->first_row || row >= k->end_row || source_row_dead(src, row) != k->dead ||
        (!k->dead && !in_range(c, w->start_ns[child])))
        return 0;
    if (parent != NO_ENTRY)
        return count_call(c, ids[w->service[parent]], ids[w->service[child]], w->duration_ns[child],
                          error, k->dead ? UINT64_MAX : 1, err);
    if (k->dead) /* the list of left rows is looked at row by row */
        return 0;
    TRY(source_trace_id(src, row, &orphan.trace, err));
    TRY(find_parent(&k->resolver, &orphan, &found, err));
    return found
               ? count_call(c, found->service, orphan.service, w->duration_ns[child], error, 1, err)
               : 0;
}

static bool is_inside(const struct calls *c, const struct part *p)
{
    return p->start_min_ns >= c->start_ns && p->start_max_ns <= c->end_ns;
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

/* What was deleted since it was added up. */
static int take_away_dead(struct calls *c, uint32_t source, struct err *err)
{
    const struct dead_rows *dead = c->run.snap.sources[source].dead;
    for (size_t i = 0; dead && i < dead->count; i++)
        TRY(count_rows(c, source, dead->ranges[i].first, dead->ranges[i].end, true, err));
    return 0;
}

/* The source that is the part of this number; false when it is not there any more. */
static bool source_of_part(struct calls *c, uint64_t number, uint32_t *ret)
{
    for (uint32_t s = 0; s < c->run.snap.count; s++) {
        uint32_t at = (c->last_source + s) % c->run.snap.count;
        const struct part *p = c->run.snap.sources[at].part;
        if (p && p->number == number) {
            *ret = c->last_source = at;
            return true;
        }
    }
    return false;
}

/* Reads who it is, and looks for its parent. */
static int resolve_left(struct calls *c, struct left_row *left, struct resolver *v,
                        const struct found **ret, struct err *err)
{
    const struct source *src = &c->run.snap.sources[v->source];
    struct orphan orphan = {.service = c->services_of[v->source][left->service],
                            .kind = left->kind,
                            .searched = left->number};
    struct row_group g;
    uint32_t at;
    TRY(source_trace_id(src, left->row, &orphan.trace, err));
    TRY(source_group(src, c->run.scanner, source_group_of(src, left->row),
                     ROWS_SPAN_ID | ROWS_PARENT, &g, err));
    at = left->row - g.first_row;
    orphan.span_id = g.span_id[at];
    orphan.parent_id = g.parent_id[at];
    return find_parent(v, &orphan, ret, err);
}

static int count_left(struct calls *c, struct left_row *left, struct resolver *v, struct err *err)
{
    const struct source *src = &c->run.snap.sources[v->source];
    uint32_t own = c->services_of[v->source][left->service], source;
    const struct found *found;
    const struct part *part;
    if (source_row_dead(src, left->row))
        return 0;
    if (left->found && source_of_part(c, left->number, &source)) {
        TRY(know_services(c, source, err));
        return count_call(c, c->services_of[source][left->parent_service], own, left->duration_ns,
                          left->error, 1, err);
    }
    if (left->found) { /* it was merged into another one */
        left->found = false;
        left->number = 0;
    }
    TRY(resolve_left(c, left, v, &found, err));
    if (!found) {
        left->number = c->newest_part;
        return 0;
    }
    part = c->run.snap.sources[found->source].part;
    if (part) {
        left->found = true;
        left->number = part->number;
        left->parent_service = found->own_service;
    }
    return count_call(c, found->service, own, left->duration_ns, left->error, 1, err);
}

/* Another query may have it for long. */
static int lock_left(struct calls *c, struct part_edges *e, struct err *err)
{
    while (pthread_mutex_trylock(&e->lock) != 0) {
        struct timespec pause = {0, LOCK_PAUSE_NS};
        TRY(run_check(&c->run, err));
        nanosleep(&pause, NULL);
    }
    return 0;
}

static int count_left_rows(struct calls *c, uint32_t source, struct part_edges *e, struct err *err)
{
    struct resolver resolver = {.calls = c, .source = source};
    int rc = 0;
    if (!e->left_count)
        return 0;
    TRY(lock_left(c, e, err));
    for (size_t i = 0; i < e->left_count && rc == 0; i++) {
        rc = count_left(c, &e->left[i], &resolver, err);
        if (rc == 0)
            rc = run_tick(&c->run, err);
    }
    pthread_mutex_unlock(&e->lock);
    page_begin(c->run.scanner);
    return rc;
}

/* A part at an end of the range: the groups that reach into it. */
static int count_some(struct calls *c, uint32_t source, struct err *err)
{
    const struct part *p = c->run.snap.sources[source].part;
    uint32_t first = p->row_count, end = 0;
    for (uint32_t g = 0; g < p->group_count; g++) {
        uint32_t row = g * PART_GROUP_ROWS;
        if (p->groups[g].start_max_ns < c->start_ns || p->groups[g].start_min_ns > c->end_ns)
            continue;
        first = row < first ? row : first;
        end = p->row_count - row < PART_GROUP_ROWS ? p->row_count : row + PART_GROUP_ROWS;
    }
    return first < end ? count_rows(c, source, first, end, false, err) : 0;
}

static int count_part(struct calls *c, uint32_t source, struct err *err)
{
    const struct part *p = c->run.snap.sources[source].part;
    struct part_edges *e;
    if (p->start_max_ns < c->start_ns || p->start_min_ns > c->end_ns)
        return 0;
    TRY(know_services(c, source, err));
    if (!is_inside(c, p))
        return count_some(c, source, err);
    TRY(edges_of_part(&c->run, source, &e, err));
    if (!e || !e->whole)
        return count_rows(c, source, 0, p->row_count, false, err);
    TRY(add_edges(c, source, e, err));
    TRY(take_away_dead(c, source, err));
    return count_left_rows(c, source, e, err);
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
    struct part_edges *e;
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
        if (part && part->number > c->newest_part)
            c->newest_part = part->number;
        if (part && !atomic_load(&part->note) && part->row_count && is_inside(c, part))
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
    return merge_noted(c, err);
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
    free(c);
    return rc;
}
