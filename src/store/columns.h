/* columns.h - spans taken apart into columns, in memory: what a part is written from.
 *
 * Three tables: spans, their events, their links. A table has a column for each key and type that occurs - attributes
 * and, under names of their own, the members that only some rows have. Which columns a row has is not said row by row:
 * rows of the same shape share a *template*, the ordered list of their columns. Spans come in their final order, the
 * rows of a trace together. One thread. */
#ifndef STORE_COLUMNS_H
#define STORE_COLUMNS_H

#include "base/arena.h"
#include "base/err.h"
#include "store/dict.h"
#include "store/mem.h"
#include "trace/span.h"

enum column_table { TABLE_SPANS, TABLE_EVENTS, TABLE_LINKS, TABLE_COUNT };

/* An attribute, or another member of the message. An attribute whose key stands further to the front already has
 * COLUMN_SCOPE_COUNT more for each time. */
enum column_scope { COLUMN_ATTRIBUTE, COLUMN_MEMBER, COLUMN_SCOPE_COUNT };

/* Of one part. Senders that put data into keys cannot make more. */
enum { COLUMNS_MAX = 8192 };

enum { COLUMNS_LIKELY = 4096 };

/* How a value is kept in its 64 bits. */
enum column_type {
    COLUMN_STRING = 1, /* id of a string */
    COLUMN_BOOL = 2,
    COLUMN_INT = 3,    /* two's complement */
    COLUMN_DOUBLE = 4, /* its bits */
    COLUMN_ANY = 5, /* id of a string: the bytes of an OTLP AnyValue (array, map, bytes, empty) */
    COLUMN_TYPE_END
};

/* Members of the messages, by table. */
#define MEMBER_STATUS_MESSAGE     "status.message"
#define MEMBER_TRACE_STATE        "trace_state"
#define MEMBER_FLAGS              "flags"
#define MEMBER_DROPPED_ATTRIBUTES "dropped_attributes_count"
#define MEMBER_DROPPED_EVENTS     "dropped_events_count"
#define MEMBER_DROPPED_LINKS      "dropped_links_count"
#define MEMBER_END                "end_time"   /* only when it is before the start */
#define MEMBER_ATTRIBUTES         "attributes" /* a map of those without a column of their own */
#define MEMBER_EVENTS             "events"     /* how many rows of TABLE_EVENTS are the span's */
#define MEMBER_LINKS              "links"
#define MEMBER_NAME               "name"     /* of an event */
#define MEMBER_TIME               "time"     /* of an event, after the span's start */
#define MEMBER_TRACE_ID           "trace_id" /* of a link */
#define MEMBER_SPAN_ID            "span_id"  /* of a link */

struct column_key {
    uint8_t table, scope, type;
    struct str name;
};

static inline bool column_has_strings(uint8_t type)
{
    return type == COLUMN_STRING || type == COLUMN_ANY;
}

/* Strings made into numbers; when most are different there is no point in looking each up: `plain`. */
struct column_strings {
    struct str *items;
    uint64_t *hashes; /* XXH3-64 of each */
    size_t count, cap, hashes_cap;
    uint64_t *slots; /* half the hash << 32 | id + 1; 0 = free; NULL when plain */
    uint32_t mask;
    uint32_t last; /* id that was put last */
    bool plain;    /* equal strings may have several ids */
};

struct column {
    struct column_key key;
    uint32_t *rows; /* ascending, of the key's table */
    uint64_t *values;
    size_t count, rows_cap, values_cap;
    struct column_strings strings;
    uint32_t next; /* the column that followed in the last row, + 1 */
};

/* What a row's shape is. kind, status and scope are of span rows. */
struct column_template {
    uint8_t kind, status;
    uint32_t scope;
    const uint32_t *columns; /* in the order the row has them */
    uint32_t count;
};

struct columns_trace {
    struct trace_id id;
    uint32_t first_row;
};

/* The template of the last span that was alike in name, kind, status and scope. */
struct columns_likely {
    uint32_t shape;      /* + 1; 0 = none yet */
    uint32_t attributes; /* how many of its columns are attributes: the first ones */
    uint32_t
        *strings; /* of each attribute: the id of its last string. A name goes with its route */
};

