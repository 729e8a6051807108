/* part_rows.c - decoding the columns that every row of a group has. */
#include <stdlib.h>

#include "store/codec.h"
#include "store/mem.h"
#include "store/part_format.h"
#include "store/part_reader.h"

static struct group_slot *group_slot_of(struct page_reader *r, const struct part *p, uint32_t group)
{
    struct group_slot *oldest = &r->groups[0];
    if (r->last_group && r->last_group->part == p && r->last_group->group == group)
        return r->last_group;
    for (int i = 0; i < GROUPS_KEPT; i++) {
        struct group_slot *s = &r->groups[i];
        if (s->part == p && s->group == group)
            return s;
        if (s->used < oldest->used)
            oldest = s;
    }
    if (!oldest->rows)
        oldest->rows = mem_alloc(sizeof *oldest->rows);
    oldest->part = p;
    oldest->group = group;
    oldest->have = 0;
    oldest->rows->first_row = group * PART_GROUP_ROWS;
    oldest->rows->count = p->row_count - oldest->rows->first_row < PART_GROUP_ROWS
                              ? p->row_count - oldest->rows->first_row
                              : PART_GROUP_ROWS;
    return oldest;
}

static int numbers(struct page_reader *r, struct part *p, uint32_t group, enum part_fixed what,
                   uint64_t *out, uint32_t count, struct err *err)
{
    struct str in;
    TRY(reader_stream(r, p, p->groups[group].pages[what], err));
    in = buf_str(&r->raw);
    return codec_get_ints(&in, count, out) && in.n == 0 ? 0
                                                        : part_damaged(p, "a page of numbers", err);
}

static int ids(struct page_reader *r, struct part *p, uint32_t group, enum part_fixed what,
               uint32_t limit, uint32_t *out, uint32_t count, struct err *err)
{
    uint64_t *wide = r->numbers;
    TRY(numbers(r, p, group, what, wide, count, err));
    for (uint32_t i = 0; i < count; i++) {
        if (wide[i] >= limit)
            return part_damaged(p, "a page of ids", err);
        out[i] = (uint32_t)wide[i];
    }
    return 0;
}

static int span_ids(struct page_reader *r, struct part *p, uint32_t group, struct part_rows *rows,
                    struct err *err)
{
    TRY(reader_stream(r, p, p->groups[group].pages[PART_SPAN_ID], err));
    if (r->raw.n != (size_t)rows->count * SPAN_ID_BYTES)
        return part_damaged(p, "a page of span ids", err);
    memcpy(rows->span_id, r->raw.p, r->raw.n);
    return 0;
}

static int parents(struct page_reader *r, struct part *p, uint32_t group, struct part_rows *rows,
                   struct err *err)
{
    static const struct span_id none;
    const unsigned char *codes;
    struct str rest;
    TRY(reader_stream(r, p, p->groups[group].pages[PART_PARENT], err));
    if (r->raw.n < rows->count)
        return part_damaged(p, "a page of parents", err);
    codes = r->raw.p;
    rest = str_from(buf_str(&r->raw), rows->count);
    for (uint32_t i = 0; i < rows->count; i++) {
        if (codes[i] == PARENT_ELSEWHERE) {
            if (rest.n < SPAN_ID_BYTES)
                return part_damaged(p, "a page of parents", err);
            memcpy(&rows->parent_id[i], rest.p, SPAN_ID_BYTES);
            rest = str_from(rest, SPAN_ID_BYTES);
        } else if (codes[i] > i) {
            return part_damaged(p, "a page of parents", err);
        } else {
            rows->parent_id[i] = codes[i] ? rows->span_id[i - codes[i]] : none;
        }
    }
    return rest.n ? part_damaged(p, "a page of parents", err) : 0;
}

static int templates(struct page_reader *r, struct part *p, uint32_t group, struct part_rows *rows,
                     struct err *err)
{
    TRY(ids(r, p, group, PART_TEMPLATE, p->template_counts[TABLE_SPANS], rows->template_id,
            rows->count, err));
    for (uint32_t i = 0; i < rows->count; i++) {
        const struct column_template *t = &p->templates[TABLE_SPANS][rows->template_id[i]];
        rows->kind[i] = t->kind;
        rows->status[i] = t->status;
        rows->scope[i] = t->scope;
    }
    return 0;
}

static int resources(struct page_reader *r, struct part *p, uint32_t group, struct part_rows *rows,
                     struct err *err)
{
    TRY(ids(r, p, group, PART_RESOURCE, p->table_counts[PART_RESOURCES], rows->resource,
            rows->count, err));
    for (uint32_t i = 0; i < rows->count; i++)
        rows->service[i] = p->resource_service[rows->resource[i]];
    return 0;
}

static int load(struct page_reader *r, struct part *p, uint32_t group, unsigned bit,
                struct part_rows *rows, struct err *err)
{
    switch (bit) {
    case ROWS_START: return numbers(r, p, group, PART_START, rows->start_ns, rows->count, err);
    case ROWS_DURATION:
        return numbers(r, p, group, PART_DURATION, rows->duration_ns, rows->count, err);
    case ROWS_SPAN_ID: return span_ids(r, p, group, rows, err);
    case ROWS_PARENT: return parents(r, p, group, rows, err);
    case ROWS_NAME:
        return ids(r, p, group, PART_NAME, p->table_counts[PART_NAMES], rows->name, rows->count,
                   err);
    case ROWS_RESOURCE: return resources(r, p, group, rows, err);
    default: return templates(r, p, group, rows, err);
    }
}

int page_rows(struct page_reader *r, struct part *p, uint32_t group, unsigned need,
              const struct part_rows **ret, struct err *err)
{
    struct group_slot *s = group_slot_of(r, p, group);
    s->used = ++r->group_tick;
    r->last_group = s;
    *ret = s->rows;
    if ((s->have & need) == need)
        return 0;
    if (need & ROWS_PARENT)
        need |= ROWS_SPAN_ID;
    for (unsigned bit = 1; bit <= ROWS_TEMPLATE; bit <<= 1) {
        if (!(need & ~s->have & bit))
            continue;
        TRY(load(r, p, group, bit, s->rows, err));
        s->have |= bit;
    }
    return 0;
}
