/* links.c - the table links: a row for each link of a span. */
#include "sql/elements.h"
#include "sql/values.h"

enum { TRACE = 1, SPAN, STATE, ATTRIBUTES };

static const struct column columns[] = {
    {STR_INIT("trace_id"), "TEXT", FORM_ID, {.kind = FIELD_TRACE_ID}, 0, false},
    {STR_INIT("span_id"), "TEXT", FORM_ID, {.kind = FIELD_SPAN_ID}, 0, false},
    {STR_INIT("linked_trace_id"), "TEXT", FORM_ID, {.kind = FIELD_LINK_TRACE_ID}, TRACE, false},
    {STR_INIT("linked_span_id"), "TEXT", FORM_ID, {.kind = FIELD_LINK_SPAN_ID}, SPAN, false},
    {STR_INIT("trace_state"), "TEXT", FORM_ELEMENT, {0}, STATE, false},
    {STR_INIT("attributes"), "TEXT", FORM_ELEMENT, {0}, ATTRIBUTES, false},
    {STR_INIT("service"), "TEXT", FORM_TEXT, {.kind = FIELD_SERVICE}, 0, true},
    {STR_INIT("name"), "TEXT", FORM_TEXT, {.kind = FIELD_NAME}, 0, true},
    {STR_INIT("start_time"), "INTEGER", FORM_INT, {.kind = FIELD_START}, 0, true},
};

static uint32_t count(const struct span *s)
{
    return s->link_count;
}

static void column(sqlite3_context *ctx, int number, const struct span *s, uint32_t i)
{
    const struct span_link *l = &s->links[i];
    switch (number) {
    case TRACE: result_id(ctx, l->trace_id.bytes, TRACE_ID_BYTES); return;
    case SPAN: result_id(ctx, l->span_id.bytes, SPAN_ID_BYTES); return;
    case STATE: result_str(ctx, l->trace_state); return;
    default: result_attrs_json(ctx, &l->attrs); return;
    }
}

static int connect(sqlite3 *db, void *user, int argc, const char *const *argv, sqlite3_vtab **ret,
                   char **message)
{
    static const struct elements kind = {
        .has = {.kind = FIELD_LINK_TRACE_ID}, .count = count, .column = column};
    (void)argc;
    (void)argv;
    (void)message;
    return elements_connect(db, user, columns, sizeof columns / sizeof *columns, &kind, ret);
}

const sqlite3_module links_module = ELEMENTS_MODULE(connect);
