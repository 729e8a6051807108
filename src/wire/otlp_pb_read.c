/* otlp_pb_read.c - OTLP protobuf to struct span_batch, one function per message.
 *
 * Repeated fields are counted with one cheap pass over the message's tags before their array is allocated, so that
 * nothing is copied twice and the arena holds no half-grown arrays. */
#include "wire/otlp_pb.h"

#include "base/utf8.h"
#include "trace/semconv.h"
#include "wire/pb.h"

struct decoder {
    struct arena *arena;
    struct otlp_limits limits;
    struct span_batch *batch;
    size_t span_cap;
    /* the first thing that went wrong */
    int code;
    const uint8_t *at;
    const char *why;
};

static void stop(struct decoder *d, int code, const void *at, const char *why)
{
    if (d->code)
        return;
    d->code = code;
    d->at = at;
    d->why = why;
}

/* Every message's decoder ends with this: was its own reading all right? */
static bool finish(struct decoder *d, const struct pb_reader *r)
{
    if (r->bad_at)
        stop(d, ERR_INVALID, r->bad_at, "malformed protobuf");
    return d->code == 0;
}

static struct str text(struct decoder *d, struct pb_reader *r)
{
    struct str s = pb_bytes(r);
    size_t good = utf8_valid_prefix(s);
    if (good != s.n)
        stop(d, ERR_INVALID, s.p + good, "a string is not UTF-8");
    return s;
}

/* How often each of up to three repeated fields occurs; the reader is a copy, errors show in the real pass. */
static void count_fields(struct pb_reader r, const uint32_t tags[3], size_t counts[3])
{
    while (pb_next(&r)) {
        for (int i = 0; i < 3; i++)
            counts[i] += r.tag == tags[i];
        pb_skip(&r);
    }
}

/* Room for more items behind those that the list has. count is 0 but for a message in pieces. */
static void *make_room(struct decoder *d, const void *items, size_t count, size_t more, size_t size)
{
    void *p;
    size_t total;
    if (count + more > UINT32_MAX || __builtin_mul_overflow(count + more, size, &total) ||
        !(p = arena_alloc(d->arena, total))) {
        stop(d, ERR_NOMEM, NULL, "the request needs too much memory");
        return NULL;
    }
    if (count)
        memcpy(p, items, count * size);
    return p;
}

static void read_value(struct decoder *d, struct str bytes, unsigned depth, struct value *v);

static void read_attr(struct decoder *d, struct str bytes, unsigned depth, struct attr *a)
{
    struct pb_reader r = pb_reader_of(bytes);
    a->key = (struct str){NULL, 0};
    a->value.type = VALUE_EMPTY;
    while (pb_next(&r)) {
        switch (r.tag) {
        case PB_TAG(1, PB_LEN): a->key = text(d, &r); break;
        case PB_TAG(2, PB_LEN): read_value(d, pb_bytes(&r), depth, &a->value); break;
        default: pb_skip(&r); break;
        }
    }
    finish(d, &r);
}

/* ArrayValue and KeyValueList: one repeated field 1. */
static void read_list(struct decoder *d, struct str bytes, unsigned depth, struct value *v)
{
    static const uint32_t tags[3] = {PB_TAG(1, PB_LEN)};
    struct pb_reader r = pb_reader_of(bytes);
    size_t counts[3] = {0},
           size = v->type == VALUE_ARRAY ? sizeof(struct value) : sizeof(struct attr);
    uint32_t n = 0;
    void *items;
    if (depth >= d->limits.value_depth_max) {
        stop(d, ERR_TOO_LARGE, bytes.p, "attribute values are nested too deeply");
        return;
    }
    count_fields(r, tags, counts);
    items = make_room(d, NULL, 0, counts[0], size);
    while (items && pb_next(&r)) {
        if (r.tag != tags[0]) {
            pb_skip(&r);
        } else if (v->type == VALUE_ARRAY) {
            struct value *item = (struct value *)items + n++;
            item->type = VALUE_EMPTY;
            read_value(d, pb_bytes(&r), depth + 1, item);
        } else {
            read_attr(d, pb_bytes(&r), depth + 1, (struct attr *)items + n++);
        }
    }
    if (!items || !finish(d, &r))
        n = 0;
    if (v->type == VALUE_ARRAY)
        v->array = (struct value_list){items, n};
    else
        v->kvlist = (struct attrs){items, n};
}

