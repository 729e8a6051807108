/* without_trace.c - what a condition says of a span when its trace is not known: all that may hold. */
#include "base/err.h"
#include "traceql/ast.h"

/* A condition that may be a constant. */
struct bound {
    enum { BOUND_NEVER, BOUND_ALWAYS, BOUND_EXPR } kind;
    const struct expr *expr;
};

static struct bound bound_of(const struct expr *e)
{
    return (struct bound){BOUND_EXPR, e};
}

bool expr_needs_trace(const struct expr *e)
{
    if (!e)
        return false;
    if (e->left || e->right)
        return expr_needs_trace(e->left) || expr_needs_trace(e->right);
    return e->op != EXPR_LITERAL && field_needs_trace(&e->field);
}

static struct bound both(struct arena *a, struct bound x, struct bound y)
{
    if (x.kind == BOUND_NEVER || y.kind == BOUND_ALWAYS)
        return x;
    if (y.kind == BOUND_NEVER || x.kind == BOUND_ALWAYS)
        return y;
    return bound_of(x.expr && y.expr ? expr_and(a, x.expr, y.expr) : NULL);
}

static struct bound either(struct arena *a, struct bound x, struct bound y)
{
    if (x.kind == BOUND_ALWAYS || y.kind == BOUND_NEVER)
        return x;
    if (y.kind == BOUND_ALWAYS || x.kind == BOUND_NEVER)
        return y;
    return bound_of(expr_or(a, x.expr, y.expr));
}

static struct bound opposite(struct arena *a, struct bound x)
{
    if (x.kind != BOUND_EXPR)
        return (struct bound){x.kind == BOUND_NEVER ? BOUND_ALWAYS : BOUND_NEVER, NULL};
    return bound_of(expr_not(a, x.expr));
}

/* upper: holds whenever e could; else: holds only when e surely does. */
static struct bound bound(struct arena *a, const struct expr *e, bool upper)
{
    if (!expr_needs_trace(e))
        return bound_of(e);
    switch (e->op) {
    case EXPR_AND: return both(a, bound(a, e->left, upper), bound(a, e->right, upper));
    case EXPR_OR: return either(a, bound(a, e->left, upper), bound(a, e->right, upper));
    case EXPR_NOT: return opposite(a, bound(a, e->left, !upper));
    default: return (struct bound){upper ? BOUND_ALWAYS : BOUND_NEVER, NULL};
    }
}

int expr_without_trace(const struct expr *condition, struct arena *a, const struct expr **ret)
{
    struct bound b = {BOUND_ALWAYS, NULL};
    struct expr *never;
    *ret = NULL;
    if (condition)
        b = bound(a, condition, true);
    if (b.kind == BOUND_ALWAYS)
        return 0;
    if (b.kind == BOUND_EXPR) {
        *ret = b.expr;
        return b.expr ? 0 : ERR_TOO_LARGE;
    }
    never = arena_calloc(a, 1, sizeof *never);
    if (!never)
        return ERR_TOO_LARGE;
    *never = (struct expr){.op = EXPR_LITERAL, .type = TYPE_BOOL, .literal = {.type = VALUE_BOOL}};
    *ret = never;
    return 0;
}
