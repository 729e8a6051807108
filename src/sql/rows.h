/* rows.h - the spans under a cursor, one after the other: from a scan, or of one trace that was looked up.
 *
 * A scan reads only the fields of the columns that the statement uses; a whole span is made when a column needs it. */
#ifndef SQL_ROWS_H
#define SQL_ROWS_H

#include "engine/scan.h"
#include "sql/push.h"

struct rows {
    struct table *table;
    struct pushed pushed;
    struct arena arena;      /* the filter, and what the scan needs */
    struct engine_query sub; /* the statement's query with this arena */
    bool whole;              /* every row is wanted as a span: no fields */

    struct engine_scan *scan;
    struct field fields[SCAN_FIELDS_MAX];
    uint32_t field_count;
    uint8_t slots[TABLE_COLUMNS_MAX]; /* the field of a column; of FORM_END the start's */
    uint8_t duration_slot;            /* of FORM_END */
    struct scan_rows batch;
    uint32_t at;

    struct cached_trace *trace; /* instead of a scan */
    size_t next;                /* of its spans */

    struct span span; /* of the row, once it was made */
    const struct span *made;
    struct arena span_arena;
    uint64_t number; /* of the row, from 1 */
};

void rows_init(struct rows *r, struct table *table, bool whole);
void rows_close(struct rows *r); /* may be started again */
void rows_release(struct rows *r);

/* Starts what a plan says: a look-up, a scan, or nothing. */
int rows_start(struct rows *r, int flags, const char *plan, int argc, sqlite3_value **argv,
               struct err *err);
/* Starts the scan of r->pushed. */
int rows_scan(struct rows *r, struct err *err);
/* 1: r stands on a row. 0 at the end. */
int rows_next(struct rows *r, struct err *err);

/* The value of a field of the row, of a scan. Good until the next row. */
static inline struct value rows_value(const struct rows *r, uint32_t slot)
{
    const struct vector *v = &r->batch.vectors[slot];
    switch (v->kind) {
    case VECTOR_INTS: return (struct value){.type = VALUE_INT, .integer = v->ints[r->at]};
    case VECTOR_IDS: return v->table[v->ids[r->at]];
    case VECTOR_VALUES: break;
    }
    return v->values[r->at];
}

/* The row as a span: made now, if it was not. NULL: err says why. */
const struct span *rows_span(struct rows *r, struct err *err);
int rows_column(struct rows *r, sqlite3_context *ctx, int column, struct err *err);

#endif
