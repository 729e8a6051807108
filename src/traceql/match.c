/* match.c - does a condition hold for a span: the reference meaning of the syntax tree.
 *
 * A comparison holds if one of the field's values satisfies it; a field without a value satisfies none, != too.
 * Intrinsic fields always have a value (an empty string, a zero id), but only one that is not empty and not zero
 * "exists". compare.c says which values satisfy what. */
#include "base/hex.h"
#include "traceql/compare.h"
#include "traceql/pattern.h"

/* ---- Ids as text ---- */

/* A literal of a query that names an id is hexadecimal text; of trace ids without leading zeros. */
struct id_text {
    char hex[2 * TRACE_ID_BYTES];
};

static struct str strip_zeros(struct str s)
{
    while (s.n && s.p[0] == '0') {
        s.p++;
        s.n--;
    }
    return s;
}

static bool is_trace_id(const struct field *f)
{
    return f->kind == FIELD_TRACE_ID || f->kind == FIELD_LINK_TRACE_ID;
}

/* False when the id is no value: a root's parent. */
static bool id_as_text(const struct field *f, struct value *v, struct id_text *buffer)
{
    static const uint8_t zero[TRACE_ID_BYTES];
    size_t n = v->string.n;
    if (n > sizeof zero || memcmp(v->string.p, zero, n) == 0)
        return false;
    hex_encode(buffer->hex, v->string.p, n);
    *v = (struct value){.type = VALUE_STRING, .string = str_make(buffer->hex, 2 * n)};
    if (is_trace_id(f))
        v->string = strip_zeros(v->string);
    return true;
}

/* field: of v, NULL when it comes from no field. Makes both text when one is an id and the other text. */
static bool align_ids(const struct field *field, struct value *v, struct value *other,
                      struct id_text *buffer)
{
    if (!field || !field_is_id(field) || v->type != VALUE_BYTES || other->type != VALUE_STRING)
        return true;
    if (is_trace_id(field))
        other->string = strip_zeros(other->string);
    return id_as_text(field, v, buffer);
}

/* ---- Leaf form: a field and a literal ---- */

/* An attribute exists when it is there with any value but the empty one: an empty string is a value. */
static bool exists(const struct field *f, const struct value *v)
{
    static const uint8_t zero[TRACE_ID_BYTES];
    if (f->kind == FIELD_ATTRIBUTE)
        return v->type != VALUE_EMPTY;
    switch (v->type) {
    case VALUE_EMPTY: return false;
    case VALUE_STRING: return v->string.n != 0;
    case VALUE_BYTES:
        return v->string.n > sizeof zero || memcmp(v->string.p, zero, v->string.n) != 0;
    default: return true;
    }
}

bool expr_holds(const struct expr *e, const struct value *value, struct arena *scratch)
{
    struct value v = *value, literal = e->literal;
    struct id_text buffer;
    switch (e->op) {
    case EXPR_EXISTS: return exists(&e->field, value);
    case EXPR_TEXT_EQ:
        return value->type != VALUE_EMPTY && e->literal.type == VALUE_STRING &&
               str_eq(value_text(value, scratch), e->literal.string);
    case EXPR_MATCH:
    case EXPR_NOT_MATCH:
        if (field_is_id(&e->field) && !id_as_text(&e->field, &v, &buffer))
            return false;
        return compare_matches(e->op, &v, e->pattern);
    default:
        return align_ids(&e->field, &v, &literal, &buffer) && compare_holds(e->op, &v, &literal);
    }
}

/* Answers "does the wanted thing hold for this value". */
struct test {
    const struct expr *expr;
    struct arena *scratch;
};

static bool leaf_test(const struct value *v, void *user)
{
    struct test *t = user;
    return expr_holds(t->expr, v, t->scratch);
}

/* ---- General form: two operands ---- */

/* The operand whose values are tried against the other's. */
struct pair {
    const struct expr *comparison;
    const struct field *field, *other_field;
    struct value other;
    bool swapped; /* the values tried are the right operand's */
};

static bool pair_test(const struct value *value, void *user)
{
    const struct pair *p = user;
    enum expr_op op = p->comparison->op;
    struct value v = *value, other = p->other;
    struct id_text buffer, other_buffer;
    if (v.type == VALUE_EMPTY)
        return false;
    if (!align_ids(p->field, &v, &other, &buffer) ||
        !align_ids(p->other_field, &other, &v, &other_buffer))
        return false;
    return p->swapped ? compare_holds(op, &other, &v) : compare_holds(op, &v, &other);
}

static bool match_test(const struct value *value, void *user)
{
    const struct pair *p = user;
    struct value v = *value;
    struct id_text buffer;
    if (p->field && field_is_id(p->field) && !id_as_text(p->field, &v, &buffer))
        return false;
    return compare_matches(p->comparison->op, &v, p->comparison->pattern);
}

static bool operand_any(const struct expr *operand, const struct span_view *view,
                        struct arena *scratch, value_test *test, void *user)
{
    struct value v;
    if (operand->op == EXPR_FIELD)
        return field_any(&operand->field, view, test, user);
    v = expr_value(operand, view, scratch);
    return v.type != VALUE_EMPTY && test(&v, user);
}

