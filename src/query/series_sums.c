/* series_sums.c - counting spans by series and bucket. */
#include <math.h>

#include "query/series_inside.h"

static int full(struct err *err)
{
    return run_out_of_memory(err);
}

int accumulator_init(struct accumulator *a, const struct series_plan *plan, struct arena *arena,
                     struct err *err)
{
    *a = (struct accumulator){.plan = plan, .arena = arena};
    for (int i = 0; i < TRACEQL_BY_MAX; i++) {
        label_ids_init(&a->by[i], arena);
        pair_ids_init(&a->pairs[i], arena);
    }
    a->slots = arena_calloc(arena, plan->exemplars_max, sizeof *a->slots);
    return a->slots ? 0 : full(err);
}

/* ---- Which series ---- */

uint32_t histogram_power(double v)
{
    int exponent;
    double fraction;
    if (!(v > 0) || isinf(v))
        return LABEL_NONE;
    fraction = frexp(v, &exponent); /* in [0.5, 1) */
    return (uint32_t)(POWER_ZERO + exponent - (fraction == 0.5));
}

/* Behind those that join by(). */
static struct pair_ids *power_pairs(struct accumulator *a)
{
    uint32_t by = a->plan->metric->by_count;
    return &a->pairs[by ? by - 1 : 0];
}

/* Neighbours are often of one series. */
static void join(struct pair_ids *pairs, uint32_t *series, const uint32_t *more, uint32_t count)
{
    uint32_t first = LABEL_NONE, second = LABEL_NONE, id = LABEL_NONE;
    for (uint32_t i = 0; i < count; i++) {
        if (series[i] != first || more[i] != second) {
            first = series[i];
            second = more[i];
            id = pair_ids_put(pairs, first, second);
        }
        series[i] = id;
    }
}

static void join_powers(struct pair_ids *pairs, uint32_t *series, const double *values,
                        uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        series[i] = pair_ids_put(pairs, series[i], histogram_power(values[i]));
}

static int number_series(struct accumulator *a, const struct series_rows *rows, uint32_t *series,
                         struct err *err)
{
    const struct metric *m = a->plan->metric;
    for (uint32_t i = 0; i < rows->count; i++)
        series[i] = m->by_count ? rows->labels[0][i] : 0;
    for (uint32_t k = 1; k < m->by_count; k++)
        join(&a->pairs[k - 1], series, rows->labels[k], rows->count);
    if (m->kind == METRIC_HISTOGRAM)
        join_powers(power_pairs(a), series, rows->values, rows->count);
    return arena_failed(a->arena) ? full(err) : 0;
}

void accumulator_labels(struct accumulator *a, uint32_t series, uint32_t *ret)
{
    const struct metric *m = a->plan->metric;
    uint32_t by = m->by_count;
    if (m->kind == METRIC_HISTOGRAM) {
        uint64_t pair = power_pairs(a)->items[series];
        ret[by] = (uint32_t)pair;
        series = (uint32_t)(pair >> 32);
    }
    for (uint32_t k = by; k-- > 1;) {
        uint64_t pair = a->pairs[k - 1].items[series];
        ret[k] = (uint32_t)pair;
        series = (uint32_t)(pair >> 32);
    }
    if (by)
        ret[0] = series;
}

static bool reach(struct accumulator *a, uint32_t series)
{
    struct series_sums *items;
    if (series < a->count)
        return true;
    items = arena_grow(a->arena, a->items, a->count, &a->cap, (size_t)series + 1, sizeof *items);
    if (!items)
        return false;
    memset(items + a->count, 0, ((size_t)series + 1 - a->count) * sizeof *items);
    a->items = items;
    a->count = (size_t)series + 1;
    return true;
}

static uint64_t *counts_of(struct accumulator *a, struct series_sums *s)
{
    if (!s->counts)
        s->counts = arena_calloc(a->arena, a->plan->bucket_count, sizeof *s->counts);
    return s->counts;
}

static double *numbers_of(struct accumulator *a, struct series_sums *s)
{
    if (s->numbers)
        return s->numbers;
    s->numbers = arena_alloc(a->arena, a->plan->bucket_count * sizeof *s->numbers);
    for (uint32_t i = 0; s->numbers && i < a->plan->bucket_count; i++)
        s->numbers[i] = (double)NAN;
    return s->numbers;
}

