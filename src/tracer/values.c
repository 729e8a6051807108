/* values.c - see values.h. */
#define CAIRN_NO_INLINE
#include "tracer/values.h"

#include <stdlib.h>

#include "base/err.h"
#include "tracer/misuse.h"

/* Nothing this large fits a span, and sums of a few of them do not overflow. */
enum { MEASURE_MAX = 1 << 28 };

enum value_type value_packed_type(const struct cairn_value *v)
{
    switch (v->type) {
    case CAIRN_TYPE_STRING: return VALUE_STRING;
    case CAIRN_TYPE_BOOL: return VALUE_BOOL;
    case CAIRN_TYPE_INT: return VALUE_INT;
    case CAIRN_TYPE_DOUBLE: return VALUE_DOUBLE;
    case CAIRN_TYPE_BYTES: return VALUE_BYTES;
    case CAIRN_TYPE_MAP: return VALUE_KVLIST;
    case CAIRN_TYPE_LIST:
    case CAIRN_TYPE_STRINGS:
    case CAIRN_TYPE_CSTRINGS:
    case CAIRN_TYPE_BOOLS:
    case CAIRN_TYPE_INTS:
    case CAIRN_TYPE_DOUBLES: return VALUE_ARRAY;
    default: return VALUE_EMPTY;
    }
}

/* Bytes of the first `chars` characters: a character is what does not begin with a continuation byte. */
static size_t cut_chars(cairn_str s, uint32_t chars)
{
    size_t i = 0;
    if (s.n <= chars)
        return s.n;
    for (; i < s.n; i++) {
        if (((unsigned char)s.p[i] & 0xc0) != 0x80 && chars-- == 0)
            break;
    }
    return i;
}

static size_t string_bytes(const struct cairn_value *v, uint32_t length_max)
{
    size_t n = v->as.string.p ? v->as.string.n : 0;
    if (n <= length_max || length_max == UINT32_MAX)
        return n;
    return v->type == CAIRN_TYPE_BYTES ? length_max : cut_chars(v->as.string, length_max);
}

static bool is_array(int32_t type)
{
    return type >= CAIRN_TYPE_STRINGS && type <= CAIRN_TYPE_DOUBLES;
}

/* Element i of one of the array types as a value. */
static struct cairn_value element(const struct cairn_value *v, size_t i)
{
    struct cairn_value e = {.type = CAIRN_TYPE_EMPTY};
    const void *items = v->as.array.items;
    switch (v->type) {
    case CAIRN_TYPE_STRINGS:
        e.type = CAIRN_TYPE_STRING;
        e.as.string = ((const cairn_str *)items)[i];
        break;
    case CAIRN_TYPE_CSTRINGS:
        e.type = CAIRN_TYPE_STRING;
        e.as.string = cairn_str_of(((const char *const *)items)[i]);
        break;
    case CAIRN_TYPE_BOOLS:
        e.type = CAIRN_TYPE_BOOL;
        e.as.boolean = ((const bool *)items)[i];
        break;
    case CAIRN_TYPE_INTS:
        e.type = CAIRN_TYPE_INT;
        e.as.integer = ((const int64_t *)items)[i];
        break;
    case CAIRN_TYPE_DOUBLES:
        e.type = CAIRN_TYPE_DOUBLE;
        e.as.number = ((const double *)items)[i];
        break;
    default: break;
    }
    return e;
}

/* How many elements a list, map or array really has: none without items, and none when the count cannot be right. */
static size_t element_count(const struct cairn_value *v)
{
    const void *items = v->as.array.items;
    size_t count = v->as.array.count;
    if (v->type == CAIRN_TYPE_LIST) {
        items = v->as.list.items;
        count = v->as.list.count;
    } else if (v->type == CAIRN_TYPE_MAP) {
        items = v->as.map.items;
        count = v->as.map.count;
    } else if (!is_array(v->type)) {
        return 0;
    }
    return items && count <= ELEMENTS_MAX ? count : 0;
}

bool value_makes_sense(const struct cairn_value *v)
{
    switch (value_packed_type(v)) {
    case VALUE_EMPTY: return v->type == CAIRN_TYPE_EMPTY;
    case VALUE_STRING:
    case VALUE_BYTES:
        return (v->as.string.p || v->as.string.n == 0) && v->as.string.n < MEASURE_MAX;
    case VALUE_ARRAY:
    case VALUE_KVLIST:
        return element_count(v) ||
               (is_array(v->type)
                    ? v->as.array.count == 0
                    : (v->type == CAIRN_TYPE_LIST ? v->as.list.count : v->as.map.count) == 0);
    default: return true;
    }
}

