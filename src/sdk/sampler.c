/* sampler.c - the built-in samplers, and those of the application. */
#define CAIRN_NO_INLINE
#include "sdk/sampler.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json_writer.h"
#include "tracer/diag.h"
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

static cairn_sampler *make(enum sampler_kind kind, size_t bytes)
{
    cairn_sampler *s = calloc(1, bytes);
    if (s) {
        s->kind = kind;
        atomic_init(&s->refs, 1);
    }
    return s;
}

void *sampler_new_asked(size_t bytes,
                        void (*ask)(cairn_sampler *s, const struct cairn_sampling_params *params,
                                    struct cairn_sampling_result *result))
{
    cairn_sampler *s = make(SAMPLER_ASKED, bytes);
    if (s)
        s->ask = ask;
    return s;
}

char *sampler_describe_number(const char *name, double number)
{
    struct buf b;
    struct json_writer w;
    buf_init(&b, 256);
    buf_put_str(&b, str_of(name));
    buf_put_byte(&b, '{');
    json_init(&w, &b, 0);
    json_double(&w, number);
    buf_put(&b, "}", 2);
    if (b.failed) {
        buf_release(&b);
        return NULL;
    }
    return (char *)buf_take(&b, &(size_t){0});
}

cairn_sampler *cairn_sampler_ratio(double ratio)
{
    cairn_sampler *s = make(SAMPLER_RATIO, sizeof *s);
    if (!s)
        return NULL;
    ratio = ratio > 0 ? ratio < 1 ? ratio : 1 : 0; /* also NaN becomes 0 */
    s->bound = (uint64_t)(ratio * 9223372036854775808.0);
    s->description = sampler_describe_number("TraceIdRatioBased", ratio);
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
    cairn_sampler *s = make(SAMPLER_PARENT_BASED, sizeof *s);
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

cairn_sampler *cairn_sampler_always_record(cairn_sampler *root)
{
    cairn_sampler *s = make(SAMPLER_RECORD, sizeof *s);
    if (!s)
        return NULL;
    s->parts[PART_ROOT] = cairn_sampler_ref(root ? root : &on);
    if (asprintf(&s->description, "AlwaysRecordSampler{%s}",
                 part_description(s->parts[PART_ROOT])) < 0)
        s->description = NULL;
    return s;
}

/* ---- Samplers of the application ---- */

struct custom_sampler {
    cairn_sampler base;
    struct cairn_sampler_ops ops;
    void *user;
};

static void custom_ask(cairn_sampler *s, const struct cairn_sampling_params *params,
                       struct cairn_sampling_result *result)
{
    struct custom_sampler *c = (struct custom_sampler *)s;
    if (c->ops.should_sample)
        c->ops.should_sample(c->user, params, result);
}

static void custom_release(cairn_sampler *s)
{
    struct custom_sampler *c = (struct custom_sampler *)s;
    if (c->ops.free_user)
        c->ops.free_user(c->user);
}

cairn_sampler *cairn_sampler_custom(const char *description, const struct cairn_sampler_ops *ops,
                                    void *user)
{
    struct custom_sampler *c = ops ? sampler_new_asked(sizeof *c, custom_ask) : NULL;
    if (!c)
        return NULL;
    options_copy(&c->ops, sizeof c->ops, ops);
    c->user = user;
    c->base.calls_out = true;
    c->base.release = custom_release;
    c->base.description = strdup(description ? description : "");
    return &c->base;
}

/* ---- Asking ---- */

const char *cairn_sampler_description(const cairn_sampler *sampler)
{
    return sampler ? part_description(sampler) : "";
}

bool sampler_calls_out(const cairn_sampler *s)
{
    for (int i = 0; i < PART_COUNT; i++) {
        if (s->parts[i] && sampler_calls_out(s->parts[i]))
            return true;
    }
    return s->calls_out;
}

bool sampler_asks(const cairn_sampler *s)
{
    for (int i = 0; i < PART_COUNT; i++) {
        if (s->parts[i] && sampler_asks(s->parts[i]))
            return true;
    }
    return s->kind == SAMPLER_ASKED;
}

void cairn_sampler_should_sample(cairn_sampler *s, const struct cairn_sampling_params *params,
                                 struct cairn_sampling_result *result)
{
    const struct cairn_span_context *parent = params->parent;
    bool has_parent = cairn_span_context_is_valid(parent), record = false;
    int decision;
    while (s && (s->kind == SAMPLER_PARENT_BASED || s->kind == SAMPLER_RECORD)) {
        record = record || s->kind == SAMPLER_RECORD;
        s = s->parts[has_parent && s->kind == SAMPLER_PARENT_BASED
                         ? (parent->flags & 1) + (parent->is_remote ? 2 : 0)
                         : PART_ROOT];
    }
    if (!s)
        return;
    decision = sampler_decide(s, params->trace_id, has_parent, has_parent ? parent->flags : 0,
                              has_parent && parent->is_remote);
    if (decision >= 0)
        result->decision = decision;
    else
        s->ask(s, params, result);
    if (record && result->decision == CAIRN_DROP)
        result->decision = CAIRN_RECORD_ONLY;
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
    if (s->release)
        s->release(s);
    free(s->description);
    free(s);
}

/* ---- Things that are said once ---- */

_Atomic unsigned sampler_told;

void sampler_tell_once(unsigned what)
{
    if (atomic_fetch_or(&sampler_told, what) & what)
        return;
    switch (what) {
    case SAMPLER_TOLD_RATIO:
        diag_warn("TraceIdRatioBased decides for spans that have a parent, which other SDKs may do "
                  "differently: use it below ParentBased, or use the probability sampler");
        break;
    case SAMPLER_TOLD_RANDOM:
        diag_warn("the probability sampler takes a trace id for random whose parent does not say "
                  "so: let the callers send W3C Trace Context Level 2");
        break;
    case SAMPLER_TOLD_OVERFLOW:
        diag_warn("a trace state has no room for the sampling threshold, which is left out");
        break;
    case SAMPLER_TOLD_OPERATIONS:
        diag_warn("more span names than the sampler keeps apart, the others share its default");
        break;
    }
}
