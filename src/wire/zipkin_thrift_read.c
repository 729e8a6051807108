/* zipkin_thrift_read.c - one function per struct of zipkinCore.thrift. */
#include "base/utf8.h"
#include "wire/thrift.h"
#include "wire/zipkin_thrift.h"
#include "wire/zipkin_v1.h"

static const uint64_t NS_PER_US = 1000;

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

static uint64_t to_ns(int64_t us)
{
    return us <= 0 || (uint64_t)us > UINT64_MAX / NS_PER_US ? 0 : (uint64_t)us * NS_PER_US;
}

static void put_i64(uint8_t *id, int64_t v)
{
    for (int i = 0; i < 8; i++)
        id[i] = (uint8_t)((uint64_t)v >> (56 - 8 * i));
}

static void read_endpoint(struct thrift_reader *r, struct arena *arena, struct zipkin_endpoint *e)
{
    while (thrift_field(r)) {
        uint8_t ipv4[8];
        if (thrift_is(r, 1, THRIFT_I32)) {
            put_i64(ipv4, thrift_i32(r));
            static const uint8_t none[4];
            if (memcmp(ipv4 + 4, none, sizeof none) != 0)
                e->ipv4 = zipkin_ipv4(arena, str_make(ipv4 + 4, 4));
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
            a.time_ns = to_ns(thrift_i64(r));
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
        type == ANNOTATION_BOOL && str_eq(b.value, STR("true")) &&
        (str_eq(b.key, STR("ca")) || str_eq(b.key, STR("sa")) || str_eq(b.key, STR("ma")));
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
            put_i64(v.trace_id.bytes + 8, thrift_i64(r));
        else if (thrift_is(r, 12, THRIFT_I64))
            put_i64(v.trace_id.bytes, thrift_i64(r));
        else if (thrift_is(r, 3, THRIFT_STRING))
            v.name = thrift_text(r);
        else if (thrift_is(r, 4, THRIFT_I64))
            put_i64(v.span_id.bytes, thrift_i64(r));
        else if (thrift_is(r, 5, THRIFT_I64))
            put_i64(v.parent_id.bytes, thrift_i64(r));
        else if (thrift_is(r, 6, THRIFT_LIST))
            read_list(r, m->arena, &v, read_annotation);
        else if (thrift_is(r, 8, THRIFT_LIST))
            read_list(r, m->arena, &v, read_binary);
        else if (thrift_is(r, 10, THRIFT_I64))
            v.start_ns = to_ns(thrift_i64(r));
        else if (thrift_is(r, 11, THRIFT_I64))
            v.duration_ns = to_ns(thrift_i64(r));
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
