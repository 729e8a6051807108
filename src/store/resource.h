/* resource.h - resources and scopes as the store keeps them: the raw fields of ResourceSpans and ScopeSpans
 * without their spans, so that nothing is lost; read back by decoding a request made around them. */
#ifndef STORE_RESOURCE_H
#define STORE_RESOURCE_H

#include "base/arena.h"
#include "base/err.h"
#include "trace/span.h"

/* Decodes both; what ret_* point to lives in the arena and borrows nothing. ERR_CORRUPT, ERR_NOMEM. */
int resource_decode(struct str resource_fields, struct str scope_fields, struct arena *arena,
                    const struct resource **ret_resource, const struct scope **ret_scope,
                    struct err *err);

/* service.name, or empty; borrows from the fields. */
struct str resource_service_name(struct str resource_fields);

#endif
