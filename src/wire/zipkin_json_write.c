/* zipkin_json_write.c - a span as Zipkin has it: the reverse of zipkin_map.c, so that what came from Zipkin goes back as it
 * was. */
#include <arpa/inet.h>

#include "base/hex.h"
#include "trace/semconv.h"
#include "wire/unique.h"
#include "wire/zipkin_json.h"
#include "wire/zipkin_map.h"

static const uint64_t NS_PER_US = 1000;

static void put(struct json_writer *w, struct str key, struct str value)
{
    json_key(w, key);
    json_str(w, value);
}

/* ---- Endpoints ---- */

/* Attributes that become an endpoint's members. */
struct endpoint_keys {
    struct str service, address, port;
};

static const struct endpoint_keys local_keys = {
    {NULL, 0}, STR_INIT("network.local.address"), STR_INIT("network.local.port")};
static const struct endpoint_keys remote_keys = {
    STR_INIT("peer.service"), STR_INIT("network.peer.address"), STR_INIT("network.peer.port")};

static bool is_address(struct str text, int family)
{
    char z[INET6_ADDRSTRLEN], bytes[16];
    if (text.n == 0 || text.n >= sizeof z)
        return false;
    memcpy(z, text.p, text.n);
    z[text.n] = '\0';
    return inet_pton(family, z, bytes) == 1;
}

static struct zipkin_endpoint endpoint_of(const struct span *s, struct str service,
                                          const struct endpoint_keys *keys)
{
    struct str address = attrs_get_string(&s->attrs, keys->address);
    const struct value *port = attrs_get(&s->attrs, keys->port);
    struct zipkin_endpoint e = {.service = service};
    if (is_address(address, AF_INET))
        e.ipv4 = address;
    else if (is_address(address, AF_INET6))
        e.ipv6 = address;
    if (port && port->type == VALUE_INT && port->integer > 0 && port->integer <= UINT16_MAX)
        e.port = (uint16_t)port->integer;
    return e;
}

struct str zipkin_remote_service(const struct span *s)
{
    return attrs_get_string(&s->attrs, remote_keys.service);
}

/* OpenTelemetry's order of what stands in for a missing service.name. */
static struct str local_service(const struct resource *r)
{
    static const struct str keys[] = {STR_INIT(SEMCONV_SERVICE_NAME), STR_INIT("faas.name"),
                                      STR_INIT("k8s.deployment.name"),
                                      STR_INIT("process.executable.name")};
    struct str name = r->service_name;
    for (size_t i = 0; i < sizeof keys / sizeof *keys && name.n == 0; i++)
        name = attrs_get_string(&r->attrs, keys[i]);
    return name;
}

static void put_endpoint(struct json_writer *w, struct str name, const struct zipkin_endpoint *e)
{
    if (!e->service.n && !e->ipv4.n && !e->ipv6.n && !e->port)
        return;
    json_key(w, name);
    json_object_begin(w);
    if (e->service.n)
        put(w, STR("serviceName"), e->service);
    if (e->ipv4.n)
        put(w, STR("ipv4"), e->ipv4);
    if (e->ipv6.n)
        put(w, STR("ipv6"), e->ipv6);
    if (e->port) {
        json_key(w, STR("port"));
        json_u64(w, e->port);
    }
    json_object_end(w);
}

/* A span on its way, with what is found out about it once. */
struct source {
    const struct span *span;
    struct zipkin_endpoint local, remote;
    struct unique keys; /* of tags */
    struct arena *arena;
};

/* It is part of the endpoint, and not to be said twice. */
static bool in_endpoint(const struct attr *a, const struct zipkin_endpoint *e,
                        const struct endpoint_keys *keys)
{
    if (str_eq(a->key, keys->address))
        return e->ipv4.n || e->ipv6.n;
    if (str_eq(a->key, keys->port))
        return e->port != 0;
    return keys->service.n && str_eq(a->key, keys->service) && e->service.n;
}

/* ---- Tags ---- */

