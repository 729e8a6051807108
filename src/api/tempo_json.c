/* tempo_json.c - one function for each message, each leaving out what is zero. */
#include "api/tempo_json.h"

#include <inttypes.h>
#include <math.h>

#include "api/tempo_value.h"
#include "wire/otlp_json.h"

/* --- members --- */

static void text_member(struct json_writer *w, struct str key, struct str text)
{
    if (text.n == 0)
        return;
    json_key(w, key);
    json_str(w, text);
}

static void u32_member(struct json_writer *w, struct str key, uint32_t v)
{
    if (v == 0)
        return;
    json_key(w, key);
    json_u64(w, v);
}

static void u64_member(struct json_writer *w, struct str key, uint64_t v)
{
    if (v == 0)
        return;
    json_key(w, key);
    json_u64_str(w, v);
}

static void double_member(struct json_writer *w, struct str key, double v)
{
    if (v == 0)
        return;
    json_key(w, key);
    json_double(w, v);
}

static void write_attr(struct json_writer *w, const struct attr *a)
{
    json_object_begin(w);
    json_key(w, STR("key"));
    json_str(w, a->key);
    json_key(w, STR("value"));
    otlp_json_write_value(w, &a->value);
    json_object_end(w);
}

/* One job, done: clients show progress by it. */
static void metrics_member(struct json_writer *w, uint64_t spans)
{
    json_key(w, STR("metrics"));
    json_object_begin(w);
    u32_member(w, STR("completedJobs"), 1);
    u32_member(w, STR("totalJobs"), 1);
    u64_member(w, STR("inspectedSpans"), spans);
    json_object_end(w);
}

/* --- search --- */

static void write_span(struct json_writer *w, const struct spanset_span *s, struct arena *arena)
{
    bool any = false;
    json_object_begin(w);
    json_key(w, STR("spanID"));
    json_hex(w, s->span_id.bytes, SPAN_ID_BYTES);
    text_member(w, STR("name"), s->name);
    u64_member(w, STR("startTimeUnixNano"), s->start_ns);
    u64_member(w, STR("durationNanos"), s->duration_ns);
    for (uint32_t i = 0; i < s->attr_count; i++) {
        struct attr a;
        if (!tempo_span_attr(&s->attrs[i], arena, &a))
            continue;
        if (!any) {
            json_key(w, STR("attributes"));
            json_array_begin(w);
            any = true;
        }
        write_attr(w, &a);
    }
    if (any)
        json_array_end(w);
    json_object_end(w);
}

static void write_set(struct json_writer *w, const struct spanset *set, struct arena *arena)
{
    json_object_begin(w);
    json_key(w, STR("spans"));
    json_array_begin(w);
    for (uint32_t i = 0; i < set->span_count; i++)
        write_span(w, &set->spans[i], arena);
    json_array_end(w);
    u32_member(w, STR("matched"), set->matched_count);
    if (set->attr_count) {
        json_key(w, STR("attributes"));
        json_array_begin(w);
        for (uint32_t i = 0; i < set->attr_count; i++) {
            struct attr a = tempo_label(&set->attrs[i], arena);
            write_attr(w, &a);
        }
        json_array_end(w);
    }
    json_object_end(w);
}

static void write_services(struct json_writer *w, const struct trace_summary *s)
{
    if (s->service_count == 0)
        return;
    json_key(w, STR("serviceStats"));
    json_object_begin(w);
    for (uint32_t i = 0; i < s->service_count; i++) {
        json_key(w, s->services[i].name);
        json_object_begin(w);
        u32_member(w, STR("spanCount"), s->services[i].span_count);
        u32_member(w, STR("errorCount"), s->services[i].error_count);
        json_object_end(w);
    }
    json_object_end(w);
}

static void write_trace(struct json_writer *w, const struct spanset_trace *t, struct arena *arena)
{
    const struct trace_summary *s = &t->summary;
    char id[TEMPO_TRACE_ID_BYTES];
    json_object_begin(w);
    json_key(w, STR("traceID"));
    json_str(w, tempo_trace_id_text(s->trace_id, id));
    text_member(w, STR("rootServiceName"), s->rootless ? STR(TEMPO_NO_ROOT) : s->root_service);
    text_member(w, STR("rootTraceName"), s->rootless ? (struct str){NULL, 0} : s->root_name);
    u64_member(w, STR("startTimeUnixNano"), s->start_ns);
    u32_member(w, STR("durationMs"), tempo_duration_ms(s));
    if (t->set_count) {
        json_key(w, STR("spanSet"));
        write_set(w, &t->sets[0], arena);
        json_key(w, STR("spanSets"));
        json_array_begin(w);
        for (uint32_t i = 0; i < t->set_count; i++)
            write_set(w, &t->sets[i], arena);
        json_array_end(w);
    }
    write_services(w, s);
    json_object_end(w);
}

void tempo_json_search(struct json_writer *w, const struct spanset_list *found, uint64_t spans,
                       struct arena *arena)
{
    json_object_begin(w);
    json_key(w, STR("traces"));
    json_array_begin(w);
    for (size_t i = 0; i < found->count; i++)
        write_trace(w, &found->items[i], arena);
    json_array_end(w);
    metrics_member(w, spans);
    json_object_end(w);
}

