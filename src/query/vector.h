/* vector.h - the values of one field for chosen rows of a group: what scans, metrics and the like read columns with. */
#ifndef QUERY_VECTOR_H
#define QUERY_VECTOR_H

#include "engine/scan.h"
#include "query/bits.h"
#include "query/run.h"

/* A field and what is known of it in each source; memory from r->own_tables. */
struct vector_field;
int vector_field_make(struct run *r, const struct field *field, struct vector_field **ret,
                      struct err *err);

/* One entry for each row of `rows` (offsets into the group), ascending. What it points to is in arena, but for tables,
 * which live as long as the run. Needs page_begin before, like filter_rows. */
int vector_read(struct run *r, struct vector_field *f, uint32_t source, uint32_t group,
                const struct bits *rows, struct arena *arena, struct vector *ret, struct err *err);

#endif
