/* sample.c - a bucket is the first bits of a double: sign, exponent and seven of the fraction. */
#include "sql/sample.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

enum { FRACTION_BITS = 52, KEPT_BITS = 7 };

/* Doubles as integers in their order. */
static uint64_t order_of(double v)
{
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    return bits >> 63 ? ~bits : bits | (uint64_t)1 << 63;
}

static double of_order(uint64_t order)
{
    uint64_t bits = order >> 63 ? order & ~((uint64_t)1 << 63) : ~order;
    double v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

static bool count_in_bucket(struct sample *s, double v)
{
    uint64_t bucket = order_of(v) >> (FRACTION_BITS - KEPT_BITS);
    uint64_t **page = &s->pages[bucket >> KEPT_BITS];
    if (!*page) {
        *page = sqlite3_malloc(SAMPLE_PAGE_BUCKETS * sizeof **page);
        if (!*page)
            return false;
        memset(*page, 0, SAMPLE_PAGE_BUCKETS * sizeof **page);
    }
    (*page)[bucket & (SAMPLE_PAGE_BUCKETS - 1)]++;
    return true;
}

static bool to_buckets(struct sample *s)
{
    s->pages = sqlite3_malloc(SAMPLE_PAGES * sizeof *s->pages);
    if (!s->pages)
        return false;
    memset(s->pages, 0, SAMPLE_PAGES * sizeof *s->pages);
    for (uint64_t i = 0; i < s->count; i++) {
        if (!count_in_bucket(s, s->values[i]))
            return false;
    }
    sqlite3_free(s->values);
    s->values = NULL;
    return true;
}

static bool grow(struct sample *s)
{
    size_t cap = s->cap ? s->cap * 2 : 64;
    double *values = sqlite3_realloc64(s->values, cap * sizeof *values);
    if (!values)
        return false;
    s->values = values;
    s->cap = cap;
    return true;
}

bool sample_add(struct sample *s, double v)
{
    if (v == 0)
        v = 0; /* not -0 */
    if (s->count == 0)
        s->min = s->max = v;
    s->min = v < s->min ? v : s->min;
    s->max = v > s->max ? v : s->max;
    if (!s->pages && s->count == SAMPLE_EXACT_MAX && !to_buckets(s))
        return false;
    if (s->pages) {
        s->count++;
        return count_in_bucket(s, v);
    }
    if (s->count == s->cap && !grow(s))
        return false;
    s->values[s->count++] = v;
    return true;
}

/* Hoare's partition: values up to *ret are not above those behind it. */
static size_t partition(double *v, size_t low, size_t high)
{
    double pivot = v[low + (high - low) / 2];
    for (size_t i = low, j = high;; i++, j--) {
        while (v[i] < pivot)
            i++;
        while (v[j] > pivot)
            j--;
        if (i >= j)
            return j;
        double t = v[i];
        v[i] = v[j];
        v[j] = t;
    }
}

/* Puts the value of rank k in its place, smaller ones in front, larger ones behind. */
static double select_rank(double *v, size_t n, size_t k)
{
    size_t low = 0, high = n - 1;
    while (low < high) {
        size_t middle = partition(v, low, high);
        if (k <= middle)
            high = middle;
        else
            low = middle + 1;
    }
    return v[k];
}

static double middle(const struct sample *s, uint64_t bucket)
{
    uint64_t shift = FRACTION_BITS - KEPT_BITS, low = bucket << shift;
    double v = of_order(low | (uint64_t)1 << (shift - 1));
    return v < s->min ? s->min : v > s->max ? s->max : v;
}

static double bucket_rank(const struct sample *s, uint64_t k)
{
    uint64_t seen = 0;
    for (uint64_t page = 0; page < SAMPLE_PAGES; page++) {
        for (uint64_t i = 0; s->pages[page] && i < SAMPLE_PAGE_BUCKETS; i++) {
            seen += s->pages[page][i];
            if (seen > k)
                return middle(s, page << KEPT_BITS | i);
        }
    }
    return s->max;
}

double sample_quantile(struct sample *s, double p)
{
    double at = p * (double)(s->count - 1), below, above;
    uint64_t k = (uint64_t)at;
    if (s->pages)
        return p <= 0 ? s->min : p >= 1 ? s->max : bucket_rank(s, k);
    below = select_rank(s->values, s->count, k);
    if (at <= (double)k || k + 1 >= s->count)
        return below;
    above = s->values[k + 1];
    for (uint64_t i = k + 2; i < s->count; i++)
        above = s->values[i] < above ? s->values[i] : above;
    return below + (above - below) * (at - (double)k);
}

void sample_each(const struct sample *s, void (*fn)(double v, uint64_t count, void *user),
                 void *user)
{
    if (!s->pages) {
        for (uint64_t i = 0; i < s->count; i++)
            fn(s->values[i], 1, user);
        return;
    }
    for (uint64_t page = 0; page < SAMPLE_PAGES; page++) {
        for (uint64_t i = 0; s->pages[page] && i < SAMPLE_PAGE_BUCKETS; i++) {
            if (s->pages[page][i])
                fn(middle(s, page << KEPT_BITS | i), s->pages[page][i], user);
        }
    }
}

void sample_release(struct sample *s)
{
    for (int i = 0; s->pages && i < SAMPLE_PAGES; i++)
        sqlite3_free(s->pages[i]);
    sqlite3_free(s->pages);
    sqlite3_free(s->values);
    *s = (struct sample){0};
}
