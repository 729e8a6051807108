/* match.c - does a filter hold for a span: the reference meaning of the syntax tree.
 *
 * A comparison holds if one of the field's values satisfies it; a field without a value satisfies none, != too.
 * Intrinsic fields always have a value (an empty string, a zero id), but only one that is not empty and not zero
 * "exists". Strings and bytes are ordered byte by byte, numbers by value, other types know only = and !=. */
#include "traceql/ast.h"

/* Answers "does the wanted thing hold for this value". */
struct test {
    const struct expr *expr;
    struct arena *scratch;
};

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

static bool exists(const struct value *v)
{
    switch (v->type) {
    case VALUE_EMPTY: return false;
    case VALUE_STRING: return v->string.n != 0;
    default: return true;
    }
}

static bool holds(const struct test *t, const struct value *v)
{
    int c;
    if (t->expr->op == EXPR_TEXT_EQ)
        return v->type != VALUE_EMPTY && t->expr->literal.type == VALUE_STRING &&
               str_eq(value_text(v, t->scratch), t->expr->literal.string);
    if (!compare(v, &t->expr->literal, &c))
        return false;
    switch (t->expr->op) {
    case EXPR_EQ: return c == 0;
    case EXPR_NE: return c != 0;
    case EXPR_LT: return c == -1;
    case EXPR_LE: return c == -1 || c == 0;
    case EXPR_GT: return c == 1;
    case EXPR_GE: return c == 1 || c == 0;
    default: return false;
    }
}

/* An attribute exists when it is there with any value but the empty one: an empty string is a value. */
static bool attr_value_holds(const struct test *t, const struct value *v)
{
    return t->expr->op == EXPR_EXISTS ? v->type != VALUE_EMPTY : holds(t, v);
}

static bool attr_holds(const struct test *t, const struct attrs *attrs)
{
    const struct value *v = attrs_get(attrs, t->expr->field.key);
    return v && attr_value_holds(t, v);
}

static bool intrinsic_holds(const struct test *t, const struct value *v)
{
    return t->expr->op == EXPR_EXISTS ? exists(v) : holds(t, v);
}

static bool any_event(const struct test *t, const struct span *span)
{
    for (uint32_t i = 0; i < span->event_count; i++) {
        if (attr_holds(t, &span->events[i].attrs))
            return true;
    }
    return false;
}

static bool any_link(const struct test *t, const struct span *span)
{
    for (uint32_t i = 0; i < span->link_count; i++) {
        if (attr_holds(t, &span->links[i].attrs))
            return true;
    }
    return false;
}

static bool attribute(const struct test *t, const struct span *span)
{
    switch (t->expr->field.scope) {
    case SCOPE_SPAN: return attr_holds(t, &span->attrs);
    case SCOPE_RESOURCE: return attr_holds(t, &span->resource->attrs);
    case SCOPE_INSTRUMENTATION: return attr_holds(t, &span->scope->attrs);
    case SCOPE_EVENT: return any_event(t, span);
    case SCOPE_LINK: return any_link(t, span);
    case SCOPE_FIRST:
    case SCOPE_ANY:
        return attr_holds(t, &span->attrs) || attr_holds(t, &span->resource->attrs) ||
               attr_holds(t, &span->scope->attrs) || any_event(t, span) || any_link(t, span);
    }
    return false;
}

static bool string_holds(const struct test *t, struct str s)
{
    struct value v = {.type = VALUE_STRING, .string = s};
    return intrinsic_holds(t, &v);
}

static bool int_holds(const struct test *t, int64_t n)
{
    struct value v = {.type = VALUE_INT, .integer = n};
    return intrinsic_holds(t, &v);
}

/* Times past the year 2262 and the durations they make count as the largest integer. */
static bool time_holds(const struct test *t, uint64_t n)
{
    return int_holds(t, n > INT64_MAX ? INT64_MAX : (int64_t)n);
}

static bool bytes_hold(const struct test *t, const void *p, size_t n)
{
    static const uint8_t zero[TRACE_ID_BYTES];
    struct value v = {.type = VALUE_BYTES, .string = str_make(p, n)};
    if (t->expr->op == EXPR_EXISTS)
        return memcmp(p, zero, n) != 0;
    return holds(t, &v);
}

static bool event_name(const struct test *t, const struct span *span)
{
    for (uint32_t i = 0; i < span->event_count; i++) {
        if (string_holds(t, span->events[i].name))
            return true;
    }
    return false;
}

static bool field_holds(const struct test *t, const struct span *span)
{
    switch (t->expr->field.kind) {
    case FIELD_ATTRIBUTE: return attribute(t, span);
    case FIELD_NAME: return string_holds(t, span->name);
    case FIELD_SERVICE: return string_holds(t, span->resource->service_name);
    case FIELD_KIND: return int_holds(t, (int64_t)span->kind);
    case FIELD_STATUS: return int_holds(t, (int64_t)span->status_code);
    case FIELD_STATUS_MESSAGE: return string_holds(t, span->status_message);
    case FIELD_DURATION: return time_holds(t, span_duration_ns(span));
    case FIELD_START: return time_holds(t, span->start_ns);
    case FIELD_TRACE_ID: return bytes_hold(t, span->trace_id.bytes, TRACE_ID_BYTES);
    case FIELD_SPAN_ID: return bytes_hold(t, span->span_id.bytes, SPAN_ID_BYTES);
    case FIELD_PARENT_ID: return bytes_hold(t, span->parent_span_id.bytes, SPAN_ID_BYTES);
    case FIELD_SCOPE_NAME: return string_holds(t, span->scope->name);
    case FIELD_SCOPE_VERSION: return string_holds(t, span->scope->version);
    case FIELD_EVENT_NAME: return event_name(t, span);
    default: break;
    }
    return false;
}

bool expr_matches(const struct expr *filter, const struct span *span, struct arena *scratch)
{
    struct test t = {filter, scratch};
    if (!filter)
        return true;
    switch (filter->op) {
    case EXPR_AND:
        return expr_matches(filter->left, span, scratch) &&
               expr_matches(filter->right, span, scratch);
    case EXPR_OR:
        return expr_matches(filter->left, span, scratch) ||
               expr_matches(filter->right, span, scratch);
    case EXPR_NOT: return !expr_matches(filter->left, span, scratch);
    default: return field_holds(&t, span);
    }
}

bool expr_holds(const struct expr *comparison, const struct value *value, struct arena *scratch)
{
    struct test t = {comparison, scratch};
    return comparison->field.kind == FIELD_ATTRIBUTE ? attr_value_holds(&t, value)
                                                     : intrinsic_holds(&t, value);
}
