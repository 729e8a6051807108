/* source.c - the two kinds of source behind one set of functions. */
#include "store/source.h"

#include <stdlib.h>

#include "store/mem.h"
#include "wire/otlp_pb.h"

uint32_t source_group_rows_max(const struct source *s)
{
    return s->head ? (uint32_t)HEAD_CHUNK_ROWS : (uint32_t)PART_GROUP_ROWS;
}

uint32_t source_group_count(const struct source *s)
{
    uint32_t rows = source_group_rows_max(s);
    return (uint32_t)(((uint64_t)s->row_count + rows - 1) / rows);
}

uint32_t source_group_of(const struct source *s, uint32_t row)
{
    return row / source_group_rows_max(s);
}

uint32_t source_group_first(const struct source *s, uint32_t group)
{
    return group * source_group_rows_max(s);
}

uint32_t source_group_rows(const struct source *s, uint32_t group)
{
    uint32_t left = s->row_count - source_group_first(s, group), max = source_group_rows_max(s);
    return left < max ? left : max;
}

struct group_range source_group_range(const struct source *s, uint32_t group)
{
    struct group_range range = {.start_min_ns = UINT64_MAX};
    const struct head_chunk *c;
    if (s->part) {
        const struct part_group *g = &s->part->groups[group];
        return (struct group_range){g->start_min_ns, g->start_max_ns, g->duration_max_ns};
    }
    c = s->head->chunks[group];
    for (uint32_t i = 0; i < source_group_rows(s, group); i++) {
        uint64_t start = c->start_ns[i], duration = c->duration_ns[i];
        range.start_min_ns = start < range.start_min_ns ? start : range.start_min_ns;
        range.start_max_ns = start > range.start_max_ns ? start : range.start_max_ns;
        range.duration_max_ns = duration > range.duration_max_ns ? duration : range.duration_max_ns;
    }
    return range;
}

static void head_group(const struct source *s, uint32_t group, struct row_group *ret)
{
    const struct head_chunk *c = s->head->chunks[group];
    *ret = (struct row_group){
        .first_row = group * HEAD_CHUNK_ROWS,
        .count = source_group_rows(s, group),
        .start_ns = c->start_ns,
        .duration_ns = c->duration_ns,
        .span_id = c->span_id,
        .parent_id = c->parent_id,
        .service = c->service,
        .name = c->name,
        .resource = c->resource,
        .scope = c->scope,
        .kind = c->kind,
        .status = c->status,
    };
}

int source_group(const struct source *s, struct page_reader *r, uint32_t group, unsigned need,
                 struct row_group *ret, struct err *err)
{
    const struct part_rows *rows;
    if (s->head) {
        head_group(s, group, ret);
        return 0;
    }
    TRY(page_rows(r, s->part, group, need, &rows, err));
    *ret = (struct row_group){
        .first_row = rows->first_row,
        .count = rows->count,
        .start_ns = rows->start_ns,
        .duration_ns = rows->duration_ns,
        .span_id = rows->span_id,
        .parent_id = rows->parent_id,
        .service = rows->service,
        .name = rows->name,
        .resource = rows->resource,
        .scope = rows->scope,
        .kind = rows->kind,
        .status = rows->status,
    };
    return 0;
}

int source_row(const struct source *s, struct page_reader *r, uint32_t row, struct row *ret,
               struct err *err)
{
    struct row_group g;
    uint32_t i;
    TRY(source_group(s, r, source_group_of(s, row), ROWS_ALL, &g, err));
    i = row - g.first_row;
    *ret = (struct row){
        .span_id = g.span_id[i],
        .parent_id = g.parent_id[i],
        .start_ns = g.start_ns[i],
        .duration_ns = g.duration_ns[i],
        .service = g.service[i],
        .name = g.name[i],
        .resource = g.resource[i],
        .scope = g.scope[i],
        .kind = g.kind[i],
        .status = g.status[i],
    };
    return 0;
}

int source_trace_id(const struct source *s, uint32_t row, struct trace_id *ret, struct err *err)
{
    if (s->part)
        return part_trace_of_row(s->part, row, ret, err);
    *ret = head_chunk(s->head, row)->trace_id[row % HEAD_CHUNK_ROWS];
    return 0;
}

static int push(struct arena *arena, struct row_refs *rows, uint32_t index, uint32_t row,
                struct err *err)
{
    struct row_ref *items =
        arena_grow(arena, rows->items, rows->count, &rows->cap, rows->count + 1, sizeof *items);
    if (!items)
        return err_set(err, ERR_TOO_LARGE, "the trace has more spans than the query may hold");
    rows->items = items;
    items[rows->count++] = (struct row_ref){index, row};
    return 0;
}

