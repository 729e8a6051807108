/* vector_inside.h - the inside of vectors, shared by vector*.c only. */
#ifndef QUERY_VECTOR_INSIDE_H
#define QUERY_VECTOR_INSIDE_H

#include "query/places.h"
#include "query/vector.h"

/* A place that has the key, but no value: with SCOPE_FIRST nobody behind it is asked. Not seen outside. */
#define VALUE_HELD ((enum value_type)100)

/* Columns of one table of a part that hold the field: one for each type, and the one of keys that share. */
struct field_columns {
    uint32_t first, count;
    uint32_t shared; /* NO_COLUMN = none */
};
enum { NO_COLUMN = UINT32_MAX };

static inline bool field_columns_any(const struct field_columns *c)
{
    return c->count || c->shared != NO_COLUMN;
}

/* The rows that are read, and which entry each is. */
struct ranks {
    const struct bits *rows;
    uint32_t before[BITS_WORDS]; /* entries in front of each word */
    uint32_t count;
    bool all; /* the first `count` rows of the group: entry = row */
};

static inline uint32_t rank_of(const struct ranks *ranks, uint32_t row)
{
    uint64_t below = ranks->rows->words[row / 64] & ((UINT64_C(1) << row % 64) - 1);
    return ranks->before[row / 64] + (uint32_t)__builtin_popcountll(below);
}

/* A group of a part that is being read. */
struct part_at {
    struct run *r;
    struct part *part;
    uint32_t group;
    const struct field *field;
    const struct ranks *ranks;
    struct arena *arena; /* of the values */
};

/* ---- vector_columns.c ---- */

/* Which columns of the part may have the field; none when it is not looked for in this table. */
struct field_columns field_columns_find(const struct part *p, enum column_table table,
                                        const struct places *places);

/* Entries without a value that a column of the span gives one. */
int fill_from_columns(const struct part_at *at, const struct field_columns *c, struct value *values,
                      struct err *err);
/* The same from the first event (link) that has one. */
int fill_from_others(const struct part_at *at, enum column_table table,
                     const struct field_columns *c, struct value *values, struct err *err);
/* Ids of values that all have a dictionary; bases: of each column, what its id 0 is. Others keep what they have. */
int fill_ids(const struct part_at *at, const struct field_columns *c, const uint32_t *bases,
             uint32_t *ids, struct err *err);

#endif
