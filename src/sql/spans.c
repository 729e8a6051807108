/* spans.c - the table spans: every span a row; and its columns, of which the statement's text chooses some.
 *
 * An attribute that the text has in double quotes is a column: "http.route". Only those: an attribute cannot take the
 * name of an alias or of another column then, and a statement never has more columns than SQLite can tell apart. */
#include <stdlib.h>

#include "sql/groups.h"
#include "sql/values.h"

static const struct column fixed[] = {
    {STR_INIT("trace_id"), "TEXT", FORM_ID, {.kind = FIELD_TRACE_ID}, 0, false},
    {STR_INIT("span_id"), "TEXT", FORM_ID, {.kind = FIELD_SPAN_ID}, 0, false},
    {STR_INIT("parent_span_id"), "TEXT", FORM_PARENT, {.kind = FIELD_PARENT_ID}, 0, false},
    {STR_INIT("service"), "TEXT", FORM_TEXT, {.kind = FIELD_SERVICE}, 0, false},
    {STR_INIT("name"), "TEXT", FORM_TEXT, {.kind = FIELD_NAME}, 0, false},
    {STR_INIT("kind"), "TEXT", FORM_KIND, {.kind = FIELD_KIND}, 0, false},
    {STR_INIT("status"), "TEXT", FORM_STATUS, {.kind = FIELD_STATUS}, 0, false},
    {STR_INIT("status_message"), "TEXT", FORM_TEXT, {.kind = FIELD_STATUS_MESSAGE}, 0, false},
    {STR_INIT("start_time"), "INTEGER", FORM_INT, {.kind = FIELD_START}, 0, false},
    {STR_INIT("end_time"), "INTEGER", FORM_END, {.kind = FIELD_START}, 0, false},
    {STR_INIT("duration"), "INTEGER", FORM_INT, {.kind = FIELD_DURATION}, 0, false},
    {STR_INIT("scope_name"), "TEXT", FORM_TEXT, {.kind = FIELD_SCOPE_NAME}, 0, false},
    {STR_INIT("scope_version"), "TEXT", FORM_TEXT, {.kind = FIELD_SCOPE_VERSION}, 0, false},
    {STR_INIT("attributes"), "TEXT", FORM_WHOLE, {0}, WHOLE_ATTRIBUTES, false},
    {STR_INIT("resource_attributes"), "TEXT", FORM_WHOLE, {0}, WHOLE_RESOURCE, false},
    {STR_INIT("event_count"), "INTEGER", FORM_WHOLE, {0}, WHOLE_EVENTS, false},
    {STR_INIT("link_count"), "INTEGER", FORM_WHOLE, {0}, WHOLE_LINKS, false},
    {STR_INIT("trace_state"), "TEXT", FORM_WHOLE, {0}, WHOLE_TRACE_STATE, false},
};
enum { FIXED = sizeof fixed / sizeof *fixed, QUOTED_MAX = 1000 };

/* ---- Columns of attributes ---- */

static const struct {
    struct str prefix;
    enum field_scope scope;
} scopes[] = {
    {STR_INIT("span."), SCOPE_SPAN},
    {STR_INIT("resource."), SCOPE_RESOURCE},
    {STR_INIT("scope."), SCOPE_INSTRUMENTATION},
    {STR_INIT("event."), SCOPE_EVENT},
    {STR_INIT("link."), SCOPE_LINK},
};

static bool is_key(const struct tag_key_list *keys, struct str key)
{
    for (size_t i = 0; i < keys->count; i++) {
        if (str_eq(keys->items[i].key, key))
            return true;
    }
    return false;
}

/* A key that spans have; or any key with its scope in front, so that a statement may be ahead of its data. */
static bool read_attribute(const struct tag_key_list *keys, struct str name, struct field *ret)
{
    *ret = (struct field){.kind = FIELD_ATTRIBUTE, .scope = SCOPE_FIRST, .key = name};
    if (is_key(keys, name))
        return true;
    for (size_t i = 0; i < sizeof scopes / sizeof *scopes; i++) {
        if (str_starts(name, scopes[i].prefix) && name.n > scopes[i].prefix.n) {
            ret->scope = scopes[i].scope;
            ret->key = str_from(name, scopes[i].prefix.n);
            return true;
        }
    }
    return false;
}

