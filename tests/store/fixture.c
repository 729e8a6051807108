/* fixture.c - see fixture.h. */
#include "fixture.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>

#include "query/query.h"
#include "wire/otlp_pb.h"

char *temp_dir(void)
{
    const char *base = getenv("TMPDIR");
    char path[512];
    if (!base || !*base) /* in memory if possible: the sweeps open and flush thousands of times */
        base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    snprintf(path, sizeof path, "%s/cairn-test-XXXXXX", base);
    assert_non_null(mkdtemp(path));
    return strdup(path);
}

static void remove_tree(const char *path)
{
    DIR *dir = opendir(path);
    struct dirent *entry;
    char name[1024];
    while (dir && (entry = readdir(dir))) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        if (entry->d_type == DT_DIR)
            remove_tree(name);
        else
            unlink(name);
    }
    if (dir)
        closedir(dir);
    rmdir(path);
}

void temp_dir_remove(char *dir)
{
    remove_tree(dir);
    free(dir);
}

/* False when it is not there any more. */
static bool copy_file(const char *from, const char *to)
{
    char buf[8192];
    int in = open(from, O_RDONLY), out;
    ssize_t n;
    if (in < 0 && errno == ENOENT)
        return false;
    out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(in >= 0 && out >= 0);
    while ((n = read(in, buf, sizeof buf)) > 0)
        assert_int_equal(write(out, buf, (size_t)n), n);
    close(in);
    close(out);
    return true;
}

static bool try_copy(const char *from, const char *to)
{
    DIR *dir = opendir(from);
    struct dirent *entry;
    char a[1024], b[1024];
    bool whole = true;
    assert_non_null(dir);
    mkdir(to, 0700);
    while ((entry = readdir(dir))) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(a, sizeof a, "%s/%s", from, entry->d_name);
        snprintf(b, sizeof b, "%s/%s", to, entry->d_name);
        whole &= entry->d_type == DT_DIR ? try_copy(a, b) : copy_file(a, b);
    }
    closedir(dir);
    return whole;
}

void copy_dir(const char *from, const char *to)
{
    assert_true(try_copy(from, to));
}

static bool same_manifest(const struct stat *before, const char *dir)
{
    char path[1024];
    struct stat now;
    snprintf(path, sizeof path, "%s/MANIFEST", dir);
    return stat(path, &now) == 0 && now.st_ino == before->st_ino &&
           now.st_mtim.tv_nsec == before->st_mtim.tv_nsec;
}

void copy_live_dir(const char *from, const char *to)
{
    for (;;) {
        char path[1024];
        struct stat before;
        snprintf(path, sizeof path, "%s/MANIFEST", from);
        assert_int_equal(stat(path, &before), 0);
        if (try_copy(from, to) && same_manifest(&before, from))
            return;
        remove_tree(to);
    }
}

