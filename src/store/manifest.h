/* manifest.h - the one small file that says what belongs to the store; replaced whole, by rename.
 *
 * What it does not name is not there: parts that a crash left behind are deleted at start. */
#ifndef STORE_MANIFEST_H
#define STORE_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum { MANIFEST_VERSION = 1 };

struct manifest_part {
    uint64_t number, bytes;
    uint64_t checksum; /* of the part's footer: the file is the one that was meant */
};

struct manifest {
    uint64_t next_part;       /* numbers are never used twice */
    uint64_t sealed_sequence; /* log records up to this one are in parts */
    uint64_t salt;            /* of the log's checksums */
    struct manifest_part *parts;
    size_t count, cap;
};

void manifest_release(struct manifest *m);
void manifest_add(struct manifest *m, struct manifest_part part);
void manifest_remove(struct manifest *m, uint64_t number);

/* ERR_NOT_FOUND when there is no file, ERR_UNSUPPORTED for a newer version, ERR_CORRUPT when damaged. */
int manifest_load(const char *dir, struct manifest *ret, struct err *err);
/* On failure the old file still stands, or, when it came to renaming, one of the two: *undecided is true then, until
 * a later call succeeds. */
int manifest_save(const char *dir, const struct manifest *m, bool *undecided, struct err *err);

#endif
