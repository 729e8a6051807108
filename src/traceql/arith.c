/* arith.c - arithmetic on values. */
#include "traceql/arith.h"

#include <math.h>

static struct value of_int(int64_t n)
{
    return (struct value){.type = VALUE_INT, .integer = n};
}

static struct value of_double(double n)
{
    return (struct value){.type = VALUE_DOUBLE, .number = n};
}

static bool is_number(const struct value *v)
{
    return v->type == VALUE_INT || v->type == VALUE_DOUBLE;
}

static double as_double(const struct value *v)
{
    return v->type == VALUE_INT ? (double)v->integer : v->number;
}

static struct value doubles(enum expr_op op, double a, double b)
{
    switch (op) {
    case EXPR_ADD: return of_double(a + b);
    case EXPR_SUB: return of_double(a - b);
    case EXPR_MUL: return of_double(a * b);
    case EXPR_DIV: return of_double(a / b);
    case EXPR_MOD: return of_double(fmod(a, b));
    case EXPR_POW: return of_double(pow(a, b));
    default: return (struct value){.type = VALUE_EMPTY};
    }
}

/* By squaring; false when it does not fit. */
static bool power(int64_t base, int64_t exponent, int64_t *ret)
{
    int64_t result = 1;
    if (exponent < 0)
        return false;
    while (exponent) {
        if ((exponent & 1) && __builtin_mul_overflow(result, base, &result))
            return false;
        exponent >>= 1;
        if (exponent && __builtin_mul_overflow(base, base, &base))
            return false;
    }
    *ret = result;
    return true;
}

static struct value divided(enum expr_op op, int64_t a, int64_t b)
{
    if (b == 0)
        return (struct value){.type = VALUE_EMPTY};
    if (b == -1) /* of the smallest integer the machine traps */
        return of_int(op == EXPR_MOD ? 0 : (int64_t)(0 - (uint64_t)a));
    return of_int(op == EXPR_MOD ? a % b : a / b);
}

static struct value ints(enum expr_op op, int64_t a, int64_t b)
{
    int64_t n;
    switch (op) {
    case EXPR_ADD: return of_int((int64_t)((uint64_t)a + (uint64_t)b));
    case EXPR_SUB: return of_int((int64_t)((uint64_t)a - (uint64_t)b));
    case EXPR_MUL: return of_int((int64_t)((uint64_t)a * (uint64_t)b));
    case EXPR_POW: return power(a, b, &n) ? of_int(n) : doubles(op, (double)a, (double)b);
    default: return divided(op, a, b);
    }
}

struct value value_arithmetic(enum expr_op op, const struct value *a, const struct value *b)
{
    if (!is_number(a) || !is_number(b))
        return (struct value){.type = VALUE_EMPTY};
    if (a->type == VALUE_INT && b->type == VALUE_INT)
        return ints(op, a->integer, b->integer);
    return doubles(op, as_double(a), as_double(b));
}

struct value value_negative(const struct value *a)
{
    if (a->type == VALUE_DOUBLE)
        return of_double(-a->number);
    if (a->type == VALUE_INT)
        return of_int((int64_t)(0 - (uint64_t)a->integer));
    return (struct value){.type = VALUE_EMPTY};
}
