/* metrics.h - what the SDK counts about itself, under the names of OpenTelemetry's semantic conventions.
 *
 * Counting costs a span about a nanosecond and is always on. Nothing is sent unless asked for: see `self_metrics` in
 * cairn/sdk.h. Specification: semantic-conventions, docs/otel/sdk-metrics.md. */
#ifndef CAIRN_METRICS_H
#define CAIRN_METRICS_H

#include <cairn/attribute.h>
#include <cairn/common.h>
#include <cairn/sdk.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    CAIRN_METRIC_COUNTER = 1,  /* value, which only grows */
    CAIRN_METRIC_UP_DOWN = 2,  /* value */
    CAIRN_METRIC_HISTOGRAM = 3 /* count, sum and buckets */
};

/* One number and what it belongs to; everything it points to lives as long as the snapshot. */
struct cairn_metric_point {
    size_t size;
    const char *name; /* "otel.sdk.span.started" */
    const char *unit; /* "{span}" */
    const char *description;
    int32_t kind; /* CAIRN_METRIC_... */
    uint32_t bound_count;
    struct cairn_attrs attributes;
    int64_t value;
    uint64_t count;
    double sum;
    const double *bounds;    /* upper ones, inclusive */
    const uint64_t *buckets; /* bound_count + 1 */
};

typedef struct cairn_metrics cairn_metrics;

/* All numbers of this moment, each complete in itself. Owned: cairn_metrics_free. NULL when there is no memory. */
CAIRN_EXPORT cairn_metrics *cairn_sdk_metrics(cairn_sdk *sdk);
CAIRN_EXPORT size_t cairn_metrics_count(const cairn_metrics *metrics);
/* Number `index`, as much of it as ret->size covers; false past the last. */
CAIRN_EXPORT bool cairn_metrics_point(const cairn_metrics *metrics, size_t index,
                                      struct cairn_metric_point *ret);
CAIRN_EXPORT void cairn_metrics_free(cairn_metrics *metrics);

/* The numbers of this moment as one OTLP metrics request (CAIRN_OTLP_PROTOBUF or CAIRN_OTLP_JSON), to be sent to
 * v1/metrics. *bytes is owned: cairn_bytes_free. */
CAIRN_EXPORT cairn_status cairn_sdk_metrics_encode(cairn_sdk *sdk, int32_t encoding,
                                                   uint8_t **bytes, size_t *count);

#ifdef __cplusplus
}
#endif

#endif
