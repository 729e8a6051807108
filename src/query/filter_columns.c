/* filter_columns.c - comparisons with attributes, answered from a part's columns. */
#include "query/filter_leaf.h"
#include "store/bytes.h"

/* Columns keep ids as strings. */
static bool is_id(const struct field *f)
{
    return f->kind == FIELD_LINK_TRACE_ID || f->kind == FIELD_LINK_SPAN_ID;
}

static int value_holds(struct run *r, struct part *p, const struct expr *e, uint8_t type,
                       uint64_t number, struct str string, struct err *err)
{
    struct value v;
    arena_reset(&r->scratch);
    if (column_value(type, number, string, &r->scratch, &v, NULL) < 0)
        return part_damaged(p, "the value of an attribute", err);
    if (is_id(&e->field))
        v.type = VALUE_BYTES;
    return expr_holds(e, &v, &r->scratch);
}

/* The same for a map that has attributes of several keys. */
static int shared_holds(struct run *r, struct part *p, const struct expr *e, struct str map,
                        struct err *err)
{
    const struct value *one;
    struct value v;
    arena_reset(&r->scratch);
    if (column_value(COLUMN_ANY, 0, map, &r->scratch, &v, NULL) < 0 || v.type != VALUE_KVLIST)
        return part_damaged(p, "the attributes that share a column", err);
    one = attrs_get(&v.kvlist, e->field.key);
    return one && expr_holds(e, one, &r->scratch);
}

static int cell_holds(struct run *r, struct part *p, const struct expr *e,
                      const struct leaf_column *c, uint64_t number, struct str string,
                      struct err *err)
{
    if (c->equality)
        return str_eq(string, e->literal.string);
    if (c->shared)
        return shared_holds(r, p, e, string, err);
    return value_holds(r, p, e, p->columns[c->column].key.type, number, string, err);
}

/* ---- A column, once for each part ---- */

/* Only this text satisfies it. */
static bool wants_string(const struct expr *e, struct str *ret)
{
    if ((e->op != EXPR_EQ && e->op != EXPR_TEXT_EQ) || e->literal.type != VALUE_STRING ||
        is_id(&e->field))
        return false;
    *ret = e->literal.string;
    return true;
}

static int make_table(struct run *r, struct part *p, const struct expr *e, struct leaf_column *c,
                      struct err *err)
{
    const struct part_strings *dictionary;
    bool any = false;
    TRY(part_dictionary(p, c->column, &dictionary, err));
    c->table = arena_calloc(&r->own_tables, dictionary->count, 1);
    if (!c->table)
        return run_out_of_memory(err);
    for (uint32_t id = 0; id < dictionary->count; id++) {
        int rc = cell_holds(r, p, e, c, 0, dictionary->items[id], err);
        if (rc < 0)
            return rc;
        c->table[id] = (uint8_t)rc;
        any |= rc;
        TRY(run_tick(r, err));
    }
    c->impossible = !any;
    return 0;
}

static int prepare_column(struct run *r, struct part *p, const struct expr *e,
                          struct leaf_column *c, struct err *err)
{
    const struct part_column *column = &p->columns[c->column];
    struct str wanted;
    bool may = true;
    c->equality = column->key.type == COLUMN_STRING && wants_string(e, &wanted);
    if (c->equality) {
        c->groups = arena_calloc(&r->own_tables, p->group_count, 1);
        if (!c->groups)
            return run_out_of_memory(err);
        TRY(part_string_groups(p, c->column, wanted, c->groups, &may, err));
    }
    if (!may) {
        c->impossible = true;
        return 0;
    }
    return column->string_count ? make_table(r, p, e, c, err) : 0;
}

/* A key that a span has twice counts with its first value: repetitions are in columns of their own. */
int leaf_columns_prepare(struct run *r, const struct filter_leaf *leaf, struct part *p,
                         struct leaf_source *ls, struct err *err)
{
    struct places places = places_of(&leaf->expr->field);
    bool attribute = leaf->expr->field.kind == FIELD_ATTRIBUTE;
    uint32_t first[TABLE_COUNT], counts[TABLE_COUNT] = {0}, shared;
    struct value empty = {.type = VALUE_STRING, .string = {NULL, 0}};
    for (int t = 0; t < TABLE_COUNT; t++) {
        if (places.tables[t])
            counts[t] = part_find_columns(p, t, places.scope, places.name, &first[t]);
    }
    ls->columns = arena_calloc(&r->own_tables, counts[0] + counts[1] + counts[2] + TABLE_COUNT,
                               sizeof *ls->columns);
    if (!ls->columns)
        return run_out_of_memory(err);
    ls->missing = (leaf->expr->field.kind == FIELD_STATUS_MESSAGE ||
                   leaf->expr->field.kind == FIELD_EVENT_NAME) &&
                  expr_holds(leaf->expr, &empty, &r->scratch);
    ls->possible = ls->missing;
    for (int t = 0; t < TABLE_COUNT; t++) {
        for (uint32_t i = 0; i < counts[t]; i++) {
            struct leaf_column *c = &ls->columns[ls->column_count++];
            c->column = first[t] + i;
            TRY(prepare_column(r, p, leaf->expr, c, err));
            ls->possible |= !c->impossible;
        }
        if (attribute && places.tables[t] &&
            part_find_columns(p, t, COLUMN_MEMBER, STR(MEMBER_ATTRIBUTES), &shared)) {
            struct leaf_column *c = &ls->columns[ls->column_count++];
            *c = (struct leaf_column){.column = shared, .shared = true};
            TRY(prepare_column(r, p, leaf->expr, c, err));
            ls->possible |= !c->impossible;
        }
    }
    return 0;
}

