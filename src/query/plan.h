/* plan.h - a filter made ready for rows: its conjunctive terms, each answered from the cheapest place.
 *
 * A term that looks at one string column, the resource or the scope alone is evaluated once per table entry of a
 * source and then is a byte look-up per row; ranges of duration are compared; terms over other row columns run on
 * a span made of the row; the rest needs the decoded span. expr_matches answers all of them. */
#ifndef QUERY_PLAN_H
#define QUERY_PLAN_H

#include "query/run.h"

enum term_kind {
    TERM_SERVICE, /* the tables */
    TERM_RESOURCE,
    TERM_SCOPE,
    TERM_NAME,
    TERM_KIND,
    TERM_STATUS,
    TERM_DURATION, /* range */
    TERM_ROW,
    TERM_SPAN,
};

enum { PLAN_TERMS_MAX = 32 };

struct plan_term {
    enum term_kind kind;
    const struct expr *expr;
    uint64_t low, high; /* TERM_DURATION, nanoseconds, both ends in */
    uint8_t **tables;   /* [source]: NULL = not made yet */
    struct str needle;  /* TERM_SPAN: bytes without which it cannot hold; empty = none known */
};

struct plan {
    struct plan_term terms[PLAN_TERMS_MAX]; /* cheapest first */
    uint32_t count;
    uint64_t start_ns, end_ns;
};

/* Splits filter (may be NULL). Memory comes from r->own_tables. */
int plan_make(struct run *r, const struct trace_query *query, struct plan *ret, struct err *err);

/* The rows of a group that may match, as offsets into it, ascending; selection has room for group->count.
 * All terms up to TERM_DURATION hold for them. */
int plan_select(struct run *r, struct plan *p, uint32_t source, const struct row_group *group,
                uint32_t *selection, uint32_t *ret_count, struct err *err);

/* Do the other terms hold for this row? 1, 0 or an error. */
int plan_row_matches(struct run *r, const struct plan *p, struct row_ref ref, const struct row *row,
                     struct trace_id id, struct err *err);

/* The whole filter and the time range, for any row. 1, 0 or an error. */
int plan_matches(struct run *r, struct plan *p, struct row_ref ref, const struct row *row,
                 struct trace_id id, struct err *err);

#endif
