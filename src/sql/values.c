/* values.c - text is copied into SQLite: nothing of ours need outlive a row. */
#include "sql/values.h"

#include "base/hex.h"
#include "base/json_writer.h"

const char *status_text(int64_t status)
{
    return status == STATUS_ERROR ? "error" : status == STATUS_OK ? "ok" : "unset";
}

static uint64_t mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

sqlite3_int64 row_number(struct trace_id trace, struct span_id span, uint32_t part)
{
    uint64_t words[3];
    memcpy(words, trace.bytes, sizeof trace.bytes);
    memcpy(words + 2, span.bytes, sizeof span.bytes);
    return (sqlite3_int64)(mix(mix(mix(mix(words[0]) + words[1]) + words[2]) + part) >> 1);
}

void result_str(sqlite3_context *ctx, struct str s)
{
    sqlite3_result_text64(ctx, s.n ? s.p : "", s.n, SQLITE_TRANSIENT, SQLITE_UTF8);
}

void result_id(sqlite3_context *ctx, const void *bytes, size_t n)
{
    char hex[2 * TRACE_ID_BYTES];
    hex_encode(hex, bytes, n);
    sqlite3_result_text(ctx, hex, (int)(2 * n), SQLITE_TRANSIENT);
}

static void write_json(struct json_writer *w, const struct value *v);

static void write_attrs(struct json_writer *w, const struct attrs *attrs)
{
    json_object_begin(w);
    for (uint32_t i = 0; i < attrs->count; i++) {
        json_key(w, attrs->items[i].key);
        write_json(w, &attrs->items[i].value);
    }
    json_object_end(w);
}

static void write_json(struct json_writer *w, const struct value *v)
{
    switch (v->type) {
    case VALUE_EMPTY: json_write_null(w); return;
    case VALUE_STRING: json_str(w, v->string); return;
    case VALUE_BOOL: json_bool(w, v->boolean); return;
    case VALUE_INT: json_i64(w, v->integer); return;
    case VALUE_DOUBLE: json_double(w, v->number); return;
    case VALUE_BYTES: json_base64(w, v->string); return;
    case VALUE_KVLIST: write_attrs(w, &v->kvlist); return;
    case VALUE_ARRAY: break;
    }
    json_array_begin(w);
    for (uint32_t i = 0; i < v->array.count; i++)
        write_json(w, &v->array.items[i]);
    json_array_end(w);
}

static void result_json(sqlite3_context *ctx, const struct value *v)
{
    struct json_writer w;
    struct buf out;
    buf_init(&out, SQL_CELL_BYTES_MAX);
    json_init(&w, &out, 0);
    write_json(&w, v);
    if (out.failed)
        sqlite3_result_error_toobig(ctx);
    else
        result_str(ctx, buf_str(&out));
    buf_release(&out);
}

void result_attrs_json(sqlite3_context *ctx, const struct attrs *attrs)
{
    struct value v = {.type = VALUE_KVLIST, .kvlist = *attrs};
    result_json(ctx, &v);
}

struct value value_for_sql(struct value v, struct arena *arena)
{
    struct json_writer w;
    struct buf out;
    switch (v.type) {
    case VALUE_BOOL: return (struct value){.type = VALUE_INT, .integer = v.boolean};
    case VALUE_DOUBLE: return v.number == v.number ? v : (struct value){.type = VALUE_EMPTY};
    case VALUE_ARRAY:
    case VALUE_KVLIST: break;
    default: return v;
    }
    buf_init(&out, SQL_CELL_BYTES_MAX);
    json_init(&w, &out, 0);
    write_json(&w, &v);
    v = (struct value){.type = VALUE_STRING, .string = arena_str(arena, buf_str(&out))};
    if (out.failed || !v.string.p)
        v = (struct value){.type = VALUE_EMPTY};
    buf_release(&out);
    return v;
}

void result_value(sqlite3_context *ctx, const struct value *v)
{
    switch (v->type) {
    case VALUE_EMPTY: return; /* NULL */
    case VALUE_STRING: result_str(ctx, v->string); return;
    case VALUE_BOOL: sqlite3_result_int(ctx, v->boolean); return;
    case VALUE_INT: sqlite3_result_int64(ctx, v->integer); return;
    case VALUE_DOUBLE: sqlite3_result_double(ctx, v->number); return;
    case VALUE_BYTES:
        sqlite3_result_blob64(ctx, v->string.n ? v->string.p : "", v->string.n, SQLITE_TRANSIENT);
        return;
    case VALUE_ARRAY:
    case VALUE_KVLIST: result_json(ctx, v); return;
    }
}

static bool is_zero(struct str bytes)
{
    for (size_t i = 0; i < bytes.n; i++) {
        if (bytes.p[i])
            return false;
    }
    return true;
}

