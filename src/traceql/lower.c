/* lower.c - from an expression as it was written to what engines run. */
#include "traceql/lower.h"

#include "base/hex.h"
#include "traceql/arith.h"
#include "traceql/fields.h"
#include "traceql/pattern.h"

/* ---- Nodes ---- */

static struct expr *copy_of(struct arena *arena, const struct expr *e)
{
    struct expr *copy = arena_calloc(arena, 1, sizeof *copy);
    if (copy)
        *copy = *e;
    return copy;
}

static const struct expr *literal(struct arena *arena, const struct expr *at, struct value value,
                                  enum expr_type type)
{
    struct expr *e = arena_calloc(arena, 1, sizeof *e);
    if (!e)
        return NULL;
    e->op = EXPR_LITERAL;
    e->literal = value;
    e->type = type;
    e->at = at->at;
    e->length = at->length;
    return e;
}

static const struct expr *boolean(struct arena *arena, const struct expr *at, bool b)
{
    return literal(arena, at, (struct value){.type = VALUE_BOOL, .boolean = b}, TYPE_BOOL);
}

static const struct expr *leaf(struct arena *arena, const struct expr *at, enum expr_op op,
                               const struct field *field, struct value value)
{
    struct expr *e = copy_of(arena, at); /* its place and pattern */
    if (!e)
        return NULL;
    e->op = op;
    e->type = TYPE_BOOL;
    e->left = e->right = NULL;
    e->field = *field;
    e->literal = value;
    return e;
}

static const struct expr *joined(struct arena *arena, const struct expr *at, enum expr_op op,
                                 const struct expr *left, const struct expr *right)
{
    struct expr *e = copy_of(arena, at);
    if (!e || !left)
        return NULL;
    e->op = op;
    e->left = left;
    e->right = right;
    return e;
}

static const struct expr *
    not(struct arena * arena, const struct expr *at, const struct expr *condition)
{
    struct expr *e;
    if (!condition)
        return NULL;
    if (condition->op == EXPR_LITERAL)
        return boolean(arena, at, !condition->literal.boolean);
    e = arena_calloc(arena, 1, sizeof *e);
    if (!e)
        return NULL;
    e->op = EXPR_NOT;
    e->type = TYPE_BOOL;
    e->at = at->at;
    e->length = at->length;
    e->left = condition;
    return e;
}

static bool is_literal(const struct expr *e)
{
    return e->op == EXPR_LITERAL;
}

static bool is_nil(const struct expr *e)
{
    return is_literal(e) && e->literal.type == VALUE_EMPTY;
}

/* ---- Existence ---- */

/* operand = nil or != nil, as the operator of e says. */
static const struct expr *existence(struct arena *arena, const struct expr *e,
                                    const struct expr *operand, bool wanted)
{
    static const struct value none = {.type = VALUE_EMPTY};
    const struct expr *nil, *exists;
    if (operand->op == EXPR_LITERAL) /* both nil: neither holds */
        return boolean(arena, e, !is_nil(operand) && wanted);
    if (operand->type == TYPE_BOOL && operand->op != EXPR_FIELD)
        return boolean(arena, e, wanted); /* a condition has a value */
    if (operand->op == EXPR_FIELD) {
        exists = leaf(arena, e, EXPR_EXISTS, &operand->field, none);
        return wanted ? exists : not(arena, e, exists);
    }
    nil = literal(arena, e, none, TYPE_NIL);
    return nil ? joined(arena, e, wanted ? EXPR_NE : EXPR_EQ, operand, nil) : NULL;
}

/* ---- Ids ---- */

/* The number that is written in hexadecimal, as n bytes; false when it is none or too long. */
static bool id_bytes(struct str hex, uint8_t *out, size_t n)
{
    char digits[2 * TRACE_ID_BYTES];
    if (hex.n == 0)
        return false;
    while (hex.n && hex.p[0] == '0')
        hex = str_from(hex, 1);
    if (hex.n > 2 * n)
        return false;
    memset(digits, '0', sizeof digits);
    if (hex.n)
        memcpy(digits + 2 * n - hex.n, hex.p, hex.n);
    return hex_decode(out, n, str_make(digits, 2 * n));
}

