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

/* Of all rows of the sources (heads must be frozen). Released by the caller, also after a failure. ERR_CORRUPT, ERR_IO,
 * ERR_NOMEM of parts. */
int seal_order_make(const struct source *sources, size_t count, struct page_reader *reader,
                    struct seal_order *ret, struct err *err);
void seal_order_release(struct seal_order *o);

#endif
