/* newest.h - the best `limit` traces so far: those that start last. A heap with the worst on top. */
#ifndef QUERY_NEWEST_H
#define QUERY_NEWEST_H

#include "query/run.h"

struct found {
    struct trace_id id;
    uint64_t start_ns;
};

struct newest {
    struct arena *arena;
    uint32_t limit;
    struct found *heap;
    size_t count, cap;
};

/* What starts before this cannot enter any more; 0 while there is room. */
uint64_t newest_floor_ns(const struct newest *n);
/* ERR_TOO_LARGE when the arena is full. */
int newest_keep(struct newest *n, struct found found, struct err *err);
/* heap in order, newest first, equal starts by id; nothing can be kept after it. */
void newest_sort(struct newest *n);

#endif
