/* generate.h - requests as a fleet of services would send them: 512 spans, about 690 bytes each on the wire.
 *
 * 20 services of 4 pods, 112 span names, traces of 5-60 spans whose spans arrive interleaved, about ten attributes
 * a span, exception events with stacks on one span in nine. Deterministic. */
#ifndef BENCH_GENERATE_H
#define BENCH_GENERATE_H

#include "base/buf.h"
#include "trace/span.h"

struct generated {
    struct str *requests;
    size_t request_count, span_count, bytes;
    struct trace_id *traces; /* some ids, spread over the run */
    size_t trace_count;
    uint64_t start_ns, end_ns;
};

void generate(size_t spans, struct generated *ret);
void generated_free(struct generated *g);

#endif
