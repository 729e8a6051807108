/* run.c - a statement from its text to its last row: a connection of its own that can do nothing but read. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "sql/functions.h"
#include "sql/hint.h"
#include "sql/memory.h"
#include "sql/temp_files.h"

enum {
    PROGRESS_STEPS = 1000
}; /* of SQLite's machine between two looks at the clock: microseconds */

struct run {
    const struct sql_query *query;
    struct sql_context context;
    struct sql_memory memory;
    struct sql_temp_files temp;
    sqlite3 *db;
    sqlite3_stmt *statement;
    int stopped; /* ERR_TIMEOUT or ERR_CANCELLED */
};

/* ---- What a statement may do ---- */

static const char *action_name(int action)
{
    switch (action) {
    case SQLITE_ATTACH: return "ATTACH";
    case SQLITE_DETACH: return "DETACH";
    case SQLITE_PRAGMA: return "PRAGMA";
    case SQLITE_INSERT: return "INSERT";
    case SQLITE_UPDATE: return "UPDATE";
    case SQLITE_DELETE: return "DELETE";
    case SQLITE_TRANSACTION:
    case SQLITE_SAVEPOINT: return "a transaction";
    case SQLITE_FUNCTION: return "this function";
    default: return "changing anything";
    }
}

static int authorize(void *user, int action, const char *first, const char *second,
                     const char *database, const char *trigger)
{
    struct run *r = user;
    (void)database;
    (void)trigger;
    switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_RECURSIVE: return SQLITE_OK;
    case SQLITE_UPDATE: /* so SQLite puts it when a virtual table says its columns; nobody may write there */
        if (first && strcmp(first, "sqlite_master") == 0)
            return SQLITE_OK;
        break;
    case SQLITE_FUNCTION:
        if (second && sqlite3_stricmp(second, "load_extension") != 0 &&
            sqlite3_stricmp(second, "fts3_tokenizer") != 0)
            return SQLITE_OK;
        break;
    default: break;
    }
    if (!r->context.refused)
        r->context.refused = action_name(action);
    return SQLITE_DENY;
}

static int look_at_clock(void *user)
{
    struct run *r = user;
    struct engine_query *q = r->query->q;
    if (atomic_load_explicit(&q->cancelled, memory_order_relaxed) ||
        (q->is_cancelled && q->is_cancelled(q->user)))
        r->stopped = ERR_CANCELLED;
    else if (q->deadline_ns && clock_monotonic_ns() > q->deadline_ns)
        r->stopped = ERR_TIMEOUT;
    return r->stopped != 0;
}

/* ---- The connection ---- */

