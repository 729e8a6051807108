/* skeleton.h - a whole trace as columns, without attributes: docs/api-native.md has every byte. */
#ifndef API_SKELETON_H
#define API_SKELETON_H

#include "api/tree.h"
#include "base/buf.h"

enum {
    SKELETON_VERSION = 1,
    SKELETON_HEADER_BYTES = 64,
    /* of the flags column */
    SKELETON_HAS_LINKS = 1u << 5,
    SKELETON_HAS_ATTRS = 1u << 6,
    SKELETON_END_BEFORE_START = 1u << 7,
};

/* Appends the skeleton of count spans, in the rows of tree. arena is for scratch. ERR_NOMEM, also for a
 * full buf. */
int skeleton_write(const struct span *spans, const struct tree *tree, struct arena *arena,
                   struct buf *out);

#endif
