/* otlp_pb_write.c - struct span to OTLP protobuf. Default values are left out, as proto3 does; empty attribute values
 * are written, because OTLP tells them from absent ones. */
#include "wire/otlp_pb.h"
#include "wire/pb.h"

enum { SPAN_LENGTH_BYTES = 2 }; /* most spans have 128 bytes to 16 KiB */

static void put_text(struct buf *out, unsigned field, struct str s)
{
    if (s.n)
        pb_put_bytes(out, PB_TAG(field, PB_LEN), s);
}

static void put_number(struct buf *out, unsigned field, uint64_t v)
{
    if (v)
        pb_put_varint(out, PB_TAG(field, PB_VARINT), v);
}

static void put_value(struct buf *out, uint32_t tag, const struct value *v);

/* The size of a scalar value's AnyValue message, which is below 128 for all but long strings. */
static size_t scalar_size(const struct value *v)
{
    switch (v->type) {
    case VALUE_STRING: return 1 + pb_varint_size(v->string.n) + v->string.n;
    case VALUE_BOOL: return 2;
    case VALUE_INT: return 1 + pb_varint_size((uint64_t)v->integer);
    case VALUE_DOUBLE: return 9;
    default: return SIZE_MAX; /* not this simple */
    }
}

static uint8_t *put_scalar_at(uint8_t *p, const struct value *v)
{
    switch (v->type) {
    case VALUE_STRING:
        *p++ = PB_TAG(VALUE_STRING, PB_LEN);
        p = pb_put_varint_at(p, v->string.n);
        return v->string.n ? (uint8_t *)mempcpy(p, v->string.p, v->string.n) : p;
    case VALUE_BOOL:
        *p++ = PB_TAG(VALUE_BOOL, PB_VARINT);
        *p++ = v->boolean;
        return p;
    case VALUE_INT:
        *p++ = PB_TAG(VALUE_INT, PB_VARINT);
        return pb_put_varint_at(p, (uint64_t)v->integer);
    default: *p++ = PB_TAG(VALUE_DOUBLE, PB_I64); return (uint8_t *)mempcpy(p, &v->number, 8);
    }
}

/* Nearly all attributes are a short key and a scalar: their sizes are known before they are written, so they take
 * one reservation and no back-patching. False when this one is not like that. */
static bool put_quick_attr(struct buf *out, uint32_t tag, const struct attr *a)
{
    size_t value = scalar_size(&a->value), total;
    uint8_t *p;
    if (value > 16383 || a->key.n == 0 || a->key.n > 127)
        return false;
    total = 2 + a->key.n + 1 + pb_varint_size(value) + value;
    p = buf_reserve(out, total + 8);
    if (!p)
        return true;
    p = pb_put_varint_at(pb_put_varint_at(p, tag), total);
    *p++ = PB_TAG(1, PB_LEN);
    *p++ = (uint8_t)a->key.n;
    p = (uint8_t *)mempcpy(p, a->key.p, a->key.n);
    *p++ = PB_TAG(2, PB_LEN);
    p = put_scalar_at(pb_put_varint_at(p, value), &a->value);
    out->n = (size_t)(p - out->p);
    return true;
}

static void put_attr(struct buf *out, uint32_t tag, const struct attr *a)
{
    size_t attr;
    if (put_quick_attr(out, tag, a))
        return;
    attr = pb_begin(out, tag);
    put_text(out, 1, a->key);
    put_value(out, PB_TAG(2, PB_LEN), &a->value);
    pb_end(out, attr);
}

static void put_attrs(struct buf *out, uint32_t tag, const struct attrs *attrs)
{
    for (uint32_t i = 0; i < attrs->count; i++)
        put_attr(out, tag, &attrs->items[i]);
}

void otlp_pb_encode_value(const struct value *v, struct buf *out)
{
    size_t list;
    uint64_t word;
    switch (v->type) {
    case VALUE_EMPTY: break;
    case VALUE_STRING:
    case VALUE_BYTES: pb_put_bytes(out, PB_TAG(v->type, PB_LEN), v->string); break;
    case VALUE_BOOL: pb_put_varint(out, PB_TAG(VALUE_BOOL, PB_VARINT), v->boolean); break;
    case VALUE_INT: pb_put_varint(out, PB_TAG(VALUE_INT, PB_VARINT), (uint64_t)v->integer); break;
    case VALUE_DOUBLE:
        memcpy(&word, &v->number, sizeof word);
        pb_put_fixed64(out, PB_TAG(VALUE_DOUBLE, PB_I64), word);
        break;
    case VALUE_ARRAY:
        list = pb_begin(out, PB_TAG(VALUE_ARRAY, PB_LEN));
        for (uint32_t i = 0; i < v->array.count; i++)
            put_value(out, PB_TAG(1, PB_LEN), &v->array.items[i]);
        pb_end(out, list);
        break;
    case VALUE_KVLIST:
        list = pb_begin(out, PB_TAG(VALUE_KVLIST, PB_LEN));
        put_attrs(out, PB_TAG(1, PB_LEN), &v->kvlist);
        pb_end(out, list);
        break;
    }
}

static void put_value(struct buf *out, uint32_t tag, const struct value *v)
{
    size_t value = pb_begin(out, tag);
    otlp_pb_encode_value(v, out);
    pb_end(out, value);
}

static void put_event(struct buf *out, const struct span_event *e)
{
    size_t event = pb_begin(out, PB_TAG(11, PB_LEN));
    if (e->time_ns)
        pb_put_fixed64(out, PB_TAG(1, PB_I64), e->time_ns);
    put_text(out, 2, e->name);
    put_attrs(out, PB_TAG(3, PB_LEN), &e->attrs);
    put_number(out, 4, e->dropped_attributes_count);
    pb_end(out, event);
}

