/* sql.c - `cairn sql`: one statement to a server, or over a directory that no server has open; its rows as a table.
 *
 * Both ways give the same bytes (sql/format.h); only the table is made here, from the JSON. */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/answer.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/common_options.h"
#include "cli/progress.h"
#include "cli/table.h"
#include "sql/format.h"

enum { PIPE_WIDTH = 100000, STATEMENT_BYTES_MAX = 1 << 20 };
enum { FORMAT_TABLE, FORMAT_CSV, FORMAT_JSON, FORMAT_JSON_LINES };

static const char *const format_names[] = {"table", "csv", "json", "jsonl", NULL};

struct sql_options {
    const char *server, *data_dir, *file;
    uint64_t limit, timeout_ns, width, memory;
    int format, color;
};

#define OFFSET(field) .offset = offsetof(struct sql_options, field)

static const struct option options[] = {
    OPTION_SERVER,
    {.name = "data-dir",
     .arg = "DIR",
     .type = OPTION_STRING,
     OFFSET(data_dir),
     .text = "read this directory, which no server may have open, instead of asking a server"},
    {.name = "file",
     .arg = "FILE",
     .type = OPTION_STRING,
     OFFSET(file),
     .text = "read the statement from this file"},
    {.name = "format",
     .arg = "FORMAT",
     .type = OPTION_CHOICE,
     OFFSET(format),
     .fallback = "table",
     .choices = format_names,
     .text = "table, csv, json (one object) or jsonl (one object a row)"},
    {.name = "limit",
     .arg = "COUNT",
     .type = OPTION_COUNT,
     OFFSET(limit),
     .fallback = "10000",
     .min = 1,
     .max = 1000000,
     .text = "print at most this many rows"},
    {.name = "timeout",
     .arg = "TIME",
     .type = OPTION_DURATION,
     OFFSET(timeout_ns),
     .fallback = "30s",
     .min = 1000000,
     .text = "give up after this long; a server may do so sooner"},
    {.name = "memory",
     .arg = "SIZE",
     .type = OPTION_SIZE,
     OFFSET(memory),
     .fallback = "512MiB",
     .min = 16 << 20,
     .text = "what a statement over --data-dir may take; a server has its own limit"},
    OPTION_COLOR,
    OPTION_WIDTH,
    {0},
};

/* ---- The statement ---- */

static int read_all(FILE *f, const char *name, struct buf *out, struct err *err)
{
    size_t n;
    void *at;
    while ((at = buf_reserve(out, 4096)) && (n = fread(at, 1, 4096, f)) > 0)
        out->n += n;
    if (out->failed)
        return err_set(err, ERR_TOO_LARGE, "%s: a statement of more than %d KiB", name,
                       STATEMENT_BYTES_MAX >> 10);
    return ferror(f) ? err_set(err, ERR_IO, "%s: cannot be read", name) : 0;
}

static int read_file(const char *path, struct buf *out, struct err *err)
{
    FILE *f = fopen(path, "rb");
    int code;
    if (!f)
        return err_set(err, ERR_IO, "%s: %m", path);
    code = read_all(f, path, out, err);
    fclose(f);
    return code;
}

static int read_statement(const struct sql_options *o, const char *const *operands, struct buf *out,
                          struct err *err)
{
    if (o->file ? operands[0] != NULL : !operands[0] || operands[1])
        return err_set(err, ERR_INVALID,
                       "give one statement, in quotes; or - for standard input; or --file");
    if (o->file)
        return read_file(o->file, out, err);
    if (strcmp(operands[0], "-") == 0)
        return read_all(stdin, "standard input", out, err);
    buf_put_str(out, str_of(operands[0]));
    return 0;
}

/* ---- Where the rows come from ---- */

static const char *wire_format(int format)
{
    return format == FORMAT_CSV ? "csv" : format == FORMAT_JSON_LINES ? "ndjson" : "json";
}

static int ask_server(const struct sql_options *o, struct str statement, struct buf *out,
                      struct err *err)
{
    struct buf path;
    int code;
    buf_init(&path, 0);
    buf_put_str(&path, STR("/api/sql"));
    answer_param(&path, "format", str_of(wire_format(o->format)));
    answer_param_u64(&path, "limit", o->limit, "");
    answer_param_u64(&path, "timeout", o->timeout_ns, "ns");
    code = client_post(o->server, buf_str(&path), "application/sql", statement, out, err);
    buf_release(&path);
    return code;
}