static struct cairn_value element_value(const struct cairn_value *v, size_t i)
{
    if (v->type == CAIRN_TYPE_LIST)
        return v->as.list.items[i];
    if (v->type == CAIRN_TYPE_MAP)
        return v->as.map.items[i].value;
    return element(v, i);
}

/* Collections have unique keys: only the last entry of a key is packed. */
static bool map_entry_counts(const struct cairn_value *v, size_t i)
{
    cairn_str key = v->as.map.items[i].key;
    if (!key.p || key.n == 0 || key.n > UINT32_MAX)
        return false;
    for (size_t j = i + 1; j < v->as.map.count; j++) {
        cairn_str other = v->as.map.items[j].key;
        if (other.n == key.n && other.p && memcmp(other.p, key.p, key.n) == 0)
            return false;
    }
    return true;
}

static size_t collection_measure(const struct cairn_value *v, uint32_t length_max, unsigned depth)
{
    size_t total = 0;
    if (depth >= VALUE_DEPTH_MAX)
        return 0;
    for (size_t i = 0, n = element_count(v); i < n; i++) {
        struct cairn_value e;
        if (v->type == CAIRN_TYPE_MAP && !map_entry_counts(v, i))
            continue;
        e = element_value(v, i);
        total += NODE_HEAD_BYTES + value_measure(&e, length_max, depth + 1);
        if (v->type == CAIRN_TYPE_MAP)
            total += sizeof(uint32_t) + v->as.map.items[i].key.n;
        if (total >= MEASURE_MAX)
            return MEASURE_MAX;
    }
    return total;
}

size_t value_measure(const struct cairn_value *v, uint32_t length_max, unsigned depth)
{
    size_t n;
    switch (value_packed_type(v)) {
    case VALUE_STRING:
    case VALUE_BYTES: n = string_bytes(v, length_max); break;
    case VALUE_BOOL: return 1;
    case VALUE_INT:
    case VALUE_DOUBLE: return 8;
    case VALUE_ARRAY:
    case VALUE_KVLIST: n = collection_measure(v, length_max, depth); break;
    default: return 0;
    }
    return n < MEASURE_MAX ? n : MEASURE_MAX;
}

static unsigned char *put_u32(unsigned char *at, size_t v)
{
    uint32_t n = (uint32_t)v;
    memcpy(at, &n, sizeof n);
    return at + sizeof n;
}

static unsigned char *collection_pack(unsigned char *at, const struct cairn_value *v,
                                      uint32_t length_max, unsigned depth)
{
    if (depth >= VALUE_DEPTH_MAX)
        return at;
    for (size_t i = 0, n = element_count(v); i < n; i++) {
        struct cairn_value e;
        unsigned char *head;
        if (v->type == CAIRN_TYPE_MAP) {
            cairn_str key = v->as.map.items[i].key;
            if (!map_entry_counts(v, i))
                continue;
            at = put_u32(at, key.n);
            memcpy(at, key.p, key.n);
            at += key.n;
        }
        e = element_value(v, i);
        head = at;
        *head = (unsigned char)value_packed_type(&e);
        at = value_pack(head + NODE_HEAD_BYTES, &e, length_max, depth + 1);
        put_u32(head + 1, (size_t)(at - head) - NODE_HEAD_BYTES);
    }
    return at;
}

unsigned char *value_pack(unsigned char *at, const struct cairn_value *v, uint32_t length_max,
                          unsigned depth)
{
    size_t n;
    switch (value_packed_type(v)) {
    case VALUE_STRING:
    case VALUE_BYTES:
        n = string_bytes(v, length_max);
        if (n)
            memcpy(at, v->as.string.p, n);
        return at + n;
    case VALUE_BOOL: *at = v->as.boolean; return at + 1;
    case VALUE_INT: memcpy(at, &v->as.integer, 8); return at + 8;
    case VALUE_DOUBLE: memcpy(at, &v->as.number, 8); return at + 8;
    case VALUE_ARRAY:
    case VALUE_KVLIST: return collection_pack(at, v, length_max, depth);
    default: return at;
    }
}

/* ---- Reading ---- */

