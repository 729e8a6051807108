/* misuse.h - calls with arguments that make no sense: they do nothing, they are counted, and now and then one is named. */
#ifndef TRACER_MISUSE_H
#define TRACER_MISUSE_H

#include <stdint.h>

#include "tracer/shared.h"

enum {
    ITEMS_MAX = 1 << 16, /* attributes or links given in one call; a larger count is a wrong one */
    ELEMENTS_MAX = 1 << 20, /* of one list, map or array */
    TEXT_BYTES_MAX = 65535, /* of a key or a trace state */
};

/* Counts one; `what` says which, for a person. No lock, no memory; from any thread. */
void misuse(const char *what) TRACER_SHARED(misuse) __attribute__((cold));

/* All of this process. */
uint64_t misuse_count(void) TRACER_SHARED(misuse_count);

#endif
