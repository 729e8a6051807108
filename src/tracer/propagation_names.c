/* propagation_names.c - what OTEL_PROPAGATORS calls them: one row for each. */
#define CAIRN_NO_INLINE
#include "tracer/propagation.h"

static const struct {
    const char *name;
    cairn_propagator *(*get)(void);
} known[] = {
    {"tracecontext", cairn_propagator_tracecontext},
    {"baggage", cairn_propagator_baggage},
    {"b3", cairn_propagator_b3},
    {"b3multi", cairn_propagator_b3_multi},
    {"jaeger", cairn_propagator_jaeger},
    {"ottrace", cairn_propagator_ot},
    {"none", cairn_propagator_none},
};

cairn_propagator *propagator_by_name(struct str name)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (str_eq_nocase(name, str_of(known[i].name)))
            return known[i].get();
    }
    return NULL;
}
