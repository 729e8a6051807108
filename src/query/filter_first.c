/* filter_first.c - comparisons with an attribute wherever it is first found: span, resource, events, links, scope.
 *
 * Place by place: rows that have the key there are decided there; the others go on to the next. */
#include "query/filter_leaf.h"

/* Entries of the tables by resource and scope. */
enum { KEY_ABSENT, KEY_THERE, KEY_HOLDS };

static int entry(struct run *r, const struct filter_leaf *leaf, enum leaf_kind kind,
                 uint32_t source, uint32_t id, uint8_t *ret, struct err *err)
{
    struct span span = run_empty_span;
    struct str key = leaf->expr->field.key;
    if (kind == LEAF_RESOURCE)
        TRY(run_resource(r, source, id, &span.resource, err));
    else
        TRY(run_scope(r, source, id, &span.scope, err));
    arena_reset(&r->scratch);
    *ret = KEY_ABSENT;
    if (attrs_get(&span.resource->attrs, key) || attrs_get(&span.scope->attrs, key))
        *ret = expr_matches(leaf->expr, &span, &r->scratch) ? KEY_HOLDS : KEY_THERE;
    return 0;
}

/* NULL when no entry has the key. */
static int make_table(struct run *r, const struct filter_leaf *leaf, enum leaf_kind kind,
                      uint32_t source, uint8_t **ret, bool *holds, struct err *err)
{
    uint32_t n = leaf_table_size(&r->snap.sources[source], kind);
    uint8_t *table = arena_calloc(&r->own_tables, n, 1);
    bool any = false;
    if (!table)
        return run_out_of_memory(err);
    for (uint32_t id = 0; id < n; id++) {
        TRY(entry(r, leaf, kind, source, id, &table[id], err));
        any |= table[id] != KEY_ABSENT;
        *holds |= table[id] == KEY_HOLDS;
        TRY(run_tick(r, err));
    }
    *ret = any ? table : NULL;
    return 0;
}

int leaf_first_prepare(struct run *r, const struct filter_leaf *leaf, uint32_t source,
                       struct leaf_source *ls, struct err *err)
{
    bool holds = false;
    TRY(leaf_columns_prepare(r, leaf, r->snap.sources[source].part, ls, err));
    TRY(make_table(r, leaf, LEAF_RESOURCE, source, &ls->table, &holds, err));
    TRY(make_table(r, leaf, LEAF_SCOPE, source, &ls->scope_table, &holds, err));
    ls->possible |= holds;
    return 0;
}

/* Moves from *open to *ret the rows whose entry satisfies it, and drops those that only have the key. */
static int decide_by_table(struct run *r, const struct group_at *at, unsigned need,
                           const uint8_t *table, struct bits *open, struct bits *ret,
                           struct err *err)
{
    struct bits rest = *open;
    struct bits_walk w = bits_begin(&rest);
    struct row_group g;
    const uint32_t *ids;
    uint32_t row;
    if (!table || bits_empty(open))
        return 0;
    TRY(source_group(at->src, r->scanner, at->group, need, &g, err));
    ids = need == ROWS_RESOURCE ? g.resource : g.scope;
    while (bits_next(&w, &row)) {
        if (table[ids[row]] == KEY_HOLDS)
            bits_set(ret, row);
        if (table[ids[row]] != KEY_ABSENT)
            open->words[row / 64] &= ~(UINT64_C(1) << row % 64);
    }
    return 0;
}

/* The same by the columns of a table. later: rows left open may still be found elsewhere. */
static int decide_by_columns(struct run *r, const struct filter_leaf *leaf,
                             const struct leaf_source *ls, const struct group_at *at,
                             enum column_table table, bool later, struct bits *open,
                             struct bits *ret, struct err *err)
{
    struct bits hits, have;
    if (bits_empty(open))
        return 0;
    bits_clear(&hits);
    bits_clear(&have);
    TRY(leaf_columns_table_rows(r, leaf, ls, at, table, &hits, later ? &have : NULL, err));
    bits_and(&hits, open);
    bits_or(ret, &hits);
    bits_and_not(open, &have);
    return 0;
}

static bool has_columns(const struct leaf_source *ls, const struct part *p, enum column_table table)
{
    for (uint32_t i = 0; i < ls->column_count; i++) {
        if (p->columns[ls->columns[i].column].key.table == table)
            return true;
    }
    return false;
}

int leaf_first_rows(struct run *r, const struct filter_leaf *leaf, const struct leaf_source *ls,
                    const struct group_at *at, const struct bits *in, struct bits *ret,
                    struct err *err)
{
    bool links = has_columns(ls, at->src->part, TABLE_LINKS),
         events = has_columns(ls, at->src->part, TABLE_EVENTS), scopes = ls->scope_table != NULL;
    struct bits open = *in;
    if (!ls->possible)
        return 0;
    TRY(decide_by_columns(r, leaf, ls, at, TABLE_SPANS, ls->table || events || links || scopes,
                          &open, ret, err));
    TRY(decide_by_table(r, at, ROWS_RESOURCE, ls->table, &open, ret, err));
    TRY(decide_by_columns(r, leaf, ls, at, TABLE_EVENTS, links || scopes, &open, ret, err));
    TRY(decide_by_columns(r, leaf, ls, at, TABLE_LINKS, scopes, &open, ret, err));
    return decide_by_table(r, at, ROWS_TEMPLATE, ls->scope_table, &open, ret, err);
}