void result_form(sqlite3_context *ctx, enum column_form form, const struct value *v)
{
    switch (form) {
    case FORM_INT: sqlite3_result_int64(ctx, v->type == VALUE_INT ? v->integer : 0); return;
    case FORM_KIND:
        sqlite3_result_text(ctx, span_kind_name((enum span_kind)v->integer), -1, SQLITE_STATIC);
        return;
    case FORM_STATUS: sqlite3_result_text(ctx, status_text(v->integer), -1, SQLITE_STATIC); return;
    case FORM_PARENT:
    case FORM_ID: /* a parent of zeros is NULL */
        if (v->type == VALUE_BYTES && v->string.n <= TRACE_ID_BYTES &&
            (form == FORM_ID || !is_zero(v->string)))
            result_id(ctx, v->string.p, v->string.n);
        return;
    case FORM_TEXT:
        result_str(ctx, v->type == VALUE_STRING ? v->string : (struct str){NULL, 0});
        return;
    case FORM_VALUE: result_value(ctx, v); return;
    case FORM_END:
    case FORM_WHOLE:
    case FORM_KEY:
    case FORM_ELEMENT: return;
    }
}

/* The first that has the key: TraceQL's order. */
static const struct value *first_value(const struct span *s, struct str key)
{
    const struct value *v = attrs_get(&s->attrs, key);
    if (!v)
        v = attrs_get(&s->resource->attrs, key);
    for (uint32_t i = 0; !v && i < s->event_count; i++)
        v = attrs_get(&s->events[i].attrs, key);
    for (uint32_t i = 0; !v && i < s->link_count; i++)
        v = attrs_get(&s->links[i].attrs, key);
    return v ? v : attrs_get(&s->scope->attrs, key);
}

static const struct value *attribute(const struct span *s, const struct field *f)
{
    const struct value *v = NULL;
    switch (f->scope) {
    case SCOPE_SPAN: return attrs_get(&s->attrs, f->key);
    case SCOPE_RESOURCE: return attrs_get(&s->resource->attrs, f->key);
    case SCOPE_INSTRUMENTATION: return attrs_get(&s->scope->attrs, f->key);
    case SCOPE_EVENT:
        for (uint32_t i = 0; !v && i < s->event_count; i++)
            v = attrs_get(&s->events[i].attrs, f->key);
        return v;
    case SCOPE_LINK:
        for (uint32_t i = 0; !v && i < s->link_count; i++)
            v = attrs_get(&s->links[i].attrs, f->key);
        return v;
    case SCOPE_ANY:
    case SCOPE_FIRST: break;
    }
    return first_value(s, f->key);
}

static void whole(sqlite3_context *ctx, enum whole what, const struct span *s)
{
    switch (what) {
    case WHOLE_ATTRIBUTES: result_attrs_json(ctx, &s->attrs); return;
    case WHOLE_RESOURCE: result_attrs_json(ctx, &s->resource->attrs); return;
    case WHOLE_EVENTS: sqlite3_result_int64(ctx, s->event_count); return;
    case WHOLE_LINKS: sqlite3_result_int64(ctx, s->link_count); return;
    case WHOLE_TRACE_STATE: result_str(ctx, s->trace_state); return;
    }
}

static void result_text_of(sqlite3_context *ctx, enum field_kind kind, const struct span *s)
{
    switch (kind) {
    case FIELD_NAME: result_str(ctx, s->name); return;
    case FIELD_SERVICE: result_str(ctx, s->resource->service_name); return;
    case FIELD_STATUS_MESSAGE: result_str(ctx, s->status_message); return;
    case FIELD_SCOPE_NAME: result_str(ctx, s->scope->name); return;
    case FIELD_SCOPE_VERSION: result_str(ctx, s->scope->version); return;
    default: return;
    }
}

void result_of_span(sqlite3_context *ctx, const struct column *column, const struct span *s)
{
    const struct value *v;
    switch (column->form) {
    case FORM_TEXT: result_text_of(ctx, column->field.kind, s); return;
    case FORM_INT:
        sqlite3_result_int64(
            ctx, clamp_ns(column->field.kind == FIELD_START ? s->start_ns : span_duration_ns(s)));
        return;
    case FORM_END: sqlite3_result_int64(ctx, clamp_ns(s->start_ns + span_duration_ns(s))); return;
    case FORM_KIND: sqlite3_result_text(ctx, span_kind_name(s->kind), -1, SQLITE_STATIC); return;
    case FORM_STATUS:
        sqlite3_result_text(ctx, status_text(s->status_code), -1, SQLITE_STATIC);
        return;
    case FORM_ID:
        if (column->field.kind == FIELD_TRACE_ID)
            result_id(ctx, s->trace_id.bytes, TRACE_ID_BYTES);
        else
            result_id(ctx, s->span_id.bytes, SPAN_ID_BYTES);
        return;
    case FORM_PARENT:
        if (!span_id_is_zero(s->parent_span_id))
            result_id(ctx, s->parent_span_id.bytes, SPAN_ID_BYTES);
        return;
    case FORM_VALUE:
        v = attribute(s, &column->field);
        if (v)
            result_value(ctx, v);
        return;
    case FORM_WHOLE: whole(ctx, (enum whole)column->number, s); return;
    case FORM_KEY:
    case FORM_ELEMENT: return;
    }
}
