/* otlp_json_write.c - struct span to OTLP/JSON. Defaults are left out but for ids, name, kind and times, which
 * readers expect to see. */
#include "wire/otlp_json.h"

void otlp_json_write_value(struct json_writer *w, const struct value *v)
{
    json_object_begin(w);
    switch (v->type) {
    case VALUE_EMPTY: break;
    case VALUE_STRING:
        json_key(w, STR("stringValue"));
        json_str(w, v->string);
        break;
    case VALUE_BOOL:
        json_key(w, STR("boolValue"));
        json_bool(w, v->boolean);
        break;
    case VALUE_INT:
        json_key(w, STR("intValue"));
        json_i64_str(w, v->integer);
        break;
    case VALUE_DOUBLE:
        json_key(w, STR("doubleValue"));
        json_double(w, v->number);
        break;
    case VALUE_BYTES:
        json_key(w, STR("bytesValue"));
        json_base64(w, v->string);
        break;
    case VALUE_ARRAY:
        json_key(w, STR("arrayValue"));
        json_object_begin(w);
        json_key(w, STR("values"));
        json_array_begin(w);
        for (uint32_t i = 0; i < v->array.count; i++)
            otlp_json_write_value(w, &v->array.items[i]);
        json_array_end(w);
        json_object_end(w);
        break;
    case VALUE_KVLIST:
        json_key(w, STR("kvlistValue"));
        json_object_begin(w);
        json_key(w, STR("values"));
        otlp_json_write_attrs(w, &v->kvlist);
        json_object_end(w);
        break;
    }
    json_object_end(w);
}

void otlp_json_write_attrs(struct json_writer *w, const struct attrs *attrs)
{
    json_array_begin(w);
    for (uint32_t i = 0; i < attrs->count; i++) {
        json_object_begin(w);
        json_key(w, STR("key"));
        json_str(w, attrs->items[i].key);
        json_key(w, STR("value"));
        otlp_json_write_value(w, &attrs->items[i].value);
        json_object_end(w);
    }
    json_array_end(w);
}

/* The members that most messages end with, and only when they say something. */
static void attrs_member(struct json_writer *w, const struct attrs *attrs, uint32_t dropped)
{
    if (attrs->count) {
        json_key(w, STR("attributes"));
        otlp_json_write_attrs(w, attrs);
    }
    if (dropped) {
        json_key(w, STR("droppedAttributesCount"));
        json_u64(w, dropped);
    }
}

static void text_member(struct json_writer *w, struct str key, struct str text)
{
    if (text.n) {
        json_key(w, key);
        json_str(w, text);
    }
}

static void number_member(struct json_writer *w, struct str key, uint32_t v)
{
    if (v) {
        json_key(w, key);
        json_u64(w, v);
    }
}

static void time_member(struct json_writer *w, struct str key, uint64_t ns)
{
    json_key(w, key);
    json_u64_str(w, ns);
}

static void write_event(struct json_writer *w, const struct span_event *e)
{
    json_object_begin(w);
    time_member(w, STR("timeUnixNano"), e->time_ns);
    text_member(w, STR("name"), e->name);
    attrs_member(w, &e->attrs, e->dropped_attributes_count);
    json_object_end(w);
}

static void id_member(struct json_writer *w, struct str key, const uint8_t *bytes, size_t n,
                      unsigned flags)
{
    json_key(w, key);
    if (flags & OTLP_JSON_PROTO3)
        json_base64(w, str_make(bytes, n));
    else
        json_hex(w, bytes, n);
}

/* names has one for each value from 0; others, which no decoder lets in, are written as numbers. */
static void enum_member(struct json_writer *w, struct str key, uint32_t v, const char *const *names,
                        uint32_t count, unsigned flags)
{
    if (!v)
        return;
    json_key(w, key);
    if ((flags & OTLP_JSON_PROTO3) && v < count)
        json_str(w, str_of(names[v]));
    else
        json_u64(w, v);
}

static const char *const kind_names[] = {"SPAN_KIND_UNSPECIFIED", "SPAN_KIND_INTERNAL",
                                         "SPAN_KIND_SERVER",      "SPAN_KIND_CLIENT",
                                         "SPAN_KIND_PRODUCER",    "SPAN_KIND_CONSUMER"};
static const char *const status_names[] = {"STATUS_CODE_UNSET", "STATUS_CODE_OK",
                                           "STATUS_CODE_ERROR"};

static void write_link(struct json_writer *w, const struct span_link *l, unsigned flags)
{
    json_object_begin(w);
    id_member(w, STR("traceId"), l->trace_id.bytes, TRACE_ID_BYTES, flags);
    id_member(w, STR("spanId"), l->span_id.bytes, SPAN_ID_BYTES, flags);
    text_member(w, STR("traceState"), l->trace_state);
    attrs_member(w, &l->attrs, l->dropped_attributes_count);
    number_member(w, STR("flags"), l->flags);
    json_object_end(w);
}

