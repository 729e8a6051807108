/* parse_filter.c - { condition }. */
#include "traceql/check.h"
#include "traceql/lower.h"

/* What engines run; NULL stands for every span. */
static int run_form(struct parser *p, struct spanset_expr *filter)
{
    const struct expr *condition;
    if (p->diag.fault) /* types do not fit: nobody will run it */
        return 0;
    condition = lower_condition(p->arena, filter->written);
    if (!condition)
        return parser_full(p);
    if (condition->op != EXPR_LITERAL || !condition->literal.boolean)
        filter->condition = condition;
    return 0;
}

int parse_filter(struct parser *p, const struct spanset_expr **ret)
{
    struct spanset_expr *filter = parser_alloc(p, 1, sizeof *filter);
    struct term t;
    if (!filter)
        return parser_full(p);
    TRY(parser_expect(p, TOKEN_OPEN_BRACE, ""));
    filter->op = SPANSET_FILTER;
    filter->number = p->filter_count++;
    *ret = filter;
    if (parser_at(p, TOKEN_CLOSE_BRACE))
        return parser_advance(p);
    TRY(parse_expr(p, "a condition", &t));
    TRY(parser_expect(p, TOKEN_CLOSE_BRACE, "or an operator"));
    check_condition(p, &t);
    filter->written = t.expr;
    return run_form(p, filter);
}
