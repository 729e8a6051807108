/* pause.c - see pause.h. The child of a fork() gets new locks and conditions: whoever held the old ones or waited is not
 * there. The fork does not wait for them: who waits may hold a lock of the SDK, which the fork does wait for. */
#include "otlp/pause.h"

#include "base/deadline.h"

static pthread_mutex_t list_mutex = PTHREAD_MUTEX_INITIALIZER; /* guards pauses */
static struct pause *pauses;

static void before_fork(void)
{
    pthread_mutex_lock(&list_mutex);
}

static void after_fork(void)
{
    pthread_mutex_unlock(&list_mutex);
}

static void after_fork_child(void)
{
    for (struct pause *p = pauses; p; p = p->next) {
        pthread_mutex_init(&p->mutex, NULL);
        monotonic_cond_init(&p->stopped);
    }
    after_fork();
}

static void handle_forks(void)
{
    pthread_atfork(before_fork, after_fork, after_fork_child);
}

void pause_init(struct pause *p)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, handle_forks);
    pthread_mutex_init(&p->mutex, NULL);
    monotonic_cond_init(&p->stopped);
    atomic_init(&p->stop, false);
    pthread_mutex_lock(&list_mutex);
    p->next = pauses;
    pauses = p;
    pthread_mutex_unlock(&list_mutex);
}

void pause_release(struct pause *p)
{
    struct pause **at = &pauses;
    pthread_mutex_lock(&list_mutex);
    while (*at && *at != p)
        at = &(*at)->next;
    if (*at)
        *at = p->next;
    pthread_mutex_unlock(&list_mutex);
    pthread_cond_destroy(&p->stopped);
    pthread_mutex_destroy(&p->mutex);
}

bool pause_ms(struct pause *p, uint64_t ms, uint64_t deadline_ns)
{
    uint64_t until;
    bool stopped;
    if (ms > UINT32_MAX)
        return false;
    until = clock_monotonic_ns() + ms * 1000000u;
    if (until >= deadline_ns)
        return false;
    pthread_mutex_lock(&p->mutex);
    while (!atomic_load(&p->stop) && deadline_left_ms(until) > 0)
        monotonic_cond_wait(&p->stopped, &p->mutex, until);
    stopped = atomic_load(&p->stop);
    pthread_mutex_unlock(&p->mutex);
    return !stopped;
}

void pause_stop(struct pause *p)
{
    pthread_mutex_lock(&p->mutex);
    atomic_store(&p->stop, true);
    pthread_cond_broadcast(&p->stopped);
    pthread_mutex_unlock(&p->mutex);
}

bool pause_is_stopped(const struct pause *p)
{
    return atomic_load(&p->stop);
}