uint64_t rng_next(struct rng *r)
{
    uint64_t z = (r->state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

uint32_t rng_below(struct rng *r, uint32_t n)
{
    return (uint32_t)(rng_next(r) % n);
}

struct engine_options test_options(const char *dir)
{
    struct engine_options o = ENGINE_OPTIONS_DEFAULT;
    o.data_dir = dir;
    o.commit_interval_us = 0;
    o.disk_free_bytes_min = 0;
    return o;
}

struct trace_id test_trace_id(uint64_t n)
{
    struct rng r = {n};
    struct trace_id id;
    uint64_t words[2] = {rng_next(&r), rng_next(&r) | 1};
    memcpy(id.bytes, words, sizeof words);
    return id;
}

#define NAMED(name)                                                                        \
    &(const struct resource)                                                               \
    {                                                                                      \
        .attrs = {.count = 1,                                                              \
                  .items = (struct attr[]){{STR_INIT("service.name"),                      \
                                            {VALUE_STRING, {.string = STR_INIT(name)}}}}}, \
        .service_name = STR_INIT(name)                                                     \
    }

const struct resource *const test_resources[3] = {NAMED("front"), NAMED("cart"), NAMED("db")};
const struct scope *const test_scopes[2] = {
    &(const struct scope){.name = STR_INIT("http"), .version = STR_INIT("1.0")},
    &(const struct scope){.name = STR_INIT("sql")},
};

void test_span(struct arena *arena, uint64_t trace, uint32_t span, struct span *ret)
{
    struct rng r = {trace * 1000 + span};
    struct attr *attrs = arena_calloc(arena, 3, sizeof *attrs);
    uint64_t id = ((uint64_t)span + 1) << 32 | (trace + 1);
    memset(ret, 0, sizeof *ret);
    ret->trace_id = test_trace_id(trace);
    memcpy(ret->span_id.bytes, &id, 8);
    if (span) {
        id = ((uint64_t)rng_below(&r, span) + 1) << 32 | (trace + 1);
        memcpy(ret->parent_span_id.bytes, &id, 8);
    }
    ret->name = arena_printf(arena, "op-%u", rng_below(&r, 5));
    ret->kind = (enum span_kind)rng_below(&r, 6);
    ret->start_ns = 1700000000000000000u + trace * 1000000 + span * 1000;
    ret->end_ns = ret->start_ns + rng_below(&r, 100000000);
    ret->status_code = (enum status_code)rng_below(&r, 3);
    attrs[0] = (struct attr){STR_INIT("http.route"), {.type = VALUE_STRING}};
    attrs[0].value.string = arena_printf(arena, "/path/%u", rng_below(&r, 4));
    attrs[1] = (struct attr){STR_INIT("code"), {.type = VALUE_INT}};
    attrs[1].value.integer = 200 + rng_below(&r, 4) * 100;
    attrs[2] = (struct attr){STR_INIT("trace.number"), {.type = VALUE_INT}};
    attrs[2].value.integer = (int64_t)trace;
    ret->attrs = (struct attrs){attrs, 3};
    ret->resource = test_resources[rng_below(&r, 3)];
    ret->scope = test_scopes[rng_below(&r, 2)];
}

struct waiter {
    pthread_mutex_t lock;
    pthread_cond_t cond;
    bool done;
    int result;
};

static void on_done(int result, const struct err *err, void *user)
{
    struct waiter *w = user;
    (void)err;
    pthread_mutex_lock(&w->lock);
    w->result = result;
    w->done = true;
    pthread_cond_signal(&w->cond);
    pthread_mutex_unlock(&w->lock);
}

int append_wait(struct store *s, const struct span *spans, size_t count)
{
    struct waiter w = {.lock = PTHREAD_MUTEX_INITIALIZER, .cond = PTHREAD_COND_INITIALIZER};
    struct span *copy = malloc(count * sizeof *copy + 1);
    struct span_batch batch = {.spans = copy, .span_count = count};
    struct engine_append append = {.batch = &batch, .done = on_done, .user = &w};
    struct err err;
    int rc;
    memcpy(copy, spans, count * sizeof *copy);
    rc = store_append(s, &append, &err);
    if (rc == 0) {
        pthread_mutex_lock(&w.lock);
        while (!w.done)
            pthread_cond_wait(&w.cond, &w.lock);
        pthread_mutex_unlock(&w.lock);
        rc = w.result;
    }
    free(copy);
    return rc;
}

int append_trace(struct store *s, uint64_t trace, uint32_t count)
{
    struct span *spans = calloc(count, sizeof *spans);
    struct arena arena;
    int rc;
    arena_init(&arena, 0);
    for (uint32_t i = 0; i < count; i++)
        test_span(&arena, trace, i, &spans[i]);
    rc = append_wait(s, spans, count);
    arena_release(&arena);
    free(spans);
    return rc;
}

int check_trace(struct store *s, uint64_t trace)
{
    struct engine_query q = {0};
    struct span_batch got;
    struct arena arena;
    struct err err;
    int rc;
    arena_init(&arena, 0);
    q.arena = &arena;
    rc = query_trace(s, &q, test_trace_id(trace), &got, &err);
    for (size_t i = 0; rc == 0 && i < got.span_count; i++) {
        struct span want;
        test_span(&arena, trace, (uint32_t)i, &want);
        if (!span_eq(&want, &got.spans[i]))
            fail_msg("trace %llu, span %zu is not what was stored", (unsigned long long)trace, i);
    }
    rc = rc == 0 ? (int)got.span_count : rc;
    arena_release(&arena);
    return rc;
}

uint64_t total_rows(struct store *s)
{
    struct snapshot snap;
    uint64_t rows = 0;
    snapshot_take(s, &snap);
    for (uint32_t i = 0; i < snap.count; i++)
        rows += snap.sources[i].row_count -
                (snap.sources[i].dead ? snap.sources[i].dead->row_count : 0);
    snapshot_release(&snap);
    return rows;
}
