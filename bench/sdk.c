/* sdk.c - what a span costs the traced thread. Prints name, value, unit and target, tab-separated.
 *
 * CPU time of this thread, median of five runs, the drainer running with an exporter that throws spans away. Runs
 * against the shared library, as an application does. Allocations are counted by standing in front of malloc. */
#define _GNU_SOURCE
#include <cairn/cairn.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { RUNS = 5, SPANS = 400 * 1024, BURST = 1024 };

extern void *__libc_malloc(size_t size);
static _Thread_local unsigned long mallocs;

void *malloc(size_t size)
{
    mallocs++;
    return __libc_malloc(size);
}

static double thread_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void line(const char *name, double value, const char *unit, const char *target)
{
    printf("%s\t%.2f\t%s\t%s\n", name, value, unit, target);
    fflush(stdout);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static cairn_tracer *tracer;

static inline __attribute__((always_inline)) void span_empty(long i)
{
    cairn_span *span = cairn_span_start(tracer, "GET /api/v1/orders/{id}", NULL);
    (void)i;
    cairn_span_end(span);
}

static inline __attribute__((always_inline)) void span_attributes(long i)
{
    cairn_span *span = cairn_span_start(tracer, "GET /api/v1/orders/{id}", NULL);
    cairn_span_set(span, CAIRN_STR("http.request.method", "GET"),
                   CAIRN_STR("http.route", "/api/v1/orders/{id}"),
                   CAIRN_INT("http.response.status_code", 200 + (i & 3)),
                   CAIRN_BOOL("cache.hit", i & 1), CAIRN_DOUBLE("app.cpu_ms", (double)i * 0.25));
    cairn_span_end(span);
}

static inline __attribute__((always_inline)) void span_one_by_one(long i)
{
    cairn_span *span = cairn_span_start(tracer, "GET /api/v1/orders/{id}", NULL);
    cairn_span_set_string(span, "http.request.method", "GET");
    cairn_span_set_string(span, "http.route", "/api/v1/orders/{id}");
    cairn_span_set_int(span, "http.response.status_code", 200 + (i & 3));
    cairn_span_set_bool(span, "cache.hit", i & 1);
    cairn_span_set_double(span, "app.cpu_ms", (double)i * 0.25);
    cairn_span_end(span);
}

static inline __attribute__((always_inline)) void span_scope(long i)
{
    CAIRN_SPAN(span, tracer, "GET /api/v1/orders/{id}");
    cairn_span_set(span, CAIRN_INT("http.response.status_code", 200 + (i & 3)));
}

static inline __attribute__((always_inline)) void span_event(long i)
{
    cairn_span *span = cairn_span_start(tracer, "GET /api/v1/orders/{id}", NULL);
    cairn_span_set(span, CAIRN_INT("http.response.status_code", 200 + (i & 3)));
    cairn_span_add_event(span, "cache miss", NULL);
    cairn_span_end(span);
}

static inline __attribute__((always_inline)) void two_clock_reads(long i)
{
    struct timespec t;
    (void)i;
    clock_gettime(CLOCK_MONOTONIC, &t);
    clock_gettime(CLOCK_MONOTONIC, &t);
}

/* What reading the CPU clock itself costs each call; taken off everything. */
static double overhead;

static inline __attribute__((always_inline)) void nothing(long i)
{
    __asm__ volatile("" : : "r"(i));
}

/* CPU nanoseconds of one call, which is inlined as in an application; between bursts, outside the measure, the queue is
 * emptied. */
static inline __attribute__((always_inline)) double
measure(void (*work)(long i), cairn_sdk *drained, unsigned long *allocations)
{
    double runs[RUNS];
    unsigned long before = 0;
    for (int r = -1; r < RUNS; r++) { /* the first warms up */
        double sum = 0;
        if (r == 0)
            before = mallocs;
        for (long i = 0; i < SPANS; i += BURST) {
            double start = thread_ns();
            for (long j = i; j < i + BURST; j++)
                work(j);
            sum += thread_ns() - start;
            if (drained)
                cairn_sdk_force_flush(drained, 1000);
        }
        if (r >= 0)
            runs[r] = sum / SPANS;
    }
    if (allocations)
        *allocations = mallocs - before;
    qsort(runs, RUNS, sizeof *runs, compare);
    return runs[RUNS / 2] - overhead;
}

static cairn_status drop(void *user, const cairn_span_batch *batch, uint32_t timeout_ms)
{
    (void)user, (void)batch, (void)timeout_ms;
    return CAIRN_OK;
}

static cairn_sdk *start(cairn_sampler *sampler)
{
    static const struct cairn_exporter_ops ops = {.size = sizeof ops, .export_spans = drop};
    cairn_processor *batch = cairn_processor_batch(cairn_exporter_custom(&ops, NULL), NULL);
    cairn_sdk *sdk =
        cairn_sdk_new(CAIRN_SDK(.processors = &batch, .processor_count = 1, .sampler = sampler));
    cairn_tracer_provider_set_global(cairn_sdk_tracer_provider(sdk));
    return sdk;
}

static void recorded(void)
{
    cairn_sdk *sdk = start(NULL);
    struct cairn_stats stats = {.size = sizeof stats};
    struct rusage usage;
    unsigned long allocations;
    double ns = measure(span_attributes, sdk, &allocations);
    line("sdk.recorded_5_attributes", ns, "ns", "<=90");
    line("sdk.recorded_allocations", (double)allocations / (SPANS * RUNS), "per_span", "<=0");
    line("sdk.recorded_empty", measure(span_empty, sdk, NULL), "ns", "");
    line("sdk.recorded_5_attributes_singly", measure(span_one_by_one, sdk, NULL), "ns", "");
    line("sdk.recorded_1_attribute_1_event", measure(span_event, sdk, NULL), "ns", "");
    line("sdk.recorded_scope_1_attribute", measure(span_scope, sdk, NULL), "ns", "");
    cairn_sdk_get_stats(sdk, &stats);
    line("sdk.recorded_dropped", 100.0 * (double)stats.lost_queue_full / (double)stats.ended, "%",
         "");
    getrusage(RUSAGE_SELF, &usage);
    line("sdk.resident_max", (double)usage.ru_maxrss / 1024, "MiB", "");
    cairn_sdk_stop(sdk, 5000);
}

static void unsampled(void)
{
    static const struct cairn_span_context remote = {
        .trace_id = {1}, .span_id = {2}, .flags = 0, .is_remote = true};
    cairn_sdk *sdk = start(NULL);
    cairn_span *parent = cairn_span_wrap(&remote);
    cairn_token token = cairn_context_attach(cairn_context_of(parent));
    line("sdk.not_sampled", measure(span_attributes, NULL, NULL), "ns", "<=15");
    cairn_context_detach(token);
    cairn_span_end(parent);
    cairn_sdk_stop(sdk, 5000);
}

int main(void)
{
    tracer = cairn_tracer_get("bench");
    cairn_set_diagnostics(NULL, NULL);
    overhead = measure(nothing, NULL, NULL);
    line("sdk.two_clock_reads", measure(two_clock_reads, NULL, NULL), "ns", "");
    line("sdk.no_sdk", measure(span_attributes, NULL, NULL), "ns", "<=1");
    recorded();
    unsampled();
    return 0;
}
