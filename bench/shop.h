/* shop.h - a seeded source of realistic OTLP requests: the data every benchmark of ours runs on.
 *
 * A shop of 20 services with 4 pods each serves requests; a request is a trace of 5 to 60 spans (log-uniform) that
 * cross services. Spans carry about ten attributes by semantic convention, a tenth of them fail with an exception
 * event and its stack trace, some have links. A pod exports when it has `batch` spans, as an SDK would, so that
 * a request holds pieces of many traces under one resource. About 600 bytes per span on the wire (`make bench` prints it). */
#ifndef BENCH_SHOP_H
#define BENCH_SHOP_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct shop;

/* batch: spans per request. NULL when out of memory. Returns owned. */
struct shop *shop_new(uint64_t seed, size_t batch, uint64_t start_ns);
void shop_free(struct shop *shop);

/* Appends the next request's protobuf to out and returns its span count (= batch). */
size_t shop_next(struct shop *shop, struct buf *out);

#endif
