/* manifest.h - the one small file that says what belongs to the store; replaced whole, by rename.
 *
 * What it does not name is not there: parts that a crash left behind are deleted at start. It also says of each part
 * what merging and retention decide by, so that they need not open it, and which traces are deleted. */
#ifndef STORE_MANIFEST_H
#define STORE_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "trace/span.h"

enum { MANIFEST_VERSION = 2 };

struct manifest_part {
    uint64_t number, bytes;
    uint64_t checksum;      /* of the part's footer: the file is the one that was meant */
    uint64_t last_sequence; /* no row is from a later log record */
    uint64_t start_min_ns, start_max_ns;
    uint64_t sealed_ns; /* Unix time when the newest of it left memory; 0 = not known */
    uint64_t rows;
    uint64_t retained; /* hash of the retention rules that it was filtered by; 0 = not yet */
};

/* A deleted trace: what came of it in records up to the sequence is not there any more. */
struct manifest_tombstone {
    struct trace_id id;
    uint64_t sequence;
};

struct manifest {
    uint64_t next_part;       /* numbers are never used twice */
    uint64_t sealed_sequence; /* log records up to this one are in parts */
    uint64_t salt;            /* of the log's checksums */
    struct manifest_part *parts;
    size_t count, cap;
    struct manifest_tombstone *tombstones; /* ascending by sequence */
    size_t tombstone_count, tombstone_cap;
};

void manifest_release(struct manifest *m);
void manifest_add(struct manifest *m, struct manifest_part part);
void manifest_remove(struct manifest *m, uint64_t number);
/* NULL when there is none of this number. */
struct manifest_part *manifest_find(const struct manifest *m, uint64_t number);
void manifest_add_tombstone(struct manifest *m, struct manifest_tombstone tombstone);
void manifest_copy(struct manifest *to, const struct manifest *from);

/* The time a part is as old as: of its newest span, but not later than when it was written, so that a sender with a
 * wrong clock does not keep it for ever. */
uint64_t manifest_part_time(const struct manifest_part *part);

/* Reads versions 1 and 2. Of version 1 the parts' rows, times and sealed_ns are 0: open the parts to know.
 * ERR_NOT_FOUND when there is no file, ERR_UNSUPPORTED for a newer version, ERR_CORRUPT when damaged. */
int manifest_load(const char *dir, struct manifest *ret, struct err *err);
/* On failure the old file still stands, or, when it came to renaming, one of the two: *undecided is true then, until
 * a later call succeeds. */
int manifest_save(const char *dir, const struct manifest *m, bool *undecided, struct err *err);

#endif
