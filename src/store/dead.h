/* dead.h - the rows of a head or part that belong to deleted traces: a sorted list of ranges.
 *
 * Immutable and counted: a snapshot keeps the list of its time, a deletion makes a longer one. NULL is the empty list. */
#ifndef STORE_DEAD_H
#define STORE_DEAD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dead_range {
    uint32_t first, end;
};

struct dead_rows {
    _Atomic uint32_t refs;
    uint32_t row_count; /* in all ranges */
    size_t count;
    struct dead_range ranges[]; /* ascending, apart */
};

/* A list with the rows of both; refs is 1. ranges may overlap and have no order; they are sorted in place. */
struct dead_rows *dead_rows_new(const struct dead_rows *old, struct dead_range *ranges,
                                size_t count);
struct dead_rows *dead_rows_ref(struct dead_rows *d);
void dead_rows_unref(struct dead_rows *d);

bool dead_rows_has(const struct dead_rows *d, uint32_t row);

#endif
