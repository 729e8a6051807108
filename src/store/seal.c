/* seal.c - ordering the rows of one or more sources by trace and streaming them into a part writer. */
#include "store/seal.h"

#include <stdlib.h>

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

struct seal {
    const struct source *sources;
    size_t source_count;
    struct part_writer *writer;
    struct span_reader *reader;
    uint32_t **maps[PART_DICT_COUNT]; /* per source: its id -> the writer's id + 1; 0 = not met */
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

static int collect_part(struct seal *s, uint32_t source, struct err *err)
{
    struct part *p = s->sources[source].part;
    const uint32_t *first;
    const uint64_t *start;
    TRY(part_need(p, PART_ROW_BITS | PART_TRACE_BITS, err));
    first = PART_COLUMN(p, PART_TRACE_FIRST_ROW, uint32_t);
    start = PART_COLUMN(p, PART_START_NS, uint64_t);
    for (uint32_t t = 0; t < p->trace_count; t++) {
        struct piece piece = {.id = PART_COLUMN(p, PART_TRACE_ID, struct trace_id)[t],
                              .start_ns = UINT64_MAX,
                              .source = source,
                              .trace = t};
        for (uint32_t row = first[t]; row < part_trace_end(p, t); row++)
            piece.start_ns = start[row] < piece.start_ns ? start[row] : piece.start_ns;
        add_piece(s, piece);
    }
    return 0;
}

static void collect_head(struct seal *s, uint32_t source)
{
    const struct head *h = s->sources[source].head;
    for (uint32_t t = 0; t < h->trace_count; t++)
        add_piece(s, (struct piece){.id = h->traces[t].id,
                                    .start_ns = h->traces[t].start_ns,
                                    .source = source,
                                    .trace = t});
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
    if (s->source_count > 1) {
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
    qsort(s->pieces, s->piece_count, sizeof *s->pieces, by_start);
}

static void add_place(struct seal *s, uint32_t source, uint32_t row, uint64_t start_ns)
{
    s->rows = mem_grow(s->rows, &s->row_cap, s->row_count + 1, sizeof *s->rows);
    s->rows[s->row_count++] = (struct place){start_ns, source, row};
}

static void add_piece_rows(struct seal *s, const struct piece *piece)
{
    const struct source *src = &s->sources[piece->source];
    if (src->head) {
        uint32_t row = src->head->traces[piece->trace].last_row;
        for (; row != HEAD_NO_ROW;
             row = head_chunk(src->head, row)->previous[row % HEAD_CHUNK_ROWS])
            add_place(s, piece->source, row,
                      head_chunk(src->head, row)->start_ns[row % HEAD_CHUNK_ROWS]);
        return;
    }
    uint32_t end = part_trace_end(src->part, piece->trace);
    uint32_t row = PART_COLUMN(src->part, PART_TRACE_FIRST_ROW, uint32_t)[piece->trace];
    for (; row < end; row++)
        add_place(s, piece->source, row, PART_COLUMN(src->part, PART_START_NS, uint64_t)[row]);
}

static uint32_t map_id(struct seal *s, uint32_t source, enum part_dict dict,
                       enum source_table table, uint32_t id)
{
    uint32_t *place = &s->maps[dict][source][id];
    if (!*place)
        *place =
            part_writer_intern(s->writer, dict, source_string(&s->sources[source], table, id)) + 1;
    return *place - 1;
}

static int write_row(struct seal *s, const struct place *place, struct trace_id id, struct err *err)
{
    const struct source *src = &s->sources[place->source];
    struct row row;
    struct str body;
    TRY(source_row(src, place->row, &row, err));
    TRY(source_span_body(src, s->reader, place->row, &body, err));
    struct part_row out = {
        .trace_id = id,
        .span_id = row.span_id,
        .parent_id = row.parent_id,
        .start_ns = row.start_ns,
        .duration_ns = row.duration_ns,
        .service = map_id(s, place->source, PART_DICT_SERVICE, SOURCE_SERVICES, row.service),
        .name = map_id(s, place->source, PART_DICT_NAME, SOURCE_NAMES, row.name),
        .resource = map_id(s, place->source, PART_DICT_RESOURCE, SOURCE_RESOURCES, row.resource),
        .scope = map_id(s, place->source, PART_DICT_SCOPE, SOURCE_SCOPES, row.scope),
        .kind = row.kind,
        .status = row.status,
    };
    return part_writer_add(s->writer, &out, body, err);
}

static int write_traces(struct seal *s, const _Atomic int *stop, struct err *err)
{
    size_t end;
    for (size_t i = 0; i < s->piece_count; i = end) {
        if (stop && atomic_load_explicit(stop, memory_order_relaxed))
            return err_set(err, ERR_CANCELLED, "stopping");
        s->row_count = 0;
        for (end = i; end < s->piece_count && trace_id_eq(s->pieces[end].id, s->pieces[i].id);
             end++)
            add_piece_rows(s, &s->pieces[end]);
        qsort(s->rows, s->row_count, sizeof *s->rows, place_cmp);
        for (size_t k = 0; k < s->row_count; k++)
            TRY(write_row(s, &s->rows[k], s->pieces[i].id, err));
    }
    return 0;
}

static int prepare(struct seal *s, struct err *err)
{
    for (int d = 0; d < PART_DICT_COUNT; d++)
        s->maps[d] = mem_calloc(s->source_count, sizeof *s->maps[d]);
    for (uint32_t i = 0; i < s->source_count; i++) {
        const struct source *src = &s->sources[i];
        for (enum source_table t = SOURCE_SERVICES; t <= SOURCE_SCOPES; t++)
            TRY(source_need_table(src, t, err));
        s->maps[PART_DICT_SERVICE][i] = mem_calloc(src->service_count, sizeof(uint32_t));
        s->maps[PART_DICT_NAME][i] = mem_calloc(src->name_count, sizeof(uint32_t));
        s->maps[PART_DICT_RESOURCE][i] = mem_calloc(src->resource_count, sizeof(uint32_t));
        s->maps[PART_DICT_SCOPE][i] = mem_calloc(src->scope_count, sizeof(uint32_t));
        if (src->head)
            collect_head(s, i);
        else
            TRY(collect_part(s, i, err));
    }
    order_pieces(s);
    return 0;
}

static void release(struct seal *s)
{
    for (int d = 0; d < PART_DICT_COUNT; d++) {
        for (size_t i = 0; s->maps[d] && i < s->source_count; i++)
            free(s->maps[d][i]);
        free(s->maps[d]);
    }
    part_writer_free(s->writer);
    span_reader_free(s->reader);
    free(s->pieces);
    free(s->rows);
}

int seal_write(const struct source *sources, size_t count, const char *path, int zstd_level,
               const _Atomic int *stop, struct manifest_part *ret_identity, struct err *err)
{
    struct seal s = {.sources = sources, .source_count = count};
    int rc = part_writer_new(path, zstd_level, &s.writer, err);
    s.reader = span_reader_new((unsigned)count * 2);
    if (rc == 0)
        rc = prepare(&s, err);
    if (rc == 0)
        rc = write_traces(&s, stop, err);
    if (rc == 0)
        rc = part_writer_finish(s.writer, ret_identity, err);
    release(&s);
    return rc;
}
