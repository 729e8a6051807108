/* context.h - contexts inside: how a handle names one, and what the tracer needs of it. */
#ifndef SDK_CONTEXT_H
#define SDK_CONTEXT_H

#include <cairn/context.h>
#include <cairn/trace.h>

#include "sdk/slot.h"

static inline bool context_is_of_span(const cairn_context *context)
{
    return (uintptr_t)context & HANDLE_CONTEXT;
}

/* NULL means the current one. */
static inline cairn_context *context_or_current(cairn_context *context)
{
    return context ? context : cairn_context_current();
}

/* The handle of the context's span, 0 when it has none. */
uintptr_t context_span(cairn_context *context);

/* The context without its spans; NULL when nothing is left. Owned. */
cairn_context *context_base(cairn_context *context);

#endif
