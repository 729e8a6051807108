/* vector_columns.c - the values of a field from a part's columns. */
#include "query/vector_inside.h"

struct field_columns field_columns_find(const struct part *p, enum column_table table,
                                        const struct places *places)
{
    struct field_columns c = {.shared = NO_COLUMN};
    if (!places->tables[table])
        return c;
    c.count = part_find_columns(p, table, places->scope, places->name, &c.first);
    if (places->scope == COLUMN_ATTRIBUTE &&
        !part_find_columns(p, table, COLUMN_MEMBER, STR(MEMBER_ATTRIBUTES), &c.shared))
        c.shared = NO_COLUMN;
    return c;
}

/* ---- A page ---- */

/* What of a page lies in rows first to end - 1 of its table; pages of sparse columns have all groups' rows. */
static void page_range(const struct page *page, uint32_t first, uint32_t end, uint32_t *from,
                       uint32_t *to)
{
    uint32_t bounds[2] = {first, end}, at[2];
    for (int i = 0; i < 2; i++) {
        uint32_t low = 0, high = page->count;
        while (low < high) {
            uint32_t middle = low + (high - low) / 2;
            if (page->rows[middle] < bounds[i])
                low = middle + 1;
            else
                high = middle;
        }
        at[i] = low;
    }
    *from = at[0];
    *to = at[1];
}

static int damaged(const struct part_at *at, struct err *err)
{
    return part_damaged(at->part, "the value of an attribute", err);
}

static int decode_failed(const struct part_at *at, int rc, struct err *err)
{
    return rc == ERR_INVALID ? damaged(at, err) : rc == ERR_NOMEM ? run_out_of_memory(err) : rc;
}

/* Dictionaries stay where they are; a page's own strings go with it. */
static int own_value(const struct part_at *at, const struct part_column *c, const struct page *page,
                     uint32_t i, struct value *ret, struct err *err)
{
    TRY(decode_failed(at, page_value(c, page, i, at->arena, ret, err), err));
    if (column_has_strings(c->key.type) && !c->string_count)
        value_copy(ret, at->arena);
    return 0;
}

/* The field's value in a map of attributes that have no column of their own. */
static int shared_value(const struct part_at *at, const struct part_column *c,
                        const struct page *page, uint32_t i, bool *has, struct value *ret,
                        struct err *err)
{
    const struct value *found;
    struct value map;
    arena_reset(&at->r->scratch);
    TRY(decode_failed(at, page_value(c, page, i, &at->r->scratch, &map, err), err));
    if (map.type != VALUE_KVLIST)
        return damaged(at, err);
    found = attrs_get(&map.kvlist, at->field->key);
    *has = found != NULL;
    ret->type = VALUE_EMPTY;
    if (!found)
        return 0;
    *ret = *found;
    value_copy(ret, at->arena);
    return 0;
}

static bool holds_places(const struct field *f)
{
    return f->kind == FIELD_ATTRIBUTE && f->scope == SCOPE_FIRST;
}

static int cell(const struct part_at *at, uint32_t column, bool shared, const struct page *page,
                uint32_t i, struct value *ret, struct err *err)
{
    const struct part_column *c = &at->part->columns[column];
    bool has = true;
    TRY(shared ? shared_value(at, c, page, i, &has, ret, err)
               : own_value(at, c, page, i, ret, err));
    if (has && ret->type == VALUE_EMPTY && holds_places(at->field))
        ret->type = VALUE_HELD;
    return 0;
}

/* Number i of the columns, in the order they are looked at: the one that is shared comes last. */
static bool column_number(const struct field_columns *c, uint32_t i, uint32_t *column, bool *shared)
{
    *shared = i == c->count;
    *column = *shared ? c->shared : c->first + i;
    return i < c->count || (*shared && c->shared != NO_COLUMN);
}

/* ---- Spans ---- */

static int fill_from_page(const struct part_at *at, uint32_t column, bool shared,
                          struct value *values, struct err *err)
{
    uint32_t first = at->group * PART_GROUP_ROWS, i, end;
    struct page page;
    TRY(page_column(at->r->scanner, at->part, column, at->group, &page, err));
    page_range(&page, first, first + PART_GROUP_ROWS, &i, &end);
    for (; i < end; i++) {
        uint32_t row = page.rows[i] - first;
        struct value *to;
        if (!bits_has(at->ranks->rows, row))
            continue;
        to = &values[rank_of(at->ranks, row)];
        if (to->type == VALUE_EMPTY)
            TRY(cell(at, column, shared, &page, i, to, err));
    }
    return arena_failed(at->arena) ? run_out_of_memory(err) : 0;
}

int fill_from_columns(const struct part_at *at, const struct field_columns *c, struct value *values,
                      struct err *err)
{
    uint32_t column;
    bool shared;
    for (uint32_t i = 0; column_number(c, i, &column, &shared); i++)
        TRY(fill_from_page(at, column, shared, values, err));
    return 0;
}

