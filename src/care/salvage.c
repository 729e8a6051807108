/* salvage.c - which rows are readable, and their way into new columns. */
#include "care/salvage.h"

#include <stdlib.h>

#include "store/mem.h"
#include "store/part_page.h"
#include "store/part_write.h"

enum { READER_BYTES = 64 << 20, SALVAGE_LEVEL = 3, SPAN_BYTES_MAX = 1 << 30 };

/* The entries of a table that saved rows need. */
struct used {
    const struct part_strings *all;
    uint32_t *numbers; /* new number + 1; 0 = not needed so far */
    struct str *items;
    uint32_t count;
};

struct piece {
    struct trace_id id;
    uint64_t start_ns;
    uint32_t first_row, end_row;
};

struct rescue {
    struct part *p;
    const struct care_watcher *w;
    const struct part_traces *traces;
    struct page_reader *reader;
    struct arena arena;
    struct columns columns;
    struct used services, resources, scopes;
    uint32_t *resource_service;
    bool *bad; /* by row */
    struct piece *pieces;
};

static int used_init(struct used *u, struct part *p, enum part_table table, struct err *err)
{
    TRY(part_table(p, table, &u->all, err));
    u->numbers = mem_calloc(u->all->count, sizeof *u->numbers);
    u->items = mem_calloc(u->all->count, sizeof *u->items);
    return 0;
}

static uint32_t used_number(struct used *u, uint32_t id)
{
    if (!u->numbers[id]) {
        u->items[u->count] = u->all->items[id];
        u->numbers[id] = ++u->count;
    }
    return u->numbers[id] - 1;
}

static void used_release(struct used *u)
{
    free(u->numbers);
    free(u->items);
}

static int read_row(struct rescue *r, uint32_t row, struct span *span, struct err *err)
{
    *span = (struct span){.resource = NULL};
    arena_reset(&r->arena);
    return page_span(r->reader, r->p, row, &r->arena, false, span, err);
}

/* Marks what cannot be read. A group whose fixed columns are bad is not tried row by row. */
static int mark_bad(struct rescue *r, uint64_t *lost, struct err *err)
{
    for (uint32_t row = 0; row < r->p->row_count; row++) {
        const struct part_rows *rows;
        struct span span;
        int rc;
        if (row % PART_GROUP_ROWS == 0) {
            uint32_t end =
                r->p->row_count - row < PART_GROUP_ROWS ? r->p->row_count : row + PART_GROUP_ROWS;
            if (care_stopped(r->w))
                return err_set(err, ERR_CANCELLED, "interrupted");
            rc = page_rows(r->reader, r->p, row / PART_GROUP_ROWS, ROWS_ALL, &rows, err);
            if (rc < 0 && rc != ERR_CORRUPT)
                return rc;
            if (rc < 0) {
                memset(r->bad + row, 1, end - row);
                *lost += end - row;
                row = end - 1;
                continue;
            }
        }
        rc = read_row(r, row, &span, err);
        if (rc < 0 && rc != ERR_CORRUPT && rc != ERR_TOO_LARGE)
            return rc;
        r->bad[row] = rc < 0;
        *lost += rc < 0;
    }
    return 0;
}

static int piece_cmp(const void *a, const void *b)
{
    const struct piece *x = a, *y = b;
    if (x->start_ns != y->start_ns)
        return x->start_ns < y->start_ns ? -1 : 1;
    return memcmp(x->id.bytes, y->id.bytes, sizeof x->id.bytes);
}

/* A part's traces stand in the order of their first starts, and some of these may be lost. */
static int order_traces(struct rescue *r, struct err *err)
{
    r->pieces = mem_calloc(r->p->trace_count, sizeof *r->pieces);
    for (uint32_t t = 0; t < r->p->trace_count; t++) {
        struct piece *piece = &r->pieces[t];
        *piece = (struct piece){r->traces->ids[t], UINT64_MAX, r->traces->first_rows[t],
                                r->traces->first_rows[t + 1]};
        for (uint32_t row = piece->first_row; row < piece->end_row; row++) {
            const struct part_rows *rows;
            if (r->bad[row])
                continue;
            TRY(page_rows(r->reader, r->p, row / PART_GROUP_ROWS, ROWS_START, &rows, err));
            if (rows->start_ns[row % PART_GROUP_ROWS] < piece->start_ns)
                piece->start_ns = rows->start_ns[row % PART_GROUP_ROWS];
        }
    }
    qsort(r->pieces, r->p->trace_count, sizeof *r->pieces, piece_cmp);
    return 0;
}

