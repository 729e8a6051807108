/* zipkin_search.h - Zipkin's search form as a TraceQL search. */
#ifndef API_ZIPKIN_SEARCH_H
#define API_ZIPKIN_SEARCH_H

#include "api/call.h"
#include "engine/spansets.h"

/* Reads serviceName, remoteServiceName, spanName, annotationQuery, minDuration, maxDuration, endTs, lookback and limit of
 * the request. Each condition is of a span of the service, not all of the same one, as Zipkin itself has it. ERR_INVALID
 * names the parameter. */
int zipkin_search_form(struct call *c, struct spansets_query *ret, struct err *err);

/* endTs (now when absent and not required) and lookback, both in milliseconds, as a range in Unix nanoseconds. */
int zipkin_range(struct call *c, bool required, uint64_t *start_ns, uint64_t *end_ns,
                 struct err *err);

#endif
