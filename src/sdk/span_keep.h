/* span_keep.h - a span copied whole, since it may outlive its SDK. */
#ifndef SDK_SPAN_KEEP_H
#define SDK_SPAN_KEEP_H

#include "trace/span.h"

/* Copies the span into *to with resource and scope, all in the arena. NULL when there is no memory, or no `to`. */
struct span *span_keep(const struct span *span, struct span *to, struct arena *arena);

#endif
