/* random.c - getrandom(2) with a fallback that is weak but never absent. */
#include "base/random.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/clock.h"

/* splitmix64's step, enough to spread a few bits of clock and pid. */
static uint64_t mix(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static void fallback(unsigned char *p, size_t n)
{
    static uint64_t calls;
    uint64_t state = clock_realtime_ns() ^ clock_monotonic_ns() << 20 ^ (uint64_t)getpid() << 40 ^
                     (uint64_t)(uintptr_t)&state ^ __atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED);
    while (n) {
        uint64_t word = mix(&state);
        size_t part = n < sizeof word ? n : sizeof word;
        memcpy(p, &word, part);
        p += part;
        n -= part;
    }
}

void random_bytes(void *p, size_t n)
{
    unsigned char *at = p;
    int saved = errno;
    while (n) {
        ssize_t got = getrandom(at, n, GRND_NONBLOCK);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            fallback(at, n);
            break;
        }
        at += got;
        n -= (size_t)got;
    }
    errno = saved;
}

uint64_t random_u64(void)
{
    uint64_t v;
    random_bytes(&v, sizeof v);
    return v;
}
