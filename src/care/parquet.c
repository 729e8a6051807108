/* parquet.c - spans as rows of one flat table. */
#include "base/hex.h"
#include "care/export.h"
#include "care/parquet_file.h"
#include "wire/otlp_json.h"

enum place {
    TRACE_ID,
    SPAN_ID,
    PARENT_SPAN_ID,
    TRACE_STATE,
    SERVICE,
    NAME,
    KIND,
    START_TIME,
    DURATION,
    STATUS,
    STATUS_MESSAGE,
    SCOPE_NAME,
    SCOPE_VERSION,
    COMMON, /* the attributes of the table below, a column each */
    ATTRIBUTES = COMMON + 10,
    RESOURCE,
    EVENTS,
    LINKS,
    COLUMN_COUNT
};

/* Attributes worth a column: where their type is the expected one they stand there, else with the rest. */
static const struct common {
    struct str key;
    enum value_type type;
} common[ATTRIBUTES - COMMON] = {
    {STR_INIT("http.request.method"), VALUE_STRING},
    {STR_INIT("http.route"), VALUE_STRING},
    {STR_INIT("http.response.status_code"), VALUE_INT},
    {STR_INIT("url.path"), VALUE_STRING},
    {STR_INIT("server.address"), VALUE_STRING},
    {STR_INIT("db.system.name"), VALUE_STRING},
    {STR_INIT("db.query.text"), VALUE_STRING},
    {STR_INIT("rpc.method"), VALUE_STRING},
    {STR_INIT("messaging.destination.name"), VALUE_STRING},
    {STR_INIT("error.type"), VALUE_STRING},
};

static const struct parquet_column columns[COLUMN_COUNT] = {
    {"trace_id", PARQUET_STRING, false},      {"span_id", PARQUET_STRING, false},
    {"parent_span_id", PARQUET_STRING, true}, {"trace_state", PARQUET_STRING, true},
    {"service", PARQUET_STRING, false},       {"name", PARQUET_STRING, false},
    {"kind", PARQUET_STRING, false},          {"start_time", PARQUET_TIME, false},
    {"duration_ns", PARQUET_INT, false},      {"status", PARQUET_STRING, false},
    {"status_message", PARQUET_STRING, true}, {"scope_name", PARQUET_STRING, true},
    {"scope_version", PARQUET_STRING, true},  {"http.request.method", PARQUET_STRING, true},
    {"http.route", PARQUET_STRING, true},     {"http.response.status_code", PARQUET_INT, true},
    {"url.path", PARQUET_STRING, true},       {"server.address", PARQUET_STRING, true},
    {"db.system.name", PARQUET_STRING, true}, {"db.query.text", PARQUET_STRING, true},
    {"rpc.method", PARQUET_STRING, true},     {"messaging.destination.name", PARQUET_STRING, true},
    {"error.type", PARQUET_STRING, true},     {"attributes", PARQUET_STRING, true},
    {"resource", PARQUET_STRING, true},       {"events", PARQUET_STRING, true},
    {"links", PARQUET_STRING, true},
};

struct table {
    struct parquet_file *file;
    struct buf json;
    struct arena *arena;
};

static void put_hex(struct table *t, size_t column, const unsigned char *bytes, size_t n)
{
    char hex[2 * TRACE_ID_BYTES];
    hex_encode(hex, bytes, n);
    parquet_put_string(t->file, column, str_make(hex, 2 * n));
}

static void put_optional(struct table *t, size_t column, struct str s)
{
    if (s.n)
        parquet_put_string(t->file, column, s);
    else
        parquet_put_null(t->file, column);
}

/* An attribute's value in JSON: of its own kind where JSON has it. */
static void write_value(struct json_writer *w, const struct value *v, struct arena *arena)
{
    switch (v->type) {
    case VALUE_EMPTY: json_write_null(w); break;
    case VALUE_BOOL: json_bool(w, v->boolean); break;
    case VALUE_INT: json_i64(w, v->integer); break;
    case VALUE_DOUBLE: json_double(w, v->number); break;
    case VALUE_ARRAY:
        json_array_begin(w);
        for (uint32_t i = 0; i < v->array.count; i++)
            write_value(w, &v->array.items[i], arena);
        json_array_end(w);
        break;
    case VALUE_KVLIST:
        json_object_begin(w);
        for (uint32_t i = 0; i < v->kvlist.count; i++) {
            json_key(w, v->kvlist.items[i].key);
            write_value(w, &v->kvlist.items[i].value, arena);
        }
        json_object_end(w);
        break;
    default: json_str(w, value_text(v, arena)); break;
    }
}

static void write_attrs(struct json_writer *w, const struct attrs *attrs, const bool *skip,
                        struct arena *arena)
{
    json_object_begin(w);
    for (uint32_t i = 0; i < attrs->count; i++) {
        if (skip && skip[i])
            continue;
        json_key(w, attrs->items[i].key);
        write_value(w, &attrs->items[i].value, arena);
    }
    json_object_end(w);
}

static struct json_writer json_of(struct table *t)
{
    struct json_writer w;
    buf_clear(&t->json);
    json_init(&w, &t->json, 0);
    return w;
}

static void put_json(struct table *t, size_t column)
{
    put_optional(t, column, t->json.n > 2 ? buf_str(&t->json) : STR(""));
}

