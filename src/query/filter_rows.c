/* filter_rows.c - one comparison over the rows of a group, from the cheapest place that knows. */
#include "query/filter_leaf.h"

static int by_table(struct run *r, const struct group_at *at, unsigned need, const uint8_t *table,
                    const struct bits *in, struct bits *ret, struct err *err)
{
    struct row_group g;
    struct bits_walk w = bits_begin(in);
    const uint32_t *ids;
    uint32_t row;
    TRY(source_group(at->src, r->scanner, at->group, need, &g, err));
    ids = need == ROWS_NAME ? g.name : need == ROWS_RESOURCE ? g.resource : g.scope;
    while (bits_next(&w, &row)) {
        if (table[ids[row]])
            bits_set(ret, row);
    }
    return 0;
}

static int by_service(struct run *r, const struct group_at *at, const uint8_t *table,
                      const struct bits *in, struct bits *ret, struct err *err)
{
    struct row_group g;
    struct bits_walk w = bits_begin(in);
    uint32_t row;
    TRY(source_group(at->src, r->scanner, at->group, ROWS_RESOURCE, &g, err));
    while (bits_next(&w, &row)) {
        if (table[g.service[row]])
            bits_set(ret, row);
    }
    return 0;
}

static int by_byte(struct run *r, const struct group_at *at, const struct filter_leaf *leaf,
                   const uint8_t *table, const struct bits *in, struct bits *ret, struct err *err)
{
    uint32_t size = leaf_table_size(at->src, leaf->kind), row;
    struct bits_walk w = bits_begin(in);
    struct row_group g;
    const uint8_t *values;
    TRY(source_group(at->src, r->scanner, at->group, ROWS_TEMPLATE, &g, err));
    values = leaf->kind == LEAF_KIND ? g.kind : g.status;
    while (bits_next(&w, &row)) {
        if (values[row] < size && table[values[row]])
            bits_set(ret, row);
    }
    return 0;
}

/* Which of n values lie in a range, as bits; from the last, so that each is one shift and one comparison. */
static inline __attribute__((always_inline)) uint64_t range_bits(const uint64_t *values, uint32_t n,
                                                                 uint64_t low, uint64_t high)
{
    uint64_t bits = 0;
    for (uint32_t i = n; i-- > 0;)
        bits = bits << 1 | (uint64_t)(values[i] - low <= high - low);
    return bits;
}

static int by_duration(struct run *r, const struct group_at *at, const struct filter_leaf *leaf,
                       const struct bits *in, struct bits *ret, struct err *err)
{
    struct row_group g;
    TRY(source_group(at->src, r->scanner, at->group, ROWS_DURATION, &g, err));
    for (uint32_t first = 0; first < g.count && leaf->low <= leaf->high; first += 64) {
        uint32_t n = g.count - first < 64 ? g.count - first : 64;
        uint64_t *word = &ret->words[first / 64];
        if (n == 64 && in->words[first / 64]) /* a length that the compiler knows */
            *word = range_bits(g.duration_ns + first, 64, leaf->low, leaf->high);
        else if (in->words[first / 64])
            *word = range_bits(g.duration_ns + first, n, leaf->low, leaf->high);
        *word &= in->words[first / 64];
    }
    return 0;
}

static bool has(struct str bytes, struct str needle)
{
    return memmem(bytes.p ? bytes.p : "", bytes.n, needle.p, needle.n) != NULL;
}

/* False when the needle is neither in the span nor in its resource or scope: no need to decode it. */
static bool head_may_match(const struct group_at *at, const struct filter_leaf *leaf,
                           const struct row_group *g, uint32_t row)
{
    if (!leaf->needle.n || has(source_head_message(at->src, g->first_row + row), leaf->needle))
        return true;
    return leaf->expr->field.kind == FIELD_ATTRIBUTE &&
           (leaf->expr->field.scope == SCOPE_ANY || leaf->expr->field.scope == SCOPE_FIRST) &&
           (has(source_string(at->src, SOURCE_RESOURCES, g->resource[row]), leaf->needle) ||
            has(source_string(at->src, SOURCE_SCOPES, g->scope[row]), leaf->needle));
}

