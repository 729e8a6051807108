/* summary.c - counting over the rows of one trace. */
#include "query/summary.h"

#include <stdlib.h>

static int id_cmp(const void *a, const void *b)
{
    return memcmp(a, b, SPAN_ID_BYTES);
}

static int count_orphans(struct run *r, const struct trace_rows *rows, uint32_t *ret,
                         struct err *err)
{
    struct span_id *ids = arena_calloc(&r->rows, rows->count, sizeof *ids);
    *ret = 0;
    if (!ids)
        return run_out_of_memory(err);
    for (size_t i = 0; i < rows->count; i++)
        ids[i] = rows->items[i].row.span_id;
    qsort(ids, rows->count, sizeof *ids, id_cmp);
    for (size_t i = 0; i < rows->count; i++) {
        const struct span_id *parent = &rows->items[i].row.parent_id;
        if (!span_id_is_zero(*parent) && !bsearch(parent, ids, rows->count, sizeof *ids, id_cmp))
            ++*ret;
    }
    return 0;
}

static int service_cmp(const void *a, const void *b)
{
    const struct service_summary *x = a, *y = b;
    return str_cmp(x->name, y->name);
}

/* Adds up equal neighbours of the sorted list. */
static uint32_t fold_services(struct service_summary *all, size_t count)
{
    uint32_t kept = 0;
    qsort(all, count, sizeof *all, service_cmp);
    for (size_t i = 0; i < count; i++) {
        if (kept && str_eq(all[kept - 1].name, all[i].name)) {
            all[kept - 1].span_count += all[i].span_count;
            all[kept - 1].error_count += all[i].error_count;
        } else {
            all[kept++] = all[i];
        }
    }
    return kept;
}

static int list_services(struct run *r, const struct trace_rows *rows, struct trace_summary *ret,
                         struct err *err)
{
    struct service_summary *all = arena_calloc(&r->rows, rows->count, sizeof *all);
    if (!all)
        return run_out_of_memory(err);
    for (size_t i = 0; i < rows->count; i++) {
        const struct trace_row *t = &rows->items[i];
        TRY(source_need_table(&r->snap.sources[t->ref.source], SOURCE_SERVICES, err));
        all[i] = (struct service_summary){
            .name = run_string(r, t->ref.source, SOURCE_SERVICES, t->row.service),
            .span_count = 1,
            .error_count = t->row.status == STATUS_ERROR,
        };
    }
    ret->service_count = fold_services(all, rows->count);
    ret->services = arena_calloc(r->q->arena, ret->service_count, sizeof *ret->services);
    for (uint32_t i = 0; ret->services && i < ret->service_count; i++) {
        ret->services[i] = all[i];
        ret->services[i].name = arena_str(r->q->arena, all[i].name);
    }
    return arena_failed(r->q->arena) ? run_out_of_memory(err) : 0;
}

size_t summary_root(const struct trace_rows *rows)
{
    for (size_t i = 0; i < rows->count; i++) {
        if (span_id_is_zero(rows->items[i].row.parent_id))
            return i;
    }
    return 0;
}

static int name_root(struct run *r, const struct trace_rows *rows, struct trace_summary *ret,
                     struct err *err)
{
    const struct trace_row *root = &rows->items[summary_root(rows)];
    ret->rootless = !span_id_is_zero(root->row.parent_id);
    TRY(source_need_table(&r->snap.sources[root->ref.source], SOURCE_NAMES, err));
    ret->root_service =
        arena_str(r->q->arena, run_string(r, root->ref.source, SOURCE_SERVICES, root->row.service));
    ret->root_name =
        arena_str(r->q->arena, run_string(r, root->ref.source, SOURCE_NAMES, root->row.name));
    return 0;
}

static int row_cmp(const void *a, const void *b)
{
    const struct row_ref *x = a, *y = b;
    if (x->source != y->source)
        return x->source < y->source ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

/* Group by group: the trace's rows stand together where they can. */
static int count_matches(struct run *r, struct filter *filter, const struct trace_rows *rows,
                         uint32_t *ret, struct err *err)
{
    struct row_ref *refs = arena_calloc(&r->rows, rows->count, sizeof *refs);
    size_t end;
    *ret = 0;
    if (!refs)
        return run_out_of_memory(err);
    for (size_t i = 0; i < rows->count; i++)
        refs[i] = rows->items[i].ref;
    qsort(refs, rows->count, sizeof *refs, row_cmp);
    for (size_t i = 0; i < rows->count; i = end) {
        const struct source *src = &r->snap.sources[refs[i].source];
        uint32_t group = source_group_of(src, refs[i].row);
        uint32_t first = source_group_first(src, group);
        struct bits in, hits;
        int rc;
        bits_clear(&in);
        for (end = i; end < rows->count && refs[end].source == refs[i].source &&
                      source_group_of(src, refs[end].row) == group;
             end++)
            bits_set(&in, refs[end].row - first);
        rc = filter_rows(r, filter, refs[i].source, group, &in, &hits, err);
        if (rc < 0 && !run_skips(r, rc))
            return rc;
        *ret += rc == 0 ? bits_count(&hits) : 0;
        TRY(run_tick(r, err));
    }
    return 0;
}

int summary_of_rows(struct run *r, struct trace_id id, const struct trace_rows *rows,
                    struct trace_summary *ret, struct err *err)
{
    if (!rows->count)
        return err_set(err, ERR_CORRUPT, "the rows of a trace cannot be read");
    *ret = (struct trace_summary){.trace_id = id,
                                  .start_ns = rows->items[0].row.start_ns,
                                  .span_count = (uint32_t)rows->count};
    for (size_t i = 0; i < rows->count; i++) {
        const struct row *row = &rows->items[i].row;
        uint64_t end = row->start_ns + row->duration_ns;
        ret->end_ns = end > ret->end_ns ? end : ret->end_ns;
        ret->error_count += row->status == STATUS_ERROR;
    }
    TRY(list_services(r, rows, ret, err));
    TRY(name_root(r, rows, ret, err));
    return count_orphans(r, rows, &ret->orphan_count, err);
}

int summary_make(struct run *r, struct filter *filter, struct trace_id id,
                 struct trace_summary *ret, struct err *err)
{
    struct trace_rows rows;
    arena_reset(&r->rows);
    TRY(run_unique_rows(r, id, &r->rows, &rows, err));
    TRY(summary_of_rows(r, id, &rows, ret, err));
    return count_matches(r, filter, &rows, &ret->matched_count, err);
}
