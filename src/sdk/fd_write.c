/* fd_write.c - see fd_write.h. What is not a regular file may block: it gets pieces that a descriptor which is ready
 * takes at once. A reader that is gone raises SIGPIPE, which is blocked meanwhile and taken away. */
#include "sdk/fd_write.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/deadline.h"

struct sigpipe {
    sigset_t only, old;
    bool was_pending;
};

static void sigpipe_block(struct sigpipe *s)
{
    sigset_t pending;
    sigemptyset(&s->only);
    sigaddset(&s->only, SIGPIPE);
    sigpending(&pending);
    s->was_pending = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &s->only, &s->old);
}

static void sigpipe_restore(const struct sigpipe *s, bool raised)
{
    static const struct timespec now;
    if (raised && !s->was_pending)
        sigtimedwait(&s->only, NULL, &now);
    pthread_sigmask(SIG_SETMASK, &s->old, NULL);
}

static bool is_regular(int fd)
{
    struct stat st;
    return fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

static bool wait_writable(int fd, uint64_t deadline_ns)
{
    struct pollfd p = {.fd = fd, .events = POLLOUT};
    for (;;) {
        uint32_t left_ms = deadline_left_ms(deadline_ns);
        int ready = poll(&p, 1, left_ms > INT_MAX ? -1 : (int)left_ms);
        if (ready > 0)
            return true;
        if (ready == 0 || errno != EINTR)
            return false;
    }
}

/* 0, or the errno that ended it. */
static int write_pieces(int fd, const char *p, size_t n, uint64_t deadline_ns, size_t *wrote)
{
    size_t piece_max = is_regular(fd) ? n : PIPE_BUF;
    while (*wrote < n) {
        size_t left = n - *wrote;
        ssize_t done;
        if (piece_max < n && !wait_writable(fd, deadline_ns))
            return ETIMEDOUT;
        done = write(fd, p + *wrote, left < piece_max ? left : piece_max);
        if (done > 0)
            *wrote += (size_t)done;
        else if (done == 0)
            return ENOSPC;
        else if (errno == EAGAIN && !wait_writable(fd, deadline_ns))
            return ETIMEDOUT;
        else if (errno != EINTR && errno != EAGAIN)
            return errno;
    }
    return 0;
}

bool fd_write(int fd, const void *p, size_t n, uint32_t timeout_ms, size_t *wrote)
{
    int saved = errno, result;
    struct sigpipe sigpipe;
    *wrote = 0;
    sigpipe_block(&sigpipe);
    result = write_pieces(fd, p, n, deadline_after_ms(timeout_ms), wrote);
    sigpipe_restore(&sigpipe, result == EPIPE);
    errno = saved;
    return result == 0;
}
