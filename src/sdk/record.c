/* record.c - writing a span's items into its slot. The hot path of set calls. */
#define CAIRN_NO_INLINE
#include "sdk/record.h"

#include <errno.h>
#include <stdlib.h>

#include "sdk/copy.h"
#include "tracer/misuse.h"

enum { ITEM_ALIGN = 8, KEY_MAX = UINT16_MAX };

static inline size_t align_up(size_t n)
{
    return (n + ITEM_ALIGN - 1) & ~(size_t)(ITEM_ALIGN - 1);
}

static inline struct item *item_at(const struct slot *slot, uint32_t at)
{
    return (struct item *)(void *)(slot->data + at);
}

static inline unsigned char *item_key(const struct item *it)
{
    return (unsigned char *)(uintptr_t)(it + 1);
}

/* Squeezes dead items out. */
static void compact(struct slot *slot)
{
    struct span_head *h = &slot->head;
    uint32_t to = 0;
    for (uint32_t at = 0, bytes; at < h->data_n; at += bytes) {
        struct item *it = item_at(slot, at);
        bytes = it->bytes;
        if (it->what == ITEM_DEAD)
            continue;
        if (it->what == ITEM_TEXT && h->name_at == at + sizeof *it)
            h->name_at = to + (uint32_t)sizeof *it;
        if (it->what == ITEM_TEXT && h->message_at == at + sizeof *it)
            h->message_at = to + (uint32_t)sizeof *it;
        memmove(slot->data + to, slot->data + at, bytes);
        to += bytes;
    }
    h->data_n = to;
    slot->dead_bytes = 0;
}

/* Room for n more bytes, by memory of its own if need be; false when the span is as large as it may be. */
static __attribute__((noinline)) bool make_room(struct slot *slot, size_t n,
                                                const struct span_limits *limits)
{
    size_t used = slot->head.data_n - slot->dead_bytes, cap = slot->data_cap;
    unsigned char *grown;
    int saved = errno;
    if (slot->dead_bytes)
        compact(slot);
    if (used + n <= slot->data_cap)
        return true;
    if (used + n > limits->span_bytes)
        return false;
    while (cap < used + n)
        cap *= 2;
    grown = slot->data == slot->inline_data ? malloc(cap) : realloc(slot->data, cap);
    errno = saved;
    if (!grown)
        return false;
    if (slot->data == slot->inline_data)
        memcpy(grown, slot->inline_data, used);
    slot->data = grown;
    slot->data_cap = (uint32_t)cap;
    return true;
}

/* A new item with its key; NULL when there is no room. The caller fills the payload. */
static inline struct item *item_add(struct slot *slot, enum item_what what, struct str key,
                                    size_t payload_n, const struct span_limits *limits)
{
    size_t bytes = align_up(sizeof(struct item) + key.n + payload_n);
    struct item *it;
    if (__builtin_expect(slot->head.data_n + bytes > slot->data_cap, 0) &&
        !make_room(slot, bytes, limits))
        return NULL;
    it = item_at(slot, slot->head.data_n);
    it->bytes = (uint32_t)bytes;
    it->signature = 0;
    it->payload_n = (uint32_t)payload_n;
    it->key_n = (uint16_t)key.n;
    it->what = (uint8_t)what;
    it->type = VALUE_EMPTY;
    copy_short(item_key(it), key.p, key.n);
    slot->head.data_n += (uint32_t)bytes;
    return it;
}

static inline void item_kill(struct slot *slot, struct item *it)
{
    it->what = ITEM_DEAD;
    slot->dead_bytes += it->bytes;
}

/* Text as an item of its own; answers its offset, 0 and *n = 0 when there is no room. */
static uint32_t text_add(struct slot *slot, struct str text, uint32_t *n,
                         const struct span_limits *limits)
{
    struct item *it;
    *n = 0;
    if (text.n == 0)
        return 0;
    it = text.n < limits->span_bytes
             ? item_add(slot, ITEM_TEXT, (struct str){NULL, 0}, text.n, limits)
             : NULL;
    if (!it)
        return 0;
    copy_short(item_key(it), text.p, text.n);
    *n = (uint32_t)text.n;
    return (uint32_t)(item_key(it) - slot->data);
}

