/* trace_list.h - lists of traces: one line for each on a wide terminal, three on a narrow one. */
#ifndef CLI_TRACE_LIST_H
#define CLI_TRACE_LIST_H

#include <stdbool.h>

#include "base/buf.h"

struct trace_list {
    bool colors;
    unsigned width;
    uint64_t now_ns;
    struct buf out; /* the caller's to release */
};

/* One trace as the list shows it. */
struct trace_row {
    struct str id, service, name; /* of the root */
    uint64_t start_ns, duration_ns;
    uint64_t spans, errors, services;
};

void trace_list_head(struct trace_list *l); /* nothing on a narrow one */
void trace_list_row(struct trace_list *l, const struct trace_row *r);

#endif
