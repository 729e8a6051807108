/* columns.c - appending spans to columns. */
#include "store/columns.h"

#include "base/buf.h"
#include "store/bytes.h"
#include "store/mem.h"
#include "wire/otlp_pb.h"
#include <stdlib.h>

enum {
    SLOTS_MIN = 16,
    PLAIN_FROM = 2048, /* values: earlier it is too soon to tell */
    SHAPE_HEAD = 2,    /* numbers in front of a template's columns */
    KEY_HEAD = 3,      /* bytes in front of a key's name */
    REPEATS_MAX = 100, /* of one key in one row; more are counted as dropped */
};

/* ---- Strings ---- */

static void strings_release(struct column_strings *s)
{
    free(s->items);
    free(s->hashes);
    free(s->slots);
}

static uint64_t hash_of(struct str s)
{
    return XXH3_64bits(s.p ? s.p : "", s.n);
}

static uint32_t strings_append(struct column_strings *s, struct str text, uint64_t hash)
{
    s->items = mem_grow(s->items, &s->cap, s->count + 1, sizeof *s->items);
    s->hashes = mem_grow(s->hashes, &s->hashes_cap, s->count + 1, sizeof *s->hashes);
    s->items[s->count] = text;
    s->hashes[s->count] = hash;
    return (uint32_t)s->count++;
}

static void strings_rehash(struct column_strings *s)
{
    uint32_t slots = s->slots ? (s->mask + 1) * 4 : SLOTS_MIN;
    free(s->slots);
    s->slots = mem_calloc(slots, sizeof *s->slots);
    s->mask = slots - 1;
    for (size_t id = 0; id < s->count; id++) {
        uint64_t hash = s->hashes[id];
        uint32_t at = (uint32_t)hash & s->mask;
        while (s->slots[at])
            at = (at + 1) & s->mask;
        s->slots[at] = hash >> 32 << 32 | (id + 1);
    }
}

/* The slot of the string, or the free one where it belongs. */
static uint64_t *strings_probe(struct column_strings *s, struct str text, uint64_t hash)
{
    uint32_t at = (uint32_t)hash & s->mask;
    for (;; at = (at + 1) & s->mask) {
        uint64_t slot = s->slots[at];
        if (!slot || (slot >> 32 == hash >> 32 && str_same(s->items[(uint32_t)slot - 1], text)))
            return &s->slots[at];
    }
}

static struct str keep(struct columns *c, struct str text, bool borrow)
{
    if (borrow || !text.n)
        return text;
    text = arena_str(&c->arena, text);
    c->failed |= !text.p;
    return text;
}

static uint32_t strings_put(struct columns *c, struct column_strings *s, struct str text,
                            bool borrow)
{
    uint64_t hash, *slot;
    uint32_t id;
    if (s->plain)
        return strings_append(s, keep(c, text, borrow), hash_of(text));
    if (s->count && str_same(s->items[s->last], text))
        return s->last; /* neighbours are alike */
    if (!s->slots || s->count >= (s->mask + 1) / 2)
        strings_rehash(s);
    hash = hash_of(text);
    slot = strings_probe(s, text, hash);
    if (*slot)
        return s->last = (uint32_t)*slot - 1;
    id = strings_append(s, keep(c, text, borrow), hash);
    *slot = hash >> 32 << 32 | (id + 1);
    return s->last = id;
}

/* Most values are new: from here on they are only appended, and each value has a string of its own. */
static void make_plain(struct column *col)
{
    struct column_strings plain = {.plain = true};
    for (size_t i = 0; i < col->count; i++) {
        uint64_t old = col->values[i];
        col->values[i] = strings_append(&plain, col->strings.items[old], col->strings.hashes[old]);
    }
    strings_release(&col->strings);
    col->strings = plain;
}

/* ---- Columns ---- */

/* A key as bytes, in c->key_bytes. */
static struct str key_bytes(struct columns *c, const struct column_key *key)
{
    size_t n = key->name.n + KEY_HEAD;
    c->key_bytes = mem_grow(c->key_bytes, &c->key_bytes_cap, n, 1);
    c->key_bytes[0] = key->table;
    c->key_bytes[1] = key->scope;
    c->key_bytes[2] = key->type;
    memcpy(c->key_bytes + KEY_HEAD, key->name.p ? key->name.p : "", key->name.n);
    return str_make(c->key_bytes, n);
}

