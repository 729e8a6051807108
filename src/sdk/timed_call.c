/* timed_call.c - see timed_call.h. */
#include "sdk/timed_call.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/deadline.h"

enum { STACK_BYTES = 512 * 1024 };

struct timed_call {
    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t changed;
    cairn_status status;
    bool done;
    int refs;
    /* constant */
    timed_call_fn *run;
    void *user;
    uint64_t deadline_ns;
    _Atomic int64_t *running;
};

/* The mutex is held. */
static void unref(struct timed_call *c)
{
    bool last = --c->refs == 0;
    pthread_mutex_unlock(&c->mutex);
    if (!last)
        return;
    pthread_cond_destroy(&c->changed);
    pthread_mutex_destroy(&c->mutex);
    free(c);
}

static void *thread_main(void *arg)
{
    struct timed_call *c = arg;
    cairn_status status = c->run(c->user, deadline_left_ms(c->deadline_ns));
    atomic_fetch_sub(c->running, 1);
    pthread_mutex_lock(&c->mutex);
    c->status = status;
    c->done = true;
    pthread_cond_broadcast(&c->changed);
    unref(c);
    return NULL;
}

static int spawn(struct timed_call *c)
{
    pthread_attr_t attr;
    pthread_t thread;
    sigset_t all, old;
    int err;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, STACK_BYTES);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    err = pthread_create(&thread, &attr, thread_main, c);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    pthread_attr_destroy(&attr);
    return err;
}

struct timed_call *timed_call_begin(timed_call_fn *run, void *user, uint64_t deadline_ns,
                                    _Atomic int64_t *running, cairn_status *ret)
{
    struct timed_call *c = deadline_ns == UINT64_MAX ? NULL : calloc(1, sizeof *c);
    atomic_fetch_add(running, 1);
    if (c) {
        *c = (struct timed_call){
            .run = run, .user = user, .deadline_ns = deadline_ns, .running = running, .refs = 2};
        pthread_mutex_init(&c->mutex, NULL);
        monotonic_cond_init(&c->changed);
        if (spawn(c) == 0)
            return c;
        pthread_cond_destroy(&c->changed);
        pthread_mutex_destroy(&c->mutex);
        free(c);
    }
    *ret = run(user, deadline_left_ms(deadline_ns));
    atomic_fetch_sub(running, 1);
    return NULL;
}

cairn_status timed_call_wait(struct timed_call *c, uint64_t deadline_ns, cairn_status otherwise)
{
    cairn_status status;
    if (!c)
        return otherwise;
    pthread_mutex_lock(&c->mutex);
    while (!c->done && monotonic_cond_wait(&c->changed, &c->mutex, deadline_ns) != ETIMEDOUT)
        continue;
    status = c->done ? c->status : CAIRN_ERROR_TIMEOUT;
    unref(c);
    return status;
}
