/* sampler_operations.c - by span name: each its ratio, and a few a second of each whatever its ratio.
 *
 * Names live in a hash table of fixed size. It only grows: readers take no lock, a name that is seen for the first time is
 * put in with one exchange, up to the maximum; later names share the default and have no lower bound. */
#define CAIRN_NO_INLINE
#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "sdk/sampler.h"
#include "sdk/sampler_rate.h"
#include "tracer/diag.h"
#include "tracer/provider.h"

enum { PLACES = 4096 }; /* a power of two, twice the maximum */

struct operation {
    uint64_t hash, bound; /* as in SAMPLER_RATIO */
    struct rate_limiter lower;
    struct cairn_attr by_ratio[2], by_lower[2]; /* what its sampled root spans carry */
    uint32_t name_n;
    char name[];
};

struct operations_sampler {
    cairn_sampler base;
    double default_ratio, lower_per_second;
    struct operation *otherwise; /* of names that found no place */
    _Atomic uint32_t count;
    _Atomic(struct operation *) places[PLACES];
};

/* FNV-1a. */
static uint64_t hash_of(struct str s)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (size_t i = 0; i < s.n; i++)
        h = (h ^ (unsigned char)s.p[i]) * 0x100000001b3u;
    return h ^ h >> 32;
}

static double cut(double ratio)
{
    return ratio > 0 ? ratio < 1 ? ratio : 1 : 0;
}

static struct operation *operation_new(struct str name, uint64_t hash, double ratio,
                                       double lower_per_second)
{
    struct operation *o = name.n < UINT32_MAX ? malloc(sizeof *o + name.n) : NULL;
    if (!o)
        return NULL;
    ratio = cut(ratio);
    o->hash = hash;
    o->bound = (uint64_t)(ratio * 9223372036854775808.0);
    rate_limiter_init(&o->lower, lower_per_second, clock_monotonic_ns());
    o->by_ratio[0] = CAIRN_STR("sampler.type", "probabilistic");
    o->by_lower[0] = CAIRN_STR("sampler.type", "lowerbound");
    o->by_ratio[1] = o->by_lower[1] = CAIRN_DOUBLE("sampler.param", ratio);
    o->name_n = (uint32_t)name.n;
    if (name.n)
        memcpy(o->name, name.p, name.n);
    return o;
}

static struct operation *find(struct operations_sampler *s, struct str name, uint64_t hash,
                              size_t *ret_place)
{
    size_t place = hash & (PLACES - 1);
    struct operation *o;
    while ((o = atomic_load_explicit(&s->places[place], memory_order_acquire)) != NULL) {
        if (o->hash == hash && str_eq(str_make(o->name, o->name_n), name))
            break;
        place = (place + 1) & (PLACES - 1);
    }
    *ret_place = place;
    return o;
}

/* Puts a name in that was not there at `place`; the one of another thread when that was faster. */
static struct operation *add(struct operations_sampler *s, struct str name, uint64_t hash,
                             double ratio, size_t place)
{
    struct operation *o, *found = NULL;
    if (atomic_fetch_add(&s->count, 1) >= CAIRN_OPERATIONS_MAX) {
        atomic_fetch_sub(&s->count, 1);
        sampler_tell(SAMPLER_TOLD_OPERATIONS);
        return s->otherwise;
    }
    o = operation_new(name, hash, ratio, s->lower_per_second);
    while (o && !found &&
           !atomic_compare_exchange_strong(&s->places[place], &(struct operation *){NULL}, o))
        found = find(s, name, hash, &place);
    if (o && !found)
        return o;
    atomic_fetch_sub(&s->count, 1);
    free(o);
    return found ? found : s->otherwise;
}

static struct operation *operation_of(struct operations_sampler *s, struct str name)
{
    uint64_t hash = hash_of(name);
    size_t place;
    struct operation *o = find(s, name, hash, &place);
    int saved = errno;
    if (!o && atomic_load_explicit(&s->count, memory_order_relaxed) >= CAIRN_OPERATIONS_MAX) {
        sampler_tell(SAMPLER_TOLD_OPERATIONS);
        return s->otherwise;
    }
    if (!o)
        o = add(s, name, hash, s->default_ratio, place);
    errno = saved;
    return o;
}

static void ask(cairn_sampler *base, const struct cairn_sampling_params *params,
                struct cairn_sampling_result *result)
{
    struct operations_sampler *s = (struct operations_sampler *)base;
    struct operation *o = operation_of(s, str_in(params->name));
    bool by_ratio, by_lower;
    uint64_t low = 0;
    for (int i = 8; i < 16; i++)
        low = low << 8 | params->trace_id[i];
    by_ratio = low >> 1 < o->bound;
    /* Those that the ratio takes use the budget up as well. */
    by_lower = o->lower.interval_ns && rate_limiter_take(&o->lower, clock_monotonic_ns());
    result->decision = by_ratio || by_lower ? CAIRN_RECORD_AND_SAMPLE : CAIRN_DROP;
    if (result->decision == CAIRN_DROP || cairn_span_context_is_valid(params->parent))
        return;
    result->attributes = by_ratio ? o->by_ratio : o->by_lower;
    result->attribute_count = 2;
}

static void release(cairn_sampler *base)
{
    struct operations_sampler *s = (struct operations_sampler *)base;
    for (size_t i = 0; i < PLACES; i++)
        free(atomic_load(&s->places[i]));
    free(s->otherwise);
}

static bool add_given(struct operations_sampler *s, const struct cairn_per_operation_options *o)
{
    for (size_t i = 0; i < o->operation_count && i < CAIRN_OPERATIONS_MAX; i++) {
        struct str name = str_in(o->operations[i].operation);
        uint64_t hash = hash_of(name);
        size_t place;
        if (!find(s, name, hash, &place) &&
            add(s, name, hash, o->operations[i].ratio, place) == s->otherwise)
            return false;
    }
    if (o->operation_count > CAIRN_OPERATIONS_MAX)
        sampler_tell(SAMPLER_TOLD_OPERATIONS);
    return true;
}

cairn_sampler *cairn_sampler_per_operation(const struct cairn_per_operation_options *options)
{
    struct cairn_per_operation_options o;
    struct operations_sampler *s = sampler_new_asked(sizeof *s, ask);
    if (!s)
        return NULL;
    options_copy(&o, sizeof o, options);
    s->base.release = release;
    s->default_ratio = o.default_ratio;
    s->lower_per_second = o.lower_bound_per_second;
    s->otherwise = operation_new((struct str){NULL, 0}, 0, o.default_ratio, 0);
    if (!s->otherwise || !add_given(s, &o)) {
        cairn_sampler_unref(&s->base);
        return NULL;
    }
    s->base.description = sampler_describe_number("PerOperationSampler", cut(o.default_ratio));
    return &s->base;
}
