/* seal_order.c - traces are sorted, rows are dealt out to them in one pass over each source. */
#include "store/seal_order.h"

#include <stdlib.h>

#include "store/mem.h"

/* One trace of one source. */
struct piece {
    struct trace_id id;
    uint64_t start_ns; /* earliest in this source, then in all of them */
    uint32_t source, trace;
    uint32_t rows;
};

struct ordering {
    const struct source *sources;
    size_t source_count;
    struct page_reader *reader;
    struct piece *pieces;
    size_t count, cap;
    size_t **next; /* of each source, of each trace: where its next row goes */
};

static void add_piece(struct ordering *o, struct piece piece)
{
    o->pieces = mem_grow(o->pieces, &o->cap, o->count + 1, sizeof *o->pieces);
    o->pieces[o->count++] = piece;
}

static void collect_head(struct ordering *o, uint32_t source)
{
    const struct head *h = o->sources[source].head;
    for (uint32_t t = 0; t < h->trace_count; t++)
        add_piece(o, (struct piece){.id = h->traces[t].id,
                                    .start_ns = h->traces[t].start_ns,
                                    .source = source,
                                    .trace = t,
                                    .rows = h->traces[t].row_count});
}

static int row_start(struct ordering *o, struct part *p, uint32_t row, uint64_t *ret,
                     struct err *err)
{
    const struct part_rows *rows;
    TRY(page_rows(o->reader, p, row / PART_GROUP_ROWS, ROWS_START, &rows, err));
    *ret = rows->start_ns[row % PART_GROUP_ROWS];
    return 0;
}

static int collect_part(struct ordering *o, uint32_t source, struct err *err)
{
    struct part *p = o->sources[source].part;
    const struct part_traces *traces;
    TRY(part_traces(p, &traces, err));
    for (uint32_t t = 0; t < p->trace_count; t++) {
        struct piece piece = {.id = traces->ids[t],
                              .start_ns = UINT64_MAX,
                              .source = source,
                              .trace = t,
                              .rows = traces->first_rows[t + 1] - traces->first_rows[t]};
        for (uint32_t i = 0; i < piece.rows; i++) {
            uint64_t start;
            TRY(row_start(o, p, traces->first_rows[t] + i, &start, err));
            piece.start_ns = start < piece.start_ns ? start : piece.start_ns;
        }
        add_piece(o, piece);
    }
    return 0;
}

/* ---- Traces ---- */

static int by_id(const void *a, const void *b)
{
    const struct piece *x = a, *y = b;
    int c = memcmp(x->id.bytes, y->id.bytes, sizeof x->id.bytes);
    return c ? c : (x->source > y->source) - (x->source < y->source);
}

static int by_start(const void *a, const void *b)
{
    const struct piece *x = a, *y = b;
    if (x->start_ns != y->start_ns)
        return x->start_ns < y->start_ns ? -1 : 1;
    return by_id(a, b);
}

static void sort_pieces(struct ordering *o)
{
    size_t end;
    if (o->source_count > 1) {
        qsort(o->pieces, o->count, sizeof *o->pieces, by_id);
        for (size_t i = 0; i < o->count; i = end) {
            uint64_t first = UINT64_MAX;
            for (end = i; end < o->count && trace_id_eq(o->pieces[end].id, o->pieces[i].id); end++)
                first = o->pieces[end].start_ns < first ? o->pieces[end].start_ns : first;
            for (size_t k = i; k < end; k++)
                o->pieces[k].start_ns = first;
        }
    }
    qsort(o->pieces, o->count, sizeof *o->pieces, by_start);
}

