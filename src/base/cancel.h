/* cancel.h - pthread_cancel() of a thread of the host: not while it is in here with a lock or a count of ours.
 *
 * Waiting and the application's callbacks hold cancellation points. Around both the request stays pending; it strikes at the thread's
 * next cancellation point of its own. */
#ifndef BASE_CANCEL_H
#define BASE_CANCEL_H

#include <pthread.h>

/* Answers what cancel_allow wants back. */
static inline int cancel_forbid(void)
{
    int before = PTHREAD_CANCEL_ENABLE;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
    return before;
}

static inline void cancel_allow(int before)
{
    pthread_setcancelstate(before, NULL);
}

#endif
