/* source.h - a place rows come from, as queries and sealing see it: a head up to a row, or a part.
 *
 * Rows come in groups; strings and resources are ids of the source's own tables; a whole span is put together only when
 * asked for. Only the filter of attributes (src/query/filter_columns.c) knows heads and parts apart. */
#ifndef STORE_SOURCE_H
#define STORE_SOURCE_H

#include "base/arena.h"
#include "base/err.h"
#include "store/head.h"
#include "store/part_page.h"

struct source {
    struct head *head; /* one of the two is set; each holds a reference */
    struct part *part;
    struct dead_rows *dead; /* rows of deleted traces, to be passed over; a reference */
    uint32_t row_count;
    uint32_t service_count, name_count, resource_count, scope_count;
};

enum { SOURCE_GROUP_ROWS_MAX = 16384 };
_Static_assert((int)HEAD_CHUNK_ROWS <= (int)SOURCE_GROUP_ROWS_MAX &&
                   (int)PART_GROUP_ROWS <= (int)SOURCE_GROUP_ROWS_MAX,
               "room for selections");

/* Consecutive rows: the columns that were asked for. */
struct row_group {
    uint32_t first_row, count;
    const uint64_t *start_ns, *duration_ns;
    const struct span_id *span_id, *parent_id;
    const uint32_t *service, *name, *resource, *scope;
    const uint8_t *kind, *status;
};

/* One row by itself. */
struct row {
    struct span_id span_id, parent_id;
    uint64_t start_ns, duration_ns;
    uint32_t service, name, resource, scope;
    uint8_t kind, status;
};

uint32_t source_group_count(const struct source *s);
uint32_t source_group_of(const struct source *s, uint32_t row);
uint32_t source_group_first(const struct source *s, uint32_t group); /* its first row */
/* How many rows every group but the last has; how many this one has. */
uint32_t source_group_rows_max(const struct source *s);
uint32_t source_group_rows(const struct source *s, uint32_t group);

/* What is known of a group without reading it. */
struct group_range {
    uint64_t start_min_ns, start_max_ns, duration_max_ns;
};
struct group_range source_group_range(const struct source *s, uint32_t group);

/* need: ROWS_..., of part_page.h. Good until page_begin was called twice. ERR_CORRUPT, ERR_IO, ERR_NOMEM, like all
 * below. */
int source_group(const struct source *s, struct page_reader *r, uint32_t group, unsigned need,
                 struct row_group *ret, struct err *err);
int source_row(const struct source *s, struct page_reader *r, uint32_t row, struct row *ret,
               struct err *err);

int source_trace_id(const struct source *s, uint32_t row, struct trace_id *ret, struct err *err);

struct row_ref {
    uint32_t source, row; /* source: index in its snapshot */
};

struct row_refs {
    struct row_ref *items;
    size_t count, cap;
};

/* The row belongs to a trace that was deleted. Groups have such rows too: who scans them asks. */
static inline bool source_row_dead(const struct source *s, uint32_t row)
{
    return s->dead && dead_rows_has(s->dead, row);
}

/* Appends the trace's rows in this source, but for dead ones, in no particular order. ERR_TOO_LARGE when the arena is full. */
int source_trace_rows(const struct source *s, uint32_t index, struct trace_id id,
                      struct arena *arena, struct row_refs *rows, struct err *err);

enum source_table { SOURCE_SERVICES, SOURCE_NAMES, SOURCE_RESOURCES, SOURCE_SCOPES };

/* Makes a table ready (reads and checks it); then source_string may be called for ids below its count. */
int source_need_table(const struct source *s, enum source_table table, struct err *err);
struct str source_string(const struct source *s, enum source_table table, uint32_t id);

/* Calls fn for each distinct (service, name, kind) of the source. */
typedef int source_operation_fn(const struct source *s, uint32_t service, uint32_t name,
                                uint32_t kind, void *user);
int source_operations(const struct source *s, source_operation_fn *fn, void *user, struct err *err);

/* The row's span; resource and scope (of parts also the trace id) are left to the caller. keep: strings are in the arena too, else they are good
 * until the next call. ERR_TOO_LARGE when the arena is full. */
int source_span(const struct source *s, struct page_reader *r, uint32_t row, struct arena *arena,
                bool keep, struct span *ret, struct err *err);

/* A head's row: the bytes of its Span message. */
struct str source_head_message(const struct source *s, uint32_t row);

#endif
