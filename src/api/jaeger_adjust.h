/* jaeger_adjust.h - what Jaeger changes in a trace when it is read, so that its UI shows it well; raw=true leaves it out. */
#ifndef API_JAEGER_ADJUST_H
#define API_JAEGER_ADJUST_H

#include "base/arena.h"
#include "trace/span.h"

/* Changes the spans in place; scratch and new strings come from the arena.
 * - The server's half of a span id that it shares with its client (Zipkin's way) gets an id of its own, with the client as
 *   parent, and takes the children.
 * - ip and peer.ipv4 as numbers become dotted text.
 * False when the arena is full. Clocks are left as they are: a corrected time is a guess, and Jaeger's own default. */
bool jaeger_adjust(struct span *spans, size_t count, struct arena *arena);

#endif
