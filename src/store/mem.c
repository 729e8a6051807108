/* mem.c - allocation that stops the process instead of failing. */
#include "store/mem.h"

#include <stdlib.h>
#include <unistd.h>

static void *must(void *p)
{
    static const char text[] =
        "cairn: out of memory for the store's index; stopping, the log is safe\n";
    if (p)
        return p;
    if (write(STDERR_FILENO, text, sizeof text - 1) < 0)
        abort();
    abort();
}

void *mem_alloc(size_t size)
{
    return must(malloc(size ? size : 1));
}

void *mem_calloc(size_t count, size_t size)
{
    return must(calloc(count ? count : 1, size ? size : 1));
}

void *mem_grow_slow(void *array, size_t *cap, size_t need, size_t size)
{
    size_t want = *cap ? *cap : 16, bytes;
    while (want < need)
        want *= 2;
    if (__builtin_mul_overflow(want, size, &bytes))
        must(NULL);
    *cap = want;
    return must(realloc(array, bytes));
}
