/* span_attributes.c - the table span_attributes: a row for each attribute of a span, its resource and its scope. */
#include "sql/elements.h"
#include "sql/values.h"

enum { SCOPE = 1, KEY, TYPE, VALUE };

static const struct column columns[] = {
    {STR_INIT("trace_id"), "TEXT", FORM_ID, {.kind = FIELD_TRACE_ID}, 0, false},
    {STR_INIT("span_id"), "TEXT", FORM_ID, {.kind = FIELD_SPAN_ID}, 0, false},
    {STR_INIT("scope"), "TEXT", FORM_ELEMENT, {0}, SCOPE, false},
    {STR_INIT("key"), "TEXT", FORM_KEY, {0}, KEY, false},
    {STR_INIT("type"), "TEXT", FORM_ELEMENT, {0}, TYPE, false},
    {STR_INIT("value"), "", FORM_ELEMENT, {0}, VALUE, false},
    {STR_INIT("service"), "TEXT", FORM_TEXT, {.kind = FIELD_SERVICE}, 0, true},
    {STR_INIT("name"), "TEXT", FORM_TEXT, {.kind = FIELD_NAME}, 0, true},
    {STR_INIT("start_time"), "INTEGER", FORM_INT, {.kind = FIELD_START}, 0, true},
};

static uint32_t count(const struct span *s)
{
    return s->attrs.count + s->resource->attrs.count + s->scope->attrs.count;
}

static const struct attr *find(const struct span *s, uint32_t i, const char **scope)
{
    const struct {
        const char *name;
        const struct attrs *attrs;
    } lists[] = {
        {"span", &s->attrs}, {"resource", &s->resource->attrs}, {"scope", &s->scope->attrs}};
    uint32_t l = 0;
    while (i >= lists[l].attrs->count)
        i -= lists[l++].attrs->count;
    *scope = lists[l].name;
    return &lists[l].attrs->items[i];
}

static void column(sqlite3_context *ctx, int number, const struct span *s, uint32_t i)
{
    static const char *const types[] = {"empty",  "string", "bool",   "int",
                                        "double", "array",  "kvlist", "bytes"};
    const char *scope;
    const struct attr *a = find(s, i, &scope);
    switch (number) {
    case SCOPE: sqlite3_result_text(ctx, scope, -1, SQLITE_STATIC); return;
    case KEY: result_str(ctx, a->key); return;
    case TYPE: sqlite3_result_text(ctx, types[a->value.type], -1, SQLITE_STATIC); return;
    default: result_value(ctx, &a->value); return;
    }
}

static int connect(sqlite3 *db, void *user, int argc, const char *const *argv, sqlite3_vtab **ret,
                   char **message)
{
    static const struct elements kind = {
        .has = {.kind = FIELD_ATTRIBUTE}, .count = count, .column = column};
    (void)argc;
    (void)argv;
    (void)message;
    return elements_connect(db, user, columns, sizeof columns / sizeof *columns, &kind, ret);
}

const sqlite3_module span_attributes_module = ELEMENTS_MODULE(connect);
