/* scan.h - reading chosen fields of all spans that pass a filter, batch by batch: for SQL, exports and analyses.
 *
 * Values come as vectors, one for each field asked for, with an entry for each row of the batch; strings that repeat come
 * as ids into a table. Spans that were sent twice come twice. */
#ifndef ENGINE_SCAN_H
#define ENGINE_SCAN_H

#include "engine/engine.h"

enum { SCAN_FIELDS_MAX = 64, SCAN_ROWS_MAX = 16384 };

enum vector_kind {
    VECTOR_INTS,   /* ints: every row has one (start, duration, kind, status) */
    VECTOR_IDS,    /* ids into table: few distinct values */
    VECTOR_VALUES, /* values */
};

struct vector {
    enum vector_kind kind;
    const int64_t *ints;
    const uint32_t *ids;
    /* VALUE_EMPTY = no value. The same pointer in another batch is the same table: remember by it what ids mean. Lives as
     * long as the scan. */
    const struct value *table;
    uint32_t table_count;
    const struct value *values;
};

struct scan_query {
    const struct expr *filter; /* leaf or general form; NULL = every span */
    uint64_t start_ns, end_ns; /* span start in [start_ns, end_ns] */
    const struct field
        *fields; /* none that needs the trace. Events' and links': the first that has it */
    uint32_t field_count;
};

struct scan_rows {
    uint32_t count;               /* 1 to SCAN_ROWS_MAX */
    const struct vector *vectors; /* one for each field */
};

struct engine_scan;

/* Sees what was there at this moment. q and the query's memory must live until the scan is closed; its deadline, budget
 * and cancellation hold. One thread at a time. ERR_INVALID: a field that needs the trace, too many fields. */
int engine_scan_open(struct engine *engine, struct engine_query *q, const struct scan_query *query,
                     struct engine_scan **ret, struct err *err);
/* 1 and the next rows, newest groups first, good until the next call; 0 at the end. */
int engine_scan_next(struct engine_scan *scan, struct scan_rows *ret, struct err *err);
/* The whole span behind a row of the last batch; what it points to is in the arena, but for resource and scope, which
 * live as long as the scan. */
int engine_scan_span(struct engine_scan *scan, uint32_t row, struct arena *arena, struct span *ret,
                     struct err *err);
void engine_scan_close(struct engine_scan *scan); /* NULL is fine */

#endif
