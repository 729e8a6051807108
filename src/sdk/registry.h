/* registry.h - things that are made by name: a list that only grows at its head, so that it needs no lock; the newest of a name
 * counts. */
#ifndef SDK_REGISTRY_H
#define SDK_REGISTRY_H

#include <cairn/common.h>

#include "base/str.h"

struct registered {
    char *name;
    void (*make)(void); /* of the type that the list is for */
    void *user;
    struct registered *next;
};

/* Twice the same in a row is once. */
cairn_status registry_add(_Atomic(struct registered *) *registry, const char *name,
                          void (*make)(void), void *user);

/* Upper and lower case are the same. NULL when there is none. */
const struct registered *registry_find(_Atomic(struct registered *) *registry, struct str name);

#endif
