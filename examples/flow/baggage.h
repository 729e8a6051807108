/* baggage.h - the span processor that copies baggage to attributes. */
#ifndef FLOW_BAGGAGE_H
#define FLOW_BAGGAGE_H

#include <cairn/cairn.h>

/* What the command line sends along and every span of the flow shows. */
#define FLOW_TENANT  "tenant"
#define FLOW_REQUEST "request.id"

/* Copies the entries FLOW_TENANT and FLOW_REQUEST of the baggage to each span that starts. Owned. */
cairn_processor *baggage_processor(void);

#endif