/* The traces in order, and where the rows of each of their pieces begin. */
static void lay_out(struct ordering *o, struct seal_order *ret)
{
    o->next = mem_calloc(o->source_count, sizeof *o->next);
    for (size_t i = 0; i < o->source_count; i++) {
        const struct source *s = &o->sources[i];
        o->next[i] =
            mem_alloc((s->head ? s->head->trace_count : s->part->trace_count) * sizeof **o->next);
    }
    ret->traces = mem_alloc((o->count + 1) * sizeof *ret->traces);
    for (size_t i = 0; i < o->count; i++) {
        const struct piece *p = &o->pieces[i];
        if (i == 0 || !trace_id_eq(p->id, o->pieces[i - 1].id))
            ret->traces[ret->trace_count++] = (struct seal_trace){p->id, ret->place_count};
        o->next[p->source][p->trace] = ret->place_count;
        ret->place_count += p->rows;
    }
    ret->traces[ret->trace_count] = (struct seal_trace){{{0}}, ret->place_count};
    ret->places = mem_alloc(ret->place_count * sizeof *ret->places);
}

/* ---- Rows ---- */

static void deal_head(struct ordering *o, uint32_t source, struct seal_order *ret)
{
    const struct source *s = &o->sources[source];
    for (uint32_t row = 0; row < s->row_count; row++) {
        const struct head_chunk *c = head_chunk(s->head, row);
        uint32_t i = row % HEAD_CHUNK_ROWS;
        ret->places[o->next[source][c->trace[i]]++] =
            (struct seal_place){c->start_ns[i], source, row};
    }
}

static int deal_part(struct ordering *o, uint32_t source, struct seal_order *ret, struct err *err)
{
    struct part *p = o->sources[source].part;
    const struct part_traces *traces;
    TRY(part_traces(p, &traces, err));
    for (uint32_t t = 0; t < p->trace_count; t++) {
        for (uint32_t row = traces->first_rows[t]; row < traces->first_rows[t + 1]; row++) {
            struct seal_place place = {.source = source, .row = row};
            TRY(row_start(o, p, row, &place.start_ns, err));
            ret->places[o->next[source][t]++] = place;
        }
    }
    return 0;
}

static int place_cmp(const void *a, const void *b)
{
    const struct seal_place *x = a, *y = b;
    if (x->start_ns != y->start_ns)
        return x->start_ns < y->start_ns ? -1 : 1;
    if (x->source != y->source)
        return x->source < y->source ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

/* Most traces are short, where calls for each comparison cost more than the moves. */
static void sort_places(struct seal_place *places, size_t count)
{
    enum { SHORT = 40 };
    if (count > SHORT) {
        qsort(places, count, sizeof *places, place_cmp);
        return;
    }
    for (size_t i = 1; i < count; i++) {
        struct seal_place place = places[i];
        size_t at = i;
        for (; at > 0 && place_cmp(&places[at - 1], &place) > 0; at--)
            places[at] = places[at - 1];
        places[at] = place;
    }
}

static int deal_rows(struct ordering *o, struct seal_order *ret, struct err *err)
{
    for (uint32_t i = 0; i < o->source_count; i++) {
        if (o->sources[i].head)
            deal_head(o, i, ret);
        else
            TRY(deal_part(o, i, ret, err));
    }
    for (size_t i = 0; i < ret->trace_count; i++)
        sort_places(ret->places + ret->traces[i].first,
                    ret->traces[i + 1].first - ret->traces[i].first);
    return 0;
}

int seal_order_make(const struct source *sources, size_t count, struct page_reader *reader,
                    struct seal_order *ret, struct err *err)
{
    struct ordering o = {.sources = sources, .source_count = count, .reader = reader};
    int rc = 0;
    *ret = (struct seal_order){.places = NULL};
    for (uint32_t i = 0; i < count && rc == 0; i++) {
        if (sources[i].head)
            collect_head(&o, i);
        else
            rc = collect_part(&o, i, err);
    }
    if (rc == 0) {
        sort_pieces(&o);
        lay_out(&o, ret);
        rc = deal_rows(&o, ret, err);
    }
    for (size_t i = 0; o.next && i < count; i++)
        free(o.next[i]);
    free(o.next);
    free(o.pieces);
    return rc;
}

void seal_order_release(struct seal_order *o)
{
    free(o->places);
    free(o->traces);
}