static bool is_nil(const struct expr *e)
{
    return e->op == EXPR_LITERAL && e->literal.type == VALUE_EMPTY;
}

/* Statuses and kinds are integers, but not to be compared with others. */
static enum expr_type class_of(const struct expr *e)
{
    if (e->op == EXPR_LITERAL)
        return e->type == TYPE_ANY || e->type == TYPE_STATUS || e->type == TYPE_KIND ? e->type
                                                                                     : TYPE_NIL;
    if (e->op == EXPR_FIELD && e->field.kind == FIELD_STATUS)
        return TYPE_STATUS;
    return e->op == EXPR_FIELD && e->field.kind == FIELD_KIND ? TYPE_KIND : TYPE_NIL;
}

static bool comparable(const struct expr *left, const struct expr *right)
{
    enum expr_type a = class_of(left), b = class_of(right);
    return a == TYPE_ANY || b == TYPE_ANY || a == b;
}

static bool exists_test(const struct value *v, void *user)
{
    const struct pair *p = user;
    return exists(p->field, v);
}

/* x = nil, x != nil: has it a value? */
static bool against_nil(enum expr_op op, const struct expr *operand, const struct span_view *view,
                        struct arena *scratch)
{
    struct pair p = {.field = &operand->field};
    bool has;
    if (is_nil(operand) || (op != EXPR_EQ && op != EXPR_NE))
        return false;
    has = operand->op == EXPR_FIELD ? field_any(&operand->field, view, exists_test, &p)
                                    : expr_value(operand, view, scratch).type != VALUE_EMPTY;
    return has == (op == EXPR_NE);
}

static const struct field *field_of(const struct expr *e)
{
    return e->op == EXPR_FIELD ? &e->field : NULL;
}

/* Of an operand with several values (events', links') one has to satisfy it; when both have several, of the right one
 * the first is taken. */
static bool general_holds(const struct expr *e, const struct span_view *view, struct arena *scratch)
{
    struct pair p = {.comparison = e};
    const struct expr *tried = e->left, *other = e->right;
    if (e->op == EXPR_MATCH || e->op == EXPR_NOT_MATCH) {
        p.field = field_of(e->left);
        return operand_any(e->left, view, scratch, match_test, &p);
    }
    if (is_nil(e->left) || is_nil(e->right))
        return against_nil(e->op, is_nil(e->left) ? e->right : e->left, view, scratch);
    if (!comparable(e->left, e->right))
        return false;
    if (!(e->left->op == EXPR_FIELD && field_is_multiple(&e->left->field))) {
        tried = e->right;
        other = e->left;
        p.swapped = true;
    }
    p.field = field_of(tried);
    p.other_field = field_of(other);
    p.other = expr_value(other, view, scratch);
    return p.other.type != VALUE_EMPTY && operand_any(tried, view, scratch, pair_test, &p);
}

/* ---- Conditions ---- */

static enum truth truth_of(bool b)
{
    return b ? TRUTH_YES : TRUTH_NO;
}

static bool true_test(const struct value *v, void *user)
{
    static const struct value yes = {.type = VALUE_BOOL, .boolean = true};
    (void)user;
    return compare_holds(EXPR_EQ, v, &yes);
}

static enum truth value_truth(const struct expr *e, const struct span_view *view,
                              struct arena *scratch)
{
    struct value v;
    if (operand_any(e, view, scratch, true_test, NULL))
        return TRUTH_YES;
    v = expr_value(e, view, scratch);
    return v.type == VALUE_BOOL ? TRUTH_NO : TRUTH_NONE;
}

enum truth expr_truth(const struct expr *e, const struct span_view *view, struct arena *scratch)
{
    struct test t = {e, scratch};
    enum truth truth;
    switch (e->op) {
    case EXPR_AND:
        return truth_of(expr_truth(e->left, view, scratch) == TRUTH_YES &&
                        expr_truth(e->right, view, scratch) == TRUTH_YES);
    case EXPR_OR:
        return truth_of(expr_truth(e->left, view, scratch) == TRUTH_YES ||
                        expr_truth(e->right, view, scratch) == TRUTH_YES);
    case EXPR_NOT:
        truth = expr_truth(e->left, view, scratch);
        return truth == TRUTH_NONE ? TRUTH_NONE : truth_of(truth == TRUTH_NO);
    case EXPR_EQ:
    case EXPR_NE:
    case EXPR_LT:
    case EXPR_LE:
    case EXPR_GT:
    case EXPR_GE:
    case EXPR_MATCH:
    case EXPR_NOT_MATCH:
        if (e->left)
            return truth_of(general_holds(e, view, scratch));
        break;
    case EXPR_EXISTS:
        if (e->left)
            return truth_of(against_nil(EXPR_NE, e->left, view, scratch));
        break;
    case EXPR_TEXT_EQ: break;
    default: return value_truth(e, view, scratch);
    }
    return truth_of(field_any(&e->field, view, leaf_test, &t));
}

bool expr_holds_in(const struct expr *condition, const struct span_view *view,
                   struct arena *scratch)
{
    return !condition || expr_truth(condition, view, scratch) == TRUTH_YES;
}

bool expr_matches(const struct expr *filter, const struct span *span, struct arena *scratch)
{
    struct span_view view = {.span = span};
    return expr_holds_in(filter, &view, scratch);
}
