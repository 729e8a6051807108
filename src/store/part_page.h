/* part_page.h - reading pages of parts: the rows of a group, the values of a column, whole spans.
 *
 * A reader keeps the last decoded pages; what it answers is good until page_begin is called twice on the same reader:
 * copy what is to be kept. One thread.
 * All functions: ERR_CORRUPT, ERR_IO, ERR_NOMEM. */
#ifndef STORE_PART_PAGE_H
#define STORE_PART_PAGE_H

#include "store/part.h"

struct page_reader;

/* Keeps up to `bytes_max` of decoded pages (and always those that one answer needs). */
struct page_reader *page_reader_new(size_t bytes_max);
void page_reader_free(struct page_reader *r); /* NULL is fine */

/* What was asked for before may go now. page_span does this itself. */
void page_begin(struct page_reader *r);

/* The columns that all rows have. */
enum {
    ROWS_START = 1,
    ROWS_DURATION = 2,
    ROWS_SPAN_ID = 4,
    ROWS_PARENT = 8, /* needs and gives SPAN_ID too */
    ROWS_NAME = 16,
    ROWS_RESOURCE = 32, /* and service */
    ROWS_TEMPLATE = 64, /* and scope, kind, status */
    ROWS_ALL = 127,
};

struct part_rows {
    uint32_t first_row, count;
    uint64_t start_ns[PART_GROUP_ROWS], duration_ns[PART_GROUP_ROWS];
    struct span_id span_id[PART_GROUP_ROWS], parent_id[PART_GROUP_ROWS];
    uint32_t name[PART_GROUP_ROWS], resource[PART_GROUP_ROWS], service[PART_GROUP_ROWS];
    uint32_t template_id[PART_GROUP_ROWS], scope[PART_GROUP_ROWS];
    uint8_t kind[PART_GROUP_ROWS], status[PART_GROUP_ROWS];
};

/* A group's rows, with at least what `need` asks for. */
int page_rows(struct page_reader *r, struct part *p, uint32_t group, unsigned need,
              const struct part_rows **ret, struct err *err);

/* The values that a column has in a group; of a sparse column, in all of them. */
struct page {
    uint32_t count;
    const uint32_t *rows; /* of its table, ascending */
    const uint64_t *values;
    const struct str *strings; /* what string values number: the dictionary's, or the page's own */
    const uint32_t *sums; /* of MEMBER_EVENTS and MEMBER_LINKS: the first row in the other table */
};

int page_column(struct page_reader *r, struct part *p, uint32_t column, uint32_t group,
                struct page *ret, struct err *err);
/* The same, but rows may be missing (NULL): which they are costs as much as the values, and often none is wanted. */
int page_values(struct page_reader *r, struct part *p, uint32_t column, uint32_t group,
                struct page *ret, struct err *err);

/* The span of a row; trace id, resource and scope are left to the caller. What it points to is in the arena; strings too when
 * `keep`, else they are good until the next call. Also ERR_TOO_LARGE when the arena is full. */
int page_span(struct page_reader *r, struct part *p, uint32_t row, struct arena *arena, bool keep,
              struct span *ret, struct err *err);

/* Copies a row, with its events and links, to the end of the columns. What the part's numbers are there is remembered in
 * the copier, one for each part. Strings are copied. */
struct part_copier;
struct part_copier *part_copier_new(struct page_reader *r, struct part *p, struct columns *to);
void part_copier_free(struct part_copier *c); /* NULL is fine */
int part_copy_row(struct part_copier *c, uint32_t row, struct trace_id id, uint32_t resource,
                  uint32_t scope, struct err *err);

#endif
