/* tables.c - the tables there are, and what all of them do the same way. */
#include "sql/table.h"

#include <stdlib.h>

#include "base/buf.h"

enum { KEYS_MAX = 100000 };

const struct sql_table sql_tables[] = {
    {"spans", &spans_module},
    {"span_attributes", &span_attributes_module},
    {"events", &events_module},
    {"links", &links_module},
    {"traces", &traces_module},
    {"services", &services_module},
    {"operations", &operations_module},
    {"calls", &calls_module},
    {0},
};

static void put_name(struct buf *out, struct str name)
{
    buf_put_byte(out, '"');
    for (size_t i = 0; i < name.n; i++) {
        if (name.p[i] == '"')
            buf_put_byte(out, '"');
        buf_put_byte(out, (unsigned char)name.p[i]);
    }
    buf_put_byte(out, '"');
}

static int declare(sqlite3 *db, const struct column *columns, uint32_t count)
{
    struct buf text;
    int code;
    buf_init(&text, 0);
    buf_put_str(&text, STR("CREATE TABLE x("));
    for (uint32_t i = 0; i < count; i++) {
        if (i)
            buf_put_str(&text, STR(", "));
        put_name(&text, columns[i].name);
        if (columns[i].hidden) /* that word alone would be a numeric type */
            buf_printf(&text, " %s HIDDEN", columns[i].type[0] ? columns[i].type : "BLOB");
        else
            buf_printf(&text, " %s", columns[i].type);
    }
    buf_put(&text, ")", 2);
    code = text.failed ? SQLITE_NOMEM : sqlite3_declare_vtab(db, (const char *)text.p);
    buf_release(&text);
    return code;
}

int table_connect(sqlite3 *db, struct sql_context *context, const struct column *columns,
                  uint32_t count, sqlite3_vtab **ret)
{
    struct table *t = sqlite3_malloc(sizeof *t);
    int code = t ? declare(db, columns, count) : SQLITE_NOMEM;
    if (code != SQLITE_OK) {
        sqlite3_free(t);
        return code;
    }
    *t = (struct table){.context = context, .columns = columns, .column_count = count};
    *ret = &t->base;
    return SQLITE_OK;
}

int table_disconnect(sqlite3_vtab *vtab)
{
    sqlite3_free(vtab);
    return SQLITE_OK;
}

int table_result(struct sql_context *context, int code, const struct err *err)
{
    if (code >= 0)
        return SQLITE_OK;
    if (context->code == 0) {
        context->code = code;
        context->err = *err;
    }
    return code == ERR_NOMEM ? SQLITE_NOMEM : SQLITE_ERROR;
}

void table_arena_init(struct sql_context *context, struct arena *arena)
{
    arena_init(arena, context->q->arena->max_bytes / ++context->cursors);
}

void table_arena_release(struct sql_context *context, struct arena *arena)
{
    context->cursors--;
    arena_release(arena);
}

int table_keys(const struct sql_context *context, struct tag_key_list *ret, struct err *err)
{
    struct tag_query query = {.end_ns = UINT64_MAX, .limit = KEYS_MAX};
    return engine_keys(context->engine, context->q, &query, ret, err);
}

double table_spans(const struct sql_context *context)
{
    struct engine_stats stats;
    engine_stats(context->engine, &stats);
    return (double)(stats.head_spans + stats.part_spans) + 1;
}
