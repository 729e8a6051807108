/* idset.c - see idset.h. */
#include "query/idset.h"

#include <xxhash.h>

#include "base/err.h"

enum { SLOTS_MIN = 256 };

static size_t probe(const struct idset *s, struct trace_id id)
{
    size_t at = (size_t)XXH3_64bits(id.bytes, sizeof id.bytes) & s->mask;
    while (!trace_id_is_zero(s->slots[at]) && !trace_id_eq(s->slots[at], id))
        at = (at + 1) & s->mask;
    return at;
}

bool idset_has(const struct idset *s, struct trace_id id)
{
    return s->slots && !trace_id_is_zero(s->slots[probe(s, id)]);
}

static int grow(struct idset *s)
{
    struct idset old = *s;
    size_t slots = s->slots ? (s->mask + 1) * 2 : SLOTS_MIN;
    s->slots = arena_calloc(s->arena, slots, sizeof *s->slots);
    if (!s->slots) {
        s->slots = old.slots;
        return ERR_NOMEM;
    }
    s->mask = slots - 1;
    for (size_t i = 0; old.slots && i <= old.mask; i++) {
        if (!trace_id_is_zero(old.slots[i]))
            s->slots[probe(s, old.slots[i])] = old.slots[i];
    }
    return 0;
}

int idset_add(struct idset *s, struct trace_id id)
{
    size_t at;
    if (!s->slots || s->count > s->mask / 2)
        TRY(grow(s));
    at = probe(s, id);
    if (!trace_id_is_zero(s->slots[at]))
        return 0;
    s->slots[at] = id;
    s->count++;
    return 1;
}
