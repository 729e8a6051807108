/* zipkin_thrift_read.c - one function per struct of zipkinCore.thrift. */
#include <arpa/inet.h>

#include "base/utf8.h"
#include "wire/thrift.h"
#include "wire/zipkin_thrift.h"
#include "wire/zipkin_v1.h"

/* AnnotationType */
enum {
    ANNOTATION_BOOL,
    ANNOTATION_BYTES,
    ANNOTATION_I16,
    ANNOTATION_I32,
    ANNOTATION_I64,
    ANNOTATION_DOUBLE,
    ANNOTATION_STRING
};

static void read_endpoint(struct thrift_reader *r, struct arena *arena, struct zipkin_endpoint *e)
{
    while (thrift_field(r)) {
        if (thrift_is(r, 1, THRIFT_I32)) {
            uint32_t ipv4 = htonl((uint32_t)thrift_i32(r));
            if (ipv4)
                e->ipv4 = zipkin_ipv4(arena, str_make(&ipv4, sizeof ipv4));
        } else if (thrift_is(r, 2, THRIFT_I16)) {
            e->port = (uint16_t)thrift_i16(r);
        } else if (thrift_is(r, 3, THRIFT_STRING)) {
            e->service = thrift_text(r);
        } else if (thrift_is(r, 4, THRIFT_STRING)) {
            e->ipv6 = zipkin_ipv6(arena, thrift_bytes(r));
        } else {
            thrift_skip(r);
        }
    }
}

static void read_annotation(struct thrift_reader *r, struct arena *arena, struct zipkin_v1_span *v)
{
    struct zipkin_v1_annotation a = {0}, *place;
    while (thrift_field(r)) {
        if (thrift_is(r, 1, THRIFT_I64))
            a.time_ns = thrift_micros(r);
        else if (thrift_is(r, 2, THRIFT_STRING))
            a.value = thrift_text(r);
        else if (thrift_is(r, 3, THRIFT_STRUCT))
            read_endpoint(r, arena, &a.host);
        else
            thrift_skip(r);
    }
    if ((place = zipkin_v1_annotation_add(v, arena)))
        *place = a;
}

/* A value's bytes as text, by its type; what cannot be one is empty. */
static struct str value_of(struct arena *arena, int32_t type, struct str bytes)
{
    struct thrift_reader r = thrift_reader_of(bytes);
    switch (type) {
    case ANNOTATION_BOOL: return thrift_bool(&r) ? STR("true") : STR("false");
    case ANNOTATION_I16: return arena_printf(arena, "%d", thrift_i16(&r));
    case ANNOTATION_I32: return arena_printf(arena, "%d", thrift_i32(&r));
    case ANNOTATION_I64: return arena_printf(arena, "%lld", (long long)thrift_i64(&r));
    case ANNOTATION_DOUBLE: return arena_printf(arena, "%.17g", thrift_double(&r));
    default: return utf8_valid(bytes) ? bytes : (struct str){NULL, 0};
    }
}

static void read_binary(struct thrift_reader *r, struct arena *arena, struct zipkin_v1_span *v)
{
    struct zipkin_v1_binary b = {.is_address = false}, *place;
    struct str bytes = {NULL, 0};
    int32_t type = ANNOTATION_STRING;
    while (thrift_field(r)) {
        if (thrift_is(r, 1, THRIFT_STRING))
            b.key = thrift_text(r);
        else if (thrift_is(r, 2, THRIFT_STRING))
            bytes = thrift_bytes(r);
        else if (thrift_is(r, 3, THRIFT_I32))
            type = thrift_i32(r);
        else if (thrift_is(r, 4, THRIFT_STRUCT))
            read_endpoint(r, arena, &b.host);
        else
            thrift_skip(r);
    }
    b.value = value_of(arena, type, bytes);
    b.is_address =
        type == ANNOTATION_BOOL && str_eq(b.value, STR("true")) && zipkin_v1_is_address(b.key);
    if ((place = zipkin_v1_binary_add(v, arena)))
        *place = b;
}

static void read_list(struct thrift_reader *r, struct arena *arena, struct zipkin_v1_span *v,
                      void (*read)(struct thrift_reader *r, struct arena *arena,
                                   struct zipkin_v1_span *v))
{
    for (uint32_t n = thrift_list(r, THRIFT_STRUCT); n && !r->bad_at; n--)
        read(r, arena, v);
}

static void read_span(struct thrift_reader *r, struct zipkin_map *m)
{
    struct zipkin_v1_span v = {.duration_ns = 0};
    while (thrift_field(r)) {
        if (thrift_is(r, 1, THRIFT_I64))
            thrift_id(r, v.trace_id.bytes + 8);
        else if (thrift_is(r, 12, THRIFT_I64))
            thrift_id(r, v.trace_id.bytes);
        else if (thrift_is(r, 3, THRIFT_STRING))
            v.name = thrift_text(r);
        else if (thrift_is(r, 4, THRIFT_I64))
            thrift_id(r, v.span_id.bytes);
        else if (thrift_is(r, 5, THRIFT_I64))
            thrift_id(r, v.parent_id.bytes);
        else if (thrift_is(r, 6, THRIFT_LIST))
            read_list(r, m->arena, &v, read_annotation);
        else if (thrift_is(r, 8, THRIFT_LIST))
            read_list(r, m->arena, &v, read_binary);
        else if (thrift_is(r, 10, THRIFT_I64))
            v.start_ns = thrift_micros(r);
        else if (thrift_is(r, 11, THRIFT_I64))
            v.duration_ns = thrift_micros(r);
        else
            thrift_skip(r);
    }
    if (!r->bad_at)
        zipkin_v1_add(m, &v);
}

int zipkin_thrift_decode(struct str bytes, struct arena *arena, struct span_batch *ret,
                         struct err *err)
{
    struct thrift_reader r = thrift_reader_of(bytes);
    struct zipkin_map m = {.arena = arena};
    *ret = (struct span_batch){0};
    for (uint32_t n = bytes.n ? thrift_list(&r, THRIFT_STRUCT) : 0; n && !r.bad_at && !m.spans.full;
         n--)
        read_span(&r, &m);
    TRY(thrift_finish(&r, bytes, err));
    return build_batch(&m.spans, arena, ret, err);
}
