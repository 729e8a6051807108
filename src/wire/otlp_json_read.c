/* otlp_json_read.c - OTLP/JSON to struct span_batch, over a jansson tree.
 *
 * A message is a table of members: the lowerCamelCase name, the snake_case name that some senders use, and what to do
 * with the value. Unknown members are ignored, null is the default, 64-bit integers come as text or as numbers,
 * enums as numbers or names. */
#include "wire/otlp_json.h"

#include <jansson.h>
#include <math.h>

#include "base/hex.h"
#include "trace/semconv.h"

struct reader {
    struct arena *arena;
    struct otlp_limits limits;
    struct span_batch *batch;
    size_t span_cap;
    int code;
    const char *why;
};

static void stop(struct reader *r, int code, const char *why)
{
    if (r->code == 0) {
        r->code = code;
        r->why = why;
    }
}

/* The member under either of its names; NULL when absent or null. */
static const json_t *member(const json_t *object, const char *camel, const char *snake)
{
    const json_t *v = json_object_get(object, camel);
    if (!v && snake)
        v = json_object_get(object, snake);
    return json_is_null(v) ? NULL : v;
}

static struct str raw_text(const json_t *v)
{
    return json_is_string(v) ? str_make(json_string_value(v), json_string_length(v))
                             : (struct str){NULL, 0};
}

/* A string copied to the arena; anything else than a string is an error. */
static struct str text(struct reader *r, const json_t *v)
{
    struct str s;
    if (!v)
        return (struct str){NULL, 0};
    if (!json_is_string(v)) {
        stop(r, ERR_INVALID, "a text member is not a string");
        return (struct str){NULL, 0};
    }
    s = raw_text(v);
    if (s.n == 0)
        return (struct str){NULL, 0};
    s = arena_str(r->arena, s);
    if (!s.p)
        stop(r, ERR_NOMEM, "the request needs too much memory");
    return s;
}

static uint64_t unsigned_of(struct reader *r, const json_t *v)
{
    uint64_t n = 0;
    double d;
    if (!v)
        return 0;
    if (json_is_integer(v) && json_integer_value(v) >= 0)
        return (uint64_t)json_integer_value(v);
    if (json_is_string(v) && (raw_text(v).n == 0 || str_to_u64(raw_text(v), &n)))
        return n;
    d = json_is_real(v) ? json_real_value(v) : -1;
    if (d >= 0 && d < 18446744073709551616.0 && d == floor(d))
        return (uint64_t)d;
    stop(r, ERR_INVALID, "a number is not an unsigned 64-bit integer");
    return 0;
}

static uint32_t u32(struct reader *r, const json_t *v)
{
    uint64_t n = unsigned_of(r, v);
    if (n > UINT32_MAX) {
        stop(r, ERR_INVALID, "a number is not an unsigned 32-bit integer");
        return 0;
    }
    return (uint32_t)n;
}

static int64_t signed_of(struct reader *r, const json_t *v)
{
    int64_t n = 0;
    double d;
    if (json_is_integer(v))
        return json_integer_value(v);
    if (json_is_string(v) && str_to_i64(raw_text(v), &n))
        return n;
    d = json_is_real(v) ? json_real_value(v) : (double)NAN;
    if (d >= -9223372036854775808.0 && d < 9223372036854775808.0 && d == floor(d))
        return (int64_t)d;
    stop(r, ERR_INVALID, "an intValue is not a 64-bit integer");
    return 0;
}

static double double_of(struct reader *r, const json_t *v)
{
    double d = 0;
    struct str s = raw_text(v);
    if (json_is_number(v))
        return json_number_value(v);
    if (str_eq(s, STR("NaN")))
        return (double)NAN;
    if (str_eq(s, STR("Infinity")))
        return (double)INFINITY;
    if (str_eq(s, STR("-Infinity")))
        return -(double)INFINITY;
    if (!json_is_string(v) || !str_to_double(s, &d))
        stop(r, ERR_INVALID, "a doubleValue is not a number");
    return d;
}

/* The value 0 to 63 of a base64 digit of either alphabet, or -1. */
static int base64_digit(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+' || c == '-')
        return 62;
    return c == '/' || c == '_' ? 63 : -1;
}

