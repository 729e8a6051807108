/* series_result.c - from counts to series with labels. */
#include <math.h>
#include <stdlib.h>

#include "query/series_inside.h"

/* ---- Labels ---- */

struct str series_function_name(enum metric_kind kind)
{
    static const char *const names[] = {
        "rate",          "count_over_time", "min_over_time",      "max_over_time",
        "avg_over_time", "sum_over_time",   "quantile_over_time", "histogram_over_time",
        "compare"};
    return str_of(names[kind]);
}

int series_field_text(const struct field *f, struct arena *arena, struct str *ret, struct err *err)
{
    struct buf text;
    buf_init(&text, 0);
    traceql_print_field(f, &text);
    *ret = arena_str(arena, buf_str(&text));
    buf_release(&text);
    return ret->p ? 0 : run_out_of_memory(err);
}

struct value series_label_value(const struct field *f, struct value v)
{
    static const char *const statuses[] = {"unset", "ok", "error"};
    if (v.type != VALUE_INT || (f->kind != FIELD_KIND && f->kind != FIELD_STATUS))
        return v;
    if (f->kind == FIELD_KIND)
        return (struct value){VALUE_STRING,
                              {.string = str_of(span_kind_name((enum span_kind)v.integer))}};
    if (v.integer < 0 || v.integer > STATUS_ERROR)
        return v;
    return (struct value){VALUE_STRING, {.string = str_of(statuses[v.integer])}};
}

int series_labels_cmp(const struct attr *a, uint32_t a_count, const struct attr *b,
                      uint32_t b_count)
{
    for (uint32_t i = 0; i < a_count && i < b_count; i++) {
        int c = str_cmp(a[i].key, b[i].key);
        if (!c)
            c = label_cmp(&a[i].value, &b[i].value);
        if (c)
            return c;
    }
    return (a_count > b_count) - (a_count < b_count);
}

static int series_cmp(const void *a, const void *b)
{
    const struct series *x = a, *y = b;
    return series_labels_cmp(x->labels, x->label_count, y->labels, y->label_count);
}

void series_sort(struct series_list *list)
{
    if (list->count)
        qsort(list->items, list->count, sizeof *list->items, series_cmp);
}

void series_drop_empty(struct series_list *list)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        bool any = false;
        for (uint32_t k = 0; k < list->bucket_count && !any; k++)
            any = !isnan(list->items[i].values[k]);
        if (any)
            list->items[kept++] = list->items[i];
    }
    list->count = kept;
}

/* ---- Building ---- */

struct build {
    struct accumulator *a;
    const struct series_plan *plan;
    struct arena *arena;
    struct str by[TRACEQL_BY_MAX];
    struct series_list list;
    size_t cap;
    uint32_t *sources; /* of each series of the list, its number in the accumulator */
    size_t source_cap;
};

static int names_of_labels(struct build *b, struct err *err)
{
    const struct metric *m = b->plan->metric;
    for (uint32_t k = 0; k < m->by_count; k++)
        TRY(series_field_text(&m->by[k]->field, b->arena, &b->by[k], err));
    return 0;
}

/* p: of a quantile. */
static int put_labels(struct build *b, uint32_t number, double p, struct series *s, struct err *err)
{
    const struct metric *m = b->plan->metric;
    uint32_t ids[TRACEQL_BY_MAX + 1];
    struct attr *labels = arena_calloc(b->arena, m->by_count + 1, sizeof *labels);
    if (!labels)
        return run_out_of_memory(err);
    accumulator_labels(b->a, number, ids);
    for (uint32_t k = 0; k < m->by_count; k++) {
        struct value v = b->a->by[k].items[ids[k]];
        value_copy(&v, b->arena);
        labels[k] = (struct attr){b->by[k], series_label_value(&m->by[k]->field, v)};
    }
    s->labels = labels;
    s->label_count = m->by_count;
    if (m->kind == METRIC_QUANTILE) {
        labels[s->label_count++] = (struct attr){STR_INIT("p"), {VALUE_DOUBLE, {.number = p}}};
    } else if (m->kind == METRIC_HISTOGRAM) {
        double power = ldexp(1, (int)ids[m->by_count] - POWER_ZERO);
        labels[s->label_count++] =
            (struct attr){STR_INIT("__bucket"),
                          {VALUE_DOUBLE, {.number = b->plan->duration ? power / 1e9 : power}}};
    } else if (!m->by_count) {
        labels[s->label_count++] = (struct attr){
            STR_INIT("__name__"), {VALUE_STRING, {.string = series_function_name(m->kind)}}};
    }
    return arena_failed(b->arena) ? run_out_of_memory(err) : 0;
}

static double quantile(const struct series_sums *s, uint32_t bucket, double q, double scale)
{
    uint64_t below = s->below ? s->below[bucket].total : 0,
             above = s->above ? s->above[bucket].total : 0;
    double rank = q * (double)(below + above);
    if (!below && !above)
        return (double)NAN;
    if (below && rank <= (double)below) /* the greatest sizes come first */
        return -(double)sketch_quantile(&s->below[bucket],
                                        ((double)below - (rank > 1 ? ceil(rank) : 1) + 1) /
                                            (double)below) /
               scale;
    return (double)sketch_quantile(&s->above[bucket], (rank - (double)below) / (double)above) /
           scale;
}

