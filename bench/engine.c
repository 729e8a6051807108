/* engine.c - the embedded engine by itself: decode, append and seal, then queries. Prints name, value, unit, target.
 *
 *     bench_engine [spans, 1000000] [data directory, a temporary one]
 */
#include "engine/engine.h"

#include <dirent.h>
#include <ftw.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include <zstd.h>

#include "base/clock.h"
#include "engine/tags.h"
#include "load/gen.h"
#include "wire/otlp_pb.h"

enum { IN_FLIGHT = 8, REPEATS = 15, BATCH = 512 };

/* The requests of one run, made before any clock starts. */
struct generated {
    struct buf *requests;
    size_t request_count, span_count, bytes;
    struct trace_id *traces; /* one of each request */
    uint64_t start_ns, end_ns;
};

static void generate(size_t spans, struct generated *g)
{
    struct load_gen_options options = {.shape = LOAD_SHOP, .seed = 1, .batch = BATCH};
    struct load_gen *shop;
    struct arena arena;
    struct span_batch batch;
    *g = (struct generated){.start_ns = 1700000000000000000u, .end_ns = 1700100000000000000u};
    g->request_count = (spans + BATCH - 1) / BATCH;
    g->requests = calloc(g->request_count, sizeof *g->requests);
    g->traces = calloc(g->request_count, sizeof *g->traces);
    options.start_ns = g->start_ns;
    if (load_gen_new(&options, &shop, NULL) < 0 || !g->requests || !g->traces)
        abort();
    arena_init(&arena, 0);
    for (size_t i = 0; i < g->request_count; i++) {
        buf_init(&g->requests[i], 0);
        g->span_count += load_gen_encode(shop, &g->requests[i]);
        g->bytes += g->requests[i].n;
        arena_reset(&arena);
        if (otlp_pb_decode(buf_str(&g->requests[i]), NULL, &arena, &batch, NULL) < 0)
            abort();
        g->traces[i] = batch.spans[i % batch.span_count].trace_id;
    }
    arena_release(&arena);
    load_gen_free(shop);
}

static void generated_free(struct generated *g)
{
    for (size_t i = 0; i < g->request_count; i++)
        buf_release(&g->requests[i]);
    free(g->requests);
    free(g->traces);
}

static void report(const char *name, double value, const char *unit, const char *target)
{
    printf("%s\t%.3f\t%s\t%s\n", name, value, unit, target);
    fflush(stdout);
}

