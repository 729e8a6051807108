/* metrics.c - gathering the SDK's numbers into a snapshot. */
#define CAIRN_NO_INLINE
#include "sdk/metrics.h"

#include <cairn/metrics.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/clock.h"
#include "trace/semconv.h"
#include "wire/otlp_metrics.h"

/* ---- Spans ---- */

void counts_sum(const struct cairn_sdk *sdk, struct span_counts *ret)
{
    memset(ret, 0, sizeof *ret);
    for (struct thread *t = thread_all(); t; t = t->next_all) {
        for (size_t i = 0; i < STARTED_KINDS; i++)
            ret->started[i] +=
                atomic_load_explicit(&t->started[sdk->number][i], memory_order_relaxed);
        for (size_t i = 0; i < ENDED_KINDS; i++)
            ret->ended[i] += atomic_load_explicit(&t->ended[sdk->number][i], memory_order_relaxed);
    }
}

static uint64_t started_with(const struct span_counts *c, int decision)
{
    uint64_t sum = 0;
    for (int i = decision; i < STARTED_KINDS; i += 3)
        sum += c->started[i];
    return sum;
}

uint64_t counts_recording(const struct span_counts *c)
{
    return started_with(c, CAIRN_RECORD_ONLY) + started_with(c, CAIRN_RECORD_AND_SAMPLE);
}

uint64_t counts_ended(const struct span_counts *c)
{
    return c->ended[0] + c->ended[1];
}

/* ---- Names ---- */

static const char *type_of(const cairn_processor *p)
{
    switch (p->kind) {
    case PROCESSOR_BATCH: return "batching_span_processor";
    case PROCESSOR_SIMPLE: return "simple_span_processor";
    case PROCESSOR_CUSTOM: break;
    }
    return "custom_span_processor";
}

static struct exporter_card *card_take(const cairn_processor *p)
{
    cairn_exporter *e = p->kind == PROCESSOR_BATCH ? p->queue->exporter : p->exporter;
    if (e)
        atomic_fetch_add_explicit(&e->card->refs, 1, memory_order_relaxed);
    return e ? e->card : NULL;
}

/* A number for each of the same type, in the order of the processors. */
void name_components(struct cairn_sdk *sdk)
{
    for (size_t i = 0; i < sdk->processor_count; i++) {
        cairn_processor *p = sdk->processors[i];
        struct exporter_card *card = p->card = card_take(p);
        unsigned processors = 0, exporters = 0;
        for (size_t j = 0; j < i; j++) {
            struct exporter_card *other = sdk->processors[j]->card;
            processors += sdk->processors[j]->kind == p->kind;
            exporters += card && other && other != card && strcmp(other->type, card->type) == 0;
        }
        snprintf(p->name, sizeof p->name, "%s/%u", type_of(p), processors);
        if (card && !*card->name)
            snprintf(card->name, sizeof card->name, "%s/%u", card->type, exporters);
    }
}

/* ---- Gathering ---- */

enum metric_name {
    SPAN_LIVE,
    SPAN_STARTED,
    QUEUE_SIZE,
    QUEUE_CAPACITY,
    PROCESSED,
    INFLIGHT,
    EXPORTED,
    DURATION,
    METRIC_NAMES,
};

static const struct {
    const char *name, *unit, *description;
    enum metric_kind kind;
} known[METRIC_NAMES] = {
    [SPAN_LIVE] = {"otel.sdk.span.live", "{span}", "Recording spans that have not ended yet",
                   METRIC_UP_DOWN},
    [SPAN_STARTED] = {"otel.sdk.span.started", "{span}", "Spans created", METRIC_COUNTER},
    [QUEUE_SIZE] = {"otel.sdk.processor.span.queue.size", "{span}",
                    "Spans waiting in a processor's queue", METRIC_UP_DOWN},
    [QUEUE_CAPACITY] = {"otel.sdk.processor.span.queue.capacity", "{span}",
                        "Spans that a processor's queue can hold", METRIC_UP_DOWN},
    [PROCESSED] = {"otel.sdk.processor.span.processed", "{span}",
                   "Spans that a processor gave to its exporter, or lost", METRIC_COUNTER},
    [INFLIGHT] = {"otel.sdk.exporter.span.inflight", "{span}",
                  "Spans that an exporter is exporting", METRIC_UP_DOWN},
    [EXPORTED] = {"otel.sdk.exporter.span.exported", "{span}",
                  "Spans whose export is over, with or without success", METRIC_COUNTER},
    [DURATION] = {"otel.sdk.exporter.operation.duration", "s", "Time that one export took",
                  METRIC_HISTOGRAM},
};

