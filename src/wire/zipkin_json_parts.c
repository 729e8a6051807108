/* zipkin_json_parts.c - see zipkin_json_parts.h. */
#include "wire/zipkin_json_parts.h"

bool zipkin_read_null(struct json_reader *r)
{
    if (json_peek(r) != JSON_NULL_KIND)
        return false;
    json_read_null(r);
    return true;
}

struct str zipkin_read_text(struct json_reader *r)
{
    switch (json_peek(r)) {
    case JSON_NUMBER_KIND: return arena_str(r->arena, json_read_number(r));
    case JSON_BOOL_KIND: return json_read_bool(r) ? STR("true") : STR("false");
    default: return build_string(r);
    }
}

void zipkin_read_endpoint(struct json_reader *r, struct zipkin_endpoint *ret)
{
    struct str key;
    if (zipkin_read_null(r) || !json_read_object(r))
        return;
    while (json_read_member(r, &key)) {
        if (str_eq(key, STR("serviceName"))) {
            ret->service = build_string(r);
        } else if (str_eq(key, STR("ipv4"))) {
            ret->ipv4 = build_string(r);
        } else if (str_eq(key, STR("ipv6"))) {
            ret->ipv6 = build_string(r);
        } else if (str_eq(key, STR("port")) && json_peek(r) == JSON_NUMBER_KIND) {
            int64_t port;
            if (str_to_i64(json_read_number(r), &port) && port > 0 && port <= UINT16_MAX)
                ret->port = (uint16_t)port;
        } else {
            json_read_skip(r);
        }
    }
}

int zipkin_json_spans(struct str text, struct arena *arena, zipkin_json_span_fn *read_span,
                      struct span_batch *ret, struct err *err)
{
    struct json_reader r = json_reader_of(text, arena);
    struct zipkin_map m = {.arena = arena};
    *ret = (struct span_batch){0};
    if (str_trim(text).n == 0)
        return 0;
    if (json_peek(&r) != JSON_ARRAY_KIND) {
        read_span(&r, &m);
    } else if (json_read_array(&r)) {
        while (json_read_element(&r) && !m.spans.full)
            read_span(&r, &m);
    }
    if (!m.spans.full && !json_read_end(&r))
        return err_at(err, r.no_memory ? ERR_NOMEM : ERR_INVALID, r.bad_at, "%s", r.why);
    return build_batch(&m.spans, arena, ret, err);
}
