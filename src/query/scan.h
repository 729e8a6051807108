/* scan.h - opening a scan (engine/scan.h) over a store. */
#ifndef QUERY_SCAN_H
#define QUERY_SCAN_H

#include "engine/scan.h"
#include "store/store.h"

/* As engine_scan_open. */
int query_scan_open(struct store *store, struct engine_query *q, const struct scan_query *query,
                    struct engine_scan **ret, struct err *err);

#endif
