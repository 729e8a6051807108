/* jaeger_pb_read.c - one function per message of Jaeger's model.proto. */
#include "wire/jaeger_map.h"
#include "wire/jaeger_pb.h"
#include "wire/pb_text.h"

/* ValueType */
static const enum value_type value_types[] = {VALUE_STRING, VALUE_BOOL, VALUE_INT, VALUE_DOUBLE,
                                              VALUE_BYTES};

static double read_double(struct pb_reader *r)
{
    uint64_t bits = pb_fixed64(r);
    double v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

/* Proto3 leaves out what is zero: the type says which value counts. */
static void read_tag(struct pb_reader *outer, struct arena *arena, struct attr_list *tags)
{
    struct pb_reader r = pb_reader_of(pb_bytes(outer));
    struct str key = {NULL, 0};
    struct value v = {.type = VALUE_STRING};
    struct attr *a;
    uint64_t type = 0;
    while (pb_next(&r)) {
        switch (r.tag) {
        case PB_TAG(1, PB_LEN): key = pb_text(&r); break;
        case PB_TAG(2, PB_VARINT): type = pb_varint(&r); break;
        case PB_TAG(3, PB_LEN):
            v = (struct value){.type = VALUE_STRING, .string = pb_text(&r)};
            break;
        case PB_TAG(4, PB_VARINT):
            v = (struct value){.type = VALUE_BOOL, .boolean = pb_varint(&r) != 0};
            break;
        case PB_TAG(5, PB_VARINT):
            v = (struct value){.type = VALUE_INT, .integer = (int64_t)pb_varint(&r)};
            break;
        case PB_TAG(6, PB_I64):
            v = (struct value){.type = VALUE_DOUBLE, .number = read_double(&r)};
            break;
        case PB_TAG(7, PB_LEN):
            v = (struct value){.type = VALUE_BYTES, .string = pb_bytes(&r)};
            break;
        default: pb_skip(&r); break;
        }
    }
    pb_leave(outer, &r);
    if (type < sizeof value_types / sizeof *value_types && v.type != value_types[type])
        v = (struct value){.type = value_types[type]};
    if ((a = attr_list_add(tags, arena, key)))
        a->value = v;
}

static void read_log(struct pb_reader *outer, struct arena *arena, struct event_list *logs)
{
    struct pb_reader r = pb_reader_of(pb_bytes(outer));
    struct span_event e = {0}, *place;
    struct attr_list fields = {0};
    while (pb_next(&r)) {
        switch (r.tag) {
        case PB_TAG(1, PB_LEN): pb_time(&r, &e.time_ns); break;
        case PB_TAG(2, PB_LEN): read_tag(&r, arena, &fields); break;
        default: pb_skip(&r); break;
        }
    }
    pb_leave(outer, &r);
    e.attrs = attr_list_done(&fields);
    if ((place = event_list_add(logs, arena)))
        *place = e;
}

static void read_ref(struct pb_reader *outer, struct arena *arena, struct jaeger_span *s)
{
    struct pb_reader r = pb_reader_of(pb_bytes(outer));
    struct jaeger_ref ref = {.child_of = true}, *place;
    while (pb_next(&r)) {
        switch (r.tag) {
        case PB_TAG(1, PB_LEN): pb_id(&r, ref.trace_id.bytes, TRACE_ID_BYTES); break;
        case PB_TAG(2, PB_LEN): pb_id(&r, ref.span_id.bytes, SPAN_ID_BYTES); break;
        case PB_TAG(3, PB_VARINT): ref.child_of = pb_varint(&r) == 0; break;
        default: pb_skip(&r); break;
        }
    }
    pb_leave(outer, &r);
    if ((place = jaeger_ref_add(s, arena)))
        *place = ref;
}

static const struct resource *read_process(struct pb_reader *outer, struct jaeger_map *m)
{
    struct pb_reader r = pb_reader_of(pb_bytes(outer));
    struct attr_list tags = {0};
    struct str service = {NULL, 0};
    while (pb_next(&r)) {
        switch (r.tag) {
        case PB_TAG(1, PB_LEN): service = pb_text(&r); break;
        case PB_TAG(2, PB_LEN): read_tag(&r, m->arena, &tags); break;
        default: pb_skip(&r); break;
        }
    }
    pb_leave(outer, &r);
    return jaeger_map_process(m, service, &tags);
}

static void read_span(struct pb_reader *outer, struct jaeger_map *m)
{
    struct pb_reader r = pb_reader_of(pb_bytes(outer));
    struct jaeger_span s = {.resource = NULL};
    while (pb_next(&r)) {
        switch (r.tag) {
        case PB_TAG(1, PB_LEN): pb_id(&r, s.trace_id.bytes, TRACE_ID_BYTES); break;
        case PB_TAG(2, PB_LEN): pb_id(&r, s.span_id.bytes, SPAN_ID_BYTES); break;
        case PB_TAG(3, PB_LEN): s.name = pb_text(&r); break;
        case PB_TAG(4, PB_LEN): read_ref(&r, m->arena, &s); break;
        case PB_TAG(6, PB_LEN): pb_time(&r, &s.start_ns); break;
        case PB_TAG(7, PB_LEN): pb_time(&r, &s.duration_ns); break;
        case PB_TAG(8, PB_LEN): read_tag(&r, m->arena, &s.tags); break;
        case PB_TAG(9, PB_LEN): read_log(&r, m->arena, &s.logs); break;
        case PB_TAG(10, PB_LEN): s.resource = read_process(&r, m); break;
        default: pb_skip(&r); break;
        }
    }
    pb_leave(outer, &r);
    if (!r.bad_at)
        jaeger_map_add(m, &s);
}

/* Spans without a process of their own have the batch's, which may stand behind them. */
static void read_batch(struct pb_reader *outer, struct jaeger_map *m)
{
    static const struct resource none;
    struct pb_reader r = pb_reader_of(pb_bytes(outer));
    const struct resource *resource = &none;
    size_t first = m->spans.count;
    while (pb_next(&r) && !m->spans.full) {
        switch (r.tag) {
        case PB_TAG(1, PB_LEN): read_span(&r, m); break;
        case PB_TAG(2, PB_LEN): resource = read_process(&r, m); break;
        default: pb_skip(&r); break;
        }
    }
    pb_leave(outer, &r);
    for (size_t i = first; i < m->spans.count; i++) {
        if (!m->spans.items[i].resource)
            m->spans.items[i].resource = resource;
    }
}

int jaeger_pb_decode(struct str bytes, struct arena *arena, struct span_batch *ret, struct err *err)
{
    struct pb_reader r = pb_reader_of(bytes);
    struct jaeger_map m = {.arena = arena};
    *ret = (struct span_batch){0};
    while (pb_next(&r) && !m.spans.full) {
        if (r.tag == PB_TAG(1, PB_LEN))
            read_batch(&r, &m);
        else
            pb_skip(&r);
    }
    TRY(pb_finish(&r, bytes, err));
    return build_batch(&m.spans, arena, ret, err);
}