static const struct expr *id_comparison(struct arena *arena, const struct expr *e, enum expr_op op,
                                        const struct expr *field, const struct expr *text)
{
    bool trace = field->field.kind == FIELD_TRACE_ID || field->field.kind == FIELD_LINK_TRACE_ID;
    size_t n = trace ? TRACE_ID_BYTES : SPAN_ID_BYTES;
    uint8_t *bytes;
    if (op != EXPR_EQ && op != EXPR_NE)
        return joined(arena, e, op, field, text);
    if (!(bytes = arena_alloc(arena, n)))
        return NULL;
    if (id_bytes(text->literal.string, bytes, n))
        return leaf(arena, e, op, &field->field,
                    (struct value){.type = VALUE_BYTES, .string = str_make(bytes, n)});
    return op == EXPR_EQ ? boolean(arena, e, false) : existence(arena, e, field, true);
}

/* ---- Roots ---- */

static bool int_holds(const struct expr *comparison, int64_t n)
{
    struct value v = {.type = VALUE_INT, .integer = n};
    return expr_holds(comparison, &v, NULL);
}

/* nestedSetParent is -1 for roots, else from 0: what tells just these apart needs no tree, only the parent's id. */
static const struct expr *root_comparison(struct arena *arena, const struct expr *comparison)
{
    static const struct field parent = {.kind = FIELD_PARENT_ID};
    static const struct value none = {.type = VALUE_EMPTY};
    bool root = int_holds(comparison, -1), zero = int_holds(comparison, 0);
    bool one = int_holds(comparison, 1), last = int_holds(comparison, INT64_MAX);
    bool fraction = comparison->literal.type == VALUE_DOUBLE;
    const struct expr *has_parent;
    if (root == zero || zero != one || one != last || fraction)
        return comparison;
    has_parent = leaf(arena, comparison, EXPR_EXISTS, &parent, none);
    return root ? not(arena, comparison, has_parent) : has_parent;
}

/* ---- Comparisons ---- */

static enum expr_op turned_round(enum expr_op op)
{
    switch (op) {
    case EXPR_LT: return EXPR_GT;
    case EXPR_LE: return EXPR_GE;
    case EXPR_GT: return EXPR_LT;
    case EXPR_GE: return EXPR_LE;
    default: return op;
    }
}

static bool is_match(enum expr_op op)
{
    return op == EXPR_MATCH || op == EXPR_NOT_MATCH;
}

static const struct expr *constant_comparison(struct arena *arena, const struct expr *e,
                                              const struct expr *left, const struct expr *right)
{
    struct expr test = {.op = e->op, .literal = right->literal};
    if (is_nil(left) || is_nil(right)) /* a division by zero */
        return boolean(arena, e, false);
    if (is_match(e->op))
        return boolean(arena, e,
                       pattern_holds(e->pattern, left->literal.string, e->op == EXPR_MATCH));
    return boolean(arena, e, expr_holds(&test, &left->literal, arena));
}

static const struct expr *field_comparison(struct arena *arena, const struct expr *e,
                                           enum expr_op op, const struct expr *field,
                                           const struct expr *value)
{
    const struct expr *made;
    if (is_nil(value))
        return boolean(arena, e, false);
    if (field_is_id(&field->field) && value->type == TYPE_STRING)
        return id_comparison(arena, e, op, field, value);
    made = leaf(arena, e, op, &field->field, value->literal);
    if (made && field->field.kind == FIELD_NESTED_PARENT)
        return root_comparison(arena, made);
    return made;
}

/* A condition is compared with true or false. */
static const struct expr *truth_comparison(struct arena *arena, const struct expr *e,
                                           const struct expr *condition, const struct expr *value)
{
    bool same = value->literal.type == VALUE_BOOL && value->literal.boolean == (e->op == EXPR_EQ);
    if (value->literal.type != VALUE_BOOL)
        return boolean(arena, e, false);
    return same ? condition : not(arena, e, condition);
}

static bool is_enum(enum expr_type type)
{
    return type == TYPE_STATUS || type == TYPE_KIND;
}

