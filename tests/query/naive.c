/* naive.c - see naive.h. */
#include "naive.h"

#include <stdio.h>
#include <stdlib.h>

enum { NONE = UINT32_MAX };

static const struct span *span_at(const struct naive_trace *t, uint32_t i)
{
    return &t->spans[i];
}

/* ---- Trees ---- */

/* The first other span with the id that it names. */
static uint32_t find_parent(const struct naive_trace *t, uint32_t i)
{
    if (span_id_is_zero(span_at(t, i)->parent_span_id))
        return NONE;
    for (uint32_t k = 0; k < t->count; k++) {
        if (k != i && span_id_eq(span_at(t, k)->span_id, span_at(t, i)->parent_span_id))
            return k;
    }
    return NONE;
}

static uint32_t parent_of(const struct naive_trace *t, uint32_t i)
{
    return t->parents[i];
}

/* The top of its tree; NONE when going up never ends. */
static uint32_t top_of(const struct naive_trace *t, uint32_t i)
{
    for (uint32_t steps = 0; steps <= t->count; steps++) {
        uint32_t up = parent_of(t, i);
        if (up == NONE)
            return i;
        i = up;
    }
    return NONE;
}

static bool is_above(const struct naive_trace *t, uint32_t above, uint32_t i)
{
    while ((i = parent_of(t, i)) != NONE) {
        if (i == above)
            return true;
    }
    return false;
}

static bool stands(const struct naive_trace *t, enum relation relation, uint32_t left,
                   uint32_t right)
{
    if (top_of(t, left) == NONE || top_of(t, right) == NONE)
        return false;
    switch (relation) {
    case RELATION_CHILD: return parent_of(t, right) == left;
    case RELATION_PARENT: return parent_of(t, left) == right;
    case RELATION_DESCENDANT: return is_above(t, left, right);
    case RELATION_ANCESTOR: return is_above(t, right, left);
    case RELATION_SIBLING:
        return left != right && parent_of(t, left) != NONE &&
               parent_of(t, left) == parent_of(t, right);
    }
    return false;
}

static void number(const struct naive_trace *t, uint32_t i, int32_t *next, int32_t parent,
                   struct tree_facts *facts)
{
    facts[i].nested_parent = parent;
    facts[i].nested_left = ++*next;
    for (uint32_t k = 0; k < t->count; k++) {
        if (parent_of(t, k) == i)
            number(t, k, next, facts[i].nested_left, facts);
    }
    facts[i].nested_right = ++*next;
}

static void make_facts(const struct naive_trace *t, struct trace_facts *trace,
                       struct tree_facts *tree)
{
    const struct span *root = NULL;
    uint64_t end = 0;
    int32_t next = 0;
    memset(tree, 0, t->count * sizeof *tree);
    for (uint32_t i = 0; i < t->count; i++) {
        const struct span *s = span_at(t, i);
        uint64_t last = s->start_ns + span_duration_ns(s);
        bool is_root = span_id_is_zero(s->parent_span_id);
        end = last > end ? last : end;
        if (is_root && !root)
            root = s;
        if (is_root)
            number(t, i, &next, -1, tree);
        if (parent_of(t, i) != NONE)
            tree[parent_of(t, i)].child_count++;
    }
    root = root ? root : span_at(t, 0);
    *trace = (struct trace_facts){end - span_at(t, 0)->start_ns, root->name,
                                  root->resource->service_name};
}

/* ---- Expressions over one span ---- */

struct naive {
    const struct naive_trace *t;
    struct trace_facts facts;
    struct tree_facts tree[NAIVE_SPANS_MAX];
    struct arena *a;
};

static struct span_view view_of(const struct naive *n, uint32_t i)
{
    return (struct span_view){span_at(n->t, i), &n->facts, &n->tree[i]};
}

static struct value value_at(const struct naive *n, const struct expr *e, uint32_t i)
{
    struct span_view view = view_of(n, i);
    return expr_value(e, &view, n->a);
}

/* ---- Sets ---- */

uint32_t naive_size(const struct naive_set *s)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < NAIVE_SPANS_MAX; i++)
        count += s->has[i];
    return count;
}

static struct naive_sets run(struct naive *n, const struct pipeline *p, const struct naive_set *in,
                             uint32_t count);

static struct naive_set unite(const struct naive_sets *sets)
{
    struct naive_set all = {.attr_count = 0};
    for (uint32_t i = 0; i < sets->count; i++) {
        for (uint32_t k = 0; k < NAIVE_SPANS_MAX; k++)
            all.has[k] |= sets->items[i].has[k];
    }
    return all;
}

