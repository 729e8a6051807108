/* describe.c - an SDK as text: one line for each thing that settings decide. */
#define CAIRN_NO_INLINE
#include <stdarg.h>
#include <stdio.h>

#include "base/json_writer.h"
#include "sdk/sdk.h"

/* Writes what fits and counts all. */
struct sheet {
    char *out;
    size_t room, n;
};

__attribute__((format(printf, 2, 3))) static void put(struct sheet *s, const char *fmt, ...)
{
    bool fits = s->n < s->room;
    va_list args;
    int n;
    va_start(args, fmt);
    n = vsnprintf(fits ? s->out + s->n : NULL, fits ? s->room - s->n : 0, fmt, args);
    va_end(args);
    s->n += n > 0 ? (size_t)n : 0;
}

static void put_resource(struct sheet *s, const struct resource *r)
{
    struct arena arena;
    struct buf quoted;
    struct json_writer w;
    arena_init(&arena, 0);
    buf_init(&quoted, 0);
    for (uint32_t i = 0; i < r->attrs.count; i++) {
        const struct attr *a = &r->attrs.items[i];
        buf_clear(&quoted);
        json_init(&w, &quoted, 0);
        if (a->value.type == VALUE_STRING)
            json_str(&w, a->value.string);
        else
            buf_put_str(&quoted, value_text(&a->value, &arena));
        put(s, "resource %.*s: %.*s\n", STR_ARG(a->key), STR_ARG(buf_str(&quoted)));
    }
    if (r->schema_url.n)
        put(s, "resource schema_url: %.*s\n", STR_ARG(r->schema_url));
    buf_release(&quoted);
    arena_release(&arena);
}

static void put_limit(struct sheet *s, const char *name, uint32_t limit)
{
    if (limit == UINT32_MAX)
        put(s, ", %s none", name);
    else
        put(s, ", %s %u", name, limit);
}

static void put_limits(struct sheet *s, const struct span_limits *l)
{
    put(s, "limits: span bytes %u", l->span_bytes);
    put_limit(s, "attributes", l->attribute_count);
    put_limit(s, "value length", l->value_length);
    put_limit(s, "events", l->event_count);
    put_limit(s, "links", l->link_count);
    put_limit(s, "event attributes", l->event_attribute_count);
    put_limit(s, "link attributes", l->link_attribute_count);
    put(s, "\n");
}

static void put_exporter(struct sheet *s, const cairn_exporter *e)
{
    char text[1024] = "custom";
    if (e && e->ops.describe)
        e->ops.describe(e->user, text, sizeof text);
    put(s, ", exporter: %s\n", text);
}

static void put_processor(struct sheet *s, size_t index, const struct cairn_processor *p)
{
    put(s, "processor %zu: ", index);
    switch (p->kind) {
    case PROCESSOR_BATCH:
        put(s, "batch, queue %u, batch size %u, delay %u ms", p->queue->spans_max,
            p->queue->batch_max, p->queue->delay_ms);
        if (p->queue->export_timeout_ms == UINT32_MAX)
            put(s, ", no timeout");
        else
            put(s, ", timeout %u ms", p->queue->export_timeout_ms);
        put_exporter(s, p->queue->exporter);
        break;
    case PROCESSOR_SIMPLE:
        put(s, "simple");
        put_exporter(s, p->exporter);
        break;
    case PROCESSOR_CUSTOM: put(s, "custom\n"); break;
    }
}

static void put_propagator(struct sheet *s, cairn_propagator *p)
{
    cairn_str field;
    put(s, "propagator:");
    for (size_t i = 0; (field = cairn_propagator_field(p, i)).n; i++)
        put(s, "%s%.*s", i ? ", " : " ", (int)field.n, field.p);
    put(s, "%s\n", cairn_propagator_field(p, 0).n ? "" : " none");
}

size_t cairn_sdk_describe(cairn_sdk *sdk, char *out, size_t room)
{
    struct sheet s = {out, out ? room : 0, 0};
    bool open = sdk && sdk_enter(sdk);
    if (s.room)
        *out = '\0';
    put(&s, "sdk: %s\n", !sdk ? "none" : sdk->disabled ? "disabled" : open ? "on" : "shut down");
    if (open) {
        put_resource(&s, &sdk->resource->resource);
        put(&s, "sampler: %s\n", cairn_sampler_description(sdk->sampler));
        put_limits(&s, &sdk->limits);
        for (size_t i = 0; i < sdk->processor_count; i++)
            put_processor(&s, i, sdk->processors[i]);
        put(&s, "tracers: %s\n",
            atomic_load(&sdk->tracers.configurator) ? "by configurator" : "all");
        put(&s, "id generator: %s%s\n", sdk->ids.trace_id ? "custom" : "random",
            sdk->ids_are_random ? "" : ", not random");
    }
    if (sdk)
        put_propagator(&s, sdk->propagator);
    if (open)
        sdk_leave(sdk);
    return s.n;
}
