/* slot.h - where a live span is: a fixed slot of its thread's slabs, named by a handle that is checked.
 *
 * A handle is the slot's address with the slot's generation in the bits that an address leaves free (the low 10,
 * since slots are 1 KiB aligned, and the high 16 on 64-bit machines). Freeing a slot advances the generation, so
 * a stale handle finds another number and its call does nothing. Slots are never unmapped, and all of them are in one
 * region of the address space, so that a number that never was a handle is told apart by a comparison.
 *
 * Bit 0 of a handle is free for the context that belongs to the span: see context.c. Bit 1 stands for a span that does
 * not record, so that the interface's macros need not even call.
 *
 * The lock of a slot guards everything but its identity (ids, flags, trace state, base), which does not change
 * from the start of the span until the slot is freed. It is biased towards the thread that owns the slot, whose
 * way in and out is a plain store each: the first other thread that wants in ends the bias for this span, with a
 * membarrier(2) that makes sure of the owner's seeing it. Where the kernel has none, or a thread's spans are often used by
 * others, slots start unbiased. */
#ifndef TRACER_SLOT_H
#define TRACER_SLOT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cairn/trace.h>

#include "trace/span.h"
#include "tracer/shared.h"
#include "tracer/text.h"
#include "tracer/thread.h"
#include "tracer/thread_context.h"

/* What of a span has a fixed size; goes into the queue in front of the span's items. */
struct span_head {
    /* the identity: all that a span has which is not recorded. The first 28 bytes are a struct thread_record */
    struct trace_id trace_id;
    struct span_id span_id;
    struct {
        uint8_t valid, trace_flags;
        uint16_t attrs_bytes;
    } published;
    uint32_t flags;           /* of the span, with OTLP's bits about the parent */
    struct text *trace_state; /* holds a reference; NULL = empty */
    /* zero at the start of a recording, from here */
    uint32_t name_at, name_n; /* in the items' bytes */
    uint32_t message_at, message_n;
    uint32_t dropped_attributes, dropped_events, dropped_links;
    uint32_t attribute_count, event_count, link_count;
    uint32_t data_n; /* bytes of items behind */
    uint8_t kind, status;
    uint8_t reserved[2];
    uint64_t seen; /* bit (signature & 63) of each attribute key that was set */
    struct span_id parent_id;
    uint64_t start_ns, end_ns;
    const struct scope *scope; /* of the tracer, lives for ever */
};

_Static_assert(offsetof(struct span_head, span_id) == offsetof(struct thread_record, span_id) &&
                   offsetof(struct span_head, published) == offsetof(struct thread_record, valid) &&
                   offsetof(struct span_head, flags) == sizeof(struct thread_record),
               "a span's identity is the record that is published for it");

/* flags and, for readers of the thread context, the record that they belong to. */
static inline void span_head_set_flags(struct span_head *head, uint32_t flags, bool valid)
{
    head->flags = flags;
    head->published.valid = valid;
    head->published.trace_flags = (uint8_t)flags;
    head->published.attrs_bytes = 0;
}

enum { SLOT_BYTES = 1024, SLOT_INLINE_BYTES = 816 };

enum slot_recording { SLOT_NOT_RECORDING, SLOT_RECORDING, SLOT_ENDING };

struct slot {
    _Atomic uintptr_t handle;  /* of the span that is in it; of the next one when it is free */
    _Atomic bool locked;       /* by whoever */
    _Atomic bool busy;         /* the owner is in it, without the lock */
    _Atomic bool biased;       /* the owner may go in without the lock */
    _Atomic uint8_t recording; /* enum slot_recording: do attributes go somewhere */
    bool ended;
    bool is_remote;
    uint32_t refs;            /* under the lock; 0 = free */
    uint32_t fork_generation; /* when it was started */
    struct thread *owner;
    cairn_context
        *base; /* the context of the start without spans; holds a reference; NULL = empty */
    union {
        struct slot *next;    /* in a free list */
        struct thread *ender; /* while SLOT_ENDING: the one that may still change the span */
    };
    int64_t
        clock_offset_ns; /* from the monotonic clock to real time, one for a trace in this process */
    cairn_tracer_provider *provider; /* NULL: a non-recording span of the interface itself */
    unsigned char *data; /* items: inline_data, or memory of its own when the span grew */
    uint32_t data_cap;
    uint32_t dead_bytes; /* of items that were replaced */
    struct span_head head;
    _Alignas(8) unsigned char inline_data[SLOT_INLINE_BYTES];
};

_Static_assert(sizeof(struct slot) == SLOT_BYTES, "a slot is its own alignment");

enum { HANDLE_CONTEXT = 1 };
#define HANDLE_ADDRESS ((uintptr_t)0x0000fffffffffc00u)

static inline uintptr_t handle_of(const struct slot *slot)
{
    return atomic_load_explicit(&slot->handle, memory_order_relaxed);
}

/* What the slot's next span is called: with ones in the place of the address, the generation's carry goes through it. */
static inline uintptr_t handle_next(const struct slot *slot)
{
    uintptr_t ones = HANDLE_ADDRESS | HANDLE_CONTEXT | CAIRN_SPAN_PASSIVE;
    return (((handle_of(slot) | ones) + 1) & ~HANDLE_ADDRESS) | (uintptr_t)slot;
}