static struct str bytes_of(struct reader *r, const json_t *v)
{
    struct str s = raw_text(v);
    unsigned char *out;
    size_t n = 0;
    uint32_t bits = 0;
    while (s.n && s.p[s.n - 1] == '=')
        s.n--;
    out = arena_alloc(r->arena, s.n / 4 * 3 + 3);
    if (!out) {
        stop(r, ERR_NOMEM, "the request needs too much memory");
        return (struct str){NULL, 0};
    }
    for (size_t i = 0; i < s.n; i++) {
        int digit = base64_digit(s.p[i]);
        if (digit < 0) {
            stop(r, ERR_INVALID, "a bytesValue is not base64");
            return (struct str){NULL, 0};
        }
        bits = bits << 6 | (uint32_t)digit;
        if (i % 4 == 1)
            out[n++] = (unsigned char)(bits >> 4);
        else if (i % 4 == 2)
            out[n++] = (unsigned char)(bits >> 2);
        else if (i % 4 == 3)
            out[n++] = (unsigned char)bits;
    }
    if (!json_is_string(v) || s.n % 4 == 1)
        stop(r, ERR_INVALID, "a bytesValue is not base64");
    return str_make(out, n);
}

/* The elements of an array member in the arena, cleared; *count is 0 when it is absent or empty. */
static void *list_of(struct reader *r, const json_t *v, size_t size, uint32_t *count)
{
    size_t n = json_array_size(v);
    void *items;
    *count = 0;
    if (!v)
        return NULL;
    if (!json_is_array(v) || n > UINT32_MAX) {
        stop(r, ERR_INVALID, "a list member is not an array");
        return NULL;
    }
    if (n == 0)
        return NULL;
    items = arena_calloc(r->arena, n, size);
    if (!items) {
        stop(r, ERR_NOMEM, "the request needs too much memory");
        return NULL;
    }
    *count = (uint32_t)n;
    return items;
}

static void read_value(struct reader *r, const json_t *object, unsigned depth, struct value *ret);

static struct attrs attrs_of(struct reader *r, const json_t *v, unsigned depth)
{
    struct attrs attrs;
    attrs.items = list_of(r, v, sizeof *attrs.items, &attrs.count);
    for (uint32_t i = 0; i < attrs.count; i++) {
        const json_t *object = json_array_get(v, i);
        attrs.items[i].key = text(r, member(object, "key", NULL));
        read_value(r, member(object, "value", NULL), depth, &attrs.items[i].value);
    }
    return attrs;
}

static void read_array(struct reader *r, const json_t *object, unsigned depth, struct value *ret)
{
    const json_t *values = member(object, "values", NULL);
    ret->array.items = list_of(r, values, sizeof(struct value), &ret->array.count);
    for (uint32_t i = 0; i < ret->array.count; i++)
        read_value(r, json_array_get(values, i), depth + 1, &ret->array.items[i]);
}

static void read_value(struct reader *r, const json_t *object, unsigned depth, struct value *ret)
{
    const json_t *v;
    memset(ret, 0, sizeof *ret);
    if (!object || r->code)
        return;
    if (!json_is_object(object)) {
        stop(r, ERR_INVALID,
             "an attribute's value is not an object such as {\"stringValue\":\"x\"}");
        return;
    }
    if ((v = member(object, "stringValue", "string_value"))) {
        ret->type = VALUE_STRING;
        ret->string = text(r, v);
    } else if ((v = member(object, "boolValue", "bool_value"))) {
        ret->type = VALUE_BOOL;
        ret->boolean = json_is_true(v);
        if (!json_is_boolean(v))
            stop(r, ERR_INVALID, "a boolValue is neither true nor false");
    } else if ((v = member(object, "intValue", "int_value"))) {
        ret->type = VALUE_INT;
        ret->integer = signed_of(r, v);
    } else if ((v = member(object, "doubleValue", "double_value"))) {
        ret->type = VALUE_DOUBLE;
        ret->number = double_of(r, v);
    } else if ((v = member(object, "bytesValue", "bytes_value"))) {
        ret->type = VALUE_BYTES;
        ret->string = bytes_of(r, v);
    } else if (depth >= r->limits.value_depth_max &&
               (member(object, "arrayValue", "array_value") ||
                member(object, "kvlistValue", "kvlist_value"))) {
        stop(r, ERR_TOO_LARGE, "attribute values are nested too deeply");
    } else if ((v = member(object, "arrayValue", "array_value"))) {
        ret->type = VALUE_ARRAY;
        read_array(r, v, depth, ret);
    } else if ((v = member(object, "kvlistValue", "kvlist_value"))) {
        ret->type = VALUE_KVLIST;
        ret->kvlist = attrs_of(r, member(v, "values", NULL), depth + 1);
    }
}

/* False when the id is there but not 2 * size hexadecimal digits; absent and "" give zeros. */
static bool read_id(const json_t *v, uint8_t *id, size_t size)
{
    memset(id, 0, size);
    if (!v || (json_is_string(v) && json_string_length(v) == 0))
        return true;
    return hex_decode(id, size, raw_text(v));
}

