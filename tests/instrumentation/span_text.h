/* span_text.h - a finished span as one line, to compare: kind, name, status, attributes in the order of their keys. */
#ifndef SPAN_TEXT_H
#define SPAN_TEXT_H

#include "sdk/carrier.h"

enum { SPAN_TEXT_MAX = 4096 };

static inline int compare_attributes(const void *a, const void *b)
{
    const struct cairn_attr *left = a, *right = b;
    size_t n = left->key.n < right->key.n ? left->key.n : right->key.n;
    int order = memcmp(left->key.p, right->key.p, n);
    return order ? order : (left->key.n > right->key.n) - (left->key.n < right->key.n);
}

static inline size_t put_value(char *out, size_t room, const struct cairn_value *v)
{
    size_t n = 0;
    switch (v->type) {
    case CAIRN_TYPE_STRING: return (size_t)snprintf(out, room, "%.*s", STR_ARG(v->as.string));
    case CAIRN_TYPE_INT: return (size_t)snprintf(out, room, "%lld", (long long)v->as.integer);
    case CAIRN_TYPE_LIST:
        for (uint32_t i = 0; i < v->as.list.count; i++)
            n += (size_t)snprintf(out + n, room - n, "%s%.*s%s", i ? "," : "[",
                                  STR_ARG(v->as.list.items[i].as.string),
                                  i + 1 == v->as.list.count ? "]" : "");
        return n;
    default: fail_msg("a value of type %d", (int)v->type); return 0;
    }
}

/* "server GET /users error http.request.method=GET ..."; keys in `without` (may be NULL) are left out. */
static inline const char *span_text(const cairn_span_data *span, const char *const *without)
{
    static const char *const kinds[] = {"", "internal", "server", "client", "producer", "consumer"};
    static char text[SPAN_TEXT_MAX];
    struct cairn_attr attributes[64];
    size_t count = 0, n;
    cairn_str message, name = cairn_span_data_name(span);
    int status = cairn_span_data_status(span, &message);
    while (count < COUNT(attributes) && cairn_span_data_attribute(span, count, &attributes[count]))
        count++;
    qsort(attributes, count, sizeof *attributes, compare_attributes);
    n = (size_t)snprintf(text, sizeof text, "%s %.*s%s", kinds[cairn_span_data_kind(span)],
                         STR_ARG(name), status == CAIRN_SPAN_ERROR ? " error" : "");
    if (message.n)
        n += (size_t)snprintf(text + n, sizeof text - n, " \"%.*s\"", STR_ARG(message));
    for (size_t i = 0; i < count; i++) {
        const char *const *skip = without;
        while (skip && *skip &&
               !str_eq(str_of(*skip), str_make(attributes[i].key.p, attributes[i].key.n)))
            skip++;
        if (skip && *skip)
            continue;
        n += (size_t)snprintf(text + n, sizeof text - n, " %.*s=", STR_ARG(attributes[i].key));
        n += put_value(text + n, sizeof text - n, &attributes[i].value);
    }
    return text;
}

#endif