/* --- tags --- */

static void write_names(struct json_writer *w, struct str key, const struct tempo_tag_names *names)
{
    json_key(w, key);
    json_array_begin(w);
    for (size_t i = 0; i < names->count; i++)
        json_str(w, names->items[i]);
    json_array_end(w);
}

void tempo_json_tags(struct json_writer *w, const struct tempo_tag_names *names, uint64_t spans)
{
    json_object_begin(w);
    write_names(w, STR("tagNames"), names);
    metrics_member(w, spans);
    json_object_end(w);
}

void tempo_json_tags_v2(struct json_writer *w, const struct tempo_tag_names *names, uint64_t spans)
{
    json_object_begin(w);
    json_key(w, STR("scopes"));
    json_array_begin(w);
    for (int i = 0; i < TEMPO_SCOPES; i++) {
        if (names[i].count == 0)
            continue;
        json_object_begin(w);
        json_key(w, STR("name"));
        json_str(w, str_of(tempo_scope_name((enum tempo_scope)i)));
        write_names(w, STR("tags"), &names[i]);
        json_object_end(w);
    }
    json_array_end(w);
    metrics_member(w, spans);
    json_object_end(w);
}

void tempo_json_values(struct json_writer *w, const struct tempo_tag_values *values, uint64_t spans)
{
    json_object_begin(w);
    json_key(w, STR("tagValues"));
    json_array_begin(w);
    for (size_t i = 0; i < values->count; i++)
        json_str(w, values->items[i].text);
    json_array_end(w);
    metrics_member(w, spans);
    json_object_end(w);
}

void tempo_json_values_v2(struct json_writer *w, const struct tempo_tag_values *values,
                          uint64_t spans)
{
    json_object_begin(w);
    json_key(w, STR("tagValues"));
    json_array_begin(w);
    for (size_t i = 0; i < values->count; i++) {
        json_object_begin(w);
        json_key(w, STR("type"));
        json_str(w, str_of(values->items[i].type));
        json_key(w, STR("value"));
        json_str(w, values->items[i].text);
        json_object_end(w);
    }
    json_array_end(w);
    metrics_member(w, spans);
    json_object_end(w);
}

/* --- metrics --- */

static void write_labels(struct json_writer *w, const struct series *s, struct arena *arena)
{
    json_key(w, STR("labels"));
    json_array_begin(w);
    for (uint32_t i = 0; i < s->label_count; i++) {
        struct attr label = tempo_label(&s->labels[i], arena);
        write_attr(w, &label);
    }
    json_array_end(w);
}

static void write_samples(struct json_writer *w, const struct series *s, uint32_t buckets,
                          const struct tempo_metrics *m)
{
    json_key(w, STR("samples"));
    json_array_begin(w);
    for (uint32_t i = 0; i < buckets; i++) {
        if (isnan(s->values[i]))
            continue;
        json_object_begin(w);
        u64_member(w, STR("timestampMs"), tempo_bucket_ms(m, i));
        double_member(w, STR("value"), s->values[i]);
        json_object_end(w);
    }
    json_array_end(w);
}

static void write_exemplars(struct json_writer *w, const struct series *s)
{
    if (s->exemplar_count == 0)
        return;
    json_key(w, STR("exemplars"));
    json_array_begin(w);
    for (uint32_t i = 0; i < s->exemplar_count; i++) {
        const struct exemplar *e = &s->exemplars[i];
        struct attr labels[TEMPO_EXEMPLAR_LABELS];
        struct tempo_exemplar_text text;
        tempo_exemplar_labels(e, &text, labels);
        json_object_begin(w);
        json_key(w, STR("labels"));
        json_array_begin(w);
        for (int k = 0; k < TEMPO_EXEMPLAR_LABELS; k++)
            write_attr(w, &labels[k]);
        json_array_end(w);
        double_member(w, STR("value"), e->value);
        u64_member(w, STR("timestampMs"), e->time_ns / 1000000);
        json_object_end(w);
    }
    json_array_end(w);
}

static void write_series(struct json_writer *w, const struct series *s, uint32_t buckets,
                         const struct tempo_metrics *m, struct arena *arena)
{
    json_object_begin(w);
    write_labels(w, s, arena);
    if (m->instant) {
        double_member(w, STR("value"), s->values[0]);
    } else {
        write_samples(w, s, buckets, m);
        write_exemplars(w, s);
    }
    json_object_end(w);
}

void tempo_json_series(struct json_writer *w, const struct series_list *found,
                       const struct tempo_metrics *m, struct arena *arena)
{
    json_object_begin(w);
    json_key(w, STR("series"));
    json_array_begin(w);
    for (size_t i = 0; i < found->count; i++) {
        if (tempo_series_has_samples(&found->items[i], m->instant ? 1 : found->bucket_count))
            write_series(w, &found->items[i], found->bucket_count, m, arena);
    }
    json_array_end(w);
    metrics_member(w, 0);
    if (found->truncated) {
        json_key(w, STR("status"));
        json_str(w, STR("PARTIAL"));
        json_key(w, STR("message"));
        json_str(w, STR(TEMPO_TRUNCATED));
    }
    json_object_end(w);
}
