/* seal.c - ordering the rows of one or more sources by trace, taking their spans apart into columns, writing these. */
#include "store/seal.h"

#include <stdlib.h>

#include "store/columns.h"
#include "store/mem.h"
#include "store/part_write.h"

/* One trace of one source. */
struct piece {
    struct trace_id id;
    uint64_t start_ns;     /* earliest in this source */
    uint64_t all_start_ns; /* earliest in all of them */
    uint32_t source;
    uint32_t trace; /* index in its source */
};

struct place {
    uint64_t start_ns;
    uint32_t source, row;
};

enum { READER_BYTES = 32 << 20 }; /* of decoded pages: a group or two of each part that is merged */

/* A table of strings that the sources' own are brought together in. */
struct merged {
    struct dict dict;
    uint32_t **maps; /* per source: its id -> the merged id + 1; 0 = not met */
};

struct seal {
    const struct source *sources;
    size_t source_count;
    const struct seal_filter *filter;
    struct columns columns;
    struct page_reader *reader;
    struct part_copier **copiers; /* of each source, once it was needed */
    struct arena scratch;         /* of the span at hand */
    struct merged services, resources, scopes;
    uint32_t *resource_service; /* by merged ids */
    size_t resource_service_cap;
    struct piece *pieces;
    size_t piece_count, piece_cap;
    struct place *rows; /* of the trace being written */
    size_t row_count, row_cap;
};

static void add_piece(struct seal *s, struct piece piece)
{
    s->pieces = mem_grow(s->pieces, &s->piece_cap, s->piece_count + 1, sizeof *s->pieces);
    piece.all_start_ns = piece.start_ns;
    s->pieces[s->piece_count++] = piece;
}

static bool is_kept(const struct seal *s, uint32_t source, uint32_t trace)
{
    return !s->filter || s->filter->keep(source, trace, s->filter->user);
}

static int collect_part(struct seal *s, uint32_t source, struct err *err)
{
    struct part *p = s->sources[source].part;
    const struct part_traces *traces;
    TRY(part_traces(p, &traces, err));
    for (uint32_t t = 0; t < p->trace_count; t++) {
        struct piece piece = {
            .id = traces->ids[t], .start_ns = UINT64_MAX, .source = source, .trace = t};
        if (!is_kept(s, source, t) || source_row_dead(&s->sources[source], traces->first_rows[t]))
            continue; /* in a part, a trace is dead as a whole */
        for (uint32_t row = traces->first_rows[t]; row < traces->first_rows[t + 1]; row++) {
            const struct part_rows *rows;
            uint64_t start;
            TRY(page_rows(s->reader, p, row / PART_GROUP_ROWS, ROWS_START, &rows, err));
            start = rows->start_ns[row % PART_GROUP_ROWS];
            piece.start_ns = start < piece.start_ns ? start : piece.start_ns;
        }
        add_piece(s, piece);
    }
    return 0;
}

/* A trace that was deleted and has gone on since starts with its first row that is not dead. */
static uint64_t live_start(const struct source *src, const struct head_trace *trace)
{
    uint64_t first = UINT64_MAX;
    if (!src->dead)
        return trace->start_ns;
    for (uint32_t row = trace->last_row; row != HEAD_NO_ROW;
         row = head_chunk(src->head, row)->previous[row % HEAD_CHUNK_ROWS]) {
        uint64_t start = head_chunk(src->head, row)->start_ns[row % HEAD_CHUNK_ROWS];
        if (!source_row_dead(src, row) && start < first)
            first = start;
    }
    return first;
}

static void collect_head(struct seal *s, uint32_t source)
{
    const struct head *h = s->sources[source].head;
    for (uint32_t t = 0; t < h->trace_count; t++) {
        if (is_kept(s, source, t))
            add_piece(s, (struct piece){.id = h->traces[t].id,
                                        .start_ns = live_start(&s->sources[source], &h->traces[t]),
                                        .source = source,
                                        .trace = t});
    }
}

static int by_id(const void *a, const void *b)
{
    const struct piece *x = a, *y = b;
    int c = memcmp(x->id.bytes, y->id.bytes, sizeof x->id.bytes);
    return c ? c : (x->source > y->source) - (x->source < y->source);
}

static int by_start(const void *a, const void *b)
{
    const struct piece *x = a, *y = b;
    if (x->all_start_ns != y->all_start_ns)
        return x->all_start_ns < y->all_start_ns ? -1 : 1;
    return by_id(a, b);
}

static int place_cmp(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->start_ns != y->start_ns)
        return x->start_ns < y->start_ns ? -1 : 1;
    if (x->source != y->source)
        return x->source < y->source ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

