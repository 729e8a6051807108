/* shape.h - what a shape is made of: a row in gen.c's table, three functions, and the pods' way to a new span. */
#ifndef LOAD_SHAPE_H
#define LOAD_SHAPE_H

#include "load/gen.h"

struct pod {
    struct resource resource;
    struct arena arena; /* of the spans that wait */
    struct span *spans;
    size_t count;
};

struct load_gen {
    struct load_gen_options options; /* zeros replaced by the shape's own numbers */
    const struct shape *shape;
    uint64_t random;
    struct arena arena; /* what lives as long as the generator */
    struct scope *scopes;
    uint32_t scope_count;
    struct pod *pods;
    size_t pod_count;
    void *state; /* the shape's own, in arena */

    struct span *sorted; /* a batch by scope */
    struct pod *full;    /* its batch is complete */
    struct pod *given;   /* its batch was handed out last */
    size_t flushed;      /* pods emptied after the last span */

    struct trace_id trace; /* the trace under way */
    uint64_t key;          /* its span ids come from this */
    uint64_t number;       /* traces before it */
    uint64_t at, size;     /* next span; spans */
    uint64_t start_ns, duration_ns;
    uint64_t made; /* spans all in all */
    bool finished; /* no new spans */
    bool failed;   /* out of memory */
};

struct shape {
    const char *name;
    uint32_t services;    /* by default */
    uint32_t pods_each;   /* processes of a service */
    uint64_t trace_spans; /* by default; 0 = the shape decides for each trace */
    /* Resources of the pods, scopes, own state. ERR_NOMEM. */
    int (*init)(struct load_gen *g);
    /* Sets g->duration_ns, and g->size where trace_spans is 0. */
    void (*begin)(struct load_gen *g);
    /* One span with gen_span; parents have a smaller index. */
    void (*make)(struct load_gen *g, uint64_t index);
};

extern const struct shape shape_shop, shape_tracegen, shape_deep, shape_wide, shape_huge;

/* splitmix64's finish: a bijection, so that different numbers stay different. */
static inline uint64_t gen_mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static inline uint64_t gen_next(struct load_gen *g)
{
    return gen_mix(g->random += 0x9e3779b97f4a7c15u);
}

/* n is small against 2^64: the bias does not matter here. */
static inline uint64_t gen_below(struct load_gen *g, uint64_t n)
{
    return gen_next(g) % n;
}

/* The id of the trace's span with this index: needs no memory, however large the trace. */
struct span_id gen_span_id(const struct load_gen *g, uint64_t index);

/* A new span of the trace in this pod, with ids, flags, resource and room for attributes; the rest is zero but for the
 * scope, which is the first. NULL when out of memory. Valid until the shape's make returns. */
struct span *gen_span(struct load_gen *g, size_t pod, uint64_t index, uint32_t attributes);
/* Makes it a child. remote: of another process. */
void gen_set_parent(struct load_gen *g, struct span *span, uint64_t parent, bool remote);

/* Where the strings of a pod's spans live. */
static inline struct arena *gen_arena(struct load_gen *g, size_t pod)
{
    return &g->pods[pod].arena;
}

/* Appends to the span's attributes, for which gen_span made room. */
static inline void gen_put(struct span *span, struct str key, struct value value)
{
    span->attrs.items[span->attrs.count++] = (struct attr){key, value};
}

static inline struct value gen_text(struct str s)
{
    return (struct value){.type = VALUE_STRING, .string = s};
}

static inline struct value gen_number(uint64_t v)
{
    return (struct value){.type = VALUE_INT, .integer = (int64_t)v};
}

/* Text made of pieces, several times faster than printf: a fifth of a span's time would go there. */
enum { GEN_TEXT_MAX = 128 };
struct gen_line {
    char bytes[GEN_TEXT_MAX];
    size_t n;
};
void line_put(struct gen_line *line, struct str s);
void line_dec(struct gen_line *line, uint64_t v, unsigned digits_min);
void line_hex(struct gen_line *line, uint64_t v, unsigned digits);
struct str line_keep(const struct gen_line *line, struct arena *arena);

/* A resource in the generator's arena: service.name, service.instance.id, host.name and what more has. */
int gen_resource(struct load_gen *g, size_t pod, struct str service, const struct attr *more,
                 uint32_t count);
/* "NAME" for the first round of names, "NAME-02" behind it. */
struct str gen_service_name(struct load_gen *g, const char *const *names, size_t count,
                            size_t index);

#endif
