/* part_write.h - building a part: rows are added in their final order, then it is finished. One thread. */
#ifndef STORE_PART_WRITE_H
#define STORE_PART_WRITE_H

#include "store/part.h"

struct part_writer;

/* service, name, resource and scope are ids that part_writer_intern gave. */
struct part_row {
    struct trace_id trace_id;
    struct span_id span_id, parent_id;
    uint64_t start_ns, duration_ns;
    uint32_t service, name, resource, scope;
    uint8_t kind, status;
};

enum part_dict {
    PART_DICT_SERVICE,
    PART_DICT_NAME,
    PART_DICT_RESOURCE,
    PART_DICT_SCOPE,
    PART_DICT_COUNT
};

/* Writes to path (created anew). zstd_level as zstd's. path is copied. */
int part_writer_new(const char *path, int zstd_level, struct part_writer **ret, struct err *err);
void part_writer_free(struct part_writer *w); /* NULL is fine; the file stays */

/* s must stay valid until the writer is freed. */
uint32_t part_writer_intern(struct part_writer *w, enum part_dict dict, struct str s);

/* Rows of one trace must follow each other. body is what walk_strip left of the Span message; copied. */
int part_writer_add(struct part_writer *w, const struct part_row *row, struct str body,
                    struct err *err);

/* Writes what is left, the index and the footer, and flushes the file. identity's number is the caller's. */
int part_writer_finish(struct part_writer *w, struct manifest_part *ret_identity, struct err *err);

#endif