enum { POINTS_MAX = PROCESSORS_MAX * OUTCOMES_MAX + STARTED_KINDS, ATTRS_MAX = 6 };

/* A snapshot. */
struct cairn_metrics {
    struct arena arena;
    struct metric metrics[METRIC_NAMES];
    struct metric_set set;
    struct scope scope;
    struct resource resource;
};

static struct attr text_attr(const char *key, struct str value)
{
    struct attr a = {.key = str_of(key)};
    a.value.type = VALUE_STRING;
    a.value.string = value;
    return a;
}

static struct attr int_attr(const char *key, int64_t value)
{
    struct attr a = {.key = str_of(key)};
    a.value.type = VALUE_INT;
    a.value.integer = value;
    return a;
}

/* The attributes of one point while they are collected. */
struct labels {
    struct attr items[ATTRS_MAX];
    uint32_t count;
};

static void label(struct labels *l, const char *key, const char *value)
{
    if (*value)
        l->items[l->count++] = text_attr(key, str_of(value));
}

/* A new point of a metric; NULL when there is no memory. Texts are copied. */
static struct metric_point *point(struct cairn_metrics *s, enum metric_name name,
                                  const struct labels *l)
{
    struct metric *m = &s->metrics[name];
    struct metric_point *p;
    struct attr *items = arena_alloc(&s->arena, sizeof *items * (l->count ? l->count : 1));
    if (!m->points)
        m->points = arena_calloc(&s->arena, POINTS_MAX, sizeof *m->points);
    if (!m->points || !items || m->point_count == POINTS_MAX)
        return NULL;
    for (uint32_t i = 0; i < l->count; i++) {
        items[i] = l->items[i];
        if (items[i].value.type == VALUE_STRING)
            items[i].value.string = arena_str(&s->arena, l->items[i].value.string);
    }
    p = &m->points[m->point_count++];
    p->attrs = (struct attrs){items, l->count};
    return p;
}

static void number(struct cairn_metrics *s, enum metric_name name, const struct labels *l,
                   int64_t value)
{
    struct metric_point *p = point(s, name, l);
    if (p)
        p->value = value;
}

static const char *const decisions[] = {"DROP", "RECORD_ONLY", "RECORD_AND_SAMPLE"};

static void gather_spans(struct cairn_metrics *s, struct cairn_sdk *sdk)
{
    static const char *const origins[] = {"none", "local", "remote"};
    struct span_counts now;
    counts_sum(sdk, &now);
    for (int i = 0; i < STARTED_KINDS; i++) {
        struct labels l = {.count = 0};
        if (now.started[i] == sdk->before.started[i])
            continue;
        label(&l, "otel.span.parent.origin", origins[i / 3]);
        label(&l, "otel.span.sampling_result", decisions[i % 3]);
        number(s, SPAN_STARTED, &l, (int64_t)(now.started[i] - sdk->before.started[i]));
    }
    for (int d = CAIRN_RECORD_ONLY; d <= CAIRN_RECORD_AND_SAMPLE; d++) {
        struct labels l = {.count = 0};
        uint64_t began = started_with(&now, d) - started_with(&sdk->before, d);
        uint64_t ended = now.ended[d - 1] - sdk->before.ended[d - 1];
        label(&l, "otel.span.sampling_result", decisions[d]);
        number(s, SPAN_LIVE, &l, began > ended ? (int64_t)(began - ended) : 0);
    }
}

