/* idset.h - a set of trace ids in an arena: open addressing, only grows. */
#ifndef QUERY_IDSET_H
#define QUERY_IDSET_H

#include <stdbool.h>

#include "base/arena.h"
#include "trace/span.h"

struct idset {
    struct arena *arena;    /* of the table */
    struct trace_id *slots; /* all zero = free: no trace has that id */
    size_t count, mask;
};

bool idset_has(const struct idset *s, struct trace_id id);
/* 1 = it is new, 0 = it was there, ERR_NOMEM. */
int idset_add(struct idset *s, struct trace_id id);

#endif
