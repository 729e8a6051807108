/* spanset_stages.c - by() and filters of aggregates. */
#include "query/spanset_stages.h"

#include "store/dict.h"
#include "traceql/arith.h"

/* ---- What expressions are called ---- */

static int expr_key(struct spansets *s, const struct expr *e, struct str *ret, struct err *err)
{
    struct arena *arena = &s->run->own_tables;
    struct buf text;
    buf_init(&text, TRACEQL_BYTES_MAX);
    traceql_print_expr(e, &text);
    *ret = arena_printf(arena, e->op == EXPR_AGGREGATE ? "%.*s" : "by(%.*s)",
                        text.failed ? 0 : (int)text.n, text.p ? (const char *)text.p : "");
    buf_release(&text);
    return ret->p ? 0 : run_out_of_memory(err);
}

/* Of aggregates what is needed of their operand. Good until the next call. */
static int know(struct spansets *s, const struct expr *e, const struct known_expr **ret,
                struct err *err)
{
    struct known_expr *all;
    for (size_t i = 0; i < s->known_count; i++) {
        if (s->known[i].expr == e) {
            *ret = &s->known[i];
            return 0;
        }
    }
    all = arena_grow(&s->run->own_tables, s->known, s->known_count, &s->known_cap,
                     s->known_count + 1, sizeof *all);
    if (!all)
        return run_out_of_memory(err);
    s->known = all;
    all += s->known_count;
    *all = (struct known_expr){.expr = e};
    TRY(expr_key(s, e, &all->key, err));
    if (e->op != EXPR_AGGREGATE)
        view_needs_of(e, &all->needs);
    else if (e->left)
        view_needs_of(e->left, &all->needs);
    s->known_count++;
    *ret = all;
    return 0;
}

/* The set's own list with one more, or another value. */
static int set_attr(struct spansets *s, struct view_set *set, struct str key, struct value value,
                    struct err *err)
{
    struct attr *attrs = arena_calloc(&s->run->rows, (size_t)set->attr_count + 1, sizeof *attrs);
    uint32_t at = 0;
    if (!attrs)
        return run_out_of_memory(err);
    if (set->attr_count)
        memcpy(attrs, set->attrs, set->attr_count * sizeof *attrs);
    while (at < set->attr_count && !str_eq(attrs[at].key, key))
        at++;
    attrs[at] = (struct attr){key, value};
    set->attr_count += at == set->attr_count;
    set->attrs = attrs;
    return 0;
}

/* ---- by() ---- */

/* One set for each value: groups are numbered as they come, those of one set behind each other. */
struct grouping {
    struct spansets *s;
    struct dict dict; /* number of the old set and value, as bytes */
    struct buf bytes;
    struct view_set *sets; /* the new ones */
    size_t cap;
    uint32_t *group_of; /* of each row of each old set */
};

static struct str keep_bytes(struct str bytes, void *user)
{
    struct grouping *g = user;
    return arena_str(&g->s->run->rows, bytes);
}

static void put_value(struct buf *b, const struct value *v, struct arena *scratch)
{
    buf_put_byte(b, (unsigned char)v->type);
    switch (v->type) {
    case VALUE_EMPTY: return;
    case VALUE_BOOL: buf_put_byte(b, v->boolean); return;
    case VALUE_INT: buf_put(b, &v->integer, sizeof v->integer); return;
    case VALUE_DOUBLE: buf_put(b, &v->number, sizeof v->number); return;
    case VALUE_STRING:
    case VALUE_BYTES: buf_put_str(b, v->string); return;
    default: buf_put_str(b, value_text(v, scratch)); return;
    }
}

static int new_group(struct grouping *g, const struct view_set *old, struct str key,
                     struct value value, struct err *err)
{
    struct run *r = g->s->run;
    struct view_set *sets =
        arena_grow(&r->rows, g->sets, g->dict.count - 1, &g->cap, g->dict.count, sizeof *sets);
    if (!sets)
        return run_out_of_memory(err);
    g->sets = sets;
    sets += g->dict.count - 1;
    *sets = (struct view_set){.attrs = old->attrs, .attr_count = old->attr_count};
    value_copy(&value, &r->rows);
    if (arena_failed(&r->rows))
        return run_out_of_memory(err);
    return set_attr(g->s, sets, key, value, err);
}

