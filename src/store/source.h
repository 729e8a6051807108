/* source.h - a place rows come from, as queries and sealing see it: a head up to a row, or a part.
 *
 * The row columns are plain arrays, group by group; strings and resources are ids of the source's own tables;
 * a span's message is unpacked only when asked for. Nothing above this header knows heads and parts apart. */
#ifndef STORE_SOURCE_H
#define STORE_SOURCE_H

#include "base/arena.h"
#include "base/err.h"
#include "store/head.h"
#include "store/part.h"

struct source {
    struct head *head; /* one of the two is set; each holds a reference */
    struct part *part;
    uint32_t row_count;
    uint32_t service_count, name_count, resource_count, scope_count;
};

enum { SOURCE_GROUP_ROWS_MAX = 16384 };
_Static_assert((int)HEAD_CHUNK_ROWS <= (int)SOURCE_GROUP_ROWS_MAX &&
                   (int)PART_ZONE_ROWS <= (int)SOURCE_GROUP_ROWS_MAX,
               "room for selections");

/* Consecutive rows. */
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
/* The range of start times in a group, cheaply. ERR_CORRUPT like all below. */
int source_group_range(const struct source *s, uint32_t group, uint64_t *min_ns, uint64_t *max_ns,
                       struct err *err);
int source_group(const struct source *s, uint32_t group, struct row_group *ret, struct err *err);
int source_row(const struct source *s, uint32_t row, struct row *ret, struct err *err);

int source_trace_id(const struct source *s, uint32_t row, struct trace_id *ret, struct err *err);

struct row_ref {
    uint32_t source, row; /* source: index in its snapshot */
};

struct row_refs {
    struct row_ref *items;
    size_t count, cap;
};

/* Appends the trace's rows in this source, in no particular order. ERR_TOO_LARGE when the arena is full. */
int source_trace_rows(const struct source *s, uint32_t index, struct trace_id id,
                      struct arena *arena, struct row_refs *rows, struct err *err);

enum source_table { SOURCE_SERVICES, SOURCE_NAMES, SOURCE_RESOURCES, SOURCE_SCOPES };

/* Makes a table ready (checks it); then source_string may be called for ids below its count. */
int source_need_table(const struct source *s, enum source_table table, struct err *err);
struct str source_string(const struct source *s, enum source_table table, uint32_t id);

/* Calls fn for each distinct (service, name, kind) of the source. */
typedef int source_operation_fn(const struct source *s, uint32_t service, uint32_t name,
                                uint32_t kind, void *user);
int source_operations(const struct source *s, source_operation_fn *fn, void *user, struct err *err);

/* Unpacked blocks of parts, the last few kept. One thread. */
struct span_reader;
struct span_reader *span_reader_new(unsigned blocks_kept);
void span_reader_free(struct span_reader *r); /* NULL is fine */

/* The row's Span message: a head's own bytes, good as long as the snapshot; a part's are put together in arena.
 * ERR_CORRUPT, ERR_TOO_LARGE when the arena is full. */
int source_span_message(const struct source *s, struct span_reader *r, uint32_t row,
                        struct arena *arena, struct str *ret, struct err *err);
/* Bytes that hold every string of the span's attributes, events, links and status; good until the next call. */
int source_span_peek(const struct source *s, struct span_reader *r, uint32_t row, struct str *ret,
                     struct err *err);
/* The message without what the row's columns say (walk_strip), as parts keep it; good until the next call. */
int source_span_body(const struct source *s, struct span_reader *r, uint32_t row, struct str *ret,
                     struct err *err);

#endif
