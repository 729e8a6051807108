/* spans.h - spans for tests, made in one call each. */
#ifndef TESTS_SPANS_H
#define TESTS_SPANS_H

#include "trace/span.h"

static const struct resource test_no_resource;
static const struct scope test_no_scope;

/* A span of the trace whose id ends with trace; id and parent become the ids' last bytes, 0 = root. */
static inline struct span test_span(uint64_t trace, uint64_t id, uint64_t parent, const char *name,
                                    uint64_t start_ns, uint64_t duration_ns)
{
    struct span s = {.name = str_of(name),
                     .start_ns = start_ns,
                     .end_ns = start_ns + duration_ns,
                     .resource = &test_no_resource,
                     .scope = &test_no_scope};
    for (int i = 0; i < 8; i++) {
        s.trace_id.bytes[15 - i] = (uint8_t)(trace >> 8 * i);
        s.span_id.bytes[7 - i] = (uint8_t)(id >> 8 * i);
        s.parent_span_id.bytes[7 - i] = (uint8_t)(parent >> 8 * i);
    }
    return s;
}

static inline struct attr test_string(const char *key, const char *value)
{
    return (struct attr){str_of(key), {.type = VALUE_STRING, .string = str_of(value)}};
}

static inline struct attr test_int(const char *key, int64_t value)
{
    return (struct attr){str_of(key), {.type = VALUE_INT, .integer = value}};
}

/* With this service name alone. */
static inline struct resource test_resource(struct attr *service, const char *name)
{
    *service = test_string("service.name", name);
    return (struct resource){.attrs = {service, 1}, .service_name = str_of(name)};
}

#endif
