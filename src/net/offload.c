/* offload.c - mutex, condition, list. */
#include "net/offload.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "net/exchange.h"

struct offload {
    pthread_mutex_t lock;
    pthread_cond_t wanted;
    struct http_exchange *first, **end;
    unsigned queued, thread_count;
    bool closing;
    pthread_t threads[];
};

static void *run(void *arg)
{
    struct offload *o = arg;
    pthread_mutex_lock(&o->lock);
    for (;;) {
        struct http_exchange *x;
        while (!o->first && !o->closing)
            pthread_cond_wait(&o->wanted, &o->lock);
        x = o->first;
        if (!x)
            break;
        o->first = x->queued;
        if (!o->first)
            o->end = &o->first;
        o->queued--;
        x->queued = NULL;
        pthread_mutex_unlock(&o->lock);
        x->work(x, x->work_user);
        pthread_mutex_lock(&o->lock);
    }
    pthread_mutex_unlock(&o->lock);
    return NULL;
}

struct offload *offload_new(unsigned threads)
{
    struct offload *o = calloc(1, sizeof *o + threads * sizeof *o->threads);
    sigset_t all, old;
    if (!o)
        return NULL;
    pthread_mutex_init(&o->lock, NULL);
    pthread_cond_init(&o->wanted, NULL);
    o->end = &o->first;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &old); /* signals are for the main thread */
    while (o->thread_count < threads &&
           pthread_create(&o->threads[o->thread_count], NULL, run, o) == 0)
        o->thread_count++;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (!o->thread_count) {
        offload_free(o);
        return NULL;
    }
    return o;
}

bool offload_push(struct offload *o, struct http_exchange *x)
{
    bool taken;
    pthread_mutex_lock(&o->lock);
    taken = !o->closing && o->queued < OFFLOAD_QUEUE_MAX;
    if (taken) {
        x->queued = NULL;
        *o->end = x;
        o->end = &x->queued;
        o->queued++;
        pthread_cond_signal(&o->wanted);
    }
    pthread_mutex_unlock(&o->lock);
    return taken;
}

void offload_close(struct offload *o)
{
    pthread_mutex_lock(&o->lock);
    o->closing = true;
    pthread_cond_broadcast(&o->wanted);
    pthread_mutex_unlock(&o->lock);
    while (o->thread_count)
        pthread_join(o->threads[--o->thread_count], NULL);
}

void offload_free(struct offload *o)
{
    if (!o)
        return;
    offload_close(o);
    pthread_cond_destroy(&o->wanted);
    pthread_mutex_destroy(&o->lock);
    free(o);
}
