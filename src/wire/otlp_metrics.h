/* otlp_metrics.h - what Cairn measures of itself as OTLP metrics (opentelemetry-proto 1.11). Encoding only: the values
 * are cumulative sums and histograms with explicit bounds. No I/O, no clock, no global state. */
#ifndef WIRE_OTLP_METRICS_H
#define WIRE_OTLP_METRICS_H

#include "base/buf.h"
#include "base/json_writer.h"
#include "trace/span.h"

enum metric_kind {
    METRIC_COUNTER,   /* a sum that only grows */
    METRIC_UP_DOWN,   /* a sum that may fall */
    METRIC_HISTOGRAM, /* of numbers, in buckets */
};

struct metric_point {
    struct attrs attrs;
    int64_t value; /* sums */
    /* histograms */
    uint64_t count;
    double sum;
    const uint64_t *buckets; /* one more than the bounds */
};

struct metric {
    struct str name, unit, description;
    enum metric_kind kind;
    const double *bounds; /* upper, inclusive */
    uint32_t bound_count;
    struct metric_point *points;
    uint32_t point_count;
};

/* All of one resource and scope, over one stretch of time. */
struct metric_set {
    const struct resource *resource;
    const struct scope *scope;
    uint64_t start_ns, time_ns;
    struct metric *metrics;
    uint32_t metric_count;
};

/* Appends one ExportMetricsServiceRequest. A failure is in out->failed. Metrics without points are left out. */
void otlp_metrics_pb_encode(const struct metric_set *set, struct buf *out);
/* The same as one JSON value. */
void otlp_metrics_json_write(struct json_writer *w, const struct metric_set *set);

#endif
