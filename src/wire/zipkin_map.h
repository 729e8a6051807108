/* zipkin_map.h - a Zipkin span, from whichever encoding, as OpenTelemetry's: the one place that knows how.
 *
 * Service of the local endpoint -> resource; tags that OpenTelemetry has members for (error, otel.status_code,
 * otel.scope.name, otlp.link.N ...) -> these; tags of resource conventions -> resource; annotations -> events. */
#ifndef WIRE_ZIPKIN_MAP_H
#define WIRE_ZIPKIN_MAP_H

#include "wire/span_build.h"
#include "wire/unique.h"

/* Set on a span that came without a start time, as OpenTelemetry's Collector names it. */
#define ZIPKIN_NO_START "otel.zipkin.absentField.startTime"

struct zipkin_endpoint {
    struct str service;
    struct str ipv4, ipv6; /* text; one or both empty */
    uint16_t port;         /* 0 = none */
};

struct zipkin_span {
    struct trace_id trace_id;
    struct span_id span_id, parent_id;
    enum span_kind kind;
    struct str name;
    uint64_t start_ns, duration_ns; /* 0 = unknown */
    struct zipkin_endpoint local, remote;
    struct attr_list tags;         /* strings */
    struct event_list annotations; /* name and time as they came */
};

struct zipkin_map {
    struct arena *arena;
    struct span_list spans;
    struct unique resources, scopes;
};

/* Takes over the lists of z. A full arena is seen there. */
void zipkin_map_add(struct zipkin_map *m, struct zipkin_span *z);

/* The numbers are Zipkin's: 1 CLIENT, 2 SERVER, 3 PRODUCER, 4 CONSUMER. */
enum span_kind zipkin_kind(uint64_t number);

/* Addresses in network byte order as text; empty when the length is another. */
struct str zipkin_ipv4(struct arena *arena, struct str bytes);
struct str zipkin_ipv6(struct arena *arena, struct str bytes);

#endif
