/* registry.c - see registry.h. */
#define CAIRN_NO_INLINE
#include "sdk/registry.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

cairn_status registry_add(_Atomic(struct registered *) *registry, const char *name,
                          void (*make)(void), void *user)
{
    struct registered *r, *head = atomic_load(registry);
    if (!name || !*name || !make)
        return CAIRN_ERROR_INVALID;
    if (head && strcmp(head->name, name) == 0 && head->make == make && head->user == user)
        return CAIRN_OK;
    r = malloc(sizeof *r);
    if (!r)
        return CAIRN_ERROR_NO_MEMORY;
    *r = (struct registered){strdup(name), make, user, head};
    if (!r->name) {
        free(r);
        return CAIRN_ERROR_NO_MEMORY;
    }
    while (!atomic_compare_exchange_weak(registry, &r->next, r))
        continue;
    return CAIRN_OK;
}

const struct registered *registry_find(_Atomic(struct registered *) *registry, struct str name)
{
    const struct registered *r = atomic_load(registry);
    while (r && !str_eq_nocase(name, str_of(r->name)))
        r = r->next;
    return r;
}
