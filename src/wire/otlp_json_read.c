/* otlp_json_read.c - OTLP/JSON to struct span_batch, one function per message, straight from the text.
 *
 * No tree is built: 8 MiB of "{}," would make one of 600 MiB, and reading it would take ten times as long. A message's function
 * asks for the next member that it knows; unknown ones and null are passed over. Lists of unknown length
 * are collected on a scratch stack and copied to the arena when they are complete. */
#include "wire/otlp_json.h"

#include <math.h>

#include "base/base64.h"
#include "base/buf.h"
#include "base/hex.h"
#include "base/json_reader.h"
#include "trace/semconv.h"

struct reader {
    struct json_reader json;
    struct arena *arena;
    struct buf scratch; /* items of the lists that are being read, the innermost on top */
    struct otlp_limits limits;
    struct span_batch *batch;
    size_t span_cap;
    int code; /* of an error that is not ERR_INVALID */
};

static void stop(struct reader *r, int code, const char *why)
{
    if (r->json.why)
        return;
    r->code = code;
    json_read_fail(&r->json, why);
}

static void invalid(struct reader *r, const char *why)
{
    stop(r, ERR_INVALID, why);
}

static void no_memory(struct reader *r)
{
    stop(r, ERR_NOMEM, "the request needs too much memory");
}

/* ---- members ---- */

/* Is key the snake_case spelling of the lowerCamelCase name? */
static bool is_snake_of(struct str key, struct str name)
{
    size_t k = 0;
    for (size_t i = 0; i < name.n; i++) {
        bool upper = name.p[i] >= 'A' && name.p[i] <= 'Z';
        if (k + upper >= key.n || (upper && key.p[k] != '_'))
            return false;
        k += upper;
        if (key.p[k++] != (upper ? name.p[i] + 32 : name.p[i]))
            return false;
    }
    return k == key.n;
}

/* The index of key among the names, or -1. Senders keep an order: the one behind the last found is tried first. */
static int find_name(struct str key, const struct str *names, int count, int last)
{
    for (int i = 0; i < count; i++) {
        int at = (last + 1 + i) % count;
        if (str_eq(key, names[at]))
            return at;
    }
    for (int i = 0; i < count; i++) {
        if (is_snake_of(key, names[i]))
            return i;
    }
    return -1;
}

/* Goes to the next member with one of these names and a value that is not null. *which starts at -1 and gets the name's
 * index; false at the object's end. */
static bool next_member(struct reader *r, const struct str *names, int count, int *which)
{
    struct str key;
    while (json_read_member(&r->json, &key)) {
        int at = find_name(key, names, count, *which);
        if (at >= 0 && json_peek(&r->json) != JSON_NULL_KIND) {
            *which = at;
            return true;
        }
        json_read_skip(&r->json);
    }
    return false;
}

#define NEXT(r, names, which) next_member(r, names, (int)(sizeof(names) / sizeof *(names)), which)

/* ---- scalars ---- */

static struct str text(struct reader *r)
{
    struct str s = json_read_string(&r->json);
    if (s.n == 0)
        return (struct str){NULL, 0};
    if (s.p < r->json.start || s.p >= r->json.end)
        return s; /* had escapes, is in the arena already */
    s = arena_str(r->arena, s);
    if (!s.p)
        no_memory(r);
    return s;
}

/* A number's text, bare or as a string. */
static struct str number_text(struct reader *r)
{
    return json_peek(&r->json) == JSON_STRING_KIND ? json_read_string(&r->json)
                                                   : json_read_number(&r->json);
}

static uint64_t unsigned_of(struct reader *r)
{
    struct str s = number_text(r);
    uint64_t n = 0;
    double d;
    if (s.n == 0 || str_to_u64(s, &n))
        return n;
    if (str_to_double(s, &d) && d >= 0 && d < 18446744073709551616.0 && d == (double)(uint64_t)d)
        return (uint64_t)d; /* 1.7e18, 5.0 */
    invalid(r, "a number is not an unsigned 64-bit integer");
    return 0;
}

static uint32_t u32(struct reader *r)
{
    uint64_t n = unsigned_of(r);
    if (n > UINT32_MAX) {
        invalid(r, "a number is not an unsigned 32-bit integer");
        return 0;
    }
    return (uint32_t)n;
}

