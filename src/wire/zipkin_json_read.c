/* zipkin_json_read.c - Zipkin's spans as OpenTelemetry's. */
#include "trace/semconv.h"
#include "wire/span_build.h"
#include "wire/zipkin_json.h"

struct decode {
    struct json_reader r;
    struct arena *arena;
    struct span_list spans;
    const struct resource **resources; /* by service name */
    size_t resource_count, resource_cap;
    struct scope_list scopes;
};

static const struct resource *resource_of(struct decode *d, struct str service)
{
    static const struct resource none;
    const struct resource **grown;
    struct resource *fresh;
    struct attr_list attrs = {0};
    if (!service.n)
        return &none;
    for (size_t i = 0; i < d->resource_count; i++) {
        if (str_eq(d->resources[i]->service_name, service))
            return d->resources[i];
    }
    attr_list_add_string(&attrs, d->arena, STR(SEMCONV_SERVICE_NAME), service);
    fresh = arena_calloc(d->arena, 1, sizeof *fresh);
    grown = arena_grow(d->arena, (void *)(uintptr_t)d->resources, d->resource_count,
                       &d->resource_cap, d->resource_count + 1, sizeof *grown);
    if (!fresh || !grown)
        return &none;
    *fresh = (struct resource){.attrs = attr_list_done(&attrs), .service_name = service};
    d->resources = grown;
    return grown[d->resource_count++] = fresh;
}

/* ---- Members ---- */

/* Endpoints: the service's name, and for the remote one its address as attributes. */
static struct str read_endpoint(struct decode *d, struct attr_list *attrs)
{
    struct str key, service = {NULL, 0}, address;
    struct attr *port;
    if (json_peek(&d->r) == JSON_NULL_KIND) {
        json_read_null(&d->r);
        return service;
    }
    if (!json_read_object(&d->r))
        return service;
    while (json_read_member(&d->r, &key)) {
        bool ip = str_eq(key, STR("ipv4")) || str_eq(key, STR("ipv6"));
        if (str_eq(key, STR("serviceName"))) {
            service = build_string(&d->r);
        } else if (ip && attrs) {
            address = build_string(&d->r);
            attr_list_add_string(attrs, d->arena, STR("network.peer.address"), address);
        } else if (str_eq(key, STR("port")) && attrs && json_peek(&d->r) == JSON_NUMBER_KIND) {
            int64_t number = 0;
            if (str_to_i64(json_read_number(&d->r), &number) &&
                (port = attr_list_add(attrs, d->arena, STR("network.peer.port"))))
                port->value = (struct value){.type = VALUE_INT, .integer = number};
        } else {
            json_read_skip(&d->r);
        }
    }
    return service;
}

/* A tag that is a member here; true: not kept as an attribute. */
static bool take_tag(struct span *s, struct scope *scope, struct str key, struct str value)
{
    if (str_eq(key, STR("otel.status_code"))) {
        bool ok = str_eq(value, STR("OK"));
        if (!ok && !str_eq(value, STR("ERROR")))
            return false;
        s->status_code = ok ? STATUS_OK : STATUS_ERROR;
        return true;
    }
    if (str_eq(key, STR("error"))) {
        if (str_eq(value, STR("false")))
            return false;
        if (s->status_code == STATUS_UNSET)
            s->status_code = STATUS_ERROR;
        if (!str_eq(value, STR("true")))
            s->status_message = value;
        return true;
    }
    if (str_eq(key, STR("span.kind")))
        return s->kind == SPAN_KIND_UNSPECIFIED && span_kind_parse(value, &s->kind);
    if (str_eq(key, STR("otel.scope.name")))
        scope->name = value;
    else if (str_eq(key, STR("otel.scope.version")))
        scope->version = value;
    else
        return false;
    return true;
}

static void read_tags(struct decode *d, struct span *s, struct scope *scope,
                      struct attr_list *attrs)
{
    struct str key;
    if (json_peek(&d->r) == JSON_NULL_KIND) {
        json_read_null(&d->r);
        return;
    }
    if (!json_read_object(&d->r))
        return;
    while (json_read_member(&d->r, &key)) {
        struct str name = arena_str(d->arena, key), value = build_string(&d->r);
        if (!take_tag(s, scope, name, value))
            attr_list_add_string(attrs, d->arena, name, value);
    }
}

