/* descriptor.c - see descriptor.h. */
#include "base/descriptor.h"

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
