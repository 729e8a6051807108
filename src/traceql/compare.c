/* compare.c - values against values.
 *
 * Strings and bytes are ordered byte by byte, numbers by value (integers and doubles exactly), other types know only =
 * and !=. Values of types that cannot be compared satisfy nothing, != neither. */
#include "traceql/compare.h"

#include "traceql/pattern.h"

static int compare_ints(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

/* Exact, though not every integer is a double. 2 = not comparable (NaN). */
static int compare_int_double(int64_t a, double b)
{
    double whole;
    int c;
    if (b != b)
        return 2;
    if (b >= 9223372036854775808.0)
        return -1;
    if (b < -9223372036854775808.0)
        return 1;
    whole = (double)(int64_t)b;
    c = compare_ints(a, (int64_t)b);
    if (c)
        return c;
    return (whole > b) - (whole < b);
}

static int compare_doubles(double a, double b)
{
    if (a != a || b != b)
        return 2;
    return (a > b) - (a < b);
}

enum { UNEQUAL = 2 }; /* not the same, and without an order */

/* -1, 0, 1, UNEQUAL; false when the types cannot be compared at all. */
static bool compare(const struct value *a, const struct value *b, int *ret)
{
    if (a->type == VALUE_INT && b->type == VALUE_DOUBLE) {
        *ret = compare_int_double(a->integer, b->number);
        return true;
    }
    if (a->type == VALUE_DOUBLE && b->type == VALUE_INT) {
        *ret = compare_int_double(b->integer, a->number);
        *ret = *ret == UNEQUAL ? UNEQUAL : -*ret;
        return true;
    }
    if (a->type != b->type || a->type == VALUE_EMPTY)
        return false;
    switch (a->type) {
    case VALUE_INT: *ret = compare_ints(a->integer, b->integer); return true;
    case VALUE_DOUBLE: *ret = compare_doubles(a->number, b->number); return true;
    case VALUE_STRING:
    case VALUE_BYTES:
        *ret = str_cmp(a->string, b->string);
        *ret = (*ret > 0) - (*ret < 0);
        return true;
    default: *ret = value_eq(a, b) ? 0 : UNEQUAL; return true;
    }
}

static bool one_holds(enum expr_op op, const struct value *a, const struct value *b)
{
    int c;
    if (!compare(a, b, &c))
        return false;
    switch (op) {
    case EXPR_EQ: return c == 0;
    case EXPR_NE: return c != 0;
    case EXPR_LT: return c == -1;
    case EXPR_LE: return c == -1 || c == 0;
    case EXPR_GT: return c == 1;
    case EXPR_GE: return c == 1 || c == 0;
    default: return false;
    }
}

static bool one_matches(enum expr_op op, const struct value *v, const struct pattern *pattern)
{
    return v->type == VALUE_STRING && pattern &&
           pattern_holds(pattern, v->string, op == EXPR_MATCH);
}

/* What is wanted of elements: all of them for "is not", else one. */
static bool wants_all(enum expr_op op)
{
    return op == EXPR_NE || op == EXPR_NOT_MATCH;
}

bool compare_holds(enum expr_op op, const struct value *a, const struct value *b)
{
    bool left = a->type == VALUE_ARRAY, right = b->type == VALUE_ARRAY;
    const struct value_list *list = left ? &a->array : &b->array;
    if (left == right)
        return one_holds(op, a, b);
    if ((left ? b : a)->type == VALUE_EMPTY)
        return false;
    for (uint32_t i = 0; i < list->count; i++) {
        const struct value *item = &list->items[i];
        if (one_holds(op, left ? item : a, left ? b : item) != wants_all(op))
            return !wants_all(op);
    }
    return wants_all(op);
}

bool compare_matches(enum expr_op op, const struct value *v, const struct pattern *pattern)
{
    if (v->type != VALUE_ARRAY)
        return one_matches(op, v, pattern);
    for (uint32_t i = 0; i < v->array.count; i++) {
        if (one_matches(op, &v->array.items[i], pattern) != wants_all(op))
            return !wants_all(op);
    }
    return wants_all(op);
}
