/* tree.h - trees of queries compared, and shown as text that tells their forms apart. */
#ifndef TESTS_TRACEQL_TREE_H
#define TESTS_TRACEQL_TREE_H

#include "base/hex.h"
#include "test.h"
#include "traceql/traceql.h"

/* Places in the text do not count. */
static inline bool same_expr(const struct expr *a, const struct expr *b)
{
    if (!a || !b)
        return a == b;
    return a->op == b->op && a->type == b->type && a->aggregate == b->aggregate &&
           a->field.kind == b->field.kind && a->field.scope == b->field.scope &&
           str_eq(a->field.key, b->field.key) && value_eq(&a->literal, &b->literal) &&
           !a->pattern == !b->pattern && same_expr(a->left, b->left) &&
           same_expr(a->right, b->right);
}

static inline bool same_pipeline(const struct pipeline *a, const struct pipeline *b);

static inline bool same_spansets(const struct spanset_expr *a, const struct spanset_expr *b)
{
    if (!a || !b)
        return a == b;
    return a->op == b->op && a->relation == b->relation && a->form == b->form &&
           a->number == b->number && same_expr(a->written, b->written) &&
           same_expr(a->condition, b->condition) && same_spansets(a->left, b->left) &&
           same_spansets(a->right, b->right) && same_pipeline(a->pipeline, b->pipeline);
}

static inline bool same_stage(const struct stage *a, const struct stage *b)
{
    if (a->kind != b->kind || a->field_count != b->field_count)
        return false;
    for (uint32_t i = 0; i < a->field_count; i++) {
        if (!same_expr(a->fields[i], b->fields[i]))
            return false;
    }
    return same_spansets(a->spansets, b->spansets) && same_expr(a->expr, b->expr);
}

static inline bool same_pipeline(const struct pipeline *a, const struct pipeline *b)
{
    if (!a || !b)
        return a == b;
    if (a->stage_count != b->stage_count)
        return false;
    for (uint32_t i = 0; i < a->stage_count; i++) {
        if (!same_stage(&a->stages[i], &b->stages[i]))
            return false;
    }
    return true;
}

static inline bool same_function(const struct metric *a, const struct metric *b)
{
    if (!a || !b)
        return a == b;
    if (a->kind != b->kind || a->by_count != b->by_count ||
        a->quantile_count != b->quantile_count || a->top_n != b->top_n ||
        a->start_ns != b->start_ns || a->end_ns != b->end_ns)
        return false;
    for (uint32_t i = 0; i < a->by_count; i++) {
        if (!same_expr(a->by[i], b->by[i]))
            return false;
    }
    return memcmp(a->quantiles, b->quantiles, sizeof a->quantiles) == 0 &&
           same_expr(a->operand, b->operand) && same_spansets(a->selection, b->selection);
}

static inline bool same_metric(const struct metric_expr *a, const struct metric_expr *b)
{
    if (!a || !b)
        return a == b;
    if (a->op != b->op || a->scalar != b->scalar || a->second_count != b->second_count)
        return false;
    for (uint32_t i = 0; i < a->second_count; i++) {
        const struct second *s = &a->seconds[i], *t = &b->seconds[i];
        if (s->kind != t->kind || s->n != t->n || s->op != t->op || s->literal != t->literal)
            return false;
    }
    return same_metric(a->left, b->left) && same_metric(a->right, b->right) &&
           same_pipeline(a->pipeline, b->pipeline) && same_function(a->metric, b->metric);
}

static inline bool same_query(const struct traceql *a, const struct traceql *b)
{
    if (a->hint_count != b->hint_count || a->filter_count != b->filter_count)
        return false;
    for (uint32_t i = 0; i < a->hint_count; i++) {
        if (!str_eq(a->hints[i].name, b->hints[i].name) ||
            !value_eq(&a->hints[i].value, &b->hints[i].value))
            return false;
    }
    return same_pipeline(a->search, b->search) && same_metric(a->metric, b->metric);
}

/* (op left right) for the general form, [op field literal] for leaves. */
static inline void show_expr(const struct expr *e, struct buf *out)
{
    static const char *const ops[] = {"and", "or", "not", "=",      "!=",    "<",   "<=",       ">",
                                      ">=",  "=~", "!~",  "exists", "text=", "f",   "l",        "+",
                                      "-",   "*",  "/",   "%",      "^",     "neg", "aggregate"};
    struct expr literal = {.op = EXPR_LITERAL};
    if (e->op == EXPR_FIELD || e->op == EXPR_LITERAL) {
        traceql_print_expr(e, out);
        return;
    }
    if (e->left) {
        buf_printf(out, "(%s ", ops[e->op]);
        show_expr(e->left, out);
        if (e->right) {
            buf_put_byte(out, ' ');
            show_expr(e->right, out);
        }
        buf_put_byte(out, ')');
        return;
    }
    buf_printf(out, "[%s ", ops[e->op]);
    traceql_print_field(&e->field, out);
    if (e->op != EXPR_EXISTS) {
        literal.literal = e->literal;
        buf_put_byte(out, ' ');
        traceql_print_expr(&literal, out);
    }
    buf_put_byte(out, ']');
}

#endif
