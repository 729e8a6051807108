/* pairs.h - the list syntax of OTEL_RESOURCE_ATTRIBUTES and OTEL_EXPORTER_OTLP_HEADERS: "key=value,key=value". */
#ifndef TRACE_PAIRS_H
#define TRACE_PAIRS_H

#include "trace/span.h"

/* Keys and values percent-decoded into the arena, without spaces around them, the last value of a key winning; empty
 * members are skipped. ERR_INVALID when anything is wrong: the list is then worth nothing as a whole. */
int pairs_parse(struct str text, struct arena *arena, struct attrs *ret);

#endif