/* ---- A page ---- */

/* An integer column against an integer: the common case without a call for each value. */
static bool int_range(const struct expr *e, int64_t *low, int64_t *high)
{
    int64_t v = e->literal.integer;
    if (e->literal.type != VALUE_INT)
        return false;
    *low = INT64_MIN;
    *high = INT64_MAX;
    switch (e->op) {
    case EXPR_EQ: *low = *high = v; return true;
    case EXPR_GE: *low = v; return true;
    case EXPR_LE: *high = v; return true;
    case EXPR_GT: *low = v + 1; return v != INT64_MAX;
    case EXPR_LT: *high = v - 1; return v != INT64_MIN;
    default: return false;
    }
}

/* Marks in hits (by place in the page) the values that satisfy it. */
static int page_hits(struct run *r, struct part *p, const struct expr *e,
                     const struct leaf_column *c, const struct page *page, uint8_t *hits,
                     struct err *err)
{
    uint8_t type = p->columns[c->column].key.type;
    int64_t low, high;
    if (c->table) {
        for (uint32_t i = 0; i < page->count; i++)
            hits[i] = c->table[page->values[i]];
        return 0;
    }
    if (type == COLUMN_INT && int_range(e, &low, &high)) {
        for (uint32_t i = 0; i < page->count; i++)
            hits[i] = (int64_t)page->values[i] >= low && (int64_t)page->values[i] <= high;
        return 0;
    }
    for (uint32_t i = 0; i < page->count; i++) {
        struct str string = page->strings ? page->strings[page->values[i]] : (struct str){NULL, 0};
        int rc = cell_holds(r, p, e, c, page->values[i], string, err);
        if (rc < 0)
            return rc;
        hits[i] = (uint8_t)rc;
    }
    return 0;
}

/* ---- From the rows of a table to those of the spans ---- */

/* The spans that events (or links) belong to, as a page: rows, how many, and the first of each. */
static int owners(struct run *r, struct part *p, enum column_table table, uint32_t group,
                  struct page *ret, struct err *err)
{
    struct str name = table == TABLE_EVENTS ? STR(MEMBER_EVENTS) : STR(MEMBER_LINKS);
    uint32_t column;
    *ret = (struct page){.count = 0};
    if (!part_find_columns(p, TABLE_SPANS, COLUMN_MEMBER, name, &column))
        return 0;
    return page_column(r->scanner, p, column, group, ret, err);
}

static void set_row(struct bits *ret, uint32_t row, uint32_t group)
{
    uint32_t first = group * PART_GROUP_ROWS;
    if (row >= first && row - first < PART_GROUP_ROWS)
        bits_set(ret, row - first);
}

static void set_owners(const struct page *page, const uint8_t *hits, const struct page *owners,
                       uint32_t group, struct bits *ret)
{
    uint32_t at = 0;
    for (uint32_t i = 0; i < page->count; i++) {
        if (!hits[i])
            continue;
        while (at < owners->count && owners->sums[at] + owners->values[at] <= page->rows[i])
            at++;
        if (at < owners->count && owners->sums[at] <= page->rows[i])
            set_row(ret, owners->rows[at], group);
    }
}

/* Marks in has the maps of a shared column that have the key. */
static int page_has(struct run *r, struct part *p, const struct expr *e, const struct page *page,
                    uint8_t *has, struct err *err)
{
    for (uint32_t i = 0; i < page->count; i++) {
        struct value v;
        arena_reset(&r->scratch);
        if (column_value(COLUMN_ANY, 0, page->strings[page->values[i]], &r->scratch, &v, NULL) <
                0 ||
            v.type != VALUE_KVLIST)
            return part_damaged(p, "the attributes that share a column", err);
        has[i] = attrs_get(&v.kvlist, e->field.key) != NULL;
        TRY(run_tick(r, err));
    }
    return 0;
}

