/* ast.h - expressions over one span: what the engines execute and every query dialect compiles into.
 *
 * They are TraceQL's field expressions. Jaeger's search form, the native API and Zipkin's build them node by node;
 * TraceQL's parser (traceql.h) builds them from text. Nodes live in the query's arena.
 *
 * A condition comes in two forms. In *general form* a comparison has two operands, left and right, each any field
 * expression; the right one of EXPR_MATCH is a literal. In *leaf form* (left and right are NULL) it compares `field` with
 * `literal`: what engines answer from columns. traceql.h says which tree has which.
 *
 * As an operand of the general form a condition is a boolean value, and an id is its hexadecimal text (lower case, all
 * digits; a trace's without leading zeros). In leaf form ids are bytes, and only = and != compare them. */
#ifndef TRACEQL_AST_H
#define TRACEQL_AST_H

#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "trace/span.h"

enum expr_op {
    /* boolean: left, right */
    EXPR_AND,
    EXPR_OR,
    /* boolean: left */
    EXPR_NOT,
    /* comparisons: field, literal; or left, right */
    EXPR_EQ,
    EXPR_NE,
    EXPR_LT,
    EXPR_LE,
    EXPR_GT,
    EXPR_GE,
    /* the whole text of a string matches the literal's regular expression, or does not: pattern is set */
    EXPR_MATCH,
    EXPR_NOT_MATCH,
    /* the field has a value: field */
    EXPR_EXISTS,
    /* the field's text form (value_text) equals the literal's string, whatever the types: Jaeger's tag match.
     * field, literal */
    EXPR_TEXT_EQ,

    /* ---- values: operands of the general form; by(), select() and aggregates take them, too ---- */

    EXPR_FIELD,   /* field */
    EXPR_LITERAL, /* literal; as a condition it is a boolean: every span or none */
    /* arithmetic: left, right */
    EXPR_ADD,
    EXPR_SUB,
    EXPR_MUL,
    EXPR_DIV,
    EXPR_MOD,
    EXPR_POW,
    EXPR_NEG, /* left */
    EXPR_AGGREGATE, /* over the spans of a set: aggregate, and left unless it is a count. In scalar filters only */
};

enum field_kind {
    FIELD_ATTRIBUTE, /* scope + key */
    /* intrinsics */
    FIELD_NAME,           /* string */
    FIELD_SERVICE,        /* string: resource service.name */
    FIELD_KIND,           /* int: enum span_kind */
    FIELD_STATUS,         /* int: enum status_code */
    FIELD_STATUS_MESSAGE, /* string */
    FIELD_DURATION,       /* int, nanoseconds */
    FIELD_START,          /* int, Unix nanoseconds */
    FIELD_TRACE_ID,       /* bytes, 16; TraceQL's text is hexadecimal */
    FIELD_SPAN_ID,        /* bytes, 8; the same */
    FIELD_PARENT_ID,      /* bytes, 8; the same; a root has none */
    FIELD_SCOPE_NAME,     /* string */
    FIELD_SCOPE_VERSION,  /* string */
    FIELD_EVENT_NAME,     /* string; true if it holds for any event */
    FIELD_EVENT_TIME,     /* int, nanoseconds since the span's start; any event */
    FIELD_LINK_TRACE_ID,  /* as FIELD_TRACE_ID; any link */
    FIELD_LINK_SPAN_ID,   /* as FIELD_SPAN_ID; any link */
    /* what only the whole trace tells (field_needs_trace) */
    FIELD_CHILD_COUNT,    /* int */
    FIELD_TRACE_DURATION, /* int, nanoseconds: first start to last end */
    FIELD_ROOT_NAME,      /* string */
    FIELD_ROOT_SERVICE,   /* string */
    FIELD_NESTED_LEFT, /* int: the span's place in the nested set of its tree, from 1; 0 = not connected to a root */
    FIELD_NESTED_RIGHT,
    FIELD_NESTED_PARENT, /* int: NESTED_LEFT of the parent; -1 for roots, 0 when not connected */
};

/* Where an attribute is looked up. ANY tries span, resource, scope, events, links and is true if one matches (Jaeger's
 * search). FIRST takes it from the first that has the key, with whatever value: span, resource, events, links, scope (TraceQL's `.key`). */
enum field_scope {
    SCOPE_ANY,
    SCOPE_SPAN,
    SCOPE_RESOURCE,
    SCOPE_INSTRUMENTATION,
    SCOPE_EVENT,
    SCOPE_LINK,
    SCOPE_FIRST,
};

struct field {
    enum field_kind kind;
    enum field_scope scope; /* of FIELD_ATTRIBUTE */
    struct str key;         /* of FIELD_ATTRIBUTE */
};

