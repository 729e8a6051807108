/* zipkin_v1.h - Zipkin's first format, whose spans say by annotations which side of a call they are (cs, cr, sr, ss), and
 * hold both sides at times: as one or two spans of version 2. Shared by its JSON and its thrift form. */
#ifndef WIRE_ZIPKIN_V1_H
#define WIRE_ZIPKIN_V1_H

#include "wire/zipkin_map.h"

struct zipkin_v1_annotation {
    uint64_t time_ns;
    struct str value;
    struct zipkin_endpoint host;
};

struct zipkin_v1_binary {
    struct str key, value;
    bool is_address; /* "ca", "sa", "ma" with the value true: host is the remote endpoint */
    struct zipkin_endpoint host;
};

struct zipkin_v1_span {
    struct trace_id trace_id;
    struct span_id span_id, parent_id;
    struct str name;
    uint64_t start_ns, duration_ns;
    struct zipkin_v1_annotation *annotations;
    size_t annotation_count, annotation_cap;
    struct zipkin_v1_binary *binaries;
    size_t binary_count, binary_cap;
};

/* Each answers the new element, zero-filled, or NULL when the arena is full. */
struct zipkin_v1_annotation *zipkin_v1_annotation_add(struct zipkin_v1_span *v,
                                                      struct arena *arena);
struct zipkin_v1_binary *zipkin_v1_binary_add(struct zipkin_v1_span *v, struct arena *arena);

/* "ca", "sa" or "ma": with the value true it is an address, no tag. */
bool zipkin_v1_is_address(struct str key);

void zipkin_v1_add(struct zipkin_map *m, const struct zipkin_v1_span *v);

#endif
