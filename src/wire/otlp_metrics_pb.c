/* otlp_metrics_pb.c - struct metric_set to OTLP protobuf. */
#include "wire/otlp_metrics.h"
#include "wire/otlp_pb.h"
#include "wire/pb.h"

enum { CUMULATIVE = 2 };

static void put_text(struct buf *out, unsigned field, struct str s)
{
    if (s.n)
        pb_put_bytes(out, PB_TAG(field, PB_LEN), s);
}

static uint64_t bits_of(double v)
{
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    return bits;
}

static void put_times(struct buf *out, const struct metric_set *set)
{
    pb_put_fixed64(out, PB_TAG(2, PB_I64), set->start_ns);
    pb_put_fixed64(out, PB_TAG(3, PB_I64), set->time_ns);
}

static void put_number(struct buf *out, const struct metric_set *set, const struct metric_point *p)
{
    size_t point = pb_begin(out, PB_TAG(1, PB_LEN));
    put_times(out, set);
    pb_put_fixed64(out, PB_TAG(6, PB_I64), (uint64_t)p->value); /* 0 too: it is one of several */
    otlp_pb_put_attrs(out, PB_TAG(7, PB_LEN), &p->attrs);
    pb_end(out, point);
}

static void put_sum(struct buf *out, const struct metric_set *set, const struct metric *m)
{
    size_t sum = pb_begin(out, PB_TAG(7, PB_LEN));
    for (uint32_t i = 0; i < m->point_count; i++)
        put_number(out, set, &m->points[i]);
    pb_put_varint(out, PB_TAG(2, PB_VARINT), CUMULATIVE);
    if (m->kind == METRIC_COUNTER)
        pb_put_varint(out, PB_TAG(3, PB_VARINT), true);
    pb_end(out, sum);
}

/* Bucket counts and bounds are packed: eight bytes each, one after another. */
static void put_buckets(struct buf *out, const struct metric *m, const struct metric_point *p)
{
    size_t packed = pb_begin(out, PB_TAG(6, PB_LEN));
    buf_put(out, p->buckets, (m->bound_count + (size_t)1) * sizeof *p->buckets);
    pb_end(out, packed);
    packed = pb_begin(out, PB_TAG(7, PB_LEN));
    buf_put(out, m->bounds, m->bound_count * sizeof *m->bounds);
    pb_end(out, packed);
}

static void put_histogram(struct buf *out, const struct metric_set *set, const struct metric *m)
{
    size_t histogram = pb_begin(out, PB_TAG(9, PB_LEN));
    for (uint32_t i = 0; i < m->point_count; i++) {
        const struct metric_point *p = &m->points[i];
        size_t point = pb_begin(out, PB_TAG(1, PB_LEN));
        put_times(out, set);
        pb_put_fixed64(out, PB_TAG(4, PB_I64), p->count);
        pb_put_fixed64(out, PB_TAG(5, PB_I64), bits_of(p->sum));
        put_buckets(out, m, p);
        otlp_pb_put_attrs(out, PB_TAG(9, PB_LEN), &p->attrs);
        pb_end(out, point);
    }
    pb_put_varint(out, PB_TAG(2, PB_VARINT), CUMULATIVE);
    pb_end(out, histogram);
}

static void put_metric(struct buf *out, const struct metric_set *set, const struct metric *m)
{
    size_t metric;
    if (m->point_count == 0)
        return;
    metric = pb_begin(out, PB_TAG(2, PB_LEN));
    put_text(out, 1, m->name);
    put_text(out, 2, m->description);
    put_text(out, 3, m->unit);
    if (m->kind == METRIC_HISTOGRAM)
        put_histogram(out, set, m);
    else
        put_sum(out, set, m);
    pb_end(out, metric);
}

void otlp_metrics_pb_encode(const struct metric_set *set, struct buf *out)
{
    size_t resource = pb_begin(out, PB_TAG(1, PB_LEN)), scope;
    otlp_pb_put_resource(out, set->resource);
    scope = pb_begin(out, PB_TAG(2, PB_LEN));
    otlp_pb_put_scope(out, set->scope);
    for (uint32_t i = 0; i < set->metric_count; i++)
        put_metric(out, set, &set->metrics[i]);
    put_text(out, 3, set->scope->schema_url);
    pb_end(out, scope);
    put_text(out, 3, set->resource->schema_url);
    pb_end(out, resource);
}
