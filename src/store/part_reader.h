/* part_reader.h - the inside of a page reader, shared by part_page.c, part_rows.c, part_span.c and part_copy.c only. */
#ifndef STORE_PART_READER_H
#define STORE_PART_READER_H

#include "base/buf.h"
#include "store/part_page.h"

enum {
    SLOT_BUCKETS = 1024,
    GROUPS_KEPT = 8, /* of rows; a trace that lies in several parts, or a merge of as many */
    SPARE_MAX = 16,
};

/* The values and rows of a page that has most of a group's. Such memory is used again for the next page: it is warm, and
 * fresh pages from the system cost more than filling them. */
struct page_block {
    uint64_t values[PART_GROUP_ROWS];
    uint32_t rows[PART_GROUP_ROWS];
};

/* A decoded page. */
struct page_slot {
    const struct part *part;
    uint32_t what, group; /* enum part_fixed, or behind those a column */
    uint32_t next;        /* in its bucket, + 1 */
    uint64_t used;        /* tick of the last use */
    uint32_t count;
    uint32_t first_row;       /* of a page of templates */
    uint32_t cursor;          /* where the last row was found: the next is likely behind it */
    struct page_block *block; /* that values, and rows if they fit, lie in; or NULL */
    uint32_t *rows;
    uint64_t *values;
    struct str *strings;
    uint32_t *sums;
    struct buf raw; /* what strings borrow from */
    size_t bytes;
};

struct group_slot {
    const struct part *part;
    uint32_t group;
    unsigned have;
    uint64_t used;
    struct part_rows *rows;
};

struct page_reader {
    struct ZSTD_DCtx_s *zstd;
    struct buf packed, raw;
    uint64_t tick, group_tick;
    size_t bytes, bytes_max;
    struct page_slot *slots;
    size_t slot_count, slot_cap;
    uint32_t *index; /* SLOT_BUCKETS */
    struct page_block *spare[SPARE_MAX];
    uint32_t spare_count;
    struct group_slot groups[GROUPS_KEPT], *last_group;
    uint64_t numbers[PART_GROUP_ROWS]; /* scratch */
};

/* Unpacks into r->raw. */
int reader_stream(struct page_reader *r, struct part *p, uint64_t offset, struct err *err);
/* Templates of a group's rows of a table, checked. */
int reader_templates(struct page_reader *r, struct part *p, enum column_table table, uint32_t group,
                     const struct page_slot **ret, struct err *err);
/* Finds the place of a row's value (s->cursor); false when it has none. */
bool reader_find_row(struct page_slot *s, uint32_t row);
/* A column's page. Slots may move with the next call. */
int reader_slot(struct page_reader *r, struct part *p, uint32_t column, uint32_t group,
                struct page_slot **ret, struct err *err);

#endif