uint32_t columns_column(struct columns *c, struct column_key key)
{
    size_t known = c->keys.count;
    uint32_t id = strings_put(c, &c->keys, key_bytes(c, &key), false);
    if (id == known && !c->failed) {
        c->items = mem_grow(c->items, &c->cap, c->count + 1, sizeof *c->items);
        c->items[c->count] = (struct column){.key = key};
        c->items[c->count++].key.name = str_from(c->keys.items[id], KEY_HEAD);
    }
    return id;
}

uint32_t columns_put_string(struct columns *c, struct column *col, uint32_t row, struct str text,
                            bool borrow)
{
    uint32_t id = strings_put(c, &col->strings, text, borrow);
    columns_put(col, row, id);
    if (!col->strings.plain && col->count >= PLAIN_FROM && (col->count & (col->count - 1)) == 0 &&
        col->strings.count > col->count / 2)
        make_plain(col);
    return id;
}

/* The row being built; its columns collect in c->shape. */
struct shaping {
    struct columns *c;
    enum column_table table;
    uint32_t row;
    size_t count;
    bool borrow;
    const uint32_t *done; /* columns that have the values of the first attributes */
    uint32_t done_count;
};

static void shape_add(struct shaping *s, uint32_t column)
{
    struct columns *c = s->c;
    c->shape = mem_grow(c->shape, &c->shape_cap, SHAPE_HEAD + s->count + 1, sizeof *c->shape);
    c->shape[SHAPE_HEAD + s->count++] = column;
}

/* Rows are alike: what followed a column last time follows it now, mostly. (The parts of the key go one by one: a
 * structure of bytes that is read as a word stalls.) */
static struct column *column_for(struct shaping *s, uint8_t scope, uint8_t type, struct str name)
{
    struct columns *c = s->c;
    uint32_t last = s->count ? c->shape[SHAPE_HEAD + s->count - 1] : 0;
    uint32_t guess = s->count ? c->items[last].next : c->first[s->table], id = guess - 1;
    const struct column_key *k = guess ? &c->items[id].key : NULL;
    if (!k || k->scope != scope || k->type != type || k->table != s->table ||
        !str_same(k->name, name)) {
        id = columns_column(c, (struct column_key){(uint8_t)s->table, scope, type, name});
        if (c->failed)
            return NULL;
        if (s->count)
            c->items[last].next = id + 1;
        else
            c->first[s->table] = id + 1;
    }
    shape_add(s, id);
    return &c->items[id];
}

static void put_string(struct shaping *s, struct column *col, struct str text, bool borrow)
{
    if (col)
        columns_put_string(s->c, col, s->row, text, borrow);
}

static void put_string_field(struct shaping *s, const char *name, struct str text)
{
    if (text.n)
        put_string(s, column_for(s, COLUMN_MEMBER, COLUMN_STRING, str_of(name)), text, s->borrow);
}

/* Copied always: the ids stand in the span's own memory, not in the bytes that its strings borrow from. */
static void put_id(struct shaping *s, const char *name, struct str id)
{
    put_string(s, column_for(s, COLUMN_MEMBER, COLUMN_STRING, str_of(name)), id, false);
}

static void put_int_field(struct shaping *s, const char *name, uint64_t v)
{
    struct column *col = v ? column_for(s, COLUMN_MEMBER, COLUMN_INT, str_of(name)) : NULL;
    if (col)
        columns_put(col, s->row, v);
}

/* Zero is meant here. */
static void put_end(struct shaping *s, uint64_t end_ns)
{
    struct column *col = column_for(s, COLUMN_MEMBER, COLUMN_INT, STR(MEMBER_END));
    if (col)
        columns_put(col, s->row, end_ns);
}

static void put_number(struct shaping *s, uint8_t scope, uint8_t type, struct str key,
                       uint64_t value)
{
    struct column *col = column_for(s, scope, type, key);
    if (col)
        columns_put(col, s->row, value);
}

/* A value without a column type of its own, as the bytes of its message. */
static void put_any(struct shaping *s, uint8_t scope, const struct attr *a)
{
    struct buf bytes;
    buf_init(&bytes, 0);
    otlp_pb_encode_value(&a->value, &bytes);
    s->c->failed |= bytes.failed;
    put_string(s, column_for(s, scope, COLUMN_ANY, a->key), buf_str(&bytes), false);
    buf_release(&bytes);
}

