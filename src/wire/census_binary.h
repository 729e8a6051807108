/* census_binary.h - OpenCensus's binary trace context, as gRPC carries it in grpc-trace-bin: a version byte of 0, then
 * fields of an id byte and a fixed number of bytes: 0 the trace id, 1 the span id, 2 the options. No allocation.
 *
 * Specification: opencensus-specs, encodings/BinaryEncoding.md. */
#ifndef WIRE_CENSUS_BINARY_H
#define WIRE_CENSUS_BINARY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "trace/span.h"

enum { CENSUS_BINARY_BYTES = 29 }; /* 1, 1 + 16, 1 + 8, 1 + 1 */

struct census_binary {
    struct trace_id trace_id;
    struct span_id span_id;
    bool sampled;
};

/* Fields may stand in any order, the options may be missing (not sampled); an unknown field ends what can be read and is
 * no mistake. False, and *ret as it was, on another version, a field that is cut or comes twice, and without both ids. */
bool census_binary_parse(struct str bytes, struct census_binary *ret);

void census_binary_format(uint8_t out[CENSUS_BINARY_BYTES], const struct census_binary *context);

#endif