static void read_value(struct decoder *d, struct str bytes, unsigned depth, struct value *v)
{
    struct pb_reader r = pb_reader_of(bytes);
    while (pb_next(&r)) {
        uint64_t word;
        switch (r.tag) {
        case PB_TAG(VALUE_STRING, PB_LEN):
            v->type = VALUE_STRING;
            v->string = text(d, &r);
            break;
        case PB_TAG(VALUE_BOOL, PB_VARINT):
            v->type = VALUE_BOOL;
            v->boolean = pb_varint(&r) != 0;
            break;
        case PB_TAG(VALUE_INT, PB_VARINT):
            v->type = VALUE_INT;
            v->integer = (int64_t)pb_varint(&r);
            break;
        case PB_TAG(VALUE_DOUBLE, PB_I64):
            word = pb_fixed64(&r);
            v->type = VALUE_DOUBLE;
            memcpy(&v->number, &word, sizeof word);
            break;
        case PB_TAG(VALUE_ARRAY, PB_LEN):
        case PB_TAG(VALUE_KVLIST, PB_LEN):
            v->type = (enum value_type)(r.tag >> 3);
            read_list(d, pb_bytes(&r), depth, v);
            break;
        case PB_TAG(VALUE_BYTES, PB_LEN):
            v->type = VALUE_BYTES;
            v->string = pb_bytes(&r);
            break;
        default: pb_skip(&r); break;
        }
    }
    finish(d, &r);
}

/* The attribute lists of a message are counted first; this reads the next one into its place. */
static void push_attr(struct decoder *d, struct pb_reader *r, struct attrs *attrs)
{
    struct str bytes = pb_bytes(r);
    if (attrs->items)
        read_attr(d, bytes, 0, &attrs->items[attrs->count++]);
}

static bool room_for_attrs(struct decoder *d, struct attrs *attrs, size_t more)
{
    if (more == 0)
        return true;
    attrs->items = make_room(d, attrs->items, attrs->count, more, sizeof *attrs->items);
    return attrs->items != NULL;
}

static bool read_id(struct str bytes, uint8_t *id, size_t size)
{
    memset(id, 0, size);
    if (bytes.n != size)
        return bytes.n == 0; /* absent and empty are the same */
    memcpy(id, bytes.p, size);
    return true;
}

static void read_event(struct decoder *d, struct str bytes, struct span_event *e)
{
    static const uint32_t tags[3] = {PB_TAG(3, PB_LEN)};
    struct pb_reader r = pb_reader_of(bytes);
    size_t counts[3] = {0};
    memset(e, 0, sizeof *e);
    count_fields(r, tags, counts);
    if (!room_for_attrs(d, &e->attrs, counts[0]))
        return;
    while (pb_next(&r)) {
        switch (r.tag) {
        case PB_TAG(1, PB_I64): e->time_ns = pb_fixed64(&r); break;
        case PB_TAG(2, PB_LEN): e->name = text(d, &r); break;
        case PB_TAG(3, PB_LEN): push_attr(d, &r, &e->attrs); break;
        case PB_TAG(4, PB_VARINT): e->dropped_attributes_count = (uint32_t)pb_varint(&r); break;
        default: pb_skip(&r); break;
        }
    }
    finish(d, &r);
}