static uint8_t type_of(const struct value *v)
{
    switch (v->type) {
    case VALUE_STRING: return COLUMN_STRING;
    case VALUE_BOOL: return COLUMN_BOOL;
    case VALUE_INT: return COLUMN_INT;
    case VALUE_DOUBLE: return COLUMN_DOUBLE;
    default: return COLUMN_ANY;
    }
}

static bool has_column(struct shaping *s, uint8_t scope, const struct attr *a)
{
    struct column_key key = {(uint8_t)s->table, scope, type_of(&a->value), a->key};
    struct str bytes = key_bytes(s->c, &key);
    return s->c->keys.slots && *strings_probe(&s->c->keys, bytes, hash_of(bytes));
}

static void put_attribute(struct shaping *s, uint8_t scope, const struct attr *a)
{
    uint64_t bits;
    switch (a->value.type) {
    case VALUE_STRING:
        put_string(s, column_for(s, scope, COLUMN_STRING, a->key), a->value.string, s->borrow);
        return;
    case VALUE_BOOL: put_number(s, scope, COLUMN_BOOL, a->key, a->value.boolean); return;
    case VALUE_INT: put_number(s, scope, COLUMN_INT, a->key, (uint64_t)a->value.integer); return;
    case VALUE_DOUBLE:
        memcpy(&bits, &a->value.number, sizeof bits);
        put_number(s, scope, COLUMN_DOUBLE, a->key, bits);
        return;
    case VALUE_EMPTY:
    case VALUE_ARRAY:
    case VALUE_KVLIST:
    case VALUE_BYTES: put_any(s, scope, a); return;
    }
}

/* The attributes that get no column of their own, in one value. */
static void put_others(struct shaping *s, const struct attr *others, uint32_t count)
{
    struct attr all = {
        .value = {.type = VALUE_KVLIST, .kvlist = {(struct attr *)(uintptr_t)others, count}}};
    struct buf bytes;
    if (!count)
        return;
    buf_init(&bytes, 0);
    otlp_pb_encode_value(&all.value, &bytes);
    s->c->failed |= bytes.failed;
    put_string(s, column_for(s, COLUMN_MEMBER, COLUMN_ANY, STR(MEMBER_ATTRIBUTES)), buf_str(&bytes),
               false);
    buf_release(&bytes);
}

/* How often the key stands further to the front. Most keys differ in what `seen` keeps of them. */
static uint32_t repeats_before(const struct attrs *attrs, uint32_t i, uint64_t *seen)
{
    struct str key = attrs->items[i].key;
    uint64_t bit = key.n ? (key.n * 5 + (unsigned char)key.p[0] * 3 +
                            (unsigned char)key.p[key.n - 1] * 7 + (unsigned char)key.p[key.n / 2]) %
                               64
                         : 0;
    uint32_t repeats = 0;
    if (*seen >> bit & 1) {
        for (uint32_t k = 0; k < i; k++)
            repeats += str_eq(attrs->items[k].key, key);
    }
    *seen |= UINT64_C(1) << bit;
    return repeats;
}

/* A key that the row has already goes to a column of its own for each repetition. With COLUMNS_MAX keys and types met, new
 * ones share a column: whoever makes up a key for each span must not cost a column for each. */
static void put_attributes(struct shaping *s, const struct attrs *attrs, uint32_t dropped)
{
    struct columns *c = s->c;
    uint32_t others = 0;
    uint64_t seen = 0;
    for (uint32_t i = 0; i < attrs->count; i++) {
        const struct attr *a = &attrs->items[i];
        uint32_t repeats = repeats_before(attrs, i, &seen);
        uint8_t scope = (uint8_t)(COLUMN_ATTRIBUTE + repeats * COLUMN_SCOPE_COUNT);
        if (i < s->done_count) {
            shape_add(s, s->done[i]);
        } else if (repeats > REPEATS_MAX) {
            dropped++;
        } else if (c->count < COLUMNS_MAX || has_column(s, scope, a)) {
            put_attribute(s, scope, a);
        } else if (repeats) {
            dropped++; /* only the first of a key counts in a search */
        } else {
            c->others = mem_grow(c->others, &c->others_cap, others + 1, sizeof *c->others);
            c->others[others++] = *a;
        }
    }
    put_others(s, c->others, others);
    put_int_field(s, MEMBER_DROPPED_ATTRIBUTES, dropped);
}