/* SQLite's names ignore case: of keys that differ in nothing else, the first is the column. */
static bool is_column(const struct sql_context *c, struct str name)
{
    for (uint32_t i = 0; i < c->spans_column_count; i++) {
        if (str_eq_nocase(c->spans_columns[i].name, name))
            return true;
    }
    return false;
}

static int add_column(struct sql_context *c, const struct tag_key_list *keys, struct str name,
                      struct err *err)
{
    struct field field;
    if (memchr(name.p, '\0', name.n) || is_column(c, name) || !read_attribute(keys, name, &field))
        return 0;
    if (c->spans_column_count == TABLE_COLUMNS_MAX)
        return err_set(err, ERR_TOO_LARGE, "a statement can use %d attributes at most",
                       TABLE_COLUMNS_MAX - FIXED);
    c->spans_columns[c->spans_column_count++] =
        (struct column){name, "", FORM_VALUE, field, 0, true};
    return 0;
}

/* The identifier whose opening quote is at *at; *at moves behind the closing one. False when it does not close. */
static bool take_quoted(struct str text, size_t *at, struct arena *arena, struct str *ret)
{
    char quote = text.p[*at] == '[' ? ']' : text.p[*at], *out = arena_alloc(arena, text.n - *at);
    size_t n = 0, i = *at + 1;
    for (; out && i < text.n; i++) {
        if (text.p[i] == quote) {
            if (quote == ']' || i + 1 == text.n || text.p[i + 1] != quote)
                break;
            i++;
        }
        out[n++] = text.p[i];
    }
    *at = i + 1;
    *ret = str_make(out, n);
    return out && i < text.n;
}

static void skip_comment(struct str text, size_t *at)
{
    if (text.p[*at] == '-') {
        while (*at < text.n && text.p[*at] != '\n')
            ++*at;
        return;
    }
    for (*at += 3; *at < text.n && !(text.p[*at] == '/' && text.p[*at - 1] == '*');)
        ++*at;
    ++*at;
}

/* Finds quoted identifiers as SQLite's tokenizer would: not in texts, not in comments. */
static int scan_text(struct sql_context *c, const struct tag_key_list *keys, struct str text,
                     struct err *err)
{
    struct arena *arena = c->q->arena;
    struct str name;
    int count = 0;
    for (size_t at = 0; at < text.n;) {
        char now = text.p[at], next = at + 1 < text.n ? text.p[at + 1] : '\0';
        if ((now == '-' && next == '-') || (now == '/' && next == '*')) {
            skip_comment(text, &at);
        } else if (strchr("\"'`[", now) && now) {
            if (!take_quoted(text, &at, arena, &name) || ++count > QUOTED_MAX)
                return 0; /* SQLite will say it */
            if (now != '\'')
                TRY(add_column(c, keys, name, err));
        } else {
            at++;
        }
    }
    return 0;
}

int spans_columns(struct sql_context *context, struct str text, struct err *err)
{
    struct tag_key_list keys = {0};
    memcpy(context->spans_columns, fixed, sizeof fixed);
    context->spans_column_count = FIXED;
    if (!memchr(text.p, '"', text.n) && !memchr(text.p, '`', text.n) &&
        !memchr(text.p, '[', text.n))
        return 0;
    TRY(table_keys(context, &keys, err));
    return scan_text(context, &keys, text, err);
}

/* ---- The table ---- */

struct cursor {
    sqlite3_vtab_cursor base;
    struct rows rows;
    struct groups groups; /* instead of rows, when the plan says so */
    bool grouped, eof;
};

static struct sql_context *context_of(sqlite3_vtab_cursor *cursor)
{
    return ((struct table *)cursor->pVtab)->context;
}

static int spans_connect(sqlite3 *db, void *user, int argc, const char *const *argv,
                         sqlite3_vtab **ret, char **message)
{
    struct sql_context *context = user;
    (void)argc;
    (void)argv;
    (void)message;
    return table_connect(db, context, context->spans_columns, context->spans_column_count, ret);
}

static int spans_best_index(sqlite3_vtab *vtab, sqlite3_index_info *info)
{
    return push_best_index((struct table *)vtab, info, true);
}

