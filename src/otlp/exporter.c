/* exporter.c - the OTLP exporter: a batch becomes one request, which one of the exporter's senders takes. */
#define CAIRN_NO_INLINE
#include <cairn/otlp.h>

#include <stdlib.h>
#include <string.h>

#include "otlp/describe.h"
#include "otlp/senders.h"

struct otlp_exporter {
    struct arena arena; /* of the settings */
    struct sending sending;
    struct senders *senders;
};

/* When the last sender has come to its end, which may be after the exporter's. */
static void gone(void *owner)
{
    struct otlp_exporter *e = owner;
    pause_release(&e->sending.pause);
    arena_release(&e->arena);
    free(e);
}

static cairn_status otlp_export(void *user, const cairn_span_batch *batch, uint32_t timeout_ms)
{
    struct otlp_exporter *e = user;
    return cairn_batch_count(batch) ? senders_export(e->senders, batch, timeout_ms) : CAIRN_OK;
}

static cairn_status otlp_flush(void *user, uint32_t timeout_ms)
{
    struct otlp_exporter *e = user;
    return senders_flush(e->senders, timeout_ms);
}

static void otlp_interrupt(void *user)
{
    struct otlp_exporter *e = user;
    senders_interrupt(e->senders);
}

static cairn_status otlp_shutdown(void *user, uint32_t timeout_ms)
{
    struct otlp_exporter *e = user;
    return senders_shutdown(e->senders, timeout_ms);
}

static void otlp_free(void *user)
{
    struct otlp_exporter *e = user;
    senders_release(e->senders);
}

static size_t otlp_describe(void *user, char *out, size_t room)
{
    const struct otlp_exporter *e = user;
    const struct otlp_settings *o = &e->sending.settings;
    char timeout[32] = "none", concurrent[48] = "";
    int n;
    if (o->timeout_ms != UINT32_MAX)
        snprintf(timeout, sizeof timeout, "%u ms", o->timeout_ms);
    if (o->concurrent > 1)
        snprintf(concurrent, sizeof concurrent, ", %u requests at once", o->concurrent);
    n = snprintf(out, room, "OTLP %s to %s, compression %s, timeout %s, headers %u%s%s%s",
                 o->protocol->name, o->url, o->gzip ? "gzip" : "none", timeout, o->headers.count,
                 concurrent, o->ca_file ? ", own authorities" : "",
                 o->client_cert_file ? ", client certificate" : "");
    return n > 0 ? (size_t)n : 0;
}

static const struct cairn_exporter_ops otlp_ops = {
    .size = sizeof otlp_ops,
    .export_spans = otlp_export,
    .force_flush = otlp_flush,
    .shutdown = otlp_shutdown,
    .interrupt = otlp_interrupt,
    .free_user = otlp_free,
    .describe = otlp_describe,
};

static const char *process_env(const char *name)
{
    return secure_getenv(name);
}

static const char *no_env(const char *name)
{
    (void)name;
    return NULL;
}

cairn_exporter *cairn_otlp_exporter_new(const struct cairn_otlp_options *options)
{
    struct cairn_otlp_options o = {.size = sizeof o};
    struct otlp_exporter *e = calloc(1, sizeof *e);
    cairn_exporter *exporter;
    if (!e)
        return NULL;
    if (options)
        memcpy(&o, options, options->size < sizeof o ? options->size : sizeof o);
    arena_init(&e->arena, 0);
    pause_init(&e->sending.pause);
    if (otlp_settings_make(&o, o.no_environment ? no_env : process_env, &e->arena,
                           &e->sending.settings) != CAIRN_OK ||
        !(e->senders = senders_new(&e->sending, gone, e))) {
        gone(e);
        return NULL;
    }
    exporter = cairn_exporter_custom(&otlp_ops, e);
    if (exporter) /* else e is gone */
        describe_exporter(exporter, &e->sending.settings);
    return exporter;
}
