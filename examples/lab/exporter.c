/* exporter.c - an exporter of our own: every span as a JSON object, the way tutorials print them. It sees spans through
 * <cairn/export.h> as any exporter does; libcairn's own console exporters are in the same header. */
#include "lab.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static json_t *string_of(cairn_str s)
{
    json_t *text = json_stringn(s.p ? s.p : "", s.n);
    return text ? text : json_string("(not UTF-8)");
}

static json_t *hex_id(const char *digits)
{
    return json_sprintf("0x%s", digits);
}

/* Values come to exporters as the first seven types of <cairn/attribute.h>. */
static json_t *value_of(const struct cairn_value *value)
{
    json_t *list;
    switch (value->type) {
    case CAIRN_TYPE_STRING: return string_of(value->as.string);
    case CAIRN_TYPE_BOOL: return json_boolean(value->as.boolean);
    case CAIRN_TYPE_INT: return json_integer(value->as.integer);
    case CAIRN_TYPE_DOUBLE: return json_real(value->as.number);
    case CAIRN_TYPE_BYTES: return json_sprintf("(%zu bytes)", value->as.string.n);
    case CAIRN_TYPE_LIST:
        list = json_array();
        for (uint32_t i = 0; i < value->as.list.count; i++)
            json_array_append_new(list, value_of(&value->as.list.items[i]));
        return list;
    case CAIRN_TYPE_MAP:
        list = json_object();
        for (uint32_t i = 0; i < value->as.map.count; i++) {
            const struct cairn_attr *item = &value->as.map.items[i];
            json_object_setn_new(list, item->key.p, item->key.n, value_of(&item->value));
        }
        return list;
    default: return json_null();
    }
}

static void put_attribute(json_t *object, const struct cairn_attr *attribute)
{
    json_object_setn_new(object, attribute->key.p, attribute->key.n, value_of(&attribute->value));
}

static json_t *time_of(uint64_t ns)
{
    time_t seconds = (time_t)(ns / 1000000000);
    char text[32];
    struct tm utc;
    gmtime_r(&seconds, &utc);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
    return json_sprintf("%s.%06dZ", text, (int)(ns / 1000 % 1000000));
}

static json_t *context_of(const struct cairn_span_context *context)
{
    char trace[33], span[17];
    cairn_trace_id_hex(context->trace_id, trace);
    cairn_span_id_hex(context->span_id, span);
    return json_pack("{s:o, s:o, s:o}", "trace_id", hex_id(trace), "span_id", hex_id(span),
                     "trace_state",
                     json_sprintf("[%.*s]", (int)context->trace_state.n,
                                  context->trace_state.p ? context->trace_state.p : ""));
}

static json_t *parent_of(const cairn_span_data *span)
{
    char text[17];
    const uint8_t *id = cairn_span_data_parent_id(span);
    cairn_span_id_hex(id, text);
    return strspn(text, "0") == 16 ? json_null() : hex_id(text);
}

static json_t *status_of(const cairn_span_data *span)
{
    static const char *const names[] = {"UNSET", "OK", "ERROR"};
    cairn_str description;
    int32_t code = cairn_span_data_status(span, &description);
    json_t *status = json_pack("{s:s}", "status_code", names[code]);
    if (description.n)
        json_object_set_new(status, "description", string_of(description));
    return status;
}

static json_t *attributes_of(const cairn_span_data *span)
{
    json_t *all = json_object();
    struct cairn_attr attribute;
    for (size_t i = 0; cairn_span_data_attribute(span, i, &attribute); i++)
        put_attribute(all, &attribute);
    return all;
}

static json_t *events_of(const cairn_span_data *span)
{
    json_t *all = json_array();
    struct cairn_event_data event = {.size = sizeof event};
    struct cairn_attr attribute;
    for (size_t i = 0; cairn_span_data_event(span, i, &event); i++) {
        json_t *attributes = json_object();
        for (size_t j = 0; cairn_span_data_event_attribute(span, i, j, &attribute); j++)
            put_attribute(attributes, &attribute);
        json_array_append_new(all, json_pack("{s:o, s:o, s:o}", "name", string_of(event.name),
                                             "timestamp", time_of(event.time_ns), "attributes",
                                             attributes));
    }
    return all;
}

static json_t *links_of(const cairn_span_data *span)
{
    json_t *all = json_array();
    struct cairn_link_data link = {.size = sizeof link};
    struct cairn_attr attribute;
    for (size_t i = 0; cairn_span_data_link(span, i, &link); i++) {
        json_t *attributes = json_object();
        for (size_t j = 0; cairn_span_data_link_attribute(span, i, j, &attribute); j++)
            put_attribute(attributes, &attribute);
        json_array_append_new(all, json_pack("{s:o, s:o}", "context", context_of(&link.context),
                                             "attributes", attributes));
    }
    return all;
}

static json_t *resource_of(const cairn_span_data *span)
{
    json_t *attributes = json_object();
    struct cairn_attr attribute;
    for (size_t i = 0; cairn_span_data_resource_attribute(span, i, &attribute); i++)
        put_attribute(attributes, &attribute);
    return json_pack("{s:o}", "attributes", attributes);
}

static json_t *span_of(const cairn_span_data *span)
{
    static const char *const kinds[] = {"", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"};
    struct cairn_span_context context;
    json_t *object = json_object();
    cairn_span_data_context(span, &context);
    json_object_set_new(object, "name", string_of(cairn_span_data_name(span)));
    json_object_set_new(object, "context", context_of(&context));
    json_object_set_new(object, "kind",
                        json_sprintf("SpanKind.%s", kinds[cairn_span_data_kind(span)]));
    json_object_set_new(object, "parent_id", parent_of(span));
    json_object_set_new(object, "start_time", time_of(cairn_span_data_start_ns(span)));
    json_object_set_new(object, "end_time", time_of(cairn_span_data_end_ns(span)));
    json_object_set_new(object, "status", status_of(span));
    json_object_set_new(object, "attributes", attributes_of(span));
    json_object_set_new(object, "events", events_of(span));
    json_object_set_new(object, "links", links_of(span));
    json_object_set_new(object, "resource", resource_of(span));
    return object;
}

static cairn_status export_spans(void *user, const cairn_span_batch *batch, uint32_t timeout_ms)
{
    (void)user, (void)timeout_ms;
    for (size_t i = 0; i < cairn_batch_count(batch); i++) {
        json_t *object = span_of(cairn_batch_span(batch, i));
        json_dumpf(object, stdout, JSON_INDENT(4) | JSON_REAL_PRECISION(15));
        putchar('\n');
        json_decref(object);
    }
    return fflush(stdout) == 0 ? CAIRN_OK : CAIRN_ERROR_FAILED;
}

cairn_exporter *json_exporter_new(void)
{
    static const struct cairn_exporter_ops ops = {.size = sizeof ops, .export_spans = export_spans};
    return cairn_exporter_custom(&ops, NULL);
}
