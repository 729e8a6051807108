/* run.c - what all queries share. */
#include "query/run.h"

#include <stdlib.h>

#include "base/clock.h"
#include "store/mem.h"
#include "store/resource.h"

enum {
    PAGE_BYTES = 64 << 20,
    FORK_PAGE_BYTES = 16 << 20,
    SCAN_BYTES = 4 << 20, /* a scan comes to a page once: what is kept should stay in the cache */
    TICKS_PER_CHECK = 256,
};

static const struct resource no_resource;
static const struct scope no_scope;
const struct span run_empty_span = {.resource = &no_resource, .scope = &no_scope};

static void prepare(struct run *r, size_t page_bytes, struct arena *tables)
{
    struct engine_query *q = r->q;
    q->spans_scanned = 0;
    r->scanner = page_reader_new(SCAN_BYTES);
    r->reader = page_reader_new(page_bytes);
    arena_init(&r->own_tables, q->arena->max_bytes);
    arena_init(&r->scratch, q->arena->max_bytes);
    arena_init(&r->rows, q->arena->max_bytes);
    arena_init(&r->hits, q->arena->max_bytes);
    r->tables = tables ? tables : &r->own_tables;
    r->resources = mem_calloc(r->snap.count, sizeof *r->resources);
    r->scopes = mem_calloc(r->snap.count, sizeof *r->scopes);
}

void run_begin(struct run *r, struct store *s, struct engine_query *q, struct arena *tables)
{
    *r = (struct run){.q = q};
    snapshot_take(s, &r->snap);
    prepare(r, PAGE_BYTES, tables);
}

void run_fork(struct run *r, const struct run *of, struct engine_query *q)
{
    *r = (struct run){.q = q, .snap = of->snap, .forked = true};
    prepare(r, FORK_PAGE_BYTES, NULL);
}

void run_end(struct run *r)
{
    r->q->damaged = r->damaged || r->snap.incomplete;
    free(r->resources);
    free(r->scopes);
    arena_release(&r->own_tables);
    arena_release(&r->scratch);
    arena_release(&r->rows);
    arena_release(&r->hits);
    page_reader_free(r->scanner);
    page_reader_free(r->reader);
    if (!r->forked)
        snapshot_release(&r->snap);
}

int run_out_of_memory(struct err *err)
{
    return err_set(err, ERR_TOO_LARGE, "the query needs more memory than it may take");
}

int run_check(struct run *r, struct err *err)
{
    if (atomic_load_explicit(&r->q->cancelled, memory_order_relaxed) ||
        (r->q->is_cancelled && r->q->is_cancelled(r->q->user)))
        return err_set(err, ERR_CANCELLED, "the query was cancelled");
    if (r->q->deadline_ns && clock_monotonic_ns() > r->q->deadline_ns)
        return err_set(err, ERR_TIMEOUT, "the query took too long");
    return arena_failed(r->q->arena) ? run_out_of_memory(err) : 0;
}

int run_tick(struct run *r, struct err *err)
{
    return ++r->ticks % TICKS_PER_CHECK ? 0 : run_check(r, err);
}

bool run_skips(struct run *r, int code)
{
    r->damaged |= code == ERR_CORRUPT;
    return code == ERR_CORRUPT;
}

struct str run_string(const struct run *r, uint32_t source, enum source_table table, uint32_t id)
{
    return source_string(&r->snap.sources[source], table, id);
}

static int decode_failed(int rc, struct err *err)
{
    return rc == ERR_NOMEM ? run_out_of_memory(err) : rc;
}

int run_resource(struct run *r, uint32_t source, uint32_t id, const struct resource **ret,
                 struct err *err)
{
    struct source *src = &r->snap.sources[source];
    const struct scope *none;
    if (!r->resources[source]) {
        TRY(source_need_table(src, SOURCE_RESOURCES, err));
        r->resources[source] = arena_calloc(r->tables, src->resource_count, sizeof(void *));
        if (!r->resources[source])
            return run_out_of_memory(err);
    }
    if (!r->resources[source][id])
        TRY(decode_failed(resource_decode(source_string(src, SOURCE_RESOURCES, id), STR(""),
                                          r->tables, &r->resources[source][id], &none, err),
                          err));
    *ret = r->resources[source][id];
    return 0;
}

