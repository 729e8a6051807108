/* span_clock.c - choosing and checking the clock of spans, see span_clock.h. */
#include "sdk/span_clock.h"

#include <pthread.h>

struct span_clock span_clock;

static atomic_flag looking = ATOMIC_FLAG_INIT;

#if defined(__x86_64__)
#    include <cpuid.h>
#    include <errno.h>
#    include <fcntl.h>
#    include <string.h>
#    include <unistd.h>

enum {
    CALIBRATE_NS = 100000000, /* with reads up to 50 ns wrong: half a millionth */
    READ_SPREAD_NS = 2000,    /* between two reads that count as one */
    DRIFT_NS = 1000000,       /* how far the clocks may come apart, */
    DRIFT_PART = 5000         /* and by what part of the time since: the system's is steered */
};

static _Atomic bool usable; /* the counter, as far as is known */

static bool counter_is_invariant(void)
{
    unsigned a, b, c, d;
    return __get_cpuid(0x80000007, &a, &b, &c, &d) && (d & 1u << 8);
}

/* Does the system trust the counter as its own clock? */
static bool system_uses_counter(void)
{
    static const char path[] = "/sys/devices/system/clocksource/clocksource0/current_clocksource";
    char text[8] = {0};
    int saved = errno, fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (fd >= 0)
        close(fd);
    errno = saved;
    return n == 4 && memcmp(text, "tsc\n", 4) == 0;
}

/* Both clocks at one moment, as near as a few tries come; false when other work came in between every time. The system's is
 * read last, so that time does not go back when the counter takes over. */
static bool read_both(uint64_t *ticks, uint64_t *ns)
{
    enum { TRIES = 5 };
    uint64_t best = UINT64_MAX;
    for (int i = 0; i < TRIES; i++) {
        uint64_t before = clock_monotonic_ns(), counter = __builtin_ia32_rdtsc(),
                 after = clock_monotonic_ns();
        if (after - before >= best)
            continue;
        best = after - before;
        *ticks = counter;
        *ns = after;
    }
    return best <= READ_SPREAD_NS;
}

static void counter_init(void)
{
    atomic_store(&usable, counter_is_invariant() && system_uses_counter() &&
                              read_both(&span_clock.base_ticks, &span_clock.base_ns));
}

/* Since the base: is the counter still what it was? */
static bool clocks_agree(uint64_t ticks, uint64_t ns, uint64_t rate)
{
    uint64_t elapsed = ns - span_clock.base_ns;
    uint64_t ours = span_clock_scale(ticks - span_clock.base_ticks, rate);
    uint64_t apart = ours > elapsed ? ours - elapsed : elapsed - ours;
    return apart <= DRIFT_NS + elapsed / DRIFT_PART;
}

/* Measures the rate when enough time has passed, later checks it. Answers when to look again. */
static uint64_t look_at_counter(void)
{
    uint64_t ticks, ns, rate = atomic_load(&span_clock.rate);
    if (!atomic_load(&usable))
        return SPAN_CLOCK_LOOK_NS;
    if (!read_both(&ticks, &ns) || ns - span_clock.base_ns < CALIBRATE_NS)
        return CALIBRATE_NS;
    if (rate == 0) {
        rate = (uint64_t)((double)(ns - span_clock.base_ns) * 4294967296.0 /
                          (double)(ticks - span_clock.base_ticks));
        atomic_store_explicit(&span_clock.rate, rate, memory_order_release);
    } else if (!clocks_agree(ticks, ns, rate)) {
        atomic_store(&span_clock.rate, 0);
        atomic_store(&usable, false);
    }
    return SPAN_CLOCK_LOOK_NS;
}
#else
static void counter_init(void)
{
}

static uint64_t look_at_counter(void)
{
    return SPAN_CLOCK_LOOK_NS;
}
#endif

/* One thread looks, the others go on with the offset of before. */
void span_clock_look(uint64_t *now)
{
    uint64_t again;
    if (atomic_flag_test_and_set(&looking))
        return;
    again = look_at_counter();
    *now = span_clock_now();
    atomic_store(&span_clock.offset_ns, (int64_t)(clock_realtime_ns() - span_clock_now()));
    atomic_store(&span_clock.next_look_ns, *now + again);
    atomic_flag_clear(&looking);
}

static void init(void)
{
    uint64_t now;
    counter_init();
    span_clock_look(&now);
}

void span_clock_init(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, init);
}

void span_clock_after_fork(void)
{
    atomic_flag_clear(&looking); /* of a thread that is not here */
}