static int64_t signed_of(struct reader *r)
{
    struct str s = number_text(r);
    int64_t n = 0;
    double d;
    if (str_to_i64(s, &n))
        return n;
    if (str_to_double(s, &d) && d >= -9223372036854775808.0 && d < 9223372036854775808.0 &&
        d == (double)(int64_t)d)
        return (int64_t)d;
    invalid(r, "an intValue is not a 64-bit integer");
    return 0;
}

static double double_of(struct reader *r)
{
    struct str s = number_text(r);
    double d = 0;
    if (str_eq(s, STR("NaN")))
        return (double)NAN;
    if (str_eq(s, STR("Infinity")))
        return (double)INFINITY;
    if (str_eq(s, STR("-Infinity")))
        return -(double)INFINITY;
    if (!str_to_double(s, &d) || isinf(d))
        invalid(r, "a doubleValue is not a number");
    return d;
}

static struct str bytes_of(struct reader *r)
{
    struct str s = json_read_string(&r->json);
    unsigned char *out = arena_alloc(r->arena, base64_room(s.n));
    ptrdiff_t n;
    if (!out) {
        no_memory(r);
        return (struct str){NULL, 0};
    }
    n = base64_decode(out, base64_room(s.n), s);
    if (n < 0)
        invalid(r, "a bytesValue is not base64");
    return str_make(out, n < 0 ? 0 : (size_t)n);
}

/* False when the id is there but not 2 * size hexadecimal digits; "" gives zeros. */
static bool read_id(struct reader *r, uint8_t *id, size_t size)
{
    struct str s;
    bool good;
    memset(id, 0, size);
    if (json_peek(&r->json) != JSON_STRING_KIND) {
        json_read_skip(&r->json);
        return false;
    }
    s = json_read_string(&r->json);
    good = s.n == 0 || hex_decode(id, size, s);
    if (!good)
        memset(id, 0, size);
    return good;
}

/* An enum as its number or as one of the names, which are in the order of the numbers; unknown numbers become 0. */
static unsigned enum_of(struct reader *r, const struct str *names, unsigned count)
{
    struct str s = number_text(r);
    uint64_t n = 0;
    for (unsigned i = 0; i < count; i++) {
        if (str_eq(s, names[i]))
            return i;
    }
    if (s.n && !str_to_u64(s, &n))
        invalid(r, "an enum is neither one of its names nor its number");
    return n < count ? (unsigned)n : 0;
}

/* ---- lists ---- */

static void push(struct reader *r, const void *item, size_t size)
{
    buf_put(&r->scratch, item, size);
    if (r->scratch.failed)
        no_memory(r);
}

/* The items pushed since the scratch stack was base bytes high, moved to the arena. */
static void *take(struct reader *r, size_t base, size_t size, uint32_t *count)
{
    size_t bytes = r->scratch.n - base;
    void *items = NULL;
    *count = 0;
    if (bytes / size > UINT32_MAX || (bytes && !(items = arena_alloc(r->arena, bytes))))
        no_memory(r);
    if (items) {
        memcpy(items, r->scratch.p + base, bytes);
        *count = (uint32_t)(bytes / size);
    }
    r->scratch.n = base;
    return items;
}

static struct value read_value(struct reader *r, unsigned depth);

static struct attr read_attr(struct reader *r, unsigned depth)
{
    static const struct str names[] = {STR_INIT("key"), STR_INIT("value")};
    struct attr a;
    int which = -1;
    memset(&a, 0, sizeof a);
    json_read_object(&r->json);
    while (NEXT(r, names, &which)) {
        if (which == 0)
            a.key = text(r);
        else
            a.value = read_value(r, depth);
    }
    return a;
}

static struct attrs read_attrs(struct reader *r, unsigned depth)
{
    size_t base = r->scratch.n;
    struct attrs attrs;
    json_read_array(&r->json);
    while (json_read_element(&r->json)) {
        struct attr a = read_attr(r, depth);
        push(r, &a, sizeof a);
    }
    attrs.items = take(r, base, sizeof *attrs.items, &attrs.count);
    return attrs;
}

/* ArrayValue and KeyValueList: an object with "values". */
static void read_list(struct reader *r, unsigned depth, struct value *v)
{
    static const struct str names[] = {STR_INIT("values")};
    int which = -1;
    if (depth >= r->limits.value_depth_max) {
        stop(r, ERR_TOO_LARGE, "attribute values are nested too deeply");
        return;
    }
    json_read_object(&r->json);
    while (NEXT(r, names, &which)) {
        size_t base = r->scratch.n;
        if (v->type == VALUE_KVLIST) {
            v->kvlist = read_attrs(r, depth + 1);
            continue;
        }
        json_read_array(&r->json);
        while (json_read_element(&r->json)) {
            struct value item = read_value(r, depth + 1);
            push(r, &item, sizeof item);
        }
        v->array.items = take(r, base, sizeof *v->array.items, &v->array.count);
    }
}

