/* attributes.c - the rows of a compare() joined: each value's counts beside its key's totals. */
#include "analysis/attributes.h"

#include <math.h>
#include <stdlib.h>

enum meta { META_BASELINE, META_SELECTION, META_BASELINE_TOTAL, META_SELECTION_TOTAL, META_OTHER };

/* One series, taken apart. */
struct row {
    enum meta meta;
    bool cut;
    struct str key;
    struct value value;
    uint64_t count;
};

static enum meta meta_of(const struct value *v)
{
    static const char *const names[] = {"baseline", "selection", "baseline_total",
                                        "selection_total"};
    for (int i = 0; v->type == VALUE_STRING && i < META_OTHER; i++) {
        if (str_eq(v->string, str_of(names[i])))
            return (enum meta)i;
    }
    return META_OTHER;
}

static struct row row_of(const struct series *s, uint32_t bucket_count)
{
    struct row r = {.meta = META_OTHER};
    double sum = 0;
    for (uint32_t i = 0; i < s->label_count; i++) {
        const struct attr *label = &s->labels[i];
        if (str_eq(label->key, STR("__meta_type"))) {
            r.meta = meta_of(&label->value);
        } else if (str_eq(label->key, STR("__meta_error"))) {
            r.cut = true;
        } else {
            r.key = label->key;
            r.value = label->value;
        }
    }
    for (uint32_t i = 0; i < bucket_count; i++)
        sum += s->values[i] > 0 ? s->values[i] : 0; /* NaN is not */
    r.count = sum < 1e18 ? (uint64_t)sum : (uint64_t)1e18;
    return r;
}

/* Equal keys together, totals first, then equal values together. */
static int row_cmp(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    bool x_total = x->meta >= META_BASELINE_TOTAL, y_total = y->meta >= META_BASELINE_TOTAL;
    int c = str_cmp(x->key, y->key);
    if (c)
        return c;
    if (x_total != y_total)
        return x_total ? -1 : 1;
    if (x->value.type != y->value.type)
        return x->value.type < y->value.type ? -1 : 1;
    switch (x->value.type) {
    case VALUE_STRING:
    case VALUE_BYTES: c = str_cmp(x->value.string, y->value.string); break;
    case VALUE_BOOL: c = x->value.boolean - y->value.boolean; break;
    case VALUE_INT:
        c = (x->value.integer > y->value.integer) - (x->value.integer < y->value.integer);
        break;
    case VALUE_DOUBLE:
        c = (x->value.number > y->value.number) - (x->value.number < y->value.number);
        break;
    default: break;
    }
    return c ? c : (x->meta > y->meta) - (x->meta < y->meta);
}

static double share(uint64_t count, uint64_t total)
{
    return total ? (double)count / (double)total : 0;
}

/* The rows of one key: totals, then values. */
static void rank_key(const struct row *rows, size_t count, struct attribute_shares *ret)
{
    uint64_t totals[2] = {0, 0};
    bool cut = false;
    size_t i = 0;
    for (; i < count && rows[i].meta >= META_BASELINE_TOTAL; i++) {
        if (rows[i].meta != META_OTHER)
            totals[rows[i].meta - META_BASELINE_TOTAL] += rows[i].count;
    }
    for (; i < count; i++) {
        struct attribute_share *last = ret->count ? &ret->items[ret->count - 1] : NULL;
        cut |= rows[i].cut;
        if (rows[i].cut)
            continue;
        if (!last || !str_eq(last->key, rows[i].key) || !value_eq(&last->value, &rows[i].value)) {
            last = &ret->items[ret->count++];
            *last = (struct attribute_share){.key = rows[i].key, .value = rows[i].value};
        }
        if (rows[i].meta == META_BASELINE)
            last->baseline_count += rows[i].count;
        else
            last->selection_count += rows[i].count;
        last->baseline_share = share(last->baseline_count, totals[0]);
        last->selection_share = share(last->selection_count, totals[1]);
        last->effect = last->selection_share - last->baseline_share;
    }
    if (cut)
        ret->cut[ret->cut_count++] = rows[0].key;
}

static int by_effect(const void *a, const void *b)
{
    const struct attribute_share *x = a, *y = b;
    double p = fabs(x->effect), q = fabs(y->effect);
    if (p != q)
        return p > q ? -1 : 1;
    if (x->selection_count != y->selection_count)
        return x->selection_count > y->selection_count ? -1 : 1;
    return str_cmp(x->key, y->key);
}

int attribute_shares_rank(const struct series_list *compared, struct arena *arena,
                          struct attribute_shares *ret, struct err *err)
{
    struct row *rows = arena_calloc(arena, compared->count, sizeof *rows);
    size_t end;
    *ret = (struct attribute_shares){
        .items = arena_calloc(arena, compared->count, sizeof *ret->items),
        .cut = arena_calloc(arena, compared->count, sizeof *ret->cut),
    };
    if (!rows || !ret->items || !ret->cut)
        return err_set(err, ERR_TOO_LARGE, "the analysis needs more memory than it may take");
    for (size_t i = 0; i < compared->count; i++)
        rows[i] = row_of(&compared->items[i], compared->bucket_count);
    qsort(rows, compared->count, sizeof *rows, row_cmp);
    for (size_t i = 0; i < compared->count; i = end) {
        for (end = i; end < compared->count && str_eq(rows[end].key, rows[i].key);)
            end++;
        rank_key(rows + i, end - i, ret);
    }
    qsort(ret->items, ret->count, sizeof *ret->items, by_effect);
    return 0;
}
