/* baggage.h - baggage inside: many changes at once, as propagators make them. */
#ifndef TRACER_BAGGAGE_H
#define TRACER_BAGGAGE_H

#include <cairn/baggage.h>

/* The context with all of these entries; of two with one name the later counts. keep: what the context has of other
 * names stays. The entries are what cairn_baggage_set lets in. Owned. NULL when a maximum is reached or there is no
 * memory. */
cairn_context *baggage_with(cairn_context *context, const struct cairn_baggage_entry *entries,
                            size_t count, bool keep);

#endif