static void put_link(struct buf *out, const struct span_link *l)
{
    size_t link = pb_begin(out, PB_TAG(13, PB_LEN));
    if (!trace_id_is_zero(l->trace_id))
        pb_put_bytes(out, PB_TAG(1, PB_LEN), str_make(l->trace_id.bytes, TRACE_ID_BYTES));
    if (!span_id_is_zero(l->span_id))
        pb_put_bytes(out, PB_TAG(2, PB_LEN), str_make(l->span_id.bytes, SPAN_ID_BYTES));
    put_text(out, 3, l->trace_state);
    put_attrs(out, PB_TAG(4, PB_LEN), &l->attrs);
    put_number(out, 5, l->dropped_attributes_count);
    if (l->flags)
        pb_put_fixed32(out, PB_TAG(6, PB_I32), l->flags);
    pb_end(out, link);
}

static void put_status(struct buf *out, const struct span *s)
{
    size_t status;
    if (s->status_code == STATUS_UNSET && s->status_message.n == 0)
        return;
    status = pb_begin(out, PB_TAG(15, PB_LEN));
    put_text(out, 2, s->status_message);
    put_number(out, 3, s->status_code);
    pb_end(out, status);
}

void otlp_pb_encode_span(const struct span *s, struct buf *out)
{
    pb_put_bytes(out, PB_TAG(1, PB_LEN), str_make(s->trace_id.bytes, TRACE_ID_BYTES));
    pb_put_bytes(out, PB_TAG(2, PB_LEN), str_make(s->span_id.bytes, SPAN_ID_BYTES));
    put_text(out, 3, s->trace_state);
    if (!span_id_is_zero(s->parent_span_id))
        pb_put_bytes(out, PB_TAG(4, PB_LEN), str_make(s->parent_span_id.bytes, SPAN_ID_BYTES));
    put_text(out, 5, s->name);
    put_number(out, 6, s->kind);
    pb_put_fixed64(out, PB_TAG(7, PB_I64), s->start_ns);
    pb_put_fixed64(out, PB_TAG(8, PB_I64), s->end_ns);
    put_attrs(out, PB_TAG(9, PB_LEN), &s->attrs);
    put_number(out, 10, s->dropped_attributes_count);
    for (uint32_t i = 0; i < s->event_count; i++)
        put_event(out, &s->events[i]);
    put_number(out, 12, s->dropped_events_count);
    for (uint32_t i = 0; i < s->link_count; i++)
        put_link(out, &s->links[i]);
    put_number(out, 14, s->dropped_links_count);
    put_status(out, s);
    if (s->flags)
        pb_put_fixed32(out, PB_TAG(16, PB_I32), s->flags);
}

static void put_resource(struct buf *out, const struct resource *r)
{
    size_t resource = pb_begin(out, PB_TAG(1, PB_LEN));
    put_attrs(out, PB_TAG(1, PB_LEN), &r->attrs);
    put_number(out, 2, r->dropped_attributes_count);
    pb_end(out, resource);
}

static void put_scope(struct buf *out, const struct scope *s)
{
    size_t scope = pb_begin(out, PB_TAG(1, PB_LEN));
    put_text(out, 1, s->name);
    put_text(out, 2, s->version);
    put_attrs(out, PB_TAG(3, PB_LEN), &s->attrs);
    put_number(out, 4, s->dropped_attributes_count);
    pb_end(out, scope);
}

void otlp_pb_put_attrs(struct buf *out, uint32_t tag, const struct attrs *attrs)
{
    put_attrs(out, tag, attrs);
}

void otlp_pb_put_resource(struct buf *out, const struct resource *resource)
{
    put_resource(out, resource);
}

void otlp_pb_put_scope(struct buf *out, const struct scope *scope)
{
    put_scope(out, scope);
}

/* A guess from spans of 250 bytes that all stand together. */
static unsigned length_bytes_of(size_t spans)
{
    return (unsigned)pb_varint_size(spans * 250);
}

/* The spans of one ScopeSpans: as long as resource and scope stay the same. Returns how many. */
static size_t put_scope_spans(struct buf *out, const struct span *spans, size_t count)
{
    unsigned guess = length_bytes_of(count);
    size_t message = pb_begin_guess(out, PB_TAG(2, PB_LEN), guess), i;
    put_scope(out, spans->scope);
    for (i = 0; i < count && spans[i].scope == spans->scope && spans[i].resource == spans->resource;
         i++) {
        size_t span = pb_begin_guess(out, PB_TAG(2, PB_LEN), SPAN_LENGTH_BYTES);
        otlp_pb_encode_span(&spans[i], out);
        pb_end_guess(out, span, SPAN_LENGTH_BYTES);
    }
    put_text(out, 3, spans->scope->schema_url);
    pb_end_guess(out, message, guess);
    return i;
}

void otlp_pb_encode(const struct span *spans, size_t count, struct buf *out)
{
    size_t i = 0;
    while (i < count) {
        const struct resource *resource = spans[i].resource;
        unsigned guess = length_bytes_of(count - i);
        size_t message = pb_begin_guess(out, PB_TAG(1, PB_LEN), guess);
        put_resource(out, resource);
        while (i < count && spans[i].resource == resource)
            i += put_scope_spans(out, spans + i, count - i);
        put_text(out, 3, resource->schema_url);
        pb_end_guess(out, message, guess);
    }
}

void otlp_pb_encode_process_context(const struct resource *resource, const struct attr *attributes,
                                    uint32_t count, struct buf *out)
{
    put_resource(out, resource);
    for (uint32_t i = 0; i < count; i++)
        put_attr(out, PB_TAG(2, PB_LEN), &attributes[i]);
}