static bool same_key(const void *a, const void *b)
{
    const struct attr *x = a, *y = b;
    return str_eq(x->key, y->key);
}

/* Keys are unique in Zipkin: the first one wins. */
static void put_attr(struct json_writer *w, struct source *from, const struct attr *a)
{
    uint64_t hash = unique_hash(&from->keys, a->key.p ? a->key.p : "", a->key.n, 0);
    bool fresh;
    unique_add(&from->keys, from->arena, hash, a, same_key, &fresh);
    if (fresh && !in_endpoint(a, &from->local, &local_keys) &&
        !in_endpoint(a, &from->remote, &remote_keys))
        put(w, a->key, value_text(&a->value, from->arena));
}

/* The span's own win over the resource's. */
static void put_attrs(struct json_writer *w, struct source *from)
{
    const struct attrs *own = &from->span->attrs, *shared = &from->span->resource->attrs;
    for (uint32_t i = 0; i < own->count; i++)
        put_attr(w, from, &own->items[i]);
    for (uint32_t i = 0; i < shared->count; i++) {
        if (!str_eq(shared->items[i].key, STR(SEMCONV_SERVICE_NAME)))
            put_attr(w, from, &shared->items[i]);
    }
}

static void put_status(struct json_writer *w, const struct span *s)
{
    if (s->status_code == STATUS_OK)
        put(w, STR("otel.status_code"), STR("OK"));
    if (s->status_code == STATUS_ERROR) {
        put(w, STR("otel.status_code"), STR("ERROR"));
        put(w, STR("error"), s->status_message);
    } else if (s->status_message.n) {
        put(w, STR("otel.status_description"), s->status_message);
    }
}

/* {"key": value} with values that JSON knows; others as texts. */
static struct str attrs_json(const struct attrs *attrs, struct arena *arena)
{
    struct json_writer w;
    struct buf text;
    struct str ret;
    buf_init(&text, 0);
    json_init(&w, &text, 0);
    json_object_begin(&w);
    for (uint32_t i = 0; i < attrs->count; i++) {
        const struct value *v = &attrs->items[i].value;
        json_key(&w, attrs->items[i].key);
        switch (v->type) {
        case VALUE_BOOL: json_bool(&w, v->boolean); break;
        case VALUE_INT: json_i64(&w, v->integer); break;
        default: json_str(&w, value_text(v, arena)); break;
        }
    }
    json_object_end(&w);
    ret = arena_str(arena, buf_str(&text));
    buf_release(&text);
    return ret;
}

/* otlp.link.N = "trace|span|state|{attributes}|dropped" */
static void put_links(struct json_writer *w, const struct span *s, struct arena *arena)
{
    for (uint32_t i = 0; i < s->link_count; i++) {
        const struct span_link *link = &s->links[i];
        char trace[2 * TRACE_ID_BYTES], span[2 * SPAN_ID_BYTES];
        struct str json = attrs_json(&link->attrs, arena);
        hex_encode(trace, link->trace_id.bytes, TRACE_ID_BYTES);
        hex_encode(span, link->span_id.bytes, SPAN_ID_BYTES);
        put(w, arena_printf(arena, "otlp.link.%u", i),
            arena_printf(arena, "%.*s|%.*s|%.*s|%.*s|%u", (int)sizeof trace, trace,
                         (int)sizeof span, span, STR_ARG(link->trace_state), STR_ARG(json),
                         link->dropped_attributes_count));
    }
}

static void put_all_tags(struct json_writer *w, struct source *from)
{
    const struct span *s = from->span;
    json_object_begin(w);
    put_attrs(w, from);
    if (s->scope->name.n)
        put(w, STR("otel.scope.name"), s->scope->name);
    if (s->scope->version.n)
        put(w, STR("otel.scope.version"), s->scope->version);
    if (s->kind == SPAN_KIND_INTERNAL)
        put(w, STR("span.kind"), STR("internal"));
    if (s->trace_state.n)
        put(w, STR("w3c.tracestate"), s->trace_state);
    put_status(w, s);
    put_links(w, s, from->arena);
    json_object_end(w);
}

