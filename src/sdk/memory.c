/* memory.c - the exporter that keeps spans in memory, for tests. */
#define CAIRN_NO_INLINE
#include <pthread.h>
#include <stdlib.h>

#include "sdk/exporter.h"
#include "sdk/span_keep.h"
#include "tracer/misuse.h"

enum { MEMORY_SPANS_MAX = 1 << 26 };

struct memory {
    pthread_mutex_t mutex; /* guards what follows */
    struct arena arena;    /* of the kept spans */
    struct span **spans;   /* each in the arena */
    size_t count, max;
    bool closed;
};

static struct span *keep(struct memory *m, const struct span *span)
{
    return span_keep(span, arena_alloc(&m->arena, sizeof *span), &m->arena);
}

static cairn_status memory_export(void *user, const cairn_span_batch *batch, uint32_t timeout_ms)
{
    struct memory *m = user;
    const struct span_batch *b = (const struct span_batch *)batch;
    cairn_status status = CAIRN_OK;
    (void)timeout_ms;
    pthread_mutex_lock(&m->mutex);
    if (m->closed)
        status = CAIRN_ERROR_CLOSED;
    for (size_t i = 0; i < b->span_count && status == CAIRN_OK; i++) {
        struct span *kept = m->count < m->max ? keep(m, &b->spans[i]) : NULL;
        if (kept)
            m->spans[m->count++] = kept;
        else
            status = m->count < m->max ? CAIRN_ERROR_NO_MEMORY : CAIRN_ERROR_LIMIT;
    }
    pthread_mutex_unlock(&m->mutex);
    return status;
}

static cairn_status memory_shutdown(void *user, uint32_t timeout_ms)
{
    struct memory *m = user;
    (void)timeout_ms;
    pthread_mutex_lock(&m->mutex);
    m->closed = true;
    pthread_mutex_unlock(&m->mutex);
    return CAIRN_OK;
}

static void memory_free(void *user)
{
    struct memory *m = user;
    if (!m)
        return;
    arena_release(&m->arena);
    pthread_mutex_destroy(&m->mutex);
    free(m->spans);
    free(m);
}

static const struct cairn_exporter_ops memory_ops = {
    .size = sizeof memory_ops,
    .export_spans = memory_export,
    .shutdown = memory_shutdown,
    .free_user = memory_free,
};

cairn_exporter *cairn_exporter_memory(size_t max_spans)
{
    static const struct cairn_exporter_info info = {.size = sizeof info,
                                                    .component_type = "memory_span_exporter"};
    cairn_exporter *exporter;
    struct memory *m;
    if (max_spans > MEMORY_SPANS_MAX) {
        misuse("a memory exporter for more than 2^26 spans");
        return NULL;
    }
    m = calloc(1, sizeof *m);
    if (!m)
        return NULL;
    m->spans = calloc(max_spans ? max_spans : 1, sizeof(struct span *));
    if (!m->spans) {
        free(m);
        return NULL;
    }
    m->max = max_spans;
    arena_init(&m->arena, 0);
    pthread_mutex_init(&m->mutex, NULL);
    exporter = cairn_exporter_custom(&memory_ops, m);
    cairn_exporter_describe(exporter, &info);
    return exporter;
}

static struct memory *memory_of(cairn_exporter *exporter)
{
    return exporter && exporter->ops.export_spans == memory_export ? exporter->user : NULL;
}

size_t cairn_memory_count(cairn_exporter *exporter)
{
    struct memory *m = memory_of(exporter);
    size_t n = 0;
    if (m) {
        pthread_mutex_lock(&m->mutex);
        n = m->count;
        pthread_mutex_unlock(&m->mutex);
    }
    return n;
}

const cairn_span_data *cairn_memory_span(cairn_exporter *exporter, size_t index)
{
    struct memory *m = memory_of(exporter);
    const struct span *span = NULL;
    if (m) {
        pthread_mutex_lock(&m->mutex);
        span = index < m->count ? m->spans[index] : NULL;
        pthread_mutex_unlock(&m->mutex);
    }
    return data_of(span);
}

void cairn_memory_clear(cairn_exporter *exporter)
{
    struct memory *m = memory_of(exporter);
    if (!m)
        return;
    pthread_mutex_lock(&m->mutex);
    m->count = 0;
    arena_reset(&m->arena);
    pthread_mutex_unlock(&m->mutex);
}
