/* search_query.h - a search in TraceQL: over Tempo's API, shown with the spans that match. */
#ifndef CLI_SEARCH_QUERY_H
#define CLI_SEARCH_QUERY_H

#include "base/buf.h"
#include "base/err.h"
#include "cli/trace_list.h"

struct search_query {
    const char *server;
    struct str query;
    uint64_t start_ns, end_ns;
    uint64_t limit, spans; /* traces, and spans shown of each set of them */
};

/* The answer's bytes, in out. */
int search_query_ask(const struct search_query *q, struct buf *out, struct err *err);
/* Appends what the answer says to the list; *ret_count: traces. ERR_INVALID when it is no answer. */
int search_query_list(struct str answer, struct trace_list *l, uint64_t *ret_count,
                      struct err *err);

#endif
