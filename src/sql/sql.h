/* sql.h - read-only SQL over the spans: one statement in, columns and rows out.
 *
 * SQLite parses, plans and computes; its tables are the engine's (table.h), and what a WHERE says of their columns goes
 * down to the engine's filters. docs/sql.md describes tables and functions.
 *
 * A statement can only read: an authorizer refuses everything but SELECT. It is bounded in time (the query's deadline
 * and cancellation), in memory (the query's arena for what the engine finds, heap_bytes_max for SQLite's own), on disk
 * (temp_bytes_max for what its sorters spill) and in rows. Any thread; a statement runs on the calling one. */
#ifndef SQL_SQL_H
#define SQL_SQL_H

#include "engine/engine.h"

enum { SQL_TEXT_BYTES_MAX = 64 * 1024, SQL_COLUMNS_MAX = 500, SQL_CELL_BYTES_MAX = 16 << 20 };

struct sql_query {
    struct engine *engine;
    struct engine_query *q; /* its arena's budget bounds what the tables hold */
    struct str text;
    uint64_t now_ns;         /* what 'now' means */
    size_t heap_bytes_max;   /* SQLite's memory */
    uint64_t temp_bytes_max; /* SQLite's temporary files */
    uint64_t rows_max;       /* more rows are cut off */
    size_t
        group_bytes_max; /* rows put into groups, or calls, at a time; 0 = half of what the tables may hold */
};
#define SQL_HEAP_BYTES_DEFAULT ((size_t)256 << 20)
#define SQL_TEMP_BYTES_DEFAULT ((uint64_t)4 << 30)

enum sql_type { SQL_NULL, SQL_INT, SQL_REAL, SQL_TEXT, SQL_BLOB };

struct sql_cell {
    enum sql_type type;
    union {
        int64_t integer;
        double real;
        struct str text; /* of SQL_BLOB, too */
    };
};

/* Where the answer goes. Names and cells are gone after the call; a code other than 0 ends the statement. */
struct sql_sink {
    int (*columns)(const struct str *names, uint32_t count, void *user, struct err *err);
    int (*row)(const struct sql_cell *cells, uint32_t count, void *user, struct err *err);
    void *user;
};

struct sql_result {
    uint64_t row_count;
    bool truncated; /* there were more than rows_max */
};

/* ERR_INVALID: SQLite's words with the place in front ("1:14: no such column: servce; did you mean service?"), which
 * err->offset has in bytes. ERR_TOO_LARGE: over one of the bounds. ERR_TIMEOUT, ERR_CANCELLED; what the engine and the
 * sink return. */
int sql_run(const struct sql_query *query, const struct sql_sink *sink, struct sql_result *ret,
            struct err *err);

#endif
