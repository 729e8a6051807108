/* jaeger_json_read.c - processes first, then the spans that name them; the text is walked twice for that. */
#include "trace/semconv.h"
#include "wire/jaeger_json.h"
#include "wire/span_build.h"

struct process {
    struct str id;
    struct resource resource;
};

struct decode {
    struct json_reader r;
    struct arena *arena;
    struct span_list spans;
    struct process *processes; /* of the trace at hand */
    size_t process_count, process_cap;
    struct scope_list scopes;
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

static void read_tags(struct decode *d, struct attr_list *tags)
{
    if (json_peek(&d->r) == JSON_NULL_KIND) {
        json_read_null(&d->r);
        return;
    }
    if (!json_read_array(&d->r))
        return;
    while (json_read_element(&d->r))
        read_tag(d, tags);
}

/* ---- Processes ---- */

static void read_process(struct decode *d, struct str id)
{
    struct attr_list attrs = {0};
    struct str key, name = {NULL, 0};
    struct process *grown;
    attr_list_add_string(&attrs, d->arena, STR(SEMCONV_SERVICE_NAME), name);
    if (!json_read_object(&d->r))
        return;
    while (json_read_member(&d->r, &key)) {
        if (str_eq(key, STR("serviceName")))
            name = build_string(&d->r);
        else if (str_eq(key, STR("tags")))
            read_tags(d, &attrs);
        else
            json_read_skip(&d->r);
    }
    grown = arena_grow(d->arena, d->processes, d->process_count, &d->process_cap,
                       d->process_count + 1, sizeof *grown);
    if (!grown || !attrs.items)
        return;
    attrs.items[0].value.string = name;
    d->processes = grown;
    grown[d->process_count++] = (struct process){
        arena_str(d->arena, id), {.attrs = attr_list_done(&attrs), .service_name = name}};
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
            return &d->processes[i].resource;
    }
    return &none;
}

/* ---- Spans ---- */

static bool is_true(const struct value *v)
{
    return (v->type == VALUE_BOOL && v->boolean) ||
           (v->type == VALUE_STRING && str_eq(v->string, STR("true")));
}

/* Tags that are members here; true: it is not kept as an attribute. */
static bool take_tag(struct span *s, const struct attr *a, struct scope *scope)
{
    bool text = a->value.type == VALUE_STRING;
    if (str_eq(a->key, STR("span.kind")) && text)
        return span_kind_parse(a->value.string, &s->kind);
    if (str_eq(a->key, STR("otel.status_code")) && text) {
        bool ok = str_eq(a->value.string, STR("OK"));
        if (!ok && !str_eq(a->value.string, STR("ERROR")))
            return false;
        s->status_code = ok ? STATUS_OK : STATUS_ERROR;
        return true;
    }
    if (str_eq(a->key, STR("error")) && is_true(&a->value)) {
        if (s->status_code == STATUS_UNSET)
            s->status_code = STATUS_ERROR;
        return true;
    }
    if (str_eq(a->key, STR("otel.status_description")) && text)
        s->status_message = a->value.string;
    else if (str_eq(a->key, STR("otel.scope.name")) && text)
        scope->name = a->value.string;
    else if (str_eq(a->key, STR("otel.scope.version")) && text)
        scope->version = a->value.string;
    else if (str_eq(a->key, STR("w3c.tracestate")) && text)
        s->trace_state = a->value.string;
    else
        return false;
    return true;
}

static void take_tags(struct decode *d, struct span *s, struct attr_list *tags)
{
    struct scope scope = {.name = {NULL, 0}};
    size_t kept = 0;
    for (size_t i = 0; i < tags->count; i++) {
        if (!take_tag(s, &tags->items[i], &scope))
            tags->items[kept++] = tags->items[i];
    }
    tags->count = kept;
    s->attrs = attr_list_done(tags);
    s->scope = scope_list_get(&d->scopes, d->arena, scope.name, scope.version);
}

static void read_log(struct decode *d, struct event_list *events)
{
    struct span_event *e = event_list_add(events, d->arena), ignored = {0};
    struct attr_list fields = {0};
    struct str key;
    size_t kept = 0;
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
    for (size_t i = 0; i < fields.count; i++) {
        const struct attr *a = &fields.items[i];
        if (!e->name.n && str_eq(a->key, STR("event")) && a->value.type == VALUE_STRING)
            e->name = a->value.string;
        else
            fields.items[kept++] = *a;
    }
    fields.count = kept;
    e->attrs = attr_list_done(&fields);
}

