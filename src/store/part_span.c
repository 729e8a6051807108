/* part_span.c - putting a span together from its columns. */
#include "store/codec.h"
#include "store/part_reader.h"
#include "wire/otlp_pb.h"

struct build {
    struct page_reader *r;
    struct part *p;
    uint32_t group;
    struct arena *arena;
    bool keep;
    struct err *err;
};

/* A value of a row. */
struct cell {
    const struct part_column *column;
    uint64_t number;
    struct str string;
    uint32_t first; /* row in the other table, of counts */
};

static int full(struct build *b)
{
    return err_set(b->err, ERR_TOO_LARGE, "the query needs more memory than it may take");
}

static int text(struct build *b, struct str s, struct str *ret)
{
    *ret = b->keep ? arena_str(b->arena, s) : s;
    return ret->p || !b->keep ? 0 : full(b);
}

static int cell_of(struct build *b, uint32_t column, uint32_t row, struct cell *ret)
{
    const struct part_column *c = &b->p->columns[column];
    const struct part_strings *dictionary;
    struct page_slot *s;
    TRY(reader_slot(b->r, b->p, column, b->group, &s, b->err));
    if (!reader_find_row(s, row))
        return part_damaged(b->p, "a row without its value", b->err);
    *ret = (struct cell){.column = c, .number = s->values[s->cursor]};
    ret->first = s->sums ? s->sums[s->cursor] : 0;
    if (!column_has_strings(c->key.type))
        return 0;
    if (c->string_count) {
        TRY(part_dictionary(b->p, column, &dictionary, b->err));
        return text(b, dictionary->items[ret->number], &ret->string);
    }
    return text(b, s->strings[ret->number], &ret->string);
}

static int attribute_of(struct build *b, const struct cell *cell, struct attr *ret)
{
    int rc = 0;
    TRY(text(b, cell->column->key.name, &ret->key));
    ret->value = (struct value){.type = (enum value_type)cell->column->key.type};
    switch (cell->column->key.type) {
    case COLUMN_STRING: ret->value.string = cell->string; break;
    case COLUMN_BOOL: ret->value.boolean = cell->number != 0; break;
    case COLUMN_INT: ret->value.integer = (int64_t)cell->number; break;
    case COLUMN_DOUBLE: memcpy(&ret->value.number, &cell->number, sizeof(double)); break;
    default: rc = otlp_pb_decode_value(cell->string, b->arena, &ret->value, b->err); break;
    }
    return rc == ERR_INVALID ? part_damaged(b->p, "the value of an attribute", b->err) : rc;
}

/* The attributes that share a column. */
static int others_of(struct build *b, const struct cell *cell, struct attrs *attrs)
{
    struct value v;
    struct attr *items;
    int rc = otlp_pb_decode_value(cell->string, b->arena, &v, b->err);
    if (rc == ERR_INVALID || (rc == 0 && v.type != VALUE_KVLIST))
        return part_damaged(b->p, "the attributes that share a column", b->err);
    TRY(rc);
    items = arena_calloc(b->arena, (size_t)attrs->count + v.kvlist.count, sizeof *items);
    if (!items)
        return full(b);
    if (attrs->count)
        memcpy(items, attrs->items, attrs->count * sizeof *items);
    if (v.kvlist.count)
        memcpy(items + attrs->count, v.kvlist.items, v.kvlist.count * sizeof *items);
    attrs->items = items;
    attrs->count += v.kvlist.count;
    return 0;
}

/* A row's columns in order: attributes go to *attrs, fields to set. */
typedef int set_field_fn(struct build *b, struct str name, const struct cell *cell, void *to);

static int read_row(struct build *b, const struct column_template *t, uint32_t row,
                    struct attrs *attrs, set_field_fn *set, void *to)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < t->count; i++)
        count += b->p->columns[t->columns[i]].key.scope % COLUMN_SCOPE_COUNT == COLUMN_ATTRIBUTE;
    *attrs = (struct attrs){.items = arena_calloc(b->arena, count, sizeof *attrs->items)};
    if (!attrs->items)
        return full(b);
    for (uint32_t i = 0; i < t->count; i++) {
        struct cell cell;
        TRY(cell_of(b, t->columns[i], row, &cell));
        if (cell.column->key.scope % COLUMN_SCOPE_COUNT == COLUMN_ATTRIBUTE)
            TRY(attribute_of(b, &cell, &attrs->items[attrs->count++]));
        else if (cell.column->key.type == COLUMN_ANY)
            TRY(others_of(b, &cell, attrs));
        else
            TRY(set(b, cell.column->key.name, &cell, to));
    }
    return 0;
}

/* Row of another table: its template first. */
static int read_other(struct build *b, enum column_table table, uint32_t row, struct attrs *attrs,
                      set_field_fn *set, void *to)
{
    const struct page_slot *templates;
    uint32_t at;
    TRY(reader_templates(b->r, b->p, table, b->group, &templates, b->err));
    at = row - templates->first_row;
    if (row < templates->first_row || at >= templates->count)
        return part_damaged(b->p, "the place of an event or link", b->err);
    return read_row(b, &b->p->templates[table][templates->values[at]], row, attrs, set, to);
}

