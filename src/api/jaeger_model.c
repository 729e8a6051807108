/* jaeger_model.c - the OTLP to Jaeger mapping, one function per field of the model. */
#include "api/jaeger_model.h"

#include <stdio.h>

#include "api/groups.h"
#include "trace/semconv.h"

#define WARNINGS_ATTR "@jaeger@warnings"
#define REF_TYPE_ATTR "opentracing.ref_type"

/* What a JavaScript number holds exactly. */
static const int64_t SAFE_INTEGER_MAX = ((int64_t)1 << 53) - 1;

static const uint64_t NS_PER_US = 1000;

void jaeger_write_trace_id(struct json_writer *w, struct trace_id id)
{
    static const uint8_t zero[8];
    if (memcmp(id.bytes, zero, 8) == 0)
        json_hex(w, id.bytes + 8, 8);
    else
        json_hex(w, id.bytes, 16);
}

/* --- key-value pairs --- */

static void begin_pair(struct json_writer *w, struct str key, struct str type)
{
    json_object_begin(w);
    json_key(w, STR("key"));
    json_str(w, key);
    json_key(w, STR("type"));
    json_str(w, type);
    json_key(w, STR("value"));
}

static void write_string_pair(struct json_writer *w, struct str key, struct str value)
{
    begin_pair(w, key, STR("string"));
    json_str(w, value);
    json_object_end(w);
}

static void write_pair(struct json_writer *w, struct str key, const struct value *v,
                       struct arena *arena)
{
    switch (v->type) {
    case VALUE_BOOL:
        begin_pair(w, key, STR("bool"));
        json_bool(w, v->boolean);
        break;
    case VALUE_INT:
        begin_pair(w, key, STR("int64"));
        if (v->integer > SAFE_INTEGER_MAX || v->integer < -SAFE_INTEGER_MAX)
            json_i64_str(w, v->integer);
        else
            json_i64(w, v->integer);
        break;
    case VALUE_DOUBLE:
        begin_pair(w, key, STR("float64"));
        json_double(w, v->number);
        break;
    case VALUE_BYTES:
        begin_pair(w, key, STR("binary"));
        json_base64(w, v->string);
        break;
    default:
        begin_pair(w, key, STR("string"));
        json_str(w, value_text(v, arena));
        break;
    }
    json_object_end(w);
}

static void write_pairs(struct json_writer *w, const struct attrs *attrs, struct str except,
                        struct arena *arena)
{
    for (uint32_t i = 0; i < attrs->count; i++) {
        if (!str_eq(attrs->items[i].key, except))
            write_pair(w, attrs->items[i].key, &attrs->items[i].value, arena);
    }
}

/* --- one span --- */

static void write_reference(struct json_writer *w, bool child_of, struct trace_id trace,
                            struct span_id span)
{
    json_object_begin(w);
    json_key(w, STR("refType"));
    json_str(w, child_of ? STR("CHILD_OF") : STR("FOLLOWS_FROM"));
    json_key(w, STR("traceID"));
    jaeger_write_trace_id(w, trace);
    json_key(w, STR("spanID"));
    json_hex(w, span.bytes, sizeof span.bytes);
    json_object_end(w);
}

static bool link_is_child_of(const struct span_link *link)
{
    return str_eq(attrs_get_string(&link->attrs, STR(REF_TYPE_ATTR)), STR("child_of"));
}

static bool link_is_valid(const struct span_link *link)
{
    return !trace_id_is_zero(link->trace_id) && !span_id_is_zero(link->span_id);
}

static bool link_is_parent(const struct span_link *link, const struct span *s)
{
    return trace_id_eq(link->trace_id, s->trace_id) && span_id_eq(link->span_id, s->parent_span_id);
}

/* The parent first; a link to the parent is no second reference but says of which type the first one is. */
static void write_references(struct json_writer *w, const struct span *s)
{
    json_array_begin(w);
    if (!span_id_is_zero(s->parent_span_id)) {
        bool child_of = true;
        for (uint32_t i = 0; i < s->link_count; i++) {
            if (link_is_parent(&s->links[i], s))
                child_of = link_is_child_of(&s->links[i]);
        }
        write_reference(w, child_of, s->trace_id, s->parent_span_id);
    }
    for (uint32_t i = 0; i < s->link_count; i++) {
        const struct span_link *link = &s->links[i];
        if (link_is_valid(link) && !link_is_parent(link, s))
            write_reference(w, link_is_child_of(link), link->trace_id, link->span_id);
    }
    json_array_end(w);
}

static void write_status(struct json_writer *w, const struct span *s)
{
    static const struct value yes = {.type = VALUE_BOOL, .boolean = true};
    if (s->status_code == STATUS_OK)
        write_string_pair(w, STR("otel.status_code"), STR("OK"));
    if (s->status_code == STATUS_ERROR) {
        write_string_pair(w, STR("otel.status_code"), STR("ERROR"));
        write_pair(w, STR("error"), &yes, NULL);
    }
    if (s->status_message.n)
        write_string_pair(w, STR("otel.status_description"), s->status_message);
}

