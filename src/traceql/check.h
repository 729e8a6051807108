/* check.h - do the types of an expression fit: what is known before a span is seen.
 *
 * An attribute may be anything. Integers, floats and durations are numbers and go with each other; everything else only
 * with its own kind. */
#ifndef TRACEQL_CHECK_H
#define TRACEQL_CHECK_H

#include "traceql/parser.h"

const char *type_name(enum expr_type type); /* "a string" */
static inline bool type_is_number(enum expr_type type)
{
    return type == TYPE_INT || type == TYPE_FLOAT || type == TYPE_DURATION;
}

/* Note what is wrong, and answer the type of the whole. */
enum expr_type check_binary(struct parser *p, enum expr_op op, const char *spelling,
                            const struct term *left, const struct term *right);
enum expr_type check_unary(struct parser *p, enum expr_op op, const struct term *operand,
                           uint32_t at);
/* For a comparison with nil. */
void check_nil(struct parser *p, enum expr_op op, const struct term *operand);
/* Is it a condition? */
void check_condition(struct parser *p, const struct term *t);

#endif
