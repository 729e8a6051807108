/* zipkin_pb_read.c - one function per message. */
#include "wire/pb_text.h"
#include "wire/zipkin_map.h"
#include "wire/zipkin_pb.h"

static const uint64_t NS_PER_US = 1000;

static uint64_t to_ns(uint64_t us)
{
    return us > UINT64_MAX / NS_PER_US ? UINT64_MAX : us * NS_PER_US;
}

static void read_endpoint(struct pb_reader *outer, struct arena *arena, struct zipkin_endpoint *e)
{
    struct pb_reader r = pb_reader_of(pb_bytes(outer));
    while (pb_next(&r)) {
        uint64_t port;
        switch (r.tag) {
        case PB_TAG(1, PB_LEN): e->service = pb_text(&r); break;
        case PB_TAG(2, PB_LEN): e->ipv4 = zipkin_ipv4(arena, pb_bytes(&r)); break;
        case PB_TAG(3, PB_LEN): e->ipv6 = zipkin_ipv6(arena, pb_bytes(&r)); break;
        case PB_TAG(4, PB_VARINT):
            port = pb_varint(&r);
            e->port = port <= UINT16_MAX ? (uint16_t)port : 0;
            break;
        default: pb_skip(&r); break;
        }
    }
    pb_leave(outer, &r);
}

static void read_annotation(struct pb_reader *outer, struct arena *arena, struct event_list *events)
{
    struct pb_reader r = pb_reader_of(pb_bytes(outer));
    struct span_event e = {0}, *place;
    while (pb_next(&r)) {
        switch (r.tag) {
        case PB_TAG(1, PB_I64): e.time_ns = to_ns(pb_fixed64(&r)); break;
        case PB_TAG(2, PB_LEN): e.name = pb_text(&r); break;
        default: pb_skip(&r); break;
        }
    }
    pb_leave(outer, &r);
    if ((place = event_list_add(events, arena)))
        *place = e;
}

static void read_tag(struct pb_reader *outer, struct arena *arena, struct attr_list *tags)
{
    struct pb_reader r = pb_reader_of(pb_bytes(outer));
    struct str key = {NULL, 0}, value = {NULL, 0};
    while (pb_next(&r)) {
        switch (r.tag) {
        case PB_TAG(1, PB_LEN): key = pb_text(&r); break;
        case PB_TAG(2, PB_LEN): value = pb_text(&r); break;
        default: pb_skip(&r); break;
        }
    }
    pb_leave(outer, &r);
    attr_list_add_string(tags, arena, key, value);
}

static void read_span(struct pb_reader *outer, struct zipkin_map *m)
{
    struct pb_reader r = pb_reader_of(pb_bytes(outer));
    struct zipkin_span z = {.duration_ns = 0};
    while (pb_next(&r)) {
        switch (r.tag) {
        case PB_TAG(1, PB_LEN): pb_id(&r, z.trace_id.bytes, TRACE_ID_BYTES); break;
        case PB_TAG(2, PB_LEN): pb_id(&r, z.parent_id.bytes, SPAN_ID_BYTES); break;
        case PB_TAG(3, PB_LEN): pb_id(&r, z.span_id.bytes, SPAN_ID_BYTES); break;
        case PB_TAG(4, PB_VARINT): z.kind = zipkin_kind(pb_varint(&r)); break;
        case PB_TAG(5, PB_LEN): z.name = pb_text(&r); break;
        case PB_TAG(6, PB_I64): z.start_ns = to_ns(pb_fixed64(&r)); break;
        case PB_TAG(7, PB_VARINT): z.duration_ns = to_ns(pb_varint(&r)); break;
        case PB_TAG(8, PB_LEN): read_endpoint(&r, m->arena, &z.local); break;
        case PB_TAG(9, PB_LEN): read_endpoint(&r, m->arena, &z.remote); break;
        case PB_TAG(10, PB_LEN): read_annotation(&r, m->arena, &z.annotations); break;
        case PB_TAG(11, PB_LEN): read_tag(&r, m->arena, &z.tags); break;
        default: pb_skip(&r); break;
        }
    }
    pb_leave(outer, &r);
    if (!r.bad_at)
        zipkin_map_add(m, &z);
}

int zipkin_pb_decode(struct str bytes, struct arena *arena, struct span_batch *ret, struct err *err)
{
    struct pb_reader r = pb_reader_of(bytes);
    struct zipkin_map m = {.arena = arena};
    *ret = (struct span_batch){0};
    while (pb_next(&r) && !m.spans.full) {
        if (r.tag == PB_TAG(1, PB_LEN))
            read_span(&r, &m);
        else
            pb_skip(&r);
    }
    TRY(pb_finish(&r, bytes, err));
    return build_batch(&m.spans, arena, ret, err);
}
