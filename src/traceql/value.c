/* value.c - the values of fields and of expressions over them. */
#include "traceql/arith.h"
#include "traceql/compare.h"

/* ---- Fields ---- */

bool field_is_id(const struct field *f)
{
    switch (f->kind) {
    case FIELD_TRACE_ID:
    case FIELD_SPAN_ID:
    case FIELD_PARENT_ID:
    case FIELD_LINK_TRACE_ID:
    case FIELD_LINK_SPAN_ID: return true;
    default: return false;
    }
}

bool field_is_multiple(const struct field *f)
{
    switch (f->kind) {
    case FIELD_ATTRIBUTE:
        return f->scope == SCOPE_ANY || f->scope == SCOPE_FIRST || f->scope == SCOPE_EVENT ||
               f->scope == SCOPE_LINK;
    case FIELD_EVENT_NAME:
    case FIELD_EVENT_TIME:
    case FIELD_LINK_TRACE_ID:
    case FIELD_LINK_SPAN_ID: return true;
    default: return false;
    }
}

static bool test_attr(const struct attrs *attrs, struct str key, bool *has, value_test *test,
                      void *user)
{
    const struct value *v = attrs_get(attrs, key);
    *has |= v != NULL;
    return v && test(v, user);
}

/* *has is set when one of them has the key. */
static bool any_event(const struct span *span, struct str key, bool *has, value_test *test,
                      void *user)
{
    for (uint32_t i = 0; i < span->event_count; i++) {
        if (test_attr(&span->events[i].attrs, key, has, test, user))
            return true;
    }
    return false;
}

static bool any_link(const struct span *span, struct str key, bool *has, value_test *test,
                     void *user)
{
    for (uint32_t i = 0; i < span->link_count; i++) {
        if (test_attr(&span->links[i].attrs, key, has, test, user))
            return true;
    }
    return false;
}

/* The first place that has the key, whatever its value, decides. */
static bool first_attribute(const struct span *s, struct str key, value_test *test, void *user)
{
    bool has = false;
    return test_attr(&s->attrs, key, &has, test, user) ||
           (!has && test_attr(&s->resource->attrs, key, &has, test, user)) ||
           (!has && any_event(s, key, &has, test, user)) ||
           (!has && any_link(s, key, &has, test, user)) ||
           (!has && test_attr(&s->scope->attrs, key, &has, test, user));
}

static bool attribute(const struct field *f, const struct span *s, value_test *test, void *user)
{
    bool has = false;
    switch (f->scope) {
    case SCOPE_SPAN: return test_attr(&s->attrs, f->key, &has, test, user);
    case SCOPE_RESOURCE: return test_attr(&s->resource->attrs, f->key, &has, test, user);
    case SCOPE_INSTRUMENTATION: return test_attr(&s->scope->attrs, f->key, &has, test, user);
    case SCOPE_EVENT: return any_event(s, f->key, &has, test, user);
    case SCOPE_LINK: return any_link(s, f->key, &has, test, user);
    case SCOPE_FIRST: return first_attribute(s, f->key, test, user);
    case SCOPE_ANY:
        return test_attr(&s->attrs, f->key, &has, test, user) ||
               test_attr(&s->resource->attrs, f->key, &has, test, user) ||
               test_attr(&s->scope->attrs, f->key, &has, test, user) ||
               any_event(s, f->key, &has, test, user) || any_link(s, f->key, &has, test, user);
    }
    return false;
}

static bool test_string(struct str s, value_test *test, void *user)
{
    struct value v = {.type = VALUE_STRING, .string = s};
    return test(&v, user);
}

static bool test_int(int64_t n, value_test *test, void *user)
{
    struct value v = {.type = VALUE_INT, .integer = n};
    return test(&v, user);
}

/* Times past the year 2262 and the durations they make count as the largest integer. */
static bool test_time(uint64_t n, value_test *test, void *user)
{
    return test_int(n > INT64_MAX ? INT64_MAX : (int64_t)n, test, user);
}

static bool test_bytes(const void *p, size_t n, value_test *test, void *user)
{
    struct value v = {.type = VALUE_BYTES, .string = str_make(p, n)};
    return test(&v, user);
}

static bool any_event_field(const struct field *f, const struct span *s, value_test *test,
                            void *user)
{
    for (uint32_t i = 0; i < s->event_count; i++) {
        const struct span_event *e = &s->events[i];
        if (f->kind == FIELD_EVENT_NAME ? test_string(e->name, test, user)
                                        : test_int((int64_t)(e->time_ns - s->start_ns), test, user))
            return true;
    }
    return false;
}

