/* exporter.c - exporters of the application, and the names that OTEL_TRACES_EXPORTER knows. */
#define CAIRN_NO_INLINE
#include "sdk/exporter.h"

#include <stdlib.h>

#include "tracer/provider.h"

cairn_exporter *cairn_exporter_custom(const struct cairn_exporter_ops *ops, void *user)
{
    cairn_exporter *e = ops ? calloc(1, sizeof *e) : NULL;
    if (!e) {
        if (ops && ops->free_user)
            ops->free_user(user);
        return NULL;
    }
    atomic_init(&e->refs, 1);
    options_copy(&e->ops, sizeof e->ops, ops);
    e->user = user;
    return e;
}

cairn_exporter *cairn_exporter_ref(cairn_exporter *e)
{
    if (e)
        atomic_fetch_add_explicit(&e->refs, 1, memory_order_relaxed);
    return e;
}

void cairn_exporter_unref(cairn_exporter *e)
{
    if (!e || atomic_fetch_sub_explicit(&e->refs, 1, memory_order_acq_rel) != 1)
        return;
    if (e->ops.free_user)
        e->ops.free_user(e->user);
    free(e);
}

cairn_status exporter_export(cairn_exporter *e, struct span *spans, size_t count,
                             uint32_t timeout_ms)
{
    struct span_batch batch = {.spans = spans, .span_count = count};
    return e->ops.export_spans ? e->ops.export_spans(e->user, batch_of(&batch), timeout_ms)
                               : CAIRN_OK;
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
    *known = str_eq_nocase(name, STR("console"));
    return *known ? cairn_exporter_console(CAIRN_CONSOLE_TEXT, 1) : NULL;
}
