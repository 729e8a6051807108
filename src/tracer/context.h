/* context.h - contexts inside: how a handle names one, and what the tracer needs of it. */
#ifndef TRACER_CONTEXT_H
#define TRACER_CONTEXT_H

#include <cairn/context.h>
#include <cairn/trace.h>

#include "tracer/shared.h"
#include "tracer/slot.h"

struct cairn_context_key {
    const char *name;               /* for people with a debugger */
    struct cairn_context_key *next; /* of all that were made */
};

static inline bool context_is_of_span(const cairn_context *context)
{
    return (uintptr_t)context & HANDLE_CONTEXT;
}

extern cairn_context context_empty TRACER_SHARED(context_empty);

static inline cairn_context *context_current(void)
{
    struct thread *t = thread_tls;
    return t && t->frame_count ? t->frames[t->frame_count - 1] : &context_empty;
}

/* NULL means the current one. */
static inline cairn_context *context_or_current(cairn_context *context)
{
    return context ? context : context_current();
}

/* The handle of the context's span, 0 when it has none. */
uintptr_t context_span(cairn_context *context) TRACER_SHARED(context_span);

/* The same without a call for the commonest contexts. */
static inline uintptr_t context_span_inline(cairn_context *context)
{
    if (context_is_of_span(context))
        return (uintptr_t)context & ~(uintptr_t)HANDLE_CONTEXT;
    return context == &context_empty ? 0 : context_span(context);
}

/* False when context_base would certainly answer NULL. */
static inline bool context_may_have_base(cairn_context *context)
{
    struct slot *s;
    if (context_is_of_span(context))
        return (s = handle_slot_checked((uintptr_t)context)) && s->base;
    return context != &context_empty;
}

/* The context without its spans; NULL when nothing is left. Owned. */
cairn_context *context_base(cairn_context *context) TRACER_SHARED(context_base);

#endif