static int set_event(struct build *b, struct str name, const struct cell *cell, void *to)
{
    struct span_event *e = to;
    (void)b;
    if (str_eq(name, STR(MEMBER_TIME)))
        e->time_ns = cell->number;
    else if (str_eq(name, STR(MEMBER_NAME)))
        e->name = cell->string;
    else if (str_eq(name, STR(MEMBER_DROPPED_ATTRIBUTES)))
        e->dropped_attributes_count = (uint32_t)cell->number;
    return 0;
}

static int set_id(struct build *b, const struct cell *cell, void *id, size_t size)
{
    if (cell->string.n != size)
        return part_damaged(b->p, "the id of a link", b->err);
    memcpy(id, cell->string.p, size);
    return 0;
}

static int set_link(struct build *b, struct str name, const struct cell *cell, void *to)
{
    struct span_link *l = to;
    if (str_eq(name, STR(MEMBER_TRACE_ID)))
        return set_id(b, cell, &l->trace_id, sizeof l->trace_id);
    if (str_eq(name, STR(MEMBER_SPAN_ID)))
        return set_id(b, cell, &l->span_id, sizeof l->span_id);
    if (str_eq(name, STR(MEMBER_TRACE_STATE)))
        l->trace_state = cell->string;
    else if (str_eq(name, STR(MEMBER_FLAGS)))
        l->flags = (uint32_t)cell->number;
    else if (str_eq(name, STR(MEMBER_DROPPED_ATTRIBUTES)))
        l->dropped_attributes_count = (uint32_t)cell->number;
    return 0;
}

static int read_events(struct build *b, const struct cell *cell, struct span *span)
{
    uint32_t count = (uint32_t)cell->number;
    span->events = arena_calloc(b->arena, count, sizeof *span->events);
    if (!span->events)
        return full(b);
    for (uint32_t i = 0; i < count; i++) {
        struct span_event *e = &span->events[i];
        TRY(read_other(b, TABLE_EVENTS, cell->first + i, &e->attrs, set_event, e));
        e->time_ns += span->start_ns;
    }
    span->event_count = count;
    return 0;
}

static int read_links(struct build *b, const struct cell *cell, struct span *span)
{
    uint32_t count = (uint32_t)cell->number;
    span->links = arena_calloc(b->arena, count, sizeof *span->links);
    if (!span->links)
        return full(b);
    for (uint32_t i = 0; i < count; i++)
        TRY(read_other(b, TABLE_LINKS, cell->first + i, &span->links[i].attrs, set_link,
                       &span->links[i]));
    span->link_count = count;
    return 0;
}

static int set_span(struct build *b, struct str name, const struct cell *cell, void *to)
{
    struct span *s = to;
    if (str_eq(name, STR(MEMBER_FLAGS)))
        s->flags = (uint32_t)cell->number;
    else if (str_eq(name, STR(MEMBER_EVENTS)))
        return read_events(b, cell, s);
    else if (str_eq(name, STR(MEMBER_LINKS)))
        return read_links(b, cell, s);
    else if (str_eq(name, STR(MEMBER_STATUS_MESSAGE)))
        s->status_message = cell->string;
    else if (str_eq(name, STR(MEMBER_TRACE_STATE)))
        s->trace_state = cell->string;
    else if (str_eq(name, STR(MEMBER_DROPPED_ATTRIBUTES)))
        s->dropped_attributes_count = (uint32_t)cell->number;
    else if (str_eq(name, STR(MEMBER_DROPPED_EVENTS)))
        s->dropped_events_count = (uint32_t)cell->number;
    else if (str_eq(name, STR(MEMBER_DROPPED_LINKS)))
        s->dropped_links_count = (uint32_t)cell->number;
    else if (str_eq(name, STR(MEMBER_END)))
        s->end_ns = cell->number;
    return 0;
}

int page_span(struct page_reader *r, struct part *p, uint32_t row, struct arena *arena, bool keep,
              struct span *ret, struct err *err)
{
    struct build b = {r, p, row / PART_GROUP_ROWS, arena, keep, err};
    const struct resource *resource = ret->resource;
    const struct scope *scope = ret->scope;
    struct trace_id trace_id = ret->trace_id;
    const struct part_strings *names;
    const struct part_rows *rows;
    uint32_t i = row % PART_GROUP_ROWS;
    *ret = (struct span){.trace_id = trace_id, .resource = resource, .scope = scope};
    page_begin(r);
    TRY(part_table(p, PART_NAMES, &names, err));
    TRY(page_rows(r, p, b.group, ROWS_ALL, &rows, err));
    ret->span_id = rows->span_id[i];
    ret->parent_span_id = rows->parent_id[i];
    ret->start_ns = rows->start_ns[i];
    ret->end_ns = rows->start_ns[i] + rows->duration_ns[i];
    ret->kind = (enum span_kind)rows->kind[i];
    ret->status_code = (enum status_code)rows->status[i];
    TRY(text(&b, names->items[rows->name[i]], &ret->name));
    return read_row(&b, &p->templates[TABLE_SPANS][rows->template_id[i]], row, &ret->attrs,
                    set_span, ret);
}
