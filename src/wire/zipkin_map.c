/* zipkin_map.c - what a tag, an endpoint or an annotation means is a row or a function each. */
#include "wire/zipkin_map.h"

#include <arpa/inet.h>

#include "base/json_reader.h"
#include "trace/semconv.h"
#include "wire/hex_id.h"

enum { DROPPED_MAX = 1 << 30 };

enum span_kind zipkin_kind(uint64_t number)
{
    static const enum span_kind kinds[] = {SPAN_KIND_UNSPECIFIED, SPAN_KIND_CLIENT,
                                           SPAN_KIND_SERVER, SPAN_KIND_PRODUCER,
                                           SPAN_KIND_CONSUMER};
    return number < sizeof kinds / sizeof *kinds ? kinds[number] : SPAN_KIND_UNSPECIFIED;
}

static struct str address_text(struct arena *arena, int family, struct str bytes, size_t n)
{
    char text[INET6_ADDRSTRLEN];
    if (bytes.n != n || !inet_ntop(family, bytes.p, text, sizeof text))
        return (struct str){NULL, 0};
    return arena_str(arena, str_of(text));
}

struct str zipkin_ipv4(struct arena *arena, struct str bytes)
{
    return address_text(arena, AF_INET, bytes, 4);
}

struct str zipkin_ipv6(struct arena *arena, struct str bytes)
{
    return address_text(arena, AF_INET6, bytes, 16);
}

/* ---- JSON inside of texts: the attributes of events and links, as OpenTelemetry's exporters write them ---- */

static bool read_value(struct json_reader *r, struct value *v)
{
    struct str text;
    switch (json_peek(r)) {
    case JSON_STRING_KIND:
        *v = (struct value){.type = VALUE_STRING, .string = build_string(r)};
        return true;
    case JSON_BOOL_KIND:
        *v = (struct value){.type = VALUE_BOOL, .boolean = json_read_bool(r)};
        return true;
    case JSON_NUMBER_KIND:
        text = json_read_number(r);
        v->type = str_to_i64(text, &v->integer) ? VALUE_INT : VALUE_DOUBLE;
        return v->type == VALUE_INT || str_to_double(text, &v->number);
    default: return false;
    }
}

/* An object of plain values; false when it is anything else. */
static bool read_attrs(struct json_reader *r, struct attr_list *attrs)
{
    struct str key;
    if (json_peek(r) != JSON_OBJECT_KIND || !json_read_object(r))
        return false;
    while (json_read_member(r, &key)) {
        struct value v = {.type = VALUE_EMPTY};
        struct attr *a;
        key = arena_str(r->arena, key);
        if (!read_value(r, &v))
            return false;
        if ((a = attr_list_add(attrs, r->arena, key)))
            a->value = v;
    }
    return !r->why;
}

static bool read_attrs_text(struct arena *arena, struct str text, struct attrs *ret)
{
    struct json_reader r = json_reader_of(text, arena);
    struct attr_list list = {0};
    if (!read_attrs(&r, &list) || !json_read_end(&r))
        return false;
    *ret = attr_list_done(&list);
    return true;
}

/* Cuts off the last piece behind a '|'. */
static bool cut_last(struct str *s, struct str *last)
{
    for (size_t i = s->n; i-- > 0;) {
        if (s->p[i] == '|') {
            *last = str_from(*s, i + 1);
            s->n = i;
            return true;
        }
    }
    return false;
}

static bool read_count(struct str text, uint32_t *ret)
{
    uint64_t v;
    if (!str_to_u64(text, &v) || v > DROPPED_MAX)
        return false;
    *ret = (uint32_t)v;
    return true;
}

/* An event that was OpenTelemetry's before: `name|{attributes}|dropped`, or `"name": {attributes}`. Anything else is a
 * name. */
