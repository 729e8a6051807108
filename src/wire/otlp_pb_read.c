/* otlp_pb_read.c - OTLP protobuf to struct span_batch, one function per message, one pass over the bytes.
 *
 * A list gets its place when its first element shows: the elements that follow directly are counted, and as a rule
 * those are all, so nothing is copied twice and the arena holds no half-grown arrays. Attributes as every SDK writes
 * them are read by one straight function (quick_attr), everything else by the loops that know all of protobuf. */
#include "wire/otlp_pb.h"

#include "base/utf8.h"
#include "trace/semconv.h"
#include "wire/pb.h"

/* The place for a request's spans is guessed from its first one; a guess of more spans than this many bytes each
 * would let a small first span reserve more memory than the request itself takes. */
enum { SPAN_BYTES_GUESS_MIN = 256 };

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

static struct str text(struct decoder *d, struct str s)
{
    size_t good = utf8_valid_prefix(s);
    if (good != s.n)
        stop(d, ERR_INVALID, s.p + good, "a string is not UTF-8");
    return s;
}

/* How many fields like the one whose tag r has just read follow each other, this one included. */
static size_t run_length(struct pb_reader r)
{
    const uint32_t tag = r.tag;
    size_t n = 0;
    do {
        pb_bytes(&r);
        n++;
    } while (pb_next(&r) && r.tag == tag);
    return n;
}

/* Makes room for one more item of a list, r standing behind its tag. A list whose elements do not stand together
 * grows by doubling. Returns the list's place; NULL when there is no memory. */
static void *more_room(struct decoder *d, struct pb_reader r, const void *items, size_t count,
                       uint32_t *cap, size_t size)
{
    size_t more = run_length(r), total;
    void *p;
    if (more < count)
        more = count;
    if (count + more > UINT32_MAX || __builtin_mul_overflow(count + more, size, &total) ||
        !(p = arena_alloc(d->arena, total))) {
        stop(d, ERR_NOMEM, NULL, "the request needs too much memory");
        return NULL;
    }
    if (count)
        memcpy(p, items, count * size);
    *cap = (uint32_t)(count + more);
    return p;
}

/* An attribute as SDKs write them: the key, then a value of one scalar field, lengths below 128. False when this
 * one is anything else, or not ASCII. The tags and lengths between the strings are ASCII too: one check for all. */
static bool quick_attr(struct str bytes, struct attr *a)
{
    const uint8_t *p = (const uint8_t *)bytes.p, *end, *v;
    struct pb_long number;
    if (bytes.n < 6 || p[0] != PB_TAG(1, PB_LEN) || p[1] > bytes.n - 6)
        return false;
    end = p + bytes.n;
    v = p + 2 + p[1]; /* tag and length of the value, then tag and content of its one field */
    if (v[0] != PB_TAG(2, PB_LEN) || v[1] != end - v - 2 || v[1] > 127)
        return false;
    switch (v[2]) {
    case PB_TAG(VALUE_STRING, PB_LEN):
        if (v[3] != end - v - 4 || !utf8_all_ascii(p, bytes.n))
            return false;
        a->value.type = VALUE_STRING;
        a->value.string = str_make(v + 4, v[3]);
        break;
    case PB_TAG(VALUE_INT, PB_VARINT):
        number = pb_varint_long(v + 3, end);
        if (number.next != end || !utf8_all_ascii(p, p[1] + 2u))
            return false;
        a->value.type = VALUE_INT;
        a->value.integer = (int64_t)number.value;
        break;
    default: return false;
    }
    a->key = str_make(p + 2, p[1]);
    return true;
}

static void read_value(struct decoder *d, struct str bytes, unsigned depth, struct value *v);

static void read_attr(struct decoder *d, struct str bytes, unsigned depth, struct attr *a)
{
    struct pb_reader r = pb_reader_of(bytes);
    if (quick_attr(bytes, a))
        return;
    a->key = (struct str){NULL, 0};
    a->value.type = VALUE_EMPTY;
    while (pb_next(&r)) {
        switch (r.tag) {
        case PB_TAG(1, PB_LEN): a->key = text(d, pb_bytes(&r)); break;
        case PB_TAG(2, PB_LEN): read_value(d, pb_bytes(&r), depth, &a->value); break;
        default: pb_skip(&r); break;
        }
    }
    finish(d, &r);
}

