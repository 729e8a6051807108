/* sketch.c - counts are kept for the buckets in use only; the range grows as numbers come. */
#include "base/sketch.h"

#include <string.h>

enum { STEP_BITS = 6, GROW_BUCKETS = SKETCH_STEPS / 2 };

uint32_t sketch_bucket(uint64_t value)
{
    unsigned exponent;
    if (value < SKETCH_STEPS)
        return (uint32_t)value;
    exponent = 63 - (unsigned)__builtin_clzll(value);
    return (exponent - STEP_BITS + 1) * SKETCH_STEPS +
           (uint32_t)(value >> (exponent - STEP_BITS) & (SKETCH_STEPS - 1));
}

uint64_t sketch_value(uint32_t bucket)
{
    unsigned shift;
    if (bucket < 2 * SKETCH_STEPS)
        return bucket;
    shift = bucket / SKETCH_STEPS - 1;
    return ((uint64_t)(SKETCH_STEPS + bucket % SKETCH_STEPS) << shift) +
           (UINT64_C(1) << (shift - 1));
}

void sketch_init(struct sketch *s, struct arena *arena)
{
    *s = (struct sketch){.arena = arena};
}

/* Room for the bucket, and some around it. */
static bool reach(struct sketch *s, uint32_t bucket)
{
    uint32_t first = bucket > GROW_BUCKETS ? bucket - GROW_BUCKETS : 0;
    uint32_t end = bucket + GROW_BUCKETS < SKETCH_BUCKETS ? bucket + GROW_BUCKETS : SKETCH_BUCKETS;
    uint64_t *counts;
    if (bucket - s->first < s->size)
        return true;
    if (s->size) {
        first = s->first < first ? s->first : first;
        end = s->first + s->size > end ? s->first + s->size : end;
    }
    counts = arena_calloc(s->arena, end - first, sizeof *counts);
    if (!counts)
        return false;
    if (s->size)
        memcpy(counts + (s->first - first), s->counts, s->size * sizeof *counts);
    s->counts = counts;
    s->first = first;
    s->size = end - first;
    return true;
}

bool sketch_add_n(struct sketch *s, uint64_t value, uint64_t n)
{
    uint32_t bucket = sketch_bucket(value);
    if (!reach(s, bucket))
        return false;
    s->counts[bucket - s->first] += n;
    s->total += n;
    return true;
}

bool sketch_merge(struct sketch *to, const struct sketch *from)
{
    if (!from->total)
        return true;
    if (!reach(to, from->first) || !reach(to, from->first + from->size - 1))
        return false;
    for (uint32_t i = 0; i < from->size; i++)
        to->counts[from->first - to->first + i] += from->counts[i];
    to->total += from->total;
    return true;
}

uint64_t sketch_quantile(const struct sketch *s, double q)
{
    double wanted = q * (double)s->total;
    uint64_t rank = wanted > 1 ? (uint64_t)wanted : 1, seen = 0;
    if (!s->total)
        return 0;
    if ((double)rank < wanted)
        rank++;
    if (rank > s->total)
        rank = s->total;
    for (uint32_t i = 0; i < s->size; i++) {
        seen += s->counts[i];
        if (seen >= rank)
            return sketch_value(s->first + i);
    }
    return 0;
}
