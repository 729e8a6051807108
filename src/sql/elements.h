/* elements.h - tables whose rows are parts of spans: attributes, events, links. A file each says what a part is. */
#ifndef SQL_ELEMENTS_H
#define SQL_ELEMENTS_H

#include "sql/table.h"

struct elements {
    struct table table;
    struct field
        has; /* EXISTS of it finds the spans that have any; of FIELD_ATTRIBUTE: all spans are looked at */
    uint32_t (*count)(const struct span *span);
    /* number is the column's, not 0 */
    void (*column)(sqlite3_context *ctx, int number, const struct span *span, uint32_t index);
};

/* For xConnect: as table_connect, and the three members. */
int elements_connect(sqlite3 *db, struct sql_context *context, const struct column *columns,
                     uint32_t count, const struct elements *kind, sqlite3_vtab **ret);

/* What all their modules share. */
int elements_best_index(sqlite3_vtab *vtab, sqlite3_index_info *info);
int elements_open(sqlite3_vtab *vtab, sqlite3_vtab_cursor **ret);
int elements_close(sqlite3_vtab_cursor *cursor);
int elements_filter(sqlite3_vtab_cursor *cursor, int flags, const char *plan, int argc,
                    sqlite3_value **argv);
int elements_next(sqlite3_vtab_cursor *cursor);
int elements_eof(sqlite3_vtab_cursor *cursor);
int elements_column(sqlite3_vtab_cursor *cursor, sqlite3_context *ctx, int column);
int elements_rowid(sqlite3_vtab_cursor *cursor, sqlite3_int64 *ret);

#define ELEMENTS_MODULE(connect)                                                                   \
    {                                                                                              \
        .xConnect = (connect), .xBestIndex = elements_best_index, .xDisconnect = table_disconnect, \
        .xOpen = elements_open, .xClose = elements_close, .xFilter = elements_filter,              \
        .xNext = elements_next, .xEof = elements_eof, .xColumn = elements_column,                  \
        .xRowid = elements_rowid                                                                   \
    }

#endif
