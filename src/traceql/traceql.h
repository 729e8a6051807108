/* traceql.h - TraceQL: from text to a tree, and back.
 *
 * A query is a pipeline: each stage takes sets of spans, trace by trace, and gives sets of spans; a metrics query ends
 * in a function that counts them over time. The grammar and its meaning are Tempo's; where Cairn differs on purpose,
 * docs/traceql.md says so. Nothing here knows storage. */
#ifndef TRACEQL_TRACEQL_H
#define TRACEQL_TRACEQL_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "traceql/ast.h"

/* Limits, so that no text makes a tree too deep or too large to walk. */
enum {
    TRACEQL_BYTES_MAX = 128 * 1024,
    TRACEQL_DEPTH_MAX = 128, /* of nested expressions */
    TRACEQL_NODES_MAX = 4096,
    TRACEQL_BY_MAX = 5,        /* by() of a metrics function */
    TRACEQL_QUANTILES_MAX = 8, /* of quantile_over_time */
    TRACEQL_SECONDS_MAX = 8,   /* topk and the like behind a metrics function */
};

/* ---- Sets of spans ---- */

enum spanset_op {
    SPANSET_FILTER,   /* { condition } */
    SPANSET_AND,      /* traces that have both sides; the spans of both */
    SPANSET_OR,       /* the spans of both sides */
    SPANSET_RELATION, /* right spans that stand in a relation to a left one */
    SPANSET_PIPELINE, /* ( pipeline ) */
};

enum relation {
    RELATION_CHILD,      /* >   the right span is a child of a left one */
    RELATION_DESCENDANT, /* >> */
    RELATION_PARENT,     /* <   the right span is the parent of a left one */
    RELATION_ANCESTOR,   /* << */
    RELATION_SIBLING,    /* ~   another child of the same parent */
};

/* The form of a relation: { A } > { B } gives Bs; { A } !> { B } the Bs without such an A; { A } &> { B } As and Bs. */
enum relation_form { RELATION_PLAIN, RELATION_NEGATED, RELATION_UNION };

struct pipeline;

struct spanset_expr {
    enum spanset_op op;
    enum relation relation;
    enum relation_form form;
    const struct spanset_expr *left, *right;
    const struct expr *written; /* SPANSET_FILTER: general form, as it was written; NULL = {} */
    const struct expr
        *condition;  /* the same for engines: leaf form wherever it can be; NULL = every span */
    uint32_t number; /* of this filter among all filters of the query, from 0 */
    const struct pipeline *pipeline;
};

enum stage_kind {
    STAGE_SPANSETS,      /* spansets: keeps, of each incoming set, what the expression says */
    STAGE_SCALAR_FILTER, /* expr: a comparison of aggregates with a literal; drops sets */
    STAGE_BY,            /* expr: one set for each of its values */
    STAGE_COALESCE,      /* all sets of a trace become one */
    STAGE_SELECT,        /* fields: attributes that the answer shows */
};

struct stage {
    enum stage_kind kind;
    const struct spanset_expr *spansets;
    const struct expr *expr;
    const struct expr *const *fields; /* EXPR_FIELD */
    uint32_t field_count;
};

struct pipeline {
    const struct stage *stages;
    uint32_t stage_count;
};

/* ---- Metrics ---- */

enum metric_kind {
    METRIC_RATE,
    METRIC_COUNT,
    METRIC_MIN,
    METRIC_MAX,
    METRIC_AVG,
    METRIC_SUM,
    METRIC_QUANTILE,
    METRIC_HISTOGRAM,
    METRIC_COMPARE,
};

struct metric {
    enum metric_kind kind;
    const struct expr *operand; /* EXPR_FIELD of min, max, avg, sum, quantile, histogram */
    double quantiles[TRACEQL_QUANTILES_MAX];
    uint32_t quantile_count;
    const struct expr *by[TRACEQL_BY_MAX]; /* EXPR_FIELD */
    uint32_t by_count;
    /* compare() */
    const struct spanset_expr *selection; /* SPANSET_FILTER */
    uint32_t top_n;
    uint64_t start_ns, end_ns; /* of the selection; 0, 0 = the whole range */
};

enum second_kind { SECOND_TOPK, SECOND_BOTTOMK, SECOND_COMPARE };

struct second {
    enum second_kind kind;
    uint32_t n;
    enum expr_op op; /* EXPR_EQ to EXPR_GE */
    double literal;
};

enum math_op { MATH_METRIC, MATH_SCALAR, MATH_ADD, MATH_SUB, MATH_MUL, MATH_DIV };

/* A metrics query: one function, or several joined by arithmetic. Seconds apply to the node's own result. */
struct metric_expr {
    enum math_op op;
    const struct metric_expr *left, *right;
    double scalar;
    const struct pipeline *pipeline;
    const struct metric *metric;
    struct second seconds[TRACEQL_SECONDS_MAX];
    uint32_t second_count;
};

/* with(...): most_recent, exemplars, sample and the like; unknown ones are kept and ignored. */
struct hint {
    struct str name;
    struct value value;
    enum expr_type type; /* of the value, as it was written */
};

struct traceql {
    struct str text;
    const struct pipeline *search;    /* one of the two */
    const struct metric_expr *metric; /* is set */
    const struct hint *hints;
    uint32_t hint_count;
    uint32_t filter_count; /* SPANSET_FILTERs: their numbers are below */
};

/* ---- Text ---- */

/* Why a text is no query. The words are in struct err: what was expected, where. */
enum traceql_fault {
    TRACEQL_SYNTAX = 1,  /* does not parse */
    TRACEQL_TYPE,        /* parses, but its types or limits do not fit */
    TRACEQL_UNSUPPORTED, /* right, but nobody runs it (Tempo neither) */
};

struct traceql_diag {
    enum traceql_fault fault;
    uint32_t at, length; /* the place, in bytes */
};

/* Reads, checks and prepares a query. The tree lives in the arena and borrows from text, which must live as long.
 * ERR_INVALID: err has one line such as
 *     1:14: expected a value behind '=', found '}'
 * and diag, when not NULL, the place. ERR_TOO_LARGE: over one of the limits, or the arena is full. */
int traceql_parse(struct str text, struct arena *arena, const struct traceql **ret,
                  struct traceql_diag *diag, struct err *err);

/* One attribute or intrinsic as it stands in queries: .a, span.a, resource."a b", duration, event:name. */
int traceql_parse_field(struct str text, struct field *ret, struct arena *arena, struct err *err);

/* Of an unfinished query (people are typing it): the conjunction of those `&&` conditions of its first filter that are
 * complete, for tag values. *ret is NULL when there are none. Never fails on text. */
int traceql_parse_lenient(struct str text, struct arena *arena, const struct expr **ret,
                          struct err *err);

/* The canonical text: parsing it gives an equal tree. */
void traceql_print(const struct traceql *q, struct buf *out);
/* A field as queries and metric labels name it: resource.service.name, .http.route, duration. */
void traceql_print_field(const struct field *f, struct buf *out);
void traceql_print_expr(const struct expr *e, struct buf *out);

/* For dialects that build a condition themselves: the search { condition }. NULL when the arena is full. */
const struct traceql *traceql_of(const struct expr *condition, struct arena *arena);
/* The same of sets of spans, whose filters are numbered from 0. */
const struct traceql *traceql_of_sets(const struct spanset_expr *sets, uint32_t filter_count,
                                      struct arena *arena);

/* The value of a hint that is true or a number above 0. */
bool traceql_hint(const struct traceql *q, struct str name);

#endif