static void put_attributes(struct table *t, const struct attrs *attrs)
{
    bool *skip = arena_calloc(t->arena, attrs->count, sizeof *skip);
    struct json_writer w = json_of(t);
    for (size_t c = 0; c < sizeof common / sizeof *common; c++) {
        const struct value *v = attrs_get(attrs, common[c].key);
        bool fits = skip && v && v->type == common[c].type;
        if (fits && v->type == VALUE_INT)
            parquet_put_int(t->file, COMMON + c, v->integer);
        else if (fits)
            parquet_put_string(t->file, COMMON + c, v->string);
        else
            parquet_put_null(t->file, COMMON + c);
        for (uint32_t i = 0; fits && i < attrs->count; i++)
            skip[i] |= &attrs->items[i].value == v;
    }
    write_attrs(&w, attrs, skip, t->arena);
    put_json(t, ATTRIBUTES);
}

static void put_events(struct table *t, const struct span *s)
{
    struct json_writer w = json_of(t);
    json_array_begin(&w);
    for (uint32_t i = 0; i < s->event_count; i++) {
        json_object_begin(&w);
        json_key(&w, STR("time_unix_nano"));
        json_u64(&w, s->events[i].time_ns);
        json_key(&w, STR("name"));
        json_str(&w, s->events[i].name);
        json_key(&w, STR("attributes"));
        write_attrs(&w, &s->events[i].attrs, NULL, t->arena);
        json_object_end(&w);
    }
    json_array_end(&w);
    put_json(t, EVENTS);
}

static void put_links(struct table *t, const struct span *s)
{
    struct json_writer w = json_of(t);
    json_array_begin(&w);
    for (uint32_t i = 0; i < s->link_count; i++) {
        const struct span_link *l = &s->links[i];
        json_object_begin(&w);
        json_key(&w, STR("trace_id"));
        json_hex(&w, l->trace_id.bytes, sizeof l->trace_id.bytes);
        json_key(&w, STR("span_id"));
        json_hex(&w, l->span_id.bytes, sizeof l->span_id.bytes);
        json_key(&w, STR("attributes"));
        write_attrs(&w, &l->attrs, NULL, t->arena);
        json_object_end(&w);
    }
    json_array_end(&w);
    put_json(t, LINKS);
}

static int put_span(struct table *t, const struct span *s, struct err *err)
{
    static const struct str statuses[] = {STR_INIT("unset"), STR_INIT("ok"), STR_INIT("error")};
    struct json_writer w;
    put_hex(t, TRACE_ID, s->trace_id.bytes, TRACE_ID_BYTES);
    put_hex(t, SPAN_ID, s->span_id.bytes, SPAN_ID_BYTES);
    if (span_id_is_zero(s->parent_span_id))
        parquet_put_null(t->file, PARENT_SPAN_ID);
    else
        put_hex(t, PARENT_SPAN_ID, s->parent_span_id.bytes, SPAN_ID_BYTES);
    put_optional(t, TRACE_STATE, s->trace_state);
    parquet_put_string(t->file, SERVICE, s->resource->service_name);
    parquet_put_string(t->file, NAME, s->name);
    parquet_put_string(t->file, KIND, str_of(span_kind_name(s->kind)));
    parquet_put_int(t->file, START_TIME, (int64_t)s->start_ns);
    parquet_put_int(t->file, DURATION, (int64_t)span_duration_ns(s));
    parquet_put_string(t->file, STATUS, statuses[s->status_code]);
    put_optional(t, STATUS_MESSAGE, s->status_message);
    put_optional(t, SCOPE_NAME, s->scope->name);
    put_optional(t, SCOPE_VERSION, s->scope->version);
    put_attributes(t, &s->attrs);
    w = json_of(t);
    write_attrs(&w, &s->resource->attrs, NULL, t->arena);
    put_json(t, RESOURCE);
    put_events(t, s);
    put_links(t, s);
    return t->json.failed ? err_set(err, ERR_NOMEM, "out of memory for a span")
                          : parquet_end_row(t->file, err);
}

static int put_traces(struct table *t, const struct trace_list *list, export_read_fn *read,
                      void *user, const struct care_watcher *w, struct export_counts *counts,
                      struct err *err)
{
    for (size_t i = 0; i < list->count; i++) {
        struct span_batch batch;
        int rc;
        if (care_stopped(w))
            return err_set(err, ERR_CANCELLED, "interrupted");
        arena_reset(t->arena);
        rc = read(user, list->items[i].id, t->arena, &batch, err);
        if (rc == ERR_NOT_FOUND)
            continue;
        TRY(rc);
        for (size_t k = 0; k < batch.span_count; k++)
            TRY(put_span(t, &batch.spans[k], err));
        counts->traces++;
        counts->spans += batch.span_count;
        if (w->progress)
            w->progress(i + 1, list->count, w->user);
    }
    return 0;
}

int export_parquet(const struct trace_list *list, export_read_fn *read, void *user, FILE *out,
                   const struct care_watcher *w, struct export_counts *ret, struct err *err)
{
    struct table t = {.file = NULL};
    struct arena arena;
    int rc;
    *ret = (struct export_counts){0};
    TRY(parquet_begin(out, columns, COLUMN_COUNT, &t.file, err));
    arena_init(&arena, 0);
    buf_init(&t.json, 0);
    t.arena = &arena;
    rc = put_traces(&t, list, read, user, w, ret, err);
    if (rc == 0)
        rc = parquet_finish(t.file, &ret->bytes, err);
    parquet_free(t.file);
    buf_release(&t.json);
    arena_release(&arena);
    return rc;
}
