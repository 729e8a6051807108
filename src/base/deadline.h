/* deadline.h - waiting with an end: absolute monotonic times for conditions and for a sequence of calls. */
#ifndef BASE_DEADLINE_H
#define BASE_DEADLINE_H

#include <pthread.h>
#include <stdint.h>
#include <time.h>

#include "base/clock.h"

/* UINT32_MAX: never. */
static inline uint64_t deadline_after_ms(uint32_t timeout_ms)
{
    return timeout_ms == UINT32_MAX ? UINT64_MAX
                                    : clock_monotonic_ns() + (uint64_t)timeout_ms * 1000000u;
}

/* What is left, rounded up; 0 when it has passed, UINT32_MAX for never. */
static inline uint32_t deadline_left_ms(uint64_t deadline_ns)
{
    uint64_t now, left;
    if (deadline_ns == UINT64_MAX)
        return UINT32_MAX;
    now = clock_monotonic_ns();
    left = deadline_ns > now ? (deadline_ns - now + 999999) / 1000000 : 0;
    return left < UINT32_MAX ? (uint32_t)left : UINT32_MAX - 1;
}

static inline struct timespec deadline_timespec(uint64_t deadline_ns)
{
    return (struct timespec){(time_t)(deadline_ns / 1000000000u),
                             (long)(deadline_ns % 1000000000u)};
}

static inline void monotonic_cond_init(pthread_cond_t *cond)
{
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(cond, &attr);
    pthread_condattr_destroy(&attr);
}

/* 0 or ETIMEDOUT. */
static inline int monotonic_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex,
                                      uint64_t deadline_ns)
{
    struct timespec at;
    if (deadline_ns == UINT64_MAX)
        return pthread_cond_wait(cond, mutex);
    at = deadline_timespec(deadline_ns);
    return pthread_cond_timedwait(cond, mutex, &at);
}

#endif
