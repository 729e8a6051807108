/* dead.c - joining ranges of rows, and finding a row in them. */
#include "store/dead.h"

#include <stdlib.h>
#include <string.h>

#include "store/mem.h"

static int range_cmp(const void *a, const void *b)
{
    const struct dead_range *x = a, *y = b;
    return (x->first > y->first) - (x->first < y->first);
}

static void put(struct dead_rows *d, struct dead_range range)
{
    struct dead_range *last = d->count ? &d->ranges[d->count - 1] : NULL;
    if (last && range.first <= last->end) {
        if (range.end > last->end) {
            d->row_count += range.end - last->end;
            last->end = range.end;
        }
        return;
    }
    d->ranges[d->count++] = range;
    d->row_count += range.end - range.first;
}

struct dead_rows *dead_rows_new(const struct dead_rows *old, struct dead_range *ranges,
                                size_t count)
{
    size_t before = old ? old->count : 0, i = 0, k = 0;
    struct dead_rows *d = mem_alloc(sizeof *d + (before + count) * sizeof *d->ranges);
    memset(d, 0, sizeof *d);
    atomic_init(&d->refs, 1);
    if (count)
        qsort(ranges, count, sizeof *ranges, range_cmp);
    while (i < before || k < count) {
        if (k == count || (i < before && old->ranges[i].first <= ranges[k].first))
            put(d, old->ranges[i++]);
        else
            put(d, ranges[k++]);
    }
    return d;
}

struct dead_rows *dead_rows_ref(struct dead_rows *d)
{
    if (d)
        atomic_fetch_add_explicit(&d->refs, 1, memory_order_relaxed);
    return d;
}

void dead_rows_unref(struct dead_rows *d)
{
    if (d && atomic_fetch_sub_explicit(&d->refs, 1, memory_order_acq_rel) == 1)
        free(d);
}

bool dead_rows_has(const struct dead_rows *d, uint32_t row)
{
    size_t low = 0, high = d ? d->count : 0;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (d->ranges[mid].end <= row)
            low = mid + 1;
        else
            high = mid;
    }
    return d && low < d->count && d->ranges[low].first <= row;
}