static bool any_link_id(const struct field *f, const struct span *s, value_test *test, void *user)
{
    for (uint32_t i = 0; i < s->link_count; i++) {
        const struct span_link *l = &s->links[i];
        if (f->kind == FIELD_LINK_TRACE_ID
                ? test_bytes(l->trace_id.bytes, TRACE_ID_BYTES, test, user)
                : test_bytes(l->span_id.bytes, SPAN_ID_BYTES, test, user))
            return true;
    }
    return false;
}

static bool of_trace(const struct field *f, const struct span_view *view, value_test *test,
                     void *user)
{
    const struct trace_facts *trace = view->trace;
    const struct tree_facts *tree = view->tree;
    switch (f->kind) {
    case FIELD_TRACE_DURATION: return trace && test_time(trace->duration_ns, test, user);
    case FIELD_ROOT_NAME: return trace && test_string(trace->root_name, test, user);
    case FIELD_ROOT_SERVICE: return trace && test_string(trace->root_service, test, user);
    case FIELD_CHILD_COUNT: return tree && test_int(tree->child_count, test, user);
    case FIELD_NESTED_LEFT: return tree && test_int(tree->nested_left, test, user);
    case FIELD_NESTED_RIGHT: return tree && test_int(tree->nested_right, test, user);
    case FIELD_NESTED_PARENT: return tree && test_int(tree->nested_parent, test, user);
    default: return false;
    }
}

bool field_any(const struct field *f, const struct span_view *view, value_test *test, void *user)
{
    const struct span *s = view->span;
    switch (f->kind) {
    case FIELD_ATTRIBUTE: return attribute(f, s, test, user);
    case FIELD_NAME: return test_string(s->name, test, user);
    case FIELD_SERVICE: return test_string(s->resource->service_name, test, user);
    case FIELD_KIND: return test_int((int64_t)s->kind, test, user);
    case FIELD_STATUS: return test_int((int64_t)s->status_code, test, user);
    case FIELD_STATUS_MESSAGE: return test_string(s->status_message, test, user);
    case FIELD_DURATION: return test_time(span_duration_ns(s), test, user);
    case FIELD_START: return test_time(s->start_ns, test, user);
    case FIELD_TRACE_ID: return test_bytes(s->trace_id.bytes, TRACE_ID_BYTES, test, user);
    case FIELD_SPAN_ID: return test_bytes(s->span_id.bytes, SPAN_ID_BYTES, test, user);
    case FIELD_PARENT_ID: return test_bytes(s->parent_span_id.bytes, SPAN_ID_BYTES, test, user);
    case FIELD_SCOPE_NAME: return test_string(s->scope->name, test, user);
    case FIELD_SCOPE_VERSION: return test_string(s->scope->version, test, user);
    case FIELD_EVENT_NAME:
    case FIELD_EVENT_TIME: return any_event_field(f, s, test, user);
    case FIELD_LINK_TRACE_ID:
    case FIELD_LINK_SPAN_ID: return any_link_id(f, s, test, user);
    default: return of_trace(f, view, test, user);
    }
}

static bool take(const struct value *v, void *user)
{
    *(struct value *)user = *v;
    return v->type != VALUE_EMPTY;
}

struct value field_value(const struct field *f, const struct span_view *view)
{
    struct value v = {.type = VALUE_EMPTY};
    if (f->kind == FIELD_PARENT_ID && span_id_is_zero(view->span->parent_span_id))
        return v;
    field_any(f, view, take, &v);
    return v;
}

/* ---- Expressions ---- */

static const struct value no_value;

struct value expr_value(const struct expr *e, const struct span_view *view, struct arena *scratch)
{
    struct value a, b;
    enum truth truth;
    switch (e->op) {
    case EXPR_FIELD: return field_value(&e->field, view);
    case EXPR_LITERAL: return e->literal;
    case EXPR_AGGREGATE: return no_value;
    case EXPR_NEG: a = expr_value(e->left, view, scratch); return value_negative(&a);
    case EXPR_ADD:
    case EXPR_SUB:
    case EXPR_MUL:
    case EXPR_DIV:
    case EXPR_MOD:
    case EXPR_POW:
        a = expr_value(e->left, view, scratch);
        b = expr_value(e->right, view, scratch);
        return value_arithmetic(e->op, &a, &b);
    default: break;
    }
    truth = expr_truth(e, view, scratch);
    if (truth == TRUTH_NONE)
        return no_value;
    return (struct value){.type = VALUE_BOOL, .boolean = truth == TRUTH_YES};
}
