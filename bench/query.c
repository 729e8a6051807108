/* query.c - the queries' numbers: `spans` spans of the shop, sealed, asked warm and cold. Prints name, value, unit, target.
 *
 *     bench_query [spans, 1000000] [data directory, a temporary one] [only questions whose names begin so]
 *
 * A directory that has the spans already is used as it is. Warm: the median time, and the CPU of all threads. Cold: once,
 * with a new engine and without the pages of its files in the system's cache. */
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "engine/scan.h"
#include "engine/series.h"
#include "engine/spansets.h"
#include "engine/tags.h"
#include "load/gen.h"
#include "sql/sql.h"
#include "wire/otlp_pb.h"

enum { IN_FLIGHT = 8, REPEATS = 7, BATCH = 512, QUIET_S = 12 };

static const uint64_t first_ns = 1700000000000000000u;

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

static double now_s(void)
{
    return (double)clock_monotonic_ns() / 1e9;
}

/* ---- Filling ---- */

struct slot {
    struct arena arena;
    struct span_batch batch;
    struct buf bytes;
    bool busy;
};

static struct slot slots[IN_FLIGHT];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t freed = PTHREAD_COND_INITIALIZER;

static void on_done(int result, const struct err *err, void *user)
{
    struct slot *slot = user;
    if (result < 0) {
        fprintf(stderr, "append: %s\n", err->msg);
        abort();
    }
    pthread_mutex_lock(&lock);
    slot->busy = false;
    pthread_cond_signal(&freed);
    pthread_mutex_unlock(&lock);
}

static struct slot *take_slot(void)
{
    struct slot *slot = NULL;
    pthread_mutex_lock(&lock);
    while (!slot) {
        for (int i = 0; i < IN_FLIGHT && !slot; i++)
            slot = slots[i].busy ? NULL : &slots[i];
        if (!slot)
            pthread_cond_wait(&freed, &lock);
    }
    slot->busy = true;
    pthread_mutex_unlock(&lock);
    return slot;
}

static void append(struct engine *engine, struct slot *slot)
{
    struct engine_append append = {
        .bytes = buf_str(&slot->bytes), .batch = &slot->batch, .done = on_done, .user = slot};
    struct err err;
    arena_reset(&slot->arena);
    if (otlp_pb_decode(append.bytes, NULL, &slot->arena, &slot->batch, &err) < 0)
        abort();
    while (engine_append(engine, &append, &err) == ERR_BUSY)
        usleep(2000);
}

static void fill(struct engine *engine, uint64_t spans)
{
    struct load_gen_options options = {
        .shape = LOAD_SHOP, .seed = 1, .batch = BATCH, .start_ns = first_ns};
    struct engine_stats stats;
    struct load_gen *shop;
    uint64_t made = 0;
    if (load_gen_new(&options, &shop, NULL) < 0)
        abort();
    while (made < spans) {
        struct slot *slot = take_slot();
        slot->bytes.n = 0;
        made += load_gen_encode(shop, &slot->bytes);
        append(engine, slot);
    }
    do {
        usleep(50000);
        engine_stats(engine, &stats);
    } while (stats.part_spans < made || stats.head_spans);
    load_gen_free(shop);
}

/* ---- Queries ---- */

struct asking {
    struct engine *engine;
    struct engine_query *q;
    uint64_t end_ns;
};

static int failed(const char *what, const struct err *err)
{
    fprintf(stderr, "%s: %s\n", what, err->msg);
    return -1;
}

static const struct expr *slow_failure(struct arena *a)
{
    struct field code = {FIELD_ATTRIBUTE, SCOPE_FIRST, STR_INIT("http.response.status_code")},
                 duration = {.kind = FIELD_DURATION};
    struct value v = {VALUE_INT, {.integer = 500}}, ns = {VALUE_INT, {.integer = 100000000}};
    code.scope = SCOPE_SPAN;
    return expr_and(a, expr_compare(a, EXPR_GE, code, v), expr_compare(a, EXPR_GT, duration, ns));
}

static int search_filter(struct asking *ask)
{
    struct trace_query query = {slow_failure(ask->q->arena), 0, UINT64_MAX, 20};
    struct trace_summary_list list;
    struct err err;
    return engine_search(ask->engine, ask->q, &query, &list, &err) < 0 ? failed("search", &err) : 0;
}

static int spansets(struct asking *ask, const char *text, uint32_t limit)
{
    struct spansets_query query = {.end_ns = UINT64_MAX, .limit = limit, .spans_per_set = 3};
    struct spanset_list list;
    struct err err;
    if (traceql_parse(str_of(text), ask->q->arena, &query.query, NULL, &err) < 0 ||
        engine_spansets(ask->engine, ask->q, &query, &list, &err) < 0)
        return failed(text, &err);
    return list.count ? 0 : -1;
}

