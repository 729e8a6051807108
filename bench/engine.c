/* engine.c - the embedded engine by itself: decode, append and seal, then queries. Prints name, value, unit, target.
 *
 *     bench_engine [-a] [-m MIB] [SPANS, 1000000] [data directory, a temporary one]
 *
 * -a: appends only. -m: memory for a head (128); small ones make small parts, and merges. */
#include "engine/engine.h"

#include <dirent.h>
#include <fcntl.h>
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

enum { IN_FLIGHT = 8, REPEATS = 15, COLD_REPEATS = 5, BATCH = 512, CHUNK = 256 };

/* Requests, made a chunk at a time while no clock runs. */
struct input {
    struct load_gen *shop;
    struct buf requests[CHUNK];
    size_t count;
    uint64_t start_ns, end_ns; /* of all traces */
    size_t spans, bytes;       /* made so far */
    struct trace_id traces[REPEATS];
    size_t trace_count;
};

static void input_init(struct input *in)
{
    struct load_gen_options options = {.shape = LOAD_SHOP, .seed = 1, .batch = BATCH};
    *in = (struct input){.start_ns = 1700000000000000000u, .end_ns = 1700100000000000000u};
    options.start_ns = in->start_ns;
    if (load_gen_new(&options, &in->shop, NULL) < 0)
        abort();
    for (int i = 0; i < CHUNK; i++)
        buf_init(&in->requests[i], 0);
}

static void input_release(struct input *in)
{
    for (int i = 0; i < CHUNK; i++)
        buf_release(&in->requests[i]);
    load_gen_free(in->shop);
}

/* A trace to look for later. */
static void note_trace(struct input *in, const struct buf *request)
{
    struct span_batch batch;
    struct arena arena;
    arena_init(&arena, 0);
    if (otlp_pb_decode(buf_str(request), NULL, &arena, &batch, NULL) < 0)
        abort();
    in->traces[in->trace_count++] = batch.spans[batch.span_count / 2].trace_id;
    arena_release(&arena);
}

/* False when there are `most` spans already. */
static bool next_chunk(struct input *in, size_t most)
{
    for (in->count = 0; in->count < CHUNK && in->spans < most; in->count++) {
        struct buf *request = &in->requests[in->count];
        buf_clear(request);
        in->spans += load_gen_encode(in->shop, request);
        in->bytes += request->n;
        if (in->trace_count < REPEATS && in->spans >= in->trace_count * (most / REPEATS))
            note_trace(in, request);
    }
    return in->count > 0;
}

static void report(const char *name, double value, const char *unit, const char *target)
{
    printf("%s\t%.3f\t%s\t%s\n", name, value, unit, target);
    fflush(stdout);
}