static void read_annotations(struct decode *d, struct event_list *events)
{
    struct str key;
    if (json_peek(&d->r) == JSON_NULL_KIND) {
        json_read_null(&d->r);
        return;
    }
    if (!json_read_array(&d->r))
        return;
    while (json_read_element(&d->r)) {
        struct span_event e = {0}, *place;
        if (!json_read_object(&d->r))
            return;
        while (json_read_member(&d->r, &key)) {
            if (str_eq(key, STR("timestamp")))
                e.time_ns = build_micros(&d->r);
            else if (str_eq(key, STR("value")))
                e.name = build_string(&d->r);
            else
                json_read_skip(&d->r);
        }
        if ((place = event_list_add(events, d->arena)))
            *place = e;
    }
}

/* ---- Spans ---- */

static void read_member(struct decode *d, struct span *s, struct str key, struct attr_list *attrs,
                        struct event_list *events, struct scope *scope, uint64_t *duration)
{
    struct str peer;
    if (str_eq(key, STR("traceId")))
        build_trace_id(&d->r, &s->trace_id);
    else if (str_eq(key, STR("id")))
        build_span_id(&d->r, &s->span_id);
    else if (str_eq(key, STR("parentId")))
        build_span_id(&d->r, &s->parent_span_id);
    else if (str_eq(key, STR("name")))
        s->name = build_string(&d->r);
    else if (str_eq(key, STR("kind")))
        (void)(json_peek(&d->r) == JSON_NULL_KIND
                   ? (json_read_null(&d->r), true)
                   : span_kind_parse(json_read_string(&d->r), &s->kind));
    else if (str_eq(key, STR("timestamp")))
        s->start_ns = build_micros(&d->r);
    else if (str_eq(key, STR("duration")))
        *duration = build_micros(&d->r);
    else if (str_eq(key, STR("localEndpoint")))
        s->resource = resource_of(d, read_endpoint(d, NULL));
    else if (str_eq(key, STR("remoteEndpoint"))) {
        peer = read_endpoint(d, attrs);
        if (peer.n)
            attr_list_add_string(attrs, d->arena, STR("peer.service"), peer);
    } else if (str_eq(key, STR("tags")))
        read_tags(d, s, scope, attrs);
    else if (str_eq(key, STR("annotations")))
        read_annotations(d, events);
    else
        json_read_skip(&d->r);
}

static void read_span(struct decode *d)
{
    struct span s = {.resource = NULL}, *place;
    struct attr_list attrs = {0};
    struct event_list events = {0};
    struct scope scope = {.name = {NULL, 0}};
    uint64_t duration = 0;
    struct str key;
    if (!json_read_object(&d->r))
        return;
    while (json_read_member(&d->r, &key))
        read_member(d, &s, key, &attrs, &events, &scope, &duration);
    s.end_ns = s.start_ns + duration;
    s.attrs = attr_list_done(&attrs);
    s.events = events.items;
    s.event_count = (uint32_t)events.count;
    if (!s.resource)
        s.resource = resource_of(d, (struct str){NULL, 0});
    s.scope = scope_list_get(&d->scopes, d->arena, scope.name, scope.version);
    if ((place = span_list_add(&d->spans, d->arena)))
        *place = s;
}

int zipkin_json_decode(struct str text, struct arena *arena, struct span_batch *ret,
                       struct err *err)
{
    struct decode d = {.r = json_reader_of(text, arena), .arena = arena};
    if (json_peek(&d.r) != JSON_ARRAY_KIND) {
        read_span(&d);
    } else if (json_read_array(&d.r)) {
        while (json_read_element(&d.r))
            read_span(&d);
    }
    if (!json_read_end(&d.r))
        return err_at(err, d.r.no_memory ? ERR_NOMEM : ERR_INVALID, d.r.bad_at, "%s", d.r.why);
    return build_batch(&d.spans, arena, ret) < 0 ? err_set(err, ERR_NOMEM, "out of memory") : 0;
}
