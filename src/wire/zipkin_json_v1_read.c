/* zipkin_json_v1_read.c - Zipkin's spans, version 1, in JSON. */
#include "wire/zipkin_json.h"
#include "wire/zipkin_json_parts.h"
#include "wire/zipkin_v1.h"

static void read_annotation(struct json_reader *r, struct zipkin_v1_span *v)
{
    struct zipkin_v1_annotation a = {0}, *place;
    struct str key;
    if (!json_read_object(r))
        return;
    while (json_read_member(r, &key)) {
        if (str_eq(key, STR("timestamp")))
            a.time_ns = build_micros(r);
        else if (str_eq(key, STR("value")))
            a.value = build_string(r);
        else if (str_eq(key, STR("endpoint")))
            zipkin_read_endpoint(r, &a.host);
        else
            json_read_skip(r);
    }
    if ((place = zipkin_v1_annotation_add(v, r->arena)))
        *place = a;
}

static void read_binary(struct json_reader *r, struct zipkin_v1_span *v)
{
    struct zipkin_v1_binary b = {.is_address = false}, *place;
    struct str key;
    bool is_true = false;
    if (!json_read_object(r))
        return;
    while (json_read_member(r, &key)) {
        if (str_eq(key, STR("key"))) {
            b.key = build_string(r);
        } else if (str_eq(key, STR("value"))) {
            bool boolean = json_peek(r) == JSON_BOOL_KIND;
            b.value = zipkin_read_text(r);
            is_true = boolean && str_eq(b.value, STR("true"));
        } else if (str_eq(key, STR("endpoint"))) {
            zipkin_read_endpoint(r, &b.host);
        } else {
            json_read_skip(r);
        }
    }
    b.is_address = is_true && zipkin_v1_is_address(b.key);
    if ((place = zipkin_v1_binary_add(v, r->arena)))
        *place = b;
}

static void read_list(struct json_reader *r, struct zipkin_v1_span *v,
                      void (*read)(struct json_reader *r, struct zipkin_v1_span *v))
{
    if (zipkin_read_null(r) || !json_read_array(r))
        return;
    while (json_read_element(r))
        read(r, v);
}

static void read_member(struct json_reader *r, struct zipkin_v1_span *v, struct str key)
{
    if (str_eq(key, STR("traceId")))
        build_trace_id(r, &v->trace_id);
    else if (str_eq(key, STR("id")))
        build_span_id(r, &v->span_id);
    else if (str_eq(key, STR("parentId")))
        build_span_id(r, &v->parent_id);
    else if (str_eq(key, STR("name")))
        v->name = build_string(r);
    else if (str_eq(key, STR("timestamp")))
        v->start_ns = build_micros(r);
    else if (str_eq(key, STR("duration")))
        v->duration_ns = build_micros(r);
    else if (str_eq(key, STR("annotations")))
        read_list(r, v, read_annotation);
    else if (str_eq(key, STR("binaryAnnotations")))
        read_list(r, v, read_binary);
    else
        json_read_skip(r);
}

static void read_span(struct json_reader *r, struct zipkin_map *m)
{
    struct zipkin_v1_span v = {.duration_ns = 0};
    struct str key;
    if (!json_read_object(r))
        return;
    while (json_read_member(r, &key))
        read_member(r, &v, key);
    if (!r->why)
        zipkin_v1_add(m, &v);
}

int zipkin_json_v1_decode(struct str text, struct arena *arena, struct span_batch *ret,
                          struct err *err)
{
    return zipkin_json_spans(text, arena, read_span, ret, err);
}
