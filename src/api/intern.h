/* intern.h - strings to small numbers, in order of first appearance: an answer's string table. */
#ifndef API_INTERN_H
#define API_INTERN_H

#include "base/arena.h"
#include "base/str.h"

struct intern {
    struct arena *arena;
    struct str *strings; /* borrowed, by number */
    uint32_t count;
    size_t bytes; /* of all strings */
    size_t strings_cap;
    uint32_t *slots; /* number + 1; 0 = free */
    uint32_t capacity;
};

void intern_init(struct intern *t, struct arena *arena);

/* The string's number; it must stay where it is. 0 when the arena is full (seen there). */
uint32_t intern_add(struct intern *t, struct str s);

#endif