static enum span_kind kind_of(struct reader *r, const json_t *v)
{
    static const struct str prefix = STR_INIT("SPAN_KIND_");
    enum span_kind kind = SPAN_KIND_UNSPECIFIED;
    struct str name = raw_text(v);
    uint64_t n;
    if (str_starts(name, prefix) && span_kind_parse(str_from(name, prefix.n), &kind))
        return kind;
    n = unsigned_of(r, v);
    return n <= SPAN_KIND_CONSUMER ? (enum span_kind)n : SPAN_KIND_UNSPECIFIED;
}

static enum status_code status_of(struct reader *r, const json_t *v)
{
    static const struct str names[] = {STR_INIT("STATUS_CODE_UNSET"), STR_INIT("STATUS_CODE_OK"),
                                       STR_INIT("STATUS_CODE_ERROR")};
    uint64_t n;
    for (int i = 0; i < 3; i++) {
        if (str_eq(raw_text(v), names[i]))
            return (enum status_code)i;
    }
    n = unsigned_of(r, v);
    return n <= STATUS_ERROR ? (enum status_code)n : STATUS_UNSET;
}

static void read_events(struct reader *r, const json_t *v, struct span *s)
{
    s->events = list_of(r, v, sizeof *s->events, &s->event_count);
    for (uint32_t i = 0; i < s->event_count; i++) {
        const json_t *o = json_array_get(v, i);
        struct span_event *e = &s->events[i];
        e->time_ns = unsigned_of(r, member(o, "timeUnixNano", "time_unix_nano"));
        e->name = text(r, member(o, "name", NULL));
        e->attrs = attrs_of(r, member(o, "attributes", NULL), 0);
        e->dropped_attributes_count =
            u32(r, member(o, "droppedAttributesCount", "dropped_attributes_count"));
    }
}

static void read_links(struct reader *r, const json_t *v, struct span *s)
{
    s->links = list_of(r, v, sizeof *s->links, &s->link_count);
    for (uint32_t i = 0; i < s->link_count; i++) {
        const json_t *o = json_array_get(v, i);
        struct span_link *l = &s->links[i];
        if (!read_id(member(o, "traceId", "trace_id"), l->trace_id.bytes, TRACE_ID_BYTES))
            memset(&l->trace_id, 0, sizeof l->trace_id);
        if (!read_id(member(o, "spanId", "span_id"), l->span_id.bytes, SPAN_ID_BYTES))
            memset(&l->span_id, 0, sizeof l->span_id);
        l->trace_state = text(r, member(o, "traceState", "trace_state"));
        l->attrs = attrs_of(r, member(o, "attributes", NULL), 0);
        l->dropped_attributes_count =
            u32(r, member(o, "droppedAttributesCount", "dropped_attributes_count"));
        l->flags = u32(r, member(o, "flags", NULL));
    }
}

/* NULL, or why the ids of this span refuse it. */
static const char *read_ids(const json_t *o, struct span *s)
{
    if (!read_id(member(o, "traceId", "trace_id"), s->trace_id.bytes, TRACE_ID_BYTES) ||
        trace_id_is_zero(s->trace_id))
        return "a span's traceId is all zero or not 32 hexadecimal digits";
    if (!read_id(member(o, "spanId", "span_id"), s->span_id.bytes, SPAN_ID_BYTES) ||
        span_id_is_zero(s->span_id))
        return "a span's spanId is all zero or not 16 hexadecimal digits";
    if (!read_id(member(o, "parentSpanId", "parent_span_id"), s->parent_span_id.bytes,
                 SPAN_ID_BYTES))
        return "a span's parentSpanId is not 16 hexadecimal digits";
    return NULL;
}

static void read_span(struct reader *r, const json_t *o, struct span *s)
{
    const json_t *status = member(o, "status", NULL);
    s->trace_state = text(r, member(o, "traceState", "trace_state"));
    s->flags = u32(r, member(o, "flags", NULL));
    s->name = text(r, member(o, "name", NULL));
    s->kind = kind_of(r, member(o, "kind", NULL));
    s->start_ns = unsigned_of(r, member(o, "startTimeUnixNano", "start_time_unix_nano"));
    s->end_ns = unsigned_of(r, member(o, "endTimeUnixNano", "end_time_unix_nano"));
    s->attrs = attrs_of(r, member(o, "attributes", NULL), 0);
    s->dropped_attributes_count =
        u32(r, member(o, "droppedAttributesCount", "dropped_attributes_count"));
    read_events(r, member(o, "events", NULL), s);
    s->dropped_events_count = u32(r, member(o, "droppedEventsCount", "dropped_events_count"));
    read_links(r, member(o, "links", NULL), s);
    s->dropped_links_count = u32(r, member(o, "droppedLinksCount", "dropped_links_count"));
    s->status_message = text(r, member(status, "message", NULL));
    s->status_code = status_of(r, member(status, "code", NULL));
}