static void read_link(struct decoder *d, struct str bytes, struct span_link *l)
{
    static const uint32_t tags[3] = {PB_TAG(4, PB_LEN)};
    struct pb_reader r = pb_reader_of(bytes);
    size_t counts[3] = {0};
    memset(l, 0, sizeof *l);
    count_fields(r, tags, counts);
    if (!room_for_attrs(d, &l->attrs, counts[0]))
        return;
    while (pb_next(&r)) {
        switch (r.tag) {
        /* an id of a wrong length in a link is kept as "none": the span itself is good */
        case PB_TAG(1, PB_LEN): read_id(pb_bytes(&r), l->trace_id.bytes, TRACE_ID_BYTES); break;
        case PB_TAG(2, PB_LEN): read_id(pb_bytes(&r), l->span_id.bytes, SPAN_ID_BYTES); break;
        case PB_TAG(3, PB_LEN): l->trace_state = text(d, &r); break;
        case PB_TAG(4, PB_LEN): push_attr(d, &r, &l->attrs); break;
        case PB_TAG(5, PB_VARINT): l->dropped_attributes_count = (uint32_t)pb_varint(&r); break;
        case PB_TAG(6, PB_I32): l->flags = pb_fixed32(&r); break;
        default: pb_skip(&r); break;
        }
    }
    finish(d, &r);
}

static void read_status(struct decoder *d, struct str bytes, struct span *s)
{
    struct pb_reader r = pb_reader_of(bytes);
    while (pb_next(&r)) {
        uint64_t code;
        switch (r.tag) {
        case PB_TAG(2, PB_LEN): s->status_message = text(d, &r); break;
        case PB_TAG(3, PB_VARINT):
            code = pb_varint(&r);
            s->status_code = code <= STATUS_ERROR ? (enum status_code)code : STATUS_UNSET;
            break;
        default: pb_skip(&r); break;
        }
    }
    finish(d, &r);
}

enum span_fault { FAULT_NONE, FAULT_TRACE_ID, FAULT_SPAN_ID, FAULT_PARENT_ID };

static const char *const fault_text[] = {
    [FAULT_TRACE_ID] = "a span's trace id is all zero or not 16 bytes",
    [FAULT_SPAN_ID] = "a span's span id is all zero or not 8 bytes",
    [FAULT_PARENT_ID] = "a span's parent span id is not 8 bytes",
};

/* The spread of a span's fields; ids of a wrong length are a fault of this span, not of the request. */
static enum span_fault read_span(struct decoder *d, struct str bytes, struct span *s)
{
    static const uint32_t tags[3] = {PB_TAG(9, PB_LEN), PB_TAG(11, PB_LEN), PB_TAG(13, PB_LEN)};
    struct pb_reader r = pb_reader_of(bytes);
    enum span_fault fault = FAULT_NONE;
    size_t counts[3] = {0};
    uint64_t kind;
    count_fields(r, tags, counts);
    if (!room_for_attrs(d, &s->attrs, counts[0]))
        return fault;
    if (counts[1] && !(s->events = make_room(d, NULL, 0, counts[1], sizeof *s->events)))
        return fault;
    if (counts[2] && !(s->links = make_room(d, NULL, 0, counts[2], sizeof *s->links)))
        return fault;
    while (pb_next(&r)) { /* one flat switch */
        switch (r.tag) {
        case PB_TAG(1, PB_LEN):
            if (!read_id(pb_bytes(&r), s->trace_id.bytes, TRACE_ID_BYTES))
                fault = FAULT_TRACE_ID;
            break;
        case PB_TAG(2, PB_LEN):
            if (!read_id(pb_bytes(&r), s->span_id.bytes, SPAN_ID_BYTES))
                fault = FAULT_SPAN_ID;
            break;
        case PB_TAG(3, PB_LEN): s->trace_state = text(d, &r); break;
        case PB_TAG(4, PB_LEN):
            if (!read_id(pb_bytes(&r), s->parent_span_id.bytes, SPAN_ID_BYTES))
                fault = FAULT_PARENT_ID;
            break;
        case PB_TAG(5, PB_LEN): s->name = text(d, &r); break;
        case PB_TAG(6, PB_VARINT):
            kind = pb_varint(&r);
            s->kind = kind <= SPAN_KIND_CONSUMER ? (enum span_kind)kind : SPAN_KIND_UNSPECIFIED;
            break;
        case PB_TAG(7, PB_I64): s->start_ns = pb_fixed64(&r); break;
        case PB_TAG(8, PB_I64): s->end_ns = pb_fixed64(&r); break;
        case PB_TAG(9, PB_LEN): push_attr(d, &r, &s->attrs); break;
        case PB_TAG(10, PB_VARINT): s->dropped_attributes_count = (uint32_t)pb_varint(&r); break;
        case PB_TAG(11, PB_LEN): read_event(d, pb_bytes(&r), &s->events[s->event_count++]); break;
        case PB_TAG(12, PB_VARINT): s->dropped_events_count = (uint32_t)pb_varint(&r); break;
        case PB_TAG(13, PB_LEN): read_link(d, pb_bytes(&r), &s->links[s->link_count++]); break;
        case PB_TAG(14, PB_VARINT): s->dropped_links_count = (uint32_t)pb_varint(&r); break;
        case PB_TAG(15, PB_LEN): read_status(d, pb_bytes(&r), s); break;
        case PB_TAG(16, PB_I32): s->flags = pb_fixed32(&r); break;
        default: pb_skip(&r); break;
        }
    }
    if (!finish(d, &r) || fault)
        return fault;
    if (trace_id_is_zero(s->trace_id))
        return FAULT_TRACE_ID;
    return span_id_is_zero(s->span_id) ? FAULT_SPAN_ID : FAULT_NONE;
}