static const struct expr *comparison(struct arena *arena, const struct expr *e)
{
    const struct expr *left = lower_value(arena, e->left), *right = lower_value(arena, e->right);
    if (!left || !right)
        return NULL;
    if (e->left->type == TYPE_NIL)
        return existence(arena, e, right, e->op == EXPR_NE);
    if (e->right->type == TYPE_NIL)
        return existence(arena, e, left, e->op == EXPR_NE);
    if (is_literal(left) && is_literal(right))
        return constant_comparison(arena, e, left, right);
    if (is_enum(left->type) != is_enum(right->type)) /* no attribute is a status or a kind */
        return boolean(arena, e, false);
    if (is_match(e->op) && is_literal(left)) /* the text is no constant, which was refused */
        return boolean(arena, e, false);
    if (left->op == EXPR_FIELD && is_literal(right))
        return field_comparison(arena, e, e->op, left, right);
    if (right->op == EXPR_FIELD && is_literal(left))
        return field_comparison(arena, e, turned_round(e->op), right, left);
    if (left->type == TYPE_BOOL && is_literal(right))
        return truth_comparison(arena, e, left, right);
    if (right->type == TYPE_BOOL && is_literal(left))
        return truth_comparison(arena, e, right, left);
    return joined(arena, e, e->op, left, right);
}

/* ---- Conditions ---- */

/* A value stands where a condition is asked for: it holds when it is the boolean. */
static const struct expr *is_boolean(struct arena *arena, const struct expr *at,
                                     const struct expr *value, bool wanted)
{
    struct value b = {.type = VALUE_BOOL, .boolean = wanted};
    const struct expr *right;
    if (value->op == EXPR_FIELD)
        return leaf(arena, at, EXPR_EQ, &value->field, b);
    right = literal(arena, at, b, TYPE_BOOL);
    return right ? joined(arena, at, EXPR_EQ, value, right) : NULL;
}

static bool is_condition(const struct expr *e)
{
    return e->op <= EXPR_TEXT_EQ;
}

static const struct expr *logic(struct arena *arena, const struct expr *e)
{
    const struct expr *left = lower_condition(arena, e->left);
    const struct expr *right = lower_condition(arena, e->right);
    bool decides = e->op == EXPR_OR; /* true decides an "or", false an "and" */
    if (!left || !right)
        return NULL;
    if (is_literal(left))
        return left->literal.boolean == decides ? left : right;
    if (is_literal(right))
        return right->literal.boolean == decides ? right : left;
    return joined(arena, e, e->op, left, right);
}

static const struct expr *negation(struct arena *arena, const struct expr *e)
{
    const struct expr *value;
    if (is_condition(e->left) || is_literal(e->left))
        return not(arena, e, lower_condition(arena, e->left));
    value = lower_value(arena, e->left);
    return value ? is_boolean(arena, e, value, false) : NULL;
}

const struct expr *lower_condition(struct arena *arena, const struct expr *e)
{
    const struct expr *value;
    switch (e->op) {
    case EXPR_AND:
    case EXPR_OR: return logic(arena, e);
    case EXPR_NOT: return negation(arena, e);
    case EXPR_LITERAL: return boolean(arena, e, e->literal.boolean);
    case EXPR_EXISTS:
    case EXPR_TEXT_EQ: return e;
    default: break;
    }
    if (is_condition(e))
        return e->left ? comparison(arena, e) : e;
    value = lower_value(arena, e);
    return value ? is_boolean(arena, e, value, true) : NULL;
}

/* ---- Values ---- */

static const struct expr *arithmetic(struct arena *arena, const struct expr *e)
{
    const struct expr *left = lower_value(arena, e->left);
    const struct expr *right = e->right ? lower_value(arena, e->right) : left;
    struct value v;
    if (!left || !right)
        return NULL;
    if (!is_literal(left) || !is_literal(right))
        return joined(arena, e, e->op, left, e->right ? right : NULL);
    v = e->op == EXPR_NEG ? value_negative(&left->literal)
                          : value_arithmetic(e->op, &left->literal, &right->literal);
    return literal(arena, e, v, v.type == VALUE_DOUBLE ? TYPE_FLOAT : e->type);
}

const struct expr *lower_value(struct arena *arena, const struct expr *e)
{
    if (is_condition(e))
        return lower_condition(arena, e);
    if (e->op == EXPR_FIELD || e->op == EXPR_LITERAL || e->op == EXPR_AGGREGATE)
        return e;
    return arithmetic(arena, e);
}
