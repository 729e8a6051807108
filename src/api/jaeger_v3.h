/* jaeger_v3.h - what api_v3's two forms, HTTP and gRPC, share. */
#ifndef API_JAEGER_V3_H
#define API_JAEGER_V3_H

#include "api/call.h"

enum { JAEGER_V3_SEARCH_DEPTH = 100 };

/* api_v3 shows a kind that is not set as the default that OTLP gives it. */
struct str jaeger_v3_kind(enum span_kind kind);

/* Takes one operation for each name and kind as they are shown, of the kind asked for (empty = any): true when items[i] is
 * to be listed. */
bool jaeger_v3_lists(const struct operation_list *list, size_t i, struct str kind);

/* A trace as the client wants it: with Jaeger's adjustments unless raw, and in groups of resource and scope. */
int jaeger_v3_trace(struct call *c, struct engine_query *q, struct trace_id id, bool raw,
                    struct span_batch *ret, struct err *err);

#endif
