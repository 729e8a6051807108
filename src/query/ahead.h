/* ahead.h - joins parts before anybody asks for dependencies: a thread of the lowest priority that looks for new parts now and
 * then, gives them their sums (edges.h), the newest first, and finds the parents that lie in other parts. What it keeps in
 * memory is bounded: a store with more than has room is joined by the query that needs it. */
#ifndef QUERY_AHEAD_H
#define QUERY_AHEAD_H

#include "store/store.h"

enum {
    AHEAD_PAUSE_MS = 10000,     /* also before the first look: a start has better to do */
    AHEAD_BYTES_MAX = 64 << 20, /* of sums, when it stops; those that queries made count, too */
};

struct ahead;

/* ERR_IO: no thread. The store must outlive it. */
int ahead_start(struct store *store, uint32_t pause_ms, struct ahead **ret, struct err *err);
/* Ends the thread, in the middle of a part if need be; waits for it. NULL is fine. */
void ahead_stop(struct ahead *a);

#endif
