/* span_data.c - ended spans as exporters and processors read them, and as OTLP bytes.
 *
 * A cairn_span_data is a struct span and a cairn_span_batch a struct span_batch; attributes have the same layout on
 * both sides, checked below, so nothing is converted. */
#define CAIRN_NO_INLINE
#include <cairn/export.h>

#include <stdlib.h>

#include "base/buf.h"
#include "tracer/provider.h"
#include "wire/otlp_json.h"
#include "wire/otlp_pb.h"

#define SAME(ours, theirs, member, public_member) \
    _Static_assert(offsetof(ours, member) == offsetof(theirs, public_member), "same layout")
SAME(struct attr, struct cairn_attr, key, key);
SAME(struct attr, struct cairn_attr, value, value);
SAME(struct value, struct cairn_value, type, type);
SAME(struct value, struct cairn_value, string, as.string);
SAME(struct value, struct cairn_value, array.items, as.list.items);
SAME(struct value, struct cairn_value, array.count, as.list.count);
SAME(struct value, struct cairn_value, kvlist.items, as.map.items);
SAME(struct value, struct cairn_value, kvlist.count, as.map.count);
SAME(struct str, cairn_str, p, p);
SAME(struct str, cairn_str, n, n);
_Static_assert(sizeof(struct attr) == sizeof(struct cairn_attr), "same layout");
_Static_assert(sizeof(enum value_type) == sizeof(int32_t), "same layout");

static const struct span *in(const cairn_span_data *span)
{
    static const struct resource no_resource;
    static const struct scope no_scope;
    static const struct span none = {.resource = &no_resource, .scope = &no_scope};
    return span ? (const struct span *)span : &none;
}

static bool get(const struct attrs *attrs, size_t index, struct cairn_attr *ret)
{
    if (!ret || index >= attrs->count)
        return false;
    memcpy(ret, &attrs->items[index], sizeof *ret);
    ret->value.reserved = 0;
    return true;
}

cairn_str cairn_span_data_name(const cairn_span_data *span)
{
    return str_out(in(span)->name);
}

int32_t cairn_span_data_kind(const cairn_span_data *span)
{
    return (int32_t)in(span)->kind;
}

void cairn_span_data_context(const cairn_span_data *span, struct cairn_span_context *ret)
{
    const struct span *s = in(span);
    if (!ret)
        return;
    memset(ret, 0, sizeof *ret);
    memcpy(ret->trace_id, s->trace_id.bytes, sizeof ret->trace_id);
    memcpy(ret->span_id, s->span_id.bytes, sizeof ret->span_id);
    ret->flags = (uint8_t)s->flags;
    ret->trace_state = str_out(s->trace_state);
}

const uint8_t *cairn_span_data_parent_id(const cairn_span_data *span)
{
    return in(span)->parent_span_id.bytes;
}

bool cairn_span_data_parent_is_remote(const cairn_span_data *span)
{
    return in(span)->flags & SPAN_FLAG_IS_REMOTE;
}

uint64_t cairn_span_data_start_ns(const cairn_span_data *span)
{
    return in(span)->start_ns;
}

uint64_t cairn_span_data_end_ns(const cairn_span_data *span)
{
    return in(span)->end_ns;
}

int32_t cairn_span_data_status(const cairn_span_data *span, cairn_str *description)
{
    if (description)
        *description = str_out(in(span)->status_message);
    return (int32_t)in(span)->status_code;
}

bool cairn_span_data_attribute(const cairn_span_data *span, size_t index, struct cairn_attr *ret)
{
    return get(&in(span)->attrs, index, ret);
}

bool cairn_span_data_event(const cairn_span_data *span, size_t index, struct cairn_event_data *ret)
{
    const struct span *s = in(span);
    const struct span_event *e;
    if (!ret || index >= s->event_count)
        return false;
    e = &s->events[index];
    *ret = (struct cairn_event_data){
        .size = sizeof *ret,
        .name = str_out(e->name),
        .time_ns = e->time_ns,
        .attribute_count = e->attrs.count,
        .dropped_attribute_count = e->dropped_attributes_count,
    };
    return true;
}

bool cairn_span_data_event_attribute(const cairn_span_data *span, size_t event, size_t index,
                                     struct cairn_attr *ret)
{
    const struct span *s = in(span);
    return event < s->event_count && get(&s->events[event].attrs, index, ret);
}