static struct sketch *sketches_of(struct accumulator *a, struct sketch **which)
{
    if (*which)
        return *which;
    *which = arena_calloc(a->arena, a->plan->bucket_count, sizeof **which);
    for (uint32_t i = 0; *which && i < a->plan->bucket_count; i++)
        sketch_init(&(*which)[i], a->arena);
    return *which;
}

/* ---- One span ---- */

static bool put_count(struct accumulator *a, struct series_sums *s, uint32_t bucket, double v)
{
    uint64_t *counts = counts_of(a, s);
    (void)v;
    if (counts)
        counts[bucket]++;
    return counts != NULL;
}

static bool put_least(struct accumulator *a, struct series_sums *s, uint32_t bucket, double v)
{
    double *numbers = numbers_of(a, s);
    if (numbers && !(numbers[bucket] <= v))
        numbers[bucket] = v;
    return numbers != NULL;
}

static bool put_greatest(struct accumulator *a, struct series_sums *s, uint32_t bucket, double v)
{
    double *numbers = numbers_of(a, s);
    if (numbers && !(numbers[bucket] >= v))
        numbers[bucket] = v;
    return numbers != NULL;
}

static bool put_sum(struct accumulator *a, struct series_sums *s, uint32_t bucket, double v)
{
    double *numbers = numbers_of(a, s);
    if (!numbers || !put_count(a, s, bucket, v))
        return false;
    numbers[bucket] = s->counts[bucket] == 1 ? v : numbers[bucket] + v;
    return true;
}

static bool put_sketch(struct accumulator *a, struct series_sums *s, uint32_t bucket, double v)
{
    struct sketch *sketches = sketches_of(a, v < 0 ? &s->below : &s->above);
    double size = fabs(v) * (a->plan->duration ? 1 : SKETCH_SCALE);
    uint64_t number = size < 18446744073709549568.0 ? (uint64_t)(size + 0.5) : UINT64_MAX;
    return sketches && sketch_add(&sketches[bucket], number);
}

typedef bool put_fn(struct accumulator *a, struct series_sums *s, uint32_t bucket, double v);

static put_fn *put_of(enum metric_kind kind)
{
    switch (kind) {
    case METRIC_MIN: return put_least;
    case METRIC_MAX: return put_greatest;
    case METRIC_AVG:
    case METRIC_SUM: return put_sum;
    case METRIC_QUANTILE: return put_sketch;
    default: return put_count;
    }
}

int accumulator_add(struct accumulator *a, const struct series_rows *rows, uint32_t *series,
                    struct err *err)
{
    put_fn *put = put_of(a->plan->metric->kind);
    TRY(number_series(a, rows, series, err));
    for (uint32_t i = 0; i < rows->count; i++) {
        if (rows->buckets[i] == BUCKET_NONE || (rows->values && isnan(rows->values[i]))) {
            series[i] = LABEL_NONE;
            continue;
        }
        if (series[i] == LABEL_NONE) {
            a->truncated |= a->plan->metric->kind != METRIC_HISTOGRAM || rows->values[i] > 0;
            continue;
        }
        if (!reach(a, series[i]) ||
            !put(a, &a->items[series[i]], rows->buckets[i], rows->values ? rows->values[i] : 0))
            return full(err);
    }
    return 0;
}

int accumulator_add_count(struct accumulator *a, uint32_t bucket, uint64_t n, struct err *err)
{
    if (!n)
        return 0;
    if (!reach(a, 0) || !counts_of(a, &a->items[0]))
        return full(err);
    a->items[0].counts[bucket] += n;
    return 0;
}

/* ---- Merging ---- */

/* The series of `to` that has the labels of number `series` of `from`. */
static uint32_t same_series(struct accumulator *to, struct accumulator *from, uint32_t series)
{
    const struct metric *m = to->plan->metric;
    uint32_t labels[TRACEQL_BY_MAX + 1], id = 0;
    accumulator_labels(from, series, labels);
    for (uint32_t k = 0; k < m->by_count; k++) {
        uint32_t one = label_ids_put(&to->by[k], &from->by[k].items[labels[k]]);
        id = k ? pair_ids_put(&to->pairs[k - 1], id, one) : one;
    }
    if (m->kind == METRIC_HISTOGRAM)
        id = pair_ids_put(power_pairs(to), id, labels[m->by_count]);
    return id;
}

