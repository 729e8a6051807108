/* repair.h - sets damaged files aside and puts what can be read of them in their place. */
#ifndef CARE_REPAIR_H
#define CARE_REPAIR_H

#include "care/directory.h"
#include "store/wal.h"

struct repair_item {
    uint64_t number;
    const struct manifest_part *want; /* what MANIFEST says of a part */
    bool damaged, missing;
    struct manifest_part saved; /* the part that takes its place; number 0 = none */
};

struct repair {
    const struct care_directory *at;
    const struct care_watcher *w;
    struct repair_item *parts, *segments;
    size_t part_count, segment_count;
    const uint64_t *salt; /* NULL: lost with MANIFEST */
    /* filled */
    uint64_t saved_spans, lost_spans, set_aside;
    uint64_t next_part;
};

/* Order, so that a crash at any moment loses nothing and the next repair goes on: new parts are written under free
 * numbers; damaged files get a second name in DIR/damaged; new log segments replace the old ones; MANIFEST is replaced;
 * the old names of the damaged parts go. */
int repair_run(struct repair *r, struct err *err);

#endif
