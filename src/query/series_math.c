/* series_math.c - what stands behind metric functions: topk and the like, and arithmetic between them. */
#include <math.h>
#include <stdlib.h>

#include "query/series_inside.h"

/* ---- Seconds ---- */

static bool passes(const struct second *s, double v)
{
    switch (s->op) {
    case EXPR_EQ: return v == s->literal;
    case EXPR_NE: return v != s->literal;
    case EXPR_LT: return v < s->literal;
    case EXPR_LE: return v <= s->literal;
    case EXPR_GT: return v > s->literal;
    default: return v >= s->literal;
    }
}

struct ranked {
    double value;
    uint32_t series;
};

static int ranked_cmp(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if (x->value != y->value)
        return x->value > y->value ? -1 : 1;
    return (x->series > y->series) - (x->series < y->series);
}

/* The n best of a bucket stay; of equals those in front. */
static void keep_best(struct series_list *list, uint32_t bucket, uint32_t n, bool top,
                      struct ranked *scratch)
{
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++) {
        double v = list->items[i].values[bucket];
        if (!isnan(v))
            scratch[count++] = (struct ranked){top ? v : -v, (uint32_t)i};
    }
    if (count <= n)
        return;
    qsort(scratch, count, sizeof *scratch, ranked_cmp);
    for (size_t i = n; i < count; i++)
        list->items[scratch[i].series].values[bucket] = (double)NAN;
}

int series_second(const struct second *second, struct series_list *list, struct arena *arena,
                  struct err *err)
{
    struct ranked *scratch = arena_alloc(arena, list->count * sizeof *scratch + 1);
    if (!scratch)
        return run_out_of_memory(err);
    if (second->kind != SECOND_COMPARE && list->count <= second->n)
        return 0;
    for (uint32_t bucket = 0; bucket < list->bucket_count; bucket++) {
        if (second->kind != SECOND_COMPARE) {
            keep_best(list, bucket, second->n, second->kind == SECOND_TOPK, scratch);
            continue;
        }
        for (size_t i = 0; i < list->count; i++) {
            double *v = &list->items[i].values[bucket];
            *v = passes(second, *v) ? *v : (double)NAN;
        }
    }
    series_drop_empty(list);
    return 0;
}

/* ---- Arithmetic ---- */

static double apply(enum math_op op, double a, double b)
{
    switch (op) {
    case MATH_ADD: return a + b;
    case MATH_SUB: return a - b;
    case MATH_MUL: return a * b;
    default: return a / b;
    }
}

void series_scale(enum math_op op, struct series_list *list, double scalar, bool scalar_left)
{
    for (size_t i = 0; i < list->count; i++) {
        for (uint32_t k = 0; k < list->bucket_count; k++) {
            double *v = &list->items[i].values[k];
            *v = scalar_left ? apply(op, scalar, *v) : apply(op, *v, scalar);
        }
    }
}

/* The name of a function is no label to be joined by. */
static uint32_t join_labels(const struct series *s)
{
    return s->label_count == 1 && str_eq(s->labels[0].key, STR("__name__")) ? 0 : s->label_count;
}

/* Lists are sorted by labels. */
static const struct series *find(const struct series_list *list, const struct series *like)
{
    size_t low = 0, high = list->count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        const struct series *s = &list->items[mid];
        int c = series_labels_cmp(s->labels, join_labels(s), like->labels, join_labels(like));
        if (c == 0)
            return s;
        if (c < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}

static const struct series *alone(const struct series_list *list)
{
    return list->count == 1 && !join_labels(&list->items[0]) ? &list->items[0] : NULL;
}

static int put(enum math_op op, const struct series *left, const struct series *right,
               const struct series *labels, struct arena *arena, struct series_list *to,
               struct err *err)
{
    struct series *s = &to->items[to->count];
    *s = (struct series){.labels = labels->labels, .label_count = join_labels(labels)};
    s->values = arena_alloc(arena, to->bucket_count * sizeof *s->values + 1);
    if (!s->values)
        return run_out_of_memory(err);
    for (uint32_t i = 0; i < to->bucket_count; i++)
        s->values[i] = apply(op, left->values[i], right->values[i]);
    s->exemplars = left->exemplars;
    s->exemplar_count = left->exemplar_count;
    to->count++;
    return 0;
}

int series_join(enum math_op op, const struct series_list *left, const struct series_list *right,
                struct arena *arena, struct series_list *ret, struct err *err)
{
    const struct series *one = alone(right), *first = alone(left);
    bool by_right = first && !one;
    const struct series_list *each = by_right ? right : left;
    *ret = (struct series_list){.bucket_count = left->bucket_count,
                                .truncated = left->truncated || right->truncated};
    ret->items = arena_calloc(arena, each->count, sizeof *ret->items);
    if (!ret->items)
        return run_out_of_memory(err);
    for (size_t i = 0; i < each->count; i++) {
        const struct series *own = &each->items[i];
        const struct series *l = by_right ? first : own;
        const struct series *r = by_right ? own : one ? one : find(right, own);
        if (r)
            TRY(put(op, l, r, own, arena, ret, err));
    }
    series_drop_empty(ret);
    return 0;
}
