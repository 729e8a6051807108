/* span_build.h - lists that grow while a dialect is read: attributes, events, links, spans. All in an arena; a full
 * arena is seen in arena_failed. */
#ifndef WIRE_SPAN_BUILD_H
#define WIRE_SPAN_BUILD_H

#include "base/err.h"
#include "base/json_reader.h"
#include "trace/span.h"

struct attr_list {
    struct attr *items;
    size_t count, cap;
};

struct event_list {
    struct span_event *items;
    size_t count, cap;
};

struct link_list {
    struct span_link *items;
    size_t count, cap;
};

struct span_list {
    struct span *items;
    size_t count, cap;
    bool full; /* there were more than BUILD_SPANS_MAX */
};

enum { BUILD_SPANS_MAX = 1000000 }; /* of one request or text */

/* Each answers the new element, zero-filled, or NULL. Elements move with the next call. */
struct attr *attr_list_add(struct attr_list *l, struct arena *arena, struct str key);
void attr_list_add_string(struct attr_list *l, struct arena *arena, struct str key, struct str v);
struct span_event *event_list_add(struct event_list *l, struct arena *arena);
struct span_link *link_list_add(struct link_list *l, struct arena *arena);
struct span *span_list_add(struct span_list *l, struct arena *arena);

static inline struct attrs attr_list_done(const struct attr_list *l)
{
    return (struct attrs){l->items, (uint32_t)l->count};
}

/* A string that outlives the text. */
struct str build_string(struct json_reader *r);
/* A number or a string of microseconds, whole or with a fraction, in ns; 0 for null. Fails the reader. */
uint64_t build_micros(struct json_reader *r);
/* 1 to 32 (16) hexadecimal digits; null and "" leave zeros. Fails the reader. */
void build_trace_id(struct json_reader *r, struct trace_id *ret);
void build_span_id(struct json_reader *r, struct span_id *ret);

/* Takes the spans with ids to *ret in the order of their resources and scopes, counts the others as rejected. ERR_TOO_LARGE,
 * ERR_NOMEM. */
int build_batch(struct span_list *spans, struct arena *arena, struct span_batch *ret,
                struct err *err);

#endif