/* A span without tags has no such member. */
static void put_tags(struct json_writer *w, struct source *from)
{
    struct json_writer inner;
    struct buf text;
    buf_init(&text, 0);
    json_init(&inner, &text, 0);
    put_all_tags(&inner, from);
    if (text.n > 2) {
        json_key(w, STR("tags"));
        json_raw(w, buf_str(&text));
    }
    w->out->failed |= text.failed;
    buf_release(&text);
}

/* ---- The span ---- */

static void put_annotations(struct json_writer *w, const struct span *s, struct arena *arena)
{
    if (s->event_count == 0)
        return;
    json_key(w, STR("annotations"));
    json_array_begin(w);
    for (uint32_t i = 0; i < s->event_count; i++) {
        const struct span_event *e = &s->events[i];
        struct str value = e->name;
        if (e->attrs.count || e->dropped_attributes_count) {
            struct str json = attrs_json(&e->attrs, arena);
            value = arena_printf(arena, "%.*s|%.*s|%u", STR_ARG(e->name), STR_ARG(json),
                                 e->dropped_attributes_count);
        }
        json_object_begin(w);
        json_key(w, STR("timestamp"));
        json_u64(w, e->time_ns / NS_PER_US);
        put(w, STR("value"), value);
        json_object_end(w);
    }
    json_array_end(w);
}

static void put_ids(struct json_writer *w, const struct span *s)
{
    static const uint8_t zero[TRACE_ID_BYTES / 2];
    bool is_short = memcmp(s->trace_id.bytes, zero, sizeof zero) == 0; /* as it was sent */
    json_key(w, STR("traceId"));
    json_hex(w, s->trace_id.bytes + (is_short ? sizeof zero : 0),
             is_short ? sizeof zero : TRACE_ID_BYTES);
    json_key(w, STR("id"));
    json_hex(w, s->span_id.bytes, sizeof s->span_id.bytes);
    if (!span_id_is_zero(s->parent_span_id)) {
        json_key(w, STR("parentId"));
        json_hex(w, s->parent_span_id.bytes, sizeof s->parent_span_id.bytes);
    }
}

/* 0 means unknown to Zipkin: what took less than a microsecond took one. */
static void put_times(struct json_writer *w, const struct span *s)
{
    uint64_t duration_ns = span_duration_ns(s);
    if (!attrs_get(&s->attrs, STR(ZIPKIN_NO_START))) {
        json_key(w, STR("timestamp"));
        json_u64(w, s->start_ns / NS_PER_US);
    }
    if (duration_ns) {
        json_key(w, STR("duration"));
        json_u64(w, duration_ns < NS_PER_US ? 1 : duration_ns / NS_PER_US);
    }
}

void zipkin_json_write_span(struct json_writer *w, const struct span *s, unsigned flags,
                            struct arena *arena)
{
    static const struct str kinds[] = {STR_INIT(""),         STR_INIT(""),
                                       STR_INIT("SERVER"),   STR_INIT("CLIENT"),
                                       STR_INIT("PRODUCER"), STR_INIT("CONSUMER")};
    struct source from = {.span = s,
                          .local = endpoint_of(s, local_service(s->resource), &local_keys),
                          .remote = endpoint_of(s, zipkin_remote_service(s), &remote_keys),
                          .arena = arena};
    json_object_begin(w);
    put_ids(w, s);
    if (s->kind <= SPAN_KIND_CONSUMER && kinds[s->kind].n)
        put(w, STR("kind"), kinds[s->kind]);
    put(w, STR("name"), s->name);
    put_times(w, s);
    put_endpoint(w, STR("localEndpoint"), &from.local);
    put_endpoint(w, STR("remoteEndpoint"), &from.remote);
    put_annotations(w, s, arena);
    put_tags(w, &from);
    if (flags & ZIPKIN_JSON_SHARED) {
        json_key(w, STR("shared"));
        json_bool(w, true);
    }
    json_object_end(w);
}
