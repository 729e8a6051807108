/* groups.h - rows put into groups before SQLite sees them, so that a GROUP BY needs no sort of all rows.
 *
 * The columns to group by are the key; of the others that the statement uses, each group keeps the values of its rows in
 * chunks. Groups come out in the order of their keys. When the memory is full, the groups that come last are dropped and
 * left for another pass over the spans; one that is too large by itself is streamed from a scan of its own. So any number
 * of rows fits, and usually one pass does. */
#ifndef SQL_GROUPS_H
#define SQL_GROUPS_H

#include "sql/group_keys.h"
#include "sql/rows.h"

struct chunk;

enum groups_state { GROUPS_FRESH, GROUPS_STORED, GROUPS_STREAM, GROUPS_END };

struct groups {
    struct rows *rows;
    struct group_keys keys;
    bool distinct; /* one row of each group is enough */
    /* what is kept of each row: fields by their slots in rows */
    uint8_t value_slots[SCAN_FIELDS_MAX];
    uint16_t place[SCAN_FIELDS_MAX]; /* in a row of a chunk, of each slot */
    bool is_int[SCAN_FIELDS_MAX];    /* by slot: 8 bytes, else a struct value */
    uint32_t value_count, row_bytes;
    size_t bytes, bytes_max; /* of chunks */

    struct group **sorted; /* what this pass gives out */
    uint32_t sorted_count, at;
    const struct group *group; /* the row is of */
    struct chunk *chunk;       /* the row is in; NULL: it is the scan's */
    uint32_t row;              /* in the chunk */
    enum groups_state state;
};

/* The scan of rows must have been started; for more passes it is started again. bytes_max is of the chunks. */
void groups_start(struct groups *g, struct rows *rows, bool distinct, size_t bytes_max);
/* 1: g stands on a row. 0 at the end. */
int groups_next(struct groups *g, struct err *err);
void groups_release(struct groups *g); /* of a zeroed one, too */

/* The value of a slot of the row that is not part of the key; what is, group_value(&g->keys, g->group, i) has. */
struct value groups_value(const struct groups *g, uint32_t slot);

#endif
