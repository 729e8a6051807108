/* fds.c - scenarios: descriptors, the collector over HTTP, and the clock. */
#include "scenario.h"

#include <cairn/jaeger_remote.h>
#include <cairn/otlp.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
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

int scenario_stdio_closed_file(void)
{
    const char *path = beside("spans.jsonl");
    cairn_exporter *e;
    for (int fd = 0; fd < 3; fd++)
        close(fd);
    e = cairn_exporter_otlp_file(path);
    NEED(e);
    for (int fd = 0; fd < 3; fd++)
        NEED(!is_open(fd));
    cairn_exporter_unref(e);
    NEED(unlink(path) == 0);
    return 0;
}

/* A server of the scenario's own, that takes connections and never answers. */
static int listen_at(char url[64])
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    NEED(fd >= 3);
    NEED(bind(fd, (struct sockaddr *)&at, sizeof at) == 0 && listen(fd, 8) == 0);
    NEED(getsockname(fd, (struct sockaddr *)&at, &n) == 0);
    snprintf(url, 64, "http://127.0.0.1:%u", (unsigned)ntohs(at.sin_port));
    return fd;
}

/* Somebody has connected: all that he needs for it is open now. */
static void check_stdio_meanwhile(int server)
{
    int guest;
    for (int fd = 0; fd < 3; fd++)
        NEED(!is_open(fd));
    guest = accept4(server, NULL, NULL, SOCK_CLOEXEC); /* gets 0, which is free */
    NEED(guest == 0);
    NEED(!is_open(1) && !is_open(2));
    close(guest);
    close(server);
}

static void wait_for_guest(int server)
{
    struct pollfd p = {.fd = server, .events = POLLIN};
    NEED(poll(&p, 1, -1) == 1);
    check_stdio_meanwhile(server);
}

static void send_by_grpc(int server, const char *url)
{
    struct cairn_otlp_options to = {
        .size = sizeof to, .endpoint = url, .transport = CAIRN_OTLP_GRPC, .timeout_ms = 1000};
    struct cairn_batch_options o = {.size = sizeof o, .schedule_delay_ms = 1};
    cairn_processor *p = cairn_processor_batch(cairn_otlp_exporter_new(&to), &o);
    cairn_sdk *sdk = cairn_sdk_start(CAIRN_SDK(.processors = &p, .processor_count = 1));
    NEED(p && sdk);
    span("lost");
    wait_for_guest(server);
    cairn_sdk_stop(sdk, 20000);
}

static void send_metrics(int server, const char *url)
{
    cairn_sdk *sdk = sdk_on_tape(true);
    NEED(setenv("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", url, 1) == 0);
    NEED(setenv("OTEL_METRIC_EXPORT_INTERVAL", "1", 1) == 0);
    NEED(cairn_otlp_send_metrics(sdk) == CAIRN_OK);
    wait_for_guest(server);
    stop(sdk);
}

static void ask_for_strategy(int server, const char *url)
{
    struct cairn_jaeger_remote_options o = {.size = sizeof o, .endpoint = url};
    cairn_sampler *sampler = cairn_sampler_jaeger_remote(&o);
    cairn_sdk *sdk = cairn_sdk_start(CAIRN_SDK(.sampler = sampler));
    NEED(sampler && sdk);
    cairn_sampler_unref(sampler);
    span("not sampled");
    wait_for_guest(server);
    stop(sdk);
}

int scenario_stdio_closed_while_sending(void)
{
    static void (*const ways[])(int, const char *) = {send_by_grpc, send_metrics, ask_for_strategy};
    enum { WAYS = sizeof ways / sizeof *ways };
    char urls[WAYS][64];
    int servers[WAYS];
    NEED(setenv("OTEL_TRACES_EXPORTER", "none", 1) == 0);
    for (int i = 0; i < WAYS; i++)
        servers[i] = listen_at(urls[i]);
    for (int fd = 0; fd < 3; fd++)
        close(fd);
    for (int i = 0; i < WAYS; i++)
        ways[i](servers[i], urls[i]);
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

static void *span_on(void *provider)
{
    struct cairn_tracer_options o = {.size = sizeof o, .name = "life"};
    cairn_tracer *t = cairn_tracer_get_with(provider, &o);
    cairn_span_end(cairn_span_start(t, "lost", NULL));
    return NULL;
}

static void nothing(void *arg)
{
    (void)arg;
}

/* A fork waits for a simple processor's export, which waits until it may try again. */
int scenario_fork_while_trying_again(void)
{
    cairn_sdk *first = sdk_on_tape(true), *second; /* is told of forks before any exporter is */
    struct cairn_otlp_options to = {
        .size = sizeof to, .endpoint = "http://127.0.0.1:1/v1/traces", .timeout_ms = 3000};
    struct cairn_otlp_stats stats = {.size = sizeof stats};
    cairn_processor *p = cairn_processor_simple(cairn_otlp_exporter_new(&to));
    pthread_t thread;
    second = cairn_sdk_new(CAIRN_SDK(.processors = &p, .processor_count = 1));
    NEED(second);
    NEED(pthread_create(&thread, NULL, span_on, cairn_sdk_tracer_provider(second)) == 0);
    while (stats.requests == 0) {
        usleep(1000);
        cairn_otlp_get_stats(&stats);
    }
    usleep(50000); /* likely it waits now; if not, nothing is tested */
    reap(child_of(nothing, NULL));
    pthread_join(thread, NULL);
    stop(second);
    stop(first);
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
