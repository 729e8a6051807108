/* sample.h - a batch that has everything OTLP can say about a span, for round trips. */
#ifndef SAMPLE_H
#define SAMPLE_H

#include "trace/span.h"

/* Three spans over two resources and three scopes; lives for ever. */
struct span_batch sample_batch(void);

/* Are the spans of both equal, resource and scope included? */
bool batch_eq(const struct span_batch *a, const struct span_batch *b);

#endif
