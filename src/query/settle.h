/* settle.h - spans joined with their parents, as far as both are in one source.
 *
 * A window is the rows of some traces of a source, columns in arrays, the rows of a trace together. */
#ifndef QUERY_SETTLE_H
#define QUERY_SETTLE_H

#include "query/run.h"

struct window {
    uint32_t count;
    uint32_t *rows; /* of the source */
    uint64_t *start_ns, *duration_ns;
    struct span_id *span_id, *parent_id;
    uint32_t *service;
    uint8_t *kind, *status;
    uint32_t *bounds; /* the first row of each trace, and one more */
    uint32_t trace_count;
};

/* The rows first to end - 1 of a part, and those before and behind that are of the same traces. Memory from the arena. */
int window_of_part(struct run *r, uint32_t source, uint32_t first, uint32_t end,
                   struct arena *arena, struct window *ret, struct err *err);
int window_of_head(struct run *r, uint32_t source, struct arena *arena, struct window *ret,
                   struct err *err);

/* A span that names a parent: entry `child` of the window. parent: an entry, or NO_ENTRY when it is not in this source. */
enum { NO_ENTRY = UINT32_MAX };
typedef int settle_fn(const struct window *w, uint32_t child, uint32_t parent, void *user,
                      struct err *err);

/* Calls fn for each span of the window with a parent; of spans that repeat another one (a sender's retry) only for the first.
 * Of several spans with the parent's id it is the one that starts first. */
int window_settle(struct run *r, const struct window *w, struct arena *arena, settle_fn *fn,
                  void *user, struct err *err);

#endif
