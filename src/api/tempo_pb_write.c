/* tempo_pb_write.c - answers: one function for each message, and the cutting into packets. Fields are written in any
 * order, zeros not at all. */
#include <math.h>

#include "api/tempo_pb.h"
#include "api/tempo_value.h"
#include "wire/otlp_pb.h"
#include "wire/pb.h"

/* --- fields --- */

static void put_text(struct buf *out, unsigned field, struct str text)
{
    if (text.n)
        pb_put_bytes(out, PB_TAG(field, PB_LEN), text);
}

static void put_u64(struct buf *out, unsigned field, uint64_t v)
{
    if (v)
        pb_put_varint(out, PB_TAG(field, PB_VARINT), v);
}

static void put_double(struct buf *out, unsigned field, double v)
{
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    if (v != 0)
        pb_put_fixed64(out, PB_TAG(field, PB_I64), bits);
}

static void put_attr(struct buf *out, unsigned field, const struct attr *a)
{
    struct attr one = *a;
    otlp_pb_put_attrs(out, PB_TAG(field, PB_LEN), &(struct attrs){&one, 1});
}

/* --- packets --- */

/* A stream of messages of one type, whose field `metrics` is SearchMetrics. */
struct packets {
    struct buf *out;
    unsigned metrics;
    uint64_t spans;
    size_t begin; /* of the message that is being written */
};

static struct packets packets_begin(struct buf *out, unsigned metrics, uint64_t spans)
{
    return (struct packets){out, metrics, spans, grpc_message_begin(out)};
}

/* SearchMetrics: 4 completedJobs, 5 totalJobs, 7 inspectedSpans. One job, done: clients show progress by it. */
static void packets_end(struct packets *p)
{
    size_t begin = pb_begin(p->out, PB_TAG(p->metrics, PB_LEN));
    put_u64(p->out, 4, 1);
    put_u64(p->out, 5, 1);
    put_u64(p->out, 7, p->spans);
    pb_end(p->out, begin);
    grpc_message_end(p->out, p->begin);
}

/* Between two things that may stand in different messages. */
static void packets_cut(struct packets *p)
{
    if (p->out->n - p->begin < TEMPO_PACKET_BYTES)
        return;
    packets_end(p);
    p->begin = grpc_message_begin(p->out);
}

/* --- search --- */

/* Span: 1 spanID, 2 name, 3 startTimeUnixNano, 4 durationNanos, 5 attributes. */
static void put_span(struct buf *out, const struct spanset_span *s, struct arena *arena)
{
    char id[2 * SPAN_ID_BYTES];
    size_t begin = pb_begin(out, PB_TAG(1, PB_LEN));
    tempo_span_id_text(s->span_id, id);
    put_text(out, 1, str_make(id, sizeof id));
    put_text(out, 2, s->name);
    put_u64(out, 3, s->start_ns);
    put_u64(out, 4, s->duration_ns);
    for (uint32_t i = 0; i < s->attr_count; i++) {
        struct attr a;
        if (tempo_span_attr(&s->attrs[i], arena, &a))
            put_attr(out, 5, &a);
    }
    pb_end(out, begin);
}

/* SpanSet: 1 spans, 2 matched, 3 attributes. */
static void put_set(struct buf *out, unsigned field, const struct spanset *set, struct arena *arena)
{
    size_t begin = pb_begin_guess(out, PB_TAG(field, PB_LEN), 2);
    for (uint32_t i = 0; i < set->span_count; i++)
        put_span(out, &set->spans[i], arena);
    put_u64(out, 2, set->matched_count);
    for (uint32_t i = 0; i < set->attr_count; i++) {
        struct attr a = tempo_label(&set->attrs[i], arena);
        put_attr(out, 3, &a);
    }
    pb_end_guess(out, begin, 2);
}

/* An entry of map<string, ServiceStats>: 1 key, 2 {1 spanCount, 2 errorCount}. */
static void put_service(struct buf *out, const struct service_summary *s)
{
    size_t entry = pb_begin(out, PB_TAG(8, PB_LEN)), stats;
    put_text(out, 1, s->name);
    stats = pb_begin(out, PB_TAG(2, PB_LEN));
    put_u64(out, 1, s->span_count);
    put_u64(out, 2, s->error_count);
    pb_end(out, stats);
    pb_end(out, entry);
}

/* TraceSearchMetadata: 1 traceID, 2 rootServiceName, 3 rootTraceName, 4 startTimeUnixNano, 5 durationMs, 6 spanSet,
 * 7 spanSets, 8 serviceStats. */
static void put_trace(struct buf *out, const struct spanset_trace *t, struct arena *arena)
{
    const struct trace_summary *s = &t->summary;
    size_t begin = pb_begin_guess(out, PB_TAG(1, PB_LEN), 2);
    char id[TEMPO_TRACE_ID_BYTES];
    put_text(out, 1, tempo_trace_id_text(s->trace_id, id));
    put_text(out, 2, s->rootless ? STR(TEMPO_NO_ROOT) : s->root_service);
    put_text(out, 3, s->rootless ? STR("") : s->root_name);
    put_u64(out, 4, s->start_ns);
    put_u64(out, 5, tempo_duration_ms(s));
    if (t->set_count)
        put_set(out, 6, &t->sets[0], arena);
    for (uint32_t i = 0; i < t->set_count; i++)
        put_set(out, 7, &t->sets[i], arena);
    for (uint32_t i = 0; i < s->service_count; i++)
        put_service(out, &s->services[i]);
    pb_end_guess(out, begin, 2);
}