static int spansets_selective(struct asking *ask)
{
    return spansets(ask, "{ span.http.response.status_code >= 500 && duration > 100ms }", 20);
}

/* The whole store is looked through, and no trace is kept. */
static int spansets_none(struct asking *ask)
{
    const char *text = "{ span.http.response.status_code >= 500 && duration > 120ms }"
                       " | count() > 1000";
    return spansets(ask, text, 20) < 0 ? 0 : -1;
}

/* Every trace is taken and none kept. */
static int spansets_descendants(struct asking *ask)
{
    return spansets(ask, "{ kind = server } >> { } | count() > 1000", 20) < 0 ? 0 : -1;
}

/* Each A lies above some Bs: all traces have both. */
static int spansets_a_above_b(struct asking *ask)
{
    const char *text = "{ kind = server } >> { kind = client } | count() > 1000";
    return spansets(ask, text, 20) < 0 ? 0 : -1;
}

/* A function over the spans that a condition chooses, as the parser would build it. */
static int metric(struct asking *ask, struct metric *m, const struct expr *condition,
                  uint64_t steps)
{
    struct spanset_expr set = {.op = SPANSET_FILTER, .condition = condition};
    struct stage stage = {.kind = STAGE_SPANSETS, .spansets = &set};
    struct pipeline pipeline = {&stage, 1};
    struct metric_expr expr = {.pipeline = &pipeline, .metric = m};
    struct traceql traceql = {.metric = &expr, .filter_count = 1};
    struct series_query query = {.query = &traceql,
                                 .start_ns = first_ns - 1,
                                 .end_ns = ask->end_ns,
                                 .step_ns = (ask->end_ns - first_ns) / steps + 1,
                                 .series_max = 1000};
    struct series_list list;
    struct err err;
    if (engine_series(ask->engine, ask->q, &query, &list, &err) < 0)
        return failed("series", &err);
    return list.count ? 0 : -1;
}

static int rate(struct asking *ask)
{
    struct metric m = {.kind = METRIC_RATE};
    return metric(ask, &m, NULL, 240);
}

static int rate_filter(struct asking *ask)
{
    struct metric m = {.kind = METRIC_RATE};
    return metric(ask, &m, slow_failure(ask->q->arena), 240);
}

static const struct expr by_service = {.op = EXPR_FIELD, .field = {.kind = FIELD_SERVICE}};
static const struct expr duration = {.op = EXPR_FIELD, .field = {.kind = FIELD_DURATION}};

static int rate_by_service(struct asking *ask)
{
    struct metric m = {.kind = METRIC_RATE, .by = {&by_service}, .by_count = 1};
    return metric(ask, &m, NULL, 240);
}

static int quantile_by_service(struct asking *ask)
{
    struct metric m = {.kind = METRIC_QUANTILE,
                       .operand = &duration,
                       .quantiles = {.99},
                       .quantile_count = 1,
                       .by = {&by_service},
                       .by_count = 1};
    return metric(ask, &m, NULL, 240);
}

static int operation_stats(struct asking *ask)
{
    struct operation_stats_list list;
    struct err err;
    if (engine_operation_stats(ask->engine, ask->q, STR(""), 0, UINT64_MAX, &list, &err) < 0)
        return failed("operation stats", &err);
    return 0;
}

static int dependencies(struct asking *ask)
{
    struct dependency_list list;
    struct err err;
    uint64_t day_ns = UINT64_C(86400000000000);
    if (engine_dependencies(ask->engine, ask->q, first_ns, first_ns + day_ns, &list, &err) < 0)
        return failed("dependencies", &err);
    return list.count ? 0 : -1;
}

static int values(struct asking *ask, struct field field)
{
    struct tag_query query = {.field = field, .end_ns = UINT64_MAX, .limit = 1000};
    struct tag_value_list list;
    struct err err;
    if (engine_values(ask->engine, ask->q, &query, &list, &err) < 0)
        return failed("values", &err);
    return list.count ? 0 : -1;
}

static int values_of_names(struct asking *ask)
{
    return values(ask, (struct field){.kind = FIELD_NAME});
}

static int values_of_strings(struct asking *ask)
{
    return values(ask, (struct field){FIELD_ATTRIBUTE, SCOPE_FIRST, STR("http.route")});
}

static int values_of_numbers(struct asking *ask)
{
    return values(ask,
                  (struct field){FIELD_ATTRIBUTE, SCOPE_SPAN, STR("http.response.status_code")});
}

static int values_of_many(struct asking *ask)
{
    return values(ask, (struct field){FIELD_ATTRIBUTE, SCOPE_SPAN, STR("user.id")});
}