static void relate(struct naive *n, const struct spanset_expr *e, const struct naive_set *left,
                   const struct naive_set *right, struct naive_set *ret)
{
    for (uint32_t r = 0; r < n->t->count; r++) {
        bool found = false;
        for (uint32_t l = 0; l < n->t->count && right->has[r]; l++) {
            if (!left->has[l] || !stands(n->t, e->relation, l, r))
                continue;
            found = true;
            ret->has[l] |= e->form == RELATION_UNION;
        }
        ret->has[r] |= right->has[r] && found == (e->form != RELATION_NEGATED);
    }
}

/* The spans of in that the expression keeps. */
static struct naive_set keep(struct naive *n, const struct spanset_expr *e,
                             const struct naive_set *in)
{
    struct naive_set ret = {.attr_count = 0}, left, right;
    struct naive_sets sets;
    switch (e->op) {
    case SPANSET_FILTER:
        for (uint32_t i = 0; i < n->t->count; i++) {
            struct span_view view = view_of(n, i);
            ret.has[i] = in->has[i] && expr_holds_in(e->condition, &view, n->a);
        }
        return ret;
    case SPANSET_PIPELINE: sets = run(n, e->pipeline, in, 1); return unite(&sets);
    default: break;
    }
    left = keep(n, e->left, in);
    right = keep(n, e->right, in);
    if (e->op == SPANSET_RELATION)
        relate(n, e, &left, &right, &ret);
    else if (e->op == SPANSET_OR || (naive_size(&left) && naive_size(&right)))
        for (uint32_t i = 0; i < NAIVE_SPANS_MAX; i++)
            ret.has[i] = left.has[i] || right.has[i];
    return ret;
}

/* ---- Stages ---- */

static void push(struct naive *n, struct naive_sets *sets, const struct naive_set *set)
{
    struct naive_set *items = arena_calloc(n->a, (size_t)sets->count + 1, sizeof *items);
    if (!naive_size(set))
        return;
    if (sets->count)
        memcpy(items, sets->items, sets->count * sizeof *items);
    items[sets->count++] = *set;
    sets->items = items;
}

static void put_attr(struct naive_set *set, struct str key, struct value value)
{
    for (uint32_t i = 0; i < set->attr_count; i++) {
        if (str_eq(set->attrs[i].key, key)) {
            set->attrs[i].value = value;
            return;
        }
    }
    set->attrs[set->attr_count++] = (struct attr){key, value};
}

static struct str key_of(struct naive *n, const struct expr *e, const char *format)
{
    struct buf text;
    struct str key;
    buf_init(&text, 0);
    traceql_print_expr(e, &text);
    key = arena_printf(n->a, strcmp(format, "by") == 0 ? "by(%.*s)" : "%.*s", (int)text.n, text.p);
    buf_release(&text);
    return key;
}

/* Equal, and empty values too: those are a set of their own. */
static bool same_value(const struct value *a, const struct value *b)
{
    return a->type == b->type && (a->type == VALUE_EMPTY || value_eq(a, b));
}

static void split(struct naive *n, const struct expr *e, const struct naive_set *in,
                  struct naive_sets *ret)
{
    bool done[NAIVE_SPANS_MAX] = {false};
    for (uint32_t i = 0; i < n->t->count; i++) {
        struct naive_set set = *in;
        struct value first;
        if (!in->has[i] || done[i])
            continue;
        first = value_at(n, e, i);
        for (uint32_t k = 0; k < n->t->count; k++) {
            struct value v = {.type = VALUE_EMPTY};
            if (in->has[k])
                v = value_at(n, e, k);
            set.has[k] = in->has[k] && same_value(&v, &first);
            done[k] |= set.has[k];
        }
        put_attr(&set, key_of(n, e, "by"), first);
        push(n, ret, &set);
    }
}

/* Wide enough for every integer and every double. */
static long double wide(const struct value *v)
{
    return v->type == VALUE_INT ? (long double)v->integer : (long double)v->number;
}

static struct value sum_of(const struct value *numbers, uint32_t count, bool average)
{
    bool doubles = average;
    long double sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        sum += wide(&numbers[i]);
        doubles |= numbers[i].type == VALUE_DOUBLE;
    }
    if (!doubles && sum <= (long double)INT64_MAX && sum >= (long double)INT64_MIN)
        return (struct value){.type = VALUE_INT, .integer = (int64_t)sum};
    return (struct value){.type = VALUE_DOUBLE, .number = (double)(average ? sum / count : sum)};
}

