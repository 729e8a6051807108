/* stdio_reserve.h - others that open descriptors which cannot be moved, in a host that runs with 0, 1 or 2 closed (see
 * base/descriptor.h). */
#ifndef OTLP_STDIO_RESERVE_H
#define OTLP_STDIO_RESERVE_H

/* Fills what is closed of 0, 1 and 2 while somebody opens descriptors that cannot be moved, until the release by the same thread;
 * other threads that want to reserve wait. Short: the host may want these numbers. */
void stdio_reserve(void);
void stdio_release(void);

#endif
