/* places.h - where the values of a field may be: which tables of a part, what the columns are called there, and whether resources
 * and scopes have it, too. For fields that are in columns: attributes, status messages, what events and links have. */
#ifndef QUERY_PLACES_H
#define QUERY_PLACES_H

#include "store/part_page.h"
#include "traceql/traceql.h"

struct places {
    bool tables[TABLE_COUNT];
    bool resource, instrumentation;
    enum column_scope scope;
    struct str name; /* borrows the field's key */
};

/* Of other fields: nowhere. */
struct places places_of(const struct field *f);

/* Value number i of a page; what it points to is in arena, or the page's. ERR_INVALID when its bytes are no value, ERR_NOMEM. */
int page_value(const struct part_column *c, const struct page *page, uint32_t i,
               struct arena *arena, struct value *ret, struct err *err);
/* The same of a value at hand. */
int column_value(uint8_t type, uint64_t number, struct str string, struct arena *arena,
                 struct value *ret, struct err *err);

#endif