/* Appends the attribute that r stands before; *cap is how many attrs->items has room for. */
static inline __attribute__((always_inline)) void push_attr(struct decoder *d, struct pb_reader *r,
                                                            unsigned depth, struct attrs *attrs,
                                                            uint32_t *cap)
{
    void *items = attrs->items;
    if (attrs->count == *cap)
        items = more_room(d, *r, items, attrs->count, cap, sizeof *attrs->items);
    if (!items) {
        r->p = r->end; /* out of memory, the decoder has stopped */
        return;
    }
    attrs->items = items;
    read_attr(d, pb_bytes(r), depth, &attrs->items[attrs->count++]);
}

/* ArrayValue and KeyValueList: one repeated field 1. What the value holds already stays: pieces are merged. */
static void read_list(struct decoder *d, struct str bytes, unsigned depth, struct value *v)
{
    struct pb_reader r = pb_reader_of(bytes);
    struct value_list *array = &v->array;
    uint32_t cap = v->type == VALUE_ARRAY ? v->array.count : v->kvlist.count;
    if (depth >= d->limits.value_depth_max) {
        stop(d, ERR_TOO_LARGE, bytes.p, "attribute values are nested too deeply");
        return;
    }
    while (pb_next(&r)) {
        if (r.tag != PB_TAG(1, PB_LEN)) {
            pb_skip(&r);
        } else if (v->type == VALUE_KVLIST) {
            push_attr(d, &r, depth + 1, &v->kvlist, &cap);
        } else {
            if (array->count == cap && !(array->items = more_room(d, r, array->items, array->count,
                                                                  &cap, sizeof *array->items)))
                return;
            array->items[array->count].type = VALUE_EMPTY;
            read_value(d, pb_bytes(&r), depth + 1, &array->items[array->count++]);
        }
    }
    finish(d, &r);
}