struct str utf8_mend_slow(struct str s, struct arena *arena)
{
    size_t good = utf8_valid_prefix(s), n = 0;
    char *out;
    if (good == s.n)
        return s;
    misuse("text that is not UTF-8: the wrong bytes are replaced");
    out = arena_alloc(arena, s.n * 3); /* every byte may become U+FFFD, three bytes */
    if (!out)
        return (struct str){NULL, 0};
    while (s.n) {
        good = utf8_valid_prefix(s);
        memcpy(out + n, s.p, good);
        n += good;
        s = str_from(s, good);
        if (s.n) {
            memcpy(out + n, "\xef\xbf\xbd", 3);
            n += 3;
            s = str_from(s, 1);
        }
    }
    return str_make(out, n);
}

/* A node at the start of *rest; the bytes are our own, so lengths are right. */
static int node_unpack(struct str *rest, struct arena *arena, struct value *ret)
{
    enum value_type type = (enum value_type)(unsigned char)rest->p[0];
    uint32_t n;
    memcpy(&n, rest->p + 1, sizeof n);
    TRY(value_unpack(type, str_make(rest->p + NODE_HEAD_BYTES, n), arena, ret));
    *rest = str_from(*rest, NODE_HEAD_BYTES + (size_t)n);
    return 0;
}

static size_t node_bytes(struct str rest)
{
    uint32_t n;
    memcpy(&n, rest.p + 1, sizeof n);
    return NODE_HEAD_BYTES + (size_t)n;
}

static int list_unpack(struct str payload, struct arena *arena, struct value_list *ret)
{
    uint32_t count = 0;
    for (struct str rest = payload; rest.n; rest = str_from(rest, node_bytes(rest)))
        count++;
    ret->count = count;
    ret->items = arena_calloc(arena, count, sizeof *ret->items);
    if (!ret->items)
        return ERR_NOMEM;
    for (uint32_t i = 0; i < count; i++)
        TRY(node_unpack(&payload, arena, &ret->items[i]));
    return 0;
}

static struct str entry_key(struct str rest)
{
    uint32_t n;
    memcpy(&n, rest.p, sizeof n);
    return str_make(rest.p + sizeof n, n);
}

int attrs_unpack(struct str payload, struct arena *arena, struct attrs *ret)
{
    uint32_t count = 0;
    for (struct str rest = payload; rest.n; rest = str_from(rest, node_bytes(rest))) {
        rest = str_from(rest, sizeof(uint32_t) + entry_key(rest).n);
        count++;
    }
    ret->count = count;
    ret->items = arena_calloc(arena, count, sizeof *ret->items);
    if (!ret->items)
        return ERR_NOMEM;
    for (uint32_t i = 0; i < count; i++) {
        struct str key = entry_key(payload);
        payload = str_from(payload, sizeof(uint32_t) + key.n);
        ret->items[i].key = utf8_mend(key, arena);
        TRY(node_unpack(&payload, arena, &ret->items[i].value));
    }
    return arena_failed(arena) ? ERR_NOMEM : 0;
}

int value_unpack(enum value_type type, struct str payload, struct arena *arena, struct value *ret)
{
    ret->type = type;
    switch (type) {
    case VALUE_STRING: ret->string = utf8_mend(payload, arena); return 0;
    case VALUE_BYTES: ret->string = payload; return 0;
    case VALUE_BOOL: ret->boolean = payload.p[0] != 0; return 0;
    case VALUE_INT: memcpy(&ret->integer, payload.p, 8); return 0;
    case VALUE_DOUBLE: memcpy(&ret->number, payload.p, 8); return 0;
    case VALUE_ARRAY: return list_unpack(payload, arena, &ret->array);
    case VALUE_KVLIST: return attrs_unpack(payload, arena, &ret->kvlist);
    case VALUE_EMPTY: break;
    }
    return 0;
}

int attrs_import(const struct cairn_attrs *from, struct arena *arena, struct attrs *ret)
{
    struct cairn_value map = {.type = CAIRN_TYPE_MAP};
    unsigned char *packed;
    size_t n;
    *ret = (struct attrs){NULL, 0};
    if (!from || from->count == 0)
        return 0;
    if (!from->items || from->count > ITEMS_MAX) {
        misuse("attributes with a wrong count");
        return 0;
    }
    map.as.map.items = from->items;
    map.as.map.count = (uint32_t)from->count;
    n = value_measure(&map, UINT32_MAX, 0);
    if (n >= MEASURE_MAX)
        return ERR_TOO_LARGE;
    packed = arena_alloc(arena, n);
    if (!packed)
        return ERR_NOMEM;
    value_pack(packed, &map, UINT32_MAX, 0);
    return attrs_unpack(str_make(packed, n), arena, ret);
}
