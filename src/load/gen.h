/* gen.h - a seeded source of spans in batches, as the exporters of many processes would send them.
 *
 * A shape says what a trace looks like; this file's code makes trace after trace and deals their spans to pods (a pod is
 * one process with its resource). A pod whose batch is complete is the next batch, so that a request holds pieces of many
 * traces under one resource. The same options give the same spans, byte for byte, unless the time is the clock's.
 * A span's parent is always made before it, and after the last batch every parent that is named has been given out. */
#ifndef LOAD_GEN_H
#define LOAD_GEN_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "trace/span.h"

enum load_shape { LOAD_SHOP, LOAD_TRACEGEN, LOAD_DEEP, LOAD_WIDE, LOAD_HUGE, LOAD_SHAPES };

/* Their names in the order of the enum, ended by NULL. */
extern const char *const load_shape_names[LOAD_SHAPES + 1];

/* The widest of everything: one more is an error, not a surprise. */
enum { LOAD_BATCH_MAX = 1000000, LOAD_SERVICES_MAX = 1000, LOAD_TRACE_SPANS_MAX = 100000000 };

struct load_gen_options {
    enum load_shape shape;
    uint64_t seed;
    uint64_t
        start_ns; /* Unix time of the first trace, then 1 ms a trace; 0 = each trace has just ended */
    size_t batch;      /* spans per request, at least 1 */
    uint32_t services; /* 0 = the shape's own number */
    uint64_t
        trace_spans; /* spans of a trace; 0 = the shape's own number. The shop's traces vary: not for it */
    uint64_t spans; /* all in all; the last trace is cut there. 0 = without end */
};

struct load_gen;

/* Returns owned. ERR_INVALID for options that do not go together, ERR_NOMEM. */
int load_gen_new(const struct load_gen_options *options, struct load_gen **ret, struct err *err);
void load_gen_free(struct load_gen *g);

/* The next batch: borrowed until the next call. 0 spans at the end. ERR_NOMEM. */
int load_gen_next(struct load_gen *g, const struct span **ret_spans, size_t *ret_count);

/* No new spans: what waits in the pods is given out, then the end comes. */
void load_gen_finish(struct load_gen *g);

/* Appends the next batch as an ExportTraceServiceRequest; returns its spans, 0 at the end or without memory. */
size_t load_gen_encode(struct load_gen *g, struct buf *out);

#endif
