/* exporter.c - exporters of the application, and the names that OTEL_TRACES_EXPORTER knows. */
#define CAIRN_NO_INLINE
#include "sdk/exporter.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "tracer/provider.h"

static void copy_text(char *to, size_t room, const char *from)
{
    size_t n = from ? strnlen(from, room - 1) : 0;
    if (n)
        memcpy(to, from, n);
    to[n] = '\0';
}

cairn_exporter *cairn_exporter_custom(const struct cairn_exporter_ops *ops, void *user)
{
    cairn_exporter *e = ops ? calloc(1, sizeof *e) : NULL;
    struct exporter_card *card = e ? calloc(1, sizeof *card) : NULL;
    if (!card) {
        free(e);
        if (ops && ops->free_user)
            ops->free_user(user);
        return NULL;
    }
    atomic_init(&e->refs, 1);
    options_copy(&e->ops, sizeof e->ops, ops);
    e->user = user;
    e->card = card;
    atomic_init(&card->refs, 1);
    copy_text(card->type, sizeof card->type, "custom_span_exporter");
    return e;
}

cairn_exporter *cairn_exporter_ref(cairn_exporter *e)
{
    if (e)
        atomic_fetch_add_explicit(&e->refs, 1, memory_order_relaxed);
    return e;
}

void exporter_card_unref(struct exporter_card *card)
{
    if (card && atomic_fetch_sub_explicit(&card->refs, 1, memory_order_acq_rel) == 1)
        free(card);
}

void cairn_exporter_unref(cairn_exporter *e)
{
    if (!e || atomic_fetch_sub_explicit(&e->refs, 1, memory_order_acq_rel) != 1)
        return;
    if (e->ops.free_user)
        e->ops.free_user(e->user);
    exporter_card_unref(e->card);
    free(e);
}

/* ---- Results, at once or later ---- */

struct cairn_pending_batch {
    struct exporter_card *card; /* holds a reference */
    struct export_counts *counts;
    size_t spans;
    uint64_t began_ns;
};

/* A batch as exporters get it, with room for what they tell about it. */
struct export_batch {
    struct span_batch batch; /* first: one is cast to the other */
    struct cairn_pending_batch result;
    bool deferred;
    struct cairn_export_report report;
    char error_type[ERROR_TYPE_BYTES];
};

static struct export_batch *export_batch_of(const cairn_span_batch *batch)
{
    return (struct export_batch *)(uintptr_t)batch;
}

void cairn_batch_report(const cairn_span_batch *batch, const struct cairn_export_report *report)
{
    struct export_batch *b = export_batch_of(batch);
    if (!b || !report)
        return;
    options_copy(&b->report, sizeof b->report, report);
    if (b->report.error_type) {
        copy_text(b->error_type, sizeof b->error_type, b->report.error_type);
        b->report.error_type = b->error_type;
    }
}

static void count_result(const struct cairn_pending_batch *r, cairn_status status,
                         const struct cairn_export_report *report)
{
    atomic_fetch_sub(&r->card->stats.inflight, (int64_t)r->spans);
    export_stats_add(&r->card->stats, status, r->spans, clock_monotonic_ns() - r->began_ns, report);
    atomic_fetch_add(status == CAIRN_OK ? &r->counts->exported : &r->counts->lost, r->spans);
}

cairn_pending_batch *cairn_batch_defer(const cairn_span_batch *batch)
{
    struct export_batch *b = export_batch_of(batch);
    cairn_pending_batch *pending = b && !b->deferred ? malloc(sizeof *pending) : NULL;
    if (!pending)
        return NULL;
    *pending = b->result;
    atomic_fetch_add_explicit(&pending->card->refs, 1, memory_order_relaxed);
    b->deferred = true;
    return pending;
}

void cairn_pending_batch_done(cairn_pending_batch *pending, cairn_status status,
                              const struct cairn_export_report *report)
{
    struct cairn_export_report r;
    if (!pending)
        return;
    options_copy(&r, sizeof r, report);
    count_result(pending, status, &r);
    exporter_card_unref(pending->card);
    free(pending);
}

void cairn_exporter_describe(cairn_exporter *e, const struct cairn_exporter_info *info)
{
    struct cairn_exporter_info i;
    if (!e)
        return;
    options_copy(&i, sizeof i, info);
    if (i.component_type)
        copy_text(e->card->type, sizeof e->card->type, i.component_type);
    copy_text(e->card->server_address, sizeof e->card->server_address, i.server_address);
    e->card->server_port = i.server_port;
}

cairn_status exporter_export(cairn_exporter *e, struct span *spans, size_t count,
                             uint32_t timeout_ms, struct export_counts *counts)
{
    struct export_batch b = {.batch = {.spans = spans, .span_count = count},
                             .result = {e->card, counts, count, clock_monotonic_ns()}};
    cairn_status status = CAIRN_OK;
    atomic_fetch_add(&e->card->stats.inflight, (int64_t)count);
    if (e->ops.export_spans)
        status = e->ops.export_spans(e->user, (const cairn_span_batch *)&b, timeout_ms);
    if (!b.deferred)
        count_result(&b.result, status, &b.report);
    return status;
}

cairn_status exporter_flush(cairn_exporter *e, uint32_t timeout_ms)
{
    return e->ops.force_flush ? e->ops.force_flush(e->user, timeout_ms) : CAIRN_OK;
}

cairn_status exporter_shutdown(cairn_exporter *e, uint32_t timeout_ms)
{
    return e->ops.shutdown ? e->ops.shutdown(e->user, timeout_ms) : CAIRN_OK;
}

void exporter_interrupt(cairn_exporter *e)
{
    if (e->ops.interrupt)
        e->ops.interrupt(e->user);
}

/* ---- Names: a list that only grows at its head; the newest of a name counts ---- */

struct factory {
    char *name;
    cairn_exporter_factory *make;
    void *user;
    struct factory *next;
};

static _Atomic(struct factory *) factories;

cairn_status cairn_exporter_register(const char *name, cairn_exporter_factory *make, void *user)
{
    struct factory *f, *head = atomic_load(&factories);
    if (!name || !*name || !make)
        return CAIRN_ERROR_INVALID;
    if (head && strcmp(head->name, name) == 0 && head->make == make && head->user == user)
        return CAIRN_OK;
    f = malloc(sizeof *f);
    if (f)
        f->name = strdup(name);
    if (!f || !f->name) {
        free(f);
        return CAIRN_ERROR_NO_MEMORY;
    }
    f->make = make;
    f->user = user;
    f->next = head;
    while (!atomic_compare_exchange_weak(&factories, &f->next, f))
        continue;
    return CAIRN_OK;
}

cairn_exporter *exporter_by_name(struct str name, bool *known)
{
    for (struct factory *f = atomic_load(&factories); f; f = f->next) {
        if (str_eq_nocase(name, str_of(f->name))) {
            *known = true;
            return f->make(f->user);
        }
    }
    *known = true;
    if (str_eq_nocase(name, STR("console")))
        return cairn_exporter_console(CAIRN_CONSOLE_TEXT, STDOUT_FILENO);
    if (str_eq_nocase(name, STR("otlp/stdout")))
        return cairn_exporter_otlp_file(NULL);
    *known = false;
    return NULL;
}
