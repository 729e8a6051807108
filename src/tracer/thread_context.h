/* thread_context.h - the current span where a profiler finds it: OpenTelemetry's thread context (OTEP 4947, as merged on
 * 2026-07-17), a thread-local pointer `otel_thread_ctx_v1` to a record of 28 bytes.
 *
 * Of the two ways that the OTEP gives, this is the one that exchanges the pointer: a span's slot begins with such a record,
 * made when the span starts and unchanged for as long as anybody refers to the slot, and attached contexts do. Making a span
 * current is one store; a reader that stops the thread (and a signal handler on it) sees a whole record or none. */
#ifndef TRACER_THREAD_CONTEXT_H
#define TRACER_THREAD_CONTEXT_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <cairn/common.h>

/* The OTEP's layout, without attributes behind it. */
struct thread_record {
    uint8_t trace_id[16];
    uint8_t span_id[8];
    uint8_t valid;       /* 1 = valid, all else is not */
    uint8_t trace_flags; /* W3C */
    uint16_t attrs_bytes;
};

_Static_assert(sizeof(struct thread_record) == 28 && offsetof(struct thread_record, valid) == 24,
               "the OTEP packs it");

typedef const struct thread_record *volatile thread_context_place;

/* What readers look up in .dynsym; NULL = no span is current. Exported, so that the name is the OTEP's. */
CAIRN_EXPORT extern _Thread_local thread_context_place otel_thread_ctx_v1;

/* The calling thread's place. Slow (it may be the thread's first touch of the library's thread-local block), so that a
 * thread's state keeps the answer: no span pays for the general TLS model that readers want to see. */
thread_context_place *thread_context_find(void);

/* Everything about the record was written before. */
static inline void thread_context_set(thread_context_place *place,
                                      const struct thread_record *record)
{
    atomic_signal_fence(memory_order_seq_cst);
    *place = record;
    atomic_signal_fence(memory_order_seq_cst);
}

#endif
