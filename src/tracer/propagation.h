/* propagation.h - propagators inside: the table of names, and what the formats share. */
#ifndef TRACER_PROPAGATION_H
#define TRACER_PROPAGATION_H

#include <stdatomic.h>

#include <cairn/propagation.h>
#include <cairn/trace.h>

#include "base/str.h"
#include "tracer/shared.h"

struct cairn_propagator {
    atomic_uint refs;    /* unless it lives for ever */
    bool lives_for_ever; /* static */
    struct cairn_propagator_ops ops;
    void *user;
};

/* The propagator that OTEL_PROPAGATORS calls so; NULL when there is none. Borrowed, lives for ever. */
cairn_propagator *propagator_by_name(struct str name) TRACER_SHARED(propagator_by_name);

/* The identity of the context's span; false when there is nothing to write. */
bool propagation_span(cairn_context *context, struct cairn_span_context *ret);

/* The context with a span that came from elsewhere, or another reference to `context` when there is no memory. debug:
 * the sender wants this trace whatever it costs; formats that can say so hand it on. Owned. */
cairn_context *propagation_arrived(cairn_context *context, const struct cairn_span_context *sc,
                                   bool debug);
/* Did this trace arrive as one to debug? Only as long as it is sampled. */
bool propagation_is_debug(cairn_context *context, const struct cairn_span_context *sc);

#endif
