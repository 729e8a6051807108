/* columns_message.c - the bytes of a span straight into columns, as long as it is like one before.
 *
 * Spans of one name mostly have the same attributes in the same order. The template of the last one that was alike says
 * which column comes next: its key is compared with the bytes where they stand, and the value goes there, without a
 * span in between and without a look-up. Where the span turns out to be another (or has what is rare), it is decoded and
 * the rest of it goes the long way. */
#include "store/bytes.h"
#include "store/columns.h"
#include "wire/otlp_pb.h"
#include "wire/pb.h"

/* A row on its way along a template. */
struct along {
    struct columns *c;
    struct column_template shape;
    uint32_t row, at; /* at: how many of the template's columns have their values */
    uint32_t attributes;
};

static struct columns_likely *likely_of(struct columns *c, uint32_t name, uint32_t kind_status,
                                        uint32_t scope)
{
    uint32_t hash = (name * 0x9e3779b1u) ^ (kind_status * 0x85ebca77u) ^ (scope * 0xc2b2ae3du);
    if (!c->likely)
        c->likely = mem_calloc(COLUMNS_LIKELY, sizeof *c->likely);
    return &c->likely[(hash ^ hash >> 15) % COLUMNS_LIKELY];
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
        columns_put_string(a->c, col, a->row, text, true);
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
    if (a->at == a->attributes)
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

/* The end of the template: nothing, or the flags, which are the only member outside the row that most spans have. */
static bool put_flags(struct along *a, uint32_t flags)
{
    struct column *col;
    if (a->at + (flags != 0) != a->shape.count)
        return false;
    if (!flags)
        return true;
    col = &a->c->items[a->shape.columns[a->at]];
    if (col->key.scope != COLUMN_MEMBER || col->key.type != COLUMN_INT ||
        !str_same(col->key.name, STR(MEMBER_FLAGS)))
        return false;
    columns_put(col, a->row, flags);
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
    uint64_t start_ns = 0, end_ns = 0;
    uint32_t flags = 0;
    while (pb_next(&r)) {
        switch (r.tag) {
        case PB_TAG(1, PB_LEN):
        case PB_TAG(2, PB_LEN):
        case PB_TAG(4, PB_LEN):
        case PB_TAG(5, PB_LEN): pb_bytes(&r); break;
        case PB_TAG(6, PB_VARINT): pb_varint(&r); break;
        case PB_TAG(7, PB_I64): start_ns = pb_fixed64(&r); break;
        case PB_TAG(8, PB_I64): end_ns = pb_fixed64(&r); break;
        case PB_TAG(9, PB_LEN):
            if (!put_attribute(a, pb_bytes(&r)))
                return false;
            break;
        case PB_TAG(15, PB_LEN):
            if (!only_code(pb_bytes(&r)))
                return false;
            break;
        case PB_TAG(16, PB_I32): flags = pb_fixed32(&r); break;
        default: return false;
        }
    }
    return !r.bad_at && end_ns >= start_ns && a->at == a->attributes && put_flags(a, flags);
}

/* The template as the next span's likely one: its attributes stand in front. */
static struct columns_likely likely_make(const struct columns *c, uint32_t id)
{
    struct column_template shape = columns_template(c, TABLE_SPANS, id);
    struct columns_likely likely = {.shape = id + 1};
    while (likely.attributes < shape.count &&
           c->items[shape.columns[likely.attributes]].key.scope % COLUMN_SCOPE_COUNT ==
               COLUMN_ATTRIBUTE)
        likely.attributes++;
    return likely;
}

int columns_add_message(struct columns *c, const struct columns_row *row, uint32_t kind_status,
                        uint32_t scope, struct str message, struct arena *scratch, struct err *err)
{
    struct columns_likely *likely = likely_of(c, row->name, kind_status, scope);
    struct along a = {.c = c, .row = c->rows[TABLE_SPANS], .attributes = likely->attributes};
    struct span span = {.resource = NULL};
    int rc;
    columns_add_row(c, row);
    if (likely->shape) {
        a.shape = columns_template(c, TABLE_SPANS, likely->shape - 1);
        if ((a.shape.kind | (uint32_t)a.shape.status << 8) == kind_status &&
            a.shape.scope == scope && go_along(&a, message)) {
            columns_end_row(c, TABLE_SPANS, likely->shape - 1);
            return 0;
        }
    }
    arena_reset(scratch);
    rc = otlp_pb_decode_span(message, scratch, &span, err);
    if (rc < 0)
        return rc == ERR_INVALID ? err_set(err, ERR_CORRUPT, "a stored span does not decode") : rc;
    columns_add_rest(c, &span, scope, true, a.shape.columns, a.at);
    *likely = likely_make(c, c->templates[TABLE_SPANS][a.row]);
    return 0;
}