static double clock_s(clockid_t clock)
{
    struct timespec ts;
    clock_gettime(clock, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static double cpu_s(void)
{
    return clock_s(CLOCK_PROCESS_CPUTIME_ID);
}

/* What compressing the same bytes costs here and now: a yardstick for the figures below. */
static void report_machine(const struct input *in)
{
    size_t cap = ZSTD_compressBound(8 << 20), spans = 0;
    char *out = malloc(cap);
    double cpu = cpu_s();
    for (size_t i = 0; i < in->count && spans < 50000; i++, spans += BATCH)
        ZSTD_compress(out, cap, in->requests[i].p, in->requests[i].n, 3);
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

/* Bytes that this process has written so far, by its own account with the kernel. */
static uint64_t written_bytes(void)
{
    FILE *f = fopen("/proc/self/io", "r");
    char line[128];
    unsigned long long n = 0;
    while (f && fgets(line, sizeof line, f) && sscanf(line, "wchar: %llu", &n) != 1)
        ;
    if (f)
        fclose(f);
    return n;
}

/* What an append took so far, the making of requests apart. */
struct spent {
    double wall, making_cpu;
};

static struct spent append_all(struct engine *engine, struct input *in, size_t spans)
{
    struct spent spent = {0};
    double cpu = clock_s(CLOCK_THREAD_CPUTIME_ID), wall;
    while (next_chunk(in, spans)) {
        if (in->spans <= (size_t)CHUNK * BATCH)
            report_machine(in);
        spent.making_cpu += clock_s(CLOCK_THREAD_CPUTIME_ID) - cpu;
        wall = now_s();
        for (size_t i = 0; i < in->count; i++)
            append_one(engine, buf_str(&in->requests[i]));
        wait_all();
        spent.wall += now_s() - wall;
        cpu = clock_s(CLOCK_THREAD_CPUTIME_ID);
    }
    return spent;
}

/* Merges may still be running: until no part came or went for three seconds. */
static void wait_merged(struct engine *engine)
{
    struct engine_stats stats;
    uint64_t parts = 0;
    for (int calm = 0; calm < 30; calm++) {
        usleep(100000);
        engine_stats(engine, &stats);
        if (stats.parts != parts)
            calm = 0;
        parts = stats.parts;
    }
}

static void bench_append(struct engine *engine, struct input *in, size_t most)
{
    struct engine_stats stats;
    uint64_t written = written_bytes();
    double cpu = cpu_s(), spans, log;
    struct spent spent = append_all(engine, in, most);
    wait_sealed(engine, in->spans);
    wait_merged(engine);
    cpu = cpu_s() - cpu - spent.making_cpu;
    engine_stats(engine, &stats);
    spans = (double)in->spans;
    log = (double)in->bytes + spans / BATCH * 24; /* and the heads of records */
    report("append.wall", spans / spent.wall, "spans/s", "");
    report("append.cpu", spans / cpu, "spans/cpu-s", ">=500000");
    report("append.cpu_per_span", cpu * 1e6 / spans, "us", "<=2.0");
    report("append.cpu_per_span.log", thread_cpu_s("cairn-log") * 1e6 / spans, "us", "");
    report("append.cpu_per_span.seal", thread_cpu_s("cairn-seal") * 1e6 / spans, "us", "");
    report("append.wire_bytes", (double)in->bytes / spans, "B/span", "");
    report("append.failures", failures, "batches", "0");
    report("append.syncs", (double)stats.syncs, "syncs", "");
    report("disk.bytes", (double)stats.part_bytes / spans, "B/span", "<=36");
    report("disk.parts", (double)stats.parts, "parts", "");
    report("merge.write_amplification",
           ((double)(written_bytes() - written) - log) / (double)stats.part_bytes, "x", "");
}

typedef void bench_fn(struct engine *engine, struct engine_query *q, const struct input *in, int i);

static int double_cmp(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void bench_query(struct engine *engine, const struct input *in, const char *name,
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
        fn(engine, &q, in, i);
        ms[i] = (now_s() - t) * 1e3;
        arena_release(&arena);
    }
    snprintf(label, sizeof label, "%s.first", name);
    report(label, ms[0], "ms", "");
    qsort(ms, REPEATS, sizeof *ms, double_cmp);
    report(name, ms[REPEATS / 2], "ms", target);
}

static void by_id(struct engine *engine, struct engine_query *q, const struct input *in, int i)
{
    struct span_batch batch;
    struct err err;
    if (engine_trace(engine, q, in->traces[(size_t)i % in->trace_count], &batch, &err) < 0)
        fprintf(stderr, "trace: %s\n", err.msg);
}

static void search(struct engine *engine, struct engine_query *q, const struct expr *filter,
                   const struct input *in)
{
    struct trace_query query = {filter, in->start_ns, in->end_ns, 20};
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

static void search_newest(struct engine *engine, struct engine_query *q, const struct input *in,
                          int i)
{
    (void)i;
    search(engine, q, NULL, in);
}

static void search_form(struct engine *engine, struct engine_query *q, const struct input *in,
                        int i)
{
    struct value service = {VALUE_STRING, {.string = i % 2 ? STR("cart") : STR("checkout")}};
    struct value name = {VALUE_STRING, {.string = STR("GET /api/v1/quotes")}};
    struct value ms = {VALUE_INT, {.integer = 3000000}};
    const struct expr *e = compare(q, EXPR_EQ, FIELD_SERVICE, service);
    e = expr_and(q->arena, e, compare(q, EXPR_EQ, FIELD_NAME, name));
    search(engine, q, expr_and(q->arena, e, compare(q, EXPR_GT, FIELD_DURATION, ms)), in);
}

static void search_slow(struct engine *engine, struct engine_query *q, const struct input *in,
                        int i)
{
    struct value ns = {VALUE_INT, {.integer = 399990000}};
    (void)i;
    search(engine, q, compare(q, EXPR_GT, FIELD_DURATION, ns), in);
}

static void search_none(struct engine *engine, struct engine_query *q, const struct input *in,
                        int i)
{
    struct value ns = {VALUE_INT, {.integer = 999990000}};
    (void)i;
    search(engine, q, compare(q, EXPR_GT, FIELD_DURATION, ns), in);
}

static void search_attr(struct engine *engine, struct engine_query *q, const struct input *in,
                        int i)
{
    struct value v = {VALUE_INT, {.integer = 500}};
    (void)i;
    search(engine, q, attr_is(q, "http.response.status_code", v), in);
}

static void search_rare_attr(struct engine *engine, struct engine_query *q, const struct input *in,
                             int i)
{
    struct value v = {VALUE_STRING, {.string = arena_printf(q->arena, "u-%08x", i * 997)}};
    search(engine, q, attr_is(q, "user.id", v), in);
}

static void services(struct engine *engine, struct engine_query *q, const struct input *in, int i)
{
    struct operation_list list;
    (void)in;
    (void)i;
    if (engine_operations(engine, q, STR(""), &list, NULL) < 0)
        fprintf(stderr, "operations failed\n");
}

static void dependencies(struct engine *engine, struct engine_query *q, const struct input *in,
                         int i)
{
    struct dependency_list list;
    (void)i;
    if (engine_dependencies(engine, q, in->start_ns, in->end_ns, &list, NULL) < 0)
        fprintf(stderr, "dependencies failed\n");
}

static void tags(struct engine *engine, struct engine_query *q, const struct input *in, int i)
{
    struct tag_query query = {.end_ns = UINT64_MAX, .limit = 1000};
    struct tag_key_list list;
    (void)in;
    (void)i;
    if (engine_keys(engine, q, &query, &list, NULL) < 0)
        fprintf(stderr, "tags failed\n");
}

/* Two columns of every span, and no hit that would end it early. */
static void bench_scan(struct engine *engine, const struct input *in)
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
               in);
        rate = (double)q.spans_scanned / (cpu_s() - cpu);
        best = rate > best ? rate : best;
        arena_release(&arena);
    }
    report("scan.two_columns", best / 1e6, "M spans/cpu-s", ">=100");
}

static void bench_queries(struct engine *engine, const struct input *in)
{
    bench_query(engine, in, "trace.by_id", "<=2", by_id);
    bench_query(engine, in, "search.newest", "<=5", search_newest);
    bench_query(engine, in, "search.service_name_duration", "<=5", search_form);
    bench_query(engine, in, "search.rare_duration", "<=5", search_slow);
    bench_query(engine, in, "search.no_hit_duration", "<=5", search_none);
    bench_query(engine, in, "search.attribute", "<=50", search_attr);
    bench_query(engine, in, "search.rare_attribute", "<=50", search_rare_attr);
    bench_scan(engine, in);
    bench_query(engine, in, "list.operations", "<=5", services);
    bench_query(engine, in, "list.dependencies", "", dependencies);
    bench_query(engine, in, "list.tag_keys", "", tags);
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

/* Out of the page cache with all of the directory. */
static int forget_file(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    int fd = type == FTW_F ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    (void)st;
    (void)ftw;
    if (fd >= 0) {
        fdatasync(fd);
        posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
        close(fd);
    }
    return 0;
}

/* Each time a new start, which has read no more than directories of parts, and nothing in the page cache. */
static void bench_cold(const struct engine_options *options, const struct input *in)
{
    double ms[COLD_REPEATS];
    for (int i = 0; i < COLD_REPEATS; i++) {
        struct engine_query q = {0};
        struct engine *engine;
        struct arena arena;
        nftw(options->data_dir, forget_file, 16, FTW_PHYS);
        if (engine_open(options, &engine, NULL) < 0)
            abort();
        nftw(options->data_dir, forget_file, 16, FTW_PHYS);
        arena_init(&arena, 256u << 20);
        q.arena = &arena;
        ms[i] = now_s();
        by_id(engine, &q, in, i * REPEATS / COLD_REPEATS);
        ms[i] = (now_s() - ms[i]) * 1e3;
        arena_release(&arena);
        engine_close(engine);
    }
    qsort(ms, COLD_REPEATS, sizeof *ms, double_cmp);
    report("trace.by_id.cold", ms[COLD_REPEATS / 2], "ms", "<=10");
}

static void bench_start(const struct engine_options *options)
{
    struct engine *engine;
    double t = now_s();
    if (engine_open(options, &engine, NULL) < 0)
        abort();
    report("restart", (now_s() - t) * 1e3, "ms", "<=2000");
    engine_close(engine);
}

static int usage(void)
{
    fprintf(stderr, "bench_engine [-a] [-m MIB] [SPANS] [DIR]\n");
    return 2;
}

int main(int argc, char **argv)
{
    struct engine_options options = ENGINE_OPTIONS_DEFAULT;
    char dir[] = "/var/tmp/cairn-bench-XXXXXX";
    bool appends_only = false;
    struct engine *engine;
    struct rusage used;
    struct input in;
    struct err err;
    size_t spans;
    int c;
    while ((c = getopt(argc, argv, "am:")) >= 0) {
        if (c == 'a')
            appends_only = true;
        else if (c == 'm')
            options.head_bytes_max = strtoull(optarg, NULL, 10) << 20;
        else
            return usage();
    }
    spans = optind < argc ? strtoull(argv[optind], NULL, 10) : 1000000;
    options.data_dir = optind + 1 < argc ? argv[optind + 1] : mkdtemp(dir);
    options.head_age_ms_max = 1000; /* so that the tail is sealed soon */
    if (!spans || engine_open(&options, &engine, &err) < 0)
        return fprintf(stderr, "%s\n", spans ? err.msg : "no spans"), 1;
    input_init(&in);
    bench_append(engine, &in, spans);
    getrusage(RUSAGE_SELF, &used);
    report("rss.peak", (double)used.ru_maxrss / 1024, "MiB", "");
    if (!appends_only)
        bench_queries(engine, &in);
    engine_close(engine);
    if (!appends_only) {
        bench_start(&options);
        bench_cold(&options, &in);
    }
    input_release(&in);
    if (optind + 1 >= argc)
        nftw(dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    return 0;
}
