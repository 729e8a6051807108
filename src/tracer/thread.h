/* thread.h - what every tracing thread has of its own: span slots, id generator, rings, stack of contexts.
 *
 * A thread gets its state at its first span or attach and gives it back when it exits; the next new thread takes it
 * over, so the number of states is the largest number of threads that ever traced at once. States are never freed:
 * handles and remote frees may point into them at any time. */
#ifndef TRACER_THREAD_H
#define TRACER_THREAD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <cairn/context.h>

#include "tracer/ids.h"
#include "tracer/shared.h"
#include "tracer/thread_context.h"

struct slot;
struct ring;
struct text;
struct cairn_attr;

enum {
    SDKS_MAX = 8,                /* live SDKs of a process */
    QUEUES_MAX = 8,              /* live batch processors of a process */
    SLABS_MAX = 1024,            /* of one thread: 65,536 live spans */
    ATTACH_FRAMES_MAX = 1 << 16, /* contexts attached at once on one thread */
    /* no parent, a local one, a remote one; times the three decisions of a sampler */
    STARTED_KINDS = 9,
    ENDED_KINDS = 2 /* of recording spans: not sampled, sampled */
};

struct thread {
    struct slot *free;               /* this thread's only */
    _Atomic(struct slot *) returned; /* freed by other threads */
    _Atomic uint32_t unbiased_spans; /* how many to start unbiased, see slot.h */
    uint32_t slab_count;
    struct id_rng rng;
    struct ring *rings[QUEUES_MAX]; /* by the batch processor's number */
    /* Written by this thread, read by anybody; by the SDK's number. */
    _Atomic uint64_t started[SDKS_MAX][STARTED_KINDS], ended[SDKS_MAX][ENDED_KINDS];
    cairn_context **frames; /* attached contexts, each with a reference */
    uint32_t frame_count, frame_cap;
    thread_context_place *published; /* of the thread that has this state now */
    /* What samplers answer with, until the next question. */
    char *sampling_text;
    struct cairn_attr *sampling_attributes;
    size_t sampling_text_bytes;
    struct text *sampling_state; /* the last trace state that a sampler made; with a reference */
    struct thread *next_all;     /* immutable once linked */
    struct thread *next_idle;
};

extern _Thread_local struct thread *thread_tls TRACER_SHARED(thread_tls)
    __attribute__((tls_model("initial-exec")));

/* The slow half of thread_self: takes an idle state or makes one. NULL when there is no memory. */
struct thread *thread_adopt(void) TRACER_SHARED(thread_adopt);

static inline struct thread *thread_self(void)
{
    struct thread *t = thread_tls;
    return __builtin_expect(t != NULL, 1) ? t : thread_adopt();
}

/* All states ever made, linked by next_all. */
struct thread *thread_all(void) TRACER_SHARED(thread_all);

/* A counter with one writer. */
static inline void thread_count(_Atomic uint64_t *counter)
{
    atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + 1,
                          memory_order_relaxed);
}

/* How often this process was forked since the library was loaded in its first ancestor. */
extern _Atomic uint32_t fork_generation TRACER_SHARED(fork_generation);

/* Something that must be consistent across fork(): lock in the parent before, unlock after in the parent, make
 * usable in the child. Called in order of registration (child and parent) or the reverse (prepare). */
struct fork_hook {
    void (*prepare)(void);
    void (*parent)(void);
    void (*child)(void);
};
/* Called once, by the SDK's first instance. */
void fork_hooks_set(const struct fork_hook *hook) TRACER_SHARED(fork_hooks_set);

#endif