static int group_row(struct grouping *g, const struct known_expr *by, const struct view_set *old,
                     uint32_t number, uint32_t row, uint32_t *ret, struct err *err)
{
    struct run *r = g->s->run;
    uint32_t known = g->dict.count;
    struct value value;
    TRY(view_value(r, g->s->view, row, by->expr, &by->needs, &value, err));
    buf_clear(&g->bytes);
    buf_put(&g->bytes, &number, sizeof number);
    put_value(&g->bytes, &value, &r->scratch);
    if (g->bytes.failed)
        return run_out_of_memory(err);
    *ret = dict_intern_kept(&g->dict, buf_str(&g->bytes), keep_bytes, g);
    if (*ret == DICT_NONE)
        return run_out_of_memory(err);
    if (g->dict.count > known)
        TRY(new_group(g, old, by->key, value, err));
    g->sets[*ret].count++;
    return run_tick(r, err);
}

/* Deals the rows out; each set's room is known. */
static int deal_rows(struct grouping *g, const struct view_sets *old, uint32_t total,
                     struct err *err)
{
    uint32_t *rows = arena_alloc(&g->s->run->rows, (size_t)total * sizeof *rows), n = 0;
    if (!rows)
        return run_out_of_memory(err);
    for (uint32_t i = 0; i < g->dict.count; i++) {
        g->sets[i].rows = rows;
        rows += g->sets[i].count;
        g->sets[i].count = 0;
    }
    for (uint32_t i = 0; i < old->count; i++) {
        for (uint32_t k = 0; k < old->items[i].count; k++) {
            struct view_set *set = &g->sets[g->group_of[n++]];
            set->rows[set->count++] = old->items[i].rows[k];
        }
    }
    return 0;
}

static int group_sets(struct grouping *g, const struct known_expr *by, struct view_sets *sets,
                      struct err *err)
{
    uint32_t total = 0, n = 0;
    for (uint32_t i = 0; i < sets->count; i++)
        total += sets->items[i].count;
    g->group_of = arena_alloc(&g->s->run->rows, (size_t)total * sizeof *g->group_of);
    if (!g->group_of)
        return run_out_of_memory(err);
    for (uint32_t i = 0; i < sets->count; i++) {
        const struct view_set *old = &sets->items[i];
        for (uint32_t k = 0; k < old->count; k++, n++)
            TRY(group_row(g, by, old, i, old->rows[k], &g->group_of[n], err));
    }
    TRY(deal_rows(g, sets, total, err));
    *sets = (struct view_sets){g->sets, g->dict.count};
    return 0;
}

int by_stage(struct spansets *s, const struct expr *e, struct view_sets *sets, struct err *err)
{
    struct grouping g = {.s = s};
    const struct known_expr *by;
    int rc;
    TRY(know(s, e, &by, err));
    buf_init(&g.bytes, 0);
    rc = group_sets(&g, by, sets, err);
    buf_release(&g.bytes);
    dict_release(&g.dict);
    return rc;
}

/* ---- Aggregates ---- */

/* What was seen of the numbers. Integers are added exactly. */
struct numbers {
    uint32_t count;
    bool doubles; /* some were */
    __int128 sum;
    long double double_sum;
    struct value max, min;
};

/* A long double holds every int64_t and every double. */
static long double as_long_double(const struct value *v)
{
    return v->type == VALUE_INT ? (long double)v->integer : (long double)v->number;
}

static void add_number(struct numbers *n, const struct value *v)
{
    if (v->type != VALUE_INT && v->type != VALUE_DOUBLE)
        return;
    if (!n->count || as_long_double(v) > as_long_double(&n->max))
        n->max = *v;
    if (!n->count || as_long_double(v) < as_long_double(&n->min))
        n->min = *v;
    if (v->type == VALUE_INT)
        n->sum += v->integer;
    else
        n->double_sum += (long double)v->number;
    n->doubles |= v->type == VALUE_DOUBLE;
    n->count++;
}

