/* fds.c - scenarios: descriptors, the collector over HTTP, and the clock. */
#include "scenario.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* A descriptor that this program does not know of below 3 would get what the host prints. */
static bool is_open(int fd)
{
    return fcntl(fd, F_GETFD) >= 0;
}

int scenario_stdio_closed(void)
{
    cairn_sdk *sdk;
    for (int fd = 0; fd < 3; fd++)
        close(fd);
    sdk = sdk_on_collector();
    for (int i = 0; i < 3; i++) {
        span("sent");
        NEED(cairn_sdk_force_flush(sdk, 20000) == CAIRN_OK);
        for (int fd = 0; fd < 3; fd++)
            NEED(!is_open(fd));
    }
    stop(sdk);
    return 0;
}

/* No descriptor is left: the export is tried again until there are some. */
int scenario_descriptors_exhausted(void)
{
    cairn_sdk *sdk = sdk_on_collector();
    struct cairn_stats stats = {.size = sizeof stats};
    struct rlimit normal, none;
    int highest = open("/dev/null", O_RDONLY | O_CLOEXEC);
    NEED(getrlimit(RLIMIT_NOFILE, &normal) == 0);
    none = normal;
    none.rlim_cur = (rlim_t)highest;
    close(highest);
    while ((rlim_t)(highest = dup(1)) + 1 < none.rlim_cur && highest >= 0)
        continue;
    NEED(setrlimit(RLIMIT_NOFILE, &none) == 0);
    span("while exhausted");
    NEED(cairn_sdk_force_flush(sdk, 2000) != CAIRN_OK);
    NEED(setrlimit(RLIMIT_NOFILE, &normal) == 0);
    span("after"); /* the first is tried again meanwhile */
    NEED(cairn_sdk_force_flush(sdk, 20000) == CAIRN_OK);
    cairn_sdk_get_stats(sdk, &stats);
    NEED(stats.exported == 2 && stats.lost_export == 0);
    stop(sdk);
    return 0;
}

static void span_flush(void *sdk)
{
    span("child");
    NEED(cairn_sdk_force_flush(sdk, 20000) == CAIRN_OK);
    stop(sdk);
}

/* The child has a connection of its own; the parent's stays usable. */
int scenario_collector_fork(void)
{
    cairn_sdk *sdk = sdk_on_collector();
    span("parent");
    NEED(cairn_sdk_force_flush(sdk, 20000) == CAIRN_OK);
    reap(child_of(span_flush, sdk));
    span("parent");
    stop(sdk);
    return 0;
}

/* libcurl's own thread and connection are there when main returns. */
int scenario_collector_exit(void)
{
    cairn_sdk *sdk = sdk_on_collector();
    span("a");
    NEED(cairn_sdk_force_flush(sdk, 20000) == CAIRN_OK);
    return 0;
}

/* ---- The clock: this program's clock_gettime stands before the C library's ---- */

static _Atomic int64_t jump_s;

int clock_gettime(clockid_t clock, struct timespec *ret)
{
    int result = (int)syscall(SYS_clock_gettime, clock, ret);
    if (result == 0 && clock == CLOCK_REALTIME)
        ret->tv_sec += jump_s;
    return result;
}

/* Durations are of the monotonic clock: real time may do what it likes meanwhile. */
static cairn_status check_durations(void *user, const cairn_span_batch *batch, uint32_t timeout_ms)
{
    for (size_t i = 0; i < cairn_batch_count(batch); i++) {
        const cairn_span_data *s = cairn_batch_span(batch, i);
        uint64_t start = cairn_span_data_start_ns(s), end = cairn_span_data_end_ns(s);
        NEED(end >= start && end - start < UINT64_C(600) * 1000000000u);
    }
    return tape_export(user, batch, timeout_ms);
}

int scenario_real_time_jumps(void)
{
    cairn_sdk *sdk = sdk_on(check_durations, true);
    static const struct {
        const char *name;
        int64_t jump_s;
    } cases[] = {{"forward", 3600}, {"back", -3600}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CAIRN_SPAN(s, tracer(), cases[i].name);
        (void)s;
        jump_s += cases[i].jump_s;
        cairn_span_end(cairn_span_start(NULL, "no tracer", NULL));
    }
    stop(sdk);
    return 0;
}