static bool merge_numbers(struct accumulator *a, struct series_sums *to,
                          const struct series_sums *from)
{
    enum metric_kind kind = a->plan->metric->kind;
    double *numbers = from->numbers ? numbers_of(a, to) : NULL;
    for (uint32_t i = 0; numbers && i < a->plan->bucket_count; i++) {
        double x = numbers[i], y = from->numbers[i];
        if (isnan(x) || isnan(y))
            numbers[i] = isnan(x) ? y : x;
        else if (kind == METRIC_MIN)
            numbers[i] = y < x ? y : x;
        else if (kind == METRIC_MAX)
            numbers[i] = y > x ? y : x;
        else
            numbers[i] = x + y;
    }
    return numbers || !from->numbers;
}

static bool merge_sketches(struct accumulator *a, struct sketch **to, const struct sketch *from)
{
    struct sketch *sketches = from ? sketches_of(a, to) : NULL;
    bool ok = sketches || !from;
    for (uint32_t i = 0; ok && from && i < a->plan->bucket_count; i++)
        ok = sketch_merge(&sketches[i], &from[i]);
    return ok;
}

static bool merge_sums(struct accumulator *a, struct series_sums *to,
                       const struct series_sums *from)
{
    uint64_t *counts = from->counts ? counts_of(a, to) : NULL;
    for (uint32_t i = 0; counts && i < a->plan->bucket_count; i++)
        counts[i] += from->counts[i];
    return (counts || !from->counts) && merge_numbers(a, to, from) &&
           merge_sketches(a, &to->above, from->above) && merge_sketches(a, &to->below, from->below);
}

static bool is_used(const struct series_sums *s)
{
    return s->counts || s->numbers || s->above || s->below;
}

static void merge_exemplars(struct accumulator *to, struct accumulator *from)
{
    for (uint32_t i = 0; i < to->plan->exemplars_max; i++) {
        for (uint32_t k = 0; k < from->slots[i].count; k++) {
            uint32_t series = same_series(to, from, from->slots[i].items[k].series);
            if (series != LABEL_NONE)
                accumulator_add_exemplar(to, series, &from->slots[i].items[k].exemplar);
        }
    }
}

int accumulator_merge(struct accumulator *to, struct accumulator *from, struct err *err)
{
    to->truncated |= from->truncated;
    for (size_t i = 0; i < from->count; i++) {
        uint32_t series;
        if (!is_used(&from->items[i]))
            continue;
        series = same_series(to, from, (uint32_t)i);
        if (arena_failed(to->arena))
            return full(err);
        to->truncated |= series == LABEL_NONE;
        if (series == LABEL_NONE)
            continue;
        if (!reach(to, series) || !merge_sums(to, &to->items[series], &from->items[i]))
            return full(err);
    }
    merge_exemplars(to, from);
    return arena_failed(to->arena) ? full(err) : 0;
}

/* ---- Exemplars ---- */

static uint32_t slot_at(const struct series_plan *p, uint64_t time_ns)
{
    double part = (double)(time_ns - p->start_ns) / (double)(p->end_ns - p->start_ns);
    uint32_t slot = part > 0 ? (uint32_t)(part * p->exemplars_max) : 0;
    return slot < p->exemplars_max ? slot : p->exemplars_max - 1;
}

bool accumulator_wants_exemplar(const struct accumulator *a, uint64_t time_ns)
{
    const struct series_plan *p = a->plan;
    return p->exemplars_max && time_ns > p->start_ns && time_ns <= p->end_ns &&
           a->slots[slot_at(p, time_ns)].count < EXEMPLARS_PER_SLOT;
}

void accumulator_add_exemplar(struct accumulator *a, uint32_t series, const struct exemplar *e)
{
    struct exemplar_slot *slot;
    if (!accumulator_wants_exemplar(a, e->time_ns))
        return;
    slot = &a->slots[slot_at(a->plan, e->time_ns)];
    for (uint32_t i = 0; i < slot->count; i++) {
        if (slot->items[i].series == series)
            return;
    }
    slot->items[slot->count].series = series;
    slot->items[slot->count++].exemplar = *e;
}