static int head_trace_rows(const struct source *s, uint32_t index, struct trace_id id,
                           struct arena *arena, struct row_refs *rows, struct err *err)
{
    uint32_t row = head_trace_last_row(s->head, id);
    while (row != HEAD_NO_ROW) {
        if (row < s->row_count && !source_row_dead(s, row))
            TRY(push(arena, rows, index, row, err));
        row = head_chunk(s->head, row)->previous[row % HEAD_CHUNK_ROWS];
    }
    return 0;
}

int source_trace_rows(const struct source *s, uint32_t index, struct trace_id id,
                      struct arena *arena, struct row_refs *rows, struct err *err)
{
    uint32_t row, end;
    if (s->head)
        return head_trace_rows(s, index, id, arena, rows, err);
    TRY(part_trace_rows(s->part, id, &row, &end, err));
    for (; row < end; row++) {
        if (!source_row_dead(s, row))
            TRY(push(arena, rows, index, row, err));
    }
    return 0;
}

/* ---- Tables ---- */

_Static_assert((int)SOURCE_SERVICES == (int)PART_SERVICES && (int)SOURCE_NAMES == (int)PART_NAMES &&
                   (int)SOURCE_RESOURCES == (int)PART_RESOURCES &&
                   (int)SOURCE_SCOPES == (int)PART_SCOPES,
               "the same tables");

int source_need_table(const struct source *s, enum source_table table, struct err *err)
{
    const struct part_strings *strings;
    return s->head ? 0 : part_table(s->part, (enum part_table)table, &strings, err);
}

struct str source_string(const struct source *s, enum source_table table, uint32_t id)
{
    if (s->head) {
        const struct dict *dicts[] = {&s->head->services, &s->head->names, &s->head->resources,
                                      &s->head->scopes};
        return dict_get(dicts[table], id);
    }
    return atomic_load_explicit(&s->part->tables[table], memory_order_acquire)->items[id];
}

/* A head keeps no list of operations: its rows are few enough to look through. */
static int head_operations(const struct source *s, source_operation_fn *fn, void *user)
{
    struct dict seen = {0};
    struct part_operation *all = mem_calloc(s->row_count, sizeof *all);
    uint32_t count = 0;
    int rc = 0;
    for (uint32_t row = 0; row < s->row_count && rc == 0; row++) {
        const struct head_chunk *c = head_chunk(s->head, row);
        uint32_t i = row % HEAD_CHUNK_ROWS;
        all[count] = (struct part_operation){c->service[i], c->name[i], c->kind[i]};
        if (dict_intern(&seen, str_make(&all[count], sizeof *all)) != count)
            continue;
        rc = fn(s, all[count].service, all[count].name, all[count].kind, user);
        count++;
    }
    dict_release(&seen);
    free(all);
    return rc;
}

int source_operations(const struct source *s, source_operation_fn *fn, void *user, struct err *err)
{
    if (s->head)
        return head_operations(s, fn, user);
    TRY(source_need_table(s, SOURCE_SERVICES, err));
    TRY(source_need_table(s, SOURCE_NAMES, err));
    for (uint32_t i = 0; i < s->part->operation_count; i++) {
        const struct part_operation *o = &s->part->operations[i];
        TRY(fn(s, o->service, o->name, o->kind, user));
    }
    return 0;
}

/* ---- Spans ---- */

struct str source_head_message(const struct source *s, uint32_t row)
{
    const struct head_chunk *c = head_chunk(s->head, row);
    return str_make(c->bytes[row % HEAD_CHUNK_ROWS], c->bytes_n[row % HEAD_CHUNK_ROWS]);
}

int source_span(const struct source *s, struct page_reader *r, uint32_t row, struct arena *arena,
                bool keep, struct span *ret, struct err *err)
{
    struct str bytes;
    int rc;
    if (s->part)
        return page_span(r, s->part, row, arena, keep, ret, err);
    bytes = source_head_message(s, row);
    if (keep && !(bytes = arena_str(arena, bytes)).p)
        return err_set(err, ERR_TOO_LARGE, "the query needs more memory than it may take");
    rc = otlp_pb_decode_span(bytes, arena, ret, err);
    if (rc == ERR_NOMEM)
        return err_set(err, ERR_TOO_LARGE, "the query needs more memory than it may take");
    return rc == ERR_INVALID ? err_set(err, ERR_CORRUPT, "a stored span does not decode") : rc;
}