static void gather_outcome(struct cairn_metrics *s, struct outcome *o, struct labels l)
{
    uint64_t operations = atomic_load(&o->operations);
    struct metric_point *p;
    uint64_t *buckets;
    label(&l, SEMCONV_ERROR_TYPE, o->error_type);
    if (atomic_load(&o->spans))
        number(s, EXPORTED, &l, (int64_t)atomic_load(&o->spans));
    if (operations == 0)
        return;
    if (o->http_status)
        l.items[l.count++] = int_attr("http.response.status_code", o->http_status);
    p = point(s, DURATION, &l);
    buckets = arena_calloc(&s->arena, DURATION_BOUNDS + 1, sizeof *buckets);
    if (!p || !buckets)
        return;
    p->sum = (double)atomic_load(&o->sum_ns) * 1e-9;
    p->buckets = buckets;
    for (size_t i = 0; i <= DURATION_BOUNDS;
         i++) /* the count is their sum, whatever is added meanwhile */
        p->count += buckets[i] = atomic_load(&o->buckets[i]);
}

static void gather_exporter(struct cairn_metrics *s, struct exporter_card *e)
{
    struct labels l = {.count = 0};
    label(&l, "otel.component.name", e->name);
    label(&l, "otel.component.type", e->type);
    label(&l, "server.address", e->server_address);
    if (e->server_port)
        l.items[l.count++] = int_attr("server.port", e->server_port);
    number(s, INFLIGHT, &l, atomic_load(&e->stats.inflight));
    for (size_t i = 0; i < OUTCOMES_MAX; i++) {
        if (atomic_load(&e->stats.outcomes[i].state) == OUTCOME_READY)
            gather_outcome(s, &e->stats.outcomes[i], l);
    }
}

static void processed(struct cairn_metrics *s, struct labels l, const char *error, uint64_t spans)
{
    label(&l, SEMCONV_ERROR_TYPE, error);
    if (spans || !*error)
        number(s, PROCESSED, &l, (int64_t)spans);
}

static void gather_processor(struct cairn_metrics *s, cairn_processor *p)
{
    struct labels l = {.count = 0};
    struct cairn_stats stats = {.size = sizeof stats};
    if (p->kind == PROCESSOR_CUSTOM)
        return; /* does what it likes */
    label(&l, "otel.component.name", p->name);
    label(&l, "otel.component.type", type_of(p));
    processor_stats(p, &stats);
    if (p->kind == PROCESSOR_BATCH) {
        int64_t queued = atomic_load(&p->queue->queued);
        number(s, QUEUE_SIZE, &l, queued > 0 ? queued : 0);
        number(s, QUEUE_CAPACITY, &l, p->queue->spans_max);
    }
    processed(s, l, "",
              p->kind == PROCESSOR_BATCH ? atomic_load(&p->queue->submitted)
                                         : atomic_load(&p->submitted));
    processed(s, l, "queue_full", stats.lost_queue_full);
    processed(s, l, "already_shutdown", stats.lost_shutdown);
    processed(s, l, "out_of_memory", stats.lost_memory);
}

static void gather(struct cairn_metrics *s, struct cairn_sdk *sdk)
{
    gather_spans(s, sdk);
    for (size_t i = 0; i < sdk->processor_count; i++) {
        struct exporter_card *card = sdk->processors[i]->card;
        bool again = false;
        gather_processor(s, sdk->processors[i]);
        for (size_t j = 0; j < i; j++)
            again |= sdk->processors[j]->card == card;
        if (card && !again)
            gather_exporter(s, card);
    }
}

static void metrics_init(struct cairn_metrics *s, const struct cairn_sdk *sdk)
{
    arena_init(&s->arena, 0);
    for (size_t i = 0; i < METRIC_NAMES; i++) {
        struct metric *m = &s->metrics[i];
        m->name = str_of(known[i].name);
        m->unit = str_of(known[i].unit);
        m->description = str_of(known[i].description);
        m->kind = known[i].kind;
        if (m->kind == METRIC_HISTOGRAM) {
            m->bounds = duration_bounds;
            m->bound_count = DURATION_BOUNDS;
        }
    }
    s->scope = (struct scope){.name = STR("cairn"), .version = STR(CAIRN_VERSION)};
    s->set = (struct metric_set){.resource = &s->resource,
                                 .scope = &s->scope,
                                 .start_ns = sdk->start_ns,
                                 .time_ns = clock_realtime_ns(),
                                 .metrics = s->metrics,
                                 .metric_count = METRIC_NAMES};
}

