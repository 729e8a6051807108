/* stats.c - see stats.h. */
#include "load/stats.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { IDLE_US = 500000, IDLE_TRIES = 120, STEP_BITS = 5 };

/* One clock tick, the unit of /proc, is 10 ms. */
static const double IDLE_CPU_S = 0.011;

static unsigned bucket_of(uint64_t ns)
{
    unsigned octave;
    if (ns < LOAD_STEPS)
        return (unsigned)ns;
    octave = 63 - (unsigned)__builtin_clzll(ns);
    return (octave - STEP_BITS + 1) * LOAD_STEPS +
           (unsigned)(ns >> (octave - STEP_BITS) & (LOAD_STEPS - 1));
}

/* The middle of the bucket. */
static uint64_t value_of(unsigned bucket)
{
    unsigned octave = bucket / LOAD_STEPS, step = bucket % LOAD_STEPS;
    if (octave == 0)
        return step;
    return ((uint64_t)(LOAD_STEPS + step) << (octave - 1)) + ((1ull << (octave - 1)) >> 1);
}

void load_latency_add(struct load_latency *l, uint64_t ns)
{
    l->counts[bucket_of(ns)]++;
    l->total++;
    if (ns > l->max_ns)
        l->max_ns = ns;
}

uint64_t load_latency_at(const struct load_latency *l, double fraction)
{
    uint64_t wanted = (uint64_t)(fraction * (double)l->total + 0.999999), seen = 0, value;
    if (l->total == 0)
        return 0;
    for (unsigned i = 0; i < LOAD_BUCKETS; i++) {
        seen += l->counts[i];
        if (seen >= wanted && seen) {
            value = value_of(i);
            return value < l->max_ns ? value : l->max_ns;
        }
    }
    return l->max_ns;
}

double load_cpu_of(uint64_t pid)
{
    char path[64], text[1024];
    unsigned long user, system;
    const char *at = NULL;
    FILE *f;
    snprintf(path, sizeof path, "/proc/%" PRIu64 "/stat", pid);
    f = fopen(path, "re");
    if (!f)
        return -1;
    if (fgets(text, sizeof text, f))
        at = strrchr(text, ')'); /* the name before it may have anything inside */
    fclose(f);
    if (!at ||
        sscanf(at + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2)
        return -1;
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

double load_cpu_own(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

double load_cpu_when_idle(uint64_t pid)
{
    double last = load_cpu_of(pid);
    for (int i = 0; i < IDLE_TRIES && last >= 0; i++) {
        double now;
        usleep(IDLE_US);
        now = load_cpu_of(pid);
        if (now - last < IDLE_CPU_S)
            return now;
        last = now;
    }
    return last;
}
