/* traces.c - collecting trace ids from all sources, and the canonical order of a trace's spans. */
#include "care/traces.h"

#include <stdlib.h>

#include "query/run.h"
#include "store/mem.h"

enum { READER_BYTES = 16 << 20 };

void trace_list_add(struct trace_list *l, struct trace_entry entry)
{
    l->items = mem_grow(l->items, &l->cap, l->count + 1, sizeof *l->items);
    l->items[l->count++] = entry;
}

void trace_list_release(struct trace_list *l)
{
    free(l->items);
    *l = (struct trace_list){0};
}

static int by_id(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct trace_id));
}

static int by_start(const void *a, const void *b)
{
    const struct trace_entry *x = a, *y = b;
    if (x->start_ns != y->start_ns)
        return x->start_ns < y->start_ns ? -1 : 1;
    return by_id(a, b);
}

void trace_list_finish(struct trace_list *l)
{
    size_t kept = 0;
    if (!l->count)
        return;
    qsort(l->items, l->count, sizeof *l->items, by_id);
    for (size_t i = 0; i < l->count; i++) {
        struct trace_entry *last = &l->items[kept ? kept - 1 : 0];
        if (kept && trace_id_eq(last->id, l->items[i].id)) {
            last->matched |= l->items[i].matched;
            if (l->items[i].start_ns < last->start_ns)
                last->start_ns = l->items[i].start_ns;
        } else {
            l->items[kept++] = l->items[i];
        }
    }
    l->count = 0;
    for (size_t i = 0; i < kept; i++) {
        if (l->items[i].matched)
            l->items[l->count++] = l->items[i];
    }
    if (l->count)
        qsort(l->items, l->count, sizeof *l->items, by_start);
}

/* ---- Sources ---- */

static bool wanted_id(const struct trace_filter *f, struct trace_id id)
{
    for (size_t i = 0; i < f->id_count; i++) {
        if (trace_id_eq(f->ids[i], id))
            return true;
    }
    return !f->ids;
}

/* The number of the service in the source, or its count when it is not there. */
static uint32_t service_number(const struct source *src, struct str service)
{
    uint32_t i = 0;
    while (i < src->service_count && !str_eq(source_string(src, SOURCE_SERVICES, i), service))
        i++;
    return i;
}

struct scan {
    const struct trace_filter *filter;
    const struct source *src;
    uint32_t service;
    struct trace_list *list;
    struct trace_entry last; /* rows of a trace mostly stand together */
    bool has_last;
};

static void flush(struct scan *s)
{
    if (s->has_last)
        trace_list_add(s->list, s->last);
    s->has_last = false;
}

static void add_row(struct scan *s, struct trace_id id, uint64_t start, uint32_t service)
{
    const struct trace_filter *f = s->filter;
    bool matches = start >= f->start_ns && (!f->end_ns || start <= f->end_ns) &&
                   (!f->service.n || service == s->service);
    if (!s->has_last || !trace_id_eq(id, s->last.id)) {
        flush(s);
        s->last = (struct trace_entry){id, start, false};
        s->has_last = true;
        matches = matches && wanted_id(f, id);
    } else if (matches && !s->last.matched) {
        matches = wanted_id(f, id);
    }
    s->last.matched |= matches;
    if (start < s->last.start_ns)
        s->last.start_ns = start;
}

static int scan_source(struct scan *s, struct page_reader *reader, const struct care_watcher *w,
                       struct err *err)
{
    struct row_group g;
    TRY(source_need_table(s->src, SOURCE_SERVICES, err));
    s->service = s->filter->service.n ? service_number(s->src, s->filter->service) : 0;
    for (uint32_t i = 0; i < source_group_count(s->src); i++) {
        if (care_stopped(w))
            return err_set(err, ERR_CANCELLED, "interrupted");
        page_begin(reader);
        TRY(source_group(s->src, reader, i, ROWS_START | ROWS_RESOURCE, &g, err));
        for (uint32_t k = 0; k < g.count; k++) {
            struct trace_id id;
            TRY(source_trace_id(s->src, g.first_row + k, &id, err));
            add_row(s, id, g.start_ns[k], g.service[k]);
        }
    }
    flush(s);
    return 0;
}

