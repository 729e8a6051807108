/* sampler_composable.c - the composables that are there, and those of the application. */
#define CAIRN_NO_INLINE
#include "sdk/sampler_composable.h"

#include <stdio.h>
#include <stdlib.h>

#include <cairn/resource.h>

#include "sdk/sampler.h"
#include "tracer/diag.h"
#include "tracer/provider.h"

static void on_intent(cairn_composable *c, const struct cairn_sampling_params *params,
                      struct cairn_sampling_intent *intent)
{
    (void)c, (void)params;
    intent->threshold = 0;
    intent->reliable = true;
}

static void off_intent(cairn_composable *c, const struct cairn_sampling_params *params,
                       struct cairn_sampling_intent *intent)
{
    (void)c, (void)params;
    intent->threshold = CAIRN_NO_THRESHOLD;
    intent->reliable = false;
}

static cairn_composable on = {.get_intent = on_intent,
                              .is_static = true,
                              .depth = 1,
                              .description = (char *)(uintptr_t) "ComposableAlwaysOn"};
static cairn_composable off = {.get_intent = off_intent,
                               .is_static = true,
                               .depth = 1,
                               .description = (char *)(uintptr_t) "ComposableAlwaysOff"};

cairn_composable *cairn_composable_always_on(void)
{
    return &on;
}

cairn_composable *cairn_composable_always_off(void)
{
    return &off;
}

void *composable_new(size_t bytes, void (*get_intent)(cairn_composable *c,
                                                      const struct cairn_sampling_params *params,
                                                      struct cairn_sampling_intent *intent))
{
    cairn_composable *c = calloc(1, bytes);
    if (!c)
        return NULL;
    c->get_intent = get_intent;
    c->depth = 1;
    atomic_init(&c->refs, 1);
    return c;
}

cairn_composable *composable_adopt(cairn_composable *c, cairn_composable *part)
{
    part = part ? part : &off;
    if (part->depth >= CAIRN_COMPOSABLE_DEPTH_MAX) {
        diag_error("more than %d composable samplers one on the other", CAIRN_COMPOSABLE_DEPTH_MAX);
        return NULL;
    }
    if (c->depth <= part->depth)
        c->depth = part->depth + 1;
    c->calls_out = c->calls_out || part->calls_out;
    return cairn_composable_ref(part);
}

/* ---- A share ---- */

struct probability {
    cairn_composable base;
    uint64_t threshold;
};

static void probability_intent(cairn_composable *c, const struct cairn_sampling_params *params,
                               struct cairn_sampling_intent *intent)
{
    (void)params;
    intent->threshold = ((struct probability *)c)->threshold;
    intent->reliable = true;
}

cairn_composable *cairn_composable_probability(double ratio)
{
    struct probability *p;
    if (!(ratio > 0))
        return &off;
    p = composable_new(sizeof *p, probability_intent);
    if (!p)
        return NULL;
    ratio = ratio < 1 ? ratio > 0x1p-56 ? ratio : 0x1p-56 : 1;
    p->threshold = ot_threshold_of(ratio, OT_DIGITS_DEFAULT);
    p->base.description = sampler_describe_number("ComposableProbability", ratio);
    return &p->base;
}

/* ---- As the parent ---- */

struct decorator {
    cairn_composable base;
    cairn_composable *part;
    cairn_resource *attributes; /* ANNOTATING: keeps what items point to */
    size_t count;
    struct cairn_attr items[];
};

static void decorator_release(cairn_composable *c)
{
    struct decorator *d = (struct decorator *)c;
    cairn_composable_unref(d->part);
    cairn_resource_unref(d->attributes);
}

/* Takes attributes over. */
static cairn_composable *
decorator_new(const char *name, cairn_composable *part, cairn_resource *attributes, size_t count,
              void (*get_intent)(cairn_composable *c, const struct cairn_sampling_params *,
                                 struct cairn_sampling_intent *))
{
    struct decorator *d = composable_new(sizeof *d + count * sizeof *d->items, get_intent);
    if (!d) {
        cairn_resource_unref(attributes);
        return NULL;
    }
    d->base.release = decorator_release;
    d->attributes = attributes;
    for (size_t i = 0; i < count; i++)
        cairn_resource_attribute(attributes, i, &d->items[i]);
    d->count = count;
    d->part = composable_adopt(&d->base, part);
    if (!d->part) {
        cairn_composable_unref(&d->base);
        return NULL;
    }
    if (asprintf(&d->base.description, "%s{%s}", name, cairn_composable_description(d->part)) < 0)
        d->base.description = NULL;
    return &d->base;
}

