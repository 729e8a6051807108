/* bits.h - a set of rows of one group, as bits. */
#ifndef QUERY_BITS_H
#define QUERY_BITS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "store/source.h"

enum { BITS_WORDS = SOURCE_GROUP_ROWS_MAX / 64 };

struct bits {
    uint64_t words[BITS_WORDS];
};

static inline void bits_clear(struct bits *b)
{
    memset(b, 0, sizeof *b);
}

/* Rows first to end - 1. */
static inline void bits_set_range(struct bits *b, uint32_t first, uint32_t end)
{
    for (; first < end && first % 64; first++)
        b->words[first / 64] |= UINT64_C(1) << first % 64;
    for (; end - first >= 64; first += 64)
        b->words[first / 64] = UINT64_MAX;
    for (; first < end; first++)
        b->words[first / 64] |= UINT64_C(1) << first % 64;
}

static inline void bits_set(struct bits *b, uint32_t row)
{
    b->words[row / 64] |= UINT64_C(1) << row % 64;
}

static inline bool bits_has(const struct bits *b, uint32_t row)
{
    return b->words[row / 64] >> row % 64 & 1;
}

static inline bool bits_empty(const struct bits *b)
{
    uint64_t any = 0;
    for (int i = 0; i < BITS_WORDS; i++)
        any |= b->words[i];
    return !any;
}

static inline uint32_t bits_count(const struct bits *b)
{
    uint32_t n = 0;
    for (int i = 0; i < BITS_WORDS; i++)
        n += (uint32_t)__builtin_popcountll(b->words[i]);
    return n;
}

static inline void bits_and(struct bits *b, const struct bits *other)
{
    for (int i = 0; i < BITS_WORDS; i++)
        b->words[i] &= other->words[i];
}

static inline void bits_and_not(struct bits *b, const struct bits *other)
{
    for (int i = 0; i < BITS_WORDS; i++)
        b->words[i] &= ~other->words[i];
}

static inline void bits_or(struct bits *b, const struct bits *other)
{
    for (int i = 0; i < BITS_WORDS; i++)
        b->words[i] |= other->words[i];
}

/* Row number i of a set, from 0; it must have so many. */
static inline uint32_t bits_number(const struct bits *b, uint32_t i)
{
    uint32_t word = 0, n;
    uint64_t left;
    for (; (n = (uint32_t)__builtin_popcountll(b->words[word])) <= i; word++)
        i -= n;
    for (left = b->words[word]; i; i--)
        left &= left - 1;
    return word * 64 + (uint32_t)__builtin_ctzll(left);
}

/* The rows of a set, ascending: for (struct bits_walk w = bits_begin(b); bits_next(&w, &row);) */
struct bits_walk {
    const struct bits *bits;
    uint32_t word;
    uint64_t left;
};

static inline struct bits_walk bits_begin(const struct bits *b)
{
    return (struct bits_walk){b, 0, b->words[0]};
}

static inline bool bits_next(struct bits_walk *w, uint32_t *row)
{
    while (!w->left) {
        if (++w->word == BITS_WORDS)
            return false;
        w->left = w->bits->words[w->word];
    }
    *row = w->word * 64 + (uint32_t)__builtin_ctzll(w->left);
    w->left &= w->left - 1;
    return true;
}

#endif