static int copy_row(struct rescue *r, const struct piece *piece, uint32_t row, struct err *err)
{
    uint32_t i = row % PART_GROUP_ROWS, resource;
    const struct part_rows *rows;
    struct span span;
    TRY(read_row(r, row, &span, err));
    span.trace_id = piece->id;
    TRY(page_rows(r->reader, r->p, row / PART_GROUP_ROWS, ROWS_ALL, &rows, err));
    resource = used_number(&r->resources, rows->resource[i]);
    r->resource_service[resource] = used_number(&r->services, rows->service[i]);
    columns_add(&r->columns, &span, resource, used_number(&r->scopes, rows->scope[i]), false);
    return r->columns.failed ? err_set(err, ERR_NOMEM, "out of memory") : 0;
}

static int copy_rows(struct rescue *r, uint64_t *count, struct err *err)
{
    for (uint32_t t = 0; t < r->p->trace_count; t++) {
        const struct piece *piece = &r->pieces[t];
        if (care_stopped(r->w))
            return err_set(err, ERR_CANCELLED, "interrupted");
        for (uint32_t row = piece->first_row; row < piece->end_row; row++) {
            if (r->bad[row])
                continue;
            TRY(copy_row(r, piece, row, err));
            ++*count;
        }
    }
    return 0;
}

static int write_part(struct rescue *r, const char *to, struct salvage *ret, struct err *err)
{
    struct part_strings_in in = {
        .services = r->services.items,
        .resources = r->resources.items,
        .scopes = r->scopes.items,
        .resource_service = r->resource_service,
        .service_count = r->services.count,
        .resource_count = r->resources.count,
        .scope_count = r->scopes.count,
    };
    return part_write(&r->columns, &in, to, SALVAGE_LEVEL, r->w->stop, &ret->identity, err);
}

static int prepare(struct rescue *r, struct err *err)
{
    const struct part_strings *names;
    TRY(part_table(r->p, PART_NAMES, &names, err));
    TRY(used_init(&r->services, r->p, PART_SERVICES, err));
    TRY(used_init(&r->resources, r->p, PART_RESOURCES, err));
    TRY(used_init(&r->scopes, r->p, PART_SCOPES, err));
    r->resource_service = mem_calloc(r->resources.all->count, sizeof *r->resource_service);
    r->bad = mem_calloc(r->p->row_count, sizeof *r->bad);
    return part_traces(r->p, &r->traces, err);
}

static void release(struct rescue *r)
{
    used_release(&r->services);
    used_release(&r->resources);
    used_release(&r->scopes);
    columns_release(&r->columns);
    arena_release(&r->arena);
    page_reader_free(r->reader);
    free(r->resource_service);
    free(r->pieces);
    free(r->bad);
    part_unref(r->p);
}

int salvage_part(const char *from, uint64_t number, const char *to, const struct care_watcher *w,
                 struct salvage *ret, struct err *err)
{
    struct rescue r = {.w = w};
    int rc = part_open_damaged(from, number, &r.p, err);
    *ret = (struct salvage){0};
    if (rc < 0)
        return rc == ERR_CORRUPT ? 0 : rc;
    columns_init(&r.columns);
    arena_init(&r.arena, SPAN_BYTES_MAX);
    r.reader = page_reader_new(READER_BYTES);
    rc = prepare(&r, err);
    if (rc == ERR_CORRUPT) {
        ret->lost = r.p->row_count;
        rc = 0;
        goto out;
    }
    if (rc == 0)
        rc = mark_bad(&r, &ret->lost, err);
    if (rc == 0)
        rc = order_traces(&r, err);
    if (rc == 0)
        rc = copy_rows(&r, &ret->rows, err);
    if (rc == 0 && ret->rows)
        rc = write_part(&r, to, ret, err);
out:
    release(&r);
    return rc;
}
