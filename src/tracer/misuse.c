/* misuse.c - see misuse.h. */
#define CAIRN_NO_INLINE
#include "tracer/misuse.h"

#include <cairn/trace.h>

#include <inttypes.h>
#include <stdatomic.h>

#include "base/clock.h"
#include "tracer/diag.h"

#define REPORT_EVERY_NS UINT64_C(30000000000)

static _Atomic uint64_t count;
static _Atomic uint64_t next_report_ns;

void misuse(const char *what)
{
    uint64_t n = atomic_fetch_add_explicit(&count, 1, memory_order_relaxed) + 1;
    uint64_t now = clock_monotonic_ns(), next = atomic_load(&next_report_ns);
    if (now >= next &&
        atomic_compare_exchange_strong(&next_report_ns, &next, now + REPORT_EVERY_NS))
        diag_warn("ignored: %s (call number %" PRIu64 " of this sort)", what, n);
}

uint64_t misuse_count(void)
{
    return atomic_load_explicit(&count, memory_order_relaxed);
}

uint64_t cairn_invalid_arguments(void)
{
    return misuse_count();
}