static uint32_t *shape_room(struct columns *c, size_t count)
{
    c->shape = mem_grow(c->shape, &c->shape_cap, SHAPE_HEAD + count, sizeof *c->shape);
    return c->shape;
}

/* The id of the shape that stands in c->shape. */
static uint32_t shape_id(struct columns *c, enum column_table table, uint32_t kind_status,
                         uint32_t scope, size_t count)
{
    c->shape[0] = kind_status;
    c->shape[1] = scope;
    return strings_put(c, &c->shapes[table],
                       str_make(c->shape, (SHAPE_HEAD + count) * sizeof *c->shape), false);
}

uint32_t columns_shape(struct columns *c, enum column_table table,
                       const struct column_template *shape)
{
    uint32_t *to = shape_room(c, shape->count);
    memcpy(to + SHAPE_HEAD, shape->columns, shape->count * sizeof *to);
    return shape_id(c, table, shape->kind | (uint32_t)shape->status << 8, shape->scope,
                    shape->count);
}

void columns_end_row(struct columns *c, enum column_table table, uint32_t shape)
{
    uint32_t row = c->rows[table]++;
    c->templates[table] = mem_grow(c->templates[table], &c->template_caps[table], (size_t)row + 1,
                                   sizeof *c->templates[table]);
    c->templates[table][row] = shape;
}

static void finish_row(struct shaping *s, uint32_t kind_status, uint32_t scope)
{
    shape_room(s->c, s->count);
    columns_end_row(s->c, s->table, shape_id(s->c, s->table, kind_status, scope, s->count));
}

struct column_template columns_template(const struct columns *c, enum column_table table,
                                        uint32_t id)
{
    struct str bytes = c->shapes[table].items[id];
    const uint32_t *numbers = (const uint32_t *)(const void *)bytes.p;
    return (struct column_template){
        .kind = (uint8_t)numbers[0],
        .status = (uint8_t)(numbers[0] >> 8),
        .scope = numbers[1],
        .columns = numbers + SHAPE_HEAD,
        .count = (uint32_t)(bytes.n / sizeof *numbers) - SHAPE_HEAD,
    };
}

/* ---- Rows ---- */

void columns_add_event(struct columns *c, uint64_t span_start_ns, const struct span_event *e,
                       bool borrow)
{
    struct shaping s = {
        .c = c, .table = TABLE_EVENTS, .row = c->rows[TABLE_EVENTS], .borrow = borrow};
    struct column *time = column_for(&s, COLUMN_MEMBER, COLUMN_INT, STR(MEMBER_TIME));
    if (time)
        columns_put(time, s.row, e->time_ns - span_start_ns); /* wraps and comes back */
    put_string_field(&s, MEMBER_NAME, e->name);
    put_attributes(&s, &e->attrs, e->dropped_attributes_count);
    finish_row(&s, 0, 0);
}

void columns_add_link(struct columns *c, const struct span_link *l, bool borrow)
{
    struct shaping s = {
        .c = c, .table = TABLE_LINKS, .row = c->rows[TABLE_LINKS], .borrow = borrow};
    put_id(&s, MEMBER_TRACE_ID, str_make(l->trace_id.bytes, TRACE_ID_BYTES));
    put_id(&s, MEMBER_SPAN_ID, str_make(l->span_id.bytes, SPAN_ID_BYTES));
    put_string_field(&s, MEMBER_TRACE_STATE, l->trace_state);
    put_int_field(&s, MEMBER_FLAGS, l->flags);
    put_attributes(&s, &l->attrs, l->dropped_attributes_count);
    finish_row(&s, 0, 0);
}

#define APPEND(c, place, array, row, value)                                                      \
    do {                                                                                         \
        (c)->array =                                                                             \
            mem_grow((c)->array, &(c)->span_caps[place], (size_t)(row) + 1, sizeof *(c)->array); \
        (c)->array[row] = (value);                                                               \
    } while (0)