static void read_value(struct decoder *d, struct str bytes, unsigned depth, struct value *v)
{
    struct pb_reader r = pb_reader_of(bytes);
    while (pb_next(&r)) {
        uint64_t word;
        switch (r.tag) {
        case PB_TAG(VALUE_STRING, PB_LEN):
            v->type = VALUE_STRING;
            v->string = text(d, pb_bytes(&r));
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
            if (v->type != r.tag >> 3)
                *v = (struct value){.type = (enum value_type)(r.tag >> 3)};
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
    struct pb_reader r = pb_reader_of(bytes);
    uint32_t attr_cap = 0;
    memset(e, 0, sizeof *e);
    while (pb_next(&r)) {
        switch (r.tag) {
        case PB_TAG(1, PB_I64): e->time_ns = pb_fixed64(&r); break;
        case PB_TAG(2, PB_LEN): e->name = text(d, pb_bytes(&r)); break;
        case PB_TAG(3, PB_LEN): push_attr(d, &r, 0, &e->attrs, &attr_cap); break;
        case PB_TAG(4, PB_VARINT): e->dropped_attributes_count = (uint32_t)pb_varint(&r); break;
        default: pb_skip(&r); break;
        }
    }
    finish(d, &r);
}

static void read_link(struct decoder *d, struct str bytes, struct span_link *l)
{
    struct pb_reader r = pb_reader_of(bytes);
    uint32_t attr_cap = 0;
    memset(l, 0, sizeof *l);
    while (pb_next(&r)) {
        switch (r.tag) {
        /* an id of a wrong length in a link is kept as "none": the span itself is good */
        case PB_TAG(1, PB_LEN): read_id(pb_bytes(&r), l->trace_id.bytes, TRACE_ID_BYTES); break;
        case PB_TAG(2, PB_LEN): read_id(pb_bytes(&r), l->span_id.bytes, SPAN_ID_BYTES); break;
        case PB_TAG(3, PB_LEN): l->trace_state = text(d, pb_bytes(&r)); break;
        case PB_TAG(4, PB_LEN): push_attr(d, &r, 0, &l->attrs, &attr_cap); break;
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
        case PB_TAG(2, PB_LEN): s->status_message = text(d, pb_bytes(&r)); break;
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

/* Room for one more event or link of s; false when there is no memory. */
static bool room_for_event(struct decoder *d, struct pb_reader r, struct span *s, uint32_t *cap)
{
    if (s->event_count == *cap)
        s->events = more_room(d, r, s->events, s->event_count, cap, sizeof *s->events);
    return s->events != NULL;
}

static bool room_for_link(struct decoder *d, struct pb_reader r, struct span *s, uint32_t *cap)
{
    if (s->link_count == *cap)
        s->links = more_room(d, r, s->links, s->link_count, cap, sizeof *s->links);
    return s->links != NULL;
}

/* All of a span's fields; ids of a wrong length are a fault of this span, not of the request. */
static enum span_fault read_span(struct decoder *d, struct str bytes, struct span *s)
{
    struct pb_reader r = pb_reader_of(bytes);
    enum span_fault fault = FAULT_NONE;
    uint32_t attr_cap = 0, event_cap = 0, link_cap = 0;
    uint64_t kind;
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
        case PB_TAG(3, PB_LEN): s->trace_state = text(d, pb_bytes(&r)); break;
        case PB_TAG(4, PB_LEN):
            if (!read_id(pb_bytes(&r), s->parent_span_id.bytes, SPAN_ID_BYTES))
                fault = FAULT_PARENT_ID;
            break;
        case PB_TAG(5, PB_LEN): s->name = text(d, pb_bytes(&r)); break;
        case PB_TAG(6, PB_VARINT):
            kind = pb_varint(&r);
            s->kind = kind <= SPAN_KIND_CONSUMER ? (enum span_kind)kind : SPAN_KIND_UNSPECIFIED;
            break;
        case PB_TAG(7, PB_I64): s->start_ns = pb_fixed64(&r); break;
        case PB_TAG(8, PB_I64): s->end_ns = pb_fixed64(&r); break;
        case PB_TAG(9, PB_LEN): push_attr(d, &r, 0, &s->attrs, &attr_cap); break;
        case PB_TAG(10, PB_VARINT): s->dropped_attributes_count = (uint32_t)pb_varint(&r); break;
        case PB_TAG(11, PB_LEN):
            if (!room_for_event(d, r, s, &event_cap))
                return fault;
            read_event(d, pb_bytes(&r), &s->events[s->event_count++]);
            break;
        case PB_TAG(12, PB_VARINT): s->dropped_events_count = (uint32_t)pb_varint(&r); break;
        case PB_TAG(13, PB_LEN):
            if (!room_for_link(d, r, s, &link_cap))
                return fault;
            read_link(d, pb_bytes(&r), &s->links[s->link_count++]);
            break;
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

/* Room for the span of these bytes, the array sized as if the rest of its ScopeSpans held spans like it. */
static struct span *new_span(struct decoder *d, struct str bytes, size_t rest_bytes)
{
    struct span_batch *b = d->batch;
    struct span *spans = b->spans;
    if (b->span_count + b->rejected_spans >= d->limits.spans_max) {
        stop(d, ERR_TOO_LARGE, bytes.p, "too many spans in one request");
        return NULL;
    }
    if (b->span_count == d->span_cap) {
        size_t like_it =
            rest_bytes / (bytes.n > SPAN_BYTES_GUESS_MIN ? bytes.n : SPAN_BYTES_GUESS_MIN);
        spans = arena_grow(d->arena, spans, b->span_count, &d->span_cap,
                           b->span_count + 1 + like_it, sizeof *spans);
    }
    if (!spans) {
        stop(d, ERR_NOMEM, bytes.p, "the request needs too much memory");
        return NULL;
    }
    b->spans = spans;
    return spans + b->span_count;
}

/* Appends one span to the batch, or counts why not. */
static void push_span(struct decoder *d, struct str bytes, size_t rest_bytes,
                      const struct resource *resource, const struct scope *scope)
{
    struct span_batch *b = d->batch;
    struct span *s = new_span(d, bytes, rest_bytes);
    enum span_fault fault;
    if (!s)
        return;
    memset(s, 0, sizeof *s);
    s->resource = resource;
    s->scope = scope;
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
    struct pb_reader r = pb_reader_of(bytes);
    uint32_t attr_cap = res->attrs.count; /* not zero for a message in pieces */
    while (pb_next(&r)) {
        switch (r.tag) {
        case PB_TAG(1, PB_LEN): push_attr(d, &r, 0, &res->attrs, &attr_cap); break;
        case PB_TAG(2, PB_VARINT): res->dropped_attributes_count = (uint32_t)pb_varint(&r); break;
        default: pb_skip(&r); break;
        }
    }
    finish(d, &r);
}

static void read_scope(struct decoder *d, struct str bytes, struct scope *scope)
{
    struct pb_reader r = pb_reader_of(bytes);
    uint32_t attr_cap = scope->attrs.count;
    while (pb_next(&r)) {
        switch (r.tag) {
        case PB_TAG(1, PB_LEN): scope->name = text(d, pb_bytes(&r)); break;
        case PB_TAG(2, PB_LEN): scope->version = text(d, pb_bytes(&r)); break;
        case PB_TAG(3, PB_LEN): push_attr(d, &r, 0, &scope->attrs, &attr_cap); break;
        case PB_TAG(4, PB_VARINT): scope->dropped_attributes_count = (uint32_t)pb_varint(&r); break;
        default: pb_skip(&r); break;
        }
    }
    finish(d, &r);
}

/* The scope may stand behind its spans: they point to it, and it is filled when it comes. */
static void read_scope_spans(struct decoder *d, struct str bytes, const struct resource *resource)
{
    struct pb_reader r = pb_reader_of(bytes);
    struct scope *scope = arena_calloc(d->arena, 1, sizeof *scope);
    struct str span;
    if (!scope) {
        stop(d, ERR_NOMEM, bytes.p, "the request needs too much memory");
        return;
    }
    while (pb_next(&r) && d->code == 0) {
        switch (r.tag) {
        case PB_TAG(1, PB_LEN): read_scope(d, pb_bytes(&r), scope); break;
        case PB_TAG(2, PB_LEN):
            span = pb_bytes(&r);
            if (!r.bad_at)
                push_span(d, span, (size_t)(r.end - r.p), resource, scope);
            break;
        case PB_TAG(3, PB_LEN): scope->schema_url = text(d, pb_bytes(&r)); break;
        default: pb_skip(&r); break;
        }
    }
    finish(d, &r);
}

static void read_resource_spans(struct decoder *d, struct str bytes)
{
    struct pb_reader r = pb_reader_of(bytes);
    struct resource *resource = arena_calloc(d->arena, 1, sizeof *resource);
    if (!resource) {
        stop(d, ERR_NOMEM, bytes.p, "the request needs too much memory");
        return;
    }
    while (pb_next(&r) && d->code == 0) {
        switch (r.tag) {
        case PB_TAG(1, PB_LEN): read_resource(d, pb_bytes(&r), resource); break;
        case PB_TAG(2, PB_LEN): read_scope_spans(d, pb_bytes(&r), resource); break;
        case PB_TAG(3, PB_LEN): resource->schema_url = text(d, pb_bytes(&r)); break;
        default: pb_skip(&r); break;
        }
    }
    finish(d, &r);
    resource->service_name = attrs_get_string(&resource->attrs, STR(SEMCONV_SERVICE_NAME));
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

int otlp_pb_decode_event(struct str bytes, struct arena *arena, struct span_event *ret,
                         struct err *err)
{
    struct decoder d = decoder_of(NULL, arena, NULL);
    read_event(&d, bytes, ret);
    return outcome(&d, bytes, err);
}

int otlp_pb_decode_link(struct str bytes, struct arena *arena, struct span_link *ret,
                        struct err *err)
{
    struct decoder d = decoder_of(NULL, arena, NULL);
    read_link(&d, bytes, ret);
    return outcome(&d, bytes, err);
}

int otlp_pb_decode_value(struct str bytes, struct arena *arena, struct value *ret, struct err *err)
{
    struct decoder d = decoder_of(NULL, arena, NULL);
    d.limits.value_depth_max++;
    *ret = (struct value){.type = VALUE_EMPTY};
    read_value(&d, bytes, 0, ret);
    return outcome(&d, bytes, err);
}
