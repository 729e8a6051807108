/* test.h - what every unit test includes: cmocka with its prerequisites, and a few helpers of ours. */
#ifndef TEST_H
#define TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/str.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Fails with the case's name in the message: for table-driven tests. */
#define CHECK(condition, name)                               \
    do {                                                     \
        if (!(condition))                                    \
            fail_msg("case \"%s\": %s", (name), #condition); \
    } while (0)

static inline void check_str(struct str got, const char *want, const char *name)
{
    if (!str_eq(got, str_of(want)))
        fail_msg("case \"%s\": got \"%.*s\", want \"%s\"", name, STR_ARG(got), want);
}

/* A copy of bytes that ends at a page nobody may touch: reading one byte too far crashes. */
struct guarded {
    void *map;
    size_t map_bytes;
    struct str bytes;
};

static inline struct guarded guarded_copy(const void *p, size_t n)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), data = (n + page - 1) / page * page;
    struct guarded g;
    g.map_bytes = data + page;
    g.map = mmap(NULL, g.map_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(g.map != MAP_FAILED);
    assert_int_equal(mprotect((char *)g.map + data, page, PROT_NONE), 0);
    g.bytes = str_make((char *)g.map + data - n, n);
    if (n)
        memcpy((char *)g.map + data - n, p, n);
    return g;
}

static inline void guarded_free(struct guarded *g)
{
    munmap(g->map, g->map_bytes);
}

#endif