static void write_status(struct json_writer *w, const struct span *s, unsigned flags)
{
    if (s->status_code == STATUS_UNSET && s->status_message.n == 0 &&
        !(flags & OTLP_JSON_KEEP_EMPTY))
        return;
    json_key(w, STR("status"));
    json_object_begin(w);
    text_member(w, STR("message"), s->status_message);
    enum_member(w, STR("code"), s->status_code, status_names,
                sizeof status_names / sizeof *status_names, flags);
    json_object_end(w);
}

static void write_lists(struct json_writer *w, const struct span *s, unsigned flags)
{
    if (s->event_count) {
        json_key(w, STR("events"));
        json_array_begin(w);
        for (uint32_t i = 0; i < s->event_count; i++)
            write_event(w, &s->events[i]);
        json_array_end(w);
    }
    number_member(w, STR("droppedEventsCount"), s->dropped_events_count);
    if (s->link_count) {
        json_key(w, STR("links"));
        json_array_begin(w);
        for (uint32_t i = 0; i < s->link_count; i++)
            write_link(w, &s->links[i], flags);
        json_array_end(w);
    }
    number_member(w, STR("droppedLinksCount"), s->dropped_links_count);
}

void otlp_json_write_span(struct json_writer *w, const struct span *s, unsigned flags)
{
    json_object_begin(w);
    id_member(w, STR("traceId"), s->trace_id.bytes, TRACE_ID_BYTES, flags);
    id_member(w, STR("spanId"), s->span_id.bytes, SPAN_ID_BYTES, flags);
    text_member(w, STR("traceState"), s->trace_state);
    if (!span_id_is_zero(s->parent_span_id))
        id_member(w, STR("parentSpanId"), s->parent_span_id.bytes, SPAN_ID_BYTES, flags);
    number_member(w, STR("flags"), s->flags);
    json_key(w, STR("name"));
    json_str(w, s->name);
    enum_member(w, STR("kind"), s->kind, kind_names, sizeof kind_names / sizeof *kind_names, flags);
    time_member(w, STR("startTimeUnixNano"), s->start_ns);
    time_member(w, STR("endTimeUnixNano"), s->end_ns);
    attrs_member(w, &s->attrs, s->dropped_attributes_count);
    write_lists(w, s, flags);
    write_status(w, s, flags);
    json_object_end(w);
}

static void write_resource(struct json_writer *w, const struct resource *r, unsigned flags)
{
    if (r->attrs.count == 0 && r->dropped_attributes_count == 0 && !(flags & OTLP_JSON_KEEP_EMPTY))
        return;
    json_key(w, STR("resource"));
    json_object_begin(w);
    attrs_member(w, &r->attrs, r->dropped_attributes_count);
    json_object_end(w);
}

static void write_scope(struct json_writer *w, const struct scope *s, unsigned flags)
{
    if (s->name.n == 0 && s->version.n == 0 && s->attrs.count == 0 &&
        s->dropped_attributes_count == 0 && !(flags & OTLP_JSON_KEEP_EMPTY))
        return;
    json_key(w, STR("scope"));
    json_object_begin(w);
    text_member(w, STR("name"), s->name);
    text_member(w, STR("version"), s->version);
    attrs_member(w, &s->attrs, s->dropped_attributes_count);
    json_object_end(w);
}

/* As long as resource and scope stay the same. Returns how many spans that were. */
static size_t write_scope_spans(struct json_writer *w, const struct span *spans, size_t count,
                                unsigned flags)
{
    size_t i;
    json_object_begin(w);
    write_scope(w, spans->scope, flags);
    json_key(w, STR("spans"));
    json_array_begin(w);
    for (i = 0; i < count && spans[i].scope == spans->scope && spans[i].resource == spans->resource;
         i++)
        otlp_json_write_span(w, &spans[i], flags);
    json_array_end(w);
    text_member(w, STR("schemaUrl"), spans->scope->schema_url);
    json_object_end(w);
    return i;
}

void otlp_json_write_resource_spans(struct json_writer *w, const struct span *spans, size_t count,
                                    unsigned flags)
{
    size_t i = 0;
    json_array_begin(w);
    while (i < count) {
        const struct resource *resource = spans[i].resource;
        json_object_begin(w);
        write_resource(w, resource, flags);
        json_key(w, STR("scopeSpans"));
        json_array_begin(w);
        while (i < count && spans[i].resource == resource)
            i += write_scope_spans(w, spans + i, count - i, flags);
        json_array_end(w);
        text_member(w, STR("schemaUrl"), resource->schema_url);
        json_object_end(w);
    }
    json_array_end(w);
}

void otlp_json_write(struct json_writer *w, const struct span *spans, size_t count, unsigned flags)
{
    json_object_begin(w);
    json_key(w, STR("resourceSpans"));
    otlp_json_write_resource_spans(w, spans, count, flags);
    json_object_end(w);
}
