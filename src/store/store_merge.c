/* store_merge.c - small parts become larger ones.
 *
 * Only neighbours in time are merged, and only when together they span no more than a fraction of the retention time:
 * a part goes when its newest span is too old, so the oldest in it stays at most that fraction too long. Parts that
 * retention has filtered merge with their like. */
#include <stdlib.h>

#include "store/mem.h"
#include "store/store_int.h"

/* Parts of a tier have up to MERGE_COUNT times as many rows as those of the one below: a row is copied once for each
 * tier, not once for each merge. */
static unsigned tier_of(const struct part *part)
{
    unsigned tier = 0;
    for (uint32_t rows = part->row_count; rows >= MERGE_COUNT; rows /= MERGE_COUNT)
        tier++;
    return tier;
}

static int time_cmp(const void *a, const void *b)
{
    const struct part *x = *(struct part *const *)a, *y = *(struct part *const *)b;
    uint64_t s = manifest_part_time(&x->identity), t = manifest_part_time(&y->identity);
    if (s != t)
        return s < t ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

/* The parts of a tier, oldest first. */
static size_t list_tier(struct store *s, unsigned tier, struct part **ret)
{
    size_t count = 0;
    for (size_t i = 0; i < s->part_count; i++) {
        struct part *part = s->parts[i];
        if (part->row_count < MERGE_SMALL_ROWS && tier_of(part) == tier &&
            !atomic_load_explicit(&part->damaged, memory_order_relaxed))
            ret[count++] = part;
    }
    if (count)
        qsort(ret, count, sizeof(struct part *), time_cmp);
    return count;
}

/* How many of the list, from its first on, go into one part; *full when no more would. */
static size_t run_length(const struct store *s, struct part *const *list, size_t count, bool *full)
{
    uint64_t span_ns =
        s->options.retention_ns ? s->options.retention_ns / MERGE_AGE_DIVISOR : UINT64_MAX;
    uint64_t first = manifest_part_time(&list[0]->identity), rows = 0, columns = 0;
    size_t n = 0;
    *full = false;
    for (; n < count && n < MERGE_SOURCES_MAX; n++) {
        if (manifest_part_time(&list[n]->identity) - first > span_ns ||
            list[n]->identity.retained != list[0]->identity.retained)
            return n;
        rows += list[n]->row_count;
        columns += list[n]->column_count; /* at most: most of them are the same */
        if (columns > COLUMNS_MAX)
            return n;
        *full = rows > MERGE_ROWS_MAX;
        if (*full)
            return n;
    }
    return n;
}

/* The oldest run of a tier that is worth one larger part. */
static size_t pick_tier(struct store *s, unsigned tier, struct part **list,
                        struct part *picked[MERGE_SOURCES_MAX])
{
    size_t count = list_tier(s, tier, list);
    for (size_t i = 0; i < count; i++) {
        bool full;
        size_t n = run_length(s, list + i, count - i, &full);
        if (n < MERGE_COUNT && !(full && n > 1))
            continue;
        for (size_t k = 0; k < n; k++)
            picked[k] = list[i + k];
        return n;
    }
    return 0;
}

static size_t pick(struct store *s, struct part *picked[MERGE_SOURCES_MAX])
{
    struct part **list = mem_calloc(s->part_count, sizeof *list);
    size_t count = 0;
    for (unsigned tier = 0; tier < 16 && !count; tier++)
        count = pick_tier(s, tier, list, picked);
    free(list);
    return count;
}

/* What is known of the merged part. */
static struct manifest_part join(struct part *const *parts, size_t count)
{
    struct manifest_part all = {.retained = parts[0]->identity.retained};
    for (size_t i = 0; i < count; i++) {
        const struct manifest_part *m = &parts[i]->identity;
        uint64_t sealed = m->sealed_ns ? m->sealed_ns : UINT64_MAX;
        all.last_sequence =
            m->last_sequence > all.last_sequence ? m->last_sequence : all.last_sequence;
        all.sealed_ns = sealed > all.sealed_ns ? sealed : all.sealed_ns;
    }
    all.sealed_ns = all.sealed_ns == UINT64_MAX ? 0 : all.sealed_ns;
    return all;
}

int store_merge(struct store *s, struct err *err)
{
    struct part *picked[MERGE_SOURCES_MAX];
    struct source sources[MERGE_SOURCES_MAX];
    size_t count = pick(s, picked);
    struct part_change change = {.old_parts = picked, .old_count = count};
    struct part_plan plan = {
        .sources = sources, .count = count, .level = MERGE_LEVEL, .stop = &s->stopping};
    uint64_t dead_rows = 0, dead_bytes = 0;
    int rc;
    if (!count)
        return ERR_NOT_FOUND;
    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < count; i++) {
        sources[i] = source_of_part(picked[i]);
        dead_rows += store_dead_rows(&sources[i], &dead_bytes);
    }
    pthread_mutex_unlock(&s->lock);
    plan.identity = join(picked, count);
    rc = store_make_part(s, &plan, &change.made, err);
    for (size_t i = 0; i < count; i++)
        source_release(&sources[i]);
    if (rc < 0 && (rc != ERR_NOT_FOUND || !dead_rows))
        return rc == ERR_NOT_FOUND ? ERR_CORRUPT : rc;
    TRY(store_change_parts(s, &change, err));
    atomic_fetch_add(&s->deleted_spans, dead_rows);
    atomic_fetch_add(&s->deleted_bytes, dead_bytes);
    return 0;
}