struct columns {
    struct arena arena; /* names, and strings that may go before the columns do */
    uint32_t rows[TABLE_COUNT];
    /* of each span row */
    uint64_t *start_ns, *duration_ns;
    struct span_id *span_id, *parent_id;
    uint32_t *name, *resource;
    uint32_t *first_event,
        *first_link; /* rows of the other tables, which follow the spans' order */
    size_t span_caps[8];
    uint32_t *templates[TABLE_COUNT]; /* of each row */
    size_t template_caps[TABLE_COUNT];
    struct columns_trace *traces;
    size_t trace_count, trace_cap;
    struct column_strings names;
    struct column_strings shapes[TABLE_COUNT]; /* a template's bytes */
    struct column *items;
    size_t count, cap;
    struct column_strings keys;  /* of items, as bytes: same id */
    uint32_t first[TABLE_COUNT]; /* the first column of the last row, + 1 */
    uint32_t *shape;             /* being built */
    size_t shape_cap;
    unsigned char *key_bytes; /* scratch */
    size_t key_bytes_cap;
    struct attr *others; /* scratch: of the row being built */
    size_t others_cap;
    struct columns_likely *likely; /* COLUMNS_LIKELY places, by what spans are alike in */
    bool failed;                   /* out of memory: nothing is to be used */
};

void columns_init(struct columns *c);
void columns_release(struct columns *c);

/* resource and scope are ids of the caller's own. Borrows the span's strings until the release when `borrow`, else
 * copies those that are new. */
void columns_add(struct columns *c, const struct span *span, uint32_t resource, uint32_t scope,
                 bool borrow);

/* ---- The steps of columns_add, for those who copy rows from other columns or have them half read ---- */

struct columns_row {
    struct trace_id trace_id;
    struct span_id span_id, parent_id;
    uint64_t start_ns, duration_ns;
    uint32_t name, resource;
};

/* The same as columns_add for the bytes of a Span message, of which the row, kind, status and scope are known already and
 * which was decoded without an error before: strings are not checked again. Borrows them. scratch is for what has to be
 * decoded. ERR_CORRUPT, ERR_NOMEM (then nothing is to be used). */
int columns_add_message(struct columns *c, const struct columns_row *row, uint32_t kind_status,
                        uint32_t scope, struct str message, struct arena *scratch, struct err *err);

/* The next row of TABLE_SPANS: its values, those of its events and links, then columns_end_row of all three. */
void columns_add_row(struct columns *c, const struct columns_row *row);
uint32_t columns_name(struct columns *c, struct str name, bool borrow);

/* The number of a column, which may be new (then pointers to columns are stale). */
uint32_t columns_column(struct columns *c, struct column_key key);
static inline void columns_put(struct column *col, uint32_t row, uint64_t value)
{
    col->rows = mem_grow(col->rows, &col->rows_cap, col->count + 1, sizeof *col->rows);
    col->values = mem_grow(col->values, &col->values_cap, col->count + 1, sizeof *col->values);
    col->rows[col->count] = row;
    col->values[col->count++] = value;
}
/* Returns the string's id, good until the column becomes plain. */
uint32_t columns_put_string(struct columns *c, struct column *col, uint32_t row, struct str text,
                            bool borrow);
/* The number of a template, which may be new. */
uint32_t columns_shape(struct columns *c, enum column_table table,
                       const struct column_template *shape);
void columns_end_row(struct columns *c, enum column_table table, uint32_t shape);
/* Events and links of the last span row. */
void columns_add_event(struct columns *c, uint64_t span_start_ns, const struct span_event *e,
                       bool borrow);
void columns_add_link(struct columns *c, const struct span_link *l, bool borrow);
/* What columns_add does after columns_add_row, but for the first `done_count` attributes, whose values are in the columns
 * `done` already. */
void columns_add_rest(struct columns *c, const struct span *span, uint32_t scope, bool borrow,
                      const uint32_t *done, uint32_t done_count);

/* Template number id of a table; borrows. */
struct column_template columns_template(const struct columns *c, enum column_table table,
                                        uint32_t id);

#endif
