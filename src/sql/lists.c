/* lists.c - a cursor over an array. */
#include "sql/lists.h"

int list_open(sqlite3_vtab *vtab, sqlite3_vtab_cursor **ret)
{
    struct list_cursor *c = sqlite3_malloc(sizeof *c);
    if (!c)
        return SQLITE_NOMEM;
    memset(c, 0, sizeof *c);
    table_arena_init(((struct table *)vtab)->context, &c->arena);
    *ret = &c->base;
    return SQLITE_OK;
}

int list_close(sqlite3_vtab_cursor *cursor)
{
    table_arena_release(list_context(cursor), &((struct list_cursor *)cursor)->arena);
    sqlite3_free(cursor);
    return SQLITE_OK;
}

int list_next(sqlite3_vtab_cursor *cursor)
{
    ((struct list_cursor *)cursor)->at++;
    return SQLITE_OK;
}

int list_eof(sqlite3_vtab_cursor *cursor)
{
    const struct list_cursor *c = (struct list_cursor *)cursor;
    return c->at >= c->count;
}

int list_rowid(sqlite3_vtab_cursor *cursor, sqlite3_int64 *ret)
{
    const struct list_cursor *c = (struct list_cursor *)cursor;
    *ret = c->number ? c->number(c) : (sqlite3_int64)c->at + 1;
    return SQLITE_OK;
}