static int spans_open(sqlite3_vtab *vtab, sqlite3_vtab_cursor **ret)
{
    struct cursor *c = sqlite3_malloc(sizeof *c);
    if (!c)
        return SQLITE_NOMEM;
    memset(c, 0, sizeof *c);
    rows_init(&c->rows, (struct table *)vtab, false);
    *ret = &c->base;
    return SQLITE_OK;
}

static int spans_close(sqlite3_vtab_cursor *cursor)
{
    struct cursor *c = (struct cursor *)cursor;
    groups_release(&c->groups);
    rows_release(&c->rows);
    sqlite3_free(c);
    return SQLITE_OK;
}

static int spans_next(sqlite3_vtab_cursor *cursor)
{
    struct cursor *c = (struct cursor *)cursor;
    struct err err = {0};
    int code = c->grouped ? groups_next(&c->groups, &err) : rows_next(&c->rows, &err);
    if (c->grouped && arena_failed(&c->groups.keys.arena))
        code =
            err_set(&err, ERR_TOO_LARGE, "the keys of the groups need more than %zu MiB of memory",
                    c->groups.keys.arena.max_bytes >> 20);
    c->eof = code != 1;
    return table_result(context_of(cursor), code, &err);
}

static int spans_filter(sqlite3_vtab_cursor *cursor, int flags, const char *plan, int argc,
                        sqlite3_value **argv)
{
    struct cursor *c = (struct cursor *)cursor;
    struct err err = {0};
    int code;
    groups_release(&c->groups);
    code = rows_start(&c->rows, flags, plan, argc, argv, &err);
    if (code < 0)
        return table_result(context_of(cursor), code, &err);
    c->grouped = flags & PLAN_GROUPED && c->rows.scan;
    if (c->grouped)
        groups_start(&c->groups, &c->rows, flags & PLAN_DISTINCT,
                     context_of(cursor)->group_bytes_max);
    return spans_next(cursor);
}

static int spans_eof(sqlite3_vtab_cursor *cursor)
{
    return ((struct cursor *)cursor)->eof;
}

static void grouped_column(const struct cursor *c, sqlite3_context *ctx, int column)
{
    const struct column *def = &c->rows.table->columns[column];
    struct value v;
    for (uint32_t i = 0; i < c->rows.pushed.group_count; i++) {
        if (c->rows.pushed.groups[i].column == (uint32_t)column) {
            result_value(ctx, group_value(&c->groups.keys, c->groups.group, i));
            return;
        }
    }
    if (c->groups.distinct)
        return; /* not one that is looked at */
    v = groups_value(&c->groups, c->rows.slots[column]);
    if (def->form == FORM_END) {
        struct value duration = groups_value(&c->groups, c->rows.duration_slot);
        sqlite3_result_int64(ctx, clamp_ns((uint64_t)v.integer + (uint64_t)duration.integer));
        return;
    }
    result_form(ctx, def->form, &v);
}

static int spans_column(sqlite3_vtab_cursor *cursor, sqlite3_context *ctx, int column)
{
    struct cursor *c = (struct cursor *)cursor;
    struct err err = {0};
    if (c->grouped) {
        grouped_column(c, ctx, column);
        return SQLITE_OK;
    }
    return table_result(context_of(cursor), rows_column(&c->rows, ctx, column, &err), &err);
}

static int spans_rowid(sqlite3_vtab_cursor *cursor, sqlite3_int64 *ret)
{
    struct cursor *c = (struct cursor *)cursor;
    struct err err = {0};
    const struct span *s = c->grouped ? NULL : rows_span(&c->rows, &err);
    *ret = s ? row_number(s->trace_id, s->span_id, 0) : (sqlite3_int64)c->rows.number;
    return table_result(context_of(cursor), s || c->grouped ? 0 : err.code, &err);
}

const sqlite3_module spans_module = {
    .xConnect = spans_connect,
    .xBestIndex = spans_best_index,
    .xDisconnect = table_disconnect,
    .xOpen = spans_open,
    .xClose = spans_close,
    .xFilter = spans_filter,
    .xNext = spans_next,
    .xEof = spans_eof,
    .xColumn = spans_column,
    .xRowid = spans_rowid,
};
