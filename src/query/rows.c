/* rows.c - see rows.h. */
#include "query/rows.h"

/* The first dead range that ends behind the row. */
static size_t range_behind(const struct dead_rows *d, uint32_t row)
{
    size_t low = 0, high = d->count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (d->ranges[mid].end <= row)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

void rows_alive(const struct source *src, uint32_t group, struct bits *ret)
{
    uint32_t first = source_group_first(src, group), count = source_group_rows(src, group);
    bits_clear(ret);
    bits_set_range(ret, 0, count);
    if (!src->dead)
        return;
    for (size_t i = range_behind(src->dead, first);
         i < src->dead->count && src->dead->ranges[i].first < first + count; i++) {
        uint32_t from = src->dead->ranges[i].first, to = src->dead->ranges[i].end;
        from = from > first ? from - first : 0;
        to = to - first < count ? to - first : count;
        for (; from < to; from++)
            ret->words[from / 64] &= ~(UINT64_C(1) << from % 64);
    }
}

int rows_pass(struct run *r, struct filter *f, const struct run_group *item, struct bits *ret,
              bool *any, struct err *err)
{
    struct bits alive;
    *any = false;
    if (!filter_group_possible(f, &item->range))
        return 0;
    TRY(filter_possible(r, f, item->source, any, err));
    if (!*any)
        return 0;
    rows_alive(&r->snap.sources[item->source], item->group, &alive);
    TRY(filter_rows(r, f, item->source, item->group, &alive, ret, err));
    *any = !bits_empty(ret);
    return 0;
}