/* Orders the pieces so that those of one trace stand together and the traces by their first start. */
static void order_pieces(struct seal *s)
{
    size_t end;
    if (s->source_count > 1 && s->piece_count) {
        qsort(s->pieces, s->piece_count, sizeof *s->pieces, by_id);
        for (size_t i = 0; i < s->piece_count; i = end) {
            uint64_t first = UINT64_MAX;
            for (end = i; end < s->piece_count && trace_id_eq(s->pieces[end].id, s->pieces[i].id);
                 end++)
                first = s->pieces[end].start_ns < first ? s->pieces[end].start_ns : first;
            for (size_t k = i; k < end; k++)
                s->pieces[k].all_start_ns = first;
        }
    }
    if (s->piece_count)
        qsort(s->pieces, s->piece_count, sizeof *s->pieces, by_start);
}

static void add_place(struct seal *s, uint32_t source, uint32_t row, uint64_t start_ns)
{
    if (source_row_dead(&s->sources[source], row))
        return;
    s->rows = mem_grow(s->rows, &s->row_cap, s->row_count + 1, sizeof *s->rows);
    s->rows[s->row_count++] = (struct place){start_ns, source, row};
}

static int add_piece_rows(struct seal *s, const struct piece *piece, struct err *err)
{
    const struct source *src = &s->sources[piece->source];
    const struct part_traces *traces;
    if (src->head) {
        uint32_t row = src->head->traces[piece->trace].last_row;
        for (; row != HEAD_NO_ROW;
             row = head_chunk(src->head, row)->previous[row % HEAD_CHUNK_ROWS])
            add_place(s, piece->source, row,
                      head_chunk(src->head, row)->start_ns[row % HEAD_CHUNK_ROWS]);
        return 0;
    }
    TRY(part_traces(src->part, &traces, err));
    for (uint32_t row = traces->first_rows[piece->trace];
         row < traces->first_rows[piece->trace + 1]; row++) {
        const struct part_rows *rows;
        TRY(page_rows(s->reader, src->part, row / PART_GROUP_ROWS, ROWS_START, &rows, err));
        add_place(s, piece->source, row, rows->start_ns[row % PART_GROUP_ROWS]);
    }
    return 0;
}

/* The merged id of a source's string; *ret_new tells whether it was met for the first time. */
static uint32_t merged_id(struct seal *s, struct merged *m, uint32_t source,
                          enum source_table table, uint32_t id, bool *ret_new)
{
    uint32_t *place = &m->maps[source][id], known = m->dict.count;
    *ret_new = false;
    if (!*place) {
        *place = dict_intern(&m->dict, source_string(&s->sources[source], table, id)) + 1;
        *ret_new = m->dict.count > known;
    }
    return *place - 1;
}

/* The merged number of a row's resource; a new one brings its service. */
static uint32_t resource_of(struct seal *s, uint32_t source, uint32_t resource, uint32_t service)
{
    bool is_new, ignored;
    uint32_t id = merged_id(s, &s->resources, source, SOURCE_RESOURCES, resource, &is_new);
    if (is_new) {
        s->resource_service = mem_grow(s->resource_service, &s->resource_service_cap,
                                       (size_t)id + 1, sizeof *s->resource_service);
        s->resource_service[id] =
            merged_id(s, &s->services, source, SOURCE_SERVICES, service, &ignored);
    }
    return id;
}

static int add_head_row(struct seal *s, const struct place *place, struct err *err)
{
    const struct source *src = &s->sources[place->source];
    const struct head_chunk *c = head_chunk(src->head, place->row);
    uint32_t i = place->row % HEAD_CHUNK_ROWS;
    struct span span = {.resource = NULL};
    bool ignored;
    arena_reset(&s->scratch);
    TRY(source_span(src, s->reader, place->row, &s->scratch, false, &span, err));
    columns_add(&s->columns, &span, resource_of(s, place->source, c->resource[i], c->service[i]),
                merged_id(s, &s->scopes, place->source, SOURCE_SCOPES, c->scope[i], &ignored),
                true);
    return 0;
}

static int add_part_row(struct seal *s, const struct place *place, struct trace_id id,
                        struct err *err)
{
    struct part *p = s->sources[place->source].part;
    uint32_t i = place->row % PART_GROUP_ROWS;
    const struct part_rows *rows;
    bool ignored;
    TRY(page_rows(s->reader, p, place->row / PART_GROUP_ROWS, ROWS_ALL, &rows, err));
    if (!s->copiers[place->source])
        s->copiers[place->source] = part_copier_new(s->reader, p, &s->columns);
    return part_copy_row(
        s->copiers[place->source], place->row, id,
        resource_of(s, place->source, rows->resource[i], rows->service[i]),
        merged_id(s, &s->scopes, place->source, SOURCE_SCOPES, rows->scope[i], &ignored), err);
}

static int add_row(struct seal *s, const struct place *place, struct trace_id id, struct err *err)
{
    TRY(s->sources[place->source].head ? add_head_row(s, place, err)
                                       : add_part_row(s, place, id, err));
    return s->columns.failed ? err_set(err, ERR_NOMEM, "out of memory for a part") : 0;
}