int trace_list_of_store(struct store *store, const struct trace_filter *filter,
                        const struct care_watcher *w, struct trace_list *ret, struct err *err)
{
    struct page_reader *reader = page_reader_new(READER_BYTES);
    struct snapshot snap;
    int rc = 0;
    *ret = (struct trace_list){0};
    snapshot_take(store, &snap);
    for (uint32_t i = 0; i < snap.count && rc == 0; i++) {
        struct scan s = {.filter = filter, .src = &snap.sources[i], .list = ret};
        rc = scan_source(&s, reader, w, err);
    }
    snapshot_release(&snap);
    page_reader_free(reader);
    if (rc < 0)
        trace_list_release(ret);
    else
        trace_list_finish(ret);
    return rc;
}

/* ---- Reading ---- */

struct trace_reader {
    struct engine_query q;
    struct arena first; /* until the first trace is read */
    struct run run;
};

struct trace_reader *trace_reader_new(struct store *s)
{
    struct trace_reader *r = mem_calloc(1, sizeof *r);
    arena_init(&r->first, 0);
    r->q.arena = &r->first;
    run_begin(&r->run, s, &r->q, NULL);
    return r;
}

void trace_reader_free(struct trace_reader *r)
{
    if (!r)
        return;
    run_end(&r->run);
    arena_release(&r->first);
    free(r);
}

int trace_reader_read(void *user, struct trace_id id, struct arena *arena, struct span_batch *ret,
                      struct err *err)
{
    struct trace_reader *reader = user;
    struct run *r = &reader->run;
    struct trace_rows rows;
    struct span *spans;
    reader->q.arena = arena;
    arena_reset(&r->rows);
    TRY(run_unique_rows(r, id, &r->rows, &rows, err));
    if (!rows.count)
        return r->damaged
                   ? err_set(err, ERR_CORRUPT, "a damaged part may hold a trace: see 'cairn check'")
                   : err_set(err, ERR_NOT_FOUND, "no trace has this id");
    spans = arena_calloc(arena, rows.count, sizeof *spans);
    if (!spans)
        return run_out_of_memory(err);
    for (size_t i = 0; i < rows.count; i++)
        TRY(run_span(r, rows.items[i].ref, &rows.items[i].row, arena, true, &spans[i], err));
    *ret = (struct span_batch){.spans = spans, .span_count = rows.count};
    return 0;
}

/* ---- The canonical order ---- */

static bool same_resource(const struct resource *a, const struct resource *b)
{
    return a == b || (a->dropped_attributes_count == b->dropped_attributes_count &&
                      str_eq(a->schema_url, b->schema_url) && attrs_eq(&a->attrs, &b->attrs));
}

static bool same_scope(const struct scope *a, const struct scope *b)
{
    return a == b || (str_eq(a->name, b->name) && str_eq(a->version, b->version) &&
                      a->dropped_attributes_count == b->dropped_attributes_count &&
                      str_eq(a->schema_url, b->schema_url) && attrs_eq(&a->attrs, &b->attrs));
}

static void unify(struct span_batch *batch)
{
    for (size_t i = 1; i < batch->span_count; i++) {
        struct span *s = &batch->spans[i];
        bool resource = false, scope = false;
        for (size_t k = i; k-- > 0 && !(resource && scope);) {
            const struct span *before = &batch->spans[k];
            if (!resource && same_resource(before->resource, s->resource)) {
                s->resource = before->resource;
                resource = true;
            }
            if (!scope && same_scope(before->scope, s->scope)) {
                s->scope = before->scope;
                scope = true;
            }
        }
    }
}

int trace_canonical(struct span_batch *batch, struct arena *arena)
{
    struct span *out = arena_calloc(arena, batch->span_count, sizeof *out);
    bool *taken = arena_calloc(arena, batch->span_count, sizeof *taken);
    size_t n = 0;
    if (!out || !taken)
        return ERR_NOMEM;
    unify(batch);
    for (size_t i = 0; i < batch->span_count; i++) { /* resources, each with its scopes */
        for (size_t k = i; !taken[i] && k < batch->span_count; k++) {
            const struct span *first = &batch->spans[k];
            if (taken[k] || first->resource != batch->spans[i].resource)
                continue;
            for (size_t m = k; m < batch->span_count; m++) {
                if (taken[m] || batch->spans[m].resource != first->resource ||
                    batch->spans[m].scope != first->scope)
                    continue;
                out[n++] = batch->spans[m];
                taken[m] = true;
            }
            if (k == i)
                taken[i] = false; /* until all scopes of its resource were looked for */
        }
        taken[i] = true;
    }
    batch->spans = out;
    return 0;
}