bool cairn_span_data_link(const cairn_span_data *span, size_t index, struct cairn_link_data *ret)
{
    const struct span *s = in(span);
    const struct span_link *l;
    if (!ret || index >= s->link_count)
        return false;
    l = &s->links[index];
    memset(ret, 0, sizeof *ret);
    ret->size = sizeof *ret;
    memcpy(ret->context.trace_id, l->trace_id.bytes, TRACE_ID_BYTES);
    memcpy(ret->context.span_id, l->span_id.bytes, SPAN_ID_BYTES);
    ret->context.flags = (uint8_t)l->flags;
    ret->context.is_remote = l->flags & SPAN_FLAG_IS_REMOTE;
    ret->context.trace_state = str_out(l->trace_state);
    ret->attribute_count = l->attrs.count;
    ret->dropped_attribute_count = l->dropped_attributes_count;
    return true;
}

bool cairn_span_data_link_attribute(const cairn_span_data *span, size_t link, size_t index,
                                    struct cairn_attr *ret)
{
    const struct span *s = in(span);
    return link < s->link_count && get(&s->links[link].attrs, index, ret);
}

void cairn_span_data_dropped(const cairn_span_data *span, uint32_t *attributes, uint32_t *events,
                             uint32_t *links)
{
    if (attributes)
        *attributes = in(span)->dropped_attributes_count;
    if (events)
        *events = in(span)->dropped_events_count;
    if (links)
        *links = in(span)->dropped_links_count;
}

bool cairn_span_data_find(const cairn_span_data *span, const char *key, struct cairn_value *ret)
{
    const struct value *v = attrs_get(&in(span)->attrs, str_of(key));
    if (!v || !ret)
        return false;
    memcpy(ret, v, sizeof *ret);
    ret->reserved = 0;
    return true;
}

bool cairn_span_data_resource_attribute(const cairn_span_data *span, size_t index,
                                        struct cairn_attr *ret)
{
    return get(&in(span)->resource->attrs, index, ret);
}

cairn_str cairn_span_data_scope_name(const cairn_span_data *span)
{
    return str_out(in(span)->scope->name);
}

cairn_str cairn_span_data_scope_version(const cairn_span_data *span)
{
    return str_out(in(span)->scope->version);
}

cairn_str cairn_span_data_scope_schema_url(const cairn_span_data *span)
{
    return str_out(in(span)->scope->schema_url);
}

bool cairn_span_data_scope_attribute(const cairn_span_data *span, size_t index,
                                     struct cairn_attr *ret)
{
    return get(&in(span)->scope->attrs, index, ret);
}

cairn_str cairn_span_data_resource_schema_url(const cairn_span_data *span)
{
    return str_out(in(span)->resource->schema_url);
}

uint32_t cairn_span_data_flags(const cairn_span_data *span)
{
    return in(span)->flags;
}

size_t cairn_batch_count(const cairn_span_batch *batch)
{
    return batch ? ((const struct span_batch *)batch)->span_count : 0;
}

const cairn_span_data *cairn_batch_span(const cairn_span_batch *batch, size_t index)
{
    const struct span_batch *b = (const struct span_batch *)batch;
    return b && index < b->span_count ? (const cairn_span_data *)&b->spans[index] : NULL;
}

cairn_status cairn_batch_encode(const cairn_span_batch *batch, int32_t encoding, uint8_t **bytes,
                                size_t *count)
{
    const struct span_batch *b = (const struct span_batch *)batch;
    struct buf out;
    struct json_writer w;
    if (!b || !bytes || !count)
        return CAIRN_ERROR_INVALID;
    buf_init(&out, 0);
    if (encoding == CAIRN_OTLP_PROTOBUF) {
        otlp_pb_encode(b->spans, b->span_count, &out);
    } else if (encoding == CAIRN_OTLP_JSON) {
        json_init(&w, &out, 0);
        otlp_json_write(&w, b->spans, b->span_count, 0);
    } else {
        return CAIRN_ERROR_UNSUPPORTED;
    }
    if (out.failed) {
        buf_release(&out);
        return CAIRN_ERROR_NO_MEMORY;
    }
    *bytes = buf_take(&out, count);
    return CAIRN_OK;
}

void cairn_bytes_free(uint8_t *bytes)
{
    free(bytes);
}
