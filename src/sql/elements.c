/* elements.c - a cursor over spans and, within each, over its parts. */
#include "sql/elements.h"

#include "sql/rows.h"
#include "sql/values.h"

struct cursor {
    sqlite3_vtab_cursor base;
    struct rows rows;
    const struct span *span;
    uint32_t index, count;
    bool eof;
};

int elements_connect(sqlite3 *db, struct sql_context *context, const struct column *columns,
                     uint32_t count, const struct elements *kind, sqlite3_vtab **ret)
{
    sqlite3_vtab *table;
    int code = table_connect(db, context, columns, count, &table);
    struct elements *e;
    if (code != SQLITE_OK)
        return code;
    e = sqlite3_malloc(sizeof *e);
    if (e) {
        *e = *kind;
        e->table = *(struct table *)table;
        *ret = &e->table.base;
    }
    sqlite3_free(table);
    return e ? SQLITE_OK : SQLITE_NOMEM;
}

int elements_best_index(sqlite3_vtab *vtab, sqlite3_index_info *info)
{
    return push_best_index((struct table *)vtab, info, false);
}

int elements_open(sqlite3_vtab *vtab, sqlite3_vtab_cursor **ret)
{
    struct cursor *c = sqlite3_malloc(sizeof *c);
    if (!c)
        return SQLITE_NOMEM;
    memset(c, 0, sizeof *c);
    rows_init(&c->rows, (struct table *)vtab, true);
    *ret = &c->base;
    return SQLITE_OK;
}

int elements_close(sqlite3_vtab_cursor *cursor)
{
    struct cursor *c = (struct cursor *)cursor;
    rows_release(&c->rows);
    sqlite3_free(c);
    return SQLITE_OK;
}

static int advance(struct cursor *c, struct err *err)
{
    const struct elements *e = (const struct elements *)c->base.pVtab;
    int code;
    if (c->span && ++c->index < c->count)
        return 1;
    c->index = 0;
    while ((code = rows_next(&c->rows, err)) == 1) {
        c->span = rows_span(&c->rows, err);
        if (!c->span)
            return err->code;
        c->count = e->count(c->span);
        if (c->count)
            return 1;
    }
    return code;
}

int elements_next(sqlite3_vtab_cursor *cursor)
{
    struct cursor *c = (struct cursor *)cursor;
    struct err err = {0};
    int code = advance(c, &err);
    c->eof = code != 1;
    return table_result(((struct table *)cursor->pVtab)->context, code, &err);
}

/* Spans without any part need not be made. */
static int only_with(struct cursor *c, const struct field *has, struct err *err)
{
    const struct expr *e;
    if (has->kind == FIELD_ATTRIBUTE || !c->rows.scan)
        return 0;
    e = expr_compare(&c->rows.arena, EXPR_EXISTS, *has, (struct value){0});
    if (e)
        e = expr_and(&c->rows.arena, e, c->rows.pushed.filter);
    if (!e)
        return ERR_NOMEM;
    c->rows.pushed.filter = e;
    return rows_scan(&c->rows, err);
}

int elements_filter(sqlite3_vtab_cursor *cursor, int flags, const char *plan, int argc,
                    sqlite3_value **argv)
{
    struct cursor *c = (struct cursor *)cursor;
    const struct elements *e = (const struct elements *)cursor->pVtab;
    struct err err = {0};
    int code;
    c->span = NULL;
    code = rows_start(&c->rows, flags, plan, argc, argv, &err);
    if (code == 0)
        code = only_with(c, &e->has, &err);
    if (code < 0)
        return table_result(e->table.context, code, &err);
    return elements_next(cursor);
}

int elements_eof(sqlite3_vtab_cursor *cursor)
{
    return ((struct cursor *)cursor)->eof;
}

int elements_column(sqlite3_vtab_cursor *cursor, sqlite3_context *ctx, int column)
{
    const struct cursor *c = (struct cursor *)cursor;
    const struct elements *e = (const struct elements *)cursor->pVtab;
    const struct column *def = &e->table.columns[column];
    if (def->number)
        e->column(ctx, def->number, c->span, c->index);
    else
        result_of_span(ctx, def, c->span);
    return SQLITE_OK;
}

int elements_rowid(sqlite3_vtab_cursor *cursor, sqlite3_int64 *ret)
{
    const struct cursor *c = (struct cursor *)cursor;
    *ret = row_number(c->span->trace_id, c->span->span_id, c->index);
    return SQLITE_OK;
}
