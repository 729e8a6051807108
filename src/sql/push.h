/* push.h - conditions of a WHERE on their way down: SQLite offers them to xBestIndex, the engine filters by them.
 *
 * What goes down may let more rows through than SQL would (SQLite looks at every row again), never fewer. The plan
 * travels from xBestIndex to xFilter as a text that EXPLAIN QUERY PLAN shows: columns used, then an operator and a column
 * for each argument ("u318 =4 >10"), then the columns rows are grouped by ("g4+"). */
#ifndef SQL_PUSH_H
#define SQL_PUSH_H

#include "sql/table.h"

enum {
    PLAN_TRACE = 1,    /* trace_id = ?: a look-up */
    PLAN_GROUPED = 2,  /* rows come group by group */
    PLAN_DISTINCT = 4, /* and one of each group is enough */
};

enum { GROUP_COLUMNS_MAX = 8 };

struct group_column {
    uint32_t column;
    bool descending;
};

/* A plan with its arguments. */
struct pushed {
    uint64_t columns_used;
    const struct expr *filter; /* NULL: every span */
    uint64_t start_ns, end_ns;
    bool nothing; /* no row can pass */
    bool by_trace, by_span;
    struct trace_id trace_id;
    struct span_id span_id;
    struct group_column groups[GROUP_COLUMNS_MAX];
    uint32_t group_count;
};

/* The whole of xBestIndex for a table whose rows are spans or parts of them. may_group: the table can order its rows. */
int push_best_index(struct table *t, sqlite3_index_info *info, bool may_group);

/* The first of xFilter. What it makes lives in the arena. ERR_NOMEM. */
int push_read(const struct table *t, const char *plan, int argc, sqlite3_value **argv,
              struct arena *arena, struct pushed *ret);

/* Also for tables that are not of spans: takes usable `column = ?` and answers its place, else -1. */
int push_equal(const sqlite3_index_info *info, int column);

#endif
