/* source.c - the two kinds of source behind one set of functions. */
#include "store/source.h"

#include <stdlib.h>
#include <zstd.h>

#include "store/mem.h"

uint32_t source_group_count(const struct source *s)
{
    uint32_t rows = s->head ? (uint32_t)HEAD_CHUNK_ROWS : (uint32_t)PART_ZONE_ROWS;
    return (uint32_t)(((uint64_t)s->row_count + rows - 1) / rows);
}

static uint32_t group_rows(const struct source *s, uint32_t first_row, uint32_t rows)
{
    return s->row_count - first_row < rows ? s->row_count - first_row : rows;
}

int source_group_range(const struct source *s, uint32_t group, uint64_t *min_ns, uint64_t *max_ns,
                       struct err *err)
{
    if (s->head) {
        const uint64_t *start = s->head->chunks[group]->start_ns;
        uint32_t n = group_rows(s, group * HEAD_CHUNK_ROWS, HEAD_CHUNK_ROWS);
        *min_ns = UINT64_MAX;
        *max_ns = 0;
        for (uint32_t i = 0; i < n; i++) {
            *min_ns = start[i] < *min_ns ? start[i] : *min_ns;
            *max_ns = start[i] > *max_ns ? start[i] : *max_ns;
        }
        return 0;
    }
    TRY(part_need(s->part, PART_BIT(PART_ZONES), err));
    *min_ns = PART_COLUMN(s->part, PART_ZONES, struct part_zone)[group].start_min_ns;
    *max_ns = PART_COLUMN(s->part, PART_ZONES, struct part_zone)[group].start_max_ns;
    return 0;
}

