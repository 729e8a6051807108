/* span.h - the one span type of the whole house.
 *
 * A decoder fills a struct span_batch in an arena; the pipeline edits it; the engine copies it into its columns;
 * encoders and the API's writers read it. Every slice and pointer in it borrows: from the request's bytes or
 * from the batch's arena, and is gone when those are. The fields follow OTLP 1.11 trace.proto one to one, so
 * that what comes in goes out whole: unset, empty and zero are told apart where OTLP does. */
#ifndef TRACE_SPAN_H
#define TRACE_SPAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

enum { TRACE_ID_BYTES = 16, SPAN_ID_BYTES = 8 };

struct trace_id {
    uint8_t bytes[TRACE_ID_BYTES];
};

struct span_id {
    uint8_t bytes[SPAN_ID_BYTES];
};

static inline bool trace_id_eq(struct trace_id a, struct trace_id b)
{
    return memcmp(a.bytes, b.bytes, TRACE_ID_BYTES) == 0;
}

static inline bool span_id_eq(struct span_id a, struct span_id b)
{
    return memcmp(a.bytes, b.bytes, SPAN_ID_BYTES) == 0;
}

static inline bool trace_id_is_zero(struct trace_id id)
{
    static const struct trace_id zero;
    return trace_id_eq(id, zero);
}

static inline bool span_id_is_zero(struct span_id id)
{
    static const struct span_id zero;
    return span_id_eq(id, zero);
}

/* The numbers are the field numbers of OTLP's AnyValue. */
enum value_type {
    VALUE_EMPTY = 0,
    VALUE_STRING = 1,
    VALUE_BOOL = 2,
    VALUE_INT = 3,
    VALUE_DOUBLE = 4,
    VALUE_ARRAY = 5,
    VALUE_KVLIST = 6,
    VALUE_BYTES = 7,
};

struct value;
struct attr;

struct value_list {
    struct value *items;
    uint32_t count;
};

/* Attributes in the order received; keys should be unique but senders do not guarantee it. */
struct attrs {
    struct attr *items;
    uint32_t count;
};

struct value {
    enum value_type type;
    union {
        struct str string; /* VALUE_STRING (UTF-8) and VALUE_BYTES (any bytes) */
        bool boolean;
        int64_t integer;
        double number;
        struct value_list array;
        struct attrs kvlist;
    };
};

struct attr {
    struct str key;
    struct value value;
};

struct resource {
    struct attrs attrs;
    uint32_t dropped_attributes_count;
    struct str schema_url; /* of ResourceSpans */
    struct str
        service_name; /* the string value of service.name; empty when absent. Set by the decoder */
};

struct scope {
    struct str name, version;
    struct attrs attrs;
    uint32_t dropped_attributes_count;
    struct str schema_url; /* of ScopeSpans */
};

/* OTLP's numbers. */
enum span_kind {
    SPAN_KIND_UNSPECIFIED = 0,
    SPAN_KIND_INTERNAL = 1,
    SPAN_KIND_SERVER = 2,
    SPAN_KIND_CLIENT = 3,
    SPAN_KIND_PRODUCER = 4,
    SPAN_KIND_CONSUMER = 5,
};

enum status_code { STATUS_UNSET = 0, STATUS_OK = 1, STATUS_ERROR = 2 };

/* Span.flags and Link.flags. */
enum {
    SPAN_FLAG_SAMPLED = 0x01,
    SPAN_FLAG_RANDOM = 0x02,
    SPAN_FLAG_HAS_IS_REMOTE = 0x100,
    SPAN_FLAG_IS_REMOTE = 0x200,
};

struct span_event {
    uint64_t time_ns;
    struct str name;
    struct attrs attrs;
    uint32_t dropped_attributes_count;
};

struct span_link {
    struct trace_id trace_id;
    struct span_id span_id;
    struct str trace_state;
    struct attrs attrs;
    uint32_t dropped_attributes_count;
    uint32_t flags;
};

struct span {
    struct trace_id trace_id;
    struct span_id span_id;
    struct span_id parent_span_id; /* all zero = root */
    struct str trace_state;
    struct str name;
    enum span_kind kind;
    uint32_t flags;
    uint64_t start_ns, end_ns; /* Unix time; end < start happens */
    enum status_code status_code;
    struct str status_message;
    struct attrs attrs;
    struct span_event *events;
    struct span_link *links;
    uint32_t event_count, link_count;
    uint32_t dropped_attributes_count, dropped_events_count, dropped_links_count;
    const struct resource *resource; /* never NULL; spans of one ResourceSpans share it */
    const struct scope *scope;       /* never NULL */
};

/* Spans with the same resource and scope stand together, so that an encoder opens a new ResourceSpans or
 * ScopeSpans only when the pointer changes. */
struct span_batch {
    struct span *spans;
    size_t span_count;
    /* Spans that the decoder refused one by one (zero or wrong-length ids): partial success, not an error. */
    uint64_t rejected_spans;
    const char *rejected_reason; /* of the first one; static text, NULL when there is none */
};

static inline uint64_t span_duration_ns(const struct span *s)
{
    return s->end_ns > s->start_ns ? s->end_ns - s->start_ns : 0;
}

/* The first value with this key, or NULL. */
const struct value *attrs_get(const struct attrs *attrs, struct str key);
/* The same when it is a string; else an empty slice. */
struct str attrs_get_string(const struct attrs *attrs, struct str key);

/* "unspecified", "internal", "server", "client", "producer", "consumer" */
const char *span_kind_name(enum span_kind kind);
bool span_kind_parse(struct str name, enum span_kind *ret); /* any case */

/* The value as the text that searches compare with and tables show: strings as they are, numbers in decimal,
 * true/false, bytes in base64, arrays and lists as JSON. Borrows from the value or from the arena. */
struct str value_text(const struct value *v, struct arena *arena);

/* Deep comparison; doubles by bits. */
bool value_eq(const struct value *a, const struct value *b);
bool attrs_eq(const struct attrs *a, const struct attrs *b);
bool span_eq(const struct span *a, const struct span *b); /* with resource and scope by content */

/* Replaces what *v points to by a copy in the arena; after a failure (arena->failed) it must not be read. */
void value_copy(struct value *v, struct arena *arena);

/* Everything src points to copied into the arena, so that dst outlives src's bytes. dst->resource and
 * dst->scope stay src's pointers. ERR_NOMEM when the arena is full. */
int span_copy(struct span *dst, const struct span *src, struct arena *arena);
int resource_copy(struct resource *dst, const struct resource *src, struct arena *arena);
int scope_copy(struct scope *dst, const struct scope *src, struct arena *arena);

#endif