/* Jaeger's own words about the span; its model in OpenTelemetry has them as this attribute. */
static void read_warnings(struct decode *d, struct attr_list *tags)
{
    struct value *items = NULL;
    size_t count = 0, cap = 0;
    struct attr *tag;
    if (json_peek(&d->r) == JSON_NULL_KIND) {
        json_read_null(&d->r);
        return;
    }
    if (!json_read_array(&d->r))
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

struct reference {
    bool child_of;
    struct trace_id trace;
    struct span_id span;
};

static struct reference read_reference(struct decode *d)
{
    struct reference ref = {0};
    struct str key;
    if (!json_read_object(&d->r))
        return ref;
    while (json_read_member(&d->r, &key)) {
        if (str_eq(key, STR("refType")))
            ref.child_of = str_eq(json_read_string(&d->r), STR("CHILD_OF"));
        else if (str_eq(key, STR("traceID")))
            build_trace_id(&d->r, &ref.trace);
        else if (str_eq(key, STR("spanID")))
            build_span_id(&d->r, &ref.span);
        else
            json_read_skip(&d->r);
    }
    return ref;
}

/* The first reference of the same trace is the parent, a CHILD_OF before a FOLLOWS_FROM; the others are links. */
static void read_references(struct decode *d, struct span *s, struct link_list *links)
{
    struct reference ref;
    if (json_peek(&d->r) == JSON_NULL_KIND) {
        json_read_null(&d->r);
        return;
    }
    if (!json_read_array(&d->r))
        return;
    while (json_read_element(&d->r)) {
        struct span_link *link;
        ref = read_reference(d);
        if (span_id_is_zero(s->parent_span_id) && trace_id_eq(ref.trace, s->trace_id) &&
            (ref.child_of || links->count == 0)) {
            s->parent_span_id = ref.span;
            continue;
        }
        if ((link = link_list_add(links, d->arena))) {
            link->trace_id = ref.trace;
            link->span_id = ref.span;
        }
    }
}

static void read_logs(struct decode *d, struct event_list *events)
{
    if (json_peek(&d->r) == JSON_NULL_KIND) {
        json_read_null(&d->r);
        return;
    }
    if (!json_read_array(&d->r))
        return;
    while (json_read_element(&d->r))
        read_log(d, events);
}

static void read_span(struct decode *d)
{
    struct span s = {.scope = NULL}, *place;
    struct attr_list tags = {0};
    struct event_list events = {0};
    struct link_list links = {0};
    struct str key, process = {NULL, 0};
    uint64_t duration = 0;
    if (!json_read_object(&d->r))
        return;
    while (json_read_member(&d->r, &key)) {
        if (str_eq(key, STR("traceID")))
            build_trace_id(&d->r, &s.trace_id);
        else if (str_eq(key, STR("spanID")))
            build_span_id(&d->r, &s.span_id);
        else if (str_eq(key, STR("parentSpanID")))
            build_span_id(&d->r, &s.parent_span_id);
        else if (str_eq(key, STR("operationName")))
            s.name = build_string(&d->r);
        else if (str_eq(key, STR("startTime")))
            s.start_ns = build_micros(&d->r);
        else if (str_eq(key, STR("duration")))
            duration = build_micros(&d->r);
        else if (str_eq(key, STR("references")))
            read_references(d, &s, &links);
        else if (str_eq(key, STR("tags")))
            read_tags(d, &tags);
        else if (str_eq(key, STR("logs")))
            read_logs(d, &events);
        else if (str_eq(key, STR("warnings")))
            read_warnings(d, &tags);
        else if (str_eq(key, STR("processID")))
            process = build_string(&d->r);
        else
            json_read_skip(&d->r);
    }
    s.end_ns = s.start_ns + duration;
    take_tags(d, &s, &tags);
    s.events = events.items;
    s.event_count = (uint32_t)events.count;
    s.links = links.items;
    s.link_count = (uint32_t)links.count;
    s.resource = resource_of(d, process);
    if ((place = span_list_add(&d->spans, d->arena)))
        *place = s;
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
    if (json_peek(&d->r) == JSON_NULL_KIND) {
        json_read_null(&d->r);
        return;
    }
    if (!json_read_array(&d->r))
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
    struct decode d = {.r = json_reader_of(text, arena), .arena = arena};
    if (json_peek(&d.r) == JSON_ARRAY_KIND)
        read_traces(&d);
    else
        read_trace(&d);
    if (!json_read_end(&d.r))
        return err_at(err, d.r.no_memory ? ERR_NOMEM : ERR_INVALID, d.r.bad_at, "%s", d.r.why);
    return build_batch(&d.spans, arena, ret) < 0 ? err_set(err, ERR_NOMEM, "out of memory") : 0;
}
