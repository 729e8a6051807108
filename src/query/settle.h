/* settle.h - spans joined with their parents, as far as both are in one source.
 *
 * A window is the rows of some traces of a source, columns in arrays, the rows of a trace together.
 *
 * Of several spans of a trace that could be the parent the one that fits best is it (parent_fit), of equals the one that
 * starts first. Where the two sides of a call share one span id, as Zipkin's tracers have it, the caller is the other side's
 * parent even if neither names one. */
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

/* How well a span fits as another's parent; 0 = not at all. same_id: it has the child's own id, else the one that the child
 * names as its parent's. Of two sides that share the named id the callee is the parent, but for what the caller's own
 * service did. */
unsigned parent_fit(uint8_t child_kind, uint8_t kind, bool same_id, bool same_service);
/* Kinds of spans whose parent may have their id. */
bool is_callee(uint8_t kind);

enum {
    ALIKE_MAX =
        16, /* spans of a trace with one id that are looked at: broken senders give all the same */
};

/* A span that names a parent, or has one: entry `child` of the window. parent: an entry, or NO_ENTRY when it is not in this
 * source. */
enum { NO_ENTRY = UINT32_MAX };
typedef int settle_fn(const struct window *w, uint32_t child, uint32_t parent, void *user,
                      struct err *err);

/* Calls fn for each span of the window with a parent; of spans that repeat another one (a sender's retry) only for the first. */
int window_settle(struct run *r, const struct window *w, struct arena *arena, settle_fn *fn,
                  void *user, struct err *err);

#endif
