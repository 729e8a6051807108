/* sdk.c - what a span costs the traced thread. Prints name, value, unit and target, tab-separated.
 *
 * CPU time of this thread, median of five runs, the drainer running with an exporter that throws spans away. Runs
 * against the shared library, as an application does. Allocations are counted by standing in front of malloc.
 *     bench_sdk                      everything
 *     bench_sdk --only NAME          one piece of work, for a profiler
 *     bench_sdk --count NAME ROUNDS  the same 1,024 times a round inside the function `counted`: bench/sdk_instructions */
#define _GNU_SOURCE
#include <cairn/cairn.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { RUNS = 5, SPANS = 200 * 1024, BURST = 1024 };

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
    printf("sdk.%s\t%.2f\t%s\t%s\n", name, value, unit, target);
    fflush(stdout);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* ---- Pieces of work ---- */

static cairn_tracer *tracer;

#define WORK static inline __attribute__((always_inline)) void

WORK nothing(long i)
{
    __asm__ volatile("" : : "r"(i));
}

WORK two_clock_reads(long i)
{
    struct timespec t;
    (void)i;
    clock_gettime(CLOCK_MONOTONIC, &t);
    clock_gettime(CLOCK_MONOTONIC, &t);
}

WORK span_empty(long i)
{
    cairn_span *span = cairn_span_start(tracer, "GET /api/v1/orders/{id}", NULL);
    (void)i;
    cairn_span_end(span);
}

WORK span_attributes(long i)
{
    cairn_span *span = cairn_span_start(tracer, "GET /api/v1/orders/{id}", NULL);
    cairn_span_set(span, CAIRN_STR("http.request.method", "GET"),
                   CAIRN_STR("http.route", "/api/v1/orders/{id}"),
                   CAIRN_INT("http.response.status_code", 200 + (i & 3)),
                   CAIRN_BOOL("cache.hit", i & 1), CAIRN_DOUBLE("app.cpu_ms", (double)i * 0.25));
    cairn_span_end(span);
}

WORK span_one_by_one(long i)
{
    cairn_span *span = cairn_span_start(tracer, "GET /api/v1/orders/{id}", NULL);
    cairn_span_set_string(span, "http.request.method", "GET");
    cairn_span_set_string(span, "http.route", "/api/v1/orders/{id}");
    cairn_span_set_int(span, "http.response.status_code", 200 + (i & 3));
    cairn_span_set_bool(span, "cache.hit", i & 1);
    cairn_span_set_double(span, "app.cpu_ms", (double)i * 0.25);
    cairn_span_end(span);
}

WORK span_scope(long i)
{
    CAIRN_SPAN(span, tracer, "GET /api/v1/orders/{id}");
    cairn_span_set(span, CAIRN_INT("http.response.status_code", 200 + (i & 3)));
}

WORK span_event(long i)
{
    cairn_span *span = cairn_span_start(tracer, "GET /api/v1/orders/{id}", NULL);
    cairn_span_set(span, CAIRN_INT("http.response.status_code", 200 + (i & 3)));
    cairn_span_add_event(span, "cache miss", NULL);
    cairn_span_end(span);
}

WORK span_ten_strings(long i)
{
    cairn_span *span = cairn_span_start(tracer, "GET /api/v1/orders/{id}", NULL);
    (void)i;
    cairn_span_set(span, CAIRN_STR("app.attribute.a", "a value of 20 bytes."),
                   CAIRN_STR("app.attribute.b", "b value of 20 bytes."),
                   CAIRN_STR("app.attribute.c", "c value of 20 bytes."),
                   CAIRN_STR("app.attribute.d", "d value of 20 bytes."),
                   CAIRN_STR("app.attribute.e", "e value of 20 bytes."),
                   CAIRN_STR("app.attribute.f", "f value of 20 bytes."),
                   CAIRN_STR("app.attribute.g", "g value of 20 bytes."),
                   CAIRN_STR("app.attribute.h", "h value of 20 bytes."),
                   CAIRN_STR("app.attribute.i", "i value of 20 bytes."),
                   CAIRN_STR("app.attribute.j", "j value of 20 bytes."));
    cairn_span_end(span);
}

WORK span_nested_3(long i)
{
    CAIRN_SPAN(outer, tracer, "outer");
    {
        CAIRN_SPAN(middle, tracer, "middle");
        {
            CAIRN_SPAN(inner, tracer, "inner");
            cairn_span_set(inner, CAIRN_INT("n", i));
        }
    }
}

/* ---- Measuring ---- */

/* What reading the CPU clock itself costs each call; taken off everything. */
static double overhead;

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

/* The same for a profiler: what is counted stands in a function of its own. */
static inline __attribute__((always_inline)) void burst(void (*work)(long i))
{
    for (long j = 0; j < BURST; j++)
        work(j);
}

