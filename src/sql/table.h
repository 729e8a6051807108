/* table.h - what the virtual tables share: the statement they belong to, their columns, and how a failure gets out.
 *
 * A table is a file with a sqlite3_module and a row in tables.c. Its columns are data: a name, what the value looks like
 * in SQL (the form), the field of the span it comes from. push.h turns conditions on them into engine filters, values.h
 * turns values into SQL. */
#ifndef SQL_TABLE_H
#define SQL_TABLE_H

#include <sqlite3.h>

#include "engine/tags.h"
#include "sql/sql.h"
#include "sql/trace_cache.h"

enum column_form {
    FORM_TEXT,    /* a string, '' when there is none */
    FORM_INT,     /* a number: nanoseconds */
    FORM_KIND,    /* text of enum span_kind */
    FORM_STATUS,  /* text of enum status_code */
    FORM_ID,      /* bytes as lower-case hexadecimal */
    FORM_PARENT,  /* the same, NULL when zero */
    FORM_VALUE,   /* an attribute of any type; NULL without */
    FORM_END,     /* start + duration */
    FORM_WHOLE,   /* only the whole span tells; `number` says what */
    FORM_KEY,     /* the key of an attribute */
    FORM_ELEMENT, /* of an event, a link, an attribute: the table's own */
};

struct column {
    struct str name;
    const char *type; /* as declared; "" has no affinity */
    enum column_form form;
    struct field field;
    int number; /* of FORM_WHOLE an enum whole; in tables of elements, which of its values; else 0 */
    bool hidden; /* not in SELECT * */
};

enum { TABLE_COLUMNS_MAX = 63 }; /* colUsed has a bit for each */

/* One statement on its way. */
struct sql_context {
    struct engine *engine;
    struct engine_query *q;
    uint64_t now_ns;
    struct column spans_columns
        [TABLE_COLUMNS_MAX]; /* the fixed ones and the attributes that the text names */
    uint32_t spans_column_count;
    struct trace_cache traces;
    const char *refused;    /* what the authorizer did not allow */
    uint32_t cursors;       /* open now */
    size_t group_bytes_max; /* of rows put into groups, of calls in memory */
    int code;               /* of the first failure; SQLite only knows that there was one */
    struct err err;
};

/* Every sqlite3_vtab of ours begins like this. */
struct table {
    sqlite3_vtab base;
    struct sql_context *context;
    const struct column *columns;
    uint32_t column_count;
};

/* For xConnect: declares the columns, makes the struct table. */
int table_connect(sqlite3 *db, struct sql_context *context, const struct column *columns,
                  uint32_t count, sqlite3_vtab **ret);
int table_disconnect(sqlite3_vtab *vtab);

/* Keeps the first failure for sql_run and answers what SQLite wants to hear. code 0 and more is SQLITE_OK. */
int table_result(struct sql_context *context, int code, const struct err *err);

/* How many spans there are: for plans. */
double table_spans(const struct sql_context *context);

/* An arena for a cursor that opens: the first may take all of the query's memory, the second half, the third a third. */
void table_arena_init(struct sql_context *context, struct arena *arena);
void table_arena_release(struct sql_context *context, struct arena *arena);

/* The keys of attributes that spans have. */
int table_keys(const struct sql_context *context, struct tag_key_list *ret, struct err *err);

struct sql_table {
    const char *name;
    const sqlite3_module *module;
};

extern const struct sql_table sql_tables[]; /* ended by {0} */

extern const sqlite3_module spans_module, span_attributes_module, events_module, links_module,
    traces_module, services_module, operations_module, calls_module;

/* The columns of spans: fixed ones, and one for each attribute key that the statement has in quotes. ERR_NOMEM, or the
 * engine's failure. */
int spans_columns(struct sql_context *context, struct str text, struct err *err);

#endif
