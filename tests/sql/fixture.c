/* fixture.c - see fixture.h. */
#include "fixture.h"

#include <dirent.h>
#include <semaphore.h>

#include "base/clock.h"

static struct engine_options options(const struct sql_fixture *f)
{
    struct engine_options o = ENGINE_OPTIONS_DEFAULT;
    o.data_dir = f->dir;
    o.ack = ENGINE_ACK_MEMORY;
    o.commit_interval_us = 0;
    o.head_age_ms_max = 50;
    return o;
}

void fixture_open(struct sql_fixture *f)
{
    struct engine_options o;
    const char *tmp = getenv("TMPDIR");
    *f = (struct sql_fixture){.memory_bytes = (size_t)256 << 20,
                              .heap_bytes_max = SQL_HEAP_BYTES_DEFAULT,
                              .temp_bytes_max = SQL_TEMP_BYTES_DEFAULT,
                              .rows_max = 1000000};
    snprintf(f->dir, sizeof f->dir, "%s/cairn-sql-XXXXXX", tmp && strlen(tmp) < 30 ? tmp : "/tmp");
    assert_non_null(mkdtemp(f->dir));
    o = options(f);
    if (engine_open(&o, &f->engine, &f->err) < 0)
        fail_msg("%s", f->err.msg);
    buf_init(&f->out, 0);
}

static void remove_dir(const char *path)
{
    DIR *dir = opendir(path);
    struct dirent *entry;
    while (dir && (entry = readdir(dir))) {
        char name[512];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        if (entry->d_type == DT_DIR)
            remove_dir(name);
        else
            unlink(name);
    }
    if (dir)
        closedir(dir);
    rmdir(path);
}

void fixture_close(struct sql_fixture *f)
{
    char lock[128];
    engine_close(f->engine);
    buf_release(&f->out);
    snprintf(lock, sizeof lock, "%s/.lock", f->dir);
    unlink(lock);
    remove_dir(f->dir);
}

struct waiter {
    sem_t done;
    int result;
};

static void on_done(int result, const struct err *err, void *user)
{
    struct waiter *w = user;
    (void)err;
    w->result = result;
    sem_post(&w->done);
}

void fixture_append(struct sql_fixture *f, const struct span *spans, size_t count)
{
    struct span *copy = malloc(count * sizeof *copy);
    struct span_batch batch = {.spans = copy, .span_count = count};
    struct waiter w = {.result = 0};
    struct engine_append append = {.batch = &batch, .done = on_done, .user = &w};
    assert_non_null(copy);
    memcpy(copy, spans, count * sizeof *copy);
    sem_init(&w.done, 0, 0);
    assert_int_equal(engine_append(f->engine, &append, NULL), 0);
    while (sem_wait(&w.done) < 0)
        ;
    assert_int_equal(w.result, 0);
    sem_destroy(&w.done);
    free(copy);
}

void fixture_seal(struct sql_fixture *f)
{
    struct engine_stats stats;
    for (int i = 0; i < 1000; i++) {
        engine_stats(f->engine, &stats);
        if (stats.head_spans == 0 && stats.parts > 0)
            return;
        usleep(10000);
    }
    fail_msg("nothing was sealed");
}

void fixture_shop(struct sql_fixture *f, uint64_t seed, uint64_t spans, uint64_t start_ns)
{
    struct load_gen_options o = {
        .shape = LOAD_SHOP, .seed = seed, .start_ns = start_ns, .batch = 100, .spans = spans};
    const struct span *batch;
    struct load_gen *gen;
    size_t count;
    assert_int_equal(load_gen_new(&o, &gen, NULL), 0);
    while (load_gen_next(gen, &batch, &count) == 0 && count)
        fixture_append(f, batch, count);
    load_gen_free(gen);
}

int fixture_run(struct sql_fixture *f, const char *sql, enum sql_format format)
{
    struct arena arena;
    struct engine_query q = {.arena = &arena, .is_cancelled = f->is_cancelled};
    struct sql_query query = {.engine = f->engine,
                              .q = &q,
                              .text = str_of(sql),
                              .now_ns = FIXTURE_NOW_NS,
                              .heap_bytes_max = f->heap_bytes_max,
                              .temp_bytes_max = f->temp_bytes_max,
                              .rows_max = f->rows_max,
                              .group_bytes_max = f->group_bytes_max};
    struct sql_result result;
    struct sql_writer writer;
    struct sql_sink sink;
    int code;
    arena_init(&arena, f->memory_bytes);
    if (f->timeout_ns)
        q.deadline_ns = clock_monotonic_ns() + f->timeout_ns;
    buf_clear(&f->out);
    sink = sql_writer_init(&writer, format, &arena, &f->out);
    f->err = (struct err){0};
    code = sql_run(&query, &sink, &result, &f->err);
    if (code == 0)
        sql_writer_end(&writer, &result, 0, STR(""));
    buf_put_byte(&f->out, '\0');
    f->spans_scanned = q.spans_scanned;
    arena_release(&arena);
    return code;
}

const char *fixture_csv(struct sql_fixture *f, const char *sql)
{
    if (fixture_run(f, sql, SQL_CSV) < 0)
        fail_msg("%s\n%s", sql, f->err.msg);
    return (const char *)f->out.p;
}
