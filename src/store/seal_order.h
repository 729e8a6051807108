/* seal_order.h - the order in which a part has its rows: by trace, traces by their first start, the rows of a trace by
 * start. */
#ifndef STORE_SEAL_ORDER_H
#define STORE_SEAL_ORDER_H

#include "store/source.h"

struct seal_place {
    uint64_t start_ns;
    uint32_t source, row;
};

struct seal_trace {
    struct trace_id id;
    size_t first; /* place; the trace ends where the next one begins */
};

struct seal_order {
    struct seal_place *places;
    struct seal_trace *traces; /* one more than there are: the last begins behind all places */
    size_t place_count, trace_count;
};

/* Which traces are wanted: the number of a source and of a trace in it. */
typedef bool seal_keep_fn(uint32_t source, uint32_t trace, void *user);

struct seal_filter {
    seal_keep_fn *keep;
    void *user;
};

/* Of the rows of the sources (heads must be frozen) that are not dead, in traces that filter keeps (NULL = in all).
 * Released by the caller, also after a failure. ERR_CORRUPT, ERR_IO,
 * ERR_NOMEM of parts. */
int seal_order_make(const struct source *sources, size_t count, const struct seal_filter *filter,
                    struct page_reader *reader, struct seal_order *ret, struct err *err);
void seal_order_release(struct seal_order *o);

#endif