/* For a span that never records; before anybody knows its handle. */
static inline uintptr_t handle_make_passive(struct slot *slot)
{
    uintptr_t handle = handle_of(slot) | CAIRN_SPAN_PASSIVE;
    atomic_store_explicit(&slot->handle, handle, memory_order_relaxed);
    return handle;
}

static inline struct slot *handle_slot(uintptr_t handle)
{
    return (struct slot *)(handle & HANDLE_ADDRESS);
}

/* Is the span that the handle was made for still in the slot? Context bit ignored. */
static inline bool handle_is_current(uintptr_t handle, const struct slot *slot)
{
    return (handle & ~(uintptr_t)HANDLE_CONTEXT) == handle_of(slot);
}

/* A free slot with refs 1, everything else undefined but owner and handle. NULL when the limits or the memory
 * are used up. */
struct slot *slot_take_slow(struct thread *thread) TRACER_SHARED(slot_take_slow);

/* Can slots be biased on this system? */
extern _Atomic bool slot_bias_works TRACER_SHARED(slot_bias_works);
/* Called once, before the first slot is taken. */
void slot_bias_init(void);

enum { UNBIASED_SPANS = 64 }; /* of a thread after one of its biases was ended */

static inline struct slot *slot_take(struct thread *thread)
{
    struct slot *s = thread->free;
    if (__builtin_expect(!s, 0))
        return slot_take_slow(thread);
    thread->free = s->next;
    s->refs = 1;
    atomic_store_explicit(&s->biased, atomic_load_explicit(&slot_bias_works, memory_order_relaxed),
                          memory_order_relaxed);
    if (__builtin_expect(atomic_load_explicit(&thread->unbiased_spans, memory_order_relaxed) != 0,
                         0)) {
        atomic_fetch_sub_explicit(&thread->unbiased_spans, 1, memory_order_relaxed);
        atomic_store_explicit(&s->biased, false, memory_order_relaxed);
    }
    return s;
}

/* Slow half of slot_lock: spins, and breaks the lock of a thread that fork() left behind. */
void slot_lock_wait(struct slot *slot) TRACER_SHARED(slot_lock_wait);
/* With the lock: keeps the owner out that had the bias. */
void slot_end_bias(struct slot *slot) TRACER_SHARED(slot_end_bias);

static inline void slot_lock(struct slot *s)
{
    if (__builtin_expect(s->owner == thread_tls, 1) &&
        atomic_load_explicit(&s->biased, memory_order_relaxed)) {
        atomic_store_explicit(&s->busy, true, memory_order_relaxed);
        atomic_signal_fence(memory_order_seq_cst); /* the other side's membarrier does the rest */
        if (__builtin_expect(atomic_load_explicit(&s->biased, memory_order_relaxed), 1))
            return;
        atomic_store_explicit(&s->busy, false, memory_order_release);
    }
    if (__builtin_expect(atomic_exchange_explicit(&s->locked, true, memory_order_acquire), 0))
        slot_lock_wait(s);
    if (__builtin_expect(atomic_load_explicit(&s->biased, memory_order_relaxed), 0))
        slot_end_bias(s);
}

static inline void slot_unlock(struct slot *s)
{
    if (__builtin_expect(s->owner == thread_tls, 1) &&
        atomic_load_explicit(&s->busy, memory_order_relaxed))
        atomic_store_explicit(&s->busy, false, memory_order_release);
    else
        atomic_store_explicit(&s->locked, false, memory_order_release);
}

/* Where slots are: [slots_base, slots_base + slots_bytes). Grows at its end, up to what was reserved. */
extern _Atomic uintptr_t slots_base TRACER_SHARED(slots_base);
extern _Atomic uintptr_t slots_bytes TRACER_SHARED(slots_bytes);

/* The slot that a handle of the application's names; NULL for NULL and for what cannot be a handle. */
static inline struct slot *handle_slot_checked(uintptr_t handle)
{
    uintptr_t at =
        (handle & HANDLE_ADDRESS) - atomic_load_explicit(&slots_base, memory_order_relaxed);
    return __builtin_expect(at < atomic_load_explicit(&slots_bytes, memory_order_acquire), 1)
               ? handle_slot(handle)
               : NULL;
}

/* Locks the slot; false (and nothing locked) when the handle is stale. */
static inline bool slot_acquire_at(struct slot *s, uintptr_t handle)
{
    slot_lock(s);
    if (__builtin_expect(!handle_is_current(handle, s), 0)) {
        slot_unlock(s);
        return false;
    }
    return true;
}

/* Locks the handle's slot; NULL (and nothing locked) when the handle is NULL, stale or none at all. */
static inline struct slot *slot_acquire(uintptr_t handle)
{
    struct slot *s = handle_slot_checked(handle);
    return s && slot_acquire_at(s, handle) ? s : NULL;
}

/* One more reference; false when the handle is stale. */
bool slot_ref(uintptr_t handle);
void slot_unref(uintptr_t handle);

/* Unlocks a slot whose last reference has just gone: drops what it holds and gives it back to its owner. */
void slot_free_locked(struct slot *slot) TRACER_SHARED(slot_free_locked);

/* Unlocks after taking one reference away. */
static inline void slot_drop_locked(struct slot *slot)
{
    if (--slot->refs == 0)
        slot_free_locked(slot);
    else
        slot_unlock(slot);
}

#endif