static struct value read_value(struct reader *r, unsigned depth)
{
    static const struct str names[] = {STR_INIT("stringValue"), STR_INIT("boolValue"),
                                       STR_INIT("intValue"),    STR_INIT("doubleValue"),
                                       STR_INIT("arrayValue"),  STR_INIT("kvlistValue"),
                                       STR_INIT("bytesValue")};
    struct value v;
    int which = -1;
    memset(&v, 0, sizeof v);
    json_read_object(&r->json);
    while (NEXT(r, names, &which)) {
        memset(&v, 0, sizeof v);
        v.type = (enum value_type)(which + 1); /* the names are in the order of the numbers */
        switch (v.type) {
        case VALUE_EMPTY: break;
        case VALUE_STRING: v.string = text(r); break;
        case VALUE_BOOL: v.boolean = json_read_bool(&r->json); break;
        case VALUE_INT: v.integer = signed_of(r); break;
        case VALUE_DOUBLE: v.number = double_of(r); break;
        case VALUE_ARRAY:
        case VALUE_KVLIST: read_list(r, depth, &v); break;
        case VALUE_BYTES: v.string = bytes_of(r); break;
        }
    }
    return v;
}

/* ---- spans ---- */

static struct span_event read_event(struct reader *r)
{
    static const struct str names[] = {STR_INIT("timeUnixNano"), STR_INIT("name"),
                                       STR_INIT("attributes"), STR_INIT("droppedAttributesCount")};
    struct span_event e;
    int which = -1;
    memset(&e, 0, sizeof e);
    json_read_object(&r->json);
    while (NEXT(r, names, &which)) {
        switch (which) {
        case 0: e.time_ns = unsigned_of(r); break;
        case 1: e.name = text(r); break;
        case 2: e.attrs = read_attrs(r, 0); break;
        default: e.dropped_attributes_count = u32(r); break;
        }
    }
    return e;
}

static struct span_link read_link(struct reader *r)
{
    static const struct str names[] = {STR_INIT("traceId"),    STR_INIT("spanId"),
                                       STR_INIT("traceState"), STR_INIT("attributes"),
                                       STR_INIT("flags"),      STR_INIT("droppedAttributesCount")};
    struct span_link l;
    int which = -1;
    memset(&l, 0, sizeof l);
    json_read_object(&r->json);
    while (NEXT(r, names, &which)) {
        switch (which) {
        /* an id of a wrong length in a link is kept as "none": the span itself is good */
        case 0: read_id(r, l.trace_id.bytes, TRACE_ID_BYTES); break;
        case 1: read_id(r, l.span_id.bytes, SPAN_ID_BYTES); break;
        case 2: l.trace_state = text(r); break;
        case 3: l.attrs = read_attrs(r, 0); break;
        case 4: l.flags = u32(r); break;
        default: l.dropped_attributes_count = u32(r); break;
        }
    }
    return l;
}

static void read_events(struct reader *r, struct span *s)
{
    size_t base = r->scratch.n;
    json_read_array(&r->json);
    while (json_read_element(&r->json)) {
        struct span_event e = read_event(r);
        push(r, &e, sizeof e);
    }
    s->events = take(r, base, sizeof *s->events, &s->event_count);
}

static void read_links(struct reader *r, struct span *s)
{
    size_t base = r->scratch.n;
    json_read_array(&r->json);
    while (json_read_element(&r->json)) {
        struct span_link l = read_link(r);
        push(r, &l, sizeof l);
    }
    s->links = take(r, base, sizeof *s->links, &s->link_count);
}

static void read_status(struct reader *r, struct span *s)
{
    static const struct str names[] = {STR_INIT("message"), STR_INIT("code")};
    static const struct str codes[] = {STR_INIT("STATUS_CODE_UNSET"), STR_INIT("STATUS_CODE_OK"),
                                       STR_INIT("STATUS_CODE_ERROR")};
    int which = -1;
    json_read_object(&r->json);
    while (NEXT(r, names, &which)) {
        if (which == 0)
            s->status_message = text(r);
        else
            s->status_code = (enum status_code)enum_of(r, codes, 3);
    }
}

