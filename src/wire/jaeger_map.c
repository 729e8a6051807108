/* jaeger_map.c - what a tag means is a row; status, references and logs are a function each. */
#include "wire/jaeger_map.h"

#include "trace/semconv.h"

#define NO_SERVICE \
    "OTLPResourceNoServiceName" /* what Jaeger calls a process without any attribute */

struct jaeger_ref *jaeger_ref_add(struct jaeger_span *s, struct arena *arena)
{
    struct jaeger_ref *grown =
        arena_grow(arena, s->refs, s->ref_count, &s->ref_cap, s->ref_count + 1, sizeof *grown);
    if (!grown)
        return NULL;
    s->refs = grown;
    grown[s->ref_count] = (struct jaeger_ref){0};
    return &grown[s->ref_count++];
}

/* ---- Processes ---- */

const struct resource *jaeger_map_process(struct jaeger_map *m, struct str service,
                                          const struct attr_list *tags)
{
    struct attr_list attrs = {0};
    struct attr *a;
    if (service.n && !(tags->count == 0 && str_eq(service, STR(NO_SERVICE))))
        attr_list_add_string(&attrs, m->arena, STR(SEMCONV_SERVICE_NAME), service);
    for (size_t i = 0; i < tags->count; i++) {
        const struct attr *tag = &tags->items[i];
        struct str key = tag->key;
        bool text = tag->value.type == VALUE_STRING;
        if (str_eq(key, STR("hostname")))
            key = STR(SEMCONV_HOST_NAME);
        else if (text && str_eq(key, STR("jaeger.version")))
            key = STR("opencensus.exporterversion");
        if (!(a = attr_list_add(&attrs, m->arena, key)))
            continue;
        a->value = tag->value;
        if (text && str_eq(tag->key, STR("jaeger.version")))
            a->value.string = arena_printf(m->arena, "Jaeger-%.*s", STR_ARG(tag->value.string));
    }
    return unique_resource(&m->resources, m->arena, attr_list_done(&attrs));
}

/* ---- Tags ---- */

/* A span on its way. */
struct target {
    struct span span;
    struct scope scope;
    bool is_error;           /* error=true */
    struct str http_message; /* http.status_message */
    int64_t http_status;     /* 0 = none */
};

static bool is_true(const struct value *v)
{
    return (v->type == VALUE_BOOL && v->boolean) ||
           (v->type == VALUE_STRING && str_eq_nocase(v->string, STR("true")));
}

static struct str text_of(const struct value *v)
{
    return v->type == VALUE_STRING ? v->string : (struct str){NULL, 0};
}

static bool take_kind(struct target *t, const struct value *v)
{
    return span_kind_parse(text_of(v), &t->span.kind);
}

static bool take_status(struct target *t, const struct value *v)
{
    bool ok = str_eq(text_of(v), STR("OK"));
    if (!ok && !str_eq(text_of(v), STR("ERROR")))
        return false;
    t->span.status_code = ok ? STATUS_OK : STATUS_ERROR;
    return true;
}

static bool take_error(struct target *t, const struct value *v)
{
    t->is_error = is_true(v);
    return t->is_error;
}

static bool take_message(struct target *t, const struct value *v)
{
    t->span.status_message = text_of(v);
    return v->type == VALUE_STRING;
}

static bool take_scope_name(struct target *t, const struct value *v)
{
    t->scope.name = text_of(v);
    return v->type == VALUE_STRING;
}

static bool take_scope_version(struct target *t, const struct value *v)
{
    t->scope.version = text_of(v);
    return v->type == VALUE_STRING;
}

static bool take_trace_state(struct target *t, const struct value *v)
{
    t->span.trace_state = text_of(v);
    return v->type == VALUE_STRING;
}

/* These two are looked at, and stay attributes. */
static bool see_http_status(struct target *t, const struct value *v)
{
    if (v->type == VALUE_INT)
        t->http_status = v->integer;
    else
        (void)str_to_i64(text_of(v), &t->http_status);
    return false;
}

static bool see_http_message(struct target *t, const struct value *v)
{
    t->http_message = text_of(v);
    return false;
}

static const struct {
    struct str key;
    bool (*take)(struct target *t, const struct value *v); /* false: it stays an attribute */
} members[] = {
    {STR_INIT("span.kind"), take_kind},
    {STR_INIT("otel.status_code"), take_status},
    {STR_INIT("otel.status_description"), take_message},
    {STR_INIT("error"), take_error},
    {STR_INIT("otel.scope.name"), take_scope_name},
    {STR_INIT("otel.scope.version"), take_scope_version},
    {STR_INIT("otel.library.name"), take_scope_name},
    {STR_INIT("otel.library.version"), take_scope_version},
    {STR_INIT("w3c.tracestate"), take_trace_state},
    {STR_INIT("http.status_code"), see_http_status},
    {STR_INIT("http.status_message"), see_http_message},
};

