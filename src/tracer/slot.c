/* slot.c - the slow side of span slots: new slabs, frees from other threads, contended locks. */
#include "tracer/slot.h"

#include <errno.h>
#include <linux/membarrier.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { SLAB_SLOTS = 64, SPINS_BEFORE_YIELD = 200, REGION_MIB_MAX = 4096 };

static inline void cpu_pause(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* ---- The region of all slots: reserved once, opened slab by slab ---- */

enum { SLAB_BYTES = SLAB_SLOTS * SLOT_BYTES };

_Atomic uintptr_t slots_base;
_Atomic uintptr_t slots_bytes;

static uintptr_t region_bytes;
static _Atomic uintptr_t region_next;
static pthread_once_t region_once = PTHREAD_ONCE_INIT;

/* Reserving costs neither memory nor commitment. Programs that may not have much address space get less of it. */
static void region_reserve(void)
{
    for (uintptr_t bytes = sizeof(void *) == 8 ? (uintptr_t)REGION_MIB_MAX << 20 : 64u << 20;
         bytes >= 1u << 20; bytes /= 4) {
        void *p = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (p == MAP_FAILED)
            continue;
        region_bytes = bytes;
        atomic_store(&slots_base, (uintptr_t)p);
        return;
    }
}

/* Every slab before the new one is opened again with it: doing so twice does no harm, and no slab is left out when
 * several threads come at once. */
static struct slot *slab_open(void)
{
    uintptr_t at, end, base;
    pthread_once(&region_once, region_reserve);
    at = atomic_fetch_add(&region_next, SLAB_BYTES);
    end = at + SLAB_BYTES;
    base = atomic_load(&slots_base);
    if (end > region_bytes || mprotect((void *)base, end, PROT_READ | PROT_WRITE) != 0) {
        atomic_compare_exchange_strong(&region_next, &end,
                                       at); /* unless somebody went on from there */
        return NULL;
    }
    at = atomic_load(&slots_bytes);
    while (at < end && !atomic_compare_exchange_weak(&slots_bytes, &at, end))
        continue;
    return (struct slot *)(base + end - SLAB_BYTES);
}

static bool slab_add(struct thread *thread)
{
    struct slot *slab;
    int saved = errno;
    if (thread->slab_count == SLABS_MAX)
        return false;
    slab = slab_open();
    errno = saved;
    if (!slab)
        return false;
    thread->slab_count++;
    for (size_t i = SLAB_SLOTS; i-- > 0;) { /* the first slot comes out first */
        slab[i].owner = thread;
        atomic_init(&slab[i].handle, (uintptr_t)&slab[i]);
        slab[i].next = thread->free;
        thread->free = &slab[i];
    }
    return true;
}

struct slot *slot_take_slow(struct thread *thread)
{
    thread->free = atomic_exchange_explicit(&thread->returned, NULL, memory_order_acquire);
    if (!thread->free && !slab_add(thread))
        return NULL;
    return slot_take(thread);
}

void slot_lock_wait(struct slot *slot)
{
    for (unsigned spins = 1;; spins++) {
        if (!atomic_load_explicit(&slot->locked, memory_order_relaxed) &&
            !atomic_exchange_explicit(&slot->locked, true, memory_order_acquire))
            return;
        if (spins % SPINS_BEFORE_YIELD != 0) {
            cpu_pause();
            continue;
        }
        /* In a forked child the holder may be a thread that is not here any more. What it left half done is never
         * exported, since the span belongs to the parent process. */
        if (slot->fork_generation != atomic_load(&fork_generation)) {
            atomic_store(&slot->locked, true);
            return;
        }
        sched_yield();
    }
}

/* ---- Bias ---- */

_Atomic bool slot_bias_works;

static long membarrier(int command)
{
    return syscall(SYS_membarrier, command, 0, 0);
}

void slot_bias_init(void)
{
#ifndef __SANITIZE_THREAD__ /* which knows nothing of membarriers */
    atomic_store(&slot_bias_works, membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) == 0);
#endif
}

/* After this every thread of the process has seen what the caller stored before. */
static void barrier_everywhere(void)
{
    int saved = errno;
    if (membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED) != 0) {
        /* Registered once, then refused: a forked child of an old kernel, or a filter that came later. */
        membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED);
        if (membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED) != 0) {
            atomic_store(&slot_bias_works, false);
            nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL); /* ages, for a store buffer */
        }
    }
    errno = saved;
}

void slot_end_bias(struct slot *slot)
{
    atomic_store(&slot->biased, false);
    barrier_everywhere();
    atomic_store_explicit(&slot->owner->unbiased_spans, UNBIASED_SPANS, memory_order_relaxed);
    for (unsigned spins = 1; atomic_load_explicit(&slot->busy, memory_order_acquire); spins++) {
        cpu_pause();
        if (spins % SPINS_BEFORE_YIELD != 0)
            continue;
        if (slot->fork_generation != atomic_load(&fork_generation))
            break; /* as above */
        sched_yield();
    }
}

bool slot_ref(uintptr_t handle)
{
    struct slot *s = slot_acquire(handle);
    if (!s)
        return false;
    s->refs++;
    slot_unlock(s);
    return true;
}

void slot_unref(uintptr_t handle)
{
    struct slot *s = slot_acquire(handle);
    if (s)
        slot_drop_locked(s);
}

static void give_back(struct slot *slot)
{
    struct thread *owner = slot->owner;
    struct slot *head;
    if (owner == thread_tls) {
        slot->next = owner->free;
        owner->free = slot;
        return;
    }
    head = atomic_load_explicit(&owner->returned, memory_order_relaxed);
    do
        slot->next = head;
    while (!atomic_compare_exchange_weak_explicit(&owner->returned, &head, slot,
                                                  memory_order_release, memory_order_relaxed));
}

/* The rarer half: values of a context, a trace state or items with memory of their own hang on the slot. */
static __attribute__((noinline)) void free_with_belongings(struct slot *slot)
{
    cairn_context *base = slot->base;
    struct text *state = slot->head.trace_state;
    if (slot->data != slot->inline_data)
        free(slot->data);
    slot->data = slot->inline_data;
    slot->base = NULL;
    slot->head.trace_state = NULL;
    slot_unlock(slot);
    give_back(slot);
    text_unref(state);
    if (base)
        cairn_context_unref(base);
}

void slot_free_locked(struct slot *slot)
{
    atomic_store_explicit(&slot->handle, handle_next(slot), memory_order_relaxed);
    atomic_store_explicit(&slot->recording, SLOT_NOT_RECORDING, memory_order_relaxed);
    if (__builtin_expect(slot->data != slot->inline_data || slot->base || slot->head.trace_state,
                         0)) {
        free_with_belongings(slot);
        return;
    }
    slot_unlock(slot);
    give_back(slot);
}