static void text_kill(struct slot *slot, uint32_t at, uint32_t n)
{
    if (n)
        item_kill(slot, item_at(slot, at - (uint32_t)sizeof(struct item)));
}

void record_init(struct slot *slot, struct str name, const struct span_limits *limits)
{
    size_t bytes = align_up(sizeof(struct item) + name.n);
    slot->data = slot->inline_data;
    slot->data_cap = SLOT_INLINE_BYTES;
    slot->dead_bytes = 0;
    if (__builtin_expect(name.n == 0 || name.n > SLOT_INLINE_BYTES / 2, 0)) {
        slot->head.name_at = text_add(slot, name, &slot->head.name_n, limits);
        return;
    }
    *item_at(slot, 0) =
        (struct item){.bytes = (uint32_t)bytes, .payload_n = (uint32_t)name.n, .what = ITEM_TEXT};
    copy_short(slot->inline_data + sizeof(struct item), name.p, name.n);
    slot->head.data_n = (uint32_t)bytes;
    slot->head.name_at = sizeof(struct item);
    slot->head.name_n = (uint32_t)name.n;
}

void record_name(struct slot *slot, struct str name, const struct span_limits *limits)
{
    text_kill(slot, slot->head.name_at, slot->head.name_n);
    slot->head.name_at = text_add(slot, name, &slot->head.name_n, limits);
}

void record_message(struct slot *slot, struct str message, const struct span_limits *limits)
{
    text_kill(slot, slot->head.message_at, slot->head.message_n);
    slot->head.message_at = text_add(slot, message, &slot->head.message_n, limits);
}

/* ---- Attributes ---- */

static inline uint64_t load_bytes(const char *p, size_t n)
{
    uint64_t v = 0;
    memcpy(&v, p, n);
    return v;
}

/* Of both ends and the length: semantic conventions differ there. Equal signatures are compared by bytes. */
static inline uint32_t key_signature(cairn_str key)
{
    unsigned __int128 product;
    uint64_t a, b;
    if (key.n >= 8) {
        a = load_bytes(key.p, 8);
        b = load_bytes(key.p + key.n - 8, 8);
    } else if (key.n >= 4) {
        a = load_bytes(key.p, 4);
        b = load_bytes(key.p + key.n - 4, 4);
    } else {
        a = (unsigned char)key.p[0];
        b = (uint64_t)(unsigned char)key.p[key.n / 2] << 8 | (unsigned char)key.p[key.n - 1];
    }
    /* Both halves of the product, so that keys that differ in their last byte alone differ in every bit. Of random
     * constants the ones with which the lowest 6 bits are different for the attributes that the semantic conventions
     * put on spans of HTTP, databases, messaging and calls. */
    product = (unsigned __int128)(a ^ key.n ^ 0x9386770d73133382u) * (b ^ 0x7066804ea183b565u);
    return (uint32_t)(product >> 64 ^ product);
}

static __attribute__((noinline)) struct item *find(unsigned char *data, const unsigned char *end,
                                                   uint32_t signature, cairn_str key)
{
    for (unsigned char *at = data; at < end;) {
        struct item *it = (struct item *)(void *)at;
        if (it->signature == signature && it->what == ITEM_ATTRIBUTE && it->key_n == key.n &&
            memcmp(item_key(it), key.p, key.n) == 0)
            return it;
        at += it->bytes;
    }
    return NULL;
}

/* Scalars and uncut strings without a call; the rest through values.c. */
static inline size_t measure(const struct cairn_value *v, uint32_t length_max)
{
    if (v->type == CAIRN_TYPE_STRING && v->as.string.n <= length_max && v->as.string.p)
        return v->as.string.n;
    if (v->type == CAIRN_TYPE_INT || v->type == CAIRN_TYPE_DOUBLE)
        return 8;
    if (v->type == CAIRN_TYPE_BOOL)
        return 1;
    return value_measure(v, length_max, 0);
}