static const struct str kinds[] = {
    STR_INIT("SPAN_KIND_UNSPECIFIED"), STR_INIT("SPAN_KIND_INTERNAL"),
    STR_INIT("SPAN_KIND_SERVER"),      STR_INIT("SPAN_KIND_CLIENT"),
    STR_INIT("SPAN_KIND_PRODUCER"),    STR_INIT("SPAN_KIND_CONSUMER")};

/* In the order in which most senders write them. */
enum span_member {
    TRACE_ID,
    SPAN_ID,
    TRACE_STATE,
    PARENT_SPAN_ID,
    FLAGS,
    NAME,
    KIND,
    START_TIME,
    END_TIME,
    ATTRIBUTES,
    DROPPED_ATTRIBUTES,
    EVENTS,
    DROPPED_EVENTS,
    LINKS,
    DROPPED_LINKS,
    STATUS,
};

static const struct str span_names[] = {
    [TRACE_ID] = STR_INIT("traceId"),
    [SPAN_ID] = STR_INIT("spanId"),
    [TRACE_STATE] = STR_INIT("traceState"),
    [PARENT_SPAN_ID] = STR_INIT("parentSpanId"),
    [FLAGS] = STR_INIT("flags"),
    [NAME] = STR_INIT("name"),
    [KIND] = STR_INIT("kind"),
    [START_TIME] = STR_INIT("startTimeUnixNano"),
    [END_TIME] = STR_INIT("endTimeUnixNano"),
    [ATTRIBUTES] = STR_INIT("attributes"),
    [DROPPED_ATTRIBUTES] = STR_INIT("droppedAttributesCount"),
    [EVENTS] = STR_INIT("events"),
    [DROPPED_EVENTS] = STR_INIT("droppedEventsCount"),
    [LINKS] = STR_INIT("links"),
    [DROPPED_LINKS] = STR_INIT("droppedLinksCount"),
    [STATUS] = STR_INIT("status"),
};

/* Returns why the ids refuse this span, or NULL. */
static const char *read_span(struct reader *r, struct span *s)
{
    bool trace_good = true, span_good = true, parent_good = true;
    int which = -1;
    json_read_object(&r->json);
    while (NEXT(r, span_names, &which)) {
        switch ((enum span_member)which) {
        case TRACE_ID: trace_good = read_id(r, s->trace_id.bytes, TRACE_ID_BYTES); break;
        case SPAN_ID: span_good = read_id(r, s->span_id.bytes, SPAN_ID_BYTES); break;
        case PARENT_SPAN_ID:
            parent_good = read_id(r, s->parent_span_id.bytes, SPAN_ID_BYTES);
            break;
        case TRACE_STATE: s->trace_state = text(r); break;
        case FLAGS: s->flags = u32(r); break;
        case NAME: s->name = text(r); break;
        case KIND: s->kind = (enum span_kind)enum_of(r, kinds, 6); break;
        case START_TIME: s->start_ns = unsigned_of(r); break;
        case END_TIME: s->end_ns = unsigned_of(r); break;
        case ATTRIBUTES: s->attrs = read_attrs(r, 0); break;
        case DROPPED_ATTRIBUTES: s->dropped_attributes_count = u32(r); break;
        case EVENTS: read_events(r, s); break;
        case DROPPED_EVENTS: s->dropped_events_count = u32(r); break;
        case LINKS: read_links(r, s); break;
        case DROPPED_LINKS: s->dropped_links_count = u32(r); break;
        case STATUS: read_status(r, s); break;
        }
    }
    if (!trace_good || trace_id_is_zero(s->trace_id))
        return "a span's traceId is all zero or not 32 hexadecimal digits";
    if (!span_good || span_id_is_zero(s->span_id))
        return "a span's spanId is all zero or not 16 hexadecimal digits";
    return parent_good ? NULL : "a span's parentSpanId is not 16 hexadecimal digits";
}

