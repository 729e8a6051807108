/* export_stats.c - see export_stats.h. */
#define CAIRN_NO_INLINE
#include "sdk/export_stats.h"

#include <string.h>

const double duration_bounds[DURATION_BOUNDS] = {0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25,
                                                 0.5,   0.75, 1,     2.5,  5,     7.5, 10};

/* error.type where the exporter did not say. */
static const char *type_of(cairn_status status)
{
    switch (status) {
    case CAIRN_OK: return "";
    case CAIRN_ERROR_NO_MEMORY: return "out_of_memory";
    case CAIRN_ERROR_INVALID: return "invalid";
    case CAIRN_ERROR_TIMEOUT: return "timeout";
    case CAIRN_ERROR_CLOSED: return "already_shutdown";
    case CAIRN_ERROR_UNSUPPORTED: return "unsupported";
    case CAIRN_ERROR_LIMIT: return "too_large";
    default: return "_OTHER";
    }
}

static bool is_it(struct outcome *o, const char *type, int32_t http_status)
{
    return atomic_load_explicit(&o->state, memory_order_acquire) == OUTCOME_READY &&
           o->http_status == http_status && strcmp(o->error_type, type) == 0;
}

/* Its place, or a new one, or the last one for all that has none. Kinds of errors are few; a server that makes up
 * others does not get more memory. */
static struct outcome *place_of(struct export_stats *stats, const char *given, int32_t http_status)
{
    char type[ERROR_TYPE_BYTES];
    size_t n = strnlen(given, sizeof type - 1);
    memcpy(type, given, n);
    type[n] = '\0';
    for (size_t i = 0; i < OUTCOMES_MAX; i++) {
        struct outcome *o = &stats->outcomes[i];
        int free_state = OUTCOME_FREE;
        bool last = i == OUTCOMES_MAX - 1;
        if (is_it(o, type, http_status))
            return o;
        if (!atomic_compare_exchange_strong(&o->state, &free_state, OUTCOME_CLAIMED))
            continue;
        memcpy(o->error_type, last ? "_OTHER" : type, last ? sizeof "_OTHER" : n + 1);
        o->http_status = last ? 0 : http_status;
        atomic_store_explicit(&o->state, OUTCOME_READY, memory_order_release);
        return o;
    }
    return &stats->outcomes[OUTCOMES_MAX - 1];
}

static size_t bucket_of(uint64_t ns)
{
    double s = (double)ns * 1e-9;
    size_t i = 0;
    while (i < DURATION_BOUNDS && s > duration_bounds[i])
        i++;
    return i;
}

void export_stats_add(struct export_stats *stats, cairn_status status, size_t spans, uint64_t ns,
                      const struct cairn_export_report *report)
{
    size_t rejected = 0;
    const char *type = status == CAIRN_OK   ? ""
                       : report->error_type ? report->error_type
                                            : type_of(status);
    struct outcome *o = place_of(stats, type, report->http_status);
    if (status == CAIRN_OK)
        rejected = report->rejected_spans < spans ? (size_t)report->rejected_spans : spans;
    atomic_fetch_add(&o->spans, spans - rejected);
    atomic_fetch_add(&o->operations, 1);
    atomic_fetch_add(&o->sum_ns, ns);
    atomic_fetch_add(&o->buckets[bucket_of(ns)], 1);
    if (rejected)
        atomic_fetch_add(
            &place_of(stats, report->error_type ? report->error_type : "rejected", 0)->spans,
            rejected);
}
