/* detect_env.c - detector `env`: what the operator says in OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME. It knows no schema:
 * the attributes are the operator's. */
#define CAIRN_NO_INLINE
#include <stdlib.h>

#include "sdk/resource.h"
#include "trace/pairs.h"
#include "trace/semconv.h"
#include "tracer/diag.h"

cairn_resource *resource_from_text(struct str attributes, struct str service_name)
{
    cairn_resource *r = resource_make(), *named, *both;
    struct attrs pairs;
    if (!r)
        return NULL;
    if (pairs_parse(attributes, &r->arena, &pairs) < 0) {
        diag_warn("OTEL_RESOURCE_ATTRIBUTES cannot be decoded and is ignored");
        pairs = (struct attrs){NULL, 0};
    }
    r->resource.attrs = pairs;
    if (service_name.n == 0)
        return resource_finish(r);
    named = cairn_resource_new(
        CAIRN_ATTRS(CAIRN_STRN(SEMCONV_SERVICE_NAME, service_name.p, service_name.n)), NULL);
    both = cairn_resource_merge(r, named);
    cairn_resource_unref(r);
    cairn_resource_unref(named);
    return both;
}

cairn_resource *cairn_resource_from_env(void)
{
    return resource_from_text(str_trim(str_of(secure_getenv("OTEL_RESOURCE_ATTRIBUTES"))),
                              str_trim(str_of(secure_getenv("OTEL_SERVICE_NAME"))));
}
