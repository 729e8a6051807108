/* thread.c - handing out thread states, taking them back, and surviving fork(). */
#include "tracer/thread.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/cancel.h"
#include "tracer/slot.h"

_Thread_local struct thread *thread_tls;
_Atomic uint32_t fork_generation;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* guards idle and adding to all */
static struct thread *idle;
static _Atomic(struct thread *) all;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static _Atomic(const struct fork_hook *) hook;

/* Runs when the thread ends. A span call in a later destructor adopts a state again, and the C library calls this
 * once more. Contexts that are still attached lose their reference. */
static void give_back(void *arg)
{
    struct thread *t = arg;
    thread_context_set(t->published, NULL);
    while (t->frame_count)
        cairn_context_unref(t->frames[--t->frame_count]);
    thread_tls = NULL;
    pthread_mutex_lock(&mutex);
    t->next_idle = idle;
    idle = t;
    pthread_mutex_unlock(&mutex);
}

static void before_fork(void)
{
    const struct fork_hook *h = atomic_load(&hook);
    if (h)
        h->prepare();
    pthread_mutex_lock(&mutex);
}

static void after_fork_parent(void)
{
    const struct fork_hook *h = atomic_load(&hook);
    pthread_mutex_unlock(&mutex);
    if (h)
        h->parent();
}

/* Only the forking thread lives on. The states of the others are left alone: they may be half changed. */
static void after_fork_child(void)
{
    const struct fork_hook *h = atomic_load(&hook);
    atomic_fetch_add(&fork_generation, 1);
    for (struct thread *t = idle; t; t = t->next_idle)
        id_rng_seed(&t->rng);
    if (thread_tls)
        id_rng_seed(&thread_tls->rng);
    pthread_mutex_unlock(&mutex);
    if (h)
        h->child();
}

static void set_up(void)
{
    pthread_key_create(&key, give_back);
    slot_bias_init();
    pthread_atfork(before_fork, after_fork_parent, after_fork_child);
}

void fork_hooks_set(const struct fork_hook *h)
{
    pthread_once(&once, set_up);
    atomic_store(&hook, h);
}

struct thread *thread_all(void)
{
    return atomic_load_explicit(&all, memory_order_acquire);
}

struct thread *thread_adopt(void)
{
    struct thread *t;
    int saved = errno, cancel = cancel_forbid(); /* getrandom() is a cancellation point */
    pthread_once(&once, set_up);
    pthread_mutex_lock(&mutex);
    t = idle;
    if (t) {
        idle = t->next_idle;
    } else {
        t = aligned_alloc(64, (sizeof *t + 63) / 64 * 64);
        if (t) {
            memset(t, 0, sizeof *t);
            id_rng_seed(&t->rng);
            t->next_all = atomic_load_explicit(&all, memory_order_relaxed);
            atomic_store_explicit(&all, t, memory_order_release);
        }
    }
    pthread_mutex_unlock(&mutex);
    if (t)
        t->published = thread_context_find();
    cancel_allow(cancel);
    errno = saved;
    if (t && pthread_setspecific(key, t) != 0) {
        give_back(t); /* without the key the state would never come back */
        return NULL;
    }
    thread_tls = t;
    return t;
}