static int add_traces(struct seal *s, const _Atomic int *stop, struct err *err)
{
    size_t end;
    for (size_t i = 0; i < s->piece_count; i = end) {
        if (stop && atomic_load_explicit(stop, memory_order_relaxed))
            return err_set(err, ERR_CANCELLED, "stopping");
        s->row_count = 0;
        for (end = i; end < s->piece_count && trace_id_eq(s->pieces[end].id, s->pieces[i].id);
             end++)
            TRY(add_piece_rows(s, &s->pieces[end], err));
        if (s->row_count)
            qsort(s->rows, s->row_count, sizeof *s->rows, place_cmp);
        for (size_t k = 0; k < s->row_count; k++)
            TRY(add_row(s, &s->rows[k], s->pieces[i].id, err));
    }
    return 0;
}

static void merged_init(struct seal *s, struct merged *m, const uint32_t *counts)
{
    m->maps = mem_calloc(s->source_count, sizeof *m->maps);
    for (size_t i = 0; i < s->source_count; i++)
        m->maps[i] = mem_calloc(counts[i], sizeof **m->maps);
}

static void merged_release(struct seal *s, struct merged *m)
{
    for (size_t i = 0; m->maps && i < s->source_count; i++)
        free(m->maps[i]);
    free(m->maps);
    dict_release(&m->dict);
}

static int prepare(struct seal *s, struct err *err)
{
    uint32_t *services = mem_calloc(s->source_count * 3, sizeof *services);
    uint32_t *resources = services + s->source_count, *scopes = resources + s->source_count;
    for (size_t i = 0; i < s->source_count; i++) {
        services[i] = s->sources[i].service_count;
        resources[i] = s->sources[i].resource_count;
        scopes[i] = s->sources[i].scope_count;
    }
    merged_init(s, &s->services, services);
    merged_init(s, &s->resources, resources);
    merged_init(s, &s->scopes, scopes);
    free(services);
    for (uint32_t i = 0; i < s->source_count; i++) {
        const struct source *src = &s->sources[i];
        for (enum source_table t = SOURCE_SERVICES; t <= SOURCE_SCOPES; t++)
            TRY(source_need_table(src, t, err));
        if (src->head)
            collect_head(s, i);
        else
            TRY(collect_part(s, i, err));
    }
    order_pieces(s);
    return 0;
}

/* A dictionary's entries as an array. */
static struct str *strings_of(const struct dict *d)
{
    struct str *strings = mem_calloc(d->count, sizeof *strings);
    for (uint32_t i = 0; i < d->count; i++)
        strings[i] = dict_get(d, i);
    return strings;
}

static int write_columns(struct seal *s, const char *path, int zstd_level, const _Atomic int *stop,
                         struct manifest_part *ret_identity, struct err *err)
{
    struct str *services = strings_of(&s->services.dict);
    struct str *resources = strings_of(&s->resources.dict);
    struct str *scopes = strings_of(&s->scopes.dict);
    struct part_strings_in in = {
        .services = services,
        .resources = resources,
        .scopes = scopes,
        .resource_service = s->resource_service,
        .service_count = s->services.dict.count,
        .resource_count = s->resources.dict.count,
        .scope_count = s->scopes.dict.count,
    };
    int rc = part_write(&s->columns, &in, path, zstd_level, stop, ret_identity, err);
    free(services);
    free(resources);
    free(scopes);
    return rc;
}

static void release(struct seal *s)
{
    merged_release(s, &s->services);
    merged_release(s, &s->resources);
    merged_release(s, &s->scopes);
    for (size_t i = 0; i < s->source_count; i++)
        part_copier_free(s->copiers[i]);
    free(s->copiers);
    free(s->resource_service);
    columns_release(&s->columns);
    arena_release(&s->scratch);
    page_reader_free(s->reader);
    free(s->pieces);
    free(s->rows);
}

int seal_write(const struct source *sources, size_t count, const char *path, int zstd_level,
               const struct seal_filter *filter, const _Atomic int *stop,
               struct manifest_part *ret_identity, struct err *err)
{
    struct seal s = {.sources = sources, .source_count = count, .filter = filter};
    int rc;
    columns_init(&s.columns);
    arena_init(&s.scratch, 0);
    s.reader = page_reader_new(READER_BYTES);
    s.copiers = mem_calloc(count, sizeof *s.copiers);
    rc = prepare(&s, err);
    if (rc == 0)
        rc = add_traces(&s, stop, err);
    if (rc == 0 && !s.columns.rows[TABLE_SPANS])
        rc = err_set(err, ERR_NOT_FOUND, "nothing is to be written");
    if (rc == 0)
        rc = write_columns(&s, path, zstd_level, stop, ret_identity, err);
    release(&s);
    return rc;
}
