/* sample.h - the numbers of one aggregate: exact up to a million, beyond in buckets less than one per cent wide. */
#ifndef SQL_SAMPLE_H
#define SQL_SAMPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SAMPLE_EXACT_MAX = 1 << 20, SAMPLE_PAGES = 4096, SAMPLE_PAGE_BUCKETS = 128 };

struct sample {
    uint64_t count;
    double min, max;
    double *values; /* all of them, or NULL: */
    size_t cap;
    uint64_t **
        pages; /* one for each sign and exponent, in order of value; a bucket for each of 128 fractions */
};

/* False: out of memory. NaN is not for it. */
bool sample_add(struct sample *s, double v);
/* p from 0 to 1; between two values as the distance says. The count is not 0. May reorder values. */
double sample_quantile(struct sample *s, double p);
/* Calls fn for values, in buckets for their middle, in any order. */
void sample_each(const struct sample *s, void (*fn)(double v, uint64_t count, void *user),
                 void *user);
void sample_release(struct sample *s);

#endif
