/* otlp_metrics_json.c - struct metric_set to OTLP/JSON. */
#include "wire/otlp_json.h"
#include "wire/otlp_metrics.h"

static void text_member(struct json_writer *w, struct str key, struct str text)
{
    if (text.n) {
        json_key(w, key);
        json_str(w, text);
    }
}

static void attrs_member(struct json_writer *w, const struct attrs *attrs)
{
    if (attrs->count) {
        json_key(w, STR("attributes"));
        otlp_json_write_attrs(w, attrs);
    }
}

static void number_member(struct json_writer *w, struct str key, uint64_t v)
{
    json_key(w, key);
    json_u64_str(w, v);
}

static void write_histogram_values(struct json_writer *w, const struct metric *m,
                                   const struct metric_point *p)
{
    number_member(w, STR("count"), p->count);
    json_key(w, STR("sum"));
    json_double(w, p->sum);
    json_key(w, STR("bucketCounts"));
    json_array_begin(w);
    for (uint32_t i = 0; i <= m->bound_count; i++)
        json_u64_str(w, p->buckets[i]);
    json_array_end(w);
    json_key(w, STR("explicitBounds"));
    json_array_begin(w);
    for (uint32_t i = 0; i < m->bound_count; i++)
        json_double(w, m->bounds[i]);
    json_array_end(w);
}

static void write_point(struct json_writer *w, const struct metric_set *set, const struct metric *m,
                        const struct metric_point *p)
{
    json_object_begin(w);
    attrs_member(w, &p->attrs);
    number_member(w, STR("startTimeUnixNano"), set->start_ns);
    number_member(w, STR("timeUnixNano"), set->time_ns);
    if (m->kind == METRIC_HISTOGRAM) {
        write_histogram_values(w, m, p);
    } else {
        json_key(w, STR("asInt"));
        json_i64_str(w, p->value);
    }
    json_object_end(w);
}

static void write_metric(struct json_writer *w, const struct metric_set *set,
                         const struct metric *m)
{
    json_object_begin(w);
    text_member(w, STR("name"), m->name);
    text_member(w, STR("description"), m->description);
    text_member(w, STR("unit"), m->unit);
    json_key(w, m->kind == METRIC_HISTOGRAM ? STR("histogram") : STR("sum"));
    json_object_begin(w);
    json_key(w, STR("dataPoints"));
    json_array_begin(w);
    for (uint32_t i = 0; i < m->point_count; i++)
        write_point(w, set, m, &m->points[i]);
    json_array_end(w);
    json_key(w, STR("aggregationTemporality"));
    json_u64(w, 2); /* cumulative */
    if (m->kind == METRIC_COUNTER) {
        json_key(w, STR("isMonotonic"));
        json_bool(w, true);
    }
    json_object_end(w);
    json_object_end(w);
}

static void write_scope_metrics(struct json_writer *w, const struct metric_set *set)
{
    json_object_begin(w);
    json_key(w, STR("scope"));
    json_object_begin(w);
    text_member(w, STR("name"), set->scope->name);
    text_member(w, STR("version"), set->scope->version);
    attrs_member(w, &set->scope->attrs);
    json_object_end(w);
    json_key(w, STR("metrics"));
    json_array_begin(w);
    for (uint32_t i = 0; i < set->metric_count; i++) {
        if (set->metrics[i].point_count)
            write_metric(w, set, &set->metrics[i]);
    }
    json_array_end(w);
    text_member(w, STR("schemaUrl"), set->scope->schema_url);
    json_object_end(w);
}

void otlp_metrics_json_write(struct json_writer *w, const struct metric_set *set)
{
    json_object_begin(w);
    json_key(w, STR("resourceMetrics"));
    json_array_begin(w);
    json_object_begin(w);
    json_key(w, STR("resource"));
    json_object_begin(w);
    attrs_member(w, &set->resource->attrs);
    json_object_end(w);
    json_key(w, STR("scopeMetrics"));
    json_array_begin(w);
    write_scope_metrics(w, set);
    json_array_end(w);
    text_member(w, STR("schemaUrl"), set->resource->schema_url);
    json_object_end(w);
    json_array_end(w);
    json_object_end(w);
}
