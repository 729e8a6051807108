/* descriptors.c - see descriptors.h. */
#include "otlp/descriptors.h"

#include <fcntl.h>
#include <unistd.h>

int descriptor_above_stdio(int fd)
{
    int higher = fd;
    if (fd >= 0 && fd <= STDERR_FILENO) {
        higher = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
        close(fd);
    }
    return higher;
}

static int stdio_is_open(void)
{
    return fcntl(0, F_GETFD) >= 0 && fcntl(1, F_GETFD) >= 0 && fcntl(2, F_GETFD) >= 0;
}

unsigned stdio_reserve(void)
{
    unsigned reserved = 0;
    while (!stdio_is_open()) {
        int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
        if (fd < 0)
            break;
        if (fd > STDERR_FILENO) { /* somebody else was faster */
            close(fd);
            break;
        }
        reserved |= 1u << fd;
    }
    return reserved;
}

/* What the host put there meanwhile stays: no descriptor that is meant to be standard closes on exec. */
void stdio_release(unsigned reserved)
{
    for (int fd = 0; fd <= STDERR_FILENO; fd++) {
        int flags = reserved & 1u << fd ? fcntl(fd, F_GETFD) : -1;
        if (flags >= 0 && flags & FD_CLOEXEC)
            close(fd);
    }
}
