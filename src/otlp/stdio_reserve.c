/* stdio_reserve.c - see stdio_reserve.h. */
#include "otlp/stdio_reserve.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

static int stdio_is_open(void)
{
    return fcntl(0, F_GETFD) >= 0 && fcntl(1, F_GETFD) >= 0 && fcntl(2, F_GETFD) >= 0;
}

/* One at a time: another's descriptors would land where the first one makes room again. Not held over a fork, which may wait for
 * the export that wants it; the child puts things right. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static _Atomic unsigned reserved; /* bit n: descriptor n */

static void reserve(void)
{
    while (!stdio_is_open()) {
        int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
        if (fd < 0)
            return;
        if (fd > STDERR_FILENO) { /* somebody else was faster */
            close(fd);
            return;
        }
        atomic_fetch_or(&reserved, 1u << fd);
    }
}

/* What the host put there meanwhile stays: no descriptor that is meant to be standard closes on exec. */
static void let_go(void)
{
    unsigned ours = atomic_exchange(&reserved, 0);
    for (int fd = 0; fd <= STDERR_FILENO; fd++) {
        int flags = ours & 1u << fd ? fcntl(fd, F_GETFD) : -1;
        if (flags >= 0 && flags & FD_CLOEXEC)
            close(fd);
    }
}

static void after_fork_child(void)
{
    pthread_mutex_init(&mutex, NULL);
    let_go();
}

static void handle_forks(void)
{
    pthread_atfork(NULL, NULL, after_fork_child);
}

void stdio_reserve(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, handle_forks);
    pthread_mutex_lock(&mutex);
    reserve();
}

void stdio_release(void)
{
    let_go();
    pthread_mutex_unlock(&mutex);
}
