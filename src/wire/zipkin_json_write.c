/* zipkin_json_write.c - a span as Zipkin has it. */
#include <arpa/inet.h>

#include "trace/semconv.h"
#include "wire/zipkin_json.h"

enum { NS_PER_US = 1000 };

static void put(struct json_writer *w, struct str key, struct str value)
{
    json_key(w, key);
    json_str(w, value);
}

/* ---- The other side ---- */

/* Attributes that are the remote endpoint there, and so no tags; NULL = not there, or not to be said that way. */
struct peer {
    const struct value *service, *address, *port;
    bool is_ipv6;
};

static struct peer peer_of(const struct attrs *attrs)
{
    struct peer p = {
        .service = attrs_get(attrs, STR("peer.service")),
        .address = attrs_get(attrs, STR("network.peer.address")),
        .port = attrs_get(attrs, STR("network.peer.port")),
    };
    char text[INET6_ADDRSTRLEN] = "";
    unsigned char bytes[16];
    if (p.service && (p.service->type != VALUE_STRING || !p.service->string.n))
        p.service = NULL;
    if (p.address && p.address->type == VALUE_STRING && p.address->string.n < sizeof text)
        memcpy(text, p.address->string.p, p.address->string.n);
    p.is_ipv6 = inet_pton(AF_INET6, text, bytes) == 1;
    if (!p.is_ipv6 && inet_pton(AF_INET, text, bytes) != 1)
        p.address = NULL;
    if (p.port && (p.port->type != VALUE_INT || p.port->integer < 1 || p.port->integer > 65535 ||
                   (!p.address && !p.service)))
        p.port = NULL;
    return p;
}

static void put_peer(struct json_writer *w, const struct peer *p)
{
    if (!p->service && !p->address)
        return;
    json_key(w, STR("remoteEndpoint"));
    json_object_begin(w);
    if (p->service)
        put(w, STR("serviceName"), p->service->string);
    if (p->address)
        put(w, p->is_ipv6 ? STR("ipv6") : STR("ipv4"), p->address->string);
    if (p->port) {
        json_key(w, STR("port"));
        json_u64(w, (uint64_t)p->port->integer);
    }
    json_object_end(w);
}

/* ---- Tags ---- */

static void put_tags(struct json_writer *w, const struct attrs *attrs, const struct attrs *over,
                     const struct peer *peer, struct arena *arena)
{
    for (uint32_t i = 0; i < attrs->count; i++) {
        const struct attr *a = &attrs->items[i];
        /* keys are unique in Zipkin: the span's own win over the resource's */
        if (str_eq(a->key, STR(SEMCONV_SERVICE_NAME)) || (over && attrs_get(over, a->key)))
            continue;
        if (&a->value == peer->service || &a->value == peer->address || &a->value == peer->port)
            continue;
        put(w, a->key, value_text(&a->value, arena));
    }
}

static void put_status(struct json_writer *w, const struct span *s)
{
    if (s->status_code == STATUS_OK)
        put(w, STR("otel.status_code"), STR("OK"));
    if (s->status_code == STATUS_ERROR) {
        put(w, STR("otel.status_code"), STR("ERROR"));
        put(w, STR("error"), s->status_message);
    }
}

static void put_annotation(struct json_writer *w, const struct span_event *e, struct arena *arena)
{
    struct json_writer inner;
    struct buf text;
    json_object_begin(w);
    json_key(w, STR("timestamp"));
    json_u64(w, e->time_ns / NS_PER_US);
    json_key(w, STR("value"));
    if (e->attrs.count == 0) {
        json_str(w, e->name);
    } else { /* "name": {attributes}, as OpenTelemetry's exporters write it */
        buf_init(&text, 0);
        json_init(&inner, &text, 0);
        json_object_begin(&inner);
        json_key(&inner, e->name);
        json_object_begin(&inner);
        for (uint32_t i = 0; i < e->attrs.count; i++)
            put(&inner, e->attrs.items[i].key, value_text(&e->attrs.items[i].value, arena));
        json_object_end(&inner);
        json_object_end(&inner);
        json_str(w, text.n > 2 ? str_make(text.p + 1, text.n - 2) : e->name);
        buf_release(&text);
    }
    json_object_end(w);
}

void zipkin_json_write_span(struct json_writer *w, const struct span *s, struct arena *arena)
{
    static const struct str kinds[] = {STR_INIT(""),         STR_INIT(""),
                                       STR_INIT("SERVER"),   STR_INIT("CLIENT"),
                                       STR_INIT("PRODUCER"), STR_INIT("CONSUMER")};
    struct peer peer = peer_of(&s->attrs);
    json_object_begin(w);
    json_key(w, STR("traceId"));
    json_hex(w, s->trace_id.bytes, sizeof s->trace_id.bytes);
    json_key(w, STR("id"));
    json_hex(w, s->span_id.bytes, sizeof s->span_id.bytes);
    if (!span_id_is_zero(s->parent_span_id)) {
        json_key(w, STR("parentId"));
        json_hex(w, s->parent_span_id.bytes, sizeof s->parent_span_id.bytes);
    }
    put(w, STR("name"), s->name);
    if (s->kind <= SPAN_KIND_CONSUMER && kinds[s->kind].n)
        put(w, STR("kind"), kinds[s->kind]);
    json_key(w, STR("timestamp"));
    json_u64(w, s->start_ns / NS_PER_US);
    json_key(w, STR("duration"));
    json_u64(w, span_duration_ns(s) < NS_PER_US && span_duration_ns(s)
                    ? 1 /* Zipkin takes 0 for unknown */
                    : span_duration_ns(s) / NS_PER_US);
    json_key(w, STR("localEndpoint"));
    json_object_begin(w);
    put(w, STR("serviceName"), s->resource->service_name);
    json_object_end(w);
    put_peer(w, &peer);
    json_key(w, STR("tags"));
    json_object_begin(w);
    put_tags(w, &s->attrs, NULL, &peer, arena);
    put_tags(w, &s->resource->attrs, &s->attrs, &peer, arena);
    if (s->scope->name.n)
        put(w, STR("otel.scope.name"), s->scope->name);
    if (s->scope->version.n)
        put(w, STR("otel.scope.version"), s->scope->version);
    if (s->kind == SPAN_KIND_INTERNAL)
        put(w, STR("span.kind"), STR("internal"));
    put_status(w, s);
    json_object_end(w);
    if (s->event_count) {
        json_key(w, STR("annotations"));
        json_array_begin(w);
        for (uint32_t i = 0; i < s->event_count; i++)
            put_annotation(w, &s->events[i], arena);
        json_array_end(w);
    }
    json_object_end(w);
}