static void add_trace(struct columns *c, struct trace_id id, uint32_t row)
{
    if (c->trace_count && trace_id_eq(c->traces[c->trace_count - 1].id, id))
        return;
    c->traces = mem_grow(c->traces, &c->trace_cap, c->trace_count + 1, sizeof *c->traces);
    c->traces[c->trace_count++] = (struct columns_trace){id, row};
}

void columns_add_row(struct columns *c, const struct columns_row *r)
{
    uint32_t row = c->rows[TABLE_SPANS];
    add_trace(c, r->trace_id, row);
    APPEND(c, 0, start_ns, row, r->start_ns);
    APPEND(c, 1, duration_ns, row, r->duration_ns);
    APPEND(c, 2, span_id, row, r->span_id);
    APPEND(c, 3, parent_id, row, r->parent_id);
    APPEND(c, 4, name, row, r->name);
    APPEND(c, 5, resource, row, r->resource);
    APPEND(c, 6, first_event, row, c->rows[TABLE_EVENTS]);
    APPEND(c, 7, first_link, row, c->rows[TABLE_LINKS]);
}

uint32_t columns_name(struct columns *c, struct str name, bool borrow)
{
    return strings_put(c, &c->names, name, borrow);
}

void columns_add(struct columns *c, const struct span *span, uint32_t resource, uint32_t scope,
                 bool borrow)
{
    columns_add_row(c, &(struct columns_row){
                           .trace_id = span->trace_id,
                           .span_id = span->span_id,
                           .parent_id = span->parent_span_id,
                           .start_ns = span->start_ns,
                           .duration_ns = span_duration_ns(span),
                           .name = columns_name(c, span->name, borrow),
                           .resource = resource,
                       });
    columns_add_rest(c, span, scope, borrow, NULL, 0);
}

void columns_add_rest(struct columns *c, const struct span *span, uint32_t scope, bool borrow,
                      const uint32_t *done, uint32_t done_count)
{
    struct shaping s = {c, TABLE_SPANS, c->rows[TABLE_SPANS], 0, borrow, done, done_count};
    put_attributes(&s, &span->attrs, span->dropped_attributes_count);
    put_int_field(&s, MEMBER_FLAGS, span->flags);
    put_string_field(&s, MEMBER_TRACE_STATE, span->trace_state);
    put_string_field(&s, MEMBER_STATUS_MESSAGE, span->status_message);
    put_int_field(&s, MEMBER_EVENTS, span->event_count);
    put_int_field(&s, MEMBER_DROPPED_EVENTS, span->dropped_events_count);
    put_int_field(&s, MEMBER_LINKS, span->link_count);
    put_int_field(&s, MEMBER_DROPPED_LINKS, span->dropped_links_count);
    if (span->end_ns < span->start_ns)
        put_end(&s, span->end_ns);
    finish_row(&s, (uint32_t)span->kind | (uint32_t)span->status_code << 8, scope);
    for (uint32_t i = 0; i < span->event_count; i++)
        columns_add_event(c, span->start_ns, &span->events[i], borrow);
    for (uint32_t i = 0; i < span->link_count; i++)
        columns_add_link(c, &span->links[i], borrow);
}

/* ---- Life ---- */

void columns_init(struct columns *c)
{
    *c = (struct columns){.failed = false};
    arena_init(&c->arena, 0);
}

void columns_release(struct columns *c)
{
    for (size_t i = 0; i < c->count; i++) {
        free(c->items[i].rows);
        free(c->items[i].values);
        strings_release(&c->items[i].strings);
    }
    free(c->items);
    strings_release(&c->keys);
    strings_release(&c->names);
    for (int t = 0; t < TABLE_COUNT; t++) {
        strings_release(&c->shapes[t]);
        free(c->templates[t]);
    }
    free(c->start_ns);
    free(c->duration_ns);
    free(c->span_id);
    free(c->parent_id);
    free(c->name);
    free(c->resource);
    free(c->first_event);
    free(c->first_link);
    free(c->traces);
    free(c->shape);
    free(c->key_bytes);
    free(c->others);
    for (uint32_t i = 0; c->likely && i < COLUMNS_LIKELY; i++)
        free(c->likely[i].strings);
    free(c->likely);
    arena_release(&c->arena);
    *c = (struct columns){.failed = false};
}