/* A span with what the comparison looks at, from the row's columns as far as they have it. */
static int needed_span(struct run *r, const struct group_at *at, const struct leaf_needs *needs,
                       const struct row_group *g, uint32_t i, struct span *ret, struct err *err)
{
    uint32_t row = g->first_row + i;
    struct span span = run_empty_span;
    if (needs->resource)
        TRY(run_resource(r, at->source, g->resource[i], &span.resource, err));
    if (needs->scope)
        TRY(run_scope(r, at->source, g->scope[i], &span.scope, err));
    if (needs->trace_id || needs->message)
        TRY(source_trace_id(at->src, row, &span.trace_id, err));
    if (needs->rows & ROWS_START)
        span.start_ns = span.end_ns = g->start_ns[i];
    if (needs->rows & ROWS_DURATION)
        span.end_ns += g->duration_ns[i];
    if (needs->rows & ROWS_SPAN_ID)
        span.span_id = g->span_id[i];
    if (needs->rows & ROWS_PARENT)
        span.parent_span_id = g->parent_id[i];
    if (needs->rows & ROWS_NAME)
        span.name = run_string(r, at->source, SOURCE_NAMES, g->name[i]);
    if (needs->rows & ROWS_TEMPLATE) {
        span.kind = (enum span_kind)g->kind[i];
        span.status_code = (enum status_code)g->status[i];
    }
    *ret = span;
    return needs->message ? source_span(at->src, r->reader, row, &r->scratch, false, ret, err) : 0;
}

/* Row by row: what no table and no column answers. */
static int by_span(struct run *r, const struct group_at *at, const struct filter_leaf *leaf,
                   const struct bits *in, struct bits *ret, struct err *err)
{
    struct bits_walk w = bits_begin(in);
    struct row_group g;
    struct span span;
    uint32_t row;
    if (leaf->needs.rows & ROWS_NAME)
        TRY(source_need_table(at->src, SOURCE_NAMES, err));
    TRY(source_group(at->src, r->scanner, at->group, leaf->needs.rows, &g, err));
    while (bits_next(&w, &row)) {
        if (at->src->head && !head_may_match(at, leaf, &g, row))
            continue;
        arena_reset(&r->scratch);
        TRY(needed_span(r, at, &leaf->needs, &g, row, &span, err));
        if (expr_matches(leaf->expr, &span, &r->scratch))
            bits_set(ret, row);
        TRY(run_tick(r, err));
    }
    return 0;
}

static int by_part_span(struct run *r, const struct group_at *at, const struct filter_leaf *leaf,
                        const struct leaf_source *ls, const struct bits *in, struct bits *ret,
                        struct err *err)
{
    if (!ls->possible)
        return 0;
    TRY(leaf_columns_rows(r, leaf, ls, at, ret, err));
    if (ls->table)
        TRY(by_table(r, at, ROWS_RESOURCE, ls->table, in, ret, err));
    if (ls->scope_table)
        TRY(by_table(r, at, ROWS_TEMPLATE, ls->scope_table, in, ret, err));
    bits_and(ret, in);
    return 0;
}

int leaf_rows(struct run *r, const struct filter_leaf *leaf, const struct leaf_source *ls,
              const struct group_at *at, const struct bits *in, struct bits *ret, struct err *err)
{
    switch (leaf->kind) {
    case LEAF_CONSTANT:
        if (ls->possible)
            *ret = *in;
        return 0;
    case LEAF_KIND:
    case LEAF_STATUS: return by_byte(r, at, leaf, ls->table, in, ret, err);
    case LEAF_SERVICE: return by_service(r, at, ls->table, in, ret, err);
    case LEAF_RESOURCE: return by_table(r, at, ROWS_RESOURCE, ls->table, in, ret, err);
    case LEAF_SCOPE: return by_table(r, at, ROWS_TEMPLATE, ls->table, in, ret, err);
    case LEAF_NAME: return by_table(r, at, ROWS_NAME, ls->table, in, ret, err);
    case LEAF_DURATION: return by_duration(r, at, leaf, in, ret, err);
    case LEAF_SPAN:
        return at->src->head ? by_span(r, at, leaf, in, ret, err)
                             : by_part_span(r, at, leaf, ls, in, ret, err);
    case LEAF_FIRST:
        return at->src->head ? by_span(r, at, leaf, in, ret, err)
                             : leaf_first_rows(r, leaf, ls, at, in, ret, err);
    case LEAF_ROW:
    case LEAF_GENERAL: break;
    }
    return by_span(r, at, leaf, in, ret, err);
}
