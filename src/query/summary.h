/* summary.h - one line of a result list. */
#ifndef QUERY_SUMMARY_H
#define QUERY_SUMMARY_H

#include "query/filter.h"

/* Looks at all spans of the trace; the strings and the list of services live in the query's arena. */
int summary_make(struct run *r, struct filter *filter, struct trace_id id,
                 struct trace_summary *ret, struct err *err);

#endif
