/* filter_leaf.h - the inside of filters, shared by filter*.c only. */
#ifndef QUERY_FILTER_LEAF_H
#define QUERY_FILTER_LEAF_H

#include "query/filter.h"
#include "query/places.h"

/* A column that a comparison looks at. */
struct leaf_column {
    uint32_t column;
    uint8_t *
        table; /* of a dictionary's strings: does it hold? NULL = values are looked at one by one */
    bool impossible; /* no value here satisfies it */
    uint8_t *groups; /* NULL = all; 0 where surely no value satisfies it */
    bool equality;   /* of strings: their bytes are compared */
    bool shared;     /* values are maps of attributes that have no column of their own */
};

struct leaf_source {
    uint8_t *table;       /* by id of the kind's table; for SCOPE_ANY and LEAF_FIRST by resource */
    uint8_t *scope_table; /* SCOPE_ANY, LEAF_FIRST: by scope */
    struct leaf_column *columns;
    uint32_t column_count;
    bool
        missing; /* it holds for rows (or events) that have no value: an intrinsic's empty string */
    bool possible;
};

struct group_at {
    uint32_t source, group;
    const struct source *src;
};

/* Entries of a leaf's table. */
uint32_t leaf_table_size(const struct source *src, enum leaf_kind kind);

/* ---- filter_rows.c ---- */

/* Adds to *ret, which is empty, the rows of `in` for which the comparison holds. */
int leaf_rows(struct run *r, const struct filter_leaf *leaf, const struct leaf_source *ls,
              const struct group_at *at, const struct bits *in, struct bits *ret, struct err *err);

/* ---- filter_first.c: LEAF_FIRST in parts ---- */

int leaf_first_prepare(struct run *r, const struct filter_leaf *leaf, uint32_t source,
                       struct leaf_source *ls, struct err *err);
int leaf_first_rows(struct run *r, const struct filter_leaf *leaf, const struct leaf_source *ls,
                    const struct group_at *at, const struct bits *in, struct bits *ret,
                    struct err *err);

/* ---- filter_columns.c: LEAF_SPAN in parts ---- */

int leaf_columns_prepare(struct run *r, const struct filter_leaf *leaf, struct part *p,
                         struct leaf_source *ls, struct err *err);
/* Adds to *ret the rows whose columns satisfy the comparison; others than those of `in` may be among them. */
int leaf_columns_rows(struct run *r, const struct filter_leaf *leaf, const struct leaf_source *ls,
                      const struct group_at *at, struct bits *ret, struct err *err);
/* The same of one table's columns only. have: the rows that have a value there; NULL = not asked. */
int leaf_columns_table_rows(struct run *r, const struct filter_leaf *leaf,
                            const struct leaf_source *ls, const struct group_at *at,
                            enum column_table table, struct bits *ret, struct bits *have,
                            struct err *err);

#endif