static inline void fill(struct item *it, const struct cairn_value *v, uint32_t length_max)
{
    unsigned char *at = item_key(it) + it->key_n;
    it->type = (uint8_t)v->type;
    if (v->type == CAIRN_TYPE_STRING && v->as.string.n <= length_max) {
        copy_short(at, v->as.string.p, it->payload_n);
    } else if (v->type == CAIRN_TYPE_INT || v->type == CAIRN_TYPE_DOUBLE) {
        memcpy(at, &v->as.integer, 8);
    } else if (v->type == CAIRN_TYPE_BOOL) {
        *at = v->as.boolean;
    } else {
        it->type = (uint8_t)value_packed_type(v);
        value_pack(at, v, length_max, 0);
    }
}

/* In place when the new value fits where the old one is; false: there is no room at all for it. */
static bool replace(struct slot *slot, struct item *it, const struct cairn_attr *a,
                    uint32_t signature, const struct span_limits *limits)
{
    size_t n = measure(&a->value, limits->value_length);
    if (sizeof *it + it->key_n + n <= it->bytes) {
        it->payload_n = (uint32_t)n;
        fill(it, &a->value, limits->value_length);
        return true;
    }
    if (slot->head.data_n - slot->dead_bytes - it->bytes + n + a->key.n > limits->span_bytes)
        return false;
    item_kill(slot, it);
    it = item_add(slot, ITEM_ATTRIBUTE, (struct str){a->key.p, a->key.n}, n, limits);
    if (!it) {
        slot->head.attribute_count--;
        return false;
    }
    it->signature = signature;
    fill(it, &a->value, limits->value_length);
    return true;
}

/* Any attribute at all; false when it is left out. */
static __attribute__((noinline)) bool add_any(struct slot *slot, const struct cairn_attr *a,
                                              const struct span_limits *limits)
{
    uint32_t signature;
    struct item *it;
    if (!a->key.p || a->key.n == 0 || a->key.n > KEY_MAX) {
        misuse("an attribute without a key, or with one of more than 65,535 bytes");
        return false;
    }
    if (!value_makes_sense(&a->value))
        misuse("an attribute whose value makes no sense");
    signature = key_signature(a->key);
    if (slot->head.seen & (uint64_t)1 << (signature & 63)) {
        it = find(slot->data, slot->data + slot->head.data_n, signature, a->key);
        if (it)
            return replace(slot, it, a, signature, limits);
    }
    if (slot->head.attribute_count >= limits->attribute_count)
        return false;
    it = item_add(slot, ITEM_ATTRIBUTE, (struct str){a->key.p, a->key.n},
                  measure(&a->value, limits->value_length), limits);
    if (!it)
        return false;
    it->signature = signature;
    fill(it, &a->value, limits->value_length);
    slot->head.attribute_count++;
    slot->head.seen |= (uint64_t)1 << (signature & 63);
    return true;
}

/* What changes with every attribute, and its bounds, in registers for the length of a call. */
struct cursor {
    unsigned char *at, *end; /* of what is free */
    uint32_t left;           /* attributes until the limit */
    uint32_t text_max;
    uint64_t seen;
};

static inline struct cursor cursor_of(const struct slot *slot, const struct span_limits *limits)
{
    const struct span_head *h = &slot->head;
    return (struct cursor){
        .at = slot->data + h->data_n,
        .end = slot->data + slot->data_cap,
        .left = limits->attribute_count - h->attribute_count,
        .text_max =
            limits->value_length < SLOT_INLINE_BYTES ? limits->value_length : SLOT_INLINE_BYTES,
        .seen = h->seen,
    };
}

static inline void cursor_store(const struct cursor *c, struct slot *slot,
                                const struct span_limits *limits)
{
    slot->head.data_n = (uint32_t)(c->at - slot->data);
    slot->head.attribute_count = limits->attribute_count - c->left;
    slot->head.seen = c->seen;
}