/* Appends one span to the batch, or counts why not. */
static void push_span(struct decoder *d, struct str bytes, const struct resource *resource,
                      const struct scope *scope)
{
    struct span_batch *b = d->batch;
    enum span_fault fault;
    struct span *s =
        arena_grow(d->arena, b->spans, b->span_count, &d->span_cap, b->span_count + 1, sizeof *s);
    if (!s) {
        stop(d, ERR_NOMEM, bytes.p, "the request needs too much memory");
        return;
    }
    b->spans = s;
    s += b->span_count;
    memset(s, 0, sizeof *s);
    s->resource = resource;
    s->scope = scope;
    if (b->span_count + b->rejected_spans >= d->limits.spans_max) {
        stop(d, ERR_TOO_LARGE, bytes.p, "too many spans in one request");
        return;
    }
    fault = read_span(d, bytes, s);
    if (fault == FAULT_NONE) {
        b->span_count++;
        return;
    }
    if (b->rejected_spans++ == 0)
        b->rejected_reason = fault_text[fault];
}

static void read_resource(struct decoder *d, struct str bytes, struct resource *res)
{
    static const uint32_t tags[3] = {PB_TAG(1, PB_LEN)};
    struct pb_reader r = pb_reader_of(bytes);
    size_t counts[3] = {0};
    count_fields(r, tags, counts);
    if (!room_for_attrs(d, &res->attrs, counts[0]))
        return;
    while (pb_next(&r)) {
        switch (r.tag) {
        case PB_TAG(1, PB_LEN): push_attr(d, &r, &res->attrs); break;
        case PB_TAG(2, PB_VARINT): res->dropped_attributes_count = (uint32_t)pb_varint(&r); break;
        default: pb_skip(&r); break;
        }
    }
    finish(d, &r);
}

static void read_scope(struct decoder *d, struct str bytes, struct scope *scope)
{
    static const uint32_t tags[3] = {PB_TAG(3, PB_LEN)};
    struct pb_reader r = pb_reader_of(bytes);
    size_t counts[3] = {0};
    count_fields(r, tags, counts);
    if (!room_for_attrs(d, &scope->attrs, counts[0]))
        return;
    while (pb_next(&r)) {
        switch (r.tag) {
        case PB_TAG(1, PB_LEN): scope->name = text(d, &r); break;
        case PB_TAG(2, PB_LEN): scope->version = text(d, &r); break;
        case PB_TAG(3, PB_LEN): push_attr(d, &r, &scope->attrs); break;
        case PB_TAG(4, PB_VARINT): scope->dropped_attributes_count = (uint32_t)pb_varint(&r); break;
        default: pb_skip(&r); break;
        }
    }
    finish(d, &r);
}

