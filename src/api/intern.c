/* intern.c - open addressing, at most half full. */
#include "api/intern.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

void intern_init(struct intern *t, struct arena *arena)
{
    *t = (struct intern){.arena = arena};
}

static uint32_t *find(const struct intern *t, struct str s)
{
    uint32_t mask = t->capacity - 1;
    for (uint32_t i = (uint32_t)XXH3_64bits(s.p ? s.p : "", s.n) & mask;; i = (i + 1) & mask) {
        uint32_t number = t->slots[i];
        if (number == 0 || str_eq(t->strings[number - 1], s))
            return &t->slots[i];
    }
}

static bool grow(struct intern *t)
{
    uint32_t capacity = t->capacity ? t->capacity * 2 : 256;
    uint32_t *slots = arena_calloc(t->arena, capacity, sizeof *slots);
    if (!slots)
        return false;
    t->slots = slots;
    t->capacity = capacity;
    for (uint32_t i = 0; i < t->count; i++)
        *find(t, t->strings[i]) = i + 1;
    return true;
}

uint32_t intern_add(struct intern *t, struct str s)
{
    if (t->count * 2 >= t->capacity && !grow(t))
        return 0;
    uint32_t *slot = find(t, s);
    if (*slot)
        return *slot - 1;
    struct str *strings = arena_grow(t->arena, t->strings, t->count, &t->strings_cap,
                                     (size_t)t->count + 1, sizeof *strings);
    if (!strings)
        return 0;
    t->strings = strings;
    t->strings[t->count++] = s;
    t->bytes += s.n;
    *slot = t->count;
    return t->count - 1;
}
