/* jaeger_thrift_read.c - one function per struct of jaeger.thrift. */
#include "wire/jaeger_map.h"
#include "wire/jaeger_thrift.h"
#include "wire/thrift.h"

/* TagType; the numbers are not those of Jaeger's protobuf. */
static const enum value_type tag_types[] = {VALUE_STRING, VALUE_DOUBLE, VALUE_BOOL, VALUE_INT,
                                            VALUE_BYTES};

static void read_tag(struct thrift_reader *r, struct arena *arena, struct attr_list *tags)
{
    struct str key = {NULL, 0};
    struct value v = {.type = VALUE_STRING};
    struct attr *a;
    int32_t type = 0;
    while (thrift_field(r)) {
        if (thrift_is(r, 1, THRIFT_STRING))
            key = thrift_text(r);
        else if (thrift_is(r, 2, THRIFT_I32))
            type = thrift_i32(r);
        else if (thrift_is(r, 3, THRIFT_STRING))
            v = (struct value){.type = VALUE_STRING, .string = thrift_text(r)};
        else if (thrift_is(r, 4, THRIFT_DOUBLE))
            v = (struct value){.type = VALUE_DOUBLE, .number = thrift_double(r)};
        else if (thrift_is(r, 5, THRIFT_BOOL))
            v = (struct value){.type = VALUE_BOOL, .boolean = thrift_bool(r)};
        else if (thrift_is(r, 6, THRIFT_I64))
            v = (struct value){.type = VALUE_INT, .integer = thrift_i64(r)};
        else if (thrift_is(r, 7, THRIFT_STRING))
            v = (struct value){.type = VALUE_BYTES, .string = thrift_bytes(r)};
        else
            thrift_skip(r);
    }
    /* the type says which value counts; a sender that left this one out meant its zero */
    if (type >= 0 && (size_t)type < sizeof tag_types / sizeof *tag_types &&
        v.type != tag_types[type])
        v = (struct value){.type = tag_types[type]};
    if ((a = attr_list_add(tags, arena, key)))
        a->value = v;
}

static void read_tags(struct thrift_reader *r, struct arena *arena, struct attr_list *tags)
{
    for (uint32_t n = thrift_list(r, THRIFT_STRUCT); n && !r->bad_at; n--)
        read_tag(r, arena, tags);
}

static void read_log(struct thrift_reader *r, struct arena *arena, struct event_list *logs)
{
    struct span_event e = {0}, *place;
    struct attr_list fields = {0};
    while (thrift_field(r)) {
        if (thrift_is(r, 1, THRIFT_I64))
            e.time_ns = thrift_micros(r);
        else if (thrift_is(r, 2, THRIFT_LIST))
            read_tags(r, arena, &fields);
        else
            thrift_skip(r);
    }
    e.attrs = attr_list_done(&fields);
    if ((place = event_list_add(logs, arena)))
        *place = e;
}

static void read_ref(struct thrift_reader *r, struct arena *arena, struct jaeger_span *s)
{
    struct jaeger_ref ref = {.child_of = true}, *place;
    while (thrift_field(r)) {
        if (thrift_is(r, 1, THRIFT_I32))
            ref.child_of = thrift_i32(r) == 0;
        else if (thrift_is(r, 2, THRIFT_I64))
            thrift_id(r, ref.trace_id.bytes + 8);
        else if (thrift_is(r, 3, THRIFT_I64))
            thrift_id(r, ref.trace_id.bytes);
        else if (thrift_is(r, 4, THRIFT_I64))
            thrift_id(r, ref.span_id.bytes);
        else
            thrift_skip(r);
    }
    if ((place = jaeger_ref_add(s, arena)))
        *place = ref;
}

static void read_list(struct thrift_reader *r, struct arena *arena, struct jaeger_span *s,
                      void (*read)(struct thrift_reader *r, struct arena *arena,
                                   struct jaeger_span *s))
{
    for (uint32_t n = thrift_list(r, THRIFT_STRUCT); n && !r->bad_at; n--)
        read(r, arena, s);
}

static void read_span_log(struct thrift_reader *r, struct arena *arena, struct jaeger_span *s)
{
    read_log(r, arena, &s->logs);
}

static void read_span_tag(struct thrift_reader *r, struct arena *arena, struct jaeger_span *s)
{
    read_tag(r, arena, &s->tags);
}

/* The process may stand behind the spans: they get it when all is read. */
static void read_span(struct thrift_reader *r, struct jaeger_map *m)
{
    struct jaeger_span s = {.resource = NULL};
    while (thrift_field(r)) {
        if (thrift_is(r, 1, THRIFT_I64))
            thrift_id(r, s.trace_id.bytes + 8);
        else if (thrift_is(r, 2, THRIFT_I64))
            thrift_id(r, s.trace_id.bytes);
        else if (thrift_is(r, 3, THRIFT_I64))
            thrift_id(r, s.span_id.bytes);
        else if (thrift_is(r, 4, THRIFT_I64))
            thrift_id(r, s.parent_id.bytes);
        else if (thrift_is(r, 5, THRIFT_STRING))
            s.name = thrift_text(r);
        else if (thrift_is(r, 6, THRIFT_LIST))
            read_list(r, m->arena, &s, read_ref);
        else if (thrift_is(r, 8, THRIFT_I64))
            s.start_ns = thrift_micros(r);
        else if (thrift_is(r, 9, THRIFT_I64))
            s.duration_ns = thrift_micros(r);
        else if (thrift_is(r, 10, THRIFT_LIST))
            read_list(r, m->arena, &s, read_span_tag);
        else if (thrift_is(r, 11, THRIFT_LIST))
            read_list(r, m->arena, &s, read_span_log);
        else
            thrift_skip(r);
    }
    if (!r->bad_at)
        jaeger_map_add(m, &s);
}

static const struct resource *read_process(struct thrift_reader *r, struct jaeger_map *m)
{
    struct attr_list tags = {0};
    struct str service = {NULL, 0};
    while (thrift_field(r)) {
        if (thrift_is(r, 1, THRIFT_STRING))
            service = thrift_text(r);
        else if (thrift_is(r, 2, THRIFT_LIST))
            read_tags(r, m->arena, &tags);
        else
            thrift_skip(r);
    }
    return jaeger_map_process(m, service, &tags);
}

int jaeger_thrift_decode(struct str bytes, struct arena *arena, struct span_batch *ret,
                         struct err *err)
{
    static const struct resource none;
    struct thrift_reader r = thrift_reader_of(bytes);
    struct jaeger_map m = {.arena = arena};
    const struct resource *resource = &none;
    *ret = (struct span_batch){0};
    while (bytes.n && thrift_field(&r)) {
        if (thrift_is(&r, 1, THRIFT_STRUCT)) {
            resource = read_process(&r, &m);
        } else if (thrift_is(&r, 2, THRIFT_LIST)) {
            for (uint32_t n = thrift_list(&r, THRIFT_STRUCT); n && !r.bad_at && !m.spans.full; n--)
                read_span(&r, &m);
        } else {
            thrift_skip(&r);
        }
        if (m.spans.full)
            break;
    }
    TRY(thrift_finish(&r, bytes, err));
    for (size_t i = 0; i < m.spans.count; i++)
        m.spans.items[i].resource = resource;
    return build_batch(&m.spans, arena, ret, err);
}