/* Appends the next span to the batch, or counts why not. */
static void push_span(struct reader *r, const struct resource *resource, const struct scope *scope)
{
    struct span_batch *b = r->batch;
    struct span *spans;
    const char *fault;
    if (b->span_count + b->rejected_spans >= r->limits.spans_max) {
        stop(r, ERR_TOO_LARGE, "too many spans in one request");
        return;
    }
    spans = arena_grow(r->arena, b->spans, b->span_count, &r->span_cap, b->span_count + 1,
                       sizeof *spans);
    if (!spans) {
        no_memory(r);
        return;
    }
    b->spans = spans;
    spans += b->span_count;
    memset(spans, 0, sizeof *spans);
    spans->resource = resource;
    spans->scope = scope;
    fault = read_span(r, spans);
    if (!fault)
        b->span_count++;
    else if (b->rejected_spans++ == 0)
        b->rejected_reason = fault;
}

/* ---- what spans share ---- */

static void read_scope(struct reader *r, struct scope *s)
{
    static const struct str names[] = {STR_INIT("name"), STR_INIT("version"),
                                       STR_INIT("attributes"), STR_INIT("droppedAttributesCount")};
    int which = -1;
    json_read_object(&r->json);
    while (NEXT(r, names, &which)) {
        switch (which) {
        case 0: s->name = text(r); break;
        case 1: s->version = text(r); break;
        case 2: s->attrs = read_attrs(r, 0); break;
        default: s->dropped_attributes_count = u32(r); break;
        }
    }
}

/* The scope may stand behind its spans: they point to it, and it is filled when it comes. */
static void read_scope_spans(struct reader *r, const struct resource *resource)
{
    static const struct str names[] = {STR_INIT("scope"), STR_INIT("spans"), STR_INIT("schemaUrl")};
    struct scope *scope = arena_calloc(r->arena, 1, sizeof *scope);
    int which = -1;
    if (!scope) {
        no_memory(r);
        return;
    }
    json_read_object(&r->json);
    while (NEXT(r, names, &which)) {
        switch (which) {
        case 0: read_scope(r, scope); break;
        case 1:
            json_read_array(&r->json);
            while (json_read_element(&r->json))
                push_span(r, resource, scope);
            break;
        default: scope->schema_url = text(r); break;
        }
    }
}

static void read_resource(struct reader *r, struct resource *res)
{
    static const struct str names[] = {STR_INIT("attributes"), STR_INIT("droppedAttributesCount")};
    int which = -1;
    json_read_object(&r->json);
    while (NEXT(r, names, &which)) {
        if (which == 0)
            res->attrs = read_attrs(r, 0);
        else
            res->dropped_attributes_count = u32(r);
    }
}

static void read_resource_spans(struct reader *r)
{
    static const struct str names[] = {STR_INIT("resource"), STR_INIT("scopeSpans"),
                                       STR_INIT("schemaUrl")};
    struct resource *resource = arena_calloc(r->arena, 1, sizeof *resource);
    int which = -1;
    if (!resource) {
        no_memory(r);
        return;
    }
    json_read_object(&r->json);
    while (NEXT(r, names, &which)) {
        switch (which) {
        case 0: read_resource(r, resource); break;
        case 1:
            json_read_array(&r->json);
            while (json_read_element(&r->json))
                read_scope_spans(r, resource);
            break;
        default: resource->schema_url = text(r); break;
        }
    }
    resource->service_name = attrs_get_string(&resource->attrs, STR(SEMCONV_SERVICE_NAME));
}

static void read_request(struct reader *r)
{
    static const struct str names[] = {STR_INIT("resourceSpans")};
    int which = -1;
    json_read_object(&r->json);
    while (NEXT(r, names, &which)) {
        json_read_array(&r->json);
        while (json_read_element(&r->json))
            read_resource_spans(r);
    }
    json_read_end(&r->json);
}

int otlp_json_decode(struct str input, const struct otlp_limits *limits, struct arena *arena,
                     struct span_batch *ret, struct err *err)
{
    static const struct otlp_limits standard = OTLP_LIMITS_DEFAULT;
    struct span_batch batch = {0};
    struct reader r = {
        .json = json_reader_of(input, arena), .arena = arena, .limits = standard, .batch = &batch};
    if (limits && limits->spans_max)
        r.limits.spans_max = limits->spans_max;
    if (limits && limits->value_depth_max)
        r.limits.value_depth_max = limits->value_depth_max;
    buf_init(&r.scratch, arena->max_bytes);
    read_request(&r);
    buf_release(&r.scratch);
    if (r.json.no_memory)
        r.code = ERR_NOMEM;
    if (r.json.why)
        return err_at(err, r.code ? r.code : ERR_INVALID, r.json.bad_at, "%s at byte %zu",
                      r.json.why, r.json.bad_at);
    *ret = batch;
    return 0;
}
