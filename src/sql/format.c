/* format.c - one writer for each format. */
#include "sql/format.h"

#include <inttypes.h>
#include <math.h>

static const int64_t SAFE = (int64_t)1 << 53;

bool sql_format_parse(struct str name, enum sql_format *ret)
{
    static const struct {
        struct str name;
        enum sql_format format;
    } formats[] = {{STR_INIT("json"), SQL_JSON},
                   {STR_INIT("ndjson"), SQL_JSON_LINES},
                   {STR_INIT("jsonl"), SQL_JSON_LINES},
                   {STR_INIT("csv"), SQL_CSV}};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        if (str_eq(name, formats[i].name)) {
            *ret = formats[i].format;
            return true;
        }
    }
    return false;
}

const char *sql_format_type(enum sql_format format)
{
    return format == SQL_CSV          ? "text/csv; charset=utf-8; header=present"
           : format == SQL_JSON_LINES ? "application/x-ndjson"
                                      : "application/json";
}

static void put_json(struct json_writer *w, const struct sql_cell *c)
{
    switch (c->type) {
    case SQL_NULL: json_write_null(w); return;
    case SQL_INT:
        if (c->integer >= -SAFE && c->integer <= SAFE)
            json_i64(w, c->integer);
        else
            json_i64_str(w, c->integer);
        return;
    case SQL_REAL: json_double(w, c->real); return;
    case SQL_TEXT: json_str(w, c->text); return;
    case SQL_BLOB: json_base64(w, c->text); return;
    }
}

static void put_field(struct buf *out, struct str s)
{
    bool quote = s.n == 0;
    for (size_t i = 0; i < s.n && !quote; i++)
        quote = strchr(",\"\r\n", s.p[i]) != NULL; /* a NUL, too */
    if (!quote) {
        buf_put_str(out, s);
        return;
    }
    buf_put_byte(out, '"');
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"')
            buf_put_byte(out, '"');
        buf_put_byte(out, (unsigned char)s.p[i]);
    }
    buf_put_byte(out, '"');
}

/* A number or a string as JSON has it, without the quotes. */
static void put_plain(struct buf *out, const struct sql_cell *c)
{
    struct json_writer w;
    struct buf text;
    struct str s;
    buf_init(&text, 0);
    json_init(&w, &text, 0);
    if (c->type == SQL_REAL)
        json_double(&w, c->real);
    else
        json_base64(&w, c->text);
    s = buf_str(&text);
    if (s.n >= 2 && s.p[0] == '"')
        s = str_make(s.p + 1, s.n - 2);
    put_field(out, s);
    buf_release(&text);
}

static void put_csv(struct buf *out, const struct sql_cell *c)
{
    switch (c->type) {
    case SQL_NULL: return;
    case SQL_INT: buf_printf(out, "%" PRId64, c->integer); return;
    case SQL_TEXT: put_field(out, c->text); return;
    case SQL_REAL:
    case SQL_BLOB: put_plain(out, c); return;
    }
}

static int columns(const struct str *names, uint32_t count, void *user, struct err *err)
{
    struct sql_writer *w = user;
    w->count = count;
    w->names = arena_calloc(w->arena, count + 1u, sizeof *w->names);
    for (uint32_t i = 0; w->names && i < count; i++)
        w->names[i] = arena_str(w->arena, names[i]);
    if (arena_failed(w->arena))
        return err_set(err, ERR_NOMEM, "out of memory");
    if (w->format == SQL_JSON) {
        json_object_begin(&w->json);
        json_key(&w->json, STR("columns"));
        json_array_begin(&w->json);
        for (uint32_t i = 0; i < count; i++)
            json_str(&w->json, names[i]);
        json_array_end(&w->json);
        json_key(&w->json, STR("rows"));
        json_array_begin(&w->json);
    } else if (w->format == SQL_CSV) {
        for (uint32_t i = 0; i < count; i++) {
            if (i)
                buf_put_byte(w->out, ',');
            put_field(w->out, names[i]);
        }
        buf_put_byte(w->out, '\n');
    }
    return 0;
}

static void put_line(struct sql_writer *w, const struct sql_cell *cells)
{
    json_init(&w->json, w->out, 0);
    json_object_begin(&w->json);
    for (uint32_t i = 0; i < w->count; i++) {
        json_key(&w->json, w->names[i]);
        put_json(&w->json, &cells[i]);
    }
    json_object_end(&w->json);
    buf_put_byte(w->out, '\n');
}

static int row(const struct sql_cell *cells, uint32_t count, void *user, struct err *err)
{
    struct sql_writer *w = user;
    switch (w->format) {
    case SQL_JSON_LINES: put_line(w, cells); break;
    case SQL_JSON:
        json_array_begin(&w->json);
        for (uint32_t i = 0; i < count; i++)
            put_json(&w->json, &cells[i]);
        json_array_end(&w->json);
        break;
    case SQL_CSV:
        for (uint32_t i = 0; i < count; i++) {
            if (i)
                buf_put_byte(w->out, ',');
            put_csv(w->out, &cells[i]);
        }
        buf_put_byte(w->out, '\n');
        break;
    }
    if (w->out->failed)
        return err_set(err, ERR_TOO_LARGE, "the answer is larger than %zu MiB; ask for less",
                       w->out->max_bytes >> 20);
    return 0;
}

struct sql_sink sql_writer_init(struct sql_writer *w, enum sql_format format, struct arena *arena,
                                struct buf *out)
{
    *w = (struct sql_writer){.format = format, .out = out, .arena = arena};
    json_init(&w->json, out, 0);
    return (struct sql_sink){columns, row, w};
}

void sql_writer_end(struct sql_writer *w, const struct sql_result *result, uint64_t spans_scanned,
                    struct str warning)
{
    if (w->format != SQL_JSON)
        return;
    json_array_end(&w->json);
    json_key(&w->json, STR("truncated"));
    json_bool(&w->json, result->truncated);
    json_key(&w->json, STR("spansScanned"));
    json_u64(&w->json, spans_scanned);
    if (warning.n) {
        json_key(&w->json, STR("warnings"));
        json_array_begin(&w->json);
        json_str(&w->json, warning);
        json_array_end(&w->json);
    }
    json_object_end(&w->json);
}
