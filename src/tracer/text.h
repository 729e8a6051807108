/* text.h - an immutable string shared by counting references: trace states travel from parent to child this way. */
#ifndef TRACER_TEXT_H
#define TRACER_TEXT_H

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "tracer/misuse.h"

struct text {
    atomic_uint refs;
    uint32_t n;
    char p[];
};

/* NULL for an empty string, for one that is too long and when there is no memory (the state is then lost, the span is not). */
static inline struct text *text_new(struct str s)
{
    struct text *t = s.n && s.n <= TEXT_BYTES_MAX ? malloc(sizeof *t + s.n) : NULL;
    if (s.n > TEXT_BYTES_MAX)
        misuse("a trace state of more than 65,535 bytes");
    if (!t)
        return NULL;
    atomic_init(&t->refs, 1);
    t->n = (uint32_t)s.n;
    memcpy(t->p, s.p, s.n);
    return t;
}

static inline struct text *text_ref(struct text *t)
{
    if (t)
        atomic_fetch_add_explicit(&t->refs, 1, memory_order_relaxed);
    return t;
}

static inline void text_unref(struct text *t)
{
    if (t && atomic_fetch_sub_explicit(&t->refs, 1, memory_order_acq_rel) == 1)
        free(t);
}

static inline struct str text_str(const struct text *t)
{
    return t ? str_make(t->p, t->n) : (struct str){NULL, 0};
}

#endif