int fill_ids(const struct part_at *at, const struct field_columns *c, const uint32_t *bases,
             uint32_t *ids, struct err *err)
{
    uint32_t first = at->group * PART_GROUP_ROWS;
    for (uint32_t k = 0; k < c->count; k++) {
        uint32_t i, end;
        struct page page;
        TRY(page_column(at->r->scanner, at->part, c->first + k, at->group, &page, err));
        page_range(&page, first, first + PART_GROUP_ROWS, &i, &end);
        for (; i < end && at->ranks->all; i++) {
            uint32_t row = page.rows[i] - first;
            if (row < at->ranks->count)
                ids[row] = bases[k] + (uint32_t)page.values[i];
        }
        for (; i < end; i++) {
            uint32_t row = page.rows[i] - first;
            if (bits_has(at->ranks->rows, row))
                ids[rank_of(at->ranks, row)] = bases[k] + (uint32_t)page.values[i];
        }
    }
    return 0;
}

/* ---- Events and links ---- */

/* A group's rows of another table: first to end - 1. */
static void other_rows(const struct part *p, enum column_table table, uint32_t group,
                       uint32_t *first, uint32_t *end)
{
    const struct part_group *g = &p->groups[group];
    bool last = group + 1 == p->group_count, events = table == TABLE_EVENTS;
    *first = events ? g->first_event : g->first_link;
    *end = last ? p->table_rows[table] : events ? g[1].first_event : g[1].first_link;
}

/* What an event (link) has that has no value in the columns. */
static struct value without_value(const struct field *f)
{
    struct value v = {.type = VALUE_EMPTY};
    if (f->kind == FIELD_EVENT_NAME)
        v.type = VALUE_STRING;
    return v;
}

static int fill_others(const struct part_at *at, const struct field_columns *c, uint32_t first,
                       uint32_t end, struct value *others, struct err *err)
{
    bool id = at->field->kind == FIELD_LINK_TRACE_ID || at->field->kind == FIELD_LINK_SPAN_ID;
    uint32_t column;
    bool shared;
    for (uint32_t n = 0; column_number(c, n, &column, &shared); n++) {
        uint32_t i, to;
        struct page page;
        TRY(page_column(at->r->scanner, at->part, column, at->group, &page, err));
        page_range(&page, first, end, &i, &to);
        for (; i < to; i++) {
            struct value *v = &others[page.rows[i] - first];
            if (v->type == VALUE_EMPTY || !shared)
                TRY(cell(at, column, shared, &page, i, v, err));
            if (id && v->type == VALUE_STRING)
                v->type = VALUE_BYTES;
        }
    }
    return arena_failed(at->arena) ? run_out_of_memory(err) : 0;
}

static bool no_value(const struct value *v)
{
    return v->type == VALUE_EMPTY || v->type == VALUE_HELD;
}

static void first_of_each(const struct part_at *at, const struct page *owners, uint32_t first,
                          uint32_t end, const struct value *others, struct value *values)
{
    uint32_t first_row = at->group * PART_GROUP_ROWS, i, to;
    page_range(owners, first_row, first_row + PART_GROUP_ROWS, &i, &to);
    for (; i < to; i++) {
        uint32_t row = owners->rows[i] - first_row;
        struct value *v;
        if (!bits_has(at->ranks->rows, row))
            continue;
        v = &values[rank_of(at->ranks, row)];
        if (v->type != VALUE_EMPTY)
            continue;
        for (uint64_t k = 0; k < owners->values[i] && no_value(v); k++) {
            uint64_t other = owners->sums[i] + k;
            if (other >= first && other < end && others[other - first].type != VALUE_EMPTY)
                *v = others[other - first];
        }
    }
}

int fill_from_others(const struct part_at *at, enum column_table table,
                     const struct field_columns *c, struct value *values, struct err *err)
{
    struct str owner = table == TABLE_EVENTS ? STR(MEMBER_EVENTS) : STR(MEMBER_LINKS);
    struct value missing = without_value(at->field), *others;
    uint32_t column, first, end;
    struct page owners;
    if (!part_find_columns(at->part, TABLE_SPANS, COLUMN_MEMBER, owner, &column))
        return 0;
    other_rows(at->part, table, at->group, &first, &end);
    if (first >= end)
        return 0;
    arena_reset(&at->r->hits);
    others = arena_calloc(&at->r->hits, end - first, sizeof *others);
    if (!others)
        return run_out_of_memory(err);
    for (uint32_t i = 0; i < end - first; i++)
        others[i] = missing;
    TRY(fill_others(at, c, first, end, others, err));
    TRY(page_column(at->r->scanner, at->part, column, at->group, &owners, err));
    first_of_each(at, &owners, first, end, others, values);
    return 0;
}