int run_scope(struct run *r, uint32_t source, uint32_t id, const struct scope **ret,
              struct err *err)
{
    struct source *src = &r->snap.sources[source];
    const struct resource *none;
    if (!r->scopes[source]) {
        TRY(source_need_table(src, SOURCE_SCOPES, err));
        r->scopes[source] = arena_calloc(r->tables, src->scope_count, sizeof(void *));
        if (!r->scopes[source])
            return run_out_of_memory(err);
    }
    if (!r->scopes[source][id])
        TRY(decode_failed(resource_decode(STR(""), source_string(src, SOURCE_SCOPES, id), r->tables,
                                          &none, &r->scopes[source][id], err),
                          err));
    *ret = r->scopes[source][id];
    return 0;
}

int run_span(struct run *r, struct row_ref ref, const struct row *row, struct arena *arena,
             bool keep, struct span *ret, struct err *err)
{
    memset(ret, 0, sizeof *ret);
    TRY(run_resource(r, ref.source, row->resource, &ret->resource, err));
    TRY(run_scope(r, ref.source, row->scope, &ret->scope, err));
    TRY(source_trace_id(&r->snap.sources[ref.source], ref.row, &ret->trace_id, err));
    return source_span(&r->snap.sources[ref.source], r->reader, ref.row, arena, keep, ret, err);
}

static int trace_row_cmp(const void *a, const void *b)
{
    const struct trace_row *x = a, *y = b;
    int c;
    if (x->row.start_ns != y->row.start_ns)
        return x->row.start_ns < y->row.start_ns ? -1 : 1;
    c = memcmp(x->row.span_id.bytes, y->row.span_id.bytes, SPAN_ID_BYTES);
    if (c)
        return c;
    if (x->ref.source != y->ref.source)
        return x->ref.source < y->ref.source ? -1 : 1;
    return (x->ref.row > y->ref.row) - (x->ref.row < y->ref.row);
}

int run_trace_refs(struct run *r, struct trace_id id, struct arena *arena, struct row_refs *ret,
                   struct err *err)
{
    *ret = (struct row_refs){0};
    for (uint32_t s = 0; s < r->snap.count; s++) {
        int rc = source_trace_rows(&r->snap.sources[s], s, id, arena, ret, err);
        if (rc < 0 && !run_skips(r, rc))
            return rc;
    }
    return 0;
}

/* Most traces lie in one part, in order. */
static bool in_order(const struct trace_rows *rows)
{
    for (size_t i = 1; i < rows->count; i++) {
        if (trace_row_cmp(&rows->items[i - 1], &rows->items[i]) > 0)
            return false;
    }
    return true;
}

static int rows_of_refs(struct run *r, const struct row_refs *refs, struct arena *arena,
                        struct trace_rows *ret, struct err *err)
{
    ret->items = arena_alloc(arena, refs->count * sizeof *ret->items);
    ret->count = 0;
    if (!ret->items)
        return run_out_of_memory(err);
    for (size_t i = 0; i < refs->count; i++) {
        struct trace_row *row = &ret->items[ret->count];
        int rc = source_row(&r->snap.sources[refs->items[i].source], r->reader, refs->items[i].row,
                            &row->row, err);
        if (rc < 0 && !run_skips(r, rc))
            return rc;
        row->ref = refs->items[i];
        ret->count += rc == 0;
        TRY(run_tick(r, err));
    }
    if (!in_order(ret))
        qsort(ret->items, ret->count, sizeof *ret->items, trace_row_cmp);
    return 0;
}

