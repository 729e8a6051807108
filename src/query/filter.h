/* filter.h - a search's filter over the rows of a source, group by group.
 *
 * Each comparison is answered for all rows of a group at once, from the cheapest place: once for each entry of a table
 * (service, name, resource, scope, the dictionary of an attribute), from a row's own columns, from an attribute's
 * columns in a part; span by span only in a head, which keeps attributes as they came, and what has two operands, on the
 * rows that cheaper terms leave. Sets of rows are then joined as
 * the expression says. traceql/match.c is the meaning; a test compares both on random data. */
#ifndef QUERY_FILTER_H
#define QUERY_FILTER_H

#include "query/bits.h"
#include "query/run.h"

enum { FILTER_LEAVES_MAX = 64 };

/* Cheapest first: the order in which joined terms are tried. */
enum leaf_kind {
    LEAF_CONSTANT, /* literals; fields that need the trace: here they have no value */
    LEAF_KIND,
    LEAF_STATUS,
    LEAF_SERVICE,
    LEAF_RESOURCE, /* attributes of the resource */
    LEAF_SCOPE,
    LEAF_NAME,
    LEAF_DURATION, /* a range */
    LEAF_ROW,      /* other columns of the row: times, ids */
    LEAF_SPAN,     /* attributes and fields of span, events, links */
    LEAF_FIRST,    /* attributes by SCOPE_FIRST */
    LEAF_GENERAL,  /* two operands, arithmetic: row by row */
};

/* What the spans that a comparison looks at must have. */
struct leaf_needs {
    unsigned rows; /* ROWS_... */
    bool resource, scope, trace_id;
    bool message; /* all of the span */
};

/* Adds what the expression looks at; fields that need the trace add nothing. */
void leaf_needs_add(const struct expr *e, struct leaf_needs *needs);

struct leaf_source; /* what a leaf knows of a source */

struct filter_leaf {
    const struct expr *node; /* in the filter */
    const struct expr *expr; /* what it is answered as */
    enum leaf_kind kind;
    struct leaf_needs needs;
    uint64_t low, high; /* LEAF_DURATION, nanoseconds, both ends in */
    struct str
        needle; /* LEAF_SPAN, LEAF_FIRST: bytes without which it cannot hold in a span's message */
    struct leaf_source **sources; /* NULL = not looked at yet */
};

struct filter {
    const struct expr *root; /* NULL = every row */
    struct filter_leaf leaves[FILTER_LEAVES_MAX];
    uint32_t count;
    uint64_t start_ns, end_ns;
};

/* Memory comes from r->own_tables. ERR_TOO_LARGE when the filter has too many comparisons. */
int filter_make(struct run *r, const struct trace_query *query, struct filter *ret,
                struct err *err);

/* Can the source (or, by the ranges of its times, one of its groups) have a row that passes? False only when surely
 * not. */
int filter_possible(struct run *r, struct filter *f, uint32_t source, bool *ret, struct err *err);
bool filter_group_possible(struct filter *f, const struct group_range *range);

/* The rows of `in` (offsets into the group) that pass, filter and time range. in and ret may not be the same. */
int filter_rows(struct run *r, struct filter *f, uint32_t source, uint32_t group,
                const struct bits *in, struct bits *ret, struct err *err);

#endif
