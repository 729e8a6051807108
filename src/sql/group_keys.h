/* group_keys.h - which group a row belongs to: its key's values as codes, the codes in a table of groups.
 *
 * Dictionary ids are translated once for each dictionary, so that a row costs an array look-up for each column. */
#ifndef SQL_GROUP_KEYS_H
#define SQL_GROUP_KEYS_H

#include "sql/rows.h"

struct group {
    uint32_t codes[GROUP_COLUMNS_MAX];
    bool dropped; /* not in this pass */
    uint64_t row_count;
    struct chunk *first, *last;
    struct text_slab *texts; /* of its rows */
};

/* The distinct values of one column of the key, as SQL has them. */
struct key_column {
    enum column_form form;
    uint32_t slot; /* in rows */
    bool descending;
    struct value *values; /* by code */
    size_t value_cap;
    uint32_t value_count;
    uint32_t *index; /* open addressing: code + 1 */
    uint32_t index_cap;
    const struct value *table; /* the dictionary that map translates: code + 1, 0 = not yet */
    uint32_t *map;
    uint32_t map_cap;
};

struct group_key {
    struct value values[GROUP_COLUMNS_MAX];
};

struct group_keys {
    struct arena arena; /* of the pass */
    struct key_column columns[GROUP_COLUMNS_MAX];
    uint32_t column_count;
    struct group **groups; /* in the order they were met */
    size_t group_cap;
    uint32_t group_count;
    uint32_t *index; /* group number + 1 */
    uint32_t index_cap;
    struct group *last;
    /* groups up to the floor were given out, those from the ceiling on are dropped */
    bool has_floor, has_ceiling;
    struct group_key floor, ceiling;
    struct arena floor_arena, ceiling_arena;
};

void group_keys_init(struct group_keys *k, struct rows *rows);
void group_keys_release(struct group_keys *k);
/* For another pass: floor and ceiling stay, groups go. */
void group_keys_reset(struct group_keys *k);

/* The group of the row that rows stands on; new ones are made. NULL: out of memory. */
struct group *group_keys_find(struct group_keys *k, const struct rows *rows);

/* The order in which groups come out. */
int group_cmp(const struct group_keys *k, const struct group *a, const struct group *b);
const struct value *group_value(const struct group_keys *k, const struct group *g, uint32_t i);

/* ERR_NOMEM. The group may be gone afterwards. */
int group_keys_set_floor(struct group_keys *k, const struct group *g);
int group_keys_set_ceiling(struct group_keys *k, const struct group *g);
/* The group at the ceiling was given out: it is the floor now, and there is no ceiling. */
void group_keys_raise_floor(struct group_keys *k);
bool group_is_ceiling(const struct group_keys *k, const struct group *g);

#endif
