/* lower.h - from an expression as it was written to what engines run.
 *
 * Constants are folded, a comparison of a field with a literal takes leaf form with the field first, a lone attribute is
 * compared with true, comparisons with nil become EXPR_EXISTS, ids bytes, "has no parent" what columns know. */
#ifndef TRACEQL_LOWER_H
#define TRACEQL_LOWER_H

#include "traceql/ast.h"

/* Of a condition whose types fit; a constant one becomes EXPR_LITERAL. NULL when the arena is full. */
const struct expr *lower_condition(struct arena *arena, const struct expr *written);
/* Of any expression: for by() and aggregates. */
const struct expr *lower_value(struct arena *arena, const struct expr *written);

#endif
