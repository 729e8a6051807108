/* fd_write.h - writing to a file descriptor of the host's as a guest: errno, signals and the descriptor's flags stay as
 * they are, and a reader that has stopped reading holds nobody beyond the deadline. */
#ifndef SDK_FD_WRITE_H
#define SDK_FD_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Writes all n bytes, a regular file's with one call. False when they could not all be written within timeout_ms
 * (UINT32_MAX: as long as it takes); *wrote says how many were. */
bool fd_write(int fd, const void *p, size_t n, uint32_t timeout_ms, size_t *wrote);

#endif