static double cpu_s(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* What compressing the same bytes costs here and now: a yardstick for the figures below. */
static void report_machine(const struct generated *g)
{
    size_t cap = ZSTD_compressBound(8 << 20), spans = 0;
    char *out = malloc(cap);
    double cpu = cpu_s();
    for (size_t i = 0; i < g->request_count && spans < 50000; i++, spans += 512)
        ZSTD_compress(out, cap, g->requests[i].p, g->requests[i].n, 3);
    report("machine.zstd3_of_requests", (cpu_s() - cpu) * 1e6 / (double)spans, "us/span", "");
    free(out);
}

/* CPU of the engine's thread of this name so far. */
static double thread_cpu_s(const char *name)
{
    DIR *dir = opendir("/proc/self/task");
    struct dirent *entry;
    double sum = 0;
    while (dir && (entry = readdir(dir))) {
        char path[300], text[64] = "";
        unsigned long long ns = 0;
        FILE *f;
        snprintf(path, sizeof path, "/proc/self/task/%s/comm", entry->d_name);
        f = fopen(path, "r");
        if (!f || !fgets(text, sizeof text, f) || strncmp(text, name, strlen(name)) != 0)
            text[0] = '\0';
        if (f)
            fclose(f);
        snprintf(path, sizeof path, "/proc/self/task/%s/schedstat", entry->d_name);
        f = text[0] ? fopen(path, "r") : NULL;
        if (f && fscanf(f, "%llu", &ns) == 1)
            sum += (double)ns / 1e9;
        if (f)
            fclose(f);
    }
    if (dir)
        closedir(dir);
    return sum;
}

static double now_s(void)
{
    return (double)clock_monotonic_ns() / 1e9;
}

/* Requests being appended, each with its arena, as a server's connections would have. */
struct slot {
    struct arena arena;
    struct span_batch batch;
    bool busy;
};

static struct slot slots[IN_FLIGHT];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t freed = PTHREAD_COND_INITIALIZER;
static int failures;

static void on_done(int result, const struct err *err, void *user)
{
    struct slot *slot = user;
    (void)err;
    pthread_mutex_lock(&lock);
    failures += result < 0;
    slot->busy = false;
    pthread_cond_signal(&freed);
    pthread_mutex_unlock(&lock);
}

static struct slot *take_slot(void)
{
    struct slot *slot = NULL;
    pthread_mutex_lock(&lock);
    while (!slot) {
        for (int i = 0; i < IN_FLIGHT && !slot; i++) {
            if (!slots[i].busy)
                slot = &slots[i];
        }
        if (!slot)
            pthread_cond_wait(&freed, &lock);
    }
    slot->busy = true;
    pthread_mutex_unlock(&lock);
    return slot;
}

static void wait_all(void)
{
    pthread_mutex_lock(&lock);
    for (int i = 0; i < IN_FLIGHT; i++) {
        while (slots[i].busy)
            pthread_cond_wait(&freed, &lock);
    }
    pthread_mutex_unlock(&lock);
}

static void append_one(struct engine *engine, struct str bytes)
{
    static const struct otlp_limits limits = OTLP_LIMITS_DEFAULT;
    struct slot *slot = take_slot();
    struct engine_append append = {
        .bytes = bytes, .batch = &slot->batch, .done = on_done, .user = slot};
    struct err err;
    arena_reset(&slot->arena);
    if (otlp_pb_decode(bytes, &limits, &slot->arena, &slot->batch, &err) < 0)
        abort();
    while (engine_append(engine, &append, &err) == ERR_BUSY)
        usleep(2000);
}

static void wait_sealed(struct engine *engine, size_t spans)
{
    struct engine_stats stats;
    do {
        usleep(20000);
        engine_stats(engine, &stats);
    } while (stats.part_spans < spans);
}

static void bench_append(struct engine *engine, const struct generated *g)
{
    struct engine_stats stats;
    double cpu = cpu_s(), wall = now_s(), spent, spans = (double)g->span_count;
    for (size_t i = 0; i < g->request_count; i++)
        append_one(engine, buf_str(&g->requests[i]));
    wait_all();
    spent = now_s() - wall;
    report("append.wall", (double)g->span_count / spent, "spans/s", "");
    wait_sealed(engine, g->span_count);
    cpu = cpu_s() - cpu;
    engine_stats(engine, &stats);
    report("append.cpu", (double)g->span_count / cpu, "spans/cpu-s", ">=500000");
    report("append.cpu_per_span", cpu * 1e6 / spans, "us", "<=2.0");
    report("append.cpu_per_span.log", thread_cpu_s("cairn-log") * 1e6 / spans, "us", "");
    report("append.cpu_per_span.seal", thread_cpu_s("cairn-seal") * 1e6 / spans, "us", "");
    report("append.wire_bytes", (double)g->bytes / (double)g->span_count, "B/span", "");
    report("append.failures", failures, "batches", "0");
    report("disk.bytes", (double)stats.part_bytes / (double)g->span_count, "B/span", "<=36");
    report("disk.parts", (double)stats.parts, "parts", "");
    report("append.syncs", (double)stats.syncs, "syncs", "");
}

typedef void bench_fn(struct engine *engine, struct engine_query *q, const struct generated *g,
                      int i);

static int double_cmp(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void bench_query(struct engine *engine, const struct generated *g, const char *name,
                        const char *target, bench_fn *fn)
{
    double ms[REPEATS];
    char label[64];
    for (int i = 0; i < REPEATS; i++) {
        struct engine_query q = {0};
        struct arena arena;
        double t;
        arena_init(&arena, 256u << 20);
        q.arena = &arena;
        t = now_s();
        fn(engine, &q, g, i);
        ms[i] = (now_s() - t) * 1e3;
        arena_release(&arena);
    }
    snprintf(label, sizeof label, "%s.first", name);
    report(label, ms[0], "ms", "");
    qsort(ms, REPEATS, sizeof *ms, double_cmp);
    report(name, ms[REPEATS / 2], "ms", target);
}

static void by_id(struct engine *engine, struct engine_query *q, const struct generated *g, int i)
{
    struct span_batch batch;
    struct err err;
    if (engine_trace(engine, q, g->traces[(size_t)i * g->request_count / REPEATS], &batch, &err) <
        0)
        fprintf(stderr, "trace: %s\n", err.msg);
}

static void search(struct engine *engine, struct engine_query *q, const struct expr *filter,
                   const struct generated *g)
{
    struct trace_query query = {filter, g->start_ns, g->end_ns, 20};
    struct trace_summary_list list;
    struct err err;
    if (engine_search(engine, q, &query, &list, &err) < 0)
        fprintf(stderr, "search: %s\n", err.msg);
}

static const struct expr *compare(struct engine_query *q, enum expr_op op, enum field_kind kind,
                                  struct value v)
{
    return expr_compare(q->arena, op, (struct field){.kind = kind}, v);
}

static const struct expr *attr_is(struct engine_query *q, const char *key, struct value v)
{
    return expr_compare(q->arena, EXPR_EQ, (struct field){FIELD_ATTRIBUTE, SCOPE_SPAN, str_of(key)},
                        v);
}

static void search_newest(struct engine *engine, struct engine_query *q, const struct generated *g,
                          int i)
{
    (void)i;
    search(engine, q, NULL, g);
}

static void search_form(struct engine *engine, struct engine_query *q, const struct generated *g,
                        int i)
{
    struct value service = {VALUE_STRING, {.string = i % 2 ? STR("cart") : STR("checkout")}};
    struct value name = {VALUE_STRING, {.string = STR("GET /api/v1/quotes")}};
    struct value ms = {VALUE_INT, {.integer = 3000000}};
    const struct expr *e = compare(q, EXPR_EQ, FIELD_SERVICE, service);
    e = expr_and(q->arena, e, compare(q, EXPR_EQ, FIELD_NAME, name));
    search(engine, q, expr_and(q->arena, e, compare(q, EXPR_GT, FIELD_DURATION, ms)), g);
}

static void search_slow(struct engine *engine, struct engine_query *q, const struct generated *g,
                        int i)
{
    struct value ns = {VALUE_INT, {.integer = 399990000}};
    (void)i;
    search(engine, q, compare(q, EXPR_GT, FIELD_DURATION, ns), g);
}

static void search_none(struct engine *engine, struct engine_query *q, const struct generated *g,
                        int i)
{
    struct value ns = {VALUE_INT, {.integer = 999990000}};
    (void)i;
    search(engine, q, compare(q, EXPR_GT, FIELD_DURATION, ns), g);
}

static void search_attr(struct engine *engine, struct engine_query *q, const struct generated *g,
                        int i)
{
    struct value v = {VALUE_INT, {.integer = 500}};
    (void)i;
    search(engine, q, attr_is(q, "http.response.status_code", v), g);
}

static void search_rare_attr(struct engine *engine, struct engine_query *q,
                             const struct generated *g, int i)
{
    struct value v = {VALUE_STRING, {.string = arena_printf(q->arena, "u-%08x", i * 997)}};
    search(engine, q, attr_is(q, "user.id", v), g);
}

static void services(struct engine *engine, struct engine_query *q, const struct generated *g,
                     int i)
{
    struct operation_list list;
    (void)g;
    (void)i;
    if (engine_operations(engine, q, STR(""), &list, NULL) < 0)
        fprintf(stderr, "operations failed\n");
}

static void dependencies(struct engine *engine, struct engine_query *q, const struct generated *g,
                         int i)
{
    struct dependency_list list;
    (void)i;
    if (engine_dependencies(engine, q, g->start_ns, g->end_ns, &list, NULL) < 0)
        fprintf(stderr, "dependencies failed\n");
}

static void tags(struct engine *engine, struct engine_query *q, const struct generated *g, int i)
{
    struct tag_query query = {.end_ns = UINT64_MAX, .limit = 1000};
    struct tag_key_list list;
    (void)g;
    (void)i;
    if (engine_keys(engine, q, &query, &list, NULL) < 0)
        fprintf(stderr, "tags failed\n");
}

/* Two columns of every span, and no hit that would end it early. */
static void bench_scan(struct engine *engine, const struct generated *g)
{
    double best = 0;
    for (int i = 0; i < REPEATS; i++) {
        struct value ns = {VALUE_INT, {.integer = 1000}}, code = {VALUE_INT, {.integer = 599}};
        struct engine_query q = {0};
        struct arena arena;
        double cpu, rate;
        arena_init(&arena, 256u << 20);
        q.arena = &arena;
        cpu = cpu_s();
        search(engine, &q,
               expr_and(&arena, compare(&q, EXPR_GT, FIELD_DURATION, ns),
                        expr_compare(&arena, EXPR_GT,
                                     (struct field){FIELD_ATTRIBUTE, SCOPE_SPAN,
                                                    STR("http.response.status_code")},
                                     code)),
               g);
        rate = (double)q.spans_scanned / (cpu_s() - cpu);
        best = rate > best ? rate : best;
        arena_release(&arena);
    }
    report("scan.two_columns", best / 1e6, "M spans/cpu-s", ">=100");
}

static void bench_queries(struct engine *engine, const struct generated *g)
{
    bench_query(engine, g, "trace.by_id", "<=2", by_id);
    bench_query(engine, g, "search.newest", "<=5", search_newest);
    bench_query(engine, g, "search.service_name_duration", "<=5", search_form);
    bench_query(engine, g, "search.rare_duration", "<=5", search_slow);
    bench_query(engine, g, "search.no_hit_duration", "<=5", search_none);
    bench_query(engine, g, "search.attribute", "<=50", search_attr);
    bench_query(engine, g, "search.rare_attribute", "<=50", search_rare_attr);
    bench_scan(engine, g);
    bench_query(engine, g, "list.operations", "<=5", services);
    bench_query(engine, g, "list.dependencies", "", dependencies);
    bench_query(engine, g, "list.tag_keys", "", tags);
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

int main(int argc, char **argv)
{
    struct engine_options options = ENGINE_OPTIONS_DEFAULT;
    char dir[] = "/tmp/cairn-bench-XXXXXX";
    size_t spans = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000;
    struct engine *engine;
    struct rusage usage;
    struct generated g;
    struct err err;
    double t;
    options.data_dir = argc > 2 ? argv[2] : mkdtemp(dir);
    options.head_age_ms_max = 1000; /* so that the tail is sealed soon */
    generate(spans, &g);
    if (engine_open(&options, &engine, &err) < 0) {
        fprintf(stderr, "%s\n", err.msg);
        return 1;
    }
    report_machine(&g);
    bench_append(engine, &g);
    report_machine(&g);
    bench_queries(engine, &g);
    engine_close(engine);
    t = now_s();
    if (engine_open(&options, &engine, &err) < 0)
        return 1;
    report("restart", (now_s() - t) * 1e3, "ms", "<=2000");
    engine_close(engine);
    getrusage(RUSAGE_SELF, &usage);
    report("rss.peak_less_input", ((double)usage.ru_maxrss * 1024 - (double)g.bytes) / 1048576,
           "MiB", "");
    generated_free(&g);
    if (argc <= 2)
        nftw(dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    return 0;
}