static bool take_tag(struct target *t, const struct attr *tag)
{
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        if (str_eq(tag->key, members[i].key))
            return members[i].take(t, &tag->value);
    }
    return false;
}

/* error=true wins, then otel.status_code, then what the HTTP status means to this side of the call. */
static void settle_status(struct target *t)
{
    struct span *s = &t->span;
    bool by_http = false;
    if (t->is_error) {
        s->status_code = STATUS_ERROR;
        by_http = s->status_message.n == 0;
    } else if (s->status_code == STATUS_UNSET &&
               (t->http_status >= 500 || (t->http_status >= 400 && s->kind == SPAN_KIND_CLIENT))) {
        s->status_code = STATUS_ERROR;
        by_http = s->status_message.n == 0;
    }
    if (by_http)
        s->status_message = t->http_message;
}

static void take_tags(struct target *t, struct attr_list *tags)
{
    size_t kept = 0;
    for (size_t i = 0; i < tags->count; i++) {
        if (!take_tag(t, &tags->items[i]))
            tags->items[kept++] = tags->items[i];
    }
    tags->count = kept;
    t->span.attrs = attr_list_done(tags);
    settle_status(t);
}

/* ---- Logs and references ---- */

/* The field "event" names the event. */
static void name_event(struct span_event *e)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < e->attrs.count; i++) {
        const struct attr *a = &e->attrs.items[i];
        if (!e->name.n && str_eq(a->key, STR("event")) && a->value.type == VALUE_STRING)
            e->name = a->value.string;
        else
            e->attrs.items[kept++] = *a;
    }
    e->attrs.count = kept;
}

/* The parent is the first CHILD_OF of the same trace, else the first FOLLOWS_FROM of it. */
static const struct jaeger_ref *parent_ref(const struct jaeger_span *s)
{
    const struct jaeger_ref *follows = NULL;
    for (size_t i = 0; i < s->ref_count; i++) {
        const struct jaeger_ref *ref = &s->refs[i];
        if (!trace_id_eq(ref->trace_id, s->trace_id) || span_id_is_zero(ref->span_id))
            continue;
        if (ref->child_of)
            return ref;
        follows = follows ? follows : ref;
    }
    return follows;
}

static void take_refs(struct jaeger_map *m, const struct jaeger_span *s, struct target *t)
{
    const struct jaeger_ref *parent = span_id_is_zero(s->parent_id) ? parent_ref(s) : NULL;
    struct link_list links = {0};
    t->span.parent_span_id = parent ? parent->span_id : s->parent_id;
    for (size_t i = 0; i < s->ref_count; i++) {
        const struct jaeger_ref *ref = &s->refs[i];
        struct span_link *link;
        struct attr_list attrs = {0};
        if (trace_id_eq(ref->trace_id, s->trace_id) &&
            span_id_eq(ref->span_id, t->span.parent_span_id) && (ref->child_of || ref == parent))
            continue;
        if (!(link = link_list_add(&links, m->arena)))
            return;
        link->trace_id = ref->trace_id;
        link->span_id = ref->span_id;
        if (ref->child_of)
            attr_list_add_string(&attrs, m->arena, STR(JAEGER_REF_TYPE), STR("child_of"));
        link->attrs = attr_list_done(&attrs);
    }
    t->span.links = links.items;
    t->span.link_count = (uint32_t)links.count;
}

void jaeger_map_add(struct jaeger_map *m, struct jaeger_span *s)
{
    struct target t = {.span = {.trace_id = s->trace_id,
                                .span_id = s->span_id,
                                .name = s->name,
                                .start_ns = s->start_ns,
                                .end_ns = s->duration_ns > UINT64_MAX - s->start_ns
                                              ? UINT64_MAX
                                              : s->start_ns + s->duration_ns,
                                .resource = s->resource}};
    struct span *place;
    take_tags(&t, &s->tags);
    take_refs(m, s, &t);
    for (size_t i = 0; i < s->logs.count; i++)
        name_event(&s->logs.items[i]);
    t.span.events = s->logs.items;
    t.span.event_count = (uint32_t)s->logs.count;
    t.span.scope = unique_scope(&m->scopes, m->arena, t.scope.name, t.scope.version);
    if ((place = span_list_add(&m->spans, m->arena)))
        *place = t.span;
}
