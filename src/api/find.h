/* find.h - does a text occur anywhere in a span? */
#ifndef API_FIND_H
#define API_FIND_H

#include "base/arena.h"
#include "trace/span.h"

struct finder {
    struct str needle; /* ASCII letters in lower case */
    bool needle_is_hex;
    struct arena *scratch; /* for values' texts; reset for each span */
    /* spans with one resource or scope often stand together */
    const struct resource *resource;
    const struct scope *scope;
    bool in_resource, in_scope;
};

/* The needle is folded into arena. False when that is full. scratch must be another one. */
bool finder_init(struct finder *f, struct str needle, struct arena *arena, struct arena *scratch);

/* Name, service, status message, attribute keys and values (of the span, its resource and scope, its events and
 * links), event and scope names, span, parent and linked ids in hexadecimal. ASCII case is ignored. */
bool finder_matches(struct finder *f, const struct span *span);

#endif
