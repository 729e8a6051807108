/* record.h - the content of a span while it lives: items packed one after another in its slot.
 *
 * An item is struct item, the key (or event's name), the payload, padding to 8 bytes. Name and status message are
 * bare text between items' places and named by offset. What is replaced becomes dead and is squeezed out before
 * the span grows beyond its slot. The drainer turns the same bytes into a struct span (record_read). */
#ifndef SDK_RECORD_H
#define SDK_RECORD_H

#include <cairn/sdk.h>

#include "tracer/slot.h"
#include "tracer/values.h"

/* UINT32_MAX = none. */
struct span_limits {
    uint32_t attribute_count, value_length;
    uint32_t event_count, link_count;
    uint32_t event_attribute_count, link_attribute_count;
    uint32_t span_bytes;
};

enum item_what { ITEM_DEAD, ITEM_ATTRIBUTE, ITEM_EVENT, ITEM_LINK, ITEM_TEXT };

struct item {
    uint32_t bytes;     /* to the next item, a multiple of 8 */
    uint32_t signature; /* of the key, attributes only */
    uint32_t payload_n;
    uint16_t key_n;
    uint8_t what; /* enum item_what */
    uint8_t type; /* enum value_type, attributes only */
};

/* The payload of events and links: this, then (links) the trace state, then a packed map. */
struct event_payload {
    uint64_t time_ns;
    uint32_t dropped_attributes;
};
struct link_payload {
    struct trace_id trace_id;
    struct span_id span_id;
    uint32_t flags, dropped_attributes, state_n;
};

/* All of these: the slot is locked and records. */
void record_init(struct slot *slot, struct str name, const struct span_limits *limits);
void record_attributes(struct slot *slot, const struct cairn_attr *attributes, size_t count,
                       const struct span_limits *limits);
void record_event(struct slot *slot, struct str name, uint64_t time_ns,
                  const struct cairn_attrs *first, const struct cairn_attrs *attributes,
                  const struct span_limits *limits);
void record_link(struct slot *slot, const struct cairn_span_context *context,
                 const struct cairn_attrs *attributes, const struct span_limits *limits);
void record_name(struct slot *slot, struct str name, const struct span_limits *limits);
void record_message(struct slot *slot, struct str message, const struct span_limits *limits);

/* Makes the span that head and data describe. Slices borrow from data and from head->trace_state, the rest lives in
 * the arena. ret->resource is left to the caller. ERR_NOMEM. */
int record_read(const struct span_head *head, const unsigned char *data, struct arena *arena,
                struct span *ret);

#endif
