/* part.h - an immutable file of spans in columns. docs/format.md has every byte.
 *
 * Rows are clustered by trace, traces ordered by their first start. All columns are cut at the same rows into *groups*;
 * what a column has in a group is a *page*, a stream of its own. Opening reads the directory; pages are read and
 * checked when they are asked for (part_page.h). Everything here may be called from several threads. */
#ifndef STORE_PART_H
#define STORE_PART_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "store/columns.h"
#include "store/dead.h"
#include "store/manifest.h"

enum {
    PART_VERSION = 2,
    PART_HEADER_BYTES = 16,
    PART_TRAILER_BYTES = 32,
    PART_GROUP_ROWS = 8192,
};

/* The columns that every row has, by group; and those of the other tables' rows. */
enum part_fixed {
    PART_START,
    PART_DURATION,
    PART_SPAN_ID,
    PART_PARENT,
    PART_NAME,
    PART_RESOURCE,
    PART_TEMPLATE,
    PART_EVENT_TEMPLATE,
    PART_LINK_TEMPLATE,
    PART_FIXED_COUNT
};

/* Strings that ids stand for. */
enum part_table { PART_SERVICES, PART_NAMES, PART_RESOURCES, PART_SCOPES, PART_TABLE_COUNT };

struct part_group {
    uint64_t start_min_ns, start_max_ns, duration_max_ns;
    uint32_t first_event, first_link; /* rows of the other tables */
    uint64_t pages[PART_FIXED_COUNT]; /* offsets; 0 = no rows */
};

struct part_column {
    struct column_key key;
    uint32_t count;        /* values */
    uint32_t string_count; /* of the dictionary; 0 = each value has its own string, in its page */
    bool sparse;           /* one page for all rows, and a list of them */
    uint64_t strings;      /* offset of the dictionary */
    uint64_t rows;         /* sparse: offset of the list */
    uint64_t bloom;        /* offset of a filter of the strings; 0 = none */
    const uint64_t *pages; /* offset in each group, 0 = no values there; sparse: one */
    unsigned char *shapes; /* a bit for each template that has it; NULL when sparse */
};

struct part_operation {
    uint32_t service, name, kind;
};

/* Strings read from the file, kept as long as the part. */
struct part_strings {
    struct str *items;
    uint32_t count;
    char *bytes;
};

/* What a layer above has computed of a part, kept with it: the first member of its struct. */
struct part_note {
    void (*release)(struct part_note *note);
};

struct part {
    _Atomic uint32_t refs;
    uint64_t number, bytes;
    int fd;
    struct manifest_part identity;
    struct dead_rows *dead; /* rows of deleted traces; guarded by the store's lock */
    uint32_t row_count, trace_count, group_count, column_count;
    uint32_t table_rows[TABLE_COUNT];
    uint32_t table_counts[PART_TABLE_COUNT];
    uint64_t start_min_ns, start_max_ns;
    struct arena arena; /* of the directory */
    struct part_group *groups;
    struct part_column *columns; /* by table, scope, name, type */
    struct column_template *templates[TABLE_COUNT];
    uint32_t template_counts[TABLE_COUNT];
    const uint32_t *resource_service; /* service of each resource */
    struct part_operation *operations;
    uint32_t operation_count;
    uint64_t table_offsets[PART_TABLE_COUNT], traces_offset;
    uint64_t bloom_offset, directory_offset;
    unsigned char *bloom; /* of the trace ids */
    size_t bloom_bytes;
    /* read when first needed; guarded by lock until they are there */
    pthread_mutex_t lock;
    _Atomic(struct part_strings *) tables[PART_TABLE_COUNT];
    _Atomic(struct part_strings *) *dictionaries; /* of each column */
    _Atomic(struct part_traces *) traces;
    _Atomic(struct part_note *) note;
    _Atomic int damaged; /* something in it was found bad since it was opened */
};

/* Trace ids in the order of their rows. */
struct part_traces {
    struct trace_id *ids;
    uint32_t *first_rows; /* one more than there are traces: the last is the number of rows */
    uint32_t *slots;      /* by hash: number of a trace + 1; 0 = free */
    uint32_t mask;
};

/* Reads and checks the directory. want, when not NULL, is what the manifest says of the file.
 * ERR_CORRUPT, ERR_UNSUPPORTED (another version), ERR_IO. refs is 1. */
int part_open(const char *path, uint64_t number, const struct manifest_part *want,
              struct part **ret, struct err *err);
/* For tools that save what can be read of a damaged part: of the bytes around the directory only what leads to it has
 * to be good, and a damaged filter of traces is taken for one that lets all pass. */
int part_open_damaged(const char *path, uint64_t number, struct part **ret, struct err *err);
struct part *part_ref(struct part *p);
void part_unref(struct part *p); /* NULL is fine */

/* ---- Read at first use, then kept. ERR_CORRUPT, ERR_IO, ERR_NOMEM ---- */

int part_table(struct part *p, enum part_table table, const struct part_strings **ret,
               struct err *err);
/* The dictionary of a column that has one. */
int part_dictionary(struct part *p, uint32_t column, const struct part_strings **ret,
                    struct err *err);
int part_traces(struct part *p, const struct part_traces **ret, struct err *err);
/* Only its first_rows: the part's when it has them already, else read into the arena, and not kept with the part. Also
 * ERR_TOO_LARGE when the arena is full. */
int part_first_rows(struct part *p, struct arena *arena, const uint32_t **ret, struct err *err);

/* Keeps a note, or, when there is one already, releases it; returns the one that is kept, as long as the part. */
struct part_note *part_keep_note(struct part *p, struct part_note *note);

/* False: no row of this trace is here. */
bool part_may_have_trace(const struct part *p, struct trace_id id);
/* The trace's rows; *end == *first when there are none. */
int part_trace_rows(struct part *p, struct trace_id id, uint32_t *first, uint32_t *end,
                    struct err *err);
int part_trace_of_row(struct part *p, uint32_t row, struct trace_id *ret, struct err *err);

/* The columns of a key: *first and how many; each type is one. Repeated keys are not among them. */
uint32_t part_find_columns(const struct part *p, enum column_table table, enum column_scope scope,
                           struct str name, uint32_t *first);

/* In which groups a string column may have s: groups[g] is 0 where surely not; *any whether there is one at all. Reads the
 * filter when there is one. */
int part_string_groups(struct part *p, uint32_t column, struct str s, uint8_t *groups, bool *any,
                       struct err *err);

/* ---- Bytes ---- */

struct ZSTD_DCtx_s;
/* Reads, checks and unpacks the stream at offset into *out (cleared first). ERR_CORRUPT, ERR_IO, ERR_NOMEM. */
int part_stream(struct part *p, uint64_t offset, struct ZSTD_DCtx_s *zstd, struct buf *packed,
                struct buf *out, struct err *err);
/* ERR_CORRUPT with the part's name; marks it. */
int part_damaged(struct part *p, const char *what, struct err *err);

#endif
