/* rows.c - see rows.h. */
#include "sql/rows.h"

#include "sql/subquery.h"
#include "sql/values.h"

void rows_init(struct rows *r, struct table *table, bool whole)
{
    *r = (struct rows){.table = table, .whole = whole};
    table_arena_init(table->context, &r->arena);
    arena_init(&r->span_arena, r->arena.max_bytes);
}

void rows_close(struct rows *r)
{
    engine_scan_close(r->scan);
    r->scan = NULL;
    trace_cache_unpin(r->trace);
    r->trace = NULL;
    r->made = NULL;
    subquery_settle(r->table->context->q, &r->sub);
}

void rows_release(struct rows *r)
{
    rows_close(r);
    table_arena_release(r->table->context, &r->arena);
    arena_release(&r->span_arena);
}

static bool field_eq(const struct field *a, const struct field *b)
{
    return a->kind == b->kind &&
           (a->kind != FIELD_ATTRIBUTE || (a->scope == b->scope && str_eq(a->key, b->key)));
}

static uint8_t slot_of(struct rows *r, struct field field)
{
    uint32_t i = 0;
    while (i < r->field_count && !field_eq(&r->fields[i], &field))
        i++;
    if (i == r->field_count)
        r->fields[r->field_count++] = field;
    return (uint8_t)i;
}

/* There are at most TABLE_COLUMNS_MAX fields, fewer than a scan takes. */
static void choose_fields(struct rows *r)
{
    r->field_count = 0;
    for (uint32_t i = 0; i < r->table->column_count; i++) {
        const struct column *c = &r->table->columns[i];
        if (r->whole || !(r->pushed.columns_used >> i & 1) || c->form == FORM_WHOLE ||
            c->form == FORM_ELEMENT)
            continue;
        r->slots[i] =
            slot_of(r, c->form == FORM_END ? (struct field){.kind = FIELD_START} : c->field);
        if (c->form == FORM_END)
            r->duration_slot = slot_of(r, (struct field){.kind = FIELD_DURATION});
    }
}

int rows_scan(struct rows *r, struct err *err)
{
    struct scan_query query = {.filter = r->pushed.filter,
                               .start_ns = r->pushed.start_ns,
                               .end_ns = r->pushed.end_ns,
                               .fields = r->fields};
    choose_fields(r);
    query.field_count = r->field_count;
    r->batch.count = 0;
    r->at = 0;
    engine_scan_close(r->scan);
    r->scan = NULL;
    subquery_settle(r->table->context->q, &r->sub);
    r->sub = subquery(r->table->context->q, &r->arena);
    return engine_scan_open(r->table->context->engine, &r->sub, &query, &r->scan, err);
}

int rows_start(struct rows *r, int flags, const char *plan, int argc, sqlite3_value **argv,
               struct err *err)
{
    struct sql_context *context = r->table->context;
    rows_close(r);
    arena_reset(&r->arena);
    r->number = 0;
    r->next = 0;
    if (push_read(r->table, plan, argc, argv, &r->arena, &r->pushed) < 0)
        return err_set(err, ERR_TOO_LARGE, "the statement's conditions need too much memory");
    if (r->pushed.nothing)
        return 0;
    if (flags & PLAN_TRACE)
        return r->pushed.by_trace
                   ? trace_cache_get(&context->traces, r->pushed.trace_id, &r->trace, err)
                   : 0;
    return rows_scan(r, err);
}

static int next_of_trace(struct rows *r)
{
    while (r->next < r->trace->batch.span_count) {
        const struct span *s = &r->trace->batch.spans[r->next++];
        if (r->pushed.by_span && !span_id_eq(s->span_id, r->pushed.span_id))
            continue;
        r->made = s;
        r->number++;
        return 1;
    }
    return 0;
}

int rows_next(struct rows *r, struct err *err)
{
    if (r->trace)
        return next_of_trace(r);
    if (!r->scan)
        return 0;
    r->made = NULL;
    r->number++;
    if (++r->at < r->batch.count)
        return 1;
    r->at = 0;
    return engine_scan_next(r->scan, &r->batch, err);
}

const struct span *rows_span(struct rows *r, struct err *err)
{
    int code;
    if (r->made)
        return r->made;
    arena_reset(&r->span_arena);
    code = engine_scan_span(r->scan, r->at, &r->span_arena, &r->span, err);
    if (code < 0) {
        if (err->code == 0)
            err_set(err, code, "%s", err_text(code));
        return NULL;
    }
    r->made = &r->span;
    return r->made;
}

int rows_column(struct rows *r, sqlite3_context *ctx, int column, struct err *err)
{
    const struct column *c = &r->table->columns[column];
    struct value v;
    if (r->trace || r->whole || c->form == FORM_WHOLE) {
        const struct span *s = rows_span(r, err);
        if (!s)
            return err->code;
        result_of_span(ctx, c, s);
        return 0;
    }
    v = rows_value(r, r->slots[column]);
    if (c->form == FORM_END) {
        struct value duration = rows_value(r, r->duration_slot);
        sqlite3_result_int64(ctx, clamp_ns((uint64_t)v.integer + (uint64_t)duration.integer));
        return 0;
    }
    result_form(ctx, c->form, &v);
    return 0;
}
