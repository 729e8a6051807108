/* jaeger_json_read.c - processes first, then the spans that name them; the text is walked twice for that. */
#include "wire/jaeger_json.h"
#include "wire/jaeger_map.h"

struct process {
    struct str id;
    const struct resource *resource;
};

struct decode {
    struct json_reader r;
    struct arena *arena;
    struct jaeger_map map;
    struct process *processes; /* of the trace at hand */
    size_t process_count, process_cap;
};

/* ---- Tags ---- */

static int base64_digit(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) : -1;
}

static struct str base64_bytes(struct arena *arena, struct str text)
{
    unsigned char *out = arena_alloc(arena, text.n / 4 * 3 + 3);
    uint32_t word = 0, bits = 0;
    size_t n = 0;
    for (size_t i = 0; out && i < text.n && base64_digit(text.p[i]) >= 0; i++) {
        word = word << 6 | (uint32_t)base64_digit(text.p[i]);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out[n++] = (unsigned char)(word >> bits);
        }
    }
    return str_make(out, n);
}

/* The value as JSON has it; the tag's type settles what JSON cannot say. */
static struct value read_value(struct decode *d)
{
    struct value v = {.type = VALUE_EMPTY};
    struct str text;
    switch (json_peek(&d->r)) {
    case JSON_STRING_KIND:
        v.type = VALUE_STRING;
        v.string = build_string(&d->r);
        break;
    case JSON_BOOL_KIND:
        v.type = VALUE_BOOL;
        v.boolean = json_read_bool(&d->r);
        break;
    case JSON_NUMBER_KIND:
        text = json_read_number(&d->r);
        v.type = str_to_i64(text, &v.integer) ? VALUE_INT : VALUE_DOUBLE;
        if (v.type == VALUE_DOUBLE && !str_to_double(text, &v.number))
            json_read_fail(&d->r, "not a number");
        break;
    default: json_read_skip(&d->r); break;
    }
    return v;
}

static void settle(struct decode *d, struct str type, struct value *v)
{
    if (str_eq(type, STR("float64")) && v->type == VALUE_INT)
        *v = (struct value){.type = VALUE_DOUBLE, .number = (double)v->integer};
    else if (str_eq(type, STR("float64")) && v->type == VALUE_STRING &&
             str_to_double(v->string, &v->number))
        v->type = VALUE_DOUBLE;
    else if (str_eq(type, STR("int64")) && v->type == VALUE_STRING &&
             str_to_i64(v->string, &v->integer))
        v->type = VALUE_INT;
    else if (str_eq(type, STR("bool")) && v->type == VALUE_STRING)
        *v = (struct value){.type = VALUE_BOOL, .boolean = str_eq(v->string, STR("true"))};
    else if (str_eq(type, STR("binary")) && v->type == VALUE_STRING)
        *v = (struct value){.type = VALUE_BYTES, .string = base64_bytes(d->arena, v->string)};
}

static void read_tag(struct decode *d, struct attr_list *tags)
{
    struct str key, name = {NULL, 0}, type = {NULL, 0};
    struct value v = {.type = VALUE_EMPTY};
    struct attr *tag;
    if (!json_read_object(&d->r))
        return;
    while (json_read_member(&d->r, &key)) {
        if (str_eq(key, STR("key")))
            name = build_string(&d->r);
        else if (str_eq(key, STR("type")))
            type = build_string(&d->r);
        else if (str_eq(key, STR("value")))
            v = read_value(d);
        else
            json_read_skip(&d->r);
    }
    settle(d, type, &v);
    if ((tag = attr_list_add(tags, d->arena, name)))
        tag->value = v;
}

/* Where Jaeger has nothing to list it may write null. */
static bool begin_list(struct decode *d)
{
    if (json_peek(&d->r) == JSON_NULL_KIND) {
        json_read_null(&d->r);
        return false;
    }
    return json_read_array(&d->r);
}

static void read_tags(struct decode *d, struct attr_list *tags)
{
    if (!begin_list(d))
        return;
    while (json_read_element(&d->r))
        read_tag(d, tags);
}

/* ---- Processes ---- */

static void read_process(struct decode *d, struct str id)
{
    struct attr_list tags = {0};
    struct str key, name = {NULL, 0};
    struct process *grown;
    if (!json_read_object(&d->r))
        return;
    while (json_read_member(&d->r, &key)) {
        if (str_eq(key, STR("serviceName")))
            name = build_string(&d->r);
        else if (str_eq(key, STR("tags")))
            read_tags(d, &tags);
        else
            json_read_skip(&d->r);
    }
    grown = arena_grow(d->arena, d->processes, d->process_count, &d->process_cap,
                       d->process_count + 1, sizeof *grown);
    if (!grown)
        return;
    d->processes = grown;
    grown[d->process_count++] =
        (struct process){arena_str(d->arena, id), jaeger_map_process(&d->map, name, &tags)};
}

/* Looks ahead for the trace's processes: they stand behind its spans. */
static void find_processes(struct decode *d)
{
    struct json_reader saved = d->r;
    struct str key, id;
    d->processes = NULL;
    d->process_count = d->process_cap = 0;
    if (!json_read_object(&d->r))
        return;
    while (json_read_member(&d->r, &key)) {
        if (!str_eq(key, STR("processes")) || json_peek(&d->r) != JSON_OBJECT_KIND) {
            json_read_skip(&d->r);
            continue;
        }
        if (json_read_object(&d->r)) {
            while (json_read_member(&d->r, &id))
                read_process(d, id);
        }
    }
    if (!d->r.why)
        d->r = saved;
}