static void head_group(const struct source *s, uint32_t group, struct row_group *ret)
{
    const struct head_chunk *c = s->head->chunks[group];
    uint32_t first = group * HEAD_CHUNK_ROWS;
    *ret = (struct row_group){
        .first_row = first,
        .count = group_rows(s, first, HEAD_CHUNK_ROWS),
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

static int part_group(const struct source *s, uint32_t group, struct row_group *ret,
                      struct err *err)
{
    struct part *p = s->part;
    uint32_t first = group * PART_ZONE_ROWS;
    TRY(part_need(p, PART_ROW_BITS, err));
    *ret = (struct row_group){
        .first_row = first,
        .count = group_rows(s, first, PART_ZONE_ROWS),
        .start_ns = PART_COLUMN(p, PART_START_NS, uint64_t) + first,
        .duration_ns = PART_COLUMN(p, PART_DURATION_NS, uint64_t) + first,
        .span_id = PART_COLUMN(p, PART_SPAN_ID, struct span_id) + first,
        .parent_id = PART_COLUMN(p, PART_PARENT_ID, struct span_id) + first,
        .service = PART_COLUMN(p, PART_SERVICE, uint32_t) + first,
        .name = PART_COLUMN(p, PART_NAME, uint32_t) + first,
        .resource = PART_COLUMN(p, PART_RESOURCE, uint32_t) + first,
        .scope = PART_COLUMN(p, PART_SCOPE, uint32_t) + first,
        .kind = PART_COLUMN(p, PART_KIND, uint8_t) + first,
        .status = PART_COLUMN(p, PART_STATUS, uint8_t) + first,
    };
    return 0;
}

int source_group(const struct source *s, uint32_t group, struct row_group *ret, struct err *err)
{
    if (s->part)
        return part_group(s, group, ret, err);
    head_group(s, group, ret);
    return 0;
}

int source_row(const struct source *s, uint32_t row, struct row *ret, struct err *err)
{
    struct row_group g;
    uint32_t i;
    TRY(source_group(s, row / (s->head ? (uint32_t)HEAD_CHUNK_ROWS : (uint32_t)PART_ZONE_ROWS), &g,
                     err));
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
    if (s->head) {
        *ret = head_chunk(s->head, row)->trace_id[row % HEAD_CHUNK_ROWS];
        return 0;
    }
    TRY(part_need(s->part, PART_BIT(PART_TRACE_ID) | PART_BIT(PART_TRACE_FIRST_ROW), err));
    *ret = PART_COLUMN(s->part, PART_TRACE_ID, struct trace_id)[part_trace_of_row(s->part, row)];
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
        if (row < s->row_count)
            TRY(push(arena, rows, index, row, err));
        row = head_chunk(s->head, row)->previous[row % HEAD_CHUNK_ROWS];
    }
    return 0;
}

int source_trace_rows(const struct source *s, uint32_t index, struct trace_id id,
                      struct arena *arena, struct row_refs *rows, struct err *err)
{
    uint32_t trace, end;
    if (s->head)
        return head_trace_rows(s, index, id, arena, rows, err);
    TRY(part_need(s->part, PART_TRACE_BITS, err));
    trace = part_find_trace(s->part, id);
    if (trace == UINT32_MAX)
        return 0;
    end = part_trace_end(s->part, trace);
    for (uint32_t row = PART_COLUMN(s->part, PART_TRACE_FIRST_ROW, uint32_t)[trace]; row < end;
         row++)
        TRY(push(arena, rows, index, row, err));
    return 0;
}

static const enum part_section table_sections[] = {PART_SERVICES, PART_NAMES, PART_RESOURCES,
                                                   PART_SCOPES};

int source_need_table(const struct source *s, enum source_table table, struct err *err)
{
    return s->head ? 0 : part_need(s->part, PART_BIT(table_sections[table]), err);
}

struct str source_string(const struct source *s, enum source_table table, uint32_t id)
{
    if (s->head) {
        const struct dict *dicts[] = {&s->head->services, &s->head->names, &s->head->resources,
                                      &s->head->scopes};
        return dict_get(dicts[table], id);
    }
    struct part_table t = part_table(s->part, table_sections[table]);
    return part_table_get(&t, id);
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
    const struct part_operation *all;
    size_t count;
    if (s->head)
        return head_operations(s, fn, user);
    TRY(part_need(s->part,
                  PART_BIT(PART_OPERATIONS) | PART_BIT(PART_SERVICES) | PART_BIT(PART_NAMES), err));
    all = PART_COLUMN(s->part, PART_OPERATIONS, struct part_operation);
    count = s->part->sections[PART_OPERATIONS].n / sizeof *all;
    for (size_t i = 0; i < count; i++)
        TRY(fn(s, all[i].service, all[i].name, all[i].kind, user));
    return 0;
}

struct reader_slot {
    const struct part *part;
    uint32_t block;
    uint64_t used; /* tick of the last use */
    char *bytes;
    size_t size;
};

struct span_reader {
    ZSTD_DCtx *zstd;
    uint64_t tick;
    struct buf stripped; /* a head's row, for source_span_body */
    unsigned slot_count;
    struct reader_slot slots[];
};

struct span_reader *span_reader_new(unsigned blocks_kept)
{
    struct span_reader *r =
        mem_calloc(1, sizeof *r + (size_t)blocks_kept * sizeof(struct reader_slot));
    r->slot_count = blocks_kept;
    return r;
}

void span_reader_free(struct span_reader *r)
{
    if (!r)
        return;
    for (unsigned i = 0; i < r->slot_count; i++)
        free(r->slots[i].bytes);
    ZSTD_freeDCtx(r->zstd);
    buf_release(&r->stripped);
    free(r);
}

static int slot_fill(struct span_reader *r, struct reader_slot *slot, struct part *part,
                     uint32_t block, struct err *err)
{
    size_t raw = PART_COLUMN(part, PART_BLOCKS, struct part_block)[block].raw_bytes;
    slot->part = NULL;
    if (slot->size < raw) {
        free(slot->bytes);
        slot->bytes = malloc(raw);
        slot->size = slot->bytes ? raw : 0;
    }
    if (!r->zstd)
        r->zstd = ZSTD_createDCtx();
    if (!r->zstd || (raw && !slot->bytes))
        return err_set(err, ERR_NOMEM, "out of memory for a block");
    TRY(part_unpack(part, block, r->zstd, slot->bytes, err));
    slot->part = part;
    slot->block = block;
    return 0;
}

static int reader_block(struct span_reader *r, struct part *part, uint32_t block, const char **ret,
                        struct err *err)
{
    struct reader_slot *oldest = &r->slots[0];
    for (unsigned i = 0; i < r->slot_count; i++) {
        struct reader_slot *slot = &r->slots[i];
        if (slot->part == part && slot->block == block) {
            slot->used = ++r->tick;
            *ret = slot->bytes;
            return 0;
        }
        if (slot->used < oldest->used)
            oldest = slot;
    }
    TRY(slot_fill(r, oldest, part, block, err));
    oldest->used = ++r->tick;
    *ret = oldest->bytes;
    return 0;
}

static int part_body(const struct source *s, struct span_reader *r, uint32_t row, struct str *ret,
                     struct err *err)
{
    const struct part_block *b;
    const uint32_t *offsets;
    uint32_t block, end;
    const char *bytes;
    TRY(part_need(s->part, PART_SPAN_BITS, err));
    block = part_block_of_row(s->part, row);
    TRY(reader_block(r, s->part, block, &bytes, err));
    b = PART_COLUMN(s->part, PART_BLOCKS, struct part_block);
    offsets = PART_COLUMN(s->part, PART_OFFSET, uint32_t);
    end = block + 1 < s->part->block_count ? b[block + 1].first_row : s->row_count;
    end = row + 1 < end ? offsets[row + 1] : b[block].raw_bytes;
    if (end > b[block].raw_bytes || offsets[row] > end)
        return err_set(err, ERR_CORRUPT, "part %08llu is damaged (row offsets)",
                       (unsigned long long)s->part->number);
    *ret = str_make(bytes + offsets[row], end - offsets[row]);
    return 0;
}

static struct str head_message(const struct source *s, uint32_t row)
{
    const struct head_chunk *c = head_chunk(s->head, row);
    return str_make(c->bytes[row % HEAD_CHUNK_ROWS], c->bytes_n[row % HEAD_CHUNK_ROWS]);
}

int source_span_peek(const struct source *s, struct span_reader *r, uint32_t row, struct str *ret,
                     struct err *err)
{
    if (s->part)
        return part_body(s, r, row, ret, err);
    *ret = head_message(s, row);
    return 0;
}

int source_span_body(const struct source *s, struct span_reader *r, uint32_t row, struct str *ret,
                     struct err *err)
{
    struct str message;
    if (s->part)
        return part_body(s, r, row, ret, err);
    message = head_message(s, row);
    buf_clear(&r->stripped);
    if (!buf_reserve(&r->stripped, message.n))
        return err_set(err, ERR_NOMEM, "out of memory for a span");
    r->stripped.n =
        walk_strip(message, head_chunk(s->head, row)->end_before_start[row % HEAD_CHUNK_ROWS],
                   (char *)r->stripped.p);
    *ret = buf_str(&r->stripped);
    return 0;
}

int source_span_message(const struct source *s, struct span_reader *r, uint32_t row,
                        struct arena *arena, struct str *ret, struct err *err)
{
    struct walk_span fields = {0};
    struct row columns;
    struct str body;
    char *out;
    if (s->head) {
        *ret = head_message(s, row);
        return 0;
    }
    TRY(part_body(s, r, row, &body, err));
    TRY(source_row(s, row, &columns, err));
    TRY(source_trace_id(s, row, &fields.trace_id, err));
    TRY(source_need_table(s, SOURCE_NAMES, err));
    fields.span_id = columns.span_id;
    fields.parent_span_id = columns.parent_id;
    fields.name = source_string(s, SOURCE_NAMES, columns.name);
    fields.kind = columns.kind & 0x7f; /* one byte as a varint */
    fields.start_ns = columns.start_ns;
    fields.end_ns = columns.start_ns + columns.duration_ns;
    out = arena_alloc(arena, WALK_RESTORE_BYTES + fields.name.n + body.n);
    if (!out)
        return err_set(err, ERR_TOO_LARGE, "the query needs more memory than it may take");
    *ret = str_make(out, walk_restore(&fields, body, out));
    return 0;
}
