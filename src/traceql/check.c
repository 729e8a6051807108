/* check.c - do the types of an expression fit. */
#include "traceql/check.h"

#include "traceql/fields.h"

const char *type_name(enum expr_type type)
{
    switch (type) {
    case TYPE_ANY: break;
    case TYPE_NIL: return "nil";
    case TYPE_BOOL: return "a boolean";
    case TYPE_STRING: return "a string";
    case TYPE_INT: return "an integer";
    case TYPE_FLOAT: return "a float";
    case TYPE_DURATION: return "a duration";
    case TYPE_STATUS: return "a status";
    case TYPE_KIND: return "a kind";
    }
    return "an attribute";
}

static bool is_arithmetic(enum expr_op op)
{
    return op >= EXPR_ADD && op <= EXPR_POW;
}

static bool same_kind(enum expr_type a, enum expr_type b)
{
    return a == TYPE_ANY || b == TYPE_ANY || a == b || (type_is_number(a) && type_is_number(b));
}

/* May the operator have an operand of this type? */
static bool takes(enum expr_op op, enum expr_type type)
{
    switch (op) {
    case EXPR_AND:
    case EXPR_OR: return type == TYPE_ANY || type == TYPE_BOOL;
    case EXPR_EQ:
    case EXPR_NE: return true;
    case EXPR_MATCH:
    case EXPR_NOT_MATCH: return type == TYPE_ANY || type == TYPE_STRING;
    case EXPR_LT:
    case EXPR_LE:
    case EXPR_GT:
    case EXPR_GE: return type == TYPE_ANY || type == TYPE_STRING || type_is_number(type);
    default: return type == TYPE_ANY || type_is_number(type);
    }
}

static const char *wanted(enum expr_op op)
{
    switch (op) {
    case EXPR_AND:
    case EXPR_OR: return "conditions";
    case EXPR_MATCH:
    case EXPR_NOT_MATCH: return "strings";
    case EXPR_LT:
    case EXPR_LE:
    case EXPR_GT:
    case EXPR_GE: return "numbers or strings";
    default: return "numbers";
    }
}

static void operand_refused(struct parser *p, enum expr_op op, const char *spelling,
                            const struct expr *operand)
{
    struct str text = term_text(p, operand);
    note(p, TRACEQL_TYPE, operand->at, operand->length, "'%.*s' is %s; '%s' takes %s",
         STR_ARG(text), type_name(operand->type), spelling, wanted(op));
}

/* Is it a field or the like whose text says more than its type? */
static const struct expr *telling(const struct expr *left, const struct expr *right)
{
    return left->op == EXPR_LITERAL && right->op != EXPR_LITERAL ? right : left;
}

static void kinds_differ(struct parser *p, enum expr_op op, const char *spelling,
                         const struct expr *left, const struct expr *right)
{
    const struct expr *one = telling(left, right), *other = one == left ? right : left;
    struct str text = term_text(p, one);
    uint32_t length = right->at + right->length - left->at;
    if (is_arithmetic(op))
        note(p, TRACEQL_TYPE, left->at, length, "'%.*s' is %s and '%s' cannot join it with %s",
             STR_ARG(text), type_name(one->type), spelling, type_name(other->type));
    else
        note(p, TRACEQL_TYPE, left->at, length, "'%.*s' is %s and cannot be compared with %s",
             STR_ARG(text), type_name(one->type), type_name(other->type));
}

enum expr_type check_binary(struct parser *p, enum expr_op op, const char *spelling,
                            const struct term *left, const struct term *right)
{
    const struct expr *l = left->expr, *r = right->expr;
    if (!takes(op, l->type))
        operand_refused(p, op, spelling, l);
    else if (!takes(op, r->type))
        operand_refused(p, op, spelling, r);
    else if (!same_kind(l->type, r->type))
        kinds_differ(p, op, spelling, l, r);
    else if ((op == EXPR_MATCH || op == EXPR_NOT_MATCH) && r->op != EXPR_LITERAL)
        note(p, TRACEQL_TYPE, r->at, r->length,
             "a regular expression must be a string in the query, as in %s \"a.*\"", spelling);
    if (!is_arithmetic(op))
        return TYPE_BOOL;
    return l->type != TYPE_ANY ? l->type : r->type;
}

enum expr_type check_unary(struct parser *p, enum expr_op op, const struct term *operand,
                           uint32_t at)
{
    const struct expr *e = operand->expr;
    struct str text = term_text(p, e);
    uint32_t length = e->at + e->length - at;
    if (op == EXPR_NOT && e->type != TYPE_ANY && e->type != TYPE_BOOL)
        note(p, TRACEQL_TYPE, at, length, "'%.*s' is %s; '!' takes a condition", STR_ARG(text),
             type_name(e->type));
    if (op == EXPR_NEG && e->type != TYPE_ANY && !type_is_number(e->type))
        note(p, TRACEQL_TYPE, at, length, "'%.*s' is %s; '-' takes a number", STR_ARG(text),
             type_name(e->type));
    return op == EXPR_NOT ? TYPE_BOOL : e->type;
}

void check_nil(struct parser *p, enum expr_op op, const struct term *operand)
{
    const struct expr *e = operand->expr;
    if (op == EXPR_EQ && e->op == EXPR_FIELD && field_is_always(&e->field))
        note(p, TRACEQL_TYPE, e->at, e->length, "'%.*s' is never nil: every span has one",
             STR_ARG(term_text(p, e)));
}

void check_condition(struct parser *p, const struct term *t)
{
    const struct expr *e = t->expr;
    if (e->type != TYPE_ANY && e->type != TYPE_BOOL)
        note(p, TRACEQL_TYPE, e->at, e->length,
             "'%.*s' is %s, not a condition; compare it with something", STR_ARG(term_text(p, e)),
             type_name(e->type));
}