static const struct resource *resource_of(const struct decode *d, struct str id)
{
    static const struct resource none;
    for (size_t i = 0; i < d->process_count; i++) {
        if (str_eq(d->processes[i].id, id))
            return d->processes[i].resource;
    }
    return &none;
}

/* ---- Spans ---- */

static void read_log(struct decode *d, struct event_list *events)
{
    struct span_event *e = event_list_add(events, d->arena), ignored = {0};
    struct attr_list fields = {0};
    struct str key;
    if (!e)
        e = &ignored;
    if (!json_read_object(&d->r))
        return;
    while (json_read_member(&d->r, &key)) {
        if (str_eq(key, STR("timestamp")))
            e->time_ns = build_micros(&d->r);
        else if (str_eq(key, STR("fields")))
            read_tags(d, &fields);
        else
            json_read_skip(&d->r);
    }
    e->attrs = attr_list_done(&fields);
}

/* Jaeger's own words about the span; its model in OpenTelemetry has them as this attribute. */
static void read_warnings(struct decode *d, struct attr_list *tags)
{
    struct value *items = NULL;
    size_t count = 0, cap = 0;
    struct attr *tag;
    if (!begin_list(d))
        return;
    while (json_read_element(&d->r)) {
        struct value *grown = arena_grow(d->arena, items, count, &cap, count + 1, sizeof *items);
        struct str text = build_string(&d->r);
        if (!grown)
            return;
        items = grown;
        items[count++] = (struct value){.type = VALUE_STRING, .string = text};
    }
    if (count && (tag = attr_list_add(tags, d->arena, STR("@jaeger@warnings"))))
        tag->value = (struct value){.type = VALUE_ARRAY, .array = {items, (uint32_t)count}};
}

static void read_reference(struct decode *d, struct jaeger_span *s)
{
    struct jaeger_ref ref = {0}, *place;
    struct str key;
    if (!json_read_object(&d->r))
        return;
    while (json_read_member(&d->r, &key)) {
        if (str_eq(key, STR("refType")))
            ref.child_of = str_eq(json_read_string(&d->r), STR("CHILD_OF"));
        else if (str_eq(key, STR("traceID")))
            build_trace_id(&d->r, &ref.trace_id);
        else if (str_eq(key, STR("spanID")))
            build_span_id(&d->r, &ref.span_id);
        else
            json_read_skip(&d->r);
    }
    if ((place = jaeger_ref_add(s, d->arena)))
        *place = ref;
}

static void read_references(struct decode *d, struct jaeger_span *s)
{
    if (!begin_list(d))
        return;
    while (json_read_element(&d->r))
        read_reference(d, s);
}

static void read_logs(struct decode *d, struct event_list *events)
{
    if (!begin_list(d))
        return;
    while (json_read_element(&d->r))
        read_log(d, events);
}

static void read_span(struct decode *d)
{
    struct jaeger_span s = {.resource = NULL};
    struct str key, process = {NULL, 0};
    if (!json_read_object(&d->r))
        return;
    while (json_read_member(&d->r, &key)) {
        if (str_eq(key, STR("traceID")))
            build_trace_id(&d->r, &s.trace_id);
        else if (str_eq(key, STR("spanID")))
            build_span_id(&d->r, &s.span_id);
        else if (str_eq(key, STR("parentSpanID")))
            build_span_id(&d->r, &s.parent_id);
        else if (str_eq(key, STR("operationName")))
            s.name = build_string(&d->r);
        else if (str_eq(key, STR("startTime")))
            s.start_ns = build_micros(&d->r);
        else if (str_eq(key, STR("duration")))
            s.duration_ns = build_micros(&d->r);
        else if (str_eq(key, STR("references")))
            read_references(d, &s);
        else if (str_eq(key, STR("tags")))
            read_tags(d, &s.tags);
        else if (str_eq(key, STR("logs")))
            read_logs(d, &s.logs);
        else if (str_eq(key, STR("warnings")))
            read_warnings(d, &s.tags);
        else if (str_eq(key, STR("processID")))
            process = build_string(&d->r);
        else
            json_read_skip(&d->r);
    }
    s.resource = resource_of(d, process);
    jaeger_map_add(&d->map, &s);
}

static void read_traces(struct decode *d);

static void read_trace(struct decode *d)
{
    struct str key;
    find_processes(d);
    if (!json_read_object(&d->r))
        return;
    while (json_read_member(&d->r, &key)) {
        if (str_eq(key, STR("data"))) {
            read_traces(d);
        } else if (str_eq(key, STR("spans")) && json_read_array(&d->r)) {
            while (json_read_element(&d->r))
                read_span(d);
        } else {
            json_read_skip(&d->r);
        }
    }
}

static void read_traces(struct decode *d)
{
    if (!begin_list(d))
        return;
    while (json_read_element(&d->r)) {
        if (json_peek(&d->r) != JSON_OBJECT_KIND)
            json_read_fail(&d->r, "a trace is an object");
        else
            read_trace(d);
    }
}

int jaeger_json_decode(struct str text, struct arena *arena, struct span_batch *ret,
                       struct err *err)
{
    struct decode d = {.r = json_reader_of(text, arena), .arena = arena, .map = {.arena = arena}};
    if (json_peek(&d.r) == JSON_ARRAY_KIND)
        read_traces(&d);
    else
        read_trace(&d);
    if (!json_read_end(&d.r))
        return err_at(err, d.r.no_memory ? ERR_NOMEM : ERR_INVALID, d.r.bad_at, "%s", d.r.why);
    return build_batch(&d.map.spans, arena, ret, err);
}
