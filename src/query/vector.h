/* vector.h - the values of fields for chosen rows of a group: what scans, metrics and the like read columns with.
 *
 * A value is what field_value gives on the whole span: of scopes and events the first that has it. Parts answer
 * from their columns, and where these have dictionaries with ids; heads keep spans as they came: one is decoded once
 * for all fields that are read together. */
#ifndef QUERY_VECTOR_H
#define QUERY_VECTOR_H

#include "engine/scan.h"
#include "query/bits.h"
#include "query/run.h"

/* A field and what is known of it in each source; memory from r->own_tables. The field's key is borrowed. ERR_INVALID when
 * only the whole trace tells the field. */
struct vector_field;
int vector_field_make(struct run *r, const struct field *field, struct vector_field **ret,
                      struct err *err);

/* One entry for each row of `rows` (offsets into the group), ascending. What it points to is in arena, but for tables,
 * which live as long as the run. Needs page_begin before, like filter_rows. */
int vector_read(struct run *r, struct vector_field *f, uint32_t source, uint32_t group,
                const struct bits *rows, struct arena *arena, struct vector *ret, struct err *err);

/* The same of several fields (up to SCAN_FIELDS_MAX); ret has a place for each. */
int vectors_read(struct run *r, struct vector_field *const *fields, uint32_t count, uint32_t source,
                 uint32_t group, const struct bits *rows, struct arena *arena, struct vector *ret,
                 struct err *err);

/* Entry i of a vector, whatever its kind. */
static inline struct value vector_value(const struct vector *v, uint32_t i)
{
    if (v->kind == VECTOR_IDS)
        return v->table[v->ids[i]];
    return v->kind == VECTOR_INTS ? (struct value){VALUE_INT, {.integer = v->ints[i]}}
                                  : v->values[i];
}

#endif
