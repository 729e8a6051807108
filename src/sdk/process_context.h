/* process_context.h - the process's resource where profilers find it: OpenTelemetry's process context (OTEP 4719, as merged
 * on 2026-04-07, version 2 of the header).
 *
 * A mapping that /proc/<pid>/maps shows under the name OTEL_CTX holds a header and behind it a protobuf message with the
 * resource. There is one for the process. Forked children do not get it: they publish their own.
 *
 * Not thread-safe: called with the lock of the SDKs. */
#ifndef SDK_PROCESS_CONTEXT_H
#define SDK_PROCESS_CONTEXT_H

#include <stdbool.h>

#include "trace/span.h"

/* The mapping's size, of which only the pages in use take memory. Larger resources are not published. */
enum { PROCESS_CONTEXT_BYTES_MAX = 64 * 1024 };

/* Publishes, or replaces what is published. False when the system does not allow it or the resource is too large; then nothing
 * is published. */
bool process_context_publish(const struct resource *resource);
void process_context_withdraw(void);

/* In a forked child, where the mapping is not: forgets it. */
void process_context_forget(void);

#endif
