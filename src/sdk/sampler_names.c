/* sampler_names.c - the samplers that OTEL_TRACES_SAMPLER and configuration files find by name. */
#define CAIRN_NO_INLINE
#include "sdk/registry.h"
#include "sdk/sampler.h"
#include "tracer/provider.h"

static _Atomic(struct registered *) factories;

cairn_status cairn_sampler_register(const char *name, cairn_sampler_factory *make, void *user)
{
    return registry_add(&factories, name, (void (*)(void))make, user);
}

cairn_sampler *cairn_sampler_by_name(const char *name, const struct cairn_sampler_args *args,
                                     bool *known)
{
    struct cairn_sampler_args a;
    const struct registered *r = registry_find(&factories, str_of(name));
    options_copy(&a, sizeof a, args);
    a.size = sizeof a;
    if (known)
        *known = r != NULL;
    return r ? ((cairn_sampler_factory *)r->make)(r->user, &a) : NULL;
}
