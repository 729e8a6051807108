/* record_read.c - from the packed items of a span to the struct span that encoders and exporters read. */
#include "sdk/record.h"

#include "base/err.h"

struct reader {
    struct arena *arena;
    struct span *span;
    uint32_t attributes, events, links; /* filled so far */
};

static int read_event(struct reader *r, const struct item *it, const unsigned char *at)
{
    struct span_event *event = &r->span->events[r->events++];
    struct event_payload payload;
    memcpy(&payload, at + it->key_n, sizeof payload);
    event->time_ns = payload.time_ns;
    event->dropped_attributes_count = payload.dropped_attributes;
    event->name = utf8_mend(str_make(at, it->key_n), r->arena);
    return attrs_unpack(str_make(at + it->key_n + sizeof payload, it->payload_n - sizeof payload),
                        r->arena, &event->attrs);
}

static int read_link(struct reader *r, const struct item *it, const unsigned char *at)
{
    struct span_link *link = &r->span->links[r->links++];
    struct link_payload payload;
    size_t head;
    memcpy(&payload, at, sizeof payload);
    head = sizeof payload + payload.state_n;
    link->trace_id = payload.trace_id;
    link->span_id = payload.span_id;
    link->flags = payload.flags;
    link->dropped_attributes_count = payload.dropped_attributes;
    link->trace_state = utf8_mend(str_make(at + sizeof payload, payload.state_n), r->arena);
    return attrs_unpack(str_make(at + head, it->payload_n - head), r->arena, &link->attrs);
}

static int read_attribute(struct reader *r, const struct item *it, const unsigned char *at)
{
    struct attr *attr = &r->span->attrs.items[r->attributes++];
    struct str payload = str_make(at + it->key_n, it->payload_n);
    attr->key = utf8_mend(str_make(at, it->key_n), r->arena);
    if (it->type != VALUE_STRING)
        return value_unpack((enum value_type)it->type, payload, r->arena, &attr->value);
    attr->value.type = VALUE_STRING; /* most are, and need no call */
    attr->value.string = utf8_mend(payload, r->arena);
    return 0;
}

static int read_item(struct reader *r, const struct item *it, const unsigned char *at)
{
    switch (it->what) {
    case ITEM_ATTRIBUTE: return read_attribute(r, it, at);
    case ITEM_EVENT: return read_event(r, it, at);
    case ITEM_LINK: return read_link(r, it, at);
    default: return 0;
    }
}

static int make_lists(const struct span_head *h, struct arena *arena, struct span *ret)
{
    ret->attrs.count = h->attribute_count;
    ret->event_count = h->event_count;
    ret->link_count = h->link_count;
    if (h->attribute_count)
        ret->attrs.items = arena_calloc(arena, h->attribute_count, sizeof *ret->attrs.items);
    if (h->event_count)
        ret->events = arena_calloc(arena, h->event_count, sizeof *ret->events);
    if (h->link_count)
        ret->links = arena_calloc(arena, h->link_count, sizeof *ret->links);
    return arena_failed(arena) ? ERR_NOMEM : 0;
}

int record_read(const struct span_head *h, const unsigned char *data, struct arena *arena,
                struct span *ret)
{
    struct reader r = {.arena = arena, .span = ret};
    memset(ret, 0, sizeof *ret);
    ret->trace_id = h->trace_id;
    ret->span_id = h->span_id;
    ret->parent_span_id = h->parent_id;
    ret->trace_state = text_str(h->trace_state);
    ret->name = utf8_mend(str_make(data + h->name_at, h->name_n), arena);
    ret->kind = (enum span_kind)h->kind;
    ret->flags = h->flags;
    ret->start_ns = h->start_ns;
    ret->end_ns = h->end_ns;
    ret->status_code = (enum status_code)h->status;
    ret->status_message = utf8_mend(str_make(data + h->message_at, h->message_n), arena);
    ret->dropped_attributes_count = h->dropped_attributes;
    ret->dropped_events_count = h->dropped_events;
    ret->dropped_links_count = h->dropped_links;
    ret->scope = h->scope;
    TRY(make_lists(h, arena, ret));
    for (uint32_t at = 0; at < h->data_n;) {
        struct item it;
        memcpy(&it, data + at, sizeof it);
        TRY(read_item(&r, &it, data + at + sizeof it));
        at += it.bytes;
    }
    return arena_failed(arena) ? ERR_NOMEM : 0;
}
