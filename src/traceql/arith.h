/* arith.h - arithmetic on values: constants are folded with it, spans computed.
 *
 * Integers: quotients are cut to integers, sums and products wrap around, powers become doubles when they do not fit.
 * An integer divided by zero, and types that are no numbers, make no value (VALUE_EMPTY). */
#ifndef TRACEQL_ARITH_H
#define TRACEQL_ARITH_H

#include "traceql/ast.h"

/* op: EXPR_ADD to EXPR_POW. */
struct value value_arithmetic(enum expr_op op, const struct value *a, const struct value *b);
struct value value_negative(const struct value *a);

#endif