static struct value aggregate(struct naive *n, const struct expr *e, const struct naive_set *set)
{
    struct value numbers[NAIVE_SPANS_MAX], best;
    uint32_t count = 0;
    if (e->aggregate == AGGREGATE_COUNT)
        return (struct value){.type = VALUE_INT, .integer = naive_size(set)};
    for (uint32_t i = 0; i < n->t->count; i++) {
        struct value v = {.type = VALUE_EMPTY};
        if (set->has[i])
            v = value_at(n, e->left, i);
        if (set->has[i] && (v.type == VALUE_INT || v.type == VALUE_DOUBLE))
            numbers[count++] = v;
    }
    if (!count)
        return (struct value){.type = VALUE_EMPTY};
    best = numbers[0];
    for (uint32_t i = 1; i < count; i++) {
        if (e->aggregate == AGGREGATE_MAX ? wide(&numbers[i]) > wide(&best)
                                          : wide(&numbers[i]) < wide(&best))
            best = numbers[i];
    }
    if (e->aggregate == AGGREGATE_MAX || e->aggregate == AGGREGATE_MIN)
        return best;
    return sum_of(numbers, count, e->aggregate == AGGREGATE_AVG);
}

/* The expression with literals in the place of aggregates. */
static const struct expr *with_numbers(struct naive *n, const struct expr *e, struct naive_set *set)
{
    struct expr *copy;
    if (!e)
        return NULL;
    copy = arena_calloc(n->a, 1, sizeof *copy);
    *copy = *e;
    if (e->op == EXPR_AGGREGATE) {
        *copy = (struct expr){.op = EXPR_LITERAL, .literal = aggregate(n, e, set)};
        if (copy->literal.type != VALUE_EMPTY)
            put_attr(set, key_of(n, e, "aggregate"), copy->literal);
        return copy;
    }
    copy->left = with_numbers(n, e->left, set);
    copy->right = with_numbers(n, e->right, set);
    return copy;
}

static void filter_set(struct naive *n, const struct expr *e, const struct naive_set *in,
                       struct naive_sets *ret)
{
    struct naive_set set = *in;
    const struct expr *numbers = with_numbers(n, e, &set);
    struct span_view nothing = {.span = NULL};
    struct value a = expr_value(numbers->left, &nothing, n->a),
                 b = expr_value(numbers->right, &nothing, n->a);
    if (a.type != VALUE_EMPTY && b.type != VALUE_EMPTY && expr_holds_in(numbers, &nothing, n->a))
        push(n, ret, &set);
}

static struct naive_sets stage(struct naive *n, const struct stage *s, const struct naive_sets *in)
{
    struct naive_sets ret = {NULL, 0};
    struct naive_set set;
    if (s->kind == STAGE_SELECT)
        return *in;
    if (s->kind == STAGE_SPANSETS && s->spansets->op == SPANSET_PIPELINE)
        return run(n, s->spansets->pipeline, in->items, in->count);
    if (s->kind == STAGE_COALESCE) {
        set = unite(in);
        push(n, &ret, &set);
        return ret;
    }
    for (uint32_t i = 0; i < in->count; i++) {
        if (s->kind == STAGE_BY)
            split(n, s->expr, &in->items[i], &ret);
        if (s->kind == STAGE_SCALAR_FILTER)
            filter_set(n, s->expr, &in->items[i], &ret);
        if (s->kind != STAGE_SPANSETS)
            continue;
        set = keep(n, s->spansets, &in->items[i]);
        memcpy(set.attrs, in->items[i].attrs, sizeof set.attrs);
        set.attr_count = in->items[i].attr_count;
        push(n, &ret, &set);
    }
    return ret;
}

static struct naive_sets run(struct naive *n, const struct pipeline *p, const struct naive_set *in,
                             uint32_t count)
{
    struct naive_sets sets = {NULL, 0};
    for (uint32_t i = 0; i < count; i++)
        push(n, &sets, &in[i]);
    for (uint32_t i = 0; i < p->stage_count; i++)
        sets = stage(n, &p->stages[i], &sets);
    return sets;
}

struct naive_sets naive_run(struct naive_trace *t, const struct pipeline *p, struct arena *a)
{
    struct naive *n = arena_calloc(a, 1, sizeof *n);
    for (uint32_t i = 0; i < t->count; i++)
        t->parents[i] = find_parent(t, i);
    struct naive_set all = {.attr_count = 0};
    n->t = t;
    n->a = a;
    make_facts(t, &n->facts, n->tree);
    for (uint32_t i = 0; i < t->count; i++)
        all.has[i] = true;
    return run(n, p, &all, 1);
}
