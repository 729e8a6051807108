/* columns_message.c - the bytes of a span straight into columns, as long as it is like one before.
 *
 * Spans of one name mostly have the same attributes in the same order. The template of the last one that was alike says
 * which column comes next: its key is compared with the bytes where they stand, and the value goes there, without a
 * span in between and without a look-up. Where the span turns out to be another (or has what is rare), it is decoded and
 * the rest of it goes the long way. */
#include <stdlib.h>

#include "store/bytes.h"
#include "store/columns.h"
#include "wire/otlp_pb.h"
#include "wire/pb.h"

enum { OTHERS_MAX = 8 }; /* events, and links, of a span that goes along a template */

/* A row on its way along a template. */
struct along {
    struct columns *c;
    struct columns_likely *likely;
    struct column_template shape;
    uint32_t row, at; /* at: how many of the template's columns have their values */
    uint64_t start_ns;
    struct str events[OTHERS_MAX], links[OTHERS_MAX]; /* their messages */
    uint32_t event_count, link_count;
};

static struct columns_likely *likely_of(struct columns *c, uint32_t name, uint32_t kind_status,
                                        uint32_t scope)
{
    uint32_t hash = (name * 0x9e3779b1u) ^ (kind_status * 0x85ebca77u) ^ (scope * 0xc2b2ae3du);
    if (!c->likely)
        c->likely = mem_calloc(COLUMNS_LIKELY, sizeof *c->likely);
    return &c->likely[(hash ^ hash >> 15) % COLUMNS_LIKELY];
}

/* The string that a span like this had last comes again, or is looked up. */
static void put_string(struct along *a, struct column *col, struct str text)
{
    uint32_t *last = &a->likely->strings[a->at];
    if (!col->strings.plain && *last < col->strings.count &&
        str_same(col->strings.items[*last], text))
        columns_put(col, a->row, *last);
    else
        *last = columns_put_string(a->c, col, a->row, text, true);
}

/* The one field of an AnyValue, when it is of this column's type. */
static bool put_value(struct along *a, struct column *col, struct str value)
{
    struct pb_reader r = pb_reader_of(value);
    struct str text;
    uint64_t number;
    if (!pb_next(&r))
        return false;
    switch (r.tag) {
    case PB_TAG(VALUE_STRING, PB_LEN):
        text = pb_bytes(&r);
        if (col->key.type != COLUMN_STRING || r.bad_at || r.p != r.end)
            return false;
        put_string(a, col, text);
        return true;
    case PB_TAG(VALUE_BOOL, PB_VARINT): number = pb_varint(&r) != 0; break;
    case PB_TAG(VALUE_INT, PB_VARINT): number = pb_varint(&r); break;
    case PB_TAG(VALUE_DOUBLE, PB_I64): number = pb_fixed64(&r); break;
    default: return false;
    }
    if (col->key.type != r.tag >> 3 || r.bad_at || r.p != r.end)
        return false;
    columns_put(col, a->row, number);
    return true;
}

/* The next attribute, when it is that of the next column. */
static bool put_attribute(struct along *a, struct str bytes)
{
    struct column *col;
    struct str name, value;
    struct pb_reader r;
    if (a->at == a->likely->attributes)
        return false;
    col = &a->c->items[a->shape.columns[a->at]];
    name = col->key.name;
    if (name.n > 127 || bytes.n < name.n + 2 || bytes.p[0] != PB_TAG(1, PB_LEN) ||
        (unsigned char)bytes.p[1] != name.n || !str_same(str_make(bytes.p + 2, name.n), name))
        return false;
    r = pb_reader_of(str_from(bytes, name.n + 2));
    if (!pb_next(&r) || r.tag != PB_TAG(2, PB_LEN))
        return false;
    value = pb_bytes(&r);
    if (r.bad_at || r.p != r.end || !put_value(a, col, value))
        return false;
    a->at++;
    return true;
}

/* The members that are no attributes, as far as they go along templates, in their order. */
static bool put_members(struct along *a, uint32_t flags)
{
    const struct {
        struct str name;
        uint64_t value;
    } members[] = {{STR(MEMBER_FLAGS), flags},
                   {STR(MEMBER_EVENTS), a->event_count},
                   {STR(MEMBER_LINKS), a->link_count}};
    struct column *columns[3];
    uint32_t n = a->at;
    for (int i = 0; i < 3; i++) {
        if (!members[i].value)
            continue;
        if (n == a->shape.count)
            return false;
        columns[i] = &a->c->items[a->shape.columns[n++]];
        if (columns[i]->key.scope != COLUMN_MEMBER || columns[i]->key.type != COLUMN_INT ||
            !str_same(columns[i]->key.name, members[i].name))
            return false;
    }
    if (n != a->shape.count)
        return false;
    for (int i = 0; i < 3; i++) {
        if (members[i].value)
            columns_put(columns[i], a->row, members[i].value);
    }
    return true;
}