static void set_limits(sqlite3 *db)
{
    static const struct {
        int id, value;
    } limits[] = {
        {SQLITE_LIMIT_LENGTH, SQL_CELL_BYTES_MAX}, {SQLITE_LIMIT_SQL_LENGTH, SQL_TEXT_BYTES_MAX},
        {SQLITE_LIMIT_COLUMN, SQL_COLUMNS_MAX},    {SQLITE_LIMIT_EXPR_DEPTH, 200},
        {SQLITE_LIMIT_COMPOUND_SELECT, 50},        {SQLITE_LIMIT_VDBE_OP, 200000},
        {SQLITE_LIMIT_FUNCTION_ARG, 64},           {SQLITE_LIMIT_ATTACHED, 0},
        {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1000},  {SQLITE_LIMIT_VARIABLE_NUMBER, 100},
        {SQLITE_LIMIT_TRIGGER_DEPTH, 1},           {SQLITE_LIMIT_WORKER_THREADS, 0}};
    static const struct {
        int id, value;
    } settings[] = {{SQLITE_DBCONFIG_DQS_DML, 0}, /* "x" is a name, never a text */
                    {SQLITE_DBCONFIG_DQS_DDL, 0},
                    {SQLITE_DBCONFIG_DEFENSIVE, 1},
                    {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
                    {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
                    {SQLITE_DBCONFIG_ENABLE_VIEW, 0},
                    {SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0}};
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        sqlite3_limit(db, limits[i].id, limits[i].value);
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        sqlite3_db_config(db, settings[i].id, settings[i].value, NULL);
}

/* Sorters and tables on the way spill to files when they are larger than a share of the heap. */
static int set_up(struct run *r)
{
    char text[96];
    int code;
    snprintf(text, sizeof text, "PRAGMA temp_store = FILE; PRAGMA cache_size = -%zu",
             r->query->heap_bytes_max / 8 >> 10);
    set_limits(r->db);
    code = sqlite3_exec(r->db, text, NULL, NULL, NULL);
    for (const struct sql_table *t = sql_tables; t->name && code == SQLITE_OK; t++)
        code = sqlite3_create_module_v2(r->db, t->name, t->module, &r->context, NULL);
    if (code == SQLITE_OK)
        code = functions_register(r->db, &r->context);
    if (code == SQLITE_OK)
        code = aggregates_register(r->db);
    sqlite3_set_authorizer(r->db, authorize, r);
    sqlite3_progress_handler(r->db, PROGRESS_STEPS, look_at_clock, r);
    return code;
}

/* ---- Failures ---- */

static int explain_size(const struct run *r, int code, struct err *err)
{
    if (r->memory.refused)
        return err_set(err, ERR_TOO_LARGE, "the statement needs more than %zu MiB of memory",
                       r->memory.max_bytes >> 20);
    if (r->temp.refused)
        return err_set(err, ERR_TOO_LARGE,
                       "the statement needs more than %zu MiB of temporary files",
                       (size_t)(r->temp.max_bytes >> 20));
    if (code == SQLITE_NOMEM)
        return err_set(err, ERR_NOMEM, "out of memory");
    if (code == SQLITE_TOOBIG)
        return err_set(err, ERR_TOO_LARGE, "a text or blob is larger than %d MiB",
                       SQL_CELL_BYTES_MAX >> 20);
    return err_set(err, ERR_IO, "temporary files: %s", sqlite3_errmsg(r->db));
}

static int explain(struct run *r, int code, struct err *err)
{
    if (r->context.code) {
        if (err)
            *err = r->context.err;
        if (err && !err->msg[0])
            return err_set(err, r->context.code, "%s", err_text(r->context.code));
        return r->context.code;
    }
    if (r->stopped == ERR_TIMEOUT)
        return err_set(err, ERR_TIMEOUT, "the statement took too long");
    if (r->stopped)
        return err_set(err, r->stopped, "%s", err_text(r->stopped));
    switch (code & 0xff) {
    case SQLITE_NOMEM:
    case SQLITE_TOOBIG:
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN: return explain_size(r, code & 0xff, err);
    default: break;
    }
    return hint_error(&r->context, r->query->text, sqlite3_error_offset(r->db),
                      sqlite3_errmsg(r->db), err);
}

/* ---- The statement ---- */

/* Nothing but space, comments and semicolons behind the statement. */
static int check_tail(struct run *r, const char *tail, struct err *err)
{
    struct str text = r->query->text, line, rest;
    const char *end = text.p + text.n;
    while (tail < end) {
        sqlite3_stmt *more = NULL;
        const char *next = end;
        int code = sqlite3_prepare_v3(r->db, tail, (int)(end - tail), 0, &more, &next);
        sqlite3_finalize(more);
        if (code != SQLITE_OK || more) {
            str_cut(str_trim(str_make(tail, (size_t)(end - tail))), '\n', &line, &rest);
            return err_at(err, ERR_INVALID, (size_t)(tail - text.p),
                          "one statement at a time: \"%.*s\" is too much",
                          (int)(line.n < 60 ? line.n : 60), line.p);
        }
        tail = next > tail ? next : end;
    }
    return 0;
}

static int prepare(struct run *r, struct err *err)
{
    struct str text = r->query->text;
    const char *tail = NULL;
    int code;
    if (text.n > SQL_TEXT_BYTES_MAX)
        return err_set(err, ERR_TOO_LARGE, "a statement has at most %d KiB",
                       SQL_TEXT_BYTES_MAX >> 10);
    if (!text.n || memchr(text.p, '\0', text.n))
        return err_set(err, ERR_INVALID, text.n ? "a zero byte in the statement" : "no statement");
    TRY(spans_columns(&r->context, text, err));
    code = sqlite3_prepare_v3(r->db, text.p, (int)text.n, 0, &r->statement, &tail);
    if (code != SQLITE_OK)
        return explain(r, code, err);
    if (!r->statement)
        return err_set(err, ERR_INVALID, "no statement");
    TRY(check_tail(r, tail, err));
    if (sqlite3_bind_parameter_count(r->statement))
        return err_set(err, ERR_INVALID, "parameters (?, :name) have no values here");
    if (!sqlite3_stmt_readonly(r->statement) || sqlite3_column_count(r->statement) == 0)
        return err_set(err, ERR_INVALID, "only SELECT is possible");
    return 0;
}

static int give_columns(struct run *r, const struct sql_sink *sink, uint32_t count, struct err *err)
{
    struct str *names = arena_calloc(r->query->q->arena, count + 1u, sizeof *names);
    if (!names)
        return ERR_NOMEM;
    for (uint32_t i = 0; i < count; i++) {
        const char *name = sqlite3_column_name(r->statement, (int)i);
        if (!name)
            return ERR_NOMEM;
        names[i] = str_of(name);
    }
    return sink->columns(names, count, sink->user, err);
}

static struct sql_cell read_cell(sqlite3_stmt *s, int i)
{
    struct sql_cell c = {.type = SQL_NULL};
    switch (sqlite3_column_type(s, i)) {
    case SQLITE_INTEGER:
        c.type = SQL_INT;
        c.integer = sqlite3_column_int64(s, i);
        break;
    case SQLITE_FLOAT:
        c.type = SQL_REAL;
        c.real = sqlite3_column_double(s, i);
        break;
    case SQLITE_TEXT:
        c.type = SQL_TEXT;
        c.text.p = (const char *)sqlite3_column_text(s, i);
        c.text.n = (size_t)sqlite3_column_bytes(s, i);
        break;
    case SQLITE_BLOB:
        c.type = SQL_BLOB;
        c.text.p = sqlite3_column_blob(s, i);
        c.text.n = (size_t)sqlite3_column_bytes(s, i);
        break;
    default: break;
    }
    return c;
}

static int give_rows(struct run *r, const struct sql_sink *sink, uint32_t count,
                     struct sql_result *ret, struct err *err)
{
    struct sql_cell *cells = arena_calloc(r->query->q->arena, count + 1u, sizeof *cells);
    int code;
    if (!cells)
        return ERR_NOMEM;
    while ((code = sqlite3_step(r->statement)) == SQLITE_ROW) {
        if (ret->row_count == r->query->rows_max) {
            ret->truncated = true;
            return 0;
        }
        for (uint32_t i = 0; i < count; i++)
            cells[i] = read_cell(r->statement, (int)i);
        ret->row_count++;
        TRY(sink->row(cells, count, sink->user, err));
    }
    return code == SQLITE_DONE ? 0 : explain(r, code, err);
}

static int execute(struct run *r, const struct sql_sink *sink, struct sql_result *ret,
                   struct err *err)
{
    uint32_t count;
    int code = sqlite3_open_v2(":memory:", &r->db,
                               SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                               sql_temp_files_vfs());
    if (code == SQLITE_OK)
        code = set_up(r);
    if (code != SQLITE_OK)
        return explain(r, code, err);
    TRY(prepare(r, err));
    count = (uint32_t)sqlite3_column_count(r->statement);
    TRY(give_columns(r, sink, count, err));
    return give_rows(r, sink, count, ret, err);
}

int sql_run(const struct sql_query *query, const struct sql_sink *sink, struct sql_result *ret,
            struct err *err)
{
    struct run *r;
    int code;
    *ret = (struct sql_result){0};
    TRY(sql_memory_install(err));
    if (!sql_temp_files_vfs())
        return err_set(err, ERR_UNSUPPORTED, "SQLite has no file system");
    r = calloc(1, sizeof *r);
    if (!r)
        return err_set(err, ERR_NOMEM, "out of memory");
    r->query = query;
    r->temp.max_bytes = query->temp_bytes_max;
    r->context =
        (struct sql_context){.engine = query->engine, .q = query->q, .now_ns = query->now_ns};
    r->context.group_bytes_max = query->group_bytes_max       ? query->group_bytes_max
                                 : query->q->arena->max_bytes ? query->q->arena->max_bytes / 2
                                                              : (size_t)128 << 20;
    trace_cache_init(&r->context.traces, query->engine, query->q);
    sql_memory_enter(&r->memory, query->heap_bytes_max);
    sql_temp_files_account(&r->temp);
    code = execute(r, sink, ret, err);
    sqlite3_finalize(r->statement);
    sqlite3_close(r->db);
    sql_temp_files_account(NULL);
    sql_memory_leave(&r->memory);
    trace_cache_release(&r->context.traces);
    free(r);
    return code;
}