/* Payload bytes of a scalar or an uncut string; SIZE_MAX for all else. */
static inline size_t plain_bytes(const struct cairn_value *v, uint32_t text_max)
{
    if (v->type == CAIRN_TYPE_STRING)
        return v->as.string.p && v->as.string.n <= text_max ? v->as.string.n : SIZE_MAX;
    if (v->type == CAIRN_TYPE_INT || v->type == CAIRN_TYPE_DOUBLE)
        return 8;
    return v->type == CAIRN_TYPE_BOOL ? 1 : SIZE_MAX;
}

/* The usual case in one go: a short new key, a plain value, room in the slot. False: nothing was done. */
static inline bool add_plain(struct cursor *c, const struct slot *slot, const struct cairn_attr *a)
{
    unsigned char *to = c->at + sizeof(struct item);
    size_t n = plain_bytes(&a->value, c->text_max), bytes;
    uint32_t signature;
    if (n == SIZE_MAX || !a->key.p || a->key.n - 1 >= KEY_MAX)
        return false;
    signature = key_signature(a->key);
    bytes = align_up(sizeof(struct item) + a->key.n + n);
    /* 8 more, because scalars are stored in one piece whatever their size */
    if (bytes + 8 > (size_t)(c->end - c->at) || c->left == 0)
        return false;
    if (c->seen >> (signature & 63) & 1 && find(slot->data, c->at, signature, a->key))
        return false;
    *(struct item *)(void *)c->at = (struct item){.bytes = (uint32_t)bytes,
                                                  .signature = signature,
                                                  .payload_n = (uint32_t)n,
                                                  .key_n = (uint16_t)a->key.n,
                                                  .what = ITEM_ATTRIBUTE,
                                                  .type = (uint8_t)a->value.type};
    copy_short(to, a->key.p, a->key.n);
    to += a->key.n;
    if (a->value.type == CAIRN_TYPE_STRING)
        copy_short(to, a->value.as.string.p, n);
    else
        memcpy(to, &a->value.as, 8);
    c->at += bytes;
    c->left--;
    c->seen |= (uint64_t)1 << (signature & 63);
    return true;
}

void record_attributes(struct slot *slot, const struct cairn_attr *attributes, size_t count,
                       const struct span_limits *limits)
{
    struct cursor c = cursor_of(slot, limits);
    if (__builtin_expect(!attributes || count > ITEMS_MAX, 0)) {
        if (count)
            misuse("attributes with a wrong count");
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (__builtin_expect(add_plain(&c, slot, &attributes[i]), 1))
            continue;
        cursor_store(&c, slot, limits);
        if (!add_any(slot, &attributes[i], limits))
            slot->head.dropped_attributes++;
        c = cursor_of(slot, limits);
    }
    cursor_store(&c, slot, limits);
}

/* ---- Events and links ---- */

/* Up to `most` of both lists as one map value in room, later entries of a key replacing earlier ones. */
struct merged {
    struct cairn_attr *items;
    uint32_t count, dropped;
};

static void merge_one(struct merged *m, const struct cairn_attr *a, uint32_t most)
{
    if (!a->key.p || a->key.n == 0 || a->key.n > KEY_MAX) {
        misuse("an attribute without a key, or with one of more than 65,535 bytes");
        m->dropped++;
        return;
    }
    if (!value_makes_sense(&a->value))
        misuse("an attribute whose value makes no sense");
    for (uint32_t i = 0; i < m->count; i++) {
        if (m->items[i].key.n == a->key.n && memcmp(m->items[i].key.p, a->key.p, a->key.n) == 0) {
            m->items[i].value = a->value;
            return;
        }
    }
    if (m->count >= most)
        m->dropped++;
    else
        m->items[m->count++] = *a;
}

enum { MERGE_ROOM = 32 };

/* NULL in place of a list that cannot be one. */
static const struct cairn_attrs *checked(const struct cairn_attrs *attrs)
{
    if (!attrs || (attrs->items && attrs->count <= ITEMS_MAX))
        return attrs;
    if (attrs->count)
        misuse("attributes with a wrong count");
    return NULL;
}