/* A status without a message: its code is known. */
static bool only_code(struct str status)
{
    return status.n == 0 || (status.n == 2 && status.p[0] == PB_TAG(3, PB_VARINT));
}

/* True when the whole span went along the template. If not, a->at attributes did. */
static bool go_along(struct along *a, struct str message)
{
    struct pb_reader r = pb_reader_of(message);
    uint64_t end_ns = 0;
    uint32_t flags = 0;
    while (pb_next(&r)) {
        switch (r.tag) {
        case PB_TAG(1, PB_LEN):
        case PB_TAG(2, PB_LEN):
        case PB_TAG(4, PB_LEN):
        case PB_TAG(5, PB_LEN): pb_bytes(&r); break;
        case PB_TAG(6, PB_VARINT): pb_varint(&r); break;
        case PB_TAG(7, PB_I64): a->start_ns = pb_fixed64(&r); break;
        case PB_TAG(8, PB_I64): end_ns = pb_fixed64(&r); break;
        case PB_TAG(9, PB_LEN):
            if (!put_attribute(a, pb_bytes(&r)))
                return false;
            break;
        case PB_TAG(11, PB_LEN):
            if (a->event_count == OTHERS_MAX)
                return false;
            a->events[a->event_count++] = pb_bytes(&r);
            break;
        case PB_TAG(13, PB_LEN):
            if (a->link_count == OTHERS_MAX)
                return false;
            a->links[a->link_count++] = pb_bytes(&r);
            break;
        case PB_TAG(15, PB_LEN):
            if (!only_code(pb_bytes(&r)))
                return false;
            break;
        case PB_TAG(16, PB_I32): flags = pb_fixed32(&r); break;
        default: return false;
        }
    }
    return !r.bad_at && end_ns >= a->start_ns && a->at == a->likely->attributes &&
           put_members(a, flags);
}

static int damaged(int rc, struct err *err)
{
    return rc == ERR_INVALID ? err_set(err, ERR_CORRUPT, "a stored span does not decode") : rc;
}

/* Rows of the other tables, for a span that went along its template. */
static int add_others(struct along *a, struct arena *scratch, struct err *err)
{
    for (uint32_t i = 0; i < a->event_count; i++) {
        struct span_event event;
        arena_reset(scratch);
        TRY(damaged(otlp_pb_decode_event(a->events[i], scratch, &event, err), err));
        columns_add_event(a->c, a->start_ns, &event, true);
    }
    for (uint32_t i = 0; i < a->link_count; i++) {
        struct span_link link;
        arena_reset(scratch);
        TRY(damaged(otlp_pb_decode_link(a->links[i], scratch, &link, err), err));
        columns_add_link(a->c, &link, true);
    }
    return 0;
}

/* The template is the next span's likely one: its attributes stand in front. */
static void learn(const struct columns *c, uint32_t id, struct columns_likely *likely)
{
    struct column_template shape = columns_template(c, TABLE_SPANS, id);
    if (likely->shape == id + 1)
        return;
    likely->shape = id + 1;
    likely->attributes = 0;
    while (likely->attributes < shape.count &&
           c->items[shape.columns[likely->attributes]].key.scope % COLUMN_SCOPE_COUNT ==
               COLUMN_ATTRIBUTE)
        likely->attributes++;
    free(likely->strings);
    likely->strings = mem_calloc(likely->attributes, sizeof *likely->strings);
}

int columns_add_message(struct columns *c, const struct columns_row *row, uint32_t kind_status,
                        uint32_t scope, struct str message, struct arena *scratch, struct err *err)
{
    struct along a;
    struct span span = {.resource = NULL};
    a.c = c;
    a.likely = likely_of(c, row->name, kind_status, scope);
    a.row = c->rows[TABLE_SPANS];
    a.at = a.event_count = a.link_count = 0;
    a.start_ns = 0;
    a.shape = (struct column_template){.count = 0};
    columns_add_row(c, row);
    if (a.likely->shape) {
        a.shape = columns_template(c, TABLE_SPANS, a.likely->shape - 1);
        if ((a.shape.kind | (uint32_t)a.shape.status << 8) == kind_status &&
            a.shape.scope == scope && go_along(&a, message)) {
            columns_end_row(c, TABLE_SPANS, a.likely->shape - 1);
            return add_others(&a, scratch, err);
        }
    }
    arena_reset(scratch);
    TRY(damaged(otlp_pb_decode_span(message, scratch, &span, err), err));
    columns_add_rest(c, &span, scope, true, a.shape.columns, a.at);
    learn(c, c->templates[TABLE_SPANS][a.row], a.likely);
    return 0;
}
