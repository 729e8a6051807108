/* attr.c - looking at attribute values: find, compare, make text. */
#include <inttypes.h>
#include <stdio.h>

#include "base/json_writer.h"
#include "trace/span.h"

const struct value *attrs_get(const struct attrs *attrs, struct str key)
{
    for (uint32_t i = 0; i < attrs->count; i++) {
        if (str_eq(attrs->items[i].key, key))
            return &attrs->items[i].value;
    }
    return NULL;
}

struct str attrs_get_string(const struct attrs *attrs, struct str key)
{
    const struct value *v = attrs_get(attrs, key);
    return v && v->type == VALUE_STRING ? v->string : (struct str){NULL, 0};
}

bool value_eq(const struct value *a, const struct value *b)
{
    if (a->type != b->type)
        return false;
    switch (a->type) {
    case VALUE_EMPTY: return true;
    case VALUE_STRING:
    case VALUE_BYTES: return str_eq(a->string, b->string);
    case VALUE_BOOL: return a->boolean == b->boolean;
    case VALUE_INT: return a->integer == b->integer;
    case VALUE_DOUBLE: return memcmp(&a->number, &b->number, sizeof a->number) == 0;
    case VALUE_KVLIST: return attrs_eq(&a->kvlist, &b->kvlist);
    case VALUE_ARRAY:
        if (a->array.count != b->array.count)
            return false;
        for (uint32_t i = 0; i < a->array.count; i++) {
            if (!value_eq(&a->array.items[i], &b->array.items[i]))
                return false;
        }
        return true;
    }
    return false;
}

bool attrs_eq(const struct attrs *a, const struct attrs *b)
{
    if (a->count != b->count)
        return false;
    for (uint32_t i = 0; i < a->count; i++) {
        if (!str_eq(a->items[i].key, b->items[i].key) ||
            !value_eq(&a->items[i].value, &b->items[i].value))
            return false;
    }
    return true;
}

/* Plain JSON, as Jaeger shows lists: not OTLP's typed form. */
static void write_plain(struct json_writer *w, const struct value *v)
{
    switch (v->type) {
    case VALUE_EMPTY: json_write_null(w); break;
    case VALUE_STRING: json_str(w, v->string); break;
    case VALUE_BYTES: json_base64(w, v->string); break;
    case VALUE_BOOL: json_bool(w, v->boolean); break;
    case VALUE_INT: json_i64(w, v->integer); break;
    case VALUE_DOUBLE: json_double(w, v->number); break;
    case VALUE_ARRAY:
        json_array_begin(w);
        for (uint32_t i = 0; i < v->array.count; i++)
            write_plain(w, &v->array.items[i]);
        json_array_end(w);
        break;
    case VALUE_KVLIST:
        json_object_begin(w);
        for (uint32_t i = 0; i < v->kvlist.count; i++) {
            json_key(w, v->kvlist.items[i].key);
            write_plain(w, &v->kvlist.items[i].value);
        }
        json_object_end(w);
        break;
    }
}

struct str value_text(const struct value *v, struct arena *arena)
{
    struct buf text;
    struct json_writer w;
    struct str s;
    if (v->type == VALUE_STRING)
        return v->string;
    if (v->type == VALUE_EMPTY)
        return (struct str){NULL, 0};
    buf_init(&text, 0);
    json_init(&w, &text, 0);
    write_plain(&w, v);
    s = buf_str(&text);
    if (v->type == VALUE_BYTES || (v->type == VALUE_DOUBLE && s.n && s.p[0] == '"'))
        s = str_make(s.p + 1, s.n - 2); /* text, not a JSON string */
    s = text.failed ? (struct str){NULL, 0} : arena_str(arena, s);
    buf_release(&text);
    return s;
}