void tempo_pb_search(struct buf *out, const struct spanset_list *found, uint64_t spans,
                     struct arena *arena)
{
    struct packets p = packets_begin(out, 2, spans);
    for (size_t i = 0; i < found->count; i++) {
        packets_cut(&p);
        put_trace(out, &found->items[i], arena);
    }
    packets_end(&p);
}

/* --- tags --- */

void tempo_pb_tags(struct buf *out, const struct tempo_tag_names *names, uint64_t spans)
{
    struct packets p = packets_begin(out, 2, spans);
    for (size_t i = 0; i < names->count; i++) {
        packets_cut(&p);
        pb_put_bytes(out, PB_TAG(1, PB_LEN), names->items[i]);
    }
    packets_end(&p);
}

/* SearchTagsV2Scope: 1 name, 2 tags. A scope that does not fit a message goes on in the next one. */
void tempo_pb_tags_v2(struct buf *out, const struct tempo_tag_names *names, uint64_t spans)
{
    struct packets p = packets_begin(out, 2, spans);
    for (int scope = 0; scope < TEMPO_SCOPES; scope++) {
        size_t i = 0;
        while (i < names[scope].count) {
            size_t begin;
            packets_cut(&p);
            begin = pb_begin_guess(out, PB_TAG(1, PB_LEN), 2);
            put_text(out, 1, str_of(tempo_scope_name((enum tempo_scope)scope)));
            for (; i < names[scope].count && out->n - p.begin < TEMPO_PACKET_BYTES; i++)
                pb_put_bytes(out, PB_TAG(2, PB_LEN), names[scope].items[i]);
            pb_end_guess(out, begin, 2);
            if (out->failed)
                return;
        }
    }
    packets_end(&p);
}

void tempo_pb_values(struct buf *out, const struct tempo_tag_values *values, uint64_t spans)
{
    struct packets p = packets_begin(out, 2, spans);
    for (size_t i = 0; i < values->count; i++) {
        packets_cut(&p);
        pb_put_bytes(out, PB_TAG(1, PB_LEN), values->items[i].text);
    }
    packets_end(&p);
}

/* TagValue: 1 type, 2 value. */
void tempo_pb_values_v2(struct buf *out, const struct tempo_tag_values *values, uint64_t spans)
{
    struct packets p = packets_begin(out, 2, spans);
    for (size_t i = 0; i < values->count; i++) {
        size_t begin;
        packets_cut(&p);
        begin = pb_begin(out, PB_TAG(1, PB_LEN));
        put_text(out, 1, str_of(values->items[i].type));
        put_text(out, 2, values->items[i].text);
        pb_end(out, begin);
    }
    packets_end(&p);
}

/* --- metrics --- */

static void put_labels(struct buf *out, const struct series *s, struct arena *arena)
{
    for (uint32_t i = 0; i < s->label_count; i++) {
        struct attr label = tempo_label(&s->labels[i], arena);
        put_attr(out, 1, &label);
    }
}

/* Exemplar: 1 labels, 2 value, 3 timestamp_ms. */
static void put_exemplar(struct buf *out, const struct exemplar *e)
{
    struct attr labels[TEMPO_EXEMPLAR_LABELS];
    struct tempo_exemplar_text text;
    size_t begin = pb_begin(out, PB_TAG(4, PB_LEN));
    tempo_exemplar_labels(e, &text, labels);
    for (int i = 0; i < TEMPO_EXEMPLAR_LABELS; i++)
        put_attr(out, 1, &labels[i]);
    put_double(out, 2, e->value);
    put_u64(out, 3, e->time_ns / 1000000);
    pb_end(out, begin);
}

/* TimeSeries: 1 labels, 2 samples {1 value, 2 timestamp_ms}, 4 exemplars. */
static void put_series(struct buf *out, const struct series *s, uint32_t buckets,
                       const struct tempo_metrics *m, struct arena *arena)
{
    size_t begin = pb_begin_guess(out, PB_TAG(1, PB_LEN), 2);
    put_labels(out, s, arena);
    for (uint32_t i = 0; i < buckets; i++) {
        size_t sample;
        if (isnan(s->values[i]))
            continue;
        sample = pb_begin(out, PB_TAG(2, PB_LEN));
        put_double(out, 1, s->values[i]);
        put_u64(out, 2, tempo_bucket_ms(m, i));
        pb_end(out, sample);
    }
    for (uint32_t i = 0; i < s->exemplar_count; i++)
        put_exemplar(out, &s->exemplars[i]);
    pb_end_guess(out, begin, 2);
}

/* InstantSeries: 1 labels, 2 value. */
static void put_instant(struct buf *out, const struct series *s, struct arena *arena)
{
    size_t begin = pb_begin(out, PB_TAG(1, PB_LEN));
    put_labels(out, s, arena);
    put_double(out, 2, s->values[0]);
    pb_end(out, begin);
}

/* Both responses: 1 series, 2 metrics, 3 status (1 = PARTIAL), 4 message. */
void tempo_pb_series(struct buf *out, const struct series_list *found,
                     const struct tempo_metrics *m, uint64_t spans, struct arena *arena)
{
    struct packets p = packets_begin(out, 2, spans);
    for (size_t i = 0; i < found->count; i++) {
        const struct series *s = &found->items[i];
        if (!tempo_series_has_samples(s, m->instant ? 1 : found->bucket_count))
            continue;
        packets_cut(&p);
        if (m->instant)
            put_instant(out, s, arena);
        else
            put_series(out, s, found->bucket_count, m, arena);
    }
    if (found->truncated) {
        put_u64(out, 3, 1);
        put_text(out, 4, STR(TEMPO_TRUNCATED));
    }
    packets_end(&p);
}