/* Sets the spans of the marked values of a page. Which rows they are is asked only now: mostly there are none. */
static int set_marked(struct run *r, const struct leaf_column *c, const struct group_at *at,
                      const uint8_t *marks, uint32_t count, struct bits *ret, struct err *err)
{
    struct part *p = at->src->part;
    enum column_table table = p->columns[c->column].key.table;
    struct page page, whose = {.count = 0};
    if (!memchr(marks, 1, count))
        return 0;
    TRY(page_column(r->scanner, p, c->column, at->group, &page, err));
    if (table == TABLE_SPANS) {
        for (uint32_t i = 0; i < page.count; i++) {
            if (i % 8 == 0 && page.count - i >= 8 && !load_u64((const char *)marks + i))
                i += 7; /* eight that are not */
            else if (marks[i])
                set_row(ret, page.rows[i], at->group);
        }
        return 0;
    }
    TRY(owners(r, p, table, at->group, &whose, err));
    set_owners(&page, marks, &whose, at->group, ret);
    return 0;
}

/* ret, have: NULL = not asked. */
static int column_rows(struct run *r, const struct filter_leaf *leaf, const struct leaf_column *c,
                       const struct group_at *at, struct bits *ret, struct bits *have,
                       struct err *err)
{
    struct part *p = at->src->part;
    struct page page;
    uint8_t *marks, *has;
    TRY(page_values(r->scanner, p, c->column, at->group, &page, err));
    arena_reset(&r->hits);
    marks = arena_calloc(&r->hits, page.count, 1);
    has = arena_alloc(&r->hits, page.count);
    if (!marks || !has)
        return run_out_of_memory(err);
    if (ret)
        TRY(page_hits(r, p, leaf->expr, c, &page, marks, err));
    memset(has, 1, page.count);
    if (have && c->shared)
        TRY(page_has(r, p, leaf->expr, &page, has, err));
    if (ret)
        TRY(set_marked(r, c, at, marks, page.count, ret, err));
    return have ? set_marked(r, c, at, has, page.count, have, err) : 0;
}

/* Spans with events that have no name: such have fewer names than events. */
static int nameless_rows(struct run *r, const struct leaf_source *ls, const struct group_at *at,
                         struct bits *ret, struct err *err)
{
    struct page names = {.count = 0}, whose;
    uint32_t i = 0;
    TRY(owners(r, at->src->part, TABLE_EVENTS, at->group, &whose, err));
    if (ls->column_count)
        TRY(page_column(r->scanner, at->src->part, ls->columns[0].column, at->group, &names, err));
    for (uint32_t k = 0; k < whose.count; k++) {
        uint32_t end = whose.sums[k] + (uint32_t)whose.values[k], named = 0;
        while (i < names.count && names.rows[i] < whose.sums[k])
            i++;
        for (; i < names.count && names.rows[i] < end; i++)
            named++;
        if (named < whose.values[k])
            set_row(ret, whose.rows[k], at->group);
    }
    return 0;
}

/* The rows without a value, where the empty string satisfies it. */
static int missing_rows(struct run *r, const struct filter_leaf *leaf, const struct leaf_source *ls,
                        const struct group_at *at, struct bits *ret, struct err *err)
{
    struct bits having;
    struct page page;
    if (leaf->expr->field.kind == FIELD_EVENT_NAME)
        return nameless_rows(r, ls, at, ret, err);
    bits_clear(&having);
    for (uint32_t i = 0; i < ls->column_count; i++) {
        TRY(page_column(r->scanner, at->src->part, ls->columns[i].column, at->group, &page, err));
        for (uint32_t k = 0; k < page.count; k++)
            set_row(&having, page.rows[k], at->group);
    }
    for (uint32_t i = 0; i < PART_GROUP_ROWS / 64; i++)
        ret->words[i] |= ~having.words[i];
    return 0;
}

static bool column_possible(const struct leaf_column *c, uint32_t group)
{
    return !c->impossible && (!c->groups || c->groups[group]);
}

int leaf_columns_table_rows(struct run *r, const struct filter_leaf *leaf,
                            const struct leaf_source *ls, const struct group_at *at,
                            enum column_table table, struct bits *ret, struct bits *have,
                            struct err *err)
{
    for (uint32_t i = 0; i < ls->column_count; i++) {
        const struct leaf_column *c = &ls->columns[i];
        bool possible = column_possible(c, at->group);
        if (at->src->part->columns[c->column].key.table == table && (possible || have))
            TRY(column_rows(r, leaf, c, at, possible ? ret : NULL, have, err));
    }
    return 0;
}

int leaf_columns_rows(struct run *r, const struct filter_leaf *leaf, const struct leaf_source *ls,
                      const struct group_at *at, struct bits *ret, struct err *err)
{
    for (enum column_table t = TABLE_SPANS; t < TABLE_COUNT; t++)
        TRY(leaf_columns_table_rows(r, leaf, ls, at, t, ret, NULL, err));
    return ls->missing ? missing_rows(r, leaf, ls, at, ret, err) : 0;
}