/* items is room for MERGE_ROOM; more is taken from the heap and given back with merge_release. */
static bool merge(struct merged *m, struct cairn_attr *room, const struct cairn_attrs *first,
                  const struct cairn_attrs *second, uint32_t most)
{
    size_t given, held;
    first = checked(first);
    second = checked(second);
    given = (first ? first->count : 0) + (second ? second->count : 0);
    held = given < most ? given : most;
    *m = (struct merged){room, 0, 0};
    if (held > MERGE_ROOM) {
        m->items = calloc(held, sizeof *m->items);
        if (!m->items)
            return false;
    }
    for (size_t i = 0; first && i < first->count; i++)
        merge_one(m, &first->items[i], most);
    for (size_t i = 0; second && i < second->count; i++)
        merge_one(m, &second->items[i], most);
    return true;
}

static void merge_release(struct merged *m, const struct cairn_attr *room)
{
    if (m->items != room)
        free(m->items);
}

static struct cairn_value map_of(const struct merged *m)
{
    struct cairn_value v = {.type = CAIRN_TYPE_MAP};
    v.as.map.items = m->items;
    v.as.map.count = m->count;
    return v;
}

void record_event(struct slot *slot, struct str name, uint64_t time_ns,
                  const struct cairn_attrs *first, const struct cairn_attrs *attributes,
                  const struct span_limits *limits)
{
    struct cairn_attr room[MERGE_ROOM];
    struct merged m;
    struct cairn_value map;
    struct item *it = NULL;
    if (slot->head.event_count >= limits->event_count || name.n > KEY_MAX ||
        !merge(&m, room, first, attributes, limits->event_attribute_count)) {
        slot->head.dropped_events++;
        return;
    }
    map = map_of(&m);
    it = item_add(slot, ITEM_EVENT, name,
                  sizeof(struct event_payload) + value_measure(&map, limits->value_length, 0),
                  limits);
    if (it) {
        struct event_payload payload = {.time_ns = time_ns, .dropped_attributes = m.dropped};
        unsigned char *at = item_key(it) + name.n;
        memcpy(at, &payload, sizeof payload);
        value_pack(at + sizeof payload, &map, limits->value_length, 0);
        slot->head.event_count++;
    } else {
        slot->head.dropped_events++;
    }
    merge_release(&m, room);
}

void record_link(struct slot *slot, const struct cairn_span_context *context,
                 const struct cairn_attrs *attributes, const struct span_limits *limits)
{
    struct cairn_attr room[MERGE_ROOM];
    struct merged m;
    struct cairn_value map;
    struct str state = {context->trace_state.p,
                        context->trace_state.p ? context->trace_state.n : 0};
    struct item *it = NULL;
    if (!cairn_span_context_is_valid(context) && state.n == 0 &&
        (!attributes || attributes->count == 0))
        return; /* says nothing at all */
    if (slot->head.link_count >= limits->link_count || state.n > KEY_MAX ||
        !merge(&m, room, NULL, attributes, limits->link_attribute_count)) {
        slot->head.dropped_links++;
        return;
    }
    map = map_of(&m);
    it = item_add(slot, ITEM_LINK, (struct str){NULL, 0},
                  sizeof(struct link_payload) + state.n +
                      value_measure(&map, limits->value_length, 0),
                  limits);
    if (it) {
        struct link_payload payload = {.dropped_attributes = m.dropped,
                                       .state_n = (uint32_t)state.n,
                                       .flags = context->flags | SPAN_FLAG_HAS_IS_REMOTE};
        unsigned char *at = item_key(it);
        if (context->is_remote)
            payload.flags |= SPAN_FLAG_IS_REMOTE;
        memcpy(payload.trace_id.bytes, context->trace_id, TRACE_ID_BYTES);
        memcpy(payload.span_id.bytes, context->span_id, SPAN_ID_BYTES);
        memcpy(at, &payload, sizeof payload);
        at += sizeof payload;
        if (state.n)
            memcpy(at, state.p, state.n);
        value_pack(at + state.n, &map, limits->value_length, 0);
        slot->head.link_count++;
    } else {
        slot->head.dropped_links++;
    }
    merge_release(&m, room);
}