/* The scope may stand behind its spans, so there are two passes: first what all spans share, then the spans. */
static void read_scope_spans(struct decoder *d, struct str bytes, const struct resource *resource)
{
    struct pb_reader r = pb_reader_of(bytes);
    struct scope *scope = arena_calloc(d->arena, 1, sizeof *scope);
    if (!scope) {
        stop(d, ERR_NOMEM, bytes.p, "the request needs too much memory");
        return;
    }
    while (pb_next(&r)) {
        switch (r.tag) {
        case PB_TAG(1, PB_LEN): read_scope(d, pb_bytes(&r), scope); break;
        case PB_TAG(3, PB_LEN): scope->schema_url = text(d, &r); break;
        default: pb_skip(&r); break;
        }
    }
    if (!finish(d, &r))
        return;
    r = pb_reader_of(bytes);
    while (pb_next(&r) && d->code == 0) {
        if (r.tag == PB_TAG(2, PB_LEN))
            push_span(d, pb_bytes(&r), resource, scope);
        else
            pb_skip(&r);
    }
}

static void read_resource_spans(struct decoder *d, struct str bytes)
{
    struct pb_reader r = pb_reader_of(bytes);
    struct resource *resource = arena_calloc(d->arena, 1, sizeof *resource);
    if (!resource) {
        stop(d, ERR_NOMEM, bytes.p, "the request needs too much memory");
        return;
    }
    while (pb_next(&r)) {
        switch (r.tag) {
        case PB_TAG(1, PB_LEN): read_resource(d, pb_bytes(&r), resource); break;
        case PB_TAG(3, PB_LEN): resource->schema_url = text(d, &r); break;
        default: pb_skip(&r); break;
        }
    }
    if (!finish(d, &r))
        return;
    resource->service_name = attrs_get_string(&resource->attrs, STR(SEMCONV_SERVICE_NAME));
    r = pb_reader_of(bytes);
    while (pb_next(&r) && d->code == 0) {
        if (r.tag == PB_TAG(2, PB_LEN))
            read_scope_spans(d, pb_bytes(&r), resource);
        else
            pb_skip(&r);
    }
}

static struct decoder decoder_of(const struct otlp_limits *limits, struct arena *arena,
                                 struct span_batch *batch)
{
    static const struct otlp_limits standard = OTLP_LIMITS_DEFAULT;
    struct decoder d = {.arena = arena, .limits = standard, .batch = batch};
    if (limits && limits->spans_max)
        d.limits.spans_max = limits->spans_max;
    if (limits && limits->value_depth_max)
        d.limits.value_depth_max = limits->value_depth_max;
    return d;
}

static int outcome(const struct decoder *d, struct str bytes, struct err *err)
{
    size_t offset = d->at ? (size_t)((const char *)d->at - bytes.p) : 0;
    if (d->code == 0)
        return 0;
    if (d->code == ERR_INVALID)
        return err_at(err, d->code, offset, "%s at byte %zu", d->why, offset);
    return err_at(err, d->code, offset, "%s", d->why);
}

int otlp_pb_decode(struct str bytes, const struct otlp_limits *limits, struct arena *arena,
                   struct span_batch *ret, struct err *err)
{
    struct pb_reader r = pb_reader_of(bytes);
    struct span_batch batch = {0};
    struct decoder d = decoder_of(limits, arena, &batch);
    int code;
    while (pb_next(&r) && d.code == 0) {
        if (r.tag == PB_TAG(1, PB_LEN))
            read_resource_spans(&d, pb_bytes(&r));
        else
            pb_skip(&r);
    }
    finish(&d, &r);
    code = outcome(&d, bytes, err);
    if (code == 0)
        *ret = batch;
    return code;
}

int otlp_pb_decode_span(struct str bytes, struct arena *arena, struct span *ret, struct err *err)
{
    struct decoder d = decoder_of(NULL, arena, NULL);
    const struct resource *resource = ret->resource;
    const struct scope *scope = ret->scope;
    enum span_fault fault;
    memset(ret, 0, sizeof *ret);
    ret->resource = resource;
    ret->scope = scope;
    fault = read_span(&d, bytes, ret);
    if (d.code == 0 && fault)
        stop(&d, ERR_INVALID, bytes.p, fault_text[fault]);
    return outcome(&d, bytes, err);
}