/* ---- The interface ---- */

void cairn_metrics_free(cairn_metrics *metrics)
{
    if (!metrics)
        return;
    arena_release(&metrics->arena);
    free(metrics);
}

cairn_metrics *cairn_sdk_metrics(cairn_sdk *sdk)
{
    struct cairn_metrics *s = sdk ? calloc(1, sizeof *s) : NULL;
    if (!s)
        return NULL;
    metrics_init(s, sdk);
    gather(s, sdk);
    if (resource_copy(&s->resource, &sdk->resource->resource, &s->arena) < 0 ||
        arena_failed(&s->arena)) {
        cairn_metrics_free(s);
        return NULL;
    }
    return s;
}

size_t cairn_metrics_count(const cairn_metrics *metrics)
{
    size_t n = 0;
    for (size_t i = 0; metrics && i < METRIC_NAMES; i++)
        n += metrics->metrics[i].point_count;
    return n;
}

static int32_t public_kind(enum metric_kind kind)
{
    switch (kind) {
    case METRIC_COUNTER: return CAIRN_METRIC_COUNTER;
    case METRIC_UP_DOWN: return CAIRN_METRIC_UP_DOWN;
    case METRIC_HISTOGRAM: break;
    }
    return CAIRN_METRIC_HISTOGRAM;
}

bool cairn_metrics_point(const cairn_metrics *metrics, size_t index, struct cairn_metric_point *ret)
{
    struct cairn_metric_point p = {0};
    size_t i = 0;
    if (!metrics || !ret)
        return false;
    while (i < METRIC_NAMES && index >= metrics->metrics[i].point_count)
        index -= metrics->metrics[i++].point_count;
    if (i == METRIC_NAMES)
        return false;
    p.size = ret->size;
    p.name = known[i].name;
    p.unit = known[i].unit;
    p.description = known[i].description;
    p.kind = public_kind(known[i].kind);
    p.bounds = metrics->metrics[i].bounds;
    p.bound_count = metrics->metrics[i].bound_count;
    p.attributes.items =
        (const struct cairn_attr *)(const void *)metrics->metrics[i].points[index].attrs.items;
    p.attributes.count = metrics->metrics[i].points[index].attrs.count;
    p.value = metrics->metrics[i].points[index].value;
    p.count = metrics->metrics[i].points[index].count;
    p.sum = metrics->metrics[i].points[index].sum;
    p.buckets = metrics->metrics[i].points[index].buckets;
    memcpy(ret, &p, ret->size < sizeof p ? ret->size : sizeof p);
    return true;
}

cairn_status cairn_sdk_metrics_encode(cairn_sdk *sdk, int32_t encoding, uint8_t **bytes,
                                      size_t *count)
{
    cairn_metrics *s;
    struct buf out;
    struct json_writer w;
    if (!sdk || !bytes || !count)
        return CAIRN_ERROR_INVALID;
    if (encoding != CAIRN_OTLP_PROTOBUF && encoding != CAIRN_OTLP_JSON)
        return CAIRN_ERROR_UNSUPPORTED;
    s = cairn_sdk_metrics(sdk);
    buf_init(&out, 0);
    if (s && encoding == CAIRN_OTLP_PROTOBUF) {
        otlp_metrics_pb_encode(&s->set, &out);
    } else if (s) {
        json_init(&w, &out, 0);
        otlp_metrics_json_write(&w, &s->set);
    }
    if (!s || out.failed) {
        cairn_metrics_free(s);
        buf_release(&out);
        return CAIRN_ERROR_NO_MEMORY;
    }
    cairn_metrics_free(s);
    *bytes = buf_take(&out, count);
    return CAIRN_OK;
}