static bool asked_to_stop(void *user)
{
    (void)user;
    return interrupted();
}

static int run_over(struct engine *engine, const struct sql_options *o, struct str statement,
                    struct buf *out, struct err *err)
{
    struct arena arena;
    struct engine_query q = {.arena = &arena,
                             .deadline_ns = clock_monotonic_ns() + o->timeout_ns,
                             .is_cancelled = asked_to_stop};
    struct sql_query query = {.engine = engine,
                              .q = &q,
                              .text = statement,
                              .now_ns = clock_realtime_ns(),
                              .heap_bytes_max = o->memory,
                              .temp_bytes_max = SQL_TEMP_BYTES_DEFAULT,
                              .rows_max = o->limit};
    enum sql_format format = SQL_JSON;
    struct sql_result result;
    struct sql_writer writer;
    struct sql_sink sink;
    int code;
    arena_init(&arena, o->memory);
    sql_format_parse(str_of(wire_format(o->format)), &format);
    sink = sql_writer_init(&writer, format, &arena, out);
    code = sql_run(&query, &sink, &result, err);
    if (code == 0)
        sql_writer_end(&writer, &result, q.spans_scanned, STR(""));
    if (code == 0 && result.truncated && format != SQL_JSON)
        fprintf(stderr, "cairn sql: there are more rows; --limit shows more\n");
    if (code == 0 && q.damaged)
        fprintf(stderr, "cairn sql: damaged files are left out; see 'cairn check %s'\n",
                o->data_dir);
    arena_release(&arena);
    return code;
}

static int read_directory(const struct sql_options *o, struct str statement, struct buf *out,
                          struct err *err)
{
    struct engine_options engine_options = ENGINE_OPTIONS_DEFAULT;
    struct engine *engine;
    struct stat st;
    int code;
    if (stat(o->data_dir, &st) < 0 || !S_ISDIR(st.st_mode))
        return err_set(err, ERR_NOT_FOUND, "%s is no directory", o->data_dir);
    engine_options.data_dir = o->data_dir;
    TRY(engine_open(&engine_options, &engine, err));
    interrupt_catch();
    code = run_over(engine, o, statement, out, err);
    engine_close(engine);
    return code;
}

/* ---- The table ---- */

/* A number: also one that JSON would round and that is a string therefore. */
static bool looks_numeric(const json_t *cell)
{
    struct str s;
    int64_t v;
    if (!json_is_string(cell))
        return json_is_number(cell);
    s = str_make(json_string_value(cell), json_string_length(cell));
    return s.n >= 16 && s.p[0] != '0' && str_to_i64(s, &v) &&
           (v > (int64_t)1 << 53 || v < -((int64_t)1 << 53));
}

static bool is_numeric(const json_t *rows, size_t column)
{
    const json_t *row;
    bool any = false;
    size_t i;
    json_array_foreach(rows, i, row)
    {
        const json_t *cell = json_array_get(row, column);
        if (json_is_null(cell))
            continue;
        if (!looks_numeric(cell))
            return false;
        any = true;
    }
    return any;
}

static bool put_cell(struct table *t, const json_t *cell)
{
    if (json_is_null(cell))
        return table_cell(t, STR("NULL"), "2");
    if (json_is_integer(cell))
        return table_cellf(t, NULL, "%" JSON_INTEGER_FORMAT, json_integer_value(cell));
    if (json_is_real(cell)) {
        double v = json_real_value(cell);
        return table_cellf(t, NULL, fabs(v) < 1e6 || fabs(v) > 1e15 ? "%.6g" : "%.0f", v);
    }
    return table_cell(t, str_make(json_string_value(cell), json_string_length(cell)), NULL);
}

static void fill_table(struct table *t, const json_t *columns, const json_t *rows)
{
    const json_t *name, *row;
    size_t i, k;
    json_array_foreach(columns, i, name)
    {
        bool number = is_numeric(rows, i);
        table_column(t, str_make(json_string_value(name), json_string_length(name)), number,
                     number ? TABLE_WHOLE : TABLE_CUT);
    }
    json_array_foreach(rows, i, row)
    {
        for (k = 0; k < t->column_count; k++)
            put_cell(t, json_array_get(row, k));
    }
}