static struct value double_of(double d)
{
    return (struct value){.type = VALUE_DOUBLE, .number = d};
}

static struct value sum_of(const struct numbers *n)
{
    if (n->doubles || n->sum > INT64_MAX || n->sum < INT64_MIN)
        return double_of((double)((long double)n->sum + n->double_sum));
    return (struct value){.type = VALUE_INT, .integer = (int64_t)n->sum};
}

static struct value result_of(enum aggregate aggregate, const struct numbers *n)
{
    if (!n->count)
        return (struct value){.type = VALUE_EMPTY};
    switch (aggregate) {
    case AGGREGATE_MAX: return n->max;
    case AGGREGATE_MIN: return n->min;
    case AGGREGATE_SUM: return sum_of(n);
    default: return double_of((double)(((long double)n->sum + n->double_sum) / n->count));
    }
}

static int aggregate_value(struct spansets *s, const struct expr *e, const struct view_set *set,
                           struct value *ret, struct err *err)
{
    const struct known_expr *known;
    struct numbers n = {.count = 0};
    if (e->aggregate == AGGREGATE_COUNT || !e->left) {
        *ret = (struct value){.type = VALUE_INT, .integer = set->count};
        return 0;
    }
    TRY(know(s, e, &known, err));
    for (uint32_t i = 0; i < set->count; i++) {
        struct value v;
        TRY(view_value(s->run, s->view, set->rows[i], e->left, &known->needs, &v, err));
        add_number(&n, &v);
        TRY(run_tick(s->run, err));
    }
    *ret = result_of(e->aggregate, &n);
    return 0;
}

/* Aggregates met on the way become attributes of the set. */
static int scalar_value(struct spansets *s, const struct expr *e, struct view_set *set,
                        struct value *ret, struct err *err)
{
    const struct known_expr *known;
    struct value a = {.type = VALUE_EMPTY}, b = {.type = VALUE_EMPTY};
    if (e->op == EXPR_AGGREGATE) {
        TRY(aggregate_value(s, e, set, ret, err));
        TRY(know(s, e, &known, err));
        return ret->type == VALUE_EMPTY ? 0 : set_attr(s, set, known->key, *ret, err);
    }
    if (e->left)
        TRY(scalar_value(s, e->left, set, &a, err));
    if (e->right)
        TRY(scalar_value(s, e->right, set, &b, err));
    switch (e->op) {
    case EXPR_LITERAL: *ret = e->literal; return 0;
    case EXPR_NEG: *ret = value_negative(&a); return 0;
    default: *ret = value_arithmetic(e->op, &a, &b); return 0;
    }
}

static int set_passes(struct spansets *s, const struct expr *e, struct view_set *set, bool *ret,
                      struct err *err)
{
    struct value a, b;
    TRY(scalar_value(s, e->left, set, &a, err));
    TRY(scalar_value(s, e->right, set, &b, err));
    struct expr left = {.op = EXPR_LITERAL, .literal = a},
                right = {.op = EXPR_LITERAL, .literal = b},
                comparison = {.op = e->op, .left = &left, .right = &right};
    *ret = a.type != VALUE_EMPTY && b.type != VALUE_EMPTY &&
           expr_holds_in(&comparison, &(struct span_view){.span = NULL}, &s->run->scratch);
    return 0;
}

int scalar_stage(struct spansets *s, const struct expr *e, struct view_sets *sets, struct err *err)
{
    uint32_t kept = 0;
    if (!e->left || !e->right)
        return err_set(err, ERR_INVALID, "a filter of sets compares two values");
    for (uint32_t i = 0; i < sets->count; i++) {
        bool passes = false;
        TRY(set_passes(s, e, &sets->items[i], &passes, err));
        if (passes)
            sets->items[kept++] = sets->items[i];
        TRY(run_tick(s->run, err));
    }
    sets->count = kept;
    return 0;
}
