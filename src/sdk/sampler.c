/* sampler.c - the built-in samplers, and those of the application. */
#define CAIRN_NO_INLINE
#include "sdk/sampler.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json_writer.h"
#include "tracer/provider.h"

static cairn_sampler on = {.kind = SAMPLER_ON,
                           .description = (char *)(uintptr_t) "AlwaysOnSampler"};
static cairn_sampler off = {.kind = SAMPLER_OFF,
                            .description = (char *)(uintptr_t) "AlwaysOffSampler"};

cairn_sampler *cairn_sampler_always_on(void)
{
    return &on;
}

cairn_sampler *cairn_sampler_always_off(void)
{
    return &off;
}

static cairn_sampler *make(enum sampler_kind kind)
{
    cairn_sampler *s = calloc(1, sizeof *s);
    if (s) {
        s->kind = kind;
        atomic_init(&s->refs, 1);
    }
    return s;
}

/* "TraceIdRatioBased{0.25}" with the shortest form of the number. */
static char *ratio_description(double ratio)
{
    struct buf b;
    struct json_writer w;
    buf_init(&b, 256);
    buf_put_str(&b, STR("TraceIdRatioBased{"));
    json_init(&w, &b, 0);
    json_double(&w, ratio);
    buf_put(&b, "}", 2);
    if (b.failed) {
        buf_release(&b);
        return NULL;
    }
    return (char *)buf_take(&b, &(size_t){0});
}

cairn_sampler *cairn_sampler_ratio(double ratio)
{
    cairn_sampler *s = make(SAMPLER_RATIO);
    if (!s)
        return NULL;
    ratio = ratio > 0 ? ratio < 1 ? ratio : 1 : 0; /* also NaN becomes 0 */
    s->bound = (uint64_t)(ratio * 9223372036854775808.0);
    s->description = ratio_description(ratio);
    return s;
}

static const char *part_description(const cairn_sampler *s)
{
    return s->description ? s->description : "?";
}

static char *parent_based_description(const cairn_sampler *s)
{
    char *text;
    int n = asprintf(&text,
                     "ParentBased{root:%s,remoteParentSampled:%s,remoteParentNotSampled:%s,"
                     "localParentSampled:%s,localParentNotSampled:%s}",
                     part_description(s->parts[PART_ROOT]), part_description(s->parts[PART_REMOTE]),
                     part_description(s->parts[PART_REMOTE_NOT]),
                     part_description(s->parts[PART_LOCAL]),
                     part_description(s->parts[PART_LOCAL_NOT]));
    return n < 0 ? NULL : text;
}

cairn_sampler *cairn_sampler_parent_based_with(const struct cairn_parent_based_options *options)
{
    struct cairn_parent_based_options o;
    cairn_sampler *s = make(SAMPLER_PARENT_BASED);
    if (!s)
        return NULL;
    options_copy(&o, sizeof o, options);
    s->parts[PART_ROOT] = cairn_sampler_ref(o.root ? o.root : &on);
    s->parts[PART_REMOTE] = cairn_sampler_ref(o.remote_sampled ? o.remote_sampled : &on);
    s->parts[PART_REMOTE_NOT] =
        cairn_sampler_ref(o.remote_not_sampled ? o.remote_not_sampled : &off);
    s->parts[PART_LOCAL] = cairn_sampler_ref(o.local_sampled ? o.local_sampled : &on);
    s->parts[PART_LOCAL_NOT] = cairn_sampler_ref(o.local_not_sampled ? o.local_not_sampled : &off);
    s->description = parent_based_description(s);
    return s;
}

cairn_sampler *cairn_sampler_parent_based(cairn_sampler *root)
{
    struct cairn_parent_based_options o = {.size = sizeof o, .root = root};
    return cairn_sampler_parent_based_with(&o);
}

cairn_sampler *cairn_sampler_custom(const char *description, const struct cairn_sampler_ops *ops,
                                    void *user)
{
    cairn_sampler *s = ops ? make(SAMPLER_CUSTOM) : NULL;
    if (!s)
        return NULL;
    options_copy(&s->ops, sizeof s->ops, ops);
    s->user = user;
    s->description = strdup(description ? description : "");
    return s;
}

const char *cairn_sampler_description(const cairn_sampler *sampler)
{
    return sampler ? part_description(sampler) : "";
}

void cairn_sampler_should_sample(cairn_sampler *s, const struct cairn_sampling_params *params,
                                 struct cairn_sampling_result *result)
{
    const struct cairn_span_context *parent = params->parent;
    bool has_parent = cairn_span_context_is_valid(parent);
    int decision;
    while (s && s->kind == SAMPLER_PARENT_BASED)
        s = s->parts[has_parent ? (parent->flags & 1) + (parent->is_remote ? 2 : 0) : PART_ROOT];
    if (!s)
        return;
    decision = sampler_decide(s, params->trace_id, has_parent, has_parent ? parent->flags : 0,
                              has_parent && parent->is_remote);
    if (decision >= 0)
        result->decision = decision;
    else if (s->ops.should_sample)
        s->ops.should_sample(s->user, params, result);
}

cairn_sampler *cairn_sampler_ref(cairn_sampler *s)
{
    if (s && s != &on && s != &off)
        atomic_fetch_add_explicit(&s->refs, 1, memory_order_relaxed);
    return s;
}

void cairn_sampler_unref(cairn_sampler *s)
{
    if (!s || s == &on || s == &off ||
        atomic_fetch_sub_explicit(&s->refs, 1, memory_order_acq_rel) != 1)
        return;
    for (int i = 0; i < PART_COUNT; i++)
        cairn_sampler_unref(s->parts[i]);
    if (s->kind == SAMPLER_CUSTOM && s->ops.free_user)
        s->ops.free_user(s->user);
    free(s->description);
    free(s);
}
