/* view.h - a data directory to look into: its parts, and its log as heads. Nothing in it is changed. */
#ifndef CARE_VIEW_H
#define CARE_VIEW_H

#include "care/care.h"
#include "engine/engine.h"
#include "store/source.h"

struct care_view {
    struct source *sources;
    uint32_t count;
    size_t cap;
    uint64_t log_bytes;
    uint64_t damaged; /* files or bytes of the log that were left out: `cairn check` says more */
    struct head_pool pool;
    int lock_fd;
};

/* Takes the directory's lock. As care_lock, and ERR_CORRUPT without a good MANIFEST, ERR_UNSUPPORTED. */
int care_view_open(const char *dir, struct care_view *ret, struct err *err);
void care_view_close(struct care_view *v);

/* As engine_usage. */
int care_view_usage(const struct care_view *v, struct engine_query *q, struct engine_usage *ret,
                    struct err *err);

#endif