static void write_tags(struct json_writer *w, const struct span *s, struct arena *arena)
{
    json_array_begin(w);
    if (s->scope->name.n)
        write_string_pair(w, STR("otel.scope.name"), s->scope->name);
    if (s->scope->version.n)
        write_string_pair(w, STR("otel.scope.version"), s->scope->version);
    write_pairs(w, &s->attrs, STR(WARNINGS_ATTR), arena);
    if (s->kind != SPAN_KIND_UNSPECIFIED)
        write_string_pair(w, STR("span.kind"), str_of(span_kind_name(s->kind)));
    write_status(w, s);
    if (s->trace_state.n)
        write_string_pair(w, STR("w3c.tracestate"), s->trace_state);
    json_array_end(w);
}

static void write_logs(struct json_writer *w, const struct span *s, struct arena *arena)
{
    json_array_begin(w);
    for (uint32_t i = 0; i < s->event_count; i++) {
        const struct span_event *e = &s->events[i];
        json_object_begin(w);
        json_key(w, STR("timestamp"));
        json_u64(w, e->time_ns / NS_PER_US);
        json_key(w, STR("fields"));
        json_array_begin(w);
        if (e->name.n && !attrs_get(&e->attrs, STR("event")))
            write_string_pair(w, STR("event"), e->name);
        write_pairs(w, &e->attrs, (struct str){NULL, 0}, arena);
        json_array_end(w);
        json_object_end(w);
    }
    json_array_end(w);
}

/* Those that came with the span, and one for each link that cannot be shown. */
static void write_warnings(struct json_writer *w, const struct span *s, struct arena *arena)
{
    const struct value *own = attrs_get(&s->attrs, STR(WARNINGS_ATTR));
    uint32_t invalid_links = 0;
    for (uint32_t i = 0; i < s->link_count; i++)
        invalid_links += !link_is_valid(&s->links[i]);
    if (!own && invalid_links == 0) {
        json_write_null(w);
        return;
    }
    json_array_begin(w);
    if (own && own->type == VALUE_ARRAY) {
        for (uint32_t i = 0; i < own->array.count; i++)
            json_str(w, value_text(&own->array.items[i], arena));
    } else if (own) {
        json_str(w, value_text(own, arena));
    }
    for (uint32_t i = 0; i < invalid_links; i++)
        json_str(w, STR("Invalid span link removed"));
    json_array_end(w);
}

static void write_process_id(struct json_writer *w, uint32_t number, bool as_key)
{
    char id[16];
    int n = snprintf(id, sizeof id, "p%u", number + 1);
    if (as_key)
        json_key(w, str_make(id, (size_t)n));
    else
        json_str(w, str_make(id, (size_t)n));
}

static void write_span(struct json_writer *w, const struct span *s, uint32_t process,
                       struct arena *arena)
{
    json_object_begin(w);
    json_key(w, STR("traceID"));
    jaeger_write_trace_id(w, s->trace_id);
    json_key(w, STR("spanID"));
    json_hex(w, s->span_id.bytes, sizeof s->span_id.bytes);
    json_key(w, STR("operationName"));
    json_str(w, s->name);
    json_key(w, STR("references"));
    write_references(w, s);
    json_key(w, STR("startTime"));
    json_u64(w, s->start_ns / NS_PER_US);
    json_key(w, STR("duration"));
    json_u64(w, span_duration_ns(s) / NS_PER_US);
    json_key(w, STR("tags"));
    write_tags(w, s, arena);
    json_key(w, STR("logs"));
    write_logs(w, s, arena);
    json_key(w, STR("processID"));
    write_process_id(w, process, false);
    json_key(w, STR("warnings"));
    write_warnings(w, s, arena);
    json_object_end(w);
}

/* --- processes --- */

static void write_process(struct json_writer *w, const struct resource *r, struct arena *arena)
{
    json_object_begin(w);
    json_key(w, STR("serviceName"));
    json_str(w, r->attrs.count ? r->service_name : STR("OTLPResourceNoServiceName"));
    json_key(w, STR("tags"));
    json_array_begin(w);
    write_pairs(w, &r->attrs, STR(SEMCONV_SERVICE_NAME), arena);
    json_array_end(w);
    json_object_end(w);
}

void jaeger_write_trace(struct json_writer *w, const struct span *spans, size_t count,
                        struct arena *arena)
{
    struct groups groups;
    if (!groups_resources(spans, count, arena, &groups))
        return;
    json_object_begin(w);
    json_key(w, STR("traceID"));
    jaeger_write_trace_id(w, count ? spans[0].trace_id : (struct trace_id){{0}});
    json_key(w, STR("spans"));
    json_array_begin(w);
    for (size_t i = 0; i < count; i++)
        write_span(w, &spans[i], groups.resource_of[i], arena);
    json_array_end(w);
    json_key(w, STR("processes"));
    json_object_begin(w);
    for (uint32_t i = 0; i < groups.resource_count; i++) {
        write_process_id(w, i, true);
        write_process(w, groups.resources[i], arena);
    }
    json_object_end(w);
    json_key(w, STR("warnings"));
    json_write_null(w);
    json_object_end(w);
}
