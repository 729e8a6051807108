/* summary.h - one line of a result list. */
#ifndef QUERY_SUMMARY_H
#define QUERY_SUMMARY_H

#include "query/filter.h"

/* Looks at all spans of the trace; the strings and the list of services live in the query's arena. */
int summary_make(struct run *r, struct filter *filter, struct trace_id id,
                 struct trace_summary *ret, struct err *err);

/* The same of rows that are there, without matched_count. Uses r->rows. */
int summary_of_rows(struct run *r, struct trace_id id, const struct trace_rows *rows,
                    struct trace_summary *ret, struct err *err);

/* The row that stands for the trace: the earliest span without parent, else the earliest. There is at least one. */
size_t summary_root(const struct trace_rows *rows);

#endif
