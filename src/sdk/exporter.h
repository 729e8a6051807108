/* exporter.h - exporters inside: the application's functions with a count of references. */
#ifndef SDK_EXPORTER_H
#define SDK_EXPORTER_H

#include <cairn/export.h>

#include <stdatomic.h>

#include "sdk/export_stats.h"
#include "trace/span.h"

enum { COMPONENT_TYPE_BYTES = 40 };

/* What metrics tell of an exporter; stays when the exporter is gone. */
struct exporter_card {
    atomic_uint refs;
    struct export_stats stats;
    /* otel.component.type, with its number otel.component.name, server.address and server.port */
    char type[COMPONENT_TYPE_BYTES], name[COMPONENT_TYPE_BYTES + 8];
    char server_address[128];
    uint32_t server_port;
};

void exporter_card_unref(struct exporter_card *card);

struct cairn_exporter {
    atomic_uint refs;
    struct cairn_exporter_ops ops;
    void *user;
    struct exporter_card *card; /* holds a reference */
};

static inline const cairn_span_data *data_of(const struct span *span)
{
    return (const cairn_span_data *)span;
}

/* What became of a processor's spans. Lives for ever: results may come late. */
struct export_counts {
    _Atomic uint64_t exported, lost;
};

/* The spans are counted in *counts and in the exporter's card, at once or when a deferred result comes. */
cairn_status exporter_export(cairn_exporter *e, struct span *spans, size_t count,
                             uint32_t timeout_ms, struct export_counts *counts);
cairn_status exporter_flush(cairn_exporter *e, uint32_t timeout_ms);
cairn_status exporter_shutdown(cairn_exporter *e, uint32_t timeout_ms);
void exporter_interrupt(cairn_exporter *e);

/* The one that was registered under this name, made; *known tells whether there is one. */
cairn_exporter *exporter_by_name(struct str name, bool *known);

#endif