static int values_filtered(struct asking *ask)
{
    struct tag_query query = {.field = {.kind = FIELD_NAME},
                              .filter = slow_failure(ask->q->arena),
                              .end_ns = UINT64_MAX,
                              .limit = 1000};
    struct tag_value_list list;
    struct err err;
    if (engine_values(ask->engine, ask->q, &query, &list, &err) < 0)
        return failed("values", &err);
    return list.count ? 0 : -1;
}

static int keys(struct asking *ask)
{
    struct tag_query query = {.end_ns = UINT64_MAX, .limit = 1000};
    struct tag_key_list list;
    struct err err;
    if (engine_keys(ask->engine, ask->q, &query, &list, &err) < 0)
        return failed("keys", &err);
    return list.count ? 0 : -1;
}

/* As SQL's group by service with p99 reads. */
static int scan(struct asking *ask)
{
    struct field fields[] = {{.kind = FIELD_SERVICE}, {.kind = FIELD_DURATION}};
    struct scan_query query = {.end_ns = UINT64_MAX, .fields = fields, .field_count = 2};
    struct engine_scan *rows;
    struct scan_rows batch;
    struct err err;
    int rc;
    if (engine_scan_open(ask->engine, ask->q, &query, &rows, &err) < 0)
        return failed("scan", &err);
    while ((rc = engine_scan_next(rows, &batch, &err)) == 1)
        ;
    engine_scan_close(rows);
    return rc < 0 ? failed("scan", &err) : 0;
}

static int sql_columns(const struct str *names, uint32_t count, void *user, struct err *err)
{
    (void)names, (void)count, (void)user, (void)err;
    return 0;
}

static int sql_row(const struct sql_cell *cells, uint32_t count, void *user, struct err *err)
{
    (void)cells, (void)count, (void)user, (void)err;
    return 0;
}

static int sql_p99_by_service(struct asking *ask)
{
    struct sql_query query = {
        .engine = ask->engine,
        .q = ask->q,
        .text = STR("SELECT service, count(*), p99(duration) FROM spans GROUP BY service"),
        .now_ns = ask->end_ns,
        .heap_bytes_max = SQL_HEAP_BYTES_DEFAULT,
        .temp_bytes_max = SQL_TEMP_BYTES_DEFAULT,
        .rows_max = 1000};
    struct sql_sink sink = {sql_columns, sql_row, NULL};
    struct sql_result result;
    struct err err;
    if (sql_run(&query, &sink, &result, &err) < 0)
        return failed("sql", &err);
    return result.row_count ? 0 : -1;
}

struct question {
    const char *name, *target; /* of the warm one, ms */
    int (*ask)(struct asking *);
    const char *speed; /* target in M spans/cpu-s; NULL = not told */
};

static const struct question questions[] = {
    {"search.status_and_duration", "<=50", search_filter, NULL},
    {"spansets.status_and_duration", "<=50", spansets_selective, NULL},
    {"spansets.nothing_kept", "", spansets_none, ""},
    {"spansets.all_descendants", "<=500", spansets_descendants, ""},
    {"spansets.a_above_b", "<=500", spansets_a_above_b, ""},
    {"series.rate", "", rate, ">=100"},
    {"series.rate_of_filter", "", rate_filter, ""},
    {"series.rate_by_service", "", rate_by_service, ""},
    {"series.quantile_by_service", "<=500", quantile_by_service, ""},
    {"series.operation_stats", "", operation_stats, ""},
    {"scan.service_duration", "", scan, ""},
    {"sql.p99_by_service", "<=3000", sql_p99_by_service, ""},
    {"tags.values_of_names", "<=10", values_of_names, NULL},
    {"tags.values_of_strings", "<=10", values_of_strings, NULL},
    {"tags.values_of_numbers", "<=10", values_of_numbers, NULL},
    {"tags.values_of_many", "<=10", values_of_many, NULL},
    {"tags.values_filtered", "", values_filtered, NULL},
    {"tags.keys", "<=10", keys, NULL},
    {"dependencies.day", "<=100", dependencies, NULL},
};

/* ---- Measuring ---- */

