/* baggage_fields.h - baggage as the tracers before W3C carry it: a field for each entry, PREFIX-NAME: VALUE. */
#ifndef TRACER_BAGGAGE_FIELDS_H
#define TRACER_BAGGAGE_FIELDS_H

#include <cairn/propagation.h>

#include "base/str.h"

struct baggage_fields {
    struct str prefix; /* lower case */
    /* The value as it goes into the field: writes at most 3 * value.n bytes at out, answers how many in *n. False: it
     * cannot go there. */
    bool (*encode)(struct str value, char *out, size_t *n);
    /* UTF-8 of a field's value: writes at most 3 * value.n bytes, answers how many. */
    size_t (*decode)(struct str value, char *out);
};

/* At most BAGGAGE_MEMBERS_MAX fields and BAGGAGE_BYTES_MAX bytes. Names that HTTP does not allow are left out, upper case
 * becomes lower. */
void baggage_fields_inject(const struct baggage_fields *format, cairn_context *context,
                           cairn_set_fn *set, void *carrier);

/* The context's baggage with that of the carrier added, within the same limits. Owned. */
cairn_context *baggage_fields_extract(const struct baggage_fields *format, cairn_context *context,
                                      cairn_get_fn *get, void *carrier);

#endif
