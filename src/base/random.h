/* random.h - random bytes from the system, for ids and seeds made rarely. Hot paths keep their own generator. */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* Fills p. Never fails: where the kernel refuses, falls back to clock, pid and address mixing. */
void random_bytes(void *p, size_t n);
uint64_t random_u64(void);

#endif