/* Rows that are wider than the terminal, cut as they may be, are shown as records. */
static int print_table(const struct sql_options *o, struct str body, struct err *err)
{
    unsigned width = o->width ? (unsigned)o->width : term_width(PIPE_WIDTH);
    bool colors = term_colors((enum term_color_mode)o->color);
    struct table t;
    struct buf out;
    json_t *root;
    size_t count;
    TRY(answer_parse(body, &root, err));
    table_init(&t);
    buf_init(&out, 0);
    fill_table(&t, json_object_get(root, "columns"), json_object_get(root, "rows"));
    count = json_array_size(json_object_get(root, "rows"));
    if (count == 0 || table_fits(&t, width))
        table_print(&t, width, colors, &out);
    else
        table_print_records(&t, colors, &out);
    fwrite(out.p, 1, out.n, stdout);
    if (json_array_size(json_object_get(root, "columns")) > TABLE_COLUMNS_MAX)
        fprintf(stderr, "the first %d columns are shown; --format csv has all\n",
                TABLE_COLUMNS_MAX);
    if (json_is_true(json_object_get(root, "truncated")))
        fprintf(stderr, "the first %zu rows are shown; --limit shows more\n", count);
    else if (count == 0)
        fprintf(stderr, "no rows\n");
    buf_release(&out);
    table_release(&t);
    json_decref(root);
    return 0;
}

/* ---- Errors ---- */

/* "2:14: no such column ..." as the words, the line and a caret under the place. */
static void print_error(const struct err *err, struct str statement)
{
    struct str line, column, words, rest = str_of(err->msg);
    uint64_t at_line, at_column;
    if (!str_cut(rest, ':', &line, &rest) || !str_cut(rest, ':', &column, &words) ||
        !str_to_u64(line, &at_line) || !str_to_u64(column, &at_column) || at_column > 2000) {
        fprintf(stderr, "cairn sql: %s\n", err->msg);
        return;
    }
    for (uint64_t i = 0; i < at_line; i++)
        str_cut(statement, '\n', &line, &statement);
    fprintf(stderr, "cairn sql: %.*s\n", STR_ARG(str_trim(words)));
    if (line.n > 2000)
        return;
    fprintf(stderr, "  %.*s\n  ", STR_ARG(line));
    for (size_t i = 0, cells = 1; i < line.n && cells < at_column; i++) {
        if ((line.p[i] & 0xc0) == 0x80)
            continue;
        fputc(line.p[i] == '\t' ? '\t' : ' ', stderr);
        cells++;
    }
    fprintf(stderr, "^\n");
}

static int run(int argc, char **argv)
{
    struct sql_options o = {0};
    const char *operands[OPERANDS_MAX + 1];
    struct buf statement, body;
    struct err err = {0};
    int code;
    switch (options_parse(&command_sql, argc, argv, &o, operands, stderr)) {
    case OPTIONS_HELP: return EXIT_OK;
    case OPTIONS_BAD: return EXIT_USAGE;
    case OPTIONS_OK: break;
    }
    buf_init(&statement, STATEMENT_BYTES_MAX);
    buf_init(&body, 0);
    if (read_statement(&o, operands, &statement, &err) < 0) {
        fprintf(stderr, "cairn sql: %s\n", err.msg);
        buf_release(&statement);
        return EXIT_USAGE;
    }
    code = o.data_dir ? read_directory(&o, buf_str(&statement), &body, &err)
                      : ask_server(&o, buf_str(&statement), &body, &err);
    if (code == 0 && o.format == FORMAT_TABLE)
        code = print_table(&o, buf_str(&body), &err);
    else if (code == 0 && o.format == FORMAT_JSON)
        client_print(&body);
    else if (code == 0)
        fwrite(body.p, 1, body.n, stdout);
    if (code < 0)
        print_error(&err, buf_str(&statement));
    buf_release(&statement);
    buf_release(&body);
    return code == 0 ? EXIT_OK : code == ERR_CANCELLED ? EXIT_INTERRUPTED : EXIT_ERROR;
}

const struct command command_sql = {
    .name = "sql",
    .summary = "ask with SQL",
    .usage = "[OPTIONS] STATEMENT|-",
    .text = "Runs a SELECT over the tables spans, span_attributes, events, links, traces, calls, "
            "services and operations. Attributes are columns of spans in double quotes, as in "
            "\"http.route\"; texts take single quotes. docs/sql.md has all tables and functions.",
    .options = options,
    .operand = "STATEMENT",
    .repeats = true,
    .run = run,
};
