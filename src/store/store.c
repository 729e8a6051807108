/* store.c - opening, closing, counters and snapshots. */
#include "store/store.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#ifdef __GLIBC__
#    include <malloc.h>
#endif

#include "store/file.h"
#include "store/mem.h"
#include "store/store_int.h"

/* Of the C library's allocator: larger pieces are mapped; so much is kept free in each of its arenas. */
enum { MMAP_BYTES = 1 << 20, KEEP_BYTES = 16 << 20 };

static char *join(const char *dir, const char *name)
{
    size_t n = strlen(dir) + strlen(name) + 2;
    char *path = mem_alloc(n);
    snprintf(path, n, "%s/%s", dir, name);
    return path;
}

static void free_memory(struct store *s)
{
    head_unref(s->head);
    for (uint32_t i = 0; i < s->frozen_count; i++)
        head_unref(s->frozen[i]);
    for (size_t i = 0; i < s->part_count; i++)
        part_unref(s->parts[i]);
    head_pool_release(&s->pool);
    free(s->parts);
    free(s->strays);
    free(s->tombstones);
    free(s->rules);
    manifest_release(&s->manifest);
    pthread_mutex_destroy(&s->lock);
    pthread_mutex_destroy(&s->manifest_lock);
    pthread_mutex_destroy(&s->queue_lock);
    pthread_cond_destroy(&s->seal_wanted);
    pthread_cond_destroy(&s->sealed);
    pthread_cond_destroy(&s->queue_filled);
    free(s->dir);
    free(s->log_dir);
    free(s->parts_dir);
    free(s);
}

static void cond_init(pthread_cond_t *cond)
{
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(cond, &attr);
    pthread_condattr_destroy(&attr);
}

static struct store *store_new(const struct engine_options *options)
{
    struct store *s = mem_calloc(1, sizeof *s);
    s->options = *options;
    s->dir = mem_alloc(strlen(options->data_dir) + 1);
    memcpy(s->dir, options->data_dir, strlen(options->data_dir) + 1);
    s->options.data_dir = s->dir;
    s->rules = mem_calloc(options->retention_rule_count, sizeof *s->rules);
    if (options->retention_rule_count)
        memcpy(s->rules, options->retention_rules,
               options->retention_rule_count * sizeof *s->rules);
    s->options.retention_rules = s->rules;
    s->log_dir = join(s->dir, "log");
    s->parts_dir = join(s->dir, "parts");
    s->lock_fd = s->wal.fd = -1;
    head_pool_init(&s->pool);
    s->head = head_new(&s->pool);
    s->queue_last = &s->queue_first;
    pthread_mutex_init(&s->lock, NULL);
    pthread_mutex_init(&s->manifest_lock, NULL);
    pthread_mutex_init(&s->queue_lock, NULL);
    cond_init(&s->seal_wanted);
    cond_init(&s->sealed);
    cond_init(&s->queue_filled);
    return s;
}

/* The process that holds the lock has written its id into the file. */
static int in_use(int fd, const char *dir, struct err *err)
{
    char text[32] = "";
    uint64_t size = 0, number;
    struct str pid;
    if (file_size(fd, &size, NULL) < 0 || size >= sizeof text ||
        file_read_at(fd, 0, text, (size_t)size, NULL) < 0)
        size = 0;
    pid = str_trim(str_make(text, (size_t)size));
    if (pid.n && pid.p[pid.n - 1] == '\n')
        pid.n--;
    if (str_to_u64(pid, &number))
        return err_set(err, ERR_BUSY, "data directory %s is in use by process %llu", dir,
                       (unsigned long long)number);
    return err_set(err, ERR_BUSY, "data directory %s is in use by another process", dir);
}

static int lock_dir(struct store *s, struct err *err)
{
    char path[FILE_PATH_MAX], text[32];
    int n, rc;
    TRY(file_path(path, err, "%s/LOCK", s->dir));
    TRY(file_open(path, O_RDWR | O_CREAT, &s->lock_fd, err));
    rc = file_lock(s->lock_fd, err);
    if (rc == ERR_BUSY)
        return in_use(s->lock_fd, s->dir, err);
    TRY(rc);
    n = snprintf(text, sizeof text, "%ld\n", (long)getpid());
    TRY(file_truncate(s->lock_fd, 0, err));
    rc = file_write(s->lock_fd, text, (size_t)n, err);
    return rc == ERR_BUSY ? 0 : rc; /* a full disk: the lock holds without its words */
}

/* Writer first: it finishes the queue. Then the sealing thread; with ack=memory it seals all there is. */
static void stop_threads(struct store *s)
{
    if (s->writer_started) {
        pthread_mutex_lock(&s->queue_lock);
        s->closing = true;
        pthread_cond_signal(&s->queue_filled);
        pthread_mutex_unlock(&s->queue_lock);
        pthread_join(s->writer_thread, NULL);
    }
    if (s->sealer_started) {
        pthread_mutex_lock(&s->lock);
        s->draining = s->writer_started && s->options.ack == ENGINE_ACK_MEMORY;
        pthread_mutex_unlock(&s->lock);
        if (s->draining)
            store_freeze(s, 0);
        pthread_mutex_lock(&s->lock);
        atomic_store(&s->stopping, 1);
        pthread_cond_broadcast(&s->seal_wanted);
        pthread_mutex_unlock(&s->lock);
        pthread_join(s->seal_thread, NULL);
    }
}

