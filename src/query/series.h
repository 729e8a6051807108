/* series.h - metrics (engine/series.h) over a store. */
#ifndef QUERY_SERIES_H
#define QUERY_SERIES_H

#include "engine/series.h"
#include "store/store.h"

/* As engine_series and engine_operation_stats. */
int query_series(struct store *store, struct engine_query *q, const struct series_query *query,
                 struct series_list *ret, struct err *err);
int query_operation_stats(struct store *store, struct engine_query *q, struct str service,
                          uint64_t start_ns, uint64_t end_ns, struct operation_stats_list *ret,
                          struct err *err);

#endif
