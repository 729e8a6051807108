/* propagation.c - propagators as handles: composites, the global one, and what the formats share. Each format is a file
 * of its own, propagation_*.c. */
#define CAIRN_NO_INLINE
#include "tracer/propagation.h"

#include <stdlib.h>

#include "tracer/context.h"
#include "tracer/provider.h"

/* ---- What the formats share ---- */

static const cairn_context_key debug_key = {.name = "propagation debug"};

bool propagation_span(cairn_context *context, struct cairn_span_context *ret)
{
    cairn_span_get_context(cairn_context_span(context), ret);
    return cairn_span_context_is_valid(ret);
}

bool propagation_is_debug(cairn_context *context, const struct cairn_span_context *sc)
{
    const uint8_t *trace_id = cairn_context_value(context, &debug_key);
    return trace_id && sc->flags & CAIRN_FLAG_SAMPLED &&
           memcmp(trace_id, sc->trace_id, sizeof sc->trace_id) == 0;
}

/* Lies below the span, so that it is part of what children inherit. */
static cairn_context *with_debug(cairn_context *context, const struct cairn_span_context *sc)
{
    uint8_t *trace_id = malloc(sizeof sc->trace_id);
    if (!trace_id)
        return NULL;
    memcpy(trace_id, sc->trace_id, sizeof sc->trace_id);
    return cairn_context_with_value(context, &debug_key, trace_id, free);
}

cairn_context *propagation_arrived(cairn_context *context, const struct cairn_span_context *sc,
                                   bool debug)
{
    cairn_span *span = span_carry(sc);
    cairn_context *below = NULL, *made = NULL;
    if (span)
        below = debug ? with_debug(context, sc) : cairn_context_ref(context);
    if (below)
        made = cairn_context_with_span(below, span);
    cairn_context_unref(below);
    cairn_span_end(span); /* the context keeps it */
    return made ? made : cairn_context_ref(context);
}

/* ---- The one that does nothing ---- */

static cairn_propagator none = {.lives_for_ever = true, .ops = {.size = sizeof none.ops}};
static _Atomic(cairn_propagator *) global = &none;

cairn_propagator *cairn_propagator_none(void)
{
    return &none;
}

/* ---- Composites ---- */

struct composite {
    size_t count;
    cairn_propagator *parts[];
};

static void composite_inject(void *user, cairn_context *context, cairn_set_fn *set, void *carrier)
{
    struct composite *c = user;
    for (size_t i = 0; i < c->count; i++)
        cairn_propagator_inject(c->parts[i], context, set, carrier);
}

static cairn_context *composite_extract(void *user, cairn_context *context, cairn_get_fn *get,
                                        void *carrier)
{
    struct composite *c = user;
    cairn_context *sum = cairn_context_ref(context), *next;
    for (size_t i = 0; i < c->count; i++) {
        next = cairn_propagator_extract(c->parts[i], sum, get, carrier);
        cairn_context_unref(sum);
        sum = next;
    }
    return sum;
}

static cairn_str composite_field(void *user, size_t index)
{
    struct composite *c = user;
    for (size_t i = 0; i < c->count; i++) {
        for (size_t j = 0;; j++) {
            cairn_str name = cairn_propagator_field(c->parts[i], j);
            if (name.n == 0)
                break;
            if (index-- == 0)
                return name;
        }
    }
    return (cairn_str){NULL, 0};
}

static void composite_free(void *user)
{
    struct composite *c = user;
    for (size_t i = 0; i < c->count; i++)
        cairn_propagator_unref(c->parts[i]);
    free(c);
}

static bool has_part(const struct composite *c, const cairn_propagator *part)
{
    for (size_t i = 0; i < c->count; i++) {
        if (c->parts[i] == part)
            return true;
    }
    return false;
}

cairn_propagator *cairn_propagator_composite(cairn_propagator *const *parts, size_t count)
{
    static const struct cairn_propagator_ops ops = {sizeof ops, composite_inject, composite_extract,
                                                    composite_field, composite_free};
    struct composite *c = calloc(1, sizeof *c + count * sizeof(cairn_propagator *));
    if (!c)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        if (parts[i] && !has_part(c, parts[i]))
            c->parts[c->count++] = cairn_propagator_ref(parts[i]);
    }
    return cairn_propagator_custom(&ops, c);
}

cairn_propagator *cairn_propagator_custom(const struct cairn_propagator_ops *ops, void *user)
{
    cairn_propagator *p = ops ? calloc(1, sizeof *p) : NULL;
    if (!p) {
        if (ops && ops->free_user)
            ops->free_user(user);
        return NULL;
    }
    atomic_init(&p->refs, 1);
    options_copy(&p->ops, sizeof p->ops, ops);
    p->user = user;
    return p;
}

/* ---- Handles ---- */

cairn_propagator *cairn_propagator_ref(cairn_propagator *p)
{
    if (p && !p->lives_for_ever)
        atomic_fetch_add_explicit(&p->refs, 1, memory_order_relaxed);
    return p;
}

void cairn_propagator_unref(cairn_propagator *p)
{
    if (!p || p->lives_for_ever ||
        atomic_fetch_sub_explicit(&p->refs, 1, memory_order_acq_rel) != 1)
        return;
    if (p->ops.free_user)
        p->ops.free_user(p->user);
    free(p);
}

cairn_propagator *cairn_propagator_global(void)
{
    return atomic_load_explicit(&global, memory_order_acquire);
}

void cairn_propagator_set_global(cairn_propagator *p)
{
    cairn_propagator_unref(atomic_exchange(&global, p ? cairn_propagator_ref(p) : &none));
}

void cairn_propagator_inject(cairn_propagator *p, cairn_context *context, cairn_set_fn *set,
                             void *carrier)
{
    if (p && p->ops.inject && set)
        p->ops.inject(p->user, context_or_current(context), set, carrier);
}

cairn_context *cairn_propagator_extract(cairn_propagator *p, cairn_context *context,
                                        cairn_get_fn *get, void *carrier)
{
    context = context_or_current(context);
    return p && p->ops.extract && get ? p->ops.extract(p->user, context, get, carrier)
                                      : cairn_context_ref(context);
}

cairn_str cairn_propagator_field(cairn_propagator *p, size_t index)
{
    return p && p->ops.field ? p->ops.field(p->user, index) : (cairn_str){NULL, 0};
}

void cairn_inject(cairn_context *context, cairn_set_fn *set, void *carrier)
{
    cairn_propagator_inject(cairn_propagator_global(), context, set, carrier);
}

cairn_context *cairn_extract(cairn_context *context, cairn_get_fn *get, void *carrier)
{
    return cairn_propagator_extract(cairn_propagator_global(), context, get, carrier);
}