static void read_annotation(struct arena *arena, struct span_event *e)
{
    struct str head, tail, name = e->name, json, dropped;
    struct attrs attrs;
    if (e->name.n < 2)
        return;
    if (cut_last(&name, &dropped) && str_cut(name, '|', &head, &tail)) {
        json = tail;
        if (read_count(dropped, &e->dropped_attributes_count) &&
            read_attrs_text(arena, json, &attrs)) {
            e->name = head;
            e->attrs = attrs;
            return;
        }
        e->dropped_attributes_count = 0;
    }
    if (e->name.p[0] == '"' && e->name.p[e->name.n - 1] == '}') {
        struct str object = arena_printf(arena, "{%.*s}", STR_ARG(e->name));
        struct json_reader r = json_reader_of(object, arena);
        struct attr_list list = {0};
        struct str key;
        if (json_read_object(&r) && json_read_member(&r, &key)) {
            key = arena_str(arena, key);
            if (read_attrs(&r, &list) && !json_read_member(&r, &json) && json_read_end(&r)) {
                e->name = key;
                e->attrs = attr_list_done(&list);
            }
        }
    }
}

/* `traceid|spanid|tracestate|{attributes}|dropped` */
static bool read_link(struct arena *arena, struct str text, struct span_link *link)
{
    struct str trace, span, state, dropped;
    if (!str_cut(text, '|', &trace, &text) || !str_cut(text, '|', &span, &text) ||
        !str_cut(text, '|', &state, &text) || !cut_last(&text, &dropped))
        return false;
    link->trace_state = state;
    return hex_id_read(trace, link->trace_id.bytes, TRACE_ID_BYTES) &&
           hex_id_read(span, link->span_id.bytes, SPAN_ID_BYTES) &&
           read_count(dropped, &link->dropped_attributes_count) &&
           (text.n == 0 || read_attrs_text(arena, text, &link->attrs));
}

/* ---- Tags ---- */

/* A span on its way. */
struct target {
    struct span span;
    struct scope scope;
    struct attr_list attrs, resource;
    struct link_list links;
    bool is_error;      /* the tag "error" is there */
    struct str message; /* and says this */
};

static bool take_status(struct target *t, struct str value)
{
    if (!str_eq(value, STR("OK")) && !str_eq(value, STR("ERROR")))
        return false;
    t->span.status_code = value.p[0] == 'O' ? STATUS_OK : STATUS_ERROR;
    return true;
}

static bool take_error(struct target *t, struct str value)
{
    if (str_eq_nocase(value, STR("false")))
        return false;
    t->is_error = true;
    if (!str_eq_nocase(value, STR("true")))
        t->message = value;
    return true;
}

static bool take_kind(struct target *t, struct str value)
{
    return t->span.kind == SPAN_KIND_UNSPECIFIED && span_kind_parse(value, &t->span.kind);
}

static bool take_description(struct target *t, struct str value)
{
    t->span.status_message = value;
    return true;
}

static bool take_scope_name(struct target *t, struct str value)
{
    t->scope.name = value;
    return true;
}

static bool take_scope_version(struct target *t, struct str value)
{
    t->scope.version = value;
    return true;
}

static bool take_trace_state(struct target *t, struct str value)
{
    t->span.trace_state = value;
    return true;
}

static const struct {
    struct str key;
    bool (*take)(struct target *t, struct str value); /* false: it stays a tag */
} members[] = {
    {STR_INIT("otel.status_code"), take_status},
    {STR_INIT("otel.status_description"), take_description},
    {STR_INIT("error"), take_error},
    {STR_INIT("span.kind"), take_kind},
    {STR_INIT("otel.scope.name"), take_scope_name},
    {STR_INIT("otel.scope.version"), take_scope_version},
    {STR_INIT("otel.library.name"), take_scope_name},
    {STR_INIT("otel.library.version"), take_scope_version},
    {STR_INIT("w3c.tracestate"), take_trace_state},
};

/* Families of the resource conventions. Keys of spans never start like these. */
static bool is_resource_key(struct str key)
{
    static const struct str prefixes[] = {
        STR_INIT("telemetry.sdk."),
        STR_INIT("telemetry.distro."),
        STR_INIT("k8s."),
        STR_INIT("host."),
        STR_INIT("os."),
        STR_INIT("container."),
        STR_INIT("cloud."),
        STR_INIT("deployment."),
        STR_INIT("process."),
    };
    static const struct str keys[] = {
        STR_INIT("service.namespace"), STR_INIT("service.instance.id"),
        STR_INIT("service.version"),   STR_INIT("faas.name"),
        STR_INIT("faas.id"),           STR_INIT("faas.version"),
        STR_INIT("faas.instance"),
    };
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        if (str_starts(key, prefixes[i]))
            return true;
    }
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (str_eq(key, keys[i]))
            return true;
    }
    return false;
}