int run_trace_rows(struct run *r, struct trace_id id, struct arena *arena, struct trace_rows *ret,
                   struct err *err)
{
    struct row_refs refs;
    TRY(run_trace_refs(r, id, arena, &refs, err));
    return rows_of_refs(r, &refs, arena, ret, err);
}

/* Cheap differences first; only then are both spans decoded. */
static int same_span(struct run *r, const struct trace_row *a, const struct trace_row *b, bool *ret,
                     struct err *err)
{
    struct span x, y;
    int rc;
    *ret = false;
    if (a->row.duration_ns != b->row.duration_ns || a->row.kind != b->row.kind ||
        a->row.status != b->row.status || !span_id_eq(a->row.parent_id, b->row.parent_id))
        return 0;
    arena_reset(&r->scratch);
    rc = run_span(r, a->ref, &a->row, &r->scratch, true, &x, err);
    if (rc == 0)
        rc = run_span(r, b->ref, &b->row, &r->scratch, true, &y, err);
    if (rc == 0)
        *ret = span_eq(&x, &y);
    return rc;
}

int run_unique_rows(struct run *r, struct trace_id id, struct arena *arena, struct trace_rows *ret,
                    struct err *err)
{
    struct row_refs refs;
    TRY(run_trace_refs(r, id, arena, &refs, err));
    return run_unique_of_refs(r, &refs, arena, ret, err);
}

/* How many different spans of one id and start are compared with another: who sends more gets repetitions back. */
enum { NAMESAKES_MAX = 64 };

int run_unique_of_refs(struct run *r, const struct row_refs *refs, struct arena *arena,
                       struct trace_rows *ret, struct err *err)
{
    size_t kept = 0;
    TRY(rows_of_refs(r, refs, arena, ret, err));
    for (size_t i = 0; i < ret->count; i++) {
        const struct trace_row *row = &ret->items[i];
        bool same = false;
        for (size_t k = kept; k-- > 0 && kept - k <= NAMESAKES_MAX && !same;) {
            const struct trace_row *other = &ret->items[k];
            if (other->row.start_ns != row->row.start_ns ||
                !span_id_eq(other->row.span_id, row->row.span_id))
                break;
            int rc = same_span(r, other, row, &same, err);
            if (rc < 0 && !run_skips(r, rc))
                return rc;
        }
        if (!same) {
            if (kept != i)
                ret->items[kept] = *row;
            kept++;
        }
        TRY(run_tick(r, err));
    }
    ret->count = kept;
    return 0;
}

static int group_cmp(const void *a, const void *b)
{
    const struct run_group *x = a, *y = b;
    if (x->range.start_max_ns != y->range.start_max_ns)
        return x->range.start_max_ns > y->range.start_max_ns ? -1 : 1;
    if (x->source != y->source)
        return x->source < y->source ? -1 : 1;
    return (x->group < y->group) - (x->group > y->group);
}

int run_groups(struct run *r, uint64_t start_ns, uint64_t end_ns, struct arena *arena,
               struct run_groups *ret, struct err *err)
{
    size_t total = 0;
    for (uint32_t s = 0; s < r->snap.count; s++)
        total += source_group_count(&r->snap.sources[s]);
    ret->count = 0;
    ret->items = arena_calloc(arena, total, sizeof *ret->items);
    if (!ret->items)
        return run_out_of_memory(err);
    for (uint32_t s = 0; s < r->snap.count; s++) {
        const struct source *src = &r->snap.sources[s];
        const struct part *part = src->part;
        if (part && (part->start_max_ns < start_ns || part->start_min_ns > end_ns))
            continue;
        for (uint32_t g = 0; g < source_group_count(src); g++) {
            struct run_group *item = &ret->items[ret->count];
            item->range = source_group_range(src, g);
            item->source = s;
            item->group = g;
            ret->count +=
                item->range.start_max_ns >= start_ns && item->range.start_min_ns <= end_ns;
        }
    }
    qsort(ret->items, ret->count, sizeof *ret->items, group_cmp);
    return run_check(r, err);
}
