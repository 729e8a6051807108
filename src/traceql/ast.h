/* ast.h - the syntax tree of a search: what the engines execute and every query dialect compiles into.
 *
 * It is TraceQL's: a spanset filter is a boolean expression over one span. Jaeger's search form, the native API
 * and (with their own parsers) TraceQL and Zipkin all build these nodes. Nodes live in the query's arena. */
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
    /* comparison of a field with a literal: field, literal */
    EXPR_EQ,
    EXPR_NE,
    EXPR_LT,
    EXPR_LE,
    EXPR_GT,
    EXPR_GE,
    /* the field has a value: field */
    EXPR_EXISTS,
    /* the field's text form (value_text) equals the literal's string, whatever the types: Jaeger's tag match.
     * field, literal */
    EXPR_TEXT_EQ,
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
    FIELD_TRACE_ID,       /* bytes, 16 */
    FIELD_SPAN_ID,        /* bytes, 8 */
    FIELD_PARENT_ID,      /* bytes, 8 */
    FIELD_SCOPE_NAME,     /* string */
    FIELD_SCOPE_VERSION,  /* string */
    FIELD_EVENT_NAME,     /* string; true if it holds for any event */
};

/* Where an attribute is looked up. ANY tries span, resource, scope, events, links and is true if one matches. */
enum field_scope {
    SCOPE_ANY,
    SCOPE_SPAN,
    SCOPE_RESOURCE,
    SCOPE_INSTRUMENTATION,
    SCOPE_EVENT,
    SCOPE_LINK,
};

struct field {
    enum field_kind kind;
    enum field_scope scope; /* of FIELD_ATTRIBUTE */
    struct str key;         /* of FIELD_ATTRIBUTE */
};

struct expr {
    enum expr_op op;
    const struct expr *left, *right;
    struct field field;
    struct value literal;
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

/* Does the filter hold for this span? The reference meaning of every node; engines may answer faster, never
 * differently. Comparisons of different types are false (NE too); int and double compare as numbers.
 * scratch is for value_text and may be reset by the caller between calls. */
bool expr_matches(const struct expr *filter, const struct span *span, struct arena *scratch);

/* Of a comparison (or EXPR_EXISTS): does it hold for this value of its field? What expr_matches asks of each value. */
bool expr_holds(const struct expr *comparison, const struct value *value, struct arena *scratch);

#endif