static void parent_intent(cairn_composable *c, const struct cairn_sampling_params *params,
                          struct cairn_sampling_intent *intent)
{
    if (!cairn_span_context_is_valid(params->parent)) {
        cairn_composable_get_intent(((struct decorator *)c)->part, params, intent);
        return;
    }
    intent->reliable = params->parent_threshold != CAIRN_NO_THRESHOLD;
    if (intent->reliable)
        intent->threshold = params->parent_threshold;
    else
        intent->threshold = params->parent->flags & CAIRN_FLAG_SAMPLED ? 0 : CAIRN_NO_THRESHOLD;
}

cairn_composable *cairn_composable_parent_threshold(cairn_composable *root)
{
    return decorator_new("ComposableParentThreshold", root, NULL, 0, parent_intent);
}

/* ---- With attributes ---- */

static struct cairn_attrs annotations(void *user, const struct cairn_sampling_params *params)
{
    const struct decorator *d = user;
    (void)params;
    return (struct cairn_attrs){d->items, d->count};
}

static void annotating_intent(cairn_composable *c, const struct cairn_sampling_params *params,
                              struct cairn_sampling_intent *intent)
{
    cairn_composable_get_intent(((struct decorator *)c)->part, params, intent);
    cairn_intent_add_attributes(intent, annotations, c);
}

cairn_composable *cairn_composable_annotating(const struct cairn_attrs *attributes,
                                              cairn_composable *delegate)
{
    cairn_resource *kept = cairn_resource_new(attributes, NULL);
    struct cairn_attr each;
    size_t count = 0;
    while (cairn_resource_attribute(kept, count, &each))
        count++;
    if (!kept || (attributes && attributes->count && count == 0)) {
        cairn_resource_unref(kept);
        return NULL;
    }
    return decorator_new("ComposableAnnotating", delegate, kept, count, annotating_intent);
}

/* ---- Of the application ---- */

struct custom {
    cairn_composable base;
    struct cairn_composable_ops ops;
    void *user;
};

static void custom_intent(cairn_composable *c, const struct cairn_sampling_params *params,
                          struct cairn_sampling_intent *intent)
{
    struct custom *self = (struct custom *)c;
    if (self->ops.get_intent)
        self->ops.get_intent(self->user, params, intent);
}

static void custom_release(cairn_composable *c)
{
    struct custom *self = (struct custom *)c;
    if (self->ops.free_user)
        self->ops.free_user(self->user);
}

cairn_composable *cairn_composable_custom(const char *description,
                                          const struct cairn_composable_ops *ops, void *user)
{
    struct custom *c = ops ? composable_new(sizeof *c, custom_intent) : NULL;
    if (!c)
        return NULL;
    options_copy(&c->ops, sizeof c->ops, ops);
    c->user = user;
    c->base.calls_out = true;
    c->base.release = custom_release;
    c->base.description = strdup(description ? description : "");
    return &c->base;
}

void cairn_intent_add_attributes(struct cairn_sampling_intent *intent, cairn_attributes_fn *fn,
                                 void *user)
{
    if (!intent || !fn || intent->attributes_count >= CAIRN_INTENT_ATTRIBUTES_MAX)
        return;
    intent->attributes[intent->attributes_count].fn = fn;
    intent->attributes[intent->attributes_count++].user = user;
}

void cairn_composable_get_intent(cairn_composable *composable,
                                 const struct cairn_sampling_params *params,
                                 struct cairn_sampling_intent *intent)
{
    if (composable && params && intent)
        composable->get_intent(composable, params, intent);
}

const char *cairn_composable_description(const cairn_composable *composable)
{
    return composable && composable->description ? composable->description : "";
}

cairn_composable *cairn_composable_ref(cairn_composable *c)
{
    if (c && !c->is_static)
        atomic_fetch_add_explicit(&c->refs, 1, memory_order_relaxed);
    return c;
}

void cairn_composable_unref(cairn_composable *c)
{
    if (!c || c->is_static || atomic_fetch_sub_explicit(&c->refs, 1, memory_order_acq_rel) != 1)
        return;
    if (c->release)
        c->release(c);
    free(c->description);
    free(c);
}
