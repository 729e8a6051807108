/* ast.c - node constructors. */
#include "traceql/ast.h"

static struct expr *node(struct arena *a, enum expr_op op)
{
    struct expr *e = arena_calloc(a, 1, sizeof *e);
    if (e)
        e->op = op;
    return e;
}

static const struct expr *pair(struct arena *a, enum expr_op op, const struct expr *left,
                               const struct expr *right)
{
    struct expr *e = node(a, op);
    if (!e)
        return NULL;
    e->left = left;
    e->right = right;
    return e;
}

const struct expr *expr_and(struct arena *a, const struct expr *left, const struct expr *right)
{
    if (!left || !right)
        return left ? left : right;
    return pair(a, EXPR_AND, left, right);
}

const struct expr *expr_or(struct arena *a, const struct expr *left, const struct expr *right)
{
    return left && right ? pair(a, EXPR_OR, left, right) : NULL;
}

const struct expr *expr_not(struct arena *a, const struct expr *operand)
{
    return operand ? pair(a, EXPR_NOT, operand, NULL) : NULL;
}

const struct expr *expr_compare(struct arena *a, enum expr_op op, struct field field,
                                struct value literal)
{
    struct expr *e = node(a, op);
    if (!e)
        return NULL;
    e->field = field;
    e->literal = literal;
    return e;
}
