/* view.c - opening what MANIFEST names, and indexing the log behind it. */
#include "care/view.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "care/directory.h"
#include "query/query.h"
#include "store/mem.h"
#include "store/wal.h"

static void add_source(struct care_view *v, struct source source)
{
    v->sources = mem_grow(v->sources, &v->cap, (size_t)v->count + 1, sizeof *v->sources);
    v->sources[v->count++] = source;
}

static int add_part(struct care_view *v, const char *dir, const struct manifest_part *want,
                    struct err *err)
{
    char path[FILE_PATH_MAX];
    struct part *p;
    int rc;
    TRY(care_part_path(dir, want->number, path, err));
    rc = access(path, F_OK) == 0 ? part_open(path, want->number, want, &p, err) : ERR_CORRUPT;
    if (rc == ERR_CORRUPT) {
        v->damaged++;
        return 0;
    }
    TRY(rc);
    add_source(v, (struct source){.part = p,
                                  .row_count = p->row_count,
                                  .service_count = p->table_counts[PART_SERVICES],
                                  .name_count = p->table_counts[PART_NAMES],
                                  .resource_count = p->table_counts[PART_RESOURCES],
                                  .scope_count = p->table_counts[PART_SCOPES]});
    return 0;
}

/* ---- Log ---- */

struct replay {
    struct care_view *v;
    struct head *head;
    uint64_t last_sequence;
    struct err *err;
};

static void end_head(struct replay *r)
{
    struct head *h = r->head;
    add_source(r->v, (struct source){.head = h,
                                     .row_count = atomic_load(&h->row_count),
                                     .service_count = h->services.count,
                                     .name_count = h->names.count,
                                     .resource_count = h->resources.count,
                                     .scope_count = h->scopes.count});
    r->head = NULL;
}

static int on_record(const struct wal_record *record, void *user)
{
    struct replay *r = user;
    uint32_t spans;
    int rc;
    if (record->sequence <= r->last_sequence)
        return 0;
    r->last_sequence = record->sequence;
    if (!r->head)
        r->head = head_new(&r->v->pool);
    rc = head_insert(r->head, record->payload, &spans);
    if (rc == ERR_TOO_LARGE && atomic_load(&r->head->row_count)) {
        end_head(r);
        r->head = head_new(&r->v->pool);
        rc = head_insert(r->head, record->payload, &spans);
    }
    if (rc == ERR_INVALID) {
        r->v->damaged++;
        return 0;
    }
    return rc < 0 ? err_set(r->err, rc, "a log record does not fit into memory") : 0;
}

static int read_log(struct care_view *v, const struct care_directory *d, struct err *err)
{
    struct replay r = {.v = v, .last_sequence = d->manifest.sealed_sequence, .err = err};
    int rc = 0;
    for (size_t i = 0; i < d->segments.count && rc == 0; i++) {
        struct wal_replay_stats stats = {0};
        char path[FILE_PATH_MAX];
        struct stat st;
        rc = care_log_path(d->dir, d->segments.items[i], path, err);
        if (rc == 0)
            rc = wal_replay(path, d->manifest.salt, on_record, &r, &stats, err);
        v->damaged += stats.damaged_bytes;
        v->log_bytes += stat(path, &st) == 0 ? (uint64_t)st.st_size : 0;
    }
    if (r.head)
        end_head(&r);
    return rc;
}

int care_view_open(const char *dir, struct care_view *ret, struct err *err)
{
    struct care_directory d;
    int rc;
    *ret = (struct care_view){.lock_fd = -1};
    head_pool_init(&ret->pool);
    rc = care_lock(dir, false, &ret->lock_fd, err);
    if (rc < 0)
        goto out;
    rc = care_directory_read(dir, &d, err);
    if (rc < 0)
        goto out;
    if (!d.has_manifest)
        rc = err_set(err, ERR_CORRUPT, "%.200s: 'cairn check --repair' may help",
                     d.manifest_err.msg);
    for (size_t i = 0; i < d.manifest.count && rc == 0; i++)
        rc = add_part(ret, dir, &d.manifest.parts[i], err);
    if (rc == 0)
        rc = read_log(ret, &d, err);
    care_directory_release(&d);
out:
    if (rc < 0)
        care_view_close(ret);
    return rc;
}

void care_view_close(struct care_view *v)
{
    for (uint32_t i = 0; i < v->count; i++) {
        part_unref(v->sources[i].part);
        head_unref(v->sources[i].head);
    }
    free(v->sources);
    head_pool_release(&v->pool);
    if (v->lock_fd >= 0)
        close(v->lock_fd);
    *v = (struct care_view){.lock_fd = -1};
}

int care_view_usage(const struct care_view *v, struct engine_query *q, struct engine_usage *ret,
                    struct err *err)
{
    TRY(usage_of_sources(v->sources, v->count, q, ret, err));
    ret->log_bytes = v->log_bytes;
    return 0;
}
