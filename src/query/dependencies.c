/* dependencies.c - who calls whom: each span joined with its parent inside its trace. */
#include <stdlib.h>

#include "query/idset.h"
#include "query/query.h"
#include "query/run.h"
#include "store/dict.h"
#include "store/mem.h"

struct edges {
    struct run run;
    uint64_t start_ns, end_ns;
    struct idset seen;
    struct dict services; /* names met; borrowed from the snapshot */
    struct dict pairs;    /* two service ids as bytes */
    struct edge {
        uint32_t services[2];
        uint64_t call_count, error_count;
    } * items;
    size_t cap;
};

static struct str keep_pair(struct str s, void *user)
{
    struct edges *e = user;
    return arena_str(&e->run.own_tables, s);
}

static void count_call(struct edges *e, struct str parent, struct str child, bool error)
{
    uint32_t services[2] = {dict_intern(&e->services, parent), dict_intern(&e->services, child)};
    uint32_t known = e->pairs.count;
    uint32_t id = dict_intern_kept(&e->pairs, str_make(services, sizeof services), keep_pair, e);
    if (id == DICT_NONE)
        return;
    e->items = mem_grow(e->items, &e->cap, (size_t)id + 1, sizeof *e->items);
    if (id == known)
        e->items[id] = (struct edge){.services = {services[0], services[1]}};
    e->items[id].call_count++;
    e->items[id].error_count += error;
}

static int by_span_id(const void *a, const void *b)
{
    const struct trace_row *x = *(const struct trace_row *const *)a,
                           *y = *(const struct trace_row *const *)b;
    int c = memcmp(x->row.span_id.bytes, y->row.span_id.bytes, SPAN_ID_BYTES);
    return c ? c : (x > y) - (x < y);
}

/* The first row with this span id that is not the child itself: a client and its server may share an id. */
static const struct trace_row *find_parent(const struct trace_row **sorted, size_t count,
                                           const struct trace_row *child)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (memcmp(sorted[mid]->row.span_id.bytes, child->row.parent_id.bytes, SPAN_ID_BYTES) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    for (; low < count && span_id_eq(sorted[low]->row.span_id, child->row.parent_id); low++) {
        if (sorted[low] != child)
            return sorted[low];
    }
    return NULL;
}

static struct str service_of(const struct edges *e, const struct trace_row *t)
{
    return run_string(&e->run, t->ref.source, SOURCE_SERVICES, t->row.service);
}

static int join_trace(struct edges *e, struct trace_id id, struct err *err)
{
    struct run *r = &e->run;
    const struct trace_row **sorted;
    struct trace_rows rows;
    arena_reset(&r->rows);
    TRY(run_unique_rows(r, id, &r->rows, &rows, err));
    sorted = arena_calloc(&r->rows, rows.count, sizeof *sorted);
    if (!sorted)
        return run_out_of_memory(err);
    for (size_t i = 0; i < rows.count; i++) {
        sorted[i] = &rows.items[i];
        TRY(source_need_table(&r->snap.sources[sorted[i]->ref.source], SOURCE_SERVICES, err));
    }
    qsort(sorted, rows.count, sizeof *sorted, by_span_id);
    for (size_t i = 0; i < rows.count; i++) {
        const struct trace_row *child = &rows.items[i], *parent;
        if (child->row.start_ns < e->start_ns || child->row.start_ns > e->end_ns ||
            span_id_is_zero(child->row.parent_id))
            continue;
        parent = find_parent(sorted, rows.count, child);
        if (parent && !str_eq(service_of(e, parent), service_of(e, child)))
            count_call(e, service_of(e, parent), service_of(e, child),
                       child->row.status == STATUS_ERROR);
    }
    return 0;
}

static int scan_group(struct edges *e, const struct run_group *item, struct err *err)
{
    struct run *r = &e->run;
    struct row_group g;
    struct trace_id id, last = {{0}};
    TRY(source_group(&r->snap.sources[item->source], r->scanner, item->group,
                     ROWS_START | ROWS_PARENT, &g, err));
    r->q->spans_scanned += g.count;
    for (uint32_t i = 0; i < g.count; i++) {
        int rc;
        if (g.start_ns[i] < e->start_ns || g.start_ns[i] > e->end_ns ||
            span_id_is_zero(g.parent_id[i]))
            continue;
        TRY(source_trace_id(&r->snap.sources[item->source], g.first_row + i, &id, err));
        if (trace_id_eq(id, last))
            continue;
        last = id;
        rc = idset_add(&e->seen, id);
        if (rc < 0)
            return run_out_of_memory(err);
        if (rc == 0)
            continue;
        rc = join_trace(e, id, err);
        if (rc < 0 && !run_skips(r, rc))
            return rc;
        TRY(run_tick(r, err));
    }
    return 0;
}

static int scan(struct edges *e, struct err *err)
{
    struct run_groups groups;
    TRY(run_groups(&e->run, e->start_ns, e->end_ns, &e->run.own_tables, &groups, err));
    for (size_t i = 0; i < groups.count; i++) {
        int rc = scan_group(e, &groups.items[i], err);
        if (rc < 0 && !run_skips(&e->run, rc))
            return rc;
        TRY(run_check(&e->run, err));
    }
    return 0;
}

static int dependency_cmp(const void *a, const void *b)
{
    const struct dependency *x = a, *y = b;
    int c = str_cmp(x->parent, y->parent);
    return c ? c : str_cmp(x->child, y->child);
}

static int finish(struct edges *e, struct dependency_list *ret, struct err *err)
{
    struct arena *arena = e->run.q->arena;
    uint32_t count = e->pairs.count;
    struct dependency *items = arena_calloc(arena, count, sizeof *items);
    if (!items)
        return run_out_of_memory(err);
    for (uint32_t i = 0; i < count; i++)
        items[i] = (struct dependency){
            .parent = arena_str(arena, dict_get(&e->services, e->items[i].services[0])),
            .child = arena_str(arena, dict_get(&e->services, e->items[i].services[1])),
            .call_count = e->items[i].call_count,
            .error_count = e->items[i].error_count,
        };
    if (arena_failed(arena))
        return run_out_of_memory(err);
    qsort(items, count, sizeof *items, dependency_cmp);
    *ret = (struct dependency_list){items, count};
    return 0;
}

int query_dependencies(struct store *store, struct engine_query *q, uint64_t start_ns,
                       uint64_t end_ns, struct dependency_list *ret, struct err *err)
{
    struct edges *e = mem_calloc(1, sizeof *e);
    int rc;
    e->start_ns = start_ns;
    e->end_ns = end_ns;
    run_begin(&e->run, store, q, NULL);
    e->seen.arena = &e->run.own_tables;
    rc = scan(e, err);
    if (rc == 0)
        rc = finish(e, ret, err);
    run_end(&e->run);
    dict_release(&e->services);
    dict_release(&e->pairs);
    free(e->items);
    free(e);
    return rc;
}
