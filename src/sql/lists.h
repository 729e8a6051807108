/* lists.h - tables whose rows the engine gives as one list: traces, services, operations. A file each fills it. */
#ifndef SQL_LISTS_H
#define SQL_LISTS_H

#include "sql/push.h"

struct list_cursor {
    sqlite3_vtab_cursor base;
    struct arena arena; /* of the list; its budget is the query's */
    const void *items;
    size_t count, at;
    sqlite3_int64 (*number)(const struct list_cursor *c); /* of the row; NULL: its place */
};

/* For xOpen and the rest of a module but xConnect, xBestIndex, xFilter and xColumn. */
int list_open(sqlite3_vtab *vtab, sqlite3_vtab_cursor **ret);
int list_close(sqlite3_vtab_cursor *cursor);
int list_next(sqlite3_vtab_cursor *cursor);
int list_eof(sqlite3_vtab_cursor *cursor);
int list_rowid(sqlite3_vtab_cursor *cursor, sqlite3_int64 *ret);

static inline struct sql_context *list_context(const sqlite3_vtab_cursor *cursor)
{
    return ((struct table *)cursor->pVtab)->context;
}

#define LIST_MODULE(connect, best_index, filter, column)                                    \
    {                                                                                       \
        .xConnect = (connect), .xBestIndex = (best_index), .xDisconnect = table_disconnect, \
        .xOpen = list_open, .xClose = list_close, .xFilter = (filter), .xNext = list_next,  \
        .xEof = list_eof, .xColumn = (column), .xRowid = list_rowid                         \
    }

#endif
