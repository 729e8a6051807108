/* attributes.c - the attributes of one span, collected on the stack. */
#include "instrumentation/http/parts.h"

#include <stdio.h>
#include <string.h>

#include <cairn/semconv.h>

static void add(struct attributes *all, struct cairn_attr attribute)
{
    if (all->count < ATTRIBUTES_MAX)
        all->items[all->count++] = attribute;
}

void attributes_add(struct attributes *all, const char *key, cairn_str value)
{
    if (value.n)
        add(all, cairn_attr_string(cairn_str_of(key), value));
}

void attributes_add_int(struct attributes *all, const char *key, int64_t value)
{
    if (value)
        add(all, cairn_attr_int(cairn_str_of(key), value));
}

void attributes_add_method(struct attributes *all, cairn_str method, cairn_str known)
{
    if (known.n) {
        attributes_add(all, CAIRN_ATTR_HTTP_REQUEST_METHOD, known);
        return;
    }
    attributes_add(all, CAIRN_ATTR_HTTP_REQUEST_METHOD,
                   cairn_str_of(CAIRN_VALUE_HTTP_REQUEST_METHOD_OTHER));
    attributes_add(all, CAIRN_ATTR_HTTP_REQUEST_METHOD_ORIGINAL, method);
}

void attributes_add_version(struct attributes *all, cairn_str version)
{
    if (version.n > 5 && memcmp(version.p, "HTTP/", 5) == 0)
        version = text_from(version, 5);
    if (text_eq(version, "2.0") || text_eq(version, "3.0"))
        version.n = 1; /* these two have no minor version */
    attributes_add(all, CAIRN_ATTR_NETWORK_PROTOCOL_VERSION, version);
}

static bool put_key(char *key, size_t room, const char *prefix, const char *name)
{
    int n = snprintf(key, room, "%s.%s", prefix, name);
    if (n < 0 || (size_t)n >= room)
        return false;
    for (char *c = key; *c; c++) {
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c | 0x20);
    }
    return true;
}

void attributes_add_headers(struct attributes *all, struct headers *room, const char *prefix,
                            const char *const *wanted, cairn_get_fn *get_header, void *carrier)
{
    if (!wanted || !get_header)
        return;
    for (size_t i = 0; i < CAIRN_HTTP_HEADERS_MAX && wanted[i]; i++) {
        char *key = room->keys[i];
        cairn_str *values = room->values[i], name;
        size_t count = 0;
        if (!put_key(key, sizeof room->keys[i], prefix, wanted[i]))
            continue;
        name = cairn_str_of(key + strlen(prefix) + 1);
        if (!name.n) /* would ask for any header */
            continue;
        while (count < HEADER_VALUES_MAX && get_header(carrier, name, count, &values[count]))
            count++;
        if (count)
            add(all, cairn_attr_array(cairn_str_of(key), CAIRN_TYPE_STRINGS, values, count));
    }
}
