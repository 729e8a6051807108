/* span_clock.h - the clock of spans: nanoseconds that never go back, and what to add to get real time.
 *
 * The system's monotonic clock takes 22 to 25 ns a read on common machines, most of it in ordering instructions that a
 * span does not need. Where the system itself runs on the processor's time stamp counter (x86-64, an invariant counter,
 * clock source "tsc"), spans read the counter and scale it by a rate that is measured once, over a tenth of a second
 * of the system's clock. Until then, and everywhere else, the system's clock is read; the two are one scale. The rate stays
 * the same, so that time is even; what it is off (below a millionth) goes into the offset to real time, which new
 * traces take every second. The same look compares both clocks: a counter that was stopped, set or changed (suspend, a
 * machine that moved) is not used again. */
#ifndef SDK_SPAN_CLOCK_H
#define SDK_SPAN_CLOCK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"

enum { SPAN_CLOCK_LOOK_NS = 1000000000 };

struct span_clock {
    _Atomic uint64_t rate; /* ns per tick, times 2^32; 0: the system's clock is read */
    /* constant while there is a rate */
    uint64_t base_ticks, base_ns;
    _Atomic int64_t offset_ns;     /* real time less this clock's */
    _Atomic uint64_t next_look_ns; /* of this clock */
};

extern struct span_clock span_clock __attribute__((visibility("hidden")));

/* Before the first span; later calls do nothing. */
void span_clock_init(void);
/* In the child. */
void span_clock_after_fork(void);

/* The slow half of span_clock_offset: may end the counter's use, therefore reads *now again. */
void span_clock_look(uint64_t *now);

#if defined(__x86_64__)
static inline uint64_t span_clock_scale(uint64_t ticks, uint64_t rate)
{
    return (uint64_t)((unsigned __int128)ticks * rate >> 32);
}

static inline uint64_t span_clock_now(void)
{
    uint64_t rate = atomic_load_explicit(&span_clock.rate, memory_order_acquire);
    if (__builtin_expect(rate == 0, 0))
        return clock_monotonic_ns();
    return span_clock.base_ns +
           span_clock_scale(__builtin_ia32_rdtsc() - span_clock.base_ticks, rate);
}
#else
static inline uint64_t span_clock_now(void)
{
    return clock_monotonic_ns();
}
#endif

/* What to add to *now, which is this clock's, to get real time; looked up when a second has passed, or when the clock
 * cannot be right. */
static inline int64_t span_clock_offset(uint64_t *now)
{
    uint64_t next = atomic_load_explicit(&span_clock.next_look_ns, memory_order_relaxed);
    if (__builtin_expect(next - *now > SPAN_CLOCK_LOOK_NS, 0))
        span_clock_look(now);
    return atomic_load_explicit(&span_clock.offset_ns, memory_order_relaxed);
}

#endif
