/* jaeger_strategy.c - reading a SamplingStrategyResponse of Jaeger's api_v2 as JSON.
 *
 * Which member is there says what it is, per-operation first; strategyType only decides when both simple ones are. Numbers
 * that are missing are zero, as protobuf's JSON leaves them out. */
#define CAIRN_NO_INLINE
#include "otlp/jaeger_strategy.h"

#include "base/json_reader.h"

enum { HAS_RATIO = 1, HAS_RATE = 2, HAS_OPERATIONS = 4, SAYS_RATE = 8 };

struct reading {
    struct json_reader json;
    unsigned found;
    double ratio, rate, default_ratio, lower_bound;
    struct cairn_operation_ratio *operations;
    size_t count, cap;
};

static double number(struct json_reader *r, double max)
{
    double v = 0;
    if (json_peek(r) == JSON_NULL_KIND) {
        json_read_null(r);
        return 0;
    }
    if (!str_to_double(json_read_number(r), &v) || !(v >= 0 && v <= max))
        json_read_fail(r, "a number out of its range");
    return v;
}

/* Enters an object; false for null, and for anything else, which is an error. */
static bool object(struct json_reader *r)
{
    if (json_peek(r) != JSON_NULL_KIND)
        return json_read_object(r);
    json_read_null(r);
    return false;
}

/* An object with one number that matters; false when it is null. */
static bool one_number(struct json_reader *r, struct str name, double max, double *ret)
{
    struct str key;
    if (!object(r))
        return false;
    *ret = 0;
    while (json_read_member(r, &key)) {
        if (str_eq(key, name))
            *ret = number(r, max);
        else
            json_read_skip(r);
    }
    return true;
}

static void read_operation(struct reading *s)
{
    struct cairn_operation_ratio o = {{NULL, 0}, 0};
    struct json_reader *r = &s->json;
    struct str key, name;
    bool has_ratio = false;
    if (!object(r))
        return;
    while (json_read_member(r, &key)) {
        if (str_eq(key, STR("operation"))) {
            name = json_read_string(r);
            o.operation = (cairn_str){name.p, name.n};
        } else if (str_eq(key, STR("probabilisticSampling"))) {
            has_ratio = one_number(r, STR("samplingRate"), 1, &o.ratio);
        } else {
            json_read_skip(r);
        }
    }
    if (!has_ratio || s->count > CAIRN_OPERATIONS_MAX)
        return; /* one too many is kept for the sampler to see that there were */
    s->operations = arena_grow(r->arena, s->operations, s->count, &s->cap, s->count + 1, sizeof o);
    if (s->operations)
        s->operations[s->count++] = o;
    else
        json_read_fail(r, "out of memory");
}

static void read_operations(struct reading *s)
{
    struct json_reader *r = &s->json;
    struct str key;
    if (!object(r))
        return;
    s->found |= HAS_OPERATIONS;
    while (json_read_member(r, &key)) {
        if (str_eq(key, STR("defaultSamplingProbability"))) {
            s->default_ratio = number(r, 1);
        } else if (str_eq(key, STR("defaultLowerBoundTracesPerSecond"))) {
            s->lower_bound = number(r, 1e9);
        } else if (str_eq(key, STR("perOperationStrategies")) && json_peek(r) == JSON_ARRAY_KIND) {
            json_read_array(r);
            while (json_read_element(r))
                read_operation(s);
        } else {
            json_read_skip(r);
        }
    }
}

/* A name, or the number of the enumeration. */
static bool says_rate_limiting(struct json_reader *r)
{
    switch (json_peek(r)) {
    case JSON_STRING_KIND: return str_eq(json_read_string(r), STR("RATE_LIMITING"));
    case JSON_NUMBER_KIND: return str_eq(json_read_number(r), STR("1"));
    default: json_read_skip(r); return false;
    }
}

static void read_answer(struct reading *s)
{
    struct json_reader *r = &s->json;
    struct str key;
    if (!json_read_object(r))
        return;
    while (json_read_member(r, &key)) {
        if (str_eq(key, STR("strategyType")))
            s->found |= says_rate_limiting(r) ? SAYS_RATE : 0u;
        else if (str_eq(key, STR("probabilisticSampling")))
            s->found |= one_number(r, STR("samplingRate"), 1, &s->ratio) ? HAS_RATIO : 0u;
        else if (str_eq(key, STR("rateLimitingSampling")))
            s->found |= one_number(r, STR("maxTracesPerSecond"), 1e9, &s->rate) ? HAS_RATE : 0u;
        else if (str_eq(key, STR("operationSampling")))
            read_operations(s);
        else
            json_read_skip(r);
    }
}

const char *jaeger_strategy_read(struct str json, struct arena *arena, struct jaeger_strategy *ret)
{
    struct reading s = {.json = json_reader_of(json, arena)};
    memset(ret, 0, sizeof *ret);
    read_answer(&s);
    if (!json_read_end(&s.json))
        return s.json.why ? s.json.why : "not JSON";
    if (s.found & HAS_OPERATIONS) {
        *ret = (struct jaeger_strategy){JAEGER_PER_OPERATION, s.default_ratio, s.lower_bound,
                                        s.operations, s.count};
        return NULL;
    }
    if (s.found & HAS_RATE && (s.found & SAYS_RATE || !(s.found & HAS_RATIO)))
        *ret = (struct jaeger_strategy){.kind = JAEGER_RATE_LIMITING, .per_second = s.rate};
    else if (s.found & HAS_RATIO)
        *ret = (struct jaeger_strategy){.kind = JAEGER_PROBABILISTIC, .ratio = s.ratio};
    else
        return "no strategy in it";
    return NULL;
}

cairn_sampler *jaeger_strategy_sampler(const struct jaeger_strategy *s)
{
    const struct cairn_per_operation_options o = {.size = sizeof o,
                                                  .default_ratio = s->ratio,
                                                  .lower_bound_per_second = s->per_second,
                                                  .operations = s->operations,
                                                  .operation_count = s->operation_count};
    switch (s->kind) {
    case JAEGER_PROBABILISTIC: return cairn_sampler_ratio(s->ratio);
    case JAEGER_RATE_LIMITING: return cairn_sampler_rate_limiting(s->per_second);
    case JAEGER_PER_OPERATION: return cairn_sampler_per_operation(&o);
    }
    return NULL;
}
