/* rows.h - the rows of a group that a query is about: they pass the filter, and nobody deleted their trace. */
#ifndef QUERY_ROWS_H
#define QUERY_ROWS_H

#include "query/filter.h"

/* All rows of a group that are not dead. */
void rows_alive(const struct source *src, uint32_t group, struct bits *ret);

/* Of these, those that pass; any: is there one. Leaves out what cannot pass without reading it. */
int rows_pass(struct run *r, struct filter *f, const struct run_group *item, struct bits *ret,
              bool *any, struct err *err);

#endif