/* ---- SDKs ---- */

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER; /* exports pass through it */

static cairn_status drop(void *user, const cairn_span_batch *batch, uint32_t timeout_ms)
{
    (void)user, (void)batch, (void)timeout_ms;
    pthread_mutex_lock(&gate);
    pthread_mutex_unlock(&gate);
    return CAIRN_OK;
}

/* queue: its length, 0 = the default. */
static cairn_sdk *start(uint32_t queue)
{
    struct cairn_batch_options o = {.size = sizeof o, .queue_spans_max = queue};
    static const struct cairn_exporter_ops ops = {.size = sizeof ops, .export_spans = drop};
    cairn_processor *batch = cairn_processor_batch(cairn_exporter_custom(&ops, NULL), &o);
    cairn_sdk *sdk = cairn_sdk_new(CAIRN_SDK(.processors = &batch, .processor_count = 1));
    cairn_tracer_provider_set_global(cairn_sdk_tracer_provider(sdk));
    return sdk;
}

static cairn_token remote_parent(cairn_span **span)
{
    static const struct cairn_span_context remote = {
        .trace_id = {1}, .span_id = {2}, .flags = 0, .is_remote = true};
    *span = cairn_span_wrap(&remote);
    return cairn_context_attach(cairn_context_of(*span));
}

/* ---- By name ---- */

#define PIECES(X)                                              \
    X(recorded_5_attributes, span_attributes, RECORDED)        \
    X(recorded_empty, span_empty, RECORDED)                    \
    X(recorded_5_attributes_singly, span_one_by_one, RECORDED) \
    X(recorded_1_attribute_1_event, span_event, RECORDED)      \
    X(recorded_scope_1_attribute, span_scope, RECORDED)        \
    X(recorded_10_strings, span_ten_strings, RECORDED)         \
    X(recorded_nested_3, span_nested_3, RECORDED)              \
    X(not_sampled, span_attributes, UNSAMPLED)                 \
    X(tracer_disabled, span_attributes, DISABLED)              \
    X(no_sdk, span_attributes, NO_SDK)

enum mode { RECORDED, UNSAMPLED, DISABLED, NO_SDK };

/* Runs nothing but one piece of work, `rounds` times BURST; the function `counted` is what is to be counted. */
#define COUNTED(name, work, mode)                              \
    static __attribute__((noinline)) void counted_##name(void) \
    {                                                          \
        burst(work);                                           \
    }
PIECES(COUNTED)

static void count(const char *name, long rounds)
{
    static const struct {
        const char *name;
        void (*counted)(void);
        enum mode mode;
    } pieces[] = {
#define ROW(name, work, mode) {#name, counted_##name, mode},
        PIECES(ROW)};
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        cairn_sdk *sdk = NULL;
        cairn_span *parent;
        if (strcmp(pieces[i].name, name) != 0)
            continue;
        if (pieces[i].mode != NO_SDK)
            sdk = start(4096);
        if (pieces[i].mode == DISABLED) {
            struct cairn_tracer_config off = {sizeof off, false};
            cairn_sdk_set_tracer_configurator(sdk, cairn_tracer_configurator_rules(&off, NULL, 0));
        }
        if (pieces[i].mode == UNSAMPLED)
            remote_parent(&parent);
        usleep(200000); /* until the clock's rate is known */
        for (long r = 0; r < rounds; r++) {
            pieces[i].counted();
            cairn_sdk_force_flush(sdk, 10000);
        }
    }
}

/* ---- Everything ---- */

/* Is the processor's counter read in place of the system's clock? */
static bool clock_is_tsc(void)
{
    char name[16] = "";
    FILE *f = fopen("/sys/devices/system/clocksource/clocksource0/current_clocksource", "r");
    bool tsc;
    if (!f)
        return false;
    tsc = fgets(name, sizeof name, f) && strcmp(name, "tsc\n") == 0;
    fclose(f);
    return tsc;
}

static void recorded(void)
{
    cairn_sdk *sdk = start(4096); /* room for a burst of three each */
    struct cairn_stats stats = {.size = sizeof stats};
    unsigned long allocations;
    usleep(200000); /* until the clock's rate is known */
    line("recorded_5_attributes", measure(span_attributes, sdk, &allocations), "ns",
         clock_is_tsc() ? "<=60" : "<=90");
    line("recorded_allocations", (double)allocations / (SPANS * RUNS), "per_span", "<=0");
    line("recorded_empty", measure(span_empty, sdk, NULL), "ns", "");
    line("recorded_5_attributes_singly", measure(span_one_by_one, sdk, NULL), "ns", "");
    line("recorded_1_attribute_1_event", measure(span_event, sdk, NULL), "ns", "");
    line("recorded_scope_1_attribute", measure(span_scope, sdk, NULL), "ns", "");
    line("recorded_10_strings", measure(span_ten_strings, sdk, NULL), "ns", "");
    line("recorded_nested_3", measure(span_nested_3, sdk, NULL), "ns", "");
    cairn_sdk_get_stats(sdk, &stats);
    line("recorded_dropped", 100.0 * (double)stats.lost_queue_full / (double)stats.ended, "%", "");
    cairn_sdk_stop(sdk, 5000);
}

