/* part_copy.c - rows of a part copied into columns, number by number: how parts are merged.
 *
 * Nothing is looked up by its name twice: columns, templates and dictionary entries are translated once and remembered. */
#include <stdlib.h>

#include "store/mem.h"
#include "store/part_reader.h"

struct part_copier {
    struct page_reader *r;
    struct part *p;
    struct columns *to;
    uint32_t *columns;             /* of each column there, + 1; 0 = not met */
    uint32_t **strings;            /* of each column, of each entry of its dictionary, + 1 */
    uint32_t *shapes[TABLE_COUNT]; /* of each template, + 1 */
    uint32_t *names;
};

struct part_copier *part_copier_new(struct page_reader *r, struct part *p, struct columns *to)
{
    struct part_copier *c = mem_calloc(1, sizeof *c);
    c->r = r;
    c->p = p;
    c->to = to;
    c->columns = mem_calloc(p->column_count, sizeof *c->columns);
    c->strings = mem_calloc(p->column_count, sizeof *c->strings);
    c->names = mem_calloc(p->table_counts[PART_NAMES], sizeof *c->names);
    for (int t = 0; t < TABLE_COUNT; t++)
        c->shapes[t] = mem_calloc(p->template_counts[t], sizeof *c->shapes[t]);
    return c;
}

void part_copier_free(struct part_copier *c)
{
    if (!c)
        return;
    for (uint32_t i = 0; i < c->p->column_count; i++)
        free(c->strings[i]);
    for (int t = 0; t < TABLE_COUNT; t++)
        free(c->shapes[t]);
    free(c->columns);
    free(c->strings);
    free(c->names);
    free(c);
}

static uint32_t column_there(struct part_copier *c, uint32_t column)
{
    if (!c->columns[column])
        c->columns[column] = columns_column(c->to, c->p->columns[column].key) + 1;
    return c->columns[column] - 1;
}

static uint32_t shape_there(struct part_copier *c, enum column_table table, uint32_t id,
                            uint32_t scope)
{
    uint32_t *place = &c->shapes[table][id];
    if (!*place) {
        struct column_template shape = c->p->templates[table][id];
        uint32_t *columns = mem_alloc(shape.count * sizeof *columns);
        for (uint32_t i = 0; i < shape.count; i++)
            columns[i] = column_there(c, shape.columns[i]);
        shape.columns = columns;
        shape.scope = scope;
        *place = columns_shape(c->to, table, &shape) + 1;
        free(columns);
    }
    return *place - 1;
}

static int copy_string(struct part_copier *c, uint32_t column, const struct page_slot *s,
                       struct column *to, uint32_t to_row, struct err *err)
{
    const struct part_column *from = &c->p->columns[column];
    uint64_t value = s->values[s->cursor];
    const struct part_strings *dictionary;
    uint32_t *known, id;
    if (!from->string_count) {
        columns_put_string(c->to, to, to_row, s->strings[value], false);
        return 0;
    }
    TRY(part_dictionary(c->p, column, &dictionary, err));
    if (!c->strings[column])
        c->strings[column] = mem_calloc(from->string_count, sizeof **c->strings);
    known = &c->strings[column][value];
    if (*known && !to->strings.plain) {
        columns_put(to, to_row, *known - 1);
        return 0;
    }
    id = columns_put_string(c->to, to, to_row, dictionary->items[value], false);
    *known = to->strings.plain ? 0 : id + 1;
    return 0;
}

/* One value; what it says of other tables goes to *count and *first. */
static int copy_cell(struct part_copier *c, uint32_t column, uint32_t group, uint32_t row,
                     uint32_t to_row, uint32_t *first, uint32_t *count, struct err *err)
{
    uint32_t there = column_there(c, column);
    struct column *to = &c->to->items[there];
    struct page_slot *s;
    TRY(reader_slot(c->r, c->p, column, group, &s, err));
    if (!reader_find_row(s, row))
        return part_damaged(c->p, "a row without its value", err);
    if (s->sums && count) {
        *first = s->sums[s->cursor];
        *count = (uint32_t)s->values[s->cursor];
    }
    if (column_has_strings(to->key.type))
        return copy_string(c, column, s, to, to_row, err);
    columns_put(to, to_row, s->values[s->cursor]);
    return 0;
}

static int copy_others(struct part_copier *c, enum column_table table, uint32_t group,
                       uint32_t first, uint32_t count, struct err *err)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t row = first + i, to_row = c->to->rows[table], id;
        const struct page_slot *templates;
        const struct column_template *shape;
        TRY(reader_templates(c->r, c->p, table, group, &templates, err));
        if (row < templates->first_row || row - templates->first_row >= templates->count)
            return part_damaged(c->p, "the place of an event or link", err);
        id = (uint32_t)templates->values[row - templates->first_row];
        shape = &c->p->templates[table][id];
        for (uint32_t k = 0; k < shape->count; k++)
            TRY(copy_cell(c, shape->columns[k], group, row, to_row, NULL, NULL, err));
        columns_end_row(c->to, table, shape_there(c, table, id, 0));
    }
    return 0;
}

static int name_there(struct part_copier *c, uint32_t name, uint32_t *ret, struct err *err)
{
    const struct part_strings *names;
    if (!c->names[name]) {
        TRY(part_table(c->p, PART_NAMES, &names, err));
        c->names[name] = columns_name(c->to, names->items[name], false) + 1;
    }
    *ret = c->names[name] - 1;
    return 0;
}

int part_copy_row(struct part_copier *c, uint32_t row, struct trace_id id, uint32_t resource,
                  uint32_t scope, struct err *err)
{
    uint32_t group = row / PART_GROUP_ROWS, i = row % PART_GROUP_ROWS;
    uint32_t firsts[TABLE_COUNT] = {0}, counts[TABLE_COUNT] = {0}, to_row, name;
    const struct column_template *shape;
    const struct part_rows *rows;
    page_begin(c->r);
    TRY(page_rows(c->r, c->p, group, ROWS_ALL, &rows, err));
    TRY(name_there(c, rows->name[i], &name, err));
    to_row = c->to->rows[TABLE_SPANS];
    columns_add_row(c->to, &(struct columns_row){.trace_id = id,
                                                 .span_id = rows->span_id[i],
                                                 .parent_id = rows->parent_id[i],
                                                 .start_ns = rows->start_ns[i],
                                                 .duration_ns = rows->duration_ns[i],
                                                 .name = name,
                                                 .resource = resource});
    shape = &c->p->templates[TABLE_SPANS][rows->template_id[i]];
    for (uint32_t k = 0; k < shape->count; k++) {
        const struct column_key *key = &c->p->columns[shape->columns[k]].key;
        enum column_table table = str_eq(key->name, STR(MEMBER_LINKS)) ? TABLE_LINKS : TABLE_EVENTS;
        TRY(copy_cell(c, shape->columns[k], group, row, to_row, &firsts[table], &counts[table],
                      err));
    }
    columns_end_row(c->to, TABLE_SPANS, shape_there(c, TABLE_SPANS, rows->template_id[i], scope));
    for (int t = TABLE_EVENTS; t < TABLE_COUNT; t++)
        TRY(copy_others(c, t, group, firsts[t], counts[t], err));
    return 0;
}