static int double_cmp(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void ask_once(struct engine *engine, const struct question *question, uint64_t end_ns,
                     double *wall_s, double *cpu, uint64_t *scanned)
{
    struct engine_query q = {0};
    struct asking ask = {engine, &q, end_ns};
    struct arena arena;
    double wall = now_s(), spent = cpu_s();
    arena_init(&arena, 256u << 20);
    q.arena = &arena;
    if (question->ask(&ask) < 0)
        fprintf(stderr, "%s gave nothing\n", question->name);
    *wall_s = now_s() - wall;
    *cpu = cpu_s() - spent;
    *scanned = q.spans_scanned;
    arena_release(&arena);
}

static void ask_warm(struct engine *engine, const struct question *question, uint64_t end_ns)
{
    double wall[REPEATS], cpu[REPEATS];
    uint64_t scanned = 0;
    char name[64];
    for (int i = 0; i < REPEATS; i++)
        ask_once(engine, question, end_ns, &wall[i], &cpu[i], &scanned);
    qsort(wall, REPEATS, sizeof *wall, double_cmp);
    qsort(cpu, REPEATS, sizeof *cpu, double_cmp);
    report(question->name, wall[REPEATS / 2] * 1e3, "ms", question->target);
    snprintf(name, sizeof name, "%s.cpu", question->name);
    report(name, cpu[REPEATS / 2] * 1e3, "cpu-ms", "");
    if (!question->speed)
        return;
    snprintf(name, sizeof name, "%s.speed", question->name);
    report(name, (double)scanned / cpu[REPEATS / 2] / 1e6, "M spans/cpu-s", question->speed);
}

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

static void ask_cold(const struct engine_options *options, const struct question *question,
                     uint64_t end_ns)
{
    struct engine *engine;
    double wall, cpu;
    uint64_t scanned;
    struct err err;
    char name[64];
    nftw(options->data_dir, forget_file, 16, FTW_PHYS);
    if (engine_open(options, &engine, &err) < 0)
        abort();
    nftw(options->data_dir, forget_file, 16, FTW_PHYS);
    ask_once(engine, question, end_ns, &wall, &cpu, &scanned);
    snprintf(name, sizeof name, "%s.cold", question->name);
    report(name, wall * 1e3, "ms", "");
    engine_close(engine);
}

/* The first question after a start, when what could be made ahead of it was. */
static void ask_first(const struct engine_options *options, const struct question *question,
                      uint64_t end_ns)
{
    double started = now_s(), spent = cpu_s(), before, wall, cpu;
    struct engine *engine;
    struct err err;
    uint64_t scanned;
    char name[64];
    if (engine_open(options, &engine, &err) < 0)
        abort();
    do {
        before = cpu_s();
        usleep(500000);
    } while (now_s() - started < QUIET_S || cpu_s() - before > .005);
    snprintf(name, sizeof name, "%s.ahead", question->name);
    report(name, (cpu_s() - spent) * 1e3, "cpu-ms", "");
    ask_once(engine, question, end_ns, &wall, &cpu, &scanned);
    snprintf(name, sizeof name, "%s.first", question->name);
    report(name, wall * 1e3, "ms", question->target);
    snprintf(name, sizeof name, "%s.first.cpu", question->name);
    report(name, cpu * 1e3, "cpu-ms", "");
    engine_close(engine);
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static int open_filled(const struct engine_options *options, uint64_t spans, struct engine **ret)
{
    struct engine_stats stats;
    struct err err;
    if (engine_open(options, ret, &err) < 0) {
        fprintf(stderr, "%s\n", err.msg);
        return -1;
    }
    engine_stats(*ret, &stats);
    if (stats.part_spans + stats.head_spans < spans)
        fill(*ret, spans);
    return 0;
}

enum { QUESTIONS = sizeof questions / sizeof *questions };

static bool is_asked(const struct question *question, const char *only)
{
    return strncmp(question->name, only, strlen(only)) == 0;
}

int main(int argc, char **argv)
{
    const char *only = argc > 3 ? argv[3] : "";
    struct engine_options options = ENGINE_OPTIONS_DEFAULT;
    char dir[] = "/tmp/cairn-bench-XXXXXX";
    uint64_t spans = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000, end_ns;
    struct engine *engine;
    struct engine_stats stats;
    struct rusage usage;
    options.data_dir = argc > 2 ? argv[2] : mkdtemp(dir);
    options.head_age_ms_max = 1000; /* so that the tail is sealed soon */
    options.ack = ENGINE_ACK_MEMORY;
    if (open_filled(&options, spans, &engine) < 0)
        return 1;
    engine_stats(engine, &stats);
    end_ns = first_ns + spans / 10 * 1000000; /* more than the traces take */
    report("data.spans", (double)stats.part_spans, "spans", "");
    report("data.parts", (double)stats.parts, "parts", "");
    for (size_t i = 0; i < QUESTIONS; i++) {
        if (is_asked(&questions[i], only))
            ask_warm(engine, &questions[i], end_ns);
    }
    getrusage(RUSAGE_SELF, &usage);
    report("rss.peak", (double)usage.ru_maxrss / 1024, "MiB", "");
    engine_close(engine);
    for (size_t i = 0; i < QUESTIONS; i++) {
        if (is_asked(&questions[i], only))
            ask_cold(&options, &questions[i], end_ns);
    }
    if (is_asked(&questions[QUESTIONS - 1], only))
        ask_first(&options, &questions[QUESTIONS - 1], end_ns);
    if (argc <= 2)
        nftw(dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    return 0;
}