static double value_of(const struct build *b, const struct series_sums *s, uint32_t bucket,
                       double q)
{
    uint64_t count = s->counts ? s->counts[bucket] : 0;
    double unit = b->plan->duration ? 1e9 : 1;
    switch (b->plan->metric->kind) {
    case METRIC_RATE: return (double)count / ((double)b->plan->step_ns / 1e9);
    case METRIC_COUNT:
    case METRIC_HISTOGRAM: return (double)count;
    case METRIC_MIN:
    case METRIC_MAX:
    case METRIC_SUM: return s->numbers[bucket] / unit;
    case METRIC_AVG: return count ? s->numbers[bucket] / (double)count / unit : (double)NAN;
    case METRIC_QUANTILE: return quantile(s, bucket, q, b->plan->duration ? 1e9 : SKETCH_SCALE);
    default: return (double)NAN;
    }
}

static int put_series(struct build *b, uint32_t number, double q, struct err *err)
{
    const struct series_sums *sums = &b->a->items[number];
    struct series *items = arena_grow(b->arena, b->list.items, b->list.count, &b->cap,
                                      b->list.count + 1, sizeof *items);
    uint32_t *sources = arena_grow(b->arena, b->sources, b->list.count, &b->source_cap,
                                   b->list.count + 1, sizeof *sources);
    struct series s = {.values =
                           arena_alloc(b->arena, b->plan->bucket_count * sizeof *s.values + 1)};
    if (!items || !sources || !s.values)
        return run_out_of_memory(err);
    b->list.items = items;
    b->sources = sources;
    TRY(put_labels(b, number, q, &s, err));
    for (uint32_t i = 0; i < b->plan->bucket_count; i++)
        s.values[i] = value_of(b, sums, i, q);
    sources[b->list.count] = number;
    items[b->list.count++] = s;
    return 0;
}

/* ---- Exemplars: one of each stretch, of the series that has the fewest so far ---- */

static uint32_t poorest(const struct exemplar_slot *slot, const uint32_t *counts)
{
    uint32_t best = 0;
    for (uint32_t i = 1; i < slot->count; i++) {
        if (counts[slot->items[i].series] < counts[slot->items[best].series])
            best = i;
    }
    return best;
}

static int give(struct build *b, struct series *s, const struct exemplar *e, struct err *err)
{
    const struct series_plan *p = b->plan;
    struct bucket_cursor cursor = {0};
    struct exemplar *items;
    uint32_t bucket = bucket_of(p, &cursor, e->time_ns);
    size_t cap = s->exemplar_count; /* few: one more each time */
    items = arena_grow(b->arena, s->exemplars, s->exemplar_count, &cap,
                       (size_t)s->exemplar_count + 1, sizeof *items);
    if (!items)
        return run_out_of_memory(err);
    s->exemplars = items;
    items[s->exemplar_count] = *e;
    if (isnan(e->value) && bucket != BUCKET_NONE)
        items[s->exemplar_count].value = s->values[bucket];
    s->exemplar_count++;
    return 0;
}

static int put_exemplars(struct build *b, struct err *err)
{
    const struct accumulator *a = b->a;
    uint32_t *given = arena_calloc(b->arena, a->count, sizeof *given);
    if (!given)
        return run_out_of_memory(err);
    for (uint32_t i = 0; i < b->plan->exemplars_max; i++) {
        const struct exemplar_slot *slot = &a->slots[i];
        uint32_t at;
        if (!slot->count)
            continue;
        at = poorest(slot, given);
        given[slot->items[at].series]++;
        for (size_t k = 0; k < b->list.count; k++) { /* of quantiles the first */
            if (b->sources[k] != slot->items[at].series)
                continue;
            TRY(give(b, &b->list.items[k], &slot->items[at].exemplar, err));
            break;
        }
    }
    return 0;
}

int series_of(struct accumulator *a, struct arena *arena, struct series_list *ret, struct err *err)
{
    const struct metric *m = a->plan->metric;
    struct build b = {.a = a, .plan = a->plan, .arena = arena};
    uint32_t quantiles = m->kind == METRIC_QUANTILE ? m->quantile_count : 1;
    TRY(names_of_labels(&b, err));
    for (size_t i = 0; i < a->count; i++) {
        const struct series_sums *s = &a->items[i];
        if (!s->counts && !s->numbers && !s->above && !s->below)
            continue;
        for (uint32_t q = 0; q < quantiles; q++)
            TRY(put_series(&b, (uint32_t)i, m->quantiles[q], err));
    }
    TRY(put_exemplars(&b, err));
    b.list.bucket_count = a->plan->bucket_count;
    b.list.truncated = a->truncated;
    series_sort(&b.list);
    *ret = b.list;
    return 0;
}
