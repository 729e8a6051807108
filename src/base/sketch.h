/* sketch.h - quantiles of many numbers in little memory: a histogram with log-linear buckets.
 *
 * Each power of two is cut into 64 equal buckets, so an answer is within 0.8 % of a number that was added; numbers below 64 are
 * exact. Sketches of the same numbers are equal, whatever the order, and merge without loss. */
#ifndef BASE_SKETCH_H
#define BASE_SKETCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

struct sketch {
    struct arena *arena;
    uint64_t *counts; /* of buckets first to first + size - 1 */
    uint32_t first, size;
    uint64_t total;
};

enum { SKETCH_STEPS = 64, SKETCH_BUCKETS = 59 * SKETCH_STEPS };

/* The counts live in the arena, up to 30 KiB for numbers of all sizes; latencies of one operation take about 1 KiB. */
void sketch_init(struct sketch *s, struct arena *arena);

/* n times the same number. False when the arena is full: the sketch is as before. */
bool sketch_add_n(struct sketch *s, uint64_t value, uint64_t n);
static inline bool sketch_add(struct sketch *s, uint64_t value)
{
    return sketch_add_n(s, value, 1);
}
bool sketch_merge(struct sketch *to, const struct sketch *from);

/* The number at rank q * total (q from 0 to 1), as the middle of its bucket; 0 when nothing was added. */
uint64_t sketch_quantile(const struct sketch *s, double q);

/* A number's bucket, and the bucket's middle. */
uint32_t sketch_bucket(uint64_t value);
uint64_t sketch_value(uint32_t bucket);

#endif
