/* part_format.h - what a part's reader and writer share. See docs/format.md. */
#ifndef STORE_PART_FORMAT_H
#define STORE_PART_FORMAT_H

#include "store/columns.h"

enum { PARENT_ELSEWHERE = 255 }; /* of the codes that say how many rows back a span's parent is */

extern const char part_magic[8];

/* The order of columns in the directory: table, scope, name, type. */
static inline int column_key_cmp(const struct column_key *a, const struct column_key *b)
{
    int c;
    if (a->table != b->table)
        return a->table < b->table ? -1 : 1;
    if (a->scope != b->scope)
        return a->scope < b->scope ? -1 : 1;
    c = str_cmp(a->name, b->name);
    return c ? c : (a->type > b->type) - (a->type < b->type);
}

#endif
