/* thread_context.c - the exported thread-local variable, alone in its file: the build gives it the TLS descriptor
 * dialect where the compiler has it (the rest of the library uses the initial-exec model).
 *
 * Finding the variable is a call for all callers, never inlined: some C libraries' resolvers change vector registers
 * that the descriptor's calling convention promises to keep, and here none is live. */
#include "tracer/thread_context.h"

_Thread_local thread_context_place otel_thread_ctx_v1;

thread_context_place *thread_context_find(void)
{
    return &otel_thread_ctx_v1;
}