static int open_store(const struct engine_options *options, bool threads, struct store **ret,
                      struct err *err)
{
    struct store *s;
    int rc;
    if (!options->data_dir || !*options->data_dir)
        return err_set(err, ERR_INVALID, "no data directory given");
    if (options->retention_rule_count > RETENTION_RULES_MAX)
        return err_set(err, ERR_INVALID, "more than %d retention rules", RETENTION_RULES_MAX);
    if (options->retention_rule_count && !options->retention_ns)
        return err_set(err, ERR_INVALID,
                       "retention rules keep some traces longer: say how long the rest is kept");
    s = store_new(options);
    rc = file_make_dir(s->dir, err);
    if (rc == 0)
        rc = file_sync_parent(s->dir, err);
    if (rc == 0)
        rc = lock_dir(s, err);
    if (rc == 0)
        rc = store_load(s, err);
    if (rc == 0 && threads)
        rc = store_sealer_start(s, err);
    if (rc == 0)
        rc = store_replay(s, err);
    if (rc == 0 && threads)
        rc = store_writer_start(s, err);
    if (rc < 0) {
        store_close(s);
        return rc;
    }
    *ret = s;
    return 0;
}

/* What a query or a sealing frees the next one takes: fresh pages from the system cost more than decoding into them. The
 * sealing thread gives them back when there is nothing to do. */
static void tune_allocator(void)
{
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, MMAP_BYTES);
    mallopt(M_TRIM_THRESHOLD, KEEP_BYTES);
#endif
}

int store_open(const struct engine_options *options, struct store **ret, struct err *err)
{
    tune_allocator();
    return open_store(options, true, ret, err);
}

int store_open_stepped(const struct engine_options *options, struct store **ret, struct err *err)
{
    return open_store(options, false, ret, err);
}

void store_close(struct store *s)
{
    if (!s)
        return;
    stop_threads(s);
    store_refuse_queued(s);
    wal_rotate(&s->wal);
    file_close(s->lock_fd);
    free_memory(s);
}

struct source source_of_head(struct head *h)
{
    struct source src = {.head = head_ref(h), .dead = dead_rows_ref(h->dead)};
    src.row_count = atomic_load_explicit(&h->row_count, memory_order_acquire);
    pthread_mutex_lock(&h->lock); /* after row_count: the tables know every id those rows have */
    src.service_count = h->services.count;
    src.name_count = h->names.count;
    src.resource_count = h->resources.count;
    src.scope_count = h->scopes.count;
    pthread_mutex_unlock(&h->lock);
    return src;
}

struct source source_of_part(struct part *p)
{
    return (struct source){.part = part_ref(p),
                           .dead = dead_rows_ref(p->dead),
                           .row_count = p->row_count,
                           .service_count = p->table_counts[0],
                           .name_count = p->table_counts[1],
                           .resource_count = p->table_counts[2],
                           .scope_count = p->table_counts[3]};
}

void source_release(struct source *src)
{
    head_unref(src->head);
    part_unref(src->part);
    dead_rows_unref(src->dead);
    *src = (struct source){0};
}

void snapshot_take(struct store *s, struct snapshot *ret)
{
    struct source *sources;
    uint32_t count = 0;
    bool incomplete;
    pthread_mutex_lock(&s->lock);
    incomplete = s->manifest.count > s->part_count;
    sources = mem_calloc(1 + s->frozen_count + s->part_count, sizeof *sources);
    sources[count++] = source_of_head(s->head);
    for (uint32_t i = s->frozen_count; i-- > 0;)
        sources[count++] = source_of_head(s->frozen[i]);
    for (size_t i = s->part_count; i-- > 0;)
        sources[count++] = source_of_part(s->parts[i]);
    pthread_mutex_unlock(&s->lock);
    *ret = (struct snapshot){sources, count, incomplete};
}

void snapshot_release(struct snapshot *snap)
{
    for (uint32_t i = 0; i < snap->count; i++)
        source_release(&snap->sources[i]);
    free(snap->sources);
    *snap = (struct snapshot){0};
}

/* Parts that opened well and were found damaged when they were read. */
static uint64_t damaged_part_bytes(struct store *s)
{
    uint64_t bytes = 0;
    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < s->part_count; i++) {
        if (atomic_load_explicit(&s->parts[i]->damaged, memory_order_relaxed))
            bytes += s->parts[i]->bytes;
    }
    pthread_mutex_unlock(&s->lock);
    return bytes;
}

void store_stats(struct store *s, struct engine_stats *ret)
{
    *ret = (struct engine_stats){
        .spans_appended = atomic_load(&s->spans_appended),
        .bytes_appended = atomic_load(&s->bytes_appended),
        .batches_appended = atomic_load(&s->batches_appended),
        .appends_refused = atomic_load(&s->appends_refused),
        .syncs = atomic_load(&s->syncs),
        .head_spans = atomic_load(&s->head_spans),
        .head_bytes = atomic_load(&s->head_bytes),
        .parts = atomic_load(&s->parts_live),
        .part_spans = atomic_load(&s->part_spans),
        .part_bytes = atomic_load(&s->part_bytes),
        .log_bytes = atomic_load(&s->log_bytes),
        .recovered_spans = atomic_load(&s->recovered_spans),
        .damaged_bytes = atomic_load(&s->damaged_bytes) + damaged_part_bytes(s),
        .seal_failures = atomic_load(&s->seals_failed),
        .merge_failures = atomic_load(&s->merges_failed),
        .retention_failures = atomic_load(&s->retentions_failed),
        .retention_runs = atomic_load(&s->retentions),
        .aged_spans = atomic_load(&s->aged_spans),
        .aged_bytes = atomic_load(&s->aged_bytes),
        .oversize_spans = atomic_load(&s->oversize_spans),
        .oversize_bytes = atomic_load(&s->oversize_bytes),
        .deleted_spans = atomic_load(&s->deleted_spans),
        .deleted_bytes = atomic_load(&s->deleted_bytes),
        .traces_deleted = atomic_load(&s->traces_deleted),
        .tombstones = atomic_load(&s->tombstones_live),
    };
}
