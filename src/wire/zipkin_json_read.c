/* zipkin_json_read.c - Zipkin's spans, version 2, member by member; zipkin_map.h says what they mean. */
#include "wire/zipkin_json.h"
#include "wire/zipkin_json_parts.h"

static void read_annotations(struct json_reader *r, struct event_list *events)
{
    struct str key;
    if (zipkin_read_null(r) || !json_read_array(r))
        return;
    while (json_read_element(r)) {
        struct span_event e = {0}, *place;
        if (!json_read_object(r))
            return;
        while (json_read_member(r, &key)) {
            if (str_eq(key, STR("timestamp")))
                e.time_ns = build_micros(r);
            else if (str_eq(key, STR("value")))
                e.name = build_string(r);
            else
                json_read_skip(r);
        }
        if ((place = event_list_add(events, r->arena)))
            *place = e;
    }
}

static void read_tags(struct json_reader *r, struct attr_list *tags)
{
    struct str key;
    if (zipkin_read_null(r) || !json_read_object(r))
        return;
    while (json_read_member(r, &key)) {
        struct str name = arena_str(r->arena, key), value = zipkin_read_text(r);
        attr_list_add_string(tags, r->arena, name, value);
    }
}

static void read_kind(struct json_reader *r, enum span_kind *ret)
{
    if (!zipkin_read_null(r))
        (void)span_kind_parse(json_read_string(r), ret); /* one of tomorrow's is none */
}

static void read_member(struct json_reader *r, struct zipkin_span *z, struct str key)
{
    if (str_eq(key, STR("traceId")))
        build_trace_id(r, &z->trace_id);
    else if (str_eq(key, STR("id")))
        build_span_id(r, &z->span_id);
    else if (str_eq(key, STR("parentId")))
        build_span_id(r, &z->parent_id);
    else if (str_eq(key, STR("name")))
        z->name = build_string(r);
    else if (str_eq(key, STR("kind")))
        read_kind(r, &z->kind);
    else if (str_eq(key, STR("timestamp")))
        z->start_ns = build_micros(r);
    else if (str_eq(key, STR("duration")))
        z->duration_ns = build_micros(r);
    else if (str_eq(key, STR("localEndpoint")))
        zipkin_read_endpoint(r, &z->local);
    else if (str_eq(key, STR("remoteEndpoint")))
        zipkin_read_endpoint(r, &z->remote);
    else if (str_eq(key, STR("tags")))
        read_tags(r, &z->tags);
    else if (str_eq(key, STR("annotations")))
        read_annotations(r, &z->annotations);
    else
        json_read_skip(r);
}

static void read_span(struct json_reader *r, struct zipkin_map *m)
{
    struct zipkin_span z = {.duration_ns = 0};
    struct str key;
    if (!json_read_object(r))
        return;
    while (json_read_member(r, &key))
        read_member(r, &z, key);
    if (!r->why)
        zipkin_map_add(m, &z);
}

int zipkin_json_decode(struct str text, struct arena *arena, struct span_batch *ret,
                       struct err *err)
{
    return zipkin_json_spans(text, arena, read_span, ret, err);
}
