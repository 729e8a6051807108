/* sampler_names.c - the samplers that OTEL_TRACES_SAMPLER and configuration files find by name. */
#define CAIRN_NO_INLINE
#include <stdlib.h>

#include "sdk/sampler.h"
#include "tracer/provider.h"

/* A list that only grows at its head; the newest of a name counts. */
struct factory {
    char *name;
    cairn_sampler_factory *make;
    void *user;
    struct factory *next;
};

static _Atomic(struct factory *) factories;

cairn_status cairn_sampler_register(const char *name, cairn_sampler_factory *make, void *user)
{
    struct factory *f, *head = atomic_load(&factories);
    if (!name || !*name || !make)
        return CAIRN_ERROR_INVALID;
    if (head && strcmp(head->name, name) == 0 && head->make == make && head->user == user)
        return CAIRN_OK;
    f = malloc(sizeof *f);
    if (f)
        f->name = strdup(name);
    if (!f || !f->name) {
        free(f);
        return CAIRN_ERROR_NO_MEMORY;
    }
    f->make = make;
    f->user = user;
    f->next = head;
    while (!atomic_compare_exchange_weak(&factories, &f->next, f))
        continue;
    return CAIRN_OK;
}

cairn_sampler *cairn_sampler_by_name(const char *name, const struct cairn_sampler_args *args,
                                     bool *known)
{
    struct cairn_sampler_args a;
    struct factory *f = atomic_load(&factories);
    options_copy(&a, sizeof a, args);
    a.size = sizeof a;
    while (f && name && strcmp(f->name, name) != 0)
        f = f->next;
    if (known)
        *known = f && name;
    return f && name ? f->make(f->user, &a) : NULL;
}
