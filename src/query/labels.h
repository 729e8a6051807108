/* labels.h - values made into dense numbers, so that counting by them is counting in arrays. */
#ifndef QUERY_LABELS_H
#define QUERY_LABELS_H

#include "engine/scan.h"

enum {
    LABEL_NONE = UINT32_MAX,
    LABELS_MAX = 1 << 16, /* values of one field; sets of values */
};

/* The values of one field. All functions: LABEL_NONE when there are as many as may be or the arena is full (failed). */
struct label_ids {
    struct arena *arena;
    struct value *items;
    size_t count, cap, max; /* max: LABELS_MAX, or fewer when set behind label_ids_init */
    uint32_t *slots;        /* number + 1; 0 = free */
    uint32_t mask;
    /* what ids of a table mean here, for each table met, filled as they are met */
    struct label_table {
        const struct value *table;
        uint32_t *ids;
    } * tables;
    size_t table_count, table_cap;
};

/* An order of values: by type, then as usual. */
int label_cmp(const struct value *a, const struct value *b);

void label_ids_init(struct label_ids *l, struct arena *arena);
uint32_t label_ids_put(struct label_ids *l, const struct value *v);
/* Of each entry of a vector. ERR_TOO_LARGE: the arena is full. */
int label_ids_read(struct label_ids *l, const struct vector *v, uint32_t count, uint32_t *ret,
                   struct err *err);

/* Pairs of numbers made into one. */
struct pair_ids {
    struct arena *arena;
    uint64_t *items; /* first << 32 | second */
    size_t count, cap;
    uint32_t *slots;
    uint32_t mask;
};

void pair_ids_init(struct pair_ids *p, struct arena *arena);
/* LABEL_NONE also when one of the two is. */
uint32_t pair_ids_put(struct pair_ids *p, uint32_t first, uint32_t second);

#endif
