/* events.c - the table events: a row for each event of a span. */
#include "sql/elements.h"
#include "sql/values.h"

enum { TIME = 1, NAME, ATTRIBUTES };

static const struct column columns[] = {
    {STR_INIT("trace_id"), "TEXT", FORM_ID, {.kind = FIELD_TRACE_ID}, 0, false},
    {STR_INIT("span_id"), "TEXT", FORM_ID, {.kind = FIELD_SPAN_ID}, 0, false},
    {STR_INIT("time"), "INTEGER", FORM_ELEMENT, {0}, TIME, false},
    {STR_INIT("name"), "TEXT", FORM_TEXT, {.kind = FIELD_EVENT_NAME}, NAME, false},
    {STR_INIT("attributes"), "TEXT", FORM_ELEMENT, {0}, ATTRIBUTES, false},
    {STR_INIT("service"), "TEXT", FORM_TEXT, {.kind = FIELD_SERVICE}, 0, true},
    {STR_INIT("span_name"), "TEXT", FORM_TEXT, {.kind = FIELD_NAME}, 0, true},
    {STR_INIT("start_time"), "INTEGER", FORM_INT, {.kind = FIELD_START}, 0, true},
};

static uint32_t count(const struct span *s)
{
    return s->event_count;
}

static void column(sqlite3_context *ctx, int number, const struct span *s, uint32_t i)
{
    const struct span_event *e = &s->events[i];
    switch (number) {
    case TIME: sqlite3_result_int64(ctx, clamp_ns(e->time_ns)); return;
    case NAME: result_str(ctx, e->name); return;
    default: result_attrs_json(ctx, &e->attrs); return;
    }
}

static int connect(sqlite3 *db, void *user, int argc, const char *const *argv, sqlite3_vtab **ret,
                   char **message)
{
    static const struct elements kind = {
        .has = {.kind = FIELD_EVENT_TIME}, .count = count, .column = column};
    (void)argc;
    (void)argv;
    (void)message;
    return elements_connect(db, user, columns, sizeof columns / sizeof *columns, &kind, ret);
}

const sqlite3_module events_module = ELEMENTS_MODULE(connect);
