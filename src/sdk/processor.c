/* processor.c - the three kinds of span processors behind one set of calls. */
#define CAIRN_NO_INLINE
#include <stdlib.h>

#include "sdk/sdk.h"

static cairn_processor *make(enum processor_kind kind)
{
    cairn_processor *p = calloc(1, sizeof *p);
    if (p) {
        p->kind = kind;
        pthread_mutex_init(&p->mutex, NULL);
    }
    return p;
}

cairn_processor *cairn_processor_batch(cairn_exporter *exporter,
                                       const struct cairn_batch_options *options)
{
    struct cairn_batch_options o;
    cairn_processor *p = make(PROCESSOR_BATCH);
    if (!p) {
        cairn_exporter_unref(exporter);
        return NULL;
    }
    options_copy(&o, sizeof o, options);
    p->queue = queue_new(exporter, &o);
    if (!p->queue) {
        free(p);
        return NULL;
    }
    return p;
}

cairn_processor *cairn_processor_simple(cairn_exporter *exporter)
{
    cairn_processor *p = exporter ? make(PROCESSOR_SIMPLE) : NULL;
    if (!p) {
        cairn_exporter_unref(exporter);
        return NULL;
    }
    p->exporter = exporter;
    return p;
}

cairn_processor *cairn_processor_custom(const struct cairn_processor_ops *ops, void *user)
{
    cairn_processor *p = ops ? make(PROCESSOR_CUSTOM) : NULL;
    if (!p) {
        if (ops && ops->free_user)
            ops->free_user(user);
        return NULL;
    }
    options_copy(&p->ops, sizeof p->ops, ops);
    p->user = user;
    return p;
}

void cairn_processor_free(cairn_processor *p)
{
    if (!p)
        return;
    if (p->adopted) {
        misuse("a span processor freed that belongs to an SDK");
        return;
    }
    if (p->kind == PROCESSOR_BATCH)
        queue_shutdown(p->queue, 0); /* the queue itself stays */
    if (p->kind == PROCESSOR_SIMPLE)
        cairn_exporter_unref(p->exporter);
    if (p->kind == PROCESSOR_CUSTOM && p->ops.free_user)
        p->ops.free_user(p->user);
    pthread_mutex_destroy(&p->mutex);
    free(p);
}

/* ---- Ended spans ---- */

/* An exporter may use instrumented code, or fork: its thread holds the mutex already. */
static bool is_inside(cairn_processor *p, const struct thread *thread)
{
    return thread && atomic_load_explicit(&p->exporting, memory_order_relaxed) == thread;
}

/* Spans of the exporter itself are lost: each would bring the next one. */
static void export_one(cairn_processor *p, struct thread *thread, struct span *span)
{
    atomic_fetch_add(&p->submitted, 1);
    if (!is_inside(p, thread)) {
        pthread_mutex_lock(&p->mutex);
        atomic_store_explicit(&p->exporting, thread, memory_order_relaxed);
        exporter_export(p->exporter, span, 1, UINT32_MAX, &p->counts);
        atomic_store_explicit(&p->exporting, NULL, memory_order_relaxed);
        pthread_mutex_unlock(&p->mutex);
    } else {
        atomic_fetch_add(&p->counts.lost, 1);
    }
}

void processor_before_fork(cairn_processor *p)
{
    if (p->kind == PROCESSOR_SIMPLE && !is_inside(p, thread_tls))
        pthread_mutex_lock(&p->mutex);
}

void processor_after_fork(cairn_processor *p, bool in_child)
{
    if (p->kind != PROCESSOR_SIMPLE || is_inside(p, thread_tls))
        return;
    if (in_child && p->exporter) /* what is under way is the parent's */
        atomic_store(&p->exporter->card->stats.inflight, 0);
    pthread_mutex_unlock(&p->mutex);
}

void processor_on_end(cairn_processor *p, struct cairn_sdk *sdk, struct thread *thread,
                      struct slot *slot)
{
    bool sampled = slot->head.flags & SPAN_FLAG_SAMPLED;
    struct arena arena;
    struct span span;
    if (p->kind == PROCESSOR_BATCH) {
        if (sampled)
            queue_push_copy(p->queue, thread, slot, slot->head.end_ns);
        return;
    }
    if (p->kind == PROCESSOR_SIMPLE && !sampled)
        return;
    arena_init(&arena, 0);
    if (record_read(&slot->head, slot->data, &arena, &span) < 0) {
        atomic_fetch_add(&p->lost_memory, 1);
    } else {
        span.resource = &sdk->resource->resource;
        if (p->kind == PROCESSOR_SIMPLE)
            export_one(p, thread, &span);
        else if (p->ops.on_end)
            p->ops.on_end(p->user, (const cairn_span_data *)&span);
    }
    arena_release(&arena);
}

void processor_stats(cairn_processor *p, struct cairn_stats *ret)
{
    if (p->kind == PROCESSOR_BATCH) {
        queue_stats(p->queue, ret);
        return;
    }
    ret->exported += atomic_load(&p->counts.exported);
    ret->lost_export += atomic_load(&p->counts.lost);
    ret->lost_memory += atomic_load(&p->lost_memory);
}