static void unsampled(void)
{
    cairn_sdk *sdk = start(0);
    struct cairn_tracer_config off = {sizeof off, false};
    cairn_tracer_configurator *none = cairn_tracer_configurator_rules(&off, NULL, 0);
    cairn_span *parent;
    cairn_token token;
    cairn_sdk_set_tracer_configurator(sdk, none);
    cairn_tracer_configurator_unref(none);
    line("tracer_disabled", measure(span_attributes, NULL, NULL), "ns", "");
    cairn_sdk_set_tracer_configurator(sdk, NULL);
    token = remote_parent(&parent);
    line("not_sampled", measure(span_attributes, NULL, NULL), "ns", "<=15");
    cairn_context_detach(token);
    cairn_span_end(parent);
    cairn_sdk_stop(sdk, 5000);
}

/* Two threads at once: each one's own time. */
static cairn_sdk *shared;
static pthread_barrier_t both;

static void *one_of_two(void *ns)
{
    pthread_barrier_wait(&both);
    *(double *)ns = measure(span_attributes, shared, NULL);
    return NULL;
}

static void two_threads(void)
{
    double ns[2];
    pthread_t other;
    shared = start(0);
    usleep(200000);
    pthread_barrier_init(&both, NULL, 2);
    pthread_create(&other, NULL, one_of_two, &ns[1]);
    one_of_two(&ns[0]);
    pthread_join(other, NULL);
    line("two_threads_each", ns[0] > ns[1] ? ns[0] : ns[1], "ns", "as sdk.recorded_5_attributes");
    cairn_sdk_stop(shared, 5000);
}

static atomic_uint lines;

static void count_line(void *user, int32_t severity, cairn_str text)
{
    (void)user, (void)severity, (void)text;
    atomic_fetch_add(&lines, 1);
}

static void queue_full(void)
{
    cairn_sdk *sdk = start(0);
    unsigned long allocations;
    cairn_set_diagnostics(count_line, NULL);
    usleep(200000);
    pthread_mutex_lock(&gate);
    burst(span_attributes);
    usleep(10000); /* the first batch is stuck now */
    for (int i = 0; i < 4; i++)
        burst(span_attributes);
    line("queue_full", measure(span_attributes, NULL, &allocations), "ns",
         "<=sdk.recorded_5_attributes");
    line("queue_full_allocations", (double)allocations / (SPANS * RUNS), "per_span", "<=0");
    pthread_mutex_unlock(&gate);
    cairn_sdk_stop(sdk, 5000);
    line("queue_full_lines", atomic_load(&lines), "lines", "<=1");
    cairn_set_diagnostics(NULL, NULL);
}

/* Resident bytes of this process that the SDK has, in a process of its own: one thread, the default queue full. */
static double resident_mib(void)
{
    long pages = 0, size;
    FILE *f = fopen("/proc/self/statm", "r");
    if (f && fscanf(f, "%ld %ld", &size, &pages) != 2)
        pages = 0;
    if (f)
        fclose(f);
    return (double)pages * (double)sysconf(_SC_PAGESIZE) / (1024 * 1024);
}

static void resident(void)
{
    pid_t child = fork();
    if (child == 0) {
        double before = resident_mib();
        cairn_sdk *sdk = start(0);
        struct cairn_stats stats = {.size = sizeof stats};
        pthread_mutex_lock(&gate);
        for (long i = 0; i < 2048; i++) /* with keys and name about 500 bytes */
            span_ten_strings(i);
        line("resident_queue_full", resident_mib() - before, "MiB", "<=2");
        cairn_sdk_get_stats(sdk, &stats);
        _exit(stats.ended == 2048 ? 0 : 1);
    }
    waitpid(child, NULL, 0);
}

int main(int argc, char **argv)
{
    tracer = cairn_tracer_get("bench");
    if (argc == 4 && strcmp(argv[1], "--count") == 0) {
        count(argv[2], strtol(argv[3], NULL, 10));
        return 0;
    }
    if (argc == 3 && strcmp(argv[1], "--only") == 0) {
        count(argv[2], 20000);
        return 0;
    }
    resident();
    overhead = measure(nothing, NULL, NULL);
    line("two_clock_reads", measure(two_clock_reads, NULL, NULL), "ns", "");
    line("no_sdk", measure(span_attributes, NULL, NULL), "ns", "<=1");
    recorded();
    unsampled();
    two_threads();
    queue_full();
    return 0;
}
