/* series_answer.c - the numbers of a metrics query as commands show them: on one common axis of times. */
#include "cli/series_answer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/answer.h"

/* ---- Labels ---- */

static struct str label_value(const json_t *value, struct arena *arena)
{
    static const char *const kinds[] = {"stringValue", "intValue", "doubleValue", "boolValue"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const json_t *v = json_object_get(value, kinds[i]);
        if (json_is_string(v))
            return arena_str(arena, str_of(json_string_value(v)));
        if (json_is_integer(v))
            return arena_printf(arena, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
        if (json_is_real(v))
            return arena_printf(arena, "%.6g", json_real_value(v));
        if (json_is_boolean(v))
            return json_is_true(v) ? STR("true") : STR("false");
    }
    return (struct str){NULL, 0};
}

static void read_labels(const json_t *labels, struct arena *arena, struct answer_series *s)
{
    const json_t *label;
    size_t i;
    json_array_foreach(labels, i, label)
    {
        if (s->label_count == SERIES_LABELS_MAX)
            return;
        s->labels[s->label_count++] =
            (struct answer_label){arena_str(arena, answer_text(label, "key")),
                                  label_value(json_object_get(label, "value"), arena)};
    }
}

/* 0.99 of the label p is p99. */
static struct str shown_value(const struct answer_label *l, struct arena *arena)
{
    double q;
    if (!l->value.p)
        return STR("nil");
    if (str_eq(l->key, STR("p")) && str_to_double(l->value, &q))
        return arena_printf(arena, "p%.4g", q * 100);
    return l->value;
}

static void make_name(struct arena *arena, struct answer_series *s)
{
    s->name = STR("");
    for (uint32_t i = 0; i < s->label_count; i++) {
        struct str value = shown_value(&s->labels[i], arena);
        s->name = i ? arena_printf(arena, "%.*s, %.*s", STR_ARG(s->name), STR_ARG(value)) : value;
    }
    if (s->label_count == 0)
        s->name = STR("all");
}

static struct str heading(struct arena *arena, const struct answer_series *s)
{
    struct str keys = STR("");
    for (uint32_t i = 0; i < s->label_count; i++) {
        struct str key = s->labels[i].key;
        if (str_eq(key, STR("__name__")))
            key = STR("");
        keys = i ? arena_printf(arena, "%.*s, %.*s", STR_ARG(keys), STR_ARG(key)) : key;
    }
    return keys;
}

/* ---- Samples ---- */

static int compare_times(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static int64_t time_of(const json_t *sample)
{
    return (int64_t)answer_u64(sample, "timestampMs");
}

/* All times that any series has, once. */
static int read_times(const json_t *all, struct arena *arena, struct answer_series_list *list)
{
    const json_t *series, *sample;
    size_t i, j, n = 0, kept = 0;
    json_array_foreach(all, i, series) n += json_array_size(json_object_get(series, "samples"));
    list->times_ms = arena_calloc(arena, n + 1, sizeof *list->times_ms);
    if (!list->times_ms)
        return ERR_NOMEM;
    n = 0;
    json_array_foreach(all, i, series)
    {
        json_array_foreach(json_object_get(series, "samples"), j, sample) list->times_ms[n++] =
            time_of(sample);
    }
    if (n)
        qsort(list->times_ms, n, sizeof *list->times_ms, compare_times);
    for (size_t t = 0; t < n; t++) {
        if (t == 0 || list->times_ms[t] != list->times_ms[kept - 1])
            list->times_ms[kept++] = list->times_ms[t];
    }
    list->time_count = kept;
    return 0;
}

static void put_value(struct answer_series *s, size_t at, double v)
{
    s->values[at] = v;
    if (isnan(v))
        return;
    s->min = s->count && s->min < v ? s->min : v;
    s->max = s->count && s->max > v ? s->max : v;
    s->sum += v;
    s->last = v;
    s->count++;
    s->avg = s->sum / s->count;
}

static int read_values(const json_t *samples, const struct answer_series_list *list,
                       struct arena *arena, struct answer_series *s)
{
    const json_t *sample;
    size_t i;
    s->min = s->avg = s->max = s->last = (double)NAN;
    s->values = arena_calloc(arena, list->time_count + 1, sizeof *s->values);
    if (!s->values)
        return ERR_NOMEM;
    for (size_t t = 0; t < list->time_count; t++)
        s->values[t] = (double)NAN;
    json_array_foreach(samples, i, sample)
    {
        int64_t time = time_of(sample);
        const int64_t *at =
            bsearch(&time, list->times_ms, list->time_count, sizeof *at, compare_times);
        put_value(s, (size_t)(at - list->times_ms), answer_number(sample, "value"));
    }
    return 0;
}

static int read_all(const json_t *all, struct arena *arena, struct answer_series_list *ret)
{
    const json_t *series;
    size_t i;
    ret->items = arena_calloc(arena, json_array_size(all) + 1, sizeof *ret->items);
    if (!ret->items || read_times(all, arena, ret) < 0)
        return ERR_NOMEM;
    json_array_foreach(all, i, series)
    {
        struct answer_series *s = &ret->items[ret->count++];
        read_labels(json_object_get(series, "labels"), arena, s);
        make_name(arena, s);
        if (read_values(json_object_get(series, "samples"), ret, arena, s) < 0)
            return ERR_NOMEM;
    }
    ret->keys = ret->count ? heading(arena, &ret->items[0]) : STR("");
    return arena_failed(arena) ? ERR_NOMEM : 0;
}

int series_answer_read(struct str answer, struct arena *arena, struct answer_series_list *ret,
                       struct err *err)
{
    json_t *root;
    int code;
    *ret = (struct answer_series_list){0};
    TRY(answer_parse(answer, &root, err));
    code = read_all(json_object_get(root, "series"), arena, ret);
    json_decref(root);
    return code < 0 ? err_set(err, ERR_NOMEM, "out of memory") : 0;
}

static int compare_sums(const void *a, const void *b)
{
    const struct answer_series *x = a, *y = b;
    if (x->sum != y->sum)
        return x->sum > y->sum ? -1 : 1;
    return str_cmp(x->name, y->name);
}

void series_answer_sort(struct answer_series_list *list)
{
    if (list->count)
        qsort(list->items, list->count, sizeof *list->items, compare_sums);
}