static void take_tag(struct zipkin_map *m, struct target *t, struct str key, struct str value)
{
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        if (str_eq(key, members[i].key) && members[i].take(t, value))
            return;
    }
    if (str_starts(key, STR("otlp.link."))) {
        struct span_link link = {.flags = 0}, *place;
        if (read_link(m->arena, value, &link) && (place = link_list_add(&t->links, m->arena))) {
            *place = link;
            return;
        }
    }
    attr_list_add_string(is_resource_key(key) ? &t->resource : &t->attrs, m->arena, key, value);
}

/* The word of otel.status_code stands; "error" fills in what it leaves open. */
static void settle_status(struct target *t)
{
    if (t->is_error && t->span.status_code == STATUS_UNSET)
        t->span.status_code = STATUS_ERROR;
    if (t->span.status_message.n == 0)
        t->span.status_message = t->message;
}

/* ---- Endpoints ---- */

static void add_address(struct zipkin_map *m, struct attr_list *attrs,
                        const struct zipkin_endpoint *e, struct str address_key,
                        struct str port_key)
{
    struct attr *port;
    if (e->ipv4.n || e->ipv6.n)
        attr_list_add_string(attrs, m->arena, address_key, e->ipv4.n ? e->ipv4 : e->ipv6);
    if (e->port && (port = attr_list_add(attrs, m->arena, port_key)))
        port->value = (struct value){.type = VALUE_INT, .integer = e->port};
}

static void add_endpoints(struct zipkin_map *m, struct target *t, const struct zipkin_span *z)
{
    if (z->local.service.n)
        attr_list_add_string(&t->resource, m->arena, STR(SEMCONV_SERVICE_NAME), z->local.service);
    add_address(m, &t->attrs, &z->local, STR("network.local.address"), STR("network.local.port"));
    if (z->remote.service.n)
        attr_list_add_string(&t->attrs, m->arena, STR("peer.service"), z->remote.service);
    add_address(m, &t->attrs, &z->remote, STR("network.peer.address"), STR("network.peer.port"));
}

/* Without a start, the first annotation is as near as one can come. */
static void set_times(struct zipkin_map *m, struct target *t, const struct zipkin_span *z)
{
    uint64_t start_ns = z->start_ns;
    struct attr *absent;
    if (start_ns == 0) {
        for (size_t i = 0; i < z->annotations.count; i++) {
            uint64_t ns = z->annotations.items[i].time_ns;
            if (ns && (start_ns == 0 || ns < start_ns))
                start_ns = ns;
        }
        if ((absent = attr_list_add(&t->attrs, m->arena, STR(ZIPKIN_NO_START))))
            absent->value = (struct value){.type = VALUE_BOOL, .boolean = true};
    }
    t->span.start_ns = start_ns;
    t->span.end_ns =
        z->duration_ns > UINT64_MAX - start_ns ? UINT64_MAX : start_ns + z->duration_ns;
}

void zipkin_map_add(struct zipkin_map *m, struct zipkin_span *z)
{
    struct target t = {
        .span = {.trace_id = z->trace_id, .span_id = z->span_id, .name = z->name, .kind = z->kind}};
    struct span *place;
    if (!span_id_eq(z->parent_id, z->span_id))
        t.span.parent_span_id = z->parent_id;
    add_endpoints(m, &t, z);
    set_times(m, &t, z);
    for (size_t i = 0; i < z->tags.count; i++) {
        const struct attr *tag = &z->tags.items[i];
        if (!str_eq(tag->key, STR(ZIPKIN_NO_START)))
            take_tag(m, &t, tag->key, tag->value.string);
    }
    settle_status(&t);
    for (size_t i = 0; i < z->annotations.count; i++)
        read_annotation(m->arena, &z->annotations.items[i]);
    t.span.attrs = attr_list_done(&t.attrs);
    t.span.events = z->annotations.items;
    t.span.event_count = (uint32_t)z->annotations.count;
    t.span.links = t.links.items;
    t.span.link_count = (uint32_t)t.links.count;
    t.span.resource = unique_resource(&m->resources, m->arena, attr_list_done(&t.resource));
    t.span.scope = unique_scope(&m->scopes, m->arena, t.scope.name, t.scope.version);
    if ((place = span_list_add(&m->spans, m->arena)))
        *place = t.span;
}