/* A whole trace is needed to know its value. */
static inline bool field_needs_trace(const struct field *f)
{
    return f->kind >= FIELD_CHILD_COUNT;
}

/* Of a trace or a span: bytes, which queries write as hexadecimal text. */
bool field_is_id(const struct field *f);

/* What is known of a value before it is seen; of literals, how they were written. */
enum expr_type {
    TYPE_ANY, /* an attribute: only a span tells */
    TYPE_NIL,
    TYPE_BOOL,
    TYPE_STRING,
    TYPE_INT,
    TYPE_FLOAT,
    TYPE_DURATION, /* a VALUE_INT of nanoseconds */
    TYPE_STATUS,   /* a VALUE_INT: enum status_code */
    TYPE_KIND,     /* a VALUE_INT: enum span_kind */
};

enum aggregate { AGGREGATE_COUNT, AGGREGATE_AVG, AGGREGATE_MAX, AGGREGATE_MIN, AGGREGATE_SUM };

struct pattern; /* a compiled regular expression (pattern.h) */

struct expr {
    enum expr_op op;
    enum expr_type type; /* of its value; filled by TraceQL's parser */
    enum aggregate aggregate;
    uint32_t at, length; /* where it stands in the text, in bytes; 0, 0 when there is none */
    const struct expr *left, *right;
    struct field field;
    struct value literal;
    const struct pattern *pattern;
};

/* A search for traces: those with at least one span that satisfies filter and starts inside the time range. */
struct trace_query {
    const struct expr *filter; /* NULL = every span */
    uint64_t start_ns, end_ns; /* span start in [start_ns, end_ns]; 0, UINT64_MAX = open */
    uint32_t limit;            /* traces; newest first */
};

/* Constructors; NULL when the arena is full, and NULL operands make NULL (expr_and takes NULL as "true"). */
const struct expr *expr_and(struct arena *a, const struct expr *left, const struct expr *right);
const struct expr *expr_or(struct arena *a, const struct expr *left, const struct expr *right);
const struct expr *expr_not(struct arena *a, const struct expr *operand);
const struct expr *expr_compare(struct arena *a, enum expr_op op, struct field field,
                                struct value literal);

/* What the whole trace says of one of its spans, for fields that need it. */
struct trace_facts {
    uint64_t duration_ns;
    struct str root_name, root_service;
};

struct tree_facts {
    uint32_t child_count;
    int32_t nested_left, nested_right, nested_parent;
};

struct span_view {
    const struct span *span;
    const struct trace_facts *trace; /* NULL: fields that need the trace have no value */
    const struct tree_facts *tree;   /* NULL: the same */
};

/* Does the condition (either form) hold for this span? The reference meaning of every node; engines may answer faster,
 * never differently. NULL holds. A comparison with a missing value is false, != too; of types that cannot be compared as
 * well; int and double compare as numbers, statuses and kinds with their like only. Of an array, = < > and =~ want one
 * element, != and !~ all of them. In general form, against a literal without a value (nil), = and != ask whether there is
 * a value. A value by itself holds when it is true; when it is no boolean its negation does not hold either.
 * scratch is for value_text and the like and may be reset by the caller between calls. */
bool expr_holds_in(const struct expr *condition, const struct span_view *view,
                   struct arena *scratch);
/* The same of a span without its trace. */
bool expr_matches(const struct expr *filter, const struct span *span, struct arena *scratch);

/* The value of a field expression; VALUE_EMPTY when there is none (a missing operand, a division by zero, types that do
 * not fit). Of events and links the first that has it. Arithmetic is arith.h's, conditions are VALUE_BOOL, ids
 * VALUE_BYTES; a root's parent is none. Borrows from the span, the expression or
 * scratch. */
struct value expr_value(const struct expr *e, const struct span_view *view, struct arena *scratch);
/* The same of a field alone; borrows from the span. */
struct value field_value(const struct field *f, const struct span_view *view);

/* Of a comparison in leaf form (or EXPR_EXISTS): does it hold for this value of its field? What expr_matches asks of each
 * value. */
bool expr_holds(const struct expr *comparison, const struct value *value, struct arena *scratch);

/* Does any field in it need the whole trace? NULL does not. */
bool expr_needs_trace(const struct expr *e);
/* A condition over a span alone that holds whenever the given one could hold for the span in some trace: what finds the
 * traces worth looking at. *ret NULL = every span. ERR_TOO_LARGE when the arena is full. */
int expr_without_trace(const struct expr *condition, struct arena *a, const struct expr **ret);

#endif