static void push_span(struct reader *r, const json_t *o, const struct resource *resource,
                      const struct scope *scope)
{
    struct span_batch *b = r->batch;
    const char *fault;
    struct span *s =
        arena_grow(r->arena, b->spans, b->span_count, &r->span_cap, b->span_count + 1, sizeof *s);
    if (!s) {
        stop(r, ERR_NOMEM, "the request needs too much memory");
        return;
    }
    b->spans = s;
    if (!json_is_object(o)) {
        stop(r, ERR_INVALID, "a span is not an object");
        return;
    }
    if (b->span_count + b->rejected_spans >= r->limits.spans_max) {
        stop(r, ERR_TOO_LARGE, "too many spans in one request");
        return;
    }
    s += b->span_count;
    memset(s, 0, sizeof *s);
    s->resource = resource;
    s->scope = scope;
    fault = read_ids(o, s);
    if (fault) {
        if (b->rejected_spans++ == 0)
            b->rejected_reason = fault;
        return;
    }
    read_span(r, o, s);
    b->span_count++;
}

static void read_scope_spans(struct reader *r, const json_t *o, const struct resource *resource)
{
    const json_t *spans = member(o, "spans", NULL), *scope_object = member(o, "scope", NULL);
    struct scope *scope = arena_calloc(r->arena, 1, sizeof *scope);
    if (!scope) {
        stop(r, ERR_NOMEM, "the request needs too much memory");
        return;
    }
    scope->name = text(r, member(scope_object, "name", NULL));
    scope->version = text(r, member(scope_object, "version", NULL));
    scope->attrs = attrs_of(r, member(scope_object, "attributes", NULL), 0);
    scope->dropped_attributes_count =
        u32(r, member(scope_object, "droppedAttributesCount", "dropped_attributes_count"));
    scope->schema_url = text(r, member(o, "schemaUrl", "schema_url"));
    if (spans && !json_is_array(spans))
        stop(r, ERR_INVALID, "\"spans\" is not an array");
    for (size_t i = 0; i < json_array_size(spans) && r->code == 0; i++)
        push_span(r, json_array_get(spans, i), resource, scope);
}

static void read_resource_spans(struct reader *r, const json_t *o)
{
    const json_t *list = member(o, "scopeSpans", "scope_spans");
    const json_t *resource_object = member(o, "resource", NULL);
    struct resource *resource = arena_calloc(r->arena, 1, sizeof *resource);
    if (!resource) {
        stop(r, ERR_NOMEM, "the request needs too much memory");
        return;
    }
    resource->attrs = attrs_of(r, member(resource_object, "attributes", NULL), 0);
    resource->dropped_attributes_count =
        u32(r, member(resource_object, "droppedAttributesCount", "dropped_attributes_count"));
    resource->schema_url = text(r, member(o, "schemaUrl", "schema_url"));
    resource->service_name = attrs_get_string(&resource->attrs, STR(SEMCONV_SERVICE_NAME));
    if (list && !json_is_array(list))
        stop(r, ERR_INVALID, "\"scopeSpans\" is not an array");
    for (size_t i = 0; i < json_array_size(list) && r->code == 0; i++)
        read_scope_spans(r, json_array_get(list, i), resource);
}

static void read_request(struct reader *r, const json_t *root)
{
    const json_t *list = member(root, "resourceSpans", "resource_spans");
    if (!json_is_object(root))
        stop(r, ERR_INVALID, "the body is not a JSON object with \"resourceSpans\"");
    else if (list && !json_is_array(list))
        stop(r, ERR_INVALID, "\"resourceSpans\" is not an array");
    for (size_t i = 0; i < json_array_size(list) && r->code == 0; i++)
        read_resource_spans(r, json_array_get(list, i));
}

int otlp_json_decode(struct str input, const struct otlp_limits *limits, struct arena *arena,
                     struct span_batch *ret, struct err *err)
{
    static const struct otlp_limits standard = OTLP_LIMITS_DEFAULT;
    struct span_batch batch = {0};
    struct reader r = {.arena = arena, .limits = standard, .batch = &batch};
    json_error_t error;
    json_t *root = json_loadb(input.p ? input.p : "", input.n, JSON_ALLOW_NUL, &error);
    if (limits && limits->spans_max)
        r.limits.spans_max = limits->spans_max;
    if (limits && limits->value_depth_max)
        r.limits.value_depth_max = limits->value_depth_max;
    if (!root) {
        size_t offset = error.position > 0 ? (size_t)error.position : 0;
        return err_at(err, ERR_INVALID, offset, "not JSON at byte %zu: %.150s", offset, error.text);
    }
    read_request(&r, root);
    json_decref(root);
    if (r.code)
        return err_set(err, r.code, "%s", r.why);
    *ret = batch;
    return 0;
}
